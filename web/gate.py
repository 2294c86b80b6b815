"""The gate before everything: who is let in, at each request and at each message of an open page.

Where the store has accounts, nobody passes without a session and a right that holds now. Where it has none it is a
demonstration, and passes only who sits at the computer that runs it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from threading import Event
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.store import Store
from pipelines.store.accounts import has_accounts, load_grants
from schemas.account import DEMONSTRATION, Grant, rights_at
from web.answers import SAFE_HEADERS, say_it
from web.sessions import Sessions, print_of

USER_HEADER = "x-cap-user"
"""What the gate says of who passes; .streamlit/config.toml hands it to `st.user`. Never what a browser says."""
SIGN_IN = "/connexion"
ALWAYS_OPEN = re.compile(r"/sante|/guide|/_stcore/health|/(static|cap)/.+")
OPEN_TO_SIGN_IN = re.compile(r"/connexion|/deconnexion|/choisir|/invitation/[\w-]{1,100}")
HIDDEN = re.compile(r"/_stcore/(metrics|agent).*|/auth/.*|/oauth2callback.*")
OTHER_THAN_PAGES = re.compile(r"/(_stcore|media|component|static|cap)/.*")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
FORWARDED = re.compile(r"forwarded|x-forwarded-.*|x-real-ip|via")
WATCHED_EVERY = 10.0
"""Seconds after which an open page that says nothing is looked at again."""


class Why(StrEnum):
    """Why somebody does not pass; each but the first has its sentence (`gate.<why>`)."""

    HIDDEN = "hidden"
    FOREIGN_HOST = "foreign_host"
    NOT_HERE = "not_here"
    FOREIGN_SITE = "foreign_site"
    SIGNED_OUT = "signed_out"
    NO_RIGHT = "no_right"


STATUS = {
    Why.HIDDEN: 404,
    Why.FOREIGN_HOST: 400,
    Why.NOT_HERE: 403,
    Why.FOREIGN_SITE: 403,
    Why.SIGNED_OUT: 401,
    Why.NO_RIGHT: 403,
}


@dataclass(frozen=True)
class Verdict:
    """`why` somebody does not pass, or as which `account` they do ("" where it is open to all)."""

    why: Why | None = None
    account: str = ""


class Socket:
    """The way out to one open page: nothing leaves once it is closed."""

    def __init__(self, outward: Send, session: str, account: str) -> None:
        self.outward, self.session, self.account = outward, session, account
        self.is_closed = False

    async def send(self, message: Message) -> None:
        if self.is_closed:
            raise OSError("closed at the gate")
        self.is_closed = message["type"] == "websocket.close"
        await self.outward(message)

    async def close(self, code: int) -> None:
        if not self.is_closed:
            self.is_closed = True
            with suppress(OSError, RuntimeError):  # the browser may have left
                await self.outward({"type": "websocket.close", "code": code})


@dataclass(frozen=True)
class Entrance:
    """What the gate and the pages of sign-in share. `url` is the address that people type."""

    store: Callable[[], Store]
    sessions: Callable[[], Sessions]
    url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sockets: set[Socket] = field(default_factory=set)
    verifying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    kept: dict[str, tuple[int, tuple[Grant, ...]]] = field(default_factory=dict)
    peopled: Event = field(default_factory=Event)

    @property
    def cookie(self) -> str:
        """The name of the cookie: `__Host-` makes a browser refuse one that was not set by this host over https."""
        return "__Host-cap_session" if self.url.startswith("https:") else "cap_session"

    def has_accounts(self) -> bool:
        """Accounts are never taken out of a store: once is for ever."""
        if not self.peopled.is_set() and has_accounts(self.store()):
            self.peopled.set()
        return self.peopled.is_set()

    def may_something(self, account: str, at: datetime) -> bool:
        """Whether an account has any right at a moment; the store is asked again when its version moves."""
        store = self.store()
        version = store.version()
        known = self.kept.get(account)
        if known is None or known[0] != version:
            known = self.kept[account] = (version, load_grants(store, account))
        return bool(rights_at(known[1], at))

    async def close_sockets(self, is_meant: Callable[[Socket], bool]) -> None:
        for socket in [one for one in self.sockets if is_meant(one)]:
            await socket.close(4401)


def judge(entrance: Entrance, connection: HTTPConnection, is_used: bool = True) -> Verdict:
    """Who passes, and as whom. `is_used` is False for a look that nobody asked for: it keeps no session alive."""
    path = connection.scope["path"]
    if HIDDEN.fullmatch(path):
        return Verdict(Why.HIDDEN)
    if ALWAYS_OPEN.fullmatch(path):
        return Verdict()
    is_peopled = entrance.has_accounts()
    if not is_peopled and not is_local(connection):
        return Verdict(Why.NOT_HERE)
    if is_peopled and _host_name(connection.headers) not in (urlsplit(entrance.url).hostname, *LOCAL_NAMES):
        return Verdict(Why.FOREIGN_HOST)
    is_reading = connection.scope["type"] == "http" and connection.scope["method"] in SAFE_METHODS
    if not is_reading and is_foreign(entrance, connection):
        return Verdict(Why.FOREIGN_SITE)
    if not is_peopled:
        return Verdict(account=DEMONSTRATION)
    if OPEN_TO_SIGN_IN.fullmatch(path):
        return Verdict()
    at = entrance.clock()
    session_id = connection.cookies.get(entrance.cookie, "")
    account = entrance.sessions().find(session_id, at, is_used) if session_id else None
    if account is None:
        return Verdict(Why.SIGNED_OUT)
    return Verdict(account=account) if entrance.may_something(account, at) else Verdict(Why.NO_RIGHT)


def is_local(connection: HTTPConnection) -> bool:
    """Whether somebody sits at this computer: nothing stands between, and they typed one of its own names."""
    try:
        is_loopback = connection.client is not None and ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
    is_forwarded = any(FORWARDED.fullmatch(name) for name in connection.headers)
    return is_loopback and not is_forwarded and _host_name(connection.headers) in LOCAL_NAMES


def is_foreign(entrance: Entrance, connection: HTTPConnection) -> bool:
    """Whether another site makes the browser ask. What is not a browser says nothing about it and has no cookie."""
    headers = connection.headers
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    ours = {_origin_of(entrance.url)}
    if _host_name(headers) in LOCAL_NAMES:
        ours |= {_origin_of(f"{scheme}://{headers['host']}") for scheme in ("http", "https")}
    return "origin" in headers and _origin_of(headers["origin"]) not in ours


def _host_name(headers: Headers) -> str | None:
    hosts = headers.getlist("host")
    try:
        return urlsplit(f"//{hosts[0]}").hostname if len(hosts) == 1 else None
    except ValueError:
        return None


def _origin_of(address: str) -> tuple[str, str, int] | None:
    """Scheme, name and port; None for what has none, such as « null »."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


class Gate:
    """Let requests pass with `X-Cap-User` set to the account, or answer them; the outermost of the middleware."""

    def __init__(self, app: ASGIApp, entrance: Entrance, watched_every: float = WATCHED_EVERY) -> None:
        self.app, self.entrance, self.watched_every = app, entrance, watched_every

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        said = [header for header in scope["headers"] if header[0].lower() != USER_HEADER.encode()]
        scope = {**scope, "headers": said}
        verdict = await self._judge(scope)
        inner = scope
        if verdict.account:
            inner = {**scope, "headers": [*said, (USER_HEADER.encode(), verdict.account.encode())]}
        if scope["type"] == "websocket" and verdict.why is None:
            await self._keep_watch(scope, inner, receive, send, verdict)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _code_of(verdict.why)})
        elif verdict.why is None:
            await self.app(inner, receive, send)
        else:
            await _refuse(HTTPConnection(scope), verdict.why)(scope, receive, send)

    async def _judge(self, scope: Scope, is_used: bool = True) -> Verdict:
        if ALWAYS_OPEN.fullmatch(scope["path"]):
            return Verdict()
        return await asyncio.to_thread(judge, self.entrance, HTTPConnection(scope), is_used)

    async def _keep_watch(self, scope: Scope, inner: Scope, receive: Receive, send: Send, verdict: Verdict) -> None:
        """Pass the messages of a page as long as its verdict stands, and close it once it does not."""
        session_id = HTTPConnection(scope).cookies.get(self.entrance.cookie, "")
        socket = Socket(send, print_of(session_id), verdict.account)

        async def look_again(is_used: bool) -> bool:
            found = await self._judge(scope, is_used)
            if found != verdict:
                await socket.close(_code_of(found.why))
            return not socket.is_closed

        async def receive_checked() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not await look_again(is_used=True):
                return {"type": "websocket.disconnect", "code": 4401}
            return message

        async def watch() -> None:
            await asyncio.sleep(self.watched_every)
            while await look_again(is_used=False):
                await asyncio.sleep(self.watched_every)

        self.entrance.sockets.add(socket)
        watching = asyncio.create_task(watch())
        try:
            await self.app(inner, receive_checked, socket.send)
        finally:
            watching.cancel()
            self.entrance.sockets.discard(socket)


def _code_of(why: Why | None) -> int:
    return 4403 if why in (Why.NOT_HERE, Why.FOREIGN_SITE, Why.NO_RIGHT) else 4401


def _refuse(connection: HTTPConnection, why: Why) -> Response:
    headers = connection.headers
    if why is Why.HIDDEN:
        return PlainTextResponse("Not Found", 404, SAFE_HEADERS)
    if why is Why.SIGNED_OUT and _is_navigation(connection):
        query = connection.scope["query_string"].decode("latin-1")
        target = connection.scope["path"] + (f"?{query}" if query else "")
        suffix = f"?suite={quote(target, safe='')}" if target != "/" else ""
        return RedirectResponse(f"{SIGN_IN}{suffix}", 303, SAFE_HEADERS)
    link = ("/deconnexion", "signin.sign_out") if why is Why.NO_RIGHT else None
    return say_it(headers, STATUS[why], f"gate.{why}", link)


def _is_navigation(connection: HTTPConnection) -> bool:
    """Whether somebody opens a page: what a page asks for by itself gets a status, not another page."""
    headers, scope = connection.headers, connection.scope
    is_opened = headers.get("sec-fetch-mode", "navigate") == "navigate" and "text/html" in headers.get("accept", "")
    return is_opened and scope["method"] in ("GET", "HEAD") and not OTHER_THAN_PAGES.fullmatch(scope["path"])
