"""A deposit of 2 000 rows into a store of ten million observations, over the same into an empty store.

Timed: `save_submission` with approval, of a submission that is ready; interleaved rounds, medians. The large store is
made by SQL: 32 territories, the 48 indicators of the reference catalogue, as many quarters as it takes, quartiers and
categories, ten approved deposits a territory, a tenth of the cells masked.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import polars as pl

from measures.disclosure import plan_masks
from pipelines.deposit import prepare_submission
from pipelines.difference import compare_rows
from pipelines.store import Store, load_observations, open_store, save_catalogue, save_submission
from schemas.catalogue import Catalogue
from schemas.observation import KEY
from schemas.period import list_periods
from schemas.submission import PreparedSubmission
from schemas.words import Audience
from settings import Settings
from tests.bench.many_rows import NOW, make_catalogue
from tests.bench.rounds import say, time_rounds

TERRITORIES, QUARTIERS, CATEGORIES, DEPOSITS_EACH = 32, 12, 9, 10
ROWS_OF_A_DEPOSIT = 2_000
LAST_QUARTER = "2026-Q3"
FIRST_LINE = "code_territoire;code_indicateur;periode;valeur;source\r\n"

NUMBERS = """
    CREATE TEMP TABLE made AS
    SELECT uuidv7() AS submission_id, wave, territory, 2 + wave * $territories + territory AS sequence,
           TIMESTAMP '2020-01-01' + INTERVAL 1 HOUR * (wave * $territories + territory) AS made_at
    FROM range($deposits) AS waves(wave), range($territories) AS places(territory)
"""
OBSERVATIONS = """
    INSERT INTO observation BY NAME
    SELECT submission_id, 2 + cell AS source_row, format('FR-98-T{:05}', territory) AS territory_code,
           CASE quartier WHEN 0 THEN '' ELSE format('QN{:05}N', 100 * territory + quartier) END AS qpv_code,
           indicator_code, period, make_date(period[:4]::INT, 3 * period[7:]::INT - 2, 1) AS period_start,
           dimension, category, 1 AS indicator_version,
           CASE WHEN hash(cell, territory) % 10 = 0 THEN 3.0 ELSE 40.0 + hash(cell) % 60 END AS numerator,
           200.0 AS denominator, numerator / 2 AS value, 'normal' AS obs_status, 'libre' AS conf_status,
           'Mission locale' AS source, '' AS comment
    FROM made
    JOIN (SELECT period, (row_number() OVER (ORDER BY period) - 1) * $deposits // $quarters AS wave FROM quarter)
        USING (wave),
        followed, kind, range($quartiers) AS places(quartier),
        LATERAL (SELECT hash(period, indicator_code, quartier, dimension, category) % 1_000_000_000 AS cell)
    ORDER BY wave, territory
"""
MASKS = """
    INSERT INTO mask
    SELECT sequence, audience, territory_code, qpv_code, indicator_code, period, dimension, category, 'small_count'
    FROM observation JOIN made USING (submission_id), (VALUES ('public'), ('national')) AS seen(audience)
    WHERE numerator = 3.0
"""
LOG = """
    INSERT INTO commit_log SELECT sequence, made_at, 'deposit' FROM made;
    INSERT INTO audit SELECT sequence, made_at, 'officer', 'deposit', submission_id::VARCHAR FROM made;
    INSERT INTO submission BY NAME
    SELECT submission_id, sequence, [format('FR-98-T{:05}', territory)] AS territories, wave || '.csv' AS filename,
           sha256(submission_id::VARCHAR) AS sha256, '' AS mapping, '' AS sheet, false AS is_partial, rows,
           rows AS new_rows, 0 AS changed_rows, 0 AS unchanged_rows, 0 AS kept_rows, 0 AS masked_rows, 0 AS left_rows
    FROM made JOIN (SELECT submission_id, count(*) AS rows FROM observation GROUP BY ALL) USING (submission_id);
    INSERT INTO submission_event
    SELECT submission_id, sequence, step, state, 'officer', made_at, NULL
    FROM made, (VALUES (1, 'submitted'), (2, 'approved')) AS life(step, state);
"""


def make_large(store: Store, catalogue: Catalogue, rows: int) -> int:
    """Fill a store that holds its catalogue; how many observations it has then."""
    followed = catalogue.indicators["indicator_code"].unique().sort()
    kinds = catalogue.categories.select("dimension", "category").head(CATEGORIES - 1)
    kinds = pl.concat([pl.DataFrame({"dimension": ["total"], "category": [""]}), kinds])
    quarters = math.ceil(rows / (TERRITORIES * len(followed) * QUARTIERS * CATEGORIES))
    periods = list_periods(f"{2026 - quarters // 4 - 1}-Q1", LAST_QUARTER)[-quarters:]
    cursor = store.cursor()
    for name, frame in {
        "followed": pl.DataFrame({"indicator_code": followed}),
        "kind": kinds,
        "quarter": pl.DataFrame({"period": periods}),
    }.items():
        cursor.register(name, frame.to_arrow())
    counts = {"deposits": DEPOSITS_EACH, "territories": TERRITORIES}
    cursor.execute(NUMBERS, counts)
    cursor.execute(OBSERVATIONS, {"deposits": DEPOSITS_EACH, "quarters": quarters, "quartiers": QUARTIERS})
    cursor.execute(MASKS)
    cursor.execute(LOG)
    cursor.execute("CHECKPOINT")
    return int(cursor.execute("SELECT count(*) FROM observation").fetchall()[0][0])


def make_deposits(large: Store, catalogue: Catalogue) -> Iterator[PreparedSubmission]:
    """Submissions of 2 000 rows of one territory, each with other bytes; keys that the large store holds, corrected."""
    line = f"{FIRST_LINE}FR-98-T00007;JEU-04;2026-T1;12;Comptage\r\n".encode()
    nothing = load_observations(large, [], Audience.TERRITORY)
    base = prepare_submission(line, "t.csv", ["FR-98-T00007"], catalogue, nothing, lambda: NOW)
    assert base.is_ready, list(base.issues)
    held = load_observations(large, ["FR-98-T00007"], Audience.TERRITORY)
    rows = held.sort("period_start", *KEY, descending=True).head(ROWS_OF_A_DEPOSIT)
    rows = rows.select(pl.col(name).cast(kind) for name, kind in base.rows.schema.items() if name in rows.columns)
    number = 0
    while True:
        number += 1
        content = line + f"# {number}".encode()
        sent = rows.with_columns(numerator=pl.lit(50.0 + number), value=pl.lit(25.0 + number / 2))
        yield replace(
            base,
            rows=sent,
            changes=compare_rows(sent, nothing),
            row_count=sent.height,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )


def main(rows: int = 10_000_000, rounds: int = 5) -> None:
    catalogue = make_catalogue(TERRITORIES)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        path = Path(folder) / "large.duckdb"
        empty = Path(folder) / "empty.duckdb"
        store = open_store(Settings(store_path=empty), plan_masks)
        save_catalogue(store, catalogue, NOW.replace(year=2019))
        store.close()
        shutil.copy(empty, path)
        store = open_store(Settings(store_path=path), plan_masks)
        count = make_large(store, catalogue, rows)
        store.close()
        size = path.stat().st_size / 1e6
        print(f"{count} observations, {size:.0f} MB, made in {time.perf_counter() - began:.0f} s")  # noqa: T201

        large = open_store(Settings(store_path=path), plan_masks)
        deposits = make_deposits(large, catalogue)
        empties = []
        for number in range(rounds + 1):
            copied = Path(shutil.copy(empty, Path(folder) / f"empty{number}.duckdb"))
            empties.append(open_store(Settings(store_path=copied), plan_masks))
        ready = [next(deposits) for _ in range(2 * (rounds + 1))]
        seconds = time_rounds(
            {
                "empty": lambda: save_submission(empties.pop(), ready.pop(), "bench", NOW, approve=True),
                "large": lambda: save_submission(large, ready.pop(), "bench", NOW, approve=True),
            },
            rounds,
        )
        print(", ".join(f"{name}: {1000 * second:.0f} ms" for name, second in seconds.items()))  # noqa: T201
        say("commit of 2 000 rows, 1e7 observations / empty store", seconds["large"] / seconds["empty"], "<= 3")

        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            found = load_observations(large, ["FR-98-T00007"], Audience.PUBLIC)
            times.append(time.perf_counter() - began)
        print(f"load_observations of one territory: {found.height} rows in {median(times):.2f} s")  # noqa: T201
        large.close()


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000)
