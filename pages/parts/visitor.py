"""Who is asking: the account that the gate let in, or, where nobody has one, someone of a demonstration list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NoReturn

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts.cached import once
from pages.parts.world import World
from schemas.catalogue import Catalogue
from schemas.visitor import Visitor
from schemas.words import Role
from texts import Words
from texts.sentences import say_account
from web.choices import VISITOR_COOKIE
from web.visitors import Person, find_person, load_known

HANDED_OVER = "account"
"""Where .streamlit/config.toml puts what the gate says of who passes (web/gate.py)."""


def read_person(world: World) -> Person:
    """The person asking, with the rights that hold now."""
    account_id = str(st.user.get(HANDED_OVER) or "")
    key = (str(world.store.path), world.store.version(), "person", account_id)
    known = once(key, lambda: load_known(world.store, account_id))
    return find_person(known, world.catalogue, st.context.cookies.get(VISITOR_COOKIE, ""), datetime.now(UTC))


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


def all_theirs(visitor: Visitor) -> pl.Expr:
    """Which deposits are of this visitor's territories alone: one of several is read by who has them all."""
    return pl.col("territories").list.eval(pl.element().is_in(list(visitor.territories))).list.all()


def require_visitor(world: World, *roles: Role, without_territory: bool = False) -> Visitor:
    """The person asking; the page stops with one sentence if none of these roles is theirs (no role: any).

    `without_territory`: the page also serves who has no territory to read (yet).
    """
    person, words = read_person(world), world.words
    visitor = person.visitor
    if visitor is None:
        stop_with(words, words("gate.no_right"))
    if not visitor.territories and not without_territory:
        if world.as_of:
            stop_with(words, words("as_of.nothing_yet"), ("?", words("as_of.today")))
        stop_with(words, words("empty.programme"))
    if roles and visitor.role not in roles:
        allowed = ", ".join(words(f"role.{role}") for role in roles)
        is_elsewhere = any(one.role in roles for one in person.visitors.values())
        stop_with(words, words("who.not_yours" if is_elsewhere else "account.not_your_page", roles=allowed))
    return visitor


def stop_with(words: Words, sentence: str, link: tuple[str, str] | None = None) -> NoReturn:
    """The page ends with one sentence, and where it leads."""
    st.title(words("stop.title"))
    st.html(write_html("notice", words, title="", sentences=[sentence], link=link))
    st.stop()
