"""Mes dépôts: every deposit of the territory, what became of it, what was said of it, and what each one changed."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.history import list_history, show_versions
from pages.parts.pickers import pick_territory, show_choices
from pages.parts.reading import eyebrow
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world
from schemas.words import Role

world = read_world()
words = world.words
visitor = require_visitor(world, Role.OFFICER, Role.COORDINATOR, Role.SUPPORT)

territory, territories = pick_territory(world, visitor, "depots")
show_choices(world, territories)

eyebrow(world, [territory], [world.catalogue.territory_name(territory)])
st.title(words("page.history"))
show_versions(world, visitor, territory, st.query_params.get("depot", ""))
st.html(write_html("history", words, **list_history(world, visitor, territory)))
