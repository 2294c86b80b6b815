"""What every page has at hand: the store at its version, the catalogue, the words, the time."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from measures.rounds import current_round
from pages.parts import cached
from pipelines.store import Store
from pipelines.store.accounts import load_names
from schemas.catalogue import Catalogue
from schemas.visitor import Visitor
from settings import Settings, read_settings
from texts import Words, choose_language, load_words
from texts.sentences import say_account
from web.choices import LANGUAGE_COOKIE, NARROW_COOKIE

AS_OF = "au"


@dataclass(frozen=True)
class World:
    """One run of a page sees one store version: the last one, or that of the day the reader asked for.

    `now` is the end of that day then, and `as_of` the day as the address has it.
    """

    settings: Settings
    store: Store
    version: int
    catalogue: Catalogue
    words: Words
    now: datetime
    is_narrow: bool
    as_of: str | None = None

    def link(self, page: str, **choices: str | None) -> str:
        """The address of a page with what is chosen there, on the day that is looked at."""
        return link_to(page, **choices, au=self.as_of)

    def key(self, visitor: Visitor, *choices: Hashable) -> tuple[Hashable, ...]:
        """What a piece of a page depends on: this store at this version, who reads, how, on which day, and choices."""
        reader = (visitor.territories, visitor.audience.value, self.words.language, self.is_narrow, self.as_of)
        return (str(self.store.path), self.version, *reader, self.now.date().isoformat(), *map(str, choices))

    def current_round(self) -> str:
        """The quarter that is open to deposits."""
        return current_round(self.now.date())

    def zone(self, territory: str) -> str:
        """The time zone of a territory, as its name."""
        rows = self.catalogue.territories.filter(territory_code=territory)
        return str(rows["timezone"][0]) if len(rows) else "Europe/Paris"

    def zone_of(self, territory: str) -> ZoneInfo:
        return ZoneInfo(self.zone(territory))

    def name_account(self, account: str) -> str:
        """Who an account is, in words."""
        names = cached.once((str(self.store.path), self.version, "names"), lambda: load_names(self.store))
        return say_account(self.words, account, names)

    def progress(self, visitor: Visitor, territories: tuple[str, ...], until: str | None = None) -> pl.DataFrame:
        """Progress of these territories, for what this visitor may see; others' raise PermissionError."""
        if not set(territories) <= set(visitor.territories):
            raise PermissionError(territories)
        path = str(self.store.path)
        return cached.progress_at(self.store, path, self.version, territories, visitor.audience, self.now.date(), until)

    def breakdowns(self, visitor: Visitor, territory: str, indicator: str) -> pl.DataFrame:
        if territory not in visitor.territories:
            raise PermissionError(territory)
        path = str(self.store.path)
        return cached.breakdowns_at(self.store, path, self.version, territory, visitor.audience, indicator)

    def revisions(self, visitor: Visitor, territory: str, indicator: str) -> pl.DataFrame:
        if territory not in visitor.territories:
            raise PermissionError(territory)
        path = str(self.store.path)
        return cached.revisions_at(self.store, path, self.version, territory, visitor.audience, indicator)

    def submissions(self, visitor: Visitor, territory: str) -> pl.DataFrame:
        if territory not in visitor.territories:
            raise PermissionError(territory)
        return cached.submissions_at(self.store, str(self.store.path), self.version, territory)


def read_world(is_now: bool = False) -> World:
    """The world as of the day in the address, `?au=2026-06-30`; `is_now`: as it is, whatever the address says."""
    settings = read_settings(os.environ)
    store = cached.shared_store(settings)
    version = store.version()
    catalogue = cached.catalogue_at(store, str(store.path), version)
    language = choose_language(st.context.cookies.get(LANGUAGE_COOKIE), st.context.locale)
    is_narrow = st.context.cookies.get(NARROW_COOKIE) == "1"
    world = World(settings, store, version, catalogue, load_words(language), cached.clock_of(catalogue), is_narrow)
    asked = None if is_now else read_day(st.query_params.get(AS_OF))
    return _go_back(world, asked) if asked and asked < world.now.date() else world


def _go_back(world: World, day: date) -> World:
    end = datetime.combine(day, time.max, world.now.tzinfo)
    version = world.store.version_at(end)
    catalogue = cached.catalogue_at(world.store, str(world.store.path), version)
    return replace(world, version=version, catalogue=catalogue, now=end, as_of=day.isoformat())


def read_day(text: str | None) -> date | None:
    """A day as an address has it; None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def link_to(page: str, **choices: str | None) -> str:
    """The address of a page with what is chosen there."""
    kept = {name: value for name, value in choices.items() if value}
    return f"/{page}?{urlencode(kept)}" if kept else f"/{page}"
