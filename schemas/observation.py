"""What an observation is: the columns of the `observations` file, said once.

Reading, checking, the template and the dictionary are derived from OBSERVATION_COLUMNS.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandera.polars as pa
import polars as pl

from schemas.words import ConfStatus, ObsStatus

KEY = ("territory_code", "qpv_code", "indicator_code", "period", "dimension", "category")
"""What identifies one value. `qpv_code` '' is the whole territory; `category` '' goes with dimension 'total'."""

NUMBERS = ("numerator", "denominator", "value")


@dataclass(frozen=True)
class Column:
    """One column of the file: `code` ours, `heading` the template's, `kind` how its cells are read."""

    code: str
    heading: str
    kind: str  # text, code, period, decimal, integer, percent, date, word
    required: bool = False
    synonyms: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    default: str = ""
    longest: int | None = None


OBSERVATION_COLUMNS = (
    Column("territory_code", "code_territoire", "code", True, ("territoire", "territory", "territory_code")),
    Column("qpv_code", "code_quartier", "code", synonyms=("quartier", "qpv", "code_qpv", "qpv_code")),
    Column(
        "indicator_code", "code_indicateur", "code", True, ("indicateur", "indicator", "code_ind", "indicator_code")
    ),
    Column("period", "periode", "period", True, ("trimestre", "period", "quarter", "time_period")),
    Column("dimension", "ventilation", "text", synonyms=("dimension", "breakdown"), default="total"),
    Column("category", "modalite", "text", synonyms=("category", "categorie")),
    Column("numerator", "numerateur", "decimal", synonyms=("num", "numerator")),
    Column("denominator", "denominateur", "decimal", synonyms=("den", "denominator")),
    Column("value", "valeur", "decimal", synonyms=("value", "taux", "obs_value")),
    Column(
        "obs_status",
        "statut",
        "word",
        synonyms=("status", "obs_status", "statut_observation"),
        words={status.value: status.value for status in ObsStatus},
        default=ObsStatus.NORMAL,
    ),
    Column(
        "conf_status",
        "confidentialite",
        "word",
        synonyms=("conf_status", "diffusion"),
        words={status.value: status.value for status in ConfStatus},
        default=ConfStatus.FREE,
    ),
    Column("respondents", "repondants", "integer", synonyms=("respondents", "nb_repondants")),
    Column("response_rate", "taux_reponse", "percent", synonyms=("response_rate", "taux_de_reponse")),
    Column("reference_date", "date_reference", "date", synonyms=("reference_date", "date_de_reference")),
    Column("source", "source", "text", True, longest=120),
    Column("comment", "commentaire", "text", synonyms=("comment", "remarque", "observation"), longest=500),
)

COLUMN = {column.code: column for column in OBSERVATION_COLUMNS}


class Observations(pa.DataFrameModel):
    """A tidy table of observations, one row a value. Rates are in percent (26.8 for 26,8 %)."""

    source_row: int
    territory_code: str
    qpv_code: str
    indicator_code: str
    period: str = pa.Field(nullable=True)
    dimension: str
    category: str
    numerator: float = pa.Field(nullable=True)
    denominator: float = pa.Field(nullable=True)
    value: float = pa.Field(nullable=True)
    obs_status: str
    source_status: str = pa.Field(nullable=True)
    conf_status: str
    respondents: pl.Int64 = pa.Field(nullable=True)
    response_rate: float = pa.Field(nullable=True)
    reference_date: pl.Date = pa.Field(nullable=True)
    source: str
    comment: str
