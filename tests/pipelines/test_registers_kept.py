"""Registers kept: in the catalogue at once, one transaction, nothing else disturbed; and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sent_files import NOW, TILLEULS, csv_file

from measures.rounds import list_expected, list_rounds, measure_rounds
from pipelines.deposit import prepare_submission
from pipelines.store import (
    NamesSomebody,
    PreviewOutdated,
    Store,
    WrongMove,
    list_moments,
    load_catalogue,
    load_deliveries,
    load_goals,
    load_issues,
    load_observations,
    load_receipt,
    load_submissions,
    load_whole_catalogue,
    move_submission,
    read_original,
    save_submission,
)
from schemas.catalogue import Catalogue
from schemas.issue import Code
from schemas.submission import PreparedSubmission, Receipt, SubmissionState
from schemas.words import Audience

Run = Callable[..., Result]
ACTIONS = csv_file(
    "A01;Permanence du mercredi à la mission locale;terminee",
    "A40;Atelier vélo;idee",
    headings="code_action;intitule;etat",
)
GOAL = "O1;Des jeunes accompagnés jusqu’à une solution;Jeunes de 16 à 25 ans suivis par la mission locale;JEU-01"
TARGET = csv_file(
    f"{GOAL};2023-T4;22,0833;53;240;au_moins;32;2027-T4;02/07/2026",
    headings="code_objectif;intitule;population_visee;code_indicateur;ref_periode;ref_valeur;ref_numerateur;"
    "ref_denominateur;type_cible;cible;echeance;reunion_decision",
)
FIGURES = csv_file("FR-99-TILLEULS;;JEU-04;2026-T2;total;;;;12;normal;libre;;;30/06/2026;Associations;")


@pytest.fixture
def prepare_here(store: Store) -> Callable[[bytes], PreparedSubmission]:
    """A file prepared against the store as it is."""

    def prepare(content: bytes, name: str = "registre.csv") -> PreparedSubmission:
        previous = load_observations(store, [TILLEULS], Audience.TERRITORY)
        return prepare_submission(content, name, [TILLEULS], load_whole_catalogue(store), previous, lambda: NOW)

    return prepare


@pytest.fixture
def keep(store: Store, prepare_here: Callable[[bytes], PreparedSubmission]) -> Callable[[bytes], Receipt]:
    return lambda content: save_submission(store, prepare_here(content), "officer", NOW)


def states(catalogue: Catalogue) -> dict[str, str]:
    return dict(catalogue.actions.filter(territory_code=TILLEULS).select("action_code", "state").iter_rows())


def test_a_register_counts_at_once(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    """Submitted and approved in one commit; the rows that it has not stay; the file is kept."""
    before, version = states(load_catalogue(store)), store.version()
    receipt = keep(ACTIONS)
    assert store.version() == version + 1
    assert (receipt.kind, receipt.state, receipt.rows) == ("actions", SubmissionState.APPROVED, 2)
    assert (receipt.new, receipt.changed, receipt.unchanged, receipt.kept) == (1, 1, 0, 0)
    assert [event.state for event in receipt.events] == [SubmissionState.SUBMITTED, SubmissionState.APPROVED]
    assert states(load_catalogue(store)) == before | {"A01": "terminee", "A40": "idee"}
    assert states(load_catalogue(store, version)) == before
    assert read_original(store, receipt.sha256) == ACTIONS


def test_the_same_again_changes_nothing(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    first = keep(ACTIONS)
    version = store.version()
    again = keep(ACTIONS)
    assert (again.submission_id, again.first_at) == (first.submission_id, first.at)
    assert store.version() == version


def test_a_register_sent_after_another_restores_its_rows(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    """The first, the second, the first again: it is another deposit."""
    first = keep(ACTIONS)
    keep(ACTIONS.replace(b"terminee", b"en_pause"))
    third = keep(ACTIONS)
    assert third.submission_id != first.submission_id
    assert states(load_catalogue(store))["A01"] == "terminee"


def test_a_preview_that_another_deposit_overtook_is_refused(
    store: Store, keep: Callable[[bytes], Receipt], prepare_here: Callable[[bytes], PreparedSubmission]
) -> None:
    """Whatever moved in the territory: a register, or figures."""
    seen, waiting = store.version(), prepare_here(ACTIONS)
    keep(ACTIONS.replace(b"terminee", b"en_pause"))
    version = store.version()
    with pytest.raises(PreviewOutdated):
        save_submission(store, waiting, "officer", NOW, seen_version=seen)
    assert store.version() == version


def test_a_register_is_not_moved(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    """It is sent again instead."""
    receipt = keep(ACTIONS)
    with pytest.raises(WrongMove):
        move_submission(store, receipt.submission_id, SubmissionState.WITHDRAWN, "coordinator", NOW, "trop tôt")
    assert load_receipt(store, receipt.submission_id, None).state is SubmissionState.APPROVED


def test_a_reason_that_names_somebody_is_refused(
    store: Store, prepare_here: Callable[[bytes], PreparedSubmission]
) -> None:
    version = store.version()
    with pytest.raises(NamesSomebody):
        save_submission(store, prepare_here(ACTIONS), "officer", NOW, "voir z@example.org")
    assert store.version() == version


def test_what_was_said_of_a_register_stays_with_it(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    receipt = keep(ACTIONS.replace("Atelier vélo".encode(), b"Atelier avec Mme Martin"))
    assert [issue.code for issue in load_issues(store, receipt.submission_id, None)] == [Code.MAYBE_PERSONAL_DATA]


def test_a_revised_target_is_what_progress_is_measured_against(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    """The version before stays in the store, and as of yesterday it counts."""
    version = store.version()
    keep(TARGET)
    now, then = (
        load_goals(store, [TILLEULS], Audience.TERRITORY, moment).filter(goal_code="O1", indicator_code="JEU-01")
        for moment in (None, version)
    )
    assert now.select("target_version", "target_value", "ref_value").rows() == [(2, 32.0, 22.0833)]
    assert then.select("target_version", "target_value").rows() == [(1, 30.0)]


def test_masks_are_planned_where_a_starting_point_comes(store: Store, keep: Callable[[bytes], Receipt]) -> None:
    """A start of 3 in 40 is not for the public."""
    small = TARGET.replace(b"O1;", b"O9;").replace(b"JEU-01", b"DRO-06").replace(b"22,0833;53;240", b"7,5;3;40")
    keep(small)
    start = load_goals(store, [TILLEULS], Audience.PUBLIC).filter(goal_code="O9")
    assert start.select("ref_value", "is_ref_masked").rows() == [(None, True)]


def test_figures_and_rounds_are_not_disturbed(
    store: Store, keep: Callable[[bytes], Receipt], deposit: Callable[..., Receipt]
) -> None:
    """A register is no delivery and changes no figure: neither the days on which they changed, nor the rounds."""
    deposit(FIGURES, at=NOW - timedelta(days=3))

    def seen() -> tuple[object, ...]:
        figures = load_observations(store, [TILLEULS], Audience.TERRITORY).rows()
        came = load_deliveries(store, [TILLEULS])
        catalogue = load_catalogue(store)
        rounds = list_rounds("2026-Q2", catalogue.territories.filter(territory_code=TILLEULS), catalogue.rounds)
        board = measure_rounds(list_expected(catalogue, [TILLEULS], "2026-Q2"), came, rounds, NOW).rows()
        return figures, came.rows(), board, list_moments(store, [TILLEULS])

    before = seen()
    keep(ACTIONS)
    assert seen() == before
    assert load_submissions(store, [TILLEULS])["kind"].to_list() == ["actions", "observations"]


class TestCommandLine:
    """`check` and `deposit` take a register as they take figures."""

    @pytest.fixture
    def sent(self, tmp_path: Path) -> Callable[[bytes], Path]:
        def sent(content: bytes) -> Path:
            path = tmp_path / "actions.csv"
            path.write_bytes(content)
            return path

        return sent

    def test_check(self, run: Run, demo_path: Path, sent: Callable[[bytes], Path]) -> None:
        result = run("check", sent(ACTIONS), "--territory", TILLEULS, "--store", demo_path, "--json")
        found = json.loads(result.stdout)
        assert (result.exit_code, found["ok"], found["rows"], found["issues"]) == (0, True, 2, [])
        assert (found["new"], found["changed"], found["unchanged"], found["kept"]) == (1, 1, 0, 0)
        assert found["changes"] == [
            {
                "source_row": 3,
                "change": "new",
                "name": "A40 Atelier vélo",
                "before": {},
                "after": {"state": "idee", "evidence_level": "hypothese"},
            },
            {
                "source_row": 2,
                "change": "changed",
                "name": "A01 Permanence du mercredi à la mission locale",
                "before": {"state": "en_cours"},
                "after": {"state": "terminee"},
            },
        ]

    def test_check_in_words(self, run: Run, demo_path: Path, sent: Callable[[bytes], Path]) -> None:
        said = run("check", sent(ACTIONS), "--territory", TILLEULS, "--store", demo_path).output
        assert "C’est le registre des actions." in said
        assert "1 ligne nouvelle, 1 modifiée, 0 inchangée." in said
        assert "État\u00a0: en cours → État\u00a0: terminée" in said

    def test_a_fault_blocks(self, run: Run, demo_path: Path, sent: Callable[[bytes], Path]) -> None:
        path = sent(ACTIONS.replace(b"idee", b"zut"))
        result = run("deposit", path, "--territory", TILLEULS, "--store", demo_path, "--partial", "--json")
        found = json.loads(result.stdout)
        assert (result.exit_code, found["state"], found["submission_id"]) == (1, "refused", None)
        assert [(issue["code"], issue["row"], issue["column"]) for issue in found["issues"]] == [
            ("unknown_word", 3, "etat")
        ]

    def test_deposit_and_receipt(self, run: Run, demo_path: Path, sent: Callable[[bytes], Path]) -> None:
        """Approved without asking for a reason; it is not withdrawn."""
        path = sent(ACTIONS)
        result = run("deposit", path, "--territory", TILLEULS, "--store", demo_path, "--json")
        found = json.loads(result.stdout)
        assert (result.exit_code, found["state"], found["rows"], found["new"], found["changed"]) == (
            0,
            "approved",
            2,
            1,
            1,
        )
        assert [change["change"] for change in found["changes"]] == ["new", "changed"]
        number = found["submission_id"]
        again = json.loads(run("receipt", number, "--store", demo_path, "--json").stdout)
        assert (again["state"], again["new"], again["changed"], again["changes"]) == ("approved", 1, 1, [])
        assert "1 ligne nouvelle, 1 modifiée" in run("receipt", number, "--store", demo_path).output
        refused = run("withdraw", number, "--reason", "non", "--store", demo_path)
        assert (refused.exit_code, refused.stdout) == (2, "")
