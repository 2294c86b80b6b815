"""A file becomes a prepared submission: read, tidied, checked, compared with what is approved; nothing is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from pipelines.check import find_cells_without_heading, report_failures
from pipelines.difference import COMPARED, REMARKS, compare_rows, list_corrections
from pipelines.facts import gather_facts, leave_others_indicators
from pipelines.layouts import NOTHING_KEPT, KeptMappings, Shape, shape_table
from pipelines.personal import find_personal_data
from pipelines.read import read_document
from pipelines.registers import list_organisations, prepare_register, recognise_register
from pipelines.repairs import apply_repairs
from pipelines.tidy import Clock, match_headings, name_columns, tidy_observations
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues, UnreadableFile
from schemas.mapping import Mapping
from schemas.observation import KEY, OBSERVATION_COLUMNS
from schemas.reading import Reading
from schemas.registers import Register
from schemas.submission import PreparedSubmission, Repair
from schemas.words import Severity

STORED = ("source_row", *KEY, "indicator_version", *COMPARED, *REMARKS)


def prepare_submission(
    content: bytes,
    filename: str,
    territories: Iterable[str],
    catalogue: Catalogue,
    previous: pl.DataFrame,
    clock: Clock,
    mapping: Mapping | None = None,
    sheet: str | None = None,
    kept: KeptMappings = NOTHING_KEPT,
    most_rows: int | None = None,
    repairs: Sequence[Repair] = (),
    reading: Reading | None = None,
) -> PreparedSubmission:
    """Read, tidy and check a file, and say what it would change. Pure: the clock and the approved values come in.

    `previous`: the approved observations of these territories, as `store.load_observations` returns them. `mapping`:
    what someone wrote of a foreign table; without it, `kept` holds what was answered before, by name of layout, and
    what is missing is in `questions`. Raises UnreadableFile where there is no table; everything else that is wrong
    is in `issues`. `most_rows`: how many the page takes. `repairs`: what was corrected of the file on the page;
    `reading`: what `read_document` said of it, where it was read before. A register is known by its headings: it is
    compared with the catalogue, which then must have its starting points (`store.load_whole_catalogue`). The local
    indicators of other territories are as unknown as any code that is not there.
    """
    territories = tuple(territories)
    catalogue = leave_others_indicators(catalogue, territories)
    reading, repairs = apply_repairs(reading or read_document(content, filename, sheet), repairs)
    if reading.table.is_empty():
        raise UnreadableFile("no_table", reading.filename)
    if most_rows and reading.table.height > most_rows:
        limits = {"rows": str(reading.table.height), "limit": str(most_rows)}
        raise UnreadableFile("too_many_rows", reading.filename, **limits)
    register = None if mapping else recognise_register(reading.table.columns)
    issues = find_personal_data(reading, clock().date(), list_organisations(reading, register))
    is_refused = len(issues.of_severity(Severity.BLOCKING)) > 0
    if len(reading.fitting) > 1 and not is_refused:
        issues += Issues.of([Issue(Code.SEVERAL_SHEETS, found=", ".join(reading.fitting))])
    issues += Issues() if is_refused else find_cells_without_heading(reading)
    if register and not is_refused:
        prepared = _prepare_register(content, reading, register, territories, catalogue, clock, issues, sheet)
        return replace(prepared, repairs=tuple(repairs))
    shape = Shape(reading, reading.table, match_headings(reading.table.columns))
    if not is_refused:
        shape = shape_table(content, reading, sheet, catalogue, territories, mapping, kept)
        issues += shape.issues
    rows = changes = pl.DataFrame()
    is_chosen = len(reading.fitting) < 2
    if not is_refused and is_chosen and not issues.of_code(Code.MISSING_COLUMN) and not shape.questions:
        rows, more = tidy_observations(shape.table, catalogue, clock)
        if not rows.is_empty():
            facts = gather_facts(rows, catalogue, territories, clock)
            more += report_failures(facts, catalogue)
            rows = complete_rows(facts)
            changes = compare_rows(rows, previous)
            faulty = (issues + more).of_severity(Severity.BLOCKING).frame["row"].drop_nulls().unique()
            more += list_corrections(changes.filter(~pl.col("source_row").is_in(faulty.implode())))
        issues += name_columns(more, shape.headings)
    told = shape.mapping.digest if shape.mapping else ""
    shown = _forget_cells(reading, issues) if is_refused else shape.reading
    return PreparedSubmission(
        filename=shown.filename,
        sha256=hashlib.sha256(content).hexdigest(),
        mapping=told,
        territories=_places_of(rows, territories),
        rows=rows.select(*STORED, *({"source_column"} & set(rows.columns))) if len(rows) else rows,
        changes=changes,
        issues=issues.in_order(),
        row_count=rows.height,
        reading=shown,
        headings=shape.headings,
        layout=shape.layout,
        asked=None if mapping else shape.mapping,
        questions=shape.questions,
        content=b"" if is_refused else content,
        sheet=sheet or "",
        repairs=tuple(repairs),
    )


def name_pasted(text: str) -> str:
    """Cells copied without their headings get the template's, if they have as many columns."""
    first = text.split("\n", 1)[0].rstrip("\r").split("\t")
    headings = [column.heading for column in OBSERVATION_COLUMNS]
    is_bare = len(first) == len(headings) and not match_headings(first)
    return "\t".join(headings) + "\n" + text if is_bare else text


def _prepare_register(
    content: bytes,
    reading: Reading,
    register: Register,
    territories: tuple[str, ...],
    catalogue: Catalogue,
    clock: Clock,
    found: Issues,
    sheet: str | None,
) -> PreparedSubmission:
    """The same of a register that names nobody; `found`: what was said of the file before."""
    prepared = prepare_register(reading, register, territories, catalogue, clock)
    return PreparedSubmission(
        filename=reading.filename,
        sha256=hashlib.sha256(content).hexdigest(),
        mapping="",
        territories=prepared.territories or territories,
        rows=pl.DataFrame(),
        changes=prepared.changes,
        issues=(found + prepared.issues).in_order(),
        row_count=prepared.row_count,
        reading=reading,
        headings=prepared.headings,
        content=content,
        sheet=sheet or "",
        kind=register.code,
        tables=prepared.tables,
    )


def _places_of(rows: pl.DataFrame, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The territories that a file is of: of the ones asked, those of its rows; all of them while it has none."""
    found = set(rows["territory_code"]) & set(asked) if len(rows) else set()
    return tuple(sorted(found)) or asked


def leave_faulty(prepared: PreparedSubmission, previous: pl.DataFrame) -> PreparedSubmission:
    """The part of a file that is ready; the rest is named in `left`. The submission itself where no row is at fault,
    or where something is wrong with the file as a whole."""
    blocking = prepared.blocking
    if not blocking or prepared.rows.is_empty() or blocking.frame["row"].null_count():
        return prepared
    ready = list_ready(prepared)
    faulty = blocking.frame["row"].unique()
    stays = ~pl.col("row").is_in(faulty.implode()) | pl.col("row").is_null()
    return replace(
        prepared,
        territories=_places_of(ready, prepared.territories),
        rows=ready,
        row_count=ready.height,
        changes=compare_rows(ready, previous) if len(ready) else pl.DataFrame(),
        issues=Issues(prepared.issues.of_severity(Severity.WARNING).frame.filter(stays)),
        left=blocking,
        left_rows=prepared.row_count - ready.height,
    )


def list_ready(prepared: PreparedSubmission) -> pl.DataFrame:
    """The rows that nothing is wrong with: of a wide table, a line holds several."""
    faulty, rows = prepared.blocking.frame.select("row", "column"), prepared.rows
    if rows.is_empty():
        return rows
    if "source_column" not in rows.columns:
        return rows.filter(~pl.col("source_row").is_in(faulty["row"].drop_nulls().implode()))
    return rows.join(faulty, left_on=["source_row", "source_column"], right_on=["row", "column"], how="anti")


def count_ready(prepared: PreparedSubmission) -> int:
    """Of a register, the lines that nothing is wrong with."""
    return prepared.row_count - prepared.blocking.frame["row"].drop_nulls().n_unique()


def _forget_cells(reading: Reading, issues: Issues) -> Reading:
    """What was understood of a file that names persons, without any of its words; its own name if it names nobody."""
    is_named = "place" not in issues.frame.columns or "filename" not in issues.frame["place"]
    return replace(
        reading,
        table=reading.table.clear().select("source_row"),
        filename=reading.filename if is_named else "",
        aside=(),
        positions={},
        sheet=None,
        sheets=(),
        fitting=(),
    )


def add_warnings(prepared: PreparedSubmission, warnings: Issues) -> PreparedSubmission:
    """The submission with warnings found by others, their columns named as in the file; none on a row at fault."""
    faulty = prepared.blocking.frame["row"].drop_nulls().unique()
    on_right_rows = Issues(warnings.frame.filter(~pl.col("row").is_in(faulty.implode()).fill_null(False)))
    if "period" in on_right_rows.frame.columns:  # of a quarter that is not over nothing is expected yet
        too_soon = prepared.issues.of_code(Code.FUTURE_PERIOD).frame["row"]
        periods = prepared.rows.filter(pl.col("source_row").is_in(too_soon.implode()))["period"].unique()
        is_missing = pl.col("code") == Code.MISSING_EXPECTED.value
        on_right_rows = Issues(on_right_rows.frame.filter(~(is_missing & pl.col("period").is_in(periods.implode()))))
    named = name_columns(on_right_rows, prepared.headings)
    return replace(prepared, issues=(prepared.issues + named).in_order())


def complete_rows(facts: pl.DataFrame) -> pl.DataFrame:
    """The columns that are stored, a rate computed from its components."""
    ratio = 100 * pl.col("numerator") / pl.col("denominator")
    is_ratio = pl.col("unit").is_in(["percent", "per_100"]) & (pl.col("denominator") > 0)
    value = pl.when(is_ratio).then(ratio.fill_null(pl.col("value"))).otherwise("value").alias("value")
    return facts.with_columns(value).select(*STORED, *({"source_column"} & set(facts.columns)))
