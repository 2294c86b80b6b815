"""Loose threads in words, a territory at a time, each with the page where it is taken up."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts.pickers import link_to
from pages.parts.reading import Row
from pages.parts.standing import Threads, link_to_goal, name_places
from pages.parts.story import TO_WRITE
from pages.parts.world import World
from schemas.commentary import Commentary
from schemas.visitor import Visitor


class Line(NamedTuple):
    """Words that lead somewhere, and what is said after them."""

    text: str
    link: str
    after: str = ""


class Group(NamedTuple):
    """Threads of one kind; what is folded is work to come rather than something that nobody holds."""

    title: str
    lines: list[Line]
    is_folded: bool = False


def show_threads(world: World, visitor: Visitor, threads: Threads) -> None:
    words = world.words
    places = name_places(world, visitor.territories)
    said = [(name, list_groups(world, territory, threads)) for territory, name in places.items()]
    said = [(name, groups) for name, groups in said if groups]
    hanging = [len(group.lines) for _, groups in said for group in groups if not group.is_folded]
    title = words.plural("thread.title", sum(hanging)) if hanging else words("thread.none")
    st.html(write_html("threads", words, title=title, places=said))


def list_groups(world: World, territory: str, threads: Threads) -> list[Group]:
    """The kinds of which this territory has some."""
    words = world.words
    actions, milestones = (
        link_to("collectif", territoire=territory, registre=name) for name in ("actions", "milestones")
    )
    drafted = [one for one in threads.drafts if one.territory == territory]
    found = {
        "milestones": [
            Line(_quote(world, row["label"]), milestones, _say_milestone(world, row))
            for row in _of(threads.milestones, territory)
        ],
        "overdue": [
            Line(_quote(world, row["title"]), actions, words("thread.ending", day=words.day(row["planned_end_on"])))
            for row in _of(threads.overdue, territory)
        ],
        "goals": [Line(_quote(world, words.of(row, "title")), actions) for row in _of(threads.goals, territory)],
        "actions": [Line(_quote(world, row["title"]), actions) for row in _of(threads.actions, territory)],
        "drafts": [_lead_to_draft(world, one) for one in drafted],
        "untold": [
            _lead_to_story(world, territory, row["indicator_code"], row["period"])
            for row in _of(threads.untold, territory)
        ],
    }
    return [
        Group(words.plural(f"thread.{name}", len(lines)), lines, name == "untold")
        for name, lines in found.items()
        if lines
    ]


def _of(rows: pl.DataFrame, territory: str) -> list[Row]:
    return rows.filter(territory_code=territory).to_dicts()


def _quote(world: World, text: str) -> str:
    return world.words("quoted", text=text)


def _say_milestone(world: World, row: Row) -> str:
    """« prévu le 30 septembre 2026 (Parrainage), pour « Des collégiens présents en classe » »."""
    words = world.words
    goals = world.catalogue.goals.filter(
        (pl.col("territory_code") == row["territory_code"]) & pl.col("goal_code").is_in(row["goal_codes"])
    )
    served = words("list.and").join(_quote(world, words.of(goal, "title")) for goal in goals.to_dicts())
    said = words("thread.planned", day=words.day(row["planned_on"]), action=row["action"])
    return words("thread.for", said=said, goals=served) if served else said


def _lead_to_draft(world: World, text: Commentary) -> Line:
    """A text to validate; one without words says that it would take back what is read."""
    line = _lead_to_story(world, text.territory, text.indicator, text.period, text.period)
    return line if text.words else line._replace(after=world.words("thread.asked_back"))


def _lead_to_story(world: World, territory: str, indicator: str, period: str, of_page: str | None = None) -> Line:
    """The figure whose story is to be written, and the page where that is done."""
    words = world.words
    label = words.of(world.catalogue.indicator(indicator), "label")
    said = words("thread.figure", label=label, period=words.period(period))
    return Line(said, link_to_goal(world, territory, indicator, periode=of_page, **{TO_WRITE: "1"}))
