"""Moving the log into the file: cut off anywhere it loses nothing, it waits for no reader, and it refuses nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from halves import find_halves
from sent_files import NOW, ROOT, csv_file

from measures.disclosure import plan_masks
from pipelines.store import (
    Store,
    StoreInUse,
    StoreUnusable,
    connection,
    load_submissions,
    open_store,
    save_submission,
)
from pipelines.store.checkpoint import METADATA, NUMBER, SIZES, before_of, keep_before
from pipelines.store.wholeness import FILE_HEADERS, log_of, log_size
from schemas.submission import PreparedSubmission
from settings import Settings

Prepare = Callable[..., PreparedSubmission]
BLOCK = 262_144
HOLDER = """
import sys
from pathlib import Path
from measures.disclosure import plan_masks
from pipelines.store import open_store
from settings import Settings
store = open_store(Settings(store_path=Path(sys.argv[1])), plan_masks)
print("open", flush=True)
sys.stdin.read()
"""


def deposit(store: Store, prepare: Prepare, number: int) -> str:
    line = f"FR-99-TILLEULS;;JEU-04;{2000 + number}-T1;total;;;;40;normal;libre;;;;Comptage;"
    return save_submission(store, prepare(csv_file(line)), "officer", NOW, approve=True).submission_id


def opened(path: Path) -> Store:
    return open_store(Settings(store_path=path), plan_masks)


def check_opens_with(path: Path, numbers: list[str]) -> None:
    store = opened(path)
    assert set(load_submissions(store, None)["submission_id"]) == set(numbers)
    assert find_halves(store) == {}
    store.close()


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint, seen from outside: the bytes at its beginning and at its end, and what it wrote over."""

    path: Path
    numbers: list[str]
    file: bytes
    log: bytes
    before: bytes
    later_file: bytes
    metadata: list[int]

    def lay_out(self, file: bytes, log: bytes | None, before: bytes | None) -> None:
        """The store as a process leaves it that is killed with these."""
        for where, content in ((self.path, file), (log_of(self.path), log), (before_of(self.path), before)):
            where.unlink(missing_ok=True)
            if content is not None:
                where.write_bytes(content)

    def torn(self, at: int) -> bytes:
        """New blocks, the old headers, and of each block that is written over the first bytes new, the others old."""
        found = bytearray(self.later_file)
        found[:FILE_HEADERS] = self.file[:FILE_HEADERS]
        for number in self.metadata:
            start = FILE_HEADERS + number * BLOCK
            found[start + at : start + BLOCK] = self.file[start + at : start + BLOCK]
        return bytes(found)


@pytest.fixture
def checkpoint(store: Store, prepare: Prepare) -> Checkpoint:
    """Of a store with a deposit in its file and three in its log."""
    numbers = [deposit(store, prepare, 0)]
    store.checkpoint()
    numbers += [deposit(store, prepare, number) for number in (1, 2, 3)]
    handle = os.open(store.path, os.O_RDONLY)
    keep_before(store.connection, store.path, handle)
    metadata = [number for (number,) in store.cursor().execute(METADATA).fetchall()]
    file, before = store.path.read_bytes(), before_of(store.path).read_bytes()
    kept = store.path.with_name("log")
    os.link(log_of(store.path), kept)  # DuckDB writes its mark there, and takes the other name away at the end
    store.connection.execute("CHECKPOINT")
    seen = Checkpoint(store.path, numbers, file, kept.read_bytes(), before, store.path.read_bytes(), metadata)
    store.close()
    os.close(handle)
    assert seen.torn(0)[FILE_HEADERS : len(file)] != seen.later_file[FILE_HEADERS : len(file)]
    return seen


class TestCutOff:
    """Killed at any of its writes."""

    def test_without_the_blocks_kept_aside_the_file_is_lost(self, checkpoint: Checkpoint) -> None:
        """What DuckDB alone leaves when it is killed half-way through a block: the reason for all this."""
        checkpoint.lay_out(checkpoint.torn(4096), checkpoint.log, None)
        with pytest.raises(StoreUnusable, match="computed checksum"):
            opened(checkpoint.path)

    @pytest.mark.parametrize("at", [0, 1, 4096, 20_000, 131_072, BLOCK])
    def test_half_a_block(self, checkpoint: Checkpoint, at: int) -> None:
        """Whatever part of it was written: everything is there, and nothing stays aside."""
        checkpoint.lay_out(checkpoint.torn(at), checkpoint.log, checkpoint.before)
        check_opens_with(checkpoint.path, checkpoint.numbers)
        assert not before_of(checkpoint.path).exists()

    def test_before_its_first_write(self, checkpoint: Checkpoint) -> None:
        checkpoint.lay_out(checkpoint.file, checkpoint.log, checkpoint.before)
        check_opens_with(checkpoint.path, checkpoint.numbers)

    def test_before_the_blocks_were_aside(self, checkpoint: Checkpoint) -> None:
        """Half of them, under another name: the file was not touched yet."""
        checkpoint.lay_out(checkpoint.file, checkpoint.log, None)
        part = before_of(checkpoint.path).with_name(f"{before_of(checkpoint.path).name}.part")
        part.write_bytes(checkpoint.before[: len(checkpoint.before) // 2])
        check_opens_with(checkpoint.path, checkpoint.numbers)

    @pytest.mark.parametrize("has_log", [pytest.param(True, id="log_there"), pytest.param(False, id="log_gone")])
    def test_after_its_header(self, checkpoint: Checkpoint, has_log: bool) -> None:
        """The file is whole: nothing is put back into it, and nothing of its log is read twice."""
        checkpoint.lay_out(checkpoint.later_file, checkpoint.log if has_log else None, checkpoint.before)
        check_opens_with(checkpoint.path, checkpoint.numbers)
        assert not before_of(checkpoint.path).exists()

    def test_while_it_is_put_back(self, checkpoint: Checkpoint) -> None:
        """Killed again: the blocks are still aside."""
        half = bytearray(checkpoint.torn(4096))
        start = FILE_HEADERS + checkpoint.metadata[0] * BLOCK
        half[start : start + 4096] = checkpoint.file[start : start + 4096]
        half[start + 4096 : start + 8192] = bytes(4096)
        checkpoint.lay_out(bytes(half), checkpoint.log, checkpoint.before)
        check_opens_with(checkpoint.path, checkpoint.numbers)

    def test_the_store_of_another_process_is_left_alone(self, checkpoint: Checkpoint) -> None:
        """It may be in its checkpoint: nothing is put back into its file."""
        checkpoint.lay_out(checkpoint.later_file, None, None)
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(checkpoint.path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "open\n"
            held = checkpoint.path.read_bytes()
            garbage = SIZES.pack(BLOCK, 1) + held[:FILE_HEADERS] + NUMBER.pack(0) + os.urandom(BLOCK)
            before_of(checkpoint.path).write_bytes(garbage)
            with pytest.raises(StoreInUse):
                opened(checkpoint.path)
            assert checkpoint.path.read_bytes() == held
            assert before_of(checkpoint.path).read_bytes() == garbage
            before_of(checkpoint.path).unlink()
            process.communicate()
        check_opens_with(checkpoint.path, checkpoint.numbers)


class TestWhen:
    """A commit makes one when the log is long, and so does the end of the process."""

    @pytest.fixture
    def always(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Any log is long."""
        monkeypatch.setattr(connection, "LARGEST_LOG", 1)

    def test_a_short_log_stays_until_the_store_is_closed(self, store: Store, prepare: Prepare) -> None:
        """Then the file has it all: it can be copied alone."""
        number = deposit(store, prepare, 1)
        assert log_size(store.path) > 0
        store.close()
        assert (log_size(store.path), before_of(store.path).exists()) == (0, False)
        (store.path.parent / "copy").mkdir()
        shutil.copytree(store.originals, store.path.parent / "copy" / store.originals.name)
        check_opens_with(Path(shutil.copy(store.path, store.path.parent / "copy")), [number])

    @pytest.mark.usefixtures("always")
    def test_a_long_log_is_moved_by_the_commit(self, store: Store, prepare: Prepare) -> None:
        numbers = []
        for at in range(3):
            numbers.append(deposit(store, prepare, at))
            assert (log_size(store.path), before_of(store.path).exists()) == (0, False)
        store.close()
        check_opens_with(store.path, numbers)

    @pytest.mark.usefixtures("always")
    def test_who_reads_meanwhile_sees_one_moment(self, store: Store, prepare: Prepare) -> None:
        """A reader holds a transaction open over deposits and checkpoints."""
        first = deposit(store, prepare, 0)
        reader = store.cursor()
        reader.begin()
        query = "SELECT submission_id::VARCHAR FROM submission ORDER BY ALL"
        assert reader.execute(query).fetchall() == [(first,)]
        numbers = [first, *(deposit(store, prepare, at) for at in (1, 2, 3))]
        assert reader.execute(query).fetchall() == [(first,)]
        assert reader.execute("SELECT count(*) FROM observation").fetchall() == [(1,)]
        reader.rollback()
        assert reader.execute(query).fetchall() == [(number,) for number in sorted(numbers)]

    @pytest.mark.usefixtures("always")
    def test_where_nothing_can_be_kept_aside_the_log_grows(self, store: Store, prepare: Prepare) -> None:
        """The deposit is acknowledged: it is in the log. The next commit tries again."""
        before_of(store.path).mkdir()
        numbers = [deposit(store, prepare, 0)]
        grown = log_size(store.path)
        numbers.append(deposit(store, prepare, 1))
        assert log_size(store.path) > grown > 0
        before_of(store.path).rmdir()
        numbers.append(deposit(store, prepare, 2))
        assert log_size(store.path) == 0
        store.close()
        check_opens_with(store.path, numbers)

    def test_a_large_deposit_goes_through_the_log(
        self, store: Store, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """DuckDB would move it into the file of its own accord, with nothing kept aside."""
        monkeypatch.setattr(connection, "LARGEST_LOG", 1 << 40)
        line = "FR-99-TILLEULS;;JEU-04;2020-T1;total;;;;40;normal;libre;;;;Comptage;"
        base = prepare(csv_file(line))
        rows = base.rows.drop("comment").join(
            pl.DataFrame({"comment": [f"{n:0200}" for n in range(100_000)]}), how="cross"
        )
        many = replace(base, rows=rows.select(base.rows.columns), row_count=rows.height)
        headers = store.path.read_bytes()[:FILE_HEADERS]
        save_submission(store, many, "officer", NOW)
        assert log_size(store.path) > 16 << 20
        assert store.path.read_bytes()[:FILE_HEADERS] == headers

    def test_the_lock_outlives_a_checkpoint(self, store: Store, prepare: Prepare) -> None:
        """A process gives up its lock on a file with any handle of it that it closes: another must not get in."""
        deposit(store, prepare, 0)
        store.checkpoint()
        assert log_size(store.path) == 0
        entering = subprocess.run(
            [sys.executable, "-c", HOLDER, str(store.path)],
            cwd=ROOT,
            input="",
            capture_output=True,
            text=True,
            check=False,
        )
        assert (entering.stdout, "StoreInUse" in entering.stderr) == ("", True)
