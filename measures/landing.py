"""Where one lands if it goes on as it has since the baseline, and what is needed from now on."""

from __future__ import annotations

import polars as pl

from measures.display import FEWEST_FOR_PERCENT
from schemas.words import Display

c = pl.col
MONTHS_OF_QUARTER = 3
FARTHEST = 12 * 100
"""Months: a landing that lies farther away than a century is none."""


def project_landing(progress: pl.DataFrame) -> pl.DataFrame:
    """Add to rows of `measure_progress`: needed_rate, landing_value, landing_low, landing_high, landing_at,
    landing_first_at, landing_last_at.

    needed_rate: (target - value) / (due - now), in the unit a quarter; null once it is due, or reached. The landing
    extends the change since the baseline in a line to the due period, and its 95 % interval with it: so it carries the
    chance in both figures, not that the pace may change. landing_at is when the target is met at that pace (months
    since year 0), first and last its ends, none before the figure itself; a null last end means that nothing says it
    ever is. Null all where there is no baseline, no target in time, a break since, no interval, or under 30.
    """
    span = c("at") - c("ref_at")
    usable = (
        c("kind").is_in(["at_least", "at_most"])
        & (span > 0)
        & c("change_low").is_finite()
        & c("change_high").is_finite()
        & ~c("has_break")
        & (c("n") >= FEWEST_FOR_PERCENT)
        & ~c("is_masked")
    )
    low, high = _change_in_unit()
    wanted = c("target_value") - c("ref_value")
    left = c("due_at") - c("at")
    is_met = pl.when("is_rising").then(c("value") >= c("target_value")).otherwise(c("value") <= c("target_value"))
    stretch = pl.when(usable & (left > 0)).then((c("due_at") - c("ref_at")) / span)
    ahead = pl.when(usable & ~is_met).then(span)

    def land(change: pl.Expr) -> pl.Expr:
        top = pl.when(c("unit") == "percent").then(100.0).otherwise(float("inf"))
        return pl.min_horizontal(pl.max_horizontal(c("ref_value") + change * stretch, pl.lit(0.0)), top)

    def meet(change: pl.Expr) -> pl.Expr:
        months = pl.when(change * wanted > 0).then(ahead * wanted / change)
        in_time = c("ref_at") + pl.when(months < FARTHEST).then(months.ceil().cast(pl.Int64))
        return pl.when(in_time < c("at")).then("at").otherwise(in_time)

    nearest, farthest = pl.when("is_rising").then(high).otherwise(low), pl.when("is_rising").then(low).otherwise(high)
    moved = c("value") - c("ref_value")
    return progress.with_columns(
        needed_rate=pl.when((left > 0) & ~is_met & (c("display") != Display.COUNTS_ONLY.value)).then(
            (c("target_value") - c("value")) / (left / MONTHS_OF_QUARTER)
        ),
        landing_value=pl.when(stretch.is_not_null()).then(land(moved)),
        landing_low=pl.when(stretch.is_not_null()).then(land(low)),
        landing_high=pl.when(stretch.is_not_null()).then(land(high)),
        landing_at=meet(moved),
        landing_first_at=meet(nearest),
        landing_last_at=meet(farthest),
    )


def _change_in_unit() -> tuple[pl.Expr, pl.Expr]:
    """The interval of the change since the baseline, as it is and in the indicator's unit."""
    low = pl.when("is_rising").then(c("change_low")).otherwise(-c("change_high"))
    high = pl.when("is_rising").then(c("change_high")).otherwise(-c("change_low"))
    is_ratio = c("unit").is_in(["count", "per_100"])

    def in_unit(change: pl.Expr) -> pl.Expr:
        return pl.when(is_ratio).then(c("ref_value") * (change.exp() - 1)).otherwise(change)

    return in_unit(low), in_unit(high)
