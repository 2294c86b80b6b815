"""Le collectif: who does what towards what; each register as it stands, a form for one line, a file for many."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.collective import load_known, offer_files, pick_register, show_register
from pages.parts.pickers import pick_territory, show_choices
from pages.parts.reading import eyebrow
from pages.parts.register_form import edit_a_row, say_what_was_saved
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world
from schemas.visitor import DEPOSITORS
from schemas.words import Role

world = read_world(is_now=True)
words = world.words
visitor = require_visitor(world, *DEPOSITORS, Role.COMMITTEE, Role.SUPPORT)

territory, territories = pick_territory(world, visitor, "collectif")
register, registers = pick_register(world, territory)
show_choices(world, registers, territories)
known = load_known(world, visitor, territory, register)

eyebrow(world, [territory], [world.catalogue.territory_name(territory), words("page.collective")])
st.title(words(f"register.{register.code}"))
st.html(write_html("lead", words, sentence=words(f"register.what.{register.code}")))
say_what_was_saved(world)
show_register(world, known)
if visitor.role in DEPOSITORS:
    edit_a_row(world, visitor, known)
offer_files(world, visitor, known)
