"""Words and numbers of both languages, by exact code points."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from texts import choose_language, load_words

FR, EN = load_words("fr"), load_words("en")


@pytest.mark.parametrize(
    ("number", "decimals", "french", "english"),
    [
        pytest.param(1234.5, 1, "1\u202f234,5", "1,234.5", id="thousands"),
        pytest.param(-3.4, 1, "\u22123,4", "\u22123.4", id="true_minus"),
        pytest.param(-0.04, 1, "0,0", "0.0", id="never_minus_zero"),
        pytest.param(26.8, 0, "27", "27", id="whole"),
    ],
)
def test_numbers(number: float, decimals: int, french: str, english: str) -> None:
    assert (FR.number(number, decimals), EN.number(number, decimals)) == (french, english)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(FR.in_unit(26.8, "percent", 1), "26,8\u00a0%", id="percent"),
        pytest.param(FR.between(25, 31, "percent"), "25 à 31\u00a0%", id="range"),
        pytest.param(FR.between(25, 31, "percent", form="range.and"), "25 et 31\u00a0%", id="between"),
        pytest.param(FR.signed(2.1, 1), "+2,1", id="signed_up"),
        pytest.param(FR.signed(-2.1, 1), "\u22122,1", id="signed_down"),
        pytest.param(FR.period("2026-Q3"), "T3 2026", id="quarter"),
        pytest.param(EN.period("2026-Q3"), "Q3 2026", id="quarter_in_english"),
        pytest.param(FR.period("2024-2025"), "2024-2025", id="school_year"),
        pytest.param(FR.period("2026-V1"), "vague 1 de 2026", id="wave"),
        pytest.param(FR.due("2027-Q4"), "fin 2027", id="due_at_the_end_of_a_year"),
        pytest.param(FR.due("2027-Q2"), "au T2 2027", id="due_in_a_quarter"),
        pytest.param(FR.day(date(2026, 4, 30)), "30 avril 2026", id="day"),
        pytest.param(FR.day(date(2026, 4, 1)), "1er avril 2026", id="first_day"),
        pytest.param(FR.weekday(date(2027, 2, 1)), "lundi 1er février 2027", id="weekday"),
        pytest.param(EN.weekday(date(2027, 2, 1)), "Monday 1 February 2027", id="weekday_in_english"),
        pytest.param(
            FR.moment(datetime(2026, 7, 1, 8, 5, tzinfo=UTC)), "1er juillet 2026 à 10:05", id="moment_in_paris"
        ),
        pytest.param(FR.plural("who.several", 1), "1 territoire", id="one"),
        pytest.param(FR.plural("who.several", 0), "0 territoire", id="zero_is_singular_in_french"),
        pytest.param(EN.plural("who.several", 0), "0 territories", id="zero_is_plural_in_english"),
    ],
)
def test_sayings(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("chosen", "browser", "language"),
    [
        pytest.param("en", "fr-FR", "en", id="a_choice_wins"),
        pytest.param(None, "en-GB", "en", id="the_browser_decides"),
        pytest.param(None, "de-DE", "fr", id="french_otherwise"),
        pytest.param("xx", None, "fr", id="a_choice_we_have_not"),
    ],
)
def test_the_language_of_a_reader(chosen: str | None, browser: str | None, language: str) -> None:
    assert choose_language(chosen, browser) == language
