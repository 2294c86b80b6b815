"""What the catalogue, the calendar and the file itself say of each row: all that the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod

import polars as pl

from pipelines.tidy import Clock
from schemas.catalogue import Catalogue
from schemas.observation import KEY
from schemas.period import FREQUENCY_OF_KIND, parse_period, period_bounds

c = pl.col
LINES_NAMED = 50
FEW = 1000
SHEET = ("unit", "frequency", "components", "time_basis", "valid_min", "valid_max")


def gather_facts(tidy: pl.DataFrame, catalogue: Catalogue, territories: Iterable[str], clock: Clock) -> pl.DataFrame:
    """The tidy rows, `_at` (their place) and beside them:

    the period's `period_start`, `period_end`, `period_frequency`, `is_over`; of the indicator's sheet in force
    `indicator_version` and SHEET, with `is_known`, `lowest`, `highest`; `is_own_territory`, `is_attached` (the quartier
    to the territory), `is_dimension`, `is_category`, and `twins`, the lines that hold the same key.
    """
    today = clock().date()
    places = tidy.select("territory_code", "qpv_code", "period").with_row_index("_at")
    of_sheets = _look_up(tidy, ("indicator_code", "period"), lambda met: _find_sheets(met, catalogue))
    of_categories = _look_up(tidy, ("dimension", "category"), lambda met: _find_categories(met, catalogue))
    attached = _list_attached(places.hstack(of_sheets.select("period_start", "period_end")), catalogue)
    return (
        tidy.hstack(places.select("_at"))
        .hstack(of_sheets)
        .hstack(of_categories)
        .with_columns(
            is_over=c("period_end") < today,
            is_own_territory=c("territory_code").is_in(list(territories)),
            is_known=c("unit").is_not_null(),
            is_attached=c("_at").is_in(attached.implode()) if len(attached) else pl.lit(False),
            lowest=c("valid_min").fill_null(float("-inf")),
            highest=c("valid_max").fill_null(float("inf")),
            twins=_find_twins(tidy),
        )
    )


def _look_up(rows: pl.DataFrame, on: tuple[str, ...], facts_of: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """What is said of each combination of some columns, on every row that has it.

    Where all possible combinations are few, each has a number: a million rows are joined by their texts ten times
    more slowly. Words come as categories, which are spread as numbers are.
    """
    words = [rows[f"{name}_word"].dtype.categories for name in on]  # type: ignore[attr-defined]
    sizes = [len(of_one) + 1 for of_one in words]  # the last place is that of null
    if prod(sizes) > max(len(rows), FEW):
        facts = facts_of(rows.select(on).unique())
        beside = rows.select(on).join(facts, on=on, how="left", nulls_equal=True, maintain_order="left")
        return beside.drop(on).with_columns(c(pl.String).cast(pl.Categorical))
    number = pl.lit(0, pl.UInt64)
    every = pl.LazyFrame({"": [None]})
    for name, of_one, size in zip(on, words, sizes, strict=True):
        place = c(f"{name}_word").to_physical().cast(pl.UInt64).fill_null(size - 1)
        number = number * size + place
        every = every.join(
            pl.LazyFrame({name: [*of_one, None]}, {name: pl.String}), how="cross", maintain_order="left_right"
        )
    facts = facts_of(every.select(on).collect()).drop(on).with_columns(c(pl.String).cast(pl.Categorical))
    return facts[rows.select(number).to_series()]


def _find_sheets(met: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The bounds of each period and the sheet of each indicator in it.

    The sheet is the version in force at the start of the period, else the first.
    """
    bounds = period_bounds(met["period"])
    kinds = [FREQUENCY_OF_KIND[parse_period(code).kind] for code in bounds["period"]]
    bounds = bounds.with_columns(period_frequency=pl.Series(kinds, dtype=pl.String))
    sheets = catalogue.indicators.lazy().sort("valid_from")
    sheets = sheets.select("indicator_code", "valid_from", *SHEET, indicator_version="version")
    first = sheets.group_by("indicator_code").agg(first_from=c("valid_from").min())
    dated = met.lazy().with_row_index("_met").join(bounds.lazy(), on="period", how="left")
    dated = dated.join(first, on="indicator_code", how="left")
    in_force = (
        dated.with_columns(_sheet_at=pl.max_horizontal("period_start", "first_from"))
        .sort("_sheet_at")
        .join_asof(
            sheets,
            left_on="_sheet_at",
            right_on="valid_from",
            by="indicator_code",
            strategy="backward",
            check_sortedness=False,
        )
    )
    return in_force.sort("_met").drop("_met", "_sheet_at", "first_from", "valid_from").collect()


def _find_categories(met: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    known = catalogue.categories.select("dimension", "category", is_category=pl.lit(True))
    is_total = (c("dimension") == "total") & (c("category") == "")
    beside = met.join(known, on=["dimension", "category"], how="left", maintain_order="left")
    return beside.with_columns(
        is_dimension=c("dimension").is_in(["total", *known["dimension"].unique()]),
        is_category=c("is_category").fill_null(False) | is_total,
    )


def _list_attached(places: pl.DataFrame, catalogue: Catalogue) -> pl.Series:
    """Rows whose quartier belongs to their territory at some day of their period (any day, if it is unreadable)."""
    return (
        places.lazy()
        .filter(c("qpv_code") != "")
        .join(catalogue.territory_quartiers.lazy(), on=["territory_code", "qpv_code"])
        .filter(
            (c("period_end") >= c("valid_from")).fill_null(True)
            & ((c("period_start") <= c("valid_to")) | c("valid_to").is_null()).fill_null(True)
        )
        .select(c("_at").unique())
        .collect()["_at"]
    )


def _find_twins(tidy: pl.DataFrame) -> pl.Series:
    """The lines of a key that the file holds more than once, « 4, 9 », on each of its rows; else null.

    A hash finds the suspects, and only they are compared exactly.
    """
    twins = pl.repeat(None, len(tidy), dtype=pl.String, eager=True)
    marks = tidy.select(pl.struct("territory_code", "qpv_code", c("^.*_word$")).hash()).to_series()
    in_order = marks.sort()
    met_again = in_order.filter(in_order == in_order.shift(1))
    if met_again.is_empty():
        return twins
    lines = c("source_row").cast(pl.String).head(LINES_NAMED).str.join(", ")
    more = pl.when(pl.len() > LINES_NAMED).then(pl.lit(", …")).otherwise(pl.lit(""))
    found = (
        tidy.lazy()
        .select("source_row", *KEY)
        .with_row_index("_at")
        .filter(pl.lit(marks).is_in(met_again.unique().implode()) & c("period").is_not_null())
        .group_by(KEY)
        .agg("_at", twins=lines + more)
        .filter(c("_at").list.len() > 1)
        .explode("_at")
        .collect()
    )
    return twins.scatter(found["_at"], found["twins"])
