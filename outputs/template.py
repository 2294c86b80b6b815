"""The template of the `observations` file, filled in as far as it can be: XLSX to type in, CSV to export into."""

from __future__ import annotations

import codecs
from datetime import date

import polars as pl

from outputs.dictionary import encode_csv
from outputs.template_book import write_book
from outputs.template_choices import list_choices
from outputs.template_rows import list_template_rows
from schemas.catalogue import Catalogue
from schemas.observation import OBSERVATION_COLUMNS, REFERENCE_HEADINGS, TEMPLATE_MARK
from texts import Words

__all__ = ["list_template_rows", "write_template_csv", "write_template_xlsx"]


def write_template_xlsx(
    catalogue: Catalogue, territory_code: str, round_period: str, previous: pl.DataFrame, words: Words, made_on: date
) -> bytes:
    """The template of a round (`2026-Q3`) as a workbook: the mark in A1, the header on row 2, then the rows.

    Only what is to be filled in can be typed in (there is no password). On a second sheet what each column is, on a
    third what may be chosen. `previous`: the rows of load_observations.
    """
    rows = list_template_rows(catalogue, territory_code, round_period, previous, words)
    choices = list_choices(catalogue, territory_code, round_period, rows, words)
    names = {"territory": catalogue.territory_name(territory_code), "period": words.period(round_period)}
    return write_book(rows, choices, words, words("template.title", **names), _mark(made_on), made_on)


def write_template_csv(
    catalogue: Catalogue, territory_code: str, round_period: str, previous: pl.DataFrame, words: Words, made_on: date
) -> bytes:
    """The template as a CSV: its mark in a comment line, the header, then the rows; on the right what is not read."""
    rows = list_template_rows(catalogue, territory_code, round_period, previous, words)
    header = [*(column.heading for column in OBSERVATION_COLUMNS), *REFERENCE_HEADINGS]
    lines = [[*(row.cells.get(column.code, "") for column in OBSERVATION_COLUMNS), *row.references] for row in rows]
    comment = f"# {_mark(made_on)}\r\n".encode()
    return codecs.BOM_UTF8 + comment + encode_csv([header, *lines]).removeprefix(codecs.BOM_UTF8)


def _mark(made_on: date) -> str:
    return f"{TEMPLATE_MARK}{made_on.isoformat()}"
