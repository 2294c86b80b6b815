"""Déposer: what is due, the file, everything that is wrong, what would change, confirm."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.asking import ask_about, offer_to_forget
from pages.parts.depositing import (
    choose_ready_part,
    confirm,
    offer_annotated,
    offer_issue_table,
    offer_templates,
    prepare_chosen,
    read_before,
    show_understood,
)
from pages.parts.drafts import find_returned, keep_draft, list_remarks, offer_draft, pick_file, take_up_again
from pages.parts.due import show_due
from pages.parts.issues import list_parts
from pages.parts.pickers import pick_territory, show_choices
from pages.parts.preview import show_changes, show_curves
from pages.parts.reading import eyebrow
from pages.parts.repairing import Workbench, list_done, offer_unavailable, show_remarks, show_repairs
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world
from schemas.visitor import DEPOSITORS

world = read_world(is_now=True)
words = world.words
visitor = require_visitor(world, *DEPOSITORS)

territory, territories = pick_territory(world, visitor, "deposer")
show_choices(world, territories)

eyebrow(world, [territory], [world.catalogue.territory_name(territory)])
st.title(words("deposit.title"))
steps = st.empty()
take_up_again(world, visitor, territory)
remarks = list_remarks(find_returned(world, visitor, territory))
file = pick_file(world, visitor, territory)
prepared = prepare_chosen(world, visitor, territory, file) if file else None
steps.html(write_html("steps", words, current=1 if prepared is None else 3 if prepared.is_ready else 2))
if prepared is None or file is None:
    if not file:
        offer_draft(world, visitor, territory)
        show_due(world, visitor, territory)
        st.html(write_html("deposit_how", words))
        offer_templates(world, visitor, territory)
    st.stop()

draft = keep_draft(world, visitor, territory, file, prepared)
show_understood(world, prepared)
offer_to_forget(world, visitor, territory, prepared)
if prepared.questions:
    ask_about(world, visitor, territory, prepared)
    st.stop()
offer_annotated(world, file, prepared)
offer_issue_table(world, prepared)
if draft:
    bench = Workbench(world, visitor, draft, prepared, read_before())
    show_remarks(bench, remarks)
    show_repairs(bench)
    list_done(bench)
    offer_unavailable(bench)
else:
    st.html(write_html("issues", words, parts=list_parts(words, prepared.issues)))
prepared = choose_ready_part(world, visitor, territory, prepared)
if prepared.is_ready:
    steps.html(write_html("steps", words, current=3))
    show_changes(world, prepared)
    show_curves(world, visitor, territory, prepared)
    confirm(world, visitor, territory, prepared, draft)
