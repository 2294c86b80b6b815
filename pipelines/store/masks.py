"""The mask plan: made at each commit on everything it touched, saved append-only, applied by every load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from pipelines.store.connection import Store, latest_moment
from schemas.account import COMMAND_LINE
from schemas.observation import KEY
from schemas.words import SECRET_UNITS, Audience, ConfStatus

RULES = 2
"""The rules of suppression by which masks are planned: moves when they do, and every store is planned anew."""
TOUCHING = ("territory_code", "indicator_code", "period")
HIDDEN_WITH_A_CELL = ("numerator", "denominator", "value", "respondents", "response_rate")
TOUCHED = """
    SELECT DISTINCT territory_code, indicator_code, period FROM observation WHERE submission_id = $id::UUID
"""
# Between bounds, DuckDB passes over the row groups that were sent for other periods. A figure that no longer stands is
# planned with those that do: whoever saw it remembers. `seen_since` counts every approval of the same figures.
CELLS = """
    WITH life AS (
        SELECT submission_id, arg_max(state, step) = 'approved' AS stands,
               min(sequence) FILTER (state = 'approved') AS first_sequence,
               max(sequence) FILTER (state = 'approved') AS approved_sequence
        FROM submission_event WHERE sequence <= $moment GROUP BY submission_id HAVING first_sequence IS NOT NULL
    ),
    versions AS (
        SELECT observation.*, stands, approved_sequence, coalesce(value, numerator, denominator) IS NOT NULL AS is_told,
               least(
                   min(first_sequence) OVER (
                       PARTITION BY territory_code, qpv_code, indicator_code, period, dimension, category,
                                    numerator, denominator, value
                   ),
                   min(CASE WHEN value IS NOT NULL THEN first_sequence END) OVER (
                       PARTITION BY territory_code, qpv_code, indicator_code, period, dimension, category,
                                    round(value, 6)
                   )
               ) AS seen_since
        FROM observation JOIN life USING (submission_id)
        WHERE ($territories IS NULL OR list_contains($territories, territory_code))
          AND ($indicators IS NULL OR list_contains($indicators, indicator_code))
          AND ($periods IS NULL
               OR (list_contains($periods, period) AND period BETWEEN list_min($periods) AND list_max($periods)))
    ),
    last_ones AS (
        SELECT * EXCLUDE (conf_status), first_value(conf_status) OVER (
                   PARTITION BY territory_code, qpv_code, indicator_code, period, dimension, category
                   ORDER BY stands DESC, approved_sequence DESC
               ) AS conf_status
        FROM versions
        QUALIFY row_number() OVER (
            PARTITION BY territory_code, qpv_code, indicator_code, period, dimension, category
            ORDER BY stands AND is_told DESC, is_told DESC, approved_sequence DESC
        ) = 1
    )
    SELECT territory_code, qpv_code, indicator_code, period, dimension, category, numerator, denominator, value,
           respondents, conf_status, CASE WHEN seen_since < $now THEN seen_since END AS seen_since,
           false AS is_baseline, is_told, approved_sequence AS sequence
    FROM last_ones
    UNION ALL
    SELECT territory_code, qpv_code, indicator_code, ref_period, dimension, category, ref_numerator, ref_denominator,
           ref_value, NULL, 'libre', CASE WHEN sequence < $now THEN sequence END, true, ref_value IS NOT NULL, sequence
    FROM targets
    WHERE ref_period IS NOT NULL
      AND sequence <= $moment
      AND ($territories IS NULL OR list_contains($territories, territory_code))
      AND ($indicators IS NULL OR list_contains($indicators, indicator_code))
      AND ($periods IS NULL OR list_contains($periods, ref_period))
    ORDER BY is_told DESC, is_baseline, sequence DESC
"""
# The strictest of all versions of a sheet: a later one does not uncover what an earlier one hid.
SHEETS = """
    SELECT indicator_code, arg_max(unit, (version, sequence)) AS unit, max(k_threshold) AS k_threshold,
           coalesce(max(counted_unit) FILTER (list_contains($secret_units, counted_unit)), max(counted_unit))
               AS counted_unit,
           coalesce(max(source_kind) FILTER (source_kind = 'fiscal'), max(source_kind)) AS source_kind,
           bool_or(is_sensitive) AS is_sensitive
    FROM (SELECT * FROM indicators WHERE sequence <= $moment)
    GROUP BY indicator_code
"""
MASKS = """
    SELECT * FROM masks_at($moment, $audience)
    WHERE ($territories IS NULL OR list_contains($territories, territory_code))
      AND ($indicators IS NULL OR list_contains($indicators, indicator_code))
      AND ($periods IS NULL
           OR (list_contains($periods, period) AND period BETWEEN list_min($periods) AND list_max($periods)))
"""


@dataclass(frozen=True)
class Unmasked:
    """Rows as the store has them, before anybody is asked who reads. No frame: `apply_masks` is the way to one."""

    _rows: pl.DataFrame

    def values_of(self, name: str) -> list[str]:
        """The distinct codes of a part of the key."""
        if name not in KEY:
            raise KeyError(name)
        return self._rows[name].unique().sort().to_list()


def read_unmasked(cursor: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> Unmasked:
    """The rows of a query on observations or baselines."""
    return Unmasked(cursor.execute(query, values).pl())


def save_masks(
    store: Store, cursor: duckdb.DuckDBPyConnection, sequence: int, submission_id: str | None = None
) -> pl.DataFrame:
    """Plan the masks of each audience on what a submission touches (None: on everything) and add those that are new.

    It touches the tables of its territories, indicators and periods, whoever sent them, and the baselines there.
    Returns the keys there that the public does not see.
    """
    wanted = Touched() if submission_id is None else _touched_by(cursor, submission_id)
    cells = cursor.execute(CELLS, {"moment": sequence, "now": sequence, **asdict(wanted)}).pl()
    planned = cells.select(KEY).clear()
    for audience, earlier, planned in _plan(store, cursor, sequence, sequence, wanted, cells):
        fresh = planned.join(earlier, on=KEY, how="anti").select(
            sequence=pl.lit(sequence),
            audience=pl.lit(audience.value),
            **{name: pl.col(name) for name in KEY},
            reason="reason",
        )
        if len(fresh):
            cursor.from_arrow(fresh.to_arrow()).insert_into("mask")
    if submission_id is None:
        cursor.execute("INSERT INTO mask_rules VALUES (?, ?)", [sequence, RULES])
    return planned.select(KEY)


def plan_again(store: Store, at: datetime) -> None:
    """Where the masks of a store were planned by older rules, plan everything anew, as a commit of its own."""
    found = store.cursor().execute("SELECT max(rules) FROM mask_rules").fetchone()
    if store.version() and (found is None or (found[0] or 0) < RULES):
        with store.commit("secrecy", at, COMMAND_LINE) as (cursor, sequence):
            save_masks(store, cursor, sequence)


def count_masked(store: Store, rows: pl.DataFrame) -> int:
    """How many of these rows, which nobody approved yet, the public will not see beside what is approved."""
    if rows.is_empty():
        return 0
    cursor = store.cursor()
    moment = latest_moment(cursor)
    wanted = Touched(*(rows[name].unique().sort().to_list() for name in TOUCHING))
    approved = cursor.execute(CELLS, {"moment": moment, "now": moment + 1, **asdict(wanted)}).pl()
    same = [*KEY, "numerator", "denominator", "value"]
    seen = approved.unique(same).select(*same, "seen_since")
    coming = rows.join(seen, on=same, how="left", nulls_equal=True).with_columns(
        is_baseline=pl.lit(False),
        is_told=pl.any_horizontal(pl.col(same[-3:]).is_not_null()),
        sequence=pl.lit(moment + 1),
    )
    coming = coming.select(approved.columns)
    cells = pl.concat([coming.cast(approved.schema), approved.join(coming, on=KEY, how="anti")])
    planned = {audience: keys for audience, _, keys in _plan(store, cursor, moment, moment + 1, wanted, cells)}
    return rows.join(planned[Audience.PUBLIC], on=KEY, how="semi").height


@dataclass(frozen=True)
class Touched:
    """What is planned again; None is all."""

    territories: list[str] | None = None
    indicators: list[str] | None = None
    periods: list[str] | None = None


def _touched_by(cursor: duckdb.DuckDBPyConnection, submission_id: str) -> Touched:
    touched = cursor.execute(TOUCHED, {"id": submission_id}).pl()
    return Touched(*(touched[name].unique().sort().to_list() for name in TOUCHING))


def _plan(
    store: Store, cursor: duckdb.DuckDBPyConnection, moment: int, now: int, wanted: Touched, cells: pl.DataFrame
) -> Iterator[tuple[Audience, pl.DataFrame, pl.DataFrame]]:
    """Each audience with its earlier masks and its plan, from who sees most to who sees least.

    What one does not see those who see less do not either: they meet on the public pages.
    """
    everything = cells.join(
        cursor.execute(SHEETS, {"moment": moment, "secret_units": list(SECRET_UNITS)}).pl(),
        on="indicator_code",
        maintain_order="left",
    )
    inner: pl.DataFrame | None = None
    before: pl.DataFrame | None = None
    for audience in (Audience.TERRITORY, Audience.NATIONAL, Audience.PUBLIC):
        earlier = masks_at(cursor, moment, audience, wanted.territories, wanted.periods, wanted.indicators)
        known = earlier if inner is None else pl.concat([earlier, inner])
        if not (audience is Audience.PUBLIC and _see_the_same(everything, earlier, before)):
            planned = store.plan_masks(everything, audience, known)
        yield audience, earlier, planned
        inner, before = planned.select(*KEY, mask_reason="reason", masked_since=pl.lit(now, pl.Int64)), earlier


def _see_the_same(everything: pl.DataFrame, public: pl.DataFrame, national: pl.DataFrame | None) -> bool:
    """Whether the public's plan is the national team's: nothing there is `interne`, and both were hidden the same."""
    is_internal = (everything["conf_status"] == ConfStatus.INTERNAL.value).any()
    same = [*KEY, "masked_since"]
    return (
        national is not None
        and not is_internal
        and public.select(same).sort(same).equals(national.select(same).sort(same))
    )


def masks_at(
    cursor: duckdb.DuckDBPyConnection,
    moment: int,
    audience: Audience,
    territories: list[str] | None = None,
    periods: list[str] | None = None,
    indicators: list[str] | None = None,
) -> pl.DataFrame:
    """The masked keys of an audience at a moment in these places (None: all), with mask_reason and masked_since."""
    values = {"moment": moment, "audience": audience.value}
    asked = {"territories": territories, "periods": periods, "indicators": indicators}
    return cursor.execute(MASKS, values | asked).pl()


def apply_masks(rows: Unmasked, masks: pl.DataFrame, hidden: tuple[str, ...] = HIDDEN_WITH_A_CELL) -> pl.DataFrame:
    """Empty the hidden columns of masked rows and say so in `is_masked`; a remark may hold the figure: it goes too."""
    known = masks.select(*KEY, is_masked=pl.lit(True))
    marked = rows._rows.join(known, on=KEY, how="left", maintain_order="left")
    is_masked = pl.col("is_masked").fill_null(False)
    empty = [pl.when(~is_masked).then(pl.col(name)).alias(name) for name in hidden]
    if "comment" in marked.columns:
        empty.append(pl.when(is_masked).then(pl.lit("")).otherwise(pl.col("comment")).alias("comment"))
    return marked.with_columns(*empty, is_masked=is_masked)


def hide_all(rows: Unmasked) -> pl.DataFrame:
    """Every row masked."""
    return apply_masks(rows, rows._rows.select(KEY).unique())
