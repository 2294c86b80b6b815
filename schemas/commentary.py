"""The story behind the curve: what is written of an indicator's quarter, first as a draft, then validated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_COMMENTARY = 600
"""Characters: what is said in a minute in front of the curve."""


class CommentaryState(StrEnum):
    """A draft is for those who write; what is validated is for everybody of the territory."""

    DRAFT = "draft"
    VALIDATED = "validated"


@dataclass(frozen=True)
class Commentary:
    """One text: of which figure, in which state, by whom and when (UTC). `sequence` tells it from any other."""

    territory: str
    indicator: str
    period: str
    state: CommentaryState
    words: str
    by: str
    at: datetime
    sequence: int
