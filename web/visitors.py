"""Who is asking: the account that the gate let in, or, where nobody has one, someone of a demonstration list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipelines.store import Store
from pipelines.store.accounts import has_accounts, load_account, load_grants
from schemas.account import EVERYWHERE, Account, Grant, rights_at
from schemas.catalogue import Catalogue
from schemas.visitor import Visitor
from schemas.words import Role


@dataclass(frozen=True)
class Person:
    """Who is there: `name` is empty in a demonstration, `visitors` are those they may look as, by key, and `wanted` the
    key that their browser asks for: only ever a choice among their own."""

    name: str
    visitors: dict[str, Visitor]
    wanted: str = ""

    @property
    def chosen(self) -> str | None:
        """The key of the one they look as: the one they want, else the first."""
        return self.wanted if self.wanted in self.visitors else next(iter(self.visitors), None)

    @property
    def visitor(self) -> Visitor | None:
        return self.visitors[self.chosen] if self.chosen else None


@dataclass(frozen=True)
class Known:
    """What the store knows of an account; it is asked again whenever its version moves."""

    is_peopled: bool
    account: Account | None
    grants: tuple[Grant, ...]


def load_known(store: Store, account_id: str) -> Known:
    return Known(has_accounts(store), load_account(store, account_id), load_grants(store, account_id))


def find_person(known: Known, catalogue: Catalogue, wanted: str, at: datetime) -> Person:
    """The person of an account, with the rights that hold at a moment; nobody's visitors where it has none."""
    if not known.is_peopled:
        return Person("", list_visitors(catalogue), wanted)
    if known.account is None:
        return Person("", {})
    rights = rights_at(known.grants, at)
    return Person(known.account.name, list_own(known.account.account_id, rights, catalogue), wanted)


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
