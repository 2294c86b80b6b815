"""Which territories may stand on one chart, and why the others may not."""

from __future__ import annotations

import polars as pl

from measures.display import RATES
from schemas.words import FEWEST_FOR_PERCENT, plain_word

c = pl.col
FIFTHS = 5
SHARED = {
    "other_version": ("indicator_version",),
    "other_level": ("level",),
    "other_method": ("collection_method", "source"),
    "other_population": ("reference_population",),
    "other_basis": ("time_basis",),
}
"""What those on one chart have in common, by the reason that is given to the others."""


def compare_territories(progress: pl.DataFrame) -> pl.DataFrame:
    """The latest row of each territory for one indicator, with `left_out`: null, or why it cannot stand beside others.

    In the order of `territory_code`, never of the value. The common period is the latest that any territory has.
    Reasons, first match: what a territory lacks (no_figure, masked, other_period, broken_series, too_few), then what
    sets it apart from the rest (other_version, other_level, other_method, other_population, other_basis). There each
    is compared with what most of those not yet left out share; of equals, with the first in the order of the alphabet.
    A column of SHARED that is missing or empty is no difference; case, accents and signs of a source are none either.
    `moved` says better, worse or unclear against the territory's own baseline.
    """
    whole = (c("qpv_code") == "") & (c("dimension") == "total")
    latest = progress.filter(whole & c("is_latest")).sort("territory_code", "goal_code")
    latest = latest.unique("territory_code", keep="first", maintain_order=True)
    common = latest.filter(c("value").is_not_null() | c("is_masked"))["period"].max()
    compared = latest.with_columns(left_out=_lacks(common), moved=_moved(), common_period=pl.lit(common, pl.String))
    for reason, columns in SHARED.items():
        compared = _set_apart(compared, [name for name in columns if name in latest.columns], reason)
    return compared


def _lacks(common: object) -> pl.Expr:
    rules = [
        (c("period").is_null() | (c("value").is_null() & ~c("is_masked")), "no_figure"),
        (c("is_masked"), "masked"),
        (c("period") != pl.lit(common, pl.String), "other_period"),
        (c("has_break"), "broken_series"),
        ((c("n") < FEWEST_FOR_PERCENT) & c("unit").is_in(RATES), "too_few"),
    ]
    return pl.coalesce(pl.when(holds).then(pl.lit(reason)) for holds, reason in rules)


def _set_apart(compared: pl.DataFrame, columns: list[str], reason: str) -> pl.DataFrame:
    """Leave out those that differ from what most of the rest share in these columns."""
    stands = c("left_out").is_null()
    known = compared.filter(stands).select(_plain(name) for name in columns).drop_nulls()
    if known.is_empty():
        return compared
    groups = known.group_by(columns).len().sort("len", *columns, descending=[True, *(False for _ in columns)])
    differs = pl.any_horizontal(_plain(name) != groups[name][0] for name in columns)
    return compared.with_columns(left_out=pl.when(stands & differs).then(pl.lit(reason)).otherwise("left_out"))


def _plain(name: str) -> pl.Expr:
    return c(name).map_elements(plain_word, return_dtype=pl.String) if name == "source" else c(name)


def _moved() -> pl.Expr:
    return (
        pl.when(c("ref_value").is_null() | c("change_low").is_null() | (c("polarity") == "none"))
        .then(None)
        .when(c("change_low") > 0)
        .then(pl.lit("better"))
        .when(c("change_high") < 0)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("unclear"))
    )


def compare_with_reference(low: pl.Expr, high: pl.Expr, reference: pl.Expr) -> pl.Expr:
    """lower, similar or higher than a reference, by the whole interval; null without one.

    FingertipsNext, BenchmarkComparisonEngine. A place is not compared with itself: leave its own row out.
    """
    return (
        pl.when(high < reference)
        .then(pl.lit("lower"))
        .when(low > reference)
        .then(pl.lit("higher"))
        .when((low <= reference) & (high >= reference))
        .then(pl.lit("similar"))
    )


def quintile(value: pl.Expr) -> pl.Expr:
    """The fifth in which a value lies, 1 the lowest, as SQL's NTILE(5); null under five values. No page ranks by it."""
    count = value.count()
    rank = value.rank("ordinal").cast(pl.Int64) - 1
    size, more = count // FIFTHS, count % FIFTHS
    in_large = rank // (size + 1)
    fifth = pl.when(rank < more * (size + 1)).then(in_large).otherwise(more + (rank - more * (size + 1)) // size)
    return pl.when(count >= FIFTHS).then(fifth + 1)
