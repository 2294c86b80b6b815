"""Bytes -> text cells with the line a person sees. Nothing is converted here."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath

import polars as pl
import python_calamine

from schemas.issue import UnreadableFile

SEPARATORS = (";", ",", "\t", "|")
HEADER_WITHIN = 15
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
PICTURES_AND_PAPERS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"RIFF", b"\x1f\x8b", b"BM")

Row = tuple[int, list[str]]
"""The line number a person sees, and the cells."""


@dataclass(frozen=True)
class Reading:
    """A table as found, all text, with `source_row`, and what was understood of the file."""

    table: pl.DataFrame
    filename: str
    kind: str  # csv or xlsx
    header_row: int
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None


def read_table(content: bytes, filename: str, sheet: str | None = None) -> pl.DataFrame:
    """The table of `read_document`: text columns named by the header, and `source_row` first."""
    return read_document(content, filename, sheet).table


def read_document(content: bytes, filename: str, sheet: str | None = None) -> Reading:
    """Find the table in a CSV or a workbook.

    The content decides what a file is, never its name. Raises UnreadableFile(code, filename).
    """
    filename = PurePath(filename.replace("\\", "/")).name
    if not content.strip():
        raise UnreadableFile("empty_file", filename)
    if content.startswith(ZIP):
        return _read_workbook(content, filename, sheet)
    if content.startswith(OLD_OFFICE):
        raise UnreadableFile("old_workbook", filename)
    if content.startswith(PICTURES_AND_PAPERS) or b"\x00" in content[:4096]:
        raise UnreadableFile("not_a_table", filename)
    return _read_csv(content, filename)


def _read_csv(content: bytes, filename: str) -> Reading:
    encoding = "utf-8-sig" if _is_utf8(content) else "cp1252"
    text = content.decode(encoding, errors="replace")
    try:
        separator = _find_separator(text)
        rows = _split_rows(text, separator)
    except csv.Error as error:
        raise UnreadableFile("not_a_table", filename) from error
    header_at = _find_header(rows, filename)
    table = _as_table(rows, header_at)
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    return Reading(table, filename, "csv", rows[header_at][0], name, separator)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split_rows(text: str, separator: str) -> list[Row]:
    """Cells of each record with the number of its first line; blank lines are counted, not kept."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows, first_line = [], 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append((first_line, cells))
        first_line = reader.line_num + 1
    return rows


def _find_separator(text: str) -> str:
    """The separator that gives the most cells to the most lines of the beginning."""
    beginning = "\n".join(text.splitlines()[:60])

    def agreement(separator: str) -> tuple[int, int]:
        widths = [len(cells) for _, cells in _split_rows(beginning, separator)]
        common = max(set(widths), key=lambda width: (widths.count(width) if width > 1 else 0, width), default=1)
        return (widths.count(common) if common > 1 else 0, common)

    return max(SEPARATORS, key=agreement)


def _find_header(rows: list[Row], filename: str) -> int:
    """The first row that fills as many cells as the widest of the beginning; a table has two rows at least."""
    filled = [sum(1 for cell in cells if cell.strip()) for _, cells in rows[:HEADER_WITHIN]]
    if not filled or max(filled) < 2:
        raise UnreadableFile("no_table", filename)
    return next(at for at, count in enumerate(filled) if count >= 0.8 * max(filled))


def _as_table(rows: list[Row], header_at: int) -> pl.DataFrame:
    header = [re.sub(r"\s+", " ", cell).strip() for cell in rows[header_at][1]]
    body = rows[header_at + 1 :]
    width = max([len(header), *(len(cells) for _, cells in body)])
    names = _distinct_names(header + [""] * (width - len(header)))
    padded = [cells + [""] * (width - len(cells)) for _, cells in body]
    columns = list(zip(*padded, strict=True)) if padded else [()] * width
    data = {"source_row": pl.Series([line for line, _ in body], dtype=pl.Int64)}
    for name, cells in zip(names, columns, strict=True):
        if header_is_empty(name) and not any(cell.strip() for cell in cells):
            continue
        data[name] = pl.Series(cells, dtype=pl.String)
    return pl.DataFrame(data)


def header_is_empty(name: str) -> bool:
    """Whether a column name was made by this room for a column without heading."""
    return re.fullmatch(r"\(\d+\)", name) is not None


def _distinct_names(header: list[str]) -> list[str]:
    """Headings as found; one without words becomes `(4)`, its position; one met again gets its position too."""
    names: list[str] = []
    for position, heading in enumerate(header, 1):
        name = heading or f"({position})"
        names.append(f"{name} ({position})" if name in (*names, "source_row") else name)
    return names


def _read_workbook(content: bytes, filename: str, sheet: str | None) -> Reading:
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError, OSError) as error:
        raise UnreadableFile("unreadable_workbook", filename) from error
    if sheet is not None and sheet not in workbook.sheet_names:
        raise UnreadableFile("sheet_not_found", filename, sheet=sheet, sheets=", ".join(workbook.sheet_names))
    for name in [sheet] if sheet else workbook.sheet_names:
        try:
            found = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except (python_calamine.CalamineError, python_calamine.XmlError) as error:
            raise UnreadableFile("unreadable_workbook", filename) from error
        rows = [(line, [_cell_text(cell) for cell in cells]) for line, cells in enumerate(found, 1)]
        rows = [row for row in rows if any(cell.strip() for cell in row[1])]
        try:
            header_at = _find_header(rows, filename)
        except UnreadableFile:
            continue
        return Reading(_as_table(rows, header_at), filename, "xlsx", rows[header_at][0], sheet=name)
    raise UnreadableFile("no_table", filename)


def _cell_text(cell: object) -> str:
    """What a workbook cell says, in text: 38.0 is `38`, a date is ISO, true is `TRUE`."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def list_cells(reading: Reading) -> itertools.chain[tuple[int, str, str]]:
    """Every non-empty cell as (source_row, heading, text), column by column; headings themselves first."""
    rows = reading.table["source_row"].to_list()
    headings = [name for name in reading.table.columns if name != "source_row"]
    body = (
        (row, name, cell) for name in headings for row, cell in zip(rows, reading.table[name], strict=True) if cell
    )
    return itertools.chain(((reading.header_row, name, name) for name in headings), body)
