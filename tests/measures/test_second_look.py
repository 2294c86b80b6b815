"""What signals, trend and growth say of the latest figure of a goal-indicator."""

from __future__ import annotations

from datetime import date

import pytest
from rows import goal, goals_frame, observation, observations_frame, share

from measures.progress import measure_progress
from measures.second_look import look_again

YEARS = (2021, 2022, 2023, 2024, 2025)
FINGERTIPS = ((994, 40299), (1023, 41527), (1199, 42811), (1332, 44064), (1367, 44701))


def look(*figures: dict[str, object], is_seasonal: bool = False, **of_goal: object) -> list[dict[str, object]]:
    progress = measure_progress(
        observations_frame(*(observation(**figure) for figure in figures)),
        goals_frame(goal(**{"ref_period": "2020-Q4", "due_period": "2028-Q4", **of_goal})),
        date(2026, 1, 15),
    )
    return look_again(progress, is_seasonal).to_dicts()


def quarters(*numerators: int) -> list[dict[str, object]]:
    return [
        {"period": f"{2022 + at // 4}-Q{at % 4 + 1}", **share(numerator, 1000)}
        for at, numerator in enumerate(numerators)
    ]


def test_five_years_of_one_quarter_have_a_trend() -> None:
    """The same quarter each year: more and more."""
    figures = [
        {"period": f"{year}-Q4", **share(count, total)} for year, (count, total) in zip(YEARS, FINGERTIPS, strict=True)
    ]
    others = [{"period": f"{year}-Q2", **share(200, 1000)} for year in YEARS]
    (row,) = look(*figures, *others)
    assert (row["trend"], row["trend_meaning"]) == ("increasing", "better")
    assert row["trend_chi2"] > 9.55  # type: ignore[operator]


def test_four_years_have_none() -> None:
    (row,) = look(*({"period": f"{year}-Q4", **share(250, 1000)} for year in YEARS[1:]))
    assert row["trend"] == "cannot_be_calculated"


def test_the_latest_quarter_has_its_signal_and_the_limits_rest_on_the_series() -> None:
    (row,) = look(*quarters(200, 202, 198, 201, 199, 200, 201, 400))
    assert (row["signal"], row["signal_direction"], row["limits_are"]) == ("beyond_limits", "up", "provisional")
    assert row["xmr_points"] == 8


def test_a_seasonal_series_is_looked_at_by_differences_of_a_year() -> None:
    (row,) = look(*quarters(*(200, 400, 100, 300) * 3), is_seasonal=True)
    assert (row["xmr_basis"], row["signal"], row["xmr_points"]) == ("year_difference", None, 8)


def test_growth_is_from_the_baseline_to_the_figure_against_the_way_to_the_target() -> None:
    """20 % at the end of 2020, 30 % five years on, 40 % wanted after eight: (1.5^(1/5) - 1) / (2^(1/8) - 1)."""
    (row,) = look({"period": "2025-Q4", **share(300, 1000)})
    assert row["growth_ratio"] == pytest.approx((1.5 ** (1 / 5) - 1) / (2 ** (1 / 8) - 1), rel=1e-9)
    assert row["growth_status"] == "moderate"


def test_without_a_figure_there_is_nothing_to_look_at() -> None:
    assert look({"period": "2025-Q4", "obs_status": "non_disponible"}) == []
    assert look() == []


@pytest.mark.parametrize(
    ("numerators", "expected"),
    [
        pytest.param((200, 210, 220, 230), 3, id="three_rises"),
        pytest.param((200, 230, 220, 210), -2, id="two_falls"),
        pytest.param((200, 210, 210), 0, id="no_move"),
        pytest.param((200,), 0, id="one_figure"),
    ],
)
def test_moves_in_a_row(numerators: tuple[int, ...], expected: int) -> None:
    (row,) = look(*quarters(*numerators))
    assert row["moves_in_a_row"] == expected


def test_limits_are_frozen_at_the_thirteenth_point() -> None:
    """Thirteen quarters around 200, then higher ones: the limits stay where they were, and the rise shows."""
    before = (200, 204, 198, 202, 199, 203, 197, 201, 200, 202, 198, 201, 200)
    (row,) = look(*quarters(*before, 260, 262, 261))
    assert (row["limits_are"], row["xmr_points"], row["signal"]) == ("firm", 13, "beyond_limits")
    assert row["centre"] == pytest.approx(sum(before) / 130)


def test_a_break_after_the_last_figure_leaves_it_to_be_looked_at() -> None:
    gone = {"period": "2023-Q2", "obs_status": "rupture"}
    (row,) = look(*quarters(200, 202, 198, 201, 199), gone)
    assert (row["moves_in_a_row"], row["limits_are"]) == (-1, "provisional")


def test_limits_are_not_said_where_denominators_vary() -> None:
    figures = [{"period": f"{2022 + at // 4}-Q{at % 4 + 1}", **share(30, 60 if at % 2 else 600)} for at in range(8)]
    (row,) = look(*figures)
    assert row["denominators_vary"] is True
