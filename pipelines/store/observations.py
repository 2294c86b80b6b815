"""The one door out for figures: every load names its territories and its audience."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipelines.store.connection import Store, When, find_moment
from pipelines.store.masks import apply_masks, masks_at, read_unmasked
from schemas.observation import KEY, NUMBERS
from schemas.words import Audience

HISTORY = """
    WITH life AS (
        SELECT submission_id, max(sequence) FILTER (state = 'approved') AS approved_sequence,
               max(sequence) FILTER (state = 'withdrawn') AS withdrawn_sequence
        FROM submission_event WHERE sequence <= $moment GROUP BY submission_id
        HAVING max(sequence) FILTER (state = 'approved') IS NOT NULL
    ),
    told AS (
        SELECT submission_id, submission_event.sequence, by_account, happened_at,
               coalesce(submission_event.reason, submission.reason) AS reason
        FROM submission_event JOIN submission USING (submission_id)
        WHERE state IN ('approved', 'withdrawn')
    ),
    versions AS (
        SELECT observation.*, approved_sequence, withdrawn_sequence,
               lead(life.submission_id) OVER same AS next_id, lead(approved_sequence) OVER same AS next_sequence
        FROM observation JOIN life USING (submission_id)
        WHERE list_contains($territories, territory_code)
          AND ($indicators IS NULL OR list_contains($indicators, indicator_code))
        WINDOW same AS (
            PARTITION BY territory_code, qpv_code, indicator_code, period, dimension, category
            ORDER BY approved_sequence
        )
    )
    SELECT versions.* EXCLUDE (approved_sequence, withdrawn_sequence, next_id, next_sequence),
           told.sequence AS revised_sequence, told.happened_at AS revised_at, told.by_account AS revised_by,
           told.reason AS revised_reason
    FROM versions JOIN told
      ON (told.sequence = withdrawn_sequence AND told.submission_id = versions.submission_id
          AND (next_sequence IS NULL OR withdrawn_sequence < next_sequence))
      OR (told.sequence = next_sequence AND told.submission_id = next_id
          AND (withdrawn_sequence IS NULL OR next_sequence < withdrawn_sequence))
    ORDER BY territory_code, indicator_code, qpv_code, dimension, category, period_start, revised_sequence
"""
OBSERVATIONS = """
    SELECT * EXCLUDE (approved_sequence) REPLACE (submission_id::VARCHAR AS submission_id)
    FROM observations_at($moment, $territories, $indicators)
    ORDER BY territory_code, indicator_code, qpv_code, dimension, category, period_start
"""


def load_observations(
    store: Store,
    territories: Iterable[str],
    audience: Audience,
    indicators: Iterable[str] | None = None,
    as_of: When = None,
) -> pl.DataFrame:
    """The current view of these territories at a moment (None: now), masked for the audience.

    One row a key, ordered by it, with `is_masked`; a masked row has no number. Rates are in percent. Remarks are
    written for people of the programme: the public gets none.
    """
    cursor = store.cursor()
    moment = find_moment(cursor, as_of)
    territories = sorted(territories)
    wanted = {
        "moment": moment,
        "territories": territories,
        "indicators": None if indicators is None else sorted(indicators),
    }
    rows = apply_masks(read_unmasked(cursor, OBSERVATIONS, wanted), masks_at(cursor, moment, audience, territories))
    return rows.with_columns(comment=pl.lit("")) if audience is Audience.PUBLIC else rows


def load_revisions(
    store: Store,
    territories: Iterable[str],
    audience: Audience,
    indicators: Iterable[str] | None = None,
    as_of: When = None,
) -> pl.DataFrame:
    """Values that were approved and no longer stand at a moment, masked for the audience, in the order they fell.

    As `load_observations`, with `revised_at` (UTC), `revised_by` and `revised_reason` of what took their place or
    withdrew them; the reason, which may hold the figure, is for the territory only. A value that was only said again
    is no revision.
    """
    cursor = store.cursor()
    moment, territories = find_moment(cursor, as_of), sorted(territories)
    wanted = None if indicators is None else sorted(indicators)
    found = read_unmasked(cursor, HISTORY, {"moment": moment, "territories": territories, "indicators": wanted})
    now = load_observations(store, territories, audience, wanted, as_of)
    rows = apply_masks(found, masks_at(cursor, moment, audience, territories)).with_columns(
        pl.col("submission_id").cast(pl.String), pl.col("revised_at").dt.replace_time_zone("UTC")
    )
    if audience is not Audience.TERRITORY:
        rows = rows.with_columns(revised_reason=pl.lit(None, pl.String))
    said = [*KEY, *NUMBERS, "obs_status"]
    return rows.join(now.select(said), on=said, how="anti", nulls_equal=True)
