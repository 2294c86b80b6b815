"""Deposits: one transaction each, a log of states, receipts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb
import polars as pl

from pipelines.store.connection import Store, fetch_one, find_moment, latest_moment
from pipelines.store.masks import save_masks
from schemas.issue import Issues
from schemas.period import period_bounds
from schemas.submission import Change, PreparedSubmission, Receipt, SubmissionState

SAME_DEPOSIT = """
    SELECT submission_id FROM submissions_at($moment)
    WHERE sha256 = $sha256 AND mapping = $mapping AND list_sort(territories) = list_sort($territories)
    ORDER BY sequence DESC LIMIT 1
"""
STILL_CURRENT = "SELECT count(*) FROM observations_at($moment, NULL, NULL) WHERE submission_id = $id::UUID"
ADD_SUBMISSION = """
    INSERT INTO submission BY NAME
    SELECT $id::UUID AS submission_id, $sequence AS sequence, $territories AS territories, $filename AS filename,
           $sha256 AS sha256, $mapping AS mapping, $reason AS reason, $rows AS rows, $new AS new_rows,
           $changed AS changed_rows, $unchanged AS unchanged_rows
"""
ADD_EVENT = "INSERT INTO submission_event VALUES ($id::UUID, $sequence, $state, $by, $at, $reason)"
ISSUES = """
    SELECT code, source_row, column_name, found FROM submission_issue
    WHERE submission_id = $id::UUID ORDER BY source_row NULLS FIRST, column_name, code
"""
SUBMISSIONS = """
    SELECT * FROM submissions_at($moment)
    WHERE $territories IS NULL OR list_has_any(territories, $territories)
    ORDER BY sequence DESC
"""


class PreviewOutdated(Exception):
    """The store moved between the preview and the confirmation: what would change must be looked at again."""


def save_submission(
    store: Store,
    prepared: PreparedSubmission,
    sent_by: str,
    at: datetime,
    reason: str | None = None,
    seen_version: int | None = None,
) -> Receipt:
    """Keep a prepared submission and approve it: all of it, in one transaction, or nothing.

    The same file for the same territories is a no-op when nothing would change; the receipt of the first is
    returned with `first_at`. Raises ValueError for a submission with blocking issues, PreviewOutdated when
    `seen_version` is no longer the store's.
    """
    if not prepared.is_ready:
        raise ValueError("a submission with blocking issues, or without rows, is not saved")
    earlier = _find_earlier(store, prepared)
    if earlier is not None:
        return earlier
    with store.commit("deposit", at) as (cursor, sequence):
        if seen_version is not None and seen_version != sequence - 1:
            raise PreviewOutdated
        submission_id = str(cursor.execute("SELECT uuidv7()").fetchall()[0][0])
        _add_submission(cursor, submission_id, sequence, prepared, reason)
        for state in SubmissionState:
            values = {"id": submission_id, "sequence": sequence, "state": state.value, "by": sent_by}
            moment = at.astimezone(UTC).replace(tzinfo=None)
            cursor.execute(ADD_EVENT, {**values, "at": moment, "reason": reason})
        _add_observations(cursor, submission_id, prepared.rows)
        _add_issues(cursor, submission_id, prepared.issues)
        save_masks(store, cursor, sequence, prepared.rows["indicator_code"].unique().sort().to_list())
    return load_receipt(store, submission_id)


def _find_earlier(store: Store, prepared: PreparedSubmission) -> Receipt | None:
    """The receipt of the same deposit, if sending it again would change nothing."""
    cursor = store.cursor()
    moment = latest_moment(cursor)
    values = {"sha256": prepared.sha256, "mapping": prepared.mapping, "territories": list(prepared.territories)}
    found = cursor.execute(SAME_DEPOSIT, {"moment": moment, **values}).fetchone()
    if found is None:
        return None
    still = fetch_one(cursor, STILL_CURRENT, {"moment": moment, "id": str(found[0])})
    moves = prepared.count(Change.NEW) or prepared.count(Change.CHANGED)
    return load_receipt(store, str(found[0]), is_repeat=True) if still == prepared.row_count or not moves else None


def _add_submission(
    cursor: duckdb.DuckDBPyConnection,
    submission_id: str,
    sequence: int,
    prepared: PreparedSubmission,
    reason: str | None,
) -> None:
    values = {
        "id": submission_id,
        "sequence": sequence,
        "territories": list(prepared.territories),
        "filename": prepared.filename,
        "sha256": prepared.sha256,
        "mapping": prepared.mapping,
        "reason": reason,
        "rows": prepared.row_count,
        "new": prepared.count(Change.NEW),
        "changed": prepared.count(Change.CHANGED),
        "unchanged": prepared.count(Change.UNCHANGED),
    }
    cursor.execute(ADD_SUBMISSION, values)


def _add_observations(cursor: duckdb.DuckDBPyConnection, submission_id: str, rows: pl.DataFrame) -> None:
    bounds = period_bounds(rows["period"]).select("period", "period_start")
    dated = rows.drop("source_column", strict=False).join(bounds, on="period", how="left", maintain_order="left")
    cursor.register("new_observations", dated.to_arrow())
    cursor.execute(
        "INSERT INTO observation BY NAME SELECT ?::UUID AS submission_id, * FROM new_observations", [submission_id]
    )
    cursor.unregister("new_observations")


def _add_issues(cursor: duckdb.DuckDBPyConnection, submission_id: str, issues: Issues) -> None:
    if not issues:
        return
    named = issues.frame.select(
        "code", pl.col("row").alias("source_row"), pl.col("column").alias("column_name"), "found"
    )
    cursor.register("new_issues", named.to_arrow())
    cursor.execute(
        "INSERT INTO submission_issue BY NAME SELECT ?::UUID AS submission_id, * FROM new_issues", [submission_id]
    )
    cursor.unregister("new_issues")


def load_issues(store: Store, submission_id: str) -> pl.DataFrame:
    """The warnings of a kept submission, in the order of its file: code, source_row, column_name, found."""
    return store.cursor().execute(ISSUES, {"id": submission_id}).pl()


def load_submissions(store: Store, territories: Iterable[str] | None, as_of: datetime | None = None) -> pl.DataFrame:
    """The log, latest first: one row a submission with its state, counts, sender and time (UTC)."""
    cursor = store.cursor()
    wanted = None if territories is None else sorted(territories)
    rows = cursor.execute(SUBMISSIONS, {"moment": find_moment(cursor, as_of), "territories": wanted}).pl()
    return rows.with_columns(pl.col("submission_id").cast(pl.String), pl.col("sent_at").dt.replace_time_zone("UTC"))


def load_receipt(store: Store, submission_id: str, is_repeat: bool = False) -> Receipt:
    """The receipt of a submission; raises KeyError if there is none of that number."""
    rows = load_submissions(store, None).filter(pl.col("submission_id") == submission_id)
    if rows.is_empty():
        raise KeyError(submission_id)
    row = rows.row(0, named=True)
    return Receipt(
        submission_id=submission_id,
        state=SubmissionState(row["state"]),
        filename=row["filename"],
        sha256=row["sha256"],
        territories=tuple(row["territories"]),
        sent_by=row["sent_by"],
        at=row["sent_at"],
        reason=row["reason"],
        rows=row["rows"],
        new=row["new_rows"],
        changed=row["changed_rows"],
        unchanged=row["unchanged_rows"],
        first_at=row["sent_at"] if is_repeat else None,
    )
