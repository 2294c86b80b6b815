"""Objectif: one question, its answer, the trajectory, the same figures as a table, and how it is computed."""

from __future__ import annotations

import streamlit as st

from outputs.charts import draw_trajectory
from outputs.html import write_html
from pages.parts.pickers import pick_goal, pick_period, pick_territory, show_choices
from pages.parts.reading import (
    describe_chart,
    eyebrow,
    list_actions,
    list_answer,
    list_breakdowns,
    list_figures,
    list_sheet,
)
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world

world = read_world()
visitor = require_visitor(world)

territory, territories = pick_territory(world, visitor, "objectif")
everything = world.progress(visitor, (territory,))
goal, goals = pick_goal(world, everything)
until, periods = pick_period(world, everything.filter(goal.of_rows()), "objectif")
show_choices(world, territories, goals, periods)

progress = world.progress(visitor, (territory,), until).filter(goal.of_rows())
rows = progress.to_dicts()
sheet = world.catalogue.indicator(goal.indicator)
actions = list_actions(world, territory, goal)

eyebrow(world, [territory], [world.catalogue.territory_name(territory), goal.title])
st.title(world.words.of(sheet, "question"))
st.html(write_html("answer", world.words, **list_answer(world, rows, sheet)))
if any(row["value"] is not None for row in rows):
    marks = [(action["starts_on"], action["title"]) for action in actions if action["starts_on"]]
    st.plotly_chart(
        draw_trajectory(rows, world.words, marks, world.is_narrow),
        theme=None,
        config={"displayModeBar": False, "staticPlot": True},
        alt=describe_chart(world, rows, sheet),
    )
st.html(write_html("figures", world.words, **list_figures(world, rows, sheet)))
st.html(
    write_html(
        "sheet",
        world.words,
        **list_sheet(world, rows, sheet),
        actions=actions,
        breakdowns=list_breakdowns(world, world.breakdowns(visitor, territory, goal.indicator), sheet),
    )
)
