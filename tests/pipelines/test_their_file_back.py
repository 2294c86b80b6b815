"""A file, its annotated copy and our template go round: what we write, we read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
import xlsxwriter
from sent_files import HEADINGS, TILLEULS, csv_file, located, xlsx_file
from test_workbooks import ods_file

from outputs.annotated import write_annotated
from outputs.template import write_template_csv, write_template_xlsx
from pipelines.read import list_rows, read_document
from schemas.catalogue import Catalogue
from schemas.submission import PreparedSubmission
from texts import load_words

Prepare = Callable[..., PreparedSubmission]
FR = load_words("fr")
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
