"""The limits of the funnel, who is inside them, and when there is no funnel."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.funnel import funnel_limits

SCHEMA = {
    "territory_code": pl.String,
    "unit": pl.String,
    "has_interval": pl.Boolean,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "left_out": pl.String,
}
ROW = {"unit": "percent", "has_interval": True, "left_out": None}
LIMITS = ("low_95", "high_95", "low_998", "high_998")
SHARES = ("overall_share", *LIMITS)
Known = dict[str, object]


def of(numerator: float | None, denominator: float | None, **known: object) -> Known:
    """A territory on the chart with so many of so many."""
    return ROW | {"numerator": numerator, "denominator": denominator} | known


def draw(*rows: Known) -> pl.DataFrame:
    named = [{"territory_code": f"FR-99-{at:02}"} | row for at, row in enumerate(rows)]
    return funnel_limits(pl.DataFrame(named, schema=SCHEMA))


NINE_OF_40_PERCENT = [of(40, 100)] * 9


def test_the_limits_of_a_share_of_40_percent_at_100_and_at_400() -> None:
    """p0 = 0.4: sqrt(0.24/100) = 0.0490, sqrt(0.24/400) = 0.0245; times 1.960 and 3.090."""
    found = draw(*NINE_OF_40_PERCENT, of(160, 400))
    assert found.select(SHARES).row(0) == pytest.approx((0.4, 0.3040, 0.4960, 0.2486, 0.5514), abs=5e-5)
    assert found.select(SHARES).row(9) == pytest.approx((0.4, 0.3520, 0.4480, 0.3243, 0.4757), abs=5e-5)


def test_the_overall_share_is_a_ratio_of_sums() -> None:
    found = draw(*[of(40, 100)] * 9, of(900, 1100))
    assert found["overall_share"].to_list() == [0.63] * 10


@pytest.mark.parametrize(
    ("numerator", "denominator", "funnel"),
    [
        pytest.param(40, 100, "inside", id="at_the_middle"),
        pytest.param(52, 100, "inside", id="beyond_95_percent"),
        pytest.param(58, 100, "above", id="beyond_998_percent"),
        pytest.param(24, 100, "below", id="below_998_percent"),
        pytest.param(17, 30, "inside", id="57_percent_of_few"),
        pytest.param(570, 1000, "above", id="57_percent_of_many"),
    ],
)
def test_who_is_inside(numerator: float, denominator: float, funnel: str) -> None:
    others = [of(4000, 10000)] * 20
    assert draw(of(numerator, denominator), *others)["funnel"].to_list() == [funnel, *["inside"] * 20]


@pytest.mark.parametrize(
    ("numerator", "limits"),
    [
        pytest.param(1, (0.0, 0.0295, 0.0, 0.0407), id="cut_at_0"),
        pytest.param(99, (0.9705, 1.0, 0.9593, 1.0), id="cut_at_1"),
        pytest.param(0, (0.0, 0.0, 0.0, 0.0), id="nobody_at_all"),
        pytest.param(100, (1.0, 1.0, 1.0, 1.0), id="everybody"),
    ],
)
def test_limits_stay_within_0_and_1(numerator: float, limits: tuple[float, ...]) -> None:
    found = draw(*[of(numerator, 100)] * 10)
    assert found.select(LIMITS).row(0) == pytest.approx(limits, abs=5e-5)
    assert found["funnel"].to_list() == ["inside"] * 10


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(of(40, 100, left_out="too_few"), id="left_out"),
        pytest.param(of(None, None, left_out="masked"), id="masked"),
        pytest.param(of(40, 100, unit="per_100"), id="events_per_100"),
        pytest.param(of(None, None, unit="count"), id="count"),
        pytest.param(of(40, 100, has_interval=False), id="without_chance"),
        pytest.param(of(40, 100, has_interval=None), id="chance_unknown"),
        pytest.param(of(None, 100), id="no_numerator"),
        pytest.param(of(40, None), id="no_denominator"),
        pytest.param(of(0, 0), id="denominator_0"),
        pytest.param(of(101, 100), id="numerator_above_denominator"),
        pytest.param(of(-1, 100), id="below_0"),
    ],
)
def test_who_has_no_place_in_a_funnel(known: Known) -> None:
    """Nor a say in it: with nine others there is none, with ten it is theirs."""
    nine, ten = draw(*NINE_OF_40_PERCENT, known), draw(*NINE_OF_40_PERCENT, of(40, 100), known)
    assert nine.select(*SHARES, "funnel").null_count().row(0) == (10,) * 6
    assert ten.select(*SHARES, "funnel").row(10) == (None,) * 6
    assert ten["overall_share"].to_list() == [0.4] * 10 + [None]
    assert ten["funnel"].to_list() == ["inside"] * 10 + [None]


def test_the_columns_are_there_without_any_row() -> None:
    added = dict.fromkeys(SHARES, pl.Float64) | {"funnel": pl.String}
    assert draw().schema == SCHEMA | added


PAIR = st.tuples(st.integers(0, 200), st.integers(0, 200)).map(lambda pair: of(float(pair[0]), float(pair[1])))


@given(st.lists(PAIR, max_size=40))
@settings(max_examples=50, deadline=None)
def test_shares_or_nothing_and_the_rows_in_their_order(rows: list[Known]) -> None:
    found = draw(*rows)
    assert found["territory_code"].to_list() == sorted(found["territory_code"])
    for row in found.to_dicts():
        drawn = [row[name] for name in SHARES]
        assert all(one is None for one in drawn) or all(math.isfinite(one) and 0 <= one <= 1 for one in drawn)
        assert (row["funnel"] is None) is (row["overall_share"] is None)


@given(st.lists(PAIR, min_size=10, max_size=30), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_says_nothing(rows: list[Known], random: object) -> None:
    frame = draw(*rows).select(*SCHEMA)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert funnel_limits(frame[order]).sort("territory_code").equals(funnel_limits(frame))
