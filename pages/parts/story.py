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


@dataclass(frozen=True)
class Written:
    """What stands of a figure: the last text, draft or not, and the one that readers see; None where there is none."""

    latest: Commentary | None
    read: Commentary | None

    @property
    def is_asked_back(self) -> bool:
        """Somebody emptied the text in a draft, and readers still see it."""
        return bool(self.read and self.latest and not self.latest.words)

    def is_moved_by(self, text: str, state: CommentaryState) -> bool:
        """Whether there is something to keep: empty words only where they take others back."""
        is_read = self.read is not None and state is CommentaryState.VALIDATED
        return bool(text.strip() or (self.latest and self.latest.words) or is_read)


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
    said = [say_event(world, event, audience) for event in reversed(events)]
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


def say_event(world: World, event: Row, audience: Audience) -> str:
    """« 12 mai 2025 : Départ de la conseillère (dans le territoire) »; as `name_event` for those outside."""
    if audience is not Audience.TERRITORY:
        return name_event(world, event, audience)
    day, kind = world.words.day(event["occurred_on"]), world.words(f"context.{event['kind']}")
    return world.words("context.line", day=day, label=event["label"], kind=kind)


def name_event(world: World, event: Row, audience: Audience) -> str:
    """Its label; outside the territory its kind and day: free words may hold a figure that is masked there."""
    if audience is Audience.TERRITORY:
        return str(event["label"])
    kind = world.words(f"context.outside.{event['kind']}")
    return world.words("context.outside", kind=kind, day=world.words.day(event["occurred_on"]))


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
    written = find_written(world, place)
    latest = written.latest
    if f"{key}:words" not in st.session_state:  # a box that somebody writes in keeps what it was filled from
        st.session_state[f"{key}:seen"] = latest.sequence if latest else 0
    with st.form(key, border=False):
        if latest and (latest.words or written.is_asked_back):
            st.caption(say_latest(world, latest))
        before = latest.words if latest else ""
        text = st.text_area(words("story.label"), before, max_chars=LONGEST_COMMENTARY, key=f"{key}:words")
        st.caption(words("story.help"))
        with st.container(horizontal=True):
            is_draft = st.form_submit_button(words("story.save"))
            may_validate = visitor.role is Role.COORDINATOR
            is_validated = may_validate and st.form_submit_button(words("story.validate"), type="primary")
    if is_draft or is_validated:
        state = CommentaryState.VALIDATED if is_validated else CommentaryState.DRAFT
        _save(world, visitor, place, text or "", state, written)


def find_written(world: World, place: Place) -> Written:
    territories = [place.territory]
    texts = load_writing(world.store, territories, world.version)
    shown = load_commentary(world.store, territories, Audience.TERRITORY, world.version)
    return Written(_find_of(place, texts), _find_of(place, shown))


def _find_of(place: Place, texts: list[Commentary]) -> Commentary | None:
    return next((one for one in texts if (one.indicator, one.period) == (place.indicator, place.period)), None)


def say_latest(world: World, latest: Commentary) -> str:
    """Whose it is and whether it was validated; one without words, that its writer asks to take back what is read."""
    day = world.words.day(latest.at.astimezone(world.zone_of(latest.territory)).date())
    state = latest.state if latest.words else "asked_back"
    return world.words(f"story.is_{state}", by=world.name_account(latest.by), day=day)


def _save(world: World, visitor: Visitor, place: Place, text: str, state: CommentaryState, written: Written) -> None:
    """Keep it and show the page anew, or say in one sentence why not: the text stays in its box."""
    words, seen = world.words, f"{place.key}:seen"
    if not written.is_moved_by(text, state):
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
            sentence = say_moved(world, written)
            st.session_state[seen] = written.latest.sequence if written.latest else 0
        else:
            st.session_state[seen] = sequence
            st.session_state[f"{place.key}:said"] = say_done(world, text, state, written)
            st.rerun()
    st.html(write_html("notice", words, title="", sentences=[sentence], link=None))


def say_done(world: World, text: str, state: CommentaryState, written: Written) -> list[str]:
    """What was done to what stood (`written`), and what may name somebody all the same.

    An empty draft takes back nothing that is read: it says that it waits.
    """
    words, kind = world.words, suspect_in_words(text)
    is_asked = written.read is not None and state is CommentaryState.DRAFT
    emptied = "asked_back" if is_asked else "taken_back"
    done = [words(f"story.done.{state if text.strip() else emptied}")]
    return done + ([words("story.suspect", sentence=words(f"issue.maybe_personal_data.{kind}"))] if kind else [])


def say_moved(world: World, written: Written) -> str:
    """Who wrote or emptied it meanwhile, and that the reader's own text is not lost."""
    latest = written.latest
    by = world.name_account(latest.by) if latest else ""
    if latest and latest.words:
        return world.words("story.moved", by=by, words=latest.words)
    return world.words("story.moved_asked" if written.is_asked_back else "story.moved_empty", by=by)
