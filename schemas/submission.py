"""A file as sent: what was prepared of it, its life as a log, and the receipt of what was kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import polars as pl

from schemas.issue import Issues
from schemas.mapping import Mapping, Question
from schemas.reading import Reading
from schemas.words import Severity


class SubmissionState(StrEnum):
    """The log's words."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


NEXT_STATES: Mapped[SubmissionState, tuple[SubmissionState, ...]] = {
    SubmissionState.DRAFT: (SubmissionState.SUBMITTED, SubmissionState.WITHDRAWN),
    SubmissionState.SUBMITTED: (SubmissionState.APPROVED, SubmissionState.RETURNED, SubmissionState.WITHDRAWN),
    SubmissionState.RETURNED: (),
    SubmissionState.APPROVED: (SubmissionState.WITHDRAWN,),
    SubmissionState.WITHDRAWN: (),
}
"""What may follow what. A returned file is corrected by another submission; what is withdrawn stays so."""


class Change(StrEnum):
    """What a row of a submission does to what is approved."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"  # approved before, of the same territory and period, not in the file: it stays


OBSERVATIONS = "observations"
"""The kind of a file of figures; the others are registers (schemas/registers.py)."""


@dataclass(frozen=True)
class Repair:
    """A cell that its sender corrected on the page: `column` is the heading of the file; the bytes stay as they came.

    A line or a heading that the file has not is added. `sheet`: that of the workbook, '' for a text.
    """

    row: int
    column: str
    old: str
    new: str
    sheet: str = ""


def digest_of(repairs: Sequence[Repair]) -> str:
    """The same for the same corrections, in whatever order they were made; '' for none."""
    said = sorted((one.row, one.column, one.new) for one in repairs)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest() if said else ""


@dataclass(frozen=True)
class PreparedSubmission:
    """A checked file, not stored yet.

    `rows`: the observations of the file. `changes`: one row a key with `change`, and for each number and status the
    new value and `<column>_before`; keys that the file does not contain are `kept`. `content`: the file's bytes, empty
    where it names persons. `left`: what is wrong with the rows that a partial deposit leaves out. `repairs`: what was
    corrected of it on the page. A register has no `rows`: `tables` holds what it adds to the catalogue, `changes` one
    row a line of the file with `change`, `name`, `before` and `after`.
    """

    filename: str
    sha256: str
    mapping: str
    territories: tuple[str, ...]
    rows: pl.DataFrame
    changes: pl.DataFrame
    issues: Issues
    row_count: int
    reading: Reading
    headings: dict[str, str]
    layout: str = ""
    asked: Mapping | None = None
    questions: tuple[Question, ...] = ()
    content: bytes = b""
    sheet: str = ""
    left: Issues = field(default_factory=Issues)
    left_rows: int = 0
    repairs: tuple[Repair, ...] = ()
    kind: str = OBSERVATIONS
    tables: Mapped[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def blocking(self) -> Issues:
        return self.issues.of_severity(Severity.BLOCKING)

    @property
    def is_ready(self) -> bool:
        return not self.blocking and self.row_count > 0

    @property
    def is_partial(self) -> bool:
        return self.left_rows > 0

    def count(self, change: Change) -> int:
        return 0 if self.changes.is_empty() else self.changes.filter(pl.col("change") == change.value).height


@dataclass(frozen=True)
class Event:
    """One step in the life of a submission."""

    state: SubmissionState
    by: str
    at: datetime
    reason: str | None


@dataclass(frozen=True)
class Remark:
    """What was written of a line of a returned file, or of the whole file (`row` None)."""

    text: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What was kept of a deposit. `first_at` is set when the same deposit had come before and nothing changed."""

    submission_id: str
    state: SubmissionState
    filename: str
    sha256: str
    territories: tuple[str, ...]
    sent_by: str
    at: datetime
    reason: str | None
    rows: int
    new: int
    changed: int
    unchanged: int
    kept: int
    masked: int
    left: int
    events: tuple[Event, ...] = ()
    remarks: tuple[Remark, ...] = ()
    repairs: tuple[Repair, ...] = ()
    kind: str = OBSERVATIONS
    first_at: datetime | None = None

    @property
    def is_pending(self) -> bool:
        return self.state is SubmissionState.SUBMITTED
