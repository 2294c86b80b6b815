"""Moving DuckDB's log into the store file, in such a way that the process may be killed at any instant of it.

DuckDB 1.5 writes the blocks of its metadata over those that the file needs until its new header is written: killed
half-way through such a block, the file could not be read again. These blocks are kept aside first, and put back by the
next opening where the headers are still the old ones. The log goes last: it has everything until the file has it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
from pathlib import Path

import duckdb

from pipelines.store.wholeness import FILE_HEADERS, log_size

LEAST_ROOM = 4 << 20
"""Free bytes, and twice the log: with less DuckDB may fail half-way, and give the file up under those who read."""
METADATA = "SELECT DISTINCT block_id FROM pragma_metadata_info() ORDER BY block_id"
BLOCK_SIZE = "SELECT block_size FROM pragma_database_size()"
SIZES = struct.Struct("<QQ")
"""Bytes of a block, number of blocks; then the headers, then each block after its number."""
NUMBER = struct.Struct("<Q")


def before_of(path: Path) -> Path:
    """Where the blocks are kept while the log is moved."""
    return path.with_name(f"{path.stem}.before-checkpoint")


def move_log(connection: duckdb.DuckDBPyConnection, path: Path, file: int) -> None:
    """Move the log into the file. Nobody may write meanwhile. Raises duckdb.Error, OSError: the log then stays.

    `file` is the store file, open for reading. It must stay open as long as the connection: a process that closes any
    handle of a file gives up its lock on it.
    """
    if shutil.disk_usage(path.parent).free < LEAST_ROOM + 2 * log_size(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path.parent))
    keep_before(connection, path, file)
    connection.execute("CHECKPOINT")
    before_of(path).unlink()


def keep_before(connection: duckdb.DuckDBPyConnection, path: Path, file: int) -> None:
    """Keep aside, on the disk, the headers and every block that a checkpoint may write over."""
    (size,) = connection.execute(BLOCK_SIZE).fetchall()[0]
    numbers = [number for (number,) in connection.execute(METADATA).fetchall()]
    before = before_of(path)
    part = before.with_name(f"{before.name}.part")
    try:
        with part.open("wb") as target:
            target.write(SIZES.pack(size, len(numbers)) + os.pread(file, FILE_HEADERS, 0))
            for number in numbers:
                block = os.pread(file, size, FILE_HEADERS + number * size)
                target.write(NUMBER.pack(number) + block.ljust(size, b"\0"))
            target.flush()
            os.fsync(target.fileno())
        part.replace(before)
    finally:
        part.unlink(missing_ok=True)
    _to_disk(before.parent)


def put_back(path: Path) -> None:
    """Undo a checkpoint that was cut off before its header was written; call it before the file is opened.

    A store that another process holds is left alone. Raises OSError.
    """
    before = before_of(path)
    if not before.exists() or not path.exists():
        return
    file = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        with before.open("rb") as source:
            size, count = SIZES.unpack(source.read(SIZES.size))
            if source.read(FILE_HEADERS) == os.pread(file, FILE_HEADERS, 0):
                for _ in range(count):
                    (number,) = NUMBER.unpack(source.read(NUMBER.size))
                    os.pwrite(file, source.read(size), FILE_HEADERS + number * size)
                os.fsync(file)
        before.unlink()
    finally:
        os.close(file)


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
