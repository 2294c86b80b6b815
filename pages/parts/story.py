"""The story behind a curve: what was written of it, what happened meanwhile, and the form for those who write it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts.pickers import link_to
from pages.parts.reading import Row
from pages.parts.world import World
from pipelines.personal import suspect_in_words
from pipelines.store import (
    NamesSomebody,
    PreviewOutdated,
    TooLong,
    load_commentary,
    load_writing,
    save_commentary,
)
from schemas.commentary import LONGEST_COMMENTARY, Commentary, CommentaryState
from schemas.period import parse_period
from schemas.visitor import DEPOSITORS, Visitor
from schemas.words import Audience, Role

TEXTS_SHOWN = 3
TO_WRITE = "ecrire"
"""In an address: the form is open."""


@dataclass(frozen=True)
class Place:
    """The figure that is written of."""

    territory: str
    indicator: str
    period: str

    @property
    def key(self) -> str:
        return f"story:{self.territory}:{self.indicator}:{self.period}"


def list_events(world: World, territory: str, indicator: str) -> list[Row]:
    """What happened that may explain an indicator of a territory, the oldest first."""
    events = world.catalogue.events.filter((pl.col("territory_code") == territory) & ~pl.col("is_withdrawn"))
    named = pl.col("indicator_codes").fill_null("")
    is_its_own = (named == "") | named.str.split("|").list.contains(indicator)
    return events.filter(is_its_own).sort("occurred_on", "label").to_dicts()


def write_story(
    world: World, territory: str, indicator: str, audience: Audience, until: str | None, events: list[Row]
) -> str:
    """The validated texts up to a period, the latest first, and the events in words; empty where there is none."""
    texts = list_texts(world, territory, indicator, audience, until)
    said = [_say_event(world, event) for event in reversed(events)]
    if not texts and not said:
        return ""
    shown, earlier = texts[:TEXTS_SHOWN], texts[TEXTS_SHOWN:]
    return write_html("story", world.words, texts=shown, earlier=earlier, events=said)


def list_texts(
    world: World, territory: str, indicator: str, audience: Audience, until: str | None
) -> list[tuple[str, str, str]]:
    """Of which period, the words, who wrote them and when."""
    words, zone = world.words, world.zone_of(territory)
    found = load_commentary(world.store, [territory], audience, world.version)
    end = parse_period(until).end if until else None
    mine = [one for one in found if one.indicator == indicator and (not end or parse_period(one.period).end <= end)]
    mine.sort(key=lambda one: parse_period(one.period).end, reverse=True)
    return [
        (
            words.period(one.period),
            one.words,
            words("story.by", by=world.name_account(one.by), day=words.day(one.at.astimezone(zone).date())),
        )
        for one in mine
    ]


def _say_event(world: World, event: Row) -> str:
    day, kind = world.words.day(event["occurred_on"]), world.words(f"context.{event['kind']}")
    return world.words("context.line", day=day, label=event["label"], kind=kind)


def offer_to_write(world: World, visitor: Visitor, place: Place | None) -> None:
    """For those who write: a form behind a fold, made only once it is open."""
    if place is None or world.as_of or visitor.role not in DEPOSITORS:
        return
    words = world.words
    for sentence in st.session_state.pop(f"{place.key}:said", []):
        st.html(write_html("notice", words, title="", sentences=[sentence], link=None))
    label = words("story.write", period=words.period(place.period))
    is_open = st.query_params.get(TO_WRITE) == "1"
    fold = st.expander(label, is_open, key=f"{place.key}:fold", on_change="rerun")
    if fold.open:
        with fold:
            _write(world, visitor, place)
            link = link_to("collectif", territoire=place.territory, registre="events")
            st.html(write_html("exit", words, link=(link, words("story.note_event"))))


def _write(world: World, visitor: Visitor, place: Place) -> None:
    words, key = world.words, place.key
    latest = _find_latest(world, place)
    if f"{key}:words" not in st.session_state:  # a box that somebody writes in keeps what it was filled from
        st.session_state[f"{key}:seen"] = latest.sequence if latest else 0
    with st.form(key, border=False):
        if latest and latest.words:
            st.caption(_say_latest(world, place, latest))
        before = latest.words if latest else ""
        text = st.text_area(words("story.label"), before, max_chars=LONGEST_COMMENTARY, key=f"{key}:words")
        st.caption(words("story.help"))
        with st.container(horizontal=True):
            is_draft = st.form_submit_button(words("story.save"))
            may_validate = visitor.role is Role.COORDINATOR
            is_validated = may_validate and st.form_submit_button(words("story.validate"), type="primary")
    if is_draft or is_validated:
        state = CommentaryState.VALIDATED if is_validated else CommentaryState.DRAFT
        _save(world, visitor, place, text or "", state, latest)


def _find_latest(world: World, place: Place) -> Commentary | None:
    found = load_writing(world.store, [place.territory], world.version)
    return next((one for one in found if (one.indicator, one.period) == (place.indicator, place.period)), None)


def _say_latest(world: World, place: Place, latest: Commentary) -> str:
    day = world.words.day(latest.at.astimezone(world.zone_of(place.territory)).date())
    return world.words(f"story.is_{latest.state}", by=world.name_account(latest.by), day=day)


def _save(
    world: World, visitor: Visitor, place: Place, text: str, state: CommentaryState, latest: Commentary | None
) -> None:
    """Keep it and show the page anew, or say in one sentence why not: the text stays in its box."""
    words, seen = world.words, f"{place.key}:seen"
    if not text.strip() and not (latest and latest.words):
        sentence = words("story.nothing")
    else:
        try:
            sequence = save_commentary(
                world.store,
                place.territory,
                place.indicator,
                place.period,
                text,
                state,
                visitor.account,
                world.now,
                st.session_state[seen],
            )
        except NamesSomebody as error:
            sentence = words("story.names_somebody", kind=words(f"personal.{error}"))
        except TooLong:
            sentence = words("story.too_long", n=words.number(LONGEST_COMMENTARY))
        except PreviewOutdated:
            sentence = _say_moved(world, latest)
            st.session_state[seen] = latest.sequence if latest else 0
        else:
            st.session_state[seen] = sequence
            st.session_state[f"{place.key}:said"] = _say_done(world, text, state)
            st.rerun()
    st.html(write_html("notice", words, title="", sentences=[sentence], link=None))


def _say_done(world: World, text: str, state: CommentaryState) -> list[str]:
    """What was done, and what may name somebody all the same."""
    words, kind = world.words, suspect_in_words(text)
    done = [words(f"story.done.{state}" if text.strip() else "story.done.taken_back")]
    return done + ([words("story.suspect", sentence=words(f"issue.maybe_personal_data.{kind}"))] if kind else [])


def _say_moved(world: World, latest: Commentary | None) -> str:
    by = world.name_account(latest.by) if latest else ""
    if latest and latest.words:
        return world.words("story.moved", by=by, words=latest.words)
    return world.words("story.moved_empty", by=by)
