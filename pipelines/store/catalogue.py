"""The catalogue in the store: rows are added when they differ from the current ones, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import duckdb
import polars as pl

from pipelines.store.connection import Store, When, find_moment
from pipelines.store.masks import save_masks
from schemas.account import COMMAND_LINE
from schemas.catalogue import BASELINE, KEYS, MODELS, Catalogue, column_types

HIDING = ("targets", "indicators")
"""The tables on which masks are planned, beside the figures themselves."""
FEWEST_PARTICIPANTS = 5
"""As `k_threshold` of a sheet: fewer persons are a secret."""


def load_catalogue(store: Store, as_of: When = None) -> Catalogue:
    """The reference tables as they stood at a moment (None: now). A baseline is a figure: `load_goals` has it.

    Nor are few participants of an action anybody's to read: the number is a person count like any other.
    """
    catalogue = load_whole_catalogue(store, as_of)
    nothing = [pl.lit(None, pl.Float64).alias(name) for name in BASELINE]
    told = pl.when(~pl.col("participants").is_between(1, FEWEST_PARTICIPANTS - 1)).then("participants")
    return replace(
        catalogue,
        targets=catalogue.targets.with_columns(nothing),
        actions=catalogue.actions.with_columns(told.alias("participants")),
    )


def load_whole_catalogue(store: Store, as_of: When = None) -> Catalogue:
    """Baselines included: for who adds to it. Nothing of it is shown."""
    cursor = store.cursor()
    return catalogue_at(cursor, find_moment(cursor, as_of))


def catalogue_at(cursor: duckdb.DuckDBPyConnection, moment: int) -> Catalogue:
    return Catalogue(**{table: _table_at(cursor, table, moment) for table in MODELS})


def _table_at(cursor: duckdb.DuckDBPyConnection, table: str, moment: int) -> pl.DataFrame:
    """Per key the row with the highest sequence, in the order of the keys."""
    rows = cursor.table(table).filter(duckdb.ColumnExpression("sequence") <= moment).pl()
    current = rows.sort("sequence").unique(KEYS[table], keep="last", maintain_order=True)
    return current.select(*column_types(table)).sort(KEYS[table])


def save_catalogue(
    store: Store, catalogue: Catalogue, at: datetime, by: str = COMMAND_LINE, what: str = "catalogue"
) -> dict[str, int]:
    """Add the rows that are new or different; returns how many, a table. No commit when nothing differs.

    `what` names the commit in the log: after a "catalogue", what others looked at before they confirm is outdated.
    """
    before = load_whole_catalogue(store).tables()
    fresh = {
        table: rows.join(before[table], on=rows.columns, how="anti", nulls_equal=True)
        for table, rows in catalogue.tables().items()
    }
    counts = {table: rows.height for table, rows in fresh.items()}
    if any(counts.values()):
        with store.commit(what, at, by) as (cursor, sequence):
            add_tables(store, cursor, sequence, fresh)
    return counts


def add_tables(store: Store, cursor: duckdb.DuckDBPyConnection, sequence: int, tables: dict[str, pl.DataFrame]) -> None:
    """Rows of several tables, and the masks where they weigh on them.

    The start of a target is a figure, and a sheet says what is secret; nothing else of a catalogue hides a cell.
    """
    for table, rows in tables.items():
        add_rows(cursor, table, rows, sequence)
    if any(len(tables.get(table, ())) for table in HIDING):
        save_masks(store, cursor, sequence)


def add_rows(cursor: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame, sequence: int) -> None:
    """Rows of a catalogue table as they are from this commit on."""
    if len(rows):
        columns = rows.with_columns(sequence=pl.lit(sequence))
        cursor.from_arrow(columns.select("sequence", *rows.columns).to_arrow()).insert_into(table)
