"""A register as sent becomes the rows that it adds to the catalogue, or every fault that keeps it from that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from pipelines.check import report_failures
from pipelines.registers.compare import NO_CHANGES, compare_register, list_changes
from pipelines.registers.facts import gather_register_facts
from pipelines.registers.read import tidy_register
from pipelines.registers.rules import RULES_OF
from pipelines.registers.tables import list_tables
from pipelines.registers.view import view_register
from pipelines.tidy import Clock, check_headings, list_unreadable, match_headings, name_columns
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issues
from schemas.reading import Reading
from schemas.registers import LOCAL_INDICATORS, Register
from schemas.words import Severity

c = pl.col


@dataclass(frozen=True)
class PreparedRegister:
    """`tables`: the catalogue rows that are new or changed, none where a row is at fault. `changes`: one row a line of
    the file (`list_changes`). `headings`: our column codes -> those of the file. `territories`: those of its rows."""

    issues: Issues
    headings: dict[str, str]
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NO_CHANGES))
    row_count: int = 0
    territories: tuple[str, ...] = ()


def prepare_register(
    reading: Reading, register: Register, territories: Collection[str], catalogue: Catalogue, clock: Clock
) -> PreparedRegister:
    """Read, check and compare a register. Pure, like `prepare_submission`.

    `catalogue` with its starting points and counts (`load_whole_catalogue`): what is there is compared with them. A
    depositor of one territory need not write its code. Rows that the file has not stay as they are.
    """
    names, today = reading.table.columns, clock().date()
    headings = match_headings(names, register.columns)
    issues = Issues.of(check_headings(names, headings, register.columns))
    if issues.of_code(Code.MISSING_COLUMN):
        return PreparedRegister(issues, headings)
    typed = fill_territory(tidy_register(reading.table, register, headings), register, territories)
    view = view_register(register, catalogue, territories)
    rows = compare_register(typed, view, register, headings, catalogue)
    facts = gather_register_facts(rows, register, catalogue, territories, today)
    faults = list_unreadable(typed, register.columns) + report_failures(facts, catalogue, RULES_OF[register.code])
    issues = (issues + name_columns(faults, headings, register.columns)).in_order()
    is_ready = not issues.of_severity(Severity.BLOCKING)
    return PreparedRegister(
        issues,
        headings,
        list_tables(rows, register, catalogue, today) if is_ready else {},
        list_changes(rows, register, catalogue),
        rows.height,
        tuple(rows["territory_code"].filter(rows["territory_code"].is_in(list(territories))).unique().sort()),
    )


def fill_territory(typed: pl.DataFrame, register: Register, territories: Collection[str]) -> pl.DataFrame:
    """The territory where it is not written: the depositor's own, if it is one; an indicator's code has it too."""
    told = c("territory_code")
    if register is LOCAL_INDICATORS:
        prefix = c("indicator_code").str.split(":").list.first()
        told = told.fill_null(pl.when(prefix.is_in(list(territories))).then(prefix))
    alone = pl.lit(next(iter(territories)) if len(territories) == 1 else None, pl.String)
    return typed.with_columns(territory_code=told.fill_null(alone))
