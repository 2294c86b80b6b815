"""What may be chosen in the columns of the template, with its meaning."""

from __future__ import annotations

from typing import NamedTuple

from outputs.template_rows import TemplateRow, list_categories, list_quartiers
from schemas.catalogue import Catalogue
from schemas.observation import COLUMN
from schemas.period import parse_period, write_period
from texts import Words

TOTAL = COLUMN["dimension"].default


class Choice(NamedTuple):
    """One word that may be chosen in a column (our code); of a category, also its `dimension`."""

    column: str
    word: str
    meaning: str
    dimension: str = ""


def list_choices(
    catalogue: Catalogue, territory_code: str, round_period: str, rows: list[TemplateRow], words: Words
) -> list[Choice]:
    """Together by column, and the categories by dimension: the total first.

    The indicators and periods are those of `rows`; the quartiers, the territory's in the quarter of the round.
    """
    periods = {row.cells["period"]: row.cells["period"].replace("-T", "-Q") for row in rows}
    periods |= {write_period(round_period): round_period}
    labels = {row.cells["indicator_code"]: row.label for row in rows}
    return [
        Choice("territory_code", territory_code, catalogue.territory_name(territory_code)),
        *_list_quartiers(catalogue, territory_code, round_period),
        *(Choice("indicator_code", code, label) for code, label in labels.items()),
        *(Choice("period", word, words.period(code)) for word, code in sorted(periods.items())),
        *_list_breakdowns(catalogue, words),
    ]


def _list_quartiers(catalogue: Catalogue, territory_code: str, round_period: str) -> list[Choice]:
    names = dict(catalogue.quartiers.sort("zoning_vintage").select("qpv_code", "name").iter_rows())
    codes = list_quartiers(catalogue, territory_code, parse_period(round_period))
    return [Choice("qpv_code", code, names.get(code, "")) for code in codes]


def _list_breakdowns(catalogue: Catalogue, words: Words) -> list[Choice]:
    """The dimensions, then the categories of each."""
    rows = list_categories(catalogue).rows(named=True)
    labels = {row["dimension"]: words.of(row, "dimension_label") for row in rows}
    return [
        Choice("dimension", TOTAL, words("template.total")),
        *(Choice("dimension", dimension, label) for dimension, label in labels.items()),
        Choice("category", "", words("template.total"), TOTAL),
        *(Choice("category", row["category"], words.of(row, "label"), row["dimension"]) for row in rows),
    ]
