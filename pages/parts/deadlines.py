"""The deadlines of a year for a territory: the next one in a sentence, each with its state, all as a calendar file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from measures.rounds import Round, find_next_due, list_reminders, list_year
from outputs.calendar import MIME, Deadline, name_ics, write_ics
from outputs.html import write_html
from pages.parts.due import DueLine, find_open_round, list_lines, measure_campaign, say_round_state
from pages.parts.pickers import Choice
from pages.parts.visitor import stop_with
from pages.parts.world import World
from schemas.visitor import Visitor

YEARS_BEFORE, YEARS_AFTER = 2, 1


@dataclass(frozen=True)
class OfYear:
    """A round of the year: `board` is its row of `measure_rounds`, `lines` one an expected figure."""

    round: Round
    board: dict[str, Any]
    lines: list[DueLine]


def pick_year(world: World, territory: str) -> tuple[int, Choice]:
    """The year of the address, else that of the quarter whose round is open."""
    words, current = world.words, int(find_open_round(world, territory).period[:4])
    options = [str(year) for year in range(current + YEARS_AFTER, current - YEARS_BEFORE - 1, -1)]
    asked = st.query_params.get("annee") or str(current)
    if asked not in options:
        stop_with(words, words("calendar.no_year", year=asked, first=options[-1], last=options[0]))
    addresses = tuple(
        (world.link("calendrier", territoire=territory, annee=year), year, year == asked) for year in options
    )
    return int(asked), Choice(words("calendar.pick"), addresses)


def list_year_of(world: World, visitor: Visitor, territory: str, year: int) -> list[OfYear]:
    """The four rounds in order. Another's territory is refused."""
    rounds = list_year(year, _find_row(world, territory), world.catalogue.rounds)
    board, items = measure_campaign(world, visitor, (territory,), *(one.period for one in rounds))
    return [
        OfYear(
            one,
            board.row(by_predicate=pl.col("round") == one.period, named=True),
            list_lines(world, items.filter(round=one.period), {}),
        )
        for one in rounds
    ]


def _find_row(world: World, territory: str) -> dict[str, Any]:
    return world.catalogue.territories.filter(territory_code=territory).row(0, named=True)


def find_next(world: World, territory: str) -> Round:
    return find_next_due(world.now, _find_row(world, territory), world.catalogue.rounds)


def say_next_due(world: World, territory: str) -> None:
    """« Prochaine échéance : lundi 1er février 2027, T4 2026, dans 70 jours. »"""
    words, due = world.words, find_next(world, territory)
    days = (due.due_on - world.now.astimezone(due.due_at.tzinfo).date()).days
    said = {"day": words.weekday(due.due_on), "period": words.period(due.period)}
    sentence = words.plural("calendar.next", days, **said) if days else words("calendar.next_today", **said)
    st.html(write_html("lead", words, sentence=sentence))


def show_year(world: World, territory: str, deadlines: list[OfYear]) -> None:
    """Each round of the year; the next deadline stands out."""
    next_due = find_next(world, territory).period
    lines = [
        {
            "period": world.words.period(one.round.period),
            "is_next": one.round.period == next_due,
            "facts": _list_facts(world, one),
            "expected": one.lines,
        }
        for one in deadlines
    ]
    st.html(write_html("deadlines", world.words, lines=lines))


def _list_facts(world: World, one: OfYear) -> list[tuple[str, list[str]]]:
    words, of_round = world.words, one.round
    return [
        (words("calendar.opens"), [words.weekday(of_round.opens_on)]),
        (words("calendar.due"), [words.weekday(of_round.due_on)]),
        (words("calendar.reminders"), [_say_reminder(world, *reminder) for reminder in list_reminders(of_round)]),
        (words("round.state"), [say_state(world, one)]),
    ]


def _say_reminder(world: World, offset: int, day: date) -> str:
    words = world.words
    when = words.plural("calendar.before" if offset < 0 else "calendar.after", abs(offset))
    return words("calendar.reminder", day=words.weekday(day), when=when)


def say_state(world: World, one: OfYear) -> str:
    """« validé, 5 sur 5 reçus »; of a round that is not open yet, that it is not."""
    words, board = world.words, one.board
    if not board["expected"]:
        return words("round.none")
    opens_on = one.round.opens_on
    if world.now.astimezone(one.round.due_at.tzinfo).date() < opens_on:
        return words("calendar.not_open")
    counts = {"n": words.number(board["delivered"]), "of": words.number(board["expected"])}
    return words("calendar.state", state=say_round_state(world, board), **counts)


def offer_ics(world: World, territory: str, year: int, deadlines: list[OfYear]) -> None:
    """The deadlines of the year for a person's own calendar."""
    words, name = world.words, world.catalogue.territory_name(territory)
    listed = [Deadline(one.round, name, tuple(_say_expected(world, one))) for one in deadlines]
    given = (world.settings.url, world.now, world.catalogue.is_invented([territory]))
    st.download_button(
        words("calendar.download", year=str(year)),
        lambda: write_ics(words, listed, *given),
        name_ics(territory, year),
        mime=MIME,
        on_click="ignore",
    )
    st.caption(words("calendar.download_help"))


def _say_expected(world: World, one: OfYear) -> list[str]:
    """The label of each figure, with its period where it is not the quarter of the round."""
    own = world.words.period(one.round.period)
    return [line.label if line.period == own else f"{line.label} ({line.period})" for line in one.lines]
