"""Accounts: what a right is, who may give which, and why something about an account is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.words import Role

EVERYWHERE = ""
"""The territory of a right that is for all of them."""
ROLES_EVERYWHERE = (Role.NATIONAL, Role.ADMINISTRATOR)
GIVEN_BY_COORDINATORS = (Role.OFFICER, Role.COORDINATOR, Role.COMMITTEE, Role.SUPPORT)

DEMONSTRATION, COMMAND_LINE = "demonstration", "command-line"
"""Who does things where nobody signs in: no account, so no person."""

Rights = Mapping[Role, tuple[str, ...]]
"""What somebody may do, and in which territories."""
ALL_RIGHTS: Rights = {Role.ADMINISTRATOR: (EVERYWHERE,)}
"""Those of whoever has the store file in hand: the command line."""


class Refusal(StrEnum):
    """Why something about an account is refused; each has its sentence (`account.<refusal>`)."""

    NOT_YOURS = "not_yours"
    WRONG_PLACE = "wrong_place"
    UNKNOWN_TERRITORY = "unknown_territory"
    UNREADABLE_EMAIL = "unreadable_email"
    NO_NAME = "no_name"
    ALREADY_GRANTED = "already_granted"
    JUST_INVITED = "just_invited"
    NO_ACCOUNT = "no_account"
    NO_GRANT = "no_grant"
    LAST_ADMINISTRATOR = "last_administrator"
    SHORT_PASSWORD = "short_password"
    PASSWORD_IS_EMAIL = "password_is_email"
    UNKNOWN_LINK = "unknown_link"
    REPLACED_LINK = "replaced_link"
    USED_LINK = "used_link"
    EXPIRED_LINK = "expired_link"


class AccountRefused(Exception):
    """Nothing was changed, and `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Account:
    """A person who may sign in once they have a password; a closed account never does."""

    account_id: str
    email: str
    name: str
    has_password: bool
    is_closed: bool


@dataclass(frozen=True)
class Grant:
    """A role given to an account, for a territory or everywhere, from a moment until another (None: until revoked)."""

    grant_id: str
    account_id: str
    role: Role
    territory: str
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Member:
    """One line of who may do what; `link_until` is when the one-time link that waits for them ends."""

    account: Account
    grant: Grant
    link_until: datetime | None


def may_grant(rights: Rights, role: Role, territory: str) -> bool:
    """Whether these rights allow to give and to take back a role for a territory, or everywhere.

    Administrators may everything; coordinators the roles of a territory, in their own; others nothing.
    """
    if (territory == EVERYWHERE) != (role in ROLES_EVERYWHERE):
        return False
    if Role.ADMINISTRATOR in rights:
        return True
    return role in GIVEN_BY_COORDINATORS and territory in rights.get(Role.COORDINATOR, ())


def rights_at(grants: tuple[Grant, ...], at: datetime) -> dict[Role, tuple[str, ...]]:
    """What grants allow at a moment: each role once, in the order of `Role`."""
    current = [grant for grant in grants if grant.holds(at)]
    roles = [role for role in Role if any(grant.role is role for grant in current)]
    return {role: tuple(sorted({one.territory for one in current if one.role is role})) for role in roles}
