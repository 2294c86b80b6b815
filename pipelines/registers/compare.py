"""The rows of a register beside what is there: what each does to it, and in which cells."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from pipelines.registers.facts import list_fiscal
from pipelines.registers.read import type_of
from schemas.catalogue import BASELINE, Catalogue
from schemas.observation import Column
from schemas.registers import (
    EVENTS,
    FEWEST,
    FEWEST_FISCAL,
    LOCAL_INDICATORS,
    OF_THE_GOAL,
    OF_THE_MEETING,
    OF_THE_VERSION,
    TARGETS,
    Register,
)
from schemas.submission import Change
from schemas.words import ConfStatus

c = pl.col
SAME = 1e-9
RATES = ("percent", "per_100")
NO = "false"
DAYS_OF_KEYS = ("occurred_on",)
"""Of a key, what the name of a row does not say."""
NO_CHANGES = {"source_row": pl.Int64, "change": pl.String, "name": pl.String, "before": pl.String, "after": pl.String}


def compare_register(
    typed: pl.DataFrame, view: pl.DataFrame, register: Register, headings: Mapping[str, str], catalogue: Catalogue
) -> pl.DataFrame:
    """The rows of a file, with `<code>_before`, `change`, and `is_revised` where more moved than what a goal is called;
    of targets also `is_start_kept`, where a figure of the starting point is that of the store.

    Of a row that is there already, a column that the file has not keeps what it says; so does a starting point that
    is written as the sign of a secret.
    """
    others = [column for column in register.columns if column.code not in register.key]
    before = view.rename({column.code: f"{column.code}_before" for column in others})
    beside = typed.join(
        before.with_columns(is_before=pl.lit(True)), on=register.key, how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    beside = beside.with_columns(_keep(column, column.code in headings) for column in others)
    if register is TARGETS:
        kept = [c("is_before").fill_null(False) & _is_kept(name, name in headings) for name in BASELINE]
        beside = _complete_start(beside.with_columns(is_start_kept=pl.any_horizontal(kept)), catalogue)
    if register is LOCAL_INDICATORS:
        beside = beside.with_columns(_complete_sheet())
    moved = [~_same(column) for column in others if column.code not in (*OF_THE_MEETING, *OF_THE_VERSION)]
    revised = [~_same(one) for one in others if one.code not in (*OF_THE_MEETING, *OF_THE_VERSION, *OF_THE_GOAL)]
    change = pl.when(pl.any_horizontal(moved)).then(pl.lit(Change.CHANGED.value)).otherwise(
        pl.lit(Change.UNCHANGED.value)
    )  # fmt: skip
    is_new = c("is_before").is_null()
    return beside.with_columns(
        change=pl.when(is_new).then(pl.lit(Change.NEW.value)).otherwise(change),
        is_revised=~is_new & pl.any_horizontal(revised),
    )


def _keep(column: Column, is_in_file: bool) -> pl.Expr:
    code = column.code
    return pl.when(c("is_before") & _is_kept(code, is_in_file)).then(c(f"{code}_before")).otherwise(c(code)).alias(code)


def _is_kept(code: str, is_in_file: bool) -> pl.Expr:
    return c(f"{code}_is_secret") if is_in_file else pl.lit(True)


def _complete_start(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """A rate that is not written follows from its parts, as in observations."""
    sheets = catalogue.indicators.sort("version").unique("indicator_code", keep="last")
    units = sheets.select("indicator_code", unit_of_rate="unit")
    ratio = 100 * c("ref_numerator") / c("ref_denominator")
    is_told = (c("ref_value_found") != "") | ~c("unit_of_rate").is_in(RATES) | ~(c("ref_denominator") > 0)
    same = [c(name).eq_missing(c(f"{name}_before")) for name in BASELINE[1:]]
    computed = pl.when(c("is_before"), *same).then(c("ref_value_before")).otherwise(ratio)
    value = pl.when(is_told.fill_null(True)).then(c("ref_value")).otherwise(computed)
    return rows.join(units, on="indicator_code", how="left", maintain_order="left").with_columns(ref_value=value)


def _complete_sheet() -> list[pl.Expr]:
    """What is usual of a sheet where nothing is written: no decimal, a month's delay, the least threshold."""
    least = pl.when(c("source_kind") == "fiscal").then(FEWEST_FISCAL).otherwise(FEWEST)
    return [c("decimals").fill_null(0), c("delay_months").fill_null(1), c("k_threshold").fill_null(least)]


def _same(column: Column) -> pl.Expr:
    now, before = c(column.code), c(f"{column.code}_before")
    if type_of(column) is pl.Float64:
        return (now - before).abs().le(SAME).fill_null(now.is_null() & before.is_null())
    return now.eq_missing(before)


def list_changes(rows: pl.DataFrame, register: Register, catalogue: Catalogue) -> pl.DataFrame:
    """One row a line: `source_row`, `change`, `name`, and `before` and `after`, the cells that moved as JSON, each
    under its column's code; words stand as ours, days as ISO. Of a new row `after` has all that its name does not say.
    """
    fiscal = set(list_fiscal(catalogue))
    labels = dict(catalogue.indicators.sort("version").select("indicator_code", "label_fr").iter_rows())
    said = [
        {
            "source_row": row["source_row"],
            "change": row["change"],
            "name": _name_row(row, register, labels),
            "before": _cells_of(row, register, "_before", fiscal),
            "after": _cells_of(row, register, "", fiscal),
        }
        for row in rows.iter_rows(named=True)
    ]
    return pl.DataFrame(said, schema=NO_CHANGES)


def _name_row(row: Mapping[str, object], register: Register, labels: Mapping[str, str]) -> str:
    """« A01 Permanence du mercredi »; of a target its goal, its indicator and of whom."""
    codes = [] if register is EVENTS else [str(row[code] or "") for code in register.key if code.endswith("_code")]
    if register is TARGETS:
        of_whom = (labels.get(str(row["indicator_code"]), row["indicator_code"]), row["qpv_code"], row["category"])
        return f"{row['goal_code']} {row['title']} : {', '.join(str(part) for part in of_whom if part)}"
    told = [code for code in codes if code and code != row["territory_code"]]
    return " ".join([*told, str(row[register.title] or "")])


def _cells_of(row: Mapping[str, object], register: Register, side: str, fiscal: set[str]) -> str:
    """The cells that differ, or are filled in a new row. The start of a fiscal figure is a secret."""
    if row["change"] == Change.UNCHANGED.value or (row["change"] == Change.NEW.value and side):
        return ""
    codes = _list_filled(row, register) if row["change"] == Change.NEW.value else _list_moved(row, register)
    moved = {code: row[f"{code}{side}"] for code in codes}
    if row.get("indicator_code") in fiscal:
        moved |= {name: ConfStatus.SECRET.value for name in BASELINE if name in moved}
    return json.dumps({name: _as_text(value) for name, value in moved.items()}, ensure_ascii=False)


def _list_filled(row: Mapping[str, object], register: Register) -> list[str]:
    """The cells of a new row where something stands, but for those that `_name_row` says already; « no » is nothing."""
    named = {"territory_code", register.title, *(code for code in register.key if code not in DAYS_OF_KEYS)}
    return [one.code for one in register.columns if one.code not in named and row[one.code] not in (None, NO)]


def _list_moved(row: Mapping[str, object], register: Register) -> list[str]:
    others = [column.code for column in register.columns if column.code not in register.key]
    return [code for code in others if not _are_same(row, code)]


def _are_same(row: Mapping[str, object], code: str) -> bool:
    now, before = row[code], row[f"{code}_before"]
    if isinstance(now, float) and isinstance(before, float):
        return abs(now - before) <= SAME
    return now == before


def _as_text(value: object) -> str:
    """`38`, `26.8`, `2026-09-30`; '' for nothing."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(round(value, 10))
    return "" if value is None else str(value)
