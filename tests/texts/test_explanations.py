"""« Comment c'est calculé »: each formula with its numbers, exact words."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.words import Display, State
from texts import load_words
from texts.explanations import explain

FR, EN = load_words("fr"), load_words("en")
ROW: dict[str, object] = {
    "display": Display.WHOLE,
    "shown_decimals": 0,
    "unit": "percent",
    "unit_noun_fr": "jeunes",
    "unit_noun_en": "young people",
    "collection_method": "administrative",
    "population": None,
    "value": 26.6667,
    "numerator": 64.0,
    "denominator": 240.0,
    "n": 240.0,
    "effective_n": 240.0,
    "low": 21.47,
    "high": 32.61,
    "ref_value": 22.0833,
    "ref_numerator": 53.0,
    "ref_denominator": 240.0,
    "has_interval": True,
    "is_rising": True,
    "change_low": -3.09,
    "change_high": 12.2,
    "target_value": 30.0,
    "materiality": 1.0,
    "expected": 26.04,
    "at": 24324,
    "ref_at": 24312,
    "due_at": 24336,
    "due_period": "2027-Q4",
    "period": "2026-Q4",
    "ref_period": "2025-Q4",
    "kind": "at_least",
    "shape": "linear",
    "attainment": 57.9,
    "attainment_unbounded": 57.9,
    "pace": 1.16,
    "needed_rate": 0.8333,
    "landing_value": 31.25,
    "landing_low": 15.9,
    "landing_high": 46.5,
    "landing_at": 24333,
    "landing_first_at": 24324,
    "landing_last_at": None,
    "band_low": None,
    "band_high": None,
    "is_masked": False,
    "has_break": False,
    "change_is_ratio": False,
    "is_ref_masked": False,
    "state": State.NO_READABLE_CHANGE,
}
LOOK: dict[str, object] = {
    "moves_in_a_row": 3,
    "denominators_vary": False,
    "xmr_basis": "value",
    "centre": 25.1,
    "lower_limit": 20.0,
    "upper_limit": 30.2,
    "xmr_points": 9,
    "limits_are": "provisional",
    "signal": "shift",
    "signal_direction": "up",
    "trend": "increasing",
    "trend_meaning": "better",
    "trend_chi2": 46.77,
    "growth_status": "moderate",
    "growth_ratio": 0.9,
}


def test_every_step_in_french() -> None:
    said = [sentence.replace("\u00a0", " ").replace("\u202f", " ") for sentence in explain(FR, ROW, LOOK)]
    assert said == [
        "64 ÷ 240 = 27 %.",
        "Fourchette à 95 % (Wilson) : (2 × 64 + 3,84 ∓ 1,96 × √(3,84 + 4 × 64 × (1 − 64 ÷ 240))) ÷ (2 × (240 + 3,84)) "
        "= 21 à 33 %.",
        "C’est la variation ordinaire d’un effectif de cette taille : la valeur aurait pu tomber n’importe où dans la "
        "fourchette par le seul hasard.",
        "Évolution depuis le départ (Newcombe, à partir des deux fourchettes) : 26,7 % − 22,1 % = +4,6 points, entre "
        "−3,1 et +12,2 points.",
        "Attendu, en ligne droite : 22,1 % + (30 % − 22,1 %) × 12 mois ÷ 24 mois = 26,0 %.",
        "Taux d’avancement : (26,7 % − 22,1 %) ÷ (30 % − 22,1 %) = 58 %.",
        "Rythme : (26,7 % − 22,1 %) ÷ (26,0 % − 22,1 %) = 1,16 ; 1 est le rythme prévu.",
        "Pour atteindre 30 % fin 2027, il faudrait +0,8 point par trimestre après le T4 2026.",
        "Si le rythme depuis le départ se poursuivait, la valeur serait de 31 % fin 2027, entre 16 et 46 % compte tenu "
        "du hasard.",
        "À ce rythme, la cible serait atteinte au T3 2027, au plus tôt au T4 2026 ; rien ne dit encore qu’elle le "
        "sera.",
        "État : règle 12 sur 12, la première qui s’applique, « Pas d’évolution lisible à ce stade » : la fourchette de "
        "l’évolution contient 0.",
        "3 fois de suite en hausse : ce n’est pas une preuve.",
        "Variation ordinaire (carte XmR) : moyenne 25,1 %, limites 20,0 à 30,2 % sur 9 points, provisoires sous 13 "
        "points ; sept valeurs de suite sont au-dessus de la moyenne, à regarder ensemble.",
        "Tendance sur le même trimestre de cinq années (Fingertips) : χ² = 46,8, seuil 9,55 : en hausse, dans le bon "
        "sens.",
        "Second avis, croissance annuelle sur croissance annuelle promise (Open SDG) : 0,90, progrès modéré.",
        "Sous 30, nous montrons des nombres sans pourcentage ; de 30 à 999, un pourcentage entier ; à partir de 1 000, "
        "une décimale au plus. Les formules ont une décimale de plus, et se calculent avant tout arrondi.",
    ]


def test_every_step_in_english() -> None:
    assert len(explain(EN, ROW, LOOK)) == len(explain(FR, ROW, LOOK))
    assert "interval (Wilson): (2 × 64 + 3.84" in explain(EN, ROW, LOOK)[1]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        pytest.param({"value": None}, "Il n’y a pas de valeur à expliquer.", id="no_value"),
        pytest.param({"collection_method": "survey"}, "fourchette minimale", id="survey"),
        pytest.param(
            {"collection_method": "survey", "population": 900.0, "effective_n": 326.9},
            "n × (N − 1) ÷ (N − n)",
            id="population",
        ),
        pytest.param({"attainment_unbounded": -40.0, "attainment": 0.0}, "entre 0 et 100 %~: 0 %", id="bounded"),
        pytest.param({"ref_denominator": None}, "connu sans effectif", id="baseline_without_n"),
        pytest.param({"shape": "geometric"}, "à la puissance (12 mois ÷ 24 mois)", id="geometric"),
        pytest.param({"shape": "stepped"}, "dernier palier franchi", id="stepped"),
        pytest.param({"landing_last_at": 24402}, "entre le T4 2026 et le T2 2033", id="landing_ends"),
        pytest.param({"needed_rate": 4.2}, "+4,2 points par trimestre", id="several_points"),
        pytest.param({"is_rising": False, "state": State.BEHIND}, "du mauvais côté de 26 %", id="behind_when_falling"),
        pytest.param({"needed_rate": 0.01}, "il reste très peu à faire", id="almost_there"),
        pytest.param({"ref_value": None, "change_low": None}, "le départ n’est pas connu", id="no_start"),
        pytest.param({"state": State.PROGRESSING, "expected": None}, "rien n’est prévu à ce stade", id="no_way"),
        pytest.param({"unit": "per_100"}, "χ²(0,025 ; 128) ÷ 2 × 100 ÷ 240", id="per_100"),
        pytest.param({"state": None}, "nous ne donnons pas d’état", id="no_state"),
        pytest.param({"state": State.BEHIND}, "est du mauvais côté de 26 %, à 1 près", id="behind"),
        pytest.param(
            {"state": State.REACHED, "kind": "maintain_band", "band_low": 20.0, "band_high": 35.0},
            "est dans la fourchette visée (20 à 35 %)",
            id="band",
        ),
        pytest.param(
            {"unit": "count", "value": 12.0, "ref_value": 10.0, "denominator": None, "ref_denominator": None}
            | {"change_is_ratio": True, "change_low": -0.5, "change_high": 0.9, "low": 6.2, "high": 21.0},
            "12 ÷ 10 = 1,20, entre 0,61 et 2,46",
            id="count",
        ),
    ],
)
def test_each_case_says_its_own(changes: dict[str, object], part: str) -> None:
    said = " ".join(explain(FR, ROW | changes, LOOK)).replace("\u202f", " ")
    assert part.replace(" %", "\u00a0%").replace("~", "\u00a0") in said.replace(" %", "\u00a0%")


def test_under_30_no_percentage_and_no_change_is_explained() -> None:
    row = ROW | {"display": Display.COUNTS_ONLY, "numerator": 8.0, "denominator": 24.0, "state": State.TOO_FEW}
    said = " ".join(explain(FR, row, LOOK))
    assert said.startswith("8 sur 24")
    assert "%" not in said


def test_a_revised_target_is_said_with_its_decisions() -> None:
    targets = [
        {"target_value": 28.0, "due_period": "2026-Q4", "decided_on": date(2024, 2, 6)},
        {"target_value": 30.0, "due_period": "2027-Q4", "decided_on": date(2026, 6, 1)},
    ]
    said = explain(FR, ROW, None, targets)
    (changed,) = (one.replace("\u00a0", " ") for one in said if one.startswith("La cible"))
    assert changed == (
        "La cible a changé : 28 % fin 2026 (décision du 6 février 2024), 30 % fin 2027 (décision du 1er juin 2026)."
    )
    assert not any("La cible a changé" in one for one in explain(FR, ROW, None, targets[:1]))


RULES = {
    State.WATCH_ONLY: "aucune cible n’est fixée",
    State.NOT_COMPARABLE: "la série est rompue",
    State.STALE: "n’est pas arrivée",
    State.NOT_EXPECTED_YET: "ne prévoit encore rien",
    State.TOO_FEW: "240, sous 30",
    State.REACHED: "toute la fourchette (21 % à 33 %) est du bon côté de 30 %",
    State.REACHED_TO_CONFIRM: "27 % est du bon côté de 30 %, pas toute la fourchette",
    State.DECLINED: "est du mauvais côté de 0",
    State.BEHIND: "est du mauvais côté de 26 %, à 1 près",
    State.ON_TRACK: "du bon côté de 0, et 27 % tient 26 % à 1 près",
    State.PROGRESSING: "du bon côté de 0, mais 27 % ne tient pas 26 % à 1 près",
    State.NO_READABLE_CHANGE: "contient 0",
}


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_rule(state: State) -> None:
    (said,) = (one for one in explain(FR, ROW | {"state": state}) if one.startswith("État"))
    number = list(State).index(state) + 1
    plain = said.replace("\u00a0", " ").replace("\u202f", " ")
    assert f"règle {number} sur 12" in plain
    assert RULES[state] in plain
    assert any(f"rule {number} of 12" in one for one in explain(EN, ROW | {"state": state}))


def test_a_series_with_a_break_is_not_explained_as_if_it_had_none() -> None:
    said = " ".join(explain(FR, ROW | {"has_break": True, "state": State.NOT_COMPARABLE}))
    assert not any(word in said for word in ("Newcombe", "Attendu", "Taux d’avancement", "Rythme", "faudrait"))
