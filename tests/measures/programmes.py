"""Invented programmes for the attacker: territories, quartiers, breakdowns and quarters, most figures small."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from schemas.observation import KEY

DIMENSIONS = {"sexe": ("femmes", "hommes"), "age": ("11-14", "15-17", "18-25", "26-39")}
SHEETS = {
    "JEU-01": {"unit": "percent", "counted_unit": "person", "k_threshold": 5, "source_kind": "own_count"},
    "MOB-04": {"unit": "count", "counted_unit": "person", "k_threshold": 5, "source_kind": "own_count"},
    "LOG-01": {"unit": "percent", "counted_unit": "household", "k_threshold": 11, "source_kind": "fiscal"},
    "SAN-05": {"unit": "percent", "counted_unit": "person", "k_threshold": 5, "source_kind": "own_count"},
    "PAR-01": {"unit": "count", "counted_unit": "organisation", "k_threshold": 5, "source_kind": "own_count"},
}
SCHEMA = dict.fromkeys(KEY, pl.String) | {
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "respondents": pl.Int64,
    "conf_status": pl.String,
    "seen_since": pl.Int64,
    "unit": pl.String,
    "counted_unit": pl.String,
    "k_threshold": pl.Int64,
    "source_kind": pl.String,
    "is_sensitive": pl.Boolean,
}
EARLIER = dict.fromkeys([*KEY, "mask_reason"], pl.String) | {"masked_since": pl.Int64}


def make_programme(seed: int, quarters: int = 2, largest: int = 50, left: int = 0) -> pl.DataFrame:
    """2 to `largest` territories of 0 to 4 quartiers: every margin holds, in every table.

    With `left`, the programme once so many people of every third table turned out to be counted by mistake.
    """
    random = np.random.default_rng(seed)
    rows = []
    for at in range(int(random.integers(2, largest + 1))):
        quartiers = [f"QN{at // 100:01d}{at % 100:02d}{number:02d}N" for number in range(int(random.integers(0, 5)))]
        for indicator in sorted(random.choice(list(SHEETS), size=2, replace=False).tolist()):
            for quarter in range(1, quarters + 1):
                key = (f"FR-99-T{at:02d}", indicator, f"2026-Q{quarter}")
                of_table = np.random.default_rng(random.integers(2**32))
                rows += list(_make_table(of_table, key, quartiers, left if (at + quarter) % 3 == 0 else 0))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _make_table(
    random: np.random.Generator, key: tuple[str, str, str], quartiers: list[str], left: int
) -> Iterator[dict[str, object]]:
    """One person is counted in one place, one sex and one age: the sums follow. No cell loses everybody."""
    sheet = SHEETS[key[1]]
    size = int(10 * 40 ** random.random())
    answers = random.random(size) < random.choice([0.05, 0.3, 0.6, 0.95])
    place = random.integers(0, max(1, len(quartiers)), size)
    of_dimension = {
        name: random.choice(len(words), size, p=random.dirichlet(np.ones(len(words)) * 2))
        for name, words in DIMENSIONS.items()
        if random.random() < 0.7
    }
    everybody = [("total", "", np.ones(size, dtype=bool))]
    categories = [
        (name, word, of_dimension[name] == at) for name in of_dimension for at, word in enumerate(DIMENSIONS[name])
    ]
    of_quartiers = everybody + (categories if random.random() < 0.5 else [])
    groups = [("", *group) for group in everybody + categories]
    groups += [
        (code, dimension, category, those & (place == at))
        for at, code in enumerate(quartiers)
        for dimension, category, those in of_quartiers
    ]
    here = np.arange(size) >= left
    for *_, those in groups:
        here[np.flatnonzero(those)[-1:]] = True
    for code, dimension, category, those in groups:
        conf_status = random.choice(["libre", "interne", "secret"], p=[0.94, 0.03, 0.03])
        total, count = int((here & those).sum()), int((here & answers & those).sum())
        if total == 0:
            continue
        is_share = sheet["unit"] == "percent"
        yield {
            **dict(zip(KEY, (key[0], code, key[1], key[2], dimension, category), strict=True)),
            "numerator": float(count) if is_share else None,
            "denominator": float(total) if is_share else None,
            "value": 100 * count / total if is_share else float(count),
            "conf_status": conf_status,
            "is_sensitive": key[1] == "SAN-05",
            **sheet,
        }


def no_masks() -> pl.DataFrame:
    return pl.DataFrame(schema=EARLIER)
