"""A register as it stands: every code with its label, days and states in words; and the same as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import streamlit as st

from outputs.html import write_html
from outputs.register_file import write_register_csv, write_register_xlsx
from outputs.registers import label_of, say_cell
from pages.parts import cached
from pages.parts.pickers import Choice
from pages.parts.visitor import stop_with
from pages.parts.world import World
from pipelines.registers import view_register
from pipelines.store import load_goals
from schemas.catalogue import Catalogue
from schemas.observation import Column
from schemas.registers import ACTIONS, EVENTS, LOCAL_INDICATORS, MILESTONES, PARTNERS, REGISTER, TARGETS, Register
from schemas.visitor import DEPOSITORS, Visitor

ASKED = "registre"
Row = dict[str, Any]
SHOWN = {
    ACTIONS.code: ("state", "lead_partner_code", "goal_codes", "starts_on", "planned_end_on", "participants"),
    MILESTONES.code: ("action_code", "planned_on", "done_on", "state"),
    PARTNERS.code: ("kind", "role", "siret"),
    EVENTS.code: ("occurred_on", "kind", "indicator_codes", "is_withdrawn"),
    LOCAL_INDICATORS.code: ("question", "unit", "polarity", "frequency", "source"),
    TARGETS.code: ("indicator_code", "qpv_code", "kind", "due_period", "decided_on"),
}
"""What the table says of a row beside its name; the rest is in the file and in the form."""


@dataclass(frozen=True)
class Known:
    """What there is of a register in a territory, and the labels of the codes that it names, by column."""

    register: Register
    territory: str
    catalogue: Catalogue
    rows: pl.DataFrame
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def name(self, row: Row) -> str:
        """What people call a row: its title, and its code where it has one of its own; of a goal in their language."""
        if self.register is TARGETS:
            return self.label("goal_code", row["goal_code"])
        own = {ACTIONS.code: "action_code", PARTNERS.code: "partner_code"}
        code = row.get(own.get(self.register.code, ""), "")
        code = row["milestone_code"] if self.register is MILESTONES else code
        return f"{row[self.register.title]} ({code})" if code else str(row[self.register.title])

    def label(self, column: str, code: str) -> str:
        """« Mission locale de Démo (P2) »; a code that nobody knows stands alone."""
        return self.labels.get(column, {}).get(code, code)


def pick_register(world: World, territory: str) -> tuple[Register, Choice]:
    """The register of the URL, else that of the actions."""
    words = world.words
    asked = st.query_params.get(ASKED) or ACTIONS.code
    if asked not in REGISTER:
        stop_with(words, words("collective.no_register", register=asked))
    options = tuple(
        (world.link("collectif", territoire=territory, registre=code), words(f"register.{code}"), code == asked)
        for code in REGISTER
    )
    return REGISTER[asked], Choice(words("collective.which_register"), options)


def load_known(world: World, visitor: Visitor, territory: str, register: Register) -> Known:
    """The rows of a register as this visitor may see them; those of other territories raise PermissionError."""
    if territory not in visitor.territories:
        raise PermissionError(territory)
    whole = cached.whole_catalogue_at(world.store, str(world.store.path), world.version)
    goals = load_goals(world.store, [territory], visitor.audience, world.version)
    hidden = goals.filter(pl.col("is_ref_masked") & pl.col("goal_code").is_not_null())
    rows = view_register(register, whole, [territory], hidden)
    return Known(register, territory, whole, rows, list_labels(world, whole, territory))


def list_labels(world: World, catalogue: Catalogue, territory: str) -> dict[str, dict[str, str]]:
    """Column of a register -> code -> what people call it, in the order in which it is offered."""
    words, mine = world.words, pl.col("territory_code") == territory
    partners = _labels(catalogue.partners.filter(mine), "partner_code", lambda row: row["name"])
    goals = _labels(catalogue.goals.filter(mine), "goal_code", lambda row: words.of(row, "title"))
    foreign = pl.col("indicator_code").str.contains(":") & ~pl.col("indicator_code").str.starts_with(f"{territory}:")
    sheets = catalogue.indicators.sort("version").unique("indicator_code", keep="last").filter(~foreign)
    indicators = _labels(sheets.sort("indicator_code"), "indicator_code", lambda row: words.of(row, "label"))
    challenges = _labels(catalogue.challenges, "challenge_code", lambda row: words.of(row, "label"))
    quartiers = catalogue.quartiers.join(catalogue.territory_quartiers.filter(mine), on="qpv_code", how="semi")
    return {
        "goal_codes": goals,
        "goal_code": goals,
        "lead_partner_code": partners,
        "partner_codes": partners,
        "action_code": _labels(catalogue.actions.filter(mine), "action_code", lambda row: row["title"]),
        "indicator_codes": indicators,
        "indicator_code": indicators,
        "challenge_code": challenges,
        "qpv_code": _labels(quartiers, "qpv_code", lambda row: row["name"]),
        "dimension": list_breakdowns(world, catalogue),
    }


def _labels(rows: pl.DataFrame, code: str, name: Callable[[Row], str]) -> dict[str, str]:
    return {row[code]: f"{name(row)} ({row[code]})" for row in rows.iter_rows(named=True)}


def list_breakdowns(world: World, catalogue: Catalogue) -> dict[str, str]:
    """« sexe=femmes » -> « Par sexe : Femmes »; the total first."""
    words = world.words
    parts = catalogue.categories.sort("dimension", "rank").iter_rows(named=True)
    said = {
        f"{row['dimension']}={row['category']}": words(
            "register.cell", field=words.of(row, "dimension_label"), value=words.of(row, "label")
        )
        for row in parts
    }
    return {"total=": words("collective.everybody"), **said}


def show_register(world: World, known: Known) -> None:
    """The table of what there is; of targets also each version with the meeting that decided it."""
    words, register = world.words, known.register
    columns = [register.column(code) for code in SHOWN[register.code]]
    lines = [
        (known.name(row), [_say(world, known, column, row) for column in columns])
        for row in known.rows.iter_rows(named=True)
    ]
    st.html(
        write_html(
            "register",
            words,
            first=words("register.row"),
            headings=[label_of(words, register, column) for column in columns],
            lines=lines,
            versions=list_versions(world, known) if register is TARGETS else [],
        )
    )


def _say(world: World, known: Known, column: Column, row: Row) -> str:
    value = row[column.code]
    if column.code == "qpv_code":
        return _say_place(world, known, row)
    if column.code == "kind" and known.register is TARGETS:
        return say_aim(world, known, row)
    if column.kind == "codes" and value:
        return world.words("register.apart").join(known.label(column.code, code) for code in value.split("|"))
    if column.code in known.labels and value:
        return known.label(column.code, value)
    return say_cell(world.words, column, value)


def _say_place(world: World, known: Known, row: Row) -> str:
    """Where and who: the quartier, the category, else the whole territory."""
    part = f"{row['dimension']}={row['category'] or ''}"
    said = [known.label("qpv_code", row["qpv_code"])] if row["qpv_code"] else []
    said += [known.label("dimension", part)] if part != "total=" else []
    return ", ".join(said) or world.words("collective.whole")


def say_aim(world: World, known: Known, row: Row) -> str:
    """« au moins 30 % », « maintenir entre deux bords : 20 à 25 % »."""
    words, sheet = world.words, known.catalogue.indicator(row["indicator_code"])
    said, unit = words(f"choice.kind.{row['kind']}"), str(sheet["unit"])
    if row["kind"] == "maintain_band" and None not in (row["band_low"], row["band_high"]):
        band = words.between(row["band_low"], row["band_high"], unit, _decimals(row["band_low"], row["band_high"]))
        return words("register.cell", field=said, value=band)
    if row["target_value"] is None:
        return said
    return f"{said} {words.in_unit(row['target_value'], unit, _decimals(row['target_value']))}"


def _decimals(*values: float) -> int:
    return max(0 if value.is_integer() else 1 for value in values)


def list_versions(world: World, known: Known) -> list[tuple[str, list[str]]]:
    """Each target that was revised or not, with its versions, the first first."""
    targets = known.catalogue.targets.filter(territory_code=known.territory).sort("target_version")
    said: dict[str, list[str]] = {}
    for row in targets.iter_rows(named=True):
        goal = known.label("goal_code", row["goal_code"])
        where = _say_place(world, known, {**row, "qpv_code": row["qpv_code"] or None})
        name = ", ".join((goal, known.label("indicator_code", row["indicator_code"]), where))
        said.setdefault(name, []).append(_say_version(world, known, row))
    return list(said.items())


def _say_version(world: World, known: Known, row: Row) -> str:
    words = world.words
    return words(
        "collective.version",
        n=row["target_version"],
        aim=say_aim(world, known, row),
        due=words.due(row["due_period"]) if row["due_period"] else "–",
        meeting=words(f"choice.meeting_kind.{row['meeting_kind']}"),
        day=words.day(row["decided_on"]),
    )


def offer_files(world: World, visitor: Visitor, known: Known) -> None:
    """The register to take away, change and send back."""
    words, register, rows = world.words, known.register, known.rows
    st.html(write_html("members_part", words, title=words("collective.files"), why=words("collective.files_why")))
    name = f"{known.territory.lower()}-{register.heading}"
    book, text = st.columns(2)
    book.download_button(
        words("collective.xlsx"), lambda: write_register_xlsx(register, rows, words), f"{name}.xlsx", on_click="ignore"
    )
    text.download_button(
        words("collective.csv"), lambda: write_register_csv(register, rows), f"{name}.csv", on_click="ignore"
    )
    if visitor.role in DEPOSITORS:
        link = (world.link("deposer", territoire=known.territory), words("collective.send"))
        st.html(write_html("exit", words, link=link))
