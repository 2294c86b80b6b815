"""Calendrier: the year of a territory's rounds, when each opens and is due, what is expected in it, as a file too."""

from __future__ import annotations

import streamlit as st

from pages.parts.deadlines import list_year_of, offer_ics, pick_year, say_next_due, show_year
from pages.parts.due import show_missing
from pages.parts.pickers import pick_territory, show_choices
from pages.parts.reading import eyebrow
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world

world = read_world()
words = world.words
visitor = require_visitor(world)

territory, territories = pick_territory(world, visitor, "calendrier")
year, years = pick_year(world, territory)
show_choices(world, territories, years)
deadlines = list_year_of(world, visitor, territory, year)

eyebrow(world, [territory], [world.catalogue.territory_name(territory)])
st.title(words("calendar.title", year=year))
say_next_due(world, territory)
show_missing(world, visitor, territory)
show_year(world, territory, deadlines)
offer_ics(world, territory, year, deadlines)
