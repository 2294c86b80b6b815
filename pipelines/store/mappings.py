"""What a territory answered about the layout of its files: kept for its next ones, the latest answer counts."""

from __future__ import annotations

from datetime import datetime

from pipelines.store.connection import Store

ADD = "INSERT INTO territory_mapping VALUES (?, ?, ?, ?, ?)"
LATEST = """
    SELECT layout, arg_max(mapping, sequence) FROM territory_mapping WHERE territory_code = ? GROUP BY layout
"""


def save_mapping(store: Store, territory: str, layout: str, mapping: str, by: str, at: datetime) -> None:
    """Keep the text of a mapping for this territory's files of this layout; '' forgets the earlier one."""
    with store.commit("mapping", at, by, territory) as (cursor, sequence):
        cursor.execute(ADD, [sequence, territory, layout, mapping, by])


def load_mappings(store: Store, territory: str) -> dict[str, str]:
    """Layout name -> text of the mapping kept for it."""
    return {layout: text for layout, text in store.cursor().execute(LATEST, [territory]).fetchall() if text}
