"""Open the store: one process owns the file, one connection, a cursor per call, one writer at a time."""

from __future__ import annotations

import re
import shutil
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

FORMAT = 2
TABLES_SQL = Path(__file__).with_name("tables.sql")
MIGRATIONS = {1: Path(__file__).with_name("format_1_to_2.sql")}
LONGEST_WAIT = 30.0
"""Seconds a writer waits for its turn: a commit takes a fraction of one."""

PlanMasks = Callable[[pl.DataFrame, Audience, pl.DataFrame], pl.DataFrame]
"""`measures.disclosure.plan_masks`: (everything, audience, earlier masks) -> masked keys with a reason."""


class StoreInUse(Exception):
    """Another process holds the store file: `path`, and `owner` as far as it is known."""

    def __init__(self, path: Path, owner: str = "") -> None:
        super().__init__(str(path))
        self.path, self.owner = path, owner


class StoreUnusable(Exception):
    """The file is there and is not a store that this version can open, or the disk under it does not answer."""


class StoreBusy(Exception):
    """Other writers kept the store for longer than anybody waits."""


@dataclass(frozen=True)
class Store:
    """An open store. `plan_masks` decides, at each commit, what each audience may not see from then on."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    plan_masks: PlanMasks
    writer: threading.Lock = field(default_factory=threading.Lock)

    @property
    def originals(self) -> Path:
        """The folder of the files as they were sent."""
        return originals_of(self.path)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.connection.cursor()

    def version(self) -> int:
        """The number of the last commit; it moves with every committed change."""
        return latest_moment(self.cursor())

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def commit(
        self, what: str, at: datetime, by: str, subject: str = ""
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """One transaction, one new store version: yields its cursor and its sequence. Nothing is kept on an error.

        `by` is the account that does it and `subject` what it is done to: both go to the audit. Raises StoreBusy
        where the turn does not come, StoreUnusable where the disk refuses.
        """
        if not self.writer.acquire(timeout=LONGEST_WAIT):
            raise StoreBusy(str(self.path))
        try:
            cursor = self.cursor()
            cursor.begin()
            try:
                sequence = latest_moment(cursor) + 1
                yield cursor, sequence
                moment = _next_time(cursor, at)
                cursor.execute("INSERT INTO commit_log VALUES (?, ?, ?)", [sequence, moment, what])
                cursor.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", [sequence, moment, by, what, subject])
                cursor.commit()
            except (duckdb.IOException, duckdb.FatalException, OSError) as error:
                _roll_back(cursor)
                raise StoreUnusable(f"{self.path}: {error}") from error
            except BaseException:
                _roll_back(cursor)
                raise
        finally:
            self.writer.release()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """End the transaction; after a failed write the store may have ended it already, which is not the news."""
    try:
        cursor.rollback()
    except duckdb.Error:
        return


def originals_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.files")


def open_store(settings: Settings, plan_masks: PlanMasks) -> Store:
    """Open the store file, made if it is not there; one of an older format is copied beside itself, then migrated.

    Raises StoreInUse when another process has it, StoreUnusable when the file is something else.
    """
    path = settings.store_path
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path)
    try:
        found = _find_format(connection, path)
        if found in MIGRATIONS:
            connection.execute("CHECKPOINT")
            connection.close()
            _copy_aside(path, found)
            connection = _connect(path)
        _prepare_tables(connection, found)
    except duckdb.Error as error:
        connection.close()
        raise StoreUnusable(f"{path}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return Store(path, connection, plan_masks)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"})
    except duckdb.Error as error:
        if "Could not set lock on file" in str(error):
            held = re.search(r"held in (.+?) \(PID (\d+)\)", str(error))
            raise StoreInUse(path, f"{Path(held[1]).name}, {held[2]}" if held else "") from error
        raise StoreUnusable(f"{path}: {error}") from error


def _find_format(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The format of a store, 0 for a new file; a file of something else, or of a later version, stays as it is."""
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'store_format'"
    ).fetchall()
    holds_tables = fetch_one(connection, "SELECT count(*) FROM duckdb_tables()", []) > 0
    if holds_tables and columns != [("version",)]:
        raise StoreUnusable(f"{path}: this database was not made by Cap commun")
    found = fetch_one(connection, "SELECT coalesce(max(version), 0) FROM store_format", []) if holds_tables else 0
    if found not in (0, FORMAT, *MIGRATIONS):
        raise StoreUnusable(
            f"{path}: this store has format {found}, this version of Cap commun reads {FORMAT}: "
            "start the version that made it, or restore a backup into an empty folder (restore DIR)"
        )
    return found


def _copy_aside(path: Path, found: int) -> None:
    """Keep the file as it was: all of it or nothing under the final name."""
    aside = path.with_name(f"{path.stem}.format-{found}{path.suffix}")
    if not aside.exists():
        part = aside.with_name(f"{aside.name}.part")
        shutil.copyfile(path, part)
        part.rename(aside)


def _prepare_tables(connection: duckdb.DuckDBPyConnection, found: int) -> None:
    """Make what is missing, in one transaction: the tables of a new file, the changes to an older one, the views."""
    connection.begin()
    for older in range(found, FORMAT) if found else ():
        connection.execute(MIGRATIONS[older].read_text("utf-8"))
    connection.execute(TABLES_SQL.read_text("utf-8"))
    if found != FORMAT:
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
