"""What is wrong with a file, grouped by cause, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.issue import Code, Issues
from schemas.words import Severity
from texts import Words
from texts.sentences import list_causes

SENTENCES_SHOWN, SENTENCES_FOLDED = 12, 400


@dataclass(frozen=True)
class Group:
    """Issues of one cause: title, first sentences, others behind a fold, how many more there are."""

    code: Code
    title: str
    sentences: list[str]
    folded: list[str]
    rest: int


def list_parts(words: Words, issues: Issues, most: int = SENTENCES_SHOWN) -> list[tuple[str, list[Group]]]:
    """What is to be corrected, then what is to be looked at again; each by cause, `most` sentences of it in sight."""
    parts = [(words(f"deposit.part.{severity}"), _list_groups(words, issues, severity, most)) for severity in Severity]
    return [(title, groups) for title, groups in parts if groups]


def _list_groups(words: Words, issues: Issues, severity: Severity, most: int) -> list[Group]:
    """One group a code, in their order: what is wrong with a whole column or line comes before what is in its cells."""
    groups = []
    of_severity = issues.of_severity(severity)
    met = set(of_severity.frame["code"].unique()) - {Code.LAYOUT_QUESTION}  # which is asked in a form of its own
    for code in (code for code in Code if code in met):
        of_code = of_severity.of_code(code)
        causes = list_causes(words, of_code)
        title = words.plural(f"cause.{code}", len(of_code))
        folded = causes[most : most + SENTENCES_FOLDED]
        rest = max(0, len(causes) - most - SENTENCES_FOLDED)
        groups.append(Group(code, title, causes[:most], folded, rest))
    return groups
