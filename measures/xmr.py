"""The ordinary variation of a series: the limits of an XmR chart, as polars expressions."""

from __future__ import annotations

import polars as pl

WIDTH_OF_LIMITS = 2.66
WIDEST_ORDINARY_MOVE = 3.267
SLACK = 1e-9
"""Below this share of what they are compared with, numbers differ by rounding only."""


def xmr_limits(
    value: pl.Expr, screened: bool = True, follows: pl.Expr | None = None
) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Mean, lower and upper limit of a series in the order of time, in its unit; null limits without a moving range.

    mean ± 2.66 times the average moving range (NHSRplotthedots, R/ptd_spc_standard.R). A null is a gap: no moving
    range reaches over it, nor to a row for which `follows` (it is in the period after the row before) does not hold.
    Screened: moving ranges of 3.267 times their average or more are left out of it, once; if all that is left is 0
    (one event in a flat series), none is left out, else every point would be outside.
    """
    moves = value.diff().abs()
    if follows is not None:
        moves = pl.when(follows).then(moves)
    average = moves.mean()
    if screened:
        ordinary = moves.filter(moves < WIDEST_ORDINARY_MOVE * average).mean()
        average = pl.when(ordinary > SLACK * average).then(ordinary).otherwise(average)
    mean, width = value.mean(), WIDTH_OF_LIMITS * average
    return mean, mean - width, mean + width
