"""ODS and XLSB -> sheets, by calamine; of ODS also what it loses, percents and the lines of comments."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

from pipelines.cells import Row
from pipelines.workbook.sheet import Budget, Sheet, add_row, cell_text

OFFICE, TABLE = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table"))
MOST_REPEATED = 1000
Notes = dict[str, list[tuple[int | None, str]]]
Percents = dict[str, set[tuple[int, int]]]


def read_xlsb(content: bytes, budget: Budget) -> list[Sheet]:
    return _read_by_calamine(content, budget, {}, {})


def read_ods(content: bytes, budget: Budget) -> list[Sheet]:
    notes, percents = _look_at_cells(content)
    return _read_by_calamine(content, budget, notes, percents)


def _read_by_calamine(content: bytes, budget: Budget, notes: Notes, percents: Percents) -> list[Sheet]:
    """`percents`: line and column of the cells shown in percent, by sheet."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = []
    for about in workbook.sheets_metadata:
        sheet = workbook.get_sheet_by_name(about.name)
        top, left = sheet.start or (0, 0)
        budget.spend((top + sheet.height + 1) * (left + sheet.width + 1))
        rows: list[Row] = []
        in_percent = percents.get(about.name, set())
        for line, cells in enumerate(sheet.to_python(skip_empty_area=False), 1):
            shapes = ("%" if (line, column) in in_percent else "" for column in range(1, len(cells) + 1))
            add_row(rows, line, [cell_text(cell, shape) for cell, shape in zip(cells, shapes, strict=True)], budget)
        is_hidden = str(about.visible) != "SheetVisibleEnum.Visible"
        sheets.append(Sheet(about.name, rows, tuple(notes.get(about.name, ())), is_hidden=is_hidden))
    return sheets


def _look_at_cells(content: bytes) -> tuple[Notes, Percents]:
    """The comments of each sheet with their lines, and where its cells in percent stand."""
    notes: Notes = defaultdict(list)
    percents: Percents = defaultdict(set)
    name, line, column = "", 0, 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as source:
        for event, one in ElementTree.iterparse(source, ("start", "end")):
            if event == "start" and one.tag == f"{TABLE}table":
                name, line = str(one.get(f"{TABLE}name", "")), 0
            elif event == "start" and one.tag == f"{TABLE}table-row":
                line, column = line + 1, 0
            elif event == "start":
                continue
            elif one.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                repeated = _count(one, "number-columns-repeated")
                if one.get(f"{OFFICE}value-type") == "percentage":
                    places = range(column + 1, column + 1 + min(repeated, MOST_REPEATED))
                    percents[name].update((line, at) for at in places)
                column += repeated
                notes[name] += [(line, "".join(note.itertext())) for note in one.iter(f"{OFFICE}annotation")]
            elif one.tag == f"{TABLE}table-row":
                again = _count(one, "number-rows-repeated") - 1
                columns = [at for of_line, at in percents[name] if of_line == line] if again else []
                below = range(line + 1, line + 1 + min(again, MOST_REPEATED))
                percents[name].update((of_line, at) for at in columns for of_line in below)
                line += again
                one.clear()
    return notes, percents


def _count(one: ElementTree.Element, name: str) -> int:
    said = one.get(f"{TABLE}{name}", "1")
    return int(said) if said.isdecimal() else 1
