"""The file that someone sent, given back with what is to be corrected in it: marked cells, or a column of remarks.

A workbook keeps its formats, merged cells and other sheets; a text keeps its bytes. Nothing is said of a cell that
is not in the file already.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from schemas.issue import Issue, Issues, UnreadableFile
from schemas.observation import REMARKS_HEADING
from schemas.reading import Reading
from schemas.words import Severity
from texts import LANGUAGES, Words, load_words
from texts.sentences import say_cause, say_place

Rows = Sequence[tuple[int, list[str]]]
"""The lines of a sheet, each with its number, every cell as text."""

MARKED_BY = "Cap commun"
FILL = {Severity.BLOCKING: "FFFFD9D6", Severity.WARNING: "FFFFF3BF"}
BEFORE_THEIRS = "\n\n" + "\u2014" * 8 + "\n"
LONGEST_TEXT, MOST_ROWS, MOST_LINKS = 32_767, 1_048_576, 65_530
LIST_WIDTHS = {"row": 9, "column": 24, "cell": 10, "severity": 14, "what": 110}
NOTE_WIDTH, NOTE_LETTERS, NOTE_LINE, NOTE_HEIGHTS = 320, 48, 18, (60, 400)  # in pixels, and letters on a line
LONGEST_RECORD, LONGEST_NAME = 60, 120
# What openpyxl raises over a workbook that a more patient reader has read.
NOT_LOADED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    struct.error,
)
PLAIN = {"\u202f": "\u00a0", "’": "'", "“": '"', "”": '"', "\u2212": "-", "–": "-", "…": "..."}


def write_annotated(
    content: bytes, reading: Reading, issues: Issues, words: Words, rows: Rows | None = None
) -> tuple[bytes, str]:
    """The annotated copy and its file name.

    `rows`, all lines of the sheet read, are needed for what openpyxl does not write (xls, xlsb, ods): the copy then is
    an XLSX of their texts. Raises UnreadableFile where a workbook can neither be loaded nor copied.
    """
    issues = issues.in_order()
    if reading.kind == "csv":
        return _annotate_text(content, reading, issues, words), name_annotated(reading, words)
    book = _load_book(content, reading) or _copy_as_text(reading, rows)
    sheet = book[reading.sheet] if reading.sheet in book.sheetnames else book.worksheets[0]
    _forget_marks(book, sheet)
    places = _mark_cells(sheet, reading, issues, words)
    _list_issues(book, sheet, issues, places, words)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue(), name_annotated(reading, words)


def name_annotated(reading: Reading, words: Words) -> str:
    """« chiffres - à corriger.xlsx », in letters that every system takes; not said twice of a copy of a copy."""
    suffix = "csv" if reading.kind == "csv" else "xlsx"
    name = re.sub(r"\.(csv|txt|tsv|xlsx|xlsm|xlsb|xls|ods)$", "", reading.filename, flags=re.IGNORECASE)
    name = name.removesuffix(words("annotated.filename", name=""))
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', "_", name).strip(" .")[:LONGEST_NAME] or "observations"
    return f"{words('annotated.filename', name=name)}.{suffix}"


def _say_remark(issue: Issue, words: Words, says_column: bool) -> str:
    """« À corriger. La case est vide. ... », on one line, with the column where the place does not tell it."""
    place = say_place(words, replace(issue, row=None)) if says_column else ""
    return words("annotated.remark", severity=_say_severity(issue, words), what=_say_what(issue, words, place))


def _say_severity(issue: Issue, words: Words) -> str:
    return words(f"annotated.{issue.severity}")


def _say_what(issue: Issue, words: Words, place: str = "") -> str:
    text = " ".join(f"{place}{say_cause(words, issue)}".splitlines())
    return text[:1].upper() + text[1:]


# Workbooks


def _load_book(content: bytes, reading: Reading) -> Workbook | None:
    """Their workbook, to be calculated anew when it is opened; None for one that openpyxl cannot load."""
    if reading.kind != "xlsx":
        return None
    try:
        book = load_workbook(io.BytesIO(content), rich_text=True)
    except NOT_LOADED:
        return None
    if not any(sheet.title == reading.sheet for sheet in book.worksheets):
        return None
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    return book


def _copy_as_text(reading: Reading, rows: Rows | None) -> Workbook:
    if rows is None:
        raise UnreadableFile("unreadable_workbook", reading.filename)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = re.sub(r"[\[\]:*?/\\]", "_", reading.sheet or "")[:31] or sheet.title
    for line, cells in rows:
        for at, text in enumerate(cells, 1):
            if text:
                _write_text(sheet, line, at, text).number_format = "@"
    return book


def _write_text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """A text is written as a text, never as a formula, and without the signs that a workbook cannot hold."""
    cell = sheet.cell(row, column)
    cell.value = _without_strange_signs(text)
    cell.data_type = "s"
    return cell


def _without_strange_signs(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)


def _forget_marks(book: Workbook, sheet: Worksheet) -> None:
    """Take off what an earlier copy said, so that a corrected cell is not marked any more."""
    for cell in list(sheet._cells.values()):
        if cell.comment is not None and cell.comment.author == MARKED_BY:
            _, _, theirs = cell.comment.text.partition(BEFORE_THEIRS)
            cell.comment = Comment(theirs, None) if theirs else None
            if cell.fill.fgColor.rgb in FILL.values():
                cell.fill = PatternFill()
    for words in map(load_words, LANGUAGES):
        for old in [one for one in book.worksheets if one.title.startswith(words("annotated.sheet"))]:
            if [old.cell(1, at).value for at in range(1, len(LIST_WIDTHS) + 1)] == _list_headings(words):
                book.remove(old)


def _mark_cells(sheet: Worksheet, reading: Reading, issues: Issues, words: Words) -> list[str | None]:
    """Fill and comment every faulty cell. Returned: the cell of each issue, None where no cell is at fault."""
    remarks: dict[str, list[str]] = defaultdict(list)
    worst: dict[str, Severity] = {}
    places: list[str | None] = []
    for issue in issues:
        place = _find_place(sheet, reading, issue)
        places.append(place)
        if place is None:
            continue
        remarks[place].append(_say_remark(issue, words, issue.column not in reading.positions))
        if worst.get(place) is not Severity.BLOCKING:
            worst[place] = issue.severity
    for place, said in remarks.items():
        cell = sheet[place]
        cell.fill = PatternFill("solid", fgColor=FILL[worst[place]])
        cell.comment = _write_comment(said, cell.comment, words)
    return places


def _find_place(sheet: Worksheet, reading: Reading, issue: Issue) -> str | None:
    """The cell at fault, the first of its row, or its heading; of merged cells the one that shows."""
    position = reading.positions.get(issue.column or "")
    if issue.row is None and (position is None or not reading.header_row):
        return None
    row = issue.row or reading.header_row
    cell = sheet.cell(row, position or min(reading.positions.values(), default=1))
    if isinstance(cell, MergedCell):
        around = next(one for one in sheet.merged_cells.ranges if cell.coordinate in one)
        cell = sheet.cell(around.min_row, around.min_col)
    return str(cell.coordinate)


def _write_comment(said: list[str], existing: Comment | None, words: Words) -> Comment:
    theirs = f"{BEFORE_THEIRS}{existing.text}" if existing is not None else ""
    text = _without_strange_signs(_fit(said, LONGEST_TEXT - len(theirs), words) + theirs)
    lines = sum(1 + len(line) // NOTE_LETTERS for line in text.split("\n"))
    height = min(max(NOTE_LINE * (lines + 1), NOTE_HEIGHTS[0]), NOTE_HEIGHTS[1])
    return Comment(text, MARKED_BY, height=height, width=NOTE_WIDTH)


def _fit(said: list[str], room: int, words: Words) -> str:
    """As many remarks as there is room for; where the list on the other sheet has more, the last line says so."""
    text = "\n".join(said)
    if len(text) <= room:
        return text
    see_sheet = words("annotated.see_sheet", sheet=words("annotated.sheet"))
    kept: list[str] = []
    while len("\n".join([*kept, said[len(kept)], see_sheet])) <= room:
        kept.append(said[len(kept)])
    return "\n".join([*kept, see_sheet])[: max(room, 0)]


def _list_headings(words: Words) -> list[str]:
    return [words(f"annotated.{name}") for name in LIST_WIDTHS]


def _list_issues(book: Workbook, marked: Worksheet, issues: Issues, places: list[str | None], words: Words) -> None:
    """A sheet at the end with every issue on a line and a link to its cell; one more where a sheet is full."""
    links = 0
    lines = _list_lines(issues, places, words)
    while part := list(islice(lines, MOST_ROWS - 1)):
        sheet = _add_list_sheet(book, words)
        for at, line in enumerate(part, 2):
            for column, text in enumerate(line, 1):
                _write_list_cell(sheet, at, column, text)
            if line[2] and links < MOST_LINKS:
                links += 1
                _link(sheet.cell(at, 3), marked, str(line[2]))
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(LIST_WIDTHS))}{len(part) + 1}"


def _list_lines(
    issues: Issues, places: list[str | None], words: Words
) -> Iterator[tuple[int | str, str, str, str, str]]:
    """The cells of each line; a sentence that no cell can hold goes on in the next line."""
    for issue, place in zip(issues, places, strict=True):
        what = _say_what(issue, words)
        row: int | str = issue.row if issue.row is not None else ""
        for start in range(0, len(what), LONGEST_TEXT):
            yield row, issue.column or "", place or "", _say_severity(issue, words), what[start : start + LONGEST_TEXT]


def _add_list_sheet(book: Workbook, words: Words) -> Worksheet:
    sheet = book.create_sheet(words("annotated.sheet"))
    for at, (heading, width) in enumerate(zip(_list_headings(words), LIST_WIDTHS.values(), strict=True), 1):
        cell = _write_text(sheet, 1, at, heading)
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return sheet


def _write_list_cell(sheet: Worksheet, row: int, column: int, value: int | str) -> None:
    if isinstance(value, int):
        sheet.cell(row, column).value = value
    elif value:
        _write_text(sheet, row, column, value)
    sheet.cell(row, column).alignment = Alignment(vertical="top", wrap_text=column == len(LIST_WIDTHS))


def _link(cell: Cell, marked: Worksheet, place: str) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(marked.title)}!{place}")
    cell.font = Font(color="FF0B5C87", underline="single")


# Texts


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


def _annotate_text(content: bytes, reading: Reading, issues: Issues, words: Words) -> bytes:
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
    return (mark + "".join(_add_column(records, cells, how))).encode(encoding, errors)


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
    skips = separator != " " and f"{separator} {quote}" in text and f"{separator}{quote}" not in text
    return {"delimiter": separator, "quotechar": quote, "skipinitialspace": skips}


def _cut_records(text: str, how: dict[str, Any]) -> list[Record]:
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    records, at = [], 0
    while at < len(lines):
        cells, taken = _read_record(lines[at : at + LONGEST_RECORD], how)
        raw = "".join(lines[at : at + taken])
        body = raw.rstrip("\r\n")
        records.append(Record(at + 1, body, raw[len(body) :], cells))
        at += taken
    return records


def _read_record(lines: list[str], how: dict[str, Any]) -> tuple[list[str], int]:
    """The cells of the record that begins on the first of these lines, and how many lines it takes.

    A quote out of place, or never closed, is a letter.
    """
    line = lines[0].rstrip("\r\n")
    for taken in range(1, len(lines) + 1) if how["quotechar"] in line else ():
        try:
            parsed = list(csv.reader([*lines[: taken - 1], lines[taken - 1].rstrip("\r\n")], strict=True, **how))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                continue
            break
        return parsed[0], taken
    return line.split(how["delimiter"]), 1


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
        said = _say_remark(issue, words, says_column=True)
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
