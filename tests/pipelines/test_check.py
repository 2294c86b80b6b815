"""A shelf of files, each named for its fault, and the exact issues they meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import xlsxwriter
from pandera.errors import SchemaErrors
from sent_files import NOW, TILLEULS, csv_file, located, xlsx_file

from pipelines.check import CONTRACT, RULES, check_observations, find_failures
from pipelines.facts import gather_facts
from pipelines.read import read_table
from pipelines.tidy import tidy_observations
from schemas.catalogue import Catalogue
from schemas.issue import WARNINGS, Code, Issue, UnreadableFile
from schemas.submission import PreparedSubmission
from schemas.words import Severity
from texts import load_words
from texts.sentences import say_cause

Prepare = Callable[..., PreparedSubmission]
CLEAN = (
    "FR-99-TILLEULS;QN99901N;JEU-01;2026-T3;total;;38;142;26,8;provisoire;libre;;;30/09/2026;Mission locale (i-milo);",
    "FR-99-TILLEULS;QN99901N;JEU-01;2026-T3;sexe;femmes;17;66;25,8;provisoire;libre;;;30/09/2026;Mission locale;",
    "FR-99-TILLEULS;QN99901N;JEU-01;2026-T3;sexe;hommes;21;76;27,6;provisoire;libre;;;30/09/2026;Mission locale;",
    "FR-99-TILLEULS;;ALI-02;2026-T3;total;;;;184;normal;libre;;;30/09/2026;Épicerie;Fermée 2 semaines en août",
    "FR-99-TILLEULS;;JEU-05;2026-V1;total;;76;130;;normal;libre;130;41;;Enquête jeunes;",
    "FR-99-TILLEULS;;EMP-03;2025;total;;;;61,5;estime;libre;;;;INSEE;Recensement, estimation",
    "FR-99-TILLEULS;;JEU-06;2025-2026;total;;;;23;normal;libre;;;;Collège;",
    "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;n.d.;;;;;;Associations;Logiciel en panne",
)
STATISTICAL = (
    Code.PARTS_DO_NOT_SUM,
    Code.UNUSUAL_CHANGE,
    Code.COPIED_FROM_LAST_QUARTER,
    Code.SMALL_COUNT,
    Code.MISSING_EXPECTED,
    Code.DENOMINATOR_JUMP,
    Code.WEAK_SURVEY,
    Code.DEFINITION_CHANGED,
)
JEU_01 = "FR-99-TILLEULS;;JEU-01;2026-T3;total;;38;142;26,8;normal;libre;;;30/09/2026;Mission locale;"

SHELF = [
    pytest.param(
        csv_file(JEU_01 + "Signalé par Mme Durand"),
        [("maybe_personal_data", 2, "commentaire", None)],
        id="a_name_in_a_comment",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;1,234;normal;libre;;;;Associations;"),
        [("unreadable_number", 2, "valeur", "1,234")],
        id="thousand_or_a_little_over_one",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;non_disponible;libre;;;;Associations;Panne"),
        [("value_disagrees", 2, "statut", "non_disponible")],
        id="not_available_with_a_number",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;1 2 3;normal;libre;;;;Associations;"),
        [("unreadable_number", 2, "valeur", "1 2 3")],
        id="digits_that_are_not_groups_of_three",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;JEU-01;2026-T3;38;142", headings="code_territoire;code_indicateur;periode;num;den"),
        [("missing_column", None, None, None)],
        id="no_source_column",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;JEU-01;2026-T3;S;x", headings="territoire;indicateur;periode;source;commentaire"),
        [("missing_column", None, None, None)],
        id="no_column_for_any_number",
    ),
    pytest.param(
        csv_file(JEU_01.replace("TILLEULS", "LILAS")),
        [("wrong_territory", 2, "code_territoire", "FR-99-LILAS")],
        id="row_of_another_territory",
    ),
    pytest.param(
        csv_file(JEU_01.replace("FR-99-TILLEULS", "")),
        [("wrong_territory", 2, "code_territoire", "")],
        id="row_without_territory",
    ),
    pytest.param(
        csv_file(JEU_01.replace("JEU-01", "JEU-1")),
        [("unknown_indicator", 2, "code_indicateur", "JEU-1")],
        id="indicator_that_does_not_exist",
    ),
    pytest.param(
        csv_file(JEU_01.replace("2026-T3", "03/2026")),
        [("unreadable_period", 2, "periode", "03/2026")],
        id="month_for_a_quarter",
    ),
    pytest.param(
        csv_file(JEU_01.replace("2026-T3", "")), [("unreadable_period", 2, "periode", "")], id="row_without_period"
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2025;total;;;;12;normal;libre;;;;Associations;"),
        [("wrong_frequency", 2, "periode", "2025")],
        id="year_for_a_quarterly_indicator",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-06;2026-T3;total;;;;12;normal;libre;;;;Collège;"),
        [("wrong_frequency", 2, "periode", "2026-T3")],
        id="quarter_for_a_school_year_indicator",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T4;total;;;;12;normal;libre;;;;Associations;"),
        [("future_period", 2, "periode", "2026-T4")],
        id="quarter_that_is_not_over",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;une douzaine;normal;libre;;;;Associations;"),
        [("unreadable_number", 2, "valeur", "une douzaine")],
        id="number_in_words",
    ),
    pytest.param(
        csv_file(JEU_01.replace("38;142;26,8", "142;38;")),
        [("numerator_above_denominator", 2, "numerateur", "142")],
        id="numerator_and_denominator_swapped",
    ),
    pytest.param(
        csv_file(JEU_01.replace("38;142;26,8", "38;;26,8")),
        [("missing_denominator", 2, "denominateur", "")],
        id="rate_without_denominator",
    ),
    pytest.param(
        csv_file(JEU_01.replace("38;142;26,8", "0;0;")),
        [("missing_denominator", 2, "denominateur", "0")],
        id="denominator_zero",
    ),
    pytest.param(
        csv_file(JEU_01.replace("38;142;26,8", ";142;26,8")),
        [("missing_value", 2, "numerateur", "")],
        id="rate_without_numerator",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;;normal;libre;;;;Associations;"),
        [("missing_value", 2, "valeur", "")],
        id="count_left_empty",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;-;normal;libre;;;;Associations;"),
        [("missing_value", 2, "valeur", "-")],
        id="dash_for_absent_or_zero",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;normal;libre;;;;;"),
        [("missing_value", 2, "source", "")],
        id="figure_without_source",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;EMP-03;2025;total;;;;161,5;normal;libre;;;;INSEE;"),
        [("out_of_range", 2, "valeur", "161,5")],
        id="percentage_above_100",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;-12;normal;libre;;;;Associations;"),
        [("out_of_range", 2, "valeur", "-12")],
        id="count_below_zero",
    ),
    pytest.param(
        csv_file(JEU_01.replace("38;142;26,8", "-38;142;")),
        [("out_of_range", 2, "numerateur", "-38")],
        id="numerator_below_zero",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-05;2026-V1;total;;76;130;;normal;libre;-1;141;;Enquête jeunes;"),
        [("out_of_range", 2, "repondants", "-1"), ("out_of_range", 2, "taux_reponse", "141")],
        id="survey_answers_beyond_reason",
    ),
    pytest.param(
        csv_file(JEU_01.replace("26,8", "62,8")),
        [("value_disagrees", 2, "valeur", "62,8")],
        id="rate_typed_wrong",
    ),
    pytest.param(
        csv_file(JEU_01, "", JEU_01.replace("2026-T3", "T3 2026"), JEU_01.replace("total", "")),
        [
            ("duplicate_key", 2, "code_indicateur", "JEU-01"),
            ("duplicate_key", 4, "code_indicateur", "JEU-01"),
            ("duplicate_key", 5, "code_indicateur", "JEU-01"),
        ],
        id="same_key_three_times",
    ),
    pytest.param(
        csv_file(JEU_01.replace("total;", "sexe;filles")),
        [("unknown_category", 2, "modalite", "filles")],
        id="category_of_ones_own",
    ),
    pytest.param(
        csv_file(JEU_01.replace("total;", "origine;x")),
        [("unknown_category", 2, "ventilation", "origine")],
        id="breakdown_that_does_not_exist",
    ),
    pytest.param(
        csv_file(JEU_01.replace("total;", "age;2026-10-06")),
        [("unknown_category", 2, "modalite", "2026-10-06")],
        id="category_that_became_a_day",
    ),
    pytest.param(
        b"code_territoire,code_indicateur,periode,valeur,source\n"
        b"FR-99-TILLEULS,JEU-04,2026-T3,14,Associations\nFR-99-TILLEULS,DRO-01,2026-T3,95,5,CCAS\n",
        [("long_row", 3, None, None)],
        id="a_decimal_comma_that_separates",
    ),
    pytest.param(
        b"code_territoire,code_indicateur,,periode,valeur,source\n"
        b"FR-99-TILLEULS,JEU-04,x,2026-T3,14,Associations\nFR-99-TILLEULS,DRO-01,x,2026-T3,95,5,CCAS\n",
        [("long_row", 3, None, None), ("unknown_column", None, None, None)],
        id="a_column_without_heading_beside_a_long_row",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;30 %;normal;libre;;;;Associations;"),
        [("unreadable_number", 2, "valeur", "30 %")],
        id="percent_of_persons",
    ),
    pytest.param(
        csv_file(JEU_01.replace("38;142", "27%;142")),
        [("unreadable_number", 2, "numerateur", "27%")],
        id="numerator_in_percent",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-01;2026-T3;total;;;;31,4 %;normal;libre;;;;Mission locale;"),
        [("missing_denominator", 2, "denominateur", "")],
        id="rate_alone",
    ),
    pytest.param(
        csv_file(JEU_01.replace("total;", "sexe;")),
        [("unknown_category", 2, "modalite", "")],
        id="breakdown_without_category",
    ),
    pytest.param(
        csv_file(JEU_01.replace("TILLEULS;;", "TILLEULS;QN99902M;")),
        [("unknown_quartier", 2, "code_quartier", "QN99902M")],
        id="quartier_of_another_territory",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;QN99901N;JEU-04;2022-T4;total;;;;12;normal;libre;;;;Associations;"),
        [("unknown_quartier", 2, "code_quartier", "QN99901N")],
        id="quartier_not_attached_yet",
    ),
    pytest.param(
        csv_file(JEU_01 + "Écrire à lea@exemple.fr"),
        [("personal_data", 2, "commentaire", None)],
        id="e_mail_in_a_comment",
    ),
    pytest.param(
        csv_file(JEU_01.replace("26,8", "#DIV/0!")),
        [("spreadsheet_error", 2, "valeur", "#DIV/0!")],
        id="formula_that_failed",
    ),
    pytest.param(
        csv_file(JEU_01.replace("normal", "rupture")),
        [("missing_comment", 2, "commentaire", "")],
        id="break_without_reason",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;n.d.;;libre;;;;Associations;"),
        [("missing_comment", 2, "commentaire", "")],
        id="not_available_without_reason",
    ),
    pytest.param(
        csv_file(JEU_01.replace("30/09/2026", "31/09/2026")),
        [("unreadable_date", 2, "date_reference", "31/09/2026")],
        id="day_that_does_not_exist",
    ),
    pytest.param(
        csv_file(JEU_01.replace("30/09/2026", "30/06/2026")),
        [("date_outside_period", 2, "date_reference", "30/06/2026")],
        id="stock_of_another_quarter",
    ),
    pytest.param(
        csv_file(JEU_01.replace("normal", "définitif")),
        [("unknown_word", 2, "statut", "définitif")],
        id="status_of_ones_own",
    ),
    pytest.param(
        csv_file(JEU_01.replace("Mission locale", "S" * 121)),
        [("too_long", 2, "source", "S" * 40 + "…")],
        id="source_of_121_signs",
    ),
    pytest.param(
        csv_file(JEU_01 + "c" * 501), [("too_long", 2, "commentaire", "c" * 40 + "…")], id="comment_of_501_signs"
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;EMP-03;2025;total;;;;0,35;normal;libre;;;;INSEE;"),
        [("maybe_fraction", 2, "valeur", "0,35")],
        id="fraction_or_percentage",
    ),
    pytest.param(
        csv_file("FR-99-TILLEULS;;JEU-04;2026-T2;total;;;;13;normal;libre;;;30/06/2026;Associations;"),
        [("changes_approved", 2, "valeur", "13")],
        id="another_value_than_the_approved_one",
    ),
    pytest.param(
        csv_file(
            "FR-99-TILLEULS;JEU-04;2026-T3;12;Associations;rouge",
            headings="Territoire;Indicateur;Période;Valeur;Source;Couleur",
        ),
        [("unknown_column", None, "Couleur", None)],
        id="column_that_is_not_ours",
    ),
    pytest.param(
        csv_file(
            "FR-99-TILLEULS;JEU-04;2026-T3;douze;Associations",
            headings="Territoire;Indicateur;Période;VALEUR;Source",
        ),
        [("unreadable_number", 2, "VALEUR", "douze")],
        id="the_column_is_named_as_they_wrote_it",
    ),
    pytest.param(
        b"Indicateur;T2 2026\nJEU-04;5\n",
        [("layout_question", None, None, "")],
        id="wide_table_that_does_not_say_its_source",
    ),
    pytest.param(
        b"dataelement,period,orgunit,value,source,deleted\n"
        b"JEU-04,2026Q3,FR-99-TILLEULS,5,X,false\nJEU-05,2026Q3,FR-99-TILLEULS,5,X,true\n",
        [("not_an_observation", 3, "deleted", "true")],
        id="deletion_of_dhis2",
    ),
]


@pytest.mark.parametrize(("content", "expected"), SHELF)
def test_each_fault_is_the_exact_issue(
    content: bytes,
    expected: list[tuple[str, int | None, str | None, str | None]],
    prepare: Prepare,
    approved_before: pl.DataFrame,
) -> None:
    """Code, line and column as in the file, cell as found; and whether it blocks."""
    prepared = prepare(content, previous=approved_before)
    assert located(prepared.issues) == expected
    assert prepared.is_ready == all(code in WARNINGS for code, *_ in expected)


def test_the_label_of_an_indicator_says_which_it_is(prepare: Prepare) -> None:
    """Officers copy the label from the screen."""
    label = "Jeunes engagés : service civique, conseil de jeunes, bénévolat"
    prepared = prepare(csv_file(f"FR-99-TILLEULS;;{label};2026-T3;total;;;;12;normal;libre;;;;Associations;"))
    assert [issue.context["nearest"] for issue in prepared.issues] == ["JEU-04"]


def test_of_several_sheets_one_must_be_chosen(prepare: Prepare) -> None:
    """Each has the columns of the template: nothing is taken until somebody says which."""

    def fill(workbook: xlsxwriter.Workbook) -> None:
        for year in ("2024", "2025"):
            sheet = workbook.add_worksheet(year)
            sheet.write_row(0, 0, ["Code territoire", "Code indicateur", "Période", "Valeur", "Source"])
            sheet.write_row(1, 0, [TILLEULS, "JEU-04", f"{year}-T3", 12, "Associations"])

    prepared = prepare(xlsx_file(fill), "f.xlsx")
    assert located(prepared.issues) == [("several_sheets", None, None, "2024, 2025")]
    assert not prepared.is_ready
    assert prepare(xlsx_file(fill), "f.xlsx", sheet="2025").is_ready


def test_the_shelf_has_a_file_for_every_code() -> None:
    """No code without a literal file; the statistical warnings have theirs in tests/measures/test_plausibility.py, the
    faults of registers in test_registers.py."""
    of_registers = list(Code)[list(Code).index(Code.UNKNOWN_REFERENCE) : list(Code).index(Code.MAYBE_FRACTION)]
    elsewhere = (*STATISTICAL, *of_registers, Code.SEVERAL_SHEETS)
    of_the_contract = {code.value for code in Code if code not in elsewhere}
    assert {fault[0] for param in SHELF for fault in param.values[1]} == of_the_contract


def test_a_clean_file_has_no_issue(prepare: Prepare) -> None:
    """Every kind of period and figure."""
    prepared = prepare(csv_file(*CLEAN))
    assert prepared.issues == ()
    assert prepared.is_ready
    assert prepared.row_count == 8


def test_the_parts_of_an_issue_for_its_sentence(prepare: Prepare) -> None:
    """The nearest code, every line of a key, the words that exist, the bounds, what it disagrees with."""
    prepared = prepare(
        csv_file(
            JEU_01.replace("JEU-01", "JEU-1"),
            JEU_01.replace("total;", "sexe;filles"),
            "FR-99-TILLEULS;;EMP-03;2025;total;;;;161,5;normal;libre;;;;INSEE;",
            JEU_01.replace("26,8", "62,8"),
            JEU_01,
        )
    )
    assert {(issue.code.value, issue.row): issue.context for issue in prepared.issues} == {
        ("unknown_indicator", 2): {"indicator": "JEU-1", "nearest": "JEU-01"},
        ("unknown_category", 3): {
            "indicator": "JEU-01",
            "dimension": "sexe",
            "words": "femmes, hommes, autre_nsp",
            "dimensions": "total, sexe, age, menage, diplome, statut_emploi, niveau_scolaire",
        },
        ("out_of_range", 4): {"indicator": "EMP-03", "low": "0.0", "high": "100.0"},
        ("value_disagrees", 5): {"indicator": "JEU-01", "numerator": "38", "denominator": "142"},
        ("duplicate_key", 5): {"indicator": "JEU-01", "lines": "5, 6"},
        ("duplicate_key", 6): {"indicator": "JEU-01", "lines": "5, 6"},
    }


MANY_FAULTS = (
    "FR-99-LILAS;QN99902M;JEU-1;2026-T4;sexe;filles;-3;;x;sûr;libre;-1;141;hier;;",
    JEU_01,
    "FR-99-TILLEULS;;JEU-01;2026-T3;total;;150;142;120;rupture;libre;;;30/06/2026;" + "S" * 121 + ";",
    "FR-99-TILLEULS;QN99902M;JEU-04;2026-T4;age;filles;;;-2;normal;libre;;;;;" + "c" * 501,
    "FR-99-TILLEULS;;JEU-06;bientôt;origine;;;;;normal;libre;;;;Collège;",
    "FR-99-TILLEULS;;JEU-04;2026-T2;total;;;;12;non_disponible;libre;;;;Associations;Panne",
    "FR-99-TILLEULS;;EMP-03;2025;total;;;-5;0,35;normal;libre;9;300;;INSEE;",
    "FR-99-TILLEULS;;EMP-02;2026-T3;total;;;;0,5;normal;libre;-4;;30/09/2026;France Travail;",
    "FR-99-TILLEULS;;EMP-02;2026-T2;total;;30;60;48,5;normal;libre;;-1;30/06/2026;France Travail;",
    "FR-99-TILLEULS;;EMP-02;2026-T1;total;;30;0;;estime;libre;;;31/03/2026;France Travail;",
    "FR-99-TILLEULS;;JEU-06;2026-T3;total;;;;3;normal;libre;;;;Collège;",
    "FR-99-TILLEULS;;EMP-03;2024;total;;;;0,5;normal;libre;;;;INSEE;",
    "FR-99-TILLEULS;;JEU-01;2025-T4;total;;1,234;2.345;;normal;libre;;;;Mission locale;",
    "FR-99-TILLEULS;;JEU-04;2025-T4;total;;;;1,234;normal;libre;;;;Associations;",
)


def _facts(catalogue: Catalogue, *lines: str) -> pl.DataFrame:
    table = read_table(csv_file(*lines), "f.csv")
    tidy, _ = tidy_observations(table, catalogue, lambda: NOW)
    return gather_facts(tidy, catalogue, [TILLEULS], lambda: NOW)


def test_one_pass_finds_what_the_contract_reports(catalogue: Catalogue) -> None:
    """The fast path and Pandera's own report name the same rows and rules, and every rule is among them."""
    facts = _facts(catalogue, *MANY_FAULTS)
    with pytest.raises(SchemaErrors) as report:
        CONTRACT.validate(facts, lazy=True)
    cases = report.value.failure_cases
    assert cases["index"].null_count() == 0
    failures = [(row, rule) for rule, failing in find_failures(facts) for row in failing]
    found = {(row, rule.column, rule.name, facts[rule.column].cast(pl.String)[row]) for row, rule in failures}
    assert found == set(cases.select("index", "column", "check", "failure_case").rows())
    assert len(found) == cases.height
    assert {rule.name for _, rule in failures} == {rule.name for rule in RULES}


def test_one_pass_and_contract_agree_on_a_clean_file(catalogue: Catalogue) -> None:
    """Both find nothing."""
    facts = _facts(catalogue, *CLEAN)
    assert CONTRACT.validate(facts, lazy=True).height == 8
    assert find_failures(facts) == []


def test_many_faults_are_found_at_once(prepare: Prepare) -> None:
    """Not the first only: the cells, the row, the whole file, in the order of the lines."""
    prepared = prepare(
        csv_file(
            "FR-99-LILAS;QN99902M;JEU-1;2026-T4;sexe;filles;38x;;;sûr;libre;;;hier;;",
            JEU_01,
            "FR-99-TILLEULS;;JEU-04;2025;total;;;;-2;rupture;libre;;;;Associations;",
        )
    )
    assert located(prepared.issues) == [
        ("unknown_indicator", 2, "code_indicateur", "JEU-1"),
        ("unknown_quartier", 2, "code_quartier", "QN99902M"),
        ("wrong_territory", 2, "code_territoire", "FR-99-LILAS"),
        ("unreadable_date", 2, "date_reference", "hier"),
        ("unknown_category", 2, "modalite", "filles"),
        ("unreadable_number", 2, "numerateur", "38x"),
        ("future_period", 2, "periode", "2026-T4"),
        ("missing_value", 2, "source", ""),
        ("unknown_word", 2, "statut", "sûr"),
        ("missing_comment", 4, "commentaire", ""),
        ("wrong_frequency", 4, "periode", "2025"),
        ("out_of_range", 4, "valeur", "-2"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(JEU_01.replace("26,8", "26,7"), id="rate_rounded_down"),
        pytest.param(JEU_01.replace("26,8", "26,86"), id="rate_within_a_tenth_of_a_point"),
        pytest.param(JEU_01.replace("26,8", ""), id="rate_left_to_compute"),
        pytest.param(JEU_01.replace("38;142;26,8", "142;142;100"), id="everyone"),
        pytest.param(JEU_01.replace("38;142;26,8", "0;142;0"), id="nobody"),
        pytest.param("FR-99-TILLEULS;;DEC-04;2026-T3;total;;130;100;130;;;;;;Collège;", id="events_per_100_above_100"),
        pytest.param("FR-99-TILLEULS;;DEC-03;2026-T3;total;;;;12,5;;;;;;Collège;", id="published_rate_alone"),
        pytest.param("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;0;;;;;;Associations;", id="zero"),
        pytest.param("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;///;;;;;;Associations;", id="does_not_apply"),
        pytest.param("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;nc;;;;;;Associations;", id="not_collected"),
        pytest.param("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;s;;;;;;Associations;", id="suppressed"),
        pytest.param("FR-99-TILLEULS;;JEU-01;2026-T3;total;;n.s.;;;;;;;;Mission;", id="not_significant"),
        pytest.param("FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;12;;;;;02/01/2026;Associations;", id="flow_dated_before"),
        pytest.param(JEU_01.replace("Mission locale", "S" * 120) + "c" * 500, id="as_long_as_allowed"),
        pytest.param(JEU_01.replace("TILLEULS;;", "TILLEULS;QN99901N;"), id="quartier_of_the_territory"),
        pytest.param(JEU_01.replace("total;", "age;60+"), id="category_with_a_sign"),
    ],
)
def test_what_is_right_is_left_alone(line: str, prepare: Prepare) -> None:
    """No false alarm."""
    assert located(prepare(csv_file(line)).issues) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param(JEU_01.replace("26,8", "26,6"), "26,6", id="below"),
        pytest.param(JEU_01.replace("26,8", "26,9"), "26,9", id="above"),
        pytest.param(JEU_01.replace("26,8", "0,268"), "0,268", id="fraction_beside_its_components"),
    ],
)
def test_a_rate_may_differ_by_a_tenth_of_a_point(line: str, found: str, prepare: Prepare) -> None:
    """38/142 is 26,76 %; beyond ±0,1 point the row disagrees with itself."""
    assert located(prepare(csv_file(line)).issues) == [("value_disagrees", 2, "valeur", found)]


@pytest.mark.parametrize(
    ("day", "issues"),
    [
        pytest.param(datetime(2026, 9, 30, 23, 59), [("future_period", 2, "periode", "2026-T3")], id="its_last_day"),
        pytest.param(datetime(2026, 10, 1, 0, 0), [], id="the_day_after"),
    ],
)
def test_a_quarter_is_over_after_its_last_day(
    day: datetime, issues: list[tuple[str, int, str, str]], prepare: Prepare
) -> None:
    """The clock is an argument."""
    prepared = prepare(csv_file(JEU_01), clock=lambda: day.replace(tzinfo=ZoneInfo("Europe/Paris")))
    assert located(prepared.issues) == issues


@pytest.mark.parametrize("period", ["0000-T1", "9999-T4", "9999-V2"])
def test_a_period_out_of_every_calendar_is_an_issue_of_its_row(period: str, prepare: Prepare) -> None:
    """A typing slip in the year is named like any other; it never ends the check."""
    issues = prepare(csv_file(JEU_01.replace("2026-T3", period).replace("30/09/2026", ""))).issues
    assert {(issue.row, issue.column, issue.found) for issue in issues} == {(2, "periode", period)}
    assert issues[0].code in (Code.UNREADABLE_PERIOD, Code.FUTURE_PERIOD, Code.WRONG_FREQUENCY)


def test_no_cell_is_lost_in_silence(prepare: Prepare) -> None:
    """A comment cut in two by its own semicolon leaves a cell without heading: it is said, or kept."""
    prepared = prepare(csv_file(JEU_01 + "Fermé en août; deux semaines"))
    assert prepared.issues or prepared.rows["comment"].to_list() == ["Fermé en août; deux semaines"]


def test_no_row_is_lost_in_silence(prepare: Prepare) -> None:
    """A quote that is never closed must not swallow the rows behind it."""
    prepared = prepare(csv_file(JEU_01 + '"Fermé en août', JEU_01.replace("2026-T3", "2026-T2").replace("09", "06")))
    assert prepared.row_count == 2 or prepared.blocking


def test_a_file_without_rows_says_why_it_is_not_ready(prepare: Prepare) -> None:
    """A heading line alone is no deposit: refused as a file or by an issue, but with a reason."""
    try:
        reasons = [issue.code for issue in prepare(csv_file()).blocking]
    except UnreadableFile as refusal:
        reasons = [refusal.code]
    assert reasons


def test_severity_follows_the_code() -> None:
    """Few codes are warnings; everything else blocks."""
    assert {code for code in Code if Issue(code).severity is Severity.WARNING} == {
        *STATISTICAL,
        Code.MAYBE_FRACTION,
        Code.CHANGES_APPROVED,
        Code.MAYBE_PERSONAL_DATA,
        Code.UNKNOWN_COLUMN,
    }


def test_several_territories_may_be_allowed(catalogue: Catalogue) -> None:
    """The depositor's territories are an argument."""
    table = read_table(csv_file(JEU_01, JEU_01.replace("TILLEULS", "LILAS")), "f.csv")
    tidy, _ = tidy_observations(table, catalogue, lambda: NOW)
    assert check_observations(tidy, catalogue, [TILLEULS, "FR-99-LILAS"], lambda: NOW) == []
    assert [issue.row for issue in check_observations(tidy, catalogue, ["FR-99-LILAS"], lambda: NOW)] == [2]


def test_another_territory_is_told_from_a_missing_one(prepare: Prepare) -> None:
    """The code that was meant is said; an empty cell is not called « »."""
    prepared = prepare(csv_file(JEU_01.replace(TILLEULS, "Les Tilleuls"), JEU_01.replace(TILLEULS, "")))
    words = load_words("fr")
    other, missing = (say_cause(words, issue) for issue in prepared.blocking)
    assert other.startswith("«\u00a0Les Tilleuls\u00a0» n’est pas votre territoire (FR-99-TILLEULS). Écrivez son code")
    assert missing == (
        "le code du territoire manque, et nous ne savons pas de qui est ce chiffre. Écrivez-le sur chaque ligne."
    )


def test_the_version_of_the_sheet_follows_from_the_period(catalogue: Catalogue, prepare: Prepare) -> None:
    """A quarter before the new version keeps the old one; the version is stored, not a part of the key."""
    first = catalogue.indicators.filter(pl.col("indicator_code") == "JEU-04")
    second = first.with_columns(version=pl.lit(2, pl.Int64), valid_from=pl.lit(NOW.date() - timedelta(days=300)))
    tables = {**catalogue.tables(), "indicators": pl.concat([catalogue.indicators, second])}
    line = "FR-99-TILLEULS;;JEU-04;{};total;;;;12;normal;libre;;;;Associations;"
    prepared = prepare(
        csv_file(line.format("2021-T4"), line.format("2025-T4"), line.format("2026-T3")), catalogue=Catalogue(**tables)
    )
    assert prepared.rows["indicator_version"].to_list() == [1, 1, 2]
