"""Where one lands if it goes on as it has since the baseline, and what is needed from now on."""

from __future__ import annotations

import polars as pl

from measures.trajectory import WITH_TARGET
from schemas.words import FEWEST_FOR_PERCENT, Display

c = pl.col
MONTHS_OF_QUARTER = 3
FARTHEST = 12 * 10
"""Months: a landing that lies more than ten years ahead is none."""


def project_landing(progress: pl.DataFrame) -> pl.DataFrame:
    """Add to rows of `measure_progress`: needed_rate, landing_value, landing_low, landing_high, landing_at,
    landing_first_at, landing_last_at.

    needed_rate: (target - value) / (due - period), in the unit a quarter after the figure's period. The landing extends
    the change since the baseline in a line to the due period, and its 95 % interval with it: so it carries the chance
    in both figures, not that the pace may change. landing_at is when the target is met at that pace (months since year
    0), first and last its ends, none before the next quarter; a null last end means that nothing says it ever is.

    Null all without a target ahead in time, where the figure is masked, stale, broken off from its start, or shown as
    counts only, and where the target is met; the landing also without a baseline, an interval, or under 30.
    """
    span, left = c("at") - c("ref_at"), c("due_at") - c("at")
    sign = pl.when("is_rising").then(1).otherwise(-1)
    is_met = sign * (c("value") - c("target_value")) >= 0
    is_open = (
        c("kind").is_in(WITH_TARGET)
        & (left > 0)
        & ~(c("has_break") | c("is_stale") | c("is_masked"))
        & (c("display") != Display.COUNTS_ONLY.value)
    )
    projects = (
        is_open
        & (span > 0)
        & c("change_low").is_finite()
        & c("change_high").is_finite()
        & (c("n") >= FEWEST_FOR_PERCENT)
    )
    low, high = _change_in_unit()
    wanted = c("target_value") - c("ref_value")
    stretch = pl.when(projects).then((c("due_at") - c("ref_at")) / span)
    ahead = pl.when(projects & ~is_met & (sign * wanted > 0)).then(span)

    def land(change: pl.Expr) -> pl.Expr:
        landed = (c("ref_value") + change * stretch).clip(0)
        return pl.when(c("unit") == "percent").then(landed.clip(upper_bound=100)).otherwise(landed)

    def meet(change: pl.Expr) -> pl.Expr:
        months = pl.when(change * wanted > 0).then(ahead * wanted / change)
        in_time = c("ref_at") + pl.when(months <= span + FARTHEST).then(months.ceil().cast(pl.Int64))
        following = c("at") + MONTHS_OF_QUARTER
        return pl.when(in_time < following).then(following).otherwise(in_time)

    nearest, farthest = pl.when("is_rising").then(high).otherwise(low), pl.when("is_rising").then(low).otherwise(high)
    moved = c("value") - c("ref_value")
    return progress.with_columns(
        needed_rate=pl.when(is_open & ~is_met).then((c("target_value") - c("value")) / (left / MONTHS_OF_QUARTER)),
        landing_value=land(moved),
        landing_low=land(low),
        landing_high=land(high),
        landing_at=meet(moved),
        landing_first_at=meet(nearest),
        landing_last_at=meet(farthest),
    )


def _change_in_unit() -> tuple[pl.Expr, pl.Expr]:
    """The interval of the change since the baseline, as it is and in the indicator's unit."""
    low = pl.when("is_rising").then(c("change_low")).otherwise(-c("change_high"))
    high = pl.when("is_rising").then(c("change_high")).otherwise(-c("change_low"))

    def in_unit(change: pl.Expr) -> pl.Expr:
        return pl.when("change_is_ratio").then(c("ref_value") * (change.exp() - 1)).otherwise(change)

    return in_unit(low), in_unit(high)
