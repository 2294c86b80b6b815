"""Files of any size with a known share of faults, and the catalogue that goes with them. Invented data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pipelines.catalogue import merge_catalogues, read_catalogue
from schemas.catalogue import Catalogue, column_types
from schemas.observation import OBSERVATION_COLUMNS
from schemas.period import list_periods

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
INDICATORS = ("JEU-01", "EMP-04", "DRO-02", "SAN-05", "EMP-05", "DRO-06")
PERIODS = list_periods("2018-Q4", "2026-Q3")
SPELLED = [code.replace("Q", "T") for code in PERIODS]
SPELLED_IN_WORDS = [f"T{code[-1]} {code[:4]}" for code in PERIODS]


def make_catalogue(territories: int) -> Catalogue:
    """The indicators of the reference catalogue, and as many territories as asked."""
    base = read_catalogue(ROOT / "data" / "reference")
    rows = [
        {
            "territory_code": f"FR-98-T{number:05}",
            "programme_code": "BENCH",
            "name": f"Territoire {number}",
            "kind": "territory",
            "timezone": "Europe/Paris",
            "public_page": False,
        }
        for number in range(territories)
    ]
    schema = column_types("territories")
    empty = {name: frame.clear() for name, frame in base.tables().items()}
    made = empty | {"territories": pl.DataFrame(rows, schema=schema)}
    return merge_catalogues(base, Catalogue(**made))


def make_file(rows: int, bad: float, seed: int = 1, thousands: str = "\u202f") -> tuple[bytes, list[str]]:
    """A CSV of the `observations` file with this share of faulty rows, and its territories."""
    dice = np.random.default_rng(seed)
    per_territory = len(INDICATORS) * len(PERIODS) * 3
    territories = [f"FR-98-T{number:05}" for number in range(rows // per_territory + 1)]
    at = np.arange(rows)
    denominator = dice.integers(40, 900, rows)
    numerator = (denominator * dice.uniform(0.1, 0.9, rows)).astype(int)
    period = at // 3 // len(INDICATORS) % len(PERIODS)
    part = at % 3  # total, women, men: the total is the sum of the two
    total = np.flatnonzero(part == 0)
    for counts in (numerator, denominator):
        whole = total[total + 2 < rows]
        counts[whole] = counts[whole + 1] + counts[whole + 2]
    frame = pl.DataFrame(
        {
            "code_territoire": np.array(territories)[at // per_territory],
            "code_quartier": [""] * rows,
            "code_indicateur": np.array(INDICATORS)[at // 3 % len(INDICATORS)],
            "periode": np.where(at // per_territory % 2, np.array(SPELLED)[period], np.array(SPELLED_IN_WORDS)[period]),
            "ventilation": np.array(["total", "sexe", "sexe"])[part],
            "modalite": np.array(["", "femmes", "hommes"])[part],
            "numerateur": [f"{number:,}".replace(",", thousands) for number in numerator],
            "denominateur": [f"{number:,}".replace(",", thousands) for number in denominator],
            "valeur": [f"{value:.1f}".replace(".", ",") for value in 100 * numerator / denominator],
            "statut": np.array(["normal", "provisoire"])[at % 2],
            "confidentialite": ["libre"] * rows,
            "repondants": [""] * rows,
            "taux_reponse": [""] * rows,
            "date_reference": [""] * rows,
            "source": np.array(["Mission locale (i-milo)", "PLIE", "Guichets"])[at % 3],
            "commentaire": [""] * rows,
        }
    )
    faults = {
        "code_indicateur": "JEU-99",
        "periode": "T9 2026",
        "modalite": "martiens",
        "numerateur": "1 234 567",
        "denominateur": "",
        "valeur": "abc",
        "statut": "peut-être",
        "source": "",
    }
    faulty = dice.random(rows) < bad
    kinds = np.array(list(faults))[dice.integers(0, len(faults), rows)]
    for name, fault in faults.items():
        mask = pl.Series(faulty & (kinds == name))
        frame = frame.with_columns(pl.when(mask).then(pl.lit(fault)).otherwise(pl.col(name)).alias(name))
    assert frame.columns == [column.heading for column in OBSERVATION_COLUMNS]
    return frame.write_csv(separator=";", quote_style="never").encode(), territories
