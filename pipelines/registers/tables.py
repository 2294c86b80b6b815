"""What a register adds to the catalogue: the rows that are new or changed, typed as the tables are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from pipelines.registers.view import find_latest
from schemas.catalogue import Catalogue, column_types
from schemas.registers import LOCAL_INDICATORS, PARTNERS, TARGETS, Register
from schemas.submission import Change

c = pl.col
SUM_OF_UNIT = {"percent": "ratio_of_sums", "count": "sum"}
HIGHEST_OF_UNIT = {"percent": 100.0, "score": 10.0}
WITH_CHANCE = ("percent", "count")
MODELLED = ("modelled",)


def list_tables(rows: pl.DataFrame, register: Register, catalogue: Catalogue, today: date) -> dict[str, pl.DataFrame]:
    """The catalogue rows that the compared rows of a file add, a table; tables that gain nothing are left out."""
    fresh = rows.filter(c("change") != Change.UNCHANGED.value)
    make = MAKE.get(register.code, _make_plain)
    tables = make(fresh, register, catalogue, today) if len(fresh) else {}
    return {table: added for table, added in tables.items() if len(added)}


def _make_plain(fresh: pl.DataFrame, register: Register, catalogue: Catalogue, today: date) -> dict[str, pl.DataFrame]:
    return {register.table: as_table(fresh, register.table)}


def _make_partners(
    fresh: pl.DataFrame, register: Register, catalogue: Catalogue, today: date
) -> dict[str, pl.DataFrame]:
    """A partner is one from the day it was first told."""
    known = catalogue.partners.select(*register.key, "valid_from", "valid_to")
    dated = fresh.join(known, on=register.key, how="left").with_columns(c("valid_from").fill_null(today))
    return {register.table: as_table(dated, register.table)}


def _make_targets(
    fresh: pl.DataFrame, register: Register, catalogue: Catalogue, today: date
) -> dict[str, pl.DataFrame]:
    """A target whose content moved is another version; a goal is added where it is new or called otherwise."""
    versions = find_latest(register, catalogue, fresh["territory_code"].unique().to_list())
    known = versions.select(*register.key, "target_version").with_columns(c("qpv_code", "category").replace("", None))
    moved = fresh.filter(c("is_before").is_null() | c("is_revised"))
    numbered = moved.join(known, on=register.key, how="left", nulls_equal=True).with_columns(
        target_version=c("target_version").fill_null(0) + 1,
        qpv_code=c("qpv_code").fill_null(""),
        category=c("category").fill_null(""),
    )
    return {"goals": _make_goals(fresh, catalogue), "targets": as_table(numbered, "targets")}


def _make_goals(fresh: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The goals that are not there as they are told: a new one is of the priority challenge and the latest vision.

    The English title stays where the French one does.
    """
    told = fresh.select("territory_code", "goal_code", "target_population", title_fr="title").unique(
        ["territory_code", "goal_code"], keep="first", maintain_order=True
    )
    visions = catalogue.visions.group_by("territory_code").agg(latest=c("vision_version").max())
    priority = catalogue.territory_challenges.filter(c("is_priority") & c("valid_to").is_null())
    beside = (
        told.join(catalogue.goals, on=["territory_code", "goal_code"], how="left", suffix="_before")
        .join(visions, on="territory_code", how="left")
        .join(priority.select("territory_code", priority="challenge_code"), on="territory_code", how="left")
    )
    same = c("title_fr").eq_missing(c("title_fr_before"))
    is_known = same & c("target_population").eq_missing(c("target_population_before"))
    goals = beside.filter(~is_known).with_columns(
        title_en=pl.when(same).then(c("title_en")).otherwise(c("title_fr")),
        challenge_code=c("challenge_code").fill_null(c("priority")),
        vision_version=c("vision_version").fill_null(c("latest")),
    )
    return as_table(goals, "goals")


def _make_sheets(fresh: pl.DataFrame, register: Register, catalogue: Catalogue, today: date) -> dict[str, pl.DataFrame]:
    """A sheet that moved is another version; its English texts stay where the French ones do."""
    known = find_latest(register, catalogue, fresh["territory_code"].unique().to_list())
    texts = [name.removesuffix("_en") for name in known.columns if name.endswith("_en")]
    told = derive_sheet(fresh).with_columns(c(name).alias(f"{name}_fr") for name in texts)
    before = known.select("indicator_code", "version", *(c(f"{name}{end}").alias(f"{name}{end}_known")
                          for name in texts for end in ("_fr", "_en")))  # fmt: skip
    beside = told.join(before, on="indicator_code", how="left")
    english = [
        pl.when(c(f"{name}_fr").eq_missing(c(f"{name}_fr_known")))
        .then(c(f"{name}_en_known"))
        .otherwise(c(f"{name}_fr"))
        for name in texts
    ]
    numbered = beside.with_columns(
        *(one.alias(f"{name}_en") for name, one in zip(texts, english, strict=True)),
        version=c("version").fill_null(0) + 1,
    )
    return {register.table: as_table(numbered, register.table)}


def derive_sheet(rows: pl.DataFrame) -> pl.DataFrame:
    """The rest of a local indicator's sheet, from what its register says:

    A percentage has its parts (required), lies in 0-100 and adds up as sums over sums; a number is counted and adds up,
    but not over quarters where persons are counted as they come; days, minutes and a note out of 10 are given alone.
    Chance varies percentages and numbers of persons, households and so on, unless they are modelled. What is counted
    is named by the denominator, else by the numerator.
    """
    unit = c("unit")
    noun = c("denominator_noun").fill_null(c("numerator_noun"))
    return rows.with_columns(
        scope=pl.lit("local"),
        unit_noun=noun.str.slice(0, 1).str.to_lowercase() + noun.str.slice(1),
        aggregation=unit.replace_strict(SUM_OF_UNIT, default="none"),
        components=pl.when(unit == "percent").then(pl.lit("required")).otherwise(pl.lit("none")),
        persons_unique=(unit == "count") & (c("counted_unit") == "person") & (c("time_basis") == "flow"),
        min_period_gap=pl.lit(1),
        valid_min=pl.lit(0.0),
        valid_max=unit.replace_strict(HIGHEST_OF_UNIT, default=None, return_dtype=pl.Float64),
        has_interval=unit.is_in(WITH_CHANCE) & ~c("source_kind").is_in(MODELLED) & (c("counted_unit") != "other"),
        is_seasonal=pl.lit(False),
        reference_population=c("reference_population").fill_null(""),
        limits=c("limits").fill_null(""),
    )


def as_table(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """The rows under the table's columns, in its types; what the rows do not say is empty."""
    empty = pl.lit(None)
    return rows.select(
        _cast(c(name) if name in rows.columns else empty, rows.schema.get(name), kind).alias(name)
        for name, kind in column_types(table).items()
    )


def _cast(cell: pl.Expr, was: pl.DataType | None, kind: pl.DataType) -> pl.Expr:
    return cell == "true" if kind == pl.Boolean and was == pl.String else cell.cast(kind)


MAKE: dict[str, Callable[[pl.DataFrame, Register, Catalogue, date], dict[str, pl.DataFrame]]] = {
    PARTNERS.code: _make_partners,
    TARGETS.code: _make_targets,
    LOCAL_INDICATORS.code: _make_sheets,
}
