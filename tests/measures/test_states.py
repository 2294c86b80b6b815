"""The twelve states, each reached by a literal row, in the order in which the rules are tried."""

from __future__ import annotations

from datetime import date

import pytest

from tests.measures.rows import NO_BASELINE, baseline, goal, measure, measure_one, observation, point_baseline, share

WATCHED = NO_BASELINE | {"kind": "watch_only", "target_value": None, "due_period": None}
LATE = {"period": "2025-Q2"}
BREAK = {"obs_status": "rupture"}
FIRST_STEP_LATER = {"shape": "stepped", "steps": "2026-Q2=35"}
MASKED = {"value": None, "numerator": None, "denominator": None, "is_masked": True}
FALLING = {"polarity": "decrease", "kind": "at_most", "target_value": 60.0, **baseline(800, 1000)}


@pytest.mark.parametrize(
    ("of_goal", "seen", "state"),
    [
        pytest.param(WATCHED, share(310, 1000), "watch_only", id="1_watch_only"),
        pytest.param({}, share(310, 1000) | BREAK, "not_comparable", id="2_not_comparable"),
        pytest.param({}, share(310, 1000) | LATE, "stale", id="3_stale"),
        pytest.param(FIRST_STEP_LATER, share(310, 1000), "not_expected_yet", id="4_not_expected_yet"),
        pytest.param({}, share(9, 29), "too_few", id="5_too_few"),
        pytest.param({}, share(440, 1000), "reached", id="6_reached"),
        pytest.param({}, share(410, 1000), "reached_to_confirm", id="7_reached_to_confirm"),
        pytest.param({}, share(150, 1000), "declined", id="8_declined"),
        pytest.param({}, share(240, 1000), "behind", id="9_behind"),
        pytest.param({}, share(310, 1000), "on_track", id="10_on_track"),
        pytest.param({}, share(280, 1000), "progressing", id="11_progressing"),
        pytest.param(baseline(20, 100), share(27, 100), "no_readable_change", id="12_no_readable_change"),
    ],
)
def test_each_state(of_goal: dict[str, object], seen: dict[str, object], state: str) -> None:
    assert measure_one(of_goal, seen)["state"] == state


@pytest.mark.parametrize(
    ("of_goal", "seen", "state"),
    [
        pytest.param(WATCHED, share(690, 1000), "watch_only", id="1_watch_only"),
        pytest.param({}, share(690, 1000) | BREAK, "not_comparable", id="2_not_comparable"),
        pytest.param({}, share(690, 1000) | LATE, "stale", id="3_stale"),
        pytest.param(
            {"shape": "stepped", "steps": "2026-Q2=65"}, share(690, 1000), "not_expected_yet", id="4_not_expected_yet"
        ),
        pytest.param({}, share(20, 29), "too_few", id="5_too_few"),
        pytest.param({}, share(560, 1000), "reached", id="6_reached"),
        pytest.param({}, share(590, 1000), "reached_to_confirm", id="7_reached_to_confirm"),
        pytest.param({}, share(850, 1000), "declined", id="8_declined"),
        pytest.param({}, share(760, 1000), "behind", id="9_behind"),
        pytest.param({}, share(690, 1000), "on_track", id="10_on_track"),
        pytest.param({}, share(720, 1000), "progressing", id="11_progressing"),
        pytest.param(baseline(80, 100), share(73, 100), "no_readable_change", id="12_no_readable_change"),
    ],
)
def test_each_state_when_a_decrease_is_wanted(of_goal: dict[str, object], seen: dict[str, object], state: str) -> None:
    """The complements of the cases above: from 80 % to 60 %, 70 % expected."""
    assert measure_one(FALLING | of_goal, seen)["state"] == state


@pytest.mark.parametrize(
    ("of_goal", "seen", "state"),
    [
        pytest.param({"kind": "watch_only"}, share(310, 1000) | BREAK, "watch_only", id="watch_only_then_break"),
        pytest.param({}, share(310, 1000) | BREAK | LATE, "not_comparable", id="break_then_stale"),
        pytest.param(FIRST_STEP_LATER, share(310, 1000) | LATE, "stale", id="stale_then_not_expected_yet"),
        pytest.param(FIRST_STEP_LATER, share(9, 29), "not_expected_yet", id="not_expected_yet_then_too_few"),
        pytest.param(FIRST_STEP_LATER, MASKED, "not_expected_yet", id="not_expected_yet_then_masked"),
        pytest.param({}, MASKED | LATE, "stale", id="stale_then_masked"),
        pytest.param({}, share(29, 29), "too_few", id="too_few_then_reached"),
        pytest.param(
            {"target_value": 50.0, **baseline(600, 1000)},
            share(560, 1000),
            "reached",
            id="reached_then_declined",
        ),
        pytest.param(
            {"target_value": 50.0, **baseline(600, 1000)},
            share(520, 1000),
            "reached_to_confirm",
            id="reached_to_confirm_then_declined",
        ),
        pytest.param({"target_value": 90.0}, share(150, 1000), "declined", id="declined_then_behind"),
        pytest.param({"target_value": 60.0}, share(300, 1000), "behind", id="behind_then_progressing"),
    ],
)
def test_the_first_rule_that_holds_decides(of_goal: dict[str, object], seen: dict[str, object], state: str) -> None:
    assert measure_one(of_goal, seen)["state"] == state


@pytest.mark.parametrize(
    ("of_goal", "seen", "state"),
    [
        pytest.param({}, share(9, 30), "no_readable_change", id="n_of_30_is_enough"),
        pytest.param({}, share(400, 1000), "reached_to_confirm", id="just_the_target"),
        pytest.param({}, share(399, 1000), "on_track", id="just_below_the_target"),
        pytest.param({}, share(290, 1000), "on_track", id="one_point_below_the_line"),
        pytest.param({}, share(2899, 10_000), "progressing", id="more_than_one_point_below_the_line"),
        pytest.param({"materiality": 3.0}, share(270, 1000), "on_track", id="three_points_below_where_three_matter"),
        pytest.param({"materiality": 3.0}, share(269, 1000), "progressing", id="more_than_three_points_below"),
        pytest.param({"materiality": 0.5}, share(290, 1000), "progressing", id="one_point_where_half_a_one_matters"),
        pytest.param(FALLING, share(710, 1000), "on_track", id="falling_one_point_above_the_line"),
        pytest.param(FALLING, share(711, 1000), "progressing", id="falling_more_than_one_point_above"),
        pytest.param(FALLING, share(600, 1000), "reached_to_confirm", id="falling_just_the_target"),
        pytest.param(FALLING, share(601, 1000), "on_track", id="falling_just_above_the_target"),
    ],
)
def test_both_sides_of_a_limit(of_goal: dict[str, object], seen: dict[str, object], state: str) -> None:
    assert measure_one(of_goal, seen)["state"] == state


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        pytest.param(share(64, 240), "no_readable_change", id="64_of_240"),
        pytest.param(share(84, 240), "reached_to_confirm", id="84_of_240"),
    ],
)
def test_the_worked_check(seen: dict[str, object], state: str) -> None:
    """From 22 % (53/240) to 30 % in eight quarters: 26 % is expected at the fourth."""
    of_goal = {"ref_value": 22.0, "ref_numerator": 53.0, "ref_denominator": 240.0, "target_value": 30.0}
    found = measure_one(of_goal, seen)
    assert (found["expected"], found["state"]) == (26.0, state)


@pytest.mark.parametrize(
    ("of_goal", "seen", "state"),
    [
        pytest.param({"polarity": "none"}, share(440, 1000), "reached", id="none_at_least"),
        pytest.param({"polarity": "none"}, share(150, 1000), "declined", id="none_at_least_declined"),
        pytest.param(FALLING | {"polarity": "none"}, share(560, 1000), "reached", id="none_at_most"),
        pytest.param(FALLING | {"polarity": "maintain"}, share(850, 1000), "declined", id="maintain_at_most_declined"),
    ],
)
def test_without_polarity_the_kind_of_target_gives_the_direction(
    of_goal: dict[str, object], seen: dict[str, object], state: str
) -> None:
    assert measure_one(of_goal, seen)["state"] == state


BAND = baseline(500, 1000) | {
    "kind": "maintain_band",
    "polarity": "maintain",
    "target_value": None,
    "band_low": 40.0,
    "band_high": 60.0,
}


@pytest.mark.parametrize("polarity", ["maintain", "increase", "decrease"])
@pytest.mark.parametrize(
    ("seen", "state"),
    [
        pytest.param(share(500, 1000), "reached", id="inside"),
        pytest.param(share(590, 1000), "no_readable_change", id="across_the_upper_limit"),
        pytest.param(share(410, 1000), "no_readable_change", id="across_the_lower_limit"),
        pytest.param(share(620, 1000), "no_readable_change", id="value_outside_interval_across"),
        pytest.param(share(650, 1000), "declined", id="above"),
        pytest.param(share(350, 1000), "declined", id="below"),
        pytest.param(share(14, 29), "too_few", id="too_few"),
        pytest.param(share(500, 1000) | BREAK, "not_comparable", id="broken"),
        pytest.param(share(500, 1000) | LATE, "stale", id="stale"),
        pytest.param(MASKED, "too_few", id="masked"),
        pytest.param({"value": 50.0}, None, id="published_rate"),
    ],
)
def test_a_band_to_keep(polarity: str, seen: dict[str, object], state: str | None) -> None:
    assert measure_one(BAND | {"polarity": polarity}, seen)["state"] == state


@pytest.mark.parametrize("period", ["2024-Q3", "2024-Q4", "2025-Q1"])
def test_a_band_is_kept_from_the_first_day(period: str) -> None:
    assert measure_one(BAND | {"delay_months": 24}, share(500, 1000) | {"period": period})["state"] == "reached"


def test_a_wide_band_needs_enough_persons_too() -> None:
    assert measure_one(BAND | {"band_low": 20.0, "band_high": 80.0}, share(14, 29))["state"] == "too_few"
    assert measure_one(BAND | {"band_low": 20.0, "band_high": 80.0}, share(15, 30))["state"] == "reached"


COUNT = {"unit": "count", "decimals": 0, "components": "none"}
RISING_COUNT = COUNT | point_baseline(100.0) | {"target_value": 200.0}
LARGE_COUNT = COUNT | point_baseline(1000.0) | {"target_value": 2000.0}
FALLING_COUNT = COUNT | point_baseline(400.0) | {"target_value": 200.0, "polarity": "decrease", "kind": "at_most"}


@pytest.mark.parametrize(
    ("of_goal", "value", "state"),
    [
        pytest.param(RISING_COUNT, 29.0, "too_few", id="29"),
        pytest.param(RISING_COUNT, 30.0, "declined", id="30"),
        pytest.param(RISING_COUNT, 240.0, "reached", id="reached"),
        pytest.param(RISING_COUNT, 210.0, "reached_to_confirm", id="reached_to_confirm"),
        pytest.param(RISING_COUNT, 60.0, "declined", id="declined"),
        pytest.param(RISING_COUNT, 110.0, "behind", id="behind"),
        pytest.param(RISING_COUNT, 148.0, "on_track", id="on_track"),
        pytest.param(LARGE_COUNT, 1450.0, "on_track", id="five_percent_of_the_baseline_below_the_line"),
        pytest.param(LARGE_COUNT, 1449.0, "progressing", id="more_than_five_percent_below"),
        pytest.param(RISING_COUNT, 125.0, "no_readable_change", id="no_readable_change"),
        pytest.param(RISING_COUNT | {"materiality": 20.0}, 131.0, "on_track", id="materiality_of_the_target"),
        pytest.param(RISING_COUNT | point_baseline(0.0), 100.0, "on_track", id="from_zero"),
        pytest.param(FALLING_COUNT, 160.0, "reached", id="falling_reached"),
        pytest.param(FALLING_COUNT, 190.0, "reached_to_confirm", id="falling_reached_to_confirm"),
        pytest.param(FALLING_COUNT, 480.0, "declined", id="falling_declined"),
        pytest.param(FALLING_COUNT, 370.0, "behind", id="falling_behind"),
        pytest.param(FALLING_COUNT, 320.0, "on_track", id="falling_five_percent_of_the_baseline_above_the_line"),
        pytest.param(FALLING_COUNT, 321.0, "progressing", id="falling_more_than_five_percent_above"),
        pytest.param(
            FALLING_COUNT | point_baseline(40.0) | {"target_value": 20.0},
            36.0,
            "no_readable_change",
            id="falling_no_readable_change",
        ),
        pytest.param(FALLING_COUNT, 29.0, "too_few", id="falling_29"),
    ],
)
def test_counts(of_goal: dict[str, object], value: float, state: str) -> None:
    """The change of a count is the exact interval of its ratio to the baseline."""
    assert measure_one(of_goal, {"value": value})["state"] == state


@pytest.mark.parametrize(
    ("of_goal", "seen"),
    [
        pytest.param({}, {"value": 28.0}, id="published_rate"),
        pytest.param({}, {"value": 45.0}, id="published_rate_beyond_the_target"),
        pytest.param({}, {"value": 10.0}, id="published_rate_below_the_baseline"),
        pytest.param(point_baseline(20.0), {"value": 28.0}, id="published_rate_and_baseline"),
        pytest.param(COUNT | {"has_interval": False}, {"value": 28.0}, id="count_of_kilograms"),
        pytest.param({"has_interval": False}, share(12, 20), id="share_of_places"),
        pytest.param(
            point_baseline(60.0)
            | {
                "unit": "minutes",
                "has_interval": False,
                "polarity": "decrease",
                "kind": "at_most",
                "target_value": 30.0,
            },
            {"value": 50.0},
            id="minutes",
        ),
        pytest.param({}, {"value": None, "obs_status": "non_disponible"}, id="no_value"),
    ],
)
def test_no_state_without_an_interval(of_goal: dict[str, object], seen: dict[str, object]) -> None:
    assert measure_one(of_goal, seen)["state"] is None


@pytest.mark.parametrize(
    ("of_goal", "seen", "state"),
    [
        pytest.param(WATCHED, {"value": 28.0}, "watch_only", id="watch_only"),
        pytest.param({}, {"value": 28.0} | BREAK, "not_comparable", id="broken"),
        pytest.param({}, {"value": 28.0} | LATE, "stale", id="stale"),
        pytest.param(FIRST_STEP_LATER, {"value": 28.0}, "not_expected_yet", id="not_expected_yet"),
    ],
)
def test_a_published_rate_has_the_states_that_need_no_interval(
    of_goal: dict[str, object], seen: dict[str, object], state: str
) -> None:
    assert measure_one(of_goal, seen)["state"] == state


@pytest.mark.parametrize(
    ("of_goal", "seen"),
    [
        pytest.param({}, MASKED, id="masked_value"),
        pytest.param(point_baseline(None) | {"is_ref_masked": True}, share(440, 1000), id="masked_baseline"),
        pytest.param(point_baseline(None) | {"is_ref_masked": True}, MASKED, id="both_masked"),
        pytest.param(
            RISING_COUNT | point_baseline(None) | {"is_ref_masked": True}, {"value": 240.0}, id="masked_baseline_count"
        ),
    ],
)
def test_what_is_masked_gives_too_few(of_goal: dict[str, object], seen: dict[str, object]) -> None:
    assert measure_one(of_goal, seen)["state"] == "too_few"


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        pytest.param(share(310, 1000), "on_track", id="low_above_the_point"),
        pytest.param(share(150, 1000), "declined", id="high_below_the_point"),
        pytest.param(share(25, 100), "no_readable_change", id="point_inside"),
    ],
)
def test_a_baseline_without_components_is_a_point(seen: dict[str, object], state: str) -> None:
    assert measure_one(point_baseline(20.0), seen)["state"] == state


@pytest.mark.parametrize(
    ("of_goal", "period", "last_day", "next_day"),
    [
        pytest.param({}, "2025-Q4", date(2026, 3, 31), date(2026, 4, 1), id="quarter"),
        pytest.param({"delay_months": 3}, "2025-Q4", date(2026, 6, 30), date(2026, 7, 1), id="quarter_and_3_months"),
        pytest.param({"frequency": "year"}, "2025", date(2026, 12, 31), date(2027, 1, 1), id="year"),
        pytest.param(
            {"frequency": "year", "delay_months": 36}, "2025", date(2029, 12, 31), date(2030, 1, 1), id="census"
        ),
        pytest.param(
            {"frequency": "school_year", "delay_months": 6},
            "2024-2025",
            date(2027, 2, 28),
            date(2027, 3, 1),
            id="school_year_and_6_months",
        ),
        pytest.param({"frequency": "wave"}, "2025-V1", date(2026, 6, 30), date(2026, 7, 1), id="wave"),
    ],
)
def test_stale_only_after_the_month_in_which_the_next_is_due(
    of_goal: dict[str, object], period: str, last_day: date, next_day: date
) -> None:
    seen = share(310, 1000) | {"period": period}
    of_goal = of_goal | {"ref_period": "2023-Q4"}
    assert measure_one(of_goal, seen, last_day)["state"] != "stale"
    assert measure_one(of_goal, seen, next_day)["state"] == "stale"


def states_of(of_goal: dict[str, object], *seen: dict[str, object], today: date) -> dict[str, str | None]:
    """The state at each period."""
    found = measure([goal(**of_goal)], [observation(**one) for one in seen], today)
    return {row["period"]: row["state"] for row in found}


def test_only_the_latest_figure_is_stale() -> None:
    found = states_of(
        {},
        share(310, 1000) | {"period": "2025-Q4"},
        share(310, 1000) | {"period": "2025-Q3"},
        {"value": None, "obs_status": "non_collecte", "period": "2026-Q1"},
        today=date(2027, 1, 1),
    )
    assert found == {"2025-Q3": "on_track", "2025-Q4": "stale", "2026-Q1": None}


def test_a_masked_figure_can_be_the_latest() -> None:
    found = states_of(
        {}, share(310, 1000) | {"period": "2025-Q3"}, MASKED | {"period": "2025-Q4"}, today=date(2026, 5, 1)
    )
    assert found == {"2025-Q3": "on_track", "2025-Q4": "stale"}


@pytest.mark.parametrize(
    ("broken_at", "states"),
    [
        pytest.param("2024-Q3", ["on_track", "on_track", "on_track"], id="before_the_baseline"),
        pytest.param("2024-Q4", ["on_track", "on_track", "on_track"], id="at_the_baseline"),
        pytest.param("2025-Q3", ["on_track", "not_comparable", "not_comparable"], id="after_the_baseline"),
        pytest.param("2025-Q4", ["on_track", "on_track", "not_comparable"], id="in_the_last_period"),
    ],
)
def test_from_a_break_after_the_baseline_on_nothing_is_comparable(broken_at: str, states: list[str]) -> None:
    """The rows come in no order: the break counts for its own period and for those after it."""
    periods = ["2025-Q4", "2024-Q3", "2025-Q2", "2024-Q4", "2025-Q3"]
    seen = [
        share(330, 1000) | {"period": period, "obs_status": "rupture" if period == broken_at else "normal"}
        for period in periods
    ]
    found = states_of({}, *seen, today=date(2026, 1, 15))
    assert [found[period] for period in ("2025-Q2", "2025-Q3", "2025-Q4")] == states


def test_a_break_without_a_value_is_a_break() -> None:
    found = states_of(
        {},
        {"value": None, "period": "2025-Q3", "obs_status": "rupture"},
        share(310, 1000),
        today=date(2026, 1, 15),
    )
    assert found == {"2025-Q3": None, "2025-Q4": "not_comparable"}


def test_nothing_is_expected_before_the_first_step() -> None:
    found = states_of(
        {"shape": "stepped", "steps": "2025-Q2=22|2025-Q4=30"},
        *(share(310, 1000) | {"period": period} for period in ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")),
        today=date(2026, 1, 15),
    )
    assert found == {
        "2025-Q1": "not_expected_yet",
        "2025-Q2": "on_track",
        "2025-Q3": "on_track",
        "2025-Q4": "on_track",
    }


def test_nothing_is_expected_up_to_the_baseline_of_a_line() -> None:
    found = states_of(
        {},
        *(share(330, 1000) | {"period": period} for period in ("2024-Q3", "2024-Q4", "2025-Q1")),
        today=date(2025, 5, 1),
    )
    assert found == {"2024-Q3": "not_expected_yet", "2024-Q4": "not_expected_yet", "2025-Q1": "on_track"}
