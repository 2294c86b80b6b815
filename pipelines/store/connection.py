"""Open the store: one process owns the file, one connection, a cursor per call, one writer at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from schemas.words import Audience
from settings import Settings

FORMAT = 1
TABLES_SQL = Path(__file__).with_name("tables.sql")

PlanMasks = Callable[[pl.DataFrame, Audience, pl.DataFrame], pl.DataFrame]
"""`measures.disclosure.plan_masks`: (everything, audience, earlier masks) -> masked keys with a reason."""


class StoreInUse(Exception):
    """Another process holds the store file."""


class StoreUnusable(Exception):
    """The file is there and is not a store that this version can open."""


@dataclass(frozen=True)
class Store:
    """An open store. `plan_masks` decides, at each commit, what each audience may not see from then on."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    plan_masks: PlanMasks
    writer: threading.Lock = field(default_factory=threading.Lock)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.connection.cursor()

    def version(self) -> int:
        """The number of the last commit; it moves with every committed change."""
        return latest_moment(self.cursor())

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def commit(self, what: str, at: datetime) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """One transaction, one new store version: yields its cursor and its sequence. Nothing is kept on an error."""
        with self.writer:
            cursor = self.cursor()
            cursor.begin()
            try:
                sequence = latest_moment(cursor) + 1
                yield cursor, sequence
                cursor.execute("INSERT INTO commit_log VALUES (?, ?, ?)", [sequence, _next_time(cursor, at), what])
                cursor.commit()
            except BaseException:
                cursor.rollback()
                raise


def open_store(settings: Settings, plan_masks: PlanMasks) -> Store:
    """Open the store file, made if it is not there.

    Raises StoreInUse when another process has it, StoreUnusable when the file is something else.
    """
    path = settings.store_path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"})
    except duckdb.Error as error:
        if "Could not set lock on file" in str(error):
            raise StoreInUse(str(path)) from error
        raise StoreUnusable(f"{path}: {error}") from error
    try:
        _prepare_tables(connection, path)
    except StoreUnusable:
        connection.close()
        raise
    return Store(path, connection, plan_masks)


def _prepare_tables(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make the tables of a new file; leave a file of something else, or of another format, as it is."""
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'store_format'"
    ).fetchall()
    holds_tables = fetch_one(connection, "SELECT count(*) FROM duckdb_tables()", []) > 0
    if holds_tables and columns != [("version",)]:
        raise StoreUnusable(f"{path}: this database was not made by Cap commun")
    found = fetch_one(connection, "SELECT coalesce(max(version), 0) FROM store_format", []) if holds_tables else 0
    if found not in (0, FORMAT):
        raise StoreUnusable(f"{path}: this store has format {found}, this version of Cap commun reads {FORMAT}")
    connection.begin()
    connection.execute(TABLES_SQL.read_text("utf-8"))
    if not found:
        connection.execute("INSERT INTO store_format VALUES (?)", [FORMAT])
    connection.commit()


def latest_moment(cursor: duckdb.DuckDBPyConnection) -> int:
    return fetch_one(cursor, "SELECT coalesce(max(sequence), 0) FROM commit_log", [])


def _next_time(cursor: duckdb.DuckDBPyConnection, at: datetime) -> datetime:
    """The log's time never goes back, whatever the clock does: a moment asked for again gives the same rows."""
    last = cursor.execute("SELECT max(committed_at) FROM commit_log").fetchall()[0][0]
    return as_utc(at) if last is None or as_utc(at) >= last else last + timedelta(microseconds=1)


def find_moment(cursor: duckdb.DuckDBPyConnection, as_of: datetime | None) -> int:
    """The last commit made up to `as_of`; None means now."""
    if as_of is None:
        return latest_moment(cursor)
    query = "SELECT coalesce(max(sequence), 0) FROM commit_log WHERE committed_at <= ?"
    return fetch_one(cursor, query, [as_utc(as_of)])


def fetch_one(cursor: duckdb.DuckDBPyConnection, query: str, values: list[object] | dict[str, object]) -> int:
    row = cursor.execute(query, values).fetchone()
    return int(row[0]) if row else 0


def as_utc(at: datetime) -> datetime:
    """Stored times are UTC without a zone; a time without zone is refused."""
    if at.tzinfo is None:
        raise ValueError(f"a time without its zone: {at}")
    return at.astimezone(UTC).replace(tzinfo=None)
