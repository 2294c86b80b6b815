"""A disk that is full, read-only, or gave back less than it was given: said in a sentence, and nothing is lost."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from halves import find_halves
from sent_files import NOW, TILLEULS
from two_hundred_rows import contents_of, deposit, distinct, opened

from pipelines.store import (
    Store,
    StoreUnusable,
    checkpoint,
    connection,
    load_observations,
    load_receipt,
    load_submissions,
    read_original,
)
from pipelines.store.backup import back_up, restore_backup
from pipelines.store.originals import keep_original
from pipelines.store.wholeness import log_size
from schemas.submission import PreparedSubmission, Receipt
from schemas.words import Audience

Prepare = Callable[..., PreparedSubmission]
Run = Callable[..., Result]
MEGABYTE = 1 << 20


def check_all_there(store: Store, receipts: list[Receipt]) -> None:
    """Every receipt with its rows and its original; nothing else, and nothing by half."""
    assert find_halves(store) == {}
    assert set(load_submissions(store, None)["submission_id"]) == {receipt.submission_id for receipt in receipts}
    for receipt in receipts:
        assert load_receipt(store, receipt.submission_id, None) == receipt
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
