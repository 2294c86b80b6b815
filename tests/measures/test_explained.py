"""Whatever is measured can be explained, in both languages, without a hole in the sentence."""

from __future__ import annotations

import itertools

from rows import NO_BASELINE, TODAY, baseline, goal, goals_frame, observation, observations_frame, point_baseline, share

from measures.landing import project_landing
from measures.progress import measure_progress
from measures.second_look import look_again
from texts import load_words
from texts.explanations import explain
from texts.sentences import say_reason, say_state

UNITS = {
    "percent": share(300, 1000),
    "few": share(8, 24),
    "all": share(175, 175),
    "per_100": {"numerator": 48.0, "denominator": 300.0, "value": 16.0},
    "count": {"value": 150.0},
    "none": {"value": 0.0},
    "days": {"value": 12.5},
    "missing": {"obs_status": "non_disponible"},
    "masked": {"is_masked": True},
    "break": {**share(300, 1000), "obs_status": "rupture"},
}
BASELINES = {
    "none": NO_BASELINE,
    "share": baseline(200, 1000),
    "few": baseline(5, 24),
    "point": point_baseline(20.0),
    "zero": point_baseline(0.0),
    "masked": {**point_baseline(None), "is_ref_masked": True},
}
TARGETS = {
    "rising": {},
    "falling": {"kind": "at_most", "polarity": "decrease", "target_value": 10.0},
    "wrong_side": {"target_value": 10.0},
    "band": {"kind": "maintain_band", "target_value": None, "band_low": 20.0, "band_high": 35.0},
    "watched": {"kind": "watch_only", "target_value": None, "due_period": None},
    "stepped": {"shape": "stepped", "steps": "2025-Q2=25"},
    "growth": {"shape": "geometric"},
    "late": {"due_period": "2025-Q2"},
}
UNIT_OF = {"few": "percent", "all": "percent", "none": "count", "missing": "percent", "masked": "percent"}


def test_every_kind_of_row_is_explained() -> None:
    goals, seen = [], []
    for number, (unit, start, target) in enumerate(itertools.product(UNITS, BASELINES, TARGETS)):
        code = f"FR-99-{number:03}"
        kind = "percent" if unit == "break" else UNIT_OF.get(unit, unit)
        known = {"territory_code": code, "unit": kind, "has_interval": kind != "days", "collection_method": "survey"}
        goals.append(goal(**{**known, **BASELINES[start], **TARGETS[target], "population": 900.0}))
        seen += [observation(territory_code=code, **UNITS[unit], period=at) for at in ("2025-Q3", "2025-Q4")]
    progress = measure_progress(observations_frame(*seen), goals_frame(*goals), TODAY)
    looks = {
        (row["unit"], row["kind"]): look_again(progress.filter(territory_code=row["territory_code"]), False).to_dicts()
        for row in progress.unique(["unit", "kind"], keep="last", maintain_order=True).to_dicts()
    }
    for row in project_landing(progress).to_dicts():
        named = row | {"unit_noun_fr": "jeunes", "unit_noun_en": "young people"}
        look = (looks[row["unit"], row["kind"]] or [None])[0]
        for words in (load_words("fr"), load_words("en")):
            for sentence in (*explain(words, named, look), say_reason(words, named), say_state(words, named)):
                plain = sentence.replace("\u00a0", " ").replace("\u202f", " ")
                holes = [hole for hole in ("None", "nan", "inf ", "  ", "()", "( ", " .") if hole in plain]
                assert holes == [], (row["territory_code"], plain)
