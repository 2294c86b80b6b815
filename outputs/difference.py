"""What a deposit changes, in words: counts, then each value that moves, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from measures.display import RATES
from schemas.catalogue import Catalogue
from schemas.submission import Change
from schemas.words import FEWEST_FOR_PERCENT
from texts import Words

LINES_SHOWN = 200
HEADINGS = ("indicator", "period", "category", "before", "after")


@dataclass(frozen=True)
class Difference:
    """`counts`: « 12 nouvelles, 1 modifiée »; `notes`: what stays, what will be masked, what is left out; `lines`:
    one value that moves each, under `headings`; `rest`: how many more there are than are shown."""

    counts: str
    notes: tuple[str, ...]
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    kept_lines: tuple[tuple[str, ...], ...]
    rest: int


def list_difference(
    words: Words, catalogue: Catalogue, changes: pl.DataFrame, masked: int = 0, left: int = 0, most: int = LINES_SHOWN
) -> Difference:
    """`changes` as `pipelines.difference.compare_rows` gives them."""
    counted = {change: changes.filter(change=change.value).height if len(changes) else 0 for change in Change}
    said = [words.plural(f"change.{change}", counted[change]) for change in Change if change is not Change.KEPT]
    amounts = {"kept": counted[Change.KEPT], "masked": masked, "left": left}
    moved = pick_changes(changes, Change.CHANGED, Change.NEW)
    kept = pick_changes(changes, Change.KEPT)
    return Difference(
        counts=", ".join(said) + ".",
        notes=tuple(words.plural(f"change.{name}", count) for name, count in amounts.items() if count),
        headings=tuple(words(f"deposit.column.{name}") for name in HEADINGS),
        lines=tuple(say_change(words, catalogue, row) for row in moved.head(most).iter_rows(named=True)),
        kept_lines=tuple(say_change(words, catalogue, row)[:4] for row in kept.head(most).iter_rows(named=True)),
        rest=max(0, moved.height - most),
    )


def pick_changes(changes: pl.DataFrame, *wanted: Change) -> pl.DataFrame:
    """The rows of these kinds, in the order in which the kinds are given."""
    if changes.is_empty():
        return changes
    return pl.concat([changes.filter(change=change.value) for change in wanted])


def say_change(words: Words, catalogue: Catalogue, row: dict[str, Any]) -> tuple[str, ...]:
    """Indicator, period, where and who, value before, value after."""
    sheet = catalogue.indicator(row["indicator_code"])
    category = name_category(words, catalogue, row)
    where = ", ".join(part for part in (row["qpv_code"], category) if part) or words("deposit.total")
    before = "" if row["change"] == Change.NEW else say_cell(words, row, "_before", sheet)
    after = "" if row["change"] == Change.KEPT else say_cell(words, row, "", sheet)
    return (words.of(sheet, "label"), words.period(row["period"]), where, before, after)


def name_category(words: Words, catalogue: Catalogue, row: dict[str, Any]) -> str:
    """The label of a row's category, or what was written where there is none; '' for a total."""
    labels = catalogue.categories.filter(dimension=row["dimension"], category=row["category"])
    return words.of(labels.row(0, named=True), "label") if len(labels) else str(row["category"] or "")


def say_cell(words: Words, row: dict[str, Any], side: str, sheet: dict[str, Any]) -> str:
    """A value with its parts, or what its status says; a masked one is a secret."""
    value, denominator = row[f"value{side}"], row[f"denominator{side}"]
    if value is None:
        is_masked = row["is_before_masked"] if side else row.get("is_masked")
        return words("sign.secret") if is_masked else words(f"status.{row[f'obs_status{side}']}")
    shown = words.in_unit(value, sheet["unit"], sheet["decimals"])
    if denominator is None:
        return shown
    counts = words("counts", numerator=words.number(row[f"numerator{side}"]), denominator=words.number(denominator))
    if sheet["unit"] in RATES and sheet["has_interval"] and denominator < FEWEST_FOR_PERCENT:
        return counts
    return words("deposit.share_of", share=shown, counts=counts)
