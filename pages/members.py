"""Accès: who may do what and since when; invite, make a new link, take back."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.members import invite_somebody, renew_a_link, revoke_an_access, show_members
from pages.parts.visitor import require_visitor, stop_with
from pages.parts.world import read_world
from pipelines.store.accounts import has_accounts
from schemas.visitor import IN_CHARGE_OF_ACCOUNTS

world = read_world(is_now=True)
words = world.words
visitor = require_visitor(world, *IN_CHARGE_OF_ACCOUNTS, without_territory=True)

st.title(words("members.title"))
if not has_accounts(world.store):
    stop_with(words, words("members.demonstration"))

st.html(write_html("members_lead", words))
listing = st.empty()
invite_somebody(world, visitor)
renew_a_link(world, visitor)
revoke_an_access(world, visitor)
show_members(world, visitor, listing)
