"""Sentences made of data, exact words."""

from __future__ import annotations

import pytest

from schemas.issue import UNREADABLE, Code, Issue, Issues, UnreadableFile
from schemas.words import Display, State
from texts import load_words
from texts.sentences import list_causes, say_figure, say_issue, say_reason, say_state, say_unreadable, shape_of

FR, EN = load_words("fr"), load_words("en")
ROW = {
    "display": Display.WHOLE,
    "shown_decimals": 0,
    "unit": "percent",
    "unit_noun_fr": "jeunes",
    "unit_noun_en": "young people",
    "value": 35.0,
    "numerator": 84.0,
    "denominator": 240.0,
    "n": 240.0,
    "low": 29.2,
    "high": 41.2,
    "ref_value": 22.0833,
    "ref_numerator": 53.0,
    "ref_denominator": 240.0,
    "has_interval": True,
    "target_value": 30.0,
    "expected": 27.5,
    "due_period": "2027-Q4",
    "period": "2026-Q3",
    "ref_period": "2023-Q4",
    "kind": "at_least",
    "band_low": None,
    "steps": None,
    "band_high": None,
    "is_masked": False,
    "is_ref_masked": False,
    "state": State.REACHED_TO_CONFIRM,
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({}, "Entre 29 et 41\u00a0%\u202f; la cible est 30\u00a0% fin 2027.", id="reached_to_confirm"),
        pytest.param(
            {"state": State.NO_READABLE_CHANGE, "value": 26.7},
            "De 22\u00a0% à 27\u00a0% sur 240 jeunes\u00a0: l’écart peut tenir au hasard.",
            id="no_readable_change",
        ),
        pytest.param(
            {"state": State.DECLINED, "value": 15.0, "low": 11.0, "high": 20.0},
            "22\u00a0% au départ, 15\u00a0% au T3 2026 (entre 11 et 20\u00a0%).",
            id="declined",
        ),
        pytest.param(
            {"state": State.TOO_FEW, "n": 24.0, "denominator": 24.0, "display": Display.COUNTS_ONLY},
            "24 jeunes\u00a0: nous comptons, nous ne concluons pas.",
            id="too_few",
        ),
        pytest.param(
            {"state": State.TOO_FEW, "is_masked": True, "display": Display.MASKED, "value": None},
            "Secret statistique\u00a0: effectif trop petit, ici ou dans une part voisine.",
            id="masked",
        ),
        pytest.param(
            {"state": State.BEHIND},
            "28\u00a0% prévus à ce stade\u202f; la fourchette va de 29 à 41\u00a0%.",
            id="behind",
        ),
        pytest.param({"state": State.WATCH_ONLY, "low": None}, "Aucune cible n’est fixée.", id="watched_without_range"),
    ],
)
def test_the_reason_has_the_numbers_that_decided(changes: dict[str, object], sentence: str) -> None:
    assert say_reason(FR, ROW | changes) == sentence


@pytest.mark.parametrize("state", [*State, None])
@pytest.mark.parametrize("kind", ["at_least", "maintain_band"])
def test_every_state_has_words_in_both_languages(state: State | None, kind: str) -> None:
    row = ROW | {"state": state, "kind": kind, "band_low": 25.0, "band_high": 40.0}
    for words in (FR, EN):
        assert say_reason(words, row)
        assert bool(say_state(words, row)) == bool(state)
        assert bool(shape_of(row)) == bool(state)


@pytest.mark.parametrize(
    ("changes", "figure"),
    [
        pytest.param({}, "35\u00a0%", id="whole"),
        pytest.param({"display": Display.DECIMAL, "shown_decimals": 1}, "35,0\u00a0%", id="decimal"),
        pytest.param({"display": Display.COUNTS_ONLY}, "84 sur 240", id="counts"),
        pytest.param({"display": Display.MASKED}, "s", id="masked"),
        pytest.param({"display": Display.NO_VALUE}, "n.d.", id="no_value"),
        pytest.param({"display": Display.AS_DEFINED, "unit": "days", "value": 12.0}, "12 jours", id="days"),
    ],
)
def test_figures(changes: dict[str, object], figure: str) -> None:
    assert say_figure(FR, ROW | changes) == figure


def test_an_issue_says_where_what_and_what_to_do() -> None:
    issue = Issue(Code.MISSING_DENOMINATOR, 14, "denominateur", "", {"indicator": "JEU-01"})
    assert say_issue(FR, issue) == (
        "Ligne 14, colonne «\u00a0denominateur\u00a0»\u00a0: la case est vide. JEU-01 est un taux\u00a0: il faut le "
        "nombre total. Saisissez-le, ou mettez «\u00a0non_disponible\u00a0» dans «\u00a0statut\u00a0» avec la raison."
    )


@pytest.mark.parametrize(
    ("before", "found", "said"),
    [
        pytest.param("14", "14.5", "14 devient 14,5", id="decimals"),
        pytest.param("38/142", "non_collecte", "38/142 devient non collecté", id="status"),
    ],
)
def test_a_correction_is_said_in_the_signs_of_the_reader(before: str, found: str, said: str) -> None:
    context = {"indicator": "JEU-01", "period": "2026-Q3", "before": before}
    assert said in say_issue(FR, Issue(Code.CHANGES_APPROVED, 2, "valeur", found, context))


def test_one_sentence_for_one_cause() -> None:
    """What the sentence does not say does not part it."""
    issues = Issues.of(
        Issue(Code.MISSING_COMMENT, row, "commentaire", "", {"indicator": code, "status": "non_disponible"})
        for row, code in ((2, "JEU-01"), (3, "JEU-04"), (4, "JEU-01"))
    )
    assert [sentence.split("\u00a0:")[0] for sentence in list_causes(FR, issues)] == [
        "Lignes 2 à 4, colonne «\u00a0commentaire\u00a0»"
    ]


def test_causes_of_different_places_are_said_apart() -> None:
    """The name of the file and a text box; lines of another sheet with its name."""
    email = {"kind": "email"}
    issues = Issues.of(
        [
            Issue(Code.PERSONAL_DATA, context={**email, "place": "filename"}),
            Issue(Code.PERSONAL_DATA, context={**email, "place": "outside"}),
            *(Issue(Code.PERSONAL_DATA, row, context={**email, "sheet": "Liste"}) for row in (2, 3)),
        ]
    )
    assert [sentence.split("\u00a0: ")[0] for sentence in list_causes(FR, issues)] == [
        "Nom du fichier",
        "Zone de texte, en-tête, pied de page, lien ou propriété du classeur",
        "Feuille «\u00a0Liste\u00a0», lignes 2 à 3",
    ]


@pytest.mark.parametrize("code", UNREADABLE)
def test_an_unreadable_file_gets_one_sentence_with_its_name(code: str) -> None:
    error = UnreadableFile(code, "mon fichier.csv", sheet="S", sheets="A, B", limit="5", rows="30")
    for words in (FR, EN):
        assert "mon fichier.csv" in say_unreadable(words, error)
