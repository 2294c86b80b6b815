"""Eight people deposit and four read, all at once: everybody gets a receipt, nobody who reads waits for a writer."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from statistics import median, quantiles

import duckdb
import pytest
from sent_files import NOW, TILLEULS, csv_file

from pipelines.store import (
    Store,
    StoreBusy,
    connection,
    load_catalogue,
    load_goals,
    load_observations,
    load_receipt,
    load_submissions,
    move_submission,
    save_catalogue,
    save_submission,
)
from schemas.catalogue import Catalogue
from schemas.submission import PreparedSubmission, Receipt, SubmissionState
from schemas.words import Audience

Prepare = Callable[..., PreparedSubmission]
DEPOSITORS, READERS, ROWS = 8, 4, 20
DEPOSITS = 25 if os.environ.get("CAP_FULL_SIZE") else 6
PAUSE = 0.05
"""Seconds between the reads of one reader, so that two cores are left with time to write."""
INDICATORS = ("JEU-04", "EMP-01", "MOB-02", "ALI-02", "DEC-01")
JEU_04 = "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;{};normal;libre;;;30/09/2026;Associations;"


def deposits_of(prepare: Prepare, depositor: int) -> list[PreparedSubmission]:
    """The files of one person: the same 20 keys, a year of their own, each file with other bytes."""
    line = "FR-99-TILLEULS;;{};{}-T{};total;;;;{};normal;libre;;;;Comptage;"
    lines = [line.format(name, 2010 + depositor, quarter, 40) for name in INDICATORS for quarter in (1, 2, 3, 4)]
    base = prepare(csv_file(*lines))
    assert (base.is_ready, base.row_count) == (True, ROWS)
    contents = [base.content + f"# {number}".encode() for number in range(DEPOSITS)]
    return [
        replace(base, content=content, sha256=hashlib.sha256(content).hexdigest(), filename=f"{depositor}-{number}.csv")
        for number, content in enumerate(contents)
    ]


@pytest.fixture
def seconds_of_commits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each transaction took once it had its turn."""
    seconds: list[float] = []
    transaction = Store.transaction

    @contextmanager
    def timed(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
        with transaction(store) as cursor:
            began = time.perf_counter()
            yield cursor
        seconds.append(time.perf_counter() - began)

    monkeypatch.setattr(Store, "transaction", timed)
    return seconds


class Reader:
    """Reads until it is told to stop, and keeps how long each read took."""

    def __init__(self, store: Store, known: list[str], is_over: threading.Event) -> None:
        self.store, self.known, self.is_over = store, known, is_over
        self.seconds: list[float] = []

    def timed(self, read: Callable[[], object]) -> object:
        began = time.perf_counter()
        found = read()
        self.seconds.append(time.perf_counter() - began)
        return found

    def run(self) -> None:
        while not self.is_over.wait(PAUSE):
            rows = self.timed(lambda: load_observations(self.store, [TILLEULS], Audience.TERRITORY))
            assert set(rows["period"].str.head(4).value_counts()["count"]) <= {ROWS}, "a deposit seen by half"
            if self.known:
                receipt = self.timed(lambda: load_receipt(self.store, self.known[-1], None))
                assert receipt.state is SubmissionState.APPROVED
            log = self.timed(lambda: load_submissions(self.store, None))
            assert log["submission_id"].n_unique() == log.height


def test_eight_deposit_while_four_read(store: Store, prepare: Prepare, seconds_of_commits: list[float]) -> None:
    """200 receipts, 200 submissions, 200 versions; the slowest read is no slower than the slowest commit."""
    version = store.version()
    prepared = [deposits_of(prepare, depositor) for depositor in range(DEPOSITORS)]
    known: list[str] = []
    is_over = threading.Event()
    readers = [Reader(store, known, is_over) for _ in range(READERS)]

    def deposit_all(files: list[PreparedSubmission]) -> list[Receipt]:
        receipts = []
        for one in files:
            receipts.append(save_submission(store, one, f"officer {one.filename[0]}", NOW, approve=True))
            known.append(receipts[-1].submission_id)
        return receipts

    with ThreadPoolExecutor(DEPOSITORS + READERS) as pool:
        reading = [pool.submit(reader.run) for reader in readers]
        try:
            receipts = [receipt for found in pool.map(deposit_all, prepared) for receipt in found]
        finally:
            is_over.set()
        for one in reading:
            one.result()
    assert len({receipt.submission_id for receipt in receipts}) == DEPOSITORS * DEPOSITS
    assert {receipt.first_at for receipt in receipts} == {None}
    assert store.version() == version + DEPOSITORS * DEPOSITS
    log = load_submissions(store, None)
    assert set(log["submission_id"]) == {receipt.submission_id for receipt in receipts}
    assert log["sequence"].sort().to_list() == list(range(version + 1, version + DEPOSITORS * DEPOSITS + 1))
    assert dict(log["filename"].str.head(1).value_counts().rows()) == {str(n): DEPOSITS for n in range(DEPOSITORS)}
    assert load_observations(store, [TILLEULS], Audience.TERRITORY).height == DEPOSITORS * ROWS

    reads, commits = sorted(second for reader in readers for second in reader.seconds), sorted(seconds_of_commits)
    print(  # noqa: T201 - the figures, with `pytest -s`
        f"\n{len(reads)} reads: median {median(reads):.3f} s, 99 % {quantiles(reads, n=100)[-1]:.3f} s, "
        f"slowest {reads[-1]:.3f} s; {len(commits)} commits: median {median(commits):.3f} s, "
        f"99 % {quantiles(commits, n=100)[-1]:.3f} s, slowest {commits[-1]:.3f} s"
    )
    assert len(reads) > DEPOSITORS * DEPOSITS / 4, "the readers hardly read"
    assert len(commits) == DEPOSITORS * DEPOSITS
    assert reads[-1] <= commits[-1]


class OpenCommit:
    """A commit that somebody else holds open, with something written, until `end`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.is_inside, self.may_end = threading.Event(), threading.Event()
        self.holder = threading.Thread(target=self._hold)
        self.holder.start()
        assert self.is_inside.wait(30)

    def _hold(self) -> None:
        with self.store.commit("catalogue", NOW, "somebody") as (cursor, sequence):
            cursor.execute("INSERT INTO challenges VALUES (?, 'HELD', 'Tenu', 'Held')", [sequence])
            self.is_inside.set()
            self.may_end.wait()

    def end(self) -> None:
        self.may_end.set()
        self.holder.join()


@pytest.fixture
def hold(store: Store) -> Iterator[Callable[[], OpenCommit]]:
    """Opens such a commit; the test ends it, or its end does."""
    opened: list[OpenCommit] = []

    def hold() -> OpenCommit:
        opened.append(OpenCommit(store))
        return opened[-1]

    yield hold
    for one in opened:
        one.end()


def test_who_reads_takes_no_lock(store: Store, hold: Callable[[], OpenCommit]) -> None:
    """Every load ends while a commit is held open, and sees nothing of it until it is made."""
    loads: list[Callable[[], object]] = [
        lambda: load_observations(store, [TILLEULS], Audience.PUBLIC),
        lambda: load_goals(store, [TILLEULS], Audience.PUBLIC),
        lambda: load_submissions(store, None),
        lambda: load_catalogue(store).challenges["challenge_code"].to_list(),
        store.version,
    ]
    commit = hold()
    with ThreadPoolExecutor(len(loads)) as pool:
        asked = [pool.submit(load) for load in loads]
        _, waiting = wait(asked, timeout=30)
        is_held = commit.holder.is_alive()
        commit.end()
    assert (is_held, len(waiting)) == (True, 0)
    *_, challenges, version = (one.result() for one in asked)
    assert ("HELD" in challenges, version) == (False, 1)
    assert ("HELD" in load_catalogue(store).challenges["challenge_code"], store.version()) == (True, 2)


@pytest.mark.parametrize("write", ["deposit", "move", "catalogue"])
def test_a_writer_that_never_gets_its_turn_is_told(
    write: str,
    store: Store,
    prepare: Prepare,
    catalogue: Catalogue,
    hold: Callable[[], OpenCommit],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """StoreBusy, and nothing of it is kept; the same goes through once the way is free."""
    first = save_submission(store, prepare(csv_file(JEU_04.format(9))), "officer", NOW)
    renamed = catalogue.challenges.with_columns(label_fr=catalogue.challenges["label_fr"] + " (nouveau)")
    later = Catalogue(**{**catalogue.tables(), "challenges": renamed})
    writes: dict[str, Callable[[], object]] = {
        "deposit": lambda: save_submission(store, prepare(csv_file(JEU_04.format(12))), "officer", NOW, approve=True),
        "move": lambda: move_submission(store, first.submission_id, SubmissionState.APPROVED, "coordinator", NOW),
        "catalogue": lambda: save_catalogue(store, later, NOW),
    }
    commit, version, before = hold(), store.version(), everything_of(store)
    with monkeypatch.context() as patched:
        patched.setattr(connection, "LONGEST_WAIT", 0.05)
        with pytest.raises(StoreBusy, match=r"cap\.duckdb"):
            writes[write]()
    assert (store.version(), everything_of(store)) == (version, before)
    commit.end()
    before = everything_of(store)
    writes[write]()
    assert store.version() == version + 2
    assert everything_of(store) != before


def everything_of(store: Store) -> list[list[tuple[object, ...]]]:
    """All that a write may change of what is read."""
    frames = [
        load_submissions(store, None),
        load_observations(store, [TILLEULS], Audience.TERRITORY),
        load_catalogue(store).challenges,
    ]
    return [frame.rows() for frame in frames]
