"""Whether the last five years of a series show a trend: values of the same quarter, or of whole years.

The recent trend of Fingertips (FingertipsNext, TrendAnalysisApp/Calculator/Legacy/TrendMarkerCalculator.cs). The points
must be independent, which five quarters in a row are not: `measures.xmr` reads those.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import polars as pl

from measures.quantiles import Array

c = pl.col
POINTS = 5
ERRORS_IN_INTERVAL = 3.92
SIGNIFICANT_CHI2 = 9.54953570608324
"""Chi-square with one degree of freedom, probability 0.002."""
LEFT, RIGHT = np.triu_indices(POINTS, 1)
STEPS: Array = (RIGHT - LEFT).astype(np.float64)
LEFT_OUT = np.arange(-1, POINTS)
"""None of the five points first, then each of them."""
IS_KEPT: Array = ((LEFT[:, None] != LEFT_OUT) & (RIGHT[:, None] != LEFT_OUT)).astype(np.float64)


class Trend(StrEnum):
    """What the last five points of a series say."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    NO_CHANGE = "no_change"
    CANNOT_BE_CALCULATED = "cannot_be_calculated"


def same_quarter_trend(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row a series, in order of appearance: `by`, trend_chi2, trend_slope, trend_signs, trend, trend_meaning.

    Needs year, value with low and high (95 %) in one unit, and is_rising (of the latest year; null: neither way is
    better). A weighted line through the last five valid points, numbered 1 to 5 whatever the years between them;
    points without a value or a bound, or whose bounds are equal or inverted, are passed over. trend_slope: units a
    point. trend_signs: the sum of the signs (1, 0, -1) of six slopes, of all five points and without each.

    trend (a `Trend`): increasing or decreasing if trend_chi2 is above 9.5495 and the six slopes have one sign. It
    cannot be calculated from fewer than five valid points or from two of one year: chi-square 0, no slope.
    trend_meaning: better or worse, null without a trend or a polarity.
    """
    width = c("high").cast(pl.Float64) - c("low").cast(pl.Float64)
    weight = pl.when(width > 0).then((ERRORS_IN_INTERVAL / width) ** 2)
    five = _last_five(frame, by, weight=pl.when(weight > 0).then(weight), value=c("value"))
    weights = _array_of(five["weight"])
    with np.errstate(all="ignore"):
        rises, spreads = _sum_pairs(weights, _array_of(five["value"]))
        chi2 = rises[:, 0] ** 2 / (spreads[:, 0] * weights.sum(axis=1))
        found = _found(five.select(by), chi2, rises[:, 0], rises / spreads)
    return _conclude(frame, by, found)


def proportion_trend(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The trend of proportions by the test of Cochran and Armitage: columns and words of `same_quarter_trend`.

    Needs year, numerator, denominator, is_rising. Points are passed over unless 0 <= numerator <= denominator and
    denominator > 0. The six slopes are unweighted, in log-odds a point; the test weighs by denominators, and a trend
    must go its way too. It cannot be calculated either if one of the five numerators is 0 or all of its denominator.
    """
    counted, total = c("numerator").cast(pl.Float64), c("denominator").cast(pl.Float64)
    is_share = (total > 0) & (counted >= 0) & (counted <= total)
    five = _last_five(frame, by, counted=pl.when(is_share).then(counted), total=total)
    counts, totals = _array_of(five["counted"]), _array_of(five["total"])
    with np.errstate(all="ignore"):
        rises, spreads = _sum_pairs(totals, counts / totals)
        n, x = totals.sum(axis=1), counts.sum(axis=1)
        chi2 = n * rises[:, 0] ** 2 / (x * (n - x) * spreads[:, 0])
        logit_rises, logit_spreads = _sum_pairs(np.ones_like(totals), np.log(counts / (totals - counts)))
        found = _found(five.select(by), chi2, rises[:, 0], logit_rises / logit_spreads)
    return _conclude(frame, by, found)


def _last_five(frame: pl.DataFrame, by: list[str], **figures: pl.Expr) -> pl.DataFrame:
    """The series with five valid points in five years: `by` and a list of five for each figure, in order of years."""
    points = frame.select(*by, "year", **{name: figure.cast(pl.Float64) for name, figure in figures.items()})
    is_valid = pl.all_horizontal(c("year").is_not_null(), *(c(name).is_finite() for name in figures))
    return (
        points.filter(is_valid)
        .group_by(by, maintain_order=True)
        .agg(c("year", *figures).sort_by("year").tail(POINTS))
        .filter(c("year").list.n_unique() == POINTS)
    )


def _array_of(lists: pl.Series) -> Array:
    """Series x 5."""
    return lists.list.to_array(POINTS).to_numpy()


def _sum_pairs(weight: Array, value: Array) -> tuple[Array, Array]:
    """Numerators and denominators of six least-squares slopes (series x 6), of all five points and without each.

    Summed over pairs of points, so that equal values give a slope of exactly 0.
    """
    pairs = weight[:, LEFT] * weight[:, RIGHT] * STEPS
    return (pairs * (value[:, RIGHT] - value[:, LEFT])) @ IS_KEPT, (pairs * STEPS) @ IS_KEPT


def _found(series: pl.DataFrame, chi2: Array, rise: Array, slopes: Array) -> pl.DataFrame:
    """The numbers of the series that have some; is_one_way: the six slopes and the tested rise have one sign."""
    signs = np.sign(slopes).sum(axis=1)
    is_one_way = np.sign(rise) * signs == slopes.shape[1]
    is_finite = np.isfinite(chi2) & np.isfinite(slopes).all(axis=1)
    return series.with_columns(
        trend_chi2=pl.Series(chi2, dtype=pl.Float64),
        trend_slope=pl.Series(slopes[:, 0], dtype=pl.Float64),
        trend_signs=pl.Series(signs, dtype=pl.Float64),
        is_one_way=pl.Series(is_one_way, dtype=pl.Boolean),
    ).filter(pl.Series(is_finite, dtype=pl.Boolean))


def _conclude(frame: pl.DataFrame, by: list[str], found: pl.DataFrame) -> pl.DataFrame:
    latest = c("is_rising").cast(pl.Boolean).sort_by("year").last()
    series = frame.group_by(by, maintain_order=True).agg(latest)
    chi2, slope = c("trend_chi2"), c("trend_slope")
    is_trend = (chi2 > SIGNIFICANT_CHI2) & c("is_one_way")
    return (
        series.join(found, on=by, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            chi2.fill_null(0.0),
            c("trend_signs").cast(pl.Int64),
            trend=pl.when(chi2.is_null())
            .then(pl.lit(Trend.CANNOT_BE_CALCULATED.value))
            .when(is_trend & (slope > 0))
            .then(pl.lit(Trend.INCREASING.value))
            .when(is_trend)
            .then(pl.lit(Trend.DECREASING.value))
            .otherwise(pl.lit(Trend.NO_CHANGE.value)),
            trend_meaning=pl.when(is_trend & ((slope > 0) == c("is_rising")))
            .then(pl.lit("better"))
            .when(is_trend & c("is_rising").is_not_null())
            .then(pl.lit("worse")),
        )
        .drop("is_one_way", "is_rising")
    )
