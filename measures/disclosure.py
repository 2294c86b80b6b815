"""Statistical secrecy: which cells an audience may not see. Here: primary suppression."""

from __future__ import annotations

import polars as pl

from schemas.observation import KEY
from schemas.words import Audience, ConfStatus

SECRET_UNITS = ("person", "household", "enterprise")
FEWEST_FISCAL = 11


def plan_masks(everything: pl.DataFrame, audience: Audience, earlier_masks: pl.DataFrame) -> pl.DataFrame:
    """The keys to mask for an audience, each with its `reason`: small_count, sensitive or confidential.

    `everything`: one row a cell with its key, numerator, denominator, value, conf_status and, from the sheet, unit,
    counted_unit, k_threshold, source_kind, is_sensitive. A territory sees its own cells, the fiscal ones excepted.
    A cell once masked stays masked: the earlier keys come back with the new ones.
    """
    reason = (
        pl.when(_is_confidential(audience))
        .then(pl.lit("confidential"))
        .when(_is_small() & _concerns(audience))
        .then(pl.lit("small_count"))
        .when(_discloses_all() & _concerns(audience))
        .then(pl.lit("sensitive"))
    )
    masked = everything.select(*KEY, reason=reason).filter(pl.col("reason").is_not_null()).unique(KEY, keep="first")
    earlier = earlier_masks.select(*KEY, reason="mask_reason")
    return pl.concat([earlier, masked.join(earlier, on=KEY, how="anti")])


def _is_confidential(audience: Audience) -> pl.Expr:
    hidden = {
        Audience.PUBLIC: [ConfStatus.SECRET.value, ConfStatus.INTERNAL.value],
        Audience.NATIONAL: [ConfStatus.SECRET.value],
        Audience.TERRITORY: [],
    }[audience]
    return pl.col("conf_status").is_in(hidden)


def _concerns(audience: Audience) -> pl.Expr:
    return pl.col("source_kind") == "fiscal" if audience is Audience.TERRITORY else pl.lit(True)


def _threshold() -> pl.Expr:
    return (
        pl.when(pl.col("source_kind") == "fiscal")
        .then(pl.max_horizontal("k_threshold", pl.lit(FEWEST_FISCAL)))
        .otherwise(pl.col("k_threshold"))
    )


def _is_small() -> pl.Expr:
    k = _threshold()
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    rest = denominator - numerator
    count = pl.when(pl.col("unit") == "count").then(pl.col("value"))
    small = [
        (numerator > 0) & (numerator < k),
        (rest > 0) & (rest < k),
        denominator < k,
        (count > 0) & (count < k),
    ]
    return pl.any_horizontal(test.fill_null(False) for test in small) & pl.col("counted_unit").is_in(SECRET_UNITS)


def _discloses_all() -> pl.Expr:
    """0 % or 100 % of a sensitive matter says it of each person."""
    numerator, denominator, value = pl.col("numerator"), pl.col("denominator"), pl.col("value")
    by_parts = ((numerator == 0) | (numerator == denominator)).fill_null(False)
    by_rate = ((pl.col("unit") == "percent") & value.is_in([0.0, 100.0])).fill_null(False)
    return pl.col("is_sensitive") & pl.col("counted_unit").is_in(SECRET_UNITS) & (by_parts | by_rate)
