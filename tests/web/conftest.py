"""A store with people in it, and the gate before a small app that says who it was told is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from measures.disclosure import plan_masks
from pipelines.accounts import accept, create_administrator, find_grant, invite, require_account, revoke
from pipelines.store import Store, open_store, save_catalogue
from schemas.account import ALL_RIGHTS, COMMAND_LINE
from schemas.catalogue import Catalogue
from schemas.words import Role
from settings import Settings
from tests.conftest import NOW
from web.choices import choose
from web.gate import USER_HEADER, Entrance, Gate
from web.guide import guide_route
from web.health import health
from web.originals import file_route
from web.sessions import Sessions, open_sessions, sessions_of
from web.signin import list_routes

URL = "https://cap.example.org"
PASSWORD = "une phrase assez longue"
TILLEULS = "FR-99-TILLEULS"
PAGE = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "none"}


async def echo(request: Request) -> Response:
    return PlainTextResponse(",".join(request.headers.getlist(USER_HEADER)))


async def stream(socket: WebSocket) -> None:
    """Says who is there, then repeats what it is told."""
    await socket.accept()
    await socket.send_text(",".join(socket.headers.getlist(USER_HEADER)))
    async for message in socket.iter_text():
        await socket.send_text(message)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class House:
    """The gate before the small app, with a clock that the test moves."""

    store: Store
    sessions: Sessions
    url: str = URL
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.entrance = Entrance(lambda: self.store, lambda: self.sessions, self.url, self.clock)
        routes = [
            Route("/sante", health),
            guide_route(),
            Route("/choisir", choose),
            *list_routes(self.entrance),
            file_route(self.entrance),
            Route("/static/app.js", echo),
            WebSocketRoute("/_stcore/stream", stream),
            Route("/{path:path}", echo, methods=["GET", "HEAD", "POST", "PUT"]),
        ]
        self.app = Starlette(routes=routes, middleware=[Middleware(Gate, entrance=self.entrance, watched_every=0.05)])

    def browser(self, base: str | None = None, client: str = "203.0.113.7") -> TestClient:
        return TestClient(self.app, base or self.url, follow_redirects=False, client=(client, 50_000))

    def add(self, email: str, role: Role = Role.OFFICER, territory: str = TILLEULS) -> str:
        """Somebody with PASSWORD and one right."""
        account_id, secret = invite(
            self.store, email, email.split("@")[0], role, territory, self.clock(), COMMAND_LINE, ALL_RIGHTS
        )
        if secret:
            accept(self.store, secret, PASSWORD, self.clock())
        return account_id

    def take_back(self, email: str, role: Role = Role.OFFICER, territory: str = TILLEULS) -> None:
        at = self.clock()
        revoke(self.store, find_grant(self.store, email, role, territory, at), at, COMMAND_LINE, ALL_RIGHTS)


def sign_in(browser: TestClient, email: str, password: str = PASSWORD, **said: Any) -> Any:
    return browser.post("/connexion", data={"email": email, "password": password, **said}, headers=PAGE)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> tuple[Path, Path]:
    """Two store files to copy: with a catalogue and nobody; with `ada@example.org`, who administers."""
    empty = tmp_path_factory.mktemp("empty") / "cap.duckdb"
    store = open_store(Settings(store_path=empty), plan_masks)
    save_catalogue(store, catalogue, NOW, COMMAND_LINE)
    store.close()
    peopled = tmp_path_factory.mktemp("peopled") / "cap.duckdb"
    store = open_store(Settings(store_path=Path(shutil.copy(empty, peopled))), plan_masks)
    _, secret = create_administrator(store, "ada@example.org", "Ada", NOW, COMMAND_LINE)
    assert secret
    accept(store, secret, PASSWORD, NOW)
    store.close()
    return empty, peopled


@pytest.fixture
def build(stores: tuple[Path, Path], tmp_path: Path) -> Iterator[Callable[..., House]]:
    """A house with people, or (`peopled=False`) the demonstration."""
    opened: list[House] = []

    def build(peopled: bool = True, url: str = URL) -> House:
        path = Path(shutil.copy(stores[peopled], tmp_path / "cap.duckdb"))
        store = open_store(Settings(store_path=path), plan_masks)
        opened.append(House(store, open_sessions(sessions_of(path)), url))
        return opened[-1]

    yield build
    for house in opened:
        house.sessions.close()
        house.store.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    return build()


@pytest.fixture
def ada(house: House) -> str:
    """The account id of `ada@example.org`."""
    return require_account(house.store, "ada@example.org")


@pytest.fixture
def signed_in(house: House) -> Callable[..., TestClient]:
    """The browser of somebody with one right."""

    def signed_in(role: Role, territory: str) -> TestClient:
        browser = house.browser()
        house.add("lea@example.org", role, territory)
        assert sign_in(browser, "lea@example.org").status_code == 303
        return browser

    return signed_in
