"""What was promised and how far along it one is: the published vectors, both directions."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from rows import TODAY, goal, goals_frame, observation, observations_frame, share

from measures.progress import measure_progress
from measures.trajectory import (
    add_target_versions,
    attainment,
    baseline_change,
    bounded,
    expected_geometric,
    expected_linear,
    list_steps,
    month_number,
    pace,
)


def lit(number: float | None) -> pl.Expr:
    return pl.lit(number, dtype=pl.Float64)


def result_of(expression: pl.Expr) -> object:
    return pl.select(expression).item()


@pytest.mark.parametrize(
    ("is_rising", "start", "target", "value", "unbounded", "shown"),
    [
        pytest.param(True, 40, 60, 45, 25.0, 25.0, id="a_quarter_of_the_way"),
        pytest.param(True, 40, 60, 40, 0.0, 0.0, id="not_moved"),
        pytest.param(True, 40, 60, 60, 100.0, 100.0, id="arrived"),
        pytest.param(True, 40, 60, 35, -25.0, 0.0, id="gone_back"),
        pytest.param(True, 40, 60, 70, 150.0, 100.0, id="overshot"),
        pytest.param(True, 60, 50, 55, 100.0, 100.0, id="met_at_the_start_and_still"),
        pytest.param(True, 60, 50, 50, 100.0, 100.0, id="met_at_the_start_and_just_still"),
        pytest.param(True, 60, 50, 48, 0.0, 0.0, id="met_at_the_start_and_lost"),
        pytest.param(True, 50, 50, 50, 100.0, 100.0, id="target_is_the_start_and_held"),
        pytest.param(True, 50, 50, 49, 0.0, 0.0, id="target_is_the_start_and_lost"),
        pytest.param(False, 20, 10, 15, 50.0, 50.0, id="falling_half_way"),
        pytest.param(False, 20, 10, 25, -50.0, 0.0, id="falling_gone_back"),
        pytest.param(False, 20, 10, 5, 150.0, 100.0, id="falling_overshot"),
        pytest.param(False, 50, 60, 55, 100.0, 100.0, id="falling_met_at_the_start_and_still"),
        pytest.param(False, 50, 60, 62, 0.0, 0.0, id="falling_met_at_the_start_and_lost"),
        pytest.param(False, 50, 50, 50, 100.0, 100.0, id="falling_target_is_the_start_and_held"),
        pytest.param(False, 50, 50, 51, 0.0, 0.0, id="falling_target_is_the_start_and_lost"),
        pytest.param(True, -20, -10, -15, 50.0, 50.0, id="below_zero"),
        pytest.param(True, None, 60, 45, None, None, id="no_start"),
        pytest.param(True, 40, None, 45, None, None, id="no_target"),
        pytest.param(True, 40, 60, None, None, None, id="no_value"),
        pytest.param(True, 60, 50, None, None, None, id="met_at_the_start_and_no_value"),
        pytest.param(False, 50, 60, None, None, None, id="falling_met_at_the_start_and_no_value"),
    ],
)
def test_attainment(
    is_rising: bool,
    start: float | None,
    target: float | None,
    value: float | None,
    unbounded: float | None,
    shown: float | None,
) -> None:
    percent = attainment(lit(start), lit(target), lit(value), pl.lit(is_rising))
    assert (result_of(percent), result_of(bounded(percent))) == (unbounded, shown)


@pytest.mark.parametrize(
    ("quarter", "linear", "geometric"),
    [
        pytest.param(-1, None, None, id="before_the_beginning"),
        pytest.param(0, 40.0, 40.0, id="at_the_beginning"),
        pytest.param(4, 46.6667, 45.7886, id="quarter_4"),
        pytest.param(6, 50.0, 48.9898, id="quarter_6"),
        pytest.param(12, 60.0, 60.0, id="at_the_end"),
        pytest.param(15, 60.0, 60.0, id="after_the_end"),
    ],
)
def test_expected_from_40_to_60_in_12_quarters(quarter: int, linear: float | None, geometric: float | None) -> None:
    times = (pl.lit(quarter), pl.lit(0), pl.lit(12))
    found = (
        result_of(expected_linear(lit(40), lit(60), *times).round(4)),
        result_of(expected_geometric(lit(40), lit(60), *times).round(4)),
    )
    assert found == (linear, geometric)


@pytest.mark.parametrize(
    ("quarter", "linear", "geometric"),
    [
        pytest.param(6, 15.0, 14.1421, id="half_way"),
        pytest.param(12, 10.0, 10.0, id="at_the_end"),
    ],
)
def test_expected_when_falling_from_20_to_10(quarter: int, linear: float, geometric: float) -> None:
    times = (pl.lit(quarter), pl.lit(0), pl.lit(12))
    assert result_of(expected_linear(lit(20), lit(10), *times)) == linear
    assert result_of(expected_geometric(lit(20), lit(10), *times).round(4)) == geometric


@pytest.mark.parametrize(
    ("start", "expected", "value", "ratio"),
    [
        pytest.param(40, 50, 45, 0.5, id="half_as_fast"),
        pytest.param(40, 50, 50, 1.0, id="as_promised"),
        pytest.param(40, 50, 35, -0.5, id="the_wrong_way"),
        pytest.param(20, 15, 10, 2.0, id="falling_twice_as_fast"),
        pytest.param(40, 40, 45, None, id="nothing_expected_yet"),
        pytest.param(40, None, 45, None, id="no_trajectory"),
        pytest.param(40, 50, None, None, id="no_value"),
    ],
)
def test_pace(start: float, expected: float | None, value: float | None, ratio: float | None) -> None:
    assert result_of(pace(lit(start), lit(expected), lit(value))) == ratio


@pytest.mark.parametrize(
    ("day", "month"),
    [
        pytest.param(date(2025, 12, 31), 24312, id="end_of_a_year"),
        pytest.param(date(2026, 1, 1), 24313, id="next_day"),
        pytest.param(date(2026, 8, 31), 24320, id="end_of_a_school_year"),
    ],
)
def test_month_number(day: date, month: int) -> None:
    assert result_of(month_number(pl.lit(day))) == month


def test_list_steps_ends_with_the_target_at_the_due_period() -> None:
    goals = pl.DataFrame(
        {
            "_goal": [0, 1, 2],
            "shape": ["stepped", "linear", "stepped"],
            "steps": ["2027-Q2=24|2027-Q4=27.5", None, "2026-Q1=-3"],
            "due_at": [24348, 24348, 24324],
            "target_value": [30.0, 60.0, 5.0],
        }
    )
    assert list_steps(goals).sort("_goal", "step_at").rows() == [
        (0, 24330, 24.0),
        (0, 24336, 27.5),
        (0, 24348, 30.0),
        (2, 24315, -3.0),
        (2, 24324, 5.0),
    ]


def test_list_steps_takes_the_target_over_a_step_in_the_due_period() -> None:
    goals = pl.DataFrame(
        {"_goal": [0], "shape": ["stepped"], "steps": ["2027-Q4=27"], "due_at": [24336], "target_value": [30.0]}
    )
    assert list_steps(goals).rows() == [(0, 24336, 30.0)]


def test_list_steps_of_no_stepped_goal_is_empty() -> None:
    goals = pl.DataFrame(
        {"_goal": [0], "shape": ["linear"], "steps": [None], "due_at": [24336], "target_value": [30.0]},
        schema_overrides={"steps": pl.String},
    )
    assert list_steps(goals).rows() == []


def test_a_target_that_is_revised_was_another_before() -> None:
    """30 decided in January 2025, 35 in June and the same day 36: each period has what was promised then."""
    periods = ("2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3")
    progress = measure_progress(
        observations_frame(*(observation(period=period, **share(250, 1000)) for period in periods)),
        goals_frame(goal(target_value=36.0)),
        TODAY,
    )
    decided = [(1, 30.0, date(2025, 1, 10)), (2, 35.0, date(2025, 6, 12)), (3, 36.0, date(2025, 6, 12))]
    targets = goals_frame(
        *(goal(target_version=version, target_value=value, decided_on=day) for version, value, day in decided)
    )
    found = add_target_versions(progress, targets).select("period", "target_then", "target_version_then").rows()
    assert found == [
        ("2024-Q4", None, None),
        ("2025-Q1", 30.0, 1),
        ("2025-Q2", 36.0, 3),
        ("2025-Q3", 36.0, 3),
    ]


@pytest.mark.parametrize(
    ("start", "value", "share"),
    [
        pytest.param(100.0, 40.0, -0.6, id="minus_60_percent"),
        pytest.param(100.0, 140.0, 0.4, id="plus_40_percent"),
        pytest.param(0.0, 140.0, None, id="from_0"),
        pytest.param(None, 140.0, None, id="from_nothing"),
    ],
)
def test_change_since_the_baseline(start: float | None, value: float, share: float | None) -> None:
    """Territoires en Transitions, variation.spec.ts."""
    assert result_of(baseline_change(lit(start), lit(value))) == (None if share is None else pytest.approx(share))
