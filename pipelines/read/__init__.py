"""Bytes -> text cells with the line a person sees. Nothing is converted here, nothing left out in silence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import PurePath

import polars as pl

from pipelines.cells import MOST_COLUMNS, Row
from pipelines.read.table import (
    HEADER_WITHIN,
    Header,
    as_frame,
    find_header,
    header_is_empty,
    trim_table,
)
from pipelines.read.text import (
    UTF_8,
    are_wrapped,
    decode,
    decode_start,
    find_dialect,
    read_regular,
    read_rows,
    refuse_strange_signs,
    split_lines,
    unwrap_lines,
)
from pipelines.read.workbook import Sheet, is_workbook, list_aside, read_sheets
from schemas.issue import UnreadableFile
from schemas.observation import OBSERVATION_COLUMNS
from schemas.reading import Aside, Reading
from schemas.words import plain_word

__all__ = [
    "Reading",
    "UnreadableFile",
    "header_is_empty",
    "list_rows",
    "read_document",
    "read_every_sheet",
    "read_table",
]

WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|table|\?xml)\b", re.IGNORECASE)
PICTURES_AND_PAPERS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"RIFF", b"\x1f\x8b")
TEMPLATE = re.compile(r"Cap commun\s*;\s*modele observations\s*;\s*version (\d{4}-\d{2}-\d{2})")
MOST_BYTES = 150_000_000
WIDEST_START = 5_000_000
FEWEST_OURS = 3
TEXT_GUARD = r'^="(.*)"$'


def read_table(content: bytes, filename: str, sheet: str | None = None) -> pl.DataFrame:
    """The table of `read_document`: text columns named by the header, and `source_row` first."""
    return read_document(content, filename, sheet).table


def read_document(content: bytes, filename: str, sheet: str | None = None) -> Reading:
    """Find the table in a text or a workbook.

    The content decides what a file is, never its name. Of several sheets the one asked for, else the first visible
    one whose headings are those of the `observations` file, else the first that holds a table. Raises
    UnreadableFile(code, filename).
    """
    filename = _refuse_what_holds_no_table(content, filename)
    if is_workbook(content):
        return _choose_table(*read_sheets(content, filename), filename, sheet)
    return _read_text(content, filename)


def read_every_sheet(content: bytes, filename: str) -> tuple[Reading, ...]:
    """The reading of each visible sheet that holds a table, in their order; of a text its one reading."""
    filename = _refuse_what_holds_no_table(content, filename)
    if not is_workbook(content):
        return (_read_text(content, filename),)
    kind, sheets = read_sheets(content, filename)
    tables = [one.name for one in sheets if not one.is_hidden and find_header(one.rows)]
    return tuple(_choose_table(kind, sheets, filename, name) for name in tables)


def list_rows(content: bytes, filename: str, sheet: str | None = None) -> list[Row]:
    """Every row that holds something, with its line: the whole sheet, or the whole text."""
    filename = _refuse_what_holds_no_table(content, filename)
    if is_workbook(content):
        _, sheets = read_sheets(content, filename)
        return next((one.rows for one in sheets if one.name == sheet), sheets[0].rows if sheets else [])
    text = unwrap_lines(decode(content, filename)[0])
    return read_rows(text, find_dialect(text), filename)


def _refuse_what_holds_no_table(content: bytes, filename: str) -> str:
    """The bare file name, for content that may be a table."""
    filename = PurePath(filename.replace("\\", "/")).name
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", filename, limit=str(MOST_BYTES // 1_000_000))
    if not content[:4096].strip() and not content.strip():
        raise UnreadableFile("empty_file", filename)
    if content.startswith(PICTURES_AND_PAPERS):
        raise UnreadableFile("not_a_table", filename)
    if WEB_PAGE.match(content[:200]):
        raise UnreadableFile("web_page", filename)
    return filename


def _read_text(content: bytes, filename: str) -> Reading:
    start, encoding = decode_start(content)
    start = "" if are_wrapped(start) else start
    if start:
        refuse_strange_signs(start, filename)
        found = _read_regular(content, start, encoding, filename)
        if found:
            return found
    text, encoding = decode(content, filename)
    text = unwrap_lines(text)
    dialect = find_dialect(text)
    _refuse_wide(text[:WIDEST_START], dialect.separator, filename)
    regular = None if start else read_regular(text.encode(), text, dialect)
    if regular:
        frame, header, rows = regular
    else:
        rows = read_rows(text, dialect, filename)
        header = _require_header(rows, filename)
        frame = as_frame(rows[header.last + 1 :], header.names, filename)
    reading = Reading(frame, filename, "csv", 0, (), {}, encoding, dialect.separator)
    return _complete(reading, frame, header, rows, [])


def _read_regular(content: bytes, start: str, encoding: str, filename: str) -> Reading | None:
    """The reading of a UTF-8 text that polars reads as it is, without decoding more than its start."""
    dialect = find_dialect(start)
    _refuse_wide(start[:WIDEST_START], dialect.separator, filename)
    regular = read_regular(content.removeprefix(UTF_8), start, dialect)
    if not regular:
        return None
    frame, header, rows = regular
    reading = Reading(frame, filename, "csv", 0, (), {}, encoding, dialect.separator)
    return _complete(reading, frame, header, rows, [], has_guards=b'"' in content)


def _refuse_wide(start: str, separator: str, filename: str) -> None:
    if max((line.count(separator) for line in split_lines(start, HEADER_WITHIN)), default=0) >= MOST_COLUMNS:
        raise UnreadableFile("too_many_columns", filename, limit=str(MOST_COLUMNS))


def _choose_table(kind: str, sheets: list[Sheet], filename: str, wanted: str | None) -> Reading:
    if wanted is not None and wanted not in [one.name for one in sheets]:
        there = ", ".join(one.name for one in sheets)
        raise UnreadableFile("sheet_not_found", filename, sheet=wanted, sheets=there)
    tables = [one for one in sheets if not one.is_hidden and find_header(one.rows)]
    chosen = next((one for one in sheets if one.name == wanted), None) if wanted else _choose_sheet(tables)
    if chosen is None:
        raise UnreadableFile("no_table", filename)
    header = _require_header(chosen.rows, filename)
    frame = as_frame(chosen.rows[header.last + 1 :], header.names, filename)
    names = tuple(one.name for one in tables)
    fitting = () if wanted else tuple(one.name for one in tables if _count_our_headings(one) >= FEWEST_OURS)
    reading = Reading(frame, filename, kind, 0, sheet=chosen.name, sheets=names, fitting=fitting)
    reading = _complete(reading, frame, header, chosen.rows, list_aside(sheets, chosen))
    lines = frozenset(reading.table["source_row"])
    return replace(reading, hidden_lines=tuple(line for line in chosen.hidden_lines if line in lines))


def _require_header(rows: list[Row], filename: str) -> Header:
    header = find_header(rows)
    if header is None:
        raise UnreadableFile("no_table", filename)
    return header


def _choose_sheet(tables: list[Sheet]) -> Sheet | None:
    """The sheet with most headings of the `observations` file, else the first with a table."""
    ours = [one for one in tables if _count_our_headings(one) >= FEWEST_OURS]
    return max(ours or tables[:1], key=_count_our_headings, default=None)


def _count_our_headings(sheet: Sheet) -> int:
    header = find_header(sheet.rows)
    ours = {word for column in OBSERVATION_COLUMNS for word in (column.heading, column.code, *column.synonyms)}
    return len(ours & {plain_word(name) for name in header.names}) if header else 0


def _complete(
    reading: Reading,
    frame: pl.DataFrame,
    header: Header,
    rows: list[Row],
    elsewhere: list[Aside],
    has_guards: bool = True,
) -> Reading:
    """The reading with its table trimmed, and everything that stands outside it."""
    table, aside, positions = trim_table(frame, header.names)
    titles = [Aside(line, cell, "title") for line, cells in rows[: header.first] for cell in cells if cell.strip()]
    mark = TEMPLATE.search(";".join(one.text for one in titles))
    return Reading(
        table=_without_text_guards(table) if has_guards else table,
        filename=reading.filename,
        kind=reading.kind,
        header_row=rows[header.last][0] if header.last >= header.first else 0,
        aside=(*titles, *aside, *elsewhere),
        positions=positions,
        encoding=reading.encoding,
        separator=reading.separator,
        sheet=reading.sheet,
        sheets=reading.sheets,
        fitting=reading.fitting if len(reading.fitting) > 1 else (),
        template_on=date.fromisoformat(mark[1]) if mark else None,
    )


def _without_text_guards(table: pl.DataFrame) -> pl.DataFrame:
    """`="01053"` is how spreadsheets are told that 01053 is a text."""
    guarded = [name for name in table.columns[1:] if table[name].str.starts_with('="').any()]
    return table.with_columns(pl.col(guarded).str.replace(TEXT_GUARD, "${1}")) if guarded else table
