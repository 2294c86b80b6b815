"""A million rows from the file to the committed store, over an unvalidated DuckDB load of the same file.

Included: reading, the scan for personal data, every rule, the warnings, the difference, the issues and the masks.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from measures.disclosure import plan_masks
from measures.plausibility import check_plausibility
from pipelines.deposit import add_warnings, prepare_submission
from pipelines.store import load_observations, open_store, save_catalogue, save_submission
from schemas.observation import OBSERVATION_COLUMNS
from schemas.words import Audience
from settings import Settings
from tests.bench.many_rows import NOW, make_catalogue, make_file
from tests.bench.rounds import say, time_rounds

TYPE_OF_KIND = {"decimal": "DOUBLE", "percent": "DOUBLE", "integer": "BIGINT", "date": "DATE"}


def main(rows: int = 1_000_000, rounds: int = 3) -> None:
    content, territories = make_file(rows, 0.0, thousands="")  # DuckDB reads no other
    catalogue = make_catalogue(len(territories))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "figures.csv"
        source.write_bytes(content)

        def load_only() -> None:
            target = Path(folder) / "plain.duckdb"
            target.unlink(missing_ok=True)
            columns = {column.heading: TYPE_OF_KIND.get(column.kind, "VARCHAR") for column in OBSERVATION_COLUMNS}
            connection = duckdb.connect(str(target))
            figures = connection.read_csv(str(source), sep=";", header=True, decimal=",", columns=columns)
            figures.create("figures")
            connection.execute("CHECKPOINT")
            connection.close()

        empty = Path(folder) / "empty.duckdb"
        store = open_store(Settings(store_path=empty), plan_masks)
        save_catalogue(store, catalogue, NOW)
        store.close()

        def deposit() -> None:
            target = Path(shutil.copy(empty, tempfile.mkdtemp(dir=folder)))
            store = open_store(Settings(store_path=target), plan_masks)
            previous = load_observations(store, territories, Audience.TERRITORY)
            read = source.read_bytes()
            prepared = prepare_submission(read, source.name, territories, catalogue, previous, lambda: NOW)
            prepared = add_warnings(prepared, check_plausibility(prepared.rows, previous, catalogue))
            receipt = save_submission(store, prepared, "bench", NOW)
            assert receipt.rows == rows
            store.close()
            shutil.rmtree(target.parent)

        seconds = time_rounds({"load": load_only, "deposit": deposit}, rounds)
    say("file to committed store / unvalidated load", seconds["deposit"] / seconds["load"], "<= 3")


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000)
