"""A file prepared: what it would change, what it leaves, and why it is not ready. Nothing is stored here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import polars as pl
import pytest
from sent_files import csv_file, located

from schemas.issue import Code, UnreadableFile
from schemas.submission import Change, PreparedSubmission

Prepare = Callable[..., PreparedSubmission]
JEU_01 = "FR-99-TILLEULS;;JEU-01;2026-T2;total;;{};{};;normal;libre;;;30/06/2026;Mission locale;"
JEU_04 = "FR-99-TILLEULS;;JEU-04;2026-T2;total;;;;{};normal;libre;;;30/06/2026;Associations;"


def changes(prepared: PreparedSubmission) -> list[tuple[object, ...]]:
    return prepared.changes.select("source_row", "indicator_code", "period", "change", "value_before", "value").rows()


def test_a_first_deposit_is_all_new(prepare: Prepare) -> None:
    """Its rows, its fingerprint, its territories; a rate is computed from its components, in percent."""
    content = csv_file(JEU_01.format(71, 142), JEU_04.format(12))
    prepared = prepare(content, "C:\\Bureau\\t2.csv")
    assert changes(prepared) == [
        (2, "JEU-01", "2026-Q2", "new", None, 50.0),
        (3, "JEU-04", "2026-Q2", "new", None, 12.0),
    ]
    assert (prepared.filename, prepared.sha256) == ("t2.csv", hashlib.sha256(content).hexdigest())
    assert (prepared.territories, prepared.mapping, prepared.row_count) == (("FR-99-TILLEULS",), "", 2)
    assert prepared.is_ready


def test_the_computed_rate_is_exact(prepare: Prepare) -> None:
    """38/142, not the rounded 26,8 that was sent with it."""
    line = JEU_01.format(38, 142).replace(";142;;", ";142;26,8;")
    assert prepare(csv_file(line)).rows["value"].to_list() == [100 * 38 / 142]


def test_new_changed_unchanged_and_kept(prepare: Prepare, approved_before: pl.DataFrame) -> None:
    """Against T2 2026, approved with JEU-01 38/142 and JEU-04 12."""
    prepared = prepare(
        csv_file(JEU_01.format(71, 142), JEU_04.format(7).replace("JEU-04", "MOB-03")), previous=approved_before
    )
    assert changes(prepared) == [
        (2, "JEU-01", "2026-Q2", "changed", 100 * 38 / 142, 50.0),
        (3, "MOB-03", "2026-Q2", "new", None, 7.0),
        (None, "JEU-04", "2026-Q2", "kept", 12.0, 12.0),
    ]
    assert [prepared.count(change) for change in Change] == [1, 1, 0, 1]
    again = prepare(csv_file(JEU_04.format(12)), previous=approved_before)
    assert [prepared_row[3] for prepared_row in changes(again)] == ["unchanged", "kept"]


def test_only_the_periods_of_the_file_are_kept(prepare: Prepare, approved_before: pl.DataFrame) -> None:
    """A file of T3 says nothing of the values of T2."""
    prepared = prepare(csv_file(JEU_04.format(9).replace("T2", "T3").replace("06", "09")), previous=approved_before)
    assert [row[3] for row in changes(prepared)] == ["new"]


@pytest.mark.parametrize(
    ("line", "found", "before"),
    [
        pytest.param(JEU_04.format(13), "13", "12", id="count"),
        pytest.param(JEU_01.format(40, 142), "40/142", "38/142", id="numerator"),
        pytest.param(JEU_01.format(38, 150), "38/150", "38/142", id="denominator"),
        pytest.param(
            JEU_04.format("").replace("normal", "non_disponible") + "Panne", "non_disponible", "12", id="taken_back"
        ),
    ],
)
def test_a_correction_warns_with_old_and_new(
    line: str, found: str, before: str, prepare: Prepare, approved_before: pl.DataFrame
) -> None:
    """It does not block."""
    prepared = prepare(csv_file(line), previous=approved_before)
    assert located(prepared.issues) == [("changes_approved", 2, "valeur", found)]
    assert prepared.issues[0].context["before"] == before
    assert prepared.is_ready


def test_a_correction_of_a_large_number_is_told_to_the_unit(prepare: Prepare) -> None:
    """Old and new must not look the same."""
    line = JEU_04.replace("JEU-04", "EMP-01")
    before = prepare(csv_file(line.format(1234567))).rows.with_columns(is_masked=pl.lit(False))
    (issue,) = prepare(csv_file(line.format(1234568)), previous=before).issues
    assert (issue.found, issue.context["before"]) == ("1234568", "1234567")


def test_a_status_that_moves_is_a_correction(prepare: Prepare, approved_before: pl.DataFrame) -> None:
    """Same number, now provisional: the approved value is not what it was."""
    prepared = prepare(csv_file(JEU_04.format(12).replace("normal", "provisoire")), previous=approved_before)
    assert prepared.count(Change.CHANGED) == 1
    assert [issue.code for issue in prepared.issues] == [Code.CHANGES_APPROVED]


def test_a_remark_that_moves_is_a_change_without_warning(prepare: Prepare, approved_before: pl.DataFrame) -> None:
    """A comment is kept with the row, but corrects no value."""
    prepared = prepare(csv_file(JEU_04.format(12) + "Relu"), previous=approved_before)
    assert prepared.count(Change.CHANGED) == 1
    assert prepared.issues == ()


def test_a_file_of_another_territory_is_refused_row_by_row(prepare: Prepare) -> None:
    """Every row is named."""
    content = csv_file(JEU_01.format(38, 142), JEU_04.format(12))
    prepared = prepare(content, territories=["FR-99-LILAS"])
    assert located(prepared.issues) == [
        ("wrong_territory", 2, "code_territoire", "FR-99-TILLEULS"),
        ("wrong_territory", 3, "code_territoire", "FR-99-TILLEULS"),
    ]
    assert not prepared.is_ready


def test_a_file_whose_every_row_is_wrong(prepare: Prepare) -> None:
    """It is still prepared, counted and explained."""
    prepared = prepare(csv_file(*[f"x;;y;z;total;;a;b;c;d;e;f;g;h;{'s' * 121};" for _ in range(30)]))
    assert not prepared.is_ready
    assert prepared.row_count == 30
    assert {issue.row for issue in prepared.blocking} == set(range(2, 32))


def test_an_unreadable_file_raises(prepare: Prepare) -> None:
    """There is nothing to prepare."""
    with pytest.raises(UnreadableFile):
        prepare(b"\xff\xd8\xff\xe0JFIF")


def test_preparing_is_pure(prepare: Prepare, approved_before: pl.DataFrame) -> None:
    """The same arguments give the same submission, and the approved values are left as they were."""
    before = approved_before.clone()
    content = csv_file(JEU_01.format(71, 142), JEU_04.format(7))
    first, second = (prepare(content, previous=approved_before) for _ in range(2))
    assert first.rows.equals(second.rows)
    assert first.changes.equals(second.changes)
    assert first.issues == second.issues
    assert approved_before.equals(before)


def test_issues_come_in_the_order_of_the_file(prepare: Prepare) -> None:
    """The whole file first, then line by line."""
    prepared = prepare(
        csv_file(
            "FR-99-TILLEULS;JEU-04;2026-T3;x;Associations;",
            "FR-99-LILAS;JEU-04;2026-T2;-1;Associations;",
            headings="Territoire;Indicateur;Période;Valeur;Source;Couleur",
        )
    )
    assert located(prepared.issues) == [
        ("unknown_column", None, "Couleur", None),
        ("unreadable_number", 2, "Valeur", "x"),
        ("wrong_territory", 3, "Territoire", "FR-99-LILAS"),
        ("out_of_range", 3, "Valeur", "-1"),
    ]
