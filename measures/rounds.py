"""Collection rounds: when a quarter is open to deposits, what is expected of whom in it, and what has come.

A round is one quarter for one territory. Its days are the calendar's unless `catalogue.rounds` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import polars as pl

from measures.plausibility import FROM_ELSEWHERE
from schemas.catalogue import Catalogue
from schemas.period import last_quarter, list_periods, parse_period
from schemas.submission import SubmissionState
from schemas.words import RoundState

c = pl.col
ROUND = ["territory_code", "round"]
ITEM = ["territory_code", "indicator_code", "period"]
SECOND = timedelta(seconds=1)
LAST_SECOND = time(23, 59, 59)
DUE = {1: (4, 30), 2: (9, 15), 3: (10, 31), 4: (1, 31)}
"""Month and day on which the round of each quarter is due; that of Q4, in the year after."""
REMINDERS = (-14, -3, 1)
MONTHS_TO_GATHER = 1
"""A round takes every figure that exists this many months after its quarter: it is open for as long at least."""
LAST_MONTHS = {"quarter": (3, 6, 9, 12), "year": (12,), "school_year": (8,), "wave": (6, 12)}
HOLIDAYS_OF_DEPARTMENT = {code: code for code in ("57", "971", "972", "973", "974", "976")} | {
    "67": "6AE",
    "68": "6AE",
    "975": "PM",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
HOLIDAYS_OF_TIMEZONE = {
    "America/Cayenne": "973",
    "America/Guadeloupe": "971",
    "America/Marigot": "MF",
    "America/Martinique": "972",
    "America/Miquelon": "PM",
    "America/St_Barthelemy": "BL",
    "Indian/Mayotte": "976",
    "Indian/Reunion": "974",
    "Pacific/Gambier": "PF",
    "Pacific/Marquesas": "PF",
    "Pacific/Noumea": "NC",
    "Pacific/Tahiti": "PF",
    "Pacific/Wallis": "WF",
}
STATES = (RoundState.AWAITED, RoundState.TO_CORRECT, RoundState.RECEIVED, RoundState.VALIDATED)
REACHED = {SubmissionState.RETURNED.value: 1, SubmissionState.SUBMITTED.value: 2, SubmissionState.APPROVED.value: 3}
"""How far in STATES a submission brings the figures in it; drafts and what is withdrawn, nowhere."""
DELIVERED = 2

Overrides = Mapping[tuple[str, str], tuple[date, date]]
"""(territory_code, period) -> the days on which its round opens and is due."""


@dataclass(frozen=True)
class Round:
    """One quarter open to deposits for one territory; `due_at` is the last second of `due_on` in its time zone."""

    period: str
    territory_code: str
    opens_on: date
    due_on: date
    due_at: datetime


def round_of(period: str, territory: Mapping[str, Any], overrides: pl.DataFrame) -> Round:
    """The round of a quarter code for a row of `catalogue.territories`; `overrides` is `catalogue.rounds`.

    The override of a territory wins over that of every territory. `due_on` is always a working day of the territory:
    a day off moves it on. Raises ValueError for a period that is no quarter.
    """
    return _make_round(period, territory, _index_overrides(overrides))


def list_rounds(period: str, territories: pl.DataFrame, overrides: pl.DataFrame) -> list[Round]:
    """The round of a quarter for each row of `catalogue.territories`, in their order."""
    decided = _index_overrides(overrides)
    return [_make_round(period, territory, decided) for territory in territories.iter_rows(named=True)]


def current_round(day: date) -> str:
    """The quarter whose round is open on a day by the calendar: the last that is over."""
    return last_quarter(day)


def current_rounds(day: date, territories: pl.DataFrame, overrides: pl.DataFrame) -> list[Round]:
    """The round open on a day for each row of `catalogue.territories`: the last that has opened, overrides counted.

    A round is open until the next one opens, also after its due day.
    """
    decided = _index_overrides(overrides)
    soonest = parse_period(last_quarter(day)).following().code
    return [_find_open(day, soonest, territory, decided) for territory in territories.iter_rows(named=True)]


def list_year(year: int, territory: Mapping[str, Any], overrides: pl.DataFrame) -> list[Round]:
    """The rounds of the four quarters of a year, in order, for a row of `catalogue.territories`.

    That of the last quarter is due in the year after.
    """
    decided = _index_overrides(overrides)
    return [_make_round(period, territory, decided) for period in list_periods(f"{year}-Q1", f"{year}-Q4")]


def find_next_due(now: datetime, territory: Mapping[str, Any], overrides: pl.DataFrame) -> Round:
    """The round of the next deadline at `now` (aware) for a row of `catalogue.territories`: the day itself counts."""
    years = (now.year - 1, now.year, now.year + 1)
    rounds = [one for year in years for one in list_year(year, territory, overrides)]
    return min((one for one in rounds if now < one.due_at + SECOND), key=lambda one: one.due_at)


def list_reminders(of_round: Round) -> list[tuple[int, date]]:
    """When to remind: days from the due day (-14, -3, 1), each with its date."""
    return [(offset, of_round.due_on + timedelta(days=offset)) for offset in REMINDERS]


def _index_overrides(overrides: pl.DataFrame) -> Overrides:
    rows = overrides.select("territory_code", "period", "opens_on", "due_on").iter_rows()
    return {(territory, period): (opens_on, due_on) for territory, period, opens_on, due_on in rows}


def _find_open(day: date, soonest: str, territory: Mapping[str, Any], decided: Overrides) -> Round:
    found = _make_round(soonest, territory, decided)
    while found.opens_on > day:
        found = _make_round(last_quarter(parse_period(found.period).start), territory, decided)
    return found


def _make_round(period: str, territory: Mapping[str, Any], decided: Overrides) -> Round:
    code = territory["territory_code"]
    opens_on, due_on = decided.get((code, period)) or decided.get(("", period)) or _find_calendar_days(period)
    due_on = _find_working_day(due_on, _choose_holidays(territory))
    return Round(period, code, opens_on, due_on, datetime.combine(due_on, LAST_SECOND, ZoneInfo(territory["timezone"])))


def _find_calendar_days(period: str) -> tuple[date, date]:
    opens_on = _find_end(period) + timedelta(days=1)
    return opens_on, date(opens_on.year, *DUE[int(period[-1])])


def _find_end(period: str) -> date:
    quarter = parse_period(period)
    if quarter.kind != "Q":
        raise ValueError(f"not a quarter: {period!r}")
    return quarter.end


def _choose_holidays(territory: Mapping[str, Any]) -> str | None:
    """The subdivision of `holidays.France`; None is metropolitan France. Without department, the time zone tells."""
    department = territory["department_code"]
    return HOLIDAYS_OF_DEPARTMENT.get(department) if department else HOLIDAYS_OF_TIMEZONE.get(territory["timezone"])


def _find_working_day(day: date, subdivision: str | None) -> date:
    """The first from this day on."""
    while day.weekday() >= 5 or day in _list_holidays(subdivision, day.year):
        day += timedelta(days=1)
    return day


# Whole years, frozen: the library's own objects fill themselves when asked, which threads must not share.
@lru_cache(1_000)
def _list_holidays(subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision, years=year))


def list_expected(catalogue: Catalogue, territories: Iterable[str], period: str) -> pl.DataFrame:
    """One row a figure expected in the round of a quarter: round, territory_code, indicator_code, period; ordered.

    `period` is the indicator's own: the one whose figures come to exist (its end and the sheet's `delay_months`) in
    time for this round and not for the one before, so each is expected in one round. The sheet is the one in force at
    the start of that period. Of indicators that a territory follows or has a target on and whose figures it sends
    itself; of periods that began on or after the day it joined. Raises ValueError for a period that is no quarter.
    """
    wanted = [
        frame.select("territory_code", "indicator_code") for frame in (catalogue.followed_indicators, catalogue.targets)
    ]
    asked = catalogue.territories.filter(c("territory_code").is_in(list(territories)))
    return (
        pl.concat(wanted)
        .unique()
        .join(asked.select("territory_code", "joined_on"), on="territory_code")
        .join(_list_due(catalogue.indicators, period), on="indicator_code")
        .filter((c("period_start") >= c("joined_on")).fill_null(True))
        .select(pl.lit(period).alias("round"), *ITEM)
        .sort(ITEM)
    )


def _list_due(indicators: pl.DataFrame, period: str) -> pl.DataFrame:
    """The periods of each indicator that come to exist in time for a round: indicator_code, period, period_start."""
    from_day, before = c("valid_from"), c("valid_from").shift(1)
    spans = {"before": before, "until": from_day.shift(-1), "first_from": from_day.min()}
    sheets = indicators.sort("valid_from", "version").with_columns(
        **{name: day.over("indicator_code") for name, day in spans.items()}
    )
    rhythms = indicators.select("frequency", "delay_months").unique().rows()
    dues = [(*rhythm, parse_period(code)) for rhythm in rhythms if (code := _find_due(period, *rhythm))]
    schema = {"frequency": pl.String, "delay_months": pl.Int64, "period": pl.String}
    schema |= dict.fromkeys(("period_start", "period_end"), pl.Date)
    rows = [(frequency, delay, due.code, due.start, due.end) for frequency, delay, due in dues]
    due = sheets.join(pl.DataFrame(rows, schema=schema, orient="row"), on=["frequency", "delay_months"])
    # The first sheet holds for periods that began before it, too.
    is_begun = c("before").is_null() | (c("valid_from") <= c("period_start"))
    is_in_force = is_begun & (c("until") > c("period_start")).fill_null(True)
    is_sent = ~c("source_kind").is_in(FROM_ELSEWHERE) & (c("first_from") <= c("period_end"))
    return due.filter(is_in_force & is_sent).select("indicator_code", "period", "period_start")


def _find_due(period: str, frequency: str, delay_months: int) -> str | None:
    """The period of a frequency that is due in the round of a quarter: the one that ended in a certain quarter."""
    end = _find_end(period)
    latest = 12 * end.year + end.month - 1 + MONTHS_TO_GATHER - delay_months
    for month_number in range(latest - 2, latest + 1):
        year, month = month_number // 12, month_number % 12 + 1
        if month in LAST_MONTHS[frequency]:
            return {
                "quarter": f"{year}-Q{month // 3}",
                "year": f"{year}",
                "school_year": f"{year - 1}-{year}",
                "wave": f"{year}-V{month // 6}",
            }[frequency]
    return None


def list_round_items(
    expected: pl.DataFrame, deliveries: pl.DataFrame, rounds: Iterable[Round], now: datetime
) -> pl.DataFrame:
    """One row an expected figure of these rounds, ordered, as it stands at `now` (aware).

    `deliveries`: one row a (territory_code, indicator_code, period, submission_id) with the submission's `state` and
    `first_submitted_at` (UTC). Added to the columns of `expected`: opens_on, due_at and delivered_at (UTC; of the
    earliest submission that stands), state (a RoundState), is_delivered, is_on_time, is_late: delivered after the
    second of `due_at`, or not delivered when it is past. Expected figures of other rounds are left out.
    """
    return (
        expected.join(_frame_rounds(rounds, now), on=ROUND)
        .join(_sum_up(deliveries), on=ITEM, how="left")
        .with_columns(c("reached").fill_null(0))
        .with_columns(is_delivered=c("reached") >= DELIVERED)
        .with_columns(is_on_time=c("is_delivered") & (c("delivered_at") < c("late_from")).fill_null(False))
        .select(
            *expected.columns,
            "opens_on",
            "due_at",
            "delivered_at",
            c("reached").replace_strict(dict(enumerate(STATES)), return_dtype=pl.String).alias("state"),
            "is_delivered",
            "is_on_time",
            is_late=~c("is_on_time") & (c("is_delivered") | c("is_past")),
        )
        .sort(*ROUND, "indicator_code", "period")
    )


def _frame_rounds(rounds: Iterable[Round], now: datetime) -> pl.DataFrame:
    """Their days, times in UTC, and whether each is past: from the second after `due_at` on."""
    rows = [
        (one.territory_code, one.period, one.opens_on, one.due_at.astimezone(UTC), now >= one.due_at + SECOND)
        for one in rounds
    ]
    columns = dict.fromkeys(ROUND, pl.String()) | {"opens_on": pl.Date(), "due_at": pl.Datetime("us", "UTC")}
    framed = pl.DataFrame(rows, schema=columns | {"is_past": pl.Boolean()}, orient="row")
    return framed.with_columns(late_from=c("due_at") + SECOND)


def _sum_up(deliveries: pl.DataFrame) -> pl.DataFrame:
    """One row a figure sent: how far it has come, and since when it has been delivered."""
    reached = c("state").replace_strict(REACHED, default=0, return_dtype=pl.Int64)
    standing = c("first_submitted_at").filter(reached >= DELIVERED)
    return deliveries.group_by(ITEM).agg(reached=reached.max(), delivered_at=standing.min())


def measure_rounds(
    expected: pl.DataFrame, deliveries: pl.DataFrame, rounds: Iterable[Round], now: datetime
) -> pl.DataFrame:
    """One row a round, ordered by territory_code and round; see `list_round_items` for what is given.

    opens_on, due_at (UTC); counts of figures: expected, delivered, on_time, validated, to_correct; completeness and
    timeliness (percent, as DHIS2's reporting rate and reporting rate on time); state (a RoundState); is_late (some
    figure is). Where nothing is expected: expected 0; completeness, timeliness and state null.
    """
    rounds = list(rounds)
    counts = {"expected": pl.len(), "delivered": c("is_delivered").sum(), "on_time": c("is_on_time").sum()}
    counts |= {word: (c("state") == word).sum() for word in (RoundState.VALIDATED.value, RoundState.TO_CORRECT.value)}
    items = list_round_items(expected, deliveries, rounds, now)
    counted = items.group_by(ROUND).agg(**counts, is_late=c("is_late").any())
    return (
        _frame_rounds(rounds, now)
        .join(counted, on=ROUND, how="left")
        .with_columns(c(*counts).fill_null(0).cast(pl.Int64), c("is_late").fill_null(False))
        .select(
            *ROUND,
            "opens_on",
            "due_at",
            *counts,
            completeness=pl.when(c("expected") > 0).then(100 * c("delivered") / c("expected")),
            timeliness=pl.when(c("expected") > 0).then(100 * c("on_time") / c("expected")),
            state=_decide_state(),
            is_late="is_late",
        )
        .sort(ROUND)
    )


def _decide_state() -> pl.Expr:
    """The words of a whole round: validated only as a whole; what is to correct comes before what is awaited."""
    is_validated, is_delivered = (c(name) == c("expected") for name in ("validated", "delivered"))
    said = {RoundState.VALIDATED: is_validated, RoundState.TO_CORRECT: c("to_correct") > 0}
    said |= {RoundState.RECEIVED: is_delivered, RoundState.AWAITED: pl.lit(True)}
    words = (pl.when(holds).then(pl.lit(state.value)) for state, holds in said.items())
    return pl.when(c("expected") > 0).then(pl.coalesce(words))
