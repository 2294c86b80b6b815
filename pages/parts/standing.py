"""Where a coordinator's territories stand: what waits, what is owed, what hangs loose, which committee comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import streamlit as st

from measures.rounds import current_rounds, list_expected, list_round_items, list_rounds
from measures.threads import (
    FIGURE,
    count_missing,
    find_next_meetings,
    list_actions_without_goal,
    list_goals_without_action,
    list_late_milestones,
    list_overdue_actions,
    list_owed,
    list_rounds_to_chase,
    list_untold,
)
from outputs.html import write_html
from pages.parts.due import EARLIER_ROUNDS
from pages.parts.reading import Row
from pages.parts.visitor import all_theirs
from pages.parts.world import World
from pipelines.store import load_commentary, load_deliveries, load_submissions, load_writing
from schemas.commentary import Commentary, CommentaryState
from schemas.submission import SubmissionState
from schemas.visitor import Visitor
from schemas.words import Audience


@dataclass(frozen=True)
class Threads:
    """What hangs loose: see `measures.threads`; `drafts` are texts that nobody validated yet, and those without words
    that would take back a validated one."""

    goals: pl.DataFrame
    actions: pl.DataFrame
    overdue: pl.DataFrame
    milestones: pl.DataFrame
    untold: pl.DataFrame
    drafts: tuple[Commentary, ...]


@dataclass(frozen=True)
class Standing:
    """`items`: figures expected in the round that is open; `owed`: those of it and of earlier ones that did not come;
    `meetings`: the next committee of each territory that has one; `missing`: what each would do without."""

    waiting: pl.DataFrame
    items: pl.DataFrame
    owed: pl.DataFrame
    threads: Threads
    meetings: pl.DataFrame
    missing: pl.DataFrame


def read_standing(world: World, visitor: Visitor) -> Standing:
    catalogue, today = world.catalogue, world.now.date()
    items, owed = list_items(world, visitor)
    threads = _find_threads(world, visitor, items)
    drafts = pl.DataFrame([_figure_of(one) for one in threads.drafts], dict.fromkeys(FIGURE, pl.String), orient="row")
    meetings = find_next_meetings(of_visitor(catalogue.meetings, visitor), today)
    missing = count_missing(items, drafts, threads.milestones)
    return Standing(list_waiting(world, visitor), items, owed, threads, meetings, missing)


def of_visitor(rows: pl.DataFrame, visitor: Visitor) -> pl.DataFrame:
    """The rows of a catalogue table that are of their territories."""
    return rows.filter(pl.col("territory_code").is_in(visitor.territories))


def list_waiting(world: World, visitor: Visitor) -> pl.DataFrame:
    """The deposits of these territories that nobody has decided on, the oldest first."""
    rows = load_submissions(world.store, visitor.territories, world.version)
    return rows.filter(all_theirs(visitor) & (pl.col("state") == SubmissionState.SUBMITTED.value)).sort("sent_at")


def list_items(world: World, visitor: Visitor) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The figures expected in the round that is open in each territory; those owed, of earlier rounds too."""
    territories = of_visitor(world.catalogue.territories, visitor)
    current = current_rounds(world.now.date(), territories, world.catalogue.rounds)
    periods = list_rounds_to_chase(max(one.period for one in current), EARLIER_ROUNDS)
    rounds = [one for period in periods for one in list_rounds(period, territories, world.catalogue.rounds)]
    expected = pl.concat([list_expected(world.catalogue, visitor.territories, period) for period in periods])
    came = load_deliveries(world.store, visitor.territories, world.version)
    items = list_round_items(expected, came, rounds, world.now).filter(pl.col("opens_on") <= world.now.date())
    is_open = [(one.territory_code, one.period) for one in current]
    open_rounds = pl.DataFrame(is_open, dict.fromkeys(("territory_code", "round"), pl.String), orient="row")
    return items.join(open_rounds, on=["territory_code", "round"], how="semi"), list_owed(items)


def _find_threads(world: World, visitor: Visitor, items: pl.DataFrame) -> Threads:
    tables, today = world.catalogue, world.now.date()
    goals, actions, milestones = (
        of_visitor(rows, visitor) for rows in (tables.goals, tables.actions, tables.milestones)
    )
    texts = list_writing(world, visitor)
    told = pl.DataFrame([_figure_of(one) for one in texts], dict.fromkeys(FIGURE, pl.String), orient="row")
    figures = world.progress(visitor, visitor.territories).filter(pl.col("value").is_not_null())
    return Threads(
        goals=list_goals_without_action(goals, actions),
        actions=list_actions_without_goal(goals, actions),
        overdue=list_overdue_actions(actions, today),
        milestones=list_late_milestones(milestones, actions, goals, today),
        untold=list_untold(items.join(figures, on=FIGURE, how="semi"), told),
        drafts=tuple(one for one in texts if one.state is CommentaryState.DRAFT),
    )


def list_writing(world: World, visitor: Visitor) -> list[Commentary]:
    """The last text of each figure that has one; also an empty draft, while what it would take back is still read."""
    shown = load_commentary(world.store, visitor.territories, Audience.TERRITORY, world.version)
    read = {_figure_of(one) for one in shown}
    texts = load_writing(world.store, visitor.territories, world.version)
    return [one for one in texts if one.words or _figure_of(one) in read]


def _figure_of(text: Commentary) -> tuple[str, str, str]:
    return text.territory, text.indicator, text.period


def say_standing(world: World, visitor: Visitor, standing: Standing) -> None:
    """One or two lines on where we stand: the committee, what waits, what is missing, what is late."""
    words = world.words
    waiting, late = standing.waiting.height, standing.threads.milestones.height
    sentences = [
        _say_next(world, visitor, standing.meetings),
        words.plural("todo.waiting", waiting) if waiting else words("todo.none"),
        *_say_figures(world, standing.items),
    ]
    if late:
        sentences.append(words.plural("todo.late_milestones", late))
    st.html(write_html("lead", words, sentence=" ".join(sentences)))


def _say_next(world: World, visitor: Visitor, meetings: pl.DataFrame) -> str:
    """The first committee of all, and where it is if it could be elsewhere."""
    if meetings.is_empty():
        return world.words("todo.no_meeting")
    meeting = meetings.row(0, named=True)
    place, said = world.catalogue.territory_name(meeting["territory_code"]), say_meeting(world, meeting)
    if len(visitor.territories) == 1:
        return said
    return world.words("todo.meeting_at", place=place, said=said[0].lower() + said[1:])


def _say_figures(world: World, items: pl.DataFrame) -> list[str]:
    """« Il manque 5 chiffres sur 29 pour le T3 2026. », a sentence a quarter that is open somewhere."""
    words, said = world.words, []
    for (period,), of_round in items.group_by("round", maintain_order=True):
        missing, shown = of_round.filter(~pl.col("is_delivered")).height, words.period(str(period))
        if missing:
            said.append(words.plural("todo.figures_missing", missing, of=words.number(of_round.height), period=shown))
        else:
            said.append(words("todo.all_came", period=shown))
    return said


def say_meeting(world: World, meeting: Row) -> str:
    """« Comité de pilotage dans 15 jours, le 8 décembre 2026. »"""
    words = world.words
    name = words(f"meeting.{meeting['meeting_kind']}")
    days = (meeting["held_on"] - world.now.date()).days
    if not days:
        return words("todo.meeting_today", meeting=name)
    return words.plural("todo.meeting", days, meeting=name, day=words.day(meeting["held_on"]))


def due_day(world: World, item: Row) -> date:
    """The day on which a figure is due, where it is due."""
    due: datetime = item["due_at"]
    return due.astimezone(world.zone_of(item["territory_code"])).date()


def name_places(world: World, territories: Sequence[str]) -> dict[str, str]:
    """The territories in the order of their names; a name is empty where there is one only: the page says it above."""
    names = {code: world.catalogue.territory_name(code) for code in territories}
    ordered = sorted(names, key=lambda code: names[code])
    return {code: names[code] if len(names) > 1 else "" for code in ordered}


def link_to_goal(world: World, territory: str, indicator: str, **choices: str | None) -> str:
    """The page of an indicator, under the first goal that it measures."""
    of_indicator = world.catalogue.targets.filter(territory_code=territory, indicator_code=indicator)
    goal = of_indicator["goal_code"][0] if len(of_indicator) else None
    return world.link("objectif", territoire=territory, objectif=goal, indicateur=indicator, **choices)
