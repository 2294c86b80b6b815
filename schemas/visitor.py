"""Who is asking: a role and the territories it is for."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.words import Audience, Role

DEPOSITORS = (Role.OFFICER, Role.COORDINATOR)
NATIONAL_ROLES = (Role.NATIONAL, Role.ADMINISTRATOR)


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
