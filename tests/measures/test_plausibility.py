"""Odd figures: literal rows of a file beside a literal history, and the warnings they meet."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from measures.plausibility import check_plausibility
from schemas.catalogue import Catalogue
from schemas.observation import KEY
from schemas.period import list_periods, parse_period

TILLEULS = "FR-99-TILLEULS"
SCHEMA = {
    "source_row": pl.Int64,
    **dict.fromkeys(KEY, pl.String),
    "indicator_version": pl.Int64,
    **dict.fromkeys(("numerator", "denominator", "value"), pl.Float64),
    "obs_status": pl.String,
    "conf_status": pl.String,
    "respondents": pl.Int64,
    "response_rate": pl.Float64,
    "reference_date": pl.Date,
    "source": pl.String,
    "source_status": pl.String,
    "comment": pl.String,
}
USUAL = {
    "territory_code": TILLEULS,
    "qpv_code": "",
    "indicator_code": "JEU-01",
    "period": "2026-Q3",
    "dimension": "total",
    "category": "",
    "indicator_version": 1,
    "obs_status": "normal",
    "conf_status": "libre",
    "source": "Mission locale",
    "comment": "",
}
STATISTICAL = ("missing_expected",)


def make_rows(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of a file, from line 2 on; a rate is computed from its components."""
    full = []
    for line, row in enumerate(rows, 2):
        one = {"source_row": line, **USUAL, **row}
        if one.get("denominator") and "value" not in row:
            one["value"] = 100 * one["numerator"] / one["denominator"]
        full.append(one)
    return pl.DataFrame(full, schema=SCHEMA)


def make_history(*rows: dict[str, Any]) -> pl.DataFrame:
    history = make_rows(*rows)
    starts = [parse_period(code).start for code in history["period"]]
    return history.with_columns(period_start=pl.Series(starts, dtype=pl.Date), is_masked=pl.lit(False))


def found(catalogue: Catalogue, rows: pl.DataFrame, history: pl.DataFrame, **said: Any) -> list[tuple[str, int | None]]:
    issues = check_plausibility(rows, history, catalogue, **said)
    return [(issue.code.value, issue.row) for issue in issues if issue.code.value not in STATISTICAL]


RATE, COUNT = {"numerator": 60, "denominator": 142}, {"indicator_code": "DRO-01", "value": 40}
BEFORE = {"period": "2026-Q2"}
PART = {"dimension": "sexe", "category": "femmes"}
OTHER = {"dimension": "sexe", "category": "hommes"}

CASES = [
    pytest.param([RATE], [], [], id="first_figure_of_a_series"),
    pytest.param([RATE], [RATE | BEFORE | {"numerator": 58}], [], id="ordinary_change"),
    pytest.param(
        [RATE], [RATE | BEFORE | {"numerator": 20}], [("unusual_change", 2)], id="more_than_30_percent_and_chance"
    ),
    pytest.param([RATE | {"obs_status": "rupture"}], [RATE | BEFORE | {"numerator": 20}], [], id="a_break_begins_anew"),
    pytest.param(
        [{"numerator": 12, "denominator": 30}],
        [BEFORE | {"numerator": 8, "denominator": 30}],
        [],
        id="chance_can_do_it",
    ),
    pytest.param(
        [{"numerator": 90, "denominator": 200}],
        [BEFORE | {"numerator": 60, "denominator": 142}],
        [("denominator_jump", 2)],
        id="other_people_counted",
    ),
    pytest.param(
        [RATE, PART | {"numerator": 30, "denominator": 70}, OTHER | {"numerator": 25, "denominator": 72}],
        [],
        [("parts_do_not_sum", 2)],
        id="parts_below_their_total",
    ),
    pytest.param(
        [RATE, PART | {"numerator": 30, "denominator": 70}, OTHER | {"numerator": 30, "denominator": 72}],
        [],
        [],
        id="parts_that_sum",
    ),
    pytest.param([RATE, PART | {"numerator": 30, "denominator": 70}], [], [], id="one_part_alone"),
    pytest.param([{"numerator": 3, "denominator": 142}], [], [("small_count", 2)], id="three_people"),
    pytest.param(
        [{"numerator": 3, "denominator": 142, "conf_status": "secret"}], [], [], id="three_people_already_hidden"
    ),
    pytest.param(
        [{"indicator_code": "JEU-05", "period": "2026-V1", "numerator": 60, "denominator": 90, "response_rate": 12.0}],
        [],
        [("weak_survey", 2)],
        id="few_answers",
    ),
    pytest.param(
        [{"indicator_code": "JEU-05", "period": "2026-V1", "numerator": 60, "denominator": 90, "response_rate": 45.0}],
        [],
        [],
        id="enough_answers",
    ),
    pytest.param(
        [RATE | {"indicator_code": code} for code in ("JEU-01", "EMP-04", "DRO-02")],
        [RATE | BEFORE | {"indicator_code": code} for code in ("JEU-01", "EMP-04", "DRO-02")],
        [("copied_from_last_quarter", None)],
        id="three_indicators_copied",
    ),
    pytest.param(
        [RATE | {"indicator_code": code} for code in ("JEU-01", "EMP-04")],
        [RATE | BEFORE | {"indicator_code": code} for code in ("JEU-01", "EMP-04")],
        [],
        id="two_may_be_chance",
    ),
    pytest.param(
        [RATE | {"indicator_version": 2}],
        [RATE | BEFORE],
        [("definition_changed", 2)],
        id="newer_definition_than_the_last",
    ),
]


@pytest.mark.parametrize(("rows", "history", "expected"), CASES)
def test_warnings(
    catalogue: Catalogue,
    rows: list[dict[str, Any]],
    history: list[dict[str, Any]],
    expected: list[tuple[str, int | None]],
) -> None:
    """Each rule warns where it should, and is silent beside."""
    if any(row.get("indicator_version") == 2 for row in rows):
        catalogue = with_second_version(catalogue)
    assert found(catalogue, make_rows(*rows), make_history(*history)) == expected


def with_second_version(catalogue: Catalogue) -> Catalogue:
    newer = catalogue.indicators.filter(indicator_code="JEU-01").with_columns(
        pl.lit(2).cast(catalogue.indicators.schema["version"]).alias("version"),
        valid_from=pl.lit(date(2026, 7, 1)),
    )
    return Catalogue(**{**catalogue.tables(), "indicators": pl.concat([catalogue.indicators, newer])})


def test_a_template_older_than_the_definition(catalogue: Catalogue) -> None:
    """The sheet changed after the template was made."""
    rows = make_rows(RATE | {"indicator_version": 2})
    newer = with_second_version(catalogue)
    assert found(newer, rows, make_history(), template_on=date(2026, 1, 1)) == [("definition_changed", 2)]
    assert found(newer, rows, make_history(), template_on=date(2026, 10, 1)) == []


@pytest.mark.parametrize(
    ("numerator", "expected"),
    [pytest.param(95, [("unusual_change", 2)], id="outside"), pytest.param(62, [], id="inside")],
)
def test_a_long_series_has_limits(catalogue: Catalogue, numerator: int, expected: list[tuple[str, int | None]]) -> None:
    """Thirteen points or more: what is outside the limits of ordinary variation."""
    quarters = list_periods("2023-Q1", "2026-Q2")
    history = [{"period": code, "numerator": 60 + at % 3, "denominator": 142} for at, code in enumerate(quarters)]
    assert found(catalogue, make_rows({"numerator": numerator, "denominator": 142}), make_history(*history)) == expected


def test_what_is_expected_and_absent_is_named(catalogue: Catalogue) -> None:
    """Indicators followed or aimed at, of the period's frequency, in neither the file nor the history."""
    issues = check_plausibility(make_rows(RATE), make_history(), catalogue)
    named = {issue.context["indicator"] for issue in issues if issue.code.value == "missing_expected"}
    followed = catalogue.followed_indicators.filter(territory_code=TILLEULS)["indicator_code"].to_list()
    assert "JEU-01" not in named
    assert named & set(followed)
    sent = make_history(*({**COUNT, "indicator_code": code} for code in named))
    again = check_plausibility(make_rows(RATE), sent, catalogue)
    assert not {issue.code.value for issue in again} & {"missing_expected"}


def test_masked_history_is_not_used(catalogue: Catalogue) -> None:
    """A point that the depositor may not see cannot be told by a warning."""
    history = make_history(RATE | BEFORE | {"numerator": 20}).with_columns(is_masked=pl.lit(True))
    assert found(catalogue, make_rows(RATE), history) == []
