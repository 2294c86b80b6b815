"""The process that deposits is killed at any instant: what was acknowledged is there, nothing is there by half."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from halves import find_halves
from sent_files import ROOT, csv_file

from measures.disclosure import plan_masks
from pipelines.store import Store, load_receipt, open_store, read_original
from schemas.submission import PreparedSubmission, SubmissionState
from settings import Settings

INSTANTS = 200 if os.environ.get("CAP_FULL_SIZE") else 20
CHILD = Path(__file__).with_name("deposit_in_a_loop.py")
LONGEST_DELAY = 0.06
"""Seconds after a receipt: long enough for the next deposit and, now and then, the one after it."""
LONGEST_OPENING = 1.0
"""Seconds of work: what other processes of the machine take is not the store's."""
RECEIPTS_BEFORE = (1, 1, 1, 2, 3)
INDICATORS = ("JEU-04", "EMP-01", "MOB-02", "ALI-02", "DEC-01")


@dataclass(frozen=True)
class Acknowledged:
    number: int
    submission_id: str
    sha256: str
    rows: int


@dataclass
class Seen:
    """What the instants were good for: the figures of a run."""

    receipts: dict[str, Acknowledged] = field(default_factory=dict)
    unsaid: int = 0
    without_deposit: int = 0
    in_checkpoint: int = 0
    slowest_opening: float = 0.0
    most_work: float = 0.0


@pytest.fixture(scope="module")
def bases(prepare: Callable[..., PreparedSubmission]) -> list[PreparedSubmission]:
    """Eight deposits of 20 to 160 rows, each of other indicators and periods."""
    line = "FR-99-TILLEULS;;{};{}-T{};total;;;;{};normal;libre;;;;Comptage;"
    prepared = []
    for at in range(8):
        names = INDICATORS[at % 5 :] + INDICATORS[: at % 5]
        years = range(2000 + at, 2000 + at + 1 + at)
        lines = [
            line.format(name, year, quarter, 20 + at) for name in names for year in years for quarter in (1, 2, 3, 4)
        ]
        prepared.append(prepare(csv_file(*lines)))
    assert [one.row_count for one in prepared] == [20 * n for n in range(1, 9)]
    assert all(one.is_ready for one in prepared)
    return prepared


def start(path: Path, prepared: Path) -> subprocess.Popen[str]:
    """The process; it imports what it needs and opens the store when it is told to."""
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(path), str(prepared)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_at_an_instant(process: subprocess.Popen[str], first: int, dice: random.Random) -> list[str]:
    """Let it deposit, kill it a moment after one of its lines; every line that it said."""
    assert process.stdin
    assert process.stdout
    lines: list[str] = []
    wanted, word = dice.choice(RECEIPTS_BEFORE), dice.choice(["receipt", "receipt", "checkpoint"])
    process.stdin.write(f"{first}\n")
    process.stdin.flush()
    while sum(line.startswith(word) for line in lines) < (wanted if word == "receipt" else 1):
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        lines.append(line)
    delay = dice.uniform(0, LONGEST_DELAY if word == "receipt" else LONGEST_DELAY / 4)
    timer = threading.Timer(delay, process.kill)
    timer.start()
    said, wrong = process.communicate()
    timer.join()
    assert process.returncode == -9, wrong
    lines += said.splitlines(keepends=True)
    return [line for line in lines if line.endswith("\n")]


def open_again(path: Path) -> tuple[Store, float, float]:
    """The store, and the seconds that it took, by the clock and of work."""
    began, worked = time.perf_counter(), time.process_time()
    store = open_store(Settings(store_path=path), plan_masks)
    return store, time.perf_counter() - began, time.process_time() - worked


def check_whole(store: Store, seen: Seen, lines: list[str]) -> None:
    """What was said is there, and of everything that is there all of it is."""
    said = [line.split() for line in lines if line.startswith("receipt")]
    for _, number, submission_id, sha256, rows in said:
        seen.receipts[submission_id] = Acknowledged(int(number), submission_id, sha256, int(rows))
        receipt = load_receipt(store, submission_id, None)
        assert (receipt.filename, receipt.sha256, receipt.rows) == (f"{number}.csv", sha256, int(rows))
        assert [event.state for event in receipt.events] == [SubmissionState.SUBMITTED, SubmissionState.APPROVED]
        assert hashlib.sha256(read_original(store, sha256)).hexdigest() == sha256
    cursor = store.cursor()
    kept = {
        str(number): sha256
        for number, sha256 in cursor.execute("FROM submission SELECT submission_id, sha256").fetchall()
    }
    assert set(seen.receipts) <= set(kept)
    assert find_halves(store) == {}
    files = {path.name for path in store.originals.rglob("*") if path.is_file() and path.suffix != ".part"}
    for sha256 in set(kept.values()) - {receipt.sha256 for receipt in seen.receipts.values()}:
        assert hashlib.sha256(read_original(store, sha256)).hexdigest() == sha256
    seen.unsaid, seen.without_deposit = len(kept) - len(seen.receipts), len(files - set(kept.values()))
    seen.in_checkpoint += lines[-1] == "checkpoint\n"


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that do not outlive the test, whatever happens."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def test_a_process_killed_at_any_instant_loses_nothing_that_it_acknowledged(
    store_with_catalogue: Path,
    bases: list[PreparedSubmission],
    killed: list[subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    """Rows, log, receipt and original of each receipt; no deposit by half; open again in less than a second."""
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    path, prepared = Path(shutil.copy(store_with_catalogue, tmp_path)), tmp_path / "prepared"
    prepared.write_bytes(pickle.dumps(bases))
    seen, first = Seen(), 0
    killed.append(start(path, prepared))
    for instant in range(INSTANTS):
        print(f"seed {seed}, instant {instant}")  # noqa: T201 - shown when it fails
        killed.append(start(path, prepared))  # the next one imports meanwhile
        lines = kill_at_an_instant(killed[-2], first, dice)
        # numbers go on beyond any deposit that was kept without its receipt
        first = max(int(line.split()[1]) for line in lines if line.startswith("receipt")) + 2
        store, seconds, work = open_again(path)
        seen.slowest_opening, seen.most_work = max(seen.slowest_opening, seconds), max(seen.most_work, work)
        check_whole(store, seen, lines)
        store.close()
    print(  # noqa: T201 - the figures, with `pytest -s`
        f"\n{INSTANTS} instants, seed {seed}: {len(seen.receipts)} receipts, all there; {seen.unsaid} deposits "
        f"kept whose receipt was never said, {seen.without_deposit} originals whose deposit was not made, "
        f"{seen.in_checkpoint} instants in a checkpoint; slowest opening {seen.slowest_opening:.3f} s, "
        f"{seen.most_work:.3f} s of work"
    )
    assert seen.unsaid + seen.without_deposit + seen.in_checkpoint > 0, f"no instant fell inside a deposit, seed {seed}"
    assert seen.most_work < LONGEST_OPENING, f"seed {seed}"
