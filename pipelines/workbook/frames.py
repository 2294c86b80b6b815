"""What two processes say to each other: eight bytes of length, then the content."""

from __future__ import annotations

import struct
from typing import IO

LENGTH = struct.Struct("<Q")


def read_frame(stream: IO[bytes]) -> bytes:
    head = stream.read(LENGTH.size)
    return stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


def write_frame(stream: IO[bytes], content: bytes) -> None:
    stream.write(LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()
