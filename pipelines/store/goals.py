"""What each indicator of a territory is measured against: its target and baseline beside its sheet."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipelines.store.catalogue import catalogue_at
from pipelines.store.connection import Store, When, find_moment
from pipelines.store.masks import Unmasked, apply_masks, masks_at
from schemas.catalogue import BASELINE, Catalogue
from schemas.words import Audience

SHEET = (
    "unit",
    "decimals",
    "polarity",
    "frequency",
    "delay_months",
    "components",
    "has_interval",
    "counted_unit",
    "k_threshold",
    "collection_method",
    "min_period_gap",
)
PLACE = ("territory_code", "qpv_code", "indicator_code", "dimension", "category")
SEEN = """
    SELECT DISTINCT territory_code, qpv_code, indicator_code, dimension, category
    FROM observations_at($moment, $territories, NULL)
    WHERE dimension = 'total'
"""


def load_goals(store: Store, territories: Iterable[str], audience: Audience, as_of: When = None) -> pl.DataFrame:
    """One row a goal-indicator with its latest target version; an observed indicator without target is `watch_only`.

    The baseline is a figure like any other: where its cell is masked for the audience it has no number
    (`is_ref_masked`). `population`: the inhabitants of the place, as far as they are known.
    """
    cursor = store.cursor()
    moment = find_moment(cursor, as_of)
    wanted = sorted(territories)
    catalogue = catalogue_at(cursor, moment)
    targets = (
        catalogue.targets.filter(pl.col("territory_code").is_in(wanted))
        .sort("target_version")
        .unique([*PLACE, "goal_code"], keep="last", maintain_order=True)
    )
    seen = cursor.execute(SEEN, {"moment": moment, "territories": wanted}).pl()
    watched = seen.join(targets, on=PLACE, how="anti").with_columns(kind=pl.lit("watch_only"), shape=pl.lit("linear"))
    goals = pl.concat([targets, watched], how="diagonal")
    baselines = goals.rename({"ref_period": "period"})
    masks = masks_at(cursor, moment, audience, wanted)
    dated = [pl.when(pl.col("period").is_not_null()).then(pl.col(name)).alias(name) for name in BASELINE]
    masked = apply_masks(Unmasked(baselines.with_columns(dated)), masks, BASELINE)
    sheets = catalogue.indicators.sort("version").unique("indicator_code", keep="last")
    return (
        masked.rename({"period": "ref_period", "is_masked": "is_ref_masked"})
        .join(sheets.select("indicator_code", *SHEET), on="indicator_code", how="left")
        .join(_count_inhabitants(catalogue), on=["territory_code", "qpv_code"], how="left")
        .sort(*PLACE, "goal_code", nulls_last=True)
    )


def _count_inhabitants(catalogue: Catalogue) -> pl.DataFrame:
    """Of each quartier, and of each territory all of whose quartiers are known: at least as many as any survey asks."""
    latest = catalogue.quartiers.sort("zoning_vintage").unique("qpv_code", keep="last")
    places = catalogue.territory_quartiers.filter(pl.col("valid_to").is_null()).select("territory_code", "qpv_code")
    known = places.unique().join(latest.select("qpv_code", pl.col("population").cast(pl.Float64)), on="qpv_code")
    whole = known.group_by("territory_code").agg(
        pl.when(pl.col("population").is_not_null().all()).then(pl.col("population").sum()), qpv_code=pl.lit("")
    )
    return pl.concat([known, whole.select(known.columns)])
