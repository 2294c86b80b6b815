"""The deadlines as a calendar file: what is written, line by line, and what a calendar reads of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from icalendar import Calendar, Component

from measures.rounds import Round, list_year
from outputs.calendar import Deadline, name_ics, write_ics
from schemas.catalogue import column_types
from texts import load_words

URL = "https://cap.example.org"
AT = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
EXPECTED = ("Jeunes suivis par la mission locale en emploi ou en formation", "Élèves absents ; « sans motif », T2 2026")
TILLEULS = {"territory_code": "FR-99-TILLEULS", "timezone": "Europe/Paris", "department_code": None}
YEAR = list_year(2026, TILLEULS, pl.DataFrame(schema=column_types("rounds")))


def deadline(of_round: Round = YEAR[2], expected: tuple[str, ...] = EXPECTED) -> Deadline:
    return Deadline(of_round, "Quartier des Tilleuls", expected)


def write(*deadlines: Deadline, language: str = "fr", url: str = URL, is_invented: bool = False) -> bytes:
    return write_ics(load_words(language), deadlines or (deadline(),), url, AT, is_invented)


def events_of(content: bytes) -> list[Component]:
    return Calendar.from_ical(content).walk("VEVENT")


def unfolded(content: bytes) -> list[str]:
    return content.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")


def test_an_event_is_what_was_meant() -> None:
    (event,) = events_of(write())
    assert event["uid"] == "FR-99-TILLEULS-2026-Q3@cap.example.org"
    assert event["summary"] == "Cap commun\u00a0: chiffres du T3 2026, Quartier des Tilleuls"
    assert event["dtstart"].dt == date(2026, 11, 2)
    assert event["dtstamp"].dt == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert event["url"] == "https://cap.example.org/deposer?territoire=FR-99-TILLEULS"
    assert event["categories"].cats == ["Cap commun"]
    assert str(event["description"]).split("\n") == [
        "À envoyer jusqu’à la fin de cette journée, à l’heure du territoire.",
        "Ce qui est attendu\u00a0:",
        "- Jeunes suivis par la mission locale en emploi ou en formation",
        "- Élèves absents ; « sans motif », T2 2026",
        "",
        "https://cap.example.org/deposer?territoire=FR-99-TILLEULS",
    ]


def test_the_day_is_a_whole_day() -> None:
    assert "DTSTART;VALUE=DATE:20261102" in unfolded(write())
    assert "DTSTAMP:20261123T090000Z" in unfolded(write())


def test_alarms_are_fourteen_and_three_days_before() -> None:
    (event,) = events_of(write())
    alarms = event.walk("VALARM")
    assert [alarm["trigger"].dt for alarm in alarms] == [timedelta(days=-14), timedelta(days=-3)]
    assert {(str(alarm["action"]), str(alarm["description"])) for alarm in alarms} == {
        ("DISPLAY", "Cap commun\u00a0: chiffres du T3 2026, Quartier des Tilleuls")
    }


def test_a_year_has_four_days_on_working_days() -> None:
    events = events_of(write(*(deadline(one) for one in YEAR)))
    days = [event["dtstart"].dt for event in events]
    assert days == [date(2026, 4, 30), date(2026, 9, 15), date(2026, 11, 2), date(2027, 2, 1)]
    assert len({event["uid"] for event in events}) == 4


def test_a_round_that_expects_nothing_has_no_day() -> None:
    content = write(deadline(expected=()), deadline(YEAR[3]))
    assert [event["dtstart"].dt for event in events_of(content)] == [date(2027, 2, 1)]
    assert events_of(write(deadline(expected=()))) == []


def test_lines_end_and_fold_as_the_standard_asks() -> None:
    """CRLF; at most 75 bytes a line; no letter cut in two, so that each line alone is UTF-8."""
    content = write(deadline(expected=("É" * 90, *EXPECTED)))
    lines = content.split(b"\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode("utf-8") is not None for line in lines)
    (event,) = events_of(content)
    assert f"- {'É' * 90}\n" in str(event["description"])


def test_the_same_again_is_the_same_file() -> None:
    assert write() == write()


def test_a_moved_day_keeps_its_uid() -> None:
    """By it a calendar knows the day again, instead of adding one."""
    moved = Round("2026-Q3", "FR-99-TILLEULS", date(2026, 10, 1), date(2026, 11, 16), YEAR[2].due_at)
    before, after = events_of(write())[0], events_of(write(deadline(moved)))[0]
    assert (before["uid"], after["dtstart"].dt) == (after["uid"], date(2026, 11, 16))


@pytest.mark.parametrize(("is_invented", "said"), [(True, True), (False, False)], ids=["demonstration", "real"])
def test_invented_data_says_so(is_invented: bool, said: bool) -> None:
    (event,) = events_of(write(is_invented=is_invented))
    assert ("Démonstration\u00a0: données inventées." in str(event["description"])) == said


def test_the_host_of_the_uid_is_the_program_s() -> None:
    (event,) = events_of(write(url="http://127.0.0.1:8501"))
    assert event["uid"] == "FR-99-TILLEULS-2026-Q3@127.0.0.1"
    assert event["url"] == "http://127.0.0.1:8501/deposer?territoire=FR-99-TILLEULS"


def test_in_english() -> None:
    (event,) = events_of(write(language="en"))
    assert event["summary"] == "Cap commun: figures of Q3 2026, Quartier des Tilleuls"


def test_the_calendar_has_what_every_reader_asks() -> None:
    calendar = Calendar.from_ical(write())
    assert (str(calendar["version"]), str(calendar["prodid"])) == ("2.0", "-//Cap commun//FR")
    assert str(calendar["x-wr-calname"]) == "Cap commun, Quartier des Tilleuls"


def test_the_name_of_the_file() -> None:
    assert name_ics("FR-99-TILLEULS", 2026) == "cap-commun-fr-99-tilleuls-2026.ics"
