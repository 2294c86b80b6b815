"""The mask plan: made at each commit on everything it touched, saved append-only, applied by every load."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.store.connection import Store
from schemas.observation import KEY
from schemas.words import Audience

HIDDEN_WITH_A_CELL = ("numerator", "denominator", "value", "respondents", "response_rate")
CELLS = """
    SELECT territory_code, qpv_code, indicator_code, period, dimension, category,
           numerator, denominator, value, conf_status
    FROM observations_at($moment, NULL, $indicators)
    UNION ALL
    SELECT territory_code, qpv_code, indicator_code, ref_period, dimension, category,
           ref_numerator, ref_denominator, ref_value, 'libre'
    FROM targets
    WHERE ref_period IS NOT NULL
      AND sequence <= $moment
      AND ($indicators IS NULL OR list_contains($indicators, indicator_code))
"""
SHEETS = """
    SELECT indicator_code, sheet.unit, sheet.counted_unit, sheet.k_threshold, sheet.source_kind, sheet.is_sensitive
    FROM (
        SELECT indicator_code, arg_max(indicators, (version, sequence)) AS sheet
        FROM indicators
        WHERE sequence <= $moment
        GROUP BY indicator_code
    )
"""
MASKS = "SELECT * FROM masks_at($moment, $audience)"


def save_masks(store: Store, cursor: duckdb.DuckDBPyConnection, sequence: int, indicators: list[str] | None) -> None:
    """Plan the masks of each audience for these indicators (None: all) and add those that are new."""
    cells = cursor.execute(CELLS, {"moment": sequence, "indicators": indicators}).pl()
    everything = cells.join(cursor.execute(SHEETS, {"moment": sequence}).pl(), on="indicator_code")
    for audience in Audience:
        earlier = masks_at(cursor, sequence, audience)
        planned = store.plan_masks(everything, audience, earlier)
        fresh = planned.join(earlier, on=KEY, how="anti").select(
            sequence=pl.lit(sequence),
            audience=pl.lit(audience.value),
            **{name: pl.col(name) for name in KEY},
            reason="reason",
        )
        if len(fresh):
            cursor.from_arrow(fresh.to_arrow()).insert_into("mask")


def masks_at(cursor: duckdb.DuckDBPyConnection, moment: int, audience: Audience) -> pl.DataFrame:
    """The masked keys of an audience at a moment, with `mask_reason`."""
    return cursor.execute(MASKS, {"moment": moment, "audience": audience.value}).pl()


def apply_masks(rows: pl.DataFrame, masks: pl.DataFrame, hidden: tuple[str, ...] = HIDDEN_WITH_A_CELL) -> pl.DataFrame:
    """Empty the hidden columns of masked rows and say so in `is_masked`; a remark may hold the figure: it goes too."""
    marked = rows.join(masks.with_columns(is_masked=pl.lit(True)), on=KEY, how="left", maintain_order="left")
    is_masked = pl.col("is_masked").fill_null(False)
    empty = [pl.when(~is_masked).then(pl.col(name)).alias(name) for name in hidden]
    if "comment" in rows.columns:
        empty.append(pl.when(is_masked).then(pl.lit("")).otherwise(pl.col("comment")).alias("comment"))
    return marked.with_columns(*empty, is_masked=is_masked).drop("mask_reason")
