"""Signal or chance: the limits of XmR charts and the rules read on them, for many series at once.

Sources: NHS Making Data Count, as NHSRplotthedots computes it (R/ptd_spc_standard.R, R/ptd_calculate_point_type.R,
R/ptd_calculate_assurance_type.R). The rules are expressions on one series in the order of time, without gaps.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from measures.xmr import SLACK, xmr_limits

c = pl.col
FEWEST_FOR_LIMITS = 5
FEWEST_FOR_FIRM_LIMITS = 13
POINTS_OF_RUN = 7
SHARE_OF_NEAR_LIMIT = 2 / 3
MONTHS_OF_QUARTER, MONTHS_OF_YEAR = 3, 12


class XmrBasis(StrEnum):
    """What is charted: the value, or its difference from the same quarter of the year before."""

    VALUE = "value"
    YEAR_DIFFERENCE = "year_difference"


class LimitsAre(StrEnum):
    """How far limits can be relied on."""

    NONE = "none"
    PROVISIONAL = "provisional"
    FIRM = "firm"


class Signal(StrEnum):
    """What chance alone seldom does; in the order in which the rules are evaluated."""

    BEYOND_LIMITS = "beyond_limits"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"
    SHIFT = "shift"


class SignalDirection(StrEnum):
    UP = "up"
    DOWN = "down"


class SignalMeaning(StrEnum):
    """A signal, once it is known which way is better."""

    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL = "neutral"


class Assurance(StrEnum):
    """Whether a target is met whatever chance does, missed whatever it does, or now one, now the other."""

    PASS = "pass"
    FAIL = "fail"
    INCONSISTENT = "inconsistent"


ADDED = (
    "xmr_basis",
    "xmr_value",
    "centre",
    "lower_limit",
    "upper_limit",
    "xmr_points",
    "limits_are",
    "signal",
    "signal_direction",
    "signal_meaning",
    "assurance",
)


def measure_signals(rows: pl.DataFrame, by: list[str], screened: bool = True) -> pl.DataFrame:
    """The rows in their order with the columns ADDED.

    `rows`: one a series (`by`) and period, each series of one kind of period: period, period_start, value, is_rising
    (null: neither way is better), is_seasonal, target_value, starts_again (a break or an explained shift: limits
    are drawn anew from this row on), frozen_until (limits rest on the points up to this day; a part of the series
    that begins after it is not concerned) and perhaps valid_min and valid_max. Values that are null or not finite
    are gaps, and so are periods without a row, except of survey waves: no moving range reaches over a gap, the runs
    of the rules do.

    `xmr_basis` is an XmrBasis: a seasonal quarterly series is charted as differences from the same quarter of the
    year before, null over a new start. `xmr_value`, centre, lower_limit, upper_limit: in the unit of the value,
    points for percents. The limits of each part of a series stand on all its rows, clipped to the valid range for
    values, not for differences; signals are read on the unclipped ones. `xmr_points`: the number of points that the
    limits rest on, `limits_are` a LimitsAre: under 5 points, or without two periods in a row, none, and neither
    centre nor signal. `signal` is the first Signal that holds; `signal_direction` is the side of the mean, or the way
    a trend goes. `assurance` is null without target, direction wanted or limits, and on differences.
    """
    ordered = _add_year_difference(_put_in_order(rows, by))
    limits = _draw_limits(ordered, screened)
    charted = ordered.join(limits, on="_part", how="left", maintain_order="left").with_columns(
        c("xmr_points").fill_null(0)
    )
    signals = charted.join(_find_signals(charted), on="_row", how="left")
    judged = signals.with_columns(
        limits_are=_choose_limits_word(),
        signal_meaning=choose_meaning(c("signal_direction"), c("is_rising")),
        assurance=_assure(),
        lower_limit=_clip("lower_limit", pl.max_horizontal("lower_limit", "valid_min")),
        upper_limit=_clip("upper_limit", pl.min_horizontal("upper_limit", "valid_max")),
    )
    return rows.with_columns(judged.sort("_row").select(ADDED).get_columns())


def _put_in_order(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The rows by series and time: `_part` numbers what lies between two new starts, `_month` counts months."""
    numbers = [
        _finite(c(name) if name in rows.columns else pl.lit(None)).alias(name)
        for name in ("value", "target_value", "valid_min", "valid_max")
    ]
    is_quarter = c("period").cast(pl.String).str.contains("-Q", literal=True)
    is_wave = c("period").cast(pl.String).str.contains("-V", literal=True)
    is_charted_by_year = (c("is_seasonal").cast(pl.Boolean) & is_quarter).fill_null(False)
    facts = rows.with_row_index("_row").sort(*by, "period_start", maintain_order=True)
    return (
        facts.select(
            "_row",
            "period_start",
            *numbers,
            c("is_rising", "starts_again").cast(pl.Boolean),
            c("frozen_until").cast(pl.Date),
            _series=pl.struct(by).rle_id(),
            _month=c("period_start").dt.year().cast(pl.Int64) * MONTHS_OF_YEAR + c("period_start").dt.month(),
            _usual_step=pl.when(is_quarter).then(MONTHS_OF_QUARTER).when(~is_wave).then(MONTHS_OF_YEAR),
            xmr_basis=pl.when(is_charted_by_year)
            .then(pl.lit(XmrBasis.YEAR_DIFFERENCE))
            .otherwise(pl.lit(XmrBasis.VALUE)),
        )
        .with_columns(_part=_begins_part().cum_sum())
        .with_columns(_is_counted=_is_counted())
    )


def _finite(number: pl.Expr) -> pl.Expr:
    known = number.cast(pl.Float64)
    return pl.when(known.is_finite()).then(known)


def _begins_part() -> pl.Expr:
    is_other_series = c("_series") != c("_series").shift()
    return c("starts_again").fill_null(False) | is_other_series.fill_null(True)


def _is_counted() -> pl.Expr:
    """Whether limits may rest on the row: not after the day on which those of its part are frozen."""
    frozen_until = c("frozen_until").max().over("_part")
    is_frozen = c("period_start").min().over("_part") <= frozen_until
    return ~is_frozen.fill_null(False) | (c("period_start") <= frozen_until)


def _add_year_difference(ordered: pl.DataFrame) -> pl.DataFrame:
    """`xmr_value`: the value, or its difference from the same quarter of the year before in the same part."""
    key = ["_part", "_month"]
    year_before = ordered.filter((c("xmr_basis") == XmrBasis.YEAR_DIFFERENCE) & c("value").is_not_null()).select(
        "_part", c("_month") + MONTHS_OF_YEAR, _value_before="value"
    )
    beside = ordered.join(year_before.unique(key, keep="none"), on=key, how="left", maintain_order="left")
    difference = c("value") - c("_value_before")
    is_difference = c("xmr_basis") == XmrBasis.YEAR_DIFFERENCE
    return beside.with_columns(xmr_value=_finite(pl.when(is_difference).then(difference).otherwise("value")))


def _draw_limits(ordered: pl.DataFrame, screened: bool) -> pl.DataFrame:
    """One row a part that has points: xmr_points, centre and limits (null where there are none), and `_slack`."""
    follows = (c("_month").diff() <= c("_usual_step")) | c("_usual_step").is_null()
    counted = pl.when("_is_counted").then("xmr_value")
    centre, lower, upper = xmr_limits(counted, screened, follows)
    points = ordered.filter(c("xmr_value").is_not_null())
    limits = points.group_by("_part", maintain_order=True).agg(
        xmr_points=counted.count().cast(pl.Int64),
        centre=centre,
        lower_limit=lower,
        upper_limit=upper,
        _slack=SLACK * c("value").abs().max(),
    )
    lines = ("centre", "lower_limit", "upper_limit")
    is_drawn = (c("xmr_points") >= FEWEST_FOR_LIMITS) & pl.all_horizontal(c(lines).is_finite())
    return limits.with_columns(pl.when(is_drawn).then(c(line)).alias(line) for line in lines)


def _find_signals(charted: pl.DataFrame) -> pl.DataFrame:
    """`_row`, signal and signal_direction of the points that have limits."""
    points = charted.filter(c("xmr_value").is_not_null() & c("centre").is_not_null())
    width, offset = c("upper_limit") - c("centre"), c("xmr_value") - c("centre")
    is_near = offset.abs() > SHARE_OF_NEAR_LIMIT * width + c("_slack")
    placed = points.with_columns(
        _side=side_of(offset, c("_slack")), _is_beyond=offset.abs() > width + c("_slack")
    ).with_columns(_is_near=is_near & ~c("_is_beyond"))
    runs = placed.with_columns(
        _trend=within_run(ends_of_trend(c("xmr_value"), c("_slack"))).over("_part"),
        _shift=within_run(ends_of_shift(c("_side"))).over("_part"),
        _two_of_three=within_two_of_three(c("_is_near"), c("_side")).over("_part") & c("_is_near"),
    )
    signal = choose_signal(c("_is_beyond"), c("_trend"), c("_two_of_three"), c("_shift"))
    heading = pl.when(c("signal") == Signal.TREND).then("_trend").otherwise("_side")
    direction = pl.when(heading > 0).then(pl.lit(SignalDirection.UP)).otherwise(pl.lit(SignalDirection.DOWN))
    return runs.with_columns(signal=signal).select(
        "_row", "signal", signal_direction=pl.when(c("signal").is_not_null()).then(direction)
    )


def side_of(number: pl.Expr, slack: pl.Expr | float = 0.0) -> pl.Expr:
    """1 above 0, -1 below it; 0 within `slack` of it, or for a null."""
    return pl.when(number > slack).then(1).when(number < -slack).then(-1).otherwise(0)


def ends_of_trend(value: pl.Expr, slack: pl.Expr | float = 0.0) -> pl.Expr:
    """1 at each point that is the seventh in a row to rise, -1 to fall, else 0; steps within `slack` are level."""
    return _ends_of_run(side_of(value.diff(), slack), POINTS_OF_RUN - 1)


def ends_of_shift(side: pl.Expr) -> pl.Expr:
    """1 at each point that is the seventh in a row above the mean (`side` 1), -1 below it (-1), else 0."""
    return _ends_of_run(side, POINTS_OF_RUN)


def _ends_of_run(sign: pl.Expr, length: int) -> pl.Expr:
    total = sign.rolling_sum(length)
    return pl.when(total.abs() == length).then(total.sign()).otherwise(0)


def within_run(ends: pl.Expr) -> pl.Expr:
    """All seven points of each run, by the mark at its end; a point of two runs has the mark of the first to end."""
    return pl.when(ends != 0).then(ends).backward_fill(limit=POINTS_OF_RUN - 1).fill_null(0)


def within_two_of_three(is_near: pl.Expr, side: pl.Expr) -> pl.Expr:
    """The three points on one side of the mean of which two are near a limit: true for each, near or not."""
    holds = (is_near.cast(pl.Int64).rolling_sum(3) >= 2) & (side.rolling_sum(3).abs() == 3)
    return pl.when(holds).then(True).backward_fill(limit=2).fill_null(False)


def choose_signal(is_beyond: pl.Expr, trend: pl.Expr, is_two_of_three: pl.Expr, shift: pl.Expr) -> pl.Expr:
    """The first Signal that holds at a point, null if none does; `trend` and `shift` are 1, -1 or 0."""
    return (
        pl.when(is_beyond)
        .then(pl.lit(Signal.BEYOND_LIMITS))
        .when(trend != 0)
        .then(pl.lit(Signal.TREND))
        .when(is_two_of_three)
        .then(pl.lit(Signal.TWO_OF_THREE))
        .when(shift != 0)
        .then(pl.lit(Signal.SHIFT))
    )


def choose_meaning(direction: pl.Expr, is_rising: pl.Expr) -> pl.Expr:
    """The SignalMeaning of a SignalDirection: neutral where neither way is better, null without direction."""
    is_better = (direction == SignalDirection.UP) == is_rising
    return (
        pl.when(direction.is_null())
        .then(None)
        .when(is_rising.is_null())
        .then(pl.lit(SignalMeaning.NEUTRAL))
        .when(is_better)
        .then(pl.lit(SignalMeaning.IMPROVEMENT))
        .otherwise(pl.lit(SignalMeaning.CONCERN))
    )


def choose_assurance(
    lower: pl.Expr, upper: pl.Expr, target: pl.Expr, is_rising: pl.Expr, slack: pl.Expr | float = 0.0
) -> pl.Expr:
    """The Assurance of a target beside the limits, all in one unit; null where one of the four is."""
    is_above, is_below = target > upper + slack, target < lower - slack
    return (
        pl.when(pl.any_horizontal(one.is_null() for one in (lower, upper, target, is_rising)))
        .then(None)
        .when(pl.when(is_rising).then(is_below).otherwise(is_above))
        .then(pl.lit(Assurance.PASS))
        .when(pl.when(is_rising).then(is_above).otherwise(is_below))
        .then(pl.lit(Assurance.FAIL))
        .otherwise(pl.lit(Assurance.INCONSISTENT))
    )


def _assure() -> pl.Expr:
    target = pl.when(c("xmr_basis") == XmrBasis.VALUE).then("target_value")
    return choose_assurance(c("lower_limit"), c("upper_limit"), target, c("is_rising"), c("_slack"))


def _choose_limits_word() -> pl.Expr:
    return (
        pl.when(c("centre").is_null())
        .then(pl.lit(LimitsAre.NONE))
        .when(c("xmr_points") < FEWEST_FOR_FIRM_LIMITS)
        .then(pl.lit(LimitsAre.PROVISIONAL))
        .otherwise(pl.lit(LimitsAre.FIRM))
    )


def _clip(limit: str, clipped: pl.Expr) -> pl.Expr:
    is_shown_as_value = (c("xmr_basis") == XmrBasis.VALUE) & c(limit).is_not_null()
    return pl.when(is_shown_as_value).then(clipped).otherwise(limit)
