"""What a person corrects of their file on the page: cells of the table as it was read, never the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from pipelines.personal import find_in_words, find_personal_data
from pipelines.registers import list_organisations, recognise_register
from schemas.issue import WARNINGS, Code, Issue
from schemas.observation import COLUMN, NUMBERS
from schemas.period import write_period
from schemas.reading import Reading
from schemas.submission import OBSERVATIONS, PreparedSubmission, Repair
from schemas.words import ObsStatus, Severity

REMARK = "remark"
WHOLE_LINE, OUT = "", "-"
"""The column of a repair that takes a line out, and what it says; '' brings the line back."""
RATE = ("numerator", "denominator")
CELLS_OF_CODE: dict[Code, tuple[str, ...]] = {
    Code.WRONG_TERRITORY: ("territory_code",),
    Code.UNKNOWN_INDICATOR: ("indicator_code",),
    Code.UNREADABLE_PERIOD: ("period",),
    Code.WRONG_FREQUENCY: ("period", "indicator_code"),
    Code.FUTURE_PERIOD: ("period",),
    Code.NUMERATOR_ABOVE_DENOMINATOR: RATE,
    Code.MISSING_DENOMINATOR: RATE,
    Code.VALUE_DISAGREES: NUMBERS,
    Code.DUPLICATE_KEY: ("indicator_code", "period", "dimension", "category"),
    Code.UNKNOWN_CATEGORY: ("dimension", "category"),
    Code.UNKNOWN_QUARTIER: ("qpv_code",),
    Code.MISSING_COMMENT: ("comment",),
    Code.DATE_OUTSIDE_PERIOD: ("reference_date",),
    Code.MAYBE_FRACTION: ("value",),
    Code.PARTS_DO_NOT_SUM: ("comment",),
    Code.UNUSUAL_CHANGE: ("comment",),
    Code.DENOMINATOR_JUMP: ("comment",),
    Code.WEAK_SURVEY: ("comment",),
    Code.COPIED_FROM_LAST_QUARTER: ("comment",),
}
"""By our column codes, the cells that may be at fault, or where a warning is justified; else the one that is named."""
OF_A_CELL = (
    Code.UNREADABLE_NUMBER,
    Code.OUT_OF_RANGE,
    Code.SPREADSHEET_ERROR,
    Code.MISSING_VALUE,
    Code.UNREADABLE_DATE,
    Code.UNKNOWN_WORD,
    Code.TOO_LONG,
    Code.MAYBE_PERSONAL_DATA,
)
OF_A_LINE = (Code.DUPLICATE_KEY, Code.LONG_ROW)
"""Faults that end when the line is taken out."""
OF_NUMBERS = (
    Code.UNREADABLE_NUMBER,
    Code.NUMERATOR_ABOVE_DENOMINATOR,
    Code.MISSING_DENOMINATOR,
    Code.MISSING_VALUE,
    Code.OUT_OF_RANGE,
    Code.VALUE_DISAGREES,
    Code.SPREADSHEET_ERROR,
    Code.MISSING_COMMENT,
)
SAME_EVERYWHERE = (
    Code.WRONG_TERRITORY,
    Code.UNKNOWN_INDICATOR,
    Code.UNREADABLE_PERIOD,
    Code.FUTURE_PERIOD,
    Code.UNKNOWN_QUARTIER,
    Code.UNKNOWN_WORD,
    Code.UNREADABLE_DATE,
)
"""Faults of a word: the same word on forty lines is corrected once."""


class NothingLeft(Exception):
    """With these repairs no line of the file would be left."""


class RepairNamesSomebody(Exception):
    """What was typed holds personal data of this kind: it is not kept."""


@dataclass(frozen=True)
class Cell:
    """A cell to correct on the lines `rows`, under the heading of the file, and what stands there now."""

    rows: tuple[int, ...]
    column: str
    found: str


@dataclass(frozen=True)
class Fault:
    """One cause on one line (or one word on several), and the cells that mend it.

    `code` is an issue's, or REMARK for a line that somebody wrote of. `may_drop`: taking the line out mends it too.
    """

    code: str
    rows: tuple[int, ...]
    cells: tuple[Cell, ...]
    issues: tuple[Issue, ...] = ()
    may_drop: bool = False

    @property
    def is_warning(self) -> bool:
        """Whether it is justified rather than corrected."""
        return self.code in WARNINGS


def apply_repairs(reading: Reading, repairs: Sequence[Repair]) -> tuple[Reading, tuple[Repair, ...]]:
    """The reading with its corrected cells, and the repairs that are of its sheet: none where sheets are joined.

    A repair of the header's line renames a column; one without column takes its line out. A line or a heading that
    the table has not is added at its end.
    """
    ours = tuple(one for one in repairs if one.sheet == (reading.sheet or "") and not reading.joined)
    if not ours:
        return reading, ours
    names = {
        one.column: one.new for one in ours if one.row == reading.header_row and one.column in reading.table.columns
    }
    dropped = [one.row for one in ours if one.column == WHOLE_LINE and one.new]
    cells = [
        replace(one, column=names.get(one.column, one.column))
        for one in ours
        if one.row != reading.header_row and one.column and one.row not in dropped
    ]
    table = _add_places(reading.table.rename(names), cells)
    for column in dict.fromkeys(one.column for one in cells):
        new = {one.row: one.new for one in cells if one.column == column}
        kept = pl.col("source_row").replace_strict(new, default=pl.col(column), return_dtype=pl.String)
        table = table.with_columns(kept.alias(column))
    table = table.filter(~pl.col("source_row").is_in(dropped))
    positions = {names.get(name, name): at for name, at in reading.positions.items()}
    last, added = max(positions.values(), default=0), [name for name in table.columns[1:] if name not in positions]
    positions |= {name: last + at for at, name in enumerate(added, 1)}
    return replace(reading, table=table, positions=positions), ours


def _add_places(table: pl.DataFrame, cells: Sequence[Repair]) -> pl.DataFrame:
    headings = [name for name in dict.fromkeys(one.column for one in cells) if name not in table.columns]
    table = table.with_columns(pl.lit("").alias(name) for name in headings)
    lines = sorted({one.row for one in cells} - set(table["source_row"]))
    if not lines:
        return table
    more = pl.DataFrame({"source_row": lines}, schema={"source_row": table.schema["source_row"]})
    return pl.concat([table, more], how="diagonal").with_columns(pl.col(pl.String).fill_null(""))


def refuse_unfit(reading: Reading, repairs: Sequence[Repair], today: date) -> None:
    """Raises RepairNamesSomebody or NothingLeft where the file could not be taken any more with these repairs.

    `reading`: the file as it came. A cell may name somebody only under its heading, or beside its neighbours.
    """
    refuse_names(repairs)
    repaired, _ = apply_repairs(reading, repairs)
    if repaired.table.is_empty():
        raise NothingLeft
    register = recognise_register(repaired.table.columns)
    found = find_personal_data(repaired, today, list_organisations(repaired, register))
    for issue in found.of_severity(Severity.BLOCKING):
        raise RepairNamesSomebody(issue.context["kind"])


def refuse_names(repairs: Sequence[Repair]) -> None:
    """Raises RepairNamesSomebody for a cell that holds personal data."""
    for new in {repair.new for repair in repairs}:
        kind = find_in_words(new)
        if kind:
            raise RepairNamesSomebody(kind)


def merge_repairs(before: Sequence[Repair], fresh: Sequence[Repair]) -> tuple[Repair, ...]:
    """All of them, the last of a cell with the first one's `old`; what is as it was in the file is none."""
    merged: dict[tuple[str, int, str], Repair] = {}
    for one in (*before, *fresh):
        cell = (one.sheet, one.row, one.column)
        merged[cell] = replace(one, old=merged[cell].old) if cell in merged else one
    return tuple(one for one in merged.values() if one.old != one.new)


def list_faults(prepared: PreparedSubmission) -> list[Fault]:
    """What can be mended on the page, in the order of the causes; of one word on many lines, one fault."""
    if prepared.reading.joined or prepared.issues.of_code(Code.PERSONAL_DATA):
        return []
    groups: dict[tuple[object, ...], list[Issue]] = {}
    for issue in prepared.issues:
        if issue.row is not None and _is_mendable(prepared, issue):
            same = issue.found if issue.code in SAME_EVERYWHERE else issue.row
            groups.setdefault((issue.code, issue.column, same), []).append(issue)
    lines = Lines(prepared)
    faults: dict[tuple[object, ...], Fault] = {}
    for issues in groups.values():  # two faults of one code that the same cells mend are one
        fault = _as_fault(lines, issues)
        mended_by = (fault.code, fault.rows, fault.cells)
        known = faults.get(mended_by)
        faults[mended_by] = replace(known, issues=(*known.issues, *fault.issues)) if known else fault
    order = list(Code)
    shown = [one for one in faults.values() if (one.cells or one.may_drop) and not is_justified(one)]
    return sorted(shown, key=lambda one: order.index(Code(one.code)))


def _is_mendable(prepared: PreparedSubmission, issue: Issue) -> bool:
    """Whether a cell or a line of the file mends it; of a register, every cell that is named does. Not a heading."""
    if issue.row == prepared.reading.header_row:
        return False
    if prepared.kind != OBSERVATIONS:
        return issue.column is not None
    return issue.code in CELLS_OF_CODE or issue.code in (*OF_A_CELL, *OF_A_LINE)


def is_justified(fault: Fault) -> bool:
    """Whether the comment that a warning asks for is there."""
    is_asked = CELLS_OF_CODE.get(Code(fault.code)) == ("comment",)
    return fault.is_warning and is_asked and all(cell.found for cell in fault.cells)


def list_remarked(prepared: PreparedSubmission, rows: Sequence[int]) -> list[Fault]:
    """The lines that somebody wrote of, with the cells that hold their figures."""
    lines = Lines(prepared)
    columns = [lines.heading(code) for code in (*NUMBERS, "comment")]
    return [
        Fault(REMARK, (row,), tuple(Cell((row,), name, lines.cell(row, name)) for name in columns))
        for row in dict.fromkeys(rows)
        if row in lines.places and not prepared.layout
    ]


@dataclass(frozen=True)
class Lines:
    """The cells of a prepared file by line and heading: what stands there now, '' for what is not there."""

    prepared: PreparedSubmission

    @cached_property
    def places(self) -> dict[int, int]:
        return {row: at for at, row in enumerate(self.prepared.reading.table["source_row"])}

    def cell(self, row: int, column: str) -> str:
        table = self.prepared.reading.table
        return str(table[column][self.places[row]] or "") if column in table.columns and row in self.places else ""

    def heading(self, code: str) -> str:
        """The file's own heading of a column of ours, or the template's."""
        return self.prepared.headings.get(code, COLUMN[code].heading)


def _as_fault(lines: Lines, issues: Sequence[Issue]) -> Fault:
    code = issues[0].code
    rows = tuple(dict.fromkeys(issue.row for issue in issues if issue.row is not None))
    named = list(dict.fromkeys(issue.column for issue in issues if issue.column))
    columns = [lines.heading(one) for one in CELLS_OF_CODE.get(code, ())] or named
    if lines.prepared.kind != OBSERVATIONS:
        columns = named
    if lines.prepared.layout:  # of a foreign table only the cell that is named exists
        columns = [name for name in named if name in lines.prepared.reading.table.columns]
    cells = tuple(Cell(rows, name, lines.cell(rows[0], name)) for name in columns)
    return Fault(code.value, rows, cells, tuple(issues), code in OF_A_LINE)


def mend(prepared: PreparedSubmission, cell: Cell, new: str) -> list[Repair]:
    """The repairs that write `new` in a cell on all its lines."""
    lines = Lines(prepared)
    return [Repair(row, cell.column, lines.cell(row, cell.column), new) for row in cell.rows]


def say_percent(cell: Cell) -> tuple[str, str]:
    """The two readings of a cell such as « 0,35 »: that percent, and a hundred times as much, with all its decimals."""
    times = 100 * Decimal(cell.found.replace(",", ".").strip())
    return f"{cell.found} %", f"{times.normalize():f} %".replace(".", ",")


def take_out(rows: Sequence[int]) -> list[Repair]:
    return [Repair(row, WHOLE_LINE, "", OUT) for row in rows]


def undo(repairs: Sequence[Repair]) -> list[Repair]:
    """The repairs that bring back what was in the file."""
    return [replace(one, old=one.new, new=one.old) for one in repairs]


def name_column(prepared: PreparedSubmission, heading: str, expected: str) -> list[Repair]:
    """The repair that says which of the file's columns is the one that is missing."""
    return [Repair(prepared.reading.header_row, heading, heading, expected)]


def fill_column(prepared: PreparedSubmission, heading: str, value: str) -> list[Repair]:
    """The repairs that write one value on every line."""
    return [Repair(row, heading, "", value) for row in prepared.reading.table["source_row"]]


def list_unavailable(prepared: PreparedSubmission) -> list[int]:
    """The lines whose only faults are of their numbers: they may be said not to be available."""
    if prepared.layout or prepared.reading.joined or prepared.kind != OBSERVATIONS:
        return []
    blocking = prepared.blocking.frame.filter(pl.col("row").is_not_null())
    is_of_number = pl.col("code").is_in([code.value for code in OF_NUMBERS])
    lines = blocking.group_by("row", maintain_order=True).agg(is_of_number.all().alias("may_be"))
    return lines.filter("may_be")["row"].to_list()


def say_unavailable(prepared: PreparedSubmission, rows: Sequence[int], reason: str) -> list[Repair]:
    """The repairs that take the numbers of these lines away and say that there are none, and why."""
    said = {**dict.fromkeys(NUMBERS, ""), "obs_status": ObsStatus.NOT_AVAILABLE.value, "comment": reason}
    lines = Lines(prepared)
    headings = {code: lines.heading(code) for code in said}
    there = {code: name for code, name in headings.items() if name in prepared.reading.table.columns or said[code]}
    return [Repair(row, name, lines.cell(row, name), said[code]) for row in rows for code, name in there.items()]


def add_unavailable(
    prepared: PreparedSubmission, missing: Sequence[tuple[str, str, str, str]], reason: str
) -> list[Repair]:
    """The repairs that add a line for each expected figure that nobody has: territory, indicator, period, source."""
    last = max([0, *prepared.reading.table["source_row"], *(one.row for one in prepared.repairs)])
    names = ("territory_code", "indicator_code", "period", "source")
    repairs = []
    for line, item in enumerate(missing, last + 1):
        cells = dict(zip(names, item, strict=True)) | {"obs_status": ObsStatus.NOT_AVAILABLE.value, "comment": reason}
        cells["period"] = write_period(cells["period"])
        repairs += [Repair(line, Lines(prepared).heading(code), "", word) for code, word in cells.items()]
    return repairs
