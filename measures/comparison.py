"""Which territories may stand on one chart, and why the others may not."""

from __future__ import annotations

import polars as pl

from measures.display import FEWEST_FOR_PERCENT, RATES

c = pl.col


def compare_territories(progress: pl.DataFrame) -> pl.DataFrame:
    """The latest row of each territory for one indicator, with `left_out`: null, or why it cannot stand beside others.

    The common period is the latest that any territory has. Reasons, first match: no_figure, masked, other_period,
    broken_series, too_few. `moved` says better, worse or unclear against the territory's own baseline.
    """
    whole = (c("qpv_code") == "") & (c("dimension") == "total")
    latest = progress.filter(whole & c("is_latest")).unique("territory_code", keep="first", maintain_order=True)
    common = latest.filter(c("value").is_not_null() | c("is_masked"))["period"].max()
    too_few = (c("n") < FEWEST_FOR_PERCENT) & c("unit").is_in(RATES)
    left_out = (
        pl.when(c("period").is_null() | (c("value").is_null() & ~c("is_masked")))
        .then(pl.lit("no_figure"))
        .when(c("is_masked"))
        .then(pl.lit("masked"))
        .when(c("period") != common)
        .then(pl.lit("other_period"))
        .when(c("has_break"))
        .then(pl.lit("broken_series"))
        .when(too_few)
        .then(pl.lit("too_few"))
    )
    moved = (
        pl.when(c("ref_value").is_null() | c("change_low").is_null() | (c("polarity") == "none"))
        .then(None)
        .when(c("change_low") > 0)
        .then(pl.lit("better"))
        .when(c("change_high") < 0)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("unclear"))
    )
    return latest.with_columns(left_out=left_out, moved=moved, common_period=pl.lit(common))
