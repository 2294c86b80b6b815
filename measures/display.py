"""How much of a figure may be shown for its n: decided once, used by every output."""

from __future__ import annotations

import polars as pl

from schemas.words import Display

FEWEST_FOR_PERCENT = 30
FEWEST_FOR_CERTAIN_PERCENT = 100
FEWEST_FOR_DECIMAL = 1000
RATES = ("percent", "per_100")


def choose_display() -> pl.Expr:
    """The Display of a row from is_masked, value, denominator, unit and has_interval."""
    n = pl.col("denominator")
    by_n = (
        pl.when(n < FEWEST_FOR_PERCENT)
        .then(pl.lit(Display.COUNTS_ONLY.value))
        .when(n < FEWEST_FOR_CERTAIN_PERCENT)
        .then(pl.lit(Display.ORDER_OF_MAGNITUDE.value))
        .when(n < FEWEST_FOR_DECIMAL)
        .then(pl.lit(Display.WHOLE.value))
        .otherwise(pl.lit(Display.DECIMAL.value))
    )
    has_n = pl.col("unit").is_in(RATES) & n.is_not_null() & pl.col("has_interval")
    return (
        pl.when("is_masked")
        .then(pl.lit(Display.MASKED.value))
        .when(pl.col("value").is_null())
        .then(pl.lit(Display.NO_VALUE.value))
        .when(has_n)
        .then(by_n)
        .otherwise(pl.lit(Display.AS_DEFINED.value))
    )


def choose_decimals(display: pl.Expr) -> pl.Expr:
    """Decimals to show: none below 1 000, at most one from there, never more than the definition's."""
    return (
        pl.when(display == Display.AS_DEFINED.value)
        .then(pl.col("decimals"))
        .when(display == Display.DECIMAL.value)
        .then(pl.min_horizontal("decimals", pl.lit(1)))
        .otherwise(0)
    )
