"""Foreign shapes of a table -> the long shape of the `observations` file, still all text."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import polars as pl

from schemas.issue import Code, Issue, Issues
from schemas.mapping import Mapping


class MappingError(Exception):
    """A mapping file that cannot be used; the text says why."""


def read_mapping(path: Path) -> Mapping:
    """Read a mapping (TOML). Its `catalogue` is a folder beside it. Raises MappingError."""
    try:
        content = path.read_bytes()
        words = tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{path}: {error}") from error
    needed = ("indicator_code", "source", "territory_column", "territories")
    missing = [name for name in needed if not words.get(name)]
    unknown = [name for name in words if name not in Mapping.__dataclass_fields__ or name in ("digest", "name")]
    if missing or unknown:
        raise MappingError(f"{path}: missing: {', '.join(missing) or '-'}; unknown: {', '.join(unknown) or '-'}")
    if not isinstance(words["territories"], dict) or not isinstance(words.get("statuses", {}), dict):
        raise MappingError(f"{path}: [territories] and [statuses] are tables of words")
    try:
        re.compile(words.get("period_columns", ""))
    except re.error as error:
        raise MappingError(f"{path}: period_columns is not a pattern: {error}") from error
    folder = words.pop("catalogue", None)
    return Mapping(
        name=path.stem,
        catalogue=path.parent / folder if folder else None,
        digest=hashlib.sha256(content).hexdigest(),
        **words,
    )


def unfold_table(table: pl.DataFrame, mapping: Mapping) -> tuple[pl.DataFrame, Issues]:
    """Turn a wide table into one row a value, with the headings of the `observations` file.

    Also returned: `source_column`, the heading each value stood under. An empty cell is no value of the file. A
    row that is neither a named territory nor a row of statuses is a `wrong_territory`.
    """
    periods = [name for name in table.columns if re.search(mapping.period_columns, name)]
    if mapping.territory_column not in table.columns or not periods:
        lost = mapping.territory_column if periods else mapping.period_columns
        return pl.DataFrame(), Issues.of([Issue(Code.MISSING_COLUMN, context={"expected": lost})])
    label = pl.col(mapping.territory_column).str.strip_chars()
    table = table.with_columns(label.alias("_label")).with_columns(
        (pl.col("_label") == (mapping.status_label or "\x00")).alias("_is_status"),
        pl.col("_label").replace_strict(mapping.territories, default=None).alias("_territory"),
    )
    strangers = table.filter(~pl.col("_is_status") & pl.col("_territory").is_null())
    issues = [
        Issue(Code.WRONG_TERRITORY, row, mapping.territory_column, found, {"mapping": mapping.name})
        for row, found in strangers.select("source_row", "_label").rows()
    ]
    values = table.filter(pl.col("_territory").is_not_null()).unpivot(
        periods, index=["source_row", "_territory"], variable_name="source_column", value_name="valeur"
    )
    statuses = (
        table.with_columns(pl.col("source_row").shift(1).alias("_series_row"))
        .filter("_is_status")
        .rename({"source_row": "_status_row", "_series_row": "source_row"})
        .unpivot(
            periods, index=["source_row", "_status_row"], variable_name="source_column", value_name="source_status"
        )
    )
    long = (
        values.join(statuses, on=["source_row", "source_column"], how="left", maintain_order="left")
        .filter(pl.col("valeur").str.strip_chars() != "")
        .with_columns(pl.col("source_status").str.strip_chars().fill_null(""))
    )
    known = pl.col("source_status").replace_strict(mapping.statuses, default=None)
    lost_words = long.filter((pl.col("source_status") != "") & known.is_null())
    issues += [
        Issue(Code.UNKNOWN_WORD, row, column, found, {"mapping": mapping.name})
        for row, column, found in lost_words.select("_status_row", "source_column", "source_status").rows()
    ]
    return long.select(
        "source_row",
        "source_column",
        pl.col("_territory").alias("code_territoire"),
        pl.lit(mapping.indicator_code).alias("code_indicateur"),
        pl.col("source_column").alias("periode"),
        "valeur",
        pl.when(pl.col("source_status") != "").then(known).fill_null("").alias("statut"),
        "source_status",
        pl.lit(mapping.source).alias("source"),
    ), Issues.of(issues)
