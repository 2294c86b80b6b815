"""Campagne: for a quarter, what is expected of each territory, what came, in time or late. In alphabetical order."""

from __future__ import annotations

import streamlit as st

from pages.parts.pickers import show_choices
from pages.parts.reading import eyebrow
from pages.parts.rounds import list_campaign, pick_round, say_campaign, show_campaign
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world
from schemas.words import Role

world = read_world()
words = world.words
visitor = require_visitor(world, Role.COORDINATOR, Role.NATIONAL, Role.ADMINISTRATOR, Role.SUPPORT)

period, periods = pick_round(world)
show_choices(world, periods)
campaign = list_campaign(world, visitor, period)

eyebrow(world, visitor.territories, [words.plural("who.several", len(visitor.territories))])
st.title(words("rounds.title", period=words.period(period)))
say_campaign(world, campaign)
show_campaign(world, campaign)
