"""The reference tables: CSV files of a folder -> Catalogue, checked against their models and each other."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from pandera.errors import SchemaErrors

from pipelines.targets import BASELINE_RULE, IS_WATCHED, TARGET_RULES
from schemas.catalogue import KEYS, MODELS, Catalogue, column_types

REFERENCES = (
    # (table, its columns, the table they must exist in)
    ("territories", ("programme_code",), "programmes"),
    ("territory_quartiers", ("territory_code",), "territories"),
    ("territory_quartiers", ("qpv_code",), "quartiers"),
    ("collectives", ("territory_code",), "territories"),
    ("partners", ("territory_code",), "territories"),
    ("territory_challenges", ("territory_code",), "territories"),
    ("territory_challenges", ("challenge_code",), "challenges"),
    ("visions", ("territory_code",), "territories"),
    ("indicators", ("challenge_code",), "challenges"),
    ("goals", ("territory_code", "vision_version"), "visions"),
    ("goals", ("challenge_code",), "challenges"),
    ("followed_indicators", ("territory_code",), "territories"),
    ("followed_indicators", ("indicator_code",), "indicators"),
    ("targets", ("territory_code", "goal_code"), "goals"),
    ("targets", ("indicator_code",), "indicators"),
    ("actions", ("territory_code",), "territories"),
    ("milestones", ("territory_code", "action_code"), "actions"),
    ("events", ("territory_code",), "territories"),
    ("meetings", ("territory_code",), "territories"),
)


class CatalogueError(Exception):
    """The reference tables do not hold together; `faults` are clear English lines."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def empty_catalogue() -> Catalogue:
    """A catalogue whose every table has its columns and no row."""
    return Catalogue(**{table: pl.DataFrame(schema=column_types(table)) for table in MODELS})


def read_catalogue(folder: Path) -> Catalogue:
    """Read the `<table>.csv` files of a folder; a table without a file is empty.

    Raises CatalogueError for a folder without any table, an unreadable cell or a row against its model.
    """
    paths = {table: folder / f"{table}.csv" for table in MODELS if (folder / f"{table}.csv").is_file()}
    if not paths:
        raise CatalogueError([f"{folder}: no reference table here; expected files such as territories.csv"])
    faults: list[str] = []
    tables = empty_catalogue().tables()
    for table, path in paths.items():
        try:
            text = pl.read_csv(path, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            faults.append(f"{path.name}: not a UTF-8 CSV with one heading line: {str(error).splitlines()[0]}")
            continue
        tables[table] = _cast_table(table, text, faults)
    if faults:
        raise CatalogueError(faults)
    return Catalogue(**tables)


def _cast_table(table: str, text: pl.DataFrame, faults: list[str]) -> pl.DataFrame:
    types = column_types(table)
    missing = [name for name in types if name not in text.columns]
    if missing:
        faults.append(f"{table}.csv: column missing: {', '.join(missing)}")
        return pl.DataFrame(schema=types)
    text = text.select(*types)
    keys = [name for name in KEYS[table] if types[name] == pl.String]
    typed = text.select(_cast_cell(name, kind) for name, kind in types.items())
    # An empty part of a key means "the whole": '' and null must not be two keys.
    typed = typed.with_columns(pl.col(keys).fill_null(""))
    for name in types:
        lost = text[name].is_not_null() & typed[name].is_null()
        for row in lost.arg_true().to_list():
            faults.append(f"{table}.csv line {row + 2}: {name}: cannot be read: {text[name][row]!r}")
    try:
        MODELS[table].validate(typed, lazy=True)
    except SchemaErrors as error:
        for failure in error.failure_cases.iter_rows(named=True):
            where = "" if failure["index"] is None else f" line {failure['index'] + 2}"
            faults.append(f"{table}.csv{where}: {failure['column']}: {failure['check']}: {failure['failure_case']!r}")
    return typed


def _cast_cell(name: str, kind: pl.DataType) -> pl.Expr:
    cell = pl.col(name)
    if kind == pl.Boolean:
        return cell.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if kind == pl.Date:
        return cell.str.to_date("%Y-%m-%d", strict=False)
    return cell.cast(kind, strict=False)


def check_catalogue(catalogue: Catalogue) -> None:
    """Check the tables against each other; raises CatalogueError naming every fault."""
    tables = catalogue.tables()
    faults = []
    for table, key in KEYS.items():
        for row in tables[table].filter(pl.struct(key).is_duplicated()).select(key).unique().rows():
            faults.append(f"{table}: key twice: {row}")
    for table, columns, other in REFERENCES:
        lost = tables[table].join(tables[other], on=columns, how="anti").select(columns).unique()
        faults += [f"{table}: {dict(zip(columns, row, strict=True))} is not in {other}" for row in lost.rows()]
    faults += _check_targets(tables["targets"].join(_latest_polarity(catalogue), on="indicator_code", how="left"))
    priorities = (
        tables["territory_challenges"]
        .filter(pl.col("valid_to").is_null())
        .group_by("territory_code")
        .agg(pl.col("is_priority").sum())
    )
    for territory, count in priorities.filter(pl.col("is_priority") != 1).rows():
        faults.append(f"territory_challenges: {territory} has {count} priority challenges, 1 is needed")
    faults += _check_rounds(tables["rounds"], tables["territories"]["territory_code"].to_list())
    if faults:
        raise CatalogueError(sorted(faults))


def _check_rounds(rounds: pl.DataFrame, known: list[str]) -> list[str]:
    """A round of another calendar is of a territory there is, or of all, and opens before it is due."""
    faults = []
    for row in rounds.iter_rows(named=True):
        where = f"rounds: {row['territory_code'] or 'everywhere'} {row['period']}"
        if row["territory_code"] and row["territory_code"] not in known:
            faults.append(f"{where}: this territory is not in territories")
        if row["due_on"] < row["opens_on"]:
            faults.append(f"{where}: due on {row['due_on']}, before it opens")
    return faults


def _latest_polarity(catalogue: Catalogue) -> pl.DataFrame:
    return (
        catalogue.indicators.sort("version")
        .unique("indicator_code", keep="last")
        .select("indicator_code", "polarity", "components")
    )


def _check_targets(targets: pl.DataFrame) -> list[str]:
    """A target says where it starts and ends, and is not met before it begins."""
    rules = [(TARGET_RULES, targets.filter(~IS_WATCHED)), ((BASELINE_RULE,), targets)]
    faults: dict[str, None] = {}
    for some, rows in rules:
        for rule in some:
            for row in rows.filter(~rule.holds.fill_null(False)).iter_rows(named=True):
                where = f"{row['territory_code']} {row['goal_code']} {row['indicator_code']}"
                faults[f"targets: {where}: {rule.english}"] = None
    return list(faults)


def merge_catalogues(first: Catalogue, second: Catalogue) -> Catalogue:
    """The rows of both; where both have a key, the second's row."""
    merged = {}
    for table, rows in first.tables().items():
        other = second.tables()[table]
        merged[table] = pl.concat([rows.join(other, on=KEYS[table], how="anti"), other])
    return Catalogue(**merged)
