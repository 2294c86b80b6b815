"""The template: what a territory finds in it already, and that it comes back as it went."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import polars as pl
import pytest

from outputs.template import list_template_rows, write_template_csv, write_template_xlsx
from pipelines.read import read_document
from schemas.catalogue import Catalogue
from schemas.observation import OBSERVATION_COLUMNS, OUR_HEADINGS, REFERENCE_HEADINGS
from texts import load_words

FR, EN = load_words("fr"), load_words("en")
TILLEULS, MADE_ON = "FR-99-TILLEULS", date(2026, 11, 24)
MARK = "Cap commun; modele observations; version 2026-11-24"
HEADINGS = [column.heading for column in OBSERVATION_COLUMNS]
WRITTEN = ("indicator_code", "qpv_code", "dimension", "category")
GIVEN = ["code_territoire", "code_quartier", "code_indicateur", "periode", "ventilation", "modalite"]
SENT = {
    "territory_code": TILLEULS,
    "qpv_code": "",
    "indicator_code": "JEU-01",
    "period": "2026-Q3",
    "dimension": "total",
    "category": "",
    "numerator": 84.0,
    "denominator": 240.0,
    "value": 35.0,
    "obs_status": "normal",
    "conf_status": "libre",
    "source": "Mission locale",
    "is_masked": False,
}
WITHOUT = {"numerator": None, "denominator": None, "value": None}
NUMBERS_ARE_FLOATS = dict.fromkeys(WITHOUT, pl.Float64)
NOTHING_SENT = pl.DataFrame([SENT], schema_overrides=NUMBERS_ARE_FLOATS).clear()


def sent(*changes: dict[str, object]) -> pl.DataFrame:
    """Rows as load_observations gives them, each JEU-01 at T3 2026 but for its changes."""
    return pl.DataFrame([SENT | one for one in changes], schema_overrides=NUMBERS_ARE_FLOATS)


def open_template(catalogue: Catalogue, previous: pl.DataFrame) -> openpyxl.Workbook:
    written = write_template_xlsx(catalogue, TILLEULS, "2026-Q4", previous, FR, MADE_ON)
    return openpyxl.load_workbook(io.BytesIO(written))


def cells_written(catalogue: Catalogue, previous: pl.DataFrame) -> list[tuple[str, ...]]:
    rows = list_template_rows(catalogue, TILLEULS, "2026-Q4", previous, FR)
    return [tuple(row.cells[name] for name in WRITTEN) for row in rows]


@pytest.mark.parametrize(
    ("round_period", "expected"),
    [
        pytest.param(
            "2026-Q3",
            [
                ("JEU-01", "2026-T3"),
                ("DEC-03", "2026-T2"),
                ("DRO-02", "2026-T3"),
                ("PAR-01", "2026-T3"),
                ("JEU-04", "2026-T3"),
                ("JEU-05", "2026-V1"),
            ],
            id="wave_that_is_due_and_figures_that_come_late",
        ),
        pytest.param(
            "2026-Q4",
            [
                ("JEU-01", "2026-T4"),
                ("DEC-03", "2026-T3"),
                ("DRO-02", "2026-T4"),
                ("PAR-01", "2026-T4"),
                ("JEU-04", "2026-T4"),
            ],
            id="no_wave_due",
        ),
        pytest.param("2022-Q4", [], id="before_it_joined"),
    ],
)
def test_what_the_round_expects_stands_in_the_order_of_the_collective(
    catalogue: Catalogue, round_period: str, expected: list[tuple[str, str]]
) -> None:
    rows = list_template_rows(catalogue, TILLEULS, round_period, NOTHING_SENT, FR)
    assert [(row.cells["indicator_code"], row.cells["period"]) for row in rows] == expected
    assert {tuple(row.cells[name] for name in WRITTEN[1:]) for row in rows} <= {("", "total", "")}


def test_a_round_is_a_quarter(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="not a quarter"):
        list_template_rows(catalogue, TILLEULS, "2026-V1", NOTHING_SENT, FR)


def test_what_was_sent_before_comes_again_quartiers_and_categories_in_the_order_of_the_catalogue(
    catalogue: Catalogue,
) -> None:
    previous = sent(
        {"qpv_code": "QN99901N", "dimension": "sexe", "category": "hommes"},
        {"qpv_code": "QN99901N", "dimension": "sexe", "category": "femmes", "period": "2025-Q1"},
        {"qpv_code": "QN99901N"},
        {"dimension": "age", "category": "6-10"},
        {},
    )
    assert cells_written(catalogue, previous)[:5] == [
        ("JEU-01", "", "total", ""),
        ("JEU-01", "", "age", "6-10"),
        ("JEU-01", "QN99901N", "total", ""),
        ("JEU-01", "QN99901N", "sexe", "femmes"),
        ("JEU-01", "QN99901N", "sexe", "hommes"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"qpv_code": "QN99902M"}, id="quartier_of_another_territory"),
        pytest.param({"dimension": "sexe", "category": "autres"}, id="category_that_is_no_more"),
        pytest.param({"territory_code": "FR-99-BELLEVUE", "dimension": "sexe", "category": "femmes"}, id="others"),
        pytest.param({"period": "2027-Q1", "dimension": "sexe", "category": "femmes"}, id="later"),
    ],
)
def test_what_cannot_be_sent_now_does_not_come_again(catalogue: Catalogue, change: dict[str, object]) -> None:
    assert cells_written(catalogue, sent(change))[:2] == [
        ("JEU-01", "", "total", ""),
        ("DEC-03", "", "total", ""),
    ]


def test_categories_stand_by_their_rank_whatever_the_order_of_their_table(catalogue: Catalogue) -> None:
    """A store gives them back by their codes: 11-14 before 6-10."""
    stored = replace(catalogue, categories=catalogue.categories.sort("dimension", "category"))
    previous = sent({"dimension": "age", "category": "11-14"}, {"dimension": "age", "category": "6-10"})
    assert [cells[3] for cells in cells_written(stored, previous)[:3]] == ["", "6-10", "11-14"]


def test_the_last_figure_is_one_of_the_indicators_own_period(catalogue: Catalogue) -> None:
    """The round of T4 takes T3 of DEC-03: what was sent of T4 already is no reference for it."""
    late = {"indicator_code": "DEC-03", "numerator": None, "denominator": None, "value": 12.0}
    previous = sent(late | {"period": "2026-Q2"}, late | {"period": "2026-Q4", "value": 14.0})
    row = list_template_rows(catalogue, TILLEULS, "2026-Q4", previous, FR)[1]
    assert (row.cells["period"], row.last) == ("2026-T3", "T2 2026\u00a0: 12,0\u00a0%")


@pytest.mark.parametrize(
    ("numerator", "denominator", "note"),
    [
        pytest.param(
            "Suivis en emploi",
            "Suivis",
            "Part des suivis. Numérateur\u00a0: Suivis en emploi. Dénominateur\u00a0: Suivis. Au dernier jour.",
            id="rate",
        ),
        pytest.param("Suivis", None, "Part des suivis. À compter\u00a0: Suivis. Au dernier jour.", id="count"),
        pytest.param(None, None, "Part des suivis. Au dernier jour.", id="neither"),
    ],
)
def test_the_note_says_what_the_sheet_says(
    catalogue: Catalogue, numerator: str | None, denominator: str | None, note: str
) -> None:
    said = {"definition_fr": "Part des suivis.", "limits_fr": "Au dernier jour."}
    said |= {"numerator_fr": numerator, "denominator_fr": denominator}
    sheets = catalogue.indicators.with_columns(pl.lit(word, pl.String).alias(name) for name, word in said.items())
    rows = list_template_rows(replace(catalogue, indicators=sheets), TILLEULS, "2026-Q4", NOTHING_SENT, FR)
    assert rows[0].note == note


def test_the_note_is_of_the_sheet_in_force_then(catalogue: Catalogue) -> None:
    old = catalogue.indicators.filter(indicator_code="JEU-01")
    newer = old.with_columns(
        version=pl.lit(2).cast(old["version"].dtype), valid_from=date(2026, 10, 1), definition_fr=pl.lit("Autrement.")
    )
    later = replace(catalogue, indicators=pl.concat([catalogue.indicators, newer]))
    third, fourth = (list_template_rows(later, TILLEULS, f"2026-Q{n}", NOTHING_SENT, FR)[0] for n in (3, 4))
    assert third.note.startswith("Part des jeunes du quartier")
    assert fourth.note.startswith("Autrement. ")


def test_source_and_secrecy_are_those_of_the_last_time(catalogue: Catalogue) -> None:
    previous = sent({"period": "2025-Q1", "source": "i-milo"}, {"conf_status": "interne"})
    first, second, *_ = list_template_rows(catalogue, TILLEULS, "2026-Q4", previous, FR)
    assert first.cells == {
        "territory_code": TILLEULS,
        "qpv_code": "",
        "indicator_code": "JEU-01",
        "period": "2026-T4",
        "dimension": "total",
        "category": "",
        "conf_status": "interne",
        "source": "Mission locale",
    }
    assert (second.cells["conf_status"], second.cells["source"], second.last) == ("", "", "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({}, "T3 2026\u00a0: 35,0\u00a0% (84 sur 240)", id="rate"),
        pytest.param({"is_masked": True, **WITHOUT}, "T3 2026\u00a0: s", id="masked"),
        pytest.param({"obs_status": "non_disponible", **WITHOUT}, "T3 2026\u00a0: n.d.", id="not_available"),
        pytest.param({"obs_status": "non_collecte", **WITHOUT}, "T3 2026\u00a0: n.c.", id="not_collected"),
        pytest.param({"obs_status": "sans_objet", **WITHOUT}, "T3 2026\u00a0: ///", id="not_applicable"),
        pytest.param({"conf_status": "secret", **WITHOUT}, "T3 2026\u00a0: n.d.", id="no_number"),
    ],
)
def test_the_last_figure_is_said_in_words(catalogue: Catalogue, change: dict[str, object], said: str) -> None:
    assert list_template_rows(catalogue, TILLEULS, "2026-Q4", sent(change), FR)[0].last == said


def test_what_is_approved_already_is_left_out(catalogue: Catalogue) -> None:
    """Its row comes back only where nothing else is due."""
    codes = [row.cells["indicator_code"] for row in list_template_rows(catalogue, TILLEULS, "2026-Q4", sent({}), FR)]
    left = list_template_rows(catalogue, TILLEULS, "2026-Q4", sent({"period": "2026-Q4"}), FR)
    assert "JEU-01" in codes
    assert [row.cells["indicator_code"] for row in left] == [code for code in codes if code != "JEU-01"]


def test_the_last_figure_of_a_count_has_its_unit_only(catalogue: Catalogue) -> None:
    count = {"indicator_code": "JEU-04", "numerator": None, "denominator": None, "value": 1200.0}
    row = list_template_rows(catalogue, TILLEULS, "2026-Q4", sent(count), EN)[-1]
    assert row.last == "Q3 2026: 1,200"


def test_the_workbook_has_its_mark_then_the_header_then_the_rows(catalogue: Catalogue) -> None:
    book = open_template(catalogue, sent({}))
    sheet = book["observations"]
    assert book.sheetnames == ["observations", "Mode d’emploi", "Listes"]
    assert (sheet["A1"].value, book.properties.description) == (MARK, MARK)
    assert book.properties.title == "Modèle pour déposer les chiffres\u00a0: Quartier des Tilleuls, T4 2026"
    assert [cell.value for cell in sheet[2]] == [*HEADINGS, *REFERENCE_HEADINGS]
    first = dict(zip(HEADINGS, [cell.value for cell in sheet[3]], strict=False))
    assert {name: cell for name, cell in first.items() if cell is not None} == {
        "code_territoire": TILLEULS,
        "code_indicateur": "JEU-01",
        "periode": "2026-T4",
        "ventilation": "total",
        "confidentialite": "libre",
        "source": "Mission locale",
    }
    assert sheet.freeze_panes == "A3"
    assert not sheet.merged_cells.ranges


def test_the_workbook_tells_required_columns_by_more_than_colour(catalogue: Catalogue) -> None:
    sheet = open_template(catalogue, NOTHING_SENT)["observations"]
    bold = [cell.value for cell in sheet[2] if cell.font.bold]
    assert bold == [column.heading for column in OBSERVATION_COLUMNS if column.required]


def test_the_workbook_gives_lists_to_choose_from_and_help_on_each_heading(catalogue: Catalogue) -> None:
    """Our own words stop another one; where more spellings are read, a list only warns."""
    sheet = open_template(catalogue, NOTHING_SENT)["observations"]
    rules = sheet.data_validations.dataValidation
    lists = {str(rule.sqref): (rule.errorStyle, rule.formula1) for rule in rules if rule.type == "list"}
    dimension, among = 'IF($E3="","total",$E3)', "ventilation_de_modalite"
    of_dimension = f"OFFSET(choix_modalite,MATCH({dimension},{among},0)-1,0,COUNTIF({among},{dimension}),1)"
    words = '"normal,provisoire,estime,rupture,non_disponible,non_collecte,sans_objet,faible_fiabilite"'
    assert lists == {
        "A3:A1048576": ("warning", "choix_code_territoire"),
        "B3:B1048576": ("warning", "choix_code_quartier"),
        "C3:C1048576": ("warning", "choix_code_indicateur"),
        "D3:D1048576": ("warning", "choix_periode"),
        "E3:E1048576": ("warning", "choix_ventilation"),
        "F3:F1048576": ("warning", of_dimension),
        "J3:J1048576": (None, words),
        "K3:K1048576": (None, '"libre,interne,secret"'),
    }
    helped = {str(rule.sqref): rule.prompt for rule in rules if rule.prompt}
    assert len(helped) == len(OBSERVATION_COLUMNS)
    assert helped["A2"] == "Le code du territoire qui envoie ses chiffres. Obligatoire. Exemple\u00a0: FR-44-BELLEVUE"


def choices_named(book: openpyxl.Workbook, name: str) -> list[str | None]:
    """The cells that a name of the workbook stands for."""
    ((title, cells),) = book.defined_names[name].destinations
    found = book[title][cells]
    return [cell.value for (cell,) in found] if isinstance(found, tuple) else [found.value]


def test_the_lists_hold_what_the_territory_may_send(catalogue: Catalogue) -> None:
    book = open_template(catalogue, NOTHING_SENT)
    assert choices_named(book, "choix_code_territoire") == [TILLEULS]
    assert choices_named(book, "choix_code_quartier") == ["QN99901N"]
    assert choices_named(book, "choix_code_indicateur") == ["JEU-01", "DEC-03", "DRO-02", "PAR-01", "JEU-04"]
    assert choices_named(book, "choix_periode") == ["2026-T3", "2026-T4"]
    dimensions = ["total", "age", "diplome", "menage", "niveau_scolaire", "sexe", "statut_emploi"]
    assert choices_named(book, "choix_ventilation") == dimensions


def test_the_categories_of_a_dimension_stand_together(catalogue: Catalogue) -> None:
    """As the list of a row takes them: so many from the first one on."""
    book = open_template(catalogue, NOTHING_SENT)
    of, categories = choices_named(book, "ventilation_de_modalite"), choices_named(book, "choix_modalite")
    found = {one: categories[of.index(one) :][: of.count(one)] for one in choices_named(book, "choix_ventilation")}
    assert found["total"] == [None]
    assert found["sexe"] == ["femmes", "hommes", "autre_nsp"]
    assert found["age"] == ["0-5", "6-10", "11-14", "15-17", "18-25", "26-39", "40-59", "60+"]
    for dimension, of_one in list(found.items())[1:]:
        assert of_one == catalogue.categories.filter(dimension=dimension).sort("rank")["category"].to_list()


def test_the_third_sheet_says_what_each_choice_is(catalogue: Catalogue) -> None:
    rows = list(open_template(catalogue, NOTHING_SENT)["Listes"].iter_rows(values_only=True))
    assert rows[:3] == [
        ("Colonne", "Choix", "Ce que c’est", "Dans la ventilation"),
        ("code_territoire", TILLEULS, "Quartier des Tilleuls", None),
        ("code_quartier", "QN99901N", "Les Tilleuls", None),
    ]
    assert ("periode", "2026-T4", "T4 2026", None) in rows
    assert ("ventilation", "age", "Par âge", None) in rows
    assert ("modalite", None, "Tout le monde", "total") in rows
    assert ("modalite", "6-10", "6 à 10 ans", "age") in rows


def test_only_what_is_to_be_filled_in_can_be_typed_in(catalogue: Catalogue) -> None:
    """Columns may be widened; what identifies a value is given, and free again under the last row."""
    sheet = open_template(catalogue, sent({}))["observations"]
    free = {
        line: [sheet.cell(2, cell.column).value for cell in sheet[line] if not cell.protection.locked]
        for line in (1, 2, 3, 7, 8, 307)
    }
    to_fill_in = [heading for heading in HEADINGS if heading not in GIVEN]
    assert free == {1: [], 2: [], 3: to_fill_in, 7: to_fill_in, 8: HEADINGS, 307: HEADINGS}
    assert not any(sheet.column_dimensions[sheet.cell(2, at).column_letter].protection.locked for at in range(1, 17))


def test_every_sheet_is_protected_without_a_password(catalogue: Catalogue) -> None:
    for sheet in open_template(catalogue, NOTHING_SENT):
        assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
        assert (sheet.protection.formatColumns, sheet.protection.formatRows) == (False, False)  # not kept from it


def test_what_is_given_is_grey(catalogue: Catalogue) -> None:
    sheet = open_template(catalogue, NOTHING_SENT)["observations"]
    grey = [sheet.cell(2, cell.column).value for cell in sheet[3] if cell.fill.fgColor.rgb == "FFF2F2F2"]
    assert grey == [*GIVEN, *REFERENCE_HEADINGS]
    note = sheet.cell(3, len(HEADINGS) + 3)
    assert (note.alignment.wrap_text, sheet.row_dimensions[3].height) == (True, 30)


def test_where_nothing_is_expected_there_is_room_to_type(catalogue: Catalogue) -> None:
    written = write_template_xlsx(catalogue, TILLEULS, "2022-Q4", NOTHING_SENT, FR, MADE_ON)
    book = openpyxl.load_workbook(io.BytesIO(written))
    assert [cell.value for cell in book["observations"][3] if cell.value] == []
    assert not book["observations"]["A3"].protection.locked
    assert choices_named(book, "choix_periode") == ["2022-T4"]
    assert "choix_code_indicateur" not in book.defined_names
    text = write_template_csv(catalogue, TILLEULS, "2022-Q4", NOTHING_SENT, FR, MADE_ON).decode("utf-8-sig")
    assert text.splitlines()[1:] == [";".join([*HEADINGS, *REFERENCE_HEADINGS])]


def test_the_cells_to_fill_in_keep_what_is_typed(catalogue: Catalogue) -> None:
    sheet = open_template(catalogue, NOTHING_SENT)["observations"]
    columns = {
        heading: sheet.column_dimensions[sheet.cell(2, at).column_letter] for at, heading in enumerate(HEADINGS, 1)
    }
    text = ["code_territoire", "code_quartier", "code_indicateur", "periode", "ventilation", "modalite", "statut"]
    assert {columns[name].number_format for name in text} == {"@"}
    assert columns["date_reference"].number_format == "dd/mm/yyyy"
    assert columns["numerateur"].number_format == "General"
    assert all(column.width >= 11 for column in columns.values())


def test_the_second_sheet_explains_every_column(catalogue: Catalogue) -> None:
    guide = open_template(catalogue, NOTHING_SENT)["Mode d’emploi"]
    rows = list(guide.iter_rows(values_only=True))
    assert rows[0] == ("Colonne", "Ce que c’est", "Sorte", "Obligatoire", "Ce qui est permis", "Exemple")
    assert [row[0] for row in rows[1:]] == [*HEADINGS, *REFERENCE_HEADINGS]
    assert rows[1][3:] == ("oui", None, "FR-44-BELLEVUE")
    assert rows[-1][1].startswith("Pour mémoire\u00a0: ce que compte l’indicateur et ses limites")


def test_a_text_that_looks_like_a_formula_is_none(catalogue: Catalogue) -> None:
    previous = sent({"source": "=HYPERLINK(1)"})
    cell = open_template(catalogue, previous)["observations"].cell(3, 1 + HEADINGS.index("source"))
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    written = write_template_csv(catalogue, TILLEULS, "2026-Q4", previous, FR, MADE_ON).decode("utf-8-sig")
    assert ";'=HYPERLINK(1);" in written


def test_the_csv_has_its_mark_the_header_and_the_rows(catalogue: Catalogue) -> None:
    previous = sent({"dimension": "age", "category": "6-10"})
    written = write_template_csv(catalogue, TILLEULS, "2026-Q4", previous, FR, MADE_ON)
    lines = written.decode("utf-8").split("\r\n")
    assert lines[0] == f"\ufeff# {MARK}"
    assert lines[1] == ";".join([*HEADINGS, *REFERENCE_HEADINGS])
    assert lines[3].startswith('FR-99-TILLEULS;;JEU-01;2026-T4;age;"=""6-10""";;;;;libre;;;;Mission locale;;')
    assert written.count(b"\n") == written.count(b"\r\n") == 8


def test_the_csv_has_the_references_on_the_right(catalogue: Catalogue) -> None:
    written = write_template_csv(catalogue, TILLEULS, "2026-Q4", sent({}), FR, MADE_ON).decode("utf-8-sig")
    label, last, note = list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))[2][-3:]
    assert label == "Jeunes suivis par la mission locale en emploi ou en formation"
    assert last == "T3 2026\u00a0: 35,0\u00a0% (84 sur 240)"
    assert "Dénominateur\u00a0: Jeunes en suivi actif à la mission locale au dernier jour du trimestre." in note


def test_what_is_not_read_is_known_as_ours() -> None:
    assert OUR_HEADINGS == ("a_corriger", "libelle_indicateur", "derniere_valeur", "a_savoir")


def test_the_same_template_is_the_same_bytes(catalogue: Catalogue) -> None:
    once, again = (write_template_xlsx(catalogue, TILLEULS, "2026-Q4", sent({}), FR, MADE_ON) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("write", [write_template_xlsx, write_template_csv])
def test_a_template_is_read_as_one(catalogue: Catalogue, write) -> None:
    previous = sent({"dimension": "age", "category": "6-10"})
    reading = read_document(write(catalogue, TILLEULS, "2026-Q4", previous, FR, MADE_ON), "modele")
    assert (reading.template_on, reading.header_row) == (MADE_ON, 2)
    assert reading.table["modalite"].to_list() == ["", "6-10", "", "", "", ""]
    assert reading.table["source_row"].to_list() == [3, 4, 5, 6, 7, 8]
