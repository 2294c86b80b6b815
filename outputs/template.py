"""The template of the `observations` file, filled in as far as it can be: XLSX to type in, CSV to export into."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product

import polars as pl
import xlsxwriter

from outputs.dictionary import encode_csv, help_text, list_columns
from outputs.look import GREY, INK
from schemas.catalogue import Catalogue
from schemas.observation import LABEL_HEADING, LAST_VALUE_HEADING, OBSERVATION_COLUMNS, TEMPLATE_MARK, Column
from schemas.period import Period, parse_period
from schemas.words import WITHOUT_VALUE, ObsStatus
from texts import Words

WIDTH_OF_KIND = {"code": 18, "period": 11, "decimal": 13, "integer": 12, "percent": 14, "date": 15, "word": 16}
WIDTH_OF_TEXT = {"dimension": 15, "category": 22, "source": 34, "comment": 40}
FORMAT_OF_KIND = {**dict.fromkeys(("code", "period", "label", "word", "text"), "@"), "date": "dd/mm/yyyy"}
LABEL_WIDTH, LAST_WIDTH = 44, 34
HEADER_ROW, LAST_ROW = 1, 1_048_575  # as xlsxwriter counts: the first is 0
LONGEST_HELP, LONGEST_HELP_TITLE = 255, 32
SIGN_OF_STATUS = {
    ObsStatus.NOT_AVAILABLE: "sign.not_available",
    ObsStatus.NOT_COLLECTED: "sign.not_collected",
    ObsStatus.NOT_APPLICABLE: "sign.not_applicable",
}
TINT, PALE = "#1f3a4d", "#e4edf3"
Cell = tuple[str, str, str]  # qpv_code, dimension, category


@dataclass(frozen=True)
class TemplateRow:
    """One row to fill in: its cells by our column codes (those absent are empty), and what people may want to know."""

    cells: dict[str, str]
    label: str
    last: str


def write_template_xlsx(
    catalogue: Catalogue, territory_code: str, period: str, previous: pl.DataFrame, words: Words, made_on: date
) -> bytes:
    """The template as a workbook: the mark in A1, the header on row 2, then the rows; on a second sheet what each
    column is. `previous`: the rows of load_observations.
    """
    rows = list_template_rows(catalogue, territory_code, period, previous, words)
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": words(
                    "template.title", territory=catalogue.territory_name(territory_code), period=words.period(period)
                ),
                "comments": _mark(made_on),
                "created": datetime(made_on.year, made_on.month, made_on.day),
            }
        )
        _write_observations(book, rows, words, made_on)
        _write_guide(book, words)
    return written.getvalue()


def write_template_csv(
    catalogue: Catalogue, territory_code: str, period: str, previous: pl.DataFrame, words: Words, made_on: date
) -> bytes:
    """The template as a CSV: its mark in a comment line, the header, then the rows."""
    rows = list_template_rows(catalogue, territory_code, period, previous, words)
    header = [column.heading for column in OBSERVATION_COLUMNS]
    lines = [[row.cells.get(column.code, "") for column in OBSERVATION_COLUMNS] for row in rows]
    comment = f"# {_mark(made_on)}\r\n".encode()
    return codecs.BOM_UTF8 + comment + encode_csv([header, *lines]).removeprefix(codecs.BOM_UTF8)


def _mark(made_on: date) -> str:
    return f"{TEMPLATE_MARK}{made_on.isoformat()}"


def list_template_rows(
    catalogue: Catalogue, territory_code: str, period: str, previous: pl.DataFrame, words: Words
) -> list[TemplateRow]:
    """The rows a territory may be expected to send for a period.

    The indicators that it follows or has targets for, of the period's frequency, in its order; of each, every
    quartier and category that it sent before or has a target for, else the total of the territory.
    """
    asked = parse_period(period)
    last_rows = _find_last_rows(previous, territory_code, asked)
    rows = []
    for indicator_code in _list_indicators(catalogue, territory_code, asked.frequency):
        sheet = catalogue.indicator(indicator_code)
        for cell in _list_cells(catalogue, territory_code, indicator_code, last_rows, asked):
            last = last_rows.get((indicator_code, *cell), {})
            cells = {
                "territory_code": territory_code,
                "indicator_code": indicator_code,
                "period": write_period(period),
                **dict(zip(("qpv_code", "dimension", "category"), cell, strict=True)),
                "conf_status": str(last.get("conf_status", "")),
                "source": str(last.get("source", "")),
            }
            rows.append(TemplateRow(cells, words.of(sheet, "label"), _say_last(last, sheet, words)))
    return rows


def write_period(code: str) -> str:
    """A stored period as the file has it: `2026-T3`."""
    return code.replace("-Q", "-T")


def _list_indicators(catalogue: Catalogue, territory_code: str, frequency: str) -> list[str]:
    of_territory = pl.col("territory_code") == territory_code
    followed = catalogue.followed_indicators.filter(of_territory).sort("rank")["indicator_code"]
    aimed_at = catalogue.targets.filter(of_territory).sort("goal_code", "indicator_code")["indicator_code"]
    rhythms = dict(catalogue.indicators.sort("version").select("indicator_code", "frequency").iter_rows())
    return [code for code in dict.fromkeys([*followed, *aimed_at]) if rhythms.get(code) == frequency]


def _find_last_rows(previous: pl.DataFrame, territory_code: str, asked: Period) -> dict[tuple[str, ...], dict]:
    """The last row that the territory sent of each indicator and cell, up to the period asked for."""
    key = ("indicator_code", "qpv_code", "dimension", "category")
    past = [code for code in previous["period"].unique() if _is_up_to(code, asked)]
    latest = (
        previous.filter(pl.col("territory_code") == territory_code, pl.col("period").is_in(past))
        .sort("period")
        .unique(key, keep="last", maintain_order=True)
    )
    return {tuple(row[name] for name in key): row for row in latest.iter_rows(named=True)}


def _is_up_to(code: str, asked: Period) -> bool:
    period = parse_period(code)
    return period.kind == asked.kind and period.start <= asked.start


def _list_cells(
    catalogue: Catalogue,
    territory_code: str,
    indicator_code: str,
    last_rows: Iterable[tuple[str, ...]],
    asked: Period,
) -> list[Cell]:
    """Whole territory before quartiers, total before categories, categories as in the catalogue."""
    aimed_at = catalogue.targets.filter(
        pl.col("territory_code") == territory_code, pl.col("indicator_code") == indicator_code
    ).select("qpv_code", "dimension", "category")
    wished = {(qpv or "", dimension, category or "") for qpv, dimension, category in aimed_at.iter_rows()}
    wished |= {(qpv, dimension, category) for code, qpv, dimension, category in last_rows if code == indicator_code}
    quartiers = ["", *_list_quartiers(catalogue, territory_code, asked)]
    categories = catalogue.categories.select("dimension", "category").rows()
    known = [(qpv, *category) for qpv, category in product(quartiers, [("total", ""), *categories])]
    return [cell for cell in known if cell in wished] or [("", "total", "")]


def _list_quartiers(catalogue: Catalogue, territory_code: str, asked: Period) -> list[str]:
    """The quartiers of the territory at some day of the period."""
    attached = catalogue.territory_quartiers.filter(
        pl.col("territory_code") == territory_code,
        pl.col("valid_from") <= asked.end,
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= asked.start),
    )
    return sorted(attached["qpv_code"].unique())


def _say_last(last: dict, sheet: dict[str, object], words: Words) -> str:
    """« T2 2026 : 26,8 % (38 sur 142) »; '' where nothing was sent yet."""
    if not last:
        return ""
    return words("template.last", period=words.period(last["period"]), figure=_say_figure(last, sheet, words))


def _say_figure(last: dict, sheet: dict[str, object], words: Words) -> str:
    if last["is_masked"]:
        return words("sign.secret")
    if last["obs_status"] in WITHOUT_VALUE:
        return words(SIGN_OF_STATUS[last["obs_status"]])
    if last["value"] is None:
        return words("sign.not_available")
    value = words.in_unit(last["value"], str(sheet["unit"]), int(str(sheet["decimals"])))
    if last["numerator"] is None or last["denominator"] is None:
        return value
    counts = {name: _say_count(last[name], words) for name in ("numerator", "denominator")}
    return words("template.rate", value=value, counts=words("counts", **counts))


def _say_count(count: float, words: Words) -> str:
    return words.number(count, 0 if float(count).is_integer() else 1)


def _write_observations(book: xlsxwriter.Workbook, rows: list[TemplateRow], words: Words, made_on: date) -> None:
    """Every cell is written as a text: none can become a formula."""
    sheet = book.add_worksheet("observations")
    sheet.write_string(0, 0, _mark(made_on), book.add_format({"font_color": GREY, "italic": True}))
    for at, column in enumerate(OBSERVATION_COLUMNS):
        _prepare_column(book, sheet, at, column, words)
        for line, row in enumerate(rows, HEADER_ROW + 1):
            if row.cells.get(column.code):
                sheet.write_string(line, at, row.cells[column.code])
    _write_notes(book, sheet, rows)
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xlsxwriter.utility.xl_col_to_name(at)}{LAST_ROW + 1}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)


def _prepare_column(
    book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, at: int, column: Column, words: Words
) -> None:
    """Width, format of the cells yet to be filled in, heading with its help, and the list of words to choose from."""
    width = WIDTH_OF_KIND.get(column.kind) or WIDTH_OF_TEXT[column.code]
    sheet.set_column(at, at, width, book.add_format({"num_format": FORMAT_OF_KIND.get(column.kind, "General")}))
    bold = {"bold": True, "font_color": "#ffffff", "bg_color": TINT}
    plain = {"font_color": INK, "bg_color": PALE}
    sheet.write_string(HEADER_ROW, at, column.heading, book.add_format(bold if column.required else plain))
    told = {"validate": "any", "input_title": column.heading[:LONGEST_HELP_TITLE]}
    sheet.data_validation(
        HEADER_ROW, at, HEADER_ROW, at, {**told, "input_message": _shorten(help_text(column, words), column, words)}
    )
    if column.words:
        choice = {"validate": "list", "source": list(column.words), "error_message": words("template.choose")}
        sheet.data_validation(HEADER_ROW + 1, at, LAST_ROW, at, choice)


def _shorten(text: str, column: Column, words: Words) -> str:
    """Excel has room for so much help beside a cell; the meaning alone always fits."""
    return text if len(text) <= LONGEST_HELP else words(f"column.{column.code}")


def _write_notes(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, rows: list[TemplateRow]) -> None:
    """To the right, in grey: what the indicator is and its last known figure."""
    grey = book.add_format({"font_color": GREY, "bg_color": "#f2f2f2", "num_format": "@"})
    heading = book.add_format({"font_color": GREY, "bg_color": "#e2e2e2", "italic": True})
    first = len(OBSERVATION_COLUMNS)
    sheet.set_column(first, first, LABEL_WIDTH)
    sheet.set_column(first + 1, first + 1, LAST_WIDTH)
    sheet.write_string(HEADER_ROW, first, LABEL_HEADING, heading)
    sheet.write_string(HEADER_ROW, first + 1, LAST_VALUE_HEADING, heading)
    for line, row in enumerate(rows, HEADER_ROW + 1):
        sheet.write_string(line, first, row.label, grey)
        sheet.write_string(line, first + 1, row.last, grey)


def _write_guide(book: xlsxwriter.Workbook, words: Words) -> None:
    """What each column is, one row a column."""
    sheet = book.add_worksheet(words("template.guide"))
    names = ("heading", "meaning", "kind", "required", "allowed", "example")
    lines = [[getattr(line, name) for name in names] for line in list_columns(words)]
    lines += [
        [LABEL_HEADING, words("note.label"), "", words("dictionary.no"), "", ""],
        [LAST_VALUE_HEADING, words("note.last"), "", words("dictionary.no"), "", ""],
    ]
    header = book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": TINT})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    bold = book.add_format({"bold": True, "valign": "top", "num_format": "@"})
    for at, (name, width) in enumerate(zip(names, (20, 60, 18, 12, 46, 24), strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, words(f"dictionary.{name}"), header)
        for row, line in enumerate(lines, 1):
            sheet.write_string(row, at, line[at], bold if name == "heading" else wrapped)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
