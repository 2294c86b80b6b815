"""Signals of XmR charts: the published vectors, each rule alone, and what a series may bring with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from measures.signals import (
    ADDED,
    Assurance,
    LimitsAre,
    Signal,
    SignalDirection,
    SignalMeaning,
    XmrBasis,
    choose_assurance,
    choose_meaning,
    choose_signal,
    ends_of_shift,
    ends_of_trend,
    measure_signals,
    side_of,
    within_run,
    within_two_of_three,
)
from schemas.period import list_periods, parse_period

# fmt: off
PUBLISHED = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285,
    -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716,
    0.70135590, -0.47279141,
]
# fmt: on
WITH_OUTLIER = [*PUBLISHED[:14], 10.0, *PUBLISHED[15:]]
ORDINARY = [20.0, 22.0] * 7
BY = ["territory_code", "indicator_code"]
SCHEMA = {
    "territory_code": pl.String,
    "indicator_code": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "value": pl.Float64,
    "is_rising": pl.Boolean,
    "is_seasonal": pl.Boolean,
    "target_value": pl.Float64,
    "starts_again": pl.Boolean,
    "frozen_until": pl.Date,
    "valid_min": pl.Float64,
    "valid_max": pl.Float64,
}
QUARTERS = list_periods("2010-Q1", "2039-Q4")
CHARTS = ("xmr_basis", "limits_are", "signal", "signal_direction", "signal_meaning", "assurance")
NUMBERS = ("xmr_value", "centre", "lower_limit", "upper_limit")
RESULTS = dict.fromkeys(CHARTS, pl.String) | dict.fromkeys(NUMBERS, pl.Float64) | {"xmr_points": pl.Int64}


def series(
    values: Sequence[float | None],
    periods: Sequence[str] = QUARTERS,
    starts_again: Sequence[int] = (),
    code: str = "JEU-01",
    **known: object,
) -> pl.DataFrame:
    """One row a value from 2010-Q1 on; rising is better, no target; `starts_again` at these positions."""
    usual = {"territory_code": "FR-99-TILLEULS", "indicator_code": code, "is_rising": True, "is_seasonal": False}
    rows = [
        usual | {"period": period, "period_start": parse_period(period).start, "value": value} | known
        for period, value in zip(periods, values, strict=False)
    ]
    starts = pl.int_range(pl.len()).is_in(list(starts_again))
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(starts_again=starts)


def measure(rows: pl.DataFrame, screened: bool = True) -> pl.DataFrame:
    return measure_signals(rows, BY, screened)


def limits_at(rows: pl.DataFrame, at: int = -1) -> tuple[Any, ...]:
    return rows.select("centre", "lower_limit", "upper_limit").row(at)


def flagged(rows: pl.DataFrame) -> dict[int, tuple[str, str]]:
    """Signal and direction by position, where there is one."""
    found = enumerate(rows.select("signal", "signal_direction").iter_rows())
    return {at: (signal, direction) for at, (signal, direction) in found if signal or direction}


def result_of(rule: pl.Expr, **columns: Sequence[object]) -> list[object]:
    return pl.DataFrame(columns).select(rule.alias("result"))["result"].to_list()


@pytest.mark.parametrize(
    ("values", "screened", "expected"),
    [
        pytest.param(PUBLISHED, True, (0.1416238, -3.01138, 3.294627), id="published"),
        pytest.param(WITH_OUTLIER, True, (0.6694159, -2.383666, 3.722497), id="outlier_screened"),
        pytest.param(WITH_OUTLIER, False, (0.6694159, -4.596625, 5.935457), id="outlier_unscreened"),
    ],
)
def test_published_limits(values: list[float], screened: bool, expected: tuple[float, ...]) -> None:
    measured = measure(series(values), screened)
    assert measured.select("centre", "lower_limit", "upper_limit").unique().height == 1
    assert limits_at(measured) == pytest.approx(expected, abs=1e-6)
    assert measured["xmr_points"].unique().to_list() == [20]
    assert measured["limits_are"].unique().to_list() == [LimitsAre.FIRM]
    assert measured["xmr_value"].to_list() == values


def test_published_series_is_chance_and_its_outlier_is_not() -> None:
    assert flagged(measure(series(PUBLISHED))) == {}
    assert flagged(measure(series(WITH_OUTLIER))) == {14: (Signal.BEYOND_LIMITS, SignalDirection.UP)}


@pytest.mark.parametrize(
    ("value", "ends"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([1, 2, 3, 4, 5, 6], [0] * 6, id="six_rise"),
        pytest.param([1, 2, 3, 3, 4, 5, 6], [0] * 7, id="a_level_step"),
        pytest.param([1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 0, 0, 1], id="seven_rise"),
        pytest.param([2, 1, 2, 3, 4, 5, 6, 7, 3], [0, 0, 0, 0, 0, 0, 0, 1, 0], id="seven_rise_among_others"),
        pytest.param([7, 6, 5, 4, 3, 2, 1], [0, 0, 0, 0, 0, 0, -1], id="seven_fall"),
        pytest.param([2, 7, 6, 5, 4, 3, 2, 1, 3], [0, 0, 0, 0, 0, 0, 0, -1, 0], id="seven_fall_among_others"),
        pytest.param([1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 0, 1, 1], id="eight_rise"),
    ],
)
def test_ends_of_trend(value: list[float], ends: list[int]) -> None:
    assert result_of(ends_of_trend(pl.col("value").cast(pl.Float64)), value=value) == ends


def test_a_step_of_rounding_is_level() -> None:
    value = [1.0, 2.0, 3.0, 3.0 + 1e-12, 4.0, 5.0, 6.0]
    assert result_of(ends_of_trend(pl.col("value"), 1e-9), value=value) == [0] * 7


@pytest.mark.parametrize(
    ("side", "ends"),
    [
        pytest.param([1] * 6, [0] * 6, id="six_above"),
        pytest.param([1] * 6 + [-1], [0] * 7, id="six_above_one_below"),
        pytest.param([1] * 8 + [-1], [0, 0, 0, 0, 0, 0, 1, 1, 0], id="eight_above_one_below"),
        pytest.param([-1] * 8 + [1], [0, 0, 0, 0, 0, 0, -1, -1, 0], id="eight_below_one_above"),
        pytest.param([1, 1, 1, 0, 1, 1, 1, 1], [0] * 8, id="one_on_the_mean"),
        pytest.param([0] * 8, [0] * 8, id="all_on_the_mean"),
    ],
)
def test_ends_of_shift(side: list[int], ends: list[int]) -> None:
    assert result_of(ends_of_shift(pl.col("side")), side=side) == ends


@pytest.mark.parametrize(
    ("ends", "within"),
    [
        pytest.param([0] * 7, [0] * 7, id="none"),
        pytest.param([0, 0, 0, 0, 0, 0, 0, 1, 0], [0, 1, 1, 1, 1, 1, 1, 1, 0], id="all_seven"),
        pytest.param([0, 0, 0, 0, 0, 0, -1, -1, 0], [-1] * 8 + [0], id="two_ends"),
        pytest.param([0] * 6 + [1] + [0] * 5 + [-1], [1] * 7 + [-1] * 6, id="the_peak_is_of_the_rise"),
    ],
)
def test_all_seven_points_of_a_run(ends: list[int], within: list[int]) -> None:
    assert result_of(within_run(pl.col("ends")), ends=ends) == within


@pytest.mark.parametrize(
    ("near", "side", "within"),
    [
        pytest.param([0, 0, 0], [1, 1, 1], [0, 0, 0], id="none_near"),
        pytest.param([1, 0, 1], [1, 1, 1], [1, 1, 1], id="first_and_last"),
        pytest.param([0, 1, 1], [1, 1, 1], [1, 1, 1], id="last_two"),
        pytest.param([1, 1, 0], [1, 1, 1], [1, 1, 1], id="first_two"),
        pytest.param([1, 0, 1], [-1, -1, -1], [1, 1, 1], id="below"),
        pytest.param([0, 0, 1, 0, 1, 0, 0], [1] * 7, [0, 0, 1, 1, 1, 0, 0], id="one_between"),
        pytest.param([0, 0, 1, 1, 0, 0, 0], [1] * 7, [0, 1, 1, 1, 1, 0, 0], id="side_by_side"),
        pytest.param([0, 0, 1, 0, 1, 0, 0], [1, -1, 1, -1, 1, -1, 1], [0] * 7, id="sides_alternate"),
        pytest.param([0, 0, 1, 0, 1, 0, 0], [1, 1, 1, -1, 1, 1, 1], [0] * 7, id="third_on_the_other_side"),
        pytest.param([1, 0, 0, 1], [1] * 4, [0] * 4, id="too_far_apart"),
    ],
)
def test_two_of_three(near: list[int], side: list[int], within: list[int]) -> None:
    rule = within_two_of_three(pl.col("near") == 1, pl.col("side"))
    assert result_of(rule, near=near, side=side) == [one == 1 for one in within]


def test_side_within_the_slack_is_none() -> None:
    assert result_of(side_of(pl.col("number"), 0.1), number=[0.2, 0.1, 0.0, -0.1, -0.2, None]) == [1, 0, 0, 0, -1, 0]


@pytest.mark.parametrize(
    ("is_beyond", "trend", "is_two_of_three", "shift", "signal"),
    [
        pytest.param(True, 1, True, 1, Signal.BEYOND_LIMITS, id="all"),
        pytest.param(False, -1, True, 1, Signal.TREND, id="all_but_the_first"),
        pytest.param(False, 0, True, 1, Signal.TWO_OF_THREE, id="two_of_three_and_shift"),
        pytest.param(False, 0, False, -1, Signal.SHIFT, id="shift_only"),
        pytest.param(False, 0, False, 0, None, id="none"),
    ],
)
def test_order_of_rules(is_beyond: bool, trend: int, is_two_of_three: bool, shift: int, signal: Signal | None) -> None:
    rules = [pl.lit(one) for one in (is_beyond, trend, is_two_of_three, shift)]
    assert pl.select(choose_signal(*rules)).item() == signal


@pytest.mark.parametrize(
    ("is_rising", "outcomes"),
    [
        pytest.param(True, [Assurance.FAIL, Assurance.PASS, Assurance.INCONSISTENT], id="increase"),
        pytest.param(False, [Assurance.PASS, Assurance.FAIL, Assurance.INCONSISTENT], id="decrease"),
        pytest.param(None, [None, None, None], id="no_direction"),
    ],
)
def test_published_assurance(is_rising: bool | None, outcomes: list[Assurance | None]) -> None:
    target, wanted = pl.lit(4.0), pl.lit(is_rising, pl.Boolean)
    rule = choose_assurance(pl.col("lower"), pl.col("upper"), target, wanted)
    assert result_of(rule, lower=[1.0, 5.0, 1.0], upper=[3.0, 7.0, 5.0]) == outcomes


@pytest.mark.parametrize(
    ("target", "is_rising", "outcome"),
    [
        pytest.param(10.0, True, Assurance.PASS, id="below_a_rising_one"),
        pytest.param(10.0, False, Assurance.FAIL, id="below_a_falling_one"),
        pytest.param(30.0, True, Assurance.FAIL, id="above_a_rising_one"),
        pytest.param(30.0, False, Assurance.PASS, id="above_a_falling_one"),
        pytest.param(22.0, True, Assurance.INCONSISTENT, id="between_the_limits"),
        pytest.param(None, True, None, id="no_target"),
        pytest.param(22.0, None, None, id="no_direction"),
    ],
)
def test_assurance_of_a_series(target: float | None, is_rising: bool | None, outcome: Assurance | None) -> None:
    """21 ± 2.66 x 2: from 15.68 to 26.32."""
    measured = measure(series(ORDINARY, target_value=target, is_rising=is_rising))
    assert measured["assurance"].unique().to_list() == [outcome]
    assert limits_at(measured) == pytest.approx((21.0, 15.68, 26.32))


def test_no_assurance_without_limits() -> None:
    assert measure(series([20.0, 22.0], target_value=1.0))["assurance"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("direction", "is_rising", "meaning"),
    [
        pytest.param("up", True, SignalMeaning.IMPROVEMENT, id="up_as_wanted"),
        pytest.param("down", False, SignalMeaning.IMPROVEMENT, id="down_as_wanted"),
        pytest.param("down", True, SignalMeaning.CONCERN, id="down_unwanted"),
        pytest.param("up", False, SignalMeaning.CONCERN, id="up_unwanted"),
        pytest.param("up", None, SignalMeaning.NEUTRAL, id="no_way_is_better"),
        pytest.param(None, True, None, id="no_signal"),
    ],
)
def test_meaning(direction: str | None, is_rising: bool | None, meaning: SignalMeaning | None) -> None:
    rule = choose_meaning(pl.lit(direction, pl.String), pl.lit(is_rising, pl.Boolean))
    assert pl.select(rule).item() == meaning


@pytest.mark.parametrize(
    ("later", "positions", "signal", "direction"),
    [
        pytest.param([27.0, 20.0], [14], Signal.BEYOND_LIMITS, SignalDirection.UP, id="above_the_limits"),
        pytest.param([15.0, 22.0], [14], Signal.BEYOND_LIMITS, SignalDirection.DOWN, id="below_the_limits"),
        pytest.param(
            [18.0, 18.3, 18.6, 18.9, 19.2, 19.5, 19.8, 19.7, 22.0],
            range(14, 21),
            Signal.TREND,
            SignalDirection.UP,
            id="seven_rise_below_the_mean",
        ),
        pytest.param(
            [20.0, 24.0, 23.7, 23.4, 23.1, 22.8, 22.5, 22.2, 22.3, 20.0],
            range(15, 22),
            Signal.TREND,
            SignalDirection.DOWN,
            id="seven_fall_above_the_mean",
        ),
        pytest.param([25.0, 22.0, 25.0, 20.0], [14, 16], Signal.TWO_OF_THREE, SignalDirection.UP, id="two_near_above"),
        pytest.param(
            [17.0, 20.0, 17.0, 22.0], [14, 16], Signal.TWO_OF_THREE, SignalDirection.DOWN, id="two_near_below"
        ),
        pytest.param([*[20.0, 20.5] * 4, 22.0], range(14, 22), Signal.SHIFT, SignalDirection.DOWN, id="eight_below"),
        pytest.param(
            [20.0, *[22.0, 21.5] * 4, 20.0], range(15, 23), Signal.SHIFT, SignalDirection.UP, id="eight_above"
        ),
        pytest.param(
            [*(18.0 + step * 1e-12 for step in range(7)), 22.0],
            range(14, 21),
            Signal.SHIFT,
            SignalDirection.DOWN,
            id="seven_below_that_rise_by_rounding_only",
        ),
        pytest.param([25.0, 20.0, 25.0, 20.0], [], None, None, id="near_but_on_both_sides"),
        pytest.param([20.0] * 6 + [22.0], [], None, None, id="six_below"),
    ],
)
def test_each_rule_on_a_series(
    later: list[float], positions: Sequence[int], signal: Signal | None, direction: SignalDirection | None
) -> None:
    """After fourteen ordinary points: 21, limits 15.68 and 26.32, near limits 17.45 and 24.55."""
    rows = series([*ORDINARY, *later], frozen_until=parse_period(QUARTERS[13]).end)
    found = flagged(measure(rows))
    assert {at: one for at, one in found.items() if one[0] == signal} == dict.fromkeys(positions, (signal, direction))
    assert all(one[0] in (signal, Signal.SHIFT) for one in found.values())


@pytest.mark.parametrize(
    ("values", "found"),
    [
        pytest.param([1, 2, 3, 4, 5, 6], {}, id="six_rise"),
        pytest.param([1, 2, 3, 3, 4, 5, 6], {}, id="a_level_step"),
        pytest.param([1, 2, 3, 4, 5, 6, 7], dict.fromkeys(range(1, 6), "up"), id="seven_rise"),
        pytest.param([7, 6, 5, 4, 3, 2, 1], dict.fromkeys(range(1, 6), "down"), id="seven_fall"),
    ],
)
def test_published_trends(values: list[float], found: dict[int, str]) -> None:
    """The limits are 2.66 from the mean: the two ends of the sevens are beyond them, which comes first."""
    measured = flagged(measure(series(values)))
    assert {at: direction for at, (signal, direction) in measured.items() if signal == Signal.TREND} == found


@pytest.mark.parametrize(
    ("points", "limits_are"),
    [
        pytest.param(1, LimitsAre.NONE, id="one"),
        pytest.param(4, LimitsAre.NONE, id="four"),
        pytest.param(5, LimitsAre.PROVISIONAL, id="five"),
        pytest.param(12, LimitsAre.PROVISIONAL, id="twelve"),
        pytest.param(13, LimitsAre.FIRM, id="thirteen"),
    ],
)
def test_how_far_limits_can_be_relied_on(points: int, limits_are: LimitsAre) -> None:
    measured = measure(series(ORDINARY[:points]))
    assert measured["limits_are"].unique().to_list() == [limits_are]
    assert measured["xmr_points"].unique().to_list() == [points]
    assert (limits_at(measured) == (None, None, None)) is (limits_are == LimitsAre.NONE)


def test_four_points_give_no_signal_however_far_apart() -> None:
    assert flagged(measure(series([1.0, 1.0, 1.0, 1000.0]))) == {}


class TestSeasonal:
    SCHOOL_YEAR = (40.0, 38.0, 12.0, 44.0)

    def years(self, *levels: float) -> list[float]:
        return [quarter + level for level in levels for quarter in self.SCHOOL_YEAR]

    def with_noise(self) -> list[float]:
        return [quarter + noise for quarter, noise in zip(self.SCHOOL_YEAR * 6, (0, 1, 2) * 8, strict=True)]

    def test_differences_from_the_same_quarter_of_the_year_before(self) -> None:
        measured = measure(series([*self.years(0, 1, 3), 50.0], is_seasonal=True))
        assert measured["xmr_basis"].unique().to_list() == [XmrBasis.YEAR_DIFFERENCE]
        assert measured["xmr_value"].to_list() == [None] * 4 + [1.0] * 4 + [2.0] * 4 + [7.0]
        assert measured["xmr_points"].unique().to_list() == [9]
        assert measured["limits_are"].unique().to_list() == [LimitsAre.PROVISIONAL]

    def test_the_season_is_no_signal(self) -> None:
        """Twenty differences of 1, 1 and -2 in turn: twelve moves of 3, seven of 0."""
        measured = measure(series(self.with_noise(), is_seasonal=True))
        assert flagged(measured) == {}
        assert limits_at(measured) == pytest.approx((0.1, 0.1 - 2.66 * 36 / 19, 0.1 + 2.66 * 36 / 19))

    def test_two_years_have_four_differences_and_no_limits(self) -> None:
        measured = measure(series(self.years(0, 1), is_seasonal=True))
        assert measured["xmr_points"].to_list() == [4] * 8
        assert measured["limits_are"].unique().to_list() == [LimitsAre.NONE]

    def test_a_missing_quarter_takes_two_differences(self) -> None:
        values: list[float | None] = [*self.years(0, 1, 2)]
        values[5] = None
        measured = measure(series(values, is_seasonal=True))
        assert measured["xmr_value"].to_list() == [None] * 4 + [1.0, None, 1.0, 1.0, 1.0, None, 1.0, 1.0]

    def test_no_difference_over_a_new_start(self) -> None:
        measured = measure(series(self.years(0, 1, 20, 21), is_seasonal=True, starts_again=[8]))
        assert measured["xmr_value"].to_list() == ([None] * 4 + [1.0] * 4) * 2

    def test_limits_of_differences_are_not_clipped_and_have_no_assurance(self) -> None:
        measured = measure(series(self.with_noise(), is_seasonal=True, valid_min=0.0, valid_max=1.0, target_value=50.0))
        assert measured["lower_limit"][0] < 0
        assert measured["upper_limit"][0] > 1
        assert measured["assurance"].unique().to_list() == [None]

    def test_yearly_series_have_no_season(self) -> None:
        measured = measure(series([1.0, 2.0], ["2024", "2025"], is_seasonal=True))
        assert measured["xmr_basis"].to_list() == [XmrBasis.VALUE] * 2
        assert measured["xmr_value"].to_list() == [1.0, 2.0]

    def test_equal_differences_are_equal_in_spite_of_rounding(self) -> None:
        values = [round(one + 0.1 * year, 1) for year in range(6) for one in (38.1, 33.3, 12.7, 41.9)]
        measured = measure(series(values, is_seasonal=True))
        assert measured["xmr_value"].n_unique() > 2
        assert flagged(measured) == {}


class TestNewStart:
    def test_limits_are_drawn_anew(self) -> None:
        measured = measure(series([*ORDINARY, *[one + 30 for one in ORDINARY[:6]]], starts_again=[14]))
        assert limits_at(measured, 13) == pytest.approx((21.0, 15.68, 26.32))
        assert limits_at(measured, 14) == pytest.approx((51.0, 45.68, 56.32))
        assert measured["xmr_points"].to_list() == [14] * 14 + [6] * 6
        assert measured["limits_are"].to_list() == [LimitsAre.FIRM] * 14 + [LimitsAre.PROVISIONAL] * 6
        assert flagged(measured) == {}

    def test_no_run_goes_over_it(self) -> None:
        steps = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
        assert flagged(measure(series(steps, starts_again=[5]))) == {}
        assert flagged(measure(series(steps))) != {}

    def test_one_on_a_missing_value_holds(self) -> None:
        measured = measure(series([*ORDINARY, None, *ORDINARY], starts_again=[14]))
        assert measured["xmr_points"].to_list() == [14] * 29
        assert measured["centre"][14] == 21.0

    def test_a_short_new_part_has_no_limits(self) -> None:
        measured = measure(series([*ORDINARY, 50.0, 51.0], starts_again=[14]))
        assert measured["limits_are"].to_list()[-3:] == [LimitsAre.FIRM, LimitsAre.NONE, LimitsAre.NONE]


class TestFrozen:
    def test_later_points_do_not_move_the_limits(self) -> None:
        until = parse_period(QUARTERS[7]).end
        measured = measure(series([*ORDINARY[:8], *[30.0] * 5], frozen_until=until))
        assert limits_at(measured) == pytest.approx((21.0, 15.68, 26.32))
        assert measured["xmr_points"].unique().to_list() == [8]
        beyond = (Signal.BEYOND_LIMITS, SignalDirection.UP)
        assert flagged(measured) == dict.fromkeys(range(8, 13), beyond)

    def test_the_day_itself_counts(self) -> None:
        until = parse_period(QUARTERS[7]).start
        assert measure(series(ORDINARY, frozen_until=until))["xmr_points"].unique().to_list() == [8]

    def test_too_early_leaves_no_limits(self) -> None:
        measured = measure(series(ORDINARY, frozen_until=parse_period(QUARTERS[3]).end))
        assert measured["limits_are"].unique().to_list() == [LimitsAre.NONE]
        assert measured["xmr_points"].unique().to_list() == [4]

    def test_a_part_that_begins_later_is_not_concerned(self) -> None:
        until = parse_period(QUARTERS[7]).end
        measured = measure(series([*ORDINARY, *ORDINARY], starts_again=[14], frozen_until=until))
        assert measured["xmr_points"].to_list() == [8] * 14 + [14] * 14

    def test_one_row_is_enough_to_freeze_its_part(self) -> None:
        rows = series(ORDINARY).with_columns(
            frozen_until=pl.when(pl.col("period") == QUARTERS[0]).then(pl.lit(parse_period(QUARTERS[7]).end))
        )
        assert measure(rows)["xmr_points"].unique().to_list() == [8]


class TestGaps:
    VALUES = (20.0, 22.0, 20.0, None, 40.0, 38.0, 40.0, 38.0)

    def test_no_moving_range_reaches_over_a_missing_value(self) -> None:
        """Five moves of 2: the step from 20 to 40 is none."""
        measured = measure(series(self.VALUES))
        centre, lower, upper = limits_at(measured)
        assert centre == pytest.approx(218 / 7)
        assert (centre - lower, upper - centre) == pytest.approx((5.32, 5.32))
        assert measured["xmr_points"].unique().to_list() == [7]
        assert measured["signal"][3] is None

    @pytest.mark.parametrize(
        "periods",
        [
            pytest.param(list_periods("2020-Q1", "2021-Q4"), id="quarters"),
            pytest.param(list_periods("2013", "2020"), id="years"),
            pytest.param(list_periods("2013-2014", "2020-2021"), id="school_years"),
        ],
    )
    def test_a_period_without_a_row_is_a_gap_too(self, periods: list[str]) -> None:
        rows = series(self.VALUES, periods)
        without = measure(rows.filter(pl.col("value").is_not_null()))
        assert without.equals(measure(rows).filter(pl.col("value").is_not_null()))

    def test_a_survey_wave_that_was_not_planned_is_no_gap(self) -> None:
        waves = [f"{year}-V1" for year in range(2015, 2022)]
        measured = measure(series([20.0, 22.0, 20.0, 22.0, 20.0, 22.0, 20.0], waves))
        assert measured["limits_are"].unique().to_list() == [LimitsAre.PROVISIONAL]

    def test_a_run_goes_over_a_gap(self) -> None:
        values = [21.0, 24.0, 18.0, 24.0, 20.0, 20.1, 20.2, None, 20.3, 20.4, 20.5, 20.6, 24.0, 18.0, 24.0]
        trend = (Signal.TREND, SignalDirection.UP)
        assert flagged(measure(series(values))) == dict.fromkeys([4, 5, 6, *range(8, 13)], trend)

    def test_points_that_never_follow_one_another_have_no_limits(self) -> None:
        measured = measure(series([20.0, None] * 8))
        assert measured["limits_are"].unique().to_list() == [LimitsAre.NONE]
        assert limits_at(measured) == (None, None, None)
        assert measured["xmr_points"].unique().to_list() == [8]

    @pytest.mark.parametrize(
        "hole",
        [
            pytest.param(float("nan"), id="nan"),
            pytest.param(float("inf"), id="inf"),
            pytest.param(float("-inf"), id="minus_inf"),
        ],
    )
    def test_what_is_no_number_is_a_gap(self, hole: float) -> None:
        with_hole, with_null = (
            measure(series([*ORDINARY[:6], one, *ORDINARY, 40.0], target_value=50.0)) for one in (hole, None)
        )
        assert with_hole.select(ADDED).equals(with_null.select(ADDED))


class TestFlat:
    @pytest.mark.parametrize(
        ("value", "points"),
        [
            pytest.param(0.0, 20, id="zeros"),
            pytest.param(40.0, 13, id="whole"),
            pytest.param(0.1, 24, id="rounded_mean_above"),
            pytest.param(41.9, 26, id="rounded_mean_below"),
            pytest.param(-41.9, 26, id="negative"),
            pytest.param(1e12 / 3, 30, id="large"),
        ],
    )
    def test_a_constant_series_has_no_signal(self, value: float, points: int) -> None:
        measured = measure(series([value] * points, target_value=value))
        assert flagged(measured) == {}
        assert limits_at(measured) == pytest.approx((value, value, value))
        assert measured["assurance"].unique().to_list() == [Assurance.INCONSISTENT]

    def test_a_point_that_differs_from_frozen_limits_is_beyond_them(self) -> None:
        measured = measure(series([*[0.1] * 8, 0.2, 0.1], frozen_until=parse_period(QUARTERS[7]).end))
        assert flagged(measured) == {8: (Signal.BEYOND_LIMITS, SignalDirection.UP)}

    def test_one_event_in_a_flat_series_is_the_only_signal(self) -> None:
        values = [0.0] * 5 + [1.0] + [0.0] * 4
        assert flagged(measure(series(values))) == {5: (Signal.BEYOND_LIMITS, SignalDirection.UP)}


class TestValidRange:
    VALUES = (1.0, 5.0) * 7

    def test_limits_are_shown_within_it(self) -> None:
        measured = measure(series(self.VALUES, valid_min=0.0, valid_max=10.0))
        assert limits_at(measured) == (3.0, 0.0, 10.0)
        assert limits_at(measure(series(self.VALUES))) == pytest.approx((3.0, -7.64, 13.64))

    def test_it_changes_nothing_else(self) -> None:
        others = [name for name in ADDED if name not in ("lower_limit", "upper_limit")]
        values = [*self.VALUES, 9.0, 9.5, 60.0, 8.0, 8.5]
        clipped = measure(series(values, valid_min=0.0, valid_max=8.0, target_value=20.0))
        assert clipped.select(others).equals(measure(series(values, target_value=20.0)).select(others))

    def test_without_its_columns(self) -> None:
        rows = series(self.VALUES)
        assert measure(rows.drop("valid_min", "valid_max")).select(ADDED).equals(measure(rows).select(ADDED))

    def test_no_limits_no_range(self) -> None:
        assert limits_at(measure(series([1.0, 2.0], valid_min=0.0, valid_max=10.0))) == (None, None, None)


MANY = pl.concat(
    [
        series(WITH_OUTLIER, code="JEU-01", valid_min=0.0),
        series([*ORDINARY, None, 40.0, 41.0], code="JEU-02", target_value=10.0, is_rising=False),
        series([*ORDINARY, *ORDINARY], code="JEU-03", is_seasonal=True, is_rising=None),
        series([3.0] * 6, list_periods("2015", "2020"), code="EDU-01"),
        series([1.0], ["2024-2025"], code="EDU-02"),
        series([None] * 6, code="EDU-03"),
        series(range(9), code="EDU-04", starts_again=[1], frozen_until=date(2011, 12, 31)),
    ]
)


def test_the_rows_stay_as_they_are() -> None:
    measured = measure(MANY)
    assert measured.columns == [*MANY.columns, *ADDED]
    assert measured.select(MANY.columns).equals(MANY)
    assert {name: measured.schema[name] for name in ADDED} == RESULTS


def test_many_series_are_each_as_if_alone() -> None:
    alone = [measure(rows) for rows in MANY.partition_by(BY)]
    assert measure(MANY).equals(pl.concat(alone))


def test_series_without_a_code_are_series() -> None:
    nameless = MANY.with_columns(indicator_code=pl.when(pl.col("indicator_code") != "JEU-01").then("indicator_code"))
    assert measure(nameless).select(ADDED).equals(measure(MANY).select(ADDED))


def test_measured_rows_can_be_measured_again() -> None:
    assert measure(measure(MANY)).equals(measure(MANY))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    shuffled = measure(MANY.sample(fraction=1, shuffle=True, seed=seed))
    order = [*BY, "period_start"]
    assert shuffled.sort(order).equals(measure(MANY).sort(order))


def test_no_rows() -> None:
    measured = measure(series([]))
    assert measured.is_empty()
    assert {name: measured.schema[name] for name in ADDED} == RESULTS


def test_columns_without_a_type() -> None:
    """As a frame has them whose optional columns are all null."""
    untyped = ("value", "is_rising", "is_seasonal", "target_value", "starts_again", "frozen_until", "valid_min")
    rows = series(ORDINARY).with_columns(pl.lit(None).alias(name) for name in untyped)
    measured = measure(rows)
    assert measured["limits_are"].unique().to_list() == [LimitsAre.NONE]
    assert {name: measured.schema[name] for name in ADDED} == RESULTS


def test_numbers_too_large_to_chart_have_no_limits() -> None:
    measured = measure(series([1.7e308, -1.7e308] * 7, target_value=0.0))
    assert measured["limits_are"].unique().to_list() == [LimitsAre.NONE]
    assert flagged(measured) == {}


VALUES = st.lists(st.none() | st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float), max_size=30)
ANY_SERIES = st.builds(
    lambda values, **known: series(values, **known),
    VALUES,
    is_rising=st.sampled_from([True, False, None]),
    is_seasonal=st.booleans(),
    target_value=st.none() | st.floats(-1e6, 1e6),
    starts_again=st.lists(st.integers(0, 29), max_size=2),
    frozen_until=st.none() | st.dates(date(2010, 1, 1), date(2018, 1, 1)),
)


@settings(deadline=None, max_examples=15)
@given(ANY_SERIES)
def test_turned_upside_down_with_its_direction_a_series_says_the_same(rows: pl.DataFrame) -> None:
    turned = rows.with_columns(-pl.col("value"), -pl.col("target_value"), ~pl.col("is_rising"))
    as_it_is, upside_down = measure(rows), measure(turned)
    same = ["xmr_basis", "xmr_points", "limits_are", "signal", "signal_meaning", "assurance"]
    assert upside_down.select(same).equals(as_it_is.select(same))
    assert upside_down["signal_direction"].replace({"up": "down", "down": "up"}).equals(as_it_is["signal_direction"])
    lines = as_it_is.select(-pl.col("centre"), lower_limit=-pl.col("upper_limit"), upper_limit=-pl.col("lower_limit"))
    assert_frame_equal(upside_down.select(lines.columns), lines, rel_tol=1e-12, abs_tol=0)


@settings(deadline=None, max_examples=15)
@given(ANY_SERIES)
def test_what_holds_for_every_series(rows: pl.DataFrame) -> None:
    measured = measure(rows)
    assert {name: measured.schema[name] for name in ADDED} == RESULTS
    assert not measured.select(pl.any_horizontal(pl.col(NUMBERS).is_nan().any())).item()
    has_limits = measured["limits_are"] != LimitsAre.NONE
    for line in ("centre", "lower_limit", "upper_limit"):
        assert measured[line].is_not_null().equals(has_limits, check_names=False)
    assert measured["signal_direction"].is_not_null().equals(measured["signal"].is_not_null())
    assert measured["signal_meaning"].is_not_null().equals(measured["signal"].is_not_null())
    assert not (measured["signal"].is_not_null() & (~has_limits | measured["xmr_value"].is_null())).any()
    assert not (has_limits & (measured["xmr_points"] < 5)).any()


def read_point_by_point(values: list[int]) -> list[str | None]:
    """The rules on one whole series, in exact numbers, as one would read them off paper."""
    count = len(values)
    mean = Fraction(sum(values), count)
    moves = [abs(after - before) for before, after in pairwise(values)]
    average = Fraction(sum(moves), len(moves))
    kept = [move for move in moves if move < Fraction("3.267") * average]
    width = Fraction("2.66") * (Fraction(sum(kept), len(kept)) if any(kept) else average)
    offsets = [value - mean for value in values]
    sides = [(one > 0) - (one < 0) for one in offsets]
    beyond = [abs(one) > width for one in offsets]
    near = [not out and abs(one) > width * 2 / 3 for one, out in zip(offsets, beyond, strict=True)]
    marks: dict[Signal, set[int]] = {signal: set() for signal in Signal}
    marks[Signal.BEYOND_LIMITS] = {at for at in range(count) if beyond[at]}
    for first in range(count - 2):
        three = range(first, first + 3)
        if abs(sum(sides[at] for at in three)) == 3 and sum(near[at] for at in three) >= 2:
            marks[Signal.TWO_OF_THREE] |= {at for at in three if near[at]}
    for first in range(count - 6):
        seven = values[first : first + 7]
        if len(set(seven)) == 7 and seven in (sorted(seven), sorted(seven, reverse=True)):
            marks[Signal.TREND] |= set(range(first, first + 7))
        if abs(sum(sides[first : first + 7])) == 7:
            marks[Signal.SHIFT] |= set(range(first, first + 7))
    return [next((signal.value for signal in Signal if at in marks[signal]), None) for at in range(count)]


STEADY = st.lists(st.integers(0, 9), min_size=5, max_size=30)
WALKING = st.lists(st.integers(-1, 2), min_size=5, max_size=30).map(
    lambda steps: [sum(steps[: at + 1]) for at in range(len(steps))]
)


@settings(deadline=None, max_examples=30)
@given(STEADY | WALKING)
def test_signals_are_those_read_point_by_point(values: list[int]) -> None:
    assert measure(series(values))["signal"].to_list() == read_point_by_point(values)
