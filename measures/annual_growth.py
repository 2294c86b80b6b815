"""Annual growth, and whether it is enough to reach the target: a second opinion beside attainment and pace.

The progress measure of Open SDG and Statistics Canada (open-sdg/sdg-build 2.4.0, sdg/ProgressMeasure.py). It reads
percentages close to 0 or 100 poorly.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

c = pl.col
INSTEAD_OF_ZERO = 0.001
SHORTEST_SPAN = 1.0
"""In years."""
HIGH_RATIO, MEDIUM_RATIO = 0.95, 0.60
HIGH_GROWTH, MEDIUM_GROWTH = 0.015, 0.005
CURVE_OF_LIMIT = 4.44
WORST_SCORE, BEST_SCORE = -5.0, 5.0
NUMBERS = ["base", "base_at", "current", "current_at", "target", "target_at", "limit"]


class Growth(StrEnum):
    """What the annual growth of a series says."""

    SUBSTANTIAL = "substantial"
    MODERATE = "moderate"
    LIMITED = "limited"
    DETERIORATION = "deterioration"
    TARGET_ACHIEVED = "target_achieved"
    NOT_AVAILABLE = "not_available"


def measure_growth(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with growth_ratio, growth_score (-5 to 5) and growth_status (a `Growth`).

    Needs base, current, target and limit in one unit, base_at, current_at and target_at in years (a quarter is
    year + (quarter - 1) / 4), and is_rising. Target and limit may be null; a limit counts only without a target.
    growth_ratio: without a target, the annual growth (0.01 is 1 % a year); with one, that growth over the annual
    growth that leads to the target. Both are turned so that above 0 is better.

    A base or a target of 0 counts as 0.001. Not available, with null numbers: something else null or not finite; less
    than a year from base to current; base, current and target not on one side of 0; a target due no later than the
    base, or equal to the base and missed. A target equal to the base and held is achieved, without a ratio.
    """
    facts = _facts(rows)
    facts = facts.with_columns(growth_ratio=_growth_ratio())
    facts = facts.with_columns(is_achieved=_is_achieved())
    return rows.with_columns(
        facts.select("growth_ratio", growth_score=_growth_score(), growth_status=_growth_status()).get_columns()
    )


def combine_growth(measured: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row a group of series: `by`, growth_score (the mean of their scores) and growth_status.

    Series that are not available are left out, as Open SDG does. Achieved only if all that remain are; else from the
    score: 2.5 and above substantial, 0 moderate, -2.5 limited. Groups in order of appearance.
    """
    is_available = c("growth_status") != Growth.NOT_AVAILABLE
    is_achieved = (c("growth_status") == Growth.TARGET_ACHIEVED).filter(is_available).all()
    score = c("growth_score")
    return (
        measured.group_by(by, maintain_order=True)
        .agg(score.filter(is_available).mean(), is_achieved=is_achieved)
        .with_columns(
            growth_status=pl.when(score.is_null())
            .then(_word(Growth.NOT_AVAILABLE))
            .when("is_achieved")
            .then(_word(Growth.TARGET_ACHIEVED))
            .otherwise(_grade(score, pl.lit(2.5), pl.lit(0.0), -2.5))
        )
        .drop("is_achieved")
    )


def _facts(rows: pl.DataFrame) -> pl.DataFrame:
    """What the rules need, as numbers: zeros replaced, better and the sign of the base as 1 or -1, spans in years."""
    base, target = c("base"), c("target")
    return rows.select(c(NUMBERS).cast(pl.Float64), c("is_rising").cast(pl.Boolean)).select(
        "is_rising",
        "current",
        start=pl.when(base == 0).then(INSTEAD_OF_ZERO).otherwise(base),
        goal=pl.when(target == 0).then(INSTEAD_OF_ZERO).otherwise(target),
        better=pl.when("is_rising").then(1).otherwise(-1),
        sign=pl.when(base < 0).then(-1).otherwise(1),
        span=c("current_at") - c("base_at"),
        span_of_goal=c("target_at") - c("base_at"),
        has_target=target.is_not_null(),
        room=_room_below_limit(base.abs(), c("limit").abs()),
    )


def _room_below_limit(base: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """By how much the thresholds shrink: 1 far from the limit (on either side) or without one, 0 at it."""
    return (
        pl.when(limit.is_null() | (base >= 2 * limit))
        .then(1.0)
        .when(base <= limit)
        .then(1 - (base / limit) ** CURVE_OF_LIMIT)
        .otherwise(1 - ((2 * limit - base) / limit) ** CURVE_OF_LIMIT)
    )


def _annual_growth(start: pl.Expr, end: pl.Expr, years: pl.Expr) -> pl.Expr:
    return (end / start) ** (1 / years) - 1


def _is_measurable() -> pl.Expr:
    on_one_side = c("start").sign() * c("current").sign() >= 0
    is_known = pl.all_horizontal(c("start", "current", "span", "room").is_finite(), c("is_rising").is_not_null())
    is_goal_known = c("goal").is_finite() & c("span_of_goal").is_finite()
    is_goal_usable = is_goal_known & (c("span_of_goal") > 0) & (c("start").sign() == c("goal").sign())
    measurable = is_known & (c("span") >= SHORTEST_SPAN) & on_one_side & (~c("has_target") | is_goal_usable)
    return measurable.fill_null(False)


def _growth_ratio() -> pl.Expr:
    growth = c("better") * c("sign") * _annual_growth(c("start"), c("current"), c("span"))
    needed = _annual_growth(c("start"), c("goal"), c("span_of_goal")).abs()
    ratio = growth / pl.when("has_target").then(needed).otherwise(1.0)
    return pl.when(_is_measurable() & ratio.is_finite()).then(ratio)


def _is_achieved() -> pl.Expr:
    reached = c("better") * c("current") >= c("better") * c("goal")
    return (_is_measurable() & c("has_target") & reached).fill_null(False)


def _growth_score() -> pl.Expr:
    p, room = c("growth_ratio"), c("room")
    with_target = pl.when(p >= MEDIUM_RATIO).then(7.1429 * p - 4.2857).otherwise(4.1667 * p - 2.5)
    without = (
        pl.when(p < 0)
        .then(125 * p - 2.5)
        .when((room == 0) & (p >= 0))
        .then(BEST_SCORE)
        .when(p >= HIGH_GROWTH * room)
        .then(500 * p / room - 5)
        .when(p >= MEDIUM_GROWTH * room)
        .then(250 * p / room - 1.25)
        .otherwise(500 * p / room - 2.5)
    )
    score = pl.when("has_target").then(with_target).otherwise(without).clip(WORST_SCORE, BEST_SCORE)
    return pl.when("is_achieved").then(BEST_SCORE).when(p.is_not_null()).then(score)


def _growth_status() -> pl.Expr:
    p, room = c("growth_ratio"), c("room")
    high = pl.when("has_target").then(HIGH_RATIO).otherwise(HIGH_GROWTH * room)
    medium = pl.when("has_target").then(MEDIUM_RATIO).otherwise(MEDIUM_GROWTH * room)
    return (
        pl.when("is_achieved")
        .then(_word(Growth.TARGET_ACHIEVED))
        .when(p.is_null())
        .then(_word(Growth.NOT_AVAILABLE))
        .otherwise(_grade(p, high, medium, 0.0))
    )


def _grade(number: pl.Expr, high: pl.Expr, medium: pl.Expr, low: float) -> pl.Expr:
    return (
        pl.when(number >= high)
        .then(_word(Growth.SUBSTANTIAL))
        .when(number >= medium)
        .then(_word(Growth.MODERATE))
        .when(number >= low)
        .then(_word(Growth.LIMITED))
        .otherwise(_word(Growth.DETERIORATION))
    )


def _word(growth: Growth) -> pl.Expr:
    return pl.lit(growth.value)
