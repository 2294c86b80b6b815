"""What is said at a fault, in a workbook or a text."""

from __future__ import annotations

from dataclasses import replace

from schemas.issue import Issue
from texts import Words
from texts.sentences import say_cause, say_place


def say_remark(issue: Issue, words: Words, says_column: bool) -> str:
    """« À corriger. La case est vide. ... », on one line, with the column where the place does not tell it."""
    place = say_place(words, replace(issue, row=None)) if says_column else ""
    return words("annotated.remark", severity=say_severity(issue, words), what=say_what(issue, words, place))


def say_severity(issue: Issue, words: Words) -> str:
    return words(f"annotated.{issue.severity}")


def say_what(issue: Issue, words: Words, place: str = "") -> str:
    text = " ".join(f"{place}{say_cause(words, issue)}".splitlines())
    return text[:1].upper() + text[1:]
