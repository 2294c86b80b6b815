"""Limits of ordinary variation against the published values."""

from __future__ import annotations

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


def find_limits(series: list[float], screened: bool = True) -> tuple[float, ...]:
    mean, low, high = xmr_limits(pl.col("value"), screened)
    return pl.DataFrame({"value": series}).select(mean=mean, low=low, high=high).row(0)


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
