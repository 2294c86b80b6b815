"""The deposits of a territory: a line each with its life, and what one changed of the version before it."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from outputs.difference import list_difference
from outputs.html import write_html
from outputs.receipt import say_remark
from pages.parts.receipts import find_receipt
from pages.parts.visitor import all_theirs
from pages.parts.world import World
from pipelines.difference import compare_rows
from pipelines.store import has_original, load_deliveries, load_receipt, load_sent
from schemas.submission import OBSERVATIONS, Receipt, SubmissionState
from schemas.visitor import DEPOSITORS, Visitor
from schemas.words import Audience

LINES_SHOWN = 40
ITEM = ["indicator_code", "period"]


def list_history(world: World, visitor: Visitor, territory: str) -> dict[str, Any]:
    """The latest deposits, latest first, and how many more there are."""
    rows = _list_own(world, visitor, territory)
    came = _list_deliveries(world, visitor, territory)
    shown = rows.head(LINES_SHOWN)["submission_id"].to_list()
    receipts = [load_receipt(world.store, str(number), visitor.territories, world.version) for number in shown]
    lines = [_line(world, visitor, territory, receipt, came) for receipt in receipts]
    return {"lines": lines, "rest": max(0, rows.height - LINES_SHOWN)}


def _list_own(world: World, visitor: Visitor, territory: str) -> pl.DataFrame:
    return world.submissions(visitor, territory).filter(all_theirs(visitor))


def _list_deliveries(world: World, visitor: Visitor, territory: str) -> pl.DataFrame:
    own = [str(number) for number in _list_own(world, visitor, territory)["submission_id"]]
    return load_deliveries(world.store, [territory], world.version).filter(pl.col("submission_id").is_in(own))


def _line(world: World, visitor: Visitor, territory: str, receipt: Receipt, came: pl.DataFrame) -> dict[str, Any]:
    words, is_inside = world.words, visitor.audience is Audience.TERRITORY
    moved = [(name, count) for name, count in (("new", receipt.new), ("changed", receipt.changed)) if count]
    counts = [words.plural(f"change.{name}", count) for name, count in moved] or [words("news.nothing")]
    at = words.moment(receipt.at, world.zone(territory))
    remarks = [say_remark(words, remark) for remark in receipt.remarks] if is_inside else []
    return {
        "file": receipt.filename,
        "state": words(f"submission.{receipt.state}"),
        "said": words("history.line", at=at, by=world.name_account(receipt.sent_by), counts=", ".join(counts)),
        "reasons": [event.reason for event in receipt.events if event.reason and is_inside],
        "remarks": remarks,
        "links": _list_links(world, visitor, territory, receipt, came),
    }


def _list_links(
    world: World, visitor: Visitor, territory: str, receipt: Receipt, came: pl.DataFrame
) -> list[tuple[str, str]]:
    """Receipt, original, the difference from the version before, and the way to correct what came back."""
    words, number = world.words, receipt.submission_id
    links = [(world.link("recu", numero=number), words("history.receipt"))]
    if visitor.audience is Audience.TERRITORY and has_original(world.store, receipt.sha256):
        links.append((f"/fichier/{number}", words("history.original")))
    if find_version_before(came, number):
        links.append((world.link("depots", territoire=territory, depot=number), words("history.compare")))
    is_theirs = visitor.role in DEPOSITORS and receipt.kind == OBSERVATIONS and not world.as_of
    if receipt.state is SubmissionState.RETURNED and is_theirs:
        links.append((world.link("deposer", territoire=territory, reprendre=number), words("history.again")))
    return links


def find_version_before(came: pl.DataFrame, number: str) -> str | None:
    """The last deposit before this one that held some of its figures; `came` as `load_deliveries` gives it."""
    own = came.filter(pl.col("submission_id") == number)
    if own.is_empty():
        return None
    earlier = came.filter(pl.col("first_submitted_at") < own["first_submitted_at"][0])
    same = earlier.join(own.select(ITEM), on=ITEM, how="semi").sort("first_submitted_at", "submission_id")
    return str(same["submission_id"][-1]) if len(same) else None


def show_versions(world: World, visitor: Visitor, territory: str, number: str) -> None:
    """What a deposit changed of the version before it, value by value."""
    receipt = find_receipt(world, visitor, number)
    if receipt is None:
        return
    words = world.words
    before = find_version_before(_list_deliveries(world, visitor, territory), receipt.submission_id)
    if before is None:
        return
    earlier = load_receipt(world.store, before, visitor.territories, world.version)
    newer, older = (
        load_sent(world.store, one.submission_id, [territory], visitor.audience, world.version)[0]
        for one in (receipt, earlier)
    )
    difference = list_difference(words, world.catalogue, compare_rows(newer, older))
    title = words(
        "history.versions",
        new=receipt.filename,
        at=words.moment(receipt.at, world.zone(territory)),
        old=earlier.filename,
        before=words.moment(earlier.at, world.zone(territory)),
    )
    st.html(write_html("versions", words, title=title, difference=difference))
