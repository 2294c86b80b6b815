"""Who is asking: a role and the territories it is for."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.account import EVERYWHERE, ROLES_EVERYWHERE, Rights
from schemas.words import Audience, Role

DEPOSITORS = (Role.OFFICER, Role.COORDINATOR)
NATIONAL_ROLES = ROLES_EVERYWHERE
IN_CHARGE_OF_ACCOUNTS = (Role.ADMINISTRATOR, Role.COORDINATOR)


@dataclass(frozen=True)
class Visitor:
    """`account` names the person in the log; `territories` are all they may read."""

    account: str
    role: Role
    territories: tuple[str, ...]

    @property
    def audience(self) -> Audience:
        """What is masked for them: the national team does not see the small cells of territories."""
        return Audience.NATIONAL if self.role in NATIONAL_ROLES else Audience.TERRITORY

    @property
    def rights(self) -> Rights:
        """What they may do in the role they look in, as the rules of accounts read it."""
        return {self.role: (EVERYWHERE,) if self.role in NATIONAL_ROLES else self.territories}
