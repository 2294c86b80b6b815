"""Text cells -> typed columns: French headings, `1 234,5`, « T3 2026 », `n.d.`. Nothing is guessed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from itertools import accumulate

import polars as pl

from pipelines.read import header_is_empty
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues
from schemas.observation import COLUMN, NUMBERS, OBSERVATION_COLUMNS, OUR_HEADINGS, Column
from schemas.period import parse_period
from schemas.words import ConfStatus, ObsStatus, plain_word

Clock = Callable[[], datetime]
Said = dict[str, pl.Series]
"""What distinct cells say: `found` (without outer spaces), `read` (of the column's type, null where nothing is),
`lost` (not understood) and, of numbers, `sign`: the state that a sign stands for, `secret` for suppressed."""

SPACES = "[\\s\u00a0\u202f\u2009]"
ERROR_VALUES = r"^#(DIV/0!|REF!|N/A|NAME\?|NULL!|NUM!|VALUE!|NOM\?|VALEUR!|NOMBRE!|NUL!)$"
NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
IS_ERROR = pl.col("found").str.contains(ERROR_VALUES)
LOOKED_UP = ("indicator_code", "period", "dimension", "category")
SMALL_WORDS = ("d", "de", "des", "du", "l", "la", "le", "les")
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
    check's messages and `<column>_is_lost` (whether that cell was not understood); `<column>_word` of those LOOKED_UP,
    as an Enum of the words met: its numbers are what catalogues are looked up by; and every fault met.
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
    written = [name for name in reversed(names) if name not in ("source_row", "source_column")]
    plain = {plain_word(name): name for name in written}
    bare = {_bare_heading(name): name for name in written}
    headings: dict[str, str] = {}
    for column in OBSERVATION_COLUMNS:
        spellings = (column.heading, column.code, *column.synonyms)
        fits = [plain[one] for one in spellings if one in plain] or [bare[one] for one in spellings if one in bare]
        if not fits and column.code in NUMBERS:  # « Effectifs Numérateur », of headings on two lines
            ends = [name for one, name in plain.items() if one.endswith(f"_{column.heading}")]
            fits = ends if len(ends) == 1 else []
        if fits and fits[0] not in headings.values():
            headings[column.code] = fits[0]
    return headings


@cache
def _bare_heading(name: str) -> str:
    """A heading without small words, plurals and what stands in brackets: « Codes du territoire (INSEE) »."""
    words = plain_word(re.sub(r"\(.*?\)", " ", name)).split("_")
    return "_".join(word.removesuffix("s") for word in words if word not in SMALL_WORDS)


def _check_headings(names: list[str], headings: dict[str, str]) -> list[Issue]:
    rest = [name for name in names if name not in (*headings.values(), "source_row", "source_column", "source_status")]
    issues = []
    for column in OBSERVATION_COLUMNS:
        if column.required and column.code not in headings:
            near = difflib.get_close_matches(column.heading, [plain_word(name) for name in rest], 1, 0.7)
            nearest = next((name for name in rest if near and plain_word(name) == near[0]), "")
            rest = [name for name in rest if name != nearest]
            issues.append(Issue(Code.MISSING_COLUMN, context={"expected": column.heading, "nearest": nearest}))
    if not {"value", "numerator"} & set(headings):
        issues.append(Issue(Code.MISSING_COLUMN, context={"expected": "valeur", "nearest": ""}))
    ours = tuple(OUR_HEADINGS)
    unknown = [name for name in rest if not header_is_empty(name) and not plain_word(name).endswith(ours)]
    issues += [Issue(Code.UNKNOWN_COLUMN, column=name) for name in unknown]
    return issues


def _as_written(table: pl.DataFrame, headings: dict[str, str]) -> pl.DataFrame:
    """The cells under our names; a column that the file has not is empty everywhere."""
    cells = [
        (pl.col(headings[column.code]).fill_null("") if column.code in headings else pl.lit("")).alias(
            f"{column.code}_found"
        )
        for column in OBSERVATION_COLUMNS
    ]
    kept = [name for name in ("source_column", "source_status") if name in table.columns]
    found = table.select("source_row", *kept, *cells)
    return found if "source_status" in kept else found.with_columns(source_status=pl.lit(None, pl.String))


def _read_cells(text: pl.DataFrame) -> pl.DataFrame:
    """Each column read, and whether a cell of it was not understood; outer spaces gone.

    Each distinct cell is read once: a column of a million rows holds some hundreds of them.
    """
    names = {column.code: f"{column.code}_found" for column in OBSERVATION_COLUMNS}
    distinct = text.select(pl.col(list(names.values())).unique().implode())
    cells = {code: distinct[name][0] for code, name in names.items()}
    blank = [code for code, of_one in cells.items() if len(of_one) == 1 and of_one[0] == ""]
    filled = {code: of_one for code, of_one in cells.items() if code not in blank}
    places = text.select(pl.col(names[code]).cast(pl.Enum(of_one)).to_physical() for code, of_one in filled.items())
    spread = [one for code, said in _read_distinct(filled).items() for one in _spread(code, filled[code], said, places)]
    return text.with_columns(*spread, *(one for code in blank for one in _spread_blank(code)))


@cache
def _spread_blank(code: str) -> list[pl.Expr]:
    """What a column without any cell says: most files fill half of the columns."""
    cells = pl.Series([""])
    return _spread(code, cells, _read_distinct({code: cells})[code], pl.DataFrame())


def _spread(code: str, cells: pl.Series, said: Said, places: pl.DataFrame) -> list[pl.Expr]:
    """What the distinct cells of a column say, on every row that holds them; `places`: which of them a row holds."""
    name = f"{code}_found"
    named = {name: said["found"], code: said["read"], f"{code}_is_lost": said["lost"]}
    if code in NUMBERS:
        named[f"{code}_sign"] = said["sign"]
    if code in LOOKED_UP:
        named[f"{code}_word"] = said["read"].cast(pl.Enum(said["read"].unique().drop_nulls()))
    return [_at_places(name, cells, of_one, places).alias(what) for what, of_one in named.items()]


def _at_places(name: str, cells: pl.Series, said: pl.Series, places: pl.DataFrame) -> pl.Expr:
    if len(said) == 1 or said.null_count() == len(said) or (said.dtype == pl.Boolean and not said.any()):
        return pl.lit(said[0], said.dtype)
    if said.dtype == pl.String and said.equals(cells):
        return pl.col(name)
    return pl.lit(said).gather(places[name])


def _read_distinct(cells: dict[str, pl.Series]) -> dict[str, Said]:
    """What the distinct cells of each column say.

    Columns that are read in one way are read together: where rows are few, it is the number of queries that counts.
    """
    said = {}
    for read_together, kinds in READERS.items():
        some = {code: of_one for code, of_one in cells.items() if COLUMN[code].kind in kinds}
        if not some:
            continue
        found = pl.concat(of_one.rename("found") for of_one in some.values()).str.strip_chars()
        read = read_together(found.to_frame().lazy()).collect()
        starts = accumulate((len(of_one) for of_one in some.values()), initial=0)
        for (code, of_one), start in zip(some.items(), starts, strict=False):
            said[code] = _finish(COLUMN[code], read.slice(start, len(of_one)).to_dict())
    return said


def _read_numbers(found: pl.LazyFrame) -> pl.LazyFrame:
    lower = pl.col("found").str.to_lowercase()
    known = SIGNS | dict.fromkeys(SECRET_SIGNS, ConfStatus.SECRET.value)
    return read_numbers(found).with_columns(
        lost=pl.col("read").is_null() & ~lower.is_in([*NOTHING_SAID, *known]),
        sign=lower.replace_strict(known, default=None, return_dtype=pl.String),
    )


def _read_words(found: pl.LazyFrame) -> pl.LazyFrame:
    cell = pl.col("found")
    return found.with_columns(lower=cell.str.to_lowercase(), upper=cell.str.to_uppercase(), lost=IS_ERROR)


def _read_texts(found: pl.LazyFrame) -> pl.LazyFrame:
    return found.with_columns(read="found", lost=IS_ERROR)


READERS = {
    _read_numbers: ("decimal", "percent", "integer"),
    _read_words: ("code", "label", "period", "date", "word"),
    _read_texts: ("text",),
}


def _finish(column: Column, said: Said) -> Said:
    """`read` and `lost` as the kind of the column has them."""
    found = said["found"]
    match column.kind:
        case "integer":
            is_broken = said["read"] != said["read"].round(0)
            whole = said["read"].set(is_broken, None).cast(pl.Int64, strict=False)
            return said | {"read": whole, "lost": said["lost"] | is_broken.fill_null(False)}
        case "code":
            return said | {"read": said["upper"]}
        case "label":
            return said | {"read": pl.Series([_read_label(one, column) for one in said["lower"]], dtype=pl.String)}
        case "period":
            periods = pl.Series([read_period(one) for one in found], dtype=pl.String)
            return said | {"read": periods, "lost": periods.is_null()}
        case "date":
            days = pl.Series([read_date(one) for one in found], dtype=pl.Date)
            return said | {"read": days, "lost": days.is_null() & (found != "")}
        case "word":
            known = [column.words.get(plain_word(one)) if one else column.default for one in found]
            words = pl.Series(known, dtype=pl.String)
            return said | {"read": words, "lost": words.is_null() & (found != "")}
    return said


def _read_label(cell: str, column: Column) -> str:
    """The word of a breakdown: « Âge » is age, « 18–25 » is 18-25, « Ensemble » is the whole."""
    bare = re.sub(r"\s*[\u2010-\u2015\u2212-]\s*", "-", cell)
    if bare in ("", "total", "ensemble"):
        return column.default
    return plain_word(bare) if column.code == "dimension" else bare


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


def read_numbers(found: pl.LazyFrame) -> pl.LazyFrame:
    """`read` beside `found`: `1 234,5`, `26,8 %`, `−3.4`, `(3,4)` as Float64; null for anything but one finite number.

    Each step is a column of its own: one long expression would be computed again at every place that mentions it.
    """
    bare, pointed, number = (pl.col(name) for name in ("bare", "pointed", "read"))
    cell = pl.col("found").str.replace(rf"{SPACES}*%$", "").str.replace("\u2212", "-")
    steps = found.with_columns(bare=cell.str.replace(r"^\(([^()+-]+)\)$", "-${1}"))
    has_groups = bare.str.contains(rf"^[+-]?\d{{1,3}}({SPACES}\d{{3}})+([.,]\d+)?$")
    steps = steps.with_columns(bare=pl.when(has_groups).then(bare.str.replace_all(SPACES, "")).otherwise(bare))
    french = bare.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$")
    english = bare.str.contains(r"^[+-]?\d{1,3}(,\d{3})+\.\d+$")
    steps = steps.with_columns(
        pointed=pl.when(french)
        .then(bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(english)
        .then(bare.str.replace_all(",", "", literal=True))
        .otherwise(bare.str.replace(",", ".", literal=True))
    )
    steps = steps.with_columns(read=pl.when(pointed.str.contains(NUMBER)).then(pointed).cast(pl.Float64, strict=False))
    return steps.select("found", pl.when(number.is_finite()).then(number))


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
    """A day written 2026-09-30 or 30/09/2026, perhaps with an hour; None for anything else."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d/%m/%Y %H:%M"):
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
