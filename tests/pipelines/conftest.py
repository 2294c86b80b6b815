"""What the tests of this room share: a file prepared or deposited in one call, the demonstration built once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from sent_files import NOW, TILLEULS, csv_file
from two_hundred_rows import CONTENT

from measures.disclosure import plan_masks
from pipelines.__main__ import cli
from pipelines.deposit import prepare_submission
from pipelines.store import Store, load_observations, open_store, save_catalogue, save_submission
from schemas.catalogue import Catalogue
from schemas.submission import Change, PreparedSubmission, Receipt
from schemas.words import Audience
from settings import Settings

APPROVED_BEFORE = csv_file(
    "FR-99-TILLEULS;;JEU-01;2026-T2;total;;38;142;26,8;normal;libre;;;30/06/2026;Mission locale;",
    "FR-99-TILLEULS;;JEU-04;2026-T2;total;;;;12;normal;libre;;;30/06/2026;Associations;",
)


@pytest.fixture(scope="session")
def nothing_approved(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """What a store without figures answers."""
    store = open_store(Settings(store_path=tmp_path_factory.mktemp("empty") / "cap.duckdb"), plan_masks)
    rows = load_observations(store, [TILLEULS], Audience.TERRITORY)
    store.close()
    return rows


@pytest.fixture(scope="session")
def approved_before(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, nothing_approved: pl.DataFrame
) -> pl.DataFrame:
    """What a store answers after the deposit of APPROVED_BEFORE: T2 2026, JEU-01 38/142 and JEU-04 12."""
    store = open_store(Settings(store_path=tmp_path_factory.mktemp("approved") / "cap.duckdb"), plan_masks)
    save_catalogue(store, catalogue, NOW)
    prepared = prepare_submission(APPROVED_BEFORE, "t2.csv", [TILLEULS], catalogue, nothing_approved, clock=lambda: NOW)
    save_submission(store, prepared, "officer", NOW, approve=True)
    rows = load_observations(store, [TILLEULS], Audience.TERRITORY)
    store.close()
    return rows


@pytest.fixture(scope="session")
def prepare(catalogue: Catalogue, nothing_approved: pl.DataFrame) -> Callable[..., PreparedSubmission]:
    """`prepare_submission` for Les Tilleuls, on 23 November 2026, with nothing approved; each can be said otherwise."""

    def prepare(content: bytes, filename: str = "depot.csv", **said: Any) -> PreparedSubmission:
        usual = {
            "territories": [TILLEULS],
            "catalogue": catalogue,
            "previous": nothing_approved,
            "clock": lambda: NOW,
        }
        return prepare_submission(content, filename, **{**usual, **said})

    return prepare


@pytest.fixture(scope="session")
def store_with_catalogue(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    """A store file that holds the catalogue and no figure, made once. Copy it, do not open it."""
    path = tmp_path_factory.mktemp("catalogue") / "cap.duckdb"
    store = open_store(Settings(store_path=path), plan_masks)
    save_catalogue(store, catalogue, NOW)
    store.close()
    return path


@pytest.fixture
def store(store_with_catalogue: Path, tmp_path: Path) -> Iterator[Store]:
    """The store of `tests/conftest.py`, copied instead of built: a tenth of the time."""
    store = open_store(Settings(store_path=Path(shutil.copy(store_with_catalogue, tmp_path))), plan_masks)
    yield store
    store.close()


@pytest.fixture
def deposit(store: Store, catalogue: Catalogue) -> Callable[..., Receipt]:
    """Prepare a file against the store as it is, save it and, if nothing else is said, approve it."""

    def deposit(content: bytes, filename: str = "depot.csv", **said: Any) -> Receipt:
        territories = said.pop("territories", [TILLEULS])
        catalogue_now = said.pop("catalogue", catalogue)
        at = said.pop("at", NOW)
        previous = load_observations(store, territories, Audience.TERRITORY)
        prepared = prepare_submission(content, filename, territories, catalogue_now, previous, clock=lambda: NOW)
        said.setdefault("approve", True)
        if prepared.count(Change.CHANGED):
            said.setdefault("reason", "correction")
        return save_submission(store, prepared, said.pop("sent_by", "officer"), at, **said)

    return deposit


@pytest.fixture(scope="session")
def base(prepare: Callable[..., PreparedSubmission]) -> PreparedSubmission:
    """A deposit of 200 rows."""
    prepared = prepare(CONTENT)
    assert (prepared.is_ready, prepared.row_count) == (True, 200)
    return prepared


@pytest.fixture
def run() -> Callable[..., Result]:
    """The command line in this process."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments])

    return run


@pytest.fixture(scope="session")
def demo_built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The demonstration built by `demo --json`: its store file and the answer. Copy the file, do not open it."""
    path = tmp_path_factory.mktemp("demo") / "cap.duckdb"
    result = CliRunner().invoke(cli, ["demo", "--store", str(path), "--json"])
    assert result.exit_code == 0, result.output
    return path, json.loads(result.stdout)


@pytest.fixture
def demo_path(demo_built: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A demonstration store of one's own."""
    return Path(shutil.copy(demo_built[0], tmp_path / "demo.duckdb"))


@pytest.fixture
def demo_store(demo_path: Path) -> Iterator[Store]:
    store = open_store(Settings(store_path=demo_path), plan_masks)
    yield store
    store.close()
