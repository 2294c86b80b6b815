"""The contract: what each command answers, in JSON and in words, and its exit code."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sent_files import INSEE_FILE, INSEE_MAPPING, ROOT, csv_file, xlsx_file

from measures.disclosure import plan_masks
from pipelines.store import Store, load_catalogue, load_submissions, open_store
from settings import Settings

Run = Callable[..., Result]
READY = csv_file(
    "FR-99-VALFLEURI;;DRO-01;2026-T3;total;;;;95;normal;libre;;;30/09/2026;France services;",
    "FR-99-VALFLEURI;;JEU-01;2026-T3;total;;38;130;29,2;normal;libre;;;30/09/2026;Mission locale;",
)
WRONG = csv_file("FR-99-VALFLEURI;;JEU-01;2026-T3;total;;38;;29,2;normal;libre;;;30/09/2026;Mission locale;")
WARNED = csv_file("FR-99-VALFLEURI;;EMP-03;2025;total;;;;0,35;normal;libre;;;;INSEE;")
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"


def sent(tmp_path: Path, content: bytes, name: str = "depot.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def answer(result: Result, exit_code: int = 0) -> dict[str, object]:
    """The one JSON object on standard output, and nothing else there."""
    assert result.exit_code == exit_code, result.output
    assert result.stdout.endswith("}\n")
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def one_line(result: Result, exit_code: int) -> str:
    """The one clear line on standard error, with nothing on standard output."""
    assert (result.exit_code, result.stdout) == (exit_code, "")
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def opened(path: Path) -> Store:
    return open_store(Settings(store_path=path), plan_masks)


def version_of(path: Path) -> int:
    store = opened(path)
    version = store.version()
    store.close()
    return version


class TestRead:
    """The table as found."""

    def test_a_french_file_comes_out_plain(self, run: Run, tmp_path: Path) -> None:
        """UTF-8, commas, header first; cells as they were written."""
        path = sent(tmp_path, 'Titre\r\n\r\nville;valeur\r\nÉpinal;" 1 200,5 "\r\n01004;"a ""b"""\r\n'.encode("cp1252"))
        result = run("read", path)
        assert result.exit_code == 0
        assert list(csv.reader(io.StringIO(result.stdout))) == [
            ["ville", "valeur"],
            ["Épinal", " 1 200,5 "],
            ["01004", 'a "b"'],
        ]

    def test_a_sheet_is_chosen(self, run: Run, tmp_path: Path) -> None:
        """By its name; one that is not there is told in one line."""

        def fill(workbook: object) -> None:
            for name in ("T2", "T3"):
                sheet = workbook.add_worksheet(name)
                sheet.write_row(0, 0, ["ville", "valeur"])
                sheet.write_row(1, 0, [name, 1])

        path = sent(tmp_path, xlsx_file(fill), "t.xlsx")
        assert run("read", path, "--sheet", "T3").stdout == "ville,valeur\nT3,1\n"
        assert "T4" in one_line(run("read", path, "--sheet", "T4"), 2)


class TestCheck:
    """A dry run."""

    def test_a_ready_file(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Exit 0, no issue, nothing stored."""
        version = version_of(demo_path)
        path = sent(tmp_path, READY)
        result = run("check", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json")
        found = answer(result)
        assert (found["file"], found["rows"], found["ok"]) == ("depot.csv", 2, True)
        assert {(issue["code"], issue["severity"]) for issue in found["issues"]} == {("missing_expected", "warning")}
        assert version_of(demo_path) == version

    def test_a_wrong_file(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Exit 1, every issue with its place, and a sentence in the language asked."""
        path = sent(tmp_path, WRONG)
        said = ("check", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path)
        found = answer(run(*said, "--json", "--lang", "en"), 1)
        assert (found["file"], found["rows"], found["ok"]) == ("depot.csv", 1, False)
        issue, *warnings = found["issues"]
        assert {one["code"] for one in warnings} == {"missing_expected"}
        message = issue.pop("message")
        assert issue == {
            "code": "missing_denominator",
            "severity": "blocking",
            "row": 2,
            "column": "denominateur",
            "found": "",
        }
        assert message.startswith("Line 2, column “denominateur”: ")
        french = answer(run(*said, "--json"), 1)["issues"][0]["message"]
        assert french.startswith("Ligne 2, colonne «\u00a0denominateur\u00a0»")

    def test_a_warning_does_not_block(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Exit 0, and the warning is told."""
        path = sent(tmp_path, WARNED)
        found = answer(run("check", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json"))
        assert found["ok"] is True
        assert {issue["code"] for issue in found["issues"]} == {"maybe_fraction"}
        assert {issue["severity"] for issue in found["issues"]} == {"warning"}

    def test_in_words(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """One sentence, what was understood of the file, then a sentence a fault."""
        path = sent(tmp_path, WRONG)
        result = run("check", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--lang", "en")
        assert result.exit_code == 1
        lines = result.stdout.splitlines()
        assert lines[0] == "depot.csv: nothing was kept, there are lines to correct."
        assert lines[1] == "Text file (utf-8, separator ;), headings on line 1."
        assert lines[2].startswith("Line 2, column “denominateur”: ")

    def test_personal_data_is_never_repeated(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Neither on standard output, nor on standard error, nor in the store."""
        path = sent(tmp_path, READY.rstrip() + b"284067505612306 lea.martin@exemple.fr\r\n")
        for command in ("check", "deposit"):
            result = run(command, path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json")
            assert [issue["code"] for issue in answer(result, 1)["issues"]] == ["personal_data"]
            assert "284067505612306" not in result.output
            assert "lea.martin" not in result.output
        assert b"lea.martin" not in demo_path.read_bytes()


class TestDeposit:
    """Check, save, receipt."""

    def test_a_receipt(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Everything the contract promises; the same again is a no-op that says so."""
        path = sent(tmp_path, READY)
        said = (
            "deposit",
            path,
            "--territory",
            "FR-99-VALFLEURI",
            "--store",
            demo_path,
            "--by",
            "officer",
            "--approve",
            "--json",
        )
        version = version_of(demo_path)
        first = answer(run(*said))
        assert (first["state"], first["rows"]) == ("approved", 2)
        assert {issue["code"] for issue in first["issues"]} == {"missing_expected"}
        assert (first["new"], first["changed"], first["unchanged"]) == (2, 0, 0)
        assert (len(first["sha256"]), first["already_deposited_at"]) == (64, None)
        assert version_of(demo_path) == version + 1
        again = answer(run(*said))
        assert (again["submission_id"], again["already_deposited_at"]) == (first["submission_id"], first["at"])
        assert version_of(demo_path) == version + 1
        log = answer(run("submissions", "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json"))
        assert log["submissions"][0]["submission_id"] == first["submission_id"]
        assert log["submissions"][0]["sent_by"] == "officer"

    def test_a_wrong_file_is_not_kept(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Exit 1, no number, the issues; the store is as it was."""
        version = version_of(demo_path)
        path = sent(tmp_path, WRONG)
        found = answer(run("deposit", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json"), 1)
        assert (found["submission_id"], found["new"]) == (None, 0)
        assert found["issues"][0]["code"] == "missing_denominator"
        assert version_of(demo_path) == version

    def test_several_files_answer_deposits(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """The right one is kept, the wrong one told: exit 1."""
        right, wrong = sent(tmp_path, READY, "a.csv"), sent(tmp_path, WRONG, "b.csv")
        result = run("deposit", right, wrong, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json")
        found = answer(result, 1)
        assert [(one["file"], one["submission_id"] is None) for one in found["deposits"]] == [
            ("a.csv", False),
            ("b.csv", True),
        ]

    def test_what_is_kept_has_its_receipt(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """A photo among the files: exit 2, and no submission in the store whose number was not printed."""
        right, photo = sent(tmp_path, READY, "a.csv"), sent(tmp_path, PHOTO, "b.csv")
        result = run("deposit", right, photo, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json")
        assert result.exit_code == 2
        store = opened(demo_path)
        kept = [
            row["submission_id"] for row in load_submissions(store, None).rows(named=True) if row["filename"] == "a.csv"
        ]
        store.close()
        assert [number for number in kept if number not in result.stdout] == []

    def test_in_words(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """The receipt as a sentence, in the language asked."""
        path = sent(tmp_path, READY)
        said = ("deposit", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--lang", "en")
        first, again = run(*said), run(*said)
        assert first.stdout.startswith("Receipt ")
        said_of_rows = next(line for line in first.stdout.splitlines() if line.startswith("2 new"))
        assert said_of_rows.endswith("0 changed, 0 unchanged.")
        assert again.stdout.startswith("This deposit had already come (")


class TestInsee:
    """The real file of INSEE through the mapping of the example, into an empty store."""

    def test_the_whole_file(self, run: Run, cases: Path, tmp_path: Path) -> None:
        """15 series, 167 quarters, 2 377 values, sum 20 733.2, 15 provisional; the same again is a no-op."""
        path = tmp_path / "cap.duckdb"
        said = ("deposit", cases / INSEE_FILE, "--mapping", INSEE_MAPPING, "--approve", "--store", path, "--json")
        first = answer(run(*said))
        assert (first["state"], first["rows"], first["new"], first["issues"]) == ("approved", 2377, 2377, [])
        assert len(first["territories"]) == 15
        rows = answer(run("observations", "--store", path, "--json"))["observations"]
        assert len({row["territory_code"] for row in rows}) == 15
        assert len({row["period"] for row in rows}) == 167
        assert len(rows) == 2377
        assert round(sum(row["value"] for row in rows), 1) == 20733.2
        provisional = [row for row in rows if row["source_status"] == "SD"]
        assert len(provisional) == 15
        assert {row["obs_status"] for row in provisional} == {"provisoire"}
        version = version_of(path)
        assert answer(run(*said))["submission_id"] == first["submission_id"]
        assert version_of(path) == version

    def test_a_mapping_that_forgot_a_territory(self, run: Run, cases: Path, tmp_path: Path) -> None:
        """The series is named where it stands; nothing is stored, not even the catalogue of the mapping."""
        folder = Path(shutil.copytree(INSEE_MAPPING.parent, tmp_path / "insee"))
        mapping = folder / INSEE_MAPPING.name
        lines = mapping.read_text("utf-8").splitlines(keepends=True)
        mapping.write_text("".join(line for line in lines if "REG-53" not in line), "utf-8")
        path = tmp_path / "cap.duckdb"
        result = run("deposit", cases / INSEE_FILE, "--mapping", mapping, "--approve", "--store", path, "--json")
        (issue,) = answer(result, 1)["issues"]
        assert (issue["code"], issue["row"], issue["column"], issue["found"]) == (
            "wrong_territory",
            10,
            "Libellé",
            "Taux de chômage localisé par région - Bretagne",
        )
        store = opened(path)
        assert store.version() == 0
        assert load_submissions(store, None).is_empty()
        assert all(table.is_empty() for table in load_catalogue(store).tables().values())
        store.close()


class TestAsking:
    """observations, progress, submissions."""

    def test_observations(self, run: Run, demo_path: Path) -> None:
        """Numbers are numbers, days ISO, missing is null; masked for the audience asked."""
        said = (
            "observations",
            "--territory",
            "FR-99-PORTNEUF",
            "--indicator",
            "MOB-04",
            "--store",
            demo_path,
            "--json",
        )
        own = answer(run(*said))["observations"]
        public = answer(run(*said, "--audience", "public"))["observations"]
        assert len(own) == len(public) == 12
        assert {key: own[0][key] for key in ("period", "value", "denominator", "reference_date", "is_masked")} == {
            "period": "2023-Q4",
            "value": 2.0,
            "denominator": None,
            "reference_date": "2023-12-31",
            "is_masked": False,
        }
        assert (public[0]["value"], public[0]["is_masked"]) == (None, True)

    @pytest.mark.parametrize(
        ("moment", "parts"),
        [
            pytest.param("2026-04-24", None, id="before"),
            pytest.param("2026-06-17", (78.0, 238.0), id="a_day_is_its_end"),
            pytest.param("2026-06-18", (74.0, 236.0), id="the_day_of_the_correction"),
            pytest.param("2026-06-18T15:39:59+00:00", (78.0, 238.0), id="a_second_before"),
            pytest.param("2026-06-18T17:40:00", (74.0, 236.0), id="without_zone_is_paris"),
        ],
    )
    def test_as_of(self, moment: str, parts: tuple[float, float] | None, run: Run, demo_path: Path) -> None:
        """What was known then of JEU-01, T1 2026, at Les Tilleuls."""
        said = ("observations", "--territory", "FR-99-TILLEULS", "--indicator", "JEU-01", "--as-of", moment)
        rows = answer(run(*said, "--store", demo_path, "--json"))["observations"]
        found = [
            (row["numerator"], row["denominator"])
            for row in rows
            if (row["period"], row["dimension"]) == ("2026-Q1", "total")
        ]
        assert found == ([parts] if parts else [])

    def test_progress(self, run: Run, demo_path: Path) -> None:
        """One row a goal-indicator at its latest period, in the indicator's unit."""
        rows = answer(run("progress", "--territory", "FR-99-TILLEULS", "--store", demo_path, "--json", "--lang", "en"))
        by_indicator = {row["indicator"]: row for row in rows["progress"]}
        assert set(by_indicator) == {"JEU-01", "DEC-03", "DRO-02", "PAR-01", "JEU-04", "JEU-05"}
        row = by_indicator["JEU-01"]
        assert {
            "goal",
            "indicator",
            "period",
            "value",
            "low",
            "high",
            "expected",
            "target",
            "attainment",
            "pace",
            "state",
            "reason",
        } <= set(row)
        assert (row["goal"], row["period"], row["value"], row["target"]) == ("O1", "2026-Q3", 35.0, 30.0)
        assert row["attainment"] == pytest.approx(100 * (35 - 22.0833) / (30 - 22.0833))
        assert row["low"] < 30 < 35 < row["high"]
        assert row["state"] == "reached_to_confirm"
        assert row["reason"] == "Between 29 and 41%; the target is 30% at the end of 2027."
        assert by_indicator["JEU-04"]["target"] is None

    def test_progress_hides_what_the_audience_may_not_see(self, run: Run, demo_path: Path) -> None:
        """MOB-04 starts at 2 persons: no attainment for the public, and no trace of the start."""
        said = ("progress", "--territory", "FR-99-PORTNEUF", "--store", demo_path, "--json")
        own, public = (
            next(row for row in answer(run(*said, "--audience", audience))["progress"] if row["indicator"] == "MOB-04")
            for audience in ("territory", "public")
        )
        assert own["attainment"] == 50.0
        assert (public["attainment"], public["expected"], public["pace"]) == (None, None, None)

    def test_submissions(self, run: Run, demo_path: Path) -> None:
        """Latest first, with what each did."""
        found = answer(run("submissions", "--territory", "FR-99-TILLEULS", "--store", demo_path, "--json"))
        log = found["submissions"]
        assert len(log) == 13
        assert [row["sent_at"] for row in log] == sorted((row["sent_at"] for row in log), reverse=True)
        correction = next(row for row in log if "rectification" in row["filename"])
        assert (correction["changed_rows"], correction["state"]) == (1, "approved")
        assert correction["reason"] == "Deux dossiers étaient comptés deux fois"

    @pytest.mark.parametrize("command", ["observations", "progress", "submissions"])
    def test_in_words(self, command: str, run: Run, demo_path: Path) -> None:
        """A line a row, no JSON."""
        result = run(command, "--territory", "FR-99-TILLEULS", "--store", demo_path, "--lang", "en")
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) >= 6
        assert not result.stdout.startswith("{")

    def test_nothing_yet(self, run: Run, tmp_path: Path) -> None:
        """An empty store answers, in words and in JSON."""
        path = tmp_path / "cap.duckdb"
        assert run("submissions", "--store", path, "--lang", "en").stdout == "Nothing yet.\n"
        assert answer(run("submissions", "--store", path, "--json")) == {"submissions": []}
        assert answer(run("observations", "--store", path, "--json")) == {"observations": []}
        assert answer(run("progress", "--store", path, "--json")) == {"progress": []}


class TestLoading:
    """load-catalogue and demo."""

    def test_the_reference_catalogue(self, run: Run, tmp_path: Path) -> None:
        """Rows of each table; the same again adds nothing."""
        said = ("load-catalogue", ROOT / "data" / "reference", "--store", tmp_path / "cap.duckdb", "--json")
        first, again = answer(run(*said)), answer(run(*said))
        assert (first["tables"]["indicators"], first["tables"]["challenges"]) == (48, 8)
        assert again["tables"] == first["tables"]
        assert set(again["added"].values()) == {0}

    def test_a_catalogue_that_does_not_hold_is_refused(self, run: Run, tmp_path: Path) -> None:
        """Exit 2, which row of which table, nothing stored."""
        (tmp_path / "challenges.csv").write_text("challenge_code,label_fr,label_en\nJEUNES,Jeunes,Young\n", "utf-8")
        path = tmp_path / "cap.duckdb"
        assert "challenges.csv line 2" in one_line(run("load-catalogue", tmp_path, "--store", path), 2)
        assert version_of(path) == 0

    def test_demo_again_changes_nothing(self, run: Run, demo_path: Path) -> None:
        """Same count, same store version."""
        version = version_of(demo_path)
        assert run("demo", "--store", demo_path, "--lang", "en").stdout == "Demonstration ready: 380 observations.\n"
        assert version_of(demo_path) == version


class TestUnusable:
    """Exit 2: one clear line on standard error, nothing on standard output."""

    def test_a_file_nobody_can_read(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """The line names the file, in the language asked."""
        said = ("check", sent(tmp_path, PHOTO, "photo.csv"), "--territory", "FR-99-LILAS", "--store", demo_path)
        assert "photo.csv" in one_line(run(*said), 2)
        assert one_line(run(*said, "--lang", "en", "--json"), 2).startswith("The file “photo.csv” is not a table")

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param(["check", "nowhere.csv", "--territory", "FR-99-LILAS"], id="file_that_is_not_there"),
            pytest.param(["check", "FILE"], id="no_territory"),
            pytest.param(["check", "FILE", "--territory", "FR-00-NOWHERE"], id="territory_that_does_not_exist"),
            pytest.param(["deposit", "FILE", "--mapping", "nowhere.toml"], id="mapping_that_is_not_there"),
            pytest.param(["deposit", "FILE", "--mapping", "FILE"], id="mapping_that_is_none"),
            pytest.param(["observations", "--as-of", "demain"], id="moment_that_is_none"),
            pytest.param(["observations", "--audience", "everybody"], id="audience_that_does_not_exist"),
            pytest.param(["load-catalogue", "nowhere"], id="folder_that_is_not_there"),
        ],
    )
    def test_a_request_nobody_can_answer(self, arguments: list[str], run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Whatever is wrong with it."""
        path = sent(tmp_path, READY)
        named = [str(path) if argument == "FILE" else argument for argument in arguments]
        assert one_line(run(*named, "--store", demo_path), 2)

    def test_a_file_that_is_no_store(self, run: Run, tmp_path: Path) -> None:
        """The line names it."""
        path = sent(tmp_path, b"not a database, but long enough to be looked at\n" * 200, "cap.duckdb")
        assert "cap.duckdb" in one_line(run("submissions", "--store", path, "--json"), 2)

    def test_a_typing_slip_in_the_year_is_an_issue(self, run: Run, demo_path: Path, tmp_path: Path) -> None:
        """Exit 1 with its line, not 2."""
        path = sent(tmp_path, READY.replace(b"2026-T3", b"0000-T3", 1))
        found = answer(run("check", path, "--territory", "FR-99-VALFLEURI", "--store", demo_path, "--json"), 1)
        assert ("unreadable_period", 2) in [(issue["code"], issue["row"]) for issue in found["issues"]]


class TestAsAProgram:
    """`python -m pipelines`, as other programs call it."""

    def call(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipelines", *map(str, arguments)],
            cwd=ROOT,
            env={"PATH": "", "PYTHONUTF8": "1", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def test_the_store_of_the_environment(self, demo_path: Path) -> None:
        """CAP_STORE, where --store is left out; one JSON object, nothing on standard error."""
        done = self.call("submissions", "--territory", "FR-99-LILAS", "--json", CAP_STORE=str(demo_path))
        assert (done.returncode, done.stderr) == (0, "")
        assert len(json.loads(done.stdout)["submissions"]) == 12

    def test_a_store_in_use(self, demo_store: Store) -> None:
        """Exit 3 while this process holds it: one line that names it, nothing on standard output."""
        done = self.call("submissions", "--store", demo_store.path, "--json", "--lang", "en")
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.count("\n") == 1
        assert demo_store.path.name in done.stderr
