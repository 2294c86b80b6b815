"""Text cells in, typed columns out; what is not understood is named, never guessed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_files import NOW, TILLEULS, csv_file, located

from pipelines.read import read_table
from pipelines.tidy import match_headings, read_date, read_numbers, read_period, tidy_observations
from schemas.catalogue import Catalogue
from schemas.issue import Issue
from schemas.observation import OBSERVATION_COLUMNS, Observations


def number(cell: str) -> float | None:
    return read_numbers(pl.LazyFrame({"found": [cell]})).collect()["read"].item()


def tidy(catalogue: Catalogue, *lines: str, **said: str) -> tuple[pl.DataFrame, list[Issue]]:
    return tidy_observations(read_table(csv_file(*lines, **said), "f.csv"), catalogue, lambda: NOW)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("38", 38.0, id="whole"),
        pytest.param("0", 0.0, id="zero"),
        pytest.param("26,8", 26.8, id="decimal_comma"),
        pytest.param("26.8", 26.8, id="decimal_point"),
        pytest.param("1 234,5", 1234.5, id="space"),
        pytest.param("1\u00a0234,5", 1234.5, id="no_break_space"),
        pytest.param("1\u202f234,5", 1234.5, id="narrow_no_break_space"),
        pytest.param("1 234 567", 1234567.0, id="two_spaces"),
        pytest.param("1.234,5", 1234.5, id="point_thousands_comma_decimals"),
        pytest.param("1,234.5", 1234.5, id="comma_thousands_point_decimals"),
        pytest.param("26,8 %", 26.8, id="percent"),
        pytest.param("26,8\u202f%", 26.8, id="percent_after_narrow_space"),
        pytest.param("−3,4", -3.4, id="minus_sign"),
        pytest.param("-3,4", -3.4, id="hyphen"),
        pytest.param("+4", 4.0, id="plus"),
        pytest.param("1,5E3", 1500.0, id="exponent"),
        pytest.param("1.5e-3", 0.0015, id="small_exponent"),
        pytest.param("nan", None, id="nan"),
        pytest.param("NaN", None, id="nan_in_capitals"),
        pytest.param("inf", None, id="infinity"),
        pytest.param("-Infinity", None, id="minus_infinity"),
        pytest.param("1e400", None, id="beyond_float"),
        pytest.param("12a", None, id="letter_behind"),
        pytest.param("environ 12", None, id="words"),
        pytest.param("1,2,3", None, id="three_numbers"),
        pytest.param("1.2.3", None, id="version"),
        pytest.param("12-14", None, id="range"),
        pytest.param("--3", None, id="two_signs"),
        pytest.param("%", None, id="percent_alone"),
        pytest.param("3 %%", None, id="two_percents"),
        pytest.param("0x10", None, id="hexadecimal"),
        pytest.param("1_000", None, id="underscore"),
        pytest.param("٣", None, id="arabic_digit"),
        pytest.param("½", None, id="fraction_sign"),
        pytest.param("12 €", None, id="currency"),
        pytest.param("", None, id="empty"),
        pytest.param("TRUE", None, id="boolean"),
    ],
)
def test_numbers(cell: str, expected: float | None) -> None:
    """One finite number, or nothing."""
    assert number(cell) == expected


@given(st.integers(0, 10**12), st.integers(0, 99))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_numbers_written_the_french_way_come_back(whole: int, cents: int) -> None:
    """Thousands apart, comma before the decimals."""
    written = f"{whole:,}".replace(",", "\u202f") + f",{cents:02}"
    assert number(written) == float(f"{whole}.{cents:02}")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-T3",
        "2026T3",
        "T3 2026",
        "T3-2026",
        "T3/26",
        "3T2026",
        "2026-Q3",
        "2026Q3",
        "3e trimestre 2026",
        "3ème trim. 2026",
        "t3 2026",
        "2026-q3",
        "3E TRIMESTRE 2026",
        "  T3   2026 ",
        "3e\u00a0trimestre\u00a02026",
    ],
)
def test_every_spelling_of_a_quarter(cell: str) -> None:
    """Every spelling in use, whatever the case and the spaces."""
    assert read_period(cell) == "2026-Q3"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("1er trimestre 2025", "2025-Q1", id="first_quarter"),
        pytest.param("2e trim. 2025", "2025-Q2", id="second_quarter"),
        pytest.param("4T2025", "2025-Q4", id="fourth_quarter"),
        pytest.param("T1/05", "2005-Q1", id="year_of_two_digits"),
        pytest.param("2025", "2025", id="year"),
        pytest.param("2024-2025", "2024-2025", id="school_year"),
        pytest.param("2024/2025", "2024-2025", id="school_year_with_slash"),
        pytest.param("2026-V1", "2026-V1", id="wave"),
        pytest.param("2026-v2", "2026-V2", id="wave_in_small_letters"),
        pytest.param("03/2026", None, id="month_is_ambiguous"),
        pytest.param("2026-09", None, id="iso_month"),
        pytest.param("septembre 2026", None, id="month_in_words"),
        pytest.param("2026-T5", None, id="fifth_quarter"),
        pytest.param("2026-T0", None, id="quarter_zero"),
        pytest.param("T3", None, id="no_year"),
        pytest.param("2024-2026", None, id="two_school_years"),
        pytest.param("2026-V3", None, id="third_wave"),
        pytest.param("2026-T3zzz", None, id="words_behind"),
        pytest.param("30/09/2026", None, id="a_day"),
        pytest.param("", None, id="empty"),
        pytest.param("0000-T1", None, id="year_zero"),
    ],
)
def test_periods(cell: str, code: str | None) -> None:
    """The stored code, or nothing."""
    assert read_period(cell) == code


def test_a_period_has_one_code_only() -> None:
    """Digits of another script are read as the one stored code, or not at all."""
    assert read_period("٢٠٢٦-T3") in (None, "2026-Q3")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        pytest.param("2026-09-30", date(2026, 9, 30), id="iso"),
        pytest.param("30/09/2026", date(2026, 9, 30), id="french"),
        pytest.param("30/09/2026 00:00", date(2026, 9, 30), id="french_with_an_hour"),
        pytest.param("2026/09/30", date(2026, 9, 30), id="slashes_in_order"),
        pytest.param("31/09/2026", None, id="no_such_day"),
        pytest.param("09/30/2026", None, id="american"),
        pytest.param("30/09/26", None, id="year_of_two_digits"),
        pytest.param("septembre", None, id="words"),
    ],
)
def test_days(cell: str, day: date | None) -> None:
    """ISO or JJ/MM/AAAA."""
    assert read_date(cell) == day


@pytest.mark.parametrize(
    ("sign", "status", "confidentiality"),
    [
        *[(sign, "non_disponible", "libre") for sign in ("n.d.", "nd", "n/d", "…", "...", "..", "NA", "N/A", "N.D.")],
        *[(sign, "non_collecte", "libre") for sign in ("nc", "n.c.", "NC")],
        *[(sign, "sans_objet", "libre") for sign in ("///", "s.o.", "so")],
        *[(sign, "normal", "secret") for sign in ("s", "secret", "S")],
        ("n.s.", "faible_fiabilite", "libre"),
    ],
)
def test_signs_for_no_number(sign: str, status: str, confidentiality: str, catalogue: Catalogue) -> None:
    """Each sign of the field says its own state; none is a number, none is a fault of the cell."""
    rows, issues = tidy(catalogue, f"FR-99-TILLEULS;;ALI-02;2026-T3;;;;;{sign};;;;;;Épicerie;x")
    assert issues == []
    assert rows.select("value", "obs_status", "conf_status").rows() == [(None, status, confidentiality)]


@pytest.mark.parametrize("cell", ["", "-", "–", "."])
def test_nothing_said_is_not_a_state(cell: str, catalogue: Catalogue) -> None:
    """An empty cell or a dash stays without number and without word: the check asks."""
    rows, issues = tidy(catalogue, f"FR-99-TILLEULS;;ALI-02;2026-T3;;;;;{cell};;;;;;Épicerie;")
    assert issues == []
    assert rows.select("value", "obs_status").rows() == [(None, "normal")]


def test_zero_is_a_number(catalogue: Catalogue) -> None:
    """0 is none of the signs."""
    rows, _ = tidy(catalogue, "FR-99-TILLEULS;;ALI-02;2026-T3;;;;;0;;;;;;Épicerie;")
    assert rows["value"].to_list() == [0.0]


def test_what_the_sender_says_wins_over_the_sign(catalogue: Catalogue) -> None:
    """`s` with confidentialite libre is libre; a said status is not replaced by the sign's."""
    rows, issues = tidy(
        catalogue,
        "FR-99-TILLEULS;;ALI-02;2026-T3;;;;;s;;libre;;;;Épicerie;",
        "FR-99-TILLEULS;;ALI-02;2026-T2;;;;;nd;sans_objet;;;;;Épicerie;",
    )
    assert issues == []
    assert rows.select("obs_status", "conf_status").rows() == [("normal", "libre"), ("sans_objet", "libre")]


def test_an_unknown_sign_is_never_guessed(catalogue: Catalogue) -> None:
    """`?` is neither a number nor a state."""
    _, issues = tidy(catalogue, "FR-99-TILLEULS;;ALI-02;2026-T3;;;;;?;;;;;;Épicerie;")
    assert located(issues) == [("unreadable_number", 2, "value", "?")]


def test_a_full_row_is_typed(catalogue: Catalogue) -> None:
    """A whole line, cell by cell."""
    rows, issues = tidy(
        catalogue,
        "FR-99-TILLEULS;QN99901N;JEU-01;T3 2026;sexe;femmes;17;66;25,8;provisoire;interne;96;41 %;30/09/2026;ML;Vu",
    )
    assert issues == []
    assert rows.select(list(Observations.to_schema().columns)).rows(named=True) == [
        {
            "source_row": 2,
            "territory_code": "FR-99-TILLEULS",
            "qpv_code": "QN99901N",
            "indicator_code": "JEU-01",
            "period": "2026-Q3",
            "dimension": "sexe",
            "category": "femmes",
            "numerator": 17.0,
            "denominator": 66.0,
            "value": 25.8,
            "obs_status": "provisoire",
            "source_status": None,
            "conf_status": "interne",
            "respondents": 96,
            "response_rate": 41.0,
            "reference_date": date(2026, 9, 30),
            "source": "ML",
            "comment": "Vu",
        }
    ]
    Observations.validate(rows.select(list(Observations.to_schema().columns)))


def test_defaults_and_case(catalogue: Catalogue) -> None:
    """No breakdown is `total`, no status `normal`; codes are capitals, breakdown words small letters."""
    rows, issues = tidy(
        catalogue,
        " fr-99-tilleuls ;qn99901n;jeu-01;2026-T3;;;38;142;;;;;;;Mission;",
        "FR-99-TILLEULS;;JEU-01;2026-T3;SEXE;Femmes;38;142;;PROVISOIRE;Libre;;;;Mission;",
        "FR-99-TILLEULS;;JEU-01;2026-T2;total;total;38;142;;;;;;;Mission;",
    )
    assert issues == []
    assert rows.select("territory_code", "qpv_code", "dimension", "category", "obs_status", "conf_status").rows() == [
        (TILLEULS, "QN99901N", "total", "", "normal", "libre"),
        (TILLEULS, "", "sexe", "femmes", "provisoire", "libre"),
        (TILLEULS, "", "total", "", "normal", "libre"),
    ]


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        pytest.param("CODE_TERRITOIRE", "territory_code", id="capitals"),
        pytest.param("Code territoire", "territory_code", id="space"),
        pytest.param("Période", "period", id="accent"),
        pytest.param("  période  ", "period", id="outer_spaces"),
        pytest.param("Dénominateur", "denominator", id="accent_inside"),
        pytest.param("trimestre", "period", id="synonym"),
        pytest.param("value", "value", id="english"),
        *[pytest.param(column.heading, column.code, id=f"template_{column.code}") for column in OBSERVATION_COLUMNS],
    ],
)
def test_headings(heading: str, code: str) -> None:
    """Case, accents and spaces do not count; synonyms are listed."""
    assert match_headings(["source_row", "x", heading]) == {code: heading}


def test_columns_in_any_order(catalogue: Catalogue) -> None:
    """The heading says what a column is, not its place."""
    rows, issues = tidy(
        catalogue, "12;Épicerie;2026-T3;ALI-02;FR-99-TILLEULS", headings="Valeur;Source;Trimestre;Indicateur;Territoire"
    )
    assert issues == []
    assert rows.select("territory_code", "indicator_code", "period", "value", "source").rows() == [
        (TILLEULS, "ALI-02", "2026-Q3", 12.0, "Épicerie")
    ]


def test_a_missing_column_stops_and_names_the_nearest(catalogue: Catalogue) -> None:
    """No row is judged without its columns; every missing one is named."""
    rows, issues = tidy(catalogue, "FR-99-TILLEULS;12;x", headings="code_territoire;code_indicateu;xyz")
    assert rows.is_empty()
    assert [(issue.code, issue.column, issue.context) for issue in issues] == [
        ("missing_column", None, {"expected": "code_indicateur", "nearest": "code_indicateu"}),
        ("missing_column", None, {"expected": "periode", "nearest": ""}),
        ("missing_column", None, {"expected": "source", "nearest": ""}),
        ("missing_column", None, {"expected": "valeur", "nearest": ""}),
        ("unknown_column", "xyz", {}),
    ]


def test_every_cell_that_is_not_understood_is_named(catalogue: Catalogue) -> None:
    """All at once, in the columns of the row."""
    rows, issues = tidy(
        catalogue, "FR-99-TILLEULS;;JEU-01;bientôt;;;douze;#REF!;nan;sûr;ouvert;9,5;beaucoup;hier;#N/A;#VALEUR!"
    )
    assert located(issues) == [
        ("unreadable_period", 2, "period", "bientôt"),
        ("unreadable_number", 2, "numerator", "douze"),
        ("spreadsheet_error", 2, "denominator", "#REF!"),
        ("unreadable_number", 2, "value", "nan"),
        ("unknown_word", 2, "obs_status", "sûr"),
        ("unknown_word", 2, "conf_status", "ouvert"),
        ("unreadable_number", 2, "respondents", "9,5"),
        ("unreadable_number", 2, "response_rate", "beaucoup"),
        ("unreadable_date", 2, "reference_date", "hier"),
        ("spreadsheet_error", 2, "source", "#N/A"),
        ("spreadsheet_error", 2, "comment", "#VALEUR!"),
    ]
    assert rows.select("period", "numerator", "denominator", "value", "respondents").row(0) == (None,) * 5


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        pytest.param("Code du territoire", "territory_code", id="small_word"),
        pytest.param("Sources", "source", id="plural"),
        pytest.param("Période (trimestre)", "period", id="brackets"),
        pytest.param("Dates de référence", "reference_date", id="plural_and_small_word"),
    ],
)
def test_headings_a_small_word_away(heading: str, code: str) -> None:
    """Small words, plurals and brackets do not count."""
    assert match_headings(["source_row", heading]) == {code: heading}


def test_numbers_under_a_group_of_headings() -> None:
    """« Effectifs Numérateur » is told by its last word, where it is alone."""
    assert match_headings(["Effectifs Numérateur", "Effectifs Dénominateur"]) == {
        "numerator": "Effectifs Numérateur",
        "denominator": "Effectifs Dénominateur",
    }
    assert match_headings(["T1 Numérateur", "T2 Numérateur"]) == {}


def test_an_exact_heading_comes_before_one_that_is_near() -> None:
    """« Valeurs » beside « valeur » is another column."""
    assert match_headings(["Valeurs", "valeur"]) == {"value": "valeur"}


def test_words_of_a_breakdown(catalogue: Catalogue) -> None:
    """Accents, dashes and « Ensemble » as officers write them."""
    rows, issues = tidy(
        catalogue,
        "FR-99-TILLEULS;;JEU-01;2026-T3;Âge;18 – 25;3;9;;;;;;;Mission locale;",
        "FR-99-TILLEULS;;JEU-01;2026-T3;Ensemble;Ensemble;3;9;;;;;;;Mission locale;",
        "FR-99-TILLEULS;;JEU-01;2026-T3;Niveau scolaire;;3;9;;;;;;;Mission locale;",
    )
    assert issues == ()
    assert rows.select("dimension", "category").rows() == [
        ("age", "18-25"),
        ("total", ""),
        ("niveau_scolaire", ""),
    ]
