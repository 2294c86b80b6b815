"""The demonstration: six invented territories whose files go through the same path as any deposit."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sent_files import NOW, ROOT

from pipelines.demo import DEMO_FOLDER, load_demo
from pipelines.deposit import prepare_submission
from pipelines.store import Store, load_catalogue, load_goals, load_observations, load_submissions
from schemas.catalogue import MODELS
from schemas.submission import Change
from schemas.words import Audience


def test_demo_answers_the_rows_of_each_table(demo_built: tuple[Path, dict[str, Any]]) -> None:
    """The catalogue's tables and the observations of the current view."""
    tables = demo_built[1]["tables"]
    assert set(tables) == {*MODELS, "observation"}
    assert (tables["territories"], tables["indicators"], tables["observation"]) == (6, 48, 380)


def test_every_listed_file_was_deposited_at_its_time(demo_store: Store) -> None:
    """Each through its own submission, by its own officer."""
    with (DEMO_FOLDER / "deposits.csv").open(encoding="utf-8", newline="") as listing:
        listed = {row["file"]: (row["at"], row["sent_by"]) for row in csv.DictReader(listing)}
    log = load_submissions(demo_store, None)
    assert log.height == len(listed) == 72
    at = {row["filename"]: (row["sent_at"], row["sent_by"]) for row in log.rows(named=True)}
    assert at["tilleuls-2026-T1-rectification.csv"][0].isoformat() == "2026-06-18T15:40:00+00:00"
    assert {name: sender for name, (_, sender) in at.items()} == {name: sender for name, (_, sender) in listed.items()}


def test_a_second_demo_changes_nothing(demo_store: Store, demo_built: tuple[Path, dict[str, Any]]) -> None:
    """Same store version, same answer."""
    version = demo_store.version()
    assert load_demo(demo_store, DEMO_FOLDER) == demo_built[1]["tables"]
    assert demo_store.version() == version


def test_a_correction_is_seen_from_its_day_on(demo_store: Store) -> None:
    """JEU-01 of T1 2026 at Les Tilleuls: 78 of 238, then 74 of 236 on 18 June 2026."""
    at, parts = datetime(2026, 6, 18, 15, 40, tzinfo=UTC), []
    for moment in (at - timedelta(seconds=1), at):
        rows = load_observations(demo_store, ["FR-99-TILLEULS"], Audience.TERRITORY, ["JEU-01"], as_of=moment)
        parts.append(rows.filter(period="2026-Q1", dimension="total").select("numerator", "denominator").row(0))
    assert parts == [(78.0, 238.0), (74.0, 236.0)]


def test_each_series_shows_what_it_is_for(demo_store: Store) -> None:
    """A missing quarter with its reason, a break, counts that the public may not see."""
    everyone = load_catalogue(demo_store).territories["territory_code"].to_list()
    rows = load_observations(demo_store, everyone, Audience.PUBLIC)
    missing = rows.filter(obs_status="non_disponible").select("territory_code", "indicator_code", "period", "value")
    assert missing.rows() == [("FR-99-TILLEULS", "JEU-01", "2025-Q2", None)]
    assert rows.filter(obs_status="rupture")["indicator_code"].unique().to_list() == ["EMP-01"]
    portneuf = rows.filter(territory_code="FR-99-PORTNEUF", indicator_code="MOB-04")
    assert portneuf["is_masked"].sum() == 5
    assert portneuf.filter("is_masked")["value"].null_count() == 5


def test_every_goal_has_a_start(demo_store: Store) -> None:
    """20 targets, each from T4 2023."""
    everyone = load_catalogue(demo_store).territories["territory_code"].to_list()
    goals = load_goals(demo_store, everyone, Audience.TERRITORY).filter(pl.col("goal_code").is_not_null())
    assert goals.height == 20
    assert goals["ref_period"].unique().to_list() == ["2023-Q4"]
    assert goals["ref_value"].null_count() == 0


def test_the_file_left_to_deposit_is_ready(demo_store: Store) -> None:
    """Val Fleuri's T3 2026: five new values, nothing wrong."""
    path = DEMO_FOLDER / "to-deposit" / "valfleuri-2026-T3.csv"
    previous = load_observations(demo_store, ["FR-99-VALFLEURI"], Audience.TERRITORY)
    prepared = prepare_submission(
        path.read_bytes(), path.name, ["FR-99-VALFLEURI"], load_catalogue(demo_store), previous, clock=lambda: NOW
    )
    assert prepared.issues == ()
    assert prepared.count(Change.NEW) == 5


def test_the_maker_writes_the_same_bytes_every_time(tmp_path: Path) -> None:
    """What is committed is what `make_demo.py` makes."""
    folder = tmp_path / "demo"
    for part in ("catalogue", "files", "to-deposit"):
        (folder / part).mkdir(parents=True)
    (folder / "make_demo.py").write_bytes((DEMO_FOLDER / "make_demo.py").read_bytes())
    subprocess.run([sys.executable, str(folder / "make_demo.py")], check=True, cwd=ROOT)
    made = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    kept = {path.relative_to(DEMO_FOLDER): path.read_bytes() for path in DEMO_FOLDER.rglob("*") if path.is_file()}
    assert set(made) == {path for path in kept if "__pycache__" not in path.parts}
    assert [str(path) for path in made if made[path] != kept[path]] == []
