"""The ordinary variation of a series: the limits of an XmR chart, as polars expressions."""

from __future__ import annotations

import polars as pl

WIDTH_OF_LIMITS = 2.66
WIDEST_ORDINARY_MOVE = 3.267


def xmr_limits(value: pl.Expr, screened: bool = True) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Mean, lower and upper limit of a series in the order of time, in its unit; nulls are left out.

    mean ± 2.66 times the average moving range (NHSRplotthedots, R/ptd_spc_standard.R). Screened: moving ranges of
    3.267 times their average or more are left out of it, once. Null limits below two points.
    """
    points = value.drop_nulls()
    moves = points.diff().abs().drop_nulls()
    if screened:
        moves = moves.filter((moves < WIDEST_ORDINARY_MOVE * moves.mean()) | (moves == 0))
    mean, width = points.mean(), WIDTH_OF_LIMITS * moves.mean()
    return mean, mean - width, mean + width
