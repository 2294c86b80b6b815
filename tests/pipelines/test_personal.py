"""Personal data is refused whole, with its place and kind, never its value; what only looks like it is left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xlsxwriter
from sent_files import csv_file, located, xlsx_file

from pipelines.personal import find_personal_data
from pipelines.read import read_document
from schemas.issue import Code
from schemas.submission import PreparedSubmission

Prepare = Callable[..., PreparedSubmission]
HEADINGS = ["code_territoire", "code_indicateur", "periode", "valeur", "source"]
ROW = ["FR-99-TILLEULS", "ALI-02", "2026-T3", 12, "Épicerie"]


def with_comment(comment: str) -> bytes:
    return csv_file(
        "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;normal;libre;;;;Associations;",
        f'FR-99-TILLEULS;;ALI-02;2026-T3;total;;;;18;normal;libre;;;;Épicerie;"{comment}"',
    )


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        pytest.param("284067505612306", "nir", id="nir"),
        pytest.param("2 84 06 75 056 123 06", "nir", id="nir_with_spaces"),
        pytest.param("NIR : 284067505612306.", "nir", id="nir_in_a_sentence"),
        pytest.param("2840675056123", "nir", id="nir_without_key"),
        pytest.param("2840675056102", "nir", id="nir_without_key_that_passes_luhn"),
        pytest.param("185052A12345633", "nir", id="nir_of_corsica"),
        pytest.param("jean.dupont@exemple.fr", "email", id="e_mail"),
        pytest.param("écrire à j+d@mail.mairie-demo.fr svp", "email", id="e_mail_in_a_sentence"),
        pytest.param("06 12 34 56 78", "phone", id="phone"),
        pytest.param("0612345678", "phone", id="phone_without_spaces"),
        pytest.param("06.12.34.56.78", "phone", id="phone_with_points"),
        pytest.param("06-12-34-56-78", "phone", id="phone_with_hyphens"),
        pytest.param("06\u00a012\u00a034\u00a056\u00a078", "phone", id="phone_with_no_break_spaces"),
        pytest.param("+33 6 12 34 56 78", "phone", id="phone_with_country"),
        pytest.param("0033612345678", "phone", id="phone_with_double_zero"),
        pytest.param("+262 692 12 34 56", "phone", id="phone_of_la_reunion"),
        pytest.param("+596 696 12 34 56", "phone", id="phone_of_martinique"),
        pytest.param("Appeler le 06 12 34 56 78.", "phone", id="phone_before_a_full_stop"),
        pytest.param("06 12 34 56 78, le matin", "phone", id="phone_before_a_comma"),
        pytest.param("tél.0612345678", "phone", id="phone_right_after_a_point"),
        pytest.param("FR7630006000011234567890189", "iban", id="iban"),
        pytest.param("FR76 3000 6000 0112 3456 7890 189", "iban", id="iban_in_groups"),
    ],
)
def test_a_hit_refuses_the_whole_file_without_its_value(comment: str, kind: str, prepare: Prepare) -> None:
    """Place and kind are told; nothing of the file is kept, not even its right rows."""
    prepared = prepare(with_comment(comment))
    assert located(prepared.issues) == [("personal_data", 3, "commentaire", None)]
    assert prepared.issues[0].context == {"kind": kind}
    assert not prepared.is_ready
    assert prepared.rows.is_empty()
    assert prepared.row_count == 0
    assert comment not in repr(prepared)


@pytest.mark.parametrize(
    "heading",
    [
        "nom",
        "Prénom",
        "NOM",
        "Date de naissance",
        "ddn",
        "Adresse",
        "NIR",
        "secu",
        "Allocataire",
        "matricule",
        "INE",
        "identifiant_ft",
        "Téléphone",
        "Mail",
        "E-mail",
    ],
)
def test_a_heading_that_announces_persons_refuses_the_file(heading: str, prepare: Prepare) -> None:
    """Whatever stands under it, and whatever else is wrong."""
    prepared = prepare(
        csv_file(
            "FR-99-TILLEULS;ALI-02;2026-T3;12x;Épicerie;x",
            headings=f"code_territoire;code_indicateur;periode;valeur;source;{heading}",
        )
    )
    assert located(prepared.issues) == [("personal_data", 1, heading, None)]
    assert prepared.issues[0].context == {"kind": "heading"}


@pytest.mark.parametrize("heading", ["nom_quartier", "Nom du quartier", "prenommer", "mailles", "code_territoire"])
def test_other_headings_announce_nobody(heading: str) -> None:
    """« nom » counts alone only."""
    assert find_personal_data(read_document(f"{heading};valeur\nx;1\n".encode(), "f.csv")) == []


@pytest.mark.parametrize(
    "text",
    [
        "13000548100010",
        "SIRET 130 005 481 00010",
        "732 829 320 00074",
        "QN04403M",
        "QN02A01M",
        "QP044003",
        "01004",
        "2A004",
        "44109",
        "FR-44-BELLEVUE",
        "1 234 567,89 €",
        "26.760563380281690",
        "0.267605633802817",
        "15 156 habitants",
        "12/03/2026",
        "2026-09-30",
        "du 01/07/2026 au 30/09/2026",
        "Association Jean Moulin",
        "Mme la préfète",
        "FR7630006000011234567890188",
        "284067505612307",
        "@mairie",
        "Collège Jean-Exemple, 3e trimestre 2026",
    ],
)
def test_no_false_alarm(text: str, prepare: Prepare) -> None:
    """SIRET, QPV and INSEE codes, amounts, days, organisations, and keys that do not match."""
    prepared = prepare(with_comment(text))
    assert located(prepared.issues) == []
    assert prepared.rows["comment"].to_list() == ["", text]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("26.7605633802817", id="thirteen_decimals"),
        pytest.param("26,7605633802817", id="thirteen_decimals_after_a_comma"),
        pytest.param("26.76056338028169", id="fourteen_decimals"),
        pytest.param("26.760563380281690", id="fifteen_decimals"),
    ],
)
def test_the_decimals_of_a_rate_are_no_nir(value: str, prepare: Prepare) -> None:
    """38/142 as a spreadsheet computes it; a file of computed rates must get in."""
    line = "FR-99-TILLEULS;;JEU-01;2026-T3;total;;38;142;{};normal;libre;;;30/09/2026;Mission locale;"
    assert located(prepare(csv_file(line.format(value))).issues) == []


def test_the_rates_a_workbook_computes_are_no_nir(prepare: Prepare) -> None:
    """Number cells have up to fifteen digits: every rate of n over 142."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        heads = ["code_territoire", "code_indicateur", "periode", "numerateur", "denominateur", "valeur", "source"]
        sheet.write_row(0, 0, heads)
        for n in range(1, 142):
            year, quarter = 1980 + n // 4, n % 4 + 1
            row = ["FR-99-TILLEULS", "JEU-01", f"{year}-T{quarter}", n, 142, 100 * n / 142, "Mission locale"]
            sheet.write_row(n, 0, row)

    assert located(prepare(xlsx_file(fill), "t3.xlsx").issues) == []


def test_every_hit_is_told_at_once(prepare: Prepare) -> None:
    """Headings and cells; one issue a cell."""
    prepared = prepare(
        csv_file(
            "FR-99-TILLEULS;ALI-02;2026-T3;12;06 12 34 56 78;x",
            "FR-99-TILLEULS;ALI-02;2026-T2;12;Épicerie;lea@exemple.fr",
            headings="code_territoire;code_indicateur;periode;valeur;source;prenom",
        )
    )
    assert [(issue.row, issue.column, issue.context["kind"]) for issue in prepared.issues] == [
        (1, "prenom", "heading"),
        (2, "source", "phone"),
        (3, "prenom", "email"),
    ]


def test_an_unknown_column_is_searched_too(prepare: Prepare) -> None:
    """It would be ignored; personal data in it still refuses the file."""
    prepared = prepare(
        csv_file(
            "FR-99-TILLEULS;ALI-02;2026-T3;12;Épicerie;lea@exemple.fr",
            headings="code_territoire;code_indicateur;periode;valeur;source;remarques internes",
        )
    )
    assert located(prepared.issues) == [("personal_data", 2, "remarques internes", None)]


def test_a_heading_that_is_itself_personal_data_is_not_echoed(prepare: Prepare) -> None:
    """Heading names are scanned like cells, and never repeated."""
    prepared = prepare(
        csv_file(
            "FR-99-TILLEULS;ALI-02;2026-T3;12;Épicerie;x",
            headings="code_territoire;code_indicateur;periode;valeur;source;lea.martin@exemple.fr",
        )
    )
    assert [issue.code for issue in prepared.issues] == [Code.PERSONAL_DATA]
    assert "lea.martin" not in repr(prepared)


def test_rows_above_the_header_are_searched(prepare: Prepare) -> None:
    """« Contact : … » stands there."""
    content = csv_file(
        "",
        "code_territoire;code_indicateur;periode;valeur;source",
        "FR-99-TILLEULS;ALI-02;2026-T3;12;Épicerie",
        headings="Contact : lea.martin@exemple.fr;;;;",
    )
    prepared = prepare(content)
    assert [(issue.code, issue.row) for issue in prepared.issues] == [(Code.PERSONAL_DATA, 1)]


@pytest.mark.parametrize("is_hidden", [pytest.param(False, id="second_sheet"), pytest.param(True, id="hidden_sheet")])
def test_every_sheet_is_searched(is_hidden: bool, prepare: Prepare) -> None:
    """Hidden sheets too, though one sheet only is read."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        persons = workbook.add_worksheet("liste")
        persons.write_row(0, 0, ["quoi", "combien"])
        persons.write_row(1, 0, ["06 12 34 56 78", 1])
        if is_hidden:
            persons.hide()

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert [issue.code for issue in prepared.issues] == [Code.PERSONAL_DATA]


def test_notes_on_cells_are_searched(prepare: Prepare) -> None:
    """A workbook's comments are part of the file."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        sheet.write_comment(1, 3, "vérifié avec lea.martin@exemple.fr")

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert [issue.code for issue in prepared.issues] == [Code.PERSONAL_DATA]


def test_a_number_cell_of_a_workbook_is_searched(prepare: Prepare) -> None:
    """A NIR typed as a number is fifteen digits, not 2,84E+14."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, [*HEADINGS, "dossier"])
        sheet.write_row(1, 0, [*ROW, 284067505612306])

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert located(prepared.issues) == [("personal_data", 2, "dossier", None)]
