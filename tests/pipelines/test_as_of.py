"""What was known at a moment stays what it was, to the byte, whatever is deposited, withdrawn or renamed later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl
import pytest
from sent_files import NOW, TILLEULS, csv_file

from measures.progress import measure_progress
from pipelines.store import (
    Store,
    load_catalogue,
    load_goals,
    load_observations,
    load_receipt,
    load_revisions,
    load_submissions,
    move_submission,
    save_catalogue,
    save_draft,
)
from schemas.catalogue import Catalogue
from schemas.submission import Receipt, SubmissionState
from schemas.words import Audience

Deposit = Callable[..., Receipt]
LILAS, PORTNEUF = "FR-99-LILAS", "FR-99-PORTNEUF"
PLACES = (TILLEULS, LILAS, PORTNEUF)
REVISIONS = 50
MOMENT = NOW + timedelta(hours=1)
APPROVED, RETURNED, WITHDRAWN = SubmissionState.APPROVED, SubmissionState.RETURNED, SubmissionState.WITHDRAWN


def file_of(number: int, *places: str) -> bytes:
    """Counts and rates of two quarters; some are small enough to be masked, and which ones depends on the number."""
    lines = []
    for place in places:
        for quarter in (1, 2):
            few, some = 2 + (number * 3 + quarter) % 30, 1 + (number * 7 + quarter) % 60
            lines += [
                f"{place};;JEU-04;2026-T{quarter};total;;;;{few};normal;libre;;;;Comptage {number};",
                f"{place};;JEU-01;2026-T{quarter};total;;{some};142;;normal;libre;;;;Comptage;",
                f"{place};;MOB-02;2026-T{quarter};total;;;;{100 + number};normal;interne;;;;Comptage;",
            ]
    return csv_file(*lines)


def in_text(frame: pl.DataFrame) -> str:
    """All of a frame: names, types, order and every digit."""
    flat = frame.with_columns(pl.col(pl.List(pl.String)).list.join("|"))
    return f"{list(frame.schema.items())}\n{flat.write_csv()}"


def everything_at(store: Store, as_of: datetime | int | None) -> dict[str, str]:
    """What every load answers at a moment, in text, by the name of the load and the audience."""
    found = {f"catalogue {name}": in_text(rows) for name, rows in load_catalogue(store, as_of).tables().items()}
    log = load_submissions(store, None, as_of)
    found["submissions"] = in_text(log)
    for place in PLACES:
        found[f"submissions {place}"] = in_text(load_submissions(store, [place], as_of))
    found["receipts"] = "\n".join(repr(load_receipt(store, number, None, as_of)) for number in log["submission_id"])
    for audience in Audience:
        seen = load_observations(store, PLACES, audience, as_of=as_of)
        goals = load_goals(store, PLACES, audience, as_of)
        found[f"observations {audience}"] = in_text(seen)
        found[f"goals {audience}"] = in_text(goals)
        found[f"revisions {audience}"] = in_text(load_revisions(store, PLACES, audience, as_of=as_of))
        found[f"progress {audience}"] = in_text(measure_progress(seen, goals, NOW.date()))
    return found


def rename(catalogue: Catalogue, number: int) -> Catalogue:
    """Another catalogue: a challenge renamed, a target moved, a baseline corrected, a threshold raised."""
    challenges = catalogue.challenges.with_columns(label_fr=pl.lit(f"Défi {number}"))
    latest = catalogue.targets.filter(territory_code=TILLEULS, indicator_code="JEU-01").sort("target_version").tail(1)
    moved = latest.with_columns(target_version=pl.col("target_version") + 1, target_value=pl.lit(30.0 + number / 10))
    targets = pl.concat([catalogue.targets, moved]).with_columns(
        ref_value=pl.when(pl.col("indicator_code") == "MOB-02").then(200.0 + number).otherwise(pl.col("ref_value"))
    )
    indicators = catalogue.indicators.with_columns(k_threshold=pl.lit(5 + number, pl.Int64))
    changed = {"challenges": challenges, "targets": targets, "indicators": indicators}
    return Catalogue(**{**catalogue.tables(), **changed})


@pytest.fixture
def lived_in(store: Store, deposit: Deposit) -> dict[str, str]:
    """A store with a past: corrections, a withdrawal, what waits. The numbers of deposits that are still to move."""
    deposit(file_of(1, TILLEULS))
    deposit(file_of(2, TILLEULS, LILAS), territories=[TILLEULS, LILAS])
    deposit(file_of(3, LILAS, PORTNEUF), territories=[LILAS, PORTNEUF])
    gone = deposit(file_of(4, TILLEULS)).submission_id
    move_submission(store, gone, WITHDRAWN, "coordinator", NOW, "erreur")
    standing = deposit(file_of(5, TILLEULS), at=MOMENT).submission_id
    waiting = deposit(file_of(6, TILLEULS), at=MOMENT, approve=False).submission_id
    doubtful = deposit(file_of(7, PORTNEUF), territories=[PORTNEUF], at=MOMENT, approve=False).submission_id
    return {"standing": standing, "waiting": waiting, "doubtful": doubtful}


def revise(store: Store, deposit: Deposit, lived_in: dict[str, str], number: int) -> None:
    """One later revision; over fifty of them every kind comes several times, what stood at the moment moves first."""
    later = MOMENT + timedelta(minutes=1 + number)
    catalogue = load_catalogue(store)
    first = {
        0: lambda: move_submission(store, lived_in["waiting"], APPROVED, "coordinator", later),
        1: lambda: move_submission(store, lived_in["standing"], WITHDRAWN, "coordinator", later, "doublon"),
        2: lambda: move_submission(store, lived_in["doubtful"], RETURNED, "coordinator", later, "à revoir"),
    }
    kinds: list[Callable[[], object]] = [
        lambda: deposit(file_of(10 + number, TILLEULS), at=later, catalogue=catalogue),
        lambda: deposit(file_of(10 + number, LILAS), territories=[LILAS], at=later, catalogue=catalogue),
        lambda: save_catalogue(store, rename(catalogue, 1 + number), later),
        # the clock goes back: what comes later is not known earlier
        lambda: deposit(file_of(10 + number, TILLEULS), at=NOW - timedelta(days=1), catalogue=catalogue),
        lambda: move_submission(store, latest_approved(store), WITHDRAWN, "coordinator", later, "erreur"),
        lambda: deposit(file_of(10 + number, PORTNEUF), territories=[PORTNEUF], at=later, approve=False),
        lambda: save_draft(store, f"draft {number}".encode(), "t1.csv", TILLEULS, "officer", later),
    ]
    first.get(number, kinds[number % len(kinds)])()


def latest_approved(store: Store) -> str:
    return load_submissions(store, None).filter(state="approved")["submission_id"][0]


def test_a_moment_is_the_same_after_fifty_revisions(store: Store, deposit: Deposit, lived_in: dict[str, str]) -> None:
    """Asked by its time and by its version; the present, meanwhile, is another in all that it says."""
    version = store.version()
    before = everything_at(store, MOMENT)
    assert everything_at(store, version) == before == everything_at(store, None)
    for number in range(REVISIONS):
        revise(store, deposit, lived_in, number)
        assert store.version() == version + number + 1
        if number in (0, 1, 2, REVISIONS // 2):
            assert everything_at(store, MOMENT) == before, number
    assert everything_at(store, MOMENT) == before
    assert everything_at(store, version) == before
    now = everything_at(store, None)
    moved = {name.partition(" ")[0] for name in before if now[name] != before[name]}
    assert moved == {"catalogue", "submissions", "receipts", "observations", "goals", "revisions", "progress"}
    same = {name for name in before if now[name] == before[name] and not name.startswith("catalogue")}
    assert same == set()
