"""The deadlines of a territory as a calendar file (iCalendar, RFC 5545): one day each, with what is expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from icalendar import Alarm, Calendar, Event

from measures.rounds import REMINDERS, Round
from texts import Words

MIME = "text/calendar"


@dataclass(frozen=True)
class Deadline:
    """A round, the name of its territory, and the figures that are expected in it, in words."""

    round: Round
    territory: str
    expected: tuple[str, ...]


def write_ics(words: Words, deadlines: Iterable[Deadline], url: str, at: datetime, is_invented: bool) -> bytes:
    """An event on each due day, its alarms before; a round in which nothing is expected has none.

    `url` is the address of the program, `at` (aware) when the file is made. An event keeps its UID, by which a
    calendar knows it again. UTF-8, CRLF, lines folded.
    """
    deadlines = [one for one in deadlines if one.expected]
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Cap commun//{words.language.upper()}")
    if deadlines:
        calendar.add("x-wr-calname", words("ics.name", territory=deadlines[0].territory))
    for one in deadlines:
        calendar.add_component(_make_event(words, one, url, at, is_invented))
    return calendar.to_ical()


def name_ics(territory_code: str, year: int) -> str:
    return f"cap-commun-{territory_code.lower()}-{year}.ics"


def _make_event(words: Words, deadline: Deadline, url: str, at: datetime, is_invented: bool) -> Event:
    of_round, period = deadline.round, words.period(deadline.round.period)
    summary = words("ics.summary", period=period, territory=deadline.territory)
    address = f"{url}/deposer?{urlencode({'territoire': of_round.territory_code})}"
    event = Event()
    event.add("uid", f"{of_round.territory_code}-{of_round.period}@{urlsplit(url).hostname}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", of_round.due_on)
    event.add("summary", summary)
    event.add("description", _describe(words, deadline, address, is_invented))
    event.add("url", address)
    event.add("categories", [words("ics.category")])
    event.add("transp", "TRANSPARENT")  # a deadline does not make a person busy all day
    for offset in (one for one in REMINDERS if one < 0):
        event.add_component(_make_alarm(summary, offset))
    return event


def _describe(words: Words, deadline: Deadline, address: str, is_invented: bool) -> str:
    lines = [words("ics.until"), words("ics.expected"), *(f"- {one}" for one in deadline.expected), "", address]
    return "\n".join([words("ics.invented"), "", *lines] if is_invented else lines)


def _make_alarm(summary: str, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", timedelta(days=days))
    return alarm
