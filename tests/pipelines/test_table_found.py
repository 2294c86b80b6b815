"""What stands around a table: titles, group headings, totals, notes, pages, other tables."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.read import read_document, read_table


def lines(*texts: str) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


@pytest.mark.parametrize(
    ("content", "headings", "rows"),
    [
        pytest.param(
            lines("Dates;Trajet;;;Total", ";Train;Taxi;Avion;", "04/04;65;;;65", "09/04;;16;;16"),
            ["Dates", "Trajet Train", "Trajet Taxi", "Trajet Avion", "Total"],
            [(3, "04/04", "65", "", "", "65"), (4, "09/04", "", "16", "", "16")],
            id="group_words_over_headings",
        ),
        pytest.param(
            lines("témoins;;suivis;", "X;Y;X;Y", "1,5;2;3;4"),
            ["témoins X", "témoins Y", "suivis X", "suivis Y"],
            [(3, "1,5", "2", "3", "4")],
            id="headings_that_the_group_makes_distinct",
        ),
        pytest.param(
            lines("1,5;2", "3;4", "5;6"),
            ["col_0", "col_1"],
            [(1, "1,5", "2"), (2, "3", "4"), (3, "5", "6")],
            id="figures_without_header",
        ),
        pytest.param(
            lines("zone;2019;2020", "Nord;1;2"),
            ["zone", "2019", "2020"],
            [(2, "Nord", "1", "2")],
            id="years_are_headings",
        ),
        pytest.param(
            lines("ville;code;valeur", "A;x;1", "B;y;2", "Total;;3", "Source : mairie;;"),
            ["ville", "code", "valeur"],
            [(2, "A", "x", "1"), (3, "B", "y", "2")],
            id="total_and_note_below",
        ),
        pytest.param(
            lines("métier;part", "A;10 %", "Total;50,1 %"),
            ["métier", "part"],
            [(2, "A", "10 %"), (3, "Total", "50,1 %")],
            id="total_that_fills_its_row_is_a_row",
        ),
        pytest.param(
            lines("ville;valeur;note", "A;1;x", "ville;valeur;note", "B;2;y"),
            ["ville", "valeur", "note"],
            [(2, "A", "1", "x"), (4, "B", "2", "y")],
            id="header_on_every_page",
        ),
        pytest.param(
            lines("ville;valeur;note", "A;1;x", "", "ville;valeur;note;source", "B;2;y;z"),
            ["ville", "valeur", "note"],
            [(2, "A", "1", "x")],
            id="another_table_below",
        ),
        pytest.param(
            lines("ville;valeur", "A;1", "B"),
            ["ville", "valeur"],
            [(2, "A", "1"), (3, "B", "")],
            id="short_last_row_stays",
        ),
    ],
)
def test_the_table_is_found(content: bytes, headings: list[str], rows: list[tuple[object, ...]]) -> None:
    """Header of one or two lines, and none of what is not a row."""
    table = read_table(content, "f.csv")
    assert table.columns == ["source_row", *headings]
    assert table.rows() == rows


def test_what_is_set_aside_is_told_with_its_line_and_why() -> None:
    """Nothing is left out in silence."""
    content = lines(
        "Indicateurs du T3", "ville;code;valeur", "A;x;1", "ville;code;valeur", "B;y;2", "Total;;3", "Source : mairie;;"
    )
    aside = [(one.line, one.text, one.why) for one in read_document(content, "f.csv").aside]
    assert aside == [
        (1, "Indicateurs du T3", "title"),
        (4, "ville", "header_again"),
        (6, "Total", "total"),
        (6, "3", "total"),
        (7, "Source : mairie", "note"),
    ]


def test_columns_keep_their_place_in_the_file() -> None:
    """Blank columns are left out; the place of the others is what a person counts."""
    assert read_document(lines("a;;b", "1;;2"), "f.csv").positions == {"a": 1, "b": 3}


def test_a_template_says_its_version() -> None:
    """The day it was made stands above the header."""
    content = lines("# Cap commun; modele observations; version 2026-11-24", "ville;valeur;note", "A;1;x")
    reading = read_document(content, "modele.csv")
    assert (reading.template_on, reading.header_row, reading.table.rows()) == (
        date(2026, 11, 24),
        2,
        [(3, "A", "1", "x")],
    )


def test_a_regular_file_and_the_same_with_one_odd_quote_are_read_alike() -> None:
    """The fast way and the careful way agree."""
    rows = [f"v{number};{number};note" for number in range(300)]
    fast = read_table(lines("ville;valeur;note", *rows), "f.csv")
    careful = read_table(lines("ville;valeur;note", *rows, 'x"y;1;z'), "f.csv")
    assert fast.equals(careful.head(300))
    assert careful.row(300) == (302, 'x"y', "1", "z")
