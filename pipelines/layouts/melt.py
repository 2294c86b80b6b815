"""The rows of a foreign table under our column codes: a wide one as one row a value, a long one as it is."""

from __future__ import annotations

import polars as pl

from schemas.issue import Code, Issue
from schemas.mapping import SHEET, Layout, Mapping
from schemas.words import plain_word

STATUS_LABELS = frozenset(["code", "codes", "statut", "statuts", "status", "flag", "flags", "obs_status"])
DELETIONS, MULTIPLIERS = ("action", "deleted"), ("unit_mult", "unit_multiplier")
CODED = ("period", "value", "obs_status", "conf_status")


def melt_table(table: pl.DataFrame, layout: Layout, mapping: Mapping) -> pl.DataFrame:
    """A wide table as one row a value, empty cells left out; rows of status words go to the values above them.

    Added: `period`, `value`, `source_column` and, where there are status rows, `obs_status` and `_status_row`.
    """
    periods = list(layout.periods)
    table = table.with_columns(_is_status_row(table, layout, mapping).alias("_is_status"))
    table = table.with_columns(_series=(~pl.col("_is_status")).cum_sum())
    values = _under_codes(table.filter(~pl.col("_is_status")), layout)
    labels = [name for name in values.columns if name not in (*periods, "_is_status")]
    long = values.unpivot(periods, index=labels, variable_name="period", value_name="value")
    statuses = table.filter("_is_status").unpivot(
        periods, index=["_series", "source_row"], variable_name="period", value_name="obs_status"
    )
    if len(statuses):
        statuses = statuses.rename({"source_row": "_status_row"})
        long = long.drop("obs_status", strict=False)
        long = long.join(statuses, on=["_series", "period"], how="left", maintain_order="left")
    sheet = next((code for code, name in layout.columns.items() if name == SHEET), None)
    where = pl.concat_str(sheet, "period", separator="!") if sheet else pl.col("period")
    return long.filter(pl.col("value").str.strip_chars() != "").with_columns(where.alias("source_column"))


def _under_codes(table: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The table with our codes as headings; another column that has the name of one makes room."""
    codes = {name: code for code, name in layout.columns.items()}
    others = {name: name for name in table.columns if name in layout.columns and name not in codes}
    for name in others:
        while others[name] in (*table.columns, *layout.columns):
            others[name] += " (2)"
    return table.rename(others | codes)


def _is_status_row(table: pl.DataFrame, layout: Layout, mapping: Mapping) -> pl.Expr:
    """Rows whose label says so and, unless a mapping names the label, whose cells hold no digit."""
    labels = [name for name in table.columns[1:] if name not in layout.periods]
    if mapping.status_label:
        names = [mapping.territory_column] if mapping.territory_column in labels else labels
        return pl.any_horizontal(pl.col(names).str.strip_chars() == mapping.status_label)
    words = {word for name in labels for word in table[name].unique() if plain_word(word) in STATUS_LABELS}
    if not words:
        return pl.lit(False)
    has_digit = pl.any_horizontal(pl.col(layout.periods).str.contains(r"\d"))
    return pl.any_horizontal(pl.col(labels).is_in(list(words))) & ~has_digit


def name_columns(table: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """A long table under our column codes; of « A: Normal value » the first part where it is a code."""
    coded = [code for code in CODED if ": " in layout.columns.get(code, "")]
    rows = _under_codes(table, layout)
    return rows.with_columns(pl.col(coded).str.split(": ").list.first())


def refuse_rows(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Issue]]:
    """The table without the rows that are no observation: deletions, and values to be multiplied."""
    issues: list[Issue] = []
    for name in table.columns[1:]:
        word, cell = plain_word(name.split(": ")[0]), pl.col(name).str.strip_chars().str.to_lowercase()
        if word in DELETIONS:
            kind, fits = "deletion", cell.is_in(["d", "true", "1"])
        elif word in MULTIPLIERS:
            kind, fits = "multiplier", cell.str.contains(r"^-?[1-9]")
        else:
            continue
        wrong = table.filter(fits)
        issues += [
            Issue(Code.NOT_AN_OBSERVATION, row, name, found, {"kind": kind})
            for row, found in wrong.select("source_row", name).rows()
        ]
        table = table.filter(~pl.col("source_row").is_in(wrong["source_row"].implode()))
    return table, issues
