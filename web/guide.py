"""`/guide`: the guide, and of each message about a file when it comes, why it matters, how to repair. Open to all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from outputs.html import write_html
from schemas.issue import Code, Issue
from schemas.words import Severity, plain_word
from texts import LANGUAGES, Words, load_words
from web.answers import SAFE_HEADERS
from web.choices import language_of

GUIDE = "/guide"
REPAIR = "corriger"
"""The anchor of how to repair on the page, in both languages; those of messages are their codes."""
DOCS = Path(__file__).parent.parent / "docs"
KEPT_FOR = "private, max-age=300"


@dataclass(frozen=True)
class Heading:
    """A heading of the guide: its level (2 is a chapter), the anchor that leads to it, its words."""

    level: int
    anchor: str
    text: str


def guide_route() -> Route:
    return Route(GUIDE, send_guide)


async def send_guide(request: Request) -> Response:
    """The guide in the language of the reader, or of `?lang=`."""
    asked = request.query_params.get("lang")
    language = asked if asked in LANGUAGES else language_of(request.headers)
    return HTMLResponse(write_guide(language), headers={**SAFE_HEADERS, "cache-control": KEPT_FOR})


@cache
def write_guide(language: str) -> str:
    """The page in a language of LANGUAGES, made once."""
    words = load_words(language)
    headings, text = render_guide((DOCS / f"guide.{language}.md").read_text("utf-8"), words)
    other = "en" if language == "fr" else "fr"
    return write_html(
        "guide",
        words,
        title=words("guide.title"),
        other=(other, f"{GUIDE}?lang={other}"),
        headings=[one for one in headings if one.level == 2],
        text=text,
        repair=REPAIR,
        parts=[(severity, [code for code in Code if Issue(code).severity is severity]) for severity in Severity],
        inline=_markdown().renderInline,
    )


def render_guide(source: str, words: Words) -> tuple[list[Heading], str]:
    """The headings below the title, and the HTML of all but the title. HTML in the source is shown, not obeyed."""
    tokens = _markdown().parse(source)
    start = next(at for at, token in enumerate(tokens) if token.type == "heading_close") + 1
    headings: list[Heading] = []
    rendered: list[Token] = []
    for token, following in zip(tokens[start:], [*tokens[start + 1 :], Token("", "", 0)], strict=True):
        if token.type == "heading_open":
            headings.append(_as_heading(token, following.content))
        if token.type == "table_open":
            rendered.append(_open_region(words("guide.table", heading=headings[-1].text)))
            token.attrSet("class", "cap-table")
        rendered.append(token)
        if token.type == "table_close":
            rendered.append(_as_html("</div>\n"))
    return headings, _markdown().renderer.render(rendered, _markdown().options, {})


def _as_heading(token: Token, text: str) -> Heading:
    """The heading; its tag gets the anchor, the words without accents and signs."""
    anchor = plain_word(text).replace("_", "-")
    token.attrSet("id", anchor)
    return Heading(int(token.tag[1]), anchor, text)


def _open_region(label: str) -> Token:
    """What a table stands in, so that a telephone scrolls the table and not the page."""
    return _as_html(f'<div class="cap-scroll" tabindex="0" role="region" aria-label="{escape(label)}">\n')


def _as_html(html: str) -> Token:
    return Token("html_block", "", 0, content=html)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
