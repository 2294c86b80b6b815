"""The template: what a territory finds in it already, and that it comes back as it went."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import polars as pl
import pytest

from outputs.template import list_template_rows, write_template_csv, write_template_xlsx
from pipelines.read import read_document
from schemas.catalogue import Catalogue
from schemas.observation import LABEL_HEADING, LAST_VALUE_HEADING, OBSERVATION_COLUMNS
from texts import load_words

FR, EN = load_words("fr"), load_words("en")
TILLEULS, MADE_ON = "FR-99-TILLEULS", date(2026, 11, 24)
MARK = "Cap commun; modele observations; version 2026-11-24"
HEADINGS = [column.heading for column in OBSERVATION_COLUMNS]
WRITTEN = ("indicator_code", "qpv_code", "dimension", "category")
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


def cells_written(catalogue: Catalogue, period: str, previous: pl.DataFrame) -> list[tuple[str, ...]]:
    rows = list_template_rows(catalogue, TILLEULS, period, previous, FR)
    return [tuple(row.cells[name] for name in WRITTEN) for row in rows]


def test_the_indicators_of_the_rhythm_stand_in_the_order_of_the_collective(catalogue: Catalogue) -> None:
    followed = ["JEU-01", "DEC-03", "DRO-02", "PAR-01", "JEU-04"]
    assert cells_written(catalogue, "2026-Q4", NOTHING_SENT) == [(code, "", "total", "") for code in followed]
    assert cells_written(catalogue, "2026-V1", NOTHING_SENT) == [("JEU-05", "", "total", "")]
    assert cells_written(catalogue, "2026", NOTHING_SENT) == []


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
    assert cells_written(catalogue, "2026-Q4", previous)[:5] == [
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
    assert cells_written(catalogue, "2026-Q4", sent(change))[:2] == [
        ("JEU-01", "", "total", ""),
        ("DEC-03", "", "total", ""),
    ]


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
        pytest.param({"period": "2026-Q4"}, "T4 2026\u00a0: 35,0\u00a0% (84 sur 240)", id="sent_already"),
    ],
)
def test_the_last_figure_is_said_in_words(catalogue: Catalogue, change: dict[str, object], said: str) -> None:
    assert list_template_rows(catalogue, TILLEULS, "2026-Q4", sent(change), FR)[0].last == said


def test_the_last_figure_of_a_count_has_its_unit_only(catalogue: Catalogue) -> None:
    count = {"indicator_code": "JEU-04", "numerator": None, "denominator": None, "value": 1200.0}
    row = list_template_rows(catalogue, TILLEULS, "2026-Q4", sent(count), EN)[-1]
    assert row.last == "Q3 2026: 1,200"


def test_the_workbook_has_its_mark_then_the_header_then_the_rows(catalogue: Catalogue) -> None:
    book = open_template(catalogue, sent({}))
    sheet = book["observations"]
    assert book.sheetnames == ["observations", "Mode d’emploi"]
    assert (sheet["A1"].value, book.properties.description) == (MARK, MARK)
    assert book.properties.title == "Modèle pour déposer les chiffres\u00a0: Quartier des Tilleuls, T4 2026"
    assert [cell.value for cell in sheet[2]] == [*HEADINGS, LABEL_HEADING, LAST_VALUE_HEADING]
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
    sheet = open_template(catalogue, NOTHING_SENT)["observations"]
    rules = sheet.data_validations.dataValidation
    lists = {str(rule.sqref): rule.formula1 for rule in rules if rule.type == "list"}
    assert lists == {
        "J3:J1048576": '"normal,provisoire,estime,rupture,non_disponible,non_collecte,sans_objet,faible_fiabilite"',
        "K3:K1048576": '"libre,interne,secret"',
    }
    helped = {str(rule.sqref): rule.prompt for rule in rules if rule.prompt}
    assert len(helped) == len(OBSERVATION_COLUMNS)
    assert helped["A2"] == "Le code du territoire qui envoie ses chiffres. Obligatoire. Exemple\u00a0: FR-44-BELLEVUE"


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
    assert [row[0] for row in rows[1:]] == [*HEADINGS, LABEL_HEADING, LAST_VALUE_HEADING]
    assert rows[1][3:] == ("oui", "", "FR-44-BELLEVUE")


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
    assert lines[1] == ";".join(HEADINGS)
    assert lines[3] == 'FR-99-TILLEULS;;JEU-01;2026-T4;age;"=""6-10""";;;;;libre;;;;Mission locale;'
    assert written.count(b"\n") == written.count(b"\r\n") == 8


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
