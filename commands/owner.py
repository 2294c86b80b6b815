"""One process owns the store; others ask it through a Unix socket beside the file, for its owner only."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from commands.request import UNUSABLE, Said
from texts import load_words

AT_ONCE = 4
LONGEST_QUESTION, LONGEST_ANSWER = 10.0, 600.0
"""Seconds: for a question to come in whole, and for its answer; nothing waits without end."""
MOST_BYTES = 1 << 30

Carry = Callable[[str, dict[str, Any]], Said]
"""A command's name and {language, as_json, options} -> what it says."""


class OwnerSilent(Exception):
    """Nobody listens at the socket of the store: the command was not carried out."""


class AnswerMissing(Exception):
    """The command was given to the owner and no answer came: whether it was carried out is not known."""


def socket_of(store_path: Path) -> Path:
    whole = store_path.resolve()
    return whole.with_name(f"{whole.name}.sock")


@contextmanager
def _short_address(path: Path) -> Iterator[str]:
    """The address of a socket: a path of any depth, though the system takes 107 bytes at most."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        through = Path(f"/proc/self/fd/{folder}")
        yield str(through / path.name if through.exists() else path)
    finally:
        os.close(folder)


class CommandServer:
    """Answers commands while it is open. This process holds the store: a socket that is there is of a dead one."""

    def __init__(self, store_path: Path, carry: Carry) -> None:
        self.path, self.carry = socket_of(store_path), carry
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _short_address(self.path) as address:
            before = os.umask(0o177)
            try:
                self.listener.bind(address)
            finally:
                os.umask(before)
        self.listener.listen(64)
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="commands")
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.path.unlink(missing_ok=True)
        self.pool.shutdown(wait=True, cancel_futures=True)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # closed: the app stops
                return
            self.pool.submit(self._answer, connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # who asked went away: the answer has no reader
            connection.settimeout(LONGEST_QUESTION)
            asked = _receive(connection)
            _send(connection, asdict(self._carry_out(asked.pop("name"), asked)))

    def _carry_out(self, name: str, asked: dict[str, Any]) -> Said:
        try:
            return self.carry(name, asked)
        except Exception:  # a fault of the program: it is in its log, and whoever asked is told so
            logging.getLogger(__name__).exception("the command %s failed", name)
            return Said("", load_words(asked["language"])("cli.failed", name=name), UNUSABLE)


def ask_owner(store_path: Path, name: str, language: str, as_json: bool, options: dict[str, Any]) -> Said:
    """Have the owner of the store carry out a command. Raises OwnerSilent, AnswerMissing."""
    path = socket_of(store_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with _short_address(path) as address:
                connection.settimeout(LONGEST_QUESTION)
                connection.connect(address)
        except OSError as error:
            raise OwnerSilent(str(path)) from error
        try:
            connection.settimeout(LONGEST_ANSWER)
            _send(connection, {"name": name, "language": language, "as_json": as_json, "options": _plain(options)})
            return Said(**_receive(connection))
        except (OSError, EOFError) as error:
            raise AnswerMissing(str(path)) from error


def _plain(value: Any) -> Any:
    """Options as JSON: a path is made whole, since the owner runs in another folder."""
    if isinstance(value, Path):
        return {"path": str(value.absolute())}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _as_path(value: dict[str, Any]) -> Any:
    return Path(value["path"]) if set(value) == {"path"} else value


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    content = json.dumps(message).encode("utf-8")
    connection.sendall(struct.pack("!Q", len(content)) + content)


def _receive(connection: socket.socket) -> dict[str, Any]:
    (length,) = struct.unpack("!Q", _read(connection, 8))
    if length > MOST_BYTES:
        raise EOFError
    found: dict[str, Any] = json.loads(_read(connection, length), object_hook=_as_path)
    return found


def _read(connection: socket.socket, length: int) -> bytes:
    content = bytearray()
    while len(content) < length:
        part = connection.recv(min(1 << 20, length - len(content)))
        if not part:
            raise EOFError
        content += part
    return bytes(content)
