"""Objectif: one question, its answer, the trajectory, the same figures as a table, and how it is computed."""

from __future__ import annotations

import streamlit as st

from pages.parts.cached import once
from pages.parts.goal_view import view_goal
from pages.parts.pickers import pick_day, pick_goal, pick_period, pick_territory, show_choices
from pages.parts.reading import eyebrow
from pages.parts.story import Place, offer_to_write
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world

world = read_world()
visitor = require_visitor(world)

territory, territories = pick_territory(world, visitor, "objectif")
everything = world.progress(visitor, (territory,))
goal, goals = pick_goal(world, everything)
until, periods = pick_period(world, everything.filter(goal.of_rows()), "objectif")
view = once(
    world.key(visitor, "goal", territory, goal, until),
    lambda: view_goal(
        world,
        territory,
        goal,
        world.progress(visitor, (territory,), until).filter(goal.of_rows()),
        world.breakdowns(visitor, territory, goal.indicator),
        world.revisions(visitor, territory, goal.indicator),
        visitor.audience,
        until,
    ),
)

show_choices(world, territories, goals, periods, pick_day(world, (territory,), "objectif"))
eyebrow(world, [territory], [world.catalogue.territory_name(territory), goal.title])
st.title(view.question)
st.html(view.answer)
if view.chart is not None:
    config = {"displayModeBar": False, "staticPlot": True}
    st.plotly_chart(view.chart, theme=None, config=config, alt=view.description)
if view.story:
    st.html(view.story)
offer_to_write(world, visitor, Place(territory, goal.indicator, view.period) if view.period else None)
st.html(view.details)
