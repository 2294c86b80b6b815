"""An annotated workbook: faulty cells filled and commented, and a sheet that lists every issue."""

from __future__ import annotations

import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
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

from outputs.annotated.remarks import say_remark, say_severity, say_what
from schemas.issue import Issue, Issues, UnreadableFile
from schemas.reading import Reading
from schemas.words import Severity
from texts import LANGUAGES, Words, load_words

Rows = Sequence[tuple[int, list[str]]]
"""The lines of a sheet, each with its number, every cell as text."""

MARKED_BY = "Cap commun"
FILL = {Severity.BLOCKING: "FFFFD9D6", Severity.WARNING: "FFFFF3BF"}
BEFORE_THEIRS = "\n\n" + "\u2014" * 8 + "\n"
LONGEST_TEXT, MOST_ROWS, MOST_LINKS = 32_767, 1_048_576, 65_530
LIST_WIDTHS = {"row": 9, "column": 24, "cell": 10, "severity": 14, "what": 110}
NOTE_WIDTH, NOTE_LETTERS, NOTE_LINE, NOTE_HEIGHTS = 320, 48, 18, (60, 400)  # in pixels, and letters on a line
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


def annotate_book(content: bytes, reading: Reading, issues: Issues, words: Words, rows: Rows | None) -> bytes:
    """The workbook with its faults marked; of `rows` where openpyxl cannot load it. Raises UnreadableFile."""
    book = _load_book(content, reading) or _copy_as_text(reading, rows)
    sheet = book[reading.sheet] if reading.sheet in book.sheetnames else book.worksheets[0]
    _forget_marks(book, sheet)
    places = _mark_cells(book, sheet, reading, issues, words)
    _list_issues(book, issues, places, words)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


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


def _mark_cells(book: Workbook, sheet: Worksheet, reading: Reading, issues: Issues, words: Words) -> list[Cell | None]:
    """Fill and comment every faulty cell. Returned: the cell of each issue, None where no cell is at fault."""
    remarks: dict[Cell, list[str]] = defaultdict(list)
    worst: dict[Cell, Severity] = {}
    places: list[Cell | None] = []
    for issue in issues:
        place = _find_place(book, sheet, reading, issue)
        places.append(place)
        if place is None:
            continue
        remarks[place].append(say_remark(issue, words, issue.column not in reading.positions))
        if worst.get(place) is not Severity.BLOCKING:
            worst[place] = issue.severity
    for cell, said in remarks.items():
        cell.fill = PatternFill("solid", fgColor=FILL[worst[cell]])
        cell.comment = _write_comment(said, cell.comment, words)
    return places


def _find_place(book: Workbook, sheet: Worksheet, reading: Reading, issue: Issue) -> Cell | None:
    """The cell at fault, the first of its row, or its heading; of merged cells the one that shows."""
    position = reading.positions.get(issue.column or "")
    if issue.row is None and (position is None or not reading.header_row):
        return None
    elsewhere = next((name for name in reading.joined if str(issue.column).startswith(f"{name}!")), sheet.title)
    if elsewhere not in book.sheetnames:
        return None
    sheet = book[elsewhere]
    cell = sheet.cell(issue.row or reading.header_row, position or min(reading.positions.values(), default=1))
    if isinstance(cell, MergedCell):
        around = next(one for one in sheet.merged_cells.ranges if cell.coordinate in one)
        cell = sheet.cell(around.min_row, around.min_col)
    return cell


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


def _list_issues(book: Workbook, issues: Issues, places: list[Cell | None], words: Words) -> None:
    """A sheet at the end with every issue on a line and a link to its cell; one more where a sheet is full."""
    links = 0
    lines = _list_lines(issues, places, words)
    while part := list(islice(lines, MOST_ROWS - 1)):
        sheet = _add_list_sheet(book, words)
        for at, (place, line) in enumerate(part, 2):
            for column, text in enumerate(line, 1):
                _write_list_cell(sheet, at, column, text)
            if place is not None and links < MOST_LINKS:
                links += 1
                _link(sheet.cell(at, 3), place)
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(LIST_WIDTHS))}{len(part) + 1}"


def _list_lines(
    issues: Issues, places: list[Cell | None], words: Words
) -> Iterator[tuple[Cell | None, tuple[int | str, str, str, str, str]]]:
    """The cells of each line; a sentence that no cell can hold goes on in the next line."""
    for issue, place in zip(issues, places, strict=True):
        what = say_what(issue, words)
        row: int | str = issue.row if issue.row is not None else ""
        where = str(place.coordinate) if place is not None else ""
        for start in range(0, len(what), LONGEST_TEXT):
            part = what[start : start + LONGEST_TEXT]
            yield place, (row, issue.column or "", where, say_severity(issue, words), part)


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


def _link(cell: Cell, place: Cell) -> None:
    sheet = quote_sheetname(place.parent.title)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{sheet}!{place.coordinate}")
    cell.font = Font(color="FF0B5C87", underline="single")
