"""Intervals: published vectors, then 10 000 random cases against scipy."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats

from measures.intervals import (
    Bounds,
    byar,
    clopper_pearson_bounds,
    effective_total,
    garwood,
    newcombe,
    rate_ratio,
    wilson,
)

SEED = 20261123
CASES = 10_000


def bounds_of(bounds: Bounds) -> tuple[float | None, float | None]:
    """The two numbers of a pair of expressions on literals."""
    low, high = bounds
    return pl.select(low=low, high=high).row(0)


def arrays_of(frame: pl.DataFrame, bounds: Bounds) -> tuple[np.ndarray, np.ndarray]:
    low, high = bounds
    found = frame.select(low=low, high=high)
    return found["low"].to_numpy(), found["high"].to_numpy()


def lit(number: float | None) -> pl.Expr:
    return pl.lit(number, dtype=pl.Float64)


def log_uniform(random: np.random.Generator, highest: int) -> np.ndarray:
    """Whole numbers from 0 to highest, small ones as often as large ones."""
    return np.floor(np.exp(random.uniform(0, np.log(highest + 1), CASES))) - (random.uniform(size=CASES) < 0.1)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        pytest.param(1, 100, 0.0017674320641406511, 0.054486196178705294, id="1_of_100"),
        pytest.param(5, 100, 0.02154367915436798, 0.11175046923191911, id="5_of_100"),
        pytest.param(20, 100, 0.1333669333310325, 0.28882916559315885, id="20_of_100"),
        pytest.param(65, 100, 0.55254443296887967, 0.73635751756902468, id="65_of_100"),
        pytest.param(222, 3215, 0.060791690363636595, 0.078339566813836331, id="222_of_3215"),
    ],
)
def test_wilson_as_phe_publishes_it(count: int, total: int, low: float, high: float) -> None:
    assert bounds_of(wilson(lit(count), lit(total))) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        pytest.param(8, 20, 21.9, 61.3, id="8_of_20"),
        pytest.param(12, 30, 24.6, 57.7, id="12_of_30"),
        pytest.param(40, 100, 30.9, 49.8, id="40_of_100"),
        pytest.param(96, 240, 34.0, 46.3, id="96_of_240"),
        pytest.param(84, 240, 29.2, 41.2, id="84_of_240"),
        pytest.param(400, 1000, 37.0, 43.1, id="400_of_1000"),
        pytest.param(3, 12, 8.9, 53.2, id="3_of_12"),
        pytest.param(0, 15, 0.0, 20.4, id="none_of_15"),
        pytest.param(15, 15, 79.6, 100.0, id="all_of_15"),
    ],
)
def test_wilson_in_percent_to_one_decimal(count: int, total: int, low: float, high: float) -> None:
    found = bounds_of(wilson(lit(count), lit(total)))
    assert tuple(round(100 * bound, 1) for bound in found) == (low, high)


def test_wilson_never_leaves_0_to_1() -> None:
    totals = [float(total) for total in range(1, 2001)]
    frame = pl.DataFrame({"total": totals})
    none_low, _ = arrays_of(frame, wilson(pl.lit(0.0), pl.col("total")))
    _, all_high = arrays_of(frame, wilson(pl.col("total"), pl.col("total")))
    assert none_low.min() >= 0
    assert all_high.max() <= 1
    np.testing.assert_allclose(none_low, 0, atol=1e-15)
    np.testing.assert_allclose(all_high, 1, rtol=1e-15)


@pytest.mark.parametrize(
    ("count", "total"),
    [
        pytest.param(11, 10, id="more_than_the_total"),
        pytest.param(-1, 10, id="negative_count"),
        pytest.param(0, 0, id="total_of_0"),
        pytest.param(0, -5, id="negative_total"),
        pytest.param(-6, -5, id="both_negative"),
        pytest.param(None, 10, id="no_count"),
        pytest.param(3, None, id="no_total"),
    ],
)
def test_wilson_refuses(count: float | None, total: float | None) -> None:
    assert bounds_of(wilson(lit(count), lit(total))) == (None, None)


@pytest.mark.parametrize(
    ("ref", "now", "difference", "low", "high"),
    [
        pytest.param((12, 60), (18, 60), 10.0, -5.5, 24.9, id="12_of_60_to_18_of_60"),
        pytest.param((96, 240), (120, 240), 10.0, 1.1, 18.7, id="96_of_240_to_120_of_240"),
    ],
)
def test_newcombe_in_points_to_one_decimal(
    ref: tuple[int, int], now: tuple[int, int], difference: float, low: float, high: float
) -> None:
    found = bounds_of(newcombe(*map(lit, now), *map(lit, ref)))
    assert round(100 * (now[0] / now[1] - ref[0] / ref[1]), 1) == difference
    assert tuple(round(100 * bound, 1) for bound in found) == (low, high)


@pytest.mark.parametrize(
    ("now", "ref", "low", "high"),
    [
        pytest.param((56, 70), (48, 80), 0.0524, 0.3339, id="a"),
        pytest.param((9, 10), (3, 10), 0.1705, 0.8090, id="b"),
        pytest.param((6, 7), (2, 7), 0.0582, 0.8062, id="c"),
        pytest.param((5, 56), (0, 29), -0.0381, 0.1926, id="d"),
        pytest.param((0, 10), (0, 20), -0.1611, 0.2775, id="e"),
        pytest.param((0, 10), (0, 10), -0.2775, 0.2775, id="f"),
        pytest.param((10, 10), (0, 20), 0.6791, 1.0000, id="g"),
        pytest.param((10, 10), (0, 10), 0.6075, 1.0000, id="h"),
    ],
)
def test_newcombe_as_in_the_paper_of_1998(now: tuple[int, int], ref: tuple[int, int], low: float, high: float) -> None:
    """Table II of Newcombe 1998, method 10."""
    found = bounds_of(newcombe(*map(lit, now), *map(lit, ref)))
    assert tuple(round(bound, 4) for bound in found) == (low, high)


@pytest.mark.parametrize(
    ("now", "ref"),
    [
        pytest.param((11, 10), (3, 10), id="more_than_the_total"),
        pytest.param((5, 10), (3, 0), id="baseline_of_0"),
        pytest.param((5, 10), (None, None), id="baseline_without_components"),
        pytest.param((None, None), (3, 10), id="value_without_components"),
    ],
)
def test_newcombe_refuses(now: tuple[float | None, float | None], ref: tuple[float | None, float | None]) -> None:
    assert bounds_of(newcombe(*map(lit, now), *map(lit, ref))) == (None, None)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        pytest.param(1, 0.025317807984289897, 5.571643390938898, id="rate_1_of_100_per_100"),
        pytest.param(5, 1.62348639011842, 11.668332079322669, id="rate_5_of_100_per_100"),
    ],
)
def test_garwood_as_phe_publishes_it(count: int, low: float, high: float) -> None:
    """Rates per 100 of 100: the interval of the count itself."""
    assert bounds_of(garwood(lit(count))) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        pytest.param(0, 0.0, 3.7, id="none"),
        pytest.param(6, 2.2, 13.1, id="6"),
        pytest.param(12, 6.2, 21.0, id="12"),
        pytest.param(30, 20.2, 42.8, id="30"),
    ],
)
def test_garwood_to_one_decimal(count: int, low: float, high: float) -> None:
    assert tuple(round(bound, 1) for bound in bounds_of(garwood(lit(count)))) == (low, high)


@pytest.mark.parametrize(
    "count",
    [pytest.param(-1.0, id="negative"), pytest.param(None, id="null"), pytest.param(math.nan, id="not_a_number")],
)
def test_garwood_refuses(count: float | None) -> None:
    assert bounds_of(garwood(lit(count))) == (None, None)


def test_garwood_keeps_the_rows_in_place() -> None:
    frame = pl.DataFrame({"count": [12.0, None, 6.0, -1.0, 12.0]})
    low, _ = garwood(pl.col("count"))
    assert frame.select(low.round(1)).to_series().to_list() == [6.2, None, 2.2, None, 6.2]


def test_garwood_of_nulls_only() -> None:
    low, high = garwood(pl.col("count"))
    frame = pl.DataFrame({"count": [None, None]}, schema={"count": pl.Float64})
    assert frame.select(low=low, high=high).rows() == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("count", "ref_count", "low", "high"),
    [
        pytest.param(1, 1, 0.012739367083666641, 78.49683531626285, id="1_to_1"),
        pytest.param(0, 5, 0.0, 1.0912791051825463, id="none_to_5"),
        pytest.param(5, 0, 0.9163558573154597, math.inf, id="5_to_none"),
    ],
)
def test_rate_ratio(count: int, ref_count: int, low: float, high: float) -> None:
    """Closed forms: the odds of 1 - 0.975 ** 0.5 and 0.975 ** 0.5, of 1 - 0.025 ** 0.2, of 0.025 ** 0.2."""
    assert bounds_of(rate_ratio(lit(count), lit(ref_count))) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(
    ("count", "ref_count"),
    [
        pytest.param(0, 0, id="none_to_none"),
        pytest.param(-1, 5, id="negative_count"),
        pytest.param(5, -1, id="negative_baseline"),
        pytest.param(None, 5, id="no_count"),
        pytest.param(5, None, id="no_baseline"),
    ],
)
def test_rate_ratio_refuses(count: float | None, ref_count: float | None) -> None:
    assert bounds_of(rate_ratio(lit(count), lit(ref_count))) == (None, None)


def test_wilson_is_the_textbook_formula() -> None:
    random = np.random.default_rng(SEED)
    total = log_uniform(random, 100_000) + 1
    count = np.floor(random.uniform(size=CASES) * (total + 1))
    z, share = stats.norm.ppf(0.975), count / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    low, high = arrays_of(pl.DataFrame({"x": count, "n": total}), wilson(pl.col("x"), pl.col("n")))
    np.testing.assert_allclose(low, centre - half, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(high, centre + half, rtol=1e-9)


def test_garwood_is_chi_square() -> None:
    count = log_uniform(np.random.default_rng(SEED), 2_000)
    low, high = arrays_of(pl.DataFrame({"x": count}), garwood(pl.col("x")))
    np.testing.assert_allclose(low, np.where(count > 0, stats.chi2.ppf(0.025, 2 * np.maximum(count, 1)) / 2, 0), 1e-9)
    np.testing.assert_allclose(high, stats.chi2.ppf(0.975, 2 * count + 2) / 2, rtol=1e-9)


def exact_bounds(count: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clopper and Pearson by the beta distribution of scipy."""
    rest = total - count
    low = np.where(count > 0, stats.beta.ppf(0.025, np.maximum(count, 1), rest + 1), 0)
    high = np.where(rest > 0, stats.beta.ppf(0.975, count + 1, np.maximum(rest, 1)), 1)
    return low, high


def test_clopper_pearson_is_beta() -> None:
    random = np.random.default_rng(SEED)
    total = log_uniform(random, 300) + 1
    count = np.floor(random.uniform(size=CASES) * (total + 1))
    low, high = clopper_pearson_bounds(count, total)
    expected_low, expected_high = exact_bounds(count, total)
    np.testing.assert_allclose(low, expected_low, rtol=1e-9)
    np.testing.assert_allclose(high, expected_high, rtol=1e-9)


def test_clopper_pearson_of_none_and_of_all() -> None:
    low, high = clopper_pearson_bounds(np.array([0.0, 10.0]), np.array([10.0, 10.0]))
    assert low.tolist() == pytest.approx([0, 0.025**0.1], rel=1e-12)
    assert high.tolist() == pytest.approx([1 - 0.025**0.1, 1], rel=1e-12)


def test_rate_ratio_is_the_odds_of_clopper_pearson() -> None:
    random = np.random.default_rng(SEED)
    count, ref_count = log_uniform(random, 300), log_uniform(random, 300)
    low, high = arrays_of(pl.DataFrame({"x": count, "y": ref_count}), rate_ratio(pl.col("x"), pl.col("y")))
    known = count + ref_count > 0
    share_low, share_high = exact_bounds(count[known], (count + ref_count)[known])
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(low[known], share_low / (1 - share_low), rtol=1e-9)
        np.testing.assert_allclose(high[known], share_high / (1 - share_high), rtol=1e-9)
    assert np.isnan(low[~known]).all()


def test_wilson_at_99_8_percent() -> None:
    found = bounds_of(wilson(lit(65), lit(100), float(stats.norm.ppf(0.999))))
    assert found == pytest.approx((0.49549465740704313, 0.77835406140896968), rel=1e-12)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        pytest.param(1, 0.025317807984289897, 5.571643390938898, id="1_is_exact"),
        pytest.param(5, 1.62348639011842, 11.668332079322669, id="5_is_exact"),
        pytest.param(20, 12.211428834875937, 30.889880369197066, id="20"),
        pytest.param(65, 50.163187710459454, 82.849138545939837, id="65"),
        pytest.param(1045, 982.59320180733255, 1110.3312129856499, id="1045"),
    ],
)
def test_byar_as_phe_publishes_it(count: int, low: float, high: float) -> None:
    assert bounds_of(byar(lit(count))) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(
    ("total", "population", "worth"),
    [
        pytest.param(100, 400, 100 * 399 / 300, id="a_quarter_of_all"),
        pytest.param(100, 1000, 100, id="a_tenth_is_not_more_than_a_tenth"),
        pytest.param(101, 1000, 101 * 999 / 899, id="just_above_a_tenth"),
        pytest.param(400, 400, 400, id="all_of_them"),
        pytest.param(500, 400, 500, id="more_than_all"),
        pytest.param(100, None, 100, id="unknown"),
    ],
)
def test_a_survey_of_a_finite_population(total: int, population: float | None, worth: float) -> None:
    assert result(effective_total(lit(total), lit(population))) == pytest.approx(worth, rel=1e-12)


def result(expression: pl.Expr) -> object:
    return pl.select(expression).item()
