"""The next committee of each territory, what is missing for it, and the form that dates, moves or cancels one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import streamlit as st

from measures.threads import NEEDS
from outputs.html import write_html
from pages.parts.reading import Row
from pages.parts.standing import Standing, name_places, of_visitor, say_meeting
from pages.parts.world import World
from pipelines.catalogue import empty_catalogue
from pipelines.store import save_catalogue
from schemas.catalogue import column_types
from schemas.visitor import Visitor

KINDS = ("steering", "technical")
SAID = "meeting_said"


@dataclass(frozen=True)
class Meeting:
    """A committee as it is stored: its territory, day and kind are its key."""

    territory_code: str
    held_on: date
    meeting_kind: str
    is_cancelled: bool = False


def show_meetings(world: World, visitor: Visitor, standing: Standing) -> None:
    """The soonest first; then, in one line, the territories that have none."""
    words = world.words
    names = name_places(world, visitor.territories)
    missing = {row["territory_code"]: row for row in standing.missing.to_dicts()}
    lines = [
        (names[row["territory_code"]], say_meeting(world, row), _say_missing(world, missing.get(row["territory_code"])))
        for row in standing.meetings.to_dicts()
    ]
    dated = set(standing.meetings["territory_code"])
    without = [name for code, name in names.items() if code not in dated]
    undated = words("todo.no_meeting") if without == [""] else words("meeting.undated", names=", ".join(without))
    st.html(write_html("meetings", words, lines=lines, undated=undated if without else ""))


def _say_missing(world: World, row: Row | None) -> str:
    words = world.words
    needs = [words.plural(f"meeting.lacks.{name}", row[name]) for name in NEEDS if row and row[name]]
    return words("meeting.missing", what=", ".join(needs)) if needs else words("meeting.ready")


def plan_meetings(world: World, visitor: Visitor) -> None:
    """A form: a new committee, or one of those to come, to move or to cancel."""
    words = world.words
    for sentence in st.session_state.pop(SAID, []):
        st.html(write_html("notice", words, title="", sentences=[sentence], link=None))
    with st.expander(words("meeting.plan"), key="meeting", on_change="rerun") as fold:
        if fold.open:
            _plan(world, visitor)


def _plan(world: World, visitor: Visitor) -> None:
    words = world.words
    to_come = _list_to_come(world, visitor)
    names = name_places(world, visitor.territories)
    options: list[Meeting | None] = [None, *to_come]
    chosen = options[0]
    if to_come:
        labels = [words("meeting.new"), *(_name(world, one, names) for one in to_come)]
        chosen = options[labels.index(st.selectbox(words("meeting.which"), labels, key="meeting:which"))]
    with st.form(f"meeting:{chosen}", border=False):
        wanted = _ask(world, names, chosen)
        with st.container(horizontal=True):
            is_saved = st.form_submit_button(
                words("meeting.save" if chosen is None else "meeting.move"), type="primary"
            )
            is_cancelled = chosen is not None and st.form_submit_button(words("meeting.cancel"))
    if is_cancelled and chosen:
        _save(world, visitor, [replace(chosen, is_cancelled=True)], words("meeting.cancelled"))
    elif is_saved and wanted is None:
        st.html(write_html("notice", words, title="", sentences=[words("meeting.no_day")], link=None))
    elif is_saved and wanted:
        moved = [replace(chosen, is_cancelled=True)] if chosen and chosen != wanted else []
        _save(world, visitor, [*moved, wanted], words("meeting.saved", day=words.day(wanted.held_on)))


def _ask(world: World, names: dict[str, str], chosen: Meeting | None) -> Meeting | None:
    """Where, which and when; None while there is no day to come."""
    words, codes = world.words, list(names)
    territory = chosen.territory_code if chosen else codes[0]
    if chosen is None and len(codes) > 1:
        territory = codes[[*names.values()].index(st.selectbox(words("pick.territory"), [*names.values()]))]
    kinds = [words(f"meeting.{kind}") for kind in KINDS]
    at = KINDS.index(chosen.meeting_kind) if chosen else 0
    kind = KINDS[kinds.index(st.radio(words("meeting.kind"), kinds, at, horizontal=True))]
    today = world.now.date()
    day = st.date_input(words("meeting.day"), chosen.held_on if chosen else None, min_value=today, format="DD/MM/YYYY")
    return Meeting(territory, day, kind) if isinstance(day, date) else None


def _list_to_come(world: World, visitor: Visitor) -> list[Meeting]:
    is_to_come = ~pl.col("is_cancelled") & (pl.col("held_on") >= world.now.date())
    rows = of_visitor(world.catalogue.meetings, visitor).filter(is_to_come).sort("held_on", "territory_code")
    return [Meeting(**row) for row in rows.to_dicts()]


def _name(world: World, meeting: Meeting, names: dict[str, str]) -> str:
    words = world.words
    said = words("meeting.named", meeting=words(f"meeting.{meeting.meeting_kind}"), day=words.day(meeting.held_on))
    return ", ".join(part for part in (said, names[meeting.territory_code]) if part)


def _save(world: World, visitor: Visitor, meetings: list[Meeting], done: str) -> None:
    """These rows only: what others change meanwhile elsewhere in the catalogue stays as they made it, and what they
    look at stays good: no figure depends on the day of a committee."""
    rows = pl.DataFrame([vars(one) for one in meetings], column_types("meetings"))
    added = replace(empty_catalogue(), meetings=rows)
    save_catalogue(world.store, added, world.now, visitor.account, what="meeting")
    st.session_state[SAID] = [done]
    st.rerun()
