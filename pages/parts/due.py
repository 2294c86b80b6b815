"""What is expected of a territory in the round that is open and in those before: which figures, by when, what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from measures.rounds import (
    SECOND,
    STATES,
    Round,
    current_rounds,
    list_expected,
    list_round_items,
    list_rounds,
    measure_rounds,
)
from outputs.html import write_html
from pages.parts.cached import once
from pages.parts.sent import NOTHING_SENT, Sent, list_sent
from pages.parts.world import World
from pipelines.store import load_deliveries
from schemas.period import last_quarter, parse_period
from schemas.visitor import DEPOSITORS, Visitor
from schemas.words import RoundState

EARLIER_ROUNDS = 3
"""How many rounds before the open one are listed for what they still miss: with it, a year."""


@dataclass(frozen=True)
class DueLine:
    """One expected figure in words; `is_missing`: nothing of it is there, or what came is to correct."""

    label: str
    period: str
    until: str
    state: str
    is_missing: bool
    sent: Sent


@dataclass(frozen=True)
class Missing:
    """How many figures the open round still misses, of how many, and its last second."""

    period: str
    count: int
    expected: int
    due_at: datetime


def measure_campaign(
    world: World, visitor: Visitor, territories: tuple[str, ...], *periods: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a territory and round with its state and rates, and one row an expected figure.

    Others' territories are refused.
    """
    if not set(territories) <= set(visitor.territories):
        raise PermissionError(territories)
    asked = world.catalogue.territories.filter(pl.col("territory_code").is_in(territories))
    rounds = [one for period in periods for one in list_rounds(period, asked, world.catalogue.rounds)]
    expected = pl.concat([list_expected(world.catalogue, territories, period) for period in periods])
    came = load_deliveries(world.store, territories, world.version)
    return measure_rounds(expected, came, rounds, world.now), list_round_items(expected, came, rounds, world.now)


def find_open_round(world: World, territory: str) -> Round:
    """The round of a territory that is open to deposits, its own days counted."""
    mine = world.catalogue.territories.filter(territory_code=territory)
    return current_rounds(world.now.date(), mine, world.catalogue.rounds)[0]


def show_due(world: World, visitor: Visitor, territory: str) -> None:
    """The round that is open, for the person who has to send, and what earlier ones still miss."""
    period = find_open_round(world, territory).period
    earlier = list_earlier(period)
    board, items = measure_campaign(world, visitor, (territory,), period, *earlier)
    owed = items.filter(pl.col("round").is_in(earlier) & ~pl.col("is_delivered"))
    now = items.filter(round=period)
    sentences = say_due(world, board.row(by_predicate=pl.col("round") == period, named=True))
    if len(owed):
        sentences.append(world.words.plural("due.earlier", len(owed)))
    sent = list_sent(world, visitor, territory, pl.concat([now, owed]))
    tables = [(code, list_lines(world, owed.filter(round=code), sent)) for code in earlier]
    tables = [(code, lines) for code, lines in tables if lines]
    of_now = (period, list_lines(world, now, sent))
    tables.insert(0 if any(line.is_missing for line in of_now[1]) else len(tables), of_now)
    st.html(write_html("due", world.words, sentences=sentences, tables=tables, period=period))


def list_earlier(period: str) -> list[str]:
    """The quarters of the rounds before one, the latest first."""
    found = [period]
    for _ in range(EARLIER_ROUNDS):
        found.append(last_quarter(parse_period(found[-1]).start))
    return found[1:]


def list_lines(world: World, items: pl.DataFrame, sent: dict[tuple[str, str], Sent]) -> list[DueLine]:
    """One line an expected figure, what is missing first."""
    words = world.words
    rank = pl.col("state").replace_strict({state.value: at for at, state in enumerate(STATES)})
    return [
        DueLine(
            words.of(world.catalogue.indicator(item["indicator_code"]), "label"),
            words.period(item["period"]),
            words.day(item["due_at"].astimezone(world.zone_of(item["territory_code"])).date()),
            say_round_state(world, item),
            not item["is_delivered"],
            sent.get((item["indicator_code"], item["period"]), NOTHING_SENT),
        )
        for item in items.sort(rank, maintain_order=True).iter_rows(named=True)
    ]


def say_due(world: World, row: dict[str, Any]) -> list[str]:
    """« T3 2026 : à envoyer jusqu’au 2 novembre 2026. », then where the round stands."""
    words = world.words
    due = row["due_at"].astimezone(world.zone_of(row["territory_code"]))
    sentences = [words("due.by", period=words.period(row["round"]), day=words.day(due.date()))]
    if not row["expected"]:
        sentences = [words("due.nothing", period=words.period(row["round"]))]
    elif row["state"] == RoundState.VALIDATED:
        sentences.append(words("due.all"))
    else:
        missing = row["expected"] - row["delivered"]
        sentences.append(words.plural("due.missing", missing, of=row["expected"]) if missing else words("due.received"))
    if row["is_late"]:
        sentences.append(words("due.late" if row["expected"] > row["delivered"] else "due.came_late"))
    return sentences


def say_owed(world: World, items: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Each expected figure as its label, its period and its state."""
    return [(line.label, line.period, line.state) for line in list_lines(world, items, {})]


def say_round_state(world: World, row: dict[str, Any]) -> str:
    """One of the four words, and whether it came late."""
    if row["state"] is None:
        return world.words("round.none")
    said = world.words(f"round.{row['state']}")
    return world.words("round.late", state=said) if row["is_late"] else said


def show_missing(world: World, visitor: Visitor, territory: str) -> None:
    """One line for those who deposit, while something of the open round is missing; none on a day of the past."""
    if visitor.role not in DEPOSITORS or world.as_of:
        return
    missing = once(world.key(visitor, "due", territory), lambda: find_missing(world, visitor, territory))
    if missing.count:
        link = world.link("deposer", territoire=territory)
        st.html(write_html("due_missing", world.words, sentence=say_missing(world, missing), link=link))


def find_missing(world: World, visitor: Visitor, territory: str) -> Missing:
    of_round = find_open_round(world, territory)
    board, _ = measure_campaign(world, visitor, (territory,), of_round.period)
    row = board.row(0, named=True)
    return Missing(of_round.period, row["expected"] - row["delivered"], row["expected"], of_round.due_at)


def say_missing(world: World, missing: Missing) -> str:
    """« T3 2026 : il manque 2 chiffres sur 5, à envoyer jusqu’au 2 novembre 2026. »"""
    words = world.words
    key = "due.miss" if world.now < missing.due_at + SECOND else "due.miss_late"
    period, day = words.period(missing.period), words.day(missing.due_at.date())
    return words.plural(key, missing.count, of=words.number(missing.expected), period=period, day=day)
