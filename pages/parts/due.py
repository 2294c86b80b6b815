"""What is expected of a territory in the round that is open: which figures, by when, what has come."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from measures.rounds import Round, current_rounds, list_expected, list_round_items, list_rounds, measure_rounds
from outputs.html import write_html
from pages.parts.world import World
from pipelines.store import load_deliveries
from schemas.visitor import Visitor
from schemas.words import RoundState


def measure_campaign(
    world: World, visitor: Visitor, territories: tuple[str, ...], period: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a territory with its state and rates, and one row an expected figure. Others' territories are refused."""
    if not set(territories) <= set(visitor.territories):
        raise PermissionError(territories)
    asked = world.catalogue.territories.filter(pl.col("territory_code").is_in(territories))
    rounds: list[Round] = list_rounds(period, asked, world.catalogue.rounds)
    expected = list_expected(world.catalogue, territories, period)
    came = load_deliveries(world.store, territories, world.version)
    return measure_rounds(expected, came, rounds, world.now), list_round_items(expected, came, rounds, world.now)


def show_due(world: World, visitor: Visitor, territory: str) -> None:
    """The round that is open, for the person who has to send."""
    mine = world.catalogue.territories.filter(territory_code=territory)
    period = current_rounds(world.now.date(), mine, world.catalogue.rounds)[0].period
    board, items = measure_campaign(world, visitor, (territory,), period)
    said = say_due(world, board.row(0, named=True), items)
    st.html(write_html("due", world.words, **said))


def say_due(world: World, row: dict[str, Any], items: pl.DataFrame) -> dict[str, Any]:
    """« T3 2026 : à envoyer avant le 2 novembre 2026 », then each expected figure with its state."""
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
    lines = [
        (
            words.of(world.catalogue.indicator(item["indicator_code"]), "label"),
            words.period(item["period"]),
            say_round_state(world, item),
        )
        for item in items.iter_rows(named=True)
    ]
    return {"sentences": sentences, "lines": lines}


def say_round_state(world: World, row: dict[str, Any]) -> str:
    """One of the four words, and whether it came late."""
    if row["state"] is None:
        return world.words("round.none")
    said = world.words(f"round.{row['state']}")
    return world.words("round.late", state=said) if row["is_late"] else said
