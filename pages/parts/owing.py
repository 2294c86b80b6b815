"""Who owes which figure, since when, and the message that asks for it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from outputs.html import write_html
from outputs.reminder import Wanted, write_reminder
from pages.parts.pickers import link_to
from pages.parts.reading import Row
from pages.parts.standing import Standing, due_day, name_places
from pages.parts.world import World
from pipelines.personal import find_in_words, suspect_in_words
from pipelines.store import load_sources
from schemas.visitor import Visitor


def show_owed(world: World, visitor: Visitor, standing: Standing) -> None:
    """A table a territory, what has been due longest first; under it the messages, one for each who owes."""
    words, rows = world.words, standing.owed.to_dicts()
    if not rows:
        return
    sources = load_sources(world.store, visitor.territories, world.version)
    st.html(write_html("heading", words, title=words.plural("owed.title", len(rows)), note=""))
    for territory, name in name_places(world, visitor.territories).items():
        mine = [_read_owed(world, row, sources) for row in rows if row["territory_code"] == territory]
        if mine:
            st.html(write_html("owed", words, name=name, lines=mine))
            _offer_reminders(world, territory, mine)
    st.html(write_html("exit", words, link=(world.link("campagne"), words("owed.campaign"))))


def _read_owed(world: World, row: Row, sources: dict[tuple[str, str], str]) -> dict[str, Any]:
    words, due = world.words, due_day(world, row)
    sheet = world.catalogue.indicator(row["indicator_code"])
    days = (due - world.now.date()).days
    when = (
        words.plural("owed.in", days) if days > 0 else words.plural("owed.late", -days) if days else words("owed.today")
    )
    source = sources.get((row["territory_code"], row["indicator_code"]), "")
    if find_in_words(source) or suspect_in_words(source):
        source = ""
    return {
        "label": words.of(sheet, "label"),
        "period": words.period(row["period"]),
        "source": source or words.of(sheet, "source"),
        "due": words.day(due),
        "when": words("owed.returned", when=when) if row["state"] == "to_correct" else when,
        "is_past": days < 0,
    }


def _offer_reminders(world: World, territory: str, lines: list[dict[str, Any]]) -> None:
    words, name = world.words, world.catalogue.territory_name(territory)
    address = world.settings.url + link_to("deposer", territoire=territory)
    fold = st.expander(
        words.plural("reminder.title", len({line["source"] for line in lines})), key=f"remind:{territory}"
    )
    with fold:
        for source in dict.fromkeys(line["source"] for line in lines):
            theirs = [line for line in lines if line["source"] == source]
            wanted = [Wanted(line["label"], line["period"], line["due"], line["is_past"]) for line in theirs]
            st.caption(words("reminder.for", source=source))
            st.code(write_reminder(words, name, wanted, address), language=None, wrap_lines=True)
