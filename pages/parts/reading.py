"""What the reading pages say of a territory and of its latest figures, from progress, catalogue and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from outputs.curve import draw_curve
from outputs.html import write_html
from pages.parts.world import AS_OF, World
from schemas.period import parse_period
from schemas.submission import OBSERVATIONS, SubmissionState
from schemas.visitor import Visitor
from schemas.words import Audience, Display
from texts import Words
from texts import sentences as say

Row = dict[str, Any]
LEVELS = ("population", "participants", "system")
OLD_AFTER_MONTHS = 12


def eyebrow(world: World, territories: Sequence[str], parts: list[str]) -> None:
    """The small line above the title: where, what, data of when, and that invented data is so."""
    of_when = world.words("data_of", day=world.words.day(world.now.date()))
    shown = [part for part in (*parts, of_when) if part]
    invented = world.catalogue.is_invented(territories)
    today = _today_of() if world.as_of else None
    st.html(write_html("eyebrow", world.words, parts=shown, is_demonstration=invented, today=today))


def _today_of() -> str:
    """The same page as it is today."""
    return "?" + urlencode({name: value for name, value in st.query_params.items() if name != AS_OF})


def vision_of(world: World, territory: str) -> str:
    visions = world.catalogue.visions.filter(pl.col("territory_code") == territory).sort("vision_version")
    return visions["sentence"][-1] if len(visions) else ""


def challenge_of(world: World, territory: str) -> str:
    chosen = world.catalogue.territory_challenges.filter(
        (pl.col("territory_code") == territory) & pl.col("is_priority") & pl.col("valid_to").is_null()
    )
    if chosen.is_empty():
        return ""
    return world.words("overview.challenge", challenge=name_challenge(world, chosen["challenge_code"][0]).lower())


def name_challenge(world: World, code: str) -> str:
    rows = world.catalogue.challenges.filter(pl.col("challenge_code") == code)
    return world.words.of(rows.row(0, named=True), "label") if len(rows) else ""


def list_lines(world: World, territory: str, progress: pl.DataFrame, until: str | None) -> list[Row]:
    """One line an indicator that the collective follows; where it chose none, every indicator that has figures."""
    followed = world.catalogue.followed_indicators.filter(pl.col("territory_code") == territory)
    chosen = followed.sort("rank")["indicator_code"].to_list()
    codes = chosen or progress["indicator_code"].unique(maintain_order=True).to_list()
    lines = []
    for code in codes:
        of_indicator = progress.filter((pl.col("indicator_code") == code) & (pl.col("dimension") == "total"))
        for (goal, quartier), series in of_indicator.group_by(["goal_code", "qpv_code"], maintain_order=True):
            sheet = world.catalogue.indicator(code)
            lines.append(_line(world, territory, (goal, quartier), sheet, with_nouns(series.to_dicts(), sheet), until))
        if of_indicator.is_empty():
            lines.append(_line(world, territory, (None, ""), world.catalogue.indicator(code), [], until))
    return lines


def _line(world: World, territory: str, place: tuple[Any, Any], sheet: Row, rows: list[Row], until: str | None) -> Row:
    goal, quartier = place
    row = latest_of(rows) or nothing_yet(sheet)
    link = world.link(
        "objectif",
        territoire=territory,
        objectif=goal,
        indicateur=str(sheet["indicator_code"]),
        quartier=quartier,
        periode=until,
    )
    has_curve = sum(one["value"] is not None for one in rows) > 0
    return {
        "sheet": sheet,
        "row": row,
        "link": link,
        "level_rank": LEVELS.index(str(sheet["level"])),
        "challenge": name_challenge(world, str(sheet["challenge_code"])),
        "curve": draw_curve(rows, world.words) if has_curve else "",
        "alt": describe_chart(world, rows, sheet) if has_curve else "",
        "note": say_age(world, row) or say_later_gap(world.words, rows),
    }


def with_nouns(rows: list[Row], sheet: Row) -> list[Row]:
    return [{**row, "unit_noun_fr": sheet["unit_noun_fr"], "unit_noun_en": sheet["unit_noun_en"]} for row in rows]


def latest_of(rows: list[Row]) -> Row | None:
    return next((row for row in reversed(rows) if row["is_latest"]), None)


def nothing_yet(sheet: Row) -> Row:
    """The row of an indicator of which nothing has come."""
    empty = dict.fromkeys(
        [
            "period",
            "value",
            "low",
            "high",
            "state",
            "ref_value",
            "ref_denominator",
            "ref_numerator",
            "numerator",
            "denominator",
            "expected",
            "target_value",
            "due_period",
            "ref_period",
            "n",
            "goal_code",
            "kind",
            "band_low",
            "band_high",
        ]
    )
    return {
        **empty,
        "unit": sheet["unit"],
        "display": Display.NO_VALUE,
        "shown_decimals": 0,
        "is_masked": False,
        "has_interval": True,
    }


def say_age(world: World, row: Row) -> str:
    """« donnée de 2023 » for a figure whose period ended over a year ago: most official figures are so by nature."""
    if not row["period"]:
        return ""
    end = parse_period(row["period"]).end
    months = (world.now.year - end.year) * 12 + world.now.month - end.month
    return world.words("age", period=world.words.period(row["period"])) if months > OLD_AFTER_MONTHS else ""


def say_later_gap(words: Words, rows: list[Row]) -> str:
    """A later period that has come without a figure is said, not hidden behind the last one that has."""
    row = latest_of(rows)
    if row and rows[-1] is not row and row["value"] is not None:
        return words("reason.no_value", period=words.period(rows[-1]["period"]))
    return ""


def say_news(world: World, visitor: Visitor, submissions: pl.DataFrame) -> str:
    """The last deposit that counts, in words; who reads knows at once how fresh the page is.

    Those inside the territory are also told why it came, and of one that waits.
    """
    words, is_inside = world.words, visitor.audience is Audience.TERRITORY
    said = []
    submissions = submissions.filter(kind=OBSERVATIONS)
    of_state = {state: submissions.filter(state=state.value) for state in SubmissionState}
    for row in of_state[SubmissionState.APPROVED].head(1).iter_rows(named=True):
        names = [name for name in ("new", "changed") if row[f"{name}_rows"]]
        counts = words("list.and").join(words.plural(f"news.{name}", row[f"{name}_rows"]) for name in names)
        said.append(words("news.deposit", day=_day_of(world, row), counts=counts or words("news.nothing")))
        if row["reason"] and is_inside:
            said.append(words("news.reason", reason=row["reason"]))
    for row in of_state[SubmissionState.SUBMITTED].head(1 if is_inside else 0).iter_rows(named=True):
        said.append(words("news.waiting", day=_day_of(world, row)))
    return " ".join(said)


def _day_of(world: World, row: Row) -> str:
    return world.words.day(row["sent_at"].astimezone(world.now.tzinfo).date())


def describe_chart(world: World, rows: list[Row], sheet: Row) -> str:
    """The chart in one sentence, for those who do not see it."""
    words, row = world.words, latest_of(rows)
    known = [one for one in rows if one["value"] is not None]
    if row is None or not known:
        return words.of(sheet, "label")
    return words(
        "chart.alt",
        label=words.of(sheet, "label"),
        first=say.say_figure(words, known[0]),
        first_period=words.period(known[0]["period"]),
        last=say.say_figure(words, known[-1]),
        last_period=words.period(known[-1]["period"]),
        state=say.say_state(words, row) or say.say_reason(words, row),
    )
