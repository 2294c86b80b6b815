"""95 % intervals, as polars expressions: proportions, their differences, counts, rate ratios.

Units are those of the arguments: counts in, shares (0-1), counts or ratios out. A null in is a null out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from measures.quantiles import Array, beta_quantile, gamma_quantile

Z = 1.959963984540054
TAIL = 0.025
FEWEST_FOR_BYAR = 10
LARGE_SHARE = 0.1
"""Of a population: a survey of more is worth more than its number."""
Bounds = tuple[pl.Expr, pl.Expr]


def wilson(count: pl.Expr, total: pl.Expr, z: float = Z) -> Bounds:
    """Score interval of a proportion (Wilson 1927; PHEindicatormethods R/utils.R), as shares.

    z is the normal quantile of the confidence: 95 % if not said. Null unless 0 <= count <= total and total > 0.
    """
    valid = (total > 0) & (count >= 0) & (count <= total)
    x, n = pl.when(valid).then(count), pl.when(valid).then(total)
    half = z * (z**2 + 4 * x * (1 - x / n)).sqrt()
    centre, scale = 2 * x + z**2, 2 * (n + z**2)
    low, high = ((centre - half) / scale).clip(0, 1), ((centre + half) / scale).clip(0, 1)
    return pl.when(x == 0).then(0.0).otherwise(low), pl.when(x == n).then(1.0).otherwise(high)


def effective_total(total: pl.Expr, population: pl.Expr) -> pl.Expr:
    """The size that a survey of more than a tenth of a finite population is worth: n (N - 1) / (N - n).

    Cochran, Sampling Techniques (Wiley 1977), 2.6; the total itself where the population is null or much larger, and
    where all of it answered: a whole population has its ordinary variation still.
    """
    many = (total > LARGE_SHARE * population) & (total < population)
    return pl.when(many).then(total * (population - 1) / (population - total)).otherwise(total)


def newcombe(count: pl.Expr, total: pl.Expr, ref_count: pl.Expr, ref_total: pl.Expr) -> Bounds:
    """Interval of a difference of independent proportions, count/total - ref_count/ref_total, as shares.

    Newcombe 1998, method 10 (square-and-add of two Wilson intervals).
    """
    return difference_bounds(count / total, wilson(count, total), ref_count / ref_total, wilson(ref_count, ref_total))


def difference_bounds(share: pl.Expr, bounds: Bounds, ref_share: pl.Expr, ref_bounds: Bounds) -> Bounds:
    """`newcombe` from two shares whose intervals are known."""
    (low, high), (ref_low, ref_high) = bounds, ref_bounds
    difference = share - ref_share
    below = ((share - low) ** 2 + (ref_high - ref_share) ** 2).sqrt()
    above = ((high - share) ** 2 + (ref_share - ref_low) ** 2).sqrt()
    return difference - below, difference + above


def garwood(count: pl.Expr) -> Bounds:
    """Exact interval of a Poisson count (Garwood 1936). Null below 0."""
    return bounds_of(garwood_pair(count))


def byar(count: pl.Expr) -> Bounds:
    """Byar's approximation of the interval of a Poisson count, exact below 10 (PHEindicatormethods R/utils.R).

    For comparison with figures that are published so: ours are exact at every size (`garwood`).
    """
    low, high = garwood(pl.when(count < FEWEST_FOR_BYAR).then(count))
    above = count + 1
    near_low = count * (1 - 1 / (9 * count) - Z / (3 * count.sqrt())) ** 3
    near_high = above * (1 - 1 / (9 * above) + Z / (3 * above.sqrt())) ** 3
    is_large = count >= FEWEST_FOR_BYAR
    return pl.when(is_large).then(near_low).otherwise(low), pl.when(is_large).then(near_high).otherwise(high)


def rate_ratio(count: pl.Expr, ref_count: pl.Expr) -> Bounds:
    """Exact interval of the ratio of two Poisson counts of equal exposure.

    Clopper-Pearson on count/(count + ref_count), as odds. Low is 0 for count 0, high is infinite for ref_count 0;
    both counts 0: null.
    """
    return bounds_of(rate_ratio_pair(count, ref_count))


def garwood_bounds(count: Array) -> tuple[Array, Array]:
    positive = np.where(count > 0, count, 1.0)
    low = np.where(count > 0, gamma_quantile(TAIL, positive), 0.0)
    return low, gamma_quantile(1 - TAIL, count + 1)


def rate_ratio_bounds(count: Array, ref_count: Array) -> tuple[Array, Array]:
    low, high = clopper_pearson_bounds(count, count + ref_count)
    return low / (1 - low), np.divide(high, 1 - high, out=np.full_like(high, np.inf), where=high < 1)


def clopper_pearson_bounds(count: Array, total: Array) -> tuple[Array, Array]:
    """Exact interval of a proportion (Clopper and Pearson 1934), as shares."""
    rest = total - count
    some, others = np.where(count > 0, count, 1.0), np.where(rest > 0, rest, 1.0)
    low = np.where(count > 0, beta_quantile(TAIL, some, rest + 1), 0.0)
    high = np.where(rest > 0, beta_quantile(1 - TAIL, count + 1, others), 1.0)
    return low, high


def garwood_pair(count: pl.Expr) -> pl.Expr:
    """`garwood` as one struct of low and high: put it in a column where both are wanted, it is then computed once."""
    return _by_distinct(garwood_bounds, count)


def rate_ratio_pair(count: pl.Expr, ref_count: pl.Expr) -> pl.Expr:
    """`rate_ratio` as one struct of low and high."""
    return _by_distinct(rate_ratio_bounds, count, ref_count)


def bounds_of(pair: pl.Expr) -> Bounds:
    return pair.struct.field("low"), pair.struct.field("high")


def _by_distinct(bounds: Callable[..., tuple[Array, Array]], *counts: pl.Expr) -> pl.Expr:
    """Apply a numpy function once per distinct set of counts that are not null, not negative and not all 0."""

    def apply(series: Sequence[pl.Series]) -> pl.Series:
        frame = pl.DataFrame([one.cast(pl.Float64).alias(str(at)) for at, one in enumerate(series)])
        valid = pl.all_horizontal(pl.all() >= 0) & ((pl.sum_horizontal(pl.all()) > 0) | (len(series) == 1))
        places = frame.select(valid.fill_null(False).arg_true()).to_series()
        asked = frame[places]
        distinct = asked.unique()
        found = dict(
            zip(("low", "high"), bounds(*(distinct[name].to_numpy() for name in distinct.columns)), strict=True)
        )
        answers = asked.join(distinct.with_columns(**found), on=asked.columns, how="left", maintain_order="left")
        whole = {}
        for name in found:
            values = np.full(len(frame), np.nan)
            values[places.to_numpy()] = answers[name].to_numpy()
            whole[name] = pl.Series(values, nan_to_null=True)
        return pl.DataFrame(whole).to_struct()

    kind = pl.Struct({"low": pl.Float64, "high": pl.Float64})
    return pl.map_batches(list(counts), apply, return_dtype=kind)
