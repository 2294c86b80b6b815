"""Who did what when, for every write: read by whoever has the store in hand, by no page."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.store.connection import Store, as_utc

ROWS = """
    SELECT sequence, happened_at, account_id, action, subject FROM audit
    WHERE $since IS NULL OR happened_at >= $since ORDER BY sequence, happened_at
"""


def load_audit(store: Store, since: datetime | None = None) -> pl.DataFrame:
    """One row a write, in their order: sequence, happened_at (UTC), account_id, action, subject."""
    rows = store.cursor().execute(ROWS, {"since": as_utc(since) if since else None}).pl()
    return rows.with_columns(pl.col("happened_at").dt.replace_time_zone("UTC"))
