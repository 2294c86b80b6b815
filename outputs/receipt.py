"""The receipt of a deposit: what was kept, when, from whom, what it replaces, and its life since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from outputs.difference import Difference
from outputs.html import write_html
from schemas.submission import Event, Receipt, Remark, SubmissionState
from texts import Words

NameAccount = Callable[[str], str]
"""An account id -> the words for who that is."""


def list_receipt(
    words: Words, receipt: Receipt, difference: Difference, name: NameAccount, zone: str, is_inside: bool
) -> dict[str, Any]:
    """The receipt as its page and its file show it: `facts` (term, text), `events`, `remarks`, `difference`.

    What people wrote of it may hold a figure, and who guesses all of a short file can check it by its fingerprint:
    both are for those inside the territory.
    """
    counts = [
        words.plural(f"change.{change}", count)
        for change, count in (("new", receipt.new), ("changed", receipt.changed), ("unchanged", receipt.unchanged))
    ]
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


def write_receipt(words: Words, said: dict[str, Any]) -> bytes:
    """The receipt as a page of its own, that prints: no request, no script."""
    return write_html("receipt_file", words, **said).encode("utf-8")


def name_receipt(words: Words, receipt: Receipt) -> str:
    return words("receipt.filename", number=receipt.submission_id) + ".html"


def say_next(words: Words, state: SubmissionState) -> str:
    """What comes after this state, for the person who sent the file."""
    return words(f"next.{state}")
