"""Pages without Streamlit: the same look, nothing from elsewhere, nothing kept by the browser."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from outputs.html import write_html
from texts import Words, load_words
from web.choices import language_of

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "cookie, accept-language",
}


def words_of(headers: Headers) -> Words:
    return load_words(language_of(headers))


def write_page(template: str, words: Words, status: int = 200, **values: object) -> HTMLResponse:
    """Fill a template that stands on `signin_base.html`."""
    return HTMLResponse(write_html(template, words, **values), status, SAFE_HEADERS)


def say_it(
    headers: Headers, status: int, key: str, link: tuple[str, str] | None = None, title: str = "gate.title"
) -> Response:
    """One sentence: a page for who reads pages, plain text for what does not. `link`: an address, the key of words."""
    words = words_of(headers)
    if "text/html" not in headers.get("accept", ""):
        return PlainTextResponse(words(key), status, SAFE_HEADERS)
    exits = (link[0], words(link[1])) if link else None
    return write_page("signin_notice", words, status, title=words(title), sentence=words(key), link=exits)
