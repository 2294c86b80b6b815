"""Limits of ordinary variation against the published values."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from measures.xmr import xmr_limits

# fmt: off
SERIES = [
    -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285,
    -0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716,
    0.70135590, -0.47279141,
]
# fmt: on


def find_limits(series: Sequence[float | None], screened: bool = True) -> tuple[float | None, ...]:
    mean, low, high = xmr_limits(pl.col("value"), screened)
    frame = pl.DataFrame({"value": series}, schema={"value": pl.Float64})
    return frame.select(mean=mean, low=low, high=high).row(0)


def test_published_series() -> None:
    """set.seed(123); rnorm(20) of the R package's own tests."""
    assert find_limits(SERIES) == pytest.approx((0.1416238, -3.01138, 3.294627), abs=1e-5)


@pytest.mark.parametrize(
    ("screened", "low", "high"),
    [pytest.param(True, -2.383666, 3.722497, id="screened"), pytest.param(False, -4.596625, 5.935457, id="unscreened")],
)
def test_an_outlier_does_not_widen_the_limits(screened: bool, low: float, high: float) -> None:
    found = find_limits([*SERIES[:14], 10.0, *SERIES[15:]], screened)
    assert found == pytest.approx((0.6694159, low, high), abs=1e-5)


def test_a_flat_series_has_no_room() -> None:
    assert find_limits([5.0, 5.0, 5.0]) == (5, 5, 5)


def test_one_value_makes_no_range() -> None:
    assert find_limits([1.0]) == (1, None, None)


@pytest.mark.parametrize("series", [pytest.param([], id="empty"), pytest.param([None, None], id="nulls")])
def test_no_value_makes_no_mean(series: list[float | None]) -> None:
    assert find_limits(series) == (None, None, None)


@pytest.mark.parametrize(
    ("series", "low", "high"),
    [
        pytest.param([1.0, 2.0, 3.0, 2.0, 4.0], -0.925, 5.725, id="whole"),
        pytest.param([1.0, 2.0, None, 4.0, 3.0], -0.16, 5.16, id="null_inside"),
        pytest.param([None, 1.0, 2.0, 4.0, 3.0, None], -1.0467, 6.0467, id="null_at_the_ends"),
    ],
)
def test_a_null_takes_its_moving_ranges_with_it(series: list[float | None], low: float, high: float) -> None:
    assert find_limits(series)[1:] == pytest.approx((low, high), abs=1e-4)


def test_a_row_that_does_not_follow_makes_no_range() -> None:
    frame = pl.DataFrame({"value": [1.0, 2.0, 50.0, 51.0], "follows": [False, True, False, True]})
    mean, low, high = xmr_limits(pl.col("value"), follows=pl.col("follows"))
    assert frame.select(mean, low=low, high=high).row(0) == pytest.approx((26.0, 23.34, 28.66))


def test_one_event_in_a_flat_series_leaves_room() -> None:
    """Two moves of 1 among nine are wide, but without them no point at all would be inside."""
    mean, low, high = find_limits([0.0] * 5 + [1.0] + [0.0] * 4)
    assert (mean, low, high) == pytest.approx((0.1, 0.1 - 2.66 * 2 / 9, 0.1 + 2.66 * 2 / 9))
