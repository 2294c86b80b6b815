"""Loose threads: goals that nobody serves, actions that serve none, what is late, figures without their story.

Frames are those of the catalogue, of one or more territories. An action lives until it is finished or given up: one
that ended serves a goal no longer, and nobody has to give it one.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.period import last_quarter, list_periods, parse_period
from schemas.words import RoundState

c = pl.col
ENDED = ("terminee", "abandonnee")
SETTLED = ("fait", "annule")
FIGURE = ["territory_code", "indicator_code", "period"]
NEEDS = ("figures", "drafts", "milestones")


def list_goals_without_action(goals: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """The goals that no living action says it serves, in their order."""
    served = _serving(actions.filter(_lives()), goals)
    return goals.join(served, on=["territory_code", "goal_code"], how="anti").sort("territory_code", "goal_code")


def list_actions_without_goal(goals: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """The living actions that serve no goal there is: none is named, or one that is in no register."""
    serving = _serving(actions, goals)
    alone = actions.filter(_lives()).join(serving, on=["territory_code", "action_code"], how="anti")
    return alone.sort("territory_code", "action_code")


def list_overdue_actions(actions: pl.DataFrame, today: date) -> pl.DataFrame:
    """The living actions that were to end before today, the oldest first."""
    late = actions.filter(_lives() & (c("planned_end_on") < today))
    return late.sort("territory_code", "planned_end_on", "action_code")


def list_late_milestones(
    milestones: pl.DataFrame, actions: pl.DataFrame, goals: pl.DataFrame, today: date
) -> pl.DataFrame:
    """The milestones planned before today that are neither done nor cancelled, of actions that were not given up.

    Added: `action` (its title) and `goal_codes`, the goals that it serves, as a list. The oldest first.
    """
    served = _serving(actions, goals).group_by("territory_code", "action_code").agg(c("goal_code").sort())
    kept = actions.filter(c("state") != "abandonnee").select("territory_code", "action_code", action="title")
    is_open = c("done_on").is_null() & ~c("state").is_in(SETTLED)
    late = milestones.filter(is_open & (c("planned_on") < today)).join(kept, on=["territory_code", "action_code"])
    joined = late.join(served, on=["territory_code", "action_code"], how="left").rename({"goal_code": "goal_codes"})
    listed = joined.with_columns(c("goal_codes").fill_null(pl.lit([], pl.List(pl.String))))
    return listed.sort("territory_code", "planned_on", "action_code", "milestone_code")


def _lives() -> pl.Expr:
    return ~c("state").is_in(ENDED)


def _serving(actions: pl.DataFrame, goals: pl.DataFrame) -> pl.DataFrame:
    """One row an action and a goal there is that it says it serves: territory_code, action_code, goal_code."""
    said = actions.select("territory_code", "action_code", goal_code=c("goal_codes").str.split("|")).explode(
        "goal_code"
    )
    return said.join(goals.select("territory_code", "goal_code"), on=["territory_code", "goal_code"])


def list_untold(items: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The expected figures that are validated and of which nothing is written: neither validated nor drafted.

    `items` as `list_round_items` gives them; `told`: territory_code, indicator_code, period of every text.
    """
    return items.filter(state=RoundState.VALIDATED.value).join(told, on=FIGURE, how="anti")


def list_owed(items: pl.DataFrame) -> pl.DataFrame:
    """The expected figures that did not come or were returned, what has been due longest first."""
    return items.filter(~c("is_delivered")).sort("territory_code", "due_at", "indicator_code", "period")


def list_rounds_to_chase(current: str, earlier: int) -> list[str]:
    """The quarter that is open and so many before it, the oldest first."""
    first = current
    for _ in range(earlier):
        first = last_quarter(parse_period(first).start)
    return list_periods(first, current)


def find_next_meetings(meetings: pl.DataFrame, today: date) -> pl.DataFrame:
    """The first committee of each territory from today on that was not cancelled: one row a territory, by day."""
    to_come = meetings.filter(~c("is_cancelled") & (c("held_on") >= today))
    first = to_come.sort("held_on", "meeting_kind").unique("territory_code", keep="first", maintain_order=True)
    return first.sort("held_on", "territory_code")


def count_missing(items: pl.DataFrame, drafts: pl.DataFrame, milestones: pl.DataFrame) -> pl.DataFrame:
    """What a committee would do without: one row a territory where something is, with the counts NEEDS.

    Figures expected in the open round (`items`) that are not validated, texts still in draft, late milestones.
    """
    lacks = (items.filter(c("state") != RoundState.VALIDATED.value), drafts, milestones)
    rows = [
        frame.select("territory_code", pl.lit(name).alias("need")) for name, frame in zip(NEEDS, lacks, strict=True)
    ]
    counted = [(c("need") == name).sum().cast(pl.Int64).alias(name) for name in NEEDS]
    return pl.concat(rows).group_by("territory_code").agg(counted).sort("territory_code")
