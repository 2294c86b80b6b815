"""Reçu: one deposit, what it holds and replaces, its life so far, and what may be done with it."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.reading import eyebrow
from pages.parts.receipts import (
    find_by_number,
    find_receipt,
    offer_files,
    offer_moves,
    say_arrival,
    show_issues,
    show_receipt,
)
from pages.parts.visitor import require_visitor
from pages.parts.world import read_world

world = read_world()
words = world.words
visitor = require_visitor(world)
receipt = find_receipt(world, visitor, st.query_params.get("numero", ""))

if receipt is None:
    eyebrow(world, visitor.territories, [words.plural("who.several", len(visitor.territories))])
    st.title(words("receipt.document"))
    find_by_number(world)
    st.stop()

territories = list(receipt.territories)
eyebrow(world, territories, [world.catalogue.territory_name(code) for code in territories[:3]])
st.title(words("receipt.document"))
say_arrival(world, visitor, receipt)
shown, was_shown = show_receipt(world, visitor, receipt)
show_issues(world, visitor, receipt)
offer_files(world, visitor, receipt, shown)
offer_moves(world, visitor, receipt, was_shown)
see = world.link("", territoire=territories[0])
st.html(write_html("exit", words, link=(see, words("receipt.see"))))
