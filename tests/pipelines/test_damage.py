"""After a kill, or when something of a store was cut, lost or mixed up: it is read, or refused in a sentence."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from halves import find_halves
from sent_files import ROOT, TILLEULS
from two_hundred_rows import contents_of, deposit, distinct, opened

from pipelines.store import StoreUnusable, load_observations, load_submissions
from schemas.submission import PreparedSubmission
from schemas.words import Audience

Run = Callable[..., Result]
CHILD = Path(__file__).with_name("deposit_in_a_loop.py")
Left = tuple[Path, list[str]]
"""A store that was left as it lies, and the numbers of its receipts."""


@pytest.fixture(scope="module")
def left_by_a_dead_process(
    base: PreparedSubmission, store_with_catalogue: Path, tmp_path_factory: pytest.TempPathFactory
) -> Left:
    """Four deposits, then kill -9: the store file, its log, the originals. Copy the folder, do not open it."""
    folder = tmp_path_factory.mktemp("dead")
    path = Path(shutil.copy(store_with_catalogue, folder))
    prepared = tmp_path_factory.mktemp("prepared") / "prepared"
    prepared.write_bytes(pickle.dumps([base]))
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(path), str(prepared)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("1\n")
        process.stdin.flush()
        said = [process.stdout.readline().split() for _ in range(4)]
        process.kill()
    assert all(words[0] == "receipt" for words in said), said
    assert path.with_name("cap.duckdb.wal").stat().st_size > 10_000
    return path, [words[2] for words in said]


@pytest.fixture
def left(left_by_a_dead_process: Left, tmp_path: Path) -> Left:
    """One's own copy."""
    path, numbers = left_by_a_dead_process
    return Path(shutil.copytree(path.parent, tmp_path / "left")) / path.name, numbers


@pytest.fixture
def closed(left: Left) -> Left:
    """The same, opened and closed in peace: no log."""
    opened(left[0]).close()
    assert not left[0].with_name("cap.duckdb.wal").exists()
    return left


def put_back(path: Path, contents: dict[str, bytes]) -> None:
    for one in path.parent.iterdir():
        if one.is_file():
            one.unlink()
    for name, content in contents.items():
        path.with_name(name).write_bytes(content)


def check_refused(path: Path, match: str, run: Run) -> None:
    """One sentence: the file and the way out, from the store and from the command line; all is left as it was."""
    before = contents_of(path)
    with pytest.raises(StoreUnusable, match=match) as raised:
        opened(path)
    assert str(path) in str(raised.value)
    assert "restore the last backup into an empty folder (restore DIR)" in str(raised.value)
    result = run("submissions", "--store", path)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{raised.value}\n")
    assert contents_of(path) == before


def check_opens_with(path: Path, numbers: list[str]) -> None:
    """At least these: the process may have made one more deposit than it could say."""
    store = opened(path)
    assert find_halves(store) == {}
    assert set(numbers) <= set(load_submissions(store, None)["submission_id"])
    assert load_observations(store, [TILLEULS], Audience.TERRITORY).height == 200
    store.close()


class TestWhatIsLeft:
    """After a kill, or when something of a store was cut, lost or mixed up."""

    def test_a_log_that_was_left_behind_is_read(self, left: Left) -> None:
        check_opens_with(*left)
        assert not left[0].with_name("cap.duckdb.wal").exists()

    @pytest.mark.parametrize(
        "length",
        [
            pytest.param(lambda whole: 100, id="100"),
            pytest.param(lambda whole: 4096, id="one_header"),
            pytest.param(lambda whole: 3 * 4096, id="all_headers"),
            pytest.param(lambda whole: whole // 2, id="half"),
            pytest.param(lambda whole: whole - 1, id="but_a_byte"),
        ],
    )
    @pytest.mark.parametrize("state", ["left", "closed"])
    def test_a_file_cut_short(
        self, state: str, length: Callable[[int], int], run: Run, request: pytest.FixtureRequest
    ) -> None:
        """Refused when it is opened, not when a page happens to need what is missing."""
        path, numbers = request.getfixturevalue(state)
        whole = contents_of(path)
        path.write_bytes(whole["cap.duckdb"][: length(len(whole["cap.duckdb"]))])
        check_refused(path, "cut short|cannot be read as a store", run)
        put_back(path, whole)
        check_opens_with(path, numbers)

    @pytest.mark.parametrize("found", ["empty", "missing"])
    @pytest.mark.parametrize("kept", ["cap.duckdb.wal", "cap.files", "cap.last-commit"])
    def test_no_new_store_takes_the_place_of_one(self, kept: str, found: str, left: Left, run: Run) -> None:
        """A file that is empty or missing, beside anything that was of it."""
        path, numbers = left
        whole = contents_of(path)
        for one in path.parent.iterdir():
            if one.name != kept and one.is_file():
                one.unlink()
        if kept != "cap.files":
            path.with_name("cap.files").rename(path.parent.parent / "files")
        if found == "empty":
            path.touch()
        check_refused(
            path, rf"the store file is {found} and no new one takes its place; what is left of it: {kept}", run
        )
        if kept != "cap.files":
            (path.parent.parent / "files").rename(path.with_name("cap.files"))
        put_back(path, whole)
        check_opens_with(path, numbers)

    def test_an_empty_file_is_no_new_store(self, tmp_path: Path, run: Run) -> None:
        """Even with nothing beside it: somebody's file was here."""
        (tmp_path / "cap.duckdb").touch()
        check_refused(tmp_path / "cap.duckdb", "the store file is empty", run)

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(None, id="missing"),
            pytest.param(lambda log: b"", id="empty"),
            pytest.param(lambda log: log[:10], id="ten_bytes"),
            pytest.param(lambda log: log[: len(log) // 2], id="half"),
            pytest.param(lambda log: log[:-1], id="but_a_byte"),
            pytest.param(lambda log: os.urandom(len(log)), id="garbage"),
            pytest.param(lambda log: log[:-100] + os.urandom(100), id="garbage_at_the_end"),
            pytest.param(lambda log: log[:5000] + os.urandom(100) + log[5100:], id="garbage_in_the_middle"),
        ],
    )
    def test_a_damaged_log_is_no_reason_to_forget_deposits(
        self, damage: Callable[[bytes], bytes] | None, left: Left, run: Run
    ) -> None:
        """DuckDB takes most of these for the torn end of a commit; what was acknowledged is noted beside the store."""
        path, numbers = left
        whole, log = contents_of(path), path.with_name("cap.duckdb.wal")
        if damage is None:
            log.unlink()
        else:
            log.write_bytes(damage(whole[log.name]))
        check_refused(path, r"cap\.duckdb\.wal", run)
        put_back(path, whole)
        check_opens_with(path, numbers)

    def test_the_log_of_another_store(self, left: Left, tmp_path: Path, run: Run) -> None:
        """Nothing of it comes into this one."""
        path = tmp_path / "other" / "cap.duckdb"
        opened(path).close()
        shutil.copy(left[0].with_name("cap.duckdb.wal"), path.parent)
        check_refused(path, r"log is damaged, or of another file.*WAL does not match", run)
        path.with_name("cap.duckdb.wal").unlink()
        other = opened(path)
        assert other.version() == 0
        other.close()

    def test_the_log_of_another_day(self, left: Left, base: PreparedSubmission, run: Run) -> None:
        """An older copy of the file beside the log of now: what lies between them would be missing."""
        path, numbers = left
        older = path.read_bytes()
        opened(path).close()
        store = opened(path)
        numbers = [*numbers, deposit(store, distinct(base, 99)).submission_id]
        as_it_is = contents_of(path)
        store.close()
        put_back(path, {**as_it_is, path.name: older})
        check_refused(path, "log is damaged, or of another file", run)
        put_back(path, as_it_is)
        check_opens_with(path, numbers)

    def test_a_commit_missing_in_the_middle(self, left: Left, run: Run) -> None:
        """What an older file and a newer log leave where DuckDB does not see it: a store of an older version."""
        path, _ = left
        with duckdb.connect(str(path)) as connection:
            connection.execute("DELETE FROM commit_log WHERE sequence = 3")
        check_refused(path, "commits are here", run)

    def test_the_file_of_another_store(self, left: Left, tmp_path: Path, run: Run) -> None:
        """As many commits, other ones: told by their time."""
        path, numbers = left
        note = path.with_name("cap.last-commit")
        noted = note.read_text("ascii")
        note.write_text(noted.replace("2026-", "2025-"), "ascii")
        check_refused(path, "commits are here", run)
        note.write_text(noted, "ascii")
        check_opens_with(path, numbers)

    @pytest.mark.parametrize("content", [None, b"", b"\x00" * 40, b"not a commit\n"])
    def test_a_store_whose_last_commit_is_not_known_opens(self, content: bytes | None, closed: Left) -> None:
        """Of an older version, or after the power failed: the note never stands in the way of what is whole."""
        path, numbers = closed
        note = path.with_name("cap.last-commit")
        note.unlink()
        if content is not None:
            note.write_bytes(content)
        check_opens_with(path, numbers)

    def test_a_note_that_cannot_be_written_costs_no_deposit(self, closed: Left, base: PreparedSubmission) -> None:
        path, numbers = closed
        path.with_name("cap.last-commit").unlink()
        path.with_name("cap.last-commit").mkdir()
        store = opened(path)
        receipt = deposit(store, distinct(base, 99))
        store.close()
        check_opens_with(path, [*numbers, receipt.submission_id])
