"""What every page has at hand: the store at its version, the catalogue, the words, the time."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import streamlit as st

from pages.parts import cached
from pipelines.store import Store
from schemas.catalogue import Catalogue
from schemas.visitor import Visitor
from settings import Settings, read_settings
from texts import Words, choose_language, load_words
from web.choices import LANGUAGE_COOKIE, NARROW_COOKIE


@dataclass(frozen=True)
class World:
    """One run of a page sees one store version."""

    settings: Settings
    store: Store
    version: int
    catalogue: Catalogue
    words: Words
    now: datetime
    is_narrow: bool

    def key(self, visitor: Visitor, *choices: Hashable) -> tuple[Hashable, ...]:
        """What a piece of a page depends on: this store at this version, who reads, how, on which day, and choices."""
        reader = (visitor.territories, visitor.audience.value, self.words.language, self.is_narrow)
        return (str(self.store.path), self.version, *reader, self.now.date().isoformat(), *map(str, choices))

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

    def submissions(self, visitor: Visitor, territory: str) -> pl.DataFrame:
        if territory not in visitor.territories:
            raise PermissionError(territory)
        return cached.submissions_at(self.store, str(self.store.path), self.version, territory)


def read_world() -> World:
    settings = read_settings(os.environ)
    store = cached.shared_store(settings)
    version = store.version()
    catalogue = cached.catalogue_at(store, str(store.path), version)
    language = choose_language(st.context.cookies.get(LANGUAGE_COOKIE), st.context.locale)
    is_narrow = st.context.cookies.get(NARROW_COOKIE) == "1"
    return World(settings, store, version, catalogue, load_words(language), cached.clock_of(catalogue), is_narrow)
