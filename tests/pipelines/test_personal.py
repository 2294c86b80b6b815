"""Personal data is refused whole, with its place and kind, never its value; what only looks like it is left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from sent_files import csv_file, located, xlsx_file
from xlsxwriter.worksheet import Worksheet

from pipelines.personal import find_personal_data
from pipelines.read import read_document
from schemas.issue import Code, Issue, UnreadableFile
from schemas.submission import PreparedSubmission
from texts import LANGUAGES, load_words
from texts.sentences import say_filename, say_issue, say_reading

Prepare = Callable[..., PreparedSubmission]
HEADINGS = ["code_territoire", "code_indicateur", "periode", "valeur", "source"]
ROW = ["FR-99-TILLEULS", "ALI-02", "2026-T3", 12, "Épicerie"]
TODAY = date(2026, 11, 23)
BIRTHS = [date(1990, 1, 9) + timedelta(days=at * at * 7 + at) for at in range(40)]
NAMES = [
    f"{first}{end} {last}" for first in ("Exempl", "Modèl", "Essay") for end in "aeiou" for last in ("Témoin", "Fictif")
]


def with_comment(comment: str) -> bytes:
    return csv_file(
        "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;normal;libre;;;;Associations;",
        f'FR-99-TILLEULS;;ALI-02;2026-T3;total;;;;18;normal;libre;;;;Épicerie;"{comment}"',
    )


def told(content: bytes, filename: str = "f.csv") -> list[tuple[str, int | None, str | None, str]]:
    """Code, row, column and kind of everything found in a file; nothing of it is ever repeated."""
    issues = find_personal_data(read_document(content, filename), TODAY)
    assert not any(issue.found for issue in issues)
    return [(issue.code.value, issue.row, issue.column, issue.context["kind"]) for issue in issues]


def column_of(cells: list[str], heading: str) -> bytes:
    """A file with one column of these cells beside a figure."""
    return "\n".join([f"{heading};valeur", *(f"{cell};{at}" for at, cell in enumerate(cells))]).encode()


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
        pytest.param("+33 (0)6 12 34 56 78", "phone", id="phone_with_a_zero_in_brackets"),
        pytest.param("06/12/34/56/78", "phone", id="phone_with_slashes"),
        pytest.param("0692 12 34 56", "phone", id="phone_of_la_reunion_from_there"),
        pytest.param("0590 12 34 56", "phone", id="phone_of_guadeloupe_from_there"),
        pytest.param("+32 450 00 12 34", "phone", id="phone_of_belgium"),
        pytest.param("0041 78 123 45 67", "phone", id="phone_of_switzerland"),
        pytest.param("2-84-06-75-056-123-06", "nir", id="nir_with_hyphens"),
        pytest.param("284067505612306.0", "nir", id="nir_as_a_float"),
        pytest.param("GB82 WEST 1234 5698 7654 32", "iban", id="iban_of_the_united_kingdom"),
        pytest.param("DE89370400440532013000", "iban", id="iban_of_germany"),
        pytest.param("BE68 5390 0754 7034", "iban", id="iban_of_belgium"),
        pytest.param("QN04403M FR76 3000 6000 0112 3456 7890 189 merci", "iban", id="iban_between_words"),
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
        "N° sécu",
        "N° de sécurité sociale",
        "numéro de sécurité sociale",
        "Nom de naissance",
        "Nom de famille",
        "Nom d'usage",
        "Nom d’usage",
        "Nom de l’élève",
        "Nom de l'enfant",
        "Nom du bénéficiaire",
        "Nom de l'usager",
        "Bénéficiaires Nom",
        "Nom (2)",
        "Nom et prénom",
        "Prénom de l'enfant",
        "prenom1",
        "N° allocataire CAF",
        "matricule CAF",
        "N° bénéficiaire",
        "N° INE",
        "identifiant France Travail",
        "N° Pôle emploi",
        "Tél. portable",
        "Téléphone fixe",
        "Téléphone du responsable",
        "Adresse mail",
        "Adresse postale",
        "Date de naissance (jj/mm/aaaa)",
        "dateNaissance",
        "Né(e) le",
        "first name",
        "lastName",
        "surname",
        "phone",
        "date of birth",
        "address",
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


@pytest.mark.parametrize(
    "heading",
    [
        "nom_quartier",
        "Nom du quartier",
        "Nom de la commune",
        "nom de l'association",
        "nom du partenaire",
        "nom de la structure",
        "Nom de l'indicateur",
        "Nom de la CAF",
        "nom_membre",
        "nom de la rue",
        "prenommer",
        "mailles",
        "maillage",
        "hôtel",
        "origine",
        "code_territoire",
        "libellé",
        "adresse de l'équipement",
        "adresse du lieu",
        "Habitants sans adresse",
        "téléphone de la structure",
        "nombre d'allocataires",
        "Allocataires",
        "taux d'allocataires CAF",
        "part des allocataires",
        "num_jeunes",
        "Nombre de naissances",
        "Jeunes sans date de naissance",
        "parent_id",
        "id_station_local",
        "Dernière mise à jour",
        "date_reference",
        "idBank",
        "Libellé",
        "REF_AREA",
        "OBS_VALUE",
        "TIME_PERIOD",
        "dataelement",
        "orgunit",
        "storedby",
        "Sex",
        "GeoCode",
        "indicator_name",
        "sex_at_birth",
    ],
)
def test_other_headings_announce_nobody(heading: str) -> None:
    """Places, organisations, counts, and words that only contain such a word."""
    assert told(f"{heading};valeur\nx;1\n".encode()) == []


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
        "3@5",
        "732 829 320",
        "130 005 481 00010, 732 829 320 00074",
        "00572078400106",
        "01 234 567",
        "+12 345,6",
        "01 02 2026",
        "01/02/2026 03:15",
        "01.02.2026 03:15:12",
        "01-02-2026 10:30",
        "2026-09-30T08:15:00.123456",
        "20200101-20200331",
        "1234567890123",
        "1732451234567",
        "1.23456789012345",
        "-1,23456789012345E-05",
        "2,84E+12",
        "86,2 %",
        "f7n9E0hX8qk",
        "A.FR.LF_Q.2026-T3",
        "001515842",
        "010751593",
        "0442001A",
        "440000289",
        "W442001234",
        "N° vert 0800 94 11 11",
        "M. le maire",
        "Madame La Préfète",
        "Plan B. Ensuite, rien.",
        "Phase B.",
        "Vitamine C.",
        "Bâtiment B.",
        "Rue E. Zola, École J. Ferry",
        "12 M. Budget",
        "accueil des 11-17 ans au 12 rue des Lilas",
        "entre 18 et 25 ans, 12 rue des Lilas",
        "ouvert depuis 3 ans, 12 rue des Lilas",
        "60 ans et plus, 3 place du Marché",
        "Collège Jean-Exemple, 3e trimestre 2026",
    ],
)
def test_no_false_alarm(text: str, prepare: Prepare) -> None:
    """Codes, keys that do not match, amounts, counts, days, organisations, offices, groups of age."""
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


def _write_box(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.insert_textbox("H2", "Appeler le 06 12 34 56 78")


def _write_footer(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.set_footer('&L&"Arial,Gras"&8lea.martin@exemple.fr&RPage &P')


def _write_prompt(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.data_validation("D2", {"validate": "any", "input_message": "voir lea.martin@exemple.fr"})


def _write_link(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.write_url("H2", "mailto:lea.martin@exemple.fr", string="Épicerie")


def _write_property(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    workbook.set_properties({"comments": "NIR 2 84 06 75 056 123 06"})


@pytest.mark.parametrize("write", [_write_box, _write_footer, _write_prompt, _write_link, _write_property])
def test_what_stands_in_no_cell_is_searched(
    write: Callable[[xlsxwriter.Workbook, Worksheet], None], prepare: Prepare
) -> None:
    """Text boxes, footers, messages, links and properties travel with the file that is kept."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        write(workbook, sheet)

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert [issue.code for issue in prepared.issues] == [Code.PERSONAL_DATA]
    french = say_issue(load_words("fr"), prepared.issues[0])
    assert french.startswith(
        "Zone de texte, en-tête, pied de page, lien ou propriété du classeur\u00a0: on y lit ce qui"
    )
    assert "martin" not in repr(prepared)


def test_what_everybody_prints_names_nobody(prepare: Prepare) -> None:
    """A page number, the name of the town, a link to its site, and who saved the file when."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        sheet.set_header("&CVille des Tilleuls &D")
        sheet.set_footer("&RPage &P / &N")
        sheet.insert_textbox("H2", "Source : épicerie")
        sheet.write_url("H9", "https://exemple.fr/2026-11-25", string="site")
        workbook.set_properties({"author": "service politique de la ville", "created": datetime(2026, 11, 25, 10, 5)})

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert Code.PERSONAL_DATA not in [issue.code for issue in prepared.issues]
    assert {one.text for one in prepared.reading.aside if one.why == "outside"} == {
        "Ville des Tilleuls",
        "Page   /",
        "Source : épicerie",
    }


def test_a_number_cell_of_a_workbook_is_searched(prepare: Prepare) -> None:
    """A NIR typed as a number is fifteen digits, not 2,84E+14."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, [*HEADINGS, "dossier"])
        sheet.write_row(1, 0, [*ROW, 284067505612306])

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert located(prepared.issues) == [("personal_data", 2, "dossier", None)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("Signalé par Mme Exemple", "name", id="title_and_name"),
        pytest.param("Mme D. a trouvé un stage", "name", id="title_and_initial"),
        pytest.param("Karim B. a trouvé un stage", "first_name", id="first_name_and_initial"),
        pytest.param("suivi de Marie-Claude D.", "first_name", id="double_first_name_and_initial"),
        pytest.param("43 ans, 12 rue des Lilas", "address", id="age_and_street"),
        pytest.param("âgée de 43 ans, vit 12 bis, rue des Lilas", "address", id="age_and_street_in_a_sentence"),
        pytest.param("12 rue des Lilas : homme de 43 ans", "address", id="street_and_age"),
    ],
)
def test_a_text_that_may_name_somebody_is_asked_about(text: str, kind: str, prepare: Prepare) -> None:
    """The file stays ready; the warning has the place and the kind."""
    prepared = prepare(with_comment(text))
    assert located(prepared.issues) == [("maybe_personal_data", 3, "commentaire", None)]
    assert prepared.issues[0].context == {"kind": kind}
    assert prepared.is_ready


def test_a_text_that_may_name_somebody_is_told_on_each_of_its_rows() -> None:
    """Distinct cells are looked at once, and found everywhere."""
    assert told(b"a;b\nMme Exemple;1\nx;2\nMme Exemple;3\n") == [
        ("maybe_personal_data", 2, "a", "name"),
        ("maybe_personal_data", 4, "a", "name"),
    ]


def test_texts_outside_the_table_are_asked_about_too() -> None:
    """Titles, notes on cells, other sheets: on their line where they have one."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write(0, 0, "Suivi de Karim B.")
        sheet.write_row(2, 0, HEADINGS)
        sheet.write_row(3, 0, ROW)
        sheet.write_comment(3, 3, "43 ans, 12 rue des Lilas")
        notes = workbook.add_worksheet("notes")
        notes.write(4, 0, "vu avec Mme Exemple")
        notes.hide()

    assert sorted(told(xlsx_file(fill), "t3.xlsx"), key=lambda one: one[3]) == [
        ("maybe_personal_data", 4, None, "address"),
        ("maybe_personal_data", 1, None, "first_name"),
        ("maybe_personal_data", 5, None, "name"),
    ]


def test_a_list_of_persons_on_a_hidden_sheet_is_known_by_its_headings() -> None:
    """Two of them on one line; one alone may be a label."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        for name, headings in (("liste", ["Nom", "Prénom", "Ville"]), ("notice", ["Nom", "Définition", "Unité"])):
            other = workbook.add_worksheet(name)
            other.write_row(1, 0, headings)
            other.write_row(2, 0, ["Témoin", "Exempla", "Ici"])
            other.hide()

    assert told(xlsx_file(fill), "t3.xlsx") == [("personal_data", 2, None, "heading")]


@pytest.mark.parametrize(
    ("heading", "cell", "kinds"),
    [
        pytest.param("N° dossier", "2,84E+12", ["nir"], id="thirteen_digits_in_a_number"),
        pytest.param("identifiant", "2.84067E+14", ["nir"], id="fifteen_digits_in_an_identifier"),
        pytest.param("code", "1,30005E+13", [], id="a_siret_has_fourteen"),
        pytest.param("SIRET numéro", "1,30005E+12", [], id="under_siret"),
        pytest.param("code", "9,5E+12", [], id="no_nir_begins_with_nine"),
        pytest.param("valeur totale", "2,84E+12", [], id="a_value"),
        pytest.param("numérateur", "2,84E+12", [], id="a_numerator"),
    ],
)
def test_a_nir_that_a_spreadsheet_shortened(heading: str, cell: str, kinds: list[str]) -> None:
    """Its digits are gone from the text, not from the file it came from."""
    assert told(f"{heading};b\n{cell};1\n".encode()) == [("personal_data", 2, heading, kind) for kind in kinds]


@pytest.mark.parametrize(
    ("heading", "days", "found"),
    [
        pytest.param("date", BIRTHS, [("personal_data", None, "date", "birth_date")], id="under_a_bare_heading"),
        pytest.param("01/02/1988", BIRTHS, [("personal_data", None, "(1)", "birth_date")], id="under_no_heading"),
        pytest.param("date enfant", BIRTHS, [("personal_data", None, "date enfant", "birth_date")], id="of_a_child"),
        pytest.param(
            "création",
            BIRTHS,
            [("maybe_personal_data", None, "création", "birth_date")],
            id="may_be_the_founding_of_associations",
        ),
        pytest.param("date", BIRTHS[:20], [], id="too_few"),
        pytest.param(
            "date", [*BIRTHS[:25], *[""] * 30], [("personal_data", None, "date", "birth_date")], id="and_empty_cells"
        ),
        pytest.param("date", [TODAY - timedelta(days=at * at) for at in range(40)], [], id="recent_events"),
        pytest.param("date", [date(2010, 1, 1) + timedelta(days=at) for at in range(90)], [], id="daily_series"),
        pytest.param("date", [date(2010, 1, 1) + timedelta(days=7 * at) for at in range(90)], [], id="weekly_series"),
        pytest.param("date", [date(y, m, 1) for y in range(1990, 2015) for m in (1, 4, 7, 10)], [], id="quarters"),
        pytest.param(
            "date",
            [date(y, m, 1) - timedelta(days=1) for y in range(1990, 2015) for m in (1, 4, 7, 10)],
            [],
            id="ends_of_quarters",
        ),
        pytest.param("date_reference", BIRTHS, [], id="ours_has_its_own_check"),
        pytest.param("date", BIRTHS * 3, [], id="thrice_the_same"),
    ],
)
def test_a_column_of_birth_dates(heading: str, days: list[date | str], found: list[tuple[str, None, str, str]]) -> None:
    """Old days that no series has, in either spelling."""
    french = [day.strftime("%d/%m/%Y") if isinstance(day, date) else day for day in days]
    assert told(column_of(french, heading)) == found
    assert told(column_of([str(day) for day in days], heading)) == found


@pytest.mark.parametrize(
    ("heading", "cells", "kinds"),
    [
        pytest.param("qui", NAMES, ["names"], id="first_and_last"),
        pytest.param("qui", [f"{name.upper()} Exempla" for name in NAMES], ["names"], id="capitals"),
        pytest.param("quartier", NAMES, [], id="heading_of_places"),
        pytest.param("source", NAMES, [], id="column_of_ours"),
        pytest.param("Modèle Fictif", NAMES, ["names"], id="no_heading"),
        pytest.param("qui", NAMES[:20], [], id="too_few"),
        pytest.param("qui", NAMES * 3, [], id="each_thrice"),
        pytest.param("qui", [f"Les {name}" for name in NAMES], [], id="les_tilleuls"),
        pytest.param("qui", [f"Association {name}" for name in NAMES], [], id="associations"),
        pytest.param("qui", [f"Saint {name.split()[0]}" for name in NAMES], [], id="saint_denis"),
        pytest.param("qui", [name.split()[0] for name in NAMES], [], id="one_word"),
    ],
)
def test_a_column_shaped_like_names_is_asked_about(heading: str, cells: list[str], kinds: list[str]) -> None:
    """A warning: quartiers such as « Croix Blanche » have that shape too."""
    place = "(1)" if " " in heading else heading
    assert told(column_of(cells, heading)) == [("maybe_personal_data", None, place, kind) for kind in kinds]


@pytest.mark.parametrize(
    ("rows", "one", "kinds"),
    [
        pytest.param(51, "1;1", ["person_a_row"], id="fifty_one"),
        pytest.param(51, "1,0;1.0", ["person_a_row"], id="fifty_one_with_decimals"),
        pytest.param(50, "1;1", [], id="fifty"),
        pytest.param(60, "1;2", [], id="one_of_two"),
    ],
)
def test_a_row_a_person(rows: int, one: str, kinds: list[str]) -> None:
    """More than fifty rows of one over one, told once for the file."""
    content = "numerateur;denominateur\n38;142\n" + f"{one}\n" * rows
    assert told(content.encode()) == [("personal_data", None, None, kind) for kind in kinds]


def test_a_column_whose_heading_is_personal_data_is_never_named() -> None:
    """Nor by what is found under it."""
    content = b"lea@exemple.fr;valeur\n06 12 34 56 78;1\n"
    assert told(content) == [("personal_data", 1, "(1)", "email"), ("personal_data", 2, "(1)", "phone")]
    births = column_of([str(day) for day in BIRTHS], "lea@exemple.fr")
    assert told(births) == [("personal_data", 1, "(1)", "email"), ("maybe_personal_data", None, "(1)", "birth_date")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_its_sentence(language: str) -> None:
    kinds = {
        Code.PERSONAL_DATA: ("heading", "email", "phone", "nir", "iban", "birth_date", "person_a_row"),
        Code.MAYBE_PERSONAL_DATA: ("name", "first_name", "address", "birth_date", "names"),
    }
    sentences = [
        say_issue(load_words(language), Issue(code, context={"kind": kind})) for code in kinds for kind in kinds[code]
    ]
    assert len(set(sentences)) == 12


HELP_DESKS = (
    "french/ademe_tet/fixtures/complex_plan.xlsx",
    "french/ademe_tet/fixtures/one_fiche_plan.xlsx",
    "french/ademe_tet/fixtures/plan_column_order_issue.xlsx",
    "french/ademe_tet/modele-import-pa.ods",
    "french/ademe_tet/modele-import-pa.xlsx",
    "french/xlsx_gabarits_apilos/stationnements.xlsx",
    "formats/schemas_fr/statique_exemple-valide-statique.csv",
)
"""Files in which a help desk or an operator gives its e-mail address."""


@pytest.mark.parametrize("folder", ["french", "indicators", "geo", "formats"])
def test_real_files_name_nobody(folder: str, cases: Path) -> None:
    """No false alarm and no doubt in the public files; the only hits are addresses that stand there."""
    tables = (".csv", ".xlsx", ".xls", ".xlsb", ".ods")
    found = {}
    for path in sorted(path for path in (cases / folder).rglob("*") if path.suffix in tables):
        try:
            kinds = {kind for _, _, _, kind in told(path.read_bytes(), path.name)}
        except UnreadableFile:
            continue
        found |= {str(path.relative_to(cases)): kinds} if kinds else {}
    assert found == {path: {"email"} for path in HELP_DESKS if path.startswith(folder)}


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        pytest.param("06\u202f12\u202f34\u202f56\u202f78", "phone", id="narrow_spaces"),
        pytest.param("06 - 12 - 34 - 56 - 78", "phone", id="spaced_hyphens"),
        pytest.param("(06) 12 34 56 78", "phone", id="brackets"),
        pytest.param("0612 345 678", "phone", id="groups_of_three"),
        pytest.param("tel0612345678", "phone", id="letters_before"),
        pytest.param("0612345678,0687654321", "phone", id="two_with_a_comma"),
        pytest.param("０６１２３４５６７８", "phone", id="full_width_digits"),
        pytest.param("284067505612306,284067505612306", "nir", id="two_numbers_with_a_comma"),
        pytest.param("nir 2840\u200b67505612306", "nir", id="a_space_of_no_width"),
        pytest.param("lea.martin＠exemple.fr", "email", id="full_width_at"),
    ],
)
def test_a_value_in_disguise_is_found(comment: str, kind: str) -> None:
    """What a person reads counts, not the signs it is made of."""
    content = f'{";".join(HEADINGS)};commentaire\n{";".join(map(str, ROW))};"{comment}"\n'.encode()
    assert [one[0] for one in told(content)] == ["personal_data"]
    assert [issue.context["kind"] for issue in find_personal_data(read_document(content, "f.csv"))] == [kind]


def test_the_names_of_a_file_and_of_its_sheets_are_looked_at() -> None:
    """Place and kind, never the value."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("lea.martin@exemple.fr")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)

    issues = find_personal_data(read_document(xlsx_file(fill), "0612345678.xlsx"))
    assert [(issue.code.value, issue.context) for issue in issues] == [
        ("personal_data", {"kind": "phone", "place": "filename"}),
        ("personal_data", {"kind": "email", "place": "sheet_name"}),
    ]


def test_nothing_is_said_of_a_workbook_that_was_refused(prepare: Callable[..., PreparedSubmission]) -> None:
    """Neither its sheet nor « None »."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, [*HEADINGS, "Prénom"])
        sheet.write_row(1, 0, [*ROW, "x"])

    prepared = prepare(xlsx_file(fill), "t3.xlsx")
    assert not prepared.is_ready
    assert say_reading(load_words("fr"), prepared.reading) == []


def test_a_refusal_forgets_a_file_name_that_names_somebody(prepare: Callable[..., PreparedSubmission]) -> None:
    """Neither kept nor repeated; another file is called by its name, so that it can be found among several."""
    line = "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;;;;;;CCAS;"
    prepared = prepare(csv_file(line), "lea@exemple.fr.csv")
    assert (prepared.is_ready, prepared.filename, prepared.reading.filename) == (False, "", "")
    assert say_filename(load_words("fr"), prepared.filename) == "Votre fichier"
    prepared = prepare(csv_file(line + "lea@exemple.fr"), "t3.csv")
    assert (prepared.is_ready, prepared.filename) == (False, "t3.csv")


@pytest.mark.parametrize("heading", ["Prénom : Zoé Quinquin", "Née le 12/03/1998 Zoé", "identifiant_usager ZQ123"])
def test_a_heading_that_names_a_person_is_shown_by_its_place(heading: str) -> None:
    content = f"code_indicateur;valeur;{heading}\nJEU-04;12;x\n".encode()
    assert told(content) == [("personal_data", 1, "(3)", "heading")]


def test_a_list_of_persons_below_the_table_is_known_by_its_heading() -> None:
    """It has no headings of its own for the reader."""
    content = (
        f"{';'.join(HEADINGS)}\n{';'.join(map(str, ROW))}\n\n\nNom et prénom;Quartier\nZoé Exemple;Lilas\n".encode()
    )
    assert ("personal_data", 5, None, "heading") in told(content)


def test_one_heading_over_a_long_list_on_another_sheet_is_enough() -> None:
    """« Date de naissance » over eighty lines is a list of persons."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        other = workbook.add_worksheet("suivi")
        other.write_row(0, 0, ["Ref", "Date de naissance"])
        for line in range(1, 81):
            other.write_row(line, 0, [f"R{line}", "x"])
        other.hide()

    assert told(xlsx_file(fill), "f.xlsx") == [("personal_data", 1, None, "heading")]


def test_a_phone_that_is_a_number_is_read_as_it_is_shown() -> None:
    """612345678 under the format of telephones is 06 12 34 56 78."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ROW)
        sheet.write(0, len(ROW), "commentaire")
        sheet.write_number(1, len(ROW), 612345678, workbook.add_format({"num_format": '0#" "##" "##" "##" "##'}))

    assert [one[0] for one in told(xlsx_file(fill), "f.xlsx")] == ["personal_data"]
