"""What is there of the figures that are expected: the value approved or sent, and the deposit it came with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from measures.rounds import ITEM, REACHED
from pages.parts.figures import as_shown, say_with_counts
from pages.parts.world import World
from pipelines.store import load_deliveries, load_observations, load_sent
from schemas.visitor import Visitor

Row = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A figure in words, the day its deposit was sent and the address of that receipt; '' where there is none."""

    figure: str
    day: str
    link: str


NOTHING_SENT = Sent("", "", "")


def list_sent(world: World, visitor: Visitor, territory: str, items: pl.DataFrame) -> dict[tuple[str, str], Sent]:
    """(indicator, period) of the expected figures of a territory -> what is there, for those of which something is.

    The value approved, else that of the latest deposit in which it was sent or returned, for what the visitor may see.
    """
    came = _list_latest(world, territory, items)
    approved = load_observations(world.store, [territory], visitor.audience, as_of=world.version)
    approved = approved.join(items, on=ITEM, how="semi")
    rows = pl.concat([approved, *_load_waiting(world, visitor, territory, came, approved)], how="diagonal")
    deposits = {row["submission_id"]: row for row in world.submissions(visitor, territory).iter_rows(named=True)}
    found = {}
    for one in came.iter_rows(named=True):
        of_item = rows.filter(indicator_code=one["indicator_code"], period=one["period"])
        deposit = deposits[of_item["submission_id"][-1] if len(of_item) else one["submission_id"]]
        day = world.words.day(deposit["sent_at"].astimezone(world.zone_of(territory)).date())
        is_theirs = set(deposit["territories"]) <= set(visitor.territories)
        link = world.link("recu", numero=deposit["submission_id"]) if is_theirs else ""
        figures = say_figures(world, of_item, world.catalogue.indicator(one["indicator_code"]))
        found[one["indicator_code"], one["period"]] = Sent(figures, day, link)
    return found


def _list_latest(world: World, territory: str, items: pl.DataFrame) -> pl.DataFrame:
    """The deposit that brought each expected figure furthest, the latest of several; neither draft nor withdrawn."""
    came = load_deliveries(world.store, [territory], world.version).join(items, on=ITEM, how="semi")
    reached = pl.col("state").replace_strict(REACHED, default=0, return_dtype=pl.Int64)
    return came.filter(reached > 0).sort(reached, "first_submitted_at").unique(ITEM, keep="last", maintain_order=True)


def _load_waiting(
    world: World, visitor: Visitor, territory: str, came: pl.DataFrame, approved: pl.DataFrame
) -> list[pl.DataFrame]:
    """The rows of the figures of which nothing is approved, as they were sent."""
    waiting = came.join(approved, on=ITEM, how="anti")
    sent = [
        load_sent(world.store, number, [territory], visitor.audience, world.version)[0]
        for number in waiting["submission_id"].unique(maintain_order=True)
    ]
    return [rows.join(waiting, on=[*ITEM, "submission_id"], how="semi") for rows in sent]


def say_figures(world: World, rows: pl.DataFrame, sheet: Row) -> str:
    """« 66 % (119 sur 180) » of the whole territory; where it has none, of each quartier; '' without a total."""
    totals = as_shown(rows.filter(dimension="total"), sheet).to_dicts()
    whole = [row for row in totals if not row["qpv_code"]]
    return ", ".join(_say_figure(world, row) for row in whole or totals)


def _say_figure(world: World, row: Row) -> str:
    is_gap = row["value"] is None and not row["is_masked"]
    figure = world.words(f"status.{row['obs_status']}") if is_gap else say_with_counts(world.words, row)
    if not row["qpv_code"]:
        return figure
    names = world.catalogue.quartiers.filter(qpv_code=row["qpv_code"])["name"]
    return f"{names[0] if len(names) else row['qpv_code']}{world.words('colon')}{figure}"
