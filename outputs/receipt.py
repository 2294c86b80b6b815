"""The receipt of a deposit: what was kept, when, from whom, what it replaces, and its life since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from outputs.difference import Difference
from outputs.html import write_html
from schemas.submission import OBSERVATIONS, Event, Receipt, Remark, Repair, SubmissionState
from texts import Words
from texts.sentences import say_rows

NameAccount = Callable[[str], str]
"""An account id -> the words for who that is."""


def list_receipt(
    words: Words, receipt: Receipt, difference: Difference, name: NameAccount, zone: str, is_inside: bool
) -> dict[str, Any]:
    """The receipt as its page and its file show it: `facts` (term, text), `events`, `remarks`, `repairs`,
    `difference`.

    What people wrote of it may hold a figure, and who guesses all of a short file can check it by its fingerprint:
    both are for those inside the territory.
    """
    counted = (("new", receipt.new), ("changed", receipt.changed), ("unchanged", receipt.unchanged))
    lines = "change" if receipt.kind == OBSERVATIONS else "register.change"
    counts = [words.plural(f"{lines}.{change}", count) for change, count in counted]
    notes = [
        words.plural(f"change.{note}", count)
        for note, count in (("kept", receipt.kept), ("masked", receipt.masked), ("left", receipt.left))
        if count
    ]
    facts = [
        (words("receipt.number"), receipt.submission_id),
        (words("receipt.file"), receipt.filename),
        (words("receipt.at"), words.moment(receipt.at, zone)),
        (words("receipt.by"), name(receipt.sent_by)),
        (words("receipt.kept"), " ".join([", ".join(counts) + ".", *notes])),
    ]
    if receipt.reason and is_inside:
        facts.append((words("receipt.reason"), receipt.reason))
    if is_inside:
        facts.append((words("receipt.sha"), receipt.sha256))
    events = receipt.events if is_inside else [replace(event, reason=None) for event in receipt.events]
    return {
        "state": words(f"submission.{receipt.state}"),
        "facts": facts,
        "events": [say_event(words, event, name, zone) for event in events],
        "repairs": list_repairs(words, receipt.repairs) if is_inside else [],
        "remarks": [say_remark(words, remark) for remark in receipt.remarks if is_inside],
        "difference": difference,
    }


def say_event(words: Words, event: Event, name: NameAccount, zone: str) -> str:
    """« Validé le 2 novembre 2026 à 10:15 par Alix Martin : recompté. »"""
    said = words(f"event.{event.state}", at=words.moment(event.at, zone), by=name(event.by))
    return f"{said}{words('colon')}{event.reason}" if event.reason else said


def say_remark(words: Words, remark: Remark) -> str:
    if remark.row is None:
        return remark.text
    place = (
        words("place.cell", row=remark.row, column=remark.column)
        if remark.column
        else words("place.row", row=remark.row)
    )
    said = f"{place}{remark.text}"
    return said[0].upper() + said[1:]


def list_repairs(words: Words, repairs: Sequence[Repair]) -> list[str]:
    """What its sender corrected on the page, the same correction of several lines once."""
    return [say_repair(words, group) for group in group_repairs(repairs)]


def group_repairs(repairs: Sequence[Repair]) -> list[list[Repair]]:
    """Those that write the same over the same, together."""
    groups: dict[tuple[str, str, str], list[Repair]] = {}
    for one in repairs:
        groups.setdefault((one.column, one.old, one.new), []).append(one)
    return list(groups.values())


def say_repair(words: Words, group: Sequence[Repair]) -> str:
    """« Lignes 3 à 5, colonne « periode » : « 2026T33 » devient « 2026-T3 » »."""
    one = group[0]
    rows = say_rows(words, [repair.row for repair in group])
    said = {"rows": rows[0].upper() + rows[1:], "column": one.column, "old": one.old, "new": one.new}
    if not one.column:
        return words("repaired.out", **said)
    if one.old == one.column:
        return words("repaired.heading", **said)
    return words(f"repaired.{'filled' if not one.old else 'emptied' if not one.new else 'changed'}", **said)


def write_receipt(words: Words, said: dict[str, Any]) -> bytes:
    """The receipt as a page of its own, that prints: no request, no script."""
    return write_html("receipt_file", words, **said).encode("utf-8")


def name_receipt(words: Words, receipt: Receipt) -> str:
    return words("receipt.filename", number=receipt.submission_id) + ".html"


def say_next(words: Words, state: SubmissionState, kind: str = OBSERVATIONS) -> str:
    """What comes after this state, for the person who sent the file."""
    return words(f"next.{state}" if kind == OBSERVATIONS else "register.at_once")
