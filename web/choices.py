"""The reader's language, and in a demonstration the person they look as: chosen by a link, kept in a cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse

from texts import LANGUAGES, choose_language

LANGUAGE_COOKIE, VISITOR_COOKIE, NARROW_COOKIE = "cap_langue", "cap_visiteur", "cap_etroit"
A_YEAR = 365 * 24 * 3600


def language_of(headers: Headers) -> str:
    """The chosen language of a request, else the browser's, else French."""
    chosen = cookie_parser(headers.get("cookie", "")).get(LANGUAGE_COOKIE)
    return choose_language(chosen, headers.get("accept-language", "").split(",")[0].strip())


async def choose(request: Request) -> RedirectResponse:
    """`/choisir?langue=en&visiteur=...&suite=/...`: keep the choice, go on to a page of ours."""
    answer = RedirectResponse(safe_next(request.query_params.get("suite", "/")), status_code=303)
    language, visitor = request.query_params.get("langue"), request.query_params.get("visiteur")
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, httponly=True, samesite="lax")
    if visitor is not None:
        answer.set_cookie(VISITOR_COOKIE, visitor[:100], max_age=A_YEAR, httponly=True, samesite="lax")
    return answer


def safe_next(target: str) -> str:
    """A path of this host, whatever was asked."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not parts.netloc and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if ours else "/"
