"""A file becomes a prepared submission: read, tidied, checked, compared with what is approved; nothing is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import polars as pl

from pipelines.check import check_observations, join_sheets
from pipelines.layouts import unfold_table
from pipelines.personal import find_personal_data
from pipelines.read import read_document
from pipelines.tidy import Clock, match_headings, name_columns, place, tidy_observations
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, UnreadableFile
from schemas.mapping import Mapping
from schemas.observation import KEY, NUMBERS
from schemas.period import period_bounds
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
) -> PreparedSubmission:
    """Read, tidy and check a file, and say what it would change. Pure: the clock and the approved values come in.

    `previous`: the approved observations of these territories, as `store.load_observations` returns them.
    Raises UnreadableFile where there is no table; everything else that is wrong is in `issues`.
    """
    territories = tuple(territories)
    reading = read_document(content, filename)
    if reading.table.is_empty():
        raise UnreadableFile("no_table", reading.filename)
    table, issues = reading.table, find_personal_data(reading)
    if not issues and mapping:
        table, issues = unfold_table(table, mapping)
        if table.is_empty() and not issues:
            raise UnreadableFile("no_table", reading.filename)
    rows = pl.DataFrame()
    if not any(issue.code in (Code.PERSONAL_DATA, Code.MISSING_COLUMN) for issue in issues):
        rows, more = tidy_observations(table, catalogue, clock)
        if not rows.is_empty():
            more += check_observations(rows, catalogue, territories, clock)
        issues += name_columns(more, match_headings(table.columns))
    changes = pl.DataFrame()
    if not rows.is_empty():
        rows = complete_rows(rows, catalogue)
        changes = compare_rows(rows, previous)
        faulty = [issue.row for issue in issues if issue.severity is Severity.BLOCKING and issue.row]
        right = changes.filter(~pl.col("source_row").is_in(faulty))
        issues += name_columns(list_corrections(right), match_headings(table.columns))
    return PreparedSubmission(
        filename=reading.filename,
        sha256=hashlib.sha256(content).hexdigest(),
        mapping=mapping.digest if mapping else "",
        territories=tuple(sorted(set(rows["territory_code"]))) if mapping and len(rows) else territories,
        rows=rows.select(STORED) if len(rows) else rows,
        changes=changes,
        issues=tuple(sorted(issues, key=lambda issue: (issue.row or 0, str(issue.column)))),
        row_count=rows.height,
    )


def complete_rows(tidy: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The columns that are stored: the version of the sheet added, a rate computed from its components."""
    dated = tidy.with_row_index("_at").join(period_bounds(tidy["period"]), on="period", how="left")
    rows = join_sheets(dated, catalogue)
    ratio = 100 * pl.col("numerator") / pl.col("denominator")
    is_ratio = pl.col("unit").is_in(["percent", "per_100"]) & (pl.col("denominator") > 0)
    rows = rows.with_columns(value=pl.when(is_ratio).then(ratio.fill_null(pl.col("value"))).otherwise(pl.col("value")))
    return rows.select(*STORED, *({"source_column"} & set(rows.columns)))


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


def list_corrections(changes: pl.DataFrame) -> list[Issue]:
    """A warning for each approved value that the file would change: old -> new. One that is masked is not told."""
    is_changed = (pl.col("change") == Change.CHANGED.value) & ~pl.col("is_before_masked")
    moved = changes.filter(is_changed & ~pl.all_horizontal(_same(name) for name in COMPARED))
    return [
        Issue(
            Code.CHANGES_APPROVED,
            row["source_row"],
            place(row, "value"),
            _as_text(row, ""),
            {"indicator": row["indicator_code"], "period": row["period"], "before": _as_text(row, "_before")},
        )
        for row in moved.iter_rows(named=True)
    ]


def _as_text(row: dict[str, object], side: str) -> str:
    """A value as data: `38/142`, `26.8`, or its status where it has none."""
    numerator, denominator = row[f"numerator{side}"], row[f"denominator{side}"]
    if numerator is not None and denominator is not None:
        return f"{numerator:.15g}/{denominator:.15g}"
    value = row[f"value{side}"]
    return str(row[f"obs_status{side}"]) if value is None else f"{value:.15g}"
