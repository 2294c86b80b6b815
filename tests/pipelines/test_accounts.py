"""Accounts: who may give what, one-time links, passwords, the last administrator; e-mail and name in one table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pipelines.accounts import (
    accept,
    check_password,
    close,
    create_administrator,
    find_grant,
    invite,
    list_accounts,
    read_link,
    renew_link,
    revoke,
    sign_in,
)
from pipelines.store import Store
from pipelines.store.accounts import (
    LINK_LASTS,
    find_account_id,
    has_accounts,
    load_account,
    load_grants,
    load_members,
    load_names,
)
from schemas.account import (
    ALL_RIGHTS,
    COMMAND_LINE,
    EVERYWHERE,
    AccountRefused,
    Grant,
    Refusal,
    Rights,
    may_grant,
    rights_at,
)
from schemas.words import Role
from tests.conftest import NOW
from texts import LANGUAGES, load_words

TILLEULS, LILAS = "FR-99-TILLEULS", "FR-99-LILAS"
PASSWORD = "une phrase assez longue"
OF_TILLEULS: Rights = {Role.COORDINATOR: (TILLEULS,)}
LATER = NOW + timedelta(hours=1)


def refusal_of(act: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(AccountRefused) as refused:
        act(*arguments)
    return refused.value.refusal


@pytest.fixture
def administrator(store: Store) -> str:
    """The first account, with a password."""
    account_id, secret = create_administrator(store, "ada@example.org", "Ada Martin", NOW, COMMAND_LINE)
    assert secret
    assert accept(store, secret, PASSWORD, NOW) == account_id
    return account_id


def add(store: Store, email: str, role: Role = Role.OFFICER, territory: str = TILLEULS, accepts: bool = True) -> str:
    account_id, secret = invite(store, email, email.split("@")[0], role, territory, NOW, COMMAND_LINE, ALL_RIGHTS)
    if accepts and secret:
        accept(store, secret, PASSWORD, NOW)
    return account_id


@pytest.mark.parametrize(
    ("rights", "role", "territory", "may"),
    [
        pytest.param(ALL_RIGHTS, Role.ADMINISTRATOR, "", True, id="administrator_gives_administrator"),
        pytest.param(ALL_RIGHTS, Role.OFFICER, LILAS, True, id="administrator_gives_officer"),
        pytest.param(ALL_RIGHTS, Role.OFFICER, "", False, id="officer_everywhere_does_not_exist"),
        pytest.param(ALL_RIGHTS, Role.NATIONAL, LILAS, False, id="national_of_a_territory_does_not_exist"),
        pytest.param(OF_TILLEULS, Role.OFFICER, TILLEULS, True, id="coordinator_gives_officer"),
        pytest.param(OF_TILLEULS, Role.COORDINATOR, TILLEULS, True, id="coordinator_gives_coordinator"),
        pytest.param(OF_TILLEULS, Role.COMMITTEE, TILLEULS, True, id="coordinator_gives_committee"),
        pytest.param(OF_TILLEULS, Role.SUPPORT, TILLEULS, True, id="coordinator_gives_support"),
        pytest.param(OF_TILLEULS, Role.OFFICER, LILAS, False, id="coordinator_elsewhere"),
        pytest.param(OF_TILLEULS, Role.NATIONAL, "", False, id="coordinator_gives_national"),
        pytest.param(OF_TILLEULS, Role.ADMINISTRATOR, "", False, id="coordinator_gives_administrator"),
        pytest.param({Role.OFFICER: (TILLEULS,)}, Role.OFFICER, TILLEULS, False, id="officer_gives_nothing"),
        pytest.param({Role.NATIONAL: ("",)}, Role.OFFICER, TILLEULS, False, id="national_gives_nothing"),
        pytest.param({}, Role.OFFICER, TILLEULS, False, id="nobody_gives_nothing"),
    ],
)
def test_who_may_give_what(rights: Rights, role: Role, territory: str, may: bool) -> None:
    assert may_grant(rights, role, territory) is may


def test_rights_are_dated_and_each_role_is_once() -> None:
    grants = (
        Grant("1", "a", Role.SUPPORT, LILAS, NOW, None),
        Grant("2", "a", Role.OFFICER, TILLEULS, NOW, LATER),
        Grant("3", "a", Role.OFFICER, LILAS, LATER, None),
    )
    assert rights_at(grants, NOW - timedelta(seconds=1)) == {}
    assert rights_at(grants, NOW) == {Role.OFFICER: (TILLEULS,), Role.SUPPORT: (LILAS,)}
    assert rights_at(grants, LATER) == {Role.OFFICER: (LILAS,), Role.SUPPORT: (LILAS,)}


def test_the_first_administrator_opens_the_store(store: Store) -> None:
    assert not has_accounts(store)
    account_id, secret = create_administrator(store, " Ada@Example.org ", "Ada  Martin", NOW, COMMAND_LINE)
    assert has_accounts(store)
    assert load_names(store) == {account_id: "Ada Martin"}
    assert rights_at(load_grants(store, account_id), NOW) == {}, "nobody signs in without a password"
    assert secret
    accept(store, secret, PASSWORD, NOW)
    assert rights_at(load_grants(store, account_id), NOW) == {Role.ADMINISTRATOR: (EVERYWHERE,)}
    assert sign_in(store, "ADA@example.ORG", PASSWORD) == account_id
    assert sign_in(store, "ada@example.org", PASSWORD + " ") is None


def test_a_link_is_used_once(store: Store) -> None:
    _, secret = create_administrator(store, "ada@example.org", "Ada", NOW, COMMAND_LINE)
    assert secret
    accept(store, secret, PASSWORD, NOW)
    assert refusal_of(accept, store, secret, "un autre mot de passe", NOW) is Refusal.USED_LINK
    assert sign_in(store, "ada@example.org", PASSWORD)


def test_of_many_who_use_a_link_at_once_one_does(store: Store) -> None:
    account_id, secret = create_administrator(store, "ada@example.org", "Ada", NOW, COMMAND_LINE)
    assert secret

    def use(number: int) -> Refusal | None:
        try:
            accept(store, secret, f"{PASSWORD} {number}", NOW)
        except AccountRefused as refused:
            return refused.refusal
        return None

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(use, range(4)))
    assert sorted(map(str, said)) == ["None", *["used_link"] * 3]
    assert sign_in(store, "ada@example.org", f"{PASSWORD} {said.index(None)}") == account_id


@pytest.mark.parametrize(
    ("lasts", "refusal"),
    [
        pytest.param(LINK_LASTS - timedelta(seconds=1), None, id="in_time"),
        pytest.param(LINK_LASTS, Refusal.EXPIRED_LINK, id="too_late"),
    ],
)
def test_a_link_lasts_seven_days(store: Store, lasts: timedelta, refusal: Refusal | None) -> None:
    assert timedelta(days=7) == LINK_LASTS
    _, secret = create_administrator(store, "ada@example.org", "Ada", NOW, COMMAND_LINE)
    assert secret
    if refusal:
        assert refusal_of(accept, store, secret, PASSWORD, NOW + lasts) is refusal
    else:
        assert read_link(store, secret, NOW + lasts).email == "ada@example.org"


def test_a_new_link_replaces_the_earlier_and_the_password_holds_until_it_is_used(
    store: Store, administrator: str
) -> None:
    first = renew_link(store, administrator, NOW, COMMAND_LINE, ALL_RIGHTS)
    second = renew_link(store, administrator, NOW, COMMAND_LINE, ALL_RIGHTS)
    assert refusal_of(accept, store, first, PASSWORD, NOW) is Refusal.REPLACED_LINK
    assert sign_in(store, "ada@example.org", PASSWORD) == administrator
    accept(store, second, "un mot de passe nouveau", NOW)
    assert sign_in(store, "ada@example.org", PASSWORD) is None
    assert sign_in(store, "ada@example.org", "un mot de passe nouveau") == administrator


@pytest.mark.parametrize("secret", ["", "x", "é" * 43], ids=["empty", "short", "other_letters"])
def test_a_link_nobody_made(store: Store, administrator: str, secret: str) -> None:
    assert refusal_of(accept, store, secret, PASSWORD, NOW) is Refusal.UNKNOWN_LINK


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        pytest.param("onze signes", Refusal.SHORT_PASSWORD, id="eleven_characters"),
        pytest.param("Ada.Martin@example.org", Refusal.PASSWORD_IS_EMAIL, id="the_e_mail"),
        pytest.param("e\u0301" * 6, Refusal.SHORT_PASSWORD, id="six_letters_written_as_twelve"),
    ],
)
def test_passwords_that_are_refused(password: str, refusal: Refusal) -> None:
    assert refusal_of(check_password, password, "ada.martin@example.org") is refusal


def test_a_letter_is_the_same_however_a_keyboard_composes_it(store: Store) -> None:
    _, secret = create_administrator(store, "ada@example.org", "Ada", NOW, COMMAND_LINE)
    assert secret
    accept(store, secret, "cafe\u0301 de la gare", NOW)
    assert sign_in(store, "ada@example.org", "caf\u00e9 de la gare")


def test_an_e_mail_has_one_account_and_may_have_several_roles(store: Store, administrator: str) -> None:
    officer = add(store, "lea@example.org")
    again, secret = invite(store, "LEA@example.org", "Autre nom", Role.SUPPORT, LILAS, NOW, administrator, ALL_RIGHTS)
    assert (again, secret) == (officer, None), "who has a password keeps it"
    assert load_names(store)[officer] == "lea"
    assert rights_at(load_grants(store, officer), NOW) == {Role.OFFICER: (TILLEULS,), Role.SUPPORT: (LILAS,)}
    said = refusal_of(invite, store, "lea@example.org", "Léa", Role.OFFICER, TILLEULS, NOW, administrator, ALL_RIGHTS)
    assert said is Refusal.ALREADY_GRANTED


@pytest.mark.parametrize(
    ("email", "name", "role", "territory", "refusal"),
    [
        pytest.param("lea", "Léa", Role.OFFICER, TILLEULS, Refusal.UNREADABLE_EMAIL, id="not_an_e_mail"),
        pytest.param("lea@ex ample.org", "Léa", Role.OFFICER, TILLEULS, Refusal.UNREADABLE_EMAIL, id="a_space"),
        pytest.param(f"{'x' * 250}@a.fr", "Léa", Role.OFFICER, TILLEULS, Refusal.UNREADABLE_EMAIL, id="too_long"),
        pytest.param("lea@example.org", "  ", Role.OFFICER, TILLEULS, Refusal.NO_NAME, id="no_name"),
        pytest.param("lea@example.org", "Léa", Role.OFFICER, "", Refusal.WRONG_PLACE, id="officer_everywhere"),
        pytest.param("lea@example.org", "Léa", Role.NATIONAL, LILAS, Refusal.WRONG_PLACE, id="national_somewhere"),
        pytest.param("lea@example.org", "Léa", Role.OFFICER, "FR-1", Refusal.UNKNOWN_TERRITORY, id="no_such_territory"),
    ],
)
def test_invitations_that_are_refused(
    store: Store, email: str, name: str, role: Role, territory: str, refusal: Refusal
) -> None:
    before = store.version()
    assert refusal_of(invite, store, email, name, role, territory, NOW, COMMAND_LINE, ALL_RIGHTS) is refusal
    assert (store.version(), has_accounts(store)) == (before, False)


def test_a_coordinator_gives_and_takes_back_in_their_territory_only(store: Store, administrator: str) -> None:
    coordinator = add(store, "coordination@example.org", Role.COORDINATOR)
    officer, secret = invite(store, "lea@example.org", "Léa", Role.OFFICER, TILLEULS, NOW, coordinator, OF_TILLEULS)
    assert secret
    elsewhere = (store, "max@example.org", "Max", Role.OFFICER, LILAS, NOW, coordinator, OF_TILLEULS)
    assert refusal_of(invite, *elsewhere) is Refusal.NOT_YOURS
    add(store, "sam@example.org", Role.OFFICER, LILAS)
    theirs = find_grant(store, "sam@example.org", Role.OFFICER, LILAS, NOW)
    assert refusal_of(revoke, store, theirs, LATER, coordinator, OF_TILLEULS) is Refusal.NOT_YOURS
    own = find_grant(store, "lea@example.org", Role.OFFICER, TILLEULS, NOW)
    accept(store, secret, PASSWORD, NOW)
    revoke(store, own, LATER, coordinator, OF_TILLEULS)
    assert rights_at(load_grants(store, officer), NOW) == {Role.OFFICER: (TILLEULS,)}, "what was is not rewritten"
    assert rights_at(load_grants(store, officer), LATER) == {}
    assert refusal_of(revoke, store, own, LATER, coordinator, OF_TILLEULS) is Refusal.NO_GRANT
    assert refusal_of(revoke, store, administrator, LATER, coordinator, OF_TILLEULS) is Refusal.NO_GRANT


def test_a_coordinator_cannot_become_who_may_more(store: Store, administrator: str) -> None:
    """A link makes its holder the account: nobody gets one for an account that may more than they may give."""
    coordinator = add(store, "coordination@example.org", Role.COORDINATOR)
    assert refusal_of(renew_link, store, administrator, NOW, coordinator, OF_TILLEULS) is Refusal.NOT_YOURS
    again, secret = invite(store, "ada@example.org", "Ada", Role.OFFICER, TILLEULS, NOW, coordinator, OF_TILLEULS)
    assert (again, secret) == (administrator, None)
    assert refusal_of(renew_link, store, administrator, NOW, coordinator, OF_TILLEULS) is Refusal.NOT_YOURS
    assert refusal_of(close, store, "ada@example.org", NOW, coordinator, OF_TILLEULS) is Refusal.NOT_YOURS


def test_a_coordinator_has_no_link_for_who_was_invited_to_more(store: Store, administrator: str) -> None:
    waiting = add(store, "nat@example.org", Role.NATIONAL, EVERYWHERE, accepts=False)
    _, secret = invite(store, "nat@example.org", "Nat", Role.OFFICER, TILLEULS, NOW, "c", OF_TILLEULS)
    assert secret is None
    assert load_account(store, waiting) is not None


def test_a_link_that_waits_ends_when_the_account_may_more(store: Store, administrator: str) -> None:
    """The holder of a link made by a coordinator does not get what an administrator adds later."""
    account_id, early = invite(store, "lea@example.org", "Léa", Role.OFFICER, TILLEULS, NOW, "c", OF_TILLEULS)
    _, late = invite(store, "lea@example.org", "Léa", Role.NATIONAL, "", NOW, administrator, ALL_RIGHTS)
    assert early
    assert late
    assert refusal_of(accept, store, early, PASSWORD, NOW) is Refusal.REPLACED_LINK
    assert accept(store, late, PASSWORD, NOW) == account_id
    reset = renew_link(store, add(store, "max@example.org"), NOW, "c", OF_TILLEULS)
    invite(store, "max@example.org", "Max", Role.NATIONAL, "", NOW, administrator, ALL_RIGHTS)
    assert refusal_of(accept, store, reset, PASSWORD, NOW) is Refusal.REPLACED_LINK


def test_who_may_nothing_gets_a_link_from_an_administrator_only(store: Store, administrator: str) -> None:
    officer = add(store, "lea@example.org")
    revoke(store, find_grant(store, "lea@example.org", Role.OFFICER, TILLEULS, NOW), NOW, administrator, ALL_RIGHTS)
    assert refusal_of(renew_link, store, officer, LATER, "c", OF_TILLEULS) is Refusal.NOT_YOURS
    assert renew_link(store, officer, LATER, administrator, ALL_RIGHTS)


def test_the_last_administrator_stays(store: Store, administrator: str) -> None:
    grant = find_grant(store, "ada@example.org", Role.ADMINISTRATOR, EVERYWHERE, NOW)
    second = add(store, "bob@example.org", Role.ADMINISTRATOR, EVERYWHERE, accepts=False)
    assert refusal_of(revoke, store, grant, LATER, administrator, ALL_RIGHTS) is Refusal.LAST_ADMINISTRATOR
    assert refusal_of(close, store, "ada@example.org", LATER, administrator, ALL_RIGHTS) is Refusal.LAST_ADMINISTRATOR
    assert rights_at(load_grants(store, administrator), LATER) == ALL_RIGHTS
    accept(store, renew_link(store, second, NOW, administrator, ALL_RIGHTS), PASSWORD, NOW)
    revoke(store, grant, LATER, administrator, ALL_RIGHTS)
    assert rights_at(load_grants(store, administrator), LATER) == {}
    other = find_grant(store, "bob@example.org", Role.ADMINISTRATOR, EVERYWHERE, LATER)
    assert refusal_of(revoke, store, other, LATER, second, ALL_RIGHTS) is Refusal.LAST_ADMINISTRATOR


def test_a_closed_account_ends_at_once_and_opens_again_by_an_invitation(store: Store, administrator: str) -> None:
    officer = add(store, "lea@example.org")
    link = renew_link(store, officer, NOW, administrator, ALL_RIGHTS)
    assert close(store, "lea@example.org", LATER, administrator, ALL_RIGHTS) == officer
    assert sign_in(store, "lea@example.org", PASSWORD) is None
    assert refusal_of(accept, store, link, PASSWORD, LATER) is Refusal.UNKNOWN_LINK
    assert rights_at(load_grants(store, officer), LATER) == {}
    assert load_names(store)[officer] == "lea", "what they did keeps its name"
    assert refusal_of(renew_link, store, officer, LATER, administrator, ALL_RIGHTS) is Refusal.NO_ACCOUNT
    again, secret = invite(store, "lea@example.org", "Léa D.", Role.OFFICER, LILAS, LATER, administrator, ALL_RIGHTS)
    assert again == officer
    assert secret
    assert rights_at(load_grants(store, officer), LATER) == {}, "until a password is chosen"
    accept(store, secret, PASSWORD, LATER)
    assert rights_at(load_grants(store, officer), LATER) == {Role.OFFICER: (LILAS,)}


def test_members_are_those_of_the_territories_asked_for(store: Store, administrator: str) -> None:
    add(store, "lea@example.org")
    add(store, "max@example.org", Role.COMMITTEE, LILAS, accepts=False)

    def names(*territories: str) -> list[tuple[str, Role, bool]]:
        found = load_members(store, territories, NOW)
        return [(one.account.name, one.grant.role, one.link_until is not None) for one in found]

    assert names(TILLEULS) == [("lea", Role.OFFICER, False)]
    assert names(LILAS) == [("max", Role.COMMITTEE, True)]
    assert [name for name, *_ in names(EVERYWHERE)] == ["Ada Martin", "lea", "max"]
    assert names() == []
    assert load_members(store, (LILAS,), NOW + LINK_LASTS)[0].link_until is None


def test_the_list_of_accounts(store: Store, administrator: str) -> None:
    add(store, "lea@example.org")
    listed = [(account.email, [one.grant.role for one in members]) for account, members in list_accounts(store, NOW)]
    assert listed == [("ada@example.org", [Role.ADMINISTRATOR]), ("lea@example.org", [Role.OFFICER])]


def test_the_audit_has_ids_and_no_name(store: Store, administrator: str) -> None:
    officer = add(store, "lea@example.org")
    revoke(store, find_grant(store, "lea@example.org", Role.OFFICER, TILLEULS, NOW), NOW, administrator, ALL_RIGHTS)
    rows = store.cursor().execute("SELECT account_id, action, subject FROM audit ORDER BY sequence").fetchall()
    assert rows[-5:] == [
        (COMMAND_LINE, "invite", administrator),
        (administrator, "password", administrator),
        (COMMAND_LINE, "invite", officer),
        (officer, "password", officer),
        (administrator, "revoke", officer),
    ]
    tables = [row[0] for row in store.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    for table in set(tables) - {"account"}:
        text = str(store.cursor().execute(f'SELECT * FROM "{table}"').fetchall())  # noqa: S608
        assert "example.org" not in text
        assert "Ada Martin" not in text


def test_a_password_and_a_link_cannot_be_read_back(store: Store, administrator: str) -> None:
    secret = renew_link(store, administrator, NOW, administrator, ALL_RIGHTS)
    kept = str(store.cursor().execute("SELECT password_hash FROM account").fetchall())
    kept += str(store.cursor().execute("SELECT * FROM invitation").fetchall())
    assert "$argon2id$" in kept
    assert PASSWORD not in kept
    assert secret not in kept


def test_whether_an_e_mail_has_an_account_does_not_show_in_time(store: Store, administrator: str) -> None:
    def seconds(email: str) -> float:
        begin = time.perf_counter()
        assert sign_in(store, email, "un mauvais mot de passe") is None
        return time.perf_counter() - begin

    add(store, "waits@example.org", accepts=False)
    pairs = [[seconds(f"{who}@example.org") for who in ("ada", "nobody", "waits")] for _ in range(7)]
    known, unknown, waiting = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 0.6 < unknown / known < 1.6
    assert 0.6 < waiting / known < 1.6


def test_of_two_who_invite_somebody_at_once_one_account_is_made(store: Store, administrator: str) -> None:
    def call(territory: str) -> Refusal | None:
        try:
            invite(store, "lea@example.org", "Léa", Role.OFFICER, territory, NOW, administrator, ALL_RIGHTS)
        except AccountRefused as refused:
            return refused.refusal
        return None

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(call, (TILLEULS, LILAS)))
    assert set(said) <= {None, Refusal.JUST_INVITED}
    found = store.cursor().execute("SELECT count(*) FROM account WHERE email = 'lea@example.org'").fetchone()
    assert found == (1,)
    assert find_account_id(store, "lea@example.org")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    for refusal in Refusal:
        assert load_words(language)(f"account.{refusal}")
