"""Bytes in, text cells and the lines people see out."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from contextlib import suppress
from datetime import datetime, time
from pathlib import Path
from time import monotonic

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_files import xlsx_file

from pipelines.read import read_document, read_table
from pipelines.read.text import find_encoding
from schemas.issue import UnreadableFile

TWO_ROWS = [(2, "Épinal", "1 200,5"), (3, "Œuilly", "7")]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(
            b"\xef\xbb\xbfville;valeur\r\n\xc3\x89pinal;1 200,5\r\n\xc5\x92uilly;7\r\n", TWO_ROWS, id="french_excel"
        ),
        pytest.param('ville,valeur\nÉpinal,"1 200,5"\nŒuilly,7\n'.encode(), TWO_ROWS, id="plain"),
        pytest.param(b"ville;valeur\r\n\xc9pinal;1 200,5\r\n\x8cuilly;7\r\n", TWO_ROWS, id="cp1252"),
        pytest.param("ville\tvaleur\nÉpinal\t1 200,5\nŒuilly\t7\n".encode("utf-16"), TWO_ROWS, id="utf_16_with_bom"),
        pytest.param(
            "ville\tvaleur\nÉpinal\t1 200,5\nŒuilly\t7\n".encode("utf-16-le"), TWO_ROWS, id="utf_16_without_bom"
        ),
        pytest.param("ville\tvaleur\nÉpinal\t1 200,5\nŒuilly\t7\n".encode(), TWO_ROWS, id="tab"),
        pytest.param("ville;valeur\rÉpinal;1 200,5\rŒuilly;7\r".encode("mac_roman"), TWO_ROWS, id="mac_roman"),
        pytest.param("ville;valeur\nÉpinal;1 200,5\nŒuilly;7\n".encode("iso8859-15"), TWO_ROWS, id="latin_9"),
        pytest.param("ville|valeur\nÉpinal|1 200,5\nŒuilly|7\n".encode(), TWO_ROWS, id="pipe"),
        pytest.param(
            'ville,  valeur\n"Épinal",   "1 200,5"\n"Œuilly",   "7"\n'.encode(), TWO_ROWS, id="comma_and_spaces"
        ),
        pytest.param('"ville;valeur"\n"Épinal;1 200,5"\n"Œuilly;7"\n'.encode(), TWO_ROWS, id="lines_in_quotes"),
        pytest.param('ville, valeur\nÉpinal, "1 200,5"\nŒuilly, 7\n'.encode(), TWO_ROWS, id="comma_and_space"),
        pytest.param("ville,valeur\n'Épinal','1 200,5'\n'Œuilly','7'\n".encode(), TWO_ROWS, id="single_quotes"),
        pytest.param(b'ville;valeur\nA;="01053"\n"B";"=""7"""\n', [(2, "A", "01053"), (3, "B", "7")], id="text_guard"),
        pytest.param(
            b'ville;valeur;note\nA;1;x\n"B;2;"y"\nC;3;z\n',
            [(2, "A", "1"), (3, '"B', "2"), (4, "C", "3")],
            id="lone_quote",
        ),
        pytest.param(
            b'ville;valeur\nA;"1\nB;2\nC;3\n', [(2, "A", '"1'), (3, "B", "2"), (4, "C", "3")], id="quote_never_closed"
        ),
        pytest.param(
            b'ville,valeur\n"dit \\"oui\\"",1\n"\\"",2\n', [(2, 'dit "oui"', "1"), (3, '"', "2")], id="escaped_quotes"
        ),
        pytest.param("ville;valeur\nÉpinal;1 200,5\nŒuilly;7".encode(), TWO_ROWS, id="no_newline_at_the_end"),
        pytest.param("ville;valeur;;\nÉpinal;1 200,5;;\nŒuilly;7;;\n".encode(), TWO_ROWS, id="blank_columns_behind"),
        pytest.param("ville;valeur\nÉpinal;1 200,5\nŒuilly;7\n;\n\n;\n".encode(), TWO_ROWS, id="blank_rows_behind"),
        pytest.param(b"ville;valeur\n1,5;2,5\n3,5;4,5\n", [(2, "1,5", "2,5"), (3, "3,5", "4,5")], id="comma_decimals"),
        pytest.param(b"ville;valeur\n01004;007\n", [(2, "01004", "007")], id="leading_zeros_stay"),
        pytest.param(b"ville;valeur\nA;1\n\n\nB;2\n", [(2, "A", "1"), (5, "B", "2")], id="blank_lines_are_counted"),
        pytest.param(
            b'ville;valeur\r\n"un\r\ndeux";1\r\nB;2\r\n', [(2, "un\r\ndeux", "1"), (4, "B", "2")], id="quoted_newline"
        ),
        pytest.param(
            b'ville;valeur\n"a;b";"dit ""oui"""\nB;2\n', [(2, "a;b", 'dit "oui"'), (3, "B", "2")], id="quoted_signs"
        ),
        pytest.param(b"ville;valeur\nA\nB;2\n", [(2, "A", ""), (3, "B", "2")], id="short_row"),
        pytest.param(b"sep=;\nville;valeur\nA;1\n", [(3, "A", "1")], id="sep_line_of_excel"),
        pytest.param(
            b"Indicateurs du T3\n\nSource : mairie\nville;valeur\nA;1\n", [(5, "A", "1")], id="title_rows_above"
        ),
        pytest.param(b"note\n" * 14 + b"ville;valeur\nA;1\n", [(16, "A", "1")], id="header_on_line_15"),
        pytest.param(b"BMO 2026\n\nville;valeur\nA;1\n", [(4, "A", "1")], id="title_begins_like_a_bitmap"),
    ],
)
def test_csv_is_read_with_the_lines_people_see(content: bytes, rows: list[tuple[int, str, str]]) -> None:
    """Encoding, separator, quotes and header are found; blank lines count."""
    table = read_table(content, "villes.csv")
    assert table.columns[:3] == ["source_row", "ville", "valeur"]
    assert table.select("source_row", "ville", "valeur").rows() == rows


SHORT_TEXTS = (
    "ville;valeur\nÉpinal;1 200,5\nŒuilly;7\n",
    "territoire;libellé;valeur\nA;Élèves absents;12\nB;Jeunes suivis à la mission;38\n",
    "code;commentaire\n1;Fermée 2 semaines en août\n",
    "source;coût\nMairie;12 €\nÉcole;7 €\n",
)


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-15", "mac_roman"])
@pytest.mark.parametrize("text", SHORT_TEXTS)
def test_the_encoding_of_a_short_french_text(text: str, encoding: str) -> None:
    """A few accents are enough."""
    assert text.encode(encoding).decode(find_encoding(text.encode(encoding))) == text


def test_reading_says_what_was_understood() -> None:
    """Encoding, separator and header line are told, and no folder of the sender's machine."""
    reading = read_document(b"titre\n\nville;valeur\n\xc9pinal;1\n", "C:\\Users\\someone\\villes.csv")
    assert (reading.kind, reading.encoding, reading.separator, reading.header_row) == ("csv", "cp1252", ";", 3)
    assert reading.filename == "villes.csv"


def test_headings_are_made_distinct() -> None:
    """A heading met again, or without words, gets its position; spaces inside are one."""
    table = read_table(b"valeur;valeur;;nom  long;lieu\n1;2;3;4;5\n", "f.csv")
    assert table.columns == ["source_row", "valeur", "valeur (2)", "(3)", "nom long", "lieu"]
    odd = read_table(b"*;^a$;source_row\n1;2;x\n", "f.csv")
    assert odd.columns == ["source_row", "* (1)", "^a$ (2)", "source_row (3)"]


def _two_sheets(workbook: xlsxwriter.Workbook) -> None:
    notes = workbook.add_worksheet("notes")
    notes.write(0, 0, "À lire avant de remplir")
    sheet = workbook.add_worksheet("T3")
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    hour = workbook.add_format({"num_format": "hh:mm"})
    sheet.write(0, 1, "Indicateurs")
    sheet.write_row(2, 1, ["code", "nombre", "jour", "oui"])
    sheet.write_string(3, 1, "01004")
    sheet.write_number(3, 2, 38)
    sheet.write_datetime(3, 3, datetime(2026, 9, 30), day)
    sheet.write_boolean(3, 4, True)
    sheet.write_number(5, 1, 284067505612306)
    sheet.write_formula(5, 2, "=53.6/2", None, 26.8)
    sheet.write_datetime(5, 3, datetime(2026, 9, 30, 13, 5), day)
    sheet.write_datetime(5, 4, time(13, 5), hour)


@pytest.mark.parametrize("sheet", [pytest.param(None, id="first_sheet_with_a_table"), pytest.param("T3", id="named")])
def test_workbook_is_read_with_the_rows_of_the_sheet(sheet: str | None) -> None:
    """Whole numbers have no decimals, days are ISO, a formula is its result; rows are those Excel shows."""
    reading = read_document(xlsx_file(_two_sheets), "t3.xlsx", sheet)
    assert (reading.kind, reading.sheet, reading.header_row) == ("xlsx", "T3", 3)
    assert reading.table.columns == ["source_row", "code", "nombre", "jour", "oui"]
    assert reading.table.rows() == [
        (4, "01004", "38", "2026-09-30", "TRUE"),
        (6, "284067505612306", "26.8", "2026-09-30 13:05:00", "13:05:00"),
    ]


@pytest.mark.parametrize("sign", ["#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?"])
def test_workbook_keeps_the_error_signs_of_formulas(sign: str) -> None:
    """An error in a cell is not an empty cell."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["ville", "valeur"])
        sheet.write(1, 0, "Épinal")
        sheet.write_formula(1, 1, "=1/0", None, sign)

    assert read_table(xlsx_file(fill), "f.xlsx").rows() == [(2, "Épinal", sign)]


def _no_table(workbook: xlsxwriter.Workbook) -> None:
    workbook.add_worksheet("a").write(0, 0, "Bonjour")
    workbook.add_worksheet("b")


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        pytest.param(b"", "vide.csv", "empty_file", id="empty"),
        pytest.param(b" \r\n\r\n\t ", "blanc.csv", "empty_file", id="only_blanks"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "tableau.csv", "not_a_table", id="photo_renamed_csv"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "capture.csv", "not_a_table", id="screenshot"),
        pytest.param(b"<html><table><tr><td>1</td></tr></table></html>", "f.xls", "web_page", id="web_page_named_xls"),
        pytest.param(b'<?xml version="1.0"?>\n<Workbook/>', "f.xls", "web_page", id="xml_named_xls"),
        pytest.param(b"%PDF-1.7\n1 0 obj\n", "tableau.pdf", "not_a_table", id="pdf"),
        pytest.param(b"a;b\n\x00\x01\x02;\x00\n", "f.csv", "not_a_table", id="null_bytes"),
        pytest.param(b"Bonjour,\n\nvoici nos chiffres.\n", "lettre.txt", "no_table", id="a_letter"),
        pytest.param(b"valeur\n1\n2\n", "f.csv", "no_table", id="one_column"),
        pytest.param(b"note\n" * 15 + b"ville;valeur\nA;1\n", "f.csv", "no_table", id="header_on_line_16"),
        pytest.param(xlsx_file(_no_table), "vide.xlsx", "no_table", id="workbook_without_table"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "vieux.xls", "unreadable_workbook", id="broken_xls"
        ),
        pytest.param(
            b";".join([b"x"] * 20_000) + b"\n", "large.csv", "too_many_columns", id="more_columns_than_a_sheet"
        ),
        pytest.param(b"PK\x03\x04 and then nothing", "f.xlsx", "unreadable_workbook", id="broken_workbook"),
    ],
)
def test_what_nobody_can_read_is_refused_with_a_reason(content: bytes, filename: str, code: str) -> None:
    """The content decides, never the name."""
    with pytest.raises(UnreadableFile) as refusal:
        read_document(content, filename)
    assert (refusal.value.code, refusal.value.filename) == (code, filename)


def test_workbook_with_macros_is_refused(tmp_path: Path) -> None:
    """A file with a VBA project is refused, whatever its name."""
    project = tmp_path / "vbaProject.bin"
    project.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))

    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_vba_project(str(project))
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["ville", "valeur"])
        sheet.write_row(1, 0, ["Épinal", 1])

    with pytest.raises(UnreadableFile) as refusal:
        read_document(xlsx_file(fill), "suivi.xlsm")
    assert refusal.value.code == "macro_workbook"


def _with_a_note(workbook: xlsxwriter.Workbook) -> None:
    sheet = workbook.add_worksheet("T3")
    sheet.write_row(0, 0, ["ville", "valeur"])
    sheet.write_row(1, 0, ["Épinal", 1.5])
    sheet.write_comment(1, 1, "vu")


def _with_part(part: str, text: bytes) -> bytes:
    """The workbook with one of its parts replaced."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_file(_with_a_note))) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return content.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
OPENING = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(xlsx_file(_with_a_note)[:-40], id="cut_off"),
        pytest.param(_with_part(SHEET, b"<worksheet><sheetData><row>"), id="sheet_not_closed"),
        pytest.param(_with_part(SHEET, b"\x00\x01\x02"), id="sheet_of_noise"),
        pytest.param(
            _with_part(SHEET, OPENING + b'<c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>'),
            id="text_that_is_not_in_the_list",
        ),
        pytest.param(
            _with_part(SHEET, OPENING + b'<c r="A1" s="99" t="d"><v>x</v></c></row></sheetData></worksheet>'),
            id="style_that_does_not_exist",
        ),
        pytest.param(_with_part("xl/workbook.xml", b"<workbook/>"), id="workbook_without_sheets"),
    ],
)
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    """A reason, never a traceback."""
    with pytest.raises(UnreadableFile) as refusal:
        read_document(content, "f.xlsx")
    assert refusal.value.code in ("unreadable_workbook", "no_table")


def test_damaged_notes_do_not_end_the_reading() -> None:
    """The table is read, or the workbook refused with a reason."""
    try:
        outcome: object = read_table(_with_part("xl/comments1.xml", b"<comments><"), "f.xlsx").height
    except UnreadableFile as refusal:
        outcome = refusal.code
    assert outcome in (1, "unreadable_workbook")


def test_a_workbook_with_any_bytes_changed_is_a_table_or_a_refusal() -> None:
    """Ways of changing one to four bytes, the same every time; ten times as many at full size."""
    whole, dice = xlsx_file(_with_a_note), random.Random(1)
    outcomes = set()
    for _ in range(1500 if os.environ.get("CAP_FULL_SIZE") else 150):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        try:
            outcomes.add(read_document(bytes(content), "f.xlsx").kind)
        except UnreadableFile as refusal:
            outcomes.add(refusal.code)
    assert {"xlsx", "unreadable_workbook"} <= outcomes


def test_sheet_that_is_not_there_names_those_that_are() -> None:
    """The person learns which sheets the workbook has."""
    with pytest.raises(UnreadableFile) as refusal:
        read_document(xlsx_file(_two_sheets), "t3.xlsx", "T4")
    assert refusal.value.code == "sheet_not_found"
    assert refusal.value.context == {"sheet": "T4", "sheets": "notes, T3"}


ROWS = b"a;b;c\n1;2;3\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ROWS + b';"a' * 16_000, id="quotes_that_never_close_on_one_line"),
        pytest.param(ROWS + b'a;"b;c\n' * 100_000, id="a_quote_that_never_closes_on_each_line"),
        pytest.param(ROWS + b'1;2;"' + b"a\n" * 100_000 + b'"\n', id="a_cell_of_a_hundred_thousand_lines"),
        pytest.param(ROWS + b"a" * 100_000_000, id="one_line_of_a_hundred_megabytes"),
        pytest.param(b"\n" * 100_000_000 + ROWS, id="a_hundred_megabytes_of_nothing_above"),
    ],
)
def test_odd_texts_cost_little_time(content: bytes) -> None:
    """A table or a refusal, within ten seconds."""
    started = monotonic()
    with suppress(UnreadableFile):
        read_document(content, "f.csv")
    assert monotonic() - started < 10


def test_a_cell_of_a_hundred_lines_is_one_cell() -> None:
    """Line breaks inside quotes belong to the cell."""
    table = read_table(ROWS + b'1;2;"' + b"a\n" * 100 + b'"\n4;5;6\n', "f.csv")
    assert table["source_row"].to_list() == [2, 3, 104]


@given(st.binary(max_size=300) | st.text(alphabet='a1;,\t\n\r" é#', max_size=120).map(str.encode))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    """Nothing else comes out, and source rows rise."""
    try:
        table = read_table(content, "f.csv")
    except UnreadableFile:
        return
    assert table["source_row"].is_sorted()
    assert set(table.drop("source_row").dtypes) <= {pl.String}


SPECTRUM = (
    "comma_in_quotes",
    "escaped_quotes",
    "json",
    "newlines",
    "newlines_crlf",
    "quotes_and_newlines",
    "simple",
    "simple_crlf",
    "utf8",
    "empty",
    "empty_crlf",
)


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(name: str, cases: Path) -> None:
    """Eleven edge cases of csv-spectrum and their published answers (the twelfth copy disagrees with its own file)."""
    folder = cases / "reading" / "csv-spectrum"
    answer = json.loads((folder / "json" / f"{name}.json").read_text("utf-8"))
    content = (folder / "csvs" / f"{name}.csv").read_bytes()
    if name.endswith("_crlf"):  # the copy has lost the line ends it is named for
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    found = read_table(content, f"{name}.csv").drop("source_row").to_dicts()
    assert found == answer
