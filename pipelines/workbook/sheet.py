"""A sheet of a workbook as rows of texts, whatever format it came in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pipelines.cells import MOST_COLUMNS, Row, is_figure

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_CELLS = 1_200_000
MOST_MERGED = 10_000
LEADING_ZEROS = re.compile("0[0#]+")


@dataclass(frozen=True)
class Sheet:
    """One sheet: the rows that hold something, its notes with their lines, the lines that are hidden, and whether
    people see it."""

    name: str
    rows: list[Row]
    notes: tuple[tuple[int | None, str], ...] = ()
    hidden_lines: tuple[int, ...] = ()
    is_hidden: bool = False


class RefusedWorkbook(Exception):
    """A workbook that is not read: `code` is one of `schemas.issue.UNREADABLE`, `context` what its sentence needs."""

    def __init__(self, code: str, **context: str) -> None:
        super().__init__(code)
        self.code = code
        self.context = context


@dataclass
class Budget:
    """How many cells may still be read: a sheet that says it has millions is not waited for."""

    left: int = MOST_CELLS

    def spend(self, cells: int) -> None:
        self.left -= cells
        if self.left < 0:
            raise RefusedWorkbook("too_many_cells", limit=str(MOST_CELLS))


def add_row(rows: list[Row], line: int, texts: list[str], budget: Budget) -> None:
    while texts and not texts[-1].strip():
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        raise RefusedWorkbook("too_many_columns", limit=str(MOST_COLUMNS))
    if texts:
        rows.append((line, texts))


def fill_merged(rows: list[Row], merged: list[tuple[int, int, int, int]], budget: Budget) -> list[Row]:
    """Words merged downwards hold for every row they cover; those merged sideways stay in their first column.

    `merged`: first column, first row, last column and last row. A figure is of its first row only: whose the others
    are is not for us to say.
    """
    lines = [line for line, _ in rows]
    for column, first, _, last in merged[:MOST_MERGED]:
        begin, end = bisect_left(lines, first), bisect_right(lines, last)
        cells = rows[begin][1] if begin < end and lines[begin] == first else []
        text = cells[column - 1] if column <= len(cells) else ""
        if not text or is_figure(text):
            continue
        budget.spend(end - begin)
        for _, below in rows[begin + 1 : end]:
            budget.spend(max(0, column - len(below)))
            below += [""] * (column - len(below))
            below[column - 1] = below[column - 1] or text
    return rows


def cell_text(value: object, number_format: str = "") -> str:
    """What a cell says, in text: 38.0 is `38`, 0.268 shown in percent is `26.8%`, a date is ISO, true is `TRUE`."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        bare = re.sub(r'[\\" .-]', "", number_format)
        if LEADING_ZEROS.fullmatch(bare) and value == int(value) and value >= 0:
            return f"{int(value):0{len(bare)}d}"
        if "%" in number_format:
            return f"{round(100 * value, 10):.15g}%"
        return f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
