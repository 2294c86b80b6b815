"""How much of a figure may be shown for its n: both sides of every boundary."""

from __future__ import annotations

import polars as pl
import pytest

from measures.display import choose_decimals, choose_display

SCHEMA = {
    "is_masked": pl.Boolean,
    "value": pl.Float64,
    "denominator": pl.Float64,
    "unit": pl.String,
    "has_interval": pl.Boolean,
    "decimals": pl.Int64,
}


def figure(**known: object) -> pl.DataFrame:
    """One figure: 40 % of 100, not masked, one decimal in its definition."""
    row = {"is_masked": False, "value": 40.0, "denominator": 100.0, "unit": "percent", "has_interval": True}
    return pl.DataFrame([row | {"decimals": 1} | known], schema=SCHEMA)


@pytest.mark.parametrize("unit", ["percent", "per_100"])
@pytest.mark.parametrize(
    ("denominator", "display"),
    [
        pytest.param(4, "counts_only", id="4"),
        pytest.param(5, "counts_only", id="5"),
        pytest.param(29, "counts_only", id="29"),
        pytest.param(30, "order_of_magnitude", id="30"),
        pytest.param(99, "order_of_magnitude", id="99"),
        pytest.param(100, "whole", id="100"),
        pytest.param(999, "whole", id="999"),
        pytest.param(1000, "decimal", id="1000"),
    ],
)
def test_display_of_a_rate_by_its_n(unit: str, denominator: float, display: str) -> None:
    """A cell below k that is no secret of this audience shows its counts; `is_masked` decides the rest."""
    assert figure(denominator=denominator, unit=unit).select(choose_display()).item() == display


@pytest.mark.parametrize(
    ("known", "display"),
    [
        pytest.param({"is_masked": True, "value": None, "denominator": None}, "masked", id="masked"),
        pytest.param({"is_masked": True, "denominator": 4}, "masked", id="masked_before_all_else"),
        pytest.param({"value": None}, "no_value", id="no_value_with_a_denominator"),
        pytest.param({"value": None, "denominator": None}, "no_value", id="no_value"),
        pytest.param({"value": 0.0}, "whole", id="zero_is_a_value"),
        pytest.param({"denominator": None}, "as_defined", id="published_rate_without_components"),
        pytest.param({"unit": "count", "value": 12.0, "denominator": None}, "as_defined", id="small_count"),
        pytest.param({"unit": "count", "value": 12.0, "denominator": 12}, "as_defined", id="count_with_a_denominator"),
        pytest.param({"unit": "minutes", "denominator": 12, "has_interval": False}, "as_defined", id="minutes"),
        pytest.param({"has_interval": False, "denominator": 12}, "as_defined", id="share_of_places"),
        pytest.param({"has_interval": False, "denominator": None}, "as_defined", id="modelled_rate"),
    ],
)
def test_display_beyond_n(known: dict[str, object], display: str) -> None:
    assert figure(**known).select(choose_display()).item() == display


@pytest.mark.parametrize(
    ("denominator", "defined", "shown"),
    [
        pytest.param(29, 1, 0, id="counts_only"),
        pytest.param(30, 1, 0, id="order_of_magnitude"),
        pytest.param(999, 2, 0, id="whole"),
        pytest.param(1000, 2, 1, id="decimal_at_most_one"),
        pytest.param(1000, 1, 1, id="decimal_as_defined"),
        pytest.param(1000, 0, 0, id="decimal_never_more_than_defined"),
        pytest.param(None, 2, 2, id="as_defined_2"),
        pytest.param(None, 0, 0, id="as_defined_0"),
    ],
)
def test_decimals(denominator: float | None, defined: int, shown: int) -> None:
    frame = figure(denominator=denominator, decimals=defined)
    assert frame.select(choose_decimals(choose_display())).item() == shown
