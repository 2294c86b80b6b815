"""What the words of a territory's files mean: kept once answered, for its next file."""

from __future__ import annotations

from datetime import datetime

from pipelines.store.connection import Store, find_moment

MAPPINGS = """
    SELECT layout, arg_max(mapping, sequence) FROM territory_mapping
    WHERE territory_code = $territory AND sequence <= $moment GROUP BY layout
"""


def save_mapping(store: Store, territory_code: str, layout: str, mapping: str, at: datetime) -> None:
    """Keep a mapping (as text) for the files of this layout that the territory sends; the earlier ones stay."""
    with store.commit("mapping", at) as (cursor, sequence):
        cursor.execute("INSERT INTO territory_mapping VALUES (?, ?, ?, ?)", [sequence, territory_code, layout, mapping])


def load_mappings(store: Store, territory_code: str, as_of: datetime | None = None) -> dict[str, str]:
    """The mapping of each layout, as text."""
    cursor = store.cursor()
    values = {"territory": territory_code, "moment": find_moment(cursor, as_of)}
    return dict(cursor.execute(MAPPINGS, values).fetchall())
