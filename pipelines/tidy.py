"""Text cells -> typed columns: French headings, `1 234,5`, « T3 2026 », `n.d.`. Nothing is guessed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from pipelines.personal import plain_word
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue
from schemas.observation import COLUMN, NUMBERS, OBSERVATION_COLUMNS
from schemas.period import parse_period
from schemas.words import ConfStatus, ObsStatus

Clock = Callable[[], datetime]

SPACES = "[\\s\u00a0\u202f\u2009]"
ERROR_VALUES = r"^#(DIV/0!|REF!|N/A|NAME\?|NULL!|NUM!|VALUE!|NOM\?|VALEUR!|NOMBRE!|NUL!)$"
NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
NOTHING_SAID = ("", "-", "–", ".")
SIGNS: dict[str, str] = {
    **dict.fromkeys(("n.d.", "nd", "n/d", "…", "...", "..", "na", "n/a"), ObsStatus.NOT_AVAILABLE.value),
    **dict.fromkeys(("nc", "n.c."), ObsStatus.NOT_COLLECTED.value),
    **dict.fromkeys(("///", "s.o.", "so"), ObsStatus.NOT_APPLICABLE.value),
    "n.s.": ObsStatus.LOW_RELIABILITY.value,
}
SECRET_SIGNS = ("s", "secret")

QUARTER_SPELLINGS = (
    r"^(?P<year>[12][0-9]{3})[-/ ]?[tq](?P<n>[1-4])$",
    r"^[tq](?P<n>[1-4])[-/ ]?(?P<year>[12][0-9]{3}|[0-9]{2})$",
    r"^(?P<n>[1-4])[tq][-/ ]?(?P<year>[12][0-9]{3})$",
    r"^(?P<n>[1-4])(?:er|e|eme|ème)? ?trim(?:\.|estre)? ?(?P<year>[12][0-9]{3})$",
)


def tidy_observations(table: pl.DataFrame, catalogue: Catalogue, clock: Clock) -> tuple[pl.DataFrame, list[Issue]]:
    """Type the columns of the `observations` file.

    Returns the frame of `schemas.observation.Observations`, plus `<column>_found` (the cell as written) for the
    check's messages and `unreadable` (the columns of a row whose cell was not understood); and every fault met.
    Issues name columns by our codes; `name_columns` gives them back the person's headings.
    """
    headings = match_headings(table.columns)
    issues = _check_headings(table.columns, headings)
    if any(issue.code is Code.MISSING_COLUMN for issue in issues):
        return pl.DataFrame(), issues
    text = _as_written(table, headings)
    typed = text.with_columns(_read_cells(text)).with_columns(_read_rows())
    typed = typed.with_columns(unreadable=_unreadable_columns())
    issues += _list_unreadable(typed)
    return typed, issues


def match_headings(names: list[str]) -> dict[str, str]:
    """Our column code -> the heading as it stands in the file; case, accents, order and synonyms do not count."""
    plain = {plain_word(name): name for name in reversed(names) if name not in ("source_row", "source_column")}
    headings = {}
    for column in OBSERVATION_COLUMNS:
        for spelling in (column.heading, column.code, *column.synonyms):
            if spelling in plain:
                headings[column.code] = plain[spelling]
                break
    return headings


def _check_headings(names: list[str], headings: dict[str, str]) -> list[Issue]:
    rest = [name for name in names if name not in (*headings.values(), "source_row", "source_column", "source_status")]
    issues = []
    for column in OBSERVATION_COLUMNS:
        if column.required and column.code not in headings:
            near = difflib.get_close_matches(column.heading, [plain_word(name) for name in rest], 1, 0.5)
            nearest = next((name for name in rest if near and plain_word(name) == near[0]), "")
            issues.append(Issue(Code.MISSING_COLUMN, context={"expected": column.heading, "nearest": nearest}))
    if not {"value", "numerator"} & set(headings):
        issues.append(Issue(Code.MISSING_COLUMN, context={"expected": "valeur", "nearest": ""}))
    issues += [Issue(Code.UNKNOWN_COLUMN, column=name) for name in rest]
    return issues


def _as_written(table: pl.DataFrame, headings: dict[str, str]) -> pl.DataFrame:
    """The cells under our names, outer spaces gone; a column that the file has not is empty everywhere."""
    cells = [
        (pl.col(headings[column.code]).str.strip_chars() if column.code in headings else pl.lit("")).alias(
            f"{column.code}_found"
        )
        for column in OBSERVATION_COLUMNS
    ]
    kept = [name for name in ("source_column", "source_status") if name in table.columns]
    found = table.select("source_row", *kept, *cells)
    return found if "source_status" in kept else found.with_columns(source_status=pl.lit(None, pl.String))


def _read_cells(text: pl.DataFrame) -> list[pl.Expr]:
    readers = {
        "text": lambda column: pl.col(f"{column.code}_found"),
        "code": lambda column: pl.col(f"{column.code}_found").str.to_uppercase(),
        "decimal": lambda column: read_number(pl.col(f"{column.code}_found")),
        "percent": lambda column: read_number(pl.col(f"{column.code}_found")),
        "integer": lambda column: _whole(read_number(pl.col(f"{column.code}_found"))),
        "period": lambda column: _lookup(text[f"{column.code}_found"], read_period, pl.String),
        "date": lambda column: _lookup(text[f"{column.code}_found"], read_date, pl.Date),
        "word": lambda column: _lookup(
            text[f"{column.code}_found"], lambda cell: column.words.get(plain_word(cell)), pl.String
        ),
    }
    return [readers[column.kind](column).alias(column.code) for column in OBSERVATION_COLUMNS]


def _read_rows() -> list[pl.Expr]:
    """What a row says as a whole: the signs for no number, the defaults, the words in their plain form."""
    signs = [pl.col(f"{name}_found").str.to_lowercase() for name in NUMBERS]
    sign = pl.coalesce([cell.replace_strict(SIGNS, default=None, return_dtype=pl.String) for cell in signs])
    is_secret = pl.any_horizontal(cell.is_in(SECRET_SIGNS) for cell in signs)
    said = pl.col("obs_status")
    status = pl.when(pl.col("obs_status_found") == "").then(sign.fill_null(ObsStatus.NORMAL.value)).otherwise(said)
    confidentiality = (
        pl.when(pl.col("conf_status_found") == "")
        .then(pl.when(is_secret).then(pl.lit(ConfStatus.SECRET.value)).otherwise(pl.lit(ConfStatus.FREE.value)))
        .otherwise(pl.col("conf_status"))
    )
    dimension = pl.col("dimension").str.to_lowercase()
    return [
        status.alias("obs_status"),
        confidentiality.alias("conf_status"),
        pl.when(dimension == "").then(pl.lit("total")).otherwise(dimension).alias("dimension"),
        pl.when(pl.col("category").str.to_lowercase() == "total")
        .then(pl.lit(""))
        .otherwise(pl.col("category").str.to_lowercase())
        .alias("category"),
        is_secret.alias("is_secret_sign"),
    ]


def read_number(cell: pl.Expr) -> pl.Expr:
    """`1 234,5`, `26,8 %`, `−3.4` as Float64; null for anything that is not one finite number."""
    trimmed = cell.str.replace(rf"{SPACES}*%$", "").str.replace("\u2212", "-")
    has_groups = trimmed.str.contains(rf"^[+-]?\d{{1,3}}({SPACES}\d{{3}})+([.,]\d+)?$")
    bare = pl.when(has_groups).then(trimmed.str.replace_all(SPACES, "")).otherwise(trimmed)
    french = bare.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$")
    english = bare.str.contains(r"^[+-]?\d{1,3}(,\d{3})+\.\d+$")
    pointed = (
        pl.when(french)
        .then(bare.str.replace_all(r"\.", "").str.replace(",", "."))
        .when(english)
        .then(bare.str.replace_all(",", ""))
        .otherwise(bare.str.replace(",", "."))
    )
    number = pl.when(pointed.str.contains(NUMBER)).then(pointed).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _whole(number: pl.Expr) -> pl.Expr:
    return pl.when(number == number.round(0)).then(number).cast(pl.Int64, strict=False)


def _lookup(cells: pl.Series, read: Callable[[str], object], kind: type[pl.DataType]) -> pl.Expr:
    """Read each distinct cell once."""
    distinct = cells.unique().to_list()
    return pl.col(cells.name).replace_strict(distinct, [read(cell) for cell in distinct], return_dtype=kind)


def read_period(cell: str) -> str | None:
    """The stored code of a period in any of its usual spellings; None where it cannot be told."""
    text = re.sub(r"\s+", " ", cell.strip().lower())
    for spelling in QUARTER_SPELLINGS:
        match = re.match(spelling, text)
        if match:
            year = match["year"]
            return f"{'20' + year if len(year) == 2 else year}-Q{match['n']}"
    code = re.sub(r"^(\d{4}) ?[/–-] ?(\d{4})$", r"\1-\2", text).upper()
    try:
        return parse_period(code).code
    except ValueError:
        return None


def read_date(cell: str) -> date | None:
    """A day written 2026-09-30 or 30/09/2026; None for anything else."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(cell, shape).date()
        except ValueError:
            continue
    return None


def _says_nothing(column: str) -> pl.Expr:
    """True where a number's cell holds a known sign, or nothing, instead of a number."""
    cell = pl.col(f"{column}_found").str.to_lowercase()
    return cell.is_in([*NOTHING_SAID, *SIGNS, *SECRET_SIGNS])


def _unreadable_columns() -> pl.Expr:
    """The columns of a row whose cell holds something that was not understood, as a list."""
    flags = []
    for column in OBSERVATION_COLUMNS:
        found, read = pl.col(f"{column.code}_found"), pl.col(column.code)
        if column.kind in ("decimal", "integer", "percent"):
            lost = read.is_null() & ~_says_nothing(column.code)
        elif column.kind == "period":
            lost = read.is_null()
        elif column.kind in ("date", "word"):
            lost = read.is_null() & (found != "")
        else:
            lost = found.str.contains(ERROR_VALUES)
        flags.append(pl.when(lost).then(pl.lit(column.code)))
    return pl.concat_list(flags).list.drop_nulls()


CODE_OF_KIND = {
    "decimal": Code.UNREADABLE_NUMBER,
    "integer": Code.UNREADABLE_NUMBER,
    "percent": Code.UNREADABLE_NUMBER,
    "period": Code.UNREADABLE_PERIOD,
    "date": Code.UNREADABLE_DATE,
    "word": Code.UNKNOWN_WORD,
}


def _list_unreadable(typed: pl.DataFrame) -> list[Issue]:
    faulty = typed.filter(pl.col("unreadable").list.len() > 0)
    issues = []
    for row in faulty.iter_rows(named=True):
        for code in row["unreadable"]:
            found = row[f"{code}_found"]
            column = COLUMN[code]
            if re.match(ERROR_VALUES, found):
                issues.append(Issue(Code.SPREADSHEET_ERROR, row["source_row"], place(row, code), found))
            else:
                context = {"words": ", ".join(column.words)} if column.words else {}
                issues.append(Issue(CODE_OF_KIND[column.kind], row["source_row"], place(row, code), found, context))
    return issues


def place(row: dict[str, object], code: str) -> str:
    """Where an issue of this row stands: the unfolded column if the table was wide, else our column code."""
    return str(row.get("source_column") or code)


def name_columns(issues: list[Issue], headings: dict[str, str]) -> list[Issue]:
    """Give each issue the heading that the person sees in their file."""

    def name(code: str | None) -> str | None:
        return headings.get(code, COLUMN[code].heading) if code in COLUMN else code

    return [replace(issue, column=name(issue.column)) for issue in issues]
