"""What is written of an indicator's quarter: every version stays, and two readings of which one counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from pipelines.personal import find_in_words
from pipelines.store.connection import Store, When, as_utc, find_moment
from pipelines.store.submissions import NamesSomebody, PreviewOutdated
from schemas.commentary import LONGEST_COMMENTARY, Commentary, CommentaryState
from schemas.words import Audience

ADD = """
    INSERT INTO commentary BY NAME
    SELECT $sequence AS sequence, $territory AS territory_code, $indicator AS indicator_code, $period AS period,
           $state AS state, $words AS words, $by AS by_account, $at::TIMESTAMP AS written_at
"""
LATEST = """
    SELECT territory_code, indicator_code, period, state, words, by_account, written_at, sequence FROM commentary
    WHERE sequence <= $moment AND list_contains($territories, territory_code) AND list_contains($states, state)
    QUALIFY row_number() OVER (PARTITION BY territory_code, indicator_code, period ORDER BY sequence DESC) = 1
    ORDER BY territory_code, indicator_code, period
"""
WRITTEN_SINCE = """
    SELECT 1 FROM commentary
    WHERE territory_code = $territory AND indicator_code = $indicator AND period = $period AND sequence > $seen
    LIMIT 1
"""


class TooLong(ValueError):
    """A text of more than LONGEST_COMMENTARY characters."""


def save_commentary(
    store: Store,
    territory: str,
    indicator: str,
    period: str,
    words: str,
    state: CommentaryState,
    by: str,
    at: datetime,
    seen: int | None = None,
) -> int:
    """Keep what somebody wrote of a figure and return its `sequence`; earlier texts stay. Empty words take it back.

    `seen` is the `sequence` of the text that its writer had before them (0: none; None: they do not say). Raises
    NamesSomebody for words that hold personal data and TooLong, before anything is kept; PreviewOutdated when somebody
    else wrote of the same figure since.
    """
    said = words.strip()
    kind = find_in_words(said)
    if kind:
        raise NamesSomebody(kind)
    if len(said) > LONGEST_COMMENTARY:
        raise TooLong(len(said))
    place = {"territory": territory, "indicator": indicator, "period": period}
    with store.commit("commentary", at, by, f"{territory} {indicator} {period}") as (cursor, sequence):
        if seen is not None and cursor.execute(WRITTEN_SINCE, {**place, "seen": seen}).fetchone():
            raise PreviewOutdated
        values = {**place, "sequence": sequence, "state": state.value, "words": said}
        cursor.execute(ADD, {**values, "by": by, "at": as_utc(at)})
    return sequence


def load_commentary(
    store: Store, territories: Iterable[str], audience: Audience, as_of: When = None
) -> list[Commentary]:
    """What readers see: of each figure the text that was validated last, also while another is being drafted.

    Nothing for an audience outside the territory: a text may hold a figure that is masked for it.
    """
    if audience is not Audience.TERRITORY:
        return []
    found = _load_latest(store, territories, (CommentaryState.VALIDATED,), as_of)
    return [one for one in found if one.words]


def load_writing(store: Store, territories: Iterable[str], as_of: When = None) -> list[Commentary]:
    """What those who write for these territories have before them: of each figure the last text, draft or not."""
    return _load_latest(store, territories, tuple(CommentaryState), as_of)


def _load_latest(
    store: Store, territories: Iterable[str], states: Iterable[CommentaryState], as_of: When
) -> list[Commentary]:
    cursor = store.cursor()
    wanted = {"moment": find_moment(cursor, as_of), "territories": sorted(territories), "states": [*states]}
    return [_read(row) for row in cursor.execute(LATEST, wanted).fetchall()]


def _read(row: tuple[str, str, str, str, str, str, datetime, int]) -> Commentary:
    territory, indicator, period, state, words, by, at, sequence = row
    at = at.replace(tzinfo=UTC)
    return Commentary(territory, indicator, period, CommentaryState(state), words, by, at, sequence)
