"""Deposits: one transaction each; their life is a log of states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import duckdb
import polars as pl

from pipelines.difference import compare_rows
from pipelines.personal import find_in_words
from pipelines.store.catalogue import add_tables
from pipelines.store.connection import Store, as_utc, fetch_one, latest_moment
from pipelines.store.masks import count_masked, save_masks
from pipelines.store.originals import keep_original
from pipelines.store.receipts import load_receipt
from pipelines.store.repairs import keep_repairs
from pipelines.store.settings import approves_at_once
from schemas.issue import Issues
from schemas.observation import KEY
from schemas.period import period_bounds
from schemas.submission import (
    NEXT_STATES,
    OBSERVATIONS,
    Change,
    PreparedSubmission,
    Receipt,
    Remark,
    SubmissionState,
    digest_of,
)

SAME_DEPOSIT = """
    SELECT submission_id, state FROM submissions_at($moment)
    WHERE sha256 = $sha256 AND mapping = $mapping AND sheet = $sheet AND repairs = $repairs
      AND is_partial = $is_partial
      AND list_sort(territories) = list_sort($territories) AND state IN ('submitted', 'approved')
    ORDER BY sequence DESC LIMIT 1
"""
STILL_CURRENT = "SELECT count(*) FROM observations_at($moment, $places, NULL) WHERE submission_id = $id::UUID"
ADD_SUBMISSION = """
    INSERT INTO submission BY NAME
    SELECT $id::UUID AS submission_id, $sequence AS sequence, $kind AS kind, $territories AS territories,
           $filename AS filename, $sha256 AS sha256, $mapping AS mapping, $sheet AS sheet, $repairs AS repairs,
           $is_partial AS is_partial, $reason AS reason,
           $rows AS rows, $new AS new_rows, $changed AS changed_rows, $unchanged AS unchanged_rows,
           $kept AS kept_rows, $masked AS masked_rows, $left AS left_rows
"""
ADD_EVENT = """
    INSERT INTO submission_event BY NAME
    SELECT $id::UUID AS submission_id, $sequence AS sequence, $state AS state, $by AS by_account,
           $at::TIMESTAMP AS happened_at, $reason AS reason,
           (SELECT coalesce(max(step), 0) + 1 FROM submission_event WHERE submission_id = $id::UUID) AS step
"""
ADD_REMARK = """
    INSERT INTO submission_remark BY NAME
    SELECT $id::UUID AS submission_id, $sequence AS sequence, $row AS source_row, $column AS column_name,
           $text AS remark
"""
STATE = "SELECT state FROM states_at($moment) WHERE submission_id = $id::UUID"
SUBMITTED = "SELECT territories, reason, sequence, kind FROM submission WHERE submission_id = $id::UUID"
MOVED = """
    SELECT count(*) FROM commit_log WHERE sequence > $seen AND what IN ('catalogue', 'restore')
    UNION ALL
    SELECT count(*) FROM submission_event JOIN submission USING (submission_id)
    WHERE submission_event.sequence > $seen AND state IN ('approved', 'withdrawn')
      AND list_has_any(territories, $territories)
"""
SENT = "SELECT * FROM observation WHERE submission_id = $id::UUID"
APPROVED = """
    SELECT *, false AS is_masked FROM observations_at($moment, $territories, NULL) WHERE list_contains($periods, period)
"""


class _CameMeanwhile(Exception):
    """The same deposit came while this one waited for its turn."""

    def __init__(self, earlier: Receipt) -> None:
        super().__init__(earlier.submission_id)
        self.earlier = earlier


class PreviewOutdated(Exception):
    """The store moved between the preview and the confirmation: what would change must be looked at again."""


class ReasonNeeded(Exception):
    """What is approved would change, or a step would be undone, and nobody said why."""


class NamesSomebody(Exception):
    """A reason or a remark holds personal data of this kind: it would stay for ever, so it is not kept."""


class WrongMove(Exception):
    """A submission cannot go on like that: `state` is where it stands, `wanted` where it was to go."""

    def __init__(self, state: SubmissionState, wanted: SubmissionState) -> None:
        super().__init__(f"{state} -> {wanted}")
        self.state, self.wanted = state, wanted


def save_submission(
    store: Store,
    prepared: PreparedSubmission,
    sent_by: str,
    at: datetime,
    reason: str | None = None,
    seen_version: int | None = None,
    approve: bool = False,
    draft: str | None = None,
) -> Receipt:
    """Keep a prepared submission: all of it, in one transaction, or nothing. It waits for approval.

    It is approved in the same transaction where `approve` says so, or its territories chose that and there is no
    warning. A register holds no figure: its rows join the catalogue at once, approved, and no reason is asked.
    The same deposit again is a no-op while the first is pending or nothing would change: the receipt of the first is
    returned with `first_at`. `draft` is the number that the file had while it was one. Raises ValueError for a
    submission with blocking issues, ReasonNeeded for a correction without its reason, NamesSomebody for a reason that
    does, PreviewOutdated when approved values of these territories moved since `seen_version`.
    """
    if not prepared.is_ready:
        raise ValueError("a submission with blocking issues, or without rows, is not saved")
    earlier = _find_earlier(store, prepared)
    if earlier is not None:
        return _repeat(store, earlier, sent_by, at, reason, seen_version, approve, draft)
    is_register = prepared.kind != OBSERVATIONS
    if prepared.count(Change.CHANGED) and not (reason or "").strip() and not is_register:
        raise ReasonNeeded
    _refuse_names(reason)
    keep_original(store, prepared.content)
    submission_id = draft or str(store.cursor().execute("SELECT uuidv7()").fetchall()[0][0])
    try:
        with store.commit("deposit", at, sent_by, submission_id) as (cursor, sequence):
            _refuse_a_repeat(store, prepared)
            _refuse_if_moved(cursor, prepared.territories, seen_version)
            if draft:
                _check_move(cursor, sequence, draft, SubmissionState.SUBMITTED)
            _add_event(cursor, submission_id, sequence, SubmissionState.SUBMITTED, sent_by, at, reason)
            keep_repairs(cursor, sequence, submission_id, prepared.repairs)
            _add_issues(cursor, submission_id, prepared.issues + prepared.left)
            if is_register:
                _add_event(cursor, submission_id, sequence, SubmissionState.APPROVED, sent_by, at, None)
                add_tables(store, cursor, sequence, dict(prepared.tables))
                masked = 0
            else:
                masked = _add_figures(store, cursor, submission_id, sequence, prepared, sent_by, at, approve)
            _add_submission(cursor, submission_id, sequence, prepared, reason, masked)
    except _CameMeanwhile as again:
        return _repeat(store, again.earlier, sent_by, at, reason, seen_version, approve, draft)
    return load_receipt(store, submission_id, None)


def _repeat(
    store: Store,
    earlier: Receipt,
    by: str,
    at: datetime,
    reason: str | None,
    seen_version: int | None,
    approve: bool,
    draft: str | None,
) -> Receipt:
    """The receipt of the first of two same deposits: nothing is kept twice, a draft of it ends, an approval is made."""
    number = earlier.submission_id
    if draft:
        discard_draft(store, draft, by, at, number)
    if approve and earlier.is_pending:
        move_submission(store, number, SubmissionState.APPROVED, by, at, reason, seen_version=seen_version)
    return load_receipt(store, number, None, is_repeat=True)


def move_submission(
    store: Store,
    submission_id: str,
    state: SubmissionState,
    by: str,
    at: datetime,
    reason: str | None = None,
    remarks: Sequence[Remark] = (),
    seen_version: int | None = None,
    seen_state: SubmissionState | None = None,
) -> Receipt:
    """Approve, return or withdraw; what was said of it stays for ever.

    Raises KeyError for a number that is not in the log, WrongMove where the state does not allow it or is not
    `seen_state`, ReasonNeeded for a return or a withdrawal without reason, or for an approval that corrects something
    for which nobody gave one, NamesSomebody for words that name a person, PreviewOutdated when approved values of its
    territories moved since `seen_version`.
    """
    said = (reason or "").strip() or None
    if state is not SubmissionState.APPROVED and said is None:
        raise ReasonNeeded
    _refuse_names(said, *(remark.text for remark in remarks))
    what = {"approved": "approve", "returned": "return", "withdrawn": "withdraw"}[state.value]
    with store.commit(what, at, by, submission_id) as (cursor, sequence):
        before = _check_move(cursor, sequence, submission_id, state)
        if seen_state not in (None, before):
            raise WrongMove(before, state)
        found = cursor.execute(SUBMITTED, {"id": submission_id}).fetchone()
        if found is None:
            raise KeyError(submission_id)
        territories, told, sent_at, kind = found
        if kind != OBSERVATIONS:  # its rows stand in the catalogue: who corrects them sends them again
            raise WrongMove(before, state)
        _refuse_if_moved(cursor, territories, seen_version)
        if state is SubmissionState.APPROVED and not said:
            corrected = _list_corrected(cursor, submission_id, territories, sequence - 1)
            explained = _list_corrected(cursor, submission_id, territories, sent_at - 1) if told else corrected.clear()
            if len(corrected.join(explained, on=KEY, how="anti")):
                raise ReasonNeeded
        _add_event(cursor, submission_id, sequence, state, by, at, said)
        for remark in remarks:
            values = {"id": submission_id, "sequence": sequence, "row": remark.row, "column": remark.column}
            cursor.execute(ADD_REMARK, {**values, "text": remark.text})
        save_masks(store, cursor, sequence, submission_id)
    return load_receipt(store, submission_id, None)


def discard_draft(store: Store, submission_id: str, by: str, at: datetime, reason: str) -> None:
    """Put a draft away; its file stays. Raises KeyError, WrongMove for what is no draft (any more)."""
    with store.commit("discard", at, by, submission_id) as (cursor, sequence):
        state = _check_move(cursor, sequence, submission_id, SubmissionState.WITHDRAWN)
        if state is not SubmissionState.DRAFT:
            raise WrongMove(state, SubmissionState.WITHDRAWN)
        _add_event(cursor, submission_id, sequence, SubmissionState.WITHDRAWN, by, at, reason)


def _list_corrected(
    cursor: duckdb.DuckDBPyConnection, submission_id: str, territories: list[str], moment: int
) -> pl.DataFrame:
    """The keys whose approved value of a moment a submission changes."""
    sent = cursor.execute(SENT, {"id": submission_id}).pl()
    known = {"moment": moment, "territories": territories, "periods": sent["period"].unique().to_list()}
    changes = compare_rows(sent, cursor.execute(APPROVED, known).pl())
    return changes.filter(change=Change.CHANGED.value).select(KEY)


def _refuse_names(*words: str | None) -> None:
    for text in words:
        kind = find_in_words(text or "")
        if kind:
            raise NamesSomebody(kind)


def _refuse_if_moved(cursor: duckdb.DuckDBPyConnection, territories: Iterable[str], seen: int | None) -> None:
    if seen is None:
        return
    moved = cursor.execute(MOVED, {"seen": seen, "territories": list(territories)}).fetchall()
    if any(count for (count,) in moved):
        raise PreviewOutdated


def _check_move(
    cursor: duckdb.DuckDBPyConnection, sequence: int, submission_id: str, wanted: SubmissionState
) -> SubmissionState:
    try:
        found = cursor.execute(STATE, {"moment": sequence, "id": submission_id}).fetchone()
    except duckdb.ConversionException as error:
        raise KeyError(submission_id) from error
    if found is None:
        raise KeyError(submission_id)
    state = SubmissionState(found[0])
    if wanted not in NEXT_STATES[state]:
        raise WrongMove(state, wanted)
    return state


def _find_earlier(store: Store, prepared: PreparedSubmission) -> Receipt | None:
    """The same deposit, if it is pending or sending it again would change nothing."""
    cursor = store.cursor()
    moment = latest_moment(cursor)
    values = {
        "sha256": prepared.sha256,
        "mapping": prepared.mapping,
        "sheet": prepared.sheet,
        "repairs": digest_of(prepared.repairs),
        "is_partial": prepared.is_partial,
        "territories": list(prepared.territories),
    }
    found = cursor.execute(SAME_DEPOSIT, {"moment": moment, **values}).fetchone()
    if found is None:
        return None
    earlier, state = str(found[0]), found[1]
    moves = prepared.count(Change.NEW) or prepared.count(Change.CHANGED)
    if moves and prepared.kind != OBSERVATIONS:
        return None
    if moves and state == SubmissionState.APPROVED:
        places = prepared.rows["territory_code"].unique().sort().to_list()
        still = fetch_one(cursor, STILL_CURRENT, {"moment": moment, "places": places, "id": earlier})
        if still != prepared.row_count:
            return None
    return load_receipt(store, earlier, None)


def _refuse_a_repeat(store: Store, prepared: PreparedSubmission) -> None:
    """Looked at again in one's turn: two people may confirm the same file in the same instant."""
    earlier = _find_earlier(store, prepared)
    if earlier is not None:
        raise _CameMeanwhile(earlier)


def _add_submission(
    cursor: duckdb.DuckDBPyConnection,
    submission_id: str,
    sequence: int,
    prepared: PreparedSubmission,
    reason: str | None,
    masked: int,
) -> None:
    values = {
        "id": submission_id,
        "sequence": sequence,
        "kind": prepared.kind,
        "territories": list(prepared.territories),
        "filename": prepared.filename,
        "sha256": prepared.sha256,
        "mapping": prepared.mapping,
        "sheet": prepared.sheet,
        "repairs": digest_of(prepared.repairs),
        "is_partial": prepared.is_partial,
        "reason": reason,
        "rows": prepared.row_count,
        "new": prepared.count(Change.NEW),
        "changed": prepared.count(Change.CHANGED),
        "unchanged": prepared.count(Change.UNCHANGED),
        "kept": prepared.count(Change.KEPT),
        "masked": masked,
        "left": prepared.left_rows,
    }
    cursor.execute(ADD_SUBMISSION, values)


def _add_event(
    cursor: duckdb.DuckDBPyConnection,
    submission_id: str,
    sequence: int,
    state: SubmissionState,
    by: str,
    at: datetime,
    reason: str | None,
) -> None:
    values = {"id": submission_id, "sequence": sequence, "state": state.value, "by": by}
    cursor.execute(ADD_EVENT, {**values, "at": as_utc(at), "reason": reason})


def _add_observations(cursor: duckdb.DuckDBPyConnection, submission_id: str, rows: pl.DataFrame) -> None:
    bounds = period_bounds(rows["period"]).select("period", "period_start")
    dated = rows.drop("source_column", strict=False).join(bounds, on="period", how="left", maintain_order="left")
    cursor.register("new_observations", dated.to_arrow())
    cursor.execute(
        "INSERT INTO observation BY NAME SELECT ?::UUID AS submission_id, * FROM new_observations", [submission_id]
    )
    cursor.unregister("new_observations")


def _add_figures(
    store: Store,
    cursor: duckdb.DuckDBPyConnection,
    submission_id: str,
    sequence: int,
    prepared: PreparedSubmission,
    by: str,
    at: datetime,
    approve: bool,
) -> int:
    """The observations, and their approval if it is given at once. Returns how many of them the public will not see."""
    _add_observations(cursor, submission_id, prepared.rows)
    if not approve and (prepared.issues or not approves_at_once(cursor, prepared.territories)):
        return count_masked(store, prepared.rows)
    _add_event(cursor, submission_id, sequence, SubmissionState.APPROVED, by, at, None)
    hidden = save_masks(store, cursor, sequence, submission_id)
    return prepared.rows.join(hidden, on=KEY, how="semi").height


def _add_issues(cursor: duckdb.DuckDBPyConnection, submission_id: str, issues: Issues) -> None:
    if not issues:
        return
    others = [name for name in issues.frame.columns if name not in Issues.LOCATED]
    named = issues.frame.select(
        "code",
        pl.col("row").alias("source_row"),
        pl.col("column").alias("column_name"),
        "found",
        context=pl.struct(others).struct.json_encode() if others else pl.lit(None, pl.String),
    )
    cursor.register("new_issues", named.to_arrow())
    cursor.execute(
        "INSERT INTO submission_issue BY NAME SELECT ?::UUID AS submission_id, * FROM new_issues", [submission_id]
    )
    cursor.unregister("new_issues")
