"""What a reader may bookmark is in the URL: territory, goal, indicator, period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts import cached
from pages.parts.visitor import stop_with
from pages.parts.world import AS_OF, World, link_to, read_day
from schemas.visitor import Visitor

REMEMBERED = "remembered_territory"
MOST_DAYS = 24
Option = TypeVar("Option")


@dataclass(frozen=True)
class Choice:
    """A list on a page: each option is an address, so that what is chosen is what is in the URL."""

    label: str
    options: tuple[tuple[str, str, bool], ...]  # address, words, whether it is the current one


@dataclass(frozen=True)
class Goal:
    """A goal-indicator of a territory: `code` None is an indicator followed without a goal."""

    code: str | None
    indicator: str
    quartier: str
    title: str

    def of_rows(self) -> pl.Expr:
        """Which progress rows are its own."""
        is_goal = pl.col("goal_code").eq_missing(pl.lit(self.code, pl.String))
        return is_goal & (pl.col("indicator_code") == self.indicator) & (pl.col("qpv_code") == self.quartier)


def keep_day() -> None:
    """A click in the menu keeps the day looked at; any other address without it, typed or linked, is of today."""
    asked = read_day(st.query_params.get(AS_OF))
    if asked:
        st.session_state[AS_OF] = asked.isoformat()
    elif st.session_state.get(AS_OF) and not st.query_params:
        st.query_params[AS_OF] = st.session_state[AS_OF]


def show_choices(world: World, *choices: Choice) -> None:
    """The lists of a page in one line; a list of one is not shown."""
    shown = [choice for choice in choices if len(choice.options) > 1]
    if shown:
        st.html(write_html("choices", world.words, choices=shown))


def pick_territory(world: World, visitor: Visitor, page: str) -> tuple[str, Choice]:
    """The territory of the URL, else the one looked at last, else the first. Another's is refused in one sentence."""
    names = {code: world.catalogue.territory_name(code) for code in visitor.territories}
    options = sorted(names, key=lambda code: names[code])
    asked = st.query_params.get("territoire")
    if asked and asked not in names:
        stop_with(world.words, world.words("pick.not_yours", territory=asked))
    current = asked or st.session_state.get(REMEMBERED)
    current = current if current in names else options[0]
    st.session_state[REMEMBERED] = current
    label = world.words("pick.territory")
    return current, _list(label, options, current, names.__getitem__, lambda code: world.link(page, territoire=code))


def pick_goal(world: World, progress: pl.DataFrame) -> tuple[Goal, Choice]:
    """The goal and indicator of the URL, else the first of the territory."""
    rows = progress.select("territory_code", "goal_code", "indicator_code", "qpv_code").unique(maintain_order=True)
    goals = [_as_goal(world, row) for row in rows.iter_rows(named=True)]
    if not goals:
        stop_with(world.words, world.words("overview.empty"))
    asked = tuple(st.query_params.get(name) for name in ("objectif", "indicateur"))
    quartier = st.query_params.get("quartier", "")
    fits = [goal for goal in goals if asked in ((None, None), (goal.code, goal.indicator))]
    fits = [goal for goal in fits if goal.quartier == quartier] or fits
    if not fits:
        stop_with(world.words, world.words("pick.no_goal", goal=" ".join(part for part in asked if part)))
    territory = str(rows["territory_code"][0])
    return fits[0], _list(
        world.words("pick.goal"),
        goals,
        fits[0],
        lambda goal: ", ".join(part for part in (_label(world, goal.indicator), goal.quartier) if part),
        lambda goal: world.link("objectif", territoire=territory, **_parts_of(goal)),
    )


def _as_goal(world: World, row: dict[str, str | None]) -> Goal:
    goals = world.catalogue.goals.filter(
        (pl.col("territory_code") == row["territory_code"]) & pl.col("goal_code").eq_missing(row["goal_code"])
    )
    title = world.words.of(goals.row(0, named=True), "title") if len(goals) else ""
    return Goal(row["goal_code"], str(row["indicator_code"]), str(row["qpv_code"]), title)


def _parts_of(goal: Goal) -> dict[str, str | None]:
    return {"objectif": goal.code, "indicateur": goal.indicator, "quartier": goal.quartier}


def _label(world: World, indicator: str) -> str:
    return world.words.of(world.catalogue.indicator(indicator), "label")


def pick_indicator(world: World, progress: pl.DataFrame) -> tuple[str, Choice]:
    """The indicator of the URL, else the one that most territories have."""
    spread = progress.group_by("indicator_code").agg(pl.col("territory_code").n_unique().alias("territories"))
    ordered = spread.sort(["territories", "indicator_code"], descending=[True, False])["indicator_code"].to_list()
    asked = st.query_params.get("indicateur")
    if asked and asked not in ordered:
        stop_with(world.words, world.words("pick.no_goal", goal=asked))
    current = asked or ordered[0]
    label = world.words("pick.indicator")
    return current, _list(
        label, ordered, current, lambda code: _label(world, code), lambda code: world.link("comparer", indicateur=code)
    )


def pick_period(world: World, progress: pl.DataFrame, page: str) -> tuple[str | None, Choice]:
    """The period of the URL up to which figures are shown; None is the latest."""
    words = world.words
    periods = progress.filter(pl.col("value").is_not_null()).sort("period_start", descending=True)
    options = periods["period"].unique(maintain_order=True).to_list()
    asked = st.query_params.get("periode")
    if asked and asked not in options:
        stop_with(words, words("pick.no_period", period=asked))
    current = asked or next(iter(options), "")
    others = {name: value for name, value in st.query_params.items() if name not in ("periode", AS_OF)}
    choice = _list(
        words("pick.period"),
        options,
        current,
        lambda code: words("pick.until", period=words.period(code)),
        lambda code: world.link(page, **others, periode=None if code == options[0] else code),
    )
    return (None if not options or current == options[0] else current), choice


def pick_day(world: World, territories: Sequence[str], page: str) -> Choice:
    """The days on which approved figures changed, to look at what was known then; the first is now."""
    words, zone = world.words, world.now.tzinfo
    changed = cached.moments_of(world.store, str(world.store.path), world.store.version(), tuple(territories))
    days = {moment.astimezone(zone).date().isoformat() for moment in changed[:MOST_DAYS]}
    latest = changed[0].astimezone(zone).date().isoformat() if changed else ""
    options = ["", *sorted((days - {latest}) | ({world.as_of} if world.as_of else set()), reverse=True)]
    others = {name: value for name, value in st.query_params.items() if name not in ("periode", AS_OF)}
    return _list(
        words("pick.day"),
        options,
        world.as_of or "",
        lambda day: words("pick.as_of", day=words.day(date.fromisoformat(day))) if day else words("pick.now"),
        lambda day: link_to(page, **others, au=day),
    )


def _list(
    label: str,
    options: Sequence[Option],
    current: Option,
    name: Callable[[Option], str],
    address: Callable[[Option], str],
) -> Choice:
    return Choice(label, tuple((address(option), name(option), option == current) for option in options))
