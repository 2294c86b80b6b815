"""Où en est-on ? A territory's change and, one line each, the indicators its collective chose to follow."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.due import show_missing
from pages.parts.pickers import pick_day, pick_period, pick_territory, show_choices
from pages.parts.reading import challenge_of, eyebrow, list_lines, say_news, vision_of
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world

world = read_world()
visitor = require_visitor(world)

territory, territories = pick_territory(world, visitor, "")
everything = world.progress(visitor, (territory,))
until, periods = pick_period(world, everything, "")
show_choices(world, territories, periods, pick_day(world, (territory,), ""))

progress = world.progress(visitor, (territory,), until)
submissions = world.submissions(visitor, territory)

eyebrow(world, [territory], [world.catalogue.territory_name(territory), challenge_of(world, territory)])
st.title(world.words("page.overview"))
show_missing(world, visitor, territory)
st.html(
    write_html(
        "overview",
        world.words,
        vision=vision_of(world, territory),
        news=say_news(world, visitor, submissions),
        lines=list_lines(world, territory, progress, until),
    )
)
