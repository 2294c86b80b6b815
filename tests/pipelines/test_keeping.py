"""Backup while in use, restore into an empty store, an older store migrated: nothing is lost on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import Result
from sent_files import NOW, TILLEULS, csv_file

from measures.disclosure import plan_masks
from pipelines.keeping import FolderNotEmpty, write_folder
from pipelines.store import (
    Store,
    StoreUnusable,
    load_observations,
    load_receipt,
    load_submissions,
    move_submission,
    open_store,
    read_original,
    save_draft,
)
from pipelines.store.backup import BackupDamaged, back_up, restore_backup
from pipelines.store.migrate import MIGRATIONS
from schemas.submission import Receipt, SubmissionState
from schemas.words import Audience
from settings import Settings

Deposit = Callable[..., Receipt]
Run = Callable[..., Result]
JEU_04 = "FR-99-TILLEULS;;JEU-04;{};total;;;;{};normal;libre;;;;Associations;"
STORES = Path(__file__).parent / "stores"
LATER = {
    1: "",
    2: ", '' AS sheet, false AS is_partial, 0 AS kept_rows, 0 AS masked_rows, 0 AS left_rows",
}
"""What each format asked of a submission besides."""


def file_of(quarter: str, value: int) -> bytes:
    return csv_file(JEU_04.format(quarter, value))


@pytest.fixture
def lived_in(store: Store, deposit: Deposit) -> Store:
    """A store with a correction, a return, a withdrawal, a pending deposit and a draft."""
    deposit(file_of("2025-T1", 12))
    deposit(file_of("2025-T1", 3), reason="recompté")
    returned = deposit(file_of("2025-T2", 7), approve=False).submission_id
    move_submission(store, returned, SubmissionState.RETURNED, "c", NOW, "à revoir")
    withdrawn = deposit(file_of("2025-T3", 9)).submission_id
    move_submission(store, withdrawn, SubmissionState.WITHDRAWN, "c", NOW, "erreur")
    deposit(file_of("2025-T4", 8), approve=False)
    save_draft(store, b"a draft", "t1.csv", TILLEULS, "officer", NOW)
    return store


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """An empty store elsewhere."""
    store = open_store(Settings(store_path=tmp_path / "other" / "cap.duckdb"), plan_masks)
    yield store
    store.close()


def everything(store: Store) -> dict[str, Any]:
    """Observations of every audience, log, receipts, originals, and every table whole."""
    log = load_submissions(store, None)
    tables = [name for (name,) in store.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    return {
        **{str(audience): load_observations(store, [TILLEULS], audience).write_csv() for audience in Audience},
        "log": log.drop("territories").write_csv(),
        "receipts": [load_receipt(store, number, None) for number in log["submission_id"]],
        "originals": [read_original(store, sha256) for sha256 in log["sha256"]],
        **{name: sorted(map(repr, store.cursor().table(name).fetchall())) for name in tables if name != "audit"},
    }


class TestBackup:
    """`backup DIR`, `restore DIR`."""

    def test_a_restored_store_is_the_same(self, lived_in: Store, other: Store, tmp_path: Path) -> None:
        """Observations, log, receipts, originals, every row of every table; the audit says that it was restored."""
        before = everything(lived_in)
        assert (len(before["receipts"]), len(before["draft"]), lived_in.version()) == (5, 1, 9)
        manifest = back_up(lived_in, tmp_path / "backup", NOW)
        assert everything(lived_in) == before
        restore_backup(other, tmp_path / "backup")
        assert everything(other) == before
        audit = other.cursor().execute("SELECT action, sequence FROM audit ORDER BY sequence, happened_at").fetchall()
        assert len(audit) == manifest["tables"]["audit"] + 1
        assert ("restore", manifest["version"]) in audit

    def test_a_backup_of_a_restored_store_holds_the_same_files(
        self, lived_in: Store, other: Store, tmp_path: Path
    ) -> None:
        back_up(lived_in, tmp_path / "one", NOW)
        restore_backup(other, tmp_path / "one")
        again = back_up(other, tmp_path / "two", NOW)
        first = json.loads((tmp_path / "one" / "manifest.json").read_text())
        assert {**again["tables"], "audit": 0} == {**first["tables"], "audit": 0}
        assert again["originals"] == first["originals"]

    def test_it_goes_on_while_deposits_come(self, lived_in: Store, deposit: Deposit, tmp_path: Path) -> None:
        """It is of one moment, and nobody waits for it: a commit is made while the snapshot is open."""
        cursor = lived_in.cursor()
        cursor.begin()
        rows = cursor.table("observation").count("*").fetchall()
        deposit(file_of("2024-T1", 4))
        assert cursor.table("observation").count("*").fetchall() == rows
        cursor.rollback()
        manifest = back_up(lived_in, tmp_path / "backup", NOW)
        assert manifest["tables"]["observation"] == rows[0][0] + 1

    def test_a_folder_that_holds_something_is_left_alone(self, lived_in: Store, tmp_path: Path) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "letter.txt").write_text("x")
        with pytest.raises(FolderNotEmpty, match="mine"):
            back_up(lived_in, tmp_path / "mine", NOW)
        assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
        assert list(tmp_path.glob("*.part")) == []

    @pytest.mark.parametrize(
        "fault", ["missing_table", "changed_byte", "missing_original", "no_manifest", "bad_manifest"]
    )
    def test_a_damaged_backup_restores_nothing(self, lived_in: Store, other: Store, tmp_path: Path, fault: str) -> None:
        """One clear error, and the store is still empty."""
        folder = tmp_path / "backup"
        manifest = back_up(lived_in, folder, NOW)
        if fault == "missing_table":
            (folder / "observation.parquet").unlink()
        elif fault == "changed_byte":
            content = bytearray((folder / "observation.parquet").read_bytes())
            content[100] ^= 1
            (folder / "observation.parquet").write_bytes(content)
        elif fault == "missing_original":
            (folder / "originals" / manifest["originals"][0]).unlink()
        elif fault == "no_manifest":
            (folder / "manifest.json").unlink()
        else:
            (folder / "manifest.json").write_text("{}")
        with pytest.raises(BackupDamaged):
            restore_backup(other, folder)
        assert (other.version(), load_submissions(other, None).height) == (0, 0)
        assert not other.originals.exists()

    def test_a_store_that_holds_deposits_is_not_written_over(self, lived_in: Store, tmp_path: Path) -> None:
        before = everything(lived_in)
        back_up(lived_in, tmp_path / "backup", NOW)
        with pytest.raises(StoreUnusable, match="empty store"):
            restore_backup(lived_in, tmp_path / "backup")
        assert everything(lived_in) == before

    def test_a_backup_of_another_format_says_the_way_out(self, lived_in: Store, other: Store, tmp_path: Path) -> None:
        manifest = back_up(lived_in, tmp_path / "backup", NOW)
        (tmp_path / "backup" / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
        with pytest.raises(StoreUnusable, match="the version that made it"):
            restore_backup(other, tmp_path / "backup")


class TestExport:
    """Everything of a territory to take away, masked for whom it is."""

    @pytest.mark.parametrize("audience", Audience)
    def test_an_export_of_a_restored_store_is_the_same_to_the_byte(
        self, run: Run, demo_path: Path, tmp_path: Path, audience: Audience
    ) -> None:
        for name, store in (("one", demo_path), ("two", tmp_path / "restored" / "cap.duckdb")):
            if name == "two":
                assert run("backup", tmp_path / "backup", "--store", demo_path).exit_code == 0
                assert run("restore", tmp_path / "backup", "--store", store).exit_code == 0
            said = ("--territory", TILLEULS, "--audience", audience, "--as-of", "2026-11-23", "--store", store)
            assert run("export", tmp_path / name, *said).exit_code == 0
        one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
        assert one == two
        assert ("submissions.csv" in one) == (audience is Audience.TERRITORY)

    def test_its_package_describes_what_is_there(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Every column is in the dictionary, and the tables keep to the package (frictionless)."""
        frictionless = pytest.importorskip("frictionless", reason="a test dependency")
        said = ("--territory", TILLEULS, "--audience", "territory", "--store", demo_path)
        assert run("export", tmp_path / "out", *said).exit_code == 0
        report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))
        assert report.valid, report.flatten(["type", "message"])
        dictionary = pl.read_csv(tmp_path / "out" / "dictionary.csv")
        package = json.loads((tmp_path / "out" / "datapackage.json").read_text())
        named = {(one["name"], field["name"]) for one in package["resources"] for field in one["schema"]["fields"]}
        assert set(dictionary.select("file", "column").rows()) == named

    def test_no_masked_number_and_no_formula_goes_out(
        self, run: Run, store: Store, deposit: Deposit, tmp_path: Path
    ) -> None:
        deposit(csv_file(JEU_04.format("2025-T1", 3).replace("Associations;", "=HYPERLINK(1);@moi")))
        store.close()
        for audience, value, remark in (("public", "", None), ("territory", "3", "'@moi")):
            said = ("--territory", TILLEULS, "--audience", audience, "--store", store.path)
            assert run("export", tmp_path / audience, *said).exit_code == 0
            rows = pl.read_csv(tmp_path / audience / "observations.csv", infer_schema=False)
            assert [row["value"] or "" for row in rows.to_dicts()] == [value]
            assert rows["source"].to_list() == ["'=HYPERLINK(1)"]
            assert (rows["comment"].to_list() if remark else "comment" in rows.columns) == (
                [remark] if remark else False
            )

    @pytest.mark.parametrize("territories", [[], ["--territory", "FR-00-NOWHERE"]])
    def test_an_export_of_nothing_is_refused(
        self, run: Run, demo_path: Path, tmp_path: Path, territories: list[str]
    ) -> None:
        result = run("export", tmp_path / "out", *territories, "--audience", "public", "--store", demo_path)
        assert (result.exit_code, (tmp_path / "out").exists()) == (2, False)


class TestMigration:
    """A store of an older version is migrated when it is opened, after a copy of it was put aside."""

    @pytest.fixture(params=[1, 2])
    def version(self, request: pytest.FixtureRequest) -> int:
        return int(request.param)

    @pytest.fixture
    def old(self, tmp_path: Path, version: int) -> Path:
        """A store of an older format, as its own version made it."""
        path = tmp_path / "cap.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute((STORES / f"format_{version}.sql").read_text("utf-8"))
            connection.execute("INSERT INTO store_format VALUES (?)", [version])
            connection.execute("INSERT INTO commit_log VALUES (1, '2026-10-01 10:00:00', 'deposit')")
            connection.execute(
                "INSERT INTO submission BY NAME SELECT '01a211fb-9495-7a87-8f9a-c1f750841255' AS submission_id, "
                "1 AS sequence, ['FR-99-TILLEULS'] AS territories, 't3.csv' AS filename, repeat('a', 64) AS sha256, "
                "'' AS mapping, 1 AS rows, 1 AS new_rows, 0 AS changed_rows, 0 AS unchanged_rows" + LATER[version]
            )
            for step, state in enumerate(("submitted", "approved"), 1):
                connection.execute(
                    "INSERT INTO submission_event BY NAME SELECT '01a211fb-9495-7a87-8f9a-c1f750841255' AS "
                    "submission_id, 1 AS sequence, ? AS state, 'officer' AS by_account, "
                    "TIMESTAMP '2026-10-01 10:00:00' AS happened_at" + (f", {step} AS step" if version > 1 else ""),
                    [state],
                )
            connection.execute(
                "INSERT INTO observation BY NAME SELECT '01a211fb-9495-7a87-8f9a-c1f750841255' AS submission_id, "
                "2 AS source_row, 'FR-99-TILLEULS' AS territory_code, '' AS qpv_code, 'JEU-04' AS indicator_code, "
                "'2026-Q3' AS period, DATE '2026-07-01' AS period_start, 'total' AS dimension, '' AS category, "
                "1 AS indicator_version, 12.0 AS value, 'normal' AS obs_status, 'libre' AS conf_status, "
                "'Associations' AS source, '' AS comment"
            )
        return path

    def test_nothing_of_it_is_lost(self, old: Path) -> None:
        """And it goes on as any store: what was approved can be withdrawn."""
        store = open_store(Settings(store_path=old), plan_masks)
        receipt = load_receipt(store, "01a211fb-9495-7a87-8f9a-c1f750841255", None)
        assert (receipt.state, receipt.filename, receipt.kept) == (SubmissionState.APPROVED, "t3.csv", 0)
        assert [event.state for event in receipt.events] == [SubmissionState.SUBMITTED, SubmissionState.APPROVED]
        assert load_observations(store, [TILLEULS], Audience.TERRITORY)["value"].to_list() == [12.0]
        move_submission(store, receipt.submission_id, SubmissionState.WITHDRAWN, "c", NOW, "erreur")
        assert load_observations(store, [TILLEULS], Audience.TERRITORY).is_empty()
        store.close()

    def test_the_file_as_it_was_stays_beside_it(self, old: Path, version: int) -> None:
        before = old.read_bytes()
        open_store(Settings(store_path=old), plan_masks).close()
        aside = old.with_name(f"cap.format-{version}.duckdb")
        assert aside.read_bytes() == before
        open_store(Settings(store_path=old), plan_masks).close()
        assert aside.read_bytes() == before

    def test_a_migration_that_fails_changes_nothing(
        self, old: Path, version: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The store is still of its format, and opens once the cause is gone."""
        before = old.read_bytes()
        with monkeypatch.context() as patched:
            patched.setitem(MIGRATIONS, version, {"submission": "SELECT * FROM nowhere"})
            with pytest.raises(StoreUnusable):
                open_store(Settings(store_path=old), plan_masks)
        assert old.read_bytes() == before
        store = open_store(Settings(store_path=old), plan_masks)
        assert load_observations(store, [TILLEULS], Audience.TERRITORY).height == 1
        store.close()

    def test_a_later_format_says_the_way_out(self, old: Path) -> None:
        """And is left as it is."""
        with duckdb.connect(str(old)) as connection:
            connection.execute("UPDATE store_format SET version = 99")
        before = old.read_bytes()
        with pytest.raises(StoreUnusable, match=r"format 99.*restore"):
            open_store(Settings(store_path=old), plan_masks)
        assert old.read_bytes() == before


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """What fails on the way leaves no folder behind."""
    with pytest.raises(OSError, match="nowhere"):
        write_folder(tmp_path / "out", {"a.csv": b"1", "nowhere/b.csv": b"2"})
    assert list(tmp_path.iterdir()) == []
    write_folder(tmp_path / "out", {"a.csv": b"1"})
    assert (tmp_path / "out" / "a.csv").read_bytes() == b"1"
    shutil.rmtree(tmp_path / "out")
