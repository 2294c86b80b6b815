"""What a deposit would change, before it is confirmed: in words, as a table, and each curve before and after."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from measures.progress import measure_progress
from outputs.curve import draw_curve
from outputs.difference import list_difference
from outputs.html import write_html
from outputs.registers import list_register_difference
from pages.parts.reading import with_nouns
from pages.parts.world import World
from pipelines.difference import lay_over
from pipelines.store import count_masked, load_goals, load_observations
from schemas.submission import OBSERVATIONS, Change, PreparedSubmission
from schemas.visitor import Visitor
from texts.sentences import say_figure

CURVES_SHOWN = 6
SERIES = ("indicator_code", "goal_code", "qpv_code")


def show_changes(world: World, prepared: PreparedSubmission) -> None:
    """New, changed, unchanged, kept, masked, left out: in words, then what moves as a table."""
    if prepared.kind != OBSERVATIONS:
        difference = list_register_difference(world.words, prepared.kind, prepared.changes)
        st.html(write_html("changes", world.words, difference=difference))
        return
    masked = count_masked(world.store, prepared.rows)
    difference = list_difference(world.words, world.catalogue, prepared.changes, masked, prepared.left_rows)
    st.html(write_html("changes", world.words, difference=difference))


def show_curves(world: World, visitor: Visitor, territory: str, prepared: PreparedSubmission) -> None:
    """The curve of each indicator whose total moves, as it is and as it would be. A register moves none."""
    if prepared.kind != OBSERVATIONS:
        return
    moved = prepared.changes.filter(
        pl.col("change").is_in([Change.NEW.value, Change.CHANGED.value]) & (pl.col("dimension") == "total")
    )
    indicators = moved["indicator_code"].unique(maintain_order=True).to_list()
    if not indicators:
        return
    audience = visitor.audience
    approved = load_observations(world.store, [territory], audience, indicators, world.version)
    goals = load_goals(world.store, [territory], audience, world.version)
    today = world.now.date()
    frames = [measure_progress(rows, goals, today) for rows in (approved, lay_over(prepared.rows, approved))]
    before, after = (_split(frame.filter(pl.col("indicator_code").is_in(indicators))) for frame in frames)
    pairs = [_pair(world, before.get(key, []), rows) for key, rows in after.items() if _has_figure(rows)]
    if pairs:
        st.html(write_html("curves", world.words, pairs=pairs[:CURVES_SHOWN], rest=max(0, len(pairs) - CURVES_SHOWN)))


def _split(progress: pl.DataFrame) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    totals = progress.filter(pl.col("dimension") == "total")
    return {key: rows.to_dicts() for key, rows in totals.group_by(SERIES, maintain_order=True)}


def _has_figure(rows: list[dict[str, Any]]) -> bool:
    return any(row["value"] is not None for row in rows)


def _pair(world: World, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    """Label, and for each side its curve and its last figure in words."""
    words, sheet = world.words, world.catalogue.indicator(after[0]["indicator_code"])
    label = ", ".join(part for part in (words.of(sheet, "label"), after[0]["qpv_code"]) if part)
    sides = []
    for name, rows in (("before", before), ("after", after)):
        shown = with_nouns(rows, sheet)
        last = next((row for row in reversed(shown) if row["value"] is not None), None)
        figure = (
            words("preview.figure", figure=say_figure(words, last), period=words.period(last["period"])) if last else ""
        )
        sides.append(
            {"name": words(f"preview.{name}"), "curve": draw_curve(shown, words) if last else "", "figure": figure}
        )
    return {"label": label, "sides": sides}
