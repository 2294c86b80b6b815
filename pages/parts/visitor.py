"""Who is asking: the account that the gate let in, or, where nobody has one, someone of a demonstration list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

import streamlit as st

from outputs.html import write_html
from pages.parts.cached import once
from pages.parts.world import World
from pipelines.store import Store
from pipelines.store.accounts import has_accounts, load_account, load_grants
from schemas.account import EVERYWHERE, Account, Grant, rights_at
from schemas.catalogue import Catalogue
from schemas.visitor import Visitor
from schemas.words import Role
from texts import Words
from texts.sentences import say_account
from web.choices import VISITOR_COOKIE

HANDED_OVER = "account"
"""Where .streamlit/config.toml puts what the gate says of who passes (web/gate.py)."""


@dataclass(frozen=True)
class Person:
    """Who sits at the page: `name` is empty in a demonstration, `visitors` are those they may look as, by key."""

    name: str
    visitors: dict[str, Visitor]

    @property
    def chosen(self) -> str | None:
        """The key of the one they look as: a cookie, which is only ever one of their own, else the first."""
        wanted = st.context.cookies.get(VISITOR_COOKIE, "")
        return wanted if wanted in self.visitors else next(iter(self.visitors), None)


def read_person(world: World) -> Person:
    """The person asking, with the rights that hold now: the store is asked again whenever its version moves."""
    account_id = str(st.user.get(HANDED_OVER) or "")
    key = (str(world.store.path), world.store.version(), "person", account_id)
    is_peopled, account, grants = once(key, lambda: _load_person(world.store, account_id))
    if not is_peopled:
        return Person("", list_visitors(world.catalogue))
    if account is None:
        return Person("", {})
    return Person(account.name, list_own(account_id, rights_at(grants, datetime.now(UTC)), world.catalogue))


def _load_person(store: Store, account_id: str) -> tuple[bool, Account | None, tuple[Grant, ...]]:
    return has_accounts(store), load_account(store, account_id), load_grants(store, account_id)


def list_visitors(catalogue: Catalogue) -> dict[str, Visitor]:
    """The people of a demonstration that one may look as: the first is who one is at first."""
    codes = tuple(catalogue.territories.sort("name")["territory_code"])
    everywhere = {
        "coordinator": Visitor("demo-coordinator", Role.COORDINATOR, codes),
        "national": Visitor("demo-national", Role.NATIONAL, codes),
        "support": Visitor("demo-support", Role.SUPPORT, codes[:3]),
    }
    officers = {f"officer:{code}": Visitor(f"demo-officer-{code}", Role.OFFICER, (code,)) for code in codes[:12]}
    committees = {f"committee:{code}": Visitor(f"demo-committee-{code}", Role.COMMITTEE, (code,)) for code in codes[:1]}
    return everywhere | officers | committees


def list_own(account_id: str, rights: Mapping[Role, tuple[str, ...]], catalogue: Catalogue) -> dict[str, Visitor]:
    """One visitor a role of an account, with the territories of the catalogue that it is for."""
    codes = tuple(catalogue.territories.sort("name")["territory_code"])
    return {
        role.value: Visitor(account_id, role, tuple(code for code in codes if EVERYWHERE in own or code in own))
        for role, own in rights.items()
    }


def name_visitor(visitor: Visitor, catalogue: Catalogue, words: Words) -> str:
    """« Chargée de mission, Les Tilleuls »."""
    if len(visitor.territories) == 1:
        where = catalogue.territory_name(visitor.territories[0])
    elif set(visitor.territories) == set(catalogue.territories["territory_code"]):
        where = words("who.everywhere")
    else:
        where = words.plural("who.several", len(visitor.territories))
    return words("who.line", role=words(f"role.{visitor.role}"), where=where)


def name_account(names: Mapping[str, str], account_id: str, words: Words) -> str:
    """Who an account is: a name, the role of someone of the demonstration, « ligne de commande », or its id."""
    return say_account(words, account_id, names)


def require_visitor(world: World, *roles: Role, without_territory: bool = False) -> Visitor:
    """The person asking; the page stops with one sentence if none of these roles is theirs (no role: any).

    `without_territory`: the page also serves who has no territory to read (yet).
    """
    person, words = read_person(world), world.words
    if person.chosen is None:
        stop_with(words, words("gate.no_right"))
    visitor = person.visitors[person.chosen]
    if not visitor.territories and not without_territory:
        stop_with(words, words("empty.programme"))
    if roles and visitor.role not in roles:
        allowed = ", ".join(words(f"role.{role}") for role in roles)
        is_elsewhere = any(one.role in roles for one in person.visitors.values())
        stop_with(words, words("who.not_yours" if is_elsewhere else "account.not_your_page", roles=allowed))
    return visitor


def stop_with(words: Words, sentence: str) -> NoReturn:
    st.html(write_html("notice", words, title="", sentences=[sentence], link=None))
    st.stop()
