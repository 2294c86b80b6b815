"""Deposits of two hundred rows, each from a file of its own. Not a test."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from sent_files import NOW, csv_file

from measures.disclosure import plan_masks
from pipelines.store import Store, open_store, save_submission
from schemas.submission import PreparedSubmission, Receipt
from settings import Settings

INDICATORS = ("JEU-04", "EMP-01", "MOB-02", "ALI-02", "DEC-01")
LINE = "FR-99-TILLEULS;;{};{}-T{};total;;;;40;normal;libre;;;;Comptage;"
CONTENT = csv_file(
    *(LINE.format(name, 2010 + at, quarter) for name in INDICATORS for at in range(10) for quarter in (1, 2, 3, 4))
)


def distinct(base: PreparedSubmission, number: int, size: int = 0) -> PreparedSubmission:
    """The same rows from a file with other bytes, longer by `size`."""
    content = base.content + f"# {number}".encode() + b"#" * size
    return replace(base, content=content, sha256=hashlib.sha256(content).hexdigest(), filename=f"{number}.csv")


def deposit(store: Store, prepared: PreparedSubmission) -> Receipt:
    return save_submission(store, prepared, "officer", NOW, approve=True)


def opened(path: Path) -> Store:
    return open_store(Settings(store_path=path), plan_masks)


def contents_of(path: Path) -> dict[str, bytes]:
    """The store file and what lies beside it, to the byte; an empty log is none, and originals are not opened."""
    found = {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
    return {name: content for name, content in found.items() if content or not name.endswith(".wal")}
