"""What *Comparer* shows, put together from the comparison, the catalogue and the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from measures.aggregation import sum_over_territories
from measures.comparison import SHARED, compare_territories
from measures.display import choose_decimals, choose_display
from measures.funnel import funnel_limits
from pages.parts.reading import with_nouns
from pages.parts.world import World
from texts import Words
from texts import sentences as say

Row = dict[str, Any]
SUMMED = (
    *("territory_code", "qpv_code", "indicator_code", "indicator_version", "period", "dimension", "category"),
    *("numerator", "denominator", "value", "obs_status", "is_masked"),
)


@dataclass(frozen=True)
class Comparison:
    """What *Comparer* shows: who stands on the chart, who does not and why, and one honest sentence."""

    period: str
    sentence: str
    shown: list[Row]
    left_out: list[str]
    headings: list[str]
    lines: list[list[str]]
    description: str
    together: str
    funnel: str


def list_comparison(world: World, progress: pl.DataFrame, sheet: Row) -> Comparison:
    """`progress` holds the rows of one indicator in the territories that are asked for."""
    words = world.words
    compared = funnel_limits(compare_territories(progress))
    rows = with_nouns(compared.to_dicts(), sheet)
    rows = [{**row, "name": world.catalogue.territory_name(row["territory_code"])} for row in rows]
    rows.sort(key=lambda row: row["name"])
    shown = [row for row in rows if row["left_out"] is None]
    left_out = [
        words(
            "compare.left_out", name=row["name"], why=words(f"compare.why.{row['left_out']}", **_figures_of(words, row))
        )
        for row in rows
        if row["left_out"]
    ]
    period = words.period(rows[0]["common_period"]) if rows and rows[0]["common_period"] else ""
    lines = [
        [
            row["name"],
            say.say_figure(words, row),
            say.say_range(words, row),
            say.say_start(words, row),
            _moved(words, row),
        ]
        for row in shown
    ]
    sentence = _say_comparison(words, shown)
    return Comparison(
        period=period,
        sentence=sentence,
        shown=shown,
        left_out=left_out,
        headings=[words(f"compare.{name}") for name in ("territory", "value", "range", "start", "change")],
        lines=lines,
        description=words("compare.alt", label=words.of(sheet, "label"), period=period, sentence=sentence),
        together=_say_together(world, compared, sheet),
        funnel=_say_funnel(words, shown),
    )


def _say_together(world: World, compared: pl.DataFrame, sheet: Row) -> str:
    """The ratio of the sums, with how many territories are in it; or why there is none.

    Who is set apart by version, source, method or population is not added either.
    """
    words, asked = world.words, compared["territory_code"].to_list()
    apart = pl.col("left_out").is_in(["other_period", *SHARED]).fill_null(False)
    at_once = compared.filter(~apart, pl.col("period") == pl.col("common_period"))
    found = sum_over_territories(at_once.select(SUMMED), world.catalogue.indicators, asked)
    if found.is_empty():
        return ""
    known = {name: pl.lit(sheet[name]) for name in ("decimals", "has_interval")}
    measured = found.with_columns(**known, is_masked=pl.lit(False)).with_columns(display=choose_display())
    (row,) = with_nouns(measured.with_columns(shown_decimals=choose_decimals(pl.col("display"))).to_dicts(), sheet)
    if row["refused"]:
        return words("compare.no_sum", why=words(f"refused.{row['refused']}"))
    figure, shown_range = say.say_figure(words, row), say.say_range(words, row)
    if row["unit"] == "percent":
        counts = {name: words.number(row[name]) for name in ("numerator", "denominator")}
        figure = words("compare.together_counts", **counts, nouns=words.of(row, "unit_noun"))
        if shown_range:
            figure = words("compare.together_share", counts=figure, value=say.say_figure(words, row), range=shown_range)
    elif shown_range:
        figure = words("compare.together_range", value=figure, range=shown_range)
    said = words("compare.together", figure=figure, n=words.number(row["covered"]), of=words.number(row["asked"]))
    left = [words.plural(f"compare.sum_{name}", row[name]) for name in ("masked", "missing") if row[name]]
    return " ".join([said, *left])


def _say_funnel(words: Words, shown: list[Row]) -> str:
    """From ten territories on: who lies outside what chance does to so many."""
    if not any(row["funnel"] for row in shown):
        return ""
    outside = [row["name"] for row in shown if row["funnel"] in ("above", "below")]
    return (
        words.plural("compare.funnel_out", len(outside), names=", ".join(outside))
        if outside
        else words("compare.funnel_in")
    )


def _figures_of(words: Words, row: Row) -> dict[str, str]:
    return {
        "period": words.period(row["period"]) if row["period"] else "",
        "n": words.number(row["n"]) if row["n"] is not None else "",
        "nouns": words.of(row, "unit_noun"),
    }


def _moved(words: Words, row: Row) -> str:
    return words(f"compare.moved.{row['moved']}") if row["moved"] else ""


def _say_comparison(words: Words, shown: list[Row]) -> str:
    if not shown:
        return words("compare.nobody")
    parts = [words.plural("compare.stand", len(shown))]
    for moved in ("better", "worse"):
        names = [row["name"] for row in shown if row["moved"] == moved]
        if names:
            parts.append(words.plural(f"compare.{moved}", len(names), names=", ".join(names)))
    unclear = sum(row["moved"] == "unclear" for row in shown)
    if unclear:
        parts.append(words.plural("compare.unclear", unclear))
    return " ".join(parts)
