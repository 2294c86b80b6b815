"""Is anything in a store by half? Not a test."""

from __future__ import annotations

from pipelines.store import Store

HALVES = {
    "a deposit without its rows, or with some": """
        SELECT submission_id, filename FROM submission LEFT JOIN observation USING (submission_id)
        GROUP BY ALL HAVING count(source_row) <> any_value(rows)
    """,
    "rows without their deposit": """
        SELECT submission_id FROM observation ANTI JOIN submission USING (submission_id)
    """,
    "a deposit without its two events": """
        SELECT submission_id, filename FROM submission LEFT JOIN submission_event AS event USING (submission_id)
        GROUP BY ALL HAVING list(event.state ORDER BY step) <> ['submitted', 'approved']
    """,
    "events without their deposit": """
        SELECT submission_id FROM submission_event ANTI JOIN submission USING (submission_id)
    """,
    "a deposit without its commit": """
        SELECT filename FROM submission ANTI JOIN commit_log USING (sequence)
    """,
    "a commit without its deposit": """
        SELECT sequence FROM commit_log ANTI JOIN submission USING (sequence) WHERE what = 'deposit'
    """,
    "a commit without its audit": """
        SELECT sequence FROM commit_log ANTI JOIN audit USING (sequence)
    """,
}


def find_halves(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """What is there by half, by its fault; of approved deposits and catalogues, and of nothing else."""
    cursor = store.cursor()
    found = {fault: cursor.execute(query).fetchall() for fault, query in HALVES.items()}
    files = {path.name for path in store.originals.rglob("*") if path.is_file()}
    named = cursor.execute("SELECT DISTINCT sha256 FROM submission").fetchall()
    found["a deposit without its original"] = [sha256 for sha256 in named if sha256[0] not in files]
    return {fault: rows for fault, rows in found.items() if rows}
