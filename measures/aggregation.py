"""Sums over territories and over the quarters of a year; one that would say something false is refused, and why.

A rate of several is the ratio of their sums, never the mean of their rates. Only the cells
that the audience sees are added: a total with masked cells in it would give them away by the difference between two
selections. The sum of any selection thus tells nothing more than the cells that this audience is shown already; it is
for this audience only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

import polars as pl

from measures.display import RATES
from measures.intervals import bounds_of, garwood_pair, wilson
from schemas.words import ObsStatus

c = pl.col
CELL = ("indicator_code", "period", "dimension", "category")
FEWEST_TERRITORIES = 3
QUARTERS_OF_YEAR = 4
QUARTER = r"^(\d{4})-Q[1-4]$"
SHEET = ("level", "unit", "time_basis", "frequency", "aggregation", "persons_unique", "has_interval")
SUMS = ("unit", "numerator", "denominator", "value", "low", "high")


class Refusal(StrEnum):
    """Why a sum is not made."""

    STOCK = "stock"
    DISTINCT_PERSONS = "distinct_persons"
    ROLLING = "rolling"
    NOT_QUARTERLY = "not_quarterly"
    NOT_ADDITIVE = "not_additive"
    NOTHING = "nothing"
    WITHOUT_COMPONENTS = "without_components"
    INCOMPLETE_YEAR = "incomplete_year"
    MIXED_VERSIONS = "mixed_versions"
    BROKEN_SERIES = "broken_series"
    TOO_FEW_TERRITORIES = "too_few_territories"
    MIXED_LEVELS = "mixed_levels"
    MIXED_INDICATORS = "mixed_indicators"
    MIXED_PLACES = "mixed_places"


def sum_over_territories(rows: pl.DataFrame, sheets: pl.DataFrame, asked: Collection[str]) -> pl.DataFrame:
    """The territories of `asked` together: one row an (indicator, period, dimension, category), in that order.

    `rows`: as `store.load_observations` returns them for an audience; only whole territories are read. `sheets`: the
    catalogue's indicators, every version. Columns: the four of the cell, unit; numerator and denominator (null for a
    count), value and its 95 % interval low, high, in the unit; covered, masked, missing (territories whose figure is
    in the sum, is not shown, is not there; together `asked`); refused (null, or the Refusal: then no number).

    Refused, first match: not_additive, nothing (no figure that is shown), without_components (rates without numerator
    or denominator above 0), mixed_versions (with a break between them), too_few_territories (below three: a territory
    that knows its own figure would learn another's). Persons are distinct within a territory: counts of
    distinct persons are added over territories, and never over periods. Wilson for shares, Garwood for counts and
    events per 100; a share whose numerator is above its denominator somewhere has no interval.
    """
    whole = rows.filter((c("qpv_code") == "") & c("territory_code").is_in(sorted(asked)))
    sums = _sum_cells(_join_sheets(whole, sheets), CELL, "territory_code")
    refused = _first_match(
        (~c("is_additive"), Refusal.NOT_ADDITIVE),
        (c("shown") == 0, Refusal.NOTHING),
        (c("covered") == 0, Refusal.WITHOUT_COMPONENTS),
        (c("definitions") > 1, Refusal.MIXED_VERSIONS),
        (c("covered") < FEWEST_TERRITORIES, Refusal.TOO_FEW_TERRITORIES),
    )
    coverage = {"asked": pl.lit(len(set(asked)), pl.Int64)}
    coverage["missing"] = coverage["asked"] - c("covered") - c("masked")
    found = _add_numbers(sums.with_columns(refused=refused, **coverage))
    return found.select(*CELL, *SUMS, "covered", "asked", "masked", "missing", "refused").sort(CELL)


def sum_over_periods(rows: pl.DataFrame, sheets: pl.DataFrame) -> pl.DataFrame:
    """The four quarters of each calendar year: one row a (territory, qpv, indicator, year, dimension, category).

    `rows` and `sheets` as in `sum_over_territories`, quartiers included; `period` is the year (`2026`), or the row's
    own where it is no quarter. Columns and order as there, with territory_code and qpv_code first; covered and masked
    count quarters.

    Only flows are added, and only where all four quarters are shown. Refused, first match: stock (those who are there
    in March and in June are the same), distinct_persons (who comes in two quarters would count twice), rolling (each
    quarter holds four already), not_quarterly, not_additive, without_components, incomplete_year, mixed_versions,
    broken_series (a break after the first quarter).
    """
    cell = ("territory_code", "qpv_code", *CELL)
    facts = _join_sheets(rows, sheets).with_columns(quarter="period", year=c("period").str.extract(QUARTER))
    is_quarterly = c("year").is_not_null() & (c("frequency") == "quarter") & (c("time_basis") == "flow")
    is_break = (c("obs_status") == ObsStatus.BREAK.value) & ~c("quarter").str.ends_with("-Q1")
    sums = _sum_cells(
        facts.with_columns(period=pl.coalesce("year", "period")),
        cell,
        "quarter",
        is_stock=(c("time_basis") == "stock_end").any(),
        is_distinct=c("persons_unique").any(),
        is_rolling=(c("time_basis") == "rolling_4q").any(),
        is_quarterly=is_quarterly.fill_null(False).all(),
        has_break=is_break.any(),
    )
    refused = _first_match(
        (c("is_stock"), Refusal.STOCK),
        (c("is_distinct"), Refusal.DISTINCT_PERSONS),
        (c("is_rolling"), Refusal.ROLLING),
        (~c("is_quarterly"), Refusal.NOT_QUARTERLY),
        (~c("is_additive"), Refusal.NOT_ADDITIVE),
        ((c("shown") > 0) & (c("covered") == 0), Refusal.WITHOUT_COMPONENTS),
        (c("covered") < QUARTERS_OF_YEAR, Refusal.INCOMPLETE_YEAR),
        (c("definitions") > 1, Refusal.MIXED_VERSIONS),
        (c("has_break"), Refusal.BROKEN_SERIES),
    )
    found = _add_numbers(sums.with_columns(refused=refused))
    return found.select(*cell, *SUMS, "covered", "masked", "refused").sort(cell)


def find_mixture(rows: pl.DataFrame, sheets: pl.DataFrame) -> Refusal | None:
    """Why these rows may not be in one sum, whatever their figures; None if they may.

    First match: mixed_levels (population, participants, system), mixed_indicators (or units), mixed_places (a whole
    territory beside quartiers, which it holds already).
    """
    facts = _join_sheets(rows, sheets)
    distinct = [
        (c("level"), Refusal.MIXED_LEVELS),
        (pl.struct("indicator_code", "unit"), Refusal.MIXED_INDICATORS),
        (c("qpv_code") == "", Refusal.MIXED_PLACES),
    ]
    counts = facts.select(what.n_unique().alias(reason.value) for what, reason in distinct)
    return next((reason for _, reason in distinct if counts[reason.value].item() > 1), None)


def _join_sheets(rows: pl.DataFrame, sheets: pl.DataFrame) -> pl.DataFrame:
    """Each row with what its version's sheet says; `series` grows by one with every version that breaks the series.

    Added: is_rate; is_shown (there is a figure and the audience sees it); is_added (it can be in a sum).
    """
    versions = sheets.sort("indicator_code", "version").select(
        "indicator_code",
        *SHEET,
        indicator_version=c("version").cast(pl.Int64),
        series=c("breaks_series").cast(pl.Int64).cum_sum().over("indicator_code"),
    )
    facts = rows.with_columns(c("indicator_version").cast(pl.Int64))
    facts = facts.join(versions, on=["indicator_code", "indicator_version"], how="left")
    is_rate = c("unit").is_in(RATES).fill_null(False)
    has_components = (c("numerator").is_not_null() & (c("denominator") > 0)).fill_null(False)
    has_value = c("value").is_not_null()
    return facts.with_columns(
        is_rate=is_rate,
        is_shown=~c("is_masked") & (has_value | (is_rate & has_components)),
        is_added=~c("is_masked") & pl.when(is_rate).then(has_components).otherwise(has_value),
    )


def _sum_cells(facts: pl.DataFrame, cell: Sequence[str], part: str, **more: pl.Expr) -> pl.DataFrame:
    """One row a cell: the sums of what is added, how many distinct parts they hold, and what decides on a refusal."""
    added = c("is_added")
    is_additive = ((c("aggregation") == "ratio_of_sums") & c("is_rate")) | (
        (c("aggregation") == "sum") & (c("unit") == "count")
    )
    return facts.group_by(cell).agg(
        c("numerator", "denominator", "value").filter(added).sum(),
        unit=pl.coalesce(c("unit").filter(added).min(), c("unit").min()),
        shown=c("is_shown").sum(),
        covered=c(part).filter(added).n_unique().cast(pl.Int64),
        masked=c(part).filter("is_masked").n_unique().cast(pl.Int64),
        definitions=pl.struct("series", "unit").filter(added).n_unique(),
        is_additive=is_additive.fill_null(False).all(),
        has_interval=c("has_interval").filter(added).all(),
        is_within=(c("numerator") <= c("denominator")).filter(added).all(),
        **more,
    )


def _first_match(*rules: tuple[pl.Expr, Refusal]) -> pl.Expr:
    return pl.coalesce(pl.when(holds).then(pl.lit(reason.value)) for holds, reason in rules)


def _add_numbers(sums: pl.DataFrame) -> pl.DataFrame:
    """Value, low and high of the sums that are made; no number in those refused."""
    made = c("refused").is_null()
    rate = made & c("unit").is_in(RATES)
    sums = sums.with_columns(
        pl.when(rate).then(c("numerator", "denominator")),
        value=pl.when(rate).then(100 * c("numerator") / c("denominator")).when(made).then(c("value")),
    )
    events = pl.when(c("unit") == "count").then("value").when(c("unit") == "per_100").then("numerator")
    sums = sums.with_columns(exact=garwood_pair(pl.when("has_interval").then(events)))
    share_low, share_high = wilson(c("numerator"), c("denominator"))
    is_share = c("has_interval") & c("is_within") & (c("unit") == "percent")
    exposure = pl.when(c("unit") == "per_100").then(c("denominator") / 100).otherwise(1.0)
    low, high = (
        pl.when(is_share).then(100 * share).otherwise(count / exposure)
        for share, count in zip((share_low, share_high), bounds_of(c("exact")), strict=True)
    )
    return sums.with_columns(low=low, high=high)
