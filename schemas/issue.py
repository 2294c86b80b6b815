"""What can be wrong with a file, as data. The sentences are made in `texts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from schemas.words import Severity


class Code(StrEnum):
    """Stable words: they stand in the JSON, in the translations and in people's mails."""

    MISSING_COLUMN = "missing_column"
    WRONG_TERRITORY = "wrong_territory"
    UNKNOWN_INDICATOR = "unknown_indicator"
    UNREADABLE_PERIOD = "unreadable_period"
    WRONG_FREQUENCY = "wrong_frequency"
    FUTURE_PERIOD = "future_period"
    UNREADABLE_NUMBER = "unreadable_number"
    NUMERATOR_ABOVE_DENOMINATOR = "numerator_above_denominator"
    MISSING_DENOMINATOR = "missing_denominator"
    OUT_OF_RANGE = "out_of_range"
    VALUE_DISAGREES = "value_disagrees"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_QUARTIER = "unknown_quartier"
    PERSONAL_DATA = "personal_data"
    SPREADSHEET_ERROR = "spreadsheet_error"
    MISSING_COMMENT = "missing_comment"
    # Faults of single columns
    MISSING_VALUE = "missing_value"
    UNREADABLE_DATE = "unreadable_date"
    DATE_OUTSIDE_PERIOD = "date_outside_period"
    UNKNOWN_WORD = "unknown_word"
    TOO_LONG = "too_long"
    # Warnings
    MAYBE_FRACTION = "maybe_fraction"
    CHANGES_APPROVED = "changes_approved"
    UNKNOWN_COLUMN = "unknown_column"


WARNINGS = frozenset({Code.MAYBE_FRACTION, Code.CHANGES_APPROVED, Code.UNKNOWN_COLUMN})


@dataclass(frozen=True)
class Issue:
    """One located fault.

    `row` is the line a person sees in their file (None: the whole file), `column` the heading as they wrote it,
    `found` the cell as they wrote it, never filled for personal data; `context` holds the words the sentence needs.
    """

    code: Code
    row: int | None = None
    column: str | None = None
    found: str | None = None
    context: dict[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code in WARNINGS else Severity.BLOCKING


class UnreadableFile(Exception):
    """A file nobody can read as a table. `code` is one of UNREADABLE."""

    def __init__(self, code: str, filename: str, **context: str) -> None:
        super().__init__(f"{code}: {filename}")
        self.code = code
        self.filename = filename
        self.context = context


UNREADABLE = (
    "empty_file",
    "not_a_table",
    "no_table",
    "old_workbook",
    "macro_workbook",
    "unreadable_workbook",
    "sheet_not_found",
    "too_large",
    "too_many_rows",
)
