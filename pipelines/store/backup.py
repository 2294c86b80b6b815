"""A backup while the store is in use, and back: tables as Parquet, original files, a manifest with checksums."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.keeping import FolderNotEmpty, new_folder
from pipelines.store.connection import FORMAT, Store, StoreUnusable, as_utc, fetch_one, latest_moment
from pipelines.store.masks import plan_again
from pipelines.store.originals import keep_original, read_original
from pipelines.store.wholeness import say_failure
from schemas.account import COMMAND_LINE

MANIFEST, ORIGINALS = "manifest.json", "originals"
NAMED_FILES = "SELECT sha256 FROM submission UNION SELECT sha256 FROM draft ORDER BY ALL"
TABLES = "SELECT table_name FROM duckdb_tables() WHERE table_name <> 'store_format' ORDER BY ALL"
LATEST_TIME = "SELECT max(committed_at) FROM commit_log"


class BackupDamaged(StoreUnusable):
    """The folder is not what its manifest says; nothing was restored."""


def back_up(store: Store, folder: Path, at: datetime) -> dict[str, Any]:
    """Write everything that is committed now into a new folder; nobody waits for it. Returns the manifest.

    The manifest: `format`, `version` (the last commit), `made_at`, `tables` (rows), `originals`, `files` (sha256 by
    path). An original that a store of an older version never had is not in it. Raises FolderNotEmpty, StoreUnusable.
    """
    cursor = store.cursor()
    cursor.begin()  # one moment for all tables, whatever is written meanwhile
    try:
        tables = [name for (name,) in cursor.execute(TABLES).fetchall()]
        rows: dict[str, int] = {}
        with new_folder(folder) as part:
            for name in tables:
                relation = cursor.table(name)
                rows[name] = len(relation)
                relation.write_parquet(str(part / f"{name}.parquet"), compression="zstd")
            originals = _copy_originals(store, cursor, part / ORIGINALS)
            files = {str(path.relative_to(part)): _fingerprint(path) for path in part.rglob("*") if path.is_file()}
            manifest = {
                "format": FORMAT,
                "version": latest_moment(cursor),
                "made_at": at.isoformat(),
                "tables": rows,
                "originals": originals,
                "files": dict(sorted(files.items())),
            }
            (part / MANIFEST).write_text(json.dumps(manifest, indent=2), "utf-8")
    except FolderNotEmpty:
        raise
    except (duckdb.Error, OSError) as error:
        raise StoreUnusable(say_failure(folder, error, "no backup was made")) from error
    finally:
        cursor.rollback()
    return manifest


def _copy_originals(store: Store, cursor: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    folder.mkdir()
    kept = []
    for (sha256,) in cursor.execute(NAMED_FILES).fetchall():
        if (store.originals / sha256[:2] / sha256).exists():
            (folder / sha256).write_bytes(read_original(store, sha256))
            kept.append(sha256)
    return kept


def restore_backup(store: Store, folder: Path) -> dict[str, int]:
    """Read a backup into an empty store: every checksum first, then all of it in one transaction. Rows by table.

    Raises BackupDamaged for a folder that is not whole, StoreUnusable for a store that holds something or a backup
    of another format.
    """
    manifest = _read_manifest(folder)
    if manifest["format"] != FORMAT:
        raise StoreUnusable(
            f"{folder}: a backup of format {manifest['format']}, this version of Cap commun reads {FORMAT}: "
            "restore it with the version that made it, then start this one on that store"
        )
    for name, expected in manifest["files"].items():
        if not (folder / name).is_file() or _fingerprint(folder / name) != expected:
            raise BackupDamaged(f"{folder / name}: missing, or not what the manifest says; nothing was restored")
    for sha256 in manifest["originals"]:
        keep_original(store, (folder / ORIGINALS / sha256).read_bytes())
    with store.transaction() as cursor:
        held = sum(fetch_one(cursor, f"SELECT count(*) FROM {name}", []) for name in ("commit_log", "account"))  # noqa: S608
        if held:
            raise StoreUnusable(f"{store.path}: a backup is restored into an empty store, this one holds deposits")
        for name in manifest["tables"]:
            cursor.from_parquet(str(folder / f"{name}.parquet")).insert_into(name)
        at = cursor.execute(LATEST_TIME).fetchall()[0][0] or as_utc(datetime.fromisoformat(manifest["made_at"]))
        said = [latest_moment(cursor), at, COMMAND_LINE, "restore", manifest["made_at"]]
        cursor.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", said)
    plan_again(store, at.replace(tzinfo=UTC))
    return dict(manifest["tables"])


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        return {name: found[name] for name in ("format", "version", "made_at", "tables", "originals", "files")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(f"{folder}: no backup, its {MANIFEST} cannot be read") from error


def _fingerprint(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
