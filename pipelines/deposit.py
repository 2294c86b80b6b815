"""A file becomes a prepared submission: read, tidied, checked, compared with what is approved; nothing is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from pipelines.check import find_cells_without_heading, report_failures
from pipelines.facts import gather_facts
from pipelines.layouts import NOTHING_KEPT, KeptMappings, Shape, shape_table
from pipelines.personal import find_personal_data
from pipelines.read import read_document
from pipelines.tidy import Clock, match_headings, name_columns, place_expr, tidy_observations
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues, UnreadableFile
from schemas.mapping import Mapping
from schemas.observation import KEY, NUMBERS
from schemas.reading import Reading
from schemas.submission import Change, PreparedSubmission
from schemas.words import Severity

COMPARED = (*NUMBERS, "obs_status", "conf_status")
REMARKS = ("respondents", "response_rate", "reference_date", "source", "source_status", "comment")
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
) -> PreparedSubmission:
    """Read, tidy and check a file, and say what it would change. Pure: the clock and the approved values come in.

    `previous`: the approved observations of these territories, as `store.load_observations` returns them. `mapping`:
    what someone wrote of a foreign table; without it, `kept` holds what was answered before, by name of layout, and
    what is missing is in `questions`. Raises UnreadableFile where there is no table; everything else that is wrong
    is in `issues`. `most_rows`: how many the page takes.
    """
    territories = tuple(territories)
    reading = read_document(content, filename, sheet)
    if reading.table.is_empty():
        raise UnreadableFile("no_table", reading.filename)
    if most_rows and reading.table.height > most_rows:
        limits = {"rows": str(reading.table.height), "limit": str(most_rows)}
        raise UnreadableFile("too_many_rows", reading.filename, **limits)
    issues = find_personal_data(reading, clock().date())
    is_refused = len(issues.of_severity(Severity.BLOCKING)) > 0
    if len(reading.fitting) > 1 and not is_refused:
        issues += Issues.of([Issue(Code.SEVERAL_SHEETS, found=", ".join(reading.fitting))])
    issues += Issues() if is_refused else find_cells_without_heading(reading)
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
        territories=tuple(sorted(set(rows["territory_code"]))) if mapping and len(rows) else territories,
        rows=rows.select(*STORED, *({"source_column"} & set(rows.columns))) if len(rows) else rows,
        changes=changes,
        issues=issues.in_order(),
        row_count=rows.height,
        reading=shown,
        headings=shape.headings,
        layout=shape.layout,
        asked=None if mapping else shape.mapping,
        questions=shape.questions,
    )


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


def compare_rows(rows: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """One row a key of the file, and one a kept key: `change`, and old and new of every compared column.

    Kept are the keys approved before, of the territories and periods of the file, that it does not contain.
    """
    before = previous.select(*KEY, *COMPARED, *REMARKS, "is_masked", is_before=pl.lit(True))
    beside = rows.join(before, on=KEY, how="left", suffix="_before", nulls_equal=False, maintain_order="left")
    same = pl.all_horizontal(_same(name) for name in (*COMPARED, *REMARKS))
    change = (
        pl.when(pl.col("is_before").is_null())
        .then(pl.lit(Change.NEW.value))
        .when(same)
        .then(pl.lit(Change.UNCHANGED.value))
        .otherwise(pl.lit(Change.CHANGED.value))
    )
    columns = [*KEY, *COMPARED, *(f"{name}_before" for name in COMPARED)]
    stands_in = pl.col("source_column") if "source_column" in rows.columns else pl.lit(None, pl.String)
    sent = beside.with_columns(
        change=change, source_column=stands_in, is_before_masked=pl.col("is_masked").fill_null(False)
    ).select("source_row", "source_column", *columns, "is_before_masked", "change")
    places = rows.select("territory_code", "period").unique()
    kept = (
        before.join(places, on=["territory_code", "period"])
        .join(rows, on=KEY, how="anti")
        .select(
            pl.lit(None, pl.Int64).alias("source_row"),
            pl.lit(None, pl.String).alias("source_column"),
            *KEY,
            *COMPARED,
            *(pl.col(name).alias(f"{name}_before") for name in COMPARED),
            pl.col("is_masked").alias("is_before_masked"),
            pl.lit(Change.KEPT.value).alias("change"),
        )
    )
    return pl.concat([sent, kept])


def _same(name: str) -> pl.Expr:
    now, before = pl.col(name), pl.col(f"{name}_before")
    if name in NUMBERS:
        return (now - before).abs().le(1e-9).fill_null(now.is_null() & before.is_null())
    return now.eq_missing(before)


def list_corrections(changes: pl.DataFrame) -> Issues:
    """A warning for each approved value that the file would change: old -> new. One that is masked is not told."""
    is_changed = (pl.col("change") == Change.CHANGED.value) & ~pl.col("is_before_masked")
    moved = changes.filter(is_changed & ~pl.all_horizontal(_same(name) for name in COMPARED))
    return Issues(
        moved.select(
            code=pl.lit(Code.CHANGES_APPROVED.value),
            row="source_row",
            column=place_expr(moved, "value"),
            found=_as_text(""),
            indicator="indicator_code",
            period="period",
            before=_as_text("_before"),
        )
    )


def _as_text(side: str) -> pl.Expr:
    """A value as data: `38/142`, `26.8`, or its status where it has none."""
    numerator, denominator, value = (plain_number(pl.col(f"{name}{side}")) for name in NUMBERS)
    number = pl.coalesce(numerator + "/" + denominator, value)
    is_same = pl.all_horizontal(_same(name) for name in NUMBERS)
    return pl.coalesce(pl.when(~is_same).then(number), pl.col(f"obs_status{side}"))


def plain_number(number: pl.Expr) -> pl.Expr:
    """`38`, `26.8`: a number as data, without decimals that say nothing."""
    rounded = number.round(10)
    whole = rounded.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(rounded == rounded.round(0)).then(whole).otherwise(rounded.cast(pl.String))
