"""What the columns of the `observations` file are, for people (dictionary, help) and for programs (Table Schema)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from schemas.observation import KEY, OBSERVATION_COLUMNS, REFERENCE_HEADINGS, Column
from texts import Words, load_words

TABLE_VERSION = "1.0.0"
TYPE_OF_KIND: dict[str, dict[str, Any]] = {
    "decimal": {"type": "number", "decimalChar": ","},
    "percent": {"type": "number", "decimalChar": ","},
    "integer": {"type": "integer"},
    "date": {"type": "date", "format": "%d/%m/%Y"},
}
SIGNS_WITHOUT_VALUE = ("sign.not_available", "sign.not_collected", "sign.not_applicable", "sign.secret")
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
LIKE_A_DAY = re.compile(r"\d{1,2}-\d{1,2}")


class ColumnLine(NamedTuple):
    """One column as the dictionary says it; its fields are `dictionary.<field>` in the words."""

    heading: str
    meaning: str
    kind: str
    required: str
    allowed: str
    example: str
    code: str


def list_columns(words: Words) -> list[ColumnLine]:
    """One line a column, in the order of the file."""
    return [
        ColumnLine(
            column.heading,
            words(f"column.{column.code}"),
            words(f"kind.{column.kind}"),
            words("dictionary.yes") if column.required else words("dictionary.no"),
            say_allowed(column, words),
            column.example,
            column.code,
        )
        for column in OBSERVATION_COLUMNS
    ]


def list_reference_columns(words: Words) -> list[ColumnLine]:
    """One line a column that a template has beside those of the file, for people to look at."""
    meanings = (words("note.label"), words("note.last"), words("note.sheet"))
    return [
        ColumnLine(heading, meaning, words("kind.text"), words("dictionary.no"), "", "", "")
        for heading, meaning in zip(REFERENCE_HEADINGS, meanings, strict=True)
    ]


def help_text(column: Column, words: Words) -> str:
    """What to write in a column, in a few short sentences."""
    allowed = say_allowed(column, words)
    said = [words(f"column.{column.code}")]
    said += [words("help.required")] if column.required else []
    said += [words("help.allowed", allowed=allowed)] if allowed else []
    return " ".join([*said, words("help.example", example=column.example)])


def say_allowed(column: Column, words: Words) -> str:
    """What may stand in a column; '' where anything may."""
    if column.words:
        return words("allowed.default", allowed=", ".join(column.words), default=column.default)
    if column.longest:
        return words("allowed.longest", longest=words.number(column.longest))
    if column.lowest is None:
        return ""
    if column.highest is None:
        return words("allowed.at_least", low=words.number(column.lowest))
    return words("allowed.between", low=words.number(column.lowest), high=words.number(column.highest))


def write_dictionary_csv(words: Words) -> bytes:
    """The dictionary as a CSV for people: the header in their language, then one line a column.

    Those of a template that are not read come last.
    """
    header = [words(f"dictionary.{name}") for name in ColumnLine._fields]
    return encode_csv([header, *list_columns(words), *list_reference_columns(words)])


def encode_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV as spreadsheets in French open it: UTF-8 with BOM, `;`, CRLF, each cell kept as it is written."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([keep_as_written(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def keep_as_written(cell: str) -> str:
    """A cell of a CSV that a spreadsheet leaves as it is.

    What it would take for a formula gets an apostrophe before it, numbers apart; « 6-10 », which it would take for
    the 6th of October, is said to be a text.
    """
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return f'="{cell}"' if LIKE_A_DAY.fullmatch(cell) else cell


def write_table_schema() -> str:
    """The Table Schema of the file (JSON; https://specs.frictionlessdata.io/table-schema), described in French.

    It holds for files written as the template writes them; the reader itself takes more spellings.
    """
    words = load_words(language="fr")
    schema = {
        "name": "cap-commun-observations",
        "title": words("dictionary.title"),
        "version": TABLE_VERSION,
        "missingValues": ["", *(words(sign) for sign in SIGNS_WITHOUT_VALUE)],
        "fields": [_as_field(column, words) for column in OBSERVATION_COLUMNS],
        "primaryKey": [column.heading for column in OBSERVATION_COLUMNS if column.code in KEY],
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _as_field(column: Column, words: Words) -> dict[str, Any]:
    limits = {
        "required": column.required,
        "enum": list(column.words) or None,
        "pattern": column.pattern,
        "maxLength": column.longest,
        "minimum": column.lowest,
        "maximum": column.highest,
    }
    return {
        "name": column.heading,
        **TYPE_OF_KIND.get(column.kind, {"type": "string"}),
        "description": words(f"column.{column.code}"),
        "example": _as_example(column),
        "constraints": {name: limit for name, limit in limits.items() if limit is not None},
    }


def _as_example(column: Column) -> str | float:
    """Numbers stand in the schema as JSON writes them."""
    is_number = column.kind in ("decimal", "integer", "percent")
    return json.loads(column.example.replace(",", ".")) if is_number else column.example
