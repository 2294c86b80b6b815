"""A process that deposits until it is killed: `deposit_in_a_loop.py STORE PREPARED`. Not a test.

It waits for its first number on standard input, opens the store and says each receipt, on one line, once it has it.
"""

from __future__ import annotations

import hashlib
import itertools
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from measures.disclosure import plan_masks
from pipelines.store import connection, open_store, save_submission
from schemas.submission import PreparedSubmission
from settings import Settings

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
CHECKPOINT_EVERY = 5
"""Deposits; a checkpoint is also made by any commit that finds the log long."""
LARGEST_LOG = 60_000


def make_distinct(bases: Sequence[PreparedSubmission], first: int) -> Iterator[tuple[int, PreparedSubmission]]:
    """The prepared submissions in turn, for ever, each time with other bytes."""
    for number in itertools.count(first):
        base = bases[number % len(bases)]
        content = base.content + f"# {number}".encode()
        sha256 = hashlib.sha256(content).hexdigest()
        yield number, replace(base, content=content, sha256=sha256, filename=f"{number}.csv")


def main(store_path: str, prepared_path: str) -> None:
    connection.LARGEST_LOG = LARGEST_LOG
    bases = pickle.loads(Path(prepared_path).read_bytes())
    first = int(sys.stdin.readline())
    store = open_store(Settings(store_path=Path(store_path)), plan_masks)
    for number, prepared in make_distinct(bases, first):
        receipt = save_submission(store, prepared, "officer", NOW, approve=True)
        sys.stdout.write(f"receipt {number} {receipt.submission_id} {receipt.sha256} {receipt.rows}\n")
        sys.stdout.flush()
        if number % CHECKPOINT_EVERY == 0:
            sys.stdout.write("checkpoint\n")
            sys.stdout.flush()
            store.checkpoint()


if __name__ == "__main__":
    main(*sys.argv[1:])
