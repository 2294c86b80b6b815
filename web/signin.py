"""Sign in, sign out, choose a password by a one-time link: pages without Streamlit."""

from __future__ import annotations

import asyncio
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipelines import accounts
from pipelines.accounts import SHORTEST_PASSWORD
from schemas.account import Account, AccountRefused, Refusal
from web.answers import SAFE_HEADERS, say_it, words_of, write_page
from web.choices import safe_next
from web.gate import SIGN_IN, Entrance, Socket, is_foreign
from web.sessions import LONGEST, print_of

LARGEST_FORM = 10_000
OF_THE_PASSWORD = (Refusal.SHORT_PASSWORD, Refusal.PASSWORD_IS_EMAIL)


def list_routes(entrance: Entrance) -> list[Route]:
    """`/connexion`, `/deconnexion`, `/invitation/{token}`; without accounts they lead to the demonstration."""
    both = ["GET", "POST"]
    return [
        Route(SIGN_IN, partial(sign_in, entrance), methods=both),
        Route("/deconnexion", partial(sign_out, entrance), methods=both),
        Route("/invitation/{token}", partial(accept, entrance), methods=both),
    ]


async def sign_in(entrance: Entrance, request: Request) -> Response:
    """E-mail and password, then on to `suite`, a page of ours. What is wrong is said without saying who exists."""
    if not await asyncio.to_thread(entrance.has_accounts):
        return _lead_to("/")
    if request.method != "POST":
        return await _show_sign_in(entrance, request)
    form = await _read_form(request)
    if form is None or is_foreign(entrance, request):
        return say_it(request.headers, 403, "gate.foreign_site")
    email, target = form.get("email", "").strip(), _page_after(form.get("suite", "/"))
    at, sessions = entrance.clock(), entrance.sessions()
    if not await asyncio.to_thread(sessions.begin_attempt, email, at):
        return _ask(request, 429, "signin.locked", email, target)
    async with entrance.verifying:
        account = await asyncio.to_thread(accounts.sign_in, entrance.store(), email, form.get("password", ""))
    if account is None:
        return _ask(request, 403, "signin.wrong", email, target)
    await asyncio.to_thread(sessions.forget_failures, email)
    return await _open_session(entrance, request, account, target)


async def sign_out(entrance: Entrance, request: Request) -> Response:
    """End this browser's session and close its pages. Another site cannot do it for somebody."""
    if is_foreign(entrance, request):
        return say_it(request.headers, 403, "gate.foreign_site", ("/", "signin.back"))
    await _end_session(entrance, request)
    answer = _lead_to(f"{SIGN_IN}?sortie=1")
    is_https = entrance.url.startswith("https:")
    answer.delete_cookie(entrance.cookie, path="/", secure=is_https, httponly=True, samesite="lax")
    return answer


async def accept(entrance: Entrance, request: Request) -> Response:
    """Choose a password, twice the same; the link is used up and all that was open with the old one ends."""
    if not await asyncio.to_thread(entrance.has_accounts):
        return _lead_to("/")
    token, at, store = request.path_params["token"], entrance.clock(), entrance.store()
    try:
        account = await asyncio.to_thread(accounts.read_link, store, token, at)
    except AccountRefused as refused:
        return _refuse_link(request, refused)
    if request.method != "POST":
        return _ask_password(request, 200, "", account)
    form = await _read_form(request)
    if form is None or is_foreign(entrance, request):
        return say_it(request.headers, 403, "gate.foreign_site")
    password = form.get("password", "")
    if password != form.get("again", ""):
        return _ask_password(request, 422, "signin.not_the_same", account)
    try:
        async with entrance.verifying:
            await asyncio.to_thread(accounts.accept, store, token, password, at)
    except AccountRefused as refused:
        if refused.refusal in OF_THE_PASSWORD:
            return _ask_password(request, 422, f"account.{refused.refusal}", account)
        return _refuse_link(request, refused)
    await asyncio.to_thread(entrance.sessions().end_all_of, account.account_id)
    await entrance.close_sockets(lambda socket: socket.account == account.account_id)
    return await _open_session(entrance, request, account.account_id, "/")


async def _show_sign_in(entrance: Entrance, request: Request) -> Response:
    target = _page_after(request.query_params.get("suite", "/"))
    session_id = request.cookies.get(entrance.cookie, "")
    account = await asyncio.to_thread(entrance.sessions().find, session_id, entrance.clock(), True)
    if account is not None:
        return _lead_to(target)
    said = "signin.gone" if "sortie" in request.query_params else ""
    return _ask(request, 200, "", "", target, said)


async def _open_session(entrance: Entrance, request: Request, account: str, target: str) -> Response:
    """A session of its own for each sign-in: an id that a browser had before is worth nothing after."""
    await _end_session(entrance, request)
    session_id = await asyncio.to_thread(entrance.sessions().open, account, entrance.clock())
    answer = _lead_to(target)
    answer.set_cookie(
        entrance.cookie,
        session_id,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        httponly=True,
        secure=entrance.url.startswith("https:"),
        samesite="lax",
    )
    return answer


async def _end_session(entrance: Entrance, request: Request) -> None:
    session_id = request.cookies.get(entrance.cookie, "")
    if not session_id:
        return
    await asyncio.to_thread(entrance.sessions().end, session_id)
    ended = print_of(session_id)

    def is_of_it(socket: Socket) -> bool:
        return socket.session == ended

    await entrance.close_sockets(is_of_it)


def _ask(request: Request, status: int, wrong: str, email: str, target: str, said: str = "") -> Response:
    words = words_of(request.headers)
    return write_page(
        "signin_form",
        words,
        status,
        title=words("signin.title"),
        wrong=words(wrong) if wrong else "",
        said=words(said) if said else "",
        email=email[:LARGEST_FORM],
        target=target,
        other=_other_language(words.language, f"{SIGN_IN}?{urlencode({'suite': target})}"),
    )


def _ask_password(request: Request, status: int, wrong: str, account: Account) -> Response:
    words = words_of(request.headers)
    return write_page(
        "signin_invitation",
        words,
        status,
        title=words("signin.choose"),
        wrong=words(wrong) if wrong else "",
        account=account,
        shortest=SHORTEST_PASSWORD,
        other=_other_language(words.language, request.scope["path"]),
    )


def _refuse_link(request: Request, refused: AccountRefused) -> Response:
    return say_it(request.headers, 410, f"account.{refused.refusal}", (SIGN_IN, "signin.title"), "signin.choose")


def _other_language(language: str, here: str) -> tuple[str, str]:
    other = "en" if language == "fr" else "fr"
    return other, f"/choisir?{urlencode({'langue': other, 'suite': here})}"


def _page_after(target: str) -> str:
    """A page of ours to go to once signed in; the pages of sign-in themselves lead nowhere."""
    path = urlsplit(safe_next(target)).path
    return "/" if path.startswith((SIGN_IN, "/deconnexion", "/invitation")) else safe_next(target)


def _lead_to(target: str) -> RedirectResponse:
    return RedirectResponse(target, 303, SAFE_HEADERS)


async def _read_form(request: Request) -> dict[str, str] | None:
    """The fields of a form, the last of each name; None for what is larger than any of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
