"""What the page of a deposit costs: one run of *Déposer* over 2 000 lines, over the pipeline alone on the same bytes.

`python -m tests.bench.deposit_page` prints medians of interleaved rounds and their ratio, at most 2 asked. The page
run begins with the file dropped and ends with every issue and its cells on the page; the pipeline reads, checks and
compares.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

from streamlit.testing.v1 import AppTest

from commands.request import programme_clock
from measures.plausibility import check_plausibility
from pages.parts.cached import shared_store
from pipelines.demo import DEMO_FOLDER, load_demo
from pipelines.deposit import add_warnings, prepare_submission
from pipelines.store import Store, load_catalogue, load_observations
from schemas.submission import PreparedSubmission
from schemas.words import Audience
from settings import read_settings
from tests.bench.rounds import say, time_rounds
from tests.browser.conftest import ROOT
from tests.browser.test_repair import list_two_thousand

TERRITORY = "FR-99-VALFLEURI"


def run_pipeline(store: Store, content: bytes) -> PreparedSubmission:
    """Read, check, compare, look for what is odd: all that the page does before it draws."""
    catalogue, previous = load_catalogue(store), load_observations(store, [TERRITORY], Audience.TERRITORY)
    prepared = prepare_submission(content, "gros.csv", [TERRITORY], catalogue, previous, programme_clock(catalogue))
    odd = check_plausibility(prepared.rows, previous, catalogue, prepared.reading.template_on)
    return add_warnings(prepared, odd)


def open_page() -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "deposit.py"), default_timeout=60)
    page.query_params["territoire"] = TERRITORY
    return page.run()


def drop_file(page: AppTest, content: bytes) -> None:
    page.file_uploader[0].set_value(("gros.csv", content, "text/csv")).run()
    if page.exception or not any(one.label.startswith("denominateur") for one in page.text_input):
        raise RuntimeError(f"the page did not get to its issues: {page.exception}")


def main(rounds: int = 7) -> None:
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # there is no server here, and it says so at each run
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CAP_STORE"] = str(Path(folder) / "cap.duckdb")
        store = shared_store(read_settings(os.environ))
        load_demo(store, DEMO_FOLDER)
        pages = [open_page() for _ in range(rounds + 1)]
        contents = [list_two_thousand().replace(b"Guichet", b"Guichet %d" % at) for at in range(rounds + 1)]
        seconds = time_rounds(
            {
                "pipeline": lambda: run_pipeline(store, list_two_thousand()),
                "page": lambda: drop_file(pages.pop(), contents.pop()),
            },
            rounds,
        )
    for name, median in seconds.items():
        print(f"{name}: {1000 * median:.0f} ms")  # noqa: T201
    say("2 000 lines, the page over the pipeline alone", seconds["page"] / seconds["pipeline"], "at most 2")


if __name__ == "__main__":
    main()
