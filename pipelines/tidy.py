"""Text cells -> typed columns: French headings, `1 234,5`, « T3 2026 », `n.d.`. Nothing is guessed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache, lru_cache

import polars as pl

from pipelines.read import header_is_empty
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues
from schemas.observation import COLUMN, KEY, NUMBERS, OBSERVATION_COLUMNS, OUR_HEADINGS, Column
from schemas.period import parse_period
from schemas.words import ConfStatus, ObsStatus, plain_word

Clock = Callable[[], datetime]
SPACES = "[\\s\u00a0\u202f\u2009]"
ERROR_VALUES = r"^#(DIV/0!|REF!|N/A|NAME\?|NULL!|NUM!|VALUE!|NOM\?|VALEUR!|NOMBRE!|NUL!)$"
NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
IS_ERROR = pl.col("found").str.contains(ERROR_VALUES)
NO_CELL = pl.Series("found", [], pl.String)
NUMBER_KINDS = ("decimal", "percent", "integer")
SMALL_WORDS = ("d", "de", "des", "du", "l", "la", "le", "les")
NOTHING_SAID = ("", "-", "–", ".")
SIGNS: dict[str, str | None] = {
    **dict.fromkeys(("n.d.", "nd", "n/d", "…", "...", "..", "na", "n/a"), ObsStatus.NOT_AVAILABLE.value),
    **dict.fromkeys(("nc", "n.c."), ObsStatus.NOT_COLLECTED.value),
    **dict.fromkeys(("///", "s.o.", "so"), ObsStatus.NOT_APPLICABLE.value),
    "n.s.": ObsStatus.LOW_RELIABILITY.value,
    **dict.fromkeys(("s", "secret"), ConfStatus.SECRET.value),
}

QUARTER_SPELLINGS = (
    r"^(?P<year>[12][0-9]{3})[-/ ]?[tq](?P<n>[1-4])$",
    r"^[tq](?P<n>[1-4])[-/ ]?(?P<year>[12][0-9]{3}|[0-9]{2})$",
    r"^(?P<n>[1-4])[tq][-/ ]?(?P<year>[12][0-9]{3})$",
    r"^(?P<n>[1-4])(?:er|e|eme|ème)? ?trim(?:\.|estre)? ?(?P<year>[12][0-9]{3})$",
)


def tidy_observations(table: pl.DataFrame, catalogue: Catalogue, clock: Clock) -> tuple[pl.DataFrame, Issues]:
    """Type the columns of the `observations` file.

    Returns the frame of `schemas.observation.Observations`, plus `<column>_found` (the cell as written) for the
    check's messages and `<column>_is_lost` (whether that cell was not understood); `<column>_word` of the KEY, as
    an Enum of the words met: its numbers are what catalogues are looked up by; and every fault met.
    Issues name columns by our codes; `name_columns` gives them back the person's headings.
    """
    headings = match_headings(table.columns)
    issues = check_headings(table.columns, headings, OBSERVATION_COLUMNS, one_of=("value", "numerator"))
    if any(issue.code is Code.MISSING_COLUMN for issue in issues):
        return pl.DataFrame(), Issues.of(issues)
    typed = _read_signs(_read_cells(table, headings))
    return typed, Issues.of(issues) + list_unreadable(typed)


def match_headings(names: list[str], columns: Sequence[Column] = OBSERVATION_COLUMNS) -> dict[str, str]:
    """Our column code -> the heading as it stands in the file; case, accents, order and synonyms do not count."""
    written = [name for name in reversed(names) if name not in ("source_row", "source_column")]
    plain = {plain_word(name): name for name in written}
    bare = {_bare_heading(name): name for name in written}
    headings: dict[str, str] = {}
    for column in columns:
        spellings = (column.heading, column.code, *column.synonyms)
        fits = [plain[one] for one in spellings if one in plain] or [bare[one] for one in spellings if one in bare]
        if (
            not fits and columns is OBSERVATION_COLUMNS and column.code in NUMBERS
        ):  # « Effectifs Numérateur », of headings on two lines
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


def check_headings(
    names: list[str], headings: dict[str, str], columns: Sequence[Column], one_of: Sequence[str] = ()
) -> list[Issue]:
    """Each column that the file must have and has not (of `one_of` any), and each that is left aside."""
    rest = [name for name in names if name not in (*headings.values(), "source_row", "source_column", "source_status")]
    issues = []
    for column in columns:
        if column.required and column.code not in headings:
            near = difflib.get_close_matches(column.heading, [plain_word(name) for name in rest], 1, 0.7)
            nearest = next((name for name in rest if near and plain_word(name) == near[0]), "")
            rest = [name for name in rest if name != nearest]
            issues.append(Issue(Code.MISSING_COLUMN, context={"expected": column.heading, "nearest": nearest}))
    if one_of and not headings.keys() & set(one_of):
        heading = next(column.heading for column in columns if column.code == one_of[0])
        issues.append(Issue(Code.MISSING_COLUMN, context={"expected": heading, "nearest": ""}))
    ours = tuple(OUR_HEADINGS)
    unknown = [name for name in rest if not header_is_empty(name) and not plain_word(name).endswith(ours)]
    issues += [Issue(Code.UNKNOWN_COLUMN, column=name) for name in unknown]
    return issues


def _read_cells(table: pl.DataFrame, headings: dict[str, str]) -> pl.DataFrame:
    """Each column read, and whether a cell of it was not understood. A column that the file has not is empty.

    Each distinct cell is read once: a column of a million rows holds some hundreds of them. They are numbered as
    categories of their own, which live as long as the column does.
    """
    written = {code: pl.col(name).fill_null("").alias(code) for code, name in headings.items()}
    distinct = {code: pl.Categories.random(code, physical=pl.UInt32) for code in written}
    numbered = table.select(cell.cast(pl.Categorical(distinct[code])) for code, cell in written.items())
    cells = {code: of_one.to_series() for code, of_one in distinct.items()}
    filled = {code: of_one for code, of_one in cells.items() if len(of_one) > 1 or any(of_one)}
    said = _read_distinct(filled)
    places = numbered.select(pl.col(list(filled)).to_physical())
    kept = [name for name in ("source_row", "source_column", "source_status") if name in table.columns]
    spread = [] if "source_status" in kept else [pl.lit(None, pl.String).alias("source_status")]
    for column in OBSERVATION_COLUMNS:
        code = column.code
        spread += _spread(said[code], written[code], cells[code], places[code]) if code in filled else _say_blank(code)
    return table.select(*kept, *spread)


def _spread(said: pl.DataFrame, written: pl.Expr, cells: pl.Series, places: pl.Series) -> list[pl.Expr]:
    """What the distinct cells of a column say, on every row that holds them; `places`: which of them a row holds."""
    spread = []
    for one in said:
        if _is_constant(one):
            spread.append(pl.lit(one[0], one.dtype).alias(one.name))
        elif one.dtype == pl.String and one.equals(cells):
            spread.append(written.alias(one.name))
        else:
            spread.append(pl.lit(one).gather(places))
    return spread


def _is_constant(said: pl.Series) -> bool:
    return len(said) == 1 or said.null_count() == len(said) or (said.dtype == pl.Boolean and not said.any())


@cache
def _say_blank(code: str) -> list[pl.Expr]:
    """What a column without any cell says: most files fill half of the columns."""
    cells = pl.Series([""])
    return _spread(_read_distinct({code: cells})[code], pl.lit(""), cells, cells)


def _read_distinct(cells: dict[str, pl.Series]) -> dict[str, pl.DataFrame]:
    """What the distinct cells of each column say: the columns of `tidy_observations` that come from it.

    Columns that are read in one way are read together: where rows are few, it is the number of queries that counts.
    """
    numbers = [code for code in cells if COLUMN[code].kind in NUMBER_KINDS]
    texts = [code for code in cells if code not in numbers]
    found = [
        pl.concat([NO_CELL, *(cells[code].alias("found") for code in some)]).to_frame() for some in (numbers, texts)
    ]
    bare = [of_some.lazy().with_columns(pl.col("found").str.strip_chars()) for of_some in found]
    read = pl.collect_all([read_numbers(bare[0]), bare[1].with_columns(lost=IS_ERROR)])
    said = {}
    for some, finish, rest in zip((numbers, texts), (_finish_number, _finish_text), read, strict=True):
        for code in some:
            said[code] = finish(COLUMN[code], rest.head(len(cells[code])))
            rest = rest.slice(len(cells[code]))
    return said


def read_column(column: Column, cells: pl.Series) -> pl.DataFrame:
    """What the cells of one column say, one row a cell: `<code>_found`, `<code>`, `<code>_is_lost`, maybe
    `<code>_sign`; read as the columns of observations are."""
    bare = cells.alias("found").to_frame().lazy().with_columns(pl.col("found").str.strip_chars())
    if column.kind in NUMBER_KINDS:
        return _finish_number(column, read_numbers(bare).collect())
    return _finish_text(column, bare.with_columns(lost=IS_ERROR).collect())


def _finish_number(column: Column, said: pl.DataFrame) -> pl.DataFrame:
    """`sign`, where any cell is one, is the state that it stands for; `secret` for suppressed."""
    code, found, read = column.code, said["found"], said["read"]
    lost = repeat("lost", False, len(said), pl.Boolean)
    signs = []
    if read.null_count():
        unread = pl.Series([at for at, number in enumerate(read.to_list()) if number is None], dtype=pl.UInt32)
        words = [word.lower() for word in found[unread]]
        lost = lost.scatter(unread, pl.Series([word not in NOTHING_SAID and word not in SIGNS for word in words]))
        if any(word in SIGNS for word in words):
            known = pl.Series([SIGNS.get(word) for word in words], dtype=pl.String)
            signs = [repeat(f"{code}_sign", None, len(said)).scatter(unread, known)]
    if column.kind == "integer":
        is_broken = (read != read.round(0)).fill_null(False)
        lost |= is_broken
        read = read.set(is_broken, None).cast(pl.Int64, strict=False)
    return pl.DataFrame([found.alias(f"{code}_found"), read.alias(code), lost.alias(f"{code}_is_lost"), *signs])


def _finish_text(column: Column, said: pl.DataFrame) -> pl.DataFrame:
    """Of what identifies a value also `word`, an Enum of the words met."""
    code, found, read, lost = column.code, said["found"], said["found"], said["lost"]
    if column.kind != "text":
        words = [READERS[column.kind](cell, column) for cell in found]
        read = pl.Series(words, dtype=pl.Date if column.kind == "date" else pl.String)
        if column.kind in CODE_OF_KIND:
            may_be_empty = not column.required
            lost = pl.Series(
                [word is None and not (may_be_empty and cell == "") for cell, word in zip(found, words, strict=True)]
            )
    said = pl.DataFrame([found.alias(f"{code}_found"), read.alias(code), lost.alias(f"{code}_is_lost")])
    if code not in KEY:
        return said
    met = dict.fromkeys(word for word in words if isinstance(word, str))
    return said.hstack([read.cast(pl.Enum([*met])).alias(f"{code}_word")])


def _read_codes(cell: str) -> str:
    """« O1, O2 » is O1|O2: each code once."""
    return "|".join(dict.fromkeys(code for code in CODES_APART.split(cell.upper()) if code))


def _read_steps(cell: str) -> str | None:
    """« 2027-T2=24 | 2027-T4=27,5 » is 2027-Q2=24|2027-Q4=27.5; None where a part of it cannot be told."""
    steps = [STEP.fullmatch(part.strip()) for part in cell.split("|")]
    read = [step and (read_period(step["period"]), step["value"].replace(",", ".")) for step in steps]
    if not all(one and one[0] for one in read):
        return None
    return "|".join(f"{one[0]}={one[1]}" for one in read if one)


def _read_label(cell: str, column: Column) -> str:
    """The word of a breakdown: « Âge » is age, « 18–25 » is 18-25, « Ensemble » is the whole."""
    bare = re.sub(r"\s*[\u2010-\u2015\u2212-]\s*", "-", cell.lower())
    if bare in ("", "total", "ensemble"):
        return column.default
    return plain_word(bare) if column.code == "dimension" else bare


def _read_signs(read: pl.DataFrame) -> pl.DataFrame:
    """A sign in a number's cell says the state of the row, unless its own columns do."""
    names = [name for name in read.columns if name.endswith("_sign")]
    if not names:
        return read.with_columns(is_secret_sign=pl.lit(False))
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


@lru_cache(10_000)
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


CODES_APART = re.compile(r"[|,;/\s]+")
STEP = re.compile(r"(?P<period>[^=]+)=\s*(?P<value>-?\d+(?:[.,]\d+)?)")

READERS: dict[str, Callable[[str, Column], str | date | None]] = {
    "code": lambda cell, column: cell.upper(),
    "label": _read_label,
    "codes": lambda cell, column: _read_codes(cell),
    "steps": lambda cell, column: _read_steps(cell),
    "siret": lambda cell, column: re.sub(r"[\s.]", "", cell),
    "period": lambda cell, column: read_period(cell),
    "date": lambda cell, column: read_date(cell),
    "word": lambda cell, column: column.words.get(plain_word(cell)) if cell else column.default,
}

CODE_OF_KIND = {
    "decimal": Code.UNREADABLE_NUMBER,
    "integer": Code.UNREADABLE_NUMBER,
    "percent": Code.UNREADABLE_NUMBER,
    "period": Code.UNREADABLE_PERIOD,
    "date": Code.UNREADABLE_DATE,
    "word": Code.UNKNOWN_WORD,
    "steps": Code.WRONG_STEPS,
}


def list_unreadable(typed: pl.DataFrame, columns: Sequence[Column] = OBSERVATION_COLUMNS) -> Issues:
    """Each cell that was not understood (`<code>_is_lost`), named by our column codes."""
    parts = []
    where = [typed[name] for name in ("source_row", "source_column") if name in typed.columns]
    for column in columns:
        lost = typed[f"{column.code}_is_lost"]
        if lost.any():
            found = typed[f"{column.code}_found"].alias("found")
            usual = CODE_OF_KIND.get(column.kind, Code.SPREADSHEET_ERROR).value
            told = {"code": usual, "column": column.code, "words": ", ".join(column.words) or None}
            at = find_true(lost)
            same = [repeat(name, word, len(at)) for name, word in told.items()]
            parts.append(pl.DataFrame([one[at] for one in (*where, found)] + same))
    if not parts:
        return Issues()
    rows = pl.concat(parts, how="diagonal")
    code = pl.when(IS_ERROR).then(pl.lit(Code.SPREADSHEET_ERROR.value)).otherwise("code")
    return Issues(rows.select("found", "words", row="source_row", code=code, column=place_expr(rows, pl.col("column"))))


def repeat(name: str, value: object, length: int, dtype: type[pl.DataType] = pl.String) -> pl.Series:
    """A column of one value; on short tables a query for it would take longer than the rest."""
    return pl.Series(name, [value], dtype).new_from_index(0, length)


def find_true(flags: pl.Series) -> pl.Series:
    """The places where a flag is set."""
    return pl.int_range(len(flags), dtype=pl.UInt32, eager=True).filter(flags)


def place_expr(rows: pl.DataFrame, code: str | pl.Expr) -> pl.Expr:
    """Where an issue of a row stands: the unfolded column if the table was wide, else our column code."""
    code = pl.lit(code) if isinstance(code, str) else code
    return pl.col("source_column").fill_null(code) if "source_column" in rows.columns else code


def name_columns(issues: Issues, headings: dict[str, str], columns: Sequence[Column] = OBSERVATION_COLUMNS) -> Issues:
    """Give each issue the heading that the person sees in their file."""
    return issues.name_columns({column.code: headings.get(column.code, column.heading) for column in columns})
