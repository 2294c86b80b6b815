"""A disk that is full, read-only, or gave back less than it was given: said in a sentence, and nothing is lost."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from halves import find_halves
from sent_files import NOW, ROOT, TILLEULS, csv_file

from measures.disclosure import plan_masks
from pipelines.store import (
    Store,
    StoreUnusable,
    checkpoint,
    connection,
    load_observations,
    load_receipt,
    load_submissions,
    open_store,
    read_original,
    save_submission,
)
from pipelines.store.backup import back_up, restore_backup
from pipelines.store.originals import keep_original
from pipelines.store.wholeness import log_size
from schemas.submission import PreparedSubmission, Receipt
from schemas.words import Audience
from settings import Settings

Prepare = Callable[..., PreparedSubmission]
Run = Callable[..., Result]
MEGABYTE = 1 << 20
INDICATORS = ("JEU-04", "EMP-01", "MOB-02", "ALI-02", "DEC-01")
CHILD = Path(__file__).with_name("deposit_in_a_loop.py")


@pytest.fixture(scope="module")
def base(prepare: Prepare) -> PreparedSubmission:
    """A deposit of 200 rows."""
    line = "FR-99-TILLEULS;;{};{}-T{};total;;;;40;normal;libre;;;;Comptage;"
    lines = [
        line.format(name, 2010 + at, quarter) for name in INDICATORS for at in range(10) for quarter in (1, 2, 3, 4)
    ]
    prepared = prepare(csv_file(*lines))
    assert (prepared.is_ready, prepared.row_count) == (True, 200)
    return prepared


def distinct(base: PreparedSubmission, number: int, size: int = 0) -> PreparedSubmission:
    """The same rows from a file with other bytes, longer by `size`."""
    content = base.content + f"# {number}".encode() + b"#" * size
    return replace(base, content=content, sha256=hashlib.sha256(content).hexdigest(), filename=f"{number}.csv")


def deposit(store: Store, prepared: PreparedSubmission) -> Receipt:
    return save_submission(store, prepared, "officer", NOW, approve=True)


def opened(path: Path) -> Store:
    return open_store(Settings(store_path=path), plan_masks)


def check_all_there(store: Store, receipts: list[Receipt]) -> None:
    """Every receipt with its rows and its original; nothing else, and nothing by half."""
    assert find_halves(store) == {}
    assert set(load_submissions(store, None)["submission_id"]) == {receipt.submission_id for receipt in receipts}
    for receipt in receipts:
        assert load_receipt(store, receipt.submission_id) == receipt
        assert hashlib.sha256(read_original(store, receipt.sha256)).hexdigest() == receipt.sha256
    rows = load_observations(store, [TILLEULS], Audience.TERRITORY)
    assert (rows.height, set(rows["submission_id"])) == (200, {receipts[-1].submission_id})


def check_would_open(store: Store, receipts: list[Receipt], folder: Path) -> None:
    """What a process killed now would leave behind opens, and has everything."""
    shutil.copytree(store.path.parent, folder, ignore=shutil.ignore_patterns("ballast"))
    again = opened(folder / store.path.name)
    check_all_there(again, receipts)
    again.close()


class Disk:
    """A small disk of one's own, that can be filled to the last byte, emptied again, and made read-only."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def fill(self, but: int = 0) -> None:
        """Leave room for `but` bytes."""
        with self.ballast.open("ab") as target:
            target.write(bytes(max(0, self.free - but)))
        assert abs(self.free - but) < 8192

    def make_room(self) -> None:
        self.ballast.unlink()

    def mount_again(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 32 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    if (
        os.geteuid()
        or not shutil.which("mount")
        or subprocess.run(mounted, capture_output=True, check=False).returncode
    ):
        pytest.skip("only root may mount the small disk that this test fills")
    yield Disk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def store(store_with_catalogue: Path, disk: Disk) -> Iterator[Store]:
    """A store on the small disk."""
    store = opened(Path(shutil.copy(store_with_catalogue, disk.folder)))
    yield store
    store.close()


class TestAFullDisk:
    """What was acknowledged stays, what was not is not there by half, and the same process goes on with room."""

    def test_no_room_for_the_original(self, store: Store, disk: Disk, base: PreparedSubmission) -> None:
        receipts = [deposit(store, distinct(base, 0))]
        disk.fill()
        with pytest.raises(StoreUnusable, match=r"cap\.files.*the disk is full: make room") as raised:
            deposit(store, distinct(base, 1, MEGABYTE))
        assert "\n" not in str(raised.value)
        check_all_there(store, receipts)
        assert len([path for path in store.originals.rglob("*") if path.is_file()]) == 1
        disk.make_room()
        receipts.append(deposit(store, distinct(base, 1, MEGABYTE)))
        check_all_there(store, receipts)

    def test_no_room_for_the_commit(self, store: Store, disk: Disk, base: PreparedSubmission, tmp_path: Path) -> None:
        """Deposits until it is full, and some more; those that were refused go through once there is room."""
        receipts, refused, said = [], [], set()
        disk.fill(but=MEGABYTE)
        for number in range(200):
            try:
                receipts.append(deposit(store, distinct(base, number)))
            except StoreUnusable as error:
                refused.append(number)
                said.add(str(error))
                check_all_there(store, receipts)
                check_would_open(store, receipts, tmp_path / f"killed {number}")
                if len(refused) == 3:
                    break
        assert (len(receipts) > 3, len(refused)) == (True, 3)
        assert all("the disk is full: make room" in sentence and "\n" not in sentence for sentence in said), said
        disk.make_room()
        receipts += [deposit(store, distinct(base, number)) for number in refused]
        check_all_there(store, receipts)
        store.close()
        again = opened(store.path)
        check_all_there(again, receipts)
        again.close()

    def test_no_room_in_the_middle_of_a_commit(self, store: Store, disk: Disk, base: PreparedSubmission) -> None:
        """So many rows that DuckDB writes them before the commit."""
        receipts, version = [deposit(store, distinct(base, 0))], store.version()
        disk.fill(but=MEGABYTE)
        many = "INSERT INTO challenges SELECT ?, i, sha256(i::VARCHAR), sha256(i || 'en') FROM range(1_000_000) AS r(i)"
        with (
            pytest.raises(StoreUnusable, match=r"cap\.duckdb.*the disk is full: make room"),
            store.commit("catalogue", NOW, "somebody") as (cursor, sequence),
        ):
            cursor.execute(many, [sequence])
        assert store.version() == version
        disk.make_room()
        check_all_there(store, [*receipts, deposit(store, distinct(base, 1))])

    @pytest.mark.parametrize("looks_first", [pytest.param(True, id="looked"), pytest.param(False, id="tried")])
    @pytest.mark.parametrize("room", [64, 200, 330, 470, 600, 900])
    def test_no_room_to_tidy_up(
        self,
        room: int,
        looks_first: bool,
        store: Store,
        disk: Disk,
        base: PreparedSubmission,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A commit that would move the log finds room (in KB) for itself, and for some or nothing of the move.

        It looks for room first; where that was wrong and DuckDB gives the file up, nothing is lost either.
        """
        if not looks_first:
            monkeypatch.setattr(checkpoint, "LEAST_ROOM", -(1 << 40))
        is_open = store.connection
        receipts = [deposit(store, distinct(base, number)) for number in range(3)]
        monkeypatch.setattr(connection, "LARGEST_LOG", 1)
        disk.fill(but=room << 10)
        receipts.append(deposit(store, distinct(base, 3)))
        check_all_there(store, receipts)
        assert (store.connection is is_open) == (looks_first or room <= 200)
        assert log_size(store.path) > 0
        check_would_open(store, receipts, disk.folder.parent / "killed")
        disk.make_room()
        receipts.append(deposit(store, distinct(base, 4)))
        assert log_size(store.path) == 0
        check_all_there(store, receipts)
        store.close()
        again = opened(store.path)
        check_all_there(again, receipts)
        again.close()

    @pytest.fixture
    def about_to_fail(self, store: Store, disk: Disk, base: PreparedSubmission) -> list[Receipt]:
        """One deposit; the next will be on the disk, then DuckDB, made to, fails at moving the log, and gives up."""
        receipts = [deposit(store, distinct(base, 0))]
        store.connection.execute("SET checkpoint_threshold = '1KB'")
        disk.fill(but=MEGABYTE // 8)
        return receipts

    def test_no_room_to_move_the_log_into_the_file(
        self, store: Store, disk: Disk, base: PreparedSubmission, about_to_fail: list[Receipt]
    ) -> None:
        """DuckDB gives the file up, though the commit is on the disk: the receipt is given, the file opened again."""
        given_up = store.connection
        receipts = [*about_to_fail, deposit(store, distinct(base, 1))]
        with pytest.raises(duckdb.Error):
            given_up.execute("SELECT 1")
        check_all_there(store, receipts)
        disk.make_room()
        receipts.append(deposit(store, distinct(base, 2)))
        check_all_there(store, receipts)
        store.close()
        again = opened(store.path)
        check_all_there(again, receipts)
        again.close()

    def test_a_file_that_went_away_is_not_made_anew(
        self, store: Store, disk: Disk, base: PreparedSubmission, about_to_fail: list[Receipt]
    ) -> None:
        """Given up, and not there: said to writers and readers alike until it is back, with all it had."""
        elsewhere = disk.folder / "elsewhere"
        elsewhere.mkdir()
        names = (store.path.name, f"{store.path.name}.wal")
        for name in names:
            (disk.folder / name).rename(elsewhere / name)
        with pytest.raises(StoreUnusable, match=r"cap\.duckdb: the store file is gone: put it back"):
            deposit(store, distinct(base, 1))
        with pytest.raises(StoreUnusable, match="gone"):
            store.version()
        assert not store.path.exists()
        for name in names:
            (elsewhere / name).rename(disk.folder / name)
        again = deposit(store, distinct(base, 1))
        assert again.first_at == NOW
        check_all_there(store, [*about_to_fail, replace(again, first_at=None)])

    def test_an_error_that_another_met_first(
        self, store: Store, disk: Disk, base: PreparedSubmission, about_to_fail: list[Receipt]
    ) -> None:
        """Who reads or writes next opens the file again and is not refused."""
        with pytest.raises(duckdb.FatalException):
            store.connection.execute("CHECKPOINT")
        check_all_there(store, about_to_fail)
        disk.make_room()
        check_all_there(store, [*about_to_fail, deposit(store, distinct(base, 1))])

    def test_a_store_does_not_open_there(self, store: Store, disk: Disk, base: PreparedSubmission) -> None:
        """Said, with the file as it was; with room it opens."""
        receipts = [deposit(store, distinct(base, 0))]
        store.close()
        before = contents_of(store.path)
        disk.fill()
        with pytest.raises(StoreUnusable, match=r"cap\.duckdb: the disk is full: make room"):
            opened(store.path)
        disk.make_room()
        assert contents_of(store.path) == before
        again = opened(store.path)
        check_all_there(again, receipts)
        again.close()

    def test_no_room_for_a_backup(self, store: Store, disk: Disk, base: PreparedSubmission, tmp_path: Path) -> None:
        """No half of a folder stays, the store does, and with room the backup is whole."""
        receipts = [deposit(store, distinct(base, 0, MEGABYTE))]
        disk.fill(but=MEGABYTE // 2)
        with pytest.raises(StoreUnusable, match=r"backup.*the disk is full: make room"):
            back_up(store, disk.folder / "backup", NOW)
        assert not [path.name for path in disk.folder.iterdir() if path.name.startswith("backup")]
        check_all_there(store, receipts)
        disk.make_room()
        back_up(store, disk.folder / "backup", NOW)
        other = opened(tmp_path / "other" / "cap.duckdb")
        restore_backup(other, disk.folder / "backup")
        check_all_there(other, receipts)
        other.close()

    def test_no_room_to_restore(self, store: Store, disk: Disk, base: PreparedSubmission, tmp_path: Path) -> None:
        """Nothing is restored; the same store takes the same backup once there is room."""
        receipts = [deposit(store, distinct(base, number, MEGABYTE)) for number in range(2)]
        back_up(store, tmp_path / "backup", NOW)
        other = opened(disk.folder / "other" / "cap.duckdb")
        for but, where in ((MEGABYTE * 3 // 2, r"cap\.files"), (0, r"cap\.duckdb")):
            disk.fill(but)
            with pytest.raises(StoreUnusable, match=f"{where}.*the disk is full: make room"):
                restore_backup(other, tmp_path / "backup")
            assert (other.version(), load_submissions(other, None).height) == (0, 0)
            disk.make_room()
            for receipt in receipts:  # the second time it is the commit that finds no room
                keep_original(other, read_original(store, receipt.sha256))
        restore_backup(other, tmp_path / "backup")
        check_all_there(other, receipts)
        other.close()


class TestAReadOnlyDisk:
    """Said, with what to do; nothing is lost."""

    @pytest.mark.parametrize("is_there", [pytest.param(True, id="a_store"), pytest.param(False, id="no_store")])
    def test_a_store_does_not_open_there(
        self, is_there: bool, disk: Disk, store_with_catalogue: Path, run: Run
    ) -> None:
        """And opens as it was when the disk takes writes again."""
        path = disk.folder / ("cap.duckdb" if is_there else "new/cap.duckdb")
        if is_there:
            shutil.copy(store_with_catalogue, path)
        disk.mount_again("ro")
        with pytest.raises(StoreUnusable, match=r"nothing can be written there: .*CAP_STORE"):
            opened(path)
        result = run("submissions", "--store", path)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert "nothing can be written there" in result.stderr
        disk.mount_again("rw")
        store = opened(path)
        assert store.version() == int(is_there)
        store.close()

    def test_originals_cannot_be_written(
        self, disk: Disk, base: PreparedSubmission, store_with_catalogue: Path, tmp_path: Path
    ) -> None:
        """The deposit is refused before anything of it is in the log."""
        (tmp_path / "mine").mkdir()
        store = opened(Path(shutil.copy(store_with_catalogue, tmp_path / "mine")))
        store.originals.symlink_to(disk.folder, target_is_directory=True)
        receipts = [deposit(store, distinct(base, 0))]
        disk.mount_again("ro")
        with pytest.raises(StoreUnusable, match=r"cap\.files.*nothing can be written there"):
            deposit(store, distinct(base, 1))
        check_all_there(store, receipts)
        disk.mount_again("rw")
        check_all_there(store, [*receipts, deposit(store, distinct(base, 1))])
        store.close()


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


def contents_of(path: Path) -> dict[str, bytes]:
    """The store file and what lies beside it, to the byte; an empty log is none, and originals are not opened."""
    found = {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
    return {name: content for name, content in found.items() if content or not name.endswith(".wal")}


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
