"""`/fichier/{number}`: a file as it was sent, for those who may see all the figures of its territories."""

from __future__ import annotations

import asyncio
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.store import OriginalMissing, load_catalogue, load_original, load_receipt
from schemas.words import Audience
from web.answers import SAFE_HEADERS, say_it
from web.choices import VISITOR_COOKIE
from web.gate import USER_HEADER, Entrance
from web.visitors import find_person, load_known


def file_route(entrance: Entrance) -> Route:
    return Route("/fichier/{number}", partial(send_original, entrance))


async def send_original(entrance: Entrance, request: Request) -> Response:
    """The bytes as they came, to keep and never to open in place; what is of another territory is not there."""
    found = await asyncio.to_thread(_find, entrance, request)
    if found is None:
        return say_it(request.headers, 404, "receipt.none", ("/recu", "signin.back"))
    filename, content = found
    disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    headers = {**SAFE_HEADERS, "content-disposition": disposition}
    return Response(content, headers=headers, media_type="application/octet-stream")


def _find(entrance: Entrance, request: Request) -> tuple[str, bytes] | None:
    """The name and the bytes, if whoever asks may see the cells that are masked for others."""
    store = entrance.store()
    known = load_known(store, request.headers.get(USER_HEADER, ""))
    wanted = request.cookies.get(VISITOR_COOKIE, "")
    visitor = find_person(known, load_catalogue(store), wanted, entrance.clock()).visitor
    if visitor is None or visitor.audience is not Audience.TERRITORY:
        return None
    try:
        receipt = load_receipt(store, request.path_params["number"], visitor.territories)
        return receipt.filename, load_original(store, receipt.submission_id, visitor.territories)
    except (KeyError, OriginalMissing):
        return None
