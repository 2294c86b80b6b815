"""Who is signed in, in a file of its own beside the store: a browser keeps a random id, we keep its fingerprint."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

LONGEST, IDLE = timedelta(hours=8), timedelta(hours=1)
NOTED_EVERY = timedelta(minutes=1)
"""A session in use is noted this often, not at each message."""
FAILURES, WITHIN, LOCKED_FOR = 5, timedelta(minutes=15), timedelta(minutes=15)
ID_BYTES = 32
TABLES = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS session (
        fingerprint TEXT PRIMARY KEY,
        account_id TEXT NOT NULL,
        opened_at REAL NOT NULL,
        seen_at REAL NOT NULL
    );
    CREATE TABLE IF NOT EXISTS failure (email_fingerprint TEXT NOT NULL, failed_at REAL NOT NULL);
    CREATE INDEX IF NOT EXISTS failures_of ON failure (email_fingerprint, failed_at);
"""


@dataclass(frozen=True)
class Sessions:
    """The open sessions, and the wrong passwords of the last minutes. Losing the file signs everybody out."""

    connection: sqlite3.Connection
    turn: threading.Lock = field(default_factory=threading.Lock)

    def open(self, account_id: str, at: datetime) -> str:
        """A new session; returns its id, which is kept by the browser alone."""
        session_id, now = secrets.token_urlsafe(ID_BYTES), at.timestamp()
        with self._transaction() as connection:
            connection.execute("DELETE FROM session WHERE opened_at <= ?", [(at - LONGEST).timestamp()])
            connection.execute("INSERT INTO session VALUES (?, ?, ?, ?)", [print_of(session_id), account_id, now, now])
        return session_id

    def find(self, session_id: str, at: datetime, is_used: bool = True) -> str | None:
        """The account of a session that is neither too old nor left alone; `is_used` keeps it from being left alone."""
        with self._transaction() as connection:
            query = "SELECT account_id, opened_at, seen_at FROM session WHERE fingerprint = ?"
            row = connection.execute(query, [print_of(session_id)]).fetchone()
            if row is None:
                return None
            account_id, opened_at, seen_at = row
            now = at.timestamp()
            if now - opened_at >= LONGEST.total_seconds() or now - seen_at >= IDLE.total_seconds():
                connection.execute("DELETE FROM session WHERE fingerprint = ?", [print_of(session_id)])
                return None
            if is_used and now - seen_at >= NOTED_EVERY.total_seconds():
                query = "UPDATE session SET seen_at = ? WHERE fingerprint = ?"
                connection.execute(query, [now, print_of(session_id)])
            return str(account_id)

    def end(self, session_id: str) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM session WHERE fingerprint = ?", [print_of(session_id)])

    def end_all_of(self, account_id: str) -> None:
        """Every browser of an account, when its password changes."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM session WHERE account_id = ?", [account_id])

    def begin_attempt(self, email: str, at: datetime) -> bool:
        """Whether a password may be tried for an e-mail; the attempt counts as wrong until `forget_failures`.

        After FAILURES wrong ones WITHIN a time nobody may for LOCKED_FOR, whether the e-mail has an account or not.
        """
        who, now = print_of(email.strip().lower()), at.timestamp()
        with self._transaction() as connection:
            oldest = now - (WITHIN + LOCKED_FOR).total_seconds()
            connection.execute("DELETE FROM failure WHERE failed_at <= ?", [oldest])
            query = "SELECT failed_at FROM failure WHERE email_fingerprint = ? ORDER BY failed_at DESC LIMIT ?"
            last = [row[0] for row in connection.execute(query, [who, FAILURES]).fetchall()]
            is_many = len(last) == FAILURES and last[0] - last[-1] < WITHIN.total_seconds()
            if is_many and now - last[0] < LOCKED_FOR.total_seconds():
                return False
            connection.execute("INSERT INTO failure VALUES (?, ?)", [who, now])
        return True

    def forget_failures(self, email: str) -> None:
        """The right password came."""
        with self._transaction() as connection:
            who = print_of(email.strip().lower())
            connection.execute("DELETE FROM failure WHERE email_fingerprint = ?", [who])

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self.turn, self.connection:
            yield self.connection


def sessions_of(store: Path) -> Path:
    """The file of the sessions beside a store file."""
    return store.with_name(f"{store.stem}.sessions.sqlite")


def open_sessions(path: Path) -> Sessions:
    """Open the file, made for its owner alone where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)
    connection = sqlite3.connect(path, timeout=5, check_same_thread=False)
    connection.executescript(TABLES)
    return Sessions(connection)


def print_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
