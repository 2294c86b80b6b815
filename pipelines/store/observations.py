"""The one door out for figures: every load names its territories and its audience."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from pipelines.store.connection import Store, find_moment
from pipelines.store.masks import apply_masks, masks_at
from schemas.words import Audience

OBSERVATIONS = """
    SELECT * EXCLUDE (approved_sequence)
    FROM observations_at($moment, $territories, $indicators)
    ORDER BY territory_code, indicator_code, qpv_code, dimension, category, period_start
"""


def load_observations(
    store: Store,
    territories: Iterable[str],
    audience: Audience,
    indicators: Iterable[str] | None = None,
    as_of: datetime | None = None,
) -> pl.DataFrame:
    """The current view of these territories at a moment (None: now), masked for the audience.

    One row a key, ordered by it, with `is_masked`; a masked row has no number. Rates are in percent.
    """
    cursor = store.cursor()
    moment = find_moment(cursor, as_of)
    wanted = {
        "moment": moment,
        "territories": sorted(territories),
        "indicators": None if indicators is None else sorted(indicators),
    }
    rows = cursor.execute(OBSERVATIONS, wanted).pl()
    rows = rows.with_columns(pl.col("submission_id").cast(pl.String))
    return apply_masks(rows, masks_at(cursor, moment, audience))
