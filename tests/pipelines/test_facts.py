"""What rows are told of the catalogue: the small tables say the same as looking up each row by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_files import NOW, TILLEULS, csv_file

from pipelines.facts import gather_facts
from pipelines.read import read_table
from pipelines.tidy import tidy_observations
from schemas.catalogue import Catalogue
from schemas.period import parse_period

CODES = ("JEU-01", "EMP-04", "ZZZ-99")
PERIODS = ("2021-T4", "2022-T1", "2024-T2", "2024", "2023-2024", "2025-V1", "T9 2026", "2026-T3")
DIMENSIONS = ("total", "Sexe", "âge", "planète", "")
CATEGORIES = ("", "Femmes", "18-25", "martiens")
DAYS = st.dates(date(2021, 1, 1), date(2026, 12, 31))
ROW = st.tuples(*(st.sampled_from(words) for words in (CODES, PERIODS, DIMENSIONS, CATEGORIES)))


def _gather(catalogue: Catalogue, lines: list[str]) -> pl.DataFrame:
    tidy, _ = tidy_observations(read_table(csv_file(*lines), "f.csv"), catalogue, lambda: NOW)
    return gather_facts(tidy, catalogue, [TILLEULS], lambda: NOW)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=30), st.lists(DAYS, min_size=1, max_size=4, unique=True))
def test_each_row_is_told_what_its_own_words_say(
    catalogue: Catalogue, rows: list[tuple[str, ...]], days: list[date]
) -> None:
    """Sheets by the day they begin, categories by their dimension, twins by their key."""
    sheet = catalogue.indicators.filter(pl.col("indicator_code") == "JEU-01").head(1)
    versions = [
        sheet.with_columns(version=pl.lit(at, pl.Int64), valid_from=pl.lit(day)) for at, day in enumerate(sorted(days))
    ]
    others = catalogue.indicators.filter(pl.col("indicator_code") != "JEU-01")
    changed = replace(catalogue, indicators=pl.concat([*reversed(versions), others]))
    facts = _gather(changed, [f"{TILLEULS};;{code};{when};{of};{part};1;2;;;;;;;s;" for code, when, of, part in rows])
    known = set(catalogue.categories.select("dimension", "category").rows()) | {("total", "")}
    keys = [tuple(row) for row in facts.select("indicator_code", "period", "dimension", "category").rows()]
    for at, (fact, key) in enumerate(zip(facts.iter_rows(named=True), keys, strict=True)):
        code, when, of, part = key
        begun = [day for day in sorted(days) if when and day <= parse_period(when).start]
        if code == "JEU-01":
            assert fact["indicator_version"] == (len(begun) - 1 if begun else 0)
        assert fact["is_known"] == (code != "ZZZ-99")
        assert (fact["unit"] is not None) == fact["is_known"]
        assert fact["period_end"] == (parse_period(when).end if when else None)
        assert fact["is_over"] == (parse_period(when).end < NOW.date() if when else None)
        assert fact["is_dimension"] == (of in {one for one, _ in known})
        assert fact["is_category"] == ((of, part) in known)
        lines = [str(line + 2) for line, other in enumerate(keys) if other == key]
        assert fact["twins"] == (", ".join(lines) if when and len(lines) > 1 else None), at


def test_a_table_without_rows_has_no_facts_and_no_faults(catalogue: Catalogue) -> None:
    """Only its headings: nothing to look up, nothing to fail on."""
    tidy, issues = tidy_observations(
        read_table(csv_file(f"{TILLEULS};;JEU-01"), "f.csv").clear(), catalogue, lambda: NOW
    )
    assert list(issues) == []
    assert gather_facts(tidy, catalogue, [TILLEULS], lambda: NOW).is_empty()
