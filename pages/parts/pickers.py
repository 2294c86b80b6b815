"""What a reader may bookmark is in the URL: territory, goal, indicator, period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from pages.parts.visitor import stop_with
from pages.parts.world import World
from schemas.visitor import Visitor

REMEMBERED = "remembered_territory"


def link_to(page: str, **choices: str | None) -> str:
    """The address of a page with what is chosen there."""
    kept = {name: value for name, value in choices.items() if value}
    return f"/{page}?{urlencode(kept)}" if kept else f"/{page}"


def pick_territory(world: World, visitor: Visitor) -> str:
    """The territory of the URL, else the one looked at last, else the first. Another's is refused in one sentence."""
    names = {code: world.catalogue.territory_name(code) for code in visitor.territories}
    options = sorted(names, key=lambda code: names[code])
    asked = st.query_params.get("territoire")
    if asked and asked not in names:
        stop_with(world.words, world.words("pick.not_yours", territory=asked))
    current = asked or st.session_state.get(REMEMBERED)
    current = current if current in names else options[0]
    if len(options) > 1:
        current = _pick(world.words("pick.territory"), options, current, names.__getitem__, "territoire", ("periode",))
    st.session_state[REMEMBERED] = current
    return current


def pick_period(world: World, progress: pl.DataFrame) -> str | None:
    """The period of the URL up to which figures are shown; None is the latest."""
    words = world.words
    periods = progress.filter(pl.col("value").is_not_null()).sort("period_start", descending=True)
    options = periods["period"].unique(maintain_order=True).to_list()
    asked = st.query_params.get("periode")
    if asked and asked not in options:
        stop_with(words, words("pick.no_period", period=asked))
    if len(options) < 2:
        return None
    chosen = _pick(words("pick.period"), options, asked or options[0], words.period, "periode")
    return None if chosen == options[0] else chosen


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


def pick_goal(world: World, progress: pl.DataFrame) -> Goal:
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
    labels = [world.words.of(world.catalogue.indicator(goal.indicator), "label") for goal in goals]
    chosen = st.selectbox(
        world.words("pick.goal"),
        range(len(goals)),
        goals.index(fits[0]),
        labels.__getitem__,
        key=f"objectif:{goals.index(fits[0])}:{st.query_params.get('territoire')}",
        label_visibility="collapsed",
    )
    if goals[chosen] != fits[0]:
        st.query_params.pop("periode", None)
        for name, value in (("objectif", goals[chosen].code), ("indicateur", goals[chosen].indicator)):
            if value:
                st.query_params[name] = value
            else:
                st.query_params.pop(name, None)
        st.rerun()
    return fits[0]


def _as_goal(world: World, row: dict[str, str | None]) -> Goal:
    goals = world.catalogue.goals.filter(
        (pl.col("territory_code") == row["territory_code"]) & pl.col("goal_code").eq_missing(row["goal_code"])
    )
    title = world.words.of(goals.row(0, named=True), "title") if len(goals) else ""
    return Goal(row["goal_code"], str(row["indicator_code"]), str(row["qpv_code"]), title)


def pick_indicator(world: World, progress: pl.DataFrame) -> str:
    """The indicator of the URL, else the one that most territories have."""
    spread = progress.group_by("indicator_code").agg(pl.col("territory_code").n_unique().alias("territories"))
    labels = {code: world.words.of(world.catalogue.indicator(code), "label") for code in spread["indicator_code"]}
    ordered = spread.sort(["territories", "indicator_code"], descending=[True, False])["indicator_code"].to_list()
    asked = st.query_params.get("indicateur")
    current = asked if asked and asked in labels else ordered[0]
    return _pick(world.words("pick.indicator"), ordered, current, labels.__getitem__, "indicateur", ("periode",))


def _pick(
    label: str,
    options: Sequence[str],
    current: str,
    name: Callable[[str], str],
    parameter: str,
    forget: Sequence[str] = (),
) -> str:
    """A list whose choice goes into the URL; what depended on the former choice leaves it."""
    chosen = st.selectbox(
        label, options, options.index(current), name, key=f"{parameter}:{current}", label_visibility="collapsed"
    )
    if chosen != current:
        for other in forget:
            st.query_params.pop(other, None)
        st.query_params[parameter] = chosen
        if parameter == "territoire":
            st.session_state[REMEMBERED] = chosen
            for other in ("objectif", "indicateur"):
                st.query_params.pop(other, None)
        st.rerun()
    return chosen
