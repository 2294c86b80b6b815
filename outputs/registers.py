"""Registers in words: what each column is called, what a cell says, what a file changes of them."""

from __future__ import annotations

import json
from datetime import date

import polars as pl

from outputs.difference import LINES_SHOWN, Difference, pick_changes
from schemas.catalogue import BASELINE
from schemas.observation import Column
from schemas.registers import REGISTER, TERRITORY, Register
from schemas.submission import Change, Receipt
from schemas.words import ConfStatus
from texts import Words

CHANGES = (Change.NEW, Change.CHANGED, Change.UNCHANGED)


def label_of(words: Words, register: Register, column: Column) -> str:
    """What people call a column: « Fin prévue »."""
    return words(f"field.{_name(register, column)}")


def explain(words: Words, register: Register, column: Column) -> str:
    """What stands in a column, in a sentence."""
    return words(f"about.{_name(register, column)}")


def _name(register: Register, column: Column) -> str:
    return column.code if column is TERRITORY else f"{register.code}.{column.code}"


def say_cell(words: Words, column: Column, value: object) -> str:
    """A cell as people read it: « en cours », « 6 novembre 2024 », « 22,1 », « T4 2027 »; '' where nothing is said.

    `value` as `view_register` or the JSON of `list_changes` has it.
    """
    if value in (None, ""):
        return ""
    if value == ConfStatus.SECRET.value and column.code in BASELINE:
        return words("sign.secret")
    if column.words:
        return words(f"choice.{column.code}.{value}")
    if column.kind == "date":
        return words.day(value if isinstance(value, date) else date.fromisoformat(str(value)))
    if column.kind == "period":
        return words.period(str(value))
    if column.kind == "steps":
        return _say_steps(words, str(value))
    if column.kind in ("decimal", "integer"):
        return _number(words, value)
    return str(value).replace("|", ", ") if column.kind == "codes" else str(value)


def _say_steps(words: Words, steps: str) -> str:
    """« T2 2027 : 24 ; T4 2027 : 27 »."""
    parts = (step.split("=") for step in steps.split("|"))
    said = [words("register.cell", field=words.period(code), value=_number(words, value)) for code, value in parts]
    return words("register.apart").join(said)


def _number(words: Words, value: object) -> str:
    """As it was written: 12,5 keeps its decimal."""
    number = float(str(value))
    return words.number(number, len(f"{round(number, 4):g}".partition(".")[2]))


def list_register_difference(words: Words, kind: str, changes: pl.DataFrame, most: int = LINES_SHOWN) -> Difference:
    """What a register changes: `changes` as `pipelines.registers` gives them, one line a row that moves."""
    register = REGISTER[kind]
    counted = {change: changes.filter(change=change.value).height for change in CHANGES}
    moved = pick_changes(changes, Change.CHANGED, Change.NEW)
    return Difference(
        counts=say_register_counts(words, *counted.values()),
        notes=(words("register.stays"),),
        headings=tuple(words(f"register.{name}") for name in ("row", "before", "after")),
        lines=tuple(_say_line(words, register, row) for row in moved.head(most).iter_rows(named=True)),
        kept_lines=(),
        rest=max(0, moved.height - most),
    )


def list_receipt_difference(words: Words, receipt: Receipt, changes: pl.DataFrame) -> Difference:
    """What the receipt of a register says: its counts, that it is corrected by another, and the lines while fresh."""
    lines = list_register_difference(words, receipt.kind, changes).lines if len(changes) else ()
    headings = tuple(words(f"register.{name}") for name in ("row", "before", "after"))
    counts = say_register_counts(words, receipt.new, receipt.changed, receipt.unchanged)
    return Difference(counts, (words("register.at_once"),), headings, lines, (), 0)


def say_register_counts(words: Words, new: int, changed: int, unchanged: int) -> str:
    """« 1 ligne nouvelle, 2 modifiées, 9 inchangées. »"""
    counts = zip(CHANGES, (new, changed, unchanged), strict=True)
    return ", ".join(words.plural(f"register.change.{change}", count) for change, count in counts) + "."


def _say_line(words: Words, register: Register, row: dict[str, str]) -> tuple[str, ...]:
    """Of a new row all that it says: what is confirmed is what was shown."""
    if row["change"] == Change.NEW.value:
        said = [words("register.new"), _say_cells(words, register, row["after"])]
        return (row["name"], "", words("register.apart").join(filter(None, said)))
    return (row["name"], *(_say_cells(words, register, row[side]) for side in ("before", "after")))


def _say_cells(words: Words, register: Register, cells: str) -> str:
    """« État : en cours »: each cell that moved under its name."""
    said = []
    for code, value in read_cells(cells).items():
        column = register.column(code)
        shown = say_cell(words, column, value) or words("register.nothing")
        said.append(words("register.cell", field=label_of(words, register, column), value=shown))
    return words("register.apart").join(said)


def read_cells(cells: str) -> dict[str, str]:
    """The cells of one side of a change, by our column codes."""
    return dict(json.loads(cells or "{}"))
