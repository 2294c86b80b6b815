"""What a command is given and what it answers, wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from measures.disclosure import plan_masks
from pipelines.catalogue import CatalogueError
from pipelines.keeping import FolderNotEmpty
from pipelines.layouts import MappingError
from pipelines.store import (
    NamesSomebody,
    ReasonNeeded,
    Store,
    StoreBusy,
    StoreUnusable,
    WrongMove,
    load_catalogue,
    open_store,
)
from pipelines.tidy import Clock
from schemas.account import AccountRefused
from schemas.catalogue import Catalogue
from schemas.issue import UnreadableFile
from settings import Settings
from texts import Words
from texts.sentences import say_unreadable

PARIS = ZoneInfo("Europe/Paris")
DONE, BLOCKED, UNUSABLE, IN_USE = 0, 1, 2, 3


class RequestError(Exception):
    """A request that cannot be carried out: the key of the sentence that says why, and what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True)
class Answer:
    """`found` is the JSON object, `text` the same for people, `notes` lines for standard error."""

    found: Mapping[str, Any]
    text: str
    code: int = DONE
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What every command shares. `opened` is the store where its owner carries the request out."""

    settings: Settings
    words: Words
    opened: Store | None = None

    @contextmanager
    def store(self, is_dry_run: bool = False) -> Iterator[Store]:
        """The store, closed at the end if it was opened here; a dry run makes no file where there is none."""
        if self.opened is not None:
            yield self.opened
            return
        path = self.settings.store_path
        settings = replace(self.settings, store_path=Path(":memory:")) if is_dry_run and not path.exists() else None
        store = open_store(settings or self.settings, plan_masks)
        try:
            yield store
        finally:
            store.close()


@dataclass(frozen=True)
class Said:
    """What a command prints and the code it ends with."""

    out: str
    err: str
    code: int


def carry_out(command: Any, request: Request, as_json: bool, options: Mapping[str, Any]) -> Said:
    """Run a command's function; one clear line for what cannot be used. StoreInUse is left to the caller."""
    words = request.words
    try:
        answer: Answer = command(request, **options)
    except UnreadableFile as error:
        return _refusal(say_unreadable(words, error))
    except ReasonNeeded:
        return _refusal(words("cli.reason_needed"))
    except NamesSomebody as error:
        return _refusal(words("move.names_somebody", kind=words(f"personal.{error}")))
    except WrongMove as error:
        state, wanted = (words(f"submission.{name}") for name in (error.state, error.wanted))
        return _refusal(words("cli.wrong_move", state=state, wanted=wanted))
    except AccountRefused as error:
        return _refusal(words(f"account.{error.refusal}"))
    except StoreBusy as error:
        return Said("", words("cli.store_busy", path=error), IN_USE)
    except RequestError as error:
        return _refusal(words(error.key, **error.values))
    except FolderNotEmpty as error:
        return _refusal(words("cli.folder_not_empty", folder=error))
    except (CatalogueError, MappingError, StoreUnusable, OSError) as error:
        return _refusal(str(error))
    out = json.dumps(answer.found, ensure_ascii=False, default=_as_json) if as_json else answer.text
    return Said(out, "\n".join(answer.notes), answer.code)


def _refusal(sentence: str) -> Said:
    return Said("", sentence, UNUSABLE)


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def list_wanted(catalogue: Catalogue, territories: Sequence[str]) -> list[str]:
    """The territories that were named, else all. Raises RequestError for one that there is not."""
    known = catalogue.territories["territory_code"].to_list()
    unknown = sorted(set(territories) - set(known))
    if unknown:
        raise RequestError("cli.unknown_territory", territory=", ".join(unknown))
    return sorted(set(territories)) or known


def now() -> datetime:
    return datetime.now(PARIS)


def programme_clock(catalogue: Catalogue) -> Clock:
    """Now; for a demonstration, the time of day in the day it lives in."""
    day = catalogue.today
    return now if day is None else lambda: now().replace(year=day.year, month=day.month, day=day.day)


def clock_of(store: Store) -> datetime:
    return programme_clock(load_catalogue(store))()


def read_moment(text: str | None, option: str = "--as-of", of_day: time = time.max) -> datetime | None:
    """A moment in ISO; a day alone means its end (`of_day`), a time without zone is Paris time. Raises RequestError."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), of_day, PARIS)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise RequestError("cli.no_moment", option=option, text=text) from error
    if not 1900 < moment.year < 9000:  # nothing was known then, and no clock can be turned so far
        raise RequestError("cli.no_moment", option=option, text=text)
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
