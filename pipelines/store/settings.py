"""What a territory chose for itself: so far, whether a deposit without warning is approved at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb

from pipelines.store.connection import Store

APPROVE_AT_ONCE = "approve_at_once"
ADD = """
    INSERT INTO territory_setting BY NAME
    SELECT $sequence AS sequence, $territory AS territory_code, $name AS name, $value AS value
"""
LATEST = """
    SELECT territory_code, arg_max(value, sequence) FROM territory_setting
    WHERE name = $name AND list_contains($territories, territory_code) GROUP BY territory_code
"""


def save_approval_at_once(store: Store, territory: str, is_wanted: bool, by: str, at: datetime) -> None:
    """From now on this territory's deposits without warning are approved as they come, or wait for someone."""
    with store.commit("setting", at, by, territory) as (cursor, sequence):
        value = "yes" if is_wanted else "no"
        cursor.execute(ADD, {"sequence": sequence, "territory": territory, "name": APPROVE_AT_ONCE, "value": value})


def approves_at_once(cursor: duckdb.DuckDBPyConnection, territories: Iterable[str]) -> bool:
    """Whether all of these territories chose it; none did at first."""
    wanted = set(territories)
    found = cursor.execute(LATEST, {"name": APPROVE_AT_ONCE, "territories": sorted(wanted)}).fetchall()
    return bool(wanted) and {territory for territory, value in found if value == "yes"} == wanted


def load_approval_at_once(store: Store, territory: str) -> bool:
    return approves_at_once(store.cursor(), [territory])
