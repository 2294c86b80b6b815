"""Accounts, what each may do and since when, and the one-time links: e-mail and name are here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb

from pipelines.store.connection import Store, as_utc, fetch_one
from schemas.account import (
    EVERYWHERE,
    ROLES_EVERYWHERE,
    Account,
    AccountRefused,
    Grant,
    Member,
    Refusal,
    Rights,
    may_grant,
)
from schemas.words import Role

LINK_LASTS = timedelta(days=7)
NO_LINK = ""
LONGEST_EMAIL, LONGEST_NAME = 254, 100
EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]{2,}")

ACCOUNTS = """
    SELECT account_id::VARCHAR, email, name, password_hash IS NOT NULL, closed_at IS NOT NULL
    FROM account
    WHERE $account IS NULL OR account_id::VARCHAR = $account
    ORDER BY name, email
"""
BY_EMAIL = "SELECT account_id::VARCHAR FROM account WHERE lower(email) = lower(?)"
SIGN_IN = """
    SELECT account_id::VARCHAR, password_hash FROM account
    WHERE lower(email) = lower(?) AND closed_at IS NULL AND password_hash IS NOT NULL
"""
GRANTS = """
    SELECT grant_id::VARCHAR, account_id::VARCHAR, role, territory_code, valid_from, valid_to
    FROM account_grant
    WHERE ($account IS NULL OR account_id::VARCHAR = $account)
      AND ($grant IS NULL OR grant_id::VARCHAR = $grant)
    QUALIFY row_number() OVER (PARTITION BY grant_id ORDER BY sequence DESC) = 1
    ORDER BY role, territory_code, valid_from
"""
LINKS = """
    SELECT account_id::VARCHAR, token_sha256, expires_at, used_at
    FROM invitation
    WHERE $account IS NULL OR account_id::VARCHAR = $account
    QUALIFY row_number() OVER (PARTITION BY account_id ORDER BY sequence DESC) = 1
"""
ACCOUNT_OF_LINK = "SELECT DISTINCT account_id::VARCHAR FROM invitation WHERE token_sha256 = ?"
ADD_ACCOUNT = "INSERT INTO account VALUES (?, ?, ?, NULL, NULL)"
OPEN_AGAIN = "UPDATE account SET closed_at = NULL, password_hash = NULL, name = ? WHERE account_id = ?"
SET_PASSWORD = "UPDATE account SET password_hash = ? WHERE account_id = ?"
CLOSE = "UPDATE account SET closed_at = ?, password_hash = NULL WHERE account_id = ?"
ADD_GRANT = "INSERT INTO account_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
ADD_LINK = "INSERT INTO invitation VALUES (?, ?, ?, ?, ?)"


def has_accounts(store: Store) -> bool:
    """Whether anybody was ever given an account; from then on everybody signs in."""
    return fetch_one(store.cursor(), "SELECT count(*) FROM account", []) > 0


def load_account(store: Store, account_id: str) -> Account | None:
    return _find_account(store.cursor(), account_id)


def load_accounts(store: Store) -> list[Account]:
    """Everybody, the closed ones too, by name."""
    return [Account(*row) for row in store.cursor().execute(ACCOUNTS, {"account": None}).fetchall()]


def load_names(store: Store) -> dict[str, str]:
    """Account id -> the name to show."""
    return {account.account_id: account.name for account in load_accounts(store)}


def find_account_id(store: Store, email: str) -> str | None:
    return _find_id(store.cursor(), email.strip())


def load_sign_in(store: Store, email: str) -> tuple[str, str] | None:
    """Account id and password hash of who may sign in with this e-mail, whatever its case."""
    row = store.cursor().execute(SIGN_IN, [email.strip()]).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def load_grants(store: Store, account_id: str) -> tuple[Grant, ...]:
    """Every right that an account who can sign in was ever given; of others none."""
    account = load_account(store, account_id)
    if account is None or account.is_closed or not account.has_password:
        return ()
    return _find_grants(store.cursor(), account=account_id)


def load_members(store: Store, territories: Sequence[str], at: datetime) -> list[Member]:
    """Who may do what in these territories at a moment, by name; `EVERYWHERE` among them asks for all."""
    cursor = store.cursor()
    grants = [grant for grant in _find_grants(cursor) if grant.holds(at)]
    links = {row[0]: _as_time(row[2]) for row in _find_links(cursor) if row[1] != NO_LINK and row[3] is None}
    waiting = {account: until for account, until in links.items() if at < until}
    return [
        Member(account, grant, waiting.get(account.account_id))
        for account in load_accounts(store)
        for grant in grants
        if grant.account_id == account.account_id and (EVERYWHERE in territories or grant.territory in territories)
    ]


def save_invitation(
    store: Store,
    email: str,
    name: str,
    role: Role,
    territory: str,
    fingerprint: str,
    at: datetime,
    by: str,
    rights: Rights,
) -> tuple[str, bool]:
    """Give a role to an e-mail, whose account is made where there is none; returns its id and whether the link holds.

    The link of `fingerprint` lets its holder choose the password of the account. It holds where there is none yet and
    `rights` cover all that the account may do; otherwise the person signs in as before. A link that was waiting ends:
    it was made for less than the account may do from now on. A closed account opens again, without password.

    Raises AccountRefused, and ValueError for a time without zone.
    """
    email, name = email.strip(), " ".join(name.split())
    _require_grantable(store, rights, role, territory)
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise AccountRefused(Refusal.UNREADABLE_EMAIL)
    if not name or len(name) > LONGEST_NAME:
        raise AccountRefused(Refusal.NO_NAME)
    account_id = find_account_id(store, email) or _new_id(store.cursor())
    with store.commit("invite", at, by, account_id) as (cursor, sequence):
        if _find_id(cursor, email) not in (None, account_id):
            raise AccountRefused(Refusal.JUST_INVITED)
        account = _find_account(cursor, account_id)
        grants = _current_grants(cursor, account_id, at)
        if any(grant.role is role and grant.territory == territory for grant in grants):
            raise AccountRefused(Refusal.ALREADY_GRANTED)
        if account is None:
            cursor.execute(ADD_ACCOUNT, [account_id, email, name])
        elif account.is_closed:
            cursor.execute(OPEN_AGAIN, [name, account_id])
        keeps_password = account is not None and account.has_password
        is_valid = not keeps_password and all(may_grant(rights, one.role, one.territory) for one in grants)
        _add_grant(cursor, sequence, Grant(_new_id(cursor), account_id, role, territory, at, None), by)
        _add_link(cursor, sequence, account_id, fingerprint if is_valid else NO_LINK, at)
    return account_id, is_valid


def save_link(store: Store, account_id: str, fingerprint: str, at: datetime, by: str, rights: Rights) -> None:
    """A new link in place of the earlier one: for a lost invitation or a forgotten password, which holds until then.

    Whoever has the link can become the account: only those may make it who may give all that the account may do.
    """
    with store.commit("link", at, by, account_id) as (cursor, sequence):
        _require_in_charge(cursor, account_id, at, rights)
        _add_link(cursor, sequence, account_id, fingerprint, at)


def find_link(store: Store, fingerprint: str, at: datetime) -> Account:
    """The account whose password a link lets its holder choose; raises AccountRefused for one that does not hold."""
    return _require_link(store.cursor(), fingerprint, at)


def save_password(store: Store, fingerprint: str, password_hash: str, at: datetime) -> str:
    """Use a link, once: sets the password of its account and returns the account's id."""
    account_id = find_link(store, fingerprint, at).account_id
    with store.commit("password", at, account_id, account_id) as (cursor, sequence):
        _require_link(cursor, fingerprint, at)
        cursor.execute(SET_PASSWORD, [password_hash, account_id])
        cursor.execute(ADD_LINK, [sequence, account_id, fingerprint, as_utc(at), as_utc(at)])
    return account_id


def revoke_grant(store: Store, grant_id: str, at: datetime, by: str, rights: Rights) -> None:
    """End a right from now on. The last administrator stays."""
    found = _find_grants(store.cursor(), grant=grant_id)
    if not found:
        raise AccountRefused(Refusal.NO_GRANT)
    with store.commit("revoke", at, by, found[0].account_id) as (cursor, sequence):
        grant = _find_grants(cursor, grant=grant_id)[0]
        if not may_grant(rights, grant.role, grant.territory):
            raise AccountRefused(Refusal.NOT_YOURS)
        if not grant.holds(at):
            raise AccountRefused(Refusal.NO_GRANT)
        _end_grants(cursor, sequence, (grant,), at, by)


def close_account(store: Store, account_id: str, at: datetime, by: str, rights: Rights) -> None:
    """End all that an account may do, forget its password and its link; its name stays beside what it did."""
    with store.commit("close", at, by, account_id) as (cursor, sequence):
        grants = _require_in_charge(cursor, account_id, at, rights)
        _end_grants(cursor, sequence, grants, at, by)
        cursor.execute(CLOSE, [as_utc(at), account_id])
        _add_link(cursor, sequence, account_id, NO_LINK, at)


def _require_grantable(store: Store, rights: Rights, role: Role, territory: str) -> None:
    if (territory == EVERYWHERE) != (role in ROLES_EVERYWHERE):
        raise AccountRefused(Refusal.WRONG_PLACE)
    if not may_grant(rights, role, territory):
        raise AccountRefused(Refusal.NOT_YOURS)
    known = "SELECT count(*) FROM territories WHERE territory_code = ?"
    if territory != EVERYWHERE and not fetch_one(store.cursor(), known, [territory]):
        raise AccountRefused(Refusal.UNKNOWN_TERRITORY)


def _require_in_charge(
    cursor: duckdb.DuckDBPyConnection, account_id: str, at: datetime, rights: Rights
) -> tuple[Grant, ...]:
    """What an open account may do, if it may do something and these rights cover all of it; administrators' always."""
    account = _find_account(cursor, account_id)
    if account is None or account.is_closed:
        raise AccountRefused(Refusal.NO_ACCOUNT)
    grants = _current_grants(cursor, account_id, at)
    covered = bool(grants) and all(may_grant(rights, grant.role, grant.territory) for grant in grants)
    if Role.ADMINISTRATOR not in rights and not covered:
        raise AccountRefused(Refusal.NOT_YOURS)
    return grants


def _require_link(cursor: duckdb.DuckDBPyConnection, fingerprint: str, at: datetime) -> Account:
    row = cursor.execute(ACCOUNT_OF_LINK, [fingerprint]).fetchone() if fingerprint != NO_LINK else None
    account = _find_account(cursor, str(row[0])) if row else None
    if account is None or account.is_closed:
        raise AccountRefused(Refusal.UNKNOWN_LINK)
    _, latest, expires_at, used_at = _find_links(cursor, account.account_id)[0]
    if latest != fingerprint:
        raise AccountRefused(Refusal.REPLACED_LINK)
    if used_at is not None:
        raise AccountRefused(Refusal.USED_LINK)
    if as_utc(at) >= expires_at:
        raise AccountRefused(Refusal.EXPIRED_LINK)
    return account


def _end_grants(
    cursor: duckdb.DuckDBPyConnection, sequence: int, grants: tuple[Grant, ...], at: datetime, by: str
) -> None:
    """End rights of one account, unless nobody who can sign in would be left to administer."""
    ended = {grant.grant_id for grant in grants}
    if any(grant.role is Role.ADMINISTRATOR for grant in grants):
        left = {
            grant.account_id
            for grant in _find_grants(cursor)
            if grant.role is Role.ADMINISTRATOR and grant.holds(at) and grant.grant_id not in ended
        }
        accounts = [_find_account(cursor, account_id) for account_id in left]
        if not any(account and account.has_password and not account.is_closed for account in accounts):
            raise AccountRefused(Refusal.LAST_ADMINISTRATOR)
    for one in grants:
        end = Grant(one.grant_id, one.account_id, one.role, one.territory, one.since, at)
        _add_grant(cursor, sequence, end, by)


def _add_grant(cursor: duckdb.DuckDBPyConnection, sequence: int, grant: Grant, by: str) -> None:
    since, until = as_utc(grant.since), as_utc(grant.until) if grant.until else None
    values = [grant.grant_id, sequence, grant.account_id, grant.role.value, grant.territory, since, until, by]
    cursor.execute(ADD_GRANT, values)


def _add_link(cursor: duckdb.DuckDBPyConnection, sequence: int, account_id: str, token: str, at: datetime) -> None:
    cursor.execute(ADD_LINK, [sequence, account_id, token, as_utc(at + LINK_LASTS), None])


def _find_id(cursor: duckdb.DuckDBPyConnection, email: str) -> str | None:
    row = cursor.execute(BY_EMAIL, [email]).fetchone()
    return str(row[0]) if row else None


def _find_account(cursor: duckdb.DuckDBPyConnection, account_id: str) -> Account | None:
    row = cursor.execute(ACCOUNTS, {"account": account_id}).fetchone()
    return Account(*row) if row else None


def _find_grants(
    cursor: duckdb.DuckDBPyConnection, account: str | None = None, grant: str | None = None
) -> tuple[Grant, ...]:
    rows = cursor.execute(GRANTS, {"account": account, "grant": grant}).fetchall()
    return tuple(
        Grant(grant_id, account_id, Role(role), territory, _as_time(since), until and _as_time(until))
        for grant_id, account_id, role, territory, since, until in rows
    )


def _current_grants(cursor: duckdb.DuckDBPyConnection, account_id: str, at: datetime) -> tuple[Grant, ...]:
    return tuple(grant for grant in _find_grants(cursor, account=account_id) if grant.holds(at))


def _find_links(
    cursor: duckdb.DuckDBPyConnection, account: str | None = None
) -> list[tuple[str, str, datetime, datetime | None]]:
    """The latest link of each account: its account, its fingerprint, when it ends, when it was used."""
    return cursor.execute(LINKS, {"account": account}).fetchall()


def _as_time(stored: datetime) -> datetime:
    return stored.replace(tzinfo=UTC)


def _new_id(cursor: duckdb.DuckDBPyConnection) -> str:
    row = cursor.execute("SELECT uuidv7()::VARCHAR").fetchone()
    assert row is not None
    return str(row[0])
