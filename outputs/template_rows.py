"""The rows of the template: what a territory is expected to send in a round, and what helps to fill it in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import polars as pl

from measures.rounds import list_expected
from schemas.catalogue import Catalogue
from schemas.period import Period, parse_period, write_period
from schemas.words import WITHOUT_VALUE, ObsStatus
from texts import Words

SIGN_OF_STATUS = {
    ObsStatus.NOT_AVAILABLE: "sign.not_available",
    ObsStatus.NOT_COLLECTED: "sign.not_collected",
    ObsStatus.NOT_APPLICABLE: "sign.not_applicable",
}
CELL = ("qpv_code", "dimension", "category")
Cell = tuple[str, str, str]
"""The values of CELL."""


@dataclass(frozen=True)
class TemplateRow:
    """One row to fill in: its cells by our column codes (those absent are empty), and what people may want to know."""

    cells: dict[str, str]
    label: str
    last: str
    note: str

    @property
    def references(self) -> tuple[str, str, str]:
        """The cells of REFERENCE_HEADINGS."""
        return self.label, self.last, self.note


def list_template_rows(
    catalogue: Catalogue, territory_code: str, round_period: str, previous: pl.DataFrame, words: Words
) -> list[TemplateRow]:
    """The rows that a territory is expected to send in the round of a quarter (`2026-Q3`).

    The figures of `list_expected`, each for its indicator's own period, in the order of the collective; of each,
    every quartier and category that it sent before or has a target for, else the total of the territory. What is
    approved already is left out, unless nothing else is due: to send it again would be a correction.
    `previous`: the rows of load_observations. Raises ValueError for a period that is no quarter.
    """
    sent = previous.filter(pl.col("territory_code") == territory_code)
    rows: list[TemplateRow] = []
    there: list[TemplateRow] = []
    for indicator_code, period in _list_due(catalogue, territory_code, round_period):
        asked = parse_period(period)
        sheet = _find_sheet(catalogue, indicator_code, asked.start)
        last_rows = _find_last_rows(sent, indicator_code, asked)
        for cell in _list_cells(catalogue, territory_code, indicator_code, last_rows, asked):
            given = {"territory_code": territory_code, "indicator_code": indicator_code, "period": write_period(period)}
            given |= dict(zip(CELL, cell, strict=True))
            last = last_rows.get(cell, {})
            (there if last.get("period") == period else rows).append(_make_row(given, last, sheet, words))
    return rows or there


def list_quartiers(catalogue: Catalogue, territory_code: str, asked: Period) -> list[str]:
    """The quartiers of the territory at some day of the period."""
    attached = catalogue.territory_quartiers.filter(
        pl.col("territory_code") == territory_code,
        pl.col("valid_from") <= asked.end,
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= asked.start),
    )
    return sorted(attached["qpv_code"].unique())


def list_categories(catalogue: Catalogue) -> pl.DataFrame:
    """The rows of `catalogue.categories` by dimension, those of each in their order."""
    return catalogue.categories.sort("dimension", "rank")


def _list_due(catalogue: Catalogue, territory_code: str, round_period: str) -> list[tuple[str, str]]:
    """Each indicator that is due with its own period: as the territory ranked them, then as its goals have them."""
    of_territory = pl.col("territory_code") == territory_code
    followed = catalogue.followed_indicators.filter(of_territory).sort("rank")["indicator_code"]
    aimed_at = catalogue.targets.filter(of_territory).sort("goal_code", "indicator_code")["indicator_code"]
    ranks = {code: rank for rank, code in enumerate(dict.fromkeys([*followed, *aimed_at]))}
    expected = list_expected(catalogue, [territory_code], round_period)
    return sorted(expected.select("indicator_code", "period").iter_rows(), key=lambda due: (ranks[due[0]], due[1]))


def _find_sheet(catalogue: Catalogue, indicator_code: str, day: date) -> dict[str, Any]:
    """The sheet of the indicator in force on a day, else its first."""
    sheets = catalogue.indicators.filter(pl.col("indicator_code") == indicator_code).sort("valid_from", "version")
    in_force = sheets.filter(pl.col("valid_from") <= day)
    return in_force.row(-1, named=True) if len(in_force) else sheets.row(0, named=True)


def _find_last_rows(sent: pl.DataFrame, indicator_code: str, asked: Period) -> dict[Cell, dict[str, Any]]:
    """The last row sent of each cell of an indicator, up to the period asked for."""
    of_indicator = sent.filter(pl.col("indicator_code") == indicator_code)
    past = [code for code in of_indicator["period"].unique() if _is_up_to(code, asked)]
    latest = (
        of_indicator.filter(pl.col("period").is_in(past)).sort("period").unique(CELL, keep="last", maintain_order=True)
    )
    return {(row["qpv_code"], row["dimension"], row["category"]): row for row in latest.iter_rows(named=True)}


def _is_up_to(code: str, asked: Period) -> bool:
    period = parse_period(code)
    return period.kind == asked.kind and period.start <= asked.start


def _list_cells(
    catalogue: Catalogue, territory_code: str, indicator_code: str, sent_before: Iterable[Cell], asked: Period
) -> list[Cell]:
    """Whole territory before quartiers, total before categories."""
    aimed_at = catalogue.targets.filter(
        pl.col("territory_code") == territory_code, pl.col("indicator_code") == indicator_code
    ).select(CELL)
    wished = {(qpv or "", dimension, category or "") for qpv, dimension, category in aimed_at.iter_rows()}
    wished |= {*sent_before}
    quartiers = ["", *list_quartiers(catalogue, territory_code, asked)]
    categories = list_categories(catalogue).select("dimension", "category").rows()
    known = [(qpv, *category) for qpv, category in product(quartiers, [("total", ""), *categories])]
    return [cell for cell in known if cell in wished] or [("", "total", "")]


def _make_row(given: dict[str, str], last: dict[str, Any], sheet: dict[str, Any], words: Words) -> TemplateRow:
    """`last`: the row that was sent before, empty where none was."""
    as_before = {name: str(last.get(name, "")) for name in ("conf_status", "source")}
    return TemplateRow(
        given | as_before, words.of(sheet, "label"), _say_last(last, sheet, words), _say_note(sheet, words)
    )


def _say_last(last: dict[str, Any], sheet: dict[str, Any], words: Words) -> str:
    """« T2 2026 : 26,8 % (38 sur 142) »; '' where nothing was sent yet."""
    if not last:
        return ""
    return words("template.last", period=words.period(last["period"]), figure=_say_figure(last, sheet, words))


def _say_figure(last: dict[str, Any], sheet: dict[str, Any], words: Words) -> str:
    if last["is_masked"]:
        return words("sign.secret")
    if last["obs_status"] in WITHOUT_VALUE:
        return words(SIGN_OF_STATUS[last["obs_status"]])
    if last["value"] is None:
        return words("sign.not_available")
    value = words.in_unit(last["value"], sheet["unit"], sheet["decimals"])
    if last["numerator"] is None or last["denominator"] is None:
        return value
    counts = {name: _say_count(last[name], words) for name in ("numerator", "denominator")}
    return words("template.rate", value=value, counts=words("counts", **counts))


def _say_count(count: float, words: Words) -> str:
    return words.number(count, 0 if float(count).is_integer() else 1)


def _say_note(sheet: dict[str, Any], words: Words) -> str:
    """Of the indicator's sheet: its definition, what is counted and out of what, its limits."""
    numerator, denominator = words.of(sheet, "numerator"), words.of(sheet, "denominator")
    counted = words("template.counted", numerator=numerator) if numerator else ""
    if numerator and denominator:
        counted = words("template.parts", numerator=numerator, denominator=denominator)
    return " ".join(part for part in (words.of(sheet, "definition"), counted, words.of(sheet, "limits")) if part)
