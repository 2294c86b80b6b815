"""Collection rounds: literal territories, sheets and deposits; days, expected figures and states worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.rounds import (
    HOLIDAYS_OF_DEPARTMENT,
    HOLIDAYS_OF_TIMEZONE,
    Round,
    current_round,
    current_rounds,
    find_next_due,
    list_expected,
    list_reminders,
    list_round_items,
    list_rounds,
    list_year,
    measure_rounds,
    round_of,
)
from schemas.catalogue import MODELS, Catalogue, column_types
from schemas.period import list_periods, parse_period

TILLEULS, LILAS = "FR-99-TILLEULS", "FR-99-LILAS"
PARIS = ZoneInfo("Europe/Paris")
QUARTERS = [code for year in range(2023, 2040) for code in list_periods(f"{year}-Q1", f"{year}-Q4")]
DELIVERIES = {
    **dict.fromkeys(("territory_code", "indicator_code", "period", "submission_id", "state"), pl.String),
    "first_submitted_at": pl.Datetime("us", "UTC"),
}
EXPECTED = dict.fromkeys(("round", "territory_code", "indicator_code", "period"), pl.String)


def territory(code: str = TILLEULS, **known: object) -> dict[str, Any]:
    usual = {"territory_code": code, "timezone": "Europe/Paris", "department_code": None, "joined_on": None}
    return usual | known


def table(name: str, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=column_types(name))


def override(territory_code: str, period: str, opens_on: date, due_on: date) -> pl.DataFrame:
    row = {"territory_code": territory_code, "period": period, "opens_on": opens_on, "due_on": due_on}
    return table("rounds", row)


CALENDAR = table("rounds")


def sheet(code: str = "JEU-01", **known: object) -> dict[str, Any]:
    """Quarterly, there as the quarter ends, counted by the territory, defined since 2022."""
    usual = {"indicator_code": code, "version": 1, "valid_from": date(2022, 1, 1), "frequency": "quarter"}
    return usual | {"delay_months": 0, "source_kind": "own_count"} | known


def catalogue_of(*sheets: dict[str, Any], territories: tuple[dict[str, Any], ...] = (territory(),)) -> Catalogue:
    """Every territory follows every indicator."""
    codes = dict.fromkeys(one["indicator_code"] for one in sheets)
    followed = [
        {"territory_code": one["territory_code"], "rank": rank, "indicator_code": code}
        for one in territories
        for rank, code in enumerate(codes, 1)
    ]
    tables = {
        "territories": table("territories", *territories),
        "indicators": table("indicators", *sheets),
        "followed_indicators": table("followed_indicators", *followed),
    }
    return Catalogue(**{name: table(name) for name in MODELS} | tables)


def expected_in(catalogue: Catalogue, period: str, territories: tuple[str, ...] = (TILLEULS,)) -> list[tuple[str, str]]:
    return list_expected(catalogue, territories, period).select("indicator_code", "period").rows()


def expected_frame(*codes: str, territory_code: str = TILLEULS, period: str = "2026-Q3") -> pl.DataFrame:
    return pl.DataFrame([(period, territory_code, code, period) for code in codes], schema=EXPECTED, orient="row")


def deliveries_frame(*rows: tuple[str, str, datetime | None], territory_code: str = TILLEULS) -> pl.DataFrame:
    """Of (indicator, state, when submitted): each its own submission of T3 2026."""
    full = [(territory_code, code, "2026-Q3", f"s{at}", state, when) for at, (code, state, when) in enumerate(rows)]
    return pl.DataFrame(full, schema=DELIVERIES, orient="row")


DUE_ON = date(2026, 11, 2)
DUE_AT = datetime(2026, 11, 2, 23, 59, 59, tzinfo=PARIS)
EARLY, LATE = datetime(2026, 10, 26, 9, 15, tzinfo=UTC), datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
BEFORE_DUE, AFTER_DUE = datetime(2026, 10, 30, 12, 0, tzinfo=UTC), datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
THIRD = round_of("2026-Q3", territory(), CALENDAR)


def board(*rows: tuple[str, str, datetime | None], of: str = "JEU-01", now: datetime = AFTER_DUE) -> dict[str, Any]:
    """The row of T3 2026, where the indicators `of` are expected."""
    (row,) = measure_rounds(expected_frame(*of.split()), deliveries_frame(*rows), [THIRD], now).to_dicts()
    return row


def item(*rows: tuple[str, str, datetime | None], now: datetime = AFTER_DUE) -> dict[str, Any]:
    (row,) = list_round_items(expected_frame("JEU-01"), deliveries_frame(*rows), [THIRD], now).to_dicts()
    return row


class TestDays:
    @pytest.mark.parametrize(
        ("period", "opens_on", "due_on"),
        [
            pytest.param("2026-Q1", date(2026, 4, 1), date(2026, 4, 30), id="t1_a_thursday"),
            pytest.param("2026-Q2", date(2026, 7, 1), date(2026, 9, 15), id="t2_not_in_august"),
            pytest.param("2026-Q3", date(2026, 10, 1), date(2026, 11, 2), id="t3_saturday_then_all_saints_on_sunday"),
            pytest.param("2026-Q4", date(2027, 1, 1), date(2027, 2, 1), id="t4_sunday_of_the_year_after"),
            pytest.param("2028-Q1", date(2028, 4, 1), date(2028, 5, 2), id="sunday_then_labour_day"),
        ],
    )
    def test_the_calendar(self, period: str, opens_on: date, due_on: date) -> None:
        found = round_of(period, territory(), CALENDAR)
        assert (found.opens_on, found.due_on, found.territory_code) == (opens_on, due_on, TILLEULS)

    def test_a_year_is_four_rounds_in_order(self) -> None:
        moved = override(TILLEULS, "2026-Q2", date(2026, 7, 1), date(2026, 9, 30))
        found = list_year(2026, territory(), moved)
        assert [one.period for one in found] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
        assert [one.due_on for one in found] == [
            date(2026, 4, 30),
            date(2026, 9, 30),
            date(2026, 11, 2),
            date(2027, 2, 1),
        ]

    @pytest.mark.parametrize(
        ("now", "where", "period"),
        [
            pytest.param(datetime(2026, 10, 20, tzinfo=PARIS), {}, "2026-Q3", id="open"),
            pytest.param(datetime(2026, 11, 2, 23, 59, 59, tzinfo=PARIS), {}, "2026-Q3", id="to_its_last_second"),
            pytest.param(datetime(2026, 11, 3, tzinfo=PARIS), {}, "2026-Q4", id="the_second_after"),
            pytest.param(datetime(2027, 1, 15, tzinfo=PARIS), {}, "2026-Q4", id="over_the_new_year"),
            pytest.param(datetime(2027, 2, 2, tzinfo=PARIS), {}, "2027-Q1", id="before_it_opens"),
            pytest.param(
                datetime(2026, 11, 2, 20, 0, tzinfo=PARIS),
                {"timezone": "Pacific/Noumea"},
                "2026-Q4",
                id="already_tomorrow_in_noumea",
            ),
        ],
    )
    def test_the_next_deadline(self, now: datetime, where: dict[str, Any], period: str) -> None:
        assert find_next_due(now, territory(**where), CALENDAR).period == period

    def test_a_deadline_that_was_put_off_is_the_next(self) -> None:
        put_off = override(TILLEULS, "2026-Q3", date(2026, 10, 1), date(2026, 12, 1))
        assert find_next_due(AFTER_DUE, territory(), put_off).due_on == date(2026, 12, 1)

    @pytest.mark.parametrize("period", ["2026", "2025-2026", "2026-V1"])
    def test_a_round_is_a_quarter(self, period: str) -> None:
        with pytest.raises(ValueError, match="not a quarter"):
            round_of(period, territory(), CALENDAR)
        with pytest.raises(ValueError, match="not a quarter"):
            list_expected(catalogue_of(sheet()), [TILLEULS], period)

    @pytest.mark.parametrize(
        ("where", "decided", "due_on"),
        [
            pytest.param({"department_code": "44"}, date(2026, 4, 27), date(2026, 4, 27), id="worked_in_nantes"),
            pytest.param({"department_code": "976"}, date(2026, 4, 27), date(2026, 4, 28), id="off_in_mayotte"),
            pytest.param({"timezone": "Indian/Mayotte"}, date(2026, 4, 27), date(2026, 4, 28), id="by_time_zone"),
            pytest.param(
                {"timezone": "Indian/Mayotte", "department_code": "974"},
                date(2026, 4, 27),
                date(2026, 4, 27),
                id="the_department_wins_over_the_time_zone",
            ),
            pytest.param(
                {"timezone": "Indian/Mayotte", "department_code": "44"},
                date(2026, 4, 27),
                date(2026, 4, 27),
                id="so_does_one_of_metropolitan_france",
            ),
            pytest.param(
                {"department_code": "75"}, date(2026, 4, 3), date(2026, 4, 3), id="good_friday_worked_in_paris"
            ),
            pytest.param({"department_code": "67"}, date(2026, 4, 3), date(2026, 4, 7), id="alsace_until_after_easter"),
            pytest.param({"department_code": "57"}, date(2026, 4, 3), date(2026, 4, 7), id="moselle_as_alsace"),
            pytest.param({"department_code": "988"}, date(2026, 9, 24), date(2026, 9, 25), id="new_caledonia"),
            pytest.param(
                {"department_code": "972"}, date(2026, 5, 22), date(2026, 5, 26), id="abolition_and_whit_monday"
            ),
            pytest.param({"department_code": "2A"}, date(2026, 9, 26), date(2026, 9, 28), id="a_saturday_in_corsica"),
        ],
    )
    def test_a_day_off_of_the_territory_moves_the_due_day(
        self, where: dict[str, object], decided: date, due_on: date
    ) -> None:
        found = round_of("2026-Q1", territory(**where), override(TILLEULS, "2026-Q1", date(2026, 4, 1), decided))
        assert found.due_on == due_on

    def test_the_decision_for_a_territory_wins_over_that_for_all(self) -> None:
        """And each holds for its own quarter only."""
        days = [(date(2026, 7, 1), date(2026, 9, 22)), (date(2026, 7, 6), date(2026, 9, 29))]
        decided = pl.concat([override("", "2026-Q2", *days[0]), override(LILAS, "2026-Q2", *days[1])])
        everyone = table("territories", territory(), territory(LILAS))
        found = list_rounds("2026-Q2", everyone, decided)
        assert [(one.territory_code, one.opens_on, one.due_on) for one in found] == [
            (TILLEULS, *days[0]),
            (LILAS, *days[1]),
        ]
        assert {one.due_on for one in list_rounds("2026-Q3", everyone, decided)} == {DUE_ON}

    @pytest.mark.parametrize(
        ("timezone", "due_at"),
        [
            pytest.param("Pacific/Noumea", datetime(2026, 11, 2, 12, 59, 59, tzinfo=UTC), id="noumea_11_hours_before"),
            pytest.param("Indian/Mayotte", datetime(2026, 11, 2, 20, 59, 59, tzinfo=UTC), id="mayotte_3_hours_before"),
            pytest.param("Europe/Paris", datetime(2026, 11, 2, 22, 59, 59, tzinfo=UTC), id="paris_in_winter"),
            pytest.param("America/Martinique", datetime(2026, 11, 3, 3, 59, 59, tzinfo=UTC), id="martinique_4_after"),
        ],
    )
    def test_the_day_ends_where_the_territory_is(self, timezone: str, due_at: datetime) -> None:
        found = round_of("2026-Q3", territory(timezone=timezone), CALENDAR)
        assert found.due_at == due_at
        assert (found.due_at.hour, found.due_at.minute, found.due_at.second) == (23, 59, 59)

    def test_reminders(self) -> None:
        found = list_reminders(round_of("2026-Q2", territory(), CALENDAR))
        assert found == [(-14, date(2026, 9, 1)), (-3, date(2026, 9, 12)), (1, date(2026, 9, 16))]

    def test_every_place_is_known_to_the_library(self) -> None:
        known = set(holidays.France.subdivisions)
        assert {*HOLIDAYS_OF_DEPARTMENT.values(), *HOLIDAYS_OF_TIMEZONE.values()} <= known
        assert all(ZoneInfo(name) for name in HOLIDAYS_OF_TIMEZONE)

    @settings(deadline=None)
    @given(
        period=st.sampled_from(QUARTERS),
        department=st.sampled_from([None, "44", *HOLIDAYS_OF_DEPARTMENT]),
        decided=st.none() | st.dates(date(2023, 1, 1), date(2040, 12, 31)),
    )
    def test_the_due_day_is_worked_and_the_first_possible(
        self, period: str, department: str | None, decided: date | None
    ) -> None:
        days = CALENDAR if decided is None else override("", period, date(2023, 1, 1), decided)
        found = round_of(period, territory(department_code=department), days)
        off = holidays.France(subdiv=HOLIDAYS_OF_DEPARTMENT.get(department or ""))
        first = decided or parse_period(period).end + timedelta(days=1)
        assert found.due_on >= first
        assert found.due_on.weekday() < 5
        assert found.due_on not in off
        if decided:
            between = [decided + timedelta(days=n) for n in range((found.due_on - decided).days)]
            assert all(day.weekday() >= 5 or day in off for day in between)


class TestCurrentRound:
    @pytest.mark.parametrize(
        ("day", "period"),
        [
            pytest.param(date(2026, 9, 30), "2026-Q2", id="last_day_before_the_next_opens"),
            pytest.param(date(2026, 10, 1), "2026-Q3", id="the_day_it_opens"),
            pytest.param(date(2026, 11, 23), "2026-Q3", id="open_after_its_due_day"),
            pytest.param(date(2027, 1, 1), "2026-Q4", id="new_year"),
        ],
    )
    def test_the_last_quarter_that_is_over(self, day: date, period: str) -> None:
        everyone = table("territories", territory())
        assert current_round(day) == period
        assert [one.period for one in current_rounds(day, everyone, CALENDAR)] == [period]

    @pytest.mark.parametrize(
        ("opens_on", "day", "period"),
        [
            pytest.param(date(2026, 10, 5), date(2026, 10, 4), "2026-Q2", id="opened_later"),
            pytest.param(date(2026, 10, 5), date(2026, 10, 5), "2026-Q3", id="opened_later_and_there"),
            pytest.param(date(2026, 9, 21), date(2026, 9, 21), "2026-Q3", id="opened_before_the_quarter_ends"),
        ],
    )
    def test_a_day_decided_otherwise(self, opens_on: date, day: date, period: str) -> None:
        everyone = table("territories", territory(), territory(LILAS))
        found = current_rounds(day, everyone, override(TILLEULS, "2026-Q3", opens_on, DUE_ON))
        assert [one.period for one in found] == [period, current_round(day)]


class TestExpected:
    @pytest.mark.parametrize(
        ("frequency", "delay_months", "period"),
        [
            pytest.param("quarter", 0, "2026-Q3", id="quarter_at_once"),
            pytest.param("quarter", 1, "2026-Q3", id="quarter_there_when_its_round_is_due"),
            pytest.param("quarter", 2, "2026-Q2", id="quarter_there_after_its_round_is_due"),
            pytest.param("quarter", 3, "2026-Q2", id="quarter_one_round_later"),
            pytest.param("quarter", 6, "2026-Q1", id="quarter_two_rounds_later"),
            pytest.param("year", 0, None, id="year_not_in_t3"),
            pytest.param("year", 9, "2025", id="year_in_t3_of_the_year_after"),
            pytest.param("year", 33, "2023", id="year_in_t3_three_years_after"),
            pytest.param("school_year", 2, "2025-2026", id="school_year_in_october"),
            pytest.param("school_year", 9, None, id="school_year_in_spring"),
            pytest.param("wave", 0, None, id="second_wave_not_yet"),
            pytest.param("wave", 3, "2026-V1", id="first_wave_three_months_later"),
        ],
    )
    def test_what_the_round_of_t3_2026_expects(self, frequency: str, delay_months: int, period: str | None) -> None:
        catalogue = catalogue_of(sheet(frequency=frequency, delay_months=delay_months))
        assert expected_in(catalogue, "2026-Q3") == ([("JEU-01", period)] if period else [])

    @pytest.mark.parametrize("delay_months", range(38))
    @pytest.mark.parametrize(
        ("frequency", "in_four_rounds"), [("quarter", 4), ("year", 1), ("school_year", 1), ("wave", 2)]
    )
    def test_each_period_is_expected_once(self, frequency: str, in_four_rounds: int, delay_months: int) -> None:
        """Whatever the delay; any four rounds expect as many periods as a year has."""
        catalogue = catalogue_of(sheet(frequency=frequency, delay_months=delay_months, valid_from=date(2010, 1, 1)))
        periods = [[period for _, period in expected_in(catalogue, quarter)] for quarter in QUARTERS[:12]]
        flat = [period for found in periods for period in found]
        assert len(set(flat)) == len(flat) == 3 * in_four_rounds
        assert {sum(map(len, periods[n : n + 4])) for n in range(9)} == {in_four_rounds}
        assert flat == list_periods(flat[0], flat[-1])

    def test_followed_or_a_target(self) -> None:
        """Once, where both; and nothing that is neither."""
        catalogue = catalogue_of(sheet(), sheet("DEC-03"), sheet("PAR-01"))
        tables = catalogue.tables()
        targets = table(
            "targets",
            *({"territory_code": TILLEULS, "indicator_code": code} for code in ("JEU-01", "DEC-03", "DEC-03")),
        )
        followed = tables["followed_indicators"].filter(pl.col("indicator_code") == "JEU-01")
        catalogue = Catalogue(**tables | {"followed_indicators": followed, "targets": targets})
        assert expected_in(catalogue, "2026-Q3") == [("DEC-03", "2026-Q3"), ("JEU-01", "2026-Q3")]

    def test_only_of_the_territories_asked(self) -> None:
        catalogue = catalogue_of(sheet(), territories=(territory(), territory(LILAS)))
        assert list_expected(catalogue, [LILAS], "2026-Q3").rows() == [("2026-Q3", LILAS, "JEU-01", "2026-Q3")]
        assert dict(list_expected(catalogue, [], "2026-Q3").schema) == EXPECTED

    @pytest.mark.parametrize(
        ("joined_on", "known", "is_expected"),
        [
            pytest.param(None, {}, True, id="day_unknown"),
            pytest.param(date(2026, 7, 1), {}, True, id="on_the_first_day_of_the_quarter"),
            pytest.param(date(2026, 7, 2), {}, False, id="a_day_later"),
            pytest.param(date(2026, 7, 1), {"delay_months": 3}, False, id="the_figure_is_of_the_quarter_before"),
            pytest.param(date(2025, 9, 1), {"frequency": "school_year"}, True, id="with_the_school_year"),
            pytest.param(date(2025, 9, 2), {"frequency": "school_year"}, False, id="after_the_school_year_began"),
        ],
    )
    def test_not_of_what_began_before_it_joined(
        self, joined_on: date | None, known: dict[str, object], is_expected: bool
    ) -> None:
        catalogue = catalogue_of(sheet(**known), territories=(territory(joined_on=joined_on),))
        assert bool(expected_in(catalogue, "2026-Q3")) == is_expected

    @pytest.mark.parametrize(
        ("known", "is_expected"),
        [
            pytest.param({"source_kind": "own_count"}, True, id="counted_here"),
            pytest.param({"source_kind": "employment_service"}, True, id="asked_of_a_partner"),
            pytest.param({"source_kind": "computed"}, False, id="computed_here"),
            pytest.param({"source_kind": "national_statistics"}, False, id="from_the_census"),
            pytest.param({"valid_from": date(2026, 9, 30)}, True, id="defined_before_the_quarter_ended"),
            pytest.param({"valid_from": date(2026, 10, 1)}, False, id="defined_later"),
        ],
    )
    def test_only_figures_that_a_territory_sends(self, known: dict[str, object], is_expected: bool) -> None:
        assert bool(expected_in(catalogue_of(sheet(**known)), "2026-Q3")) == is_expected

    @pytest.mark.parametrize(
        ("period", "found"),
        [
            pytest.param("2025-Q3", ["2025-Q3"], id="quarters_until_the_new_sheet"),
            pytest.param("2025-Q4", ["2025-Q4"], id="the_last_quarter"),
            pytest.param("2026-Q1", [], id="years_from_then_on"),
            pytest.param("2026-Q4", ["2026"], id="the_first_year"),
        ],
    )
    def test_the_sheet_in_force_at_the_start_of_the_period(self, period: str, found: list[str]) -> None:
        """Quarterly until 2025, yearly from 2026 on."""
        later = sheet(version=2, valid_from=date(2026, 1, 1), frequency="year")
        assert [code for _, code in expected_in(catalogue_of(sheet(), later), period)] == found

    def test_a_shorter_delay_loses_no_quarter(self) -> None:
        """T4 2025 under the old sheet, three months late, and T1 2026 under the new meet in one round."""
        catalogue = catalogue_of(sheet(delay_months=3), sheet(version=2, valid_from=date(2026, 1, 1)))
        assert [code for _, code in expected_in(catalogue, "2026-Q1")] == ["2025-Q4", "2026-Q1"]
        assert [code for _, code in expected_in(catalogue, "2025-Q4")] == ["2025-Q3"]


class TestItems:
    @pytest.mark.parametrize(
        ("rows", "state", "is_late"),
        [
            pytest.param([], "awaited", True, id="nothing_came"),
            pytest.param([("JEU-01", "draft", None)], "awaited", True, id="a_draft_counts_for_nothing"),
            pytest.param([("JEU-01", "submitted", EARLY)], "received", False, id="submitted"),
            pytest.param([("JEU-01", "approved", EARLY)], "validated", False, id="approved"),
            pytest.param([("JEU-01", "approved", LATE)], "validated", True, id="late_is_accepted_and_marked"),
            pytest.param([("JEU-01", "returned", EARLY)], "to_correct", True, id="returned_and_not_sent_again"),
            pytest.param(
                [("JEU-01", "returned", EARLY), ("JEU-01", "submitted", LATE)],
                "received",
                True,
                id="sent_again_late",
            ),
            pytest.param(
                [("JEU-01", "returned", EARLY), ("JEU-01", "approved", BEFORE_DUE)],
                "validated",
                False,
                id="sent_again_in_time",
            ),
            pytest.param([("JEU-01", "withdrawn", EARLY)], "awaited", True, id="withdrawn_after_its_approval"),
            pytest.param(
                [("JEU-01", "withdrawn", EARLY), ("JEU-01", "approved", LATE)],
                "validated",
                True,
                id="withdrawn_and_sent_again_late",
            ),
            pytest.param(
                [("JEU-01", "approved", EARLY), ("JEU-01", "submitted", LATE)],
                "validated",
                False,
                id="a_correction_under_way",
            ),
            pytest.param(
                [("JEU-01", "approved", EARLY), ("JEU-01", "returned", LATE)],
                "validated",
                False,
                id="a_correction_sent_back",
            ),
            pytest.param([("DEC-03", "approved", EARLY)], "awaited", True, id="another_indicator"),
        ],
    )
    def test_the_state_of_a_figure(
        self, rows: list[tuple[str, str, datetime | None]], state: str, is_late: bool
    ) -> None:
        found = item(*rows)
        assert (found["state"], found["is_late"]) == (state, is_late)

    def test_delivered_at_is_the_first_that_stands(self) -> None:
        rows = ("JEU-01", "withdrawn", EARLY), ("JEU-01", "approved", BEFORE_DUE), ("JEU-01", "submitted", LATE)
        assert item(*rows)["delivered_at"] == BEFORE_DUE

    @pytest.mark.parametrize("timezone", ["Pacific/Noumea", "Indian/Mayotte", "Europe/Paris", "America/Martinique"])
    @pytest.mark.parametrize(
        ("after", "is_on_time"),
        [
            pytest.param(timedelta(), True, id="at_23_59_59"),
            pytest.param(timedelta(milliseconds=999), True, id="within_the_last_second"),
            pytest.param(timedelta(seconds=1), False, id="at_midnight"),
        ],
    )
    def test_the_last_second(self, timezone: str, after: timedelta, is_on_time: bool) -> None:
        """Of the territory's own day, wherever the clock of the store is."""
        here = round_of("2026-Q3", territory(timezone=timezone), CALENDAR)
        sent_at = datetime(2026, 11, 2, 23, 59, 59, tzinfo=ZoneInfo(timezone)) + after
        sent = deliveries_frame(("JEU-01", "submitted", sent_at.astimezone(UTC)))
        for rows in (sent, sent.clear()):
            found = list_round_items(expected_frame("JEU-01"), rows, [here], sent_at).row(0, named=True)
            assert (found["is_on_time"], found["is_late"]) == (is_on_time and len(rows) > 0, not is_on_time)

    def test_a_moment_without_time_zone_is_refused(self) -> None:
        with pytest.raises(TypeError):
            item(now=datetime(2026, 11, 23))


class TestBoard:
    FOUR = "DEC-03 DRO-02 JEU-01 PAR-01"

    def test_completeness_and_timeliness(self) -> None:
        """Four expected: one approved in time, one submitted late, one returned, one nowhere."""
        rows = ("DEC-03", "approved", EARLY), ("DRO-02", "submitted", LATE), ("JEU-01", "returned", EARLY)
        assert board(*rows, of=self.FOUR) == {
            "territory_code": TILLEULS,
            "round": "2026-Q3",
            "opens_on": date(2026, 10, 1),
            "due_at": DUE_AT,
            "expected": 4,
            "delivered": 2,
            "on_time": 1,
            "validated": 1,
            "to_correct": 1,
            "completeness": 50.0,
            "timeliness": 25.0,
            "state": "to_correct",
            "is_late": True,
        }

    @pytest.mark.parametrize(
        ("states", "state"),
        [
            pytest.param("approved approved approved approved", "validated", id="all_validated"),
            pytest.param("approved approved approved submitted", "received", id="one_to_validate"),
            pytest.param("approved approved approved draft", "awaited", id="one_not_there"),
            pytest.param("approved submitted draft returned", "to_correct", id="one_to_correct"),
            pytest.param("draft draft withdrawn draft", "awaited", id="nothing_there"),
        ],
    )
    def test_the_state_of_a_round(self, states: str, state: str) -> None:
        rows = [(code, one, EARLY) for code, one in zip(self.FOUR.split(), states.split(), strict=True)]
        assert board(*rows, of=self.FOUR)["state"] == state

    @pytest.mark.parametrize(("now", "is_late"), [(BEFORE_DUE, False), (AFTER_DUE, True)])
    def test_awaited_is_late_only_when_due(self, now: datetime, is_late: bool) -> None:
        assert board(now=now)["is_late"] == is_late

    def test_nothing_expected(self) -> None:
        """No rate of nothing, and no state."""
        found = board(("JEU-01", "approved", EARLY), of="")
        assert (found["expected"], found["delivered"], found["is_late"]) == (0, 0, False)
        assert (found["completeness"], found["timeliness"], found["state"]) == (None, None, None)

    def test_a_figure_of_another_period_counts_for_its_own_round(self) -> None:
        """The yearly figure is delivered early: on time in the round that expects it."""
        expected = pl.DataFrame([("2026-Q1", TILLEULS, "EMP-06", "2025")], schema=EXPECTED, orient="row")
        early = [(TILLEULS, "EMP-06", "2025", "s1", "approved", datetime(2026, 2, 1, tzinfo=UTC))]
        deliveries = pl.DataFrame(early, schema=DELIVERIES, orient="row")
        rounds = [round_of("2026-Q1", territory(), CALENDAR)]
        (found,) = measure_rounds(expected, deliveries, rounds, AFTER_DUE).to_dicts()
        assert (found["completeness"], found["timeliness"], found["state"]) == (100.0, 100.0, "validated")


submissions = st.lists(
    st.tuples(
        st.sampled_from(["DEC-03", "DRO-02", "JEU-01", "SAN-05"]),
        st.sampled_from(["draft", "submitted", "returned", "approved", "withdrawn"]),
        st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    ),
    max_size=12,
)
wanted = st.lists(st.sampled_from(["DEC-03", "DRO-02", "JEU-01", "PAR-01"]), unique=True)
moments = st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1), timezones=st.just(UTC))


@settings(deadline=None)
@given(rows=submissions, codes=wanted, now=moments)
def test_the_counts_are_one_within_the_other(
    rows: list[tuple[str, str, datetime]], codes: list[str], now: datetime
) -> None:
    found = board(*rows, of=" ".join(codes), now=now)
    assert found["on_time"] <= found["delivered"] <= found["expected"] == len(codes)
    assert found["validated"] <= found["delivered"]
    assert found["delivered"] + found["to_correct"] <= found["expected"]
    assert (found["state"] is None) == (found["expected"] == 0)


@settings(deadline=None)
@given(rows=submissions, others=submissions, codes=wanted, now=moments)
def test_another_territory_changes_nobody_else_s_row(
    rows: list[tuple[str, str, datetime]], others: list[tuple[str, str, datetime]], codes: list[str], now: datetime
) -> None:
    other = round_of("2026-Q3", territory(LILAS, timezone="Pacific/Noumea"), CALENDAR)
    expected = pl.concat([expected_frame(*codes), expected_frame("JEU-01", territory_code=LILAS)])
    sent = pl.concat([deliveries_frame(*rows), deliveries_frame(*others, territory_code=LILAS)])
    found = measure_rounds(expected, sent, [other, THIRD], now)
    assert found["territory_code"].to_list() == [LILAS, TILLEULS]
    assert found.row(1, named=True) == board(*rows, of=" ".join(codes), now=now)


def test_frames_are_what_they_are_when_empty() -> None:
    """No territory: the same columns and types."""
    some = measure_rounds(expected_frame("JEU-01"), deliveries_frame(("JEU-01", "approved", EARLY)), [THIRD], LATE)
    none: list[Round] = []
    assert measure_rounds(expected_frame(), deliveries_frame(), none, LATE).schema == some.schema
