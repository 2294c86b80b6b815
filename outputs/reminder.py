"""The message that asks for figures that did not come: to copy, and to send as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from texts import Words


@dataclass(frozen=True)
class Wanted:
    """A figure in words: what, of when, until which day, and whether that day is past."""

    label: str
    period: str
    due: str
    is_past: bool


def write_reminder(words: Words, territory: str, wanted: Sequence[Wanted], address: str) -> str:
    """Plain text, polite and without a name: nobody is told to whom it goes. `address` is where to deposit."""
    lines = [
        words("reminder.line_past" if one.is_past else "reminder.line", label=one.label, period=one.period, due=one.due)
        for one in wanted
    ]
    parts = [
        words("reminder.hello"),
        "",
        words.plural("reminder.missing", len(wanted), territory=territory),
        *lines,
        "",
        words("reminder.where", address=address),
        words("reminder.not_there"),
    ]
    if any(one.is_past for one in wanted):
        parts.append(words("reminder.late"))
    return "\n".join([*parts, "", words("reminder.thanks")])
