"""The closed vocabularies: every coded word that the tables, the files and the screens share."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class ObsStatus(StrEnum):
    """State of a value (SDMX observation status, in the file's French words); a break keeps its value."""

    NORMAL = "normal"
    PROVISIONAL = "provisoire"
    ESTIMATED = "estime"
    BREAK = "rupture"
    NOT_AVAILABLE = "non_disponible"
    NOT_COLLECTED = "non_collecte"
    NOT_APPLICABLE = "sans_objet"
    LOW_RELIABILITY = "faible_fiabilite"


WITHOUT_VALUE = (ObsStatus.NOT_AVAILABLE, ObsStatus.NOT_COLLECTED, ObsStatus.NOT_APPLICABLE)


class ConfStatus(StrEnum):
    """Who may see a value."""

    FREE = "libre"
    INTERNAL = "interne"
    SECRET = "secret"


FEWEST_FOR_PERCENT = 30
"""Below it, figures are shown as counts."""

SECRET_UNITS = ("person", "household", "enterprise")
"""What is counted where a small number is a secret."""


class Audience(StrEnum):
    """For whom a load is made: decides which cells are masked."""

    PUBLIC = "public"
    TERRITORY = "territory"
    NATIONAL = "national"


class Role(StrEnum):
    """What a signed-in person does."""

    OFFICER = "officer"
    COORDINATOR = "coordinator"
    COMMITTEE = "committee"
    SUPPORT = "support"
    NATIONAL = "national"
    ADMINISTRATOR = "administrator"


class Severity(StrEnum):
    BLOCKING = "blocking"
    WARNING = "warning"


class State(StrEnum):
    """Where an indicator stands against its target; in the order in which they are evaluated."""

    WATCH_ONLY = "watch_only"
    NOT_COMPARABLE = "not_comparable"
    STALE = "stale"
    NOT_EXPECTED_YET = "not_expected_yet"
    TOO_FEW = "too_few"
    REACHED = "reached"
    REACHED_TO_CONFIRM = "reached_to_confirm"
    DECLINED = "declined"
    BEHIND = "behind"
    ON_TRACK = "on_track"
    PROGRESSING = "progressing"
    NO_READABLE_CHANGE = "no_readable_change"


class Family(StrEnum):
    """The four families of states that people meet."""

    REACHED = "reached"
    AHEAD = "ahead"
    BEHIND = "behind"
    CANNOT_SAY = "cannot_say"


FAMILY_OF_STATE = {
    State.REACHED: Family.REACHED,
    State.REACHED_TO_CONFIRM: Family.REACHED,
    State.ON_TRACK: Family.AHEAD,
    State.PROGRESSING: Family.AHEAD,
    State.DECLINED: Family.BEHIND,
    State.BEHIND: Family.BEHIND,
} | dict.fromkeys(
    (
        State.WATCH_ONLY,
        State.NOT_COMPARABLE,
        State.STALE,
        State.NOT_EXPECTED_YET,
        State.TOO_FEW,
        State.NO_READABLE_CHANGE,
    ),
    Family.CANNOT_SAY,
)


class RoundState(StrEnum):
    """Where an expected figure, or a territory's whole collection round, stands; late is a mark beside it."""

    AWAITED = "awaited"
    RECEIVED = "received"
    TO_CORRECT = "to_correct"
    VALIDATED = "validated"


class Display(StrEnum):
    """How much of a figure may be shown for its n."""

    MASKED = "masked"
    NO_VALUE = "no_value"
    COUNTS_ONLY = "counts_only"
    ORDER_OF_MAGNITUDE = "order_of_magnitude"
    WHOLE = "whole"
    DECIMAL = "decimal"
    AS_DEFINED = "as_defined"


def plain_word(text: str) -> str:
    """A heading or a word without case, accents and signs: « Code territoire » is code_territoire."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
