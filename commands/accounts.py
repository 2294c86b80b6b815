"""Who may sign in: the first administrator, invitations, new links, what they may do, closing."""

from __future__ import annotations

from typing import Any

import click

from commands.line import cli, command
from commands.request import Answer, Request, now
from pipelines.accounts import (
    close,
    create_administrator,
    find_grant,
    invite,
    list_accounts,
    renew_link,
    require_account,
    revoke,
)
from schemas.account import ALL_RIGHTS, COMMAND_LINE, EVERYWHERE
from schemas.words import Role

email_option = click.option("--email", required=True, help="Their address; it is what they sign in with.")
name_option = click.option("--name", required=True, help="The name that others see.")
role_option = click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
place_option = click.option("--territory", default=EVERYWHERE, help="Left out for the national roles.")


@cli.group("account")
def account() -> None:
    """Who may sign in: the first administrator, invitations, the list."""


@command("create", account)
@email_option
@name_option
def create_account(request: Request, email: str, name: str) -> Answer:
    """Make an administrator and print the one-time link with which they choose a password."""
    with request.store() as store:
        account_id, secret = create_administrator(store, email, name, now(), COMMAND_LINE)
    return _say_link(request, account_id, secret)


@command("invite", account)
@email_option
@name_option
@role_option
@place_option
def invite_account(request: Request, email: str, name: str, role: str, territory: str) -> Answer:
    """Give somebody a role and print the one-time link with which they choose a password."""
    with request.store() as store:
        given = (email, name, Role(role), territory, now(), COMMAND_LINE, ALL_RIGHTS)
        account_id, secret = invite(store, *given)
    return _say_link(request, account_id, secret)


@command("link", account)
@email_option
def link_account(request: Request, email: str) -> Answer:
    """Print a new one-time link, for a lost invitation or a forgotten password; the earlier one ends."""
    with request.store() as store:
        account_id = require_account(store, email)
        secret = renew_link(store, account_id, now(), COMMAND_LINE, ALL_RIGHTS)
    return _say_link(request, account_id, secret)


@command("revoke", account)
@email_option
@role_option
@place_option
def revoke_account(request: Request, email: str, role: str, territory: str) -> Answer:
    """End a right of somebody; it takes effect at once."""
    at = now()
    with request.store() as store:
        revoke(store, find_grant(store, email, Role(role), territory, at), at, COMMAND_LINE, ALL_RIGHTS)
    return Answer({"email": email, "revoked": role}, request.words("account.revoked_line", email=email))


@command("close", account)
@email_option
def close_account(request: Request, email: str) -> Answer:
    """Close an account: nobody signs in with it any more; what it did stays."""
    with request.store() as store:
        account_id = close(store, email, now(), COMMAND_LINE, ALL_RIGHTS)
    return Answer({"account_id": account_id, "closed": True}, request.words("account.closed_line", email=email))


@command("list", account)
def list_all(request: Request) -> Answer:
    """List who may sign in and what they may do now."""
    with request.store() as store:
        people = list_accounts(store, now())
    found: list[dict[str, Any]] = [
        {
            "account_id": one.account_id,
            "email": one.email,
            "name": one.name,
            "closed": one.is_closed,
            "rights": [
                {"role": member.grant.role.value, "territory": member.grant.territory, "since": member.grant.since}
                for member in members
            ],
        }
        for one, members in people
    ]
    lines = [f"{one['name']} <{one['email']}>  {_say_rights(one['rights'])}" for one in found]
    return Answer({"accounts": found}, "\n".join(lines) or request.words("cli.nothing"))


def _say_rights(rights: list[dict[str, Any]]) -> str:
    return ", ".join(f"{right['role']} {right['territory']}".strip() for right in rights) or "–"


def _say_link(request: Request, account_id: str, secret: str | None) -> Answer:
    link = f"{request.settings.url}/invitation/{secret}" if secret else None
    sentence = request.words("account.link_line", link=link) if link else request.words("account.no_link_line")
    return Answer({"account_id": account_id, "link": link}, sentence)
