"""A collection round over several territories: a line each, and what each still owes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts.due import measure_campaign, say_owed, say_round_state
from pages.parts.pickers import Choice
from pages.parts.visitor import stop_with
from pages.parts.world import World
from schemas.period import list_periods, parse_period
from schemas.visitor import Visitor
from schemas.words import RoundState

ROUNDS_SHOWN = 8


@dataclass(frozen=True)
class Campaign:
    """`board`: one row a territory; `items`: one row an expected figure."""

    period: str
    board: pl.DataFrame
    items: pl.DataFrame


def pick_round(world: World) -> tuple[str, Choice]:
    """The quarter of the address, else the one that is open now."""
    words, current = world.words, world.current_round()
    year = parse_period(current).start.year
    options = list_periods(f"{year - 2}-Q1", current)[::-1][:ROUNDS_SHOWN]
    asked = st.query_params.get("campagne") or current
    if asked not in options:
        stop_with(words, words("pick.no_period", period=asked))
    addresses = tuple((world.link("campagne", campagne=code), words.period(code), code == asked) for code in options)
    return asked, Choice(words("rounds.pick"), addresses)


def list_campaign(world: World, visitor: Visitor, period: str) -> Campaign:
    board, items = measure_campaign(world, visitor, visitor.territories, period)
    return Campaign(period, board, items)


def say_campaign(world: World, campaign: Campaign) -> None:
    """How many sent everything, and the two rates over all territories together."""
    words, board = world.words, campaign.board.filter(pl.col("expected") > 0)
    if board.is_empty():
        st.html(write_html("lead", words, sentence=words("rounds.nothing")))
        return
    expected, delivered, on_time = (int(board[name].sum()) for name in ("expected", "delivered", "on_time"))
    complete = board.filter(pl.col("delivered") == pl.col("expected")).height
    sentence = words(
        "rounds.lead",
        complete=words.number(complete),
        territories=words.plural("who.several", board.height),
        delivered=words.number(delivered),
        expected=words.number(expected),
        completeness=words.in_unit(100 * delivered / expected, "percent"),
        timeliness=words.in_unit(100 * on_time / expected, "percent"),
    )
    st.html(write_html("lead", words, sentence=sentence))


def show_campaign(world: World, campaign: Campaign) -> None:
    words = world.words
    names = {code: world.catalogue.territory_name(code) for code in campaign.board["territory_code"]}
    rows = sorted(campaign.board.iter_rows(named=True), key=lambda row: names[row["territory_code"]])
    lines = [_line(world, row, campaign.items, names[row["territory_code"]]) for row in rows]
    st.html(write_html("campaign", words, lines=lines, period=words.period(campaign.period)))


def _line(world: World, row: dict[str, Any], items: pl.DataFrame, name: str) -> dict[str, Any]:
    words = world.words
    due = row["due_at"].astimezone(world.zone_of(row["territory_code"]))
    rates = [
        "" if row[rate] is None else words.in_unit(row[rate], "percent") for rate in ("completeness", "timeliness")
    ]
    of_territory = items.filter(pl.col("territory_code") == row["territory_code"])
    owed = of_territory.filter(~pl.col("state").is_in([RoundState.VALIDATED.value, RoundState.RECEIVED.value]))
    return {
        "name": name,
        "state": say_round_state(world, row),
        "cells": [
            words("rounds.of", n=words.number(row["delivered"]), of=words.number(row["expected"])),
            *rates,
            words.day(due.date()),
        ],
        "owed": say_owed(world, owed),
    }
