"""Their file comes back: what is marked, what is said, and that nothing else has changed."""

from __future__ import annotations

import csv
import io

import openpyxl
import polars as pl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side

import outputs.annotated.book
from outputs.annotated import write_annotated
from outputs.annotated.book import FILL, LONGEST_TEXT, MARKED_BY
from pipelines.read import read_document
from schemas.issue import Code, Issue, Issues, UnreadableFile
from schemas.observation import REMARKS_HEADING
from schemas.reading import Reading
from schemas.words import Severity
from texts import load_words

FR, EN = load_words("fr"), load_words("en")
RED, YELLOW = FILL[Severity.BLOCKING], FILL[Severity.WARNING]
HEADER = ["Code", "Nom du lieu", "Taux"]
NO_NUMBER = Issue(Code.UNREADABLE_NUMBER, 4, "Taux", "abc")
NO_NUMBER_SAID = (
    "«\u00a0abc\u00a0» n’est pas un nombre. Écrivez un nombre comme 1\u202f234,5, ou n.d. si la donnée n’est pas "
    "disponible."
)
FRACTION = Issue(Code.MAYBE_FRACTION, 5, "Taux", "0,35")
TWICE = Issue(Code.DUPLICATE_KEY, 5, None, None, {"lines": "4, 5"})
MISSING = Issue(Code.MISSING_COLUMN, None, None, None, {"expected": "periode", "nearest": ""})
UNKNOWN = Issue(Code.UNKNOWN_COLUMN, None, "Nom du lieu")


def workbook(**others: object) -> bytes:
    """A title over merged cells, the header on row 3 in bold, three rows; a second sheet; `others`: cells to write."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Chiffres T3"
    sheet["A1"] = "Nos chiffres"
    sheet.merge_cells("A1:C1")
    for row, cells in enumerate([HEADER, ["01004", "Nord", "abc"], ["01005", "Sud", 0.35], ["01006", "Est", 12]], 3):
        for column, cell in enumerate(cells, 1):
            sheet.cell(row, column).value = cell
    for cell in sheet[3]:
        cell.font = Font(bold=True)
    sheet["C5"].number_format = "0.00%"
    sheet["C4"].border = Border(left=Side("thick"))
    sheet["C4"].font = Font(italic=True)
    sheet["C6"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet.column_dimensions["B"].width = 41
    book.create_sheet("Notes")["A1"] = "À garder"
    for place, value in others.items():
        if isinstance(value, Comment):
            sheet[place].comment = value
        else:
            sheet[place].value = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def reading(kind: str = "xlsx", **said: object) -> Reading:
    """What is understood of the workbook above, unless said otherwise."""
    usual = {
        "table": pl.DataFrame(),
        "filename": f"chiffres.{kind}",
        "kind": kind,
        "header_row": 3,
        "positions": {name: at for at, name in enumerate(HEADER, 1)},
        "sheet": "Chiffres T3",
    }
    return Reading(**usual | said)


def annotate(content: bytes, *issues: Issue, words=FR, **said: object) -> openpyxl.Workbook:
    copy, _ = write_annotated(content, reading(**said), Issues.of(issues), words)
    return openpyxl.load_workbook(io.BytesIO(copy))


def annotate_text(text: str | bytes, *issues: Issue, words=FR, filename: str = "depot.csv") -> bytes:
    content = text.encode() if isinstance(text, str) else text
    return write_annotated(content, read_document(content, filename), Issues.of(issues), words)[0]


def test_a_faulty_cell_is_red_and_says_what_to_do() -> None:
    cell = annotate(workbook(), NO_NUMBER)["Chiffres T3"]["C4"]
    assert cell.fill.fgColor.rgb == RED
    assert cell.comment.text == f"À corriger. {NO_NUMBER_SAID}"
    assert cell.comment.author == MARKED_BY


def test_a_warning_is_yellow_and_a_fault_beside_it_wins() -> None:
    sheet = annotate(workbook(), FRACTION)["Chiffres T3"]
    assert sheet["C5"].fill.fgColor.rgb == YELLOW
    assert sheet["C5"].comment.text.startswith("À vérifier. «\u00a0")
    sheet = annotate(workbook(), FRACTION, Issue(Code.OUT_OF_RANGE, 5, "Taux", "0,35", {"low": "1", "high": "9"}))
    assert sheet["Chiffres T3"]["C5"].fill.fgColor.rgb == RED
    assert len(sheet["Chiffres T3"]["C5"].comment.text.split("\n")) == 2


def test_what_has_no_column_stands_on_the_first_cell_of_its_row() -> None:
    cell = annotate(workbook(), TWICE)["Chiffres T3"]["A5"]
    assert cell.comment.text == (
        "À corriger. La même donnée est écrite plusieurs fois (lignes 4, 5), et nous ne choisissons pas à votre place. "
        "Gardez une seule de ces lignes."
    )


def test_what_concerns_a_column_stands_on_its_heading_and_a_missing_column_on_the_list_only() -> None:
    book = annotate(workbook(), MISSING, UNKNOWN)
    marked = [cell.coordinate for row in book["Chiffres T3"].iter_rows() for cell in row if cell.comment]
    assert marked == ["B3"]
    assert book["Chiffres T3"]["B3"].comment.text.startswith("À vérifier. Cette colonne n’est pas connue\u202f;")
    assert [cell.value for cell in book["À corriger"][2]][:3] == [None, None, None]


def test_everything_else_is_as_it_was() -> None:
    before = openpyxl.load_workbook(io.BytesIO(workbook()))["Chiffres T3"]
    book = annotate(workbook(C6="=2*6"), NO_NUMBER, FRACTION)
    after = book["Chiffres T3"]
    assert book.sheetnames == ["Chiffres T3", "Notes", "À corriger"]
    assert book["Notes"]["A1"].value == "À garder"
    assert book.active.title == "Chiffres T3"
    assert [str(one) for one in after.merged_cells.ranges] == ["A1:C1"]
    assert after.column_dimensions["B"].width == 41
    assert all(cell.font.bold for cell in after[3])
    assert after["C5"].number_format == "0.00%"
    assert (after["C4"].border.left.style, after["C4"].font.italic) == ("thick", True)
    assert after["C6"].fill.fgColor.rgb == "FF00FF00"
    assert after["C6"].value == "=2*6"
    cells = [(cell.coordinate, cell.value) for row in before.iter_rows() for cell in row if cell.coordinate != "C6"]
    assert [(place, after[place].value) for place, _ in cells] == cells


def test_of_merged_cells_the_one_that_shows_is_marked() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book["Chiffres T3"].merge_cells("A4:A6")
    merged = io.BytesIO()
    book.save(merged)
    sheet = annotate(merged.getvalue(), Issue(Code.UNKNOWN_INDICATOR, 6, "Code", "X"))["Chiffres T3"]
    assert sheet["A4"].comment is not None
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:C1", "A4:A6"]


def test_their_comment_stays_below_ours() -> None:
    content = workbook(C4=Comment("À vérifier avec la CAF", "Une collègue"))
    comment = annotate(content, NO_NUMBER)["Chiffres T3"]["C4"].comment.text
    assert comment.startswith(f"À corriger. {NO_NUMBER_SAID}\n")
    assert comment.endswith("\nÀ vérifier avec la CAF")


def test_a_copy_of_a_copy_forgets_what_was_corrected() -> None:
    first, name = write_annotated(
        workbook(C4=Comment("De nous", "Une collègue")), reading(), Issues.of([NO_NUMBER, TWICE]), FR
    )
    again, name = write_annotated(first, reading(filename=name), Issues.of([FRACTION]), EN)
    book = openpyxl.load_workbook(io.BytesIO(again))
    sheet = book["Chiffres T3"]
    assert (sheet["C4"].comment.text, sheet["C4"].fill.fill_type) == ("De nous", None)
    assert sheet["A5"].comment is None
    assert sheet["C5"].fill.fgColor.rgb == YELLOW
    assert book.sheetnames == ["Chiffres T3", "Notes", "To correct"]
    assert len(list(book["To correct"].iter_rows())) == 2


def test_the_list_has_every_issue_with_a_link_to_its_cell() -> None:
    book = annotate(workbook(), FRACTION, NO_NUMBER, MISSING)
    sheet = book["À corriger"]
    assert list(sheet.iter_rows(values_only=True)) == [
        ("Ligne", "Colonne", "Case", "Importance", "Ce qu’il faut faire"),
        (
            None,
            None,
            None,
            "À corriger",
            "La colonne «\u00a0periode\u00a0» manque, et le fichier ne se lit pas sans elle. Ajoutez-la, ou repartez "
            "du modèle.",
        ),
        (4, "Taux", "C4", "À corriger", NO_NUMBER_SAID),
        (5, "Taux", "C5", "À vérifier", sheet["E4"].value),
    ]
    assert sheet["C3"].hyperlink.location == "'Chiffres T3'!C4"
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.bold) == ("A2", "A1:E4", True)


def test_a_sheet_of_theirs_with_the_name_of_the_list_stays() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.create_sheet("À corriger")["A1"] = "Notre propre liste"
    content = io.BytesIO()
    book.save(content)
    names = annotate(content.getvalue(), NO_NUMBER).sheetnames
    assert names == ["Chiffres T3", "Notes", "À corriger", "À corriger1"]


def test_no_sentence_becomes_a_formula() -> None:
    strange = Issue(Code.UNREADABLE_NUMBER, 4, "=1+1", "=cmd()\x01")
    sheet = annotate(workbook(), strange)["À corriger"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert "=cmd()\ufffd" in sheet["E2"].value


def test_a_comment_has_what_there_is_room_for_and_the_list_has_all() -> None:
    many = [Issue(Code.UNREADABLE_NUMBER, 4, "Taux", f"abc{number}") for number in range(500)]
    book = annotate(workbook(C4=Comment("x" * 20_000, "Une collègue")), *many)
    comment = book["Chiffres T3"]["C4"].comment.text
    assert 32_000 < len(comment) <= LONGEST_TEXT
    assert "\nLa suite est dans la feuille «\u00a0À corriger\u00a0».\n" in comment
    assert comment.endswith("x" * 20_000)
    assert book["À corriger"].max_row == 501


def test_a_sentence_longer_than_a_cell_goes_on_below() -> None:
    book = annotate(workbook(), Issue(Code.UNREADABLE_NUMBER, 4, "Taux", "y" * 40_000))
    said = "".join(str(row[4]) for row in book["À corriger"].iter_rows(min_row=2, values_only=True))
    assert said.count("y") == 40_000
    assert said.endswith("n’est pas disponible.")


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs.annotated.book, "MOST_ROWS", 3)
    book = annotate(workbook(), NO_NUMBER, FRACTION, TWICE, MISSING, UNKNOWN)
    lists = [sheet for sheet in book.worksheets if sheet.title.startswith("À corriger")]
    assert [sheet.max_row for sheet in lists] == [3, 3, 2]


@pytest.mark.parametrize(
    ("filename", "kind", "name"),
    [
        pytest.param("chiffres T3.xlsx", "xlsx", "chiffres T3 - à corriger.xlsx", id="xlsx"),
        pytest.param("chiffres.v2.ods", "ods", "chiffres.v2 - à corriger.xlsx", id="ods_becomes_xlsx"),
        pytest.param('a<b>:"c".XLS', "xls", "a_b_c_ - à corriger.xlsx", id="letters_no_system_takes"),
        pytest.param("chiffres - à corriger.xlsx", "xlsx", "chiffres - à corriger.xlsx", id="copy_of_a_copy"),
        pytest.param("..", "xlsx", "observations - à corriger.xlsx", id="no_name"),
    ],
)
def test_the_name_of_the_copy(filename: str, kind: str, name: str) -> None:
    said = reading(kind, filename=filename)
    assert write_annotated(workbook(), said, Issues.of([]), FR, rows=[(3, HEADER)])[1] == name


def test_an_old_workbook_comes_back_as_texts_in_their_places() -> None:
    rows = [(3, HEADER), (4, ["01004", "=1+1", "abc"]), (6, ["01006", "", "12"])]
    copy, _ = write_annotated(b"", reading("xls", sheet="T3: [été]"), Issues.of([NO_NUMBER]), FR, rows=rows)
    book = openpyxl.load_workbook(io.BytesIO(copy))
    sheet = book.worksheets[0]
    assert book.sheetnames == ["T3_ _été_", "À corriger"]
    assert [sheet[place].value for place in ("A3", "A4", "B4", "C6", "B6")] == ["Code", "01004", "=1+1", "12", None]
    assert {sheet[place].data_type for place in ("A4", "B4", "C6")} == {"s"}
    assert sheet["C4"].fill.fgColor.rgb == RED
    assert book["À corriger"]["C2"].hyperlink.location == "'T3_ _été_'!C4"


def test_a_workbook_that_cannot_be_loaded_is_copied_as_texts_or_refused() -> None:
    copy, _ = write_annotated(b"PK\x03\x04", reading(), Issues.of([NO_NUMBER]), FR, rows=[(4, ["a", "b", "abc"])])
    assert openpyxl.load_workbook(io.BytesIO(copy))["Chiffres T3"]["C4"].value == "abc"
    with pytest.raises(UnreadableFile, match="unreadable_workbook"):
        write_annotated(b"PK\x03\x04", reading(), Issues.of([NO_NUMBER]), FR)


PLAIN = "Code;Nom du lieu;Taux\r\n01004;Nord;abc\r\n01005;Sud;0,35\r\n"


def test_a_text_gets_one_more_column() -> None:
    copy = annotate_text(PLAIN, Issue(Code.UNREADABLE_NUMBER, 2, "Taux", "abc")).decode("utf-8-sig")
    assert copy == (
        "Code;Nom du lieu;Taux;a_corriger\r\n"
        f'01004;Nord;abc;"À corriger. Colonne «\u00a0Taux\u00a0»\u00a0: {NO_NUMBER_SAID}"\r\n'
        "01005;Sud;0,35;\r\n"
    ).replace('"', "")


def test_a_text_without_accents_says_its_encoding_once_it_has_some() -> None:
    """Spreadsheets read a CSV without mark in another encoding."""
    issue = Issue(Code.UNREADABLE_NUMBER, 2, "Taux", "abc")
    assert annotate_text(PLAIN, issue).startswith(b"\xef\xbb\xbf")
    assert not annotate_text(PLAIN.replace("Nord", "Évry"), issue).startswith(b"\xef\xbb\xbf")


def test_what_concerns_the_whole_file_stands_on_the_first_row() -> None:
    copy = annotate_text(PLAIN, MISSING).decode("utf-8-sig").split("\r\n")
    assert copy[0] == "Code;Nom du lieu;Taux;a_corriger"
    assert copy[1] == (
        "01004;Nord;abc;Pour tout le fichier\u00a0: À corriger. La colonne «\u00a0periode\u00a0» manque, et le "
        "fichier ne se lit pas sans elle. Ajoutez-la, ou repartez du modèle."
    )


def test_a_text_without_a_row_gets_a_line_for_what_concerns_the_whole_file() -> None:
    content = b"Code;Nom du lieu;Taux"
    said = reading("csv", header_row=1, encoding="utf-8", separator=";")
    copy = write_annotated(content, said, Issues.of([MISSING]), FR)[0].decode("utf-8-sig")
    assert copy.startswith("Code;Nom du lieu;Taux;a_corriger\r\n;;;Pour tout le fichier")


TEXTS = [
    pytest.param(PLAIN.encode(), id="plain"),
    pytest.param(PLAIN.encode("utf-8-sig"), id="bom"),
    pytest.param(PLAIN.replace("Nord", "Évry").encode("cp1252"), id="cp1252"),
    pytest.param(PLAIN.replace("Nord", "Évry").encode("utf-16"), id="utf_16"),
    pytest.param(PLAIN.replace("\r\n", "\n").rstrip().encode(), id="line_feeds_and_no_last_one"),
    pytest.param(PLAIN.replace("\r\n", "\r").encode(), id="carriage_returns"),
    pytest.param(PLAIN.replace(";", "\t").encode(), id="tabs"),
    pytest.param(b'Code,Nom du lieu,Taux\n01004,"Nord, ""haut""\nsuite","0,35"\n01005,Sud,2\n', id="quoted_line_break"),
    pytest.param(b'"Code";"Nom du lieu";"Taux"\n"1";"a";"x"\n"2";"b;c";"y"\n', id="every_cell_quoted"),
    pytest.param(b'Code;Nom du lieu;Taux\n1;\xe9cran 15";x\n2;15" aussi;y\n', id="quote_out_of_place"),
    pytest.param(b"Titre\n\nCode;Nom du lieu;Taux\n1;a;x\n\n2;b\n3;c;z;de trop\n", id="title_blank_and_ragged"),
    pytest.param(b"Code;Nom du lieu;Taux\n1;Sud \x81;x\n2;\xe9;y\n", id="bytes_that_are_no_letter"),
]


def cells_of(content: bytes, encoding: str, separator: str) -> list[list[str]]:
    text = content.decode(encoding, "replace").removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize("content", TEXTS)
def test_without_the_last_column_it_is_their_text(content: bytes) -> None:
    said = read_document(content, "depot.csv")
    row = said.table["source_row"][0]
    issues = Issues.of([Issue(Code.UNREADABLE_NUMBER, row, "Taux", "x"), MISSING])
    copy = write_annotated(content, said, issues, FR)[0]
    before, after = (cells_of(one, said.encoding or "", said.separator or "") for one in (content, copy))
    table = [cells for cells in before if len(cells) > 1]
    width = max(len(cells) for cells in table)
    padded = [cells + [""] * (width - len(cells)) if len(cells) > 1 else cells for cells in before]
    assert [cells[:-1] if len(cells) > 1 else cells for cells in after] == padded
    remarks = [cells[-1] for cells in after if len(cells) > 1]
    assert remarks[0] == REMARKS_HEADING
    assert "À corriger" in remarks[1]
    assert not any(remarks[2:])
    ends = (content.count(b"\r\n"), content.count(b"\n"), content.count(b"\r"))
    assert (copy.count(b"\r\n"), copy.count(b"\n"), copy.count(b"\r")) == ends


@pytest.mark.parametrize("content", TEXTS)
def test_a_copy_of_a_copy_has_one_column_of_remarks(content: bytes) -> None:
    said = read_document(content, "depot.csv")
    row = said.table["source_row"][-1]
    issues = Issues.of([Issue(Code.UNREADABLE_NUMBER, row, "Taux", "x")])
    once = write_annotated(content, said, issues, FR)[0]
    assert write_annotated(once, read_document(once, "depot.csv"), issues, FR)[0] == once


def test_a_header_met_again_is_one_in_the_copy_too() -> None:
    content = "Code;Nom\n1;a\nCode;Nom\n2;b\n"
    copy = annotate_text(content, Issue(Code.UNREADABLE_NUMBER, 4, "Nom", "b"))
    assert copy.decode().count("Code;Nom;a_corriger\n") == 2
    assert read_document(copy, "depot.csv").table["Code"].to_list() == ["1", "2"]


def test_a_workbook_without_calculation_settings_is_marked_too() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.calculation = None
    written = io.BytesIO()
    book.save(written)
    assert annotate(written.getvalue(), NO_NUMBER)["Chiffres T3"]["C4"].comment is not None


def test_an_issue_inside_a_record_stands_on_that_record() -> None:
    content = b'Code;Nom\n1;"a\nb"\n2;c\n'
    copy = annotate_text(content, Issue(Code.DUPLICATE_KEY, 3, None, None, {"lines": "2, 4"})).decode()
    assert copy.split("\n")[2].startswith('b";À corriger. La même donnée')


def test_remarks_are_written_in_the_letters_of_the_file() -> None:
    content = "Code;Nom;Taux\n1;Évry;abc\n".encode("cp1252")
    copy = annotate_text(content, Issue(Code.UNREADABLE_NUMBER, 2, "Taux", "abc\u0142")).decode("cp1252")
    assert "«\u00a0abc?\u00a0» n’est pas un nombre. Écrivez un nombre comme 1\u00a0234,5" in copy


def test_remarks_with_the_separator_are_quoted() -> None:
    copy = annotate_text(PLAIN, Issue(Code.DUPLICATE_KEY, 2, None, None, {"lines": "2; 3"})).decode("utf-8-sig")
    assert csv.reader(copy.splitlines(), delimiter=";").__next__() == [*HEADER, REMARKS_HEADING]
    assert list(csv.reader(copy.splitlines(), delimiter=";"))[1][3].startswith("À corriger. La même donnée")


def test_forty_thousand_issues_are_forty_thousand_lines() -> None:
    count = 40_000
    lines = ["Code;Nom du lieu;Taux", *(f"{number};a;x" for number in range(count))]
    issues = [Issue(Code.UNREADABLE_NUMBER, row, "Taux", "x") for row in range(2, count + 2)]
    copy = annotate_text("\n".join(lines), *issues)
    assert copy.decode().count("n’est pas un nombre") == count
