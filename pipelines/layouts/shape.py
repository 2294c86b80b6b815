"""The table of a file in the template's own shape, whatever shape it came in."""

from __future__ import annotations

from collections.abc import Mapping as Words
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import polars as pl

from pipelines.layouts.recognise import name_layout, recognise_layout
from pipelines.layouts.unfold import Unfolded, unfold_table
from pipelines.read import read_every_sheet
from pipelines.tidy import match_headings
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues, UnreadableFile
from schemas.mapping import ONE_SHEET, SHEET, About, LayoutKind, Mapping, Question
from schemas.reading import Reading
from schemas.words import Severity

KeptMappings = Words[str, Mapping]
"""What was answered before, by name of layout."""

NOTHING_KEPT: KeptMappings = MappingProxyType({})


@dataclass(frozen=True)
class Shape:
    """A table under the template's headings, and how it came to that; of a file in the template's shape, itself.

    `headings`: our column code -> the heading of the file. `layout` names a foreign shape; `mapping` is what was told
    of it, `questions` what is still to be asked.
    """

    reading: Reading
    table: pl.DataFrame
    headings: dict[str, str]
    issues: Issues = field(default_factory=Issues)
    layout: str = ""
    mapping: Mapping | None = None
    questions: tuple[Question, ...] = ()


def shape_table(
    content: bytes,
    reading: Reading,
    sheet: str | None,
    catalogue: Catalogue,
    territories: Sequence[str],
    mapping: Mapping | None,
    kept: KeptMappings,
) -> Shape:
    """Recognise the table's layout and turn it into the template's shape.

    `sheet`: the sheet that was asked for; without it, the sheets of one shape may be read together. Raises
    UnreadableFile where a foreign table holds no value.
    """
    headings = reading.table.columns
    layout = recognise_layout(headings, mapping)
    if layout is None or (mapping and mapping.territory_column not in ("", *headings)):
        lost = _list_lost(reading, mapping) if mapping else Issues()
        return Shape(reading, reading.table, match_headings(headings), lost, mapping=mapping)
    name = name_layout(layout)
    told = mapping or kept.get(name) or Mapping(name)
    if layout.kind is LayoutKind.WIDE and len(reading.sheets) > 1 and not sheet and told.sheets != ONE_SHEET:
        joined = join_sheets(read_every_sheet(content, reading.filename), reading)
        if joined is not reading and not told.sheets and not mapping:
            question = Question(
                About.SHEETS, ", ".join(joined.joined), "", ("territory_code", "indicator_code", ONE_SHEET)
            )
            return Shape(reading, reading.table, {}, _as_issues([question]), name, told, (question,))
        reading = joined if told.sheets else reading
    layout = recognise_layout(reading.table.columns, told) or layout
    found = unfold_table(reading.table, layout, told, catalogue, territories, is_asking=mapping is None)
    if mapping is None and told.digest and _is_nothing(found):  # answers that leave no row are asked for again
        told = Mapping(name, sheets=told.sheets, columns=told.columns)
        found = unfold_table(reading.table, layout, told, catalogue, territories)
    if _is_nothing(found):
        raise UnreadableFile("no_table", reading.filename)
    issues = found.issues + _as_issues(found.questions)
    return Shape(reading, found.rows, found.headings, issues, name, told, found.questions)


def _is_nothing(found: Unfolded) -> bool:
    """No row, nothing to ask and nothing wrong."""
    return found.rows.is_empty() and not found.issues.of_severity(Severity.BLOCKING) and not found.questions


def _list_lost(reading: Reading, mapping: Mapping) -> Issues:
    """The column that the mapping names and the table has not; « periods » where it has none of these."""
    lost = mapping.territory_column
    if lost in ("", *reading.table.columns):
        lost = mapping.period_columns or "2026-T3"
    return Issues.of([Issue(Code.MISSING_COLUMN, context={"expected": lost})])


def _as_issues(questions: Sequence[Question]) -> Issues:
    """Each question as an issue of the file, for those who cannot answer it on a page."""
    return Issues.of(
        Issue(Code.LAYOUT_QUESTION, None, one.column or None, one.subject, {"about": one.about.value})
        for one in questions
    )


def join_sheets(readings: Sequence[Reading], chosen: Reading) -> Reading:
    """The chosen reading with the rows of every sheet of its shape, and SHEET; itself if it is the only one."""
    shape = _shape_of(chosen)
    same = [one for one in readings if _shape_of(one) == shape]
    if len(same) < 2:
        return chosen
    tables = [one.table.with_columns(pl.lit(one.sheet).alias(SHEET)) for one in same]
    columns = list(dict.fromkeys(name for table in tables for name in table.columns))
    filled = pl.concat(tables, how="diagonal").select(columns).with_columns(pl.col(pl.String).fill_null(""))
    positions = {f"{one.sheet}!{name}": at for one in same for name, at in one.positions.items()}
    names = tuple(str(one.sheet) for one in same)
    aside = tuple(one for one in chosen.aside if one.sheet not in names)
    positions = chosen.positions | positions
    return replace(chosen, table=filled, joined=names, positions=positions, aside=aside)


def _shape_of(reading: Reading) -> str | None:
    layout = recognise_layout(reading.table.columns)
    return name_layout(layout) if layout else None
