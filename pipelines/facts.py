"""What the catalogue, the calendar and the file itself say of each row: all that the rules look at.

Each word met is looked up once, not each row: what is said of the words stands in small tables, and every row takes
its line of them by the number of its word. To join a million rows by their texts takes ten times longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import polars as pl

from pipelines.tidy import Clock, find_true, repeat
from schemas.catalogue import Catalogue
from schemas.observation import KEY
from schemas.period import parse_period

c = pl.col
LINES_NAMED, TERRITORIES_NAMED = 50, 3
SHEET = ("unit", "frequency", "components", "time_basis", "valid_min", "valid_max")


@lru_cache(8)
def leave_others_indicators(catalogue: Catalogue, territories: tuple[str, ...]) -> Catalogue:
    """The catalogue without the local indicators of territories other than these: whoever sends for these neither
    uses them nor learns that they exist. The same object each time, for what is remembered of a catalogue."""
    is_local = c("indicator_code").str.contains(":")
    of_whom = c("indicator_code").str.split(":").list.first()
    kept = catalogue.indicators.filter(~is_local | of_whom.is_in(list(territories)))
    return catalogue if len(kept) == len(catalogue.indicators) else replace(catalogue, indicators=kept)


def gather_facts(tidy: pl.DataFrame, catalogue: Catalogue, territories: Iterable[str], clock: Clock) -> pl.DataFrame:
    """The tidy rows, `_at` (their place) and beside them:

    the period's `period_start`, `period_end`, `period_frequency`, `is_over`; of the indicator's sheet in force
    `indicator_version` and SHEET, with `is_known`, `lowest`, `highest`; `is_own_territory`, `own_territories` (if few),
    `is_attached` (the quartier to the territory), `is_dimension`, `is_category`, and `twins`, the lines that hold the
    same key.
    """
    words = {name: [*tidy[f"{name}_word"].dtype.categories, None] for name in KEY}  # type: ignore[attr-defined]
    numbers = tidy.select(
        *(c(f"{name}_word").to_physical().fill_null(len(of_one) - 1).alias(name) for name, of_one in words.items()),
        mark=pl.struct(c(f"{name}_word").to_physical() for name in KEY).hash(),
    )
    met = {name: Met(of_one, numbers[name]) for name, of_one in words.items()}
    periods = _find_bounds(met["period"], clock().date())
    return (
        tidy.with_row_index("_at")
        .hstack(periods)
        .hstack(_find_sheets(met["indicator_code"], met["period"], catalogue))
        .hstack(_find_categories(met["dimension"], met["category"], catalogue))
        .hstack(
            [
                *_find_own(met["territory_code"], sorted(territories)),
                _find_attached(tidy, periods, met["qpv_code"], catalogue),
                _find_twins(tidy["source_row"], numbers, len(words["period"]) - 1),
            ]
        )
    )


@dataclass(frozen=True)
class Met:
    """The words met in a column, the last None for what could not be read, and the number of its word for each row."""

    words: list[str | None]
    number: pl.Series


def _find_bounds(met: Met, today: date) -> pl.DataFrame:
    periods = [parse_period(word) if word else None for word in met.words]
    said = [
        pl.Series("period_start", [period and period.start for period in periods], pl.Date),
        pl.Series("period_end", [period and period.end for period in periods], pl.Date),
        pl.Series("period_frequency", [period and period.frequency for period in periods], pl.Categorical),
        pl.Series("is_over", [period and period.end < today for period in periods], pl.Boolean),
    ]
    return pl.DataFrame(said)[met.number]


def _find_sheets(indicator: Met, period: Met, catalogue: Catalogue) -> pl.DataFrame:
    """The sheet of each row's indicator: the version in force at the start of its period, else the first.

    Which one that is changes only on the days on which some version begins.
    """
    sheets, versions = _list_sheets(catalogue)
    known = [word for word in indicator.words if word in versions]
    days = sorted({day for word in known for day, _ in versions[word]})
    in_force = [_find_in_force(versions[word], day) for word in known for day in (date.min, *days)]
    first = {word: number * (1 + len(days)) for number, word in enumerate(known)}
    begun = [bisect_right(days, parse_period(word).start) if word else 0 for word in period.words]
    at = pl.Series([first.get(word) for word in indicator.words], dtype=pl.UInt32)[indicator.number]
    at += pl.Series(begun, dtype=pl.UInt32)[period.number]
    is_known = pl.Series("is_known", [word in versions for word in indicator.words])[indicator.number]
    return sheets[in_force][at].hstack([is_known])


@lru_cache(8)
def _list_sheets(catalogue: Catalogue) -> tuple[pl.DataFrame, dict[str | None, list[tuple[date, int]]]]:
    """What rows are told of every sheet, and of each indicator the first days of its versions and their places there.

    Words are categories, which are spread on rows as numbers are.
    """
    sheets = catalogue.indicators.sort("valid_from", "version")
    versions: dict[str | None, list[tuple[date, int]]] = {}
    for place, (code, day) in enumerate(sheets.select("indicator_code", "valid_from").iter_rows()):
        versions.setdefault(code, []).append((day, place))
    said = sheets.select(
        *SHEET,
        indicator_version="version",
        lowest=c("valid_min").fill_null(float("-inf")),
        highest=c("valid_max").fill_null(float("inf")),
    )
    return said.with_columns(c(pl.String).cast(pl.Categorical)), versions


def _find_in_force(versions: list[tuple[date, int]], day: date) -> int:
    """The place of the last version begun by a day, else of the first."""
    return versions[max(bisect_right(versions, day, key=lambda version: version[0]) - 1, 0)][1]


def _find_categories(dimension: Met, category: Met, catalogue: Catalogue) -> pl.DataFrame:
    known, dimensions, categories = _list_parts(catalogue)
    pairs = [(one, part) in known for one in dimensions for part in categories]
    numbers = [dimensions.get(word, 0) for word in dimension.words]
    at = pl.Series([number * len(categories) for number in numbers], dtype=pl.UInt32)[dimension.number]
    at += pl.Series([categories.get(word, 0) for word in category.words], dtype=pl.UInt32)[category.number]
    is_dimension = pl.Series("is_dimension", [number > 0 for number in numbers])[dimension.number]
    return pl.DataFrame([is_dimension, pl.Series("is_category", pairs)[at]])


@lru_cache(8)
def _list_parts(catalogue: Catalogue) -> tuple[set[tuple[str, str]], dict[str | None, int], dict[str | None, int]]:
    """The pairs of dimension and category that exist, and a number for each word of them; 0 is any other word."""
    known = {("total", ""), *catalogue.categories.select("dimension", "category").iter_rows()}
    dimensions, categories = (
        {word: at for at, word in enumerate([None, *dict.fromkeys(words)])} for words in zip(*known, strict=True)
    )
    return known, dimensions, categories


def _find_own(territory: Met, territories: list[str]) -> list[pl.Series]:
    own = set(territories)
    is_own = pl.Series("is_own_territory", [word in own for word in territory.words])[territory.number]
    named = ", ".join(territories) if len(territories) <= TERRITORIES_NAMED else None
    return [is_own, repeat("own_territories", named, len(is_own), pl.Categorical)]


def _find_attached(tidy: pl.DataFrame, periods: pl.DataFrame, quartier: Met, catalogue: Catalogue) -> pl.Series:
    """Whether the quartier belongs to the territory at some day of the period (any day, if it is unreadable)."""
    none = repeat("is_attached", False, len(tidy), pl.Boolean)
    if not any(quartier.words):
        return none
    attached = (
        tidy.lazy()
        .select("territory_code", "qpv_code")
        .with_row_index("_at")
        .with_columns(periods.select("period_start", "period_end"))
        .filter(c("qpv_code") != "")
        .join(catalogue.territory_quartiers.lazy(), on=["territory_code", "qpv_code"])
        .filter(
            (c("period_end") >= c("valid_from")).fill_null(True)
            & ((c("period_start") <= c("valid_to")) | c("valid_to").is_null()).fill_null(True)
        )
        .select(c("_at").unique())
        .collect()["_at"]
    )
    return none.scatter(attached, True)


def _find_twins(lines: pl.Series, numbers: pl.DataFrame, undated: int) -> pl.Series:
    """The lines of a key that the file holds more than once, « 4, 9 », on each of its rows; else null.

    `numbers`: of the words of the KEY, and their hash, `mark`. Marks met again find the suspects, and only they are
    compared exactly. Rows whose period could not be read (number `undated`) have no twin.
    """
    twins = repeat("twins", None, len(lines))
    marks = numbers["mark"]
    in_order = marks.filter(numbers["period"] != undated).sort()
    met_again = in_order[1:].filter(in_order[1:] == in_order[:-1])
    if met_again.is_empty():
        return twins
    at = find_true(marks.is_in(met_again.implode()))
    rows = pl.DataFrame([lines[at].cast(pl.String), *(numbers[name][at] for name in KEY)])
    more = pl.when(pl.len() > LINES_NAMED).then(pl.lit(", …")).otherwise(pl.lit(""))
    of_key = pl.when(pl.len() > 1).then(c(lines.name).head(LINES_NAMED).str.join(", ") + more)
    return twins.scatter(at, rows.select(of_key.over(KEY)).to_series())
