"""Workbooks as they come: merged cells, hidden sheets, comments, old formats, and those made to do harm."""

from __future__ import annotations

import io
import resource
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from sent_files import xlsx_file

from pipelines.read import read_document, read_table
from pipelines.read.workbook import READER
from schemas.issue import UnreadableFile

SHEET = "xl/worksheets/sheet1.xml"
OPENING = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSING = b"</sheetData></worksheet>"


def plain(workbook: xlsxwriter.Workbook) -> None:
    sheet = workbook.add_worksheet("T3")
    sheet.write_row(0, 0, ["ville", "valeur"])
    sheet.write_row(1, 0, ["Épinal", 1.5])


def with_parts(parts: dict[str, bytes], fill: Callable[[xlsxwriter.Workbook], None] = plain) -> bytes:
    """The workbook of `fill` with some of its parts replaced or added."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_file(fill))) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return content.getvalue()


def test_cells_merged_downwards_hold_for_each_row() -> None:
    """What a person sees beside three rows belongs to the three; merged sideways, to the first column."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.merge_range("A1:C1", "Chiffres du trimestre")
        sheet.write_row("A2", ["ville", "sexe", "valeur"])
        sheet.merge_range("A3:A5", "Épinal")
        for row, (sex, value) in enumerate([("total", 38), ("femmes", 17), ("hommes", 21)], 2):
            sheet.write_row(row, 1, [sex, value])

    reading = read_document(xlsx_file(fill), "f.xlsx")
    assert reading.table.rows() == [
        (3, "Épinal", "total", "38"),
        (4, "Épinal", "femmes", "17"),
        (5, "Épinal", "hommes", "21"),
    ]
    assert [(one.line, one.text, one.why) for one in reading.aside] == [(1, "Chiffres du trimestre", "title")]


def test_a_figure_merged_downwards_is_of_its_first_row() -> None:
    """Whose the others are is asked, not guessed."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row("A1", ["indicateur", "valeur"])
        sheet.write_column("A2", ["DRO-01", "JEU-04"])
        sheet.merge_range("B2:B3", 66)

    assert read_table(xlsx_file(fill), "f.xlsx").rows() == [(2, "DRO-01", "66"), (3, "JEU-04", "")]


def test_headings_merged_downwards_are_one_heading() -> None:
    """Two lines of headings: some hold for both, some are a group of two."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        for column, heading in (("A", "territoire"), ("B", "indicateur"), ("E", "source")):
            sheet.merge_range(f"{column}1:{column}2", heading)
        sheet.merge_range("C1:D1", "Effectifs")
        sheet.write_row("C2", ["Numérateur", "Dénominateur"])
        for row in (2, 3, 4):
            sheet.write_row(row, 0, ["FR-99-TILLEULS", f"JEU-0{row}", row, 10 * row, "CCAS"])

    table = read_table(xlsx_file(fill), "f.xlsx")
    assert table.columns[1:] == [
        "territoire",
        "indicateur",
        "Effectifs Numérateur",
        "Effectifs Dénominateur",
        "source",
    ]
    assert table.rows()[0] == (3, "FR-99-TILLEULS", "JEU-02", "2", "20", "CCAS")


def test_lines_that_a_filter_hides_are_named() -> None:
    """They are read like the others, and said."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        plain(workbook)
        sheet = workbook.worksheets()[0]
        sheet.write_row(2, 0, ["Nancy", 2])
        sheet.set_row(2, None, None, {"hidden": True})

    reading = read_document(xlsx_file(fill), "f.xlsx")
    assert (reading.table.height, reading.hidden_lines) == (2, (3,))


def test_the_comments_of_each_sheet_are_on_its_lines() -> None:
    """The second sheet's are not the first's."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        plain(workbook)
        other = workbook.add_worksheet("notes")
        other.write_comment("C7", "à revoir")

    reading = read_document(xlsx_file(fill), "f.xlsx")
    comments = [one for one in reading.aside if one.why == "comment"]
    assert [(one.sheet, one.line, "à revoir" in one.text) for one in comments] == [("notes", 7, True)]


def test_several_sheets_with_our_headings_are_said() -> None:
    """Until one of them is chosen."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        for year in ("2025", "2026"):
            sheet = workbook.add_worksheet(year)
            sheet.write_row(0, 0, ["Code territoire", "Code indicateur", "Période", "Valeur", "Source"])
            sheet.write_row(1, 0, ["FR-99-TILLEULS", "JEU-04", f"{year}-T3", 12, "Associations"])

    assert read_document(xlsx_file(fill), "f.xlsx").fitting == ("2025", "2026")
    chosen = read_document(xlsx_file(fill), "f.xlsx", "2026")
    assert (chosen.fitting, chosen.table["Période"].to_list()) == ((), ["2026-T3"])


def test_the_sheet_with_our_headings_is_taken_and_the_others_are_named() -> None:
    """Not the first with any table; hidden sheets are never taken, and their text is known."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("Listes").write_column(0, 0, ["a", "b"])
        first = workbook.add_worksheet("Autre")
        first.write_row(0, 0, ["x", "y"])
        first.write_row(1, 0, ["1", "2"])
        ours = workbook.add_worksheet("Dépôt")
        ours.write_row(0, 0, ["Code territoire", "Code indicateur", "Période", "Valeur"])
        ours.write_row(1, 0, ["FR-99-TILLEULS", "JEU-04", "2026-T3", 12])
        hidden = workbook.add_worksheet("Cachée")
        hidden.write_row(0, 0, ["secret", "b"])
        hidden.hide()

    reading = read_document(xlsx_file(fill), "f.xlsx")
    assert (reading.sheet, reading.sheets) == ("Dépôt", ("Autre", "Dépôt"))
    assert ("secret", "hidden_sheet", "Cachée") in [(one.text, one.why, one.sheet) for one in reading.aside]


def test_a_formula_without_result_is_not_an_empty_cell() -> None:
    """Files made by programs hold formulas that nobody has computed: the formula stands in its cell."""
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
    formula = b'<row r="2"><c r="A2"><v>3</v></c><c r="B2"><f>A2/2</f></c></row>'
    content = with_parts({SHEET: OPENING + row + formula + CLOSING})
    assert read_table(content, "f.xlsx").rows() == [(2, "3", "=A2/2")]


def test_a_percentage_keeps_its_sign() -> None:
    """0.268 shown as 26,8 % is 26.8%."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["ville", "taux"])
        sheet.write(1, 0, "Épinal")
        sheet.write_number(1, 1, 0.268, workbook.add_format({"num_format": "0.0%"}))

    assert read_table(xlsx_file(fill), "f.xlsx").rows() == [(2, "Épinal", "26.8%")]


def test_strict_open_xml_is_read() -> None:
    """The other dialect of the same format."""
    names = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    with zipfile.ZipFile(io.BytesIO(xlsx_file(plain))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    for known, strict in names.items():
        parts = {name: text.replace(known, strict) for name, text in parts.items()}
    assert read_table(with_parts(parts), "f.xlsx").rows() == [(2, "Épinal", "1.5")]


NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
)
ODS = """<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="T3">
<table:table-row>
<table:table-cell office:value-type="string"><text:p>ville</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>valeur</text:p></table:table-cell>
</table:table-row>
<table:table-row>
<table:table-cell office:value-type="string">
<office:annotation><text:p>à revoir</text:p></office:annotation><text:p>Épinal</text:p>
</table:table-cell>
<table:table-cell office:value-type="float" office:value="1.5"><text:p>1,5</text:p></table:table-cell>
</table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>""".replace("\n", "")


def ods_file(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        if "content.xml" not in parts:
            archive.writestr("content.xml", ODS.replace("{names}", NAMES))
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"/>')
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def test_opendocument_is_read_with_its_comments() -> None:
    """Cells as text; a comment on a cell is known."""
    reading = read_document(ods_file(), "f.ods")
    assert (reading.kind, reading.sheet) == ("ods", "T3")
    assert reading.table.rows() == [(2, "Épinal", "1.5")]
    assert [one.text for one in reading.aside if one.why == "comment"] == ["à revoir"]


def test_opendocument_is_read_with_what_stands_in_no_cell() -> None:
    """A text box, a footer, a link to an address, a property; no page number."""
    names = "xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'"
    box = "<table:shapes><d:text-box><text:p>Source : PLIE</text:p></d:text-box></table:shapes>"
    link = "<text:a xlink:href='mailto:lea.martin%40exemple.fr'>Épinal</text:a>"
    drawing = "xmlns:d='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0' xmlns:xlink='http://www.w3.org/1999/xlink'"
    content = ODS.replace("{names}", f"{NAMES} {drawing}").replace("<table:table-row>", f"{box}<table:table-row>", 1)
    style = "xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0'"
    reading = read_document(
        ods_file(
            **{
                "content.xml": content.replace("Épinal", link),
                "styles.xml": f"<s {style} {names}><style:header><text:p>Page 1/99</text:p></style:header>"
                "<style:footer><text:p>Ville d’Épinal</text:p></style:footer></s>",
                "meta.xml": "<m><date>2026-11-25T10:00:00</date><k>voir 06 12 34 56 78</k></m>",
            }
        ),
        "f.ods",
    )
    assert reading.table.rows() == [(2, "Épinal", "1.5")]
    assert {one.text for one in reading.aside if one.why == "outside"} == {
        "Source : PLIE",
        "mailto:lea.martin@exemple.fr",
        "Ville d’Épinal",
        "voir 06 12 34 56 78",
    }


def test_opendocument_keeps_percents_and_lines() -> None:
    """0.3 shown as 30 % is 30%; a table that begins further down and right keeps its lines; repeated cells too."""
    empty = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    cell = "<table:table-cell office:value-type={}><text:p>{}</text:p></table:table-cell>"
    row = '<table:table-row><table:table-cell table:number-columns-repeated="2"/>{}</table:table-row>'
    headings = "".join(cell.format('"string"', name) for name in "ab")
    twice = cell.format('"percentage" office:value="0.3" table:number-columns-repeated="2"', "30 %")
    lines = [empty, row.format(headings), row.format(twice), row.format(twice)]
    start, end = ODS.replace("{names}", NAMES).split("<table:table-row>", 1)[0], ODS.split("</table:table>")[1]
    reading = read_document(ods_file(**{"content.xml": f"{start}{''.join(lines)}</table:table>{end}"}), "f.ods")
    assert reading.table.rows() == [(5, "30%", "30%"), (6, "30%", "30%")]
    assert reading.header_row == 4


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(ods_file(**{"Basic/Standard/Module1.xml": "<x/>"}), "macro_workbook", id="opendocument_macro"),
        pytest.param(
            with_parts({"xl/workbook.bin": b"", "xl/comments1.bin": b"x"}),
            "comments_unreadable",
            id="xlsb_with_comments",
        ),
        pytest.param(
            b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "locked_workbook", id="password"
        ),
        pytest.param(
            b"\xd0\xcf\x11\xe0" + bytes(600) + "_VBA_PROJECT".encode("utf-16-le"), "macro_workbook", id="xls_macro"
        ),
    ],
)
def test_what_may_hide_something_is_refused(content: bytes, code: str) -> None:
    """Macros, passwords, and comments that nobody could look at."""
    with pytest.raises(UnreadableFile) as refusal:
        read_document(content, "f")
    assert refusal.value.code == code


LAUGHS = b"".join(b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9))
TEXT = b'<row r="1"><c t="inlineStr"><is><t>%s</t></is></c><c><v>1</v></c></row>'
STYLES = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'

HOSTILE = {
    "one_row_of_four_million_cells": {SHEET: OPENING + b"<row>" + b"<c><v>1</v></c>" * 4_000_000 + b"</row>" + CLOSING},
    "ten_million_empty_rows": {SHEET: OPENING + b"<row/>" * 10_000_000 + CLOSING},
    "ten_million_texts": {"xl/sharedStrings.xml": STRINGS + b"<si><t>a</t></si>" * 5_000_000 + b"</sst>"},
    "row_number_beyond_any_sheet": {SHEET: OPENING + b'<row r="999999999"><c><v>1</v></c></row>' + CLOSING},
    "billion_laughs": {SHEET: b'<!DOCTYPE l [<!ENTITY a "ha">' + LAUGHS + b"]>" + OPENING + TEXT % b"&j;" + CLOSING},
    "external_entity": {
        SHEET: b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + OPENING + TEXT % b"&x;" + CLOSING
    },
    "three_hundred_megabytes_of_nothing": {"xl/media/image1.png": bytes(300_000_000)},
    "deep": {SHEET: OPENING + b"<a>" * 1_000_000},
    "one_attribute_of_190_megabytes": {SHEET: OPENING + b'<row r="1" spans="' + b"1" * 190_000_000 + b'"/>' + CLOSING},
    "five_million_formats": {"xl/styles.xml": STYLES + b"<xf/>" * 5_500_000 + b"</cellXfs></styleSheet>"},
    "many_formulas_in_one_text": {SHEET: OPENING + b"<![CDATA[" + b"<f " * 300_000 + b"]]>" + CLOSING},
    "merged_to_the_last_column": {
        SHEET: OPENING
        + b"".join(b'<row r="%d"><c><v>1</v></c><c><v>2</v></c></row>' % n for n in range(1, 3))
        + b'<row r="3"><c r="XFD3" t="inlineStr"><is><t>a</t></is></c></row>'
        + b"".join(b'<row r="%d"><c><v>1</v></c></row>' % n for n in range(4, 100_000))
        + b'</sheetData><mergeCells><mergeCell ref="XFD3:XFD1048576"/></mergeCells></worksheet>'
    },
    "a_row_met_again": {SHEET: OPENING + b'<row r="2"><c><v>1</v></c><c><v>1</v></c></row>' * 2 + CLOSING},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_soon_and_small(name: str) -> None:
    """One sentence, within ten seconds and a gigabyte more than was used before."""
    content = with_parts(HOSTILE[name])
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(UnreadableFile):
        read_document(content, "../../etc/f.xlsx")
    assert time.perf_counter() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b";".join([b"a"] * 10_000_000), "too_many_columns", id="ten_million_columns"),
        pytest.param(b"a;b\n" + b"1;2\n" * 45_000_000, "too_large", id="180_megabytes"),
    ],
)
def test_a_text_beyond_measure_is_refused_soon(content: bytes, code: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UnreadableFile) as refusal:
        read_document(content, "f.csv")
    assert refusal.value.code == code
    assert time.perf_counter() - started < 10


def _record(kind: int, content: bytes = b"") -> bytes:
    """A record of a binary workbook: its kind and its length in seven bits a byte, then its content."""
    numbers = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return numbers + bytes([len(content)]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def test_a_workbook_that_aborts_its_reader_takes_nobody_with_it() -> None:
    """A cell at the far end of a binary sheet asks for half a terabyte; the next workbook is read all the same."""
    far = _record(0, struct.pack("<IIHBBBI", 1_048_575, 0, 300, 0, 0, 0, 0)) + _record(
        5, struct.pack("<IId", 16_383, 0, 1.0)
    )
    first = _record(0, struct.pack("<IIHBBBI", 0, 0, 300, 0, 0, 0, 0)) + _record(5, struct.pack("<IId", 0, 0, 1.0))
    bounds = _record(148, struct.pack("<IIII", 0, 1, 0, 5))
    sheet = _record(129) + bounds + _record(145) + first + far + _record(146) + _record(130)
    bundle = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("T3"))
    book = _record(131) + _record(153, bytes(12)) + _record(143) + bundle + _record(144) + _record(132)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    to_sheet = f'<Relationship Id="rId1" Type="{office}" Target="worksheets/sheet1.bin"/>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{package}">{to_sheet}</Relationships>')
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    with pytest.raises(UnreadableFile) as refusal:
        read_document(content.getvalue(), "f.xlsb")
    assert refusal.value.code == "too_heavy_workbook"
    assert read_table(xlsx_file(plain), "f.xlsx").height == 1


def test_a_reader_that_is_gone_is_begun_again() -> None:
    """Its process was ended from outside: that workbook is refused, the next one read."""
    read_table(xlsx_file(plain), "f.xlsx")
    assert READER.process is not None
    READER.process.kill()
    READER.process.wait()
    assert read_table(xlsx_file(plain), "f.xlsx").height == 1


def test_merged_cells_without_end_are_no_work() -> None:
    """A million rows merged two thousand times over."""
    merged = b"<mergeCells>" + b'<mergeCell ref="A1:A1048576"/>' * 2000 + b"</mergeCells></worksheet>"
    row = b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>'
    started = time.perf_counter()
    read_table(with_parts({SHEET: OPENING + row + b"</sheetData>" + merged}), "f.xlsx")
    assert time.perf_counter() - started < 5


def test_real_workbooks_are_tables_or_refusals(cases: Path) -> None:
    """XLSX, XLSB, XLS and ODS edge cases, four of them made to harm: each within ten seconds."""
    outcomes, slow = set(), []
    for path in sorted((cases / "workbooks").rglob("*.*")):
        started = time.perf_counter()
        try:
            outcomes.add(read_document(path.read_bytes(), path.name).kind)
        except UnreadableFile as refusal:
            outcomes.add(refusal.code)
        slow += [path.name] if time.perf_counter() - started > 10 else []
    assert slow == []
    assert {"xlsx", "xls", "ods", "xlsb", "macro_workbook"} <= outcomes
