"""ODS and XLSB -> sheets, by calamine; of ODS also what it loses, how numbers are shown and the lines of comments."""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

from pipelines.cells import Row
from pipelines.workbook.outside import list_outside
from pipelines.workbook.sheet import Budget, Sheet, add_row, cell_text

OFFICE, TABLE, TEXT, DRAWING = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "drawing")
)
MOST_REPEATED = 1000
Notes = dict[str, list[tuple[int | None, str]]]
Shapes = dict[str, dict[tuple[int, int], str]]


def read_xlsb(content: bytes, budget: Budget) -> list[Sheet]:
    return _read_by_calamine(content, budget, {}, {})


def read_ods(content: bytes, budget: Budget) -> list[Sheet]:
    notes, shapes = _look_at_cells(content)
    return _read_by_calamine(content, budget, notes, shapes)


def _read_by_calamine(content: bytes, budget: Budget, notes: Notes, shapes: Shapes) -> list[Sheet]:
    """`shapes`: how cells are shown, by sheet, line and column: in percent, with zeros in front."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = []
    for about in workbook.sheets_metadata:
        sheet = workbook.get_sheet_by_name(about.name)
        top, left = sheet.start or (0, 0)
        budget.spend((top + sheet.height + 1) * (left + sheet.width + 1))
        rows: list[Row] = []
        of_sheet = shapes.get(about.name, {})
        for line, cells in enumerate(sheet.to_python(skip_empty_area=False), 1):
            texts = [cell_text(cell, of_sheet.get((line, at), "")) for at, cell in enumerate(cells, 1)]
            add_row(rows, line, texts, budget)
        is_hidden = str(about.visible) != "SheetVisibleEnum.Visible"
        sheets.append(Sheet(about.name, rows, tuple(notes.get(about.name, ())), is_hidden=is_hidden))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [*sheets, *list_outside(archive, notes.get("", ()))]


def _look_at_cells(content: bytes) -> tuple[Notes, Shapes]:
    """The comments of each sheet with their lines, text boxes under no name, and how its cells are shown."""
    notes: Notes = defaultdict(list)
    shapes: Shapes = defaultdict(dict)
    name, line, column = "", 0, 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as source:
        for event, one in ElementTree.iterparse(source, ("start", "end")):
            if event == "start" and one.tag == f"{TABLE}table":
                name, line = str(one.get(f"{TABLE}name", "")), 0
            elif event == "start" and one.tag == f"{TABLE}table-row":
                line, column = line + 1, 0
            elif event == "start":
                continue
            elif one.tag == f"{DRAWING}text-box":
                notes[""].append((None, _paragraphs(one)))
            elif one.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                repeated = _count(one, "number-columns-repeated")
                if shape := _shape_of(one):
                    places = range(column + 1, column + 1 + min(repeated, MOST_REPEATED))
                    shapes[name].update(((line, at), shape) for at in places)
                column += repeated
                notes[name] += [(line, _paragraphs(note)) for note in one.iter(f"{OFFICE}annotation")]
            elif one.tag == f"{TABLE}table-row":
                again = _count(one, "number-rows-repeated") - 1
                same = (
                    [(at, shape) for (of_line, at), shape in shapes[name].items() if of_line == line] if again else []
                )
                below = range(line + 1, line + 1 + min(again, MOST_REPEATED))
                shapes[name].update(((of_line, at), shape) for at, shape in same for of_line in below)
                line += again
                one.clear()
    return notes, shapes


def _shape_of(one: ElementTree.Element) -> str:
    """« % » for a cell in percent, as many zeros as digits for a number that is shown with a zero in front."""
    kind = one.get(f"{OFFICE}value-type")
    if kind == "percentage":
        return "%"
    digits = re.sub(r"\s", "", _paragraphs(one)) if kind == "float" else ""
    return "0" * len(digits) if re.fullmatch(r"0\d+", digits) else ""


def _paragraphs(one: ElementTree.Element) -> str:
    return "\n".join("".join(part.itertext()) for part in one.iter(f"{TEXT}p"))


def _count(one: ElementTree.Element, name: str) -> int:
    said = one.get(f"{TABLE}{name}", "1")
    return int(said) if said.isdecimal() else 1
