"""Loose threads: literal registers, and what hangs from them on 23 November 2026."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from measures.threads import (
    count_missing,
    find_next_meetings,
    list_actions_without_goal,
    list_goals_without_action,
    list_late_milestones,
    list_overdue_actions,
    list_owed,
    list_rounds_to_chase,
    list_untold,
)
from schemas.catalogue import column_types

TODAY, YESTERDAY = date(2026, 11, 23), date(2026, 11, 22)
A, B = "FR-99-A", "FR-99-B"
FIGURE = dict.fromkeys(("territory_code", "indicator_code", "period"), pl.String)


def table(name: str, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"territory_code": A, **row} for row in rows], schema=column_types(name))


def goals(*codes: str, **known: Any) -> pl.DataFrame:
    return table("goals", *({"goal_code": code, **known} for code in codes))


def action(code: str = "A01", goal_codes: str | None = "O1", state: str = "en_cours", **known: Any) -> dict[str, Any]:
    return {"action_code": code, "title": f"Action {code}", "goal_codes": goal_codes, "state": state} | known


def milestone(code: str = "J1", planned_on: date = YESTERDAY, **known: Any) -> dict[str, Any]:
    return {"action_code": "A01", "milestone_code": code, "planned_on": planned_on, "state": "a_venir"} | known


def items(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """(territory, indicator, state) of T3 2026."""
    columns = ["territory_code", "indicator_code", "state"]
    frame = pl.DataFrame(list(rows), dict.fromkeys(columns, pl.String), orient="row")
    is_delivered = pl.col("state").is_in(["received", "validated"])
    return frame.with_columns(period=pl.lit("2026-Q3"), due_at=pl.lit(1), is_delivered=is_delivered)


@pytest.mark.parametrize(
    ("actions", "unserved", "without_goal"),
    [
        pytest.param([action()], ["O2"], [], id="one_serves_one"),
        pytest.param([action(goal_codes="O1|O2")], [], [], id="one_serves_both"),
        pytest.param([], ["O1", "O2"], [], id="nobody_does_anything"),
        pytest.param([action(), action("A02", None)], ["O2"], ["A02"], id="no_goal_named"),
        pytest.param([action(), action("A02", "")], ["O2"], ["A02"], id="an_empty_goal"),
        pytest.param([action(), action("A02", "O9")], ["O2"], ["A02"], id="a_goal_that_is_not_there"),
        pytest.param([action(state="terminee")], ["O1", "O2"], [], id="what_is_finished_serves_no_longer"),
        pytest.param([action("A02", None, "abandonnee")], ["O1", "O2"], [], id="what_was_given_up_needs_no_goal"),
        pytest.param([action(state="idee", goal_codes="O1|O2")], [], [], id="an_idea_serves"),
        pytest.param([action(territory_code=B, goal_codes="O1|O2")], ["O1", "O2"], ["A01"], id="another_territory_s"),
    ],
)
def test_goals_and_actions_that_miss_each_other(
    actions: list[dict[str, Any]], unserved: list[str], without_goal: list[str]
) -> None:
    there, done = goals("O1", "O2"), table("actions", *actions)
    assert list_goals_without_action(there, done)["goal_code"].to_list() == unserved
    assert list_actions_without_goal(there, done)["action_code"].to_list() == without_goal


@pytest.mark.parametrize(
    ("row", "is_overdue"),
    [
        pytest.param(action(planned_end_on=YESTERDAY), True, id="since_yesterday"),
        pytest.param(action(planned_end_on=TODAY), False, id="ends_today"),
        pytest.param(action(), False, id="no_end_planned"),
        pytest.param(action(planned_end_on=YESTERDAY, state="en_pause"), True, id="paused"),
        pytest.param(action(planned_end_on=YESTERDAY, state="terminee"), False, id="finished"),
        pytest.param(action(planned_end_on=YESTERDAY, state="abandonnee"), False, id="given_up"),
    ],
)
def test_an_action_that_should_have_ended(row: dict[str, Any], is_overdue: bool) -> None:
    assert bool(len(list_overdue_actions(table("actions", row), TODAY))) is is_overdue


@pytest.mark.parametrize(
    ("row", "is_late"),
    [
        pytest.param(milestone(), True, id="since_yesterday"),
        pytest.param(milestone(state="retard"), True, id="said_to_be_late"),
        pytest.param(milestone(planned_on=TODAY), False, id="planned_today"),
        pytest.param(milestone(done_on=TODAY), False, id="done_whatever_its_state_says"),
        pytest.param(milestone(state="fait"), False, id="done_without_a_day"),
        pytest.param(milestone(state="annule"), False, id="cancelled"),
    ],
)
def test_a_late_milestone(row: dict[str, Any], is_late: bool) -> None:
    found = list_late_milestones(table("milestones", row), table("actions", action()), goals("O1"), TODAY)
    assert bool(len(found)) is is_late


def test_a_late_milestone_stands_beside_the_goals_it_serves() -> None:
    """Also when its action has ended or serves none; not when the action was given up."""
    rows = [milestone("J1", date(2026, 9, 30)), milestone("J2", date(2026, 6, 30), action_code="A02")]
    rows.append(milestone(action_code="A03"))
    done = [action(goal_codes="O2|O1"), action("A02", None, "terminee"), action("A03", "O1", "abandonnee")]
    found = list_late_milestones(table("milestones", *rows), table("actions", *done), goals("O1", "O2"), TODAY)
    assert found.select("milestone_code", "action", "goal_codes").rows() == [
        ("J2", "Action A02", []),
        ("J1", "Action A01", ["O1", "O2"]),
    ]


def test_a_validated_figure_of_which_nothing_is_written() -> None:
    expected = items((A, "JEU-01", "validated"), (A, "JEU-04", "validated"), (A, "DRO-02", "received"))
    told = pl.DataFrame([(A, "JEU-04", "2026-Q3"), (A, "JEU-01", "2026-Q2")], FIGURE, orient="row")
    assert list_untold(expected, told)["indicator_code"].to_list() == ["JEU-01"]


def test_what_is_owed_did_not_come_or_was_returned() -> None:
    states = ("awaited", "to_correct", "received", "validated")
    expected = items(*((A, f"JEU-0{at}", state) for at, state in enumerate(states)))
    assert list_owed(expected)["state"].to_list() == ["awaited", "to_correct"]


@pytest.mark.parametrize(
    ("current", "earlier", "expected"),
    [
        ("2026-Q3", 0, ["2026-Q3"]),
        ("2026-Q3", 4, ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]),
        ("2026-Q1", 1, ["2025-Q4", "2026-Q1"]),
    ],
)
def test_the_rounds_to_chase(current: str, earlier: int, expected: list[str]) -> None:
    assert list_rounds_to_chase(current, earlier) == expected


def test_the_next_committee_of_each_territory() -> None:
    """From today on, cancelled ones left out, one a territory, the soonest first."""
    days = [
        {"held_on": date(2026, 12, 8), "meeting_kind": "steering", "is_cancelled": False},
        {"held_on": date(2026, 12, 1), "meeting_kind": "technical", "is_cancelled": True},
        {"held_on": date(2026, 11, 22), "meeting_kind": "steering", "is_cancelled": False},
        {"held_on": date(2027, 2, 11), "meeting_kind": "steering", "is_cancelled": False},
        {"territory_code": B, "held_on": TODAY, "meeting_kind": "technical", "is_cancelled": False},
    ]
    found = find_next_meetings(table("meetings", *days), TODAY)
    assert found.select("territory_code", "held_on").rows() == [(B, TODAY), (A, date(2026, 12, 8))]


def test_what_a_committee_would_do_without() -> None:
    figures = items((A, "JEU-01", "validated"), (A, "JEU-04", "received"), (B, "JEU-01", "awaited"))
    drafts = pl.DataFrame([(A, "JEU-01", "2026-Q3")], FIGURE, orient="row")
    late = table("milestones", milestone("J1"), milestone("J2"))
    assert count_missing(figures, drafts, late).rows() == [(A, 1, 1, 2), (B, 1, 0, 0)]
