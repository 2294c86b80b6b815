"""Cells corrected on the page: read as if they had been written so, kept one by one, taken back one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from sent_files import NOW, TILLEULS, csv_file, located

from pipelines.read import read_document
from pipelines.repairs import (
    OUT,
    WHOLE_LINE,
    Cell,
    NothingLeft,
    RepairNamesSomebody,
    add_unavailable,
    fill_column,
    list_faults,
    list_remarked,
    list_unavailable,
    mend,
    merge_repairs,
    name_column,
    refuse_unfit,
    say_percent,
    say_unavailable,
    take_out,
    undo,
)
from pipelines.store import (
    DraftEnded,
    Store,
    load_drafts,
    load_observations,
    load_original,
    load_receipt,
    load_repairs,
    save_draft,
    save_repairs,
    save_submission,
)
from schemas.issue import Code
from schemas.submission import PreparedSubmission, Receipt, Repair, digest_of
from schemas.words import Audience

Prepare = Callable[..., PreparedSubmission]
Deposit = Callable[..., Receipt]
JEU_01 = "FR-99-TILLEULS;;{};2026-T3;total;;{};{};;normal;libre;;;30/09/2026;Mission locale;"
PERIOD = Repair(2, "periode", "2026-T33", "2026-T3")


def faults(prepared: PreparedSubmission) -> list[tuple[Any, ...]]:
    return [(one.code, one.rows, [(cell.column, cell.found) for cell in one.cells]) for one in list_faults(prepared)]


def mended(prepare: Prepare, content: bytes, repairs: list[Repair]) -> PreparedSubmission:
    return prepare(content, repairs=tuple(repairs))


@pytest.mark.parametrize(
    ("content", "repairs", "said"),
    [
        pytest.param(
            csv_file(JEU_01.format("JEU-01", 38, "").replace("2026-T3", "2026-T33")),
            [PERIOD, Repair(2, "denominateur", "", "142")],
            [(2, 38.0, 142.0)],
            id="two_cells_of_a_line",
        ),
        pytest.param(
            csv_file(JEU_01.format("JEU-01", 38, 142), JEU_01.format("JEU-01", 39, 142)),
            [Repair(3, WHOLE_LINE, "", OUT)],
            [(2, 38.0, 142.0)],
            id="a_line_taken_out",
        ),
        pytest.param(
            csv_file(JEU_01.format("JEU-01", 38, 142)).replace(b"periode", b"Quand"),
            [Repair(1, "Quand", "Quand", "periode")],
            [(2, 38.0, 142.0)],
            id="a_heading",
        ),
        pytest.param(
            csv_file(JEU_01.format("JEU-01", 38, 142)),
            [Repair(5, name, "", word) for name, word in (
                ("code_territoire", TILLEULS), ("code_indicateur", "JEU-04"), ("periode", "2026-T3"), ("valeur", "9"),
                ("source", "Associations"),
            )],
            [(2, 38.0, 142.0), (5, None, None)],
            id="a_line_added",
        ),
        pytest.param(
            b"code_territoire;code_indicateur;periode;valeur\nFR-99-TILLEULS;JEU-04;2026-T3;9\n",
            [Repair(2, "source", "", "Associations")],
            [(2, None, None)],
            id="a_column_added",
        ),
    ],
)  # fmt: skip
def test_a_repaired_file_reads_as_if_written_so(
    prepare: Prepare, content: bytes, repairs: list[Repair], said: list[tuple[Any, ...]]
) -> None:
    """The bytes and their fingerprint stay those of the file."""
    prepared = mended(prepare, content, repairs)
    assert (prepared.is_ready, prepared.content, prepared.repairs) == (True, content, tuple(repairs))
    assert prepared.rows.select("source_row", "numerator", "denominator").rows() == said


def test_each_fault_has_its_cells(prepare: Prepare) -> None:
    """Of a word written on several lines, one for all; what stands in each cell now."""
    prepared = prepare(
        csv_file(
            JEU_01.format("JEU-1", 38, 142),
            JEU_01.format("JEU-1", 17, 66).replace(";total;;", ";sexe;femmes;"),
            JEU_01.format("EMP-04", 50, 40),
            JEU_01.format("EMP-05", 20, ""),
        )
    )
    assert faults(prepared) == [
        ("unknown_indicator", (2, 3), [("code_indicateur", "JEU-1")]),
        ("numerator_above_denominator", (4,), [("numerateur", "50"), ("denominateur", "40")]),
        ("missing_denominator", (5,), [("numerateur", "20"), ("denominateur", "")]),
    ]
    both = mend(prepared, list_faults(prepared)[0].cells[0], "JEU-01")
    assert both == [Repair(2, "code_indicateur", "JEU-1", "JEU-01"), Repair(3, "code_indicateur", "JEU-1", "JEU-01")]


def test_a_warning_ends_when_its_reason_is_there(prepare: Prepare, approved_before: pl.DataFrame) -> None:
    """« 0,35 » ends when it says « 0,35 % » itself."""
    fraction = csv_file("FR-99-TILLEULS;;SAN-01;2025;total;;;;0,35;normal;libre;;;;CPAM;")
    prepared = prepare(fraction)
    assert faults(prepared) == [("maybe_fraction", (2,), [("valeur", "0,35")])]
    sure = prepare(fraction, repairs=(Repair(2, "valeur", "0,35", "0,35 %"),))
    assert (sure.issues.of_code(Code.MAYBE_FRACTION), sure.rows["value"].to_list()) == ([], [0.35])


@pytest.mark.parametrize(
    ("found", "readings"),
    [
        pytest.param("0,35", ("0,35 %", "35 %"), id="two_decimals"),
        pytest.param("0,355", ("0,355 %", "35,5 %"), id="nothing_is_rounded"),
        pytest.param("0.9", ("0.9 %", "90 %"), id="a_point"),
    ],
)
def test_a_fraction_has_two_readings(found: str, readings: tuple[str, str]) -> None:
    assert say_percent(Cell((2,), "valeur", found)) == readings


def test_lines_written_twice_are_taken_out(prepare: Prepare) -> None:
    content = csv_file(JEU_01.format("JEU-01", 38, 142), JEU_01.format("JEU-01", 38, 142))
    twins = list_faults(prepare(content))
    assert [(one.code, one.rows, one.may_drop) for one in twins] == [
        ("duplicate_key", (2,), True),
        ("duplicate_key", (3,), True),
    ]
    assert mended(prepare, content, take_out(twins[1].rows)).is_ready


def test_a_missing_column_is_named_or_filled(prepare: Prepare) -> None:
    content = csv_file(JEU_01.format("JEU-01", 38, 142)).replace(b"source", b"Origine")
    prepared = prepare(content)
    assert [issue.code for issue in prepared.blocking] == [Code.MISSING_COLUMN]
    assert mended(prepare, content, name_column(prepared, "Origine", "source")).is_ready
    assert mended(prepare, content, fill_column(prepared, "source", "Mission locale")).is_ready


def test_a_figure_nobody_has_goes_without_number(prepare: Prepare) -> None:
    """Only where nothing but its numbers is wrong; an expected figure that is not in the file gets a line."""
    content = csv_file(
        JEU_01.format("JEU-01", "?", 142), JEU_01.format("JEU-9", "?", 142), JEU_01.format("EMP-04", 5, 40)
    )
    prepared = prepare(content)
    assert list_unavailable(prepared) == [2]
    said = say_unavailable(prepared, [2], "Registre perdu")
    added = add_unavailable(prepared, [(TILLEULS, "DRO-02", "2026-Q3", "France services")], "Guichet fermé")
    again = mended(prepare, content, [*said, *added, *take_out([3])])
    assert again.rows.select("source_row", "indicator_code", "period", "value", "obs_status", "comment").rows() == [
        (2, "JEU-01", "2026-Q3", None, "non_disponible", "Registre perdu"),
        (4, "EMP-04", "2026-Q3", 12.5, "normal", ""),
        (5, "DRO-02", "2026-Q3", None, "non_disponible", "Guichet fermé"),
    ]
    assert again.is_ready


def test_lines_that_somebody_wrote_of(prepare: Prepare) -> None:
    """Their numbers and their comment; a line that is not in the file has none."""
    found = list_remarked(prepare(csv_file(JEU_01.format("JEU-01", 38, 142))), [2, 9])
    assert [(one.rows, [(cell.column, cell.found) for cell in one.cells]) for one in found] == [
        ((2,), [("numerateur", "38"), ("denominateur", "142"), ("valeur", ""), ("commentaire", "")])
    ]


@pytest.mark.parametrize(
    ("before", "fresh", "stands"),
    [
        pytest.param([], [PERIOD], [PERIOD], id="first"),
        pytest.param(
            [PERIOD],
            [Repair(2, "periode", "2026-T3", "2026-T2")],
            [Repair(2, "periode", "2026-T33", "2026-T2")],
            id="again",
        ),
        pytest.param([PERIOD], undo([PERIOD]), [], id="taken_back"),
        pytest.param(take_out([4]), undo(take_out([4])), [], id="line_brought_back"),
    ],
)
def test_the_last_of_a_cell_counts(before: list[Repair], fresh: list[Repair], stands: list[Repair]) -> None:
    """With what was in the file, whatever stood there meanwhile."""
    assert merge_repairs(before, fresh) == tuple(stands)


def test_a_sheet_keeps_its_own_corrections(prepare: Prepare) -> None:
    """What was corrected in another sheet of the workbook is not written into this one."""
    content = csv_file(JEU_01.format("JEU-01", 38, 142))
    prepared = mended(prepare, content, [Repair(2, "numerateur", "38", "99", sheet="T2")])
    assert (prepared.rows["numerator"].to_list(), prepared.repairs) == ([38.0], ())


def test_a_column_that_was_named_is_corrected_under_its_new_name(prepare: Prepare) -> None:
    content = csv_file(JEU_01.format("JEU-01", 38, 142)).replace(b"periode", b"Quand").replace(b"2026-T3", b"2026-T33")
    named = mended(prepare, content, [Repair(1, "Quand", "Quand", "periode")])
    again = mended(prepare, content, [*named.repairs, *mend(named, list_faults(named)[0].cells[0], "2026-T3")])
    assert again.is_ready


def test_two_faults_of_one_cell_are_mended_once(prepare: Prepare) -> None:
    """A status that says there is no number, and a value that does not fit either: the same cells."""
    content = csv_file(JEU_01.format("JEU-01", 38, 142).replace(";;normal", ";80;non_disponible"))
    assert [one.code for one in list_faults(prepare(content))].count("value_disagrees") == 1


def test_a_line_added_after_the_last_was_taken_out_stays(prepare: Prepare) -> None:
    content = csv_file(JEU_01.format("JEU-01", 38, 142), JEU_01.format("EMP-04", 5, 40))
    short = mended(prepare, content, take_out([3]))
    added = add_unavailable(short, [(TILLEULS, "DRO-02", "2026-Q3", "France services")], "Guichet fermé")
    again = mended(prepare, content, [*short.repairs, *added])
    assert again.rows["indicator_code"].to_list() == ["JEU-01", "DRO-02"]


@pytest.mark.parametrize(
    ("repairs", "error"),
    [
        pytest.param(take_out([2]), NothingLeft, id="the_last_line_out"),
        pytest.param(
            [Repair(2, "commentaire", "", "Date de naissance manquante")],
            RepairNamesSomebody,
            id="a_heading_of_persons",
        ),
        pytest.param([Repair(2, "commentaire", "", "zoe@exemple.fr")], RepairNamesSomebody, id="an_address"),
    ],
)
def test_what_the_file_could_not_be_taken_with_is_refused(repairs: list[Repair], error: type[Exception]) -> None:
    """Before it is kept: the draft goes on as it was."""
    reading = read_document(csv_file(JEU_01.format("JEU-01", 38, 142)), "t3.csv")
    with pytest.raises(error):
        refuse_unfit(reading, repairs, NOW.date())


def test_the_same_corrections_are_the_same_in_any_order() -> None:
    other = Repair(3, "valeur", "", "4")
    assert digest_of([PERIOD, other]) == digest_of([other, PERIOD]) != digest_of([PERIOD])
    assert digest_of([]) == ""


class TestKept:
    """With the draft as they are typed, with the deposit for good."""

    FAULTY = csv_file(JEU_01.format("JEU-01", 38, 142).replace("2026-T3", "2026-T33"))

    def draft(self, store: Store) -> str:
        return save_draft(store, self.FAULTY, "t3.csv", TILLEULS, "officer", NOW).submission_id

    def test_a_draft_with_corrections_is_not_put_away_by_another(self, store: Store) -> None:
        """One in which nothing was typed is."""
        first = self.draft(store)
        save_repairs(store, first, [PERIOD], "officer", NOW)
        second = save_draft(store, self.FAULTY + b"#", "autre.csv", TILLEULS, "officer", NOW).submission_id
        third = save_draft(store, self.FAULTY + b"##", "encore.csv", TILLEULS, "officer", NOW).submission_id
        assert (
            {one.submission_id for one in load_drafts(store, TILLEULS, "officer")} == {first, third} != {first, second}
        )

    def test_a_draft_keeps_them(self, store: Store) -> None:
        draft = self.draft(store)
        save_repairs(store, draft, [PERIOD], "officer", NOW)
        assert load_repairs(store, draft) == (PERIOD,)
        save_repairs(store, draft, undo([PERIOD]), "officer", NOW)
        assert load_repairs(store, draft) == ()

    def test_a_cell_that_names_somebody_keeps_nothing(self, store: Store) -> None:
        draft, version = self.draft(store), store.version()
        with pytest.raises(RepairNamesSomebody, match="email"):
            save_repairs(store, draft, [PERIOD, Repair(2, "commentaire", "", "zoe@exemple.fr")], "officer", NOW)
        assert (load_repairs(store, draft), store.version()) == ((), version)

    def test_a_deposit_has_the_file_and_its_corrections(self, store: Store, prepare: Prepare) -> None:
        """Another tab cannot add to it; the draft is over."""
        draft = self.draft(store)
        save_repairs(store, draft, [PERIOD], "officer", NOW)
        prepared = prepare(self.FAULTY, repairs=load_repairs(store, draft))
        receipt = save_submission(store, prepared, "officer", NOW, approve=True, draft=draft)
        assert load_receipt(store, receipt.submission_id, None).repairs == (PERIOD,)
        assert load_original(store, receipt.submission_id, [TILLEULS]) == self.FAULTY
        assert load_observations(store, [TILLEULS], Audience.TERRITORY)["period"].to_list() == ["2026-Q3"]
        with pytest.raises(DraftEnded):
            save_repairs(store, draft, [Repair(2, "valeur", "", "3")], "officer", NOW)
        assert load_drafts(store, TILLEULS, "officer") == []

    def test_the_same_file_corrected_otherwise_is_another_deposit(self, store: Store, prepare: Prepare) -> None:
        """And the same corrections again change nothing."""

        def send(count: str) -> Receipt:
            prepared = prepare(self.FAULTY, repairs=(PERIOD, Repair(2, "numerateur", "38", count)))
            return save_submission(store, prepared, "officer", NOW)

        first, other, again = send("39"), send("40"), send("39")
        assert first.submission_id != other.submission_id
        assert (again.submission_id, again.first_at) == (first.submission_id, first.at)

    def test_without_a_draft_they_are_kept_all_the_same(self, store: Store, prepare: Prepare) -> None:
        receipt = save_submission(store, prepare(self.FAULTY, repairs=(PERIOD,)), "officer", NOW)
        assert receipt.repairs == (PERIOD,)

    def test_a_corrected_draft_of_a_file_that_was_sent_is_offered(self, store: Store, deposit: Deposit) -> None:
        """As it is, it would not be: there would be nothing left to send."""
        content = csv_file(JEU_01.format("JEU-01", 38, 142))
        deposit(content)
        draft = save_draft(store, content, "t3.csv", TILLEULS, "officer", NOW).submission_id
        assert load_drafts(store, TILLEULS, "officer") == []
        save_repairs(store, draft, [Repair(2, "numerateur", "38", "39")], "officer", NOW)
        assert [one.submission_id for one in load_drafts(store, TILLEULS, "officer")] == [draft]


def test_issues_of_a_repaired_file_are_where_they_were(prepare: Prepare) -> None:
    """The lines that a person sees stay theirs."""
    content = csv_file(JEU_01.format("JEU-01", 38, 142), JEU_01.format("JEU-9", 38, 142))
    prepared = mended(prepare, content, take_out([2]))
    assert located(prepared.issues) == [("unknown_indicator", 3, "code_indicateur", "JEU-9")]
