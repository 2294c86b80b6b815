"""À faire: the deposits that wait for approval, where the round stands, and how each territory wants approvals."""

from __future__ import annotations

import streamlit as st

from pages.parts.reading import eyebrow
from pages.parts.receipts import find_by_number
from pages.parts.rounds import list_campaign, show_campaign
from pages.parts.visitor import require_visitor
from pages.parts.waiting import choose_approval, list_waiting, say_standing, show_waiting
from pages.parts.world import read_world
from schemas.words import Role

world = read_world()
words = world.words
visitor = require_visitor(world, Role.COORDINATOR)

waiting = list_waiting(world, visitor)
campaign = list_campaign(world, visitor, world.current_round())

eyebrow(world, visitor.territories, [words.plural("who.several", len(visitor.territories))])
st.title(words("page.todo"))
say_standing(world, waiting, campaign)
show_waiting(world, visitor, waiting)
show_campaign(world, campaign)
if not world.as_of:
    choose_approval(world, visitor)
find_by_number(world)
