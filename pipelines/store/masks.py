"""The mask plan: made at each commit on everything it touched, saved append-only, applied by every load."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.store.connection import Store, latest_moment
from schemas.observation import KEY
from schemas.words import Audience

HIDDEN_WITH_A_CELL = ("numerator", "denominator", "value", "respondents", "response_rate")
TOUCHED = """
    SELECT DISTINCT territory_code, indicator_code, period FROM observation WHERE submission_id = $id::UUID
"""
# Between bounds, DuckDB passes over the row groups that were sent for other periods.
CELLS = """
    SELECT territory_code, qpv_code, indicator_code, period, dimension, category,
           numerator, denominator, value, conf_status
    FROM observations_at($moment, $territories, $indicators)
    WHERE $periods IS NULL
       OR (list_contains($periods, period) AND period BETWEEN list_min($periods) AND list_max($periods))
    UNION ALL
    SELECT territory_code, qpv_code, indicator_code, ref_period, dimension, category,
           ref_numerator, ref_denominator, ref_value, 'libre'
    FROM targets
    WHERE ref_period IS NOT NULL
      AND sequence <= $moment
      AND ($territories IS NULL OR list_contains($territories, territory_code))
      AND ($indicators IS NULL OR list_contains($indicators, indicator_code))
      AND ($periods IS NULL OR list_contains($periods, ref_period))
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
MASKS = """
    SELECT * FROM masks_at($moment, $audience)
    WHERE ($territories IS NULL OR list_contains($territories, territory_code))
      AND ($periods IS NULL
           OR (list_contains($periods, period) AND period BETWEEN list_min($periods) AND list_max($periods)))
"""


def save_masks(
    store: Store, cursor: duckdb.DuckDBPyConnection, sequence: int, submission_id: str | None = None
) -> None:
    """Plan the masks of each audience on what a submission touches (None: on everything) and add those that are new.

    It touches the cells of its territories, indicators and periods, whoever sent them, and the baselines there.
    """
    wanted: dict[str, list[str] | None] = {"territories": None, "indicators": None, "periods": None}
    if submission_id is not None:
        touched = cursor.execute(TOUCHED, {"id": submission_id}).pl()
        names = {"territories": "territory_code", "indicators": "indicator_code", "periods": "period"}
        wanted = {name: touched[column].unique().sort().to_list() for name, column in names.items()}
    cells = cursor.execute(CELLS, {"moment": sequence, **wanted}).pl()
    everything = cells.join(cursor.execute(SHEETS, {"moment": sequence}).pl(), on="indicator_code")
    for audience in Audience:
        earlier = masks_at(cursor, sequence, audience, wanted["territories"], wanted["periods"])
        planned = store.plan_masks(everything, audience, earlier)
        fresh = planned.join(earlier, on=KEY, how="anti").select(
            sequence=pl.lit(sequence),
            audience=pl.lit(audience.value),
            **{name: pl.col(name) for name in KEY},
            reason="reason",
        )
        if len(fresh):
            cursor.from_arrow(fresh.to_arrow()).insert_into("mask")


def plan_for_rows(
    store: Store, cursor: duckdb.DuckDBPyConnection, moment: int, rows: pl.DataFrame, audience: Audience
) -> pl.DataFrame:
    """The masks as they would be for these rows, which nobody approved yet."""
    everything = rows.join(cursor.execute(SHEETS, {"moment": moment}).pl(), on="indicator_code")
    territories, periods = (rows[name].unique().sort().to_list() for name in ("territory_code", "period"))
    planned = store.plan_masks(everything, audience, masks_at(cursor, moment, audience, territories, periods))
    return planned.select(*KEY, mask_reason="reason").unique(KEY)


def count_masked(store: Store, rows: pl.DataFrame) -> int:
    """How many of these rows the public will not see, by the rules of secrecy."""
    cursor = store.cursor()
    masked = plan_for_rows(store, cursor, latest_moment(cursor), rows, Audience.PUBLIC)
    return rows.join(masked, on=KEY, how="semi").height


def masks_at(
    cursor: duckdb.DuckDBPyConnection,
    moment: int,
    audience: Audience,
    territories: list[str] | None = None,
    periods: list[str] | None = None,
) -> pl.DataFrame:
    """The masked keys of an audience at a moment in these territories and periods (None: all), with `mask_reason`."""
    values = {"moment": moment, "audience": audience.value, "territories": territories, "periods": periods}
    return cursor.execute(MASKS, values).pl()


def apply_masks(rows: pl.DataFrame, masks: pl.DataFrame, hidden: tuple[str, ...] = HIDDEN_WITH_A_CELL) -> pl.DataFrame:
    """Empty the hidden columns of masked rows and say so in `is_masked`; a remark may hold the figure: it goes too."""
    marked = rows.join(masks.with_columns(is_masked=pl.lit(True)), on=KEY, how="left", maintain_order="left")
    is_masked = pl.col("is_masked").fill_null(False)
    empty = [pl.when(~is_masked).then(pl.col(name)).alias(name) for name in hidden]
    if "comment" in rows.columns:
        empty.append(pl.when(is_masked).then(pl.lit("")).otherwise(pl.col("comment")).alias("comment"))
    return marked.with_columns(*empty, is_masked=is_masked).drop("mask_reason")
