"""Which territories may stand on one chart, why the others may not, and how each moved."""

from __future__ import annotations

import polars as pl
import pytest

from measures.comparison import compare_territories

ROW = {
    "territory_code": "FR-99-TILLEULS",
    "qpv_code": "",
    "indicator_code": "JEU-01",
    "dimension": "total",
    "category": "",
    "goal_code": "O1",
    "period": "2026-Q3",
    "value": 40.0,
    "n": 240.0,
    "unit": "percent",
    "polarity": "increase",
    "is_latest": True,
    "is_masked": False,
    "has_break": False,
    "ref_value": 30.0,
    "change_low": 1.0,
    "change_high": 18.0,
}
SCHEMA = dict.fromkeys(ROW, pl.String) | {
    "value": pl.Float64,
    "n": pl.Float64,
    "is_latest": pl.Boolean,
    "is_masked": pl.Boolean,
    "has_break": pl.Boolean,
    "ref_value": pl.Float64,
    "change_low": pl.Float64,
    "change_high": pl.Float64,
}


def row(territory: str = "FR-99-TILLEULS", **known: object) -> dict[str, object]:
    """A progress row that may stand beside others: 40 % of 240 at 2026-Q3, better than at its baseline."""
    return ROW | {"territory_code": territory} | known


def compare(*rows: dict[str, object]) -> pl.DataFrame:
    return compare_territories(pl.DataFrame(list(rows), schema=SCHEMA))


def reasons_of(*rows: dict[str, object]) -> dict[str, str | None]:
    return dict(compare(*rows).select("territory_code", "left_out").rows())


MASKED = {"is_masked": True, "value": None, "n": None}
NO_FIGURE = {"value": None, "n": None}


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        pytest.param({}, None, id="comparable"),
        pytest.param(NO_FIGURE | {"period": None}, "no_figure", id="no_observation"),
        pytest.param(NO_FIGURE, "no_figure", id="no_value"),
        pytest.param(MASKED, "masked", id="masked"),
        pytest.param({"period": "2026-Q2"}, "other_period", id="other_period"),
        pytest.param({"has_break": True}, "broken_series", id="broken_series"),
        pytest.param({"n": 29.0}, "too_few", id="29_persons"),
        pytest.param({"n": 30.0}, None, id="30_persons"),
        pytest.param({"n": 29.0, "unit": "per_100"}, "too_few", id="29_persons_per_100"),
        pytest.param({"n": 6.0, "value": 6.0, "unit": "count"}, None, id="a_count_of_6"),
        pytest.param({"n": None}, None, id="published_rate"),
        pytest.param(NO_FIGURE | {"period": "2026-Q2"}, "no_figure", id="no_figure_before_other_period"),
        pytest.param(MASKED | {"period": "2026-Q2"}, "masked", id="masked_before_other_period"),
        pytest.param(
            {"period": "2026-Q2", "has_break": True, "n": 12.0}, "other_period", id="other_period_before_broken_series"
        ),
        pytest.param({"has_break": True, "n": 12.0}, "broken_series", id="broken_series_before_too_few"),
    ],
)
def test_why_a_territory_is_left_out(known: dict[str, object], reason: str | None) -> None:
    assert reasons_of(row("FR-99-AUTRE"), row(**known)) == {"FR-99-AUTRE": None, "FR-99-TILLEULS": reason}


def test_the_common_period_is_the_latest_of_all() -> None:
    found = compare(row("FR-99-A", period="2026-Q2"), row("FR-99-B", period="2026-Q3"), row("FR-99-C", period=None))
    assert found["common_period"].to_list() == ["2026-Q3"] * 3


def test_a_territory_without_figure_does_not_move_the_common_period() -> None:
    found = reasons_of(row("FR-99-A"), row("FR-99-B"), row("FR-99-C", period="2026-Q4", **NO_FIGURE))
    assert found == {"FR-99-A": None, "FR-99-B": None, "FR-99-C": "no_figure"}


def test_one_row_a_territory_its_latest_for_the_whole_of_it() -> None:
    found = compare(
        row(period="2026-Q2", value=35.0, is_latest=False),
        row(qpv_code="QN99901N", value=50.0),
        row(value=40.0),
        row(goal_code="O2", value=40.0),
    )
    assert found.select("qpv_code", "period", "value", "goal_code").rows() == [("", "2026-Q3", 40.0, "O1")]


def test_a_breakdown_does_not_stand_for_its_territory() -> None:
    """The rows come ordered by dimension: those of `sexe` before the total."""
    found = compare(row(dimension="sexe", category="femmes", value=50.0), row(value=40.0))
    assert found.select("dimension", "value").rows() == [("total", 40.0)]


@pytest.mark.parametrize(
    ("known", "moved"),
    [
        pytest.param({"change_low": 1.0, "change_high": 18.0}, "better", id="better"),
        pytest.param({"change_low": -18.0, "change_high": -1.0}, "worse", id="worse"),
        pytest.param({"change_low": -5.5, "change_high": 24.9}, "unclear", id="unclear"),
        pytest.param({"change_low": 0.0, "change_high": 18.0}, "unclear", id="just_not_better"),
        pytest.param({"change_low": -18.0, "change_high": 0.0}, "unclear", id="just_not_worse"),
        pytest.param({"polarity": "none"}, None, id="no_direction"),
        pytest.param({"polarity": "decrease"}, "better", id="change_is_turned_already"),
        pytest.param({"ref_value": None}, None, id="no_baseline"),
        pytest.param({"change_low": None, "change_high": None}, None, id="no_interval"),
    ],
)
def test_moved(known: dict[str, object], moved: str | None) -> None:
    assert compare(row(**known))["moved"].to_list() == [moved]
