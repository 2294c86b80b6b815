"""How much of a figure may be shown for its n: decided once, used by every output."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.words import FEWEST_FOR_PERCENT, Display

FEWEST_FOR_CERTAIN_PERCENT = 100
FEWEST_FOR_DECIMAL = 1000
RATES = ("percent", "per_100")


def choose_display() -> pl.Expr:
    """The Display of a row from is_masked, value, denominator, unit and has_interval."""
    n = pl.col("denominator")
    has_n = pl.col("unit").is_in(RATES) & n.is_not_null() & pl.col("has_interval")
    rules = [
        (pl.col("is_masked"), Display.MASKED),
        (pl.col("value").is_null(), Display.NO_VALUE),
        (~has_n, Display.AS_DEFINED),
        (n < FEWEST_FOR_PERCENT, Display.COUNTS_ONLY),
        (n < FEWEST_FOR_CERTAIN_PERCENT, Display.ORDER_OF_MAGNITUDE),
        (n < FEWEST_FOR_DECIMAL, Display.WHOLE),
        (pl.lit(True), Display.DECIMAL),
    ]
    return first_that_holds([(holds, display.value) for holds, display in rules])


def first_that_holds(rules: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    """The word of the first rule that holds, null where none does.

    The rules choose a number, the number the word: an eighth of the time of words that are chosen between.
    """
    number = pl.lit(None, pl.UInt8)
    for at, (holds, _) in reversed(list(enumerate(rules))):
        number = pl.when(holds).then(pl.lit(at, pl.UInt8)).otherwise(number)
    return pl.lit(pl.Series([word for _, word in rules])).gather(number)


def choose_decimals(display: pl.Expr) -> pl.Expr:
    """Decimals to show: none below 1 000, at most one from there, never more than the definition's."""
    return (
        pl.when(display == Display.AS_DEFINED.value)
        .then(pl.col("decimals"))
        .when(display == Display.DECIMAL.value)
        .then(pl.min_horizontal("decimals", pl.lit(1)))
        .otherwise(0)
    )
