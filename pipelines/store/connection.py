"""Open the store: one process owns the file, one connection, a cursor per call, one writer at a time."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.store.checkpoint import move_log, put_back
from pipelines.store.migrate import MIGRATIONS, TABLES_SQL, migrate
from pipelines.store.wholeness import (
    WAY_OUT,
    Commit,
    find_loss,
    find_remains,
    last_commit,
    log_of,
    log_size,
    note_commit,
    originals_of,
    say_failure,
)
from schemas.words import Audience
from settings import Settings

FORMAT = 3
LONGEST_WAIT = 30.0
"""Seconds a writer waits for its turn: a commit takes a fraction of one."""

MEMORY = ":memory:"
OPTIONS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    # Never of its own accord: `checkpoint.move_log` does it.
    "checkpoint_threshold": "1TB",
    # From this version on a log names its file: that of another store, or of another day, is refused.
    "storage_compatibility_version": "v1.5.0",
}
NOT_KEPT = "nothing of this was kept: do it again"
CANNOT_BE_READ = f"this file cannot be read as a store: leave it as it is and {WAY_OUT}"
LOG_CANNOT_BE_READ = f"its log is damaged, or of another file: put back the one that belongs to it, or {WAY_OUT}"
DISK_REFUSES = (duckdb.OperationalError, duckdb.FatalException, duckdb.InternalException, OSError)

LARGEST_LOG = 16 << 20
"""Bytes of the log, after which a commit moves it into the file: an opening reads it all."""

When = datetime | int | None
"""A time, a store version, or now."""
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


@dataclass
class Held:
    """What a store has open. DuckDB gives a file up after some failed writes; another connection then takes over."""

    connection: duckdb.DuckDBPyConnection
    is_given_up: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)
    file: int | None = None

    def close(self) -> None:
        """Its cursors too: DuckDB lets go of the file with the last of them. Then our own handle of it, not before."""
        self.connection.close()
        if self.file is not None:
            os.close(self.file)
            self.file = None


@dataclass(frozen=True)
class Store:
    """An open store. `plan_masks` decides, at each commit, what each audience may not see from then on."""

    path: Path
    held: Held
    plan_masks: PlanMasks
    writer: threading.Lock = field(default_factory=threading.Lock)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.held.connection

    @property
    def originals(self) -> Path:
        """The folder of the files as they were sent."""
        return originals_of(self.path)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of one's own; a file that DuckDB gave up is opened again first. Raises StoreUnusable."""
        connection = self.held.connection
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT 1").fetchall()
        except duckdb.Error as error:
            self._notice(error, connection)
            if connection is self.held.connection and not self.held.is_given_up:
                raise
            self._open_again()
            cursor = self.held.connection.cursor()
        return cursor

    def version(self) -> int:
        """The number of the last commit; it moves with every committed change."""
        return latest_moment(self.cursor())

    def version_at(self, as_of: datetime) -> int:
        """The number of the last commit made up to a time."""
        return find_moment(self.cursor(), as_of)

    def close(self) -> None:
        """Move the log into the file and let go of it."""
        self.checkpoint()
        self.held.close()

    def checkpoint(self) -> None:
        """Move the log into the file, in one's turn, if there is one. Where that fails it stays, and is tried again."""
        if log_size(self.path) and self.writer.acquire(timeout=LONGEST_WAIT):
            try:
                self._move_log()
            finally:
                self.writer.release()

    def _move_log(self) -> None:
        connection = self.held.connection
        try:
            if self.held.file is None:
                self.held.file = os.open(self.path, os.O_RDONLY)
            move_log(connection, self.path, self.held.file)
        except (duckdb.Error, OSError) as error:  # what was committed is in the log as well: nobody is refused for it
            self._notice(error, connection)
            logging.getLogger(__name__).warning("%s stays beside its store: %s", log_of(self.path), error)

    @contextmanager
    def commit(
        self, what: str, at: datetime, by: str, subject: str = ""
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """One transaction, one new store version: yields its cursor and its sequence. Nothing is kept on an error.

        `by` is the account that does it and `subject` what it is done to: both go to the audit. Raises StoreBusy
        where the turn does not come, StoreUnusable where the disk refuses.
        """
        with self.transaction() as cursor:
            sequence = latest_moment(cursor) + 1
            yield cursor, sequence
            moment = _next_time(cursor, at)
            cursor.execute("INSERT INTO commit_log VALUES (?, ?, ?)", [sequence, moment, what])
            cursor.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", [sequence, moment, by, what, subject])

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """What is written with the cursor: all of it, on the disk, or nothing. As `commit`, without its version.

        After a refusal of the disk the store goes on as soon as the disk does.
        """
        if not self.writer.acquire(timeout=LONGEST_WAIT):
            raise StoreBusy(str(self.path))
        try:
            cursor, connection = self.cursor(), self.held.connection
            cursor.begin()
            try:
                yield cursor
                last = last_commit(cursor)
            except BaseException as error:
                _roll_back(cursor)
                self._notice(error, connection)
                if isinstance(error, DISK_REFUSES):
                    raise StoreUnusable(say_failure(self.path, error, NOT_KEPT)) from error
                raise
            self._end(cursor, connection, last)
            if log_size(self.path) > LARGEST_LOG:
                self._move_log()
        finally:
            self.writer.release()

    def _end(
        self, cursor: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection, last: Commit | None
    ) -> None:
        """Commit. DuckDB may fail after the commit is on the disk, moving the log into the file: then it is kept."""
        try:
            cursor.commit()
        except BaseException as error:
            _roll_back(cursor)
            self._notice(error, connection)
            if not isinstance(error, duckdb.Error):
                raise
            if last is None or last_commit(self.cursor()) != last:
                raise StoreUnusable(say_failure(self.path, error, NOT_KEPT)) from error
        if last and self.path.name != MEMORY:
            note_commit(self.path, last)

    def _notice(self, error: BaseException, connection: duckdb.DuckDBPyConnection) -> None:
        """After these nothing can be read or written with the connection; another may have taken over meanwhile."""
        is_given_up = isinstance(error, duckdb.FatalException | duckdb.InternalException)
        if is_given_up and connection is self.held.connection and self.path.name != MEMORY:
            self.held.is_given_up = True

    def _open_again(self) -> None:
        with self.held.turn:
            if not self.held.is_given_up:
                return
            self.held.close()
            if not self.path.exists():  # a disk that went away: no new store takes its place
                raise StoreUnusable(f"{self.path}: the store file is gone: put it back")
            connection = _connect(self.path)
            try:
                lost = find_loss(connection, self.path)
            except duckdb.Error as error:
                lost = say_failure(self.path, error, "the store did not open again: try again")
            if lost:
                connection.close()
                raise StoreUnusable(lost)
            self.held.connection, self.held.is_given_up = connection, False


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """End the transaction; after a failed write the store may have ended it already, which is not the news."""
    try:
        cursor.rollback()
    except duckdb.Error:
        return


def open_file(settings: Settings, plan_masks: PlanMasks) -> Store:
    """Open the store file, made if it is not there; one of an older format is put aside, then migrated.

    Raises StoreInUse when another process has it, StoreUnusable when the file is something else, is not there though
    something of a store is, or lacks what was acknowledged; the files are then as they were.
    """
    path = settings.store_path
    remains = find_remains(path)
    if remains:
        raise StoreUnusable(remains)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnusable(say_failure(path.parent, error, "no store can be made there")) from error
    connection = _connect(path)
    try:
        found = _find_format(connection, path)
        lost = find_loss(connection, path) if found else ""
        if lost:
            raise StoreUnusable(lost)
        if found in MIGRATIONS:
            file = os.open(path, os.O_RDONLY)
            move_log(connection, path, file)
            Held(connection, file=file).close()
            migrate(path, found, FORMAT, OPTIONS)
            connection = _connect(path)
        _prepare_tables(connection, is_new=found == 0)
    except (duckdb.Error, OSError) as error:
        connection.close()
        raise StoreUnusable(say_failure(path, error, CANNOT_BE_READ)) from error
    except BaseException:
        connection.close()
        raise
    return Store(path, Held(connection), plan_masks)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        put_back(path)
        connection = duckdb.connect(str(path), config=OPTIONS)
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        return connection
    except OSError as error:
        raise StoreUnusable(say_failure(path, error, CANNOT_BE_READ)) from error
    except duckdb.Error as error:
        if "Could not set lock on file" in str(error):
            held = re.search(r"held in (.+?) \(PID (\d+)\)", str(error))
            raise StoreInUse(path, f"{Path(held[1]).name}, {held[2]}" if held else "") from error
        is_of_the_log = "WAL" in str(error)
        raise StoreUnusable(
            say_failure(path, error, LOG_CANNOT_BE_READ if is_of_the_log else CANNOT_BE_READ)
        ) from error


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
            f"start the version that made it, or {WAY_OUT}"
        )
    return found


def _prepare_tables(connection: duckdb.DuckDBPyConnection, is_new: bool) -> None:
    """Make what is missing, in one transaction: the tables of a new file, the views of any."""
    connection.begin()
    connection.execute(TABLES_SQL.read_text("utf-8"))
    if is_new:
        connection.execute("INSERT INTO store_format VALUES (?)", [FORMAT])
    connection.commit()


def latest_moment(cursor: duckdb.DuckDBPyConnection) -> int:
    return fetch_one(cursor, "SELECT coalesce(max(sequence), 0) FROM commit_log", [])


def _next_time(cursor: duckdb.DuckDBPyConnection, at: datetime) -> datetime:
    """The log's time never goes back, whatever the clock does: a moment asked for again gives the same rows."""
    last = cursor.execute("SELECT max(committed_at) FROM commit_log").fetchall()[0][0]
    return as_utc(at) if last is None or as_utc(at) >= last else last + timedelta(microseconds=1)


def find_moment(cursor: duckdb.DuckDBPyConnection, as_of: When) -> int:
    """The last commit made up to `as_of`."""
    if as_of is None:
        return latest_moment(cursor)
    if isinstance(as_of, int):
        return as_of
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
