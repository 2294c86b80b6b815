"""The catalogue: what each reference table holds, one Pandera model a table.

A model says the columns of `<table>.csv` and of the table in the store; KEYS says what identifies a row there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any

import pandera.polars as pa
import polars as pl

LOCAL_CODE = r"^[A-Z0-9-]{3,24}$"
QPV_CODE = r"^(QN(\d{3}|02[AB])\d{2}[MINC]|QP\d{6}|[A-Z0-9-]+:V\d{2})$"
INDICATOR_CODE = r"^([A-Z0-9-]+:)?[A-Z]{2,4}-L?\d{2}$"
QUARTER = r"^\d{4}-Q[1-4]$"
PERIOD = r"^(\d{4}-Q[1-4]|\d{4}|\d{4}-\d{4}|\d{4}-V[12])$"


def _maybe(**rules: Any) -> Any:
    return pa.Field(nullable=True, **rules)


class Programmes(pa.DataFrameModel):
    """A programme. `today` is set for a demonstration only: the day its invented world lives in."""

    programme_code: str = pa.Field(str_matches=LOCAL_CODE)
    label_fr: str
    label_en: str
    is_demonstration: bool
    today: date = _maybe()


class Territories(pa.DataFrameModel):
    """`kind` reference_area: drawn for context, has no goals of its own."""

    territory_code: str = pa.Field(str_matches=LOCAL_CODE)
    programme_code: str
    name: str
    kind: str = pa.Field(isin=["territory", "reference_area"])
    epci_siren: str = _maybe(str_matches=r"^\d{9}$")
    department_code: str = _maybe(str_matches=r"^(\d{2}|2[AB]|\d{3})$")
    region_name: str = _maybe()
    timezone: str
    joined_on: date = _maybe()
    cohort: str = _maybe()
    public_page: bool


class Quartiers(pa.DataFrameModel):
    qpv_code: str = pa.Field(str_matches=QPV_CODE)
    zoning_vintage: str = pa.Field(isin=["2015", "2024", "2025-OM", "vecu"])
    name: str
    commune_code: str = _maybe(str_matches=r"^(\d{5}|2[AB]\d{3})$")
    population: int = _maybe(ge=0)
    population_year: int = _maybe(ge=1990)


class TerritoryQuartiers(pa.DataFrameModel):
    """Which quartier belongs to which territory, from which day to which."""

    territory_code: str
    qpv_code: str
    valid_from: date
    valid_to: date = _maybe()


class Collectives(pa.DataFrameModel):
    territory_code: str
    name: str
    backbone_partner_code: str = _maybe()


class Partners(pa.DataFrameModel):
    """Organisations only: no contact person has a place here."""

    territory_code: str
    partner_code: str = pa.Field(str_matches=r"^P\d{1,3}$")
    name: str
    kind: str = pa.Field(
        isin=[
            "collectivite",
            "etat",
            "association",
            "conseil_citoyen",
            "caf",
            "bailleur",
            "ecole",
            "sante",
            "entreprise",
            "autre",
        ]
    )
    siret: str = _maybe(str_matches=r"^\d{14}$")
    role: str = _maybe()
    valid_from: date
    valid_to: date = _maybe()


class Challenges(pa.DataFrameModel):
    challenge_code: str = pa.Field(str_matches=r"^[A-Z]{3}$")
    label_fr: str
    label_en: str


class TerritoryChallenges(pa.DataFrameModel):
    territory_code: str
    challenge_code: str
    is_priority: bool
    valid_from: date
    valid_to: date = _maybe()


class Visions(pa.DataFrameModel):
    territory_code: str
    vision_version: int = pa.Field(ge=1)
    sentence: str
    horizon: int = pa.Field(ge=2020, le=2060)
    valid_from: date
    signed_by: str = _maybe()


class Categories(pa.DataFrameModel):
    """The breakdowns that exist. Those the law forbids have no row."""

    dimension: str
    category: str
    label_fr: str
    label_en: str
    rank: int
    dimension_label_fr: str
    dimension_label_en: str


class Indicators(pa.DataFrameModel):
    """The full sheet of one version of one indicator. Percent values are 0-100.

    `has_interval` false: kilograms, medians, modelled figures, places; chance variation does not apply to them.
    """

    indicator_code: str = pa.Field(str_matches=INDICATOR_CODE)
    version: int = pa.Field(ge=1)
    valid_from: date
    scope: str = pa.Field(isin=["core", "thematic", "local"])
    level: str = pa.Field(isin=["population", "participants", "system"])
    challenge_code: str
    label_fr: str = pa.Field(str_length={"max_value": 80})
    label_en: str
    question_fr: str
    question_en: str
    definition_fr: str
    definition_en: str
    numerator_fr: str = _maybe()
    numerator_en: str = _maybe()
    denominator_fr: str = _maybe()
    denominator_en: str = _maybe()
    numerator_noun_fr: str
    numerator_noun_en: str
    denominator_noun_fr: str = _maybe()
    denominator_noun_en: str = _maybe()
    unit_noun_fr: str
    unit_noun_en: str
    unit: str = pa.Field(isin=["percent", "per_100", "count", "minutes", "days", "score"])
    decimals: int = pa.Field(ge=0, le=2)
    polarity: str = pa.Field(isin=["increase", "decrease", "maintain", "none"])
    time_basis: str = pa.Field(isin=["stock_end", "flow", "rolling_4q", "school_year", "survey_wave"])
    frequency: str = pa.Field(isin=["quarter", "year", "school_year", "wave"])
    delay_months: int = pa.Field(ge=0)
    source_fr: str = pa.Field(str_length={"max_value": 120})
    source_en: str
    source_kind: str = pa.Field(
        isin=[
            "own_count",
            "survey",
            "national_statistics",
            "fiscal",
            "family_benefits",
            "health_insurance",
            "employment_service",
            "education",
            "local_authority",
            "modelled",
            "computed",
        ]
    )
    collection_method: str = pa.Field(isin=["administrative", "count", "survey", "estimate"])
    aggregation: str = pa.Field(isin=["ratio_of_sums", "sum", "none"])
    persons_unique: bool
    min_period_gap: int = pa.Field(ge=1)
    components: str = pa.Field(isin=["required", "optional", "none"])
    valid_min: float = _maybe()
    valid_max: float = _maybe()
    has_interval: bool
    counted_unit: str = pa.Field(isin=["person", "household", "enterprise", "organisation", "event", "other"])
    k_threshold: int = pa.Field(ge=1)
    is_sensitive: bool
    is_seasonal: bool
    typical_range: str = _maybe()
    reference_population_fr: str
    reference_population_en: str
    limits_fr: str
    limits_en: str
    change_reason: str = _maybe()
    breaks_series: bool


class Goals(pa.DataFrameModel):
    territory_code: str
    goal_code: str = pa.Field(str_matches=r"^O\d{1,2}$")
    title_fr: str
    title_en: str
    challenge_code: str
    target_population: str
    vision_version: int


class FollowedIndicators(pa.DataFrameModel):
    """The up to six indicators that a collective chose to follow, in its order."""

    territory_code: str
    rank: int = pa.Field(ge=1, le=6)
    indicator_code: str


BASELINE = ("ref_value", "ref_numerator", "ref_denominator")
"""The figures of a target's starting point."""


class Targets(pa.DataFrameModel):
    """A goal's indicator, its starting point, its target and the way there; a revision is a new version.

    `steps` reads `2027-Q2=24|2027-Q4=27`; `materiality` is the smallest change that matters, in the unit.
    """

    territory_code: str
    goal_code: str
    indicator_code: str
    qpv_code: str
    dimension: str
    category: str
    target_version: int = pa.Field(ge=1)
    kind: str = pa.Field(isin=["at_least", "at_most", "maintain_band", "watch_only"])
    ref_period: str = _maybe(str_matches=PERIOD)
    ref_value: float = _maybe()
    ref_numerator: float = _maybe()
    ref_denominator: float = _maybe()
    ref_source: str = _maybe()
    target_value: float = _maybe()
    band_low: float = _maybe()
    band_high: float = _maybe()
    due_period: str = _maybe(str_matches=PERIOD)
    shape: str = pa.Field(isin=["linear", "geometric", "stepped"])
    steps: str = _maybe()
    materiality: float = _maybe(gt=0)
    decided_on: date
    meeting_kind: str = pa.Field(isin=["steering", "technical"])


class Actions(pa.DataFrameModel):
    """What a partner does. `participants`: distinct persons in the last quarter told, `progress` as declared."""

    territory_code: str
    action_code: str = pa.Field(str_matches=r"^A\d{2,3}$")
    title: str = pa.Field(str_length={"max_value": 120})
    goal_codes: str = _maybe()
    lead_partner_code: str = _maybe()
    partner_codes: str = _maybe()
    starts_on: date = _maybe()
    planned_end_on: date = _maybe()
    state: str = pa.Field(isin=["idee", "preparation", "en_cours", "en_pause", "terminee", "abandonnee"])
    progress: int = _maybe(ge=0, le=100)
    audience: str = _maybe()
    participants: int = _maybe(ge=0)
    expected_contribution: str = _maybe()
    evidence_level: str = pa.Field(isin=["hypothese", "indices", "corroboree", "contredite"])
    comment: str = _maybe()


class Milestones(pa.DataFrameModel):
    """Dated steps of an action."""

    territory_code: str
    action_code: str
    milestone_code: str = pa.Field(str_matches=r"^J\d{1,3}$")
    label: str = pa.Field(str_length={"max_value": 120})
    planned_on: date
    done_on: date = _maybe()
    state: str = pa.Field(isin=["a_venir", "fait", "retard", "annule"])


class Events(pa.DataFrameModel):
    """What happened that may explain a figure. An empty `indicator_codes` is all of the territory's."""

    territory_code: str
    occurred_on: date
    label: str = pa.Field(str_length={"max_value": 120})
    indicator_codes: str = _maybe()
    kind: str = pa.Field(isin=["local", "national", "collecte"])
    is_withdrawn: bool


class Meetings(pa.DataFrameModel):
    """The committees of a territory: a day and a kind."""

    territory_code: str
    held_on: date
    meeting_kind: str = pa.Field(isin=["steering", "technical"])
    is_cancelled: bool


class Rounds(pa.DataFrameModel):
    """Days of a collection round other than the calendar's; an empty `territory_code` is every territory."""

    territory_code: str
    period: str = pa.Field(str_matches=QUARTER)
    opens_on: date
    due_on: date


MODELS: dict[str, type[pa.DataFrameModel]] = {
    "programmes": Programmes,
    "territories": Territories,
    "quartiers": Quartiers,
    "territory_quartiers": TerritoryQuartiers,
    "collectives": Collectives,
    "partners": Partners,
    "challenges": Challenges,
    "territory_challenges": TerritoryChallenges,
    "visions": Visions,
    "categories": Categories,
    "indicators": Indicators,
    "goals": Goals,
    "followed_indicators": FollowedIndicators,
    "targets": Targets,
    "actions": Actions,
    "milestones": Milestones,
    "events": Events,
    "meetings": Meetings,
    "rounds": Rounds,
}

KEYS: dict[str, tuple[str, ...]] = {
    "programmes": ("programme_code",),
    "territories": ("territory_code",),
    "quartiers": ("qpv_code", "zoning_vintage"),
    "territory_quartiers": ("territory_code", "qpv_code", "valid_from"),
    "collectives": ("territory_code",),
    "partners": ("territory_code", "partner_code"),
    "challenges": ("challenge_code",),
    "territory_challenges": ("territory_code", "challenge_code"),
    "visions": ("territory_code", "vision_version"),
    "categories": ("dimension", "category"),
    "indicators": ("indicator_code", "version"),
    "goals": ("territory_code", "goal_code"),
    "followed_indicators": ("territory_code", "rank"),
    "targets": (
        "territory_code",
        "goal_code",
        "indicator_code",
        "qpv_code",
        "dimension",
        "category",
        "target_version",
    ),
    "actions": ("territory_code", "action_code"),
    "milestones": ("territory_code", "action_code", "milestone_code"),
    "events": ("territory_code", "occurred_on", "label"),
    "meetings": ("territory_code", "held_on", "meeting_kind"),
    "rounds": ("territory_code", "period"),
}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The reference tables, each a polars frame of its model's columns; equal only to itself."""

    programmes: pl.DataFrame
    territories: pl.DataFrame
    quartiers: pl.DataFrame
    territory_quartiers: pl.DataFrame
    collectives: pl.DataFrame
    partners: pl.DataFrame
    challenges: pl.DataFrame
    territory_challenges: pl.DataFrame
    visions: pl.DataFrame
    categories: pl.DataFrame
    indicators: pl.DataFrame
    goals: pl.DataFrame
    followed_indicators: pl.DataFrame
    targets: pl.DataFrame
    actions: pl.DataFrame
    milestones: pl.DataFrame
    events: pl.DataFrame
    meetings: pl.DataFrame
    rounds: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def is_invented(self, territory_codes: Iterable[str]) -> bool:
        """Whether any of these territories belongs to a demonstration."""
        asked = self.territories.filter(pl.col("territory_code").is_in(list(territory_codes)))
        return bool(asked.join(self.programmes, on="programme_code")["is_demonstration"].any())

    @property
    def today(self) -> date | None:
        """The day a demonstration lives in; None for a real programme, which lives now."""
        days = self.programmes.filter(pl.col("is_demonstration"))["today"].drop_nulls()
        return days[0] if len(days) else None

    def indicator(self, indicator_code: str) -> dict[str, object]:
        """The latest sheet of an indicator; raises KeyError if there is none."""
        return self._sheets[indicator_code]

    def find_indicator(self, indicator_code: str) -> dict[str, object]:
        """The same, empty where there is none."""
        return self._sheets.get(indicator_code, {})

    def territory_name(self, territory_code: str) -> str:
        return self._names.get(territory_code, territory_code)

    @cached_property
    def _sheets(self) -> dict[str, dict[str, object]]:
        return {row["indicator_code"]: row for row in self.indicators.sort("version").iter_rows(named=True)}

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self.territories.select("territory_code", "name").iter_rows())


def column_types(table: str) -> dict[str, pl.DataType]:
    """Each column of a catalogue table with its polars type, in the model's order."""
    schema = MODELS[table].to_schema()
    return {name: column.dtype.type for name, column in schema.columns.items()}
