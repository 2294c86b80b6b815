"""The demonstration programme: invented territories whose files go through the same path as any deposit."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from pipelines.catalogue import check_catalogue, merge_catalogues, read_catalogue
from pipelines.deposit import prepare_submission
from pipelines.store import Store, load_catalogue, load_observations, load_submissions, save_catalogue, save_submission
from schemas.catalogue import Catalogue
from schemas.words import Audience

DATA = Path(__file__).parent.parent / "data"
DEMO_FOLDER = DATA / "demo"


def load_demo(store: Store, folder: Path) -> dict[str, int]:
    """Load the reference catalogue, the demonstration's own, and the files its territories sent, each at its time.

    `<folder>/deposits.csv` lists them: at (ISO, with zone), territory_code, file, sent_by, reason. Files that are in
    the store already are left. Returns the rows of each table. Raises ValueError for a file with a blocking issue.
    """
    catalogue = merge_catalogues(read_catalogue(DATA / "reference"), read_catalogue(folder / "catalogue"))
    check_catalogue(catalogue)
    with (folder / "deposits.csv").open(encoding="utf-8", newline="") as listing:
        deposits = list(csv.DictReader(listing))
    begins = datetime.fromisoformat(deposits[0]["at"])
    save_catalogue(store, catalogue, begins)
    loaded = set(load_submissions(store, None)["filename"])
    for deposit in deposits:
        if deposit["file"] not in loaded:
            _send(store, catalogue, folder / "files" / deposit["file"], deposit)
    rows = {table: frame.height for table, frame in load_catalogue(store).tables().items()}
    everyone = catalogue.territories["territory_code"].to_list()
    return {**rows, "observation": load_observations(store, everyone, Audience.TERRITORY).height}


def _send(store: Store, catalogue: Catalogue, path: Path, deposit: dict[str, str]) -> None:
    territory, at = deposit["territory_code"], datetime.fromisoformat(deposit["at"])
    previous = load_observations(store, [territory], Audience.TERRITORY)
    prepared = prepare_submission(path.read_bytes(), path.name, [territory], catalogue, previous, lambda: at)
    if not prepared.is_ready:
        raise ValueError(f"{path.name}: {prepared.blocking}")
    save_submission(store, prepared, deposit["sent_by"], at, deposit["reason"] or None, approve=True)
