"""One row a goal-indicator-period: its interval, its trajectory, its change, what may be shown."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from measures.progress import measure_progress
from pipelines.store import Store, load_goals, load_observations
from schemas.words import Audience
from tests.measures.rows import (
    GOAL_SCHEMA,
    NO_BASELINE,
    OBSERVATION_SCHEMA,
    TODAY,
    baseline,
    goal,
    goals_frame,
    measure,
    measure_one,
    observation,
    observations_frame,
    point_baseline,
    share,
)

COUNT = {"unit": "count", "decimals": 0, "components": "none"}
FALLING = {"polarity": "decrease", "kind": "at_most"}
PLACE_AND_TIME = ("territory_code", "qpv_code", "indicator_code", "dimension", "category", "goal_code", "period")


def test_the_rows_of_these_tests_have_the_columns_of_the_store(store: Store) -> None:
    territories = ["FR-99-TILLEULS"]
    assert dict(load_goals(store, territories, Audience.PUBLIC).schema) == GOAL_SCHEMA
    assert dict(load_observations(store, territories, Audience.PUBLIC).schema) == OBSERVATION_SCHEMA


@pytest.mark.parametrize(
    ("of_goal", "seen", "low", "high"),
    [
        pytest.param({}, share(84, 240), 29.2, 41.2, id="percent_wilson"),
        pytest.param({}, share(0, 15), 0.0, 20.4, id="percent_of_none"),
        pytest.param(COUNT, {"value": 12.0}, 6.2, 21.0, id="count_garwood"),
        pytest.param({"unit": "per_100"}, share(30, 100), 20.2, 42.8, id="per_100_garwood"),
        pytest.param({"unit": "per_100"}, share(30, 50), 40.5, 85.7, id="per_100_of_50"),
        pytest.param({"unit": "per_100"}, share(120, 100), 99.5, 143.5, id="per_100_above_100"),
        pytest.param(
            {"unit": "per_100"}, {"numerator": 5.0, "denominator": 0.0}, None, None, id="per_100_of_none_refused"
        ),
        pytest.param({}, {"value": 35.0}, None, None, id="published_rate"),
        pytest.param({"unit": "per_100"}, {"value": 35.0}, None, None, id="published_rate_per_100"),
        pytest.param({"has_interval": False}, share(84, 240), None, None, id="percent_without_chance"),
        pytest.param(COUNT | {"has_interval": False}, {"value": 12.0}, None, None, id="kilograms"),
        pytest.param({"unit": "minutes"}, {"value": 12.0}, None, None, id="minutes"),
        pytest.param({}, {"value": None}, None, None, id="no_value"),
    ],
)
def test_the_interval_by_the_kind_of_figure(
    of_goal: dict[str, object], seen: dict[str, object], low: float | None, high: float | None
) -> None:
    found = measure_one(of_goal, seen)
    assert [None if found[name] is None else round(found[name], 1) for name in ("low", "high")] == [low, high]


@pytest.mark.parametrize(
    ("numerator", "low", "high"),
    [
        pytest.param(1, 0.025317807984289897, 5.571643390938898, id="1_of_100"),
        pytest.param(5, 1.62348639011842, 11.668332079322669, id="5_of_100"),
    ],
)
def test_rates_per_100_as_phe_publishes_them(numerator: int, low: float, high: float) -> None:
    found = measure_one({"unit": "per_100"}, share(numerator, 100))
    assert (found["low"], found["high"]) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize(
    ("of_goal", "seen", "low", "high"),
    [
        pytest.param(baseline(12, 60), share(18, 60), -5.5, 24.9, id="12_of_60_to_18_of_60"),
        pytest.param(baseline(96, 240), share(120, 240), 1.1, 18.7, id="96_of_240_to_120_of_240"),
        pytest.param(baseline(120, 240), share(96, 240), -18.7, -1.1, id="and_back"),
        pytest.param(FALLING | baseline(120, 240), share(96, 240), 1.1, 18.7, id="back_where_less_is_better"),
        pytest.param(FALLING | baseline(12, 60), share(18, 60), -24.9, 5.5, id="up_where_less_is_better"),
        pytest.param(point_baseline(30.0), share(84, 240), -0.8, 11.2, id="from_a_point"),
        pytest.param(FALLING | point_baseline(30.0), share(84, 240), -11.2, 0.8, id="from_a_point_less_is_better"),
        pytest.param(baseline(96, 240), {"value": 50.0}, None, None, id="to_a_published_rate"),
        pytest.param(NO_BASELINE, share(84, 240), None, None, id="no_baseline"),
    ],
)
def test_the_change_in_points(
    of_goal: dict[str, object], seen: dict[str, object], low: float | None, high: float | None
) -> None:
    found = measure_one(of_goal, seen)
    change = [found["change_low"], found["change_high"]]
    assert [None if bound is None else round(bound, 1) for bound in change] == [low, high]


def test_a_baseline_per_100_with_components_is_no_point() -> None:
    """45 events against 30 in as many persons: the exact ratio is 0.92 to 2.47, so the change can be either way."""
    found = measure_one({"unit": "per_100", "target_value": 60.0, **baseline(30, 100)}, share(45, 100))
    assert found["change_low"] < 0 < found["change_high"]


@pytest.mark.parametrize(
    ("of_goal", "value", "low", "high"),
    [
        pytest.param(point_baseline(1.0), 1.0, math.log(0.012739367083666641), math.log(78.49683531626285), id="equal"),
        pytest.param(point_baseline(5.0), 0.0, -math.inf, math.log(1.0912791051825463), id="to_none"),
        pytest.param(point_baseline(0.0), 5.0, math.log(0.9163558573154597), math.inf, id="from_none"),
        pytest.param(
            FALLING | point_baseline(5.0), 0.0, -math.log(1.0912791051825463), math.inf, id="to_none_less_is_better"
        ),
    ],
)
def test_the_change_of_a_count_is_the_log_of_a_ratio(
    of_goal: dict[str, object], value: float, low: float, high: float
) -> None:
    found = measure_one(COUNT | of_goal, {"value": value})
    assert (found["change_low"], found["change_high"]) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(
    ("ref_value", "value"),
    [
        pytest.param(0.0, 0.0, id="none_to_none"),
        pytest.param(None, 5.0, id="no_baseline"),
        pytest.param(5.0, None, id="no_value"),
    ],
)
def test_a_count_without_a_ratio_has_no_change(ref_value: float | None, value: float | None) -> None:
    found = measure_one(COUNT | point_baseline(ref_value), {"value": value})
    assert (found["change_low"], found["change_high"]) == (None, None)


@pytest.mark.parametrize(
    ("of_goal", "period", "expected"),
    [
        pytest.param({}, "2024-Q3", None, id="before_the_baseline"),
        pytest.param({}, "2024-Q4", 20.0, id="at_the_baseline"),
        pytest.param({}, "2025-Q1", 22.5, id="one_quarter_on"),
        pytest.param({}, "2025-Q4", 30.0, id="half_way"),
        pytest.param({}, "2026-Q4", 40.0, id="due"),
        pytest.param({}, "2027-Q2", 40.0, id="after_due"),
        pytest.param(FALLING | {"target_value": 10.0}, "2025-Q4", 15.0, id="falling_half_way"),
        pytest.param({"ref_period": "2024", "due_period": "2028"}, "2026", 30.0, id="years"),
        pytest.param({"ref_period": "2023-2024", "due_period": "2027-2028"}, "2025-2026", 30.0, id="school_years"),
        pytest.param({"ref_period": "2024-V2", "due_period": "2026-V2"}, "2025-V2", 30.0, id="waves"),
        pytest.param({"ref_period": "2024", "due_period": "2026"}, "2025-Q4", 30.0, id="quarter_between_years"),
        pytest.param({"kind": "maintain_band", "band_low": 10.0, "band_high": 30.0}, "2025-Q4", None, id="band"),
        pytest.param({"kind": "watch_only"}, "2025-Q4", None, id="watch_only"),
        pytest.param(point_baseline(None) | {"is_ref_masked": True}, "2025-Q4", None, id="masked_baseline"),
    ],
)
def test_expected_on_a_line(of_goal: dict[str, object], period: str, expected: float | None) -> None:
    assert measure_one(of_goal, share(310, 1000) | {"period": period})["expected"] == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        pytest.param("2024-Q3", None, id="before_the_first_step"),
        pytest.param("2024-Q4", 52.0, id="first_step"),
        pytest.param("2025-Q3", 52.0, id="between_two_steps"),
        pytest.param("2025-Q4", 60.0, id="second_step"),
        pytest.param("2025", 60.0, id="a_year_ends_with_its_last_quarter"),
        pytest.param("2026-Q3", 66.0, id="third_step"),
        pytest.param("2027-Q3", 70.0, id="after_the_last_step"),
        pytest.param("2027-Q4", 75.0, id="due"),
        pytest.param("2028-Q1", 75.0, id="after_due"),
    ],
)
def test_expected_by_steps(period: str, expected: float | None) -> None:
    of_goal = {
        "ref_period": "2023-Q4",
        "target_value": 75.0,
        "due_period": "2027-Q4",
        "shape": "stepped",
        "steps": "2024-Q4=52|2025-Q4=60|2026-Q3=66|2027-Q1=70",
        **baseline(86, 180),
    }
    assert measure_one(of_goal, share(108, 180) | {"period": period})["expected"] == expected


def test_each_goal_has_its_own_steps() -> None:
    goals = [
        goal(indicator_code="JEU-01", shape="stepped", steps="2025-Q2=25"),
        goal(indicator_code="JEU-02", shape="stepped", steps="2025-Q3=33|2026-Q1=35"),
        goal(indicator_code="JEU-03"),
        goal(indicator_code="JEU-04", shape="stepped", steps="2026-Q1=35"),
    ]
    seen = [observation(indicator_code=code, **share(310, 1000)) for code in ("JEU-01", "JEU-02", "JEU-03", "JEU-04")]
    found = {row["indicator_code"]: row["expected"] for row in measure(goals, seen)}
    assert found == {"JEU-01": 25.0, "JEU-02": 33.0, "JEU-03": 30.0, "JEU-04": None}


@pytest.mark.parametrize(
    ("of_goal", "seen", "attainment", "unbounded", "pace", "gap"),
    [
        pytest.param({}, share(250, 1000), 25.0, 25.0, 0.5, -5.0, id="half_as_fast"),
        pytest.param({}, share(100, 1000), 0.0, -50.0, -1.0, -20.0, id="gone_back"),
        pytest.param({}, share(500, 1000), 100.0, 150.0, 3.0, 20.0, id="overshot"),
        pytest.param(
            FALLING | {"target_value": 10.0}, share(150, 1000), 50.0, 50.0, 1.0, 0.0, id="falling_from_20_to_10"
        ),
        pytest.param({}, {"value": 28.0}, 40.0, 40.0, 0.8, -2.0, id="published_rate"),
        pytest.param({"has_interval": False}, {"value": 28.0}, 40.0, 40.0, 0.8, -2.0, id="without_chance"),
        pytest.param({}, {"value": None}, None, None, None, None, id="no_value"),
        pytest.param({}, {"value": None, "is_masked": True}, None, None, None, None, id="masked"),
        pytest.param(
            {"target_value": 15.0},
            {"value": None, "is_masked": True},
            None,
            None,
            None,
            None,
            id="masked_and_met_at_the_start",
        ),
        pytest.param(
            point_baseline(None) | {"is_ref_masked": True}, share(310, 1000), None, None, None, None, id="no_baseline"
        ),
        pytest.param({"kind": "watch_only"}, share(310, 1000), None, None, None, None, id="watch_only"),
        pytest.param(
            {"kind": "maintain_band", "band_low": 10.0, "band_high": 30.0},
            share(310, 1000),
            None,
            None,
            None,
            None,
            id="band",
        ),
    ],
)
def test_how_far_along(
    of_goal: dict[str, object],
    seen: dict[str, object],
    attainment: float | None,
    unbounded: float | None,
    pace: float | None,
    gap: float | None,
) -> None:
    found = measure_one(of_goal, seen)
    names = ("attainment", "attainment_unbounded", "pace", "gap")
    assert [found[name] for name in names] == [attainment, unbounded, pace, gap]


@pytest.mark.parametrize(
    ("of_goal", "seen", "n"),
    [
        pytest.param({}, share(84, 240), 240.0, id="percent"),
        pytest.param({"unit": "per_100"}, share(120, 60), 60.0, id="per_100"),
        pytest.param(COUNT, {"value": 84.0}, 84.0, id="count"),
        pytest.param({}, {"value": 35.0}, None, id="published_rate"),
    ],
)
def test_n(of_goal: dict[str, object], seen: dict[str, object], n: float | None) -> None:
    assert measure_one(of_goal, seen)["n"] == n


@pytest.mark.parametrize(
    ("of_goal", "seen", "display", "decimals"),
    [
        pytest.param({}, share(8, 20), "counts_only", 0, id="20"),
        pytest.param({}, share(12, 30), "order_of_magnitude", 0, id="30"),
        pytest.param({}, share(40, 100), "whole", 0, id="100"),
        pytest.param({}, share(400, 1000), "decimal", 1, id="1000"),
        pytest.param({"decimals": 0}, share(400, 1000), "decimal", 0, id="1000_defined_whole"),
        pytest.param({}, {"value": 35.2}, "as_defined", 1, id="published_rate"),
        pytest.param({}, {"value": None, "is_masked": True}, "masked", 0, id="masked"),
        pytest.param({}, {"value": None}, "no_value", 0, id="no_value"),
    ],
)
def test_what_may_be_shown(of_goal: dict[str, object], seen: dict[str, object], display: str, decimals: int) -> None:
    found = measure_one(of_goal, seen)
    assert (found["display"], found["shown_decimals"]) == (display, decimals)


def test_a_goal_without_observation_has_one_row_without_period() -> None:
    (found,) = measure([goal()], [])
    nothing = ("period", "value", "low", "high", "expected", "gap", "attainment", "pace", "state")
    assert {name: found[name] for name in nothing} == dict.fromkeys(nothing)
    assert (found["is_latest"], found["is_masked"], found["display"]) == (True, False, "no_value")


def test_an_observation_without_goal_has_no_row() -> None:
    assert measure([goal()], [observation(**share(310, 1000)), observation(indicator_code="JEU-02")]) == measure(
        [goal()], [observation(**share(310, 1000))]
    )


def test_a_goal_takes_only_the_observations_of_its_place() -> None:
    goals = [
        goal(),
        goal(qpv_code="QN99901N"),
        goal(dimension="sexe", category="femmes"),
        goal(territory_code="FR-99-VALFLEURI"),
    ]
    seen = [
        observation(value=31.0),
        observation(qpv_code="QN99901N", value=32.0),
        observation(dimension="sexe", category="femmes", value=33.0),
        observation(dimension="sexe", category="hommes", value=34.0),
        observation(territory_code="FR-99-VALFLEURI", value=35.0),
    ]
    found = [(*(row[name] for name in PLACE_AND_TIME[:5]), row["value"]) for row in measure(goals, seen)]
    assert found == [
        ("FR-99-TILLEULS", "", "JEU-01", "sexe", "femmes", 33.0),
        ("FR-99-TILLEULS", "", "JEU-01", "total", "", 31.0),
        ("FR-99-TILLEULS", "QN99901N", "JEU-01", "total", "", 32.0),
        ("FR-99-VALFLEURI", "", "JEU-01", "total", "", 35.0),
    ]


def test_two_goals_may_share_an_indicator() -> None:
    goals = [goal(goal_code="O2", target_value=60.0), goal(goal_code="O1")]
    found = measure(goals, [observation(**share(440, 1000))])
    assert [(row["goal_code"], row["expected"], row["state"]) for row in found] == [
        ("O1", 30.0, "reached"),
        ("O2", 40.0, "on_track"),
    ]


def test_rows_come_in_the_order_of_place_goal_and_time() -> None:
    goals = [goal(indicator_code="JEU-02"), goal(goal_code="O2"), goal(goal_code="O1")]
    seen = [observation(period=period, value=30.0) for period in ("2025-Q4", "2024-Q4", "2025-Q1")]
    found = [(row["indicator_code"], row["goal_code"], row["period"]) for row in measure(goals, seen)]
    assert found == [
        ("JEU-01", "O1", "2024-Q4"),
        ("JEU-01", "O1", "2025-Q1"),
        ("JEU-01", "O1", "2025-Q4"),
        ("JEU-01", "O2", "2024-Q4"),
        ("JEU-01", "O2", "2025-Q1"),
        ("JEU-01", "O2", "2025-Q4"),
        ("JEU-02", "O1", None),
    ]


@pytest.mark.parametrize(
    ("last", "latest"),
    [
        pytest.param({"value": 31.0}, "2025-Q4", id="a_figure"),
        pytest.param({"value": 0.0}, "2025-Q4", id="zero_is_a_figure"),
        pytest.param({"value": None, "is_masked": True}, "2025-Q4", id="a_masked_figure"),
        pytest.param({"value": None, "obs_status": "non_disponible"}, "2025-Q3", id="no_figure"),
    ],
)
def test_the_latest_row_is_the_last_with_a_figure(last: dict[str, object], latest: str) -> None:
    found = measure(
        [goal()],
        [observation(**last), observation(period="2025-Q2", value=29.0), observation(period="2025-Q3", value=30.0)],
    )
    assert [row["period"] for row in found if row["is_latest"]] == [latest]


def test_the_latest_row_where_no_period_has_a_figure_is_the_last() -> None:
    found = measure([goal()], [observation(period=period) for period in ("2025-Q4", "2025-Q3")])
    assert [(row["period"], row["is_latest"]) for row in found] == [("2025-Q3", False), ("2025-Q4", True)]


def test_each_goal_has_its_own_latest_row() -> None:
    found = measure(
        [goal(), goal(indicator_code="JEU-02")],
        [observation(value=30.0), observation(indicator_code="JEU-02", period="2025-Q2", value=30.0)],
    )
    assert [(row["indicator_code"], row["period"], row["is_latest"]) for row in found] == [
        ("JEU-01", "2025-Q4", True),
        ("JEU-02", "2025-Q2", True),
    ]


def test_a_break_of_one_goal_is_not_that_of_another() -> None:
    found = measure(
        [goal(), goal(indicator_code="JEU-02")],
        [observation(value=30.0, obs_status="rupture"), observation(indicator_code="JEU-02", value=30.0)],
    )
    assert [row["has_break"] for row in found] == [True, False]


def test_the_order_of_what_comes_in_changes_nothing() -> None:
    goals = [goal(), goal(goal_code="O2", shape="stepped", steps="2025-Q2=25"), goal(indicator_code="JEU-02")]
    seen = [
        observation(period=period, indicator_code=code, **share(numerator, 1000))
        for code in ("JEU-01", "JEU-02")
        for period, numerator in (("2025-Q1", 230), ("2025-Q2", 260), ("2025-Q3", 280), ("2025-Q4", 310))
    ]
    assert measure(goals[::-1], seen[::-1]) == measure(goals, seen)
    assert measure(goals, seen[::2] + seen[1::2]) == measure(goals, seen)


def test_nothing_in_nothing_out() -> None:
    found = measure_progress(observations_frame(), goals_frame(), date(2026, 1, 15))
    assert found.is_empty()
    assert found.schema["state"] == pl.String


def test_measuring_leaves_what_it_was_given() -> None:
    observations, goals = observations_frame(observation(**share(310, 1000))), goals_frame(goal())
    measure_progress(observations, goals, TODAY)
    assert observations.equals(observations_frame(observation(**share(310, 1000))))
    assert goals.equals(goals_frame(goal()))
