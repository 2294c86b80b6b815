"""The trend of five years: the vectors of Fingertips, then each rule, then 500 random series against least squares."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from measures.trend import SIGNIFICANT_CHI2, Trend, proportion_trend, same_quarter_trend

SEED = 20261123
CASES = 500
Point = tuple[float | None, float | None, float | None]
Share = tuple[float | None, float | None]

SMOKING: list[Point] = [
    (24.67, 23.16, 26.25),
    (24.6, 23.15, 26.19),
    (28, 26.44, 29.64),
    (30.2, 28.63, 31.9),
    (30.6, 28.98, 32.25),
]
LEVEL: list[Point] = [
    (20.5506, 18.1803, 23.1427),
    (19.5952, 17.3444, 22.0602),
    (19.0349, 16.8421, 21.4394),
    (21.3966, 19.0918, 23.8975),
    (18.4372, 16.2925, 20.7941),
]
VACCINATION: list[Point] = [
    (92.6254, 92.4168, 92.8288),
    (92.3221, 92.1072, 92.5315),
    (90.8708, 90.6358, 91.1004),
    (90.017, 89.7694, 90.2594),
    (90.1013, 89.8578, 90.3396),
]
EYE_DISEASE: list[Point] = [
    (2.935, 2.7841, 3.0919),
    (1.93028, 1.8085, 2.058),
    (2.7567, 2.6113, 2.9082),
    (2.8701, 2.7225, 3.0237),
    (3.0121, 2.8616, 3.1683),
]
SMOKING_COUNTS: list[Share] = [(994, 40299), (1023, 41527), (1199, 42811), (1332, 44064), (1367, 44701)]
LEVEL_COUNTS: list[Share] = [(209, 1017), (213, 1087), (213, 1119), (239, 1117), (210, 1139)]
NOTHING = {
    "trend_chi2": 0.0,
    "trend_slope": None,
    "trend_signs": None,
    "trend": "cannot_be_calculated",
    "trend_meaning": None,
}


def series_of(points: list[Point], is_rising: bool | None = True, years: list[int] | None = None) -> pl.DataFrame:
    """One series "a", a point a year from 2014 unless the years are given."""
    return pl.DataFrame(
        {
            "series": "a",
            "year": years or [2014 + at for at in range(len(points))],
            "value": [point[0] for point in points],
            "low": [point[1] for point in points],
            "high": [point[2] for point in points],
            "is_rising": [is_rising] * len(points),
        },
        schema_overrides={"value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "is_rising": pl.Boolean},
        strict=False,
    )


def shares_of(shares: list[Share], is_rising: bool | None = True) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "series": "a",
            "year": [2014 + at for at in range(len(shares))],
            "numerator": [share[0] for share in shares],
            "denominator": [share[1] for share in shares],
            "is_rising": [is_rising] * len(shares),
        },
        schema_overrides={"numerator": pl.Float64, "denominator": pl.Float64, "is_rising": pl.Boolean},
        strict=False,
    )


def around(values: list[float], half: float = 1.0) -> list[Point]:
    """Points whose bounds are equally far."""
    return [(value, value - half, value + half) for value in values]


def trend_of(frame: pl.DataFrame) -> dict[str, Any]:
    """What is found of the only series."""
    (found,) = same_quarter_trend(frame, ["series"]).drop("series").to_dicts()
    return found


def share_trend_of(frame: pl.DataFrame) -> dict[str, Any]:
    (found,) = proportion_trend(frame, ["series"]).drop("series").to_dicts()
    return found


@pytest.mark.parametrize(
    ("points", "is_rising", "chi2", "digits", "signs", "trend", "meaning"),
    [
        pytest.param(SMOKING, False, 46.76532, 5, 6, "increasing", "worse", id="set_1"),
        pytest.param(LEVEL, True, 0.4642, 4, -4, "no_change", None, id="set_2"),
        pytest.param(VACCINATION, True, 418.54, 2, -6, "decreasing", "worse", id="mmr_of_yorkshire"),
        pytest.param(EYE_DISEASE, False, 33.49, 2, 6, "increasing", "worse", id="diabetic_eye_disease"),
    ],
)
def test_trend_as_fingertips_publishes_it(
    points: list[Point], is_rising: bool, chi2: float, digits: int, signs: int, trend: str, meaning: str | None
) -> None:
    """TrendMarkerCalculatorTest (sets 1 and 2) and IndicatorTestData of FingertipsNext."""
    found = trend_of(series_of(points, is_rising))
    assert round(found["trend_chi2"], digits) == chi2
    assert (found["trend_signs"], found["trend"], found["trend_meaning"]) == (signs, trend, meaning)


def test_chi_square_and_slope_of_set_1() -> None:
    """46.77 is what the unit test of Fingertips asserts."""
    found = same_quarter_trend(series_of(SMOKING), ["series"])
    assert round(found["trend_chi2"].item(), 2) == 46.77
    assert round(found["trend_slope"].item(), 6) == 1.751566


def test_proportions_of_set_1() -> None:
    """47.90 is what the unit test of Fingertips asserts."""
    found = proportion_trend(shares_of(SMOKING_COUNTS, is_rising=False), ["series"])
    assert round(found["trend_chi2"].item(), 5) == 47.89668
    assert found.select("trend_signs", "trend", "trend_meaning").row(0) == (6, "increasing", "worse")


def test_proportions_of_set_2() -> None:
    found = share_trend_of(shares_of(LEVEL_COUNTS))
    assert (found["trend_signs"], found["trend"]) == (-4, "no_change")


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param([(5, 5), (3, 5), (1, 5), (1, 4), (2, 4)], id="all_of_a_denominator"),
        pytest.param([(0, 5), (3, 5), (1, 5), (1, 4), (2, 4)], id="none_of_a_denominator"),
        pytest.param([(0, 5), (0, 5), (0, 5), (0, 4), (0, 4)], id="none_at_all"),
        pytest.param([(5, 5), (5, 5), (5, 5), (4, 4), (4, 4)], id="all_at_all"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4)], id="four_points"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (None, 4)], id="no_numerator"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (1, None)], id="no_denominator"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (0, 0)], id="denominator_of_0"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (5, 4)], id="more_than_the_denominator"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (-1, 4)], id="negative_numerator"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (-2, -4)], id="both_negative"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (math.nan, 4)], id="not_a_number"),
        pytest.param([(2, 5), (3, 5), (1, 5), (1, 4), (1, math.inf)], id="infinite_denominator"),
    ],
)
def test_proportions_that_cannot_be_calculated(shares: list[Share]) -> None:
    assert share_trend_of(shares_of(shares)) == NOTHING


def test_an_older_point_of_none_does_not_matter() -> None:
    assert share_trend_of(shares_of([(0, 40000), *SMOKING_COUNTS])) == share_trend_of(shares_of(SMOKING_COUNTS))


def test_an_invalid_proportion_is_passed_over() -> None:
    broken: list[Share] = [*SMOKING_COUNTS[:3], (None, 44000), (45000, 44000), *SMOKING_COUNTS[3:]]
    assert share_trend_of(shares_of(broken)) == share_trend_of(shares_of(SMOKING_COUNTS))


def test_proportions_that_the_test_and_the_slopes_read_in_opposite_ways() -> None:
    """Shares of 62, 34, 36, 59 and 9 %, the two that rise most with 6 000 persons or more."""
    shares: list[Share] = [(5, 8), (1985, 5827), (2226, 6136), (4130, 6987), (19, 222)]
    found = share_trend_of(shares_of(shares))
    assert found["trend_chi2"] > SIGNIFICANT_CHI2
    assert (found["trend_signs"], found["trend"]) == (-6, "no_change")


@pytest.mark.parametrize(
    ("values", "is_rising", "trend", "meaning"),
    [
        pytest.param([10, 12, 14, 16, 18], True, "increasing", "better", id="rising_as_wanted"),
        pytest.param([10, 12, 14, 16, 18], False, "increasing", "worse", id="rising_and_not_wanted"),
        pytest.param([18, 16, 14, 12, 10], True, "decreasing", "worse", id="falling_and_not_wanted"),
        pytest.param([18, 16, 14, 12, 10], False, "decreasing", "better", id="falling_as_wanted"),
        pytest.param([10, 12, 14, 16, 18], None, "increasing", None, id="rising_without_polarity"),
        pytest.param([18, 16, 14, 12, 10], None, "decreasing", None, id="falling_without_polarity"),
        pytest.param([-18, -16, -14, -12, -10], True, "increasing", "better", id="below_zero"),
        pytest.param([10, 10, 10, 10, 10], True, "no_change", None, id="all_equal"),
        pytest.param([10, 10.1, 10, 10.1, 10.2], True, "no_change", None, id="within_the_intervals"),
        pytest.param([10, 30, 10, 30, 12], False, "no_change", None, id="up_and_down"),
    ],
)
def test_trend_and_its_meaning(values: list[float], is_rising: bool | None, trend: str, meaning: str | None) -> None:
    found = trend_of(series_of(around(values), is_rising))
    assert (found["trend"], found["trend_meaning"]) == (trend, meaning)


@pytest.mark.parametrize(
    ("values", "signs"),
    [
        pytest.param([10, 10, 10, 10, 30], 5, id="only_the_last_is_higher"),
        pytest.param([10, 10, 10, 10, -10], -5, id="only_the_last_is_lower"),
        pytest.param([30, 10, 10, 10, 10], -5, id="only_the_first_is_higher"),
        pytest.param([-10, 10, 10, 10, 10], 5, id="only_the_first_is_lower"),
        pytest.param([13, 12, 11, 10, 40], 4, id="the_others_fall"),
    ],
)
def test_one_point_alone_makes_no_trend(values: list[float], signs: int) -> None:
    """A slope of 0 has no sign: four equal values and one other are read the same way up and down."""
    found = trend_of(series_of(around(values)))
    assert found["trend_chi2"] > SIGNIFICANT_CHI2
    assert (found["trend_signs"], found["trend"]) == (signs, "no_change")


@pytest.mark.parametrize(
    ("half", "trend"),
    [pytest.param(2.0056, "increasing", id="just_above"), pytest.param(2.0058, "no_change", id="just_below")],
)
def test_the_threshold_of_chi_square(half: float, trend: str) -> None:
    """Values of slope 1 with standard errors half / 1.96: chi-square is 10 (1.96 / half) ** 2."""
    found = trend_of(series_of(around([1, 2, 3, 4, 5], half)))
    assert found["trend_chi2"] == pytest.approx(10 * (1.96 / half) ** 2, rel=1e-12)
    assert found["trend"] == trend


@pytest.mark.parametrize(
    "point",
    [
        pytest.param((None, 20.0, 22.0), id="no_value"),
        pytest.param((21.0, None, 22.0), id="no_low"),
        pytest.param((21.0, 20.0, None), id="no_high"),
        pytest.param((21.0, 22.0, 20.0), id="inverted_bounds"),
        pytest.param((21.0, 21.0, 21.0), id="bounds_of_no_width"),
        pytest.param((21.0, 20.0, math.inf), id="infinite_bound"),
        pytest.param((21.0, math.nan, 22.0), id="bound_not_a_number"),
        pytest.param((math.nan, 20.0, 22.0), id="value_not_a_number"),
        pytest.param((21.0, -1e308, 1e308), id="bounds_as_wide_as_numbers_go"),
        pytest.param((0.0, 0.0, 1e-300), id="bounds_too_narrow_for_a_weight"),
    ],
)
def test_an_invalid_point_is_passed_over(point: Point) -> None:
    broken = [*SMOKING[:3], point, *SMOKING[3:]]
    assert trend_of(series_of(broken)) == trend_of(series_of(SMOKING))
    assert trend_of(series_of([*SMOKING[:4], point])) == NOTHING


@pytest.mark.parametrize(
    ("points", "years"),
    [
        pytest.param(SMOKING[:4], [2014, 2015, 2016, 2017], id="four_points"),
        pytest.param(SMOKING[:1], [2014], id="one_point"),
        pytest.param(SMOKING, [2014, 2015, 2016, 2017, 2017], id="two_of_one_year"),
        pytest.param([(None, None, None)] * 6, [2013, 2014, 2015, 2016, 2017, 2018], id="nulls_only"),
    ],
)
def test_what_cannot_be_calculated(points: list[Point], years: list[int]) -> None:
    assert trend_of(series_of(points, years=years)) == NOTHING


def test_a_point_without_year_is_passed_over() -> None:
    frame = series_of(SMOKING).with_columns(year=pl.when(pl.col("year") > 2014).then("year"))
    assert trend_of(frame) == NOTHING


def test_only_the_last_five_points_count_whatever_the_order_of_rows() -> None:
    longer = series_of([(90, 89, 91), (80, 79, 81), *SMOKING], years=[2010, 2011, 2014, 2015, 2016, 2017, 2018])
    assert trend_of(longer.sample(fraction=1, shuffle=True, seed=SEED)) == trend_of(series_of(SMOKING))


def test_years_need_not_be_consecutive() -> None:
    gaps = series_of(SMOKING, years=[2008, 2009, 2014, 2017, 2018])
    assert trend_of(gaps) == trend_of(series_of(SMOKING))


def test_the_polarity_is_that_of_the_latest_year() -> None:
    frame = series_of(SMOKING).with_columns(is_rising=pl.col("year") == 2018)
    assert trend_of(frame)["trend_meaning"] == "better"


def test_numbers_that_overflow_give_no_trend() -> None:
    assert trend_of(series_of([(value, 0.0, 1e-100) for value in (1e300, 2e300, 3e300, 4e300, 5e300)])) == NOTHING


def test_several_series_keep_their_order_and_do_not_mix() -> None:
    parts = [
        series_of(points, is_rising).with_columns(territory_code=pl.lit(territory, pl.String), quarter=pl.lit(quarter))
        for territory, quarter, points, is_rising in [
            ("FR-2", 3, VACCINATION, True),
            ("FR-1", 1, SMOKING[:2], False),
            (None, 1, EYE_DISEASE, None),
        ]
    ]
    found = same_quarter_trend(pl.concat(parts), ["territory_code", "quarter"])
    assert found.select("territory_code", "quarter", "trend", "trend_meaning").rows() == [
        ("FR-2", 3, "decreasing", "worse"),
        ("FR-1", 1, "cannot_be_calculated", None),
        (None, 1, "increasing", None),
    ]


def test_no_series_is_no_row() -> None:
    general = same_quarter_trend(series_of(SMOKING).clear(), ["series"])
    shares = proportion_trend(shares_of(SMOKING_COUNTS).clear(), ["series"])
    assert (general.height, shares.height) == (0, 0)
    assert general.schema == shares.schema == same_quarter_trend(series_of(SMOKING), ["series"]).schema


def test_columns_of_whole_numbers_and_of_nulls_are_read() -> None:
    frame = pl.DataFrame(
        {"series": "a", "year": range(2014, 2019), "value": range(5), "low": range(-1, 4), "high": range(1, 6)}
    ).with_columns(is_rising=None)
    assert trend_of(frame)["trend"] == "increasing"
    assert trend_of(frame.with_columns(value=None)) == NOTHING


def test_every_word_is_one_of_the_vocabulary() -> None:
    random = np.random.default_rng(SEED)
    frame = random_series(random)
    words = set(same_quarter_trend(frame, ["series"])["trend"]) | {trend_of(series_of(SMOKING[:4]))["trend"]}
    assert words == {trend.value for trend in Trend}


def random_series(random: np.random.Generator) -> pl.DataFrame:
    """500 series of five years, with bounds of different widths."""
    slope = random.normal(0, 1, (CASES, 1))
    value = slope * np.arange(5) + random.normal(0, 1, (CASES, 5))
    half = random.uniform(0.5, 3, (CASES, 5))
    return pl.DataFrame(
        {
            "series": np.repeat(np.arange(CASES), 5),
            "year": np.tile(np.arange(2014, 2019), CASES),
            "value": value.ravel(),
            "low": (value - half).ravel(),
            "high": (value + half).ravel(),
            "is_rising": True,
        }
    )


def test_slopes_are_those_of_weighted_least_squares() -> None:
    frame = random_series(np.random.default_rng(SEED))
    found = same_quarter_trend(frame, ["series"])
    value = frame["value"].to_numpy().reshape(-1, 5)
    error = ((frame["high"] - frame["low"]) / 3.92).to_numpy().reshape(-1, 5)
    for at in range(CASES):
        (slope, _), covariance = np.polyfit(np.arange(1, 6), value[at], 1, w=1 / error[at], cov="unscaled")
        kept = [np.delete(np.arange(5), out) for out in range(5)]
        signs = [np.sign(np.polyfit(one, value[at][one], 1, w=1 / error[at][one])[0]) for one in kept]
        assert found["trend_slope"][at] == pytest.approx(slope, rel=1e-9)
        assert found["trend_chi2"][at] == pytest.approx(slope**2 / covariance[0, 0], rel=1e-9)
        assert found["trend_signs"][at] == np.sign(slope) + sum(signs)


def test_proportions_are_those_of_the_textbook() -> None:
    """Chi-square as N (N sum(ct) - C sum(nt))^2 / (C (N - C) (N sum(nt^2) - sum(nt)^2)), slopes of the logit."""
    random = np.random.default_rng(SEED)
    total = random.integers(20, 2000, (CASES, 5))
    count = np.clip(random.binomial(total, random.uniform(0.1, 0.9, (CASES, 1))), 1, total - 1)
    frame = pl.DataFrame(
        {
            "series": np.repeat(np.arange(CASES), 5),
            "year": np.tile(np.arange(2014, 2019), CASES),
            "numerator": count.ravel(),
            "denominator": total.ravel(),
            "is_rising": True,
        }
    )
    found = proportion_trend(frame, ["series"])
    t = np.arange(1, 6)
    n, c = total.sum(axis=1), count.sum(axis=1)
    above = n * (n * (count * t).sum(axis=1) - c * (total * t).sum(axis=1)).astype(float) ** 2
    below = (c * (n - c)).astype(float) * (n * (total * t**2).sum(axis=1) - (total * t).sum(axis=1) ** 2)
    np.testing.assert_allclose(found["trend_chi2"].to_numpy(), above / below, rtol=1e-9, atol=1e-12)
    slopes = np.polyfit(t, np.log(count / (total - count)).T, 1)[0]
    np.testing.assert_allclose(found["trend_slope"].to_numpy(), slopes, rtol=1e-9, atol=1e-12)
