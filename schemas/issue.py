"""What can be wrong with a file, as data. The sentences are made in `texts`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, overload

import polars as pl

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
    LONG_ROW = "long_row"
    SEVERAL_SHEETS = "several_sheets"
    # Faults of foreign tables
    LAYOUT_QUESTION = "layout_question"
    NOT_AN_OBSERVATION = "not_an_observation"
    # Faults of registers
    UNKNOWN_REFERENCE = "unknown_reference"
    WRONG_CODE = "wrong_code"
    INVALID_SIRET = "invalid_siret"
    DATES_OUT_OF_ORDER = "dates_out_of_order"
    INCOMPLETE_TARGET = "incomplete_target"
    TARGET_AGAINST_START = "target_against_start"
    TARGET_AGAINST_DIRECTION = "target_against_direction"
    WRONG_STEPS = "wrong_steps"
    WRONG_SHAPE = "wrong_shape"
    GOAL_DISAGREES = "goal_disagrees"
    NO_VISION = "no_vision"
    # Warnings
    MAYBE_FRACTION = "maybe_fraction"
    PARTS_DO_NOT_SUM = "parts_do_not_sum"
    UNUSUAL_CHANGE = "unusual_change"
    COPIED_FROM_LAST_QUARTER = "copied_from_last_quarter"
    SMALL_COUNT = "small_count"
    MISSING_EXPECTED = "missing_expected"
    CHANGES_APPROVED = "changes_approved"
    DENOMINATOR_JUMP = "denominator_jump"
    WEAK_SURVEY = "weak_survey"
    DEFINITION_CHANGED = "definition_changed"
    MAYBE_PERSONAL_DATA = "maybe_personal_data"
    UNKNOWN_COLUMN = "unknown_column"


WARNINGS = frozenset(list(Code)[list(Code).index(Code.MAYBE_FRACTION) :])


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


IS_WARNING = pl.col("code").is_in([code.value for code in WARNINGS])
IS_LAST = IS_WARNING & pl.col("column").is_null()
PLACE = pl.col("row").fill_null(pl.when(IS_LAST).then(2**62).otherwise(0))


class Issues(Sequence[Issue]):
    """All issues of a file, kept as one frame: 40 000 issues are 40 000 issues, made into words only when read.

    `frame` has the columns `code`, `row`, `column`, `found` of an Issue; every other column is a word of its
    context, null where the issue does not have it.
    """

    LOCATED: ClassVar = {"code": pl.String, "row": pl.Int64, "column": pl.String, "found": pl.String}
    NONE: ClassVar = pl.DataFrame(schema=LOCATED)

    def __init__(self, *frames: pl.DataFrame) -> None:
        self.frame = pl.concat([self.NONE, *(frame for frame in frames if len(frame))], how="diagonal")

    @classmethod
    def of(cls, issues: Iterable[Issue]) -> Issues:
        rows = [
            {"code": issue.code.value, "row": issue.row, "column": issue.column, "found": issue.found, **issue.context}
            for issue in issues
        ]
        names = dict.fromkeys(name for row in rows for name in row)
        schema = {**cls.LOCATED, **{name: pl.String for name in names if name not in cls.LOCATED}}
        return cls(pl.DataFrame(rows, schema=schema, infer_schema_length=None))

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[Issue]:
        return map(_as_issue, self.frame.iter_rows(named=True))

    @overload
    def __getitem__(self, at: int) -> Issue: ...
    @overload
    def __getitem__(self, at: slice) -> Issues: ...
    def __getitem__(self, at: int | slice) -> Issue | Issues:
        return Issues(self.frame[at]) if isinstance(at, slice) else _as_issue(self.frame.row(at, named=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __add__(self, other: Issues) -> Issues:
        return Issues(self.frame, other.frame)

    def of_severity(self, severity: Severity) -> Issues:
        return Issues(self.frame.filter(IS_WARNING if severity is Severity.WARNING else ~IS_WARNING))

    def of_code(self, code: Code) -> Issues:
        return Issues(self.frame.filter(pl.col("code") == code.value))

    def name_columns(self, headings: Mapping[str, str]) -> Issues:
        """The same issues, each of our column codes replaced by the heading that the person sees."""
        return Issues(self.frame.with_columns(pl.col("column").replace(headings)))

    def in_order(self) -> Issues:
        """In the order of the file: what blocks all of it or its columns first, warnings on all of it last."""
        place = PLACE if self.frame["row"].null_count() else "row"
        return Issues(self.frame.sort(place, "column", "code", nulls_last=False, maintain_order=True))


def _as_issue(row: dict[str, object]) -> Issue:
    code, line, column, found = (row.pop(name) for name in Issues.LOCATED)
    context = {name: str(value) for name, value in row.items() if value is not None}
    return Issue(Code(str(code)), line, column, found, context)  # type: ignore[arg-type]


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
    "web_page",
    "no_table",
    "macro_workbook",
    "unreadable_workbook",
    "sheet_not_found",
    "locked_workbook",
    "comments_unreadable",
    "too_large",
    "too_many_columns",
    "too_many_cells",
    "too_many_rows",
    "too_heavy_workbook",
)
