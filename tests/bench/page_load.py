"""How long pages take to stand, over an empty Streamlit page of the same server, in a real browser.

`python -m tests.bench.page_load` prints medians of interleaved loads (ms) and ratios. Cold: a new browser with nothing
in its cache; warm: the same browser, which has seen the page before. A page stands when its title is there, its script
is done and its chart is drawn.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

from tests.browser.conftest import FLAGS, ROOT, find_chromium, start_app, stop_app

ROUNDS = 11
GOAL = "objectif?territoire=FR-99-TILLEULS&objectif=O1&indicateur=JEU-01"
# page: (path, what must be drawn, most it may take over the empty page: cold, warm)
PAGES = {
    "empty page": ("", "h1", None, None),
    "Où en est-on ?": ("?territoire=FR-99-TILLEULS", ".cap-curve img", 1.6, 1.6),
    "Objectif (Plotly)": (GOAL, ".js-plotly-plot .main-svg", 2.2, 1.8),
}
STANDS = """
selector => new Promise(resolve => {
  const look = () => {
    const app = document.querySelector('[data-testid=stApp]');
    const done = app && app.getAttribute('data-test-script-state') === 'notRunning';
    const images = [...document.querySelectorAll('.cap-curve img')].every(image => image.complete);
    if (done && images && document.querySelector('h1') && document.querySelector(selector)) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})
"""


def time_load(page: Page, address: str, drawn: str) -> float:
    """Milliseconds from the start of the navigation until the page stands."""
    page.goto(address, wait_until="commit")
    return float(page.evaluate(STANDS, drawn))


def time_round(playwright: Playwright, address: str, drawn: str) -> tuple[float, float]:
    """One cold and one warm load in a new browser with a profile of its own.

    Warm is the third load: a browser keeps the compiled form of a script from its second use on.
    """
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_chromium(),
            args=FLAGS,
            viewport={"width": 1280, "height": 900},
            locale="fr-FR",
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        times = []
        for _ in range(3):
            page.goto("about:blank")
            times.append(time_load(page, address, drawn))
        context.close()
    return times[0], times[2]


def measure_pages() -> dict[str, tuple[float, float]]:
    """Medians (cold, warm) of each page, the pages taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "cap.duckdb"
        subprocess.run([sys.executable, "-m", "pipelines", "demo", "--store", str(store)], cwd=ROOT, check=True)
        shutil.copy(store, Path(folder) / "empty.duckdb")
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
        with ExitStack() as stack:
            process, address = start_app(store)
            stack.callback(stop_app, process)
            empty_process, empty_address = start_app(Path(folder) / "empty.duckdb", "tests/bench/empty_app.py")
            stack.callback(stop_app, empty_process)
            with sync_playwright() as playwright:
                for round_number in range(ROUNDS + 1):
                    for name, (path, drawn, _, _) in PAGES.items():
                        base = empty_address if name == "empty page" else address
                        found = time_round(playwright, f"{base}/{path}", drawn)
                        if round_number:  # the first round warms the servers
                            times[name].append(found)
    return {
        name: (statistics.median(cold for cold, _ in found), statistics.median(warm for _, warm in found))
        for name, found in times.items()
    }


def main() -> None:
    medians = measure_pages()
    empty_cold, empty_warm = medians["empty page"]
    print(f"{'page':20} {'cold ms':>8} {'warm ms':>8} {'cold ratio':>11} {'warm ratio':>11}")  # noqa: T201
    for name, (cold, warm) in medians.items():
        _, _, most_cold, most_warm = PAGES[name]
        limits = f"   (at most {most_cold} and {most_warm})" if most_cold else ""
        ratios = f"{cold / empty_cold:11.2f} {warm / empty_warm:11.2f}"
        print(f"{name:20} {cold:8.0f} {warm:8.0f} {ratios}{limits}")  # noqa: T201


if __name__ == "__main__":
    main()
