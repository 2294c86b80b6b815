"""A store of an older format becomes one of ours: written anew beside it, then put in its place; the old file stays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

TABLES_SQL = Path(__file__).with_name("tables.sql")
MIGRATIONS: dict[int, Mapping[str, str]] = {
    # Format 1 had two events a submission, made in one commit, and kept no original file.
    1: {
        "submission": "SELECT *, '' AS sheet, false AS is_partial, 0 AS kept_rows, 0 AS masked_rows, 0 AS left_rows, "
        "'observations' AS kind, '' AS repairs FROM old.submission",
        "submission_event": "SELECT *, CASE state WHEN 'submitted' THEN 1 ELSE 2 END AS step FROM old.submission_event",
    },
    # Format 2 knew no file but observations, and no repair.
    2: {"submission": "SELECT *, 'observations' AS kind, '' AS repairs FROM old.submission"},
}
"""For each older format, the tables that are not read as they are."""
OLD_TABLES = """
    SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND table_name <> 'store_format' ORDER BY ALL
"""


def migrate(path: Path, found: int, wanted: int, options: dict[str, Any]) -> Path:
    """Write the store anew in the wanted format; the file as it was keeps its rows under the name that is returned.

    Whatever happens on the way, a whole store is under `path`. Raises duckdb.Error or OSError, and changes nothing.
    """
    aside, part = (path.with_name(f"{path.stem}.{name}{path.suffix}") for name in (f"format-{found}", "part"))
    for left in (part, part.with_name(f"{part.name}.wal")):
        left.unlink(missing_ok=True)
    with duckdb.connect(str(part), config=options) as connection:
        connection.execute(TABLES_SQL.read_text("utf-8"))
        connection.execute("ATTACH '" + str(path).replace("'", "''") + "' AS old (READ_ONLY)")
        connection.begin()
        for (name,) in connection.execute(OLD_TABLES).fetchall():
            rows = MIGRATIONS[found].get(name, f"SELECT * FROM old.{name}")  # noqa: S608 - names of our own tables
            connection.execute(f"INSERT INTO {name} BY NAME {rows}")
        connection.execute("INSERT INTO store_format VALUES (?)", [wanted])
        connection.commit()
        connection.execute("DETACH old")
        connection.execute("CHECKPOINT")
    if not aside.exists():
        os.link(path, aside)
    part.replace(path)
    return aside
