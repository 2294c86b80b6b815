"""The template as a workbook: the rows to fill in, what each column is, what may be chosen."""

from __future__ import annotations

import io
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_col_to_name, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from outputs.dictionary import help_text, list_columns, list_reference_columns
from outputs.look import GREY, INK
from outputs.template_choices import TOTAL, Choice
from outputs.template_rows import TemplateRow
from schemas.observation import KEY, OBSERVATION_COLUMNS, REFERENCE_HEADINGS, Column
from texts import Words

WIDTH_OF_KIND = {"code": 18, "period": 11, "decimal": 13, "integer": 12, "percent": 14, "date": 15, "word": 16}
WIDTH_OF_TEXT = {"dimension": 15, "category": 22, "source": 34, "comment": 40}
REFERENCE_WIDTHS = (44, 34, 100)
GUIDE_WIDTHS = {"heading": 20, "meaning": 60, "kind": 18, "required": 12, "allowed": 46, "example": 24}
CHOICE_WIDTHS = {"column": 20, "word": 24, "meaning": 60, "dimension": 22}
FORMAT_OF_KIND = {**dict.fromkeys(("code", "period", "label", "word", "text"), "@"), "date": "dd/mm/yyyy"}
HEADER_ROW, LAST_ROW = 1, 1_048_575  # as xlsxwriter counts: the first is 0
MORE_ROWS = 300  # under the given ones, for quartiers and categories not sent before
ROW_HEIGHT = 30  # in points: the first two lines of a note
LONGEST_HELP, LONGEST_HELP_TITLE = 255, 32
PLACES = {column.code: at for at, column in enumerate(OBSERVATION_COLUMNS)}
DIMENSIONS_OF_CATEGORIES = "ventilation_de_modalite"
MAY_CHANGE = {"format_columns": True, "format_rows": True}
TINT, PALE, GIVEN, BESIDE = "#1f3a4d", "#e4edf3", "#f2f2f2", "#e2e2e2"
TITLE = {"bold": True, "font_color": "#ffffff", "bg_color": TINT}


def write_book(
    rows: list[TemplateRow], choices: list[Choice], words: Words, title: str, mark: str, made_on: date
) -> bytes:
    """The workbook; the same bytes for the same arguments. Every cell is a text: none can become a formula."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        created = datetime(made_on.year, made_on.month, made_on.day)
        book.set_properties({"title": title, "comments": mark, "created": created})
        _write_observations(book, rows, {one.column for one in choices}, words, mark)
        _write_guide(book, words)
        _write_choices(book, choices, words)
    return written.getvalue()


def _write_observations(
    book: xlsxwriter.Workbook, rows: list[TemplateRow], chosen: set[str], words: Words, mark: str
) -> None:
    """`chosen`: the columns that have choices."""
    sheet = book.add_worksheet("observations")
    for at, column in enumerate(OBSERVATION_COLUMNS):
        _prepare_column(book, sheet, at, column, words)
        _offer_choices(sheet, at, column, column.code in chosen, words)
        _fill_column(book, sheet, at, column, rows)
    _write_references(book, sheet, rows)
    _write_mark(book, sheet, mark)
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(at)}{LAST_ROW + 1}"})
    sheet.repeat_rows(HEADER_ROW)
    _finish_sheet(sheet)


def _finish_sheet(sheet: Worksheet) -> None:
    """Without a password: it keeps from slips, not from intentions."""
    sheet.protect("", MAY_CHANGE)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _prepare_column(book: xlsxwriter.Workbook, sheet: Worksheet, at: int, column: Column, words: Words) -> None:
    """Width, and the heading with its help."""
    width = WIDTH_OF_KIND.get(column.kind) or WIDTH_OF_TEXT[column.code]
    sheet.set_column(at, at, width, _style_free(book, column))
    plain = {"font_color": INK, "bg_color": PALE}
    sheet.write_string(HEADER_ROW, at, column.heading, book.add_format(TITLE if column.required else plain))
    told = {"validate": "any", "input_title": column.heading[:LONGEST_HELP_TITLE]}
    sheet.data_validation(
        HEADER_ROW, at, HEADER_ROW, at, {**told, "input_message": _shorten(help_text(column, words), column, words)}
    )


def _shorten(text: str, column: Column, words: Words) -> str:
    """Excel has room for so much help beside a cell; the meaning alone always fits."""
    return text if len(text) <= LONGEST_HELP else words(f"column.{column.code}")


def _offer_choices(sheet: Worksheet, at: int, column: Column, is_chosen: bool, words: Words) -> None:
    """The words of a column must be ours; of what the third sheet lists, more spellings are read: it only warns."""
    if column.words:
        rule = {"source": list(column.words), "error_message": words("template.choose")}
    elif is_chosen:
        rule = {"source": _list_formula(column), "error_type": "warning", "error_message": words("template.other")}
    else:
        return
    sheet.data_validation(HEADER_ROW + 1, at, LAST_ROW, at, {"validate": "list", **rule})


def _list_formula(column: Column) -> str:
    """Where the choices are: of a category, those of the dimension that stands in the same row."""
    name = _name_choices(column.code)
    if column.code != "category":
        return f"={name}"
    cell = xl_rowcol_to_cell(HEADER_ROW + 1, PLACES["dimension"], col_abs=True)
    dimension, among = f'IF({cell}="","{TOTAL}",{cell})', DIMENSIONS_OF_CATEGORIES
    return f"=OFFSET({name},MATCH({dimension},{among},0)-1,0,COUNTIF({among},{dimension}),1)"


def _name_choices(code: str) -> str:
    return f"choix_{OBSERVATION_COLUMNS[PLACES[code]].heading}"


def _style_free(book: xlsxwriter.Workbook, column: Column) -> Format:
    """The cells yet to be filled in."""
    free = {"num_format": FORMAT_OF_KIND.get(column.kind, "General"), "locked": False, "valign": "top"}
    return book.add_format(free)


def _fill_column(book: xlsxwriter.Workbook, sheet: Worksheet, at: int, column: Column, rows: list[TemplateRow]) -> None:
    """What identifies a value is given, empty cells too; the rest is free, and the rows under the last one."""
    free = _style_free(book, column)
    given = {"num_format": "@", "bg_color": GIVEN, "font_color": INK, "valign": "top"}
    style = book.add_format(given) if column.code in KEY else free
    for line, row in enumerate(rows, HEADER_ROW + 1):
        _write_text(sheet, line, at, row.cells.get(column.code, ""), style)
    below = HEADER_ROW + 1 + len(rows)
    for line in range(below, below + MORE_ROWS):  # other programs do not take the style of the column
        sheet.write_blank(line, at, None, free)


def _write_text(sheet: Worksheet, line: int, at: int, text: str, style: Format) -> None:
    if text:
        sheet.write_string(line, at, text, style)
    else:
        sheet.write_blank(line, at, None, style)


def _write_references(book: xlsxwriter.Workbook, sheet: Worksheet, rows: list[TemplateRow]) -> None:
    """To the right, in grey: what the indicator is, its last known figure, its sheet."""
    grey = {"font_color": GREY, "bg_color": GIVEN, "num_format": "@", "valign": "top"}
    plain, wrapped = book.add_format(grey), book.add_format({**grey, "text_wrap": True})
    heading = book.add_format({"font_color": GREY, "bg_color": BESIDE, "italic": True})
    first = len(OBSERVATION_COLUMNS)
    styles = (plain, plain, wrapped)
    for at, (name, width) in enumerate(zip(REFERENCE_HEADINGS, REFERENCE_WIDTHS, strict=True), first):
        sheet.set_column(at, at, width)
        sheet.write_string(HEADER_ROW, at, name, heading)
    for line, row in enumerate(rows, HEADER_ROW + 1):
        sheet.set_row(line, ROW_HEIGHT)
        for at, (text, style) in enumerate(zip(row.references, styles, strict=True), first):
            _write_text(sheet, line, at, text, style)


def _write_mark(book: xlsxwriter.Workbook, sheet: Worksheet, mark: str) -> None:
    """Nothing may be typed beside it: the line above the header would no longer be a title."""
    style = book.add_format({"font_color": GREY, "italic": True})
    sheet.write_string(0, 0, mark, style)
    for at in range(1, len(OBSERVATION_COLUMNS)):
        sheet.write_blank(0, at, None, style)


def _write_guide(book: xlsxwriter.Workbook, words: Words) -> None:
    """What each column is, one row a column; those that are not read come last."""
    lines = [*list_columns(words), *list_reference_columns(words)]
    headings = {words(f"dictionary.{name}"): width for name, width in GUIDE_WIDTHS.items()}
    cells = [[getattr(line, name) for name in GUIDE_WIDTHS] for line in lines]
    _write_table(book, words("template.guide"), headings, cells)


def _write_choices(book: xlsxwriter.Workbook, choices: list[Choice], words: Words) -> None:
    """One row a choice, and a name for the rows of each column, which the lists of the first sheet take."""
    headings = {words(f"choice.{name}"): width for name, width in CHOICE_WIDTHS.items()}
    cells = [[OBSERVATION_COLUMNS[PLACES[one.column]].heading, one.word, one.meaning, one.dimension] for one in choices]
    _write_table(book, words("template.lists"), headings, cells)
    sheet = quote_sheetname(words("template.lists"))
    columns = [one.column for one in choices]
    for code in dict.fromkeys(columns):
        first = 1 + columns.index(code)
        last = first + columns.count(code) - 1
        book.define_name(_name_choices(code), f"={sheet}!{xl_range_abs(first, 1, last, 1)}")
        if code == "category":
            book.define_name(DIMENSIONS_OF_CATEGORIES, f"={sheet}!{xl_range_abs(first, 3, last, 3)}")


def _write_table(book: xlsxwriter.Workbook, name: str, headings: dict[str, int], lines: list[list[str]]) -> None:
    """A sheet to be read: wrapped texts, the first column in bold. `headings`: each with its width."""
    sheet = book.add_worksheet(name)
    title = book.add_format(TITLE)
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    bold = book.add_format({"bold": True, "valign": "top", "num_format": "@"})
    for at, (heading, width) in enumerate(headings.items()):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, heading, title)
        for row, line in enumerate(lines, 1):
            _write_text(sheet, row, at, line[at], wrapped if at else bold)
    sheet.freeze_panes(1, 1)
    _finish_sheet(sheet)
