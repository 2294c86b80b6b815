"""A folder written whole: under its name only once everything in it is on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class FolderNotEmpty(OSError):
    """The folder holds something: nothing is written over it."""


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted one, which takes its name when all went well and disappears otherwise.

    Raises FolderNotEmpty where the wanted one holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    part.mkdir()
    try:
        yield part
        for path in part.rglob("*"):
            _to_disk(path)
        _to_disk(part)
        part.replace(folder)
        _to_disk(folder.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder, or an empty one."""
    with new_folder(folder) as part:
        for name, content in files.items():
            (part / name).write_bytes(content)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
