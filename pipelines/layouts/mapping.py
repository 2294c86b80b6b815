"""A mapping as text: the file that someone wrote, or the answers that a territory gave once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import tomli_w

from schemas.mapping import LEFT_ASIDE, About, Mapping, Question

OURS = ("name", "digest")
NEEDED = ("source", "territories")


class MappingError(Exception):
    """A mapping file that cannot be used; the text says why."""


def read_mapping(path: Path) -> Mapping:
    """Read a mapping (TOML). Its `catalogue` is a folder beside it. Raises MappingError."""
    try:
        text = path.read_bytes().decode("utf-8")
        mapping = mapping_from_text(text, path.stem)
    except (OSError, UnicodeDecodeError, MappingError) as error:
        raise MappingError(f"{path}: {error}") from error
    missing = [key for key in NEEDED if not getattr(mapping, key)]
    if missing:
        raise MappingError(f"{path}: missing: {', '.join(missing)}")
    return replace(mapping, catalogue=path.parent / mapping.catalogue) if mapping.catalogue else mapping


def mapping_from_text(text: str, name: str) -> Mapping:
    """The mapping that a TOML text says. Raises MappingError."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(str(error)) from error
    kinds = {field.name: dict if "dict" in str(field.type) else str for field in fields(Mapping)}
    unknown = [key for key in said if key not in kinds or key in OURS]
    if unknown:
        raise MappingError(f"unknown: {', '.join(unknown)}")
    for key, value in said.items():
        words = value.values() if isinstance(value, dict) else [value]
        if not isinstance(value, kinds[key]) or not all(isinstance(word, str) for word in words):
            raise MappingError(f"{key} is {'a table of words' if kinds[key] is dict else 'a text'}")
    try:
        re.compile(said.get("period_columns", ""))
    except re.error as error:
        raise MappingError(f"period_columns is not a pattern: {error}") from error
    if said.get("catalogue"):
        said["catalogue"] = Path(said["catalogue"])
    return Mapping(name=name, digest=hashlib.sha256(text.encode()).hexdigest(), **said)


def mapping_to_text(mapping: Mapping) -> str:
    """The mapping as TOML; `mapping_from_text` gives it back."""
    said = {key: value for key, value in asdict(mapping).items() if key not in OURS and value}
    return tomli_w.dumps({key: str(value) if isinstance(value, Path) else value for key, value in said.items()})


def answer_questions(mapping: Mapping, answers: Iterable[tuple[Question, str | None]]) -> Mapping:
    """The mapping with what was answered; LEFT_ASIDE for a word not to be taken, None for a place not in the file.

    The words of a column of places that no answer took are left aside.
    """
    tables = ("columns", "territories", "indicators", "categories", "statuses")
    said: dict[str, Any] = {name: dict(getattr(mapping, name)) for name in tables}
    for question, chosen in answers:
        answer = chosen or LEFT_ASIDE
        match question.about:
            case About.SHEETS | About.SOURCE:
                said[question.about.value] = answer
            case About.COLUMN:
                said["columns"][question.subject] = answer
            case About.PLACE:
                for word in question.options:
                    said["territories"].setdefault(word, LEFT_ASIDE)
                if chosen is not None:
                    said["territories"][answer] = question.subject
            case About.INDICATOR if not question.column:
                said["indicator_code"] = answer
            case About.INDICATOR:
                said["indicators"][question.subject] = answer
            case About.CATEGORY:
                said["categories"][f"{question.column}={question.subject}"] = answer
            case About.STATUS:
                said["statuses"][question.subject] = answer
    answered = replace(mapping, **said)
    return replace(answered, digest=hashlib.sha256(mapping_to_text(answered).encode()).hexdigest())
