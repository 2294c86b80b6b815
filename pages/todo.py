"""À faire: where the territories stand, what waits for a decision, who owes what, loose threads, the next committee."""

from __future__ import annotations

import streamlit as st

from pages.parts.meetings import plan_meetings, show_meetings
from pages.parts.owing import show_owed
from pages.parts.reading import eyebrow
from pages.parts.receipts import find_by_number
from pages.parts.standing import read_standing, say_standing
from pages.parts.threads import show_threads
from pages.parts.visitor import require_visitor
from pages.parts.waiting import choose_approval, say_decided, show_waiting
from pages.parts.world import read_world
from schemas.words import Role

world = read_world()
words = world.words
visitor = require_visitor(world, Role.COORDINATOR)
standing = read_standing(world, visitor)
places = [world.catalogue.territory_name(code) for code in visitor.territories]

eyebrow(
    world, visitor.territories, places if len(places) == 1 else [words.plural("who.several", len(visitor.territories))]
)
st.title(words("page.todo"))
say_decided(world, visitor, standing.waiting)
say_standing(world, visitor, standing)
show_waiting(world, visitor, standing.waiting)
show_owed(world, visitor, standing)
show_threads(world, visitor, standing.threads)
show_meetings(world, visitor, standing)
if not world.as_of:
    plan_meetings(world, visitor)
    choose_approval(world, visitor)
find_by_number(world)
