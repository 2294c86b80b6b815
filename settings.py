"""What the environment decides, read once: one frozen Settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The upload limits are those of the page; the command line has none."""

    store_path: Path = Path("data/store/cap.duckdb")
    upload_max_bytes: int = 5_000_000
    upload_max_rows: int = 20_000


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read CAP_STORE, CAP_UPLOAD_MAX_BYTES and CAP_UPLOAD_MAX_ROWS.

    Raises ValueError, naming the variable, for a value that cannot be read.
    """
    return Settings(
        store_path=Path(environ.get("CAP_STORE") or Settings.store_path),
        upload_max_bytes=_read_count(environ, "CAP_UPLOAD_MAX_BYTES", Settings.upload_max_bytes),
        upload_max_rows=_read_count(environ, "CAP_UPLOAD_MAX_ROWS", Settings.upload_max_rows),
    )


def _read_count(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{name}={text!r} is not a whole number above 0")
    return int(text)
