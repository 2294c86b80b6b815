"""Bytes -> text cells with the line a person sees. Nothing is converted here."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError

import openpyxl
import polars as pl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from schemas.issue import UnreadableFile

SEPARATORS = (";", ",", "\t", "|")
HEADER_WITHIN = 15
MOST_UNPACKED = 300_000_000
# What openpyxl and its parsers raise over a workbook with wrong bytes in it.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
PICTURES_AND_PAPERS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"RIFF", b"\x1f\x8b")

Row = tuple[int, list[str]]
"""The line number a person sees, and the cells."""


@dataclass(frozen=True)
class Reading:
    """A table as found, all text, with `source_row`, and what was understood of the file."""

    table: pl.DataFrame
    filename: str
    kind: str  # csv or xlsx
    header_row: int
    aside: tuple[tuple[int, str], ...] = ()  # what stands outside the table: (line, text)
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
    is_text = content.startswith(UTF_16_MARKS) or b"\x00" not in content[:4096]
    if content.startswith(PICTURES_AND_PAPERS) or not is_text:
        raise UnreadableFile("not_a_table", filename)
    return _read_csv(content, filename)


def _read_csv(content: bytes, filename: str) -> Reading:
    encoding = _find_encoding(content)
    text = content.decode(encoding, errors="replace")
    try:
        separator = _find_separator(text)
        rows = _split_rows(text, separator)
    except csv.Error as error:
        raise UnreadableFile("not_a_table", filename) from error
    header_at = _find_header(rows)
    if header_at is None:
        raise UnreadableFile("no_table", filename)
    aside = _cells_of(rows[:header_at])
    name = encoding.removesuffix("-sig")
    return Reading(_as_table(rows, header_at), filename, "csv", rows[header_at][0], aside, name, separator)


def _find_encoding(content: bytes) -> str:
    if content.startswith(UTF_16_MARKS):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _split_rows(text: str, separator: str) -> list[Row]:
    """Cells of each record with the number of its first line; blank lines are counted, not kept.

    A quote that is never closed would swallow every line behind it: then quotes are read as letters.
    """
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
    except csv.Error as error:
        quoting = csv.QUOTE_NONE if "unexpected end of data" in str(error) else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
    rows, first_line = [], 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append((first_line, cells))
        first_line = reader.line_num + 1
    return rows


def _cells_of(rows: list[Row]) -> tuple[tuple[int, str], ...]:
    """The texts of rows outside the table, each with its line."""
    return tuple((line, cell) for line, cells in rows for cell in cells if cell.strip())


def _find_separator(text: str) -> str:
    """The separator that gives the most cells to the most lines of the beginning."""
    beginning = "\n".join(text.splitlines()[:60])

    def agreement(separator: str) -> tuple[int, int]:
        widths = [len(cells) for _, cells in _split_rows(beginning, separator)]
        common = max(set(widths), key=lambda width: (widths.count(width) if width > 1 else 0, width), default=1)
        return (widths.count(common) if common > 1 else 0, common)

    return max(SEPARATORS, key=agreement)


def _find_header(rows: list[Row]) -> int | None:
    """The first row of the beginning that fills nearly as many cells as its widest; None where none fills two."""
    filled = [sum(1 for cell in cells if cell.strip()) for _, cells in rows[:HEADER_WITHIN]]
    if not filled or max(filled) < 2:
        return None
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
    """The first sheet that holds a table, or the one asked for; every cell as the person sees its value."""
    _refuse_what_is_no_plain_workbook(content, filename)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        names = [one.title for one in workbook.worksheets]
        if sheet is not None and sheet not in names:
            raise UnreadableFile("sheet_not_found", filename, sheet=sheet, sheets=", ".join(names))
        sheets = {name: _list_rows(workbook[name]) for name in names}
        notes = _list_notes(content)
    except DAMAGE as error:
        raise UnreadableFile("unreadable_workbook", filename) from error
    headers = {name: _find_header(sheets[name]) for name in ([sheet] if sheet else names)}
    found = next(((name, at) for name, at in headers.items() if at is not None), None)
    if found is None:
        raise UnreadableFile("no_table", filename)
    name, header_at = found
    rows = sheets[name]
    elsewhere = [row for other, of_sheet in sheets.items() if other != name for row in of_sheet]
    aside = _cells_of(rows[:header_at] + elsewhere) + tuple((0, text) for text in notes)
    return Reading(_as_table(rows, header_at), filename, "xlsx", rows[header_at][0], aside, sheet=name)


def _list_notes(content: bytes) -> list[str]:
    """The notes and comments on the cells of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if re.search(r"xl/(comments|threadedComments)", name)]
        return ["".join(ElementTree.fromstring(archive.read(part)).itertext()) for part in parts]


def _refuse_what_is_no_plain_workbook(content: bytes, filename: str) -> None:
    """A zip of something else, a workbook with macros, or one that unpacks to more than anyone sends."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except DAMAGE as error:
        raise UnreadableFile("unreadable_workbook", filename) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile("not_a_table", filename)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableFile("macro_workbook", filename)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableFile("too_large", filename, limit=str(MOST_UNPACKED // 1_000_000))


def _list_rows(sheet: ReadOnlyWorksheet) -> list[Row]:
    """The rows that hold something, with their number in the sheet; empty cells at the end of a row are left."""
    sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
    rows = []
    for line, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_cell_text(cell.value, cell.number_format) if cell.value is not None else "" for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            rows.append((line, texts))
    return rows


def _cell_text(value: object, number_format: str) -> str:
    """What a cell says, in text: 38.0 is `38`, 0.268 shown in percent is `26.8%`, a date is ISO, true is `TRUE`."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{round(100 * value, 10):.15g}%"
        return f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
