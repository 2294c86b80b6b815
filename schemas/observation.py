"""What an observation is: the columns of the `observations` file, said once.

Reading, checking, the template and the dictionary are derived from OBSERVATION_COLUMNS.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandera.polars as pa
import polars as pl

from schemas.catalogue import INDICATOR_CODE, LOCAL_CODE, PERIOD, QPV_CODE
from schemas.words import ConfStatus, ObsStatus

TEMPLATE_MARK = "Cap commun; modele observations; version "
"""What the first line of a template of ours says; the day it was made, `2026-11-24`, follows."""

REMARKS_HEADING = "a_corriger"
REFERENCE_HEADINGS = LABEL_HEADING, LAST_VALUE_HEADING, NOTE_HEADING = (
    "libelle_indicateur",
    "derniere_valeur",
    "a_savoir",
)
OUR_HEADINGS = (REMARKS_HEADING, *REFERENCE_HEADINGS)
"""Columns that we write for people to look at; when they come back they are left aside without a word."""

KEY = ("territory_code", "qpv_code", "indicator_code", "period", "dimension", "category")
"""What identifies one value. `qpv_code` '' is the whole territory; `category` '' goes with dimension 'total'."""

NUMBERS = ("numerator", "denominator", "value")


@dataclass(frozen=True)
class Column:
    """One column of the file: `code` ours, `heading` the template's, `kind` how its cells are read.

    `words`: what may be written, and what it stands for with us. `example` is a cell as the template would hold it;
    `lowest`, `highest`, `longest` and `pattern` are what a cell must keep to.
    """

    code: str
    heading: str
    kind: str  # text, code, codes (A|B), siret, period, steps, decimal, integer, percent, date, word, label
    required: bool = False
    synonyms: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    default: str = ""
    longest: int | None = None
    example: str = ""
    lowest: float | None = None
    highest: float | None = None
    pattern: str | None = None


OBSERVATION_COLUMNS = (
    Column(
        "territory_code",
        "code_territoire",
        "code",
        True,
        ("territoire", "territory", "territory_code"),
        example="FR-44-BELLEVUE",
        pattern=LOCAL_CODE,
    ),
    Column(
        "qpv_code",
        "code_quartier",
        "code",
        synonyms=("quartier", "qpv", "code_qpv", "qpv_code"),
        example="QN04403M",
        pattern=QPV_CODE,
    ),
    Column(
        "indicator_code",
        "code_indicateur",
        "code",
        True,
        ("indicateur", "indicator", "code_ind", "indicator_code"),
        example="JEU-01",
        pattern=INDICATOR_CODE,
    ),
    Column(
        "period",
        "periode",
        "period",
        True,
        ("trimestre", "period", "quarter", "time_period"),
        example="2026-T3",
        pattern=PERIOD.replace("Q", "[QT]"),
    ),
    Column("dimension", "ventilation", "label", synonyms=("dimension", "breakdown"), default="total", example="sexe"),
    Column("category", "modalite", "label", synonyms=("category", "categorie"), example="femmes"),
    Column("numerator", "numerateur", "decimal", synonyms=("num", "numerator"), example="38", lowest=0),
    Column("denominator", "denominateur", "decimal", synonyms=("den", "denominator"), example="142", lowest=0),
    Column("value", "valeur", "decimal", synonyms=("value", "taux", "obs_value"), example="26,8"),
    Column(
        "obs_status",
        "statut",
        "word",
        synonyms=("status", "obs_status", "statut_observation"),
        words={status.value: status.value for status in ObsStatus},
        default=ObsStatus.NORMAL,
        example="provisoire",
    ),
    Column(
        "conf_status",
        "confidentialite",
        "word",
        synonyms=("conf_status", "diffusion"),
        words={status.value: status.value for status in ConfStatus},
        default=ConfStatus.FREE,
        example="libre",
    ),
    Column("respondents", "repondants", "integer", synonyms=("respondents", "nb_repondants"), example="96", lowest=0),
    Column(
        "response_rate",
        "taux_reponse",
        "percent",
        synonyms=("response_rate", "taux_de_reponse"),
        example="41",
        lowest=0,
        highest=100,
    ),
    Column(
        "reference_date",
        "date_reference",
        "date",
        synonyms=("reference_date", "date_de_reference"),
        example="30/09/2026",
    ),
    Column("source", "source", "text", True, longest=120, example="Mission locale, i-milo"),
    Column(
        "comment",
        "commentaire",
        "text",
        synonyms=("comment", "remarque", "observation"),
        longest=500,
        example="Fermeture en août",
    ),
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
