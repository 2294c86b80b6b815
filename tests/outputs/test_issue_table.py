"""The table of what is wrong: one row an issue, safe in a spreadsheet, with a link to the guide."""

from __future__ import annotations

import csv
import io
import time

import pytest

from outputs.issue_table import write_issue_table
from schemas.issue import Code, Issue, Issues
from texts import load_words
from texts.sentences import say_issue

FR, EN = load_words("fr"), load_words("en")
GUIDE = "https://cap.example.org/guide"
NO_NUMBER = Issue(Code.UNREADABLE_NUMBER, 4, "valeur", "abc")


def rows_of(*issues: Issue, language: str = "fr") -> list[dict[str, str]]:
    content = write_issue_table(Issues.of(issues), load_words(language), GUIDE)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_the_table_to_the_byte() -> None:
    """With BOM, `;` and CRLF: as spreadsheets in French open it."""
    assert (
        write_issue_table(Issues.of([NO_NUMBER]), FR, GUIDE)
        == (
            "\ufeffligne;colonne;trouvé;gravité;cause;quoi faire;guide\r\n"
            "4;valeur;abc;à corriger;Nombre illisible;Ligne 4, colonne «\u00a0valeur\u00a0»\u00a0: «\u00a0abc\u00a0» "
            "n’est pas un nombre. Écrivez un nombre comme 1\u202f234,5, ou n.d. si la donnée n’est pas disponible.;"
            "https://cap.example.org/guide#unreadable_number\r\n"
        ).encode()
    )


def test_every_issue_has_its_row_in_the_order_of_the_file() -> None:
    """The whole file first, warnings on all of it last; the same fault on two lines is two rows."""
    missing = Issue(Code.MISSING_EXPECTED, context={"indicator": "JEU-01", "period": "2026-Q3"})
    column = Issue(Code.MISSING_COLUMN, context={"expected": "source", "nearest": ""})
    again = Issue(Code.UNREADABLE_NUMBER, 3, "valeur", "abc")
    rows = rows_of(missing, NO_NUMBER, again, column)
    assert [(row["ligne"], row["colonne"], row["gravité"]) for row in rows] == [
        ("", "", "à corriger"),
        ("3", "valeur", "à corriger"),
        ("4", "valeur", "à corriger"),
        ("", "", "à vérifier"),
    ]
    assert [row["quoi faire"] for row in rows] == [say_issue(FR, one) for one in (column, again, NO_NUMBER, missing)]


def test_the_table_speaks_english() -> None:
    (row,) = rows_of(NO_NUMBER, language="en")
    assert row == {
        "line": "4",
        "column": "valeur",
        "found": "abc",
        "severity": "to correct",
        "cause": "Unreadable number",
        "what to do": say_issue(EN, NO_NUMBER),
        "guide": "https://cap.example.org/guide#unreadable_number",
    }


@pytest.mark.parametrize(
    ("found", "cell"),
    [
        pytest.param('=HYPERLINK("http://x";"y")', '\'=HYPERLINK("http://x";"y")', id="formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at_sign"),
        pytest.param("-abc", "'-abc", id="minus"),
        pytest.param("-4", "-4", id="a_number_stays_one"),
        pytest.param("6-10", '="6-10"', id="like_a_day"),
        pytest.param("deux\nlignes; « oui »", "deux\nlignes; « oui »", id="two_lines"),
    ],
)
def test_what_was_found_is_not_taken_for_a_formula(found: str, cell: str) -> None:
    (row,) = rows_of(Issue(Code.UNREADABLE_NUMBER, 4, "valeur", found))
    assert row["trouvé"] == cell


def test_a_heading_is_not_taken_for_a_formula() -> None:
    assert [row["colonne"] for row in rows_of(Issue(Code.UNKNOWN_COLUMN, column="=1+1"))] == ["'=1+1"]


@pytest.mark.parametrize("code", [Code.PERSONAL_DATA, Code.MAYBE_PERSONAL_DATA])
def test_personal_data_is_never_copied(code: Code) -> None:
    """Even where somebody had put it into the issue."""
    rows = rows_of(Issue(code, 4, "commentaire", "zoe@example.org", {"kind": "birth_date"}))
    assert [row["trouvé"] for row in rows] == [""]
    assert "zoe" not in repr(rows)


def test_a_file_without_a_fault_has_the_headings_alone() -> None:
    assert rows_of() == []


def test_forty_thousand_faults_are_written_while_one_waits() -> None:
    """The same cause on many lines is worded once."""
    many = Issues.of(Issue(Code.UNREADABLE_NUMBER, row, "valeur", f"x{row % 50}") for row in range(2, 40_002))
    begin = time.process_time()
    content = write_issue_table(many, FR, GUIDE)
    assert time.process_time() - begin < 8
    assert content.count(b"\r\n") == 40_001
