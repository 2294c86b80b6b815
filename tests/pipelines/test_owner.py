"""One process owns the store: a command that finds it in use says by whom and has it done by the owner."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sent_files import ROOT, TILLEULS, csv_file

import pipelines.__main__  # noqa: F401 - registers the commands
from commands.line import answer_for_others
from commands.owner import AnswerMissing, CommandServer, OwnerSilent, ask_owner, socket_of
from commands.request import Said
from pipelines.store import Store, load_submissions
from settings import Settings

Run = Callable[..., Result]
JEU_04 = "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;normal;libre;;;30/09/2026;Associations;"


@pytest.fixture
def owner(store: Store) -> Iterator[CommandServer]:
    """What the app does beside its pages."""
    settings = Settings(store_path=store.path)
    server = CommandServer(store.path, lambda name, asked: answer_for_others(name, settings, store, asked))
    yield server
    server.close()


def command(store: Store, *arguments: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, as a person runs it, in some folder."""
    line = [sys.executable, "-m", "pipelines", *map(str, arguments), "--store", str(store.path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=folder, env=environment, timeout=60)


def test_a_deposit_is_made_by_the_owner(store: Store, owner: CommandServer, tmp_path: Path) -> None:
    """Same answer, same code, paths of the caller's folder; standard error says who answers."""
    (tmp_path / "t3.csv").write_bytes(csv_file(JEU_04))
    said = command(store, "deposit", "t3.csv", "--territory", TILLEULS, "--by", "officer", "--json", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    answer = json.loads(said.stdout)
    assert (answer["state"], answer["rows"], answer["sent_by"]) == ("submitted", 1, "officer")
    assert load_submissions(store, None)["submission_id"].to_list() == [answer["submission_id"]]
    assert str(os.getpid()) in said.stderr
    assert "c’est ce programme qui répond" in said.stderr


def test_faults_have_the_same_words_and_codes(store: Store, owner: CommandServer, tmp_path: Path) -> None:
    (tmp_path / "faults.csv").write_bytes(csv_file(JEU_04.replace("12", "douze")))
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    said = ("--territory", TILLEULS)
    blocked = command(store, "deposit", tmp_path / "faults.csv", *said)
    unusable = command(store, "deposit", tmp_path / "photo.csv", *said, "--lang", "en")
    unknown = command(store, "approve", "nothing")
    assert (blocked.returncode, unusable.returncode, unknown.returncode) == (1, 2, 2)
    assert "« douze » n’est pas un nombre" in blocked.stdout.replace("\u00a0", " ")
    assert "photo.csv" in unusable.stderr
    assert "nothing" in unknown.stderr


def test_without_a_socket_it_ends_with_3_and_says_by_whom(store: Store) -> None:
    said = command(store, "submissions")
    assert (said.returncode, said.stdout) == (3, "")
    assert str(os.getpid()) in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_the_socket_is_its_owner_s_only_and_goes_with_it(store: Store, owner: CommandServer) -> None:
    mode = socket_of(store.path).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) & 0o077 == 0
    owner.close()
    assert not socket_of(store.path).exists()
    with pytest.raises(OwnerSilent):
        ask_owner(store.path, "submissions", "fr", True, {})


def test_a_socket_left_by_a_dead_owner_is_taken_over(store: Store) -> None:
    """It answers nobody until the next owner comes."""
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(os.path.relpath(socket_of(store.path)))
    left.close()
    with pytest.raises(OwnerSilent):
        ask_owner(store.path, "submissions", "fr", True, {})
    server = CommandServer(store.path, lambda name, asked: Said(name, "", 0))
    assert ask_owner(store.path, "submissions", "fr", True, {}) == Said("submissions", "", 0)
    server.close()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff" * 8, id="huge"),
        pytest.param(bytes(7) + b"\x02{}", id="no_command"),
    ],
)
def test_whoever_says_nonsense_disturbs_nobody(store: Store, owner: CommandServer, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rude:
        rude.connect(os.path.relpath(socket_of(store.path)))
        rude.sendall(sent)
    assert ask_owner(store.path, "submissions", "fr", True, {"territories": [], "as_of": None}).code == 0


def test_a_fault_of_the_program_is_said_and_is_no_blocking_issue(store: Store) -> None:
    """Whoever asked is told to look before trying again; the cause is in the owner's log."""

    def fail(name: str, options: dict[str, Any]) -> Said:
        raise ZeroDivisionError

    server = CommandServer(store.path, fail)
    said = ask_owner(store.path, "approve", "fr", True, {})
    assert (said.code, said.out) == (2, "")
    assert "approve a échoué" in said.err
    server.close()


def test_an_owner_that_does_not_answer_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits without end."""
    monkeypatch.setattr("commands.owner.LONGEST_ANSWER", 0.2)
    asked, never = threading.Event(), threading.Event()

    def hang(name: str, options: dict[str, Any]) -> Said:
        asked.set()
        never.wait(30)
        return Said("", "", 0)

    server = CommandServer(store.path, hang)
    with pytest.raises(AnswerMissing):
        ask_owner(store.path, "submissions", "fr", True, {})
    assert asked.is_set()
    never.set()
    server.close()


def test_a_store_deep_in_folders(tmp_path: Path) -> None:
    """A path longer than the system takes for a socket (107 bytes)."""
    folder = tmp_path / ("a" * 100) / ("b" * 100)
    folder.mkdir(parents=True)
    server = CommandServer(folder / "cap.duckdb", lambda name, asked: Said(name, "", 0))
    assert ask_owner(folder / "cap.duckdb", "read", "fr", False, {}).out == "read"
    server.close()


def test_several_ask_at_once(store: Store, owner: CommandServer) -> None:
    """Each gets its own answer, deposits take turns."""
    said: list[Said] = []

    def ask() -> None:
        said.append(
            ask_owner(store.path, "territory", "fr", True, {"code": TILLEULS, "approve_at_once": "yes", "by": "x"})
        )

    version = store.version()
    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [one.code for one in said] == [0] * 12
    assert store.version() == version + 12
