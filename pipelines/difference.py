"""What a file changes: each key beside what is approved, as new, changed, unchanged or kept."""

from __future__ import annotations

import polars as pl

from pipelines.tidy import place_expr
from schemas.issue import Code, Issues
from schemas.observation import KEY, NUMBERS
from schemas.period import period_bounds
from schemas.submission import Change

COMPARED = (*NUMBERS, "obs_status", "conf_status")
REMARKS = ("respondents", "response_rate", "reference_date", "source", "source_status", "comment")


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


def lay_over(rows: pl.DataFrame, approved: pl.DataFrame) -> pl.DataFrame:
    """The approved observations as they would be with these rows: the columns of `load_observations`, in its order."""
    bounds = period_bounds(rows["period"]).select("period", "period_start")
    fresh = rows.join(bounds, on="period").with_columns(is_masked=pl.lit(False))
    there = [name for name in approved.columns if name in fresh.columns]
    wanted = fresh.select(pl.col(name).cast(approved.schema[name]) for name in there)
    kept = approved.join(rows, on=KEY, how="anti")
    order = ["territory_code", "indicator_code", "qpv_code", "dimension", "category", "period_start"]
    return pl.concat([kept, wanted], how="diagonal").sort(order)


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
