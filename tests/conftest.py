"""What several tests share: the real files, a store in an empty folder, a small catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from measures.disclosure import plan_masks
from pipelines.catalogue import merge_catalogues, read_catalogue
from pipelines.store import Store, open_store, save_catalogue
from schemas.catalogue import Catalogue
from settings import Settings

ROOT = Path(__file__).parent.parent
CASES = ROOT.parent / "shared" / "cases"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of real files with known answers; its absence skips, and `.ci/run` makes it an error."""
    if not CASES.is_dir():
        pytest.skip("the folder ../shared/cases does not exist here")
    return CASES


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The reference catalogue and the demonstration's territories (FR-99-TILLEULS, QN99901N ...)."""
    return merge_catalogues(read_catalogue(ROOT / "data" / "reference"), read_catalogue(ROOT / "data/demo/catalogue"))


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(Settings(store_path=tmp_path / "cap.duckdb"), plan_masks)
    yield store
    store.close()


@pytest.fixture
def store(empty_store: Store, catalogue: Catalogue) -> Store:
    """A store that holds the catalogue and no figure."""
    save_catalogue(empty_store, catalogue, NOW)
    return empty_store
