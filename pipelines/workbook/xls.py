"""XLS -> sheets, by xlrd, which knows formats, merged cells and notes."""

from __future__ import annotations

import io

import xlrd

from pipelines.cells import Row
from pipelines.workbook.sheet import Budget, Sheet, add_row, cell_text, fill_merged


def read_xls(content: bytes, budget: Budget) -> list[Sheet]:
    workbook = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True)
    sheets = []
    for sheet in workbook.sheets():
        rows: list[Row] = []
        for line in range(sheet.nrows):
            budget.spend(sheet.ncols + 1)
            add_row(rows, line + 1, [_xls_text(workbook, cell) for cell in sheet.row(line)], budget)
        merged = [(left + 1, top + 1, right, bottom) for top, bottom, left, right in sheet.merged_cells]
        notes = tuple((line + 1, note.text) for (line, _), note in sheet.cell_note_map.items())
        hidden = tuple(line + 1 for line, about in sheet.rowinfo_map.items() if about.hidden)
        sheets.append(Sheet(sheet.name, fill_merged(rows, merged, budget), notes, hidden, sheet.visibility != 0))
    return sheets


def _xls_text(workbook: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return cell_text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return cell_text(xlrd.xldate_as_datetime(cell.value, workbook.datemode))
        except xlrd.XLDateError:
            return cell_text(cell.value)
    if cell.ctype == xlrd.XL_CELL_NUMBER and cell.xf_index is not None:
        shape = workbook.format_map.get(workbook.xf_list[cell.xf_index].format_key)
        return cell_text(cell.value, shape.format_str if shape else "")
    return cell_text(cell.value)
