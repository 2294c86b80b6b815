"""What the environment decides, read once: one frozen Settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """The upload limits are those of the page; the command line has none. `url` is the address that people type."""

    store_path: Path = Path("data/store/cap.duckdb")
    upload_max_bytes: int = 5_000_000
    upload_max_rows: int = 20_000
    url: str = "http://127.0.0.1:8501"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read CAP_STORE, CAP_UPLOAD_MAX_BYTES, CAP_UPLOAD_MAX_ROWS and CAP_URL.

    Raises ValueError, naming the variable, for a value that cannot be read.
    """
    return Settings(
        store_path=Path(environ.get("CAP_STORE") or Settings.store_path),
        upload_max_bytes=_read_count(environ, "CAP_UPLOAD_MAX_BYTES", Settings.upload_max_bytes),
        upload_max_rows=_read_count(environ, "CAP_UPLOAD_MAX_ROWS", Settings.upload_max_rows),
        url=_read_url(environ, "CAP_URL", Settings.url),
    )


def _read_count(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{name}={text!r} is not a whole number above 0")
    return int(text)


def _read_url(environ: Mapping[str, str], name: str, default: str) -> str:
    """An address without path: the pages name each other from the root."""
    text = (environ.get(name) or default).strip().rstrip("/")
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:
        is_whole = False
    if not is_whole or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ValueError(f"{name}={text!r} is not an address like https://cap.example.org")
    return text
