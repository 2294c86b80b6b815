"""The second looks at a series that only « comment c'est calculé » shows: signals, trend, annualised growth."""

from __future__ import annotations

import polars as pl

from measures.annual_growth import measure_growth
from measures.signals import measure_signals
from measures.trajectory import WITH_TARGET
from measures.trend import same_quarter_trend
from schemas.words import FEWEST_FOR_PERCENT, Display, ObsStatus

c = pl.col
SIGNALS = (
    *("xmr_basis", "centre", "lower_limit", "upper_limit", "xmr_points"),
    *("limits_are", "signal", "signal_direction", "signal_meaning", "assurance"),
)
GROWTH = ("growth_ratio", "growth_score", "growth_status")
TREND = ("trend_chi2", "trend", "trend_meaning")
IN_A_ROW = "moves_in_a_row"
MONTHS = 12
QUARTERS = 4
FEWEST_FOR_FIRM = 13
MOST_VARIATION = 0.25


def look_again(series: pl.DataFrame, is_seasonal: bool) -> pl.DataFrame:
    """Of the rows of `measure_progress` of one goal-indicator: one row with what the others say of its latest figure.

    Columns moves_in_a_row (see `count_in_a_row`); SIGNALS at that figure, the limits frozen once they are firm, anew
    after a break, none where denominators vary by more than a quarter (`denominators_vary`); TREND over five years of
    the same quarter since the last break; GROWTH from the baseline against the growth promised, where there is a target
    and the figure may be compared with its start. Empty without a figure.
    """
    rows = series.filter(c("period").is_not_null()).with_columns(one=pl.lit(1), part=c("at") % MONTHS)
    latest = rows.filter("is_latest", c("value").is_not_null()).tail(1)
    if latest.is_empty():
        return pl.DataFrame()
    until_then = rows.filter(c("at") <= latest["at"][0])
    since_break = until_then.filter(c("at") >= _last_break(until_then))
    signals = _look_for_signals(rows, is_seasonal).filter(c("at") == latest["at"][0]).tail(1).select(SIGNALS)
    same_part = since_break.filter(c("part") == latest["part"][0]).with_columns(
        year=(c("at") - 1) // MONTHS, is_rising=_direction()
    )
    trend = same_quarter_trend(same_part, ["one"]).select(TREND)
    return pl.concat([count_in_a_row(since_break), _vary(since_break), signals, trend, _grow(latest)], how="horizontal")


def _last_break(rows: pl.DataFrame) -> int:
    broken = rows.filter(c("obs_status") == ObsStatus.BREAK.value)["at"].max()
    return int(str(broken)) if broken is not None else 0


def _direction() -> pl.Expr:
    """Which way is better, null where neither is."""
    has_direction = c("kind").is_in(WITH_TARGET) | c("polarity").is_in(["increase", "decrease"])
    return pl.when(has_direction & (c("kind") != "maintain_band")).then("is_rising")


def _look_for_signals(rows: pl.DataFrame, is_seasonal: bool) -> pl.DataFrame:
    """Frozen at the thirteenth point since a break (of a seasonal series: the thirteenth difference of a year)."""
    firm = FEWEST_FOR_FIRM + (QUARTERS if is_seasonal else 0)
    starts = c("obs_status") == ObsStatus.BREAK.value
    figures = c("value").is_not_null().cast(pl.Int64).cum_sum().over("stretch")
    known = rows.with_columns(
        is_rising=_direction(),
        is_seasonal=pl.lit(is_seasonal),
        starts_again=starts,
        stretch=starts.cast(pl.Int64).cum_sum(),
        valid_min=pl.lit(0.0),
        valid_max=pl.when(c("unit") == "percent").then(100.0),
    )
    frozen = c("period_start").filter(figures == firm).first()
    return measure_signals(known.with_columns(frozen_until=frozen.over("stretch")), ["one"])


def _vary(series: pl.DataFrame) -> pl.DataFrame:
    n = c("denominator").drop_nulls()
    return series.select(denominators_vary=((n / n.mean() - 1).abs().max() > MOST_VARIATION).fill_null(False))


def _grow(latest: pl.DataFrame) -> pl.DataFrame:
    comparable = (
        c("kind").is_in(WITH_TARGET)
        & ~c("has_break")
        & (c("display") != Display.COUNTS_ONLY.value)
        & (c("n") >= FEWEST_FOR_PERCENT)
    ).fill_null(False)
    return measure_growth(
        latest.select(
            "is_rising",
            base=pl.when(comparable).then("ref_value"),
            base_at=c("ref_at") / MONTHS,
            current="value",
            current_at=c("at") / MONTHS,
            target="target_value",
            target_at=c("due_at") / MONTHS,
            limit=pl.lit(None, pl.Float64),
        )
    ).select(GROWTH)


def count_in_a_row(series: pl.DataFrame) -> pl.DataFrame:
    """One row, `moves_in_a_row`: 3 where the last three figures each rose, -2 where the last two fell, 0 else.

    A missing figure ends the run. Clear Impact's current trend; it proves nothing.
    """
    way = c("value").diff().sign().cast(pl.Int64).fill_null(0)
    same = (way == way.last()).reverse().cast(pl.Int64).cum_min().sum()
    return series.select((same * way.last()).fill_null(0).alias(IN_A_ROW))
