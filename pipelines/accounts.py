"""Passwords and one-time links: what is kept of them can be checked and cannot be read back."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from pipelines.store import Store
from pipelines.store.accounts import (
    close_account,
    find_account_id,
    find_link,
    load_accounts,
    load_members,
    load_sign_in,
    revoke_grant,
    save_invitation,
    save_link,
    save_password,
)
from schemas.account import ALL_RIGHTS, EVERYWHERE, Account, AccountRefused, Member, Refusal, Rights
from schemas.words import Role

SHORTEST_PASSWORD = 12
SECRET_BYTES = 32


def create_administrator(store: Store, email: str, name: str, at: datetime, by: str) -> tuple[str, str | None]:
    """The account that opens the store to others, and the secret of its link; see `invite`."""
    return invite(store, email, name, Role.ADMINISTRATOR, EVERYWHERE, at, by, ALL_RIGHTS)


def invite(
    store: Store, email: str, name: str, role: Role, territory: str, at: datetime, by: str, rights: Rights
) -> tuple[str, str | None]:
    """Give somebody a role: their account id and the secret of the link with which they choose a password.

    The secret is None where the person keeps the password they have, or where `rights` do not cover all that they
    may do. It is told once: only its fingerprint is kept. Raises AccountRefused.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    account_id, is_valid = save_invitation(store, email, name, role, territory, _print_of(secret), at, by, rights)
    return account_id, secret if is_valid else None


def renew_link(store: Store, account_id: str, at: datetime, by: str, rights: Rights) -> str:
    """The secret of a new link, for a lost invitation or a forgotten password; the earlier link ends."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    save_link(store, account_id, _print_of(secret), at, by, rights)
    return secret


def read_link(store: Store, secret: str, at: datetime) -> Account:
    """The account that a link is for. Raises AccountRefused for a link that does not hold (any more)."""
    return find_link(store, _print_of(secret), at)


def accept(store: Store, secret: str, password: str, at: datetime) -> str:
    """Use a link, once, to choose a password; returns the account's id. Raises AccountRefused."""
    check_password(password, read_link(store, secret, at).email)
    return save_password(store, _print_of(secret), hash_password(password), at)


def sign_in(store: Store, email: str, password: str) -> str | None:
    """The account id of who knows the password. Whether the e-mail has an account shows neither in it nor in time."""
    nobody = _hash_of_nobody()
    account_id, kept = load_sign_in(store, email) or (None, nobody)
    return account_id if verify_password(kept, password) else None


def revoke(store: Store, grant_id: str, at: datetime, by: str, rights: Rights) -> None:
    """End one right of somebody, from this moment on. Raises AccountRefused."""
    revoke_grant(store, grant_id, at, by, rights)


def close(store: Store, email: str, at: datetime, by: str, rights: Rights) -> str:
    """Close the account of an e-mail; returns its id. Raises AccountRefused."""
    account_id = require_account(store, email)
    close_account(store, account_id, at, by, rights)
    return account_id


def require_account(store: Store, email: str) -> str:
    """The account id of an e-mail. Raises AccountRefused where there is none."""
    account_id = find_account_id(store, email)
    if account_id is None:
        raise AccountRefused(Refusal.NO_ACCOUNT)
    return account_id


def find_grant(store: Store, email: str, role: Role, territory: str, at: datetime) -> str:
    """The number of the right that an e-mail has now. Raises AccountRefused where it has not."""
    account_id = require_account(store, email)
    for member in load_members(store, (EVERYWHERE,), at):
        grant = member.grant
        if (grant.account_id, grant.role, grant.territory) == (account_id, role, territory):
            return grant.grant_id
    raise AccountRefused(Refusal.NO_GRANT)


def list_accounts(store: Store, at: datetime) -> list[tuple[Account, list[Member]]]:
    """Everybody, by name, with what they may do now."""
    members = load_members(store, (EVERYWHERE,), at)
    return [(account, [one for one in members if one.account == account]) for account in load_accounts(store)]


def check_password(password: str, email: str) -> None:
    """Raises AccountRefused for a password that is too short or is the e-mail."""
    if len(_plain(password)) < SHORTEST_PASSWORD:
        raise AccountRefused(Refusal.SHORT_PASSWORD)
    if _plain(password).strip().casefold() == email.strip().casefold():
        raise AccountRefused(Refusal.PASSWORD_IS_EMAIL)


def hash_password(password: str) -> str:
    return PasswordHasher().hash(_plain(password))


def verify_password(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, _plain(password))
    except VerifyMismatchError:
        return False


def _plain(password: str) -> str:
    """The same letters are the same password, however a keyboard composes « é »."""
    return unicodedata.normalize("NFC", password)


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(SECRET_BYTES))


def _print_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
