"""XLSX -> sheets, by openpyxl: it keeps two facts that faster readers lose, error signs and percents."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from itertools import islice, pairwise
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils import range_boundaries

from pipelines.cells import Row
from pipelines.workbook.outside import list_outside
from pipelines.workbook.sheet import MOST_MERGED, Budget, RefusedWorkbook, Sheet, add_row, cell_text, fill_merged

STRICT, TRANSITIONAL = b"http://purl.oclc.org/ooxml/", b"http://schemas.openxmlformats.org/"
STRICT_NAMES = {
    STRICT + b"spreadsheetml/main": TRANSITIONAL + b"spreadsheetml/2006/main",
    STRICT + b"officeDocument/relationships": TRANSITIONAL + b"officeDocument/2006/relationships",
    STRICT + b"drawingml/": TRANSITIONAL + b"drawingml/2006/",
}


def read_xlsx(content: bytes, budget: Budget) -> list[Sheet]:
    content = _as_transitional(content)
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheets = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        notes = _list_notes(archive)
        for sheet in workbook.worksheets:
            path = str(sheet._worksheet_path).lstrip("/")
            part = archive.read(path)
            _refuse_rows_met_again(part)
            has_lost = re.search(rb"</f>\s*(</c>|<v\s*/>|<v></v>)|<f[^>]*/>\s*</c>", part) is not None
            formulas = _list_formulas(content, sheet.title) if has_lost else {}
            rows = fill_merged(_list_rows(sheet, budget, formulas), _list_merged(part), budget)
            of_sheet = _list_related(archive, path) & notes.keys()
            said = tuple(note for name in sorted(of_sheet) for note in notes.pop(name))
            sheets.append(Sheet(sheet.title, rows, said, _list_hidden(part), sheet.sheet_state != "visible"))
        of_none = [
            note for of_one in notes.values() for note in of_one
        ]  # no sheet points to them: looked at all the same
        return [*sheets, *list_outside(archive, of_none)]


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


def _list_formulas(content: bytes, title: str) -> dict[tuple[int, int], str]:
    """The formulas of a sheet by row and column: a cell whose result was never kept is not an empty cell."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)[title]
    sheet.reset_dimensions()
    return {
        (cell.row, cell.column): str(getattr(cell.value, "text", cell.value))
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def _list_rows(sheet: object, budget: Budget, formulas: dict[tuple[int, int], str]) -> list[Row]:
    """The rows that hold something, with their number in the sheet; empty cells at the end of a row are left."""
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # what a file says of its own size is not to be trusted
    rows: list[Row] = []
    for line, cells in enumerate(sheet.iter_rows(), 1):  # type: ignore[attr-defined]
        budget.spend(len(cells) + 1)
        texts = [_text_of(cell) for cell in cells]
        for at, text in enumerate(texts):
            if not text and (line, at + 1) in formulas:
                texts[at] = formulas[line, at + 1]
        add_row(rows, line, texts, budget)
    return rows


def _text_of(cell: object) -> str:
    value = cell.value  # type: ignore[attr-defined]
    if value is None or isinstance(value, str):
        return value or ""
    is_number = isinstance(value, int | float)
    return cell_text(value, cell.number_format if is_number else "")  # type: ignore[attr-defined]


def _list_merged(part: bytes) -> list[tuple[int, int, int, int]]:
    """First column, first row, last column and last row of the merged cells."""
    found = re.finditer(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+\d+:[A-Z]+\d+)"', part)
    return [range_boundaries(one[1].decode()) for one in islice(found, MOST_MERGED)]


def _refuse_rows_met_again(part: bytes) -> None:
    """A row whose number has gone by would be lost without a word."""
    numbers = [int(one) for one in re.findall(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=\"(\d+)\"", part)]
    if any(after <= before for before, after in pairwise(numbers)):
        raise RefusedWorkbook("unreadable_workbook")


def _list_hidden(part: bytes) -> tuple[int, ...]:
    """The numbers of the rows that a filter or a person has hidden."""
    hidden = re.findall(rb"<(?:\w+:)?row\b(?=[^>]*\shidden=\"(?:1|true)\")[^>]*?\sr=\"(\d+)\"", part)
    return tuple(int(line) for line in hidden)


def _list_related(archive: zipfile.ZipFile, path: str) -> set[str]:
    """The parts that a sheet points to."""
    folder, name = posixpath.split(path)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return set()
    targets = (str(one.get("Target", "")) for one in ElementTree.fromstring(archive.read(relations)))
    return {posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") for target in targets}


def _list_notes(archive: zipfile.ZipFile) -> dict[str, list[tuple[int | None, str]]]:
    """The notes and comments on cells, with their lines, by the part that holds them."""
    parts = [name for name in archive.namelist() if re.search(r"xl/(comments|threadedComments)", name)]
    return {part: [*_texts_of(ElementTree.fromstring(archive.read(part)))] for part in parts}


def _texts_of(tree: ElementTree.Element) -> Iterator[tuple[int | None, str]]:
    for one in tree.iter():
        if one.tag.rpartition("}")[2] in ("comment", "threadedComment"):
            line = re.search(r"\d+$", one.get("ref", ""))
            yield (int(line[0]) if line else None), "".join(one.itertext())
