"""Who may do what, as far as a visitor is in charge of it, and the three things that change it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from outputs.html import write_html
from pages.parts.cached import PARIS
from pages.parts.world import World
from pipelines.accounts import invite, renew_link, revoke
from pipelines.store.accounts import LINK_LASTS, LONGEST_EMAIL, LONGEST_NAME, load_account, load_members
from schemas.account import EVERYWHERE, AccountRefused, Member, may_grant
from schemas.visitor import Visitor
from schemas.words import Role

WIDTH = 560


def invite_somebody(world: World, visitor: Visitor) -> None:
    """Role and territory, then name and e-mail; what comes back is the one-time link, shown in this run only."""
    words = world.words
    st.html(write_html("members_part", words, title=words("members.invite"), why=""))
    roles = [role for role in Role if _places_for(visitor, role)]
    role = st.selectbox(
        words("members.role"), roles, format_func=lambda one: words(f"role.{one}"), key="members:role", width=WIDTH
    )
    places = _places_for(visitor, role)
    where = st.selectbox(
        words("members.where"),
        places,
        format_func=lambda one: _name_place(world, one),
        key=f"members:where:{len(places)}",
        width=WIDTH,
    )
    with st.form("members:invite", border=False, width=WIDTH):
        name = st.text_input(words("members.name"), max_chars=LONGEST_NAME)
        email = st.text_input(words("members.email"), max_chars=LONGEST_EMAIL, autocomplete="off")
        is_sent = st.form_submit_button(words("members.send"), type="primary")
    if not is_sent:
        return
    try:
        account_id, secret = invite(world.store, email, name, role, where, _now(), visitor.account, visitor.rights)
    except AccountRefused as refused:
        _say(world, words(f"account.{refused.refusal}"))
        return
    account = load_account(world.store, account_id)
    if account is None:
        raise KeyError(account_id)
    if secret:
        _show_link(world, account.name, secret)
    else:
        _say(world, words("members.keeps" if account.has_password else "members.no_link", name=account.name))


def renew_a_link(world: World, visitor: Visitor) -> None:
    """A new one-time link for somebody who lost theirs, or their password."""
    words = world.words
    accounts = {one.account.account_id: one.account for one in _members(world, visitor)}
    st.html(write_html("members_part", words, title=words("members.renew"), why=words("members.renew_why")))
    with st.form("members:renew", border=False, width=WIDTH):
        chosen = st.selectbox(
            words("members.whom"),
            list(accounts),
            index=None,
            format_func=lambda one: f"{accounts[one].name} ({accounts[one].email})",
            placeholder=words("members.choose"),
        )
        is_sent = st.form_submit_button(words("members.renew_send"))
    if not is_sent or chosen is None:
        return
    try:
        secret = renew_link(world.store, chosen, _now(), visitor.account, visitor.rights)
    except AccountRefused as refused:
        _say(world, words(f"account.{refused.refusal}"))
        return
    _show_link(world, accounts[chosen].name, secret)


def revoke_an_access(world: World, visitor: Visitor) -> None:
    """Take one access back, at once."""
    words = world.words
    members = {one.grant.grant_id: one for one in _members(world, visitor)}
    st.html(write_html("members_part", words, title=words("members.revoke"), why=words("members.revoke_why")))
    with st.form("members:revoke", border=False, width=WIDTH):
        chosen = st.selectbox(
            words("members.which"),
            list(members),
            index=None,
            format_func=lambda one: _name_member(world, members[one]),
            placeholder=words("members.choose"),
        )
        is_sent = st.form_submit_button(words("members.revoke_send"))
    if not is_sent or chosen is None:
        return
    try:
        revoke(world.store, chosen, _now(), visitor.account, visitor.rights)
    except AccountRefused as refused:
        _say(world, words(f"account.{refused.refusal}"))
        return
    _say(world, words("members.revoked", what=_name_member(world, members[chosen])))


def show_members(world: World, visitor: Visitor, place: DeltaGenerator) -> None:
    """The table, as it is after what this run changed."""
    lines = [
        {
            "name": one.account.name,
            "email": one.account.email,
            "access": _name_access(world, one),
            "since": world.words.day(one.grant.since.astimezone(PARIS).date()),
            "state": _say_state(world, one),
        }
        for one in _members(world, visitor)
    ]
    place.html(write_html("members", world.words, lines=lines))


def _members(world: World, visitor: Visitor) -> list[Member]:
    territories = (EVERYWHERE,) if visitor.role is Role.ADMINISTRATOR else visitor.territories
    return load_members(world.store, territories, _now())


def _places_for(visitor: Visitor, role: Role) -> list[str]:
    """Where a visitor may give a role."""
    return [place for place in (EVERYWHERE, *visitor.territories) if may_grant(visitor.rights, role, place)]


def _name_place(world: World, place: str) -> str:
    return world.catalogue.territory_name(place) if place != EVERYWHERE else world.words("who.everywhere")


def _name_access(world: World, member: Member) -> str:
    words, grant = world.words, member.grant
    said = words("who.line", role=words(f"role.{grant.role}"), where=_name_place(world, grant.territory))
    return said[0].upper() + said[1:]


def _name_member(world: World, member: Member) -> str:
    said = _name_access(world, member)
    return f"{member.account.name}, {said[0].lower()}{said[1:]}"


def _say_state(world: World, member: Member) -> str:
    """Nothing for who has a password; else until when their link holds."""
    if member.account.has_password:
        return ""
    if member.link_until is None:
        return world.words("members.waits")
    return world.words("members.invited", day=world.words.day(member.link_until.astimezone(PARIS).date()))


def _show_link(world: World, name: str, secret: str) -> None:
    words = world.words
    until = words.day((_now() + LINK_LASTS).date())
    link = f"{world.settings.url}/invitation/{secret}"
    st.html(write_html("members_link", words, name=name, link=link, until=until))


def _say(world: World, sentence: str) -> None:
    st.html(write_html("notice", world.words, title="", sentences=[sentence], link=None))


def _now() -> datetime:
    """The true time, in a demonstration too: the gate and the links live in it."""
    return datetime.now(PARIS)
