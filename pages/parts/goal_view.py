"""A goal as its page shows it, put together once per store version, reader's audience and language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from outputs.charts import draw_trajectory
from outputs.html import write_html
from pages.parts.figures import (
    list_actions,
    list_answer,
    list_breakdowns,
    list_corrections,
    list_figures,
    list_sheet,
    list_targets,
    pick_revisions,
)
from pages.parts.pickers import Goal
from pages.parts.reading import describe_chart, latest_of
from pages.parts.story import list_events, name_event, write_story
from pages.parts.world import World
from schemas.words import Audience


@dataclass(frozen=True)
class GoalView:
    """The parts of the page, top to bottom; `chart` is None where there is no figure to draw, `period` is the latest of
    those shown."""

    question: str
    answer: str
    chart: Any
    description: str
    story: str
    details: str
    period: str | None


def view_goal(
    world: World,
    territory: str,
    goal: Goal,
    progress: pl.DataFrame,
    breakdowns: pl.DataFrame,
    revisions: pl.DataFrame,
    audience: Audience,
    until: str | None,
) -> GoalView:
    """`progress`, `breakdowns` and `revisions` hold the rows of this goal-indicator that the reader may see, and what
    is written of it is given as its `audience` may read it, up to a period."""
    rows = progress.to_dicts()
    sheet = world.catalogue.indicator(goal.indicator)
    actions = list_actions(world, territory, goal)
    marks = [(action["starts_on"], action["title"]) for action in actions if action["starts_on"]]
    events = list_events(world, territory, goal.indicator)
    happened = [(event["occurred_on"], name_event(world, event, audience)) for event in events]
    has_figure = any(row["value"] is not None for row in rows)
    earlier = pick_revisions(rows, revisions, goal, sheet)
    categories = list_breakdowns(world, breakdowns, sheet)
    facts = list_sheet(world, progress, sheet, list_targets(world, territory, goal))
    about = write_html("sheet", world.words, **facts, actions=actions, breakdowns=categories)
    return GoalView(
        question=world.words.of(sheet, "question"),
        answer=write_html("answer", world.words, **list_answer(world, rows, sheet)),
        chart=draw_trajectory(rows, world.words, marks, world.is_narrow, earlier, happened) if has_figure else None,
        description=describe_chart(world, rows, sheet),
        story=write_story(world, territory, goal.indicator, audience, until, events),
        details=write_html(
            "figures",
            world.words,
            **list_figures(world, rows, sheet),
            corrections=list_corrections(world, earlier, sheet),
        )
        + about,
        period=(latest_of(rows) or {"period": None})["period"],
    )
