"""Déposer: the file, everything that is wrong, what would change, confirm, the receipt."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.asking import ask_about, offer_to_forget
from pages.parts.depositing import (
    confirm,
    list_changes,
    list_parts,
    list_receipt,
    offer_annotated,
    offer_templates,
    prepare_chosen,
    show_understood,
)
from pages.parts.pickers import pick_territory, show_choices
from pages.parts.reading import eyebrow
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world
from schemas.visitor import DEPOSITORS

world = read_world()
words = world.words
visitor = require_visitor(world, *DEPOSITORS)

territory, territories = pick_territory(world, visitor, "deposer")
show_choices(world, territories)
receipt = list_receipt(world, visitor, st.query_params.get("recu"))

eyebrow(world, [territory], [world.catalogue.territory_name(territory)])
st.title(words("deposit.title"))
if receipt:
    st.html(write_html("steps", words, current=4))
    st.html(write_html("receipt", words, **receipt))
    st.stop()

steps = st.empty()
uploaded = st.file_uploader(words("deposit.choose"), type=None, help=None, key=f"file:{territory}")
prepared = prepare_chosen(world, visitor, territory, uploaded) if uploaded else None
current = 1 if prepared is None else 3 if prepared.is_ready else 2
steps.html(write_html("steps", words, current=current))
if prepared is None or uploaded is None:
    if not uploaded:
        st.html(write_html("deposit_how", words))
        offer_templates(world, visitor, territory)
    st.stop()

show_understood(world, prepared)
offer_to_forget(world, visitor, territory, prepared)
if prepared.questions:
    ask_about(world, visitor, territory, prepared)
    st.stop()
if prepared.issues:
    offer_annotated(world, uploaded, prepared)
    st.html(write_html("issues", words, parts=list_parts(words, prepared.issues)))
if prepared.is_ready:
    st.html(write_html("changes", words, **list_changes(world, prepared)))
    confirm(world, visitor, territory, prepared)
