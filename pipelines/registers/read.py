"""Which register a table is, told from its headings; and its cells typed, as those of observations are."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.tidy import match_headings, read_column
from schemas.observation import COLUMN, Column
from schemas.reading import Reading
from schemas.registers import REGISTERS, Register
from schemas.words import plain_word

TYPE_OF_KIND: dict[str, type[pl.DataType]] = {"decimal": pl.Float64, "integer": pl.Int64, "date": pl.Date}
NO_HEADING = ("source_row", "source_column", "source_status")
FIGURES = frozenset(
    word for code in ("period", "value") for word in (code, COLUMN[code].heading, *COLUMN[code].synonyms)
)
"""Headings of a table of figures: it is no register, whatever else it has."""
GUARD = r"^'([=+\-@])"
"""The apostrophe that keeps a spreadsheet from taking a text for a formula, as we write it ourselves."""


def recognise_register(headings: Sequence[str]) -> Register | None:
    """The register whose signature a table has; of several the one that knows most of its headings."""
    names = [name for name in headings if name not in NO_HEADING]
    if FIGURES & {plain_word(name) for name in names}:
        return None
    known = {register.code: match_headings(names, register.columns) for register in REGISTERS}
    fitting = [one for one in REGISTERS if set(one.signature) <= known[one.code].keys()]
    return max(fitting, key=lambda register: len(known[register.code]), default=None)


def list_organisations(reading: Reading, register: Register | None) -> tuple[str, ...]:
    """The headings of a register that hold names of organisations: « nom » in that of the partners, no other."""
    if register is None:
        return ()
    headings = match_headings(reading.table.columns, register.columns)
    return tuple(headings[code] for code in register.names_organisations if code in headings)


def type_of(column: Column) -> type[pl.DataType]:
    """How the cells of a column of a register are kept while it is prepared; words stand as our codes."""
    return TYPE_OF_KIND.get(column.kind, pl.String)


def tidy_register(table: pl.DataFrame, register: Register, headings: dict[str, str]) -> pl.DataFrame:
    """Each column of the register typed, empty where nothing is said, with `<code>_found`, `<code>_is_lost` and
    `<code>_is_secret`, for the sign of a figure that is there and not told; `source_row` first."""
    parts = [table.select("source_row")]
    for column in register.columns:
        name = headings.get(column.code)
        cells = table[name].fill_null("") if name else pl.Series([""]).new_from_index(0, table.height)
        parts.append(_tidy_column(column, cells.str.replace(GUARD, "${1}")))
    return pl.concat(parts, how="horizontal")


def _tidy_column(column: Column, cells: pl.Series) -> pl.DataFrame:
    """A cell where nothing stands is not lost: whether it may be empty is a rule of its own."""
    said, code = read_column(column, cells), column.code
    kept = pl.col(code) if type_of(column) is not pl.String else pl.col(code).replace("", None)
    sign = pl.col(f"{code}_sign") == "secret" if f"{code}_sign" in said.columns else pl.lit(False)
    return said.select(
        kept.cast(type_of(column)),
        f"{code}_found",
        (pl.col(f"{code}_is_lost") & (pl.col(f"{code}_found") != "")).alias(f"{code}_is_lost"),
        sign.fill_null(False).alias(f"{code}_is_secret"),
    )
