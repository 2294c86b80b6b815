"""Is a store whole? What lies beside its file tells: the log, the originals, the last commit that was acknowledged."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

import duckdb

FILE_HEADERS = 3 * 4096
"""Bytes before the first block of a DuckDB file."""
WAY_OUT = "restore the last backup into an empty folder (restore DIR)"
CAUSES = {
    "No space left on device": "the disk is full: make room, then do it again",
    "Disk quota exceeded": "the disk is full: make room, then do it again",
    "Read-only file system": "nothing can be written there: make the disk writable, or name another file in CAP_STORE",
    "Permission denied": "this account may not write there: give it the right, or name another file in CAP_STORE",
}
"""What the system says of a disk -> what that is, and what to do."""
LAST = "SELECT sequence, committed_at FROM commit_log ORDER BY sequence DESC LIMIT 1"
SIZE = "SELECT block_size, total_blocks FROM pragma_database_size()"
TABLES = "SELECT table_name FROM duckdb_tables() ORDER BY ALL"

Commit = tuple[int, datetime]
"""The number of a commit, and its time as the log has it."""


def originals_of(path: Path) -> Path:
    """The folder of the files as they were sent, beside the store file."""
    return path.with_name(f"{path.stem}.files")


def log_of(path: Path) -> Path:
    """DuckDB's write-ahead log: what was committed and is not in the store file yet."""
    return path.with_name(f"{path.name}.wal")


def log_size(path: Path) -> int:
    """Its bytes; 0 where there is none."""
    log = log_of(path)
    return log.stat().st_size if log.exists() else 0


def last_commit_of(path: Path) -> Path:
    """The file that says which commit was acknowledged last."""
    return path.with_name(f"{path.stem}.last-commit")


def say_failure(path: Path, error: Exception, otherwise: str) -> str:
    """One sentence: where it failed, why, what to do; `otherwise` where the disk is not to blame."""
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    known = (cause for said, cause in CAUSES.items() if said in str(error))
    return f"{path}: {next(known, f'{otherwise} ({words})')}"


def last_commit(cursor: duckdb.DuckDBPyConnection) -> Commit | None:
    found = cursor.execute(LAST).fetchone()
    return (int(found[0]), found[1]) if found else None


def note_commit(path: Path, commit: Commit) -> None:
    """Write down beside the store which commit is about to be acknowledged.

    The line is always as long as the one before: it takes no more room, so that a full disk takes it too. Where it
    is not written all the same, an older commit stays noted: a loss may go unseen, nothing whole is ever refused.
    """
    sequence, at = commit
    with contextlib.suppress(OSError):
        handle = os.open(last_commit_of(path), os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.pwrite(handle, f"{sequence:012} {at.isoformat(timespec='microseconds')}\n".encode(), 0)
        finally:
            os.close(handle)


def noted_commit(path: Path) -> Commit | None:
    """The commit that was acknowledged last, as far as it is known."""
    try:
        sequence, at = last_commit_of(path).read_text("ascii").split()
        return int(sequence), datetime.fromisoformat(at)
    except (OSError, ValueError):
        return None


def find_remains(path: Path) -> str:
    """What is left of a store whose file is missing or empty, in a sentence; '' where a store may begin."""
    if path.exists() and path.stat().st_size > 0:
        return ""
    originals = originals_of(path)
    log, noted = log_of(path), last_commit_of(path)
    left = [one.name for one in (log, noted) if one.exists()]
    left += [originals.name] if originals.is_dir() and any(originals.iterdir()) else []
    if not left and not path.exists():
        return ""
    found = "empty" if path.exists() else "missing"
    beside = f"; what is left of it: {', '.join(left)}" if left else ""
    return f"{path}: the store file is {found} and no new one takes its place{beside}: put it back, or {WAY_OUT}"


def find_loss(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """What an open store lacks of what was acknowledged, in a sentence; '' for a whole one. It must have its tables."""
    (count,) = connection.execute("SELECT count(*) FROM commit_log").fetchall()[0]
    last, noted = last_commit(connection), noted_commit(path)
    has_noted = noted is None or _has(connection, noted)
    if count != (last[0] if last else 0) or not has_noted:
        told = f", {noted[0]} of {noted[1]:%Y-%m-%d %H:%M} UTC was the last" if noted else ""
        return (
            f"{path}: {count} commits are here{told}: the log {log_of(path).name} is missing, cut short or of another "
            f"store; put back what belongs to this file, or {WAY_OUT} ({last_commit_of(path).name} removed, the store "
            "opens without what it lacks)"
        )
    damage = _find_damage(connection, path)
    return f"{path}: the file is cut short ({damage}): leave it as it is and {WAY_OUT}" if damage else ""


def _has(connection: duckdb.DuckDBPyConnection, commit: Commit) -> bool:
    query = "SELECT 1 FROM commit_log WHERE sequence = ? AND committed_at = ?"
    return connection.execute(query, list(commit)).fetchone() is not None


def _find_damage(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """What cannot be read in a file that is shorter than it says of itself: only then is all of it read."""
    found = connection.execute(SIZE).fetchone()
    block_size, blocks = found or (0, 0)
    if not path.exists() or path.stat().st_size >= FILE_HEADERS + block_size * blocks:
        return ""
    try:
        for (name,) in connection.execute(TABLES).fetchall():
            connection.execute(f"SELECT max(hash(COLUMNS(*))) FROM {name}").fetchall()  # noqa: S608 - our own tables
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return ""
