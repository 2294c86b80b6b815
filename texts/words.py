"""Words, numbers and dates of one language (gettext and Babel), in its own typography."""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages import mofile, pofile
from babel.numbers import format_decimal

from schemas.period import parse_period

LANGUAGES = ("fr", "en")
LOCALE = Path(__file__).parent / "locale"
MINUS = "\u2212"


@dataclass(frozen=True)
class Words:
    """`words("key", name=value)` is the sentence of a key; the other methods write numbers, periods and days."""

    language: str
    translations: gettext.NullTranslations

    def __call__(self, key: str, /, **values: object) -> str:
        return self._fill(key, self.translations.gettext(key), values)

    def plural(self, key: str, n: int, /, **values: object) -> str:
        """The sentence of a key in the form that the number n asks for; `{n}` is n as people write it."""
        return self._fill(key, self.translations.ngettext(key, f"{key} ", n), {"n": self.number(n), **values})

    def _fill(self, key: str, sentence: str, values: dict[str, object]) -> str:
        if sentence.strip() == key:
            raise KeyError(f"no words for {key!r} in {self.language}")
        return sentence.format(**values)

    def of(self, row: dict[str, object], name: str) -> str:
        """A column that exists in both languages, such as label_fr and label_en."""
        return str(row.get(f"{name}_{self.language}") or "")

    def number(self, number: float, decimals: int = 0) -> str:
        """`1 234,5`: thousands U+202F and a comma in French; a true minus; never −0."""
        rounded = round(number, decimals) + 0.0
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(rounded, pattern, locale=self.language).replace("-", MINUS)

    def signed(self, number: float, decimals: int = 0) -> str:
        text = self.number(number, decimals)
        return text if text.startswith(MINUS) or float(round(number, decimals)) == 0 else f"+{text}"

    def in_unit(self, number: float, unit: str, decimals: int = 0) -> str:
        """A value with its unit: `26,8 %`, `184`, `12 jours`."""
        return self(f"unit.{unit}", number=self.number(number, decimals))

    def between(self, low: float, high: float, unit: str, decimals: int = 0, form: str = "range") -> str:
        """A range with its unit once: `25 à 31 %`, or `25 et 31 %` in the form `range.and`."""
        ends = self(form, low=self.number(low, decimals), high=self.number(high, decimals))
        return self(f"unit.{unit}", number=ends)

    def period(self, code: str) -> str:
        """`2026-Q3` as « T3 2026 »."""
        period = parse_period(code)
        number = code[-1] if period.kind in ("Q", "W") else ""
        return self(f"period.{period.kind}", year=code[:4], number=number, code=code)

    def due(self, code: str) -> str:
        """When something is due: « fin 2027 » for a last quarter or a year, else « au T2 2027 »."""
        period = parse_period(code)
        if period.end.month == 12:
            return self("due.year_end", year=str(period.end.year))
        return self("due.period", period=self.period(code))

    def day(self, day: date) -> str:
        """`30 avril 2026`, `1er avril 2026`."""
        text = format_date(day, "d MMMM y", locale=self.language)
        return f"1er{text[1:]}" if self.language == "fr" and day.day == 1 else text

    def weekday(self, day: date) -> str:
        """`jeudi 30 avril 2026`."""
        return f"{format_date(day, 'EEEE', locale=self.language)} {self.day(day)}"

    def moment(self, at: datetime, zone: str = "Europe/Paris") -> str:
        local = at.astimezone(ZoneInfo(zone))
        return self("moment", day=self.day(local.date()), time=format_time(local, "HH:mm", locale=self.language))


@cache
def load_words(language: str) -> Words:
    """The words of a language of LANGUAGES; raises KeyError for another."""
    if language not in LANGUAGES:
        raise KeyError(language)
    with (LOCALE / language / "LC_MESSAGES" / "cap.po").open("rb") as source:
        catalog = pofile.read_po(source, locale=language)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return Words(language, gettext.GNUTranslations(compiled))


def choose_language(chosen: str | None, browser: str | None) -> str:
    """The language someone chose, else the browser's if we have it, else French."""
    for wish in (chosen, (browser or "").split("-")[0].lower()):
        if wish in LANGUAGES:
            return wish
    return LANGUAGES[0]
