"""What the numbers cost: 1 600 territories, 50 indicators, 24 quarters, beside a polars group-by of the same frame.

Progress (intervals, trajectory, states) as a ratio in time and in memory; the mask plan of the whole, in seconds and
apart, and that of one territory's deposit. Invented figures of the sizes of a quartier: four indicators in five are
shares, the others counts of some 40.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from measures.disclosure import plan_masks
from measures.progress import measure_progress
from schemas.observation import KEY
from schemas.period import list_periods, parse_period
from schemas.words import Audience
from tests.bench.rounds import say, time_rounds

c = pl.col
TERRITORIES, INDICATORS = 1600, 50
PERIODS = list_periods("2021-Q1", "2026-Q4")
TODAY = date(2027, 1, 15)
CATEGORIES = (("total", ""), ("sexe", "femmes"), ("sexe", "hommes"))


def make_observations(seed: int = 1) -> pl.DataFrame:
    """1.92 million totals as `load_observations` gives them."""
    random = np.random.default_rng(seed)
    places = pl.DataFrame({"territory_code": [f"FR-98-T{at:05}" for at in range(TERRITORIES)]})
    indicators = pl.DataFrame({"indicator_code": [f"JEU-{at:02}" for at in range(INDICATORS)]})
    starts = [parse_period(period).start for period in PERIODS]
    rows = places.join(indicators, how="cross").join(
        pl.DataFrame({"period": PERIODS, "period_start": starts}), how="cross"
    )
    denominator = random.integers(10, 900, len(rows))
    numerator = random.binomial(denominator, random.uniform(0.05, 0.95, len(rows)))
    is_share = c("indicator_code").str.slice(4).cast(pl.Int64) % 5 != 0
    counts = random.lognormal(np.log(40), 0.9, len(rows)).round()
    columns = {"counted": numerator.astype(float), "of": denominator.astype(float), "count": counts}
    counted = {name: pl.Series(values) for name, values in columns.items()}
    return rows.with_columns(**counted).select(
        "territory_code",
        "indicator_code",
        "period",
        "period_start",
        qpv_code=pl.lit(""),
        dimension=pl.lit("total"),
        category=pl.lit(""),
        indicator_version=pl.lit(1, pl.Int32),
        numerator=pl.when(is_share).then("counted"),
        denominator=pl.when(is_share).then("of"),
        value=pl.when(is_share).then(100 * c("counted") / c("of")).otherwise("count"),
        obs_status=pl.lit("normal"),
        conf_status=pl.lit("libre"),
        source=pl.lit("Comptage des associations du quartier"),
        comment=pl.lit(""),
        submission_id=pl.lit("019a0000-0000-7000-8000-000000000000"),
        source_row=pl.int_range(pl.len(), dtype=pl.Int64),
        source_status=pl.lit(None, pl.String),
        respondents=pl.lit(None, pl.Int64),
        response_rate=pl.lit(None, pl.Float64),
        reference_date="period_start",
        is_masked=pl.lit(False),
    )


def make_goals(observations: pl.DataFrame) -> pl.DataFrame:
    """A target for each series, from its first quarter, as `load_goals` gives them."""
    first = observations.filter(c("period") == PERIODS[0])
    is_share = c("numerator").is_not_null()
    return first.select(
        *(name for name in KEY if name != "period"),
        goal_code=pl.lit("O1"),
        kind=pl.lit("at_least"),
        ref_period=c("period"),
        ref_value="value",
        ref_numerator="numerator",
        ref_denominator="denominator",
        target_value=c("value") * 1.2 + 5,
        band_low=pl.lit(None, pl.Float64),
        band_high=pl.lit(None, pl.Float64),
        due_period=pl.lit("2027-Q4"),
        shape=pl.lit("linear"),
        steps=pl.lit(None, pl.String),
        materiality=pl.lit(None, pl.Float64),
        is_ref_masked=pl.lit(False),
        unit=pl.when(is_share).then(pl.lit("percent")).otherwise(pl.lit("count")),
        decimals=pl.lit(1, pl.Int64),
        polarity=pl.lit("increase"),
        frequency=pl.lit("quarter"),
        delay_months=pl.lit(0, pl.Int64),
        has_interval=pl.lit(True),
        collection_method=pl.lit("administrative"),
    )


def make_cells(observations: pl.DataFrame) -> pl.DataFrame:
    """The same as cells of tables: one indicator in five is broken down by sex, which adds up to its total."""
    sheet = {
        "unit": pl.when(c("numerator").is_not_null()).then(pl.lit("percent")).otherwise(pl.lit("count")),
        "counted_unit": pl.lit("person"),
        "k_threshold": pl.lit(5),
        "source_kind": pl.lit("own_count"),
        "is_sensitive": pl.lit(False),
        "respondents": pl.lit(None, pl.Int64),
        "seen_since": pl.lit(None, pl.Int64),
    }
    numbers = ("numerator", "denominator", "value")
    totals = observations.select(*KEY, *numbers, "conf_status").with_columns(**sheet)
    parts = totals.filter(c("indicator_code").str.slice(4).cast(pl.Int64) % 5 == 1)
    women = {name: (c(name) * 0.4).floor() for name in numbers}
    both = [
        parts.with_columns(
            dimension=pl.lit("sexe"),
            category=pl.lit(category),
            **({name: c(name) - women[name] for name in numbers} if category == "hommes" else women),
        )
        for _, category in CATEGORIES[1:]
    ]
    return pl.concat([totals, *both])


def group(observations: pl.DataFrame) -> pl.DataFrame:
    return observations.group_by("indicator_code").agg(c("value").sum(), c("denominator").sum())


def peak_of_progress(folder: Path) -> float:
    """The memory of a fresh process at its peak beyond the frames it has read, over the size of the observations."""
    observations, goals = (pl.read_parquet(folder / f"{name}.parquet") for name in ("observations", "goals"))
    most, ended = 0, threading.Event()
    before = _resident()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.005):
            most = max(most, _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    measure_progress(observations, goals, TODAY)
    ended.set()
    watcher.join()
    return (most - before) / observations.estimated_size()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * 4096


def main() -> None:
    observations = make_observations()
    goals = make_goals(observations)

    def measure() -> pl.DataFrame:
        return measure_progress(observations, goals, TODAY)

    size = f"{len(observations) / 1e6:.2f} million observations, {observations.estimated_size() / 1e6:.0f} MB"
    print(f"{size}, {len(measure().columns)} columns out")  # noqa: T201
    seconds = time_rounds({"group-by": lambda: group(observations), "progress": measure}, 5)
    ratio = seconds["progress"] / seconds["group-by"]
    say(f"progress, intervals and states over a group-by of {seconds['group-by'] * 1000:.0f} ms", ratio, "at most 60")
    with tempfile.TemporaryDirectory() as folder:
        observations.write_parquet(Path(folder) / "observations.parquet")
        goals.write_parquet(Path(folder) / "goals.parquet")
        asked = [sys.executable, "-m", "tests.bench.measuring", folder]
        peak = float(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    say("memory of it at its peak over the frame", peak, "at most 4")
    cells = make_cells(observations)
    nothing = pl.DataFrame(schema=dict.fromkeys([*KEY, "mask_reason"], pl.String) | {"masked_since": pl.Int64})
    started = time.perf_counter()
    planned = plan_masks(cells, Audience.PUBLIC, nothing)
    took = time.perf_counter() - started
    secondary = planned.filter(c("reason") == "secondary").height
    told = f"{len(cells) / 1e6:.2f} million cells, {len(planned)} masked, {secondary} of them to protect others"
    say(f"seconds for the whole mask plan of {told}", took, "under 60")
    one = cells.filter(territory_code=f"FR-98-T{0:05}", period=PERIODS[-1])
    started = time.perf_counter()
    plan_masks(one, Audience.PUBLIC, nothing)
    say(f"milliseconds for the plan of one deposit of {len(one)} cells", 1000 * (time.perf_counter() - started), "")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(peak_of_progress(Path(sys.argv[1])))  # noqa: T201
    else:
        main()
