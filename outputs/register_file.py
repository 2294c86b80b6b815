"""A register as a file: what is there, to be changed and sent back; with lists to choose from in the workbook."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter

from outputs.dictionary import ColumnLine, encode_csv, say_allowed
from outputs.look import INK
from outputs.registers import explain
from outputs.template_book import PALE, TINT
from schemas.catalogue import BASELINE
from schemas.observation import Column
from schemas.period import write_period
from schemas.registers import Register
from texts import Words

WIDTH_OF_KIND = {"code": 16, "period": 11, "decimal": 13, "integer": 13, "date": 15, "word": 18, "label": 16}
WIDEST, LAST_ROW, LONGEST_HELP, LONGEST_TITLE = 34, 1_048_575, 255, 32
GUIDE = ("heading", "meaning", "kind", "required", "allowed", "example")
GUIDE_WIDTHS = (22, 60, 20, 12, 60, 28)
MASKED = "s"


def list_file_rows(register: Register, rows: pl.DataFrame) -> list[list[str]]:
    """The rows of `view_register` as the file writes them, in the order of its columns."""
    return [list(write_row(register, row).values()) for row in rows.iter_rows(named=True)]


def write_row(register: Register, row: dict[str, Any]) -> dict[str, str]:
    """The cells of a row as the file has them, by our codes: « 06/11/2024 », « 22,1 », « au_moins », « 2027-T4 ».

    A starting point that is not for who reads is the sign of a secret, which keeps it when it comes back.
    """
    written = {column.code: _write_cell(column, row[column.code]) for column in register.columns}
    return written | (dict.fromkeys(BASELINE, MASKED) if row.get("is_start_hidden") else {})


def _write_cell(column: Column, value: object) -> str:
    if value is None:
        return ""
    if column.words:
        return next((word for word, code in column.words.items() if code == value), "")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float):
        return (str(int(value)) if value.is_integer() else str(round(value, 10))).replace(".", ",")
    if column.kind == "steps":
        return write_period(str(value)).replace(".", ",")
    return write_period(str(value)) if column.kind == "period" else str(value)


def write_register_csv(register: Register, rows: pl.DataFrame) -> bytes:
    """The register as a CSV: its header, then what is there."""
    return encode_csv([[column.heading for column in register.columns], *list_file_rows(register, rows)])


def write_register_xlsx(register: Register, rows: pl.DataFrame, words: Words) -> bytes:
    """The register as a workbook: the header, then what is there; on a second sheet what each column is."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        book.set_properties({"title": words(f"register.{register.code}")})
        _write_rows(book, register, rows, words)
        _write_guide(book, register, words)
    return written.getvalue()


def _write_rows(book: xlsxwriter.Workbook, register: Register, rows: pl.DataFrame, words: Words) -> None:
    """Every cell is written as a text: none can become a formula."""
    sheet = book.add_worksheet(register.heading)
    for at, column in enumerate(register.columns):
        _prepare_column(book, sheet, at, register, column, words)
    for line, cells in enumerate(list_file_rows(register, rows), 1):
        for at, cell in enumerate(cells):
            if cell:
                sheet.write_string(line, at, cell)
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xlsxwriter.utility.xl_col_to_name(at)}{LAST_ROW + 1}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _prepare_column(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    at: int,
    register: Register,
    column: Column,
    words: Words,
) -> None:
    """Width, heading with its help, and the list of words to choose from."""
    sheet.set_column(at, at, WIDTH_OF_KIND.get(column.kind, WIDEST), book.add_format({"num_format": "@"}))
    bold = {"bold": True, "font_color": "#ffffff", "bg_color": TINT}
    plain = {"font_color": INK, "bg_color": PALE}
    sheet.write_string(0, at, column.heading, book.add_format(bold if column.required else plain))
    told = {"validate": "any", "input_title": column.heading[:LONGEST_TITLE]}
    sheet.data_validation(0, at, 0, at, {**told, "input_message": explain(words, register, column)[:LONGEST_HELP]})
    if column.words:
        choice = {"validate": "list", "source": list(column.words), "error_message": words("template.choose")}
        sheet.data_validation(1, at, LAST_ROW, at, choice)


def list_register_columns(words: Words, register: Register) -> list[ColumnLine]:
    """One line a column, as the dictionary says it."""
    return [
        ColumnLine(
            column.heading,
            explain(words, register, column),
            words(f"kind.{column.kind}"),
            words("dictionary.yes" if column.required else "dictionary.no"),
            _say_words(words, column) if column.words else say_allowed(column, words),
            column.example,
            column.code,
        )
        for column in register.columns
    ]


def _say_words(words: Words, column: Column) -> str:
    default = next((word for word, code in column.words.items() if code == column.default), "")
    if default:
        return say_allowed(replace(column, default=default), words)
    return words("allowed.words", allowed=", ".join(column.words))


def _write_guide(book: xlsxwriter.Workbook, register: Register, words: Words) -> None:
    sheet = book.add_worksheet(words("template.guide"))
    header = book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": TINT})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    lines = list_register_columns(words, register)
    for at, (name, width) in enumerate(zip(GUIDE, GUIDE_WIDTHS, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, words(f"dictionary.{name}"), header)
        for row, line in enumerate(lines, 1):
            sheet.write_string(row, at, getattr(line, name), wrapped)
    sheet.freeze_panes(1, 1)
