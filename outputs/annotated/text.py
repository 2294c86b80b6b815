"""An annotated text: its own bytes, and a column of remarks at its right."""

from __future__ import annotations

import codecs
import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from outputs.annotated.remarks import say_remark
from schemas.issue import Issues
from schemas.observation import REMARKS_HEADING
from schemas.reading import Reading
from texts import Words

LONGEST_RECORD, PATIENCE = 300, 300_000
PLAIN = {"\u202f": "\u00a0", "’": "'", "“": '"', "”": '"', "\u2212": "-", "–": "-", "…": "..."}


@dataclass(frozen=True)
class Record:
    """One record of a text as it stands: the line it begins on, its letters, its line end, its cells."""

    line: int
    body: str
    end: str
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def annotate_text(content: bytes, reading: Reading, issues: Issues, words: Words) -> bytes:
    """Every record from the header on with one more cell; what stands above, and blank lines, as they were."""
    encoding, errors = _find_codec(content, reading)
    text = content.decode(encoding, errors)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    how = _find_quotes(text, reading.separator or ";")
    records = _drop_old_remarks(_cut_records(text.removeprefix(mark), how), reading.header_row, how)
    remarks = _place_remarks(records, reading, issues, words)
    cells = {line: _in_encoding(" ".join(said), encoding) for line, said in remarks.items()}
    headings = next((one.cells for one in records if one.line == reading.header_row), None)
    cells |= {one.line: REMARKS_HEADING for one in records if one.cells == headings}
    annotated = "".join(_add_column(records, cells, how))
    if encoding == "utf-8" and text.isascii():  # nothing said the encoding before, and our words need it
        mark = "\ufeff"
    return (mark + annotated).encode(encoding, errors)


def _find_codec(content: bytes, reading: Reading) -> tuple[str, str]:
    """The encoding, and a way with wrong bytes that gives them back as they were."""
    encoding = reading.encoding or "utf-8"
    if encoding.replace("_", "-").startswith("utf-16"):
        return ("utf-16-be" if content.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"), "replace"
    return encoding, "surrogateescape"


def _find_quotes(text: str, separator: str) -> dict[str, Any]:
    """How `csv` is to cut this text."""
    singles, doubles = text.count(f"{separator}'"), text.count(f'{separator}"')
    quote = "'" if singles >= 4 and singles > 4 * doubles else '"'
    spaced = re.search(f"{re.escape(separator)} +{quote}", text)
    skips = separator != " " and spaced is not None and f"{separator}{quote}" not in text
    return {"delimiter": separator, "quotechar": quote, "skipinitialspace": skips}


def _cut_records(text: str, how: dict[str, Any]) -> list[Record]:
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    records, at, patience = [], 0, PATIENCE
    while at < len(lines):
        ahead = LONGEST_RECORD if patience > 0 else 1
        cells, taken, looked = _read_record(lines, at, at + ahead, how)
        patience -= looked - taken
        raw = "".join(lines[at : at + taken])
        body = raw.rstrip("\r\n")
        records.append(Record(at + 1, body, raw[len(body) :], cells))
        at += taken
    return records


def _read_record(lines: list[str], at: int, end: int, how: dict[str, Any]) -> tuple[list[str], int, int]:
    """The cells of the record that begins on a line, how many lines it takes, and how many were looked at.

    A quote out of place, or never closed, is a letter.
    """
    line, last = lines[at].rstrip("\r\n"), min(end, len(lines))
    places = iter(range(at, last))
    if how["quotechar"] in line:
        reader = csv.reader((lines[place] for place in places), strict=True, **how)
        with suppress(csv.Error):
            return next(reader), reader.line_num, reader.line_num
        return line.split(how["delimiter"]), 1, next(places, last) - at
    return line.split(how["delimiter"]), 1, 1


def _place_remarks(records: list[Record], reading: Reading, issues: Issues, words: Words) -> dict[int, list[str]]:
    """The remarks of each record by its line; those on the whole file stand on the first row of figures.

    Line 0 has them where there is no such row.
    """
    starts = [record.line for record in records]
    ends = [*starts[1:], starts[-1] + LONGEST_RECORD] if starts else []
    line_of = {line: start for start, end in zip(starts, ends, strict=True) for line in range(start, end)}
    first = next((one.line for one in records if one.line > reading.header_row and not one.is_blank), 0)
    remarks: dict[int, list[str]] = defaultdict(list)
    for issue in issues:
        said = say_remark(issue, words, says_column=True)
        if issue.row is None:
            said = words("annotated.whole_file", what=said)
        remarks[line_of.get(issue.row, first) if issue.row is not None else first].append(said)
    return remarks


def _drop_old_remarks(records: list[Record], header_row: int, how: dict[str, Any]) -> list[Record]:
    """The records without the column that an earlier copy added."""
    header = next((one for one in records if one.line == header_row), None)
    if header is None or header.cells[-1].strip() != REMARKS_HEADING:
        return records
    width = len(header.cells)
    is_row = {one.line: one.line >= header_row and len(one.cells) == width for one in records}
    return [_drop_last_cell(one, how) if is_row[one.line] else one for one in records]


def _drop_last_cell(record: Record, how: dict[str, Any]) -> Record:
    """The record without its last cell; the same record where that cell is not written in a usual way."""
    last, quote = record.cells[-1], how["quotechar"]
    for spelling in (last, f"{quote}{last.replace(quote, quote * 2)}{quote}"):
        if record.body.endswith(how["delimiter"] + spelling):
            body = record.body.removesuffix(how["delimiter"] + spelling)
            return replace(record, body=body, cells=record.cells[:-1])
    return record


def _add_column(records: list[Record], cells: dict[int, str], how: dict[str, Any]) -> Iterator[str]:
    """Each record as it is written, with its cell at the right of the widest; those above the table stay as they are.

    `cells` is by line: the header, and what has remarks; line 0 gets a record of its own at the end.
    """
    separator, quote = how["delimiter"], how["quotechar"]
    start = min(filter(None, cells), default=1)
    table = [one for one in records if one.line >= start]
    width = max((len(one.cells) for one in table), default=1)
    quotes_all = bool(table) and len(table[0].body) > 1 and table[0].body[0] == table[0].body[-1] == quote
    line_end = next((one.end for one in records if one.end), "\r\n")
    for record in records:
        if record.line < start or not record.body.strip():
            yield record.body + record.end
            continue
        cell = _quote(cells.get(record.line, ""), separator, quote, quotes_all)
        yield record.body + separator * (width - len(record.cells) + 1) + cell + record.end
    if 0 in cells:
        yield "" if records and records[-1].end else line_end
        yield separator * width + _quote(cells[0], separator, quote, quotes_all) + line_end


def _quote(cell: str, separator: str, quote: str, quotes_all: bool) -> str:
    needs_quotes = quotes_all or separator in cell or quote in cell
    return f"{quote}{cell.replace(quote, quote * 2)}{quote}" if needs_quotes else cell


def _in_encoding(text: str, encoding: str) -> str:
    """The text in the letters that the encoding has."""
    return "".join(letter if _has_letter(letter, encoding) else PLAIN.get(letter, "?") for letter in text)


@cache
def _has_letter(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
