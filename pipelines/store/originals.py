"""The files as they were sent, beside the store, each under the sha256 of its bytes: kept once, never changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipelines.store.connection import Store, StoreUnusable
from pipelines.store.wholeness import say_failure

FILE_OF = """
    SELECT sha256, territories FROM submission WHERE submission_id = $id::UUID
    UNION ALL
    SELECT sha256, [territory_code] FROM draft WHERE submission_id = $id::UUID
"""


class OriginalMissing(Exception):
    """No file of that sha256 is kept: its deposit is of a version that kept none."""


def keep_original(store: Store, content: bytes) -> str:
    """Write the bytes, on the disk before this returns; their sha256. Nothing is written twice.

    Call it before the commit that names the file: a file without its deposit does no harm, the contrary would.
    Raises StoreUnusable where the disk refuses.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = _place(store.originals, sha256)
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
    except OSError as error:
        raise StoreUnusable(
            say_failure(path.parent, error, "the file as it was sent is not kept: do it again")
        ) from error
    return sha256


def load_original(store: Store, submission_id: str, territories: Iterable[str]) -> bytes:
    """The file of a deposit or of a draft, as it came. Raises KeyError for one that is not of these territories alone,
    OriginalMissing for one of a version that kept none."""
    try:
        found = store.cursor().execute(FILE_OF, {"id": submission_id}).fetchone()
    except duckdb.ConversionException as error:
        raise KeyError(submission_id) from error
    if found is None or not set(found[1]) <= set(territories):
        raise KeyError(submission_id)
    return read_original(store, found[0])


def read_original(store: Store, sha256: str) -> bytes:
    """The bytes of that sha256, for the keeping of the store: nobody is asked who they are. Raises OriginalMissing."""
    try:
        return _place(store.originals, sha256).read_bytes()
    except FileNotFoundError as error:
        raise OriginalMissing(sha256) from error


def has_original(store: Store, sha256: str) -> bool:
    return _place(store.originals, sha256).exists()


def _place(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def _write_whole(path: Path, content: bytes) -> None:
    """All of a file under its name, or nothing."""
    part = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
