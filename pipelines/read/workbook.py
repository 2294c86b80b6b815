"""A workbook (XLSX, XLS, XLSB, ODS) -> the rows of its sheets, every cell as the text a person sees."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError

import openpyxl
import xlrd
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError, CalamineWorkbook

from pipelines.read.table import MOST_COLUMNS, Row
from schemas.issue import UnreadableFile
from schemas.reading import Aside

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_UNPACKED = 200_000_000
MOST_CELLS = 1_200_000
MOST_MERGED = 10_000
MOST_TAGS = 6_000_000
CHUNK = 1 << 20
# What the libraries and their parsers raise over a workbook with wrong bytes in it.
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    CalamineError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    zipfile.BadZipFile,
    zlib.error,
)
STRICT, TRANSITIONAL = b"http://purl.oclc.org/ooxml/", b"http://schemas.openxmlformats.org/"
STRICT_NAMES = {
    STRICT + b"spreadsheetml/main": TRANSITIONAL + b"spreadsheetml/2006/main",
    STRICT + b"officeDocument/relationships": TRANSITIONAL + b"officeDocument/2006/relationships",
    STRICT + b"drawingml/": TRANSITIONAL + b"drawingml/2006/",
}
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


@dataclass(frozen=True)
class Sheet:
    """One sheet: the rows that hold something, its notes, and whether people see it."""

    name: str
    rows: list[Row]
    notes: tuple[str, ...] = ()
    is_hidden: bool = False


@dataclass
class Budget:
    """How many cells may still be read: a sheet that says it has millions is not waited for."""

    filename: str
    left: int = MOST_CELLS

    def spend(self, cells: int) -> None:
        self.left -= cells
        if self.left < 0:
            raise UnreadableFile("too_many_cells", self.filename, limit=str(MOST_CELLS))


def is_workbook(content: bytes) -> bool:
    return content.startswith((ZIP, OLD_OFFICE))


def read_sheets(content: bytes, filename: str) -> tuple[str, list[Sheet]]:
    """The kind of the workbook and its sheets. Raises UnreadableFile for what is damaged, hostile or none."""
    try:
        kind = _find_kind(content, filename)
        read = {"xlsx": _read_xlsx, "xls": _read_xls, "xlsb": _read_by_calamine, "ods": _read_by_calamine}[kind]
        with warnings.catch_warnings(action="ignore"):  # openpyxl tells of extensions and styles it leaves out
            return kind, read(content, filename, Budget(filename))
    except DAMAGE as error:
        raise UnreadableFile("unreadable_workbook", filename) from error


def _find_kind(content: bytes, filename: str) -> str:
    """xlsx, xlsb, ods or xls; what has macros, unpacks to too much or is no workbook is refused."""
    if content.startswith(OLD_OFFICE):
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise UnreadableFile("macro_workbook", filename)
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableFile("locked_workbook", filename)
        return "xls"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise UnreadableFile("too_large", filename, limit=str(MOST_UNPACKED // 1_000_000))
        if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
            raise UnreadableFile("macro_workbook", filename)
        _refuse_what_would_be_waited_for(archive, filename)
        if "xl/workbook.bin" in names:
            if any(re.match(r"xl/(comments|threadedComments)", name) for name in names):
                raise UnreadableFile("comments_unreadable", filename)
            return "xlsb"
        if "content.xml" in names and archive.read("mimetype")[:60].endswith(b"opendocument.spreadsheet"):
            return "ods"
        if not any(re.match(r"xl/workbook\w*\.xml$", name) for name in names):
            raise UnreadableFile("not_a_table", filename)
    return "xlsx"


def _refuse_what_would_be_waited_for(archive: zipfile.ZipFile, filename: str) -> None:
    """Small files may hold millions of cells, texts or empty rows: they are counted before anything is parsed."""
    tags = 0
    for part in archive.infolist():
        if not part.filename.endswith(".xml"):
            continue
        with archive.open(part) as source:
            while chunk := source.read(CHUNK):
                tags += chunk.count(b"<")
                if tags > MOST_TAGS:
                    raise UnreadableFile("too_many_cells", filename, limit=str(MOST_CELLS))


def _read_xlsx(content: bytes, filename: str, budget: Budget) -> list[Sheet]:
    """openpyxl, since it keeps two facts that faster readers lose: error signs, and that a number is in percent."""
    content = _as_transitional(content)
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    notes = _list_notes(content)
    sheets = []
    for sheet in workbook.worksheets:
        part = _part_of(content, sheet)
        has_lost = re.search(rb"</f>\s*(</c>|<v\s*/>|<v></v>)|<f[^>]*/>\s*</c>", part) is not None
        formulas = _list_formulas(content, sheet.title) if has_lost else {}
        rows = _list_rows(sheet, budget, formulas)
        rows = _fill_merged(rows, _list_merged(part))
        sheets.append(Sheet(sheet.title, rows, tuple(notes), sheet.sheet_state != "visible"))
        notes = []
    return sheets


def _as_transitional(content: bytes) -> bytes:
    """A workbook in strict Open XML with the names that the libraries know."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if STRICT not in archive.read(next(n for n in archive.namelist() if re.match(r"xl/workbook\w*\.xml$", n))):
            return content
        renamed = io.BytesIO()
        with zipfile.ZipFile(renamed, "w", zipfile.ZIP_DEFLATED) as copy:
            for part in archive.infolist():
                text = archive.read(part)
                for name, known in STRICT_NAMES.items():
                    text = text.replace(name, known)
                copy.writestr(part.filename, text)
    return renamed.getvalue()


def _part_of(content: bytes, sheet: object) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(str(sheet._worksheet_path).lstrip("/"))  # type: ignore[attr-defined]


def _list_formulas(content: bytes, title: str) -> dict[tuple[int, int], str]:
    """The formulas of a sheet by row and column: a cell whose result was never kept is not an empty cell."""
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    return {
        (cell.row, cell.column): str(getattr(cell.value, "text", cell.value))
        for row in workbook[title].iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def _list_rows(sheet: object, budget: Budget, formulas: dict[tuple[int, int], str]) -> list[Row]:
    """The rows that hold something, with their number in the sheet; empty cells at the end of a row are left."""
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # what a file says of its own size is not to be trusted
    rows: list[Row] = []
    for line, cells in enumerate(sheet.iter_rows(), 1):  # type: ignore[attr-defined]
        budget.spend(len(cells) + 1)
        texts = [_cell_text(cell.value, cell.number_format) if cell.value is not None else "" for cell in cells]
        for at, text in enumerate(texts):
            if not text and (line, at + 1) in formulas:
                texts[at] = formulas[line, at + 1]
        _add_row(rows, line, texts, budget)
    return rows


def _add_row(rows: list[Row], line: int, texts: list[str], budget: Budget) -> None:
    while texts and not texts[-1].strip():
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        raise UnreadableFile("too_many_columns", budget.filename, limit=str(MOST_COLUMNS))
    if texts:
        rows.append((line, texts))


def _list_merged(part: bytes) -> list[tuple[int, int, int, int]]:
    """First column, first row, last column and last row of the merged cells."""
    found = re.findall(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+\d+:[A-Z]+\d+)"', part)
    return [range_boundaries(one.decode()) for one in found]


def _fill_merged(rows: list[Row], merged: list[tuple[int, int, int, int]]) -> list[Row]:
    """Cells merged downwards hold for every row they cover; those merged sideways stay in their first column."""
    lines = [line for line, _ in rows]
    for column, first, _, last in merged[:MOST_MERGED]:
        begin, end = bisect_left(lines, first), bisect_right(lines, last)
        cells = rows[begin][1] if begin < end and lines[begin] == first else []
        text = cells[column - 1] if column <= len(cells) else ""
        for _, below in rows[begin + 1 : end] if text else ():
            below += [""] * (column - len(below))
            below[column - 1] = below[column - 1] or text
    return rows


def _list_notes(content: bytes) -> list[str]:
    """The notes and comments on the cells of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if re.search(r"xl/(comments|threadedComments)", name)]
        return [text for part in parts for text in _texts_of(ElementTree.fromstring(archive.read(part)))]


def _texts_of(tree: ElementTree.Element) -> Iterator[str]:
    for one in tree.iter():
        if one.tag.rpartition("}")[2] in ("comment", "threadedComment"):
            yield "".join(one.itertext())


def _cell_text(value: object, number_format: str = "") -> str:
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


def _read_xls(content: bytes, filename: str, budget: Budget) -> list[Sheet]:
    workbook = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True)
    sheets = []
    for sheet in workbook.sheets():
        rows: list[Row] = []
        for line in range(sheet.nrows):
            budget.spend(sheet.ncols + 1)
            _add_row(rows, line + 1, [_xls_text(workbook, cell) for cell in sheet.row(line)], budget)
        merged = [(left + 1, top + 1, right, bottom) for top, bottom, left, right in sheet.merged_cells]
        notes = tuple(note.text for note in sheet.cell_note_map.values())
        sheets.append(Sheet(sheet.name, _fill_merged(rows, merged), notes, sheet.visibility != 0))
    return sheets


def _xls_text(workbook: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _cell_text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _cell_text(xlrd.xldate_as_datetime(cell.value, workbook.datemode))
        except xlrd.XLDateError:
            return _cell_text(cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER and cell.xf_index is not None:
        shape = workbook.format_map.get(workbook.xf_list[cell.xf_index].format_key)
        return _cell_text(cell.value, shape.format_str if shape else "")
    return _cell_text(cell.value)


def _read_by_calamine(content: bytes, filename: str, budget: Budget) -> list[Sheet]:
    notes = tuple(_list_annotations(content)) if content.find(b"content.xml") >= 0 else ()
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = []
    for about in workbook.sheets_metadata:
        sheet = workbook.get_sheet_by_name(about.name)
        budget.spend((sheet.total_height + 1) * (sheet.total_width + 1))
        rows: list[Row] = []
        for line, cells in enumerate(sheet.iter_rows(), (sheet.start or (0, 0))[0] + 1):
            _add_row(rows, line, [_calamine_text(cell) for cell in cells], budget)
        sheets.append(Sheet(about.name, rows, notes, str(about.visible) != "SheetVisibleEnum.Visible"))
        notes = ()
    return sheets


def _calamine_text(value: object) -> str:
    return str(value) if isinstance(value, timedelta) else _cell_text(value)


def _list_annotations(content: bytes) -> Iterator[str]:
    """The comments on the cells of an OpenDocument sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as source:
        for _, one in ElementTree.iterparse(source):
            if one.tag == f"{OFFICE}annotation":
                yield "".join(one.itertext())


def list_aside(sheets: list[Sheet], chosen: Sheet | None) -> list[Aside]:
    """The texts of the other sheets and the notes of all."""
    aside = [Aside(None, note, "comment", sheet.name) for sheet in sheets for note in sheet.notes]
    for sheet in sheets:
        if sheet is not chosen:
            why = "hidden_sheet" if sheet.is_hidden else "other_sheet"
            aside += [Aside(line, cell, why, sheet.name) for line, cells in sheet.rows for cell in cells if cell]
    return aside
