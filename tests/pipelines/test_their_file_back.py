"""A file, its annotated copy and our template go round: what we write, we read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from sent_files import HEADINGS, TILLEULS, csv_file, located, xlsx_file
from test_workbooks import ods_file

from measures.rounds import current_round, list_expected
from outputs.annotated import write_annotated
from outputs.template import write_template_csv, write_template_xlsx
from pipelines.deposit import prepare_submission
from pipelines.read import list_rows, read_document
from pipelines.store import Store, load_observations
from schemas.catalogue import Catalogue
from schemas.issue import Code
from schemas.observation import OBSERVATION_COLUMNS
from schemas.submission import PreparedSubmission
from schemas.words import Audience
from texts import load_words

Prepare = Callable[..., PreparedSubmission]
FR = load_words("fr")
FIRST_DAYS = datetime(2026, 10, 5, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
"""The round of T3 2026 is open, and nobody of the demonstration has sent it."""
DEMO = ["TILLEULS", "BELLEVUE", "LILAS", "CHENES", "PORTNEUF", "VALFLEURI"]
PLACES = {column.heading: at for at, column in enumerate(OBSERVATION_COLUMNS)}
ROWS = (
    "FR-99-TILLEULS;;JEU-01;2026-T3;total;;38;142;26,8;normal;libre;;;30/09/2026;Mission locale;",
    "FR-99-LILAS;;JEU-01;2026-T3;total;;38;;abc;normal;libre;;;30/09/2026;Mission locale;",
    "FR-99-TILLEULS;;JEU-99;T9 2026;sexe;martiens;150;142;;peut-être;libre;;;32/09/2026;;",
)


def faulty_book() -> bytes:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("T3")
        sheet.merge_range("A1:P1", "Chiffres du T3")
        for at, line in enumerate((HEADINGS, *ROWS), 2):
            sheet.write_row(at, 0, line.split(";"))

    return xlsx_file(fill)


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        pytest.param(csv_file(*ROWS), "t3.csv", id="utf_8"),
        pytest.param(csv_file(*ROWS).decode("utf-8-sig").encode("cp1252"), "t3.csv", id="cp1252"),
        pytest.param(csv_file(*ROWS).decode("utf-8-sig").encode("utf-16"), "t3.csv", id="utf_16"),
        pytest.param(faulty_book(), "t3.xlsx", id="workbook"),
    ],
)
def test_an_annotated_copy_sent_back_says_the_same(prepare: Prepare, content: bytes, filename: str) -> None:
    """Its remarks are no column, no sheet and no cell of the file."""
    first = prepare(content, filename)
    copy, name = write_annotated(content, first.reading, first.issues, FR)
    again = prepare(copy, name)
    assert len(first.issues) >= 8
    assert located(again.issues) == located(first.issues)
    assert again.reading.table.select(first.reading.table.columns).equals(first.reading.table)


def test_opendocument_comes_back_as_a_workbook_of_texts(prepare: Prepare) -> None:
    content = ods_file()
    reading = read_document(content, "f.ods")
    copy, name = write_annotated(
        content, reading, prepare(content, "f.ods").issues, FR, list_rows(content, "f.ods", "T3")
    )
    assert name.endswith(".xlsx")
    assert read_document(copy, name).table.equals(reading.table)


@pytest.mark.parametrize(
    "write", [pytest.param(write_template_xlsx, id="xlsx"), pytest.param(write_template_csv, id="csv")]
)
def test_our_template_is_known_by_its_version(
    prepare: Prepare,
    catalogue: Catalogue,
    nothing_approved: pl.DataFrame,
    write: Callable[..., bytes],
) -> None:
    """Read as it is: no column is unknown, and only figures are missing."""
    content = write(catalogue, TILLEULS, "2026-Q3", nothing_approved, FR, date(2026, 10, 1))
    prepared = prepare(content, "modele")
    assert prepared.reading.template_on == date(2026, 10, 1)
    assert prepared.row_count > 0
    assert {issue.code.value for issue in prepared.issues} <= {"missing_value", "missing_denominator"}


def figures_for(catalogue: Catalogue, indicator_code: str) -> dict[str, str]:
    """What a person could type in the row of an indicator."""
    components = catalogue.indicator(indicator_code)["components"]
    figures = {"required": {"numerateur": "38", "denominateur": "142"}, "optional": {"valeur": "26,8"}}
    return {**figures.get(str(components), {"valeur": "12"}), "source": "Comptage des partenaires"}


def fill_in_csv(content: bytes, catalogue: Catalogue) -> bytes:
    """The template as CSV, saved again by a spreadsheet with a figure in each row."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    for line in lines[2:]:
        for heading, cell in figures_for(catalogue, line[PLACES["code_indicateur"]]).items():
            line[PLACES[heading]] = cell
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def fill_in_book(content: bytes, catalogue: Catalogue) -> bytes:
    """The template as a workbook, saved by another program with a figure in each row, typed where that is allowed."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["observations"]
    rows = [row for row in sheet.iter_rows(min_row=3) if row[PLACES["code_indicateur"]].value]
    for row in rows:
        for heading, text in figures_for(catalogue, str(row[PLACES["code_indicateur"]].value)).items():
            cell = row[PLACES[heading]]
            assert not cell.protection.locked
            cell.value = text if heading == "source" else float(text.replace(",", "."))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("write", "fill_in"),
    [
        pytest.param(write_template_xlsx, fill_in_book, id="xlsx"),
        pytest.param(write_template_csv, fill_in_csv, id="csv"),
    ],
)
def test_a_template_filled_in_is_ready(
    demo_store: Store,
    catalogue: Catalogue,
    write: Callable[..., bytes],
    fill_in: Callable[[bytes, Catalogue], bytes],
    language: str,
) -> None:
    """Of every territory of the demonstration, in the round that is open: nothing to correct, nothing to ask."""
    period = current_round(FIRST_DAYS.date())
    for territory in (f"FR-99-{name}" for name in DEMO):
        expected = list_expected(catalogue, [territory], period).select("indicator_code", "period")
        approved = load_observations(demo_store, [territory], Audience.TERRITORY, as_of=FIRST_DAYS)
        previous = approved.join(expected, on=["indicator_code", "period"], how="anti")
        given = (catalogue, territory, period, previous, load_words(language), FIRST_DAYS.date())
        content = fill_in(write(*given), catalogue)
        prepared = prepare_submission(content, "t3", [territory], catalogue, previous, clock=lambda: FIRST_DAYS)
        assert ([*prepared.issues], prepared.questions, prepared.reading.fitting) == ([], (), ())
        assert set(prepared.rows.select("indicator_code", "period").iter_rows()) == set(expected.iter_rows())
        assert prepared.reading.template_on == FIRST_DAYS.date()


def test_rows_may_be_added_under_those_of_the_template(
    prepare: Prepare, catalogue: Catalogue, nothing_approved: pl.DataFrame
) -> None:
    """Blank rows stay between; a label of a breakdown is typed as people say it."""
    given = (catalogue, TILLEULS, "2026-Q3", nothing_approved, FR, date(2026, 10, 1))
    book = openpyxl.load_workbook(io.BytesIO(fill_in_book(write_template_xlsx(*given), catalogue)))
    more = {"code_territoire": TILLEULS, "code_indicateur": "JEU-01", "periode": "T3 2026", "ventilation": "Âge"}
    more |= {"modalite": "18-25", "numerateur": "30", "denominateur": "100", "source": "Mission locale"}
    for heading, text in more.items():
        cell = book["observations"].cell(12, 1 + PLACES[heading])
        assert not cell.protection.locked
        cell.value = text
    written = io.BytesIO()
    book.save(written)
    prepared = prepare(written.getvalue(), "t3.xlsx")
    assert [*prepared.issues] == []
    added = prepared.rows.filter(source_row=12).select("indicator_code", "dimension", "category", "value")
    assert added.rows() == [("JEU-01", "age", "18-25", 30.0)]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "write", [pytest.param(write_template_xlsx, id="xlsx"), pytest.param(write_template_csv, id="csv")]
)
def test_no_sheet_of_the_catalogue_is_taken_for_a_person(
    prepare: Prepare,
    catalogue: Catalogue,
    nothing_approved: pl.DataFrame,
    write: Callable[..., bytes],
    language: str,
) -> None:
    """The labels and notes of every indicator come back with the file; here all are due at once."""
    due = catalogue.indicators.with_columns(
        frequency=pl.lit("quarter"), delay_months=pl.lit(1, pl.Int64), source_kind=pl.lit("own_count")
    )
    everything = due.select(pl.lit(TILLEULS).alias("territory_code"), pl.lit(1).alias("rank"), "indicator_code")
    followed = replace(catalogue, indicators=due, followed_indicators=everything)
    content = write(followed, TILLEULS, "2026-Q3", nothing_approved, load_words(language), date(2026, 10, 1))
    prepared = prepare(content, "modele")
    assert prepared.reading.table["code_indicateur"].n_unique() == due["indicator_code"].n_unique() == 48
    assert not {issue.code for issue in prepared.issues} & {Code.PERSONAL_DATA, Code.MAYBE_PERSONAL_DATA}
