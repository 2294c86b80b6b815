"""The second looks at a series that only « comment c'est calculé » shows: signals, trend, annualised growth."""

from __future__ import annotations

import polars as pl

from measures.annual_growth import measure_growth
from measures.signals import measure_signals
from measures.trend import same_quarter_trend

c = pl.col
SIGNALS = (
    *("xmr_basis", "centre", "lower_limit", "upper_limit", "xmr_points"),
    *("limits_are", "signal", "signal_direction", "signal_meaning", "assurance"),
)
GROWTH = ("growth_ratio", "growth_score", "growth_status")
TREND = ("trend_chi2", "trend", "trend_meaning")
IN_A_ROW = "moves_in_a_row"
MONTHS = 12


def look_again(series: pl.DataFrame, is_seasonal: bool) -> pl.DataFrame:
    """Of the rows of `measure_progress` of one goal-indicator: one row with what the others say of its latest figure.

    Columns moves_in_a_row (see `count_in_a_row`), SIGNALS (at that figure; limits from the whole series, anew after a
    break), TREND (five years of the same quarter) and GROWTH (from the baseline to the figure against the way to the
    target). Empty without a figure.
    """
    rows = series.filter(c("period").is_not_null()).with_columns(
        one=pl.lit(1), year=(c("at") - 1) // MONTHS, part=c("at") % MONTHS
    )
    latest = rows.filter("is_latest", c("value").is_not_null()).tail(1)
    if latest.is_empty():
        return pl.DataFrame(schema=dict.fromkeys((IN_A_ROW, *SIGNALS, *TREND, *GROWTH), pl.String))
    direction = pl.when((c("polarity") == "none") & ~c("kind").is_in(["at_least", "at_most"])).then(None)
    known = rows.with_columns(
        is_rising=direction.otherwise("is_rising"),
        is_seasonal=pl.lit(is_seasonal),
        starts_again=c("obs_status") == "rupture",
        frozen_until=pl.lit(None, pl.Date),
        valid_min=pl.lit(0.0),
        valid_max=pl.when(c("unit") == "percent").then(100.0),
    )
    signals = measure_signals(known, ["one"]).filter(c("at") == latest["at"][0]).tail(1).select(SIGNALS)
    same_part = known.filter(c("part") == latest["part"][0], c("at") <= latest["at"][0])
    trend = same_quarter_trend(same_part, ["one"]).select(TREND)
    growth = measure_growth(
        latest.select(
            "is_rising",
            base="ref_value",
            base_at=c("ref_at") / MONTHS,
            current="value",
            current_at=c("at") / MONTHS,
            target="target_value",
            target_at=c("due_at") / MONTHS,
            limit=pl.lit(None, pl.Float64),
        )
    ).select(GROWTH)
    return pl.concat([count_in_a_row(known), signals, trend, growth], how="horizontal")


def count_in_a_row(series: pl.DataFrame) -> pl.DataFrame:
    """One row, `moves_in_a_row`: 3 where the last three figures each rose, -2 where the last two fell, 0 else.

    Clear Impact's current trend. It proves nothing.
    """
    way = c("value").drop_nulls().diff().drop_nulls().sign().cast(pl.Int64)
    same = (way == way.last()).reverse().cast(pl.Int64).cum_min().sum()
    return series.select((same * way.last()).fill_null(0).alias(IN_A_ROW))
