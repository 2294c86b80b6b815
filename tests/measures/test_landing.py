"""Where it lands if it goes on like that, and what is needed: by hand for each."""

from __future__ import annotations

import math
from datetime import date

import pytest
from rows import baseline, goal, goals_frame, observation, observations_frame, point_baseline, share

from measures.landing import project_landing
from measures.progress import measure_progress

TODAY = date(2026, 1, 15)
YEARS = {2025: 2025 * 12 + 12, 2026: 2026 * 12 + 12}


def land(of_goal: dict[str, object], of_observation: dict[str, object]) -> dict[str, object]:
    """From 2024-Q4 to 2026-Q4, looked at half-way, at 2025-Q4."""
    progress = measure_progress(observations_frame(observation(**of_observation)), goals_frame(goal(**of_goal)), TODAY)
    (row,) = project_landing(progress).to_dicts()
    return row


def test_half_of_the_way_in_half_of_the_time_lands_on_the_target() -> None:
    """20 % to 30 %, 40 % wanted: +10 points in four quarters, +10 to go in four."""
    row = land(baseline(200, 1000), share(300, 1000))
    assert row["landing_value"] == pytest.approx(40)
    assert row["needed_rate"] == pytest.approx(2.5)
    assert row["landing_at"] == YEARS[2026]
    assert row["landing_low"] == pytest.approx(20 + 2 * float(str(row["change_low"])))
    assert row["landing_high"] == pytest.approx(20 + 2 * float(str(row["change_high"])))
    assert row["landing_first_at"] < row["landing_at"] < row["landing_last_at"]  # type: ignore[operator]


def test_a_fall_that_is_wanted_lands_as_its_mirror_image_does() -> None:
    rising = land(baseline(200, 1000), share(300, 1000))
    falling = land(
        {**baseline(800, 1000), "target_value": 60.0, "kind": "at_most", "polarity": "decrease"}, share(700, 1000)
    )
    for one, other in (("value", "value"), ("low", "high"), ("high", "low")):
        assert falling[f"landing_{one}"] == pytest.approx(100 - float(str(rising[f"landing_{other}"])))
    assert falling["needed_rate"] == pytest.approx(-2.5)
    for end in ("at", "first_at", "last_at"):
        assert falling[f"landing_{end}"] == rising[f"landing_{end}"]


def test_a_count_lands_by_the_interval_of_its_ratio() -> None:
    """100 to 150, 200 wanted: +50 a year, and the ratio's interval times the baseline."""
    row = land({**point_baseline(100.0), "unit": "count", "target_value": 200.0}, {"value": 150.0})
    assert row["landing_value"] == pytest.approx(200)
    assert row["landing_low"] == pytest.approx(100 + 2 * 100 * (math.exp(float(str(row["change_low"]))) - 1))
    assert row["needed_rate"] == pytest.approx(12.5)


def test_no_change_may_never_land() -> None:
    row = land(baseline(53, 240), share(64, 240))
    assert row["landing_at"] is not None
    assert (row["landing_first_at"], row["landing_last_at"]) != (None, None)
    assert row["landing_last_at"] is None


def test_a_decline_never_lands_but_says_what_is_needed() -> None:
    row = land(baseline(300, 1000), share(200, 1000))
    assert (row["landing_at"], row["landing_first_at"], row["landing_last_at"]) == (None, None, None)
    assert row["landing_value"] == pytest.approx(10)
    assert row["needed_rate"] == pytest.approx(5)


def test_a_percentage_stays_one() -> None:
    row = land({**baseline(500, 1000), "target_value": 99.0}, share(900, 1000))
    assert row["landing_value"] == 100.0
    assert row["landing_high"] == 100.0


@pytest.mark.parametrize(
    ("of_goal", "of_observation"),
    [
        pytest.param({"kind": "watch_only", "target_value": None}, share(300, 1000), id="no_target"),
        pytest.param(baseline(4, 20), share(8, 24), id="under_30"),
        pytest.param({}, {**share(300, 1000), "obs_status": "rupture"}, id="a_break"),
        pytest.param({}, {"is_masked": True}, id="masked"),
        pytest.param({}, {"obs_status": "non_disponible"}, id="no_figure"),
        pytest.param({}, {**share(300, 1000), "period": "2024-Q4"}, id="at_the_baseline"),
        pytest.param({"has_interval": False, "unit": "minutes"}, {"value": 12.0}, id="no_interval"),
        pytest.param({**point_baseline(0.0), "unit": "count"}, {"value": 40.0}, id="a_count_from_nothing"),
        pytest.param({"due_period": None}, share(300, 1000), id="no_due_period"),
    ],
)
def test_without_a_way_there_is_no_landing(of_goal: dict[str, object], of_observation: dict[str, object]) -> None:
    row = land(of_goal, of_observation)
    assert {row[name] for name in row if name.startswith("landing_") and name.endswith(("value", "low", "high"))} == {
        None
    }


def test_what_is_reached_needs_nothing() -> None:
    row = land(baseline(200, 1000), share(420, 1000))
    assert (row["needed_rate"], row["landing_at"]) == (None, None)


def test_what_is_due_is_no_projection() -> None:
    row = land({}, {**share(300, 1000), "period": "2026-Q4"})
    assert (row["needed_rate"], row["landing_value"]) == (None, None)
