"""One goal and one observation with the columns that the store loads; a test names only what matters to it."""

from __future__ import annotations

from datetime import date

import polars as pl

from measures.progress import measure_progress
from schemas.period import parse_period

TODAY = date(2026, 1, 15)
GOAL_SCHEMA = {
    "territory_code": pl.String,
    "goal_code": pl.String,
    "indicator_code": pl.String,
    "qpv_code": pl.String,
    "dimension": pl.String,
    "category": pl.String,
    "target_version": pl.Int64,
    "kind": pl.String,
    "ref_period": pl.String,
    "ref_value": pl.Float64,
    "ref_numerator": pl.Float64,
    "ref_denominator": pl.Float64,
    "ref_source": pl.String,
    "target_value": pl.Float64,
    "band_low": pl.Float64,
    "band_high": pl.Float64,
    "due_period": pl.String,
    "shape": pl.String,
    "steps": pl.String,
    "materiality": pl.Float64,
    "decided_on": pl.Date,
    "meeting_kind": pl.String,
    "is_ref_masked": pl.Boolean,
    "unit": pl.String,
    "decimals": pl.Int64,
    "polarity": pl.String,
    "frequency": pl.String,
    "delay_months": pl.Int64,
    "components": pl.String,
    "has_interval": pl.Boolean,
    "counted_unit": pl.String,
    "k_threshold": pl.Int64,
    "collection_method": pl.String,
    "min_period_gap": pl.Int64,
    "population": pl.Float64,
}
OBSERVATION_SCHEMA = {
    "submission_id": pl.String,
    "source_row": pl.Int64,
    "territory_code": pl.String,
    "qpv_code": pl.String,
    "indicator_code": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "dimension": pl.String,
    "category": pl.String,
    "indicator_version": pl.Int32,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "obs_status": pl.String,
    "source_status": pl.String,
    "conf_status": pl.String,
    "respondents": pl.Int64,
    "response_rate": pl.Float64,
    "reference_date": pl.Date,
    "source": pl.String,
    "comment": pl.String,
    "is_masked": pl.Boolean,
}
PLACE = {
    "territory_code": "FR-99-TILLEULS",
    "qpv_code": "",
    "indicator_code": "JEU-01",
    "dimension": "total",
    "category": "",
}
GOAL = PLACE | {
    "goal_code": "O1",
    "target_version": 1,
    "kind": "at_least",
    "ref_period": "2024-Q4",
    "ref_value": 20.0,
    "ref_numerator": 200.0,
    "ref_denominator": 1000.0,
    "ref_source": "Mission locale",
    "target_value": 40.0,
    "due_period": "2026-Q4",
    "shape": "linear",
    "decided_on": date(2025, 1, 10),
    "meeting_kind": "steering",
    "is_ref_masked": False,
    "unit": "percent",
    "decimals": 1,
    "polarity": "increase",
    "frequency": "quarter",
    "delay_months": 0,
    "components": "optional",
    "has_interval": True,
    "counted_unit": "person",
    "k_threshold": 5,
    "collection_method": "count",
    "min_period_gap": 1,
}
OBSERVATION = PLACE | {
    "submission_id": "019a0000-0000-7000-8000-000000000000",
    "source_row": 2,
    "period": "2025-Q4",
    "indicator_version": 1,
    "obs_status": "normal",
    "conf_status": "libre",
    "source": "Mission locale",
    "comment": "",
    "is_masked": False,
}
NO_BASELINE = {"ref_period": None, "ref_value": None, "ref_numerator": None, "ref_denominator": None}


def share(numerator: float, denominator: float) -> dict[str, object]:
    """The three numbers of a percentage."""
    return {"numerator": numerator, "denominator": denominator, "value": 100 * numerator / denominator}


def baseline(numerator: float, denominator: float) -> dict[str, object]:
    return {f"ref_{name}": number for name, number in share(numerator, denominator).items()}


def point_baseline(value: float | None) -> dict[str, object]:
    """A baseline without numerator and denominator."""
    return {"ref_value": value, "ref_numerator": None, "ref_denominator": None}


def goal(**known: object) -> dict[str, object]:
    """From 20 % (200/1000) at 2024-Q4 to 40 % at 2026-Q4, in a line: 30 % is expected at 2025-Q4."""
    return GOAL | known


def observation(**known: object) -> dict[str, object]:
    """At 2025-Q4, half-way."""
    row = OBSERVATION | known
    return row | {"period_start": parse_period(str(row["period"])).start}


def goals_frame(*goals: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(goals), schema=GOAL_SCHEMA)


def observations_frame(*observations: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(observations), schema=OBSERVATION_SCHEMA)


def measure(
    goals: list[dict[str, object]], observations: list[dict[str, object]], today: date = TODAY
) -> list[dict[str, object]]:
    """The rows of `measure_progress`."""
    return measure_progress(observations_frame(*observations), goals_frame(*goals), today).to_dicts()


def measure_one(
    of_goal: dict[str, object], of_observation: dict[str, object], today: date = TODAY
) -> dict[str, object]:
    """The one row of one goal with one observation; both given as differences from the defaults."""
    (row,) = measure([goal(**of_goal)], [observation(**of_observation)], today)
    return row
