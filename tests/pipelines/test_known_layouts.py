"""Tables of other shapes: recognised by their headings, what is missing asked once, every value where it stood."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from sent_files import INSEE_FILE, NOW, TILLEULS, located

from pipelines.layouts import answer_questions, mapping_from_text, mapping_to_text, recognise_layout
from pipelines.store import Store, load_mappings, save_mapping
from schemas.mapping import LEFT_ASIDE, ONE_SHEET, WHOLE, About, LayoutKind, Mapping, Question
from schemas.submission import PreparedSubmission

Prepare = Callable[..., PreparedSubmission]
Answers = dict[tuple[About, str], str | None]
LA_FILE = "french/insee_trimestriel/donnees_insee_feuilles_LA.xlsx"
SOURCE, ONE_INDICATOR = {(About.SOURCE, ""): "Observatoire"}, {(About.INDICATOR, ""): "JEU-04"}


def answer_all(prepare: Prepare, content: bytes, answers: Answers, **said: object) -> PreparedSubmission:
    """Answer what is asked, as often as something is, each time from the text that is kept."""
    prepared = prepare(content, **said)
    for _ in range(4):
        if not prepared.questions:
            break
        assert prepared.asked is not None
        assert not prepared.is_ready
        chosen = [(one, answers.get((one.about, one.subject))) for one in prepared.questions]
        text = mapping_to_text(answer_questions(prepared.asked, chosen))
        kept = {prepared.layout: mapping_from_text(text, prepared.layout)}
        prepared = prepare(content, kept=kept, **said)
    assert prepared.questions == ()
    return prepared


def told(prepared: PreparedSubmission) -> list[tuple[object, ...]]:
    """Line, indicator, period, category and value of each row."""
    return prepared.rows.select("source_row", "indicator_code", "period", "category", "value").rows()


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        pytest.param(["Indicateur", "T3 2026"], LayoutKind.WIDE, id="one_quarter"),
        pytest.param(["Libellé", "2026T1", "2026-T2"], LayoutKind.WIDE, id="with_and_without_dash"),
        pytest.param(["Commune", "2023", "2024"], LayoutKind.WIDE, id="years"),
        pytest.param(["Commune", "2023"], None, id="one_year_may_be_a_number"),
        pytest.param(["dataElement", "period", "orgUnit", "value"], LayoutKind.DHIS2, id="dhis2"),
        pytest.param(["DATAFLOW", "GEO", "TIME_PERIOD", "OBS_VALUE"], LayoutKind.SDMX, id="sdmx"),
        pytest.param(["GEO: Area", "TIME_PERIOD: Time", "OBS_VALUE: Value"], LayoutKind.SDMX, id="sdmx_both_labels"),
        pytest.param(["Year", "Sex", "Value"], LayoutKind.OPEN_SDG, id="open_sdg"),
        pytest.param(["code_indicateur", "periode", "valeur", "source"], None, id="the_template"),
        pytest.param(["periode", "valeur", "T3 2026"], None, id="the_template_and_a_column_more"),
        pytest.param(["Nom", "Valeur"], None, id="nothing_known"),
    ],
)
def test_a_layout_is_told_by_its_headings(headings: list[str], kind: LayoutKind | None) -> None:
    layout = recognise_layout(["source_row", *headings])
    assert (layout.kind if layout else None) == kind


def test_a_wide_table_with_our_words_asks_for_its_source_only(prepare: Prepare) -> None:
    """Codes and labels of the catalogue are known; each value keeps its line and stands in its column."""
    content = "Indicateur;T1 2026;T2 2026\nJEU-04;5;6\nMÉNAGES SERVIS par l’aide alimentaire;;40\n".encode()
    assert [one.about for one in prepare(content).questions] == [About.SOURCE]
    prepared = answer_all(prepare, content, SOURCE)
    assert prepared.is_ready
    assert told(prepared) == [
        (2, "JEU-04", "2026-Q1", "", 5.0),
        (2, "JEU-04", "2026-Q2", "", 6.0),
        (3, "ALI-02", "2026-Q2", "", 40.0),
    ]
    assert prepared.rows["source_column"].to_list() == ["T1 2026", "T2 2026", "T2 2026"]
    assert prepared.rows["source"].unique().to_list() == ["Observatoire"]


def test_a_fault_of_a_wide_table_stands_at_its_cell(prepare: Prepare) -> None:
    prepared = answer_all(prepare, b"Indicateur;T1 2026;T2 2026\nJEU-04;5;x\nALI-02;4;nc\n", SOURCE)
    assert located(prepared.issues) == [("unreadable_number", 2, "T2 2026", "x")]


def test_the_insee_file_is_asked_about_once(cases: Path, prepare: Prepare) -> None:
    """What the labels stand for, then which is ours; the file's own status words; 14 other series are left aside."""
    brittany = "Taux de chômage localisé par région - Bretagne"
    answers: Answers = {
        (About.COLUMN, "Libellé"): "territory_code",
        (About.STATUS, "A"): "normal",
        (About.STATUS, "SD"): "provisoire",
        (About.PLACE, TILLEULS): brittany,
        **SOURCE,
        **ONE_INDICATOR,
    }
    prepared = answer_all(prepare, (cases / INSEE_FILE).read_bytes(), answers)
    assert prepared.rows.height == 167
    assert prepared.rows["source_row"].unique().to_list() == [10]
    assert prepared.rows.group_by("source_status", "obs_status").len().sort("len").rows() == [
        ("SD", "provisoire", 1),
        ("A", "normal", 166),
    ]
    assert prepared.asked is not None
    assert sum(place == LEFT_ASIDE for place in prepared.asked.territories.values()) == 14


def test_the_sheets_of_a_workbook_are_read_together(cases: Path, prepare: Prepare) -> None:
    """Five sheets, an indicator each: the sums of the list of cases."""
    sheets = {
        "Emploi LA": ("EMP-05", 85, 47_735_266.0),
        "Emploi Indus LA": ("JEU-04", 84, 6_869_047.0),
        "Tertiaire marchand LA": ("ALI-02", 85, 22_133_190.0),
        "Tertiaire non march LA": ("JEU-05", 85, 14_397_687.64),
        "Chom LA": ("ALI-03", 85, 629.3),
    }
    answers: Answers = {
        (About.SHEETS, ", ".join(sheets)): "indicator_code",
        (About.PLACE, TILLEULS): "Loire Atlantique",
        **{(About.INDICATOR, name): code for name, (code, _, _) in sheets.items()},
        **SOURCE,
    }
    prepared = answer_all(prepare, (cases / LA_FILE).read_bytes(), answers, filename="la.xlsx")
    by_sheet = prepared.rows.group_by(pl.col("source_column").str.split("!").list.first().alias("sheet")).agg(
        pl.len(), pl.col("value").sum().round(2)
    )
    found = {sheet: (count, total) for sheet, count, total in by_sheet.rows()}
    assert found == {name: (count, total) for name, (_, count, total) in sheets.items()}
    assert prepared.reading.joined == tuple(sheets)
    assert prepared.reading.positions["Chom LA!2001T4"] == 2


def test_one_sheet_is_read_where_that_was_answered(cases: Path, prepare: Prepare) -> None:
    content = (cases / LA_FILE).read_bytes()
    question = prepare(content, "la.xlsx").questions[0]
    answers: Answers = {
        (About.SHEETS, question.subject): ONE_SHEET,
        (About.PLACE, TILLEULS): "Loire Atlantique",
        **ONE_INDICATOR,
        **SOURCE,
    }
    prepared = answer_all(prepare, content, answers, filename="la.xlsx")
    assert (prepared.rows.height, prepared.reading.sheet, prepared.reading.joined) == (85, "Emploi LA", ())


DHIS2 = """"dataelement","period","orgunit","categoryoptioncombo","attributeoptioncombo","value","storedby","deleted"
"f7n9E0hX8qk","2026Q2","DiszpKrYNg8","default","","12","john",""
"f7n9E0hX8qk","2026Q2","BdfsJfj87js","default","","90","john",""
"Ix2HsbDMLea","2026Q2","DiszpKrYNg8","default","","7","john",""
"f7n9E0hX8qk","2026Q1","DiszpKrYNg8","default","","11","john","true"
"""


def test_dhis2(prepare: Prepare) -> None:
    """Uids are asked once; other units and elements are left aside; a deletion is refused; accounts are not stored."""
    answers: Answers = {
        (About.PLACE, TILLEULS): "DiszpKrYNg8",
        (About.INDICATOR, "f7n9E0hX8qk"): "JEU-04",
        (About.INDICATOR, "Ix2HsbDMLea"): LEFT_ASIDE,
        **SOURCE,
    }
    prepared = answer_all(prepare, DHIS2.encode(), answers)
    assert told(prepared) == [(2, "JEU-04", "2026-Q2", "", 12.0)]
    assert located(prepared.blocking) == [("not_an_observation", 5, "deleted", "true")]
    ignored = [issue.column for issue in prepared.issues if issue.code == "unknown_column"]
    assert ignored == ["attributeoptioncombo", "categoryoptioncombo", "storedby"]


SDMX = """DATAFLOW,FREQ,GEO: Area,SEX: Sex,TIME_PERIOD: Time,OBS_VALUE,OBS_FLAG: Flag,CONF_STATUS,UNIT_MULT
X:Y(1.0),Q,FR1: Ville,T: Total,2026-Q2,12,p: provisional,F,0
X:Y(1.0),Q,FR1: Ville,F: Females,2026-Q2,7,,F,0
X:Y(1.0),Q,FR1: Ville,M: Males,2026-Q2,5,z: odd,N,0
X:Y(1.0),Q,FR1: Ville,T: Total,2026-Q1,5,,F,3
"""


def test_sdmx(prepare: Prepare) -> None:
    """The letters of SDMX are known, others are asked; secrecy is kept; a multiplier is never applied in silence."""
    answers: Answers = {
        (About.PLACE, TILLEULS): "FR1: Ville",
        (About.CATEGORY, "T: Total"): WHOLE,
        (About.CATEGORY, "F: Females"): "sexe=femmes",
        (About.CATEGORY, "M: Males"): "sexe=hommes",
        (About.STATUS, "z"): "faible_fiabilite",
        **SOURCE,
        **ONE_INDICATOR,
    }
    prepared = answer_all(prepare, SDMX.encode(), answers)
    said = prepared.rows.select("source_row", "category", "value", "obs_status", "source_status", "conf_status").rows()
    assert said == [
        (2, "", 12.0, "provisoire", "p", "libre"),
        (3, "femmes", 7.0, "normal", "", "libre"),
        (4, "hommes", 5.0, "faible_fiabilite", "z", "interne"),
    ]
    assert located(prepared.blocking) == [("not_an_observation", 5, "UNIT_MULT", "3")]


OPEN_SDG = """Year,Sex,Age,Units,Value
2024,,,number,30
2024,Female,,number,20
2024,,18-25,number,6
2024,Female,18-25,number,4
"""


def test_open_sdg(prepare: Prepare) -> None:
    """An empty cell is the whole; a category of the catalogue is known; a row that crosses two breakdowns is none."""
    answers: Answers = {(About.CATEGORY, "Female"): "sexe=femmes", **SOURCE, (About.INDICATOR, ""): "JEU-04"}
    assert [(one.about, one.subject) for one in prepare(OPEN_SDG.encode()).questions] == [
        (About.INDICATOR, ""),
        (About.CATEGORY, "Female"),
        (About.SOURCE, ""),
    ]
    prepared = answer_all(prepare, OPEN_SDG.encode(), answers)
    assert prepared.rows.select("source_row", "dimension", "category", "period").rows()[:3] == [
        (2, "total", "", "2024"),
        (3, "sexe", "femmes", "2024"),
        (4, "age", "18-25", "2024"),
    ]
    crossed = [issue for issue in prepared.issues if issue.code == "not_an_observation"]
    assert [(issue.row, issue.column, issue.context) for issue in crossed] == [
        (5, "Sex, Age", {"kind": "two_breakdowns"})
    ]


def test_a_name_beside_its_code_is_no_second_breakdown(prepare: Prepare) -> None:
    content = b"Year,Sex,Sex label,Value\n2024,F,Femmes,3\n2024,M,Hommes,4\n"
    asked = prepare(content).questions
    assert {one.column for one in asked if one.about is About.CATEGORY} == {"Sex"}


def test_a_place_met_for_the_first_time_is_asked_about(prepare: Prepare) -> None:
    """A renamed quartier is not left aside in silence."""
    answers: Answers = {(About.PLACE, TILLEULS): "Ville", **SOURCE, **ONE_INDICATOR}
    prepared = answer_all(prepare, b"Commune;T2 2026\nVille;5\nAutre;6\n", answers)
    assert told(prepared) == [(2, "JEU-04", "2026-Q2", "", 5.0)]
    kept = {prepared.layout: prepared.asked}
    again = prepare(b"Commune;T3 2026\nVille;5\nAutre;6\nQuartier neuf;2\n", kept=kept)
    assert {(one.about, one.options) for one in again.questions} == {(About.PLACE, ("Quartier neuf",))}


def test_answers_that_leave_no_row_are_asked_for_again(prepare: Prepare) -> None:
    """« Not in this file », everywhere: the form comes back, the file is not said to hold no table."""
    content = b"Commune;idBank;T2 2026\nVille;1;5\nAutre;2;6\n"
    first = prepare(content)
    assert first.asked is not None
    nowhere = [(one, None if one.about is About.PLACE else "JEU-04") for one in first.questions]
    kept = {first.layout: answer_questions(first.asked, nowhere)}
    again = prepare(content, kept=kept)
    assert {one.about for one in again.questions} == {About.PLACE, About.INDICATOR, About.SOURCE}
    assert not again.is_ready


def test_a_quartier_may_be_a_row(prepare: Prepare) -> None:
    """By its code it is known; by another word it is asked."""
    answers: Answers = {(About.PLACE, TILLEULS): "Ville", **SOURCE, **ONE_INDICATOR}
    prepared = answer_all(prepare, b"Territoire;T2 2026\nVille;5\nQN99901N;2\n", answers)
    assert prepared.rows.select("qpv_code", "value").rows() == [("", 5.0), ("QN99901N", 2.0)]


def test_answers_are_kept_as_text() -> None:
    """Every kind of answer, strange letters too, comes back from the text of the mapping."""
    asked = [
        (Question(About.SHEETS, "a, b"), "indicator_code"),
        (Question(About.COLUMN, 'Libellé "long"', ""), "territory_code"),
        (Question(About.PLACE, TILLEULS, "Zone", ("", "Été = chaud", "x")), "Été = chaud"),
        (Question(About.PLACE, f"{TILLEULS}/QN99901N", "Zone", ("", "Été = chaud", "x")), None),
        (Question(About.INDICATOR, "a.b", "Série"), LEFT_ASIDE),
        (Question(About.CATEGORY, "F", "Sex"), "sexe=femmes"),
        (Question(About.STATUS, "\u202f#"), "normal"),
        (Question(About.SOURCE), "INSEE\nLigne"),
        (Question(About.INDICATOR), "JEU-04"),
    ]
    answered = answer_questions(Mapping("wide zone"), asked)
    assert mapping_from_text(mapping_to_text(answered), "wide zone") == answered
    assert answered.territories == {"": LEFT_ASIDE, "Été = chaud": TILLEULS, "x": LEFT_ASIDE}


def test_the_latest_answers_of_a_territory_count(store: Store) -> None:
    """Each territory has its own; an empty text forgets."""
    for text in ("a = 1", "a = 2"):
        save_mapping(store, TILLEULS, "wide zone", text, "officer", NOW)
    save_mapping(store, "FR-99-LILAS", "wide zone", "a = 3", "officer", NOW)
    assert load_mappings(store, TILLEULS) == {"wide zone": "a = 2"}
    save_mapping(store, TILLEULS, "wide zone", "", "officer", NOW)
    assert load_mappings(store, TILLEULS) == {}


def test_the_command_line_names_what_is_missing(run: Callable[..., Result], demo_path: Path, tmp_path: Path) -> None:
    """Without answers exit 1 and one sentence a question; with a mapping of our layout, ready."""
    file, mapping = tmp_path / "large.csv", tmp_path / "large.toml"
    file.write_text("Zone;T2 2025\nVille;5\n", "utf-8")
    result = run("check", file, "--territory", TILLEULS, "--store", demo_path)
    assert result.exit_code == 1
    assert "«\u00a0territories\u00a0»" in result.stdout
    mapping.write_text(
        f'indicator_code = "JEU-04"\nsource = "Observatoire"\n[columns]\nZone = "territory_code"\n'
        f'[territories]\nVille = "{TILLEULS}"\n',
        "utf-8",
    )
    result = run("check", file, "--mapping", mapping, "--store", demo_path)
    assert result.exit_code == 0, result.output
