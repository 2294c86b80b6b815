"""The program at a glance: `streamlit run app.py`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import pipelines.__main__  # noqa: F401 - the commands that the app answers for others
from commands.line import answer_for_others
from commands.owner import CommandServer
from pages.parts.cached import shared_store
from pipelines.store import StoreInUse, StoreUnusable
from settings import read_settings
from texts import load_words
from web.choices import choose
from web.gate import Entrance, Gate
from web.guide import guide_route
from web.health import health
from web.originals import file_route
from web.sessions import Sessions, open_sessions, sessions_of
from web.shell import STATIC, CompressedStatic, Shell
from web.signin import list_routes


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """The app owns the store while it runs. Streamlit collects garbage after every run: what is loaded is set aside."""
    settings = read_settings(os.environ)
    try:
        store = shared_store(settings)
    except StoreInUse as error:
        sys.exit(load_words("fr")("app.store_in_use", path=error.path, by=error.owner))
    except StoreUnusable as error:
        sys.exit(str(error))
    commands = CommandServer(settings.store_path, lambda name, asked: answer_for_others(name, settings, store, asked))
    gc.collect()
    gc.freeze()
    yield
    commands.close()
    browser_sessions().close()
    store.close()


@cache
def browser_sessions() -> Sessions:
    return open_sessions(sessions_of(read_settings(os.environ).store_path))


ENTRANCE = Entrance(
    store=lambda: shared_store(read_settings(os.environ)),
    sessions=browser_sessions,
    url=read_settings(os.environ).url,
)
ROUTES = [
    Route("/choisir", choose),
    Route("/sante", health),
    guide_route(),
    *list_routes(ENTRANCE),
    file_route(ENTRANCE),
    Mount("/cap", StaticFiles(directory=STATIC)),
]
SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
ELEMENTS = {"": ("Html",), "/objectif": ("PlotlyChart",), "/comparer": ("PlotlyChart",)}
MIDDLEWARE = [
    Middleware(Gate, entrance=ENTRANCE),
    Middleware(CompressedStatic),
    Middleware(Shell, scripts=SCRIPTS, elements=ELEMENTS),
]

app = st.App("pages/frame.py", lifespan=lifespan, routes=ROUTES, middleware=MIDDLEWARE)
