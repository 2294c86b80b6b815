"""What every page stands in: its language, our stylesheet and script, and static files compressed once."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.choices import language_of

STATIC = Path(__file__).parent / "static"
HEAD = '<link rel="stylesheet" href="/cap/cap.css"><script src="/cap/cap.js"></script></head>'
OTHER_THAN_PAGES = ("/static/", "/cap/", "/_stcore/", "/media/", "/component/")
SMALLEST_TO_COMPRESS = 1000
COMPRESSIBLE = re.compile(r"^(text/(css|javascript)|application/(javascript|json)|image/svg)")


def list_chunks(scripts: Path, *elements: str) -> list[str]:
    """The script files of Streamlit's elements (Html, PlotlyChart ...) and what they import, without the main ones."""
    sources = {path.name: path for path in scripts.glob("*.js")}

    def reach(names: list[str]) -> dict[str, None]:
        seen: dict[str, None] = {}
        while names:
            name = names.pop()
            if name not in seen and name in sources:
                seen[name] = None
                names += re.findall(
                    r"""(?:from|import)\s*["']\./([\w.$-]+\.js)["']""", sources[name].read_text("utf-8")
                )
        return seen

    always = reach([name for name in sources if name.startswith("index.")])
    wanted = reach([name for name in sources for element in elements if name.startswith(f"{element}.")])
    return [name for name in wanted if name not in always]


def _write_preload(scripts: Path, elements: Collection[str]) -> str:
    """Small scripts first: the elements that wait for them are shown while the large ones are made ready."""
    chunks = sorted(list_chunks(scripts, *elements), key=lambda name: (scripts / name).stat().st_size)
    return "".join(
        f'<link rel="modulepreload" crossorigin href="/static/js/{name}"'
        f"{' data-cap-needed' if name.startswith(tuple(elements)) else ''}>"
        for name in chunks
    )


class Shell:
    """Give the page of Streamlit the language of the reader, our stylesheet and our script.

    `elements` names, for each path (`""`: every page), the elements it will need: their scripts are asked for with
    the page itself, while the connection is made, instead of when they are met. `scripts` is Streamlit's own folder.
    """

    def __init__(self, app: ASGIApp, scripts: Path, elements: Mapping[str, Sequence[str]]) -> None:
        self.app = app
        everywhere = elements.get("", ())
        self.preload = {path: _write_preload(scripts, {*everywhere, *names}) for path, names in elements.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(OTHER_THAN_PAGES):
            await self.app(scope, receive, send)
            return
        language = language_of(Headers(scope=scope))
        collected = _Collected(send, lambda headers: headers.get("content-type", "").startswith("text/html"))
        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, collected)
        if collected.start is not None:
            page = collected.body.decode("utf-8")
            page = page.replace('<html lang="en">', f'<html lang="{language}">').replace(
                "</head>", self.preload.get(scope["path"], self.preload.get("", "")) + HEAD
            )
            page = page.replace('href="./favicon.png"', 'href="/cap/favicon.svg"')
            page = re.sub(r'<link rel="service-desc"[^>]*>', "", page)
            page = page.replace("<title>Streamlit</title>", "<title>Cap commun</title>")
            headers = MutableHeaders(raw=collected.start["headers"])
            for name in ("etag", "last-modified", "content-encoding"):
                del headers[name]
            await _send_whole(send, collected.start, page.encode("utf-8"))


class CompressedStatic:
    """Compress each static file once and keep it: Streamlit never does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[str, tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        wanted = scope["type"] == "http" and scope["method"] == "GET" and path.startswith(("/static/", "/cap/"))
        headers = Headers(scope=scope) if wanted else Headers()
        if "gzip" not in headers.get("accept-encoding", "") or "range" in headers or "if-none-match" in headers:
            await self.app(scope, receive, send)
            return
        if path not in self.kept:
            collected = _Collected(send, lambda found: bool(COMPRESSIBLE.match(found.get("content-type", ""))))
            await self.app(scope, receive, collected)
            if collected.start is None:
                return
            start, body = collected.start, collected.body
            is_compressed = "content-encoding" in Headers(raw=start["headers"])
            if start["status"] != 200 or is_compressed or len(body) < SMALLEST_TO_COMPRESS:
                await _send_whole(send, start, body)
                return
            MutableHeaders(raw=start["headers"])["content-encoding"] = "gzip"
            MutableHeaders(raw=start["headers"])["vary"] = "accept-encoding"
            self.kept[path] = (start, gzip.compress(body, 6))
        await _send_whole(send, *self.kept[path])


class _Collected:
    """A send that holds back the answers someone wants to change and lets the others pass."""

    def __init__(self, send: Send, wants: Callable[[Headers], bool]) -> None:
        self.send, self.wants = send, wants
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.wants(Headers(raw=message["headers"])):
            self.start = {**message, "headers": list(message["headers"])}
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")


async def _send_whole(send: Send, start: Message, body: bytes) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-length"] = str(len(body))
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})
