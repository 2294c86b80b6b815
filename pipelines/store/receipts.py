"""What is known of deposits: the log, the receipt of each, what it holds, the values it replaced."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb
import polars as pl

from pipelines.store.connection import Store, When, find_moment
from pipelines.store.masks import apply_masks, hide_all, masks_at, read_unmasked
from pipelines.store.repairs import repairs_of
from schemas.issue import Code, Issue, Issues
from schemas.submission import OBSERVATIONS, Event, Receipt, Remark, SubmissionState
from schemas.words import Audience

SUBMISSIONS = """
    SELECT * FROM submissions_at($moment)
    WHERE $territories IS NULL OR list_has_any(territories, $territories)
    ORDER BY sequence DESC
"""
ONE = "SELECT * FROM submissions_at($moment) WHERE submission_id = $id::UUID"
EVENTS = """
    SELECT state, by_account, happened_at, reason FROM submission_event
    WHERE submission_id = $id::UUID AND sequence <= $moment ORDER BY step
"""
REMARKS = """
    SELECT remark, source_row, column_name FROM submission_remark
    WHERE submission_id = $id::UUID AND sequence <= $moment ORDER BY source_row NULLS FIRST, column_name, remark
"""
ISSUES = """
    SELECT code, source_row, column_name, found, context FROM submission_issue
    WHERE submission_id = $id::UUID ORDER BY source_row NULLS FIRST, column_name, code
"""
SENT = """
    SELECT * REPLACE (submission_id::VARCHAR AS submission_id) FROM observation
    WHERE submission_id = $id::UUID AND list_contains($territories, territory_code)
    ORDER BY source_row, indicator_code, period
"""
BEFORE = """
    SELECT * EXCLUDE (approved_sequence) REPLACE (submission_id::VARCHAR AS submission_id)
    FROM observations_at($moment, $territories, NULL)
    WHERE list_contains($periods, period)
    ORDER BY territory_code, indicator_code, qpv_code, dimension, category, period_start
"""
DECIDED = """
    SELECT min(sequence), bool_or(state = 'approved') FROM submission_event
    WHERE submission_id = $id::UUID AND sequence <= $moment AND state IN ('approved', 'returned', 'withdrawn')
"""
DELIVERIES = """
    SELECT DISTINCT territory_code, indicator_code, period, submission_id, state, sent_at AS first_submitted_at
    FROM observation JOIN states_at($moment) USING (submission_id)
    WHERE list_contains($territories, territory_code)
    ORDER BY ALL
"""
SOURCES = """
    SELECT territory_code, indicator_code, arg_max(source, (sequence, -source_row)) AS source
    FROM observation
    JOIN submission USING (submission_id)
    JOIN (SELECT submission_id FROM states_at($moment) WHERE state IN ('submitted', 'approved')) USING (submission_id)
    WHERE list_contains($territories, territory_code) AND source <> ''
    GROUP BY ALL ORDER BY ALL
"""
APPROVALS = """
    SELECT max(committed_at) AS approved_at
    FROM submission_event JOIN commit_log USING (sequence)
    JOIN (SELECT submission_id, territories FROM submission WHERE kind = $kind) USING (submission_id)
    WHERE state IN ('approved', 'withdrawn') AND list_has_any(territories, $territories)
    GROUP BY committed_at::DATE ORDER BY 1 DESC
"""


def load_submissions(store: Store, territories: Iterable[str] | None, as_of: When = None) -> pl.DataFrame:
    """The log, latest first: one row a submission with its state, counts, sender and time (UTC)."""
    cursor = store.cursor()
    wanted = None if territories is None else sorted(territories)
    rows = cursor.execute(SUBMISSIONS, {"moment": find_moment(cursor, as_of), "territories": wanted}).pl()
    return rows.with_columns(pl.col("submission_id").cast(pl.String), pl.col("sent_at").dt.replace_time_zone("UTC"))


def load_receipt(
    store: Store,
    submission_id: str,
    territories: Iterable[str] | None,
    as_of: When = None,
    is_repeat: bool = False,
) -> Receipt:
    """The receipt of a submission, with its life so far.

    Raises KeyError if there is none of that number, or it is of a territory that is not among those given (None: all).
    """
    cursor = store.cursor()
    moment = find_moment(cursor, as_of)
    try:
        rows = cursor.execute(ONE, {"moment": moment, "id": submission_id}).pl()
    except duckdb.ConversionException as error:
        raise KeyError(submission_id) from error
    row = rows.row(0, named=True) if len(rows) else None
    if row is None or (territories is not None and not set(row["territories"]) <= set(territories)):
        raise KeyError(submission_id)
    known = {"moment": moment, "id": submission_id}
    events = cursor.execute(EVENTS, known).fetchall()
    remarks = cursor.execute(REMARKS, known).fetchall()
    return Receipt(
        submission_id=str(row["submission_id"]),
        state=SubmissionState(row["state"]),
        filename=row["filename"],
        sha256=row["sha256"],
        territories=tuple(row["territories"]),
        sent_by=row["sent_by"],
        at=row["sent_at"].replace(tzinfo=UTC),
        reason=row["reason"],
        rows=row["rows"],
        new=row["new_rows"],
        changed=row["changed_rows"],
        unchanged=row["unchanged_rows"],
        kept=row["kept_rows"],
        masked=row["masked_rows"],
        left=row["left_rows"],
        events=tuple(Event(SubmissionState(e[0]), e[1], e[2].replace(tzinfo=UTC), e[3]) for e in events),
        remarks=tuple(Remark(*remark) for remark in remarks),
        repairs=repairs_of(cursor, submission_id),
        kind=row["kind"],
        first_at=row["sent_at"].replace(tzinfo=UTC) if is_repeat else None,
    )


def load_issues(store: Store, submission_id: str, territories: Iterable[str] | None) -> Issues:
    """What was said of a kept submission, in the order of its file. Raises KeyError as `load_receipt` does."""
    load_receipt(store, submission_id, territories)
    found = store.cursor().execute(ISSUES, {"id": submission_id}).fetchall()
    return Issues.of(
        Issue(Code(code), row, column, value, _read_context(context)) for code, row, column, value, context in found
    )


def _read_context(context: str | None) -> dict[str, str]:
    return {name: str(said) for name, said in json.loads(context or "{}").items() if said is not None}


def load_sent(
    store: Store, submission_id: str, territories: Iterable[str], audience: Audience, as_of: When = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The observations of a submission, and what was approved beside them when it was decided (pending: then).

    Both as `load_observations` gives them, masked for the audience. What was never approved is for the territory
    alone: nobody else has a use for it, and what one saw of it would give away what is masked once it is approved.
    Only of these territories.
    """
    cursor = store.cursor()
    wanted = sorted(territories)
    now = find_moment(cursor, as_of)
    sent = read_unmasked(cursor, SENT, {"id": submission_id, "territories": wanted})
    decided = cursor.execute(DECIDED, {"id": submission_id, "moment": now}).fetchone()
    decided_at, was_approved = decided if decided is not None else (None, None)
    moment = now if decided_at is None else int(decided_at) - 1
    before = read_unmasked(
        cursor, BEFORE, {"moment": moment, "territories": wanted, "periods": sent.values_of("period")}
    )
    masks = masks_at(cursor, now, audience, wanted)
    is_theirs = was_approved or audience is Audience.TERRITORY
    return apply_masks(sent, masks) if is_theirs else hide_all(sent), apply_masks(before, masks)


def load_deliveries(store: Store, territories: Iterable[str], as_of: When = None) -> pl.DataFrame:
    """Which indicator and period came with which submission: one row each, with its state and `first_submitted_at`."""
    cursor = store.cursor()
    values = {"moment": find_moment(cursor, as_of), "territories": sorted(territories)}
    rows = cursor.execute(DELIVERIES, values).pl()
    return rows.with_columns(
        pl.col("submission_id").cast(pl.String), pl.col("first_submitted_at").dt.replace_time_zone("UTC")
    )


def load_sources(store: Store, territories: Iterable[str], as_of: When = None) -> dict[tuple[str, str], str]:
    """Who a territory's figures of an indicator came from, as the last deposit of them says: (territory, indicator)."""
    cursor = store.cursor()
    values = {"moment": find_moment(cursor, as_of), "territories": sorted(territories)}
    return {(row[0], row[1]): row[2] for row in cursor.execute(SOURCES, values).fetchall()}


def list_moments(store: Store, territories: Iterable[str]) -> list[datetime]:
    """When approved values of these territories changed, latest first: the last moment of each such day (UTC)."""
    values = {"territories": sorted(territories), "kind": OBSERVATIONS}
    found = store.cursor().execute(APPROVALS, values).fetchall()
    return [row[0].replace(tzinfo=UTC) for row in found]
