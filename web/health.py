"""`/sante`: one word that says the program answers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse


async def health(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")
