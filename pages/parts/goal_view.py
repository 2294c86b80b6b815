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
from pages.parts.reading import describe_chart
from pages.parts.world import World


@dataclass(frozen=True)
class GoalView:
    """The parts of the page, top to bottom; `chart` is None where there is no figure to draw."""

    question: str
    answer: str
    chart: Any
    description: str
    details: str


def view_goal(
    world: World,
    territory: str,
    goal: Goal,
    progress: pl.DataFrame,
    breakdowns: pl.DataFrame,
    revisions: pl.DataFrame,
) -> GoalView:
    """`progress`, `breakdowns` and `revisions` hold the rows of this goal-indicator that the reader may see."""
    rows = progress.to_dicts()
    sheet = world.catalogue.indicator(goal.indicator)
    actions = list_actions(world, territory, goal)
    marks = [(action["starts_on"], action["title"]) for action in actions if action["starts_on"]]
    has_figure = any(row["value"] is not None for row in rows)
    earlier = pick_revisions(rows, revisions, goal, sheet)
    categories = list_breakdowns(world, breakdowns, sheet)
    facts = list_sheet(world, progress, sheet, list_targets(world, territory, goal))
    about = write_html("sheet", world.words, **facts, actions=actions, breakdowns=categories)
    return GoalView(
        question=world.words.of(sheet, "question"),
        answer=write_html("answer", world.words, **list_answer(world, rows, sheet)),
        chart=draw_trajectory(rows, world.words, marks, world.is_narrow, earlier) if has_figure else None,
        description=describe_chart(world, rows, sheet),
        details=write_html(
            "figures",
            world.words,
            **list_figures(world, rows, sheet),
            corrections=list_corrections(world, earlier, sheet),
        )
        + about,
    )
