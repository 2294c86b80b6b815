"""What *Comparer* shows, put together from the comparison, the catalogue and the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pages.parts.reading import with_nouns
from pages.parts.world import World
from texts import Words
from texts import sentences as say

Row = dict[str, Any]


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


def list_comparison(world: World, compared: pl.DataFrame, sheet: Row) -> Comparison:
    words = world.words
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
