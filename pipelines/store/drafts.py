"""A file that someone began to send: kept, so that a closed tab loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.store.connection import Store, as_utc, latest_moment
from pipelines.store.originals import keep_original
from pipelines.store.repairs import repairs_of
from pipelines.store.submissions import ADD_EVENT
from schemas.submission import SubmissionState

ADD = """
    INSERT INTO draft BY NAME
    SELECT $id::UUID AS submission_id, $sequence AS sequence, $territory AS territory_code, $filename AS filename,
           $sha256 AS sha256
"""
OPEN = """
    SELECT draft.submission_id, territory_code, filename, sha256, happened_at
    FROM draft JOIN submission_event AS begun USING (submission_id)
    WHERE territory_code = $territory AND begun.state = 'draft' AND begun.by_account = $by
      AND submission_id IN (SELECT submission_id FROM states_at($moment) WHERE state = 'draft')
      AND (
          submission_id IN (SELECT submission_id FROM submission_repair)
          OR sha256 NOT IN (
              SELECT sha256 FROM submissions_at($moment)
              WHERE list_contains(territories, $territory) AND state IN ('submitted', 'approved')
          )
      )
    ORDER BY draft.sequence DESC
"""


@dataclass(frozen=True)
class Draft:
    submission_id: str
    territory: str
    filename: str
    sha256: str
    at: datetime


def save_draft(store: Store, content: bytes, filename: str, territory: str, by: str, at: datetime) -> Draft:
    """Keep a file that was looked at and names nobody; the same bytes again are the same draft.

    A draft of the same person for the same territory in which nothing was corrected is put aside by the new one.
    """
    known = load_drafts(store, territory, by)
    sha256 = keep_original(store, content)
    for draft in known:
        if draft.sha256 == sha256:
            return draft
    number = str(store.cursor().execute("SELECT uuidv7()").fetchall()[0][0])
    with store.commit("draft", at, by, number) as (cursor, sequence):
        said = {"sequence": sequence, "by": by, "at": as_utc(at), "reason": None}
        for draft in (one for one in known if not repairs_of(cursor, one.submission_id)):
            cursor.execute(ADD_EVENT, {**said, "id": draft.submission_id, "state": SubmissionState.WITHDRAWN.value})
        values = {"id": number, "sequence": sequence, "territory": territory}
        cursor.execute(ADD, {**values, "filename": filename, "sha256": sha256})
        cursor.execute(ADD_EVENT, {**said, "id": number, "state": SubmissionState.DRAFT.value})
    return Draft(number, territory, filename, sha256, at)


def load_drafts(store: Store, territory: str, by: str) -> list[Draft]:
    """The drafts of a person for a territory, latest first; none of a file that was sent since as it is."""
    cursor = store.cursor()
    found = cursor.execute(OPEN, {"moment": latest_moment(cursor), "territory": territory, "by": by}).fetchall()
    return [Draft(str(row[0]), row[1], row[2], row[3], row[4].replace(tzinfo=UTC)) for row in found]
