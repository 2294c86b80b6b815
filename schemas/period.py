"""Periods as stored: `2026-Q3`, `2025`, `2024-2025` (school year), `2026-V1` (survey wave, a half-year)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

PATTERN = re.compile(
    r"(?P<q>[0-9]{4})-Q(?P<n>[1-4])|(?P<y>[0-9]{4})|(?P<a>[0-9]{4})-(?P<b>[0-9]{4})|(?P<w>[0-9]{4})-V(?P<v>[12])"
)
FREQUENCY_OF_KIND = {"Q": "quarter", "A": "year", "SY": "school_year", "W": "wave"}


@dataclass(frozen=True)
class Period:
    """One period: `kind` is Q, A, SY or W; `start` and `end` are its first and last day."""

    code: str
    kind: str
    start: date
    end: date

    @property
    def frequency(self) -> str:
        return FREQUENCY_OF_KIND[self.kind]

    def following(self) -> Period:
        """The next period of the same kind."""
        start = self.end + timedelta(days=1)
        code = {
            "Q": f"{start.year}-Q{(start.month + 2) // 3}",
            "A": f"{start.year}",
            "SY": f"{start.year}-{start.year + 1}",
            "W": f"{start.year}-V{1 if start.month == 1 else 2}",
        }[self.kind]
        return parse_period(code)


@lru_cache(10_000)
def parse_period(code: str) -> Period:
    """Read a stored period code; raises ValueError for anything else."""
    match = PATTERN.fullmatch(code)
    if not match:
        raise ValueError(f"not a period code: {code!r}")
    part = match.groupdict()
    if part["q"]:
        year, first = int(part["q"]), 3 * int(part["n"]) - 2
        return Period(code, "Q", date(year, first, 1), _last_day(year, first + 2))
    if part["y"]:
        return Period(code, "A", date(int(code), 1, 1), date(int(code), 12, 31))
    if part["a"]:
        if int(part["b"]) != int(part["a"]) + 1:
            raise ValueError(f"not a school year: {code!r}")
        return Period(code, "SY", date(int(part["a"]), 9, 1), date(int(part["b"]), 8, 31))
    year, first = int(part["w"]), 6 * int(part["v"]) - 5
    return Period(code, "W", date(year, first, 1), _last_day(year, first + 5))


def _last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def list_periods(first: str, last: str) -> list[str]:
    """Every period code from first to last, both included; they must be of one kind.

    Empty when last is before first.
    """
    period, stop = parse_period(first), parse_period(last)
    if period.kind != stop.kind:
        raise ValueError(f"{first!r} and {last!r} are not of one kind")
    codes = []
    while period.start <= stop.start:
        codes.append(period.code)
        period = period.following()
    return codes


def axis_periods(seen: Sequence[str], end: str) -> list[str]:
    """The periods of an axis from the first seen to `end`, holes included.

    Survey waves come once or twice a year as planned: those that did not take place are no holes.
    """
    if parse_period(end).kind == "W":
        return sorted({*seen, end})
    return list_periods(seen[0], end)


def write_period(code: str) -> str:
    """A stored period as the file has it: `2026-T3`."""
    return code.replace("-Q", "-T")


def last_quarter(today: date) -> str:
    """The code of the last quarter that is over."""
    year, quarter = today.year, (today.month - 1) // 3
    return f"{year}-Q{quarter}" if quarter else f"{year - 1}-Q4"


def period_bounds(codes: pl.Series) -> pl.DataFrame:
    """First and last day of each distinct code: columns period, period_start, period_end (Date).

    Every code must be valid or null; nulls are left out.
    """
    periods = [parse_period(code) for code in codes.unique().drop_nulls()]
    return pl.DataFrame(
        {
            "period": [period.code for period in periods],
            "period_start": [period.start for period in periods],
            "period_end": [period.end for period in periods],
        },
        schema={"period": pl.String, "period_start": pl.Date, "period_end": pl.Date},
    )
