"""Text cells -> typed columns: French headings, `1 234,5`, « T3 2026 », `n.d.`. Nothing is guessed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

import polars as pl

from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues
from schemas.observation import COLUMN, NUMBERS, OBSERVATION_COLUMNS, OUR_HEADINGS, Column
from schemas.period import parse_period
from schemas.words import ConfStatus, ObsStatus, plain_word

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


def tidy_observations(table: pl.DataFrame, catalogue: Catalogue, clock: Clock) -> tuple[pl.DataFrame, Issues]:
    """Type the columns of the `observations` file.

    Returns the frame of `schemas.observation.Observations`, plus `<column>_found` (the cell as written) for the
    check's messages and `<column>_is_lost` (whether that cell was not understood); and every fault met.
    Issues name columns by our codes; `name_columns` gives them back the person's headings.
    """
    headings = match_headings(table.columns)
    issues = _check_headings(table.columns, headings)
    if any(issue.code is Code.MISSING_COLUMN for issue in issues):
        return pl.DataFrame(), Issues.of(issues)
    typed = _read_signs(_read_cells(_as_written(table, headings)))
    return typed, Issues.of(issues) + _list_unreadable(typed)


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
    ours = tuple(OUR_HEADINGS)
    issues += [Issue(Code.UNKNOWN_COLUMN, column=name) for name in rest if not plain_word(name).endswith(ours)]
    return issues


def _as_written(table: pl.DataFrame, headings: dict[str, str]) -> pl.DataFrame:
    """The cells under our names; a column that the file has not is empty everywhere."""
    cells = [
        (pl.col(headings[column.code]) if column.code in headings else pl.lit("")).alias(f"{column.code}_found")
        for column in OBSERVATION_COLUMNS
    ]
    kept = [name for name in ("source_column", "source_status") if name in table.columns]
    found = table.select("source_row", *kept, *cells)
    return found if "source_status" in kept else found.with_columns(source_status=pl.lit(None, pl.String))


def _read_cells(text: pl.DataFrame) -> pl.DataFrame:
    """Each column read, and whether a cell of it was not understood; outer spaces gone.

    Each distinct cell is read once: a column of a million rows holds some hundreds of them.
    """
    distinct = text.select(pl.col("^.*_found$").unique().implode())
    return text.with_columns(
        one
        for column in OBSERVATION_COLUMNS
        for one in _spread_unless_blank(distinct[f"{column.code}_found"][0], column.code)
    )


def _spread_unless_blank(cells: pl.Series, code: str) -> list[pl.Expr]:
    return _spread_blank(code) if len(cells) == 1 and cells[0] == "" else _spread(cells, COLUMN[code])


@cache
def _spread_blank(code: str) -> list[pl.Expr]:
    """What a column without any cell says: most files fill half of the columns."""
    return _spread(pl.Series([""]), COLUMN[code])


def _spread(cells: pl.Series, column: Column) -> list[pl.Expr]:
    """What the distinct cells of a column say, on every row that holds them."""
    found = cells.str.strip_chars()
    reading = pl.DataFrame({"found": found}).lazy().with_columns(_reader(found, column).alias("read"))
    once = reading.with_columns(lost=_is_lost(column), sign=_read_sign(column)).collect()
    name = f"{column.code}_found"
    values = {name: once["found"], column.code: once["read"], f"{column.code}_is_lost": once["lost"]}
    if column.code in NUMBERS:
        values[f"{column.code}_sign"] = once["sign"]
    return [_where_found(name, cells, said).alias(what) for what, said in values.items()]


def _where_found(name: str, cells: pl.Series, said: pl.Series) -> pl.Expr:
    if said.dtype == pl.String and said.equals(cells, null_equal=False):
        return pl.col(name)
    if said.n_unique() == 1:
        return pl.lit(said[0], said.dtype)
    return pl.col(name).replace_strict(cells, said, return_dtype=said.dtype)


def _reader(cells: pl.Series, column: Column) -> pl.Expr | pl.Series:
    """How distinct cells of a column are read, as values of the column's type."""
    cell = pl.col("found")
    if column.kind == "code":
        return cell.str.to_uppercase()
    if column.kind in ("decimal", "percent"):
        return read_numbers(cells)
    if column.kind == "integer":
        return _whole(read_numbers(cells))
    if column.kind == "period":
        return pl.Series([read_period(one) for one in cells], dtype=pl.String)
    if column.kind == "date":
        return pl.Series([read_date(one) for one in cells], dtype=pl.Date)
    if column.kind == "word":
        words = [column.words.get(plain_word(one)) if one else column.default for one in cells]
        return pl.Series(words, dtype=pl.String)
    if column.kind == "label":
        return cell.str.to_lowercase().replace({"": column.default, "total": column.default})
    return cell


def _is_lost(column: Column) -> pl.Expr:
    """True where a cell holds something that was not understood."""
    found, read = pl.col("found"), pl.col("read")
    if column.kind in ("decimal", "integer", "percent"):
        return read.is_null() & ~found.str.to_lowercase().is_in([*NOTHING_SAID, *SIGNS, *SECRET_SIGNS])
    if column.kind == "period":
        return read.is_null()
    if column.kind in ("date", "word"):
        return read.is_null() & (found != "")
    return found.str.contains(ERROR_VALUES)


def _read_sign(column: Column) -> pl.Expr:
    """The state that a sign stands for where a number's cell holds no number; `secret` for suppressed."""
    if column.code not in NUMBERS:
        return pl.lit(None, pl.String)
    known = SIGNS | dict.fromkeys(SECRET_SIGNS, ConfStatus.SECRET.value)
    return pl.col("found").str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)


def _read_signs(read: pl.DataFrame) -> pl.DataFrame:
    """A sign in a number's cell says the state of the row, unless its own columns do."""
    names = [f"{name}_sign" for name in NUMBERS]
    if all(read[name].null_count() == len(read) for name in names):
        return read.drop(names).with_columns(is_secret_sign=pl.lit(False))
    signs = [pl.col(name) for name in names]
    sign = pl.coalesce(pl.when(one != ConfStatus.SECRET.value).then(one) for one in signs)
    is_secret = pl.any_horizontal(one.eq_missing(pl.lit(ConfStatus.SECRET.value)) for one in signs)
    says_status = (pl.col("obs_status_found") == "") & sign.is_not_null()
    says_secret = (pl.col("conf_status_found") == "") & is_secret
    return read.with_columns(
        obs_status=pl.when(says_status).then(sign).otherwise("obs_status"),
        conf_status=pl.when(says_secret).then(pl.lit(ConfStatus.SECRET.value)).otherwise("conf_status"),
        is_secret_sign=is_secret,
    ).drop(names)


def read_numbers(cells: pl.Series) -> pl.Series:
    """`1 234,5`, `26,8 %`, `−3.4`, `(3,4)` as Float64; null for anything that is not one finite number.

    Each step is a column of its own: one long expression would be computed again at every place that mentions it.
    """
    cell, bare, pointed, number = (pl.col(name) for name in ("cell", "bare", "pointed", "number"))
    steps = pl.DataFrame({"cell": cells}).lazy()
    steps = steps.select(
        cell.str.replace(rf"{SPACES}*%$", "").str.replace("\u2212", "-").str.replace(r"^\(([^()+-]+)\)$", "-${1}")
    )
    has_groups = cell.str.contains(rf"^[+-]?\d{{1,3}}({SPACES}\d{{3}})+([.,]\d+)?$")
    steps = steps.with_columns(bare=pl.when(has_groups).then(cell.str.replace_all(SPACES, "")).otherwise(cell))
    french = bare.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$")
    english = bare.str.contains(r"^[+-]?\d{1,3}(,\d{3})+\.\d+$")
    steps = steps.with_columns(
        pointed=pl.when(french)
        .then(bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(english)
        .then(bare.str.replace_all(",", "", literal=True))
        .otherwise(bare.str.replace(",", ".", literal=True))
    )
    steps = steps.with_columns(
        number=pl.when(pointed.str.contains(NUMBER)).then(pointed).cast(pl.Float64, strict=False)
    )
    return steps.select(pl.when(number.is_finite()).then(number)).collect().to_series()


def _whole(numbers: pl.Series) -> pl.Series:
    return numbers.set(numbers != numbers.round(0), None).cast(pl.Int64, strict=False)


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


CODE_OF_KIND = {
    "decimal": Code.UNREADABLE_NUMBER,
    "integer": Code.UNREADABLE_NUMBER,
    "percent": Code.UNREADABLE_NUMBER,
    "period": Code.UNREADABLE_PERIOD,
    "date": Code.UNREADABLE_DATE,
    "word": Code.UNKNOWN_WORD,
}


def _list_unreadable(typed: pl.DataFrame) -> Issues:
    parts = []
    for column in OBSERVATION_COLUMNS:
        if not typed[f"{column.code}_is_lost"].any():
            continue
        rows = typed.filter(f"{column.code}_is_lost")
        found = pl.col(f"{column.code}_found")
        code = pl.when(found.str.contains(ERROR_VALUES)).then(pl.lit(Code.SPREADSHEET_ERROR.value))
        usual = CODE_OF_KIND.get(column.kind, Code.SPREADSHEET_ERROR).value
        words = pl.lit(", ".join(column.words) or None, pl.String)
        place = place_expr(rows, column.code)
        parts.append(
            rows.select(code=code.otherwise(pl.lit(usual)), row="source_row", column=place, found=found, words=words)
        )
    return Issues(*parts)


def place_expr(rows: pl.DataFrame, code: str) -> pl.Expr:
    """Where an issue of a row stands: the unfolded column if the table was wide, else our column code."""
    return pl.col("source_column").fill_null(code) if "source_column" in rows.columns else pl.lit(code)


def name_columns(issues: Issues, headings: dict[str, str]) -> Issues:
    """Give each issue the heading that the person sees in their file."""
    return issues.name_columns({code: headings.get(code, column.heading) for code, column in COLUMN.items()})
