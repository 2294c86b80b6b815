"""Who is asking. Until there are accounts: someone of a demonstration list, chosen by a link (web/choices.py)."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.world import World
from schemas.catalogue import Catalogue
from schemas.visitor import Visitor
from schemas.words import Role
from texts import Words
from web.choices import VISITOR_COOKIE


def list_visitors(catalogue: Catalogue) -> dict[str, Visitor]:
    """The people one may look as: the first is who one is at first."""
    codes = tuple(catalogue.territories.sort("name")["territory_code"])
    everywhere = {
        "coordinator": Visitor("demo-coordinator", Role.COORDINATOR, codes),
        "national": Visitor("demo-national", Role.NATIONAL, codes),
        "support": Visitor("demo-support", Role.SUPPORT, codes[:3]),
    }
    officers = {f"officer:{code}": Visitor(f"demo-officer-{code}", Role.OFFICER, (code,)) for code in codes[:12]}
    committees = {f"committee:{code}": Visitor(f"demo-committee-{code}", Role.COMMITTEE, (code,)) for code in codes[:1]}
    return everywhere | officers | committees


def current_key(catalogue: Catalogue) -> str:
    chosen = st.context.cookies.get(VISITOR_COOKIE, "")
    visitors = list_visitors(catalogue)
    return chosen if chosen in visitors else next(iter(visitors))


def name_visitor(visitor: Visitor, catalogue: Catalogue, words: Words) -> str:
    """« Chargée de mission, Les Tilleuls »."""
    if len(visitor.territories) == 1:
        where = catalogue.territory_name(visitor.territories[0])
    elif set(visitor.territories) == set(catalogue.territories["territory_code"]):
        where = words("who.everywhere")
    else:
        where = words.plural("who.several", len(visitor.territories))
    return words("who.line", role=words(f"role.{visitor.role}"), where=where)


def require_visitor(world: World, *roles: Role) -> Visitor:
    """The person asking; the page stops with one sentence if none of these roles is theirs (no role: any)."""
    visitor = list_visitors(world.catalogue)[current_key(world.catalogue)]
    if not visitor.territories:
        stop_with(world.words, world.words("empty.programme"))
    if roles and visitor.role not in roles:
        allowed = ", ".join(world.words(f"role.{role}") for role in roles)
        stop_with(world.words, world.words("who.not_yours", roles=allowed))
    return visitor


def stop_with(words: Words, sentence: str) -> None:
    st.html(write_html("notice", words, title="", sentences=[sentence], link=None))
    st.stop()
