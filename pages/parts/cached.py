"""The only caches: each has the store version in its key, so nothing is ever stale and nothing is ever cleared."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from measures.disclosure import plan_masks
from measures.progress import measure_progress
from pipelines.store import (
    Store,
    list_moments,
    load_catalogue,
    load_goals,
    load_observations,
    load_revisions,
    load_submissions,
    load_whole_catalogue,
    open_store,
)
from schemas.catalogue import Catalogue
from schemas.period import parse_period
from schemas.words import Audience
from settings import Settings

PARIS = ZoneInfo("Europe/Paris")
Made = TypeVar("Made")


@st.cache_resource(show_spinner=False)
def shared_store(_settings: Settings) -> Store:
    """The one open store of this process."""
    return open_store(_settings, plan_masks)


@st.cache_resource(show_spinner=False, max_entries=4)
def catalogue_at(_store: Store, path: str, version: int) -> Catalogue:
    return load_catalogue(_store, version)


@st.cache_resource(show_spinner=False, max_entries=2)
def whole_catalogue_at(_store: Store, path: str, version: int) -> Catalogue:
    """With starting points and counts: what registers are compared with. It is shown of their own territory only."""
    return load_whole_catalogue(_store, version)


@st.cache_resource(show_spinner=False, max_entries=512)
def progress_at(
    _store: Store,
    path: str,
    version: int,
    territories: tuple[str, ...],
    audience: Audience,
    today: date,
    until: str | None,
) -> pl.DataFrame:
    """`measure_progress` of these territories for an audience, with the figures up to a period (None: all).

    Frames are shared between sessions and never changed: polars frames have no way to be.
    """
    seen = load_observations(_store, territories, audience, as_of=version)
    if until:
        end = parse_period(until).end
        seen, today = seen.filter(pl.col("period_start") <= end), min(today, end)
    return measure_progress(seen, load_goals(_store, territories, audience, version), today)


@st.cache_resource(show_spinner=False, max_entries=128)
def breakdowns_at(
    _store: Store, path: str, version: int, territory: str, audience: Audience, indicator: str
) -> pl.DataFrame:
    """The observations of one indicator that are not totals."""
    rows = load_observations(_store, [territory], audience, [indicator], version)
    return rows.filter(pl.col("dimension") != "total")


@st.cache_resource(show_spinner=False, max_entries=128)
def submissions_at(_store: Store, path: str, version: int, territory: str) -> pl.DataFrame:
    return load_submissions(_store, [territory], version)


@st.cache_resource(show_spinner=False, max_entries=128)
def revisions_at(
    _store: Store, path: str, version: int, territory: str, audience: Audience, indicator: str
) -> pl.DataFrame:
    return load_revisions(_store, [territory], audience, [indicator], version)


@st.cache_resource(show_spinner=False, max_entries=128)
def moments_of(_store: Store, path: str, version: int, territories: tuple[str, ...]) -> list[datetime]:
    """When approved values of these territories changed, latest first."""
    return list_moments(_store, territories)


@st.cache_resource(show_spinner=False, max_entries=512)
def once(key: tuple[Hashable, ...], _make: Callable[[], Made]) -> Made:
    """What `_make` returns, made once for a key (`World.key`): it names the store version and all that may differ."""
    return _make()


def clock_of(catalogue: Catalogue) -> datetime:
    """Now in Paris; in a demonstration, this time of day on the day it lives in."""
    now = datetime.now(PARIS)
    day = catalogue.today
    return now if day is None else now.replace(year=day.year, month=day.month, day=day.day)
