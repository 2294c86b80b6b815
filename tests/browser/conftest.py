"""The running app with the demonstration, and a real Chromium to drive it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Debian's browser if it is there; None lets Playwright take its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_app(store: Path, script: str = "app.py") -> tuple[subprocess.Popen[bytes], str]:
    """Start the app on a free port; returns the process and its address once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CAP_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
            return process, address
        except OSError:
            time.sleep(0.1)
    stop_app(process)
    raise RuntimeError("the app did not answer within 20 s")


def stop_app(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=20)


@dataclass
class Visit:
    """One tab, with what a person would not see: errors of the console, requests to other hosts."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_selector("h1", timeout=20_000)
        for _ in range(2):  # one run may follow another at once
            self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=20_000)
            self.page.wait_for_timeout(100)
        return self.page

    @property
    def text(self) -> str:
        return self.page.inner_text("[data-testid=stMainBlockContainer]")


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, built by its own command."""
    path = tmp_path_factory.mktemp("demo") / "cap.duckdb"
    subprocess.run([sys.executable, "-m", "pipelines", "demo", "--store", str(path)], cwd=ROOT, check=True)
    return path


@pytest.fixture(scope="module")
def app(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app of its own, over a copy of the demonstration."""
    store = tmp_path_factory.mktemp("app") / "cap.duckdb"
    shutil.copy(demo_store, store)
    process, address = start_app(store)
    yield address
    stop_app(process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


def visit(context: BrowserContext, address: str) -> Visit:
    context.set_default_timeout(10_000)
    visited = Visit(context.new_page(), address)
    visited.page.on("console", lambda said: visited.errors.append(said.text) if said.type == "error" else None)
    visited.page.on("pageerror", lambda error: visited.errors.append(str(error)))
    ours = (address, address.replace("http", "ws"), "data:", "blob:")
    visited.page.on(
        "request", lambda asked: visited.outside.append(asked.url) if not asked.url.startswith(ours) else None
    )
    return visited


@pytest.fixture(scope="module")
def profiles(browser: Browser) -> Iterator[dict[tuple[object, ...], BrowserContext]]:
    """A browser profile of each width and language that the module asks for: scripts are compiled once, not a test."""
    made: dict[tuple[object, ...], BrowserContext] = {}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def tab(
    browser: Browser,
    app: str,
    profiles: dict[tuple[object, ...], BrowserContext],
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """A French tab at 1280 px, or as wide as the test asks (`indirect`), of somebody who was never here."""
    options = {"width": 1280, "locale": "fr-FR"} | getattr(request, "param", {})
    key = tuple(options.values())
    if key not in profiles:
        viewport = {"width": options["width"], "height": 900}
        profiles[key] = browser.new_context(viewport=viewport, locale=options["locale"])
    context = profiles[key]
    context.clear_cookies()
    yield visit(context, app)
    for page in context.pages:
        page.close()
