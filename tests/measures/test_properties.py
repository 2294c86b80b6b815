"""What holds for any figures: mirror images, neighbours, bad input."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import (
    NO_BASELINE,
    TODAY,
    baseline,
    goal,
    goals_frame,
    measure,
    observation,
    observations_frame,
    point_baseline,
    share,
)

from measures.landing import project_landing
from measures.progress import measure_progress

PERIODS = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q4")
KINDS = st.sampled_from(["at_least", "at_most"])
Figures = tuple[int, int]


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    total = draw(st.integers(1, 2000))
    return draw(st.integers(0, total)), total


def turned(figure: Figures) -> Figures:
    return figure[1] - figure[0], figure[1]


def other(kind: str) -> str:
    return "at_most" if kind == "at_least" else "at_least"


@given(
    start=figures(),
    now=figures(),
    target=st.floats(0, 100),
    kind=KINDS,
    period=st.sampled_from(PERIODS),
    shape=st.sampled_from(["linear", "stepped"]),
)
@settings(max_examples=10, deadline=None)
def test_the_mirror_image_of_shares_has_the_same_state(
    start: Figures, now: Figures, target: float, kind: str, period: str, shape: str
) -> None:
    """« At least 40 % in work » is « at most 60 % without »: same state, attainment and pace."""

    def state_of(begin: Figures, figure: Figures, wanted: float, direction: str) -> dict[str, object]:
        steps = f"2025-Q2={(100 * begin[0] / begin[1] + wanted) / 2}"
        of_goal = goal(
            kind=direction,
            polarity="increase" if direction == "at_least" else "decrease",
            target_value=wanted,
            shape=shape,
            steps=steps if shape == "stepped" else None,
            **baseline(*begin),
        )
        (row,) = measure([of_goal], [observation(period=period, **share(*figure))])
        return row

    one = state_of(start, now, target, kind)
    mirror = state_of(turned(start), turned(now), 100 - target, other(kind))
    on_an_edge = any(
        abs(float(str(row[left])) - float(str(row[right]))) < 1e-6
        for row in (one, mirror)
        for left, right in (("low", "target_value"), ("high", "target_value"), ("value", "target_value"))
    )
    if not on_an_edge:
        assert one["state"] == mirror["state"]
    if abs(target - 100 * start[0] / start[1]) > 1e-3:
        assert one["attainment_unbounded"] == pytest.approx(mirror["attainment_unbounded"], rel=1e-6, abs=1e-6)


@given(
    start=st.floats(-1e6, 1e6),
    now=st.floats(-1e6, 1e6),
    target=st.floats(-1e6, 1e6),
    kind=KINDS,
    period=st.sampled_from(PERIODS),
)
@settings(max_examples=10, deadline=None)
def test_negated_figures_with_the_other_polarity_are_as_far_along(
    start: float, now: float, target: float, kind: str, period: str
) -> None:
    def of(sign: int, direction: str) -> dict[str, object]:
        of_goal = goal(
            kind=direction,
            polarity="increase" if direction == "at_least" else "decrease",
            unit="score",
            has_interval=False,
            target_value=sign * target,
            **point_baseline(sign * start),
        )
        (row,) = measure([of_goal], [observation(period=period, value=sign * now)])
        return row

    one, negated = of(1, kind), of(-1, other(kind))
    assert one["state"] == negated["state"]
    assert one["attainment"] == negated["attainment"]
    assert one["pace"] == negated["pace"]
    assert one["gap"] == (None if negated["gap"] is None else -float(str(negated["gap"])))


@given(own=figures(), others=st.lists(figures(), min_size=1, max_size=6), start=figures())
@settings(max_examples=6, deadline=None)
def test_a_territory_changes_no_other(own: Figures, others: list[Figures], start: Figures) -> None:
    goals, seen = [goal(**baseline(*start))], [observation(**share(*own))]
    for at, figure in enumerate(others):
        goals.append(goal(territory_code=f"FR-99-{at}", **baseline(*figure)))
        seen.append(observation(territory_code=f"FR-99-{at}", **share(*figure)))
    (alone,) = measure(goals[:1], seen[:1])
    (beside,) = (row for row in measure(goals, seen) if row["territory_code"] == "FR-99-TILLEULS")
    assert alone["state"] == beside["state"]
    assert alone == {
        name: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value for name, value in beside.items()
    }


@pytest.mark.parametrize(
    ("of_goal", "of_observation", "state"),
    [
        pytest.param({}, {"numerator": 12.0, "denominator": 0.0}, None, id="denominator_0_without_value"),
        pytest.param({}, {"numerator": 0.0, "denominator": 0.0, "value": 40.0}, None, id="denominator_0"),
        pytest.param({}, {"numerator": 120.0, "denominator": 100.0, "value": 120.0}, None, id="above_its_denominator"),
        pytest.param(baseline(400, 1000), share(410, 1000), "reached_to_confirm", id="target_at_the_baseline"),
        pytest.param({**baseline(600, 1000)}, share(610, 1000), "reached", id="target_on_the_wrong_side_still_met"),
        pytest.param({**baseline(600, 1000)}, share(300, 1000), "declined", id="target_on_the_wrong_side_missed"),
        pytest.param(NO_BASELINE, share(450, 1000), "reached", id="no_baseline_and_above_the_target"),
        pytest.param(NO_BASELINE, share(300, 1000), "no_readable_change", id="no_baseline"),
        pytest.param(point_baseline(None), share(300, 1000), "no_readable_change", id="baseline_without_figure"),
        pytest.param(point_baseline(20.0), share(300, 1000), "on_track", id="a_point"),
        pytest.param({}, {**share(300, 1000), "obs_status": "rupture"}, "not_comparable", id="a_break_after_it"),
        pytest.param({"shape": "geometric", **baseline(0, 1000)}, share(30, 1000), "progressing", id="growth_from_0"),
        pytest.param({"shape": "geometric"}, share(300, 1000), "on_track", id="growth"),
        pytest.param({"due_period": None}, share(300, 1000), "progressing", id="no_due_period"),
        pytest.param({"due_period": "2024-Q4"}, share(300, 1000), "behind", id="due_at_the_baseline"),
        pytest.param({"unit": "count", **point_baseline(0.0), "target_value": 10.0}, {"value": 0.0}, "too_few", id="0"),
    ],
)  # fmt: skip
def test_bad_input_has_a_state_or_none_and_never_nan(
    of_goal: dict[str, object], of_observation: dict[str, object], state: str | None
) -> None:
    seen, goals = observations_frame(observation(**of_observation)), goals_frame(goal(**of_goal))
    (row,) = project_landing(measure_progress(seen, goals, TODAY)).to_dicts()
    assert row["state"] == state
    assert [name for name, value in row.items() if isinstance(value, float) and math.isnan(value)] == []


def test_one_observation_none_and_two_targets_of_one_date() -> None:
    """Two goals that ask two things of one figure are two rows; a goal without figure has one without state."""
    two = [goal(goal_code="O1"), goal(goal_code="O2", target_value=25.0)]
    found = measure(two, [observation(**share(300, 1000))], date(2026, 1, 15))
    assert [(row["goal_code"], row["state"]) for row in found] == [("O1", "on_track"), ("O2", "reached")]
    (empty,) = measure([goal()], [])
    assert (empty["period"], empty["state"], empty["value"]) == (None, None, None)
