"""A register as it stands: the catalogue's rows of some territories, under the columns of the register."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pipelines.registers.read import type_of
from schemas.catalogue import BASELINE, Catalogue
from schemas.registers import LOCAL_INDICATORS, TARGETS, Register

c = pl.col
PLACE = ("territory_code", "goal_code", "indicator_code", "qpv_code", "dimension", "category")
"""What a target is of; its versions have it in common."""


def view_register(
    register: Register, catalogue: Catalogue, territories: Collection[str], masked: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The rows there are, typed as `tidy_register` types those of a file; of what has versions the latest.

    `masked`: the places (PLACE) whose starting point is not for who reads; it is empty there, and `is_start_hidden`.
    """
    rows = find_latest(register, catalogue, territories)
    if register is TARGETS:
        goals = catalogue.goals.select("territory_code", "goal_code", "target_population", title="title_fr")
        rows = rows.join(goals, on=["territory_code", "goal_code"], how="left", maintain_order="left")
        rows = _hide_baselines(rows, masked) if masked is not None else rows
    if register is LOCAL_INDICATORS:
        rows = rows.rename({f"{name}_fr": name for name in _names_in_french(rows)})
    seen = [_as_typed(c(column.code), type_of(column)) for column in register.columns]
    return rows.select(*seen, *(["is_start_hidden"] if "is_start_hidden" in rows.columns else []))


def find_latest(register: Register, catalogue: Catalogue, territories: Collection[str]) -> pl.DataFrame:
    """The rows of the register's table that are of these territories, in the order of their key."""
    rows = catalogue.tables()[register.table]
    if register is LOCAL_INDICATORS:
        of_whom = c("indicator_code").str.split(":").list.first()
        rows = rows.filter(scope="local").with_columns(territory_code=of_whom).sort("version")
    elif register is TARGETS:
        rows = rows.sort("target_version")
    rows = rows.filter(c("territory_code").is_in(list(territories)))
    return rows.unique(register.key, keep="last", maintain_order=True).sort(register.key)


def _hide_baselines(rows: pl.DataFrame, masked: pl.DataFrame) -> pl.DataFrame:
    known = masked.select(*PLACE, is_start_hidden=pl.lit(True))
    marked = rows.join(known, on=PLACE, how="left", nulls_equal=True, maintain_order="left")
    shown = [pl.when(c("is_start_hidden").is_null()).then(c(name)).alias(name) for name in BASELINE]
    return marked.with_columns(*shown, c("is_start_hidden").fill_null(False))


def _names_in_french(rows: pl.DataFrame) -> list[str]:
    return [name.removesuffix("_fr") for name in rows.columns if name.endswith("_fr")]


def _as_typed(cell: pl.Expr, kind: type[pl.DataType]) -> pl.Expr:
    """Texts are empty or say something; flags stand as « true » and « false »."""
    return cell.cast(pl.String).replace("", None) if kind is pl.String else cell.cast(kind)
