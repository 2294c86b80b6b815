"""What a person corrected of a file on the page: kept with its draft as it is typed, and with the deposit for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from pipelines.repairs import merge_repairs, refuse_names, undo
from pipelines.store.connection import Store
from schemas.submission import Repair, SubmissionState

ADD = """
    INSERT INTO submission_repair BY NAME
    SELECT $id::UUID AS submission_id, $sequence AS sequence, unnest($sheets) AS sheet, unnest($rows) AS source_row,
           unnest($columns) AS column_name, unnest($old) AS old_value, unnest($new) AS new_value
"""
OF_ONE = """
    SELECT source_row, column_name, old_value, new_value, sheet FROM submission_repair
    WHERE submission_id = $id::UUID ORDER BY sequence
"""
STATE = "SELECT state FROM states_at($moment) WHERE submission_id = $id::UUID"


class DraftEnded(Exception):
    """The draft was sent or put away meanwhile, in another tab: what was typed is not kept."""


def save_repairs(store: Store, draft: str, repairs: Sequence[Repair], by: str, at: datetime) -> None:
    """Keep what was typed in cells of a draft.

    Raises RepairNamesSomebody, and keeps nothing, where a cell holds personal data, and DraftEnded.
    """
    refuse_names(repairs)
    if repairs:
        with store.commit("repair", at, by, draft) as (cursor, sequence):
            found = cursor.execute(STATE, {"moment": sequence, "id": draft}).fetchone()
            if found is None or found[0] != SubmissionState.DRAFT.value:
                raise DraftEnded(draft)
            _add(cursor, sequence, draft, repairs)


def load_repairs(store: Store, submission_id: str) -> tuple[Repair, ...]:
    """The corrections of a draft or a deposit that stand, in the order in which its cells were first touched."""
    return repairs_of(store.cursor(), submission_id)


def repairs_of(cursor: duckdb.DuckDBPyConnection, submission_id: str) -> tuple[Repair, ...]:
    found = cursor.execute(OF_ONE, {"id": submission_id}).fetchall()
    return merge_repairs((), [Repair(*row) for row in found])


def keep_repairs(
    cursor: duckdb.DuckDBPyConnection, sequence: int, submission_id: str, repairs: Sequence[Repair]
) -> None:
    """Make what is kept of a deposit exactly these corrections."""
    known = repairs_of(cursor, submission_id)
    wanted = {(one.sheet, one.row, one.column) for one in repairs}
    fresh = [one for one in repairs if one not in known]
    gone = [one for one in known if (one.sheet, one.row, one.column) not in wanted]
    _add(cursor, sequence, submission_id, [*fresh, *undo(gone)])


def _add(cursor: duckdb.DuckDBPyConnection, sequence: int, submission_id: str, repairs: Sequence[Repair]) -> None:
    if not repairs:
        return
    values = {
        "sheets": [one.sheet for one in repairs],
        "rows": [one.row for one in repairs],
        "columns": [one.column for one in repairs],
        "old": [one.old for one in repairs],
        "new": [one.new for one in repairs],
    }
    cursor.execute(ADD, {"id": submission_id, "sequence": sequence, **values})
