"""The form of one line of a register, while somebody else changes the same register."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.cached import shared_store
from pipelines.deposit import prepare_submission
from pipelines.store import Store, load_whole_catalogue, save_catalogue, save_submission
from schemas.catalogue import Catalogue
from settings import read_settings
from tests.conftest import NOW, ROOT

TILLEULS = "FR-99-TILLEULS"
SAVE, LINE = "Enregistrer la ligne", "Ligne à modifier"
HEADINGS = "code_action;intitule;etat"
GOALS = "code_objectif;intitule;population_visee;code_indicateur;type_cible;reunion_decision"


@pytest.fixture
def kept(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that the page reads: the catalogue and no figure."""
    monkeypatch.setenv("CAP_STORE", str(tmp_path / "cap.duckdb"))
    shared_store.clear()  # the one store of a process: each test has its own
    store = shared_store(read_settings(os.environ))
    save_catalogue(store, catalogue, NOW)
    yield store
    shared_store.clear()
    store.close()


def send(store: Store, headings: str, line: str) -> None:
    """What somebody else sends meanwhile."""
    content = f"{headings}\r\n{line}\r\n".encode()
    prepared = prepare_submission(
        content, "f.csv", [TILLEULS], load_whole_catalogue(store), pl.DataFrame(), lambda: NOW
    )
    save_submission(store, prepared, "somebody", NOW)


def open_page(register: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "collective.py"), default_timeout=60)
    page.query_params["territoire"], page.query_params["registre"] = TILLEULS, register
    return page.run()


def field(page: AppTest, label: str) -> AppTest:
    """The field of this name, of whatever kind."""
    return next(one for kind in (page.text_input, page.text_area, page.selectbox) for one in kind if one.label == label)


def save(page: AppTest) -> None:
    next(one for one in page.button if one.label == SAVE).click()
    page.run()


def said(page: AppTest) -> str:
    return "".join(str(one.proto.body) for one in page.get("html"))


def test_a_line_that_somebody_else_changed_keeps_its_fields(kept: Store) -> None:
    """It is told once, and what was written stays to be saved."""
    page = open_page("actions")
    field(page, LINE).select(("FR-99-TILLEULS", "A02")).run()
    field(page, "Intitulé *").set_value("Parrainage par trente adultes")
    send(kept, HEADINGS, "A02;Parrainage;en_pause")
    save(page)
    assert "Quelqu’un a changé ce territoire entre-temps" in said(page)
    assert field(page, LINE).value == ("FR-99-TILLEULS", "A02")
    assert field(page, "Intitulé *").value == "Parrainage par trente adultes"
    assert load_titles(kept)["A02"] == "Parrainage"
    save(page)
    assert load_titles(kept)["A02"] == "Parrainage par trente adultes"


def test_another_line_that_moved_is_nothing_to_this_one(kept: Store) -> None:
    """A line more in the list does not move the choice."""
    page = open_page("actions")
    field(page, LINE).select(("FR-99-TILLEULS", "A02")).run()
    field(page, "Intitulé *").set_value("Parrainage par trente adultes")
    send(kept, HEADINGS, "A00;Une action de plus;idee")
    save(page)
    assert "C’est enregistré." in said(page)
    assert load_titles(kept)["A02"] == "Parrainage par trente adultes"


def test_a_proposed_code_that_was_taken_is_told(kept: Store) -> None:
    """The other's action stays as it is; with another code both are there."""
    page = open_page("actions")
    code = field(page, "Code de l’action *").value
    field(page, "Intitulé *").set_value("Atelier vélo")
    field(page, "État *").select("idee")
    send(kept, HEADINGS, f"{code};Atelier cuisine;en_cours")
    save(page)
    assert "Cette ligne existe déjà" in said(page)
    assert (field(page, "Code de l’action *").value, field(page, "Intitulé *").value) == (code, "Atelier vélo")
    assert load_titles(kept)[code] == "Atelier cuisine"
    field(page, "Code de l’action *").set_value("A90")
    save(page)
    assert (load_titles(kept)[code], load_titles(kept)["A90"]) == ("Atelier cuisine", "Atelier vélo")


def test_the_code_of_a_new_goal_that_was_taken_is_told(kept: Store) -> None:
    """A target of another indicator would be a new line, and call the other's goal otherwise."""
    page = open_page("targets")
    code = field(page, "Code de l’objectif *").value
    for label, text in (("Intitulé de l’objectif *", "Des parents écoutés"), ("Population visée *", "Parents")):
        field(page, label).set_value(text)
    field(page, "Réunion qui a décidé *").set_value("02/07/2026")
    field(page, "Indicateur *").select("JEU-01")
    field(page, "Type de cible *").select("suivi")
    send(kept, GOALS, f"{code};Des aînés entourés;Aînés;DRO-02;suivi;02/07/2026")
    save(page)
    assert "Cette ligne existe déjà" in said(page)
    goals = load_whole_catalogue(kept).goals.filter(territory_code=TILLEULS, goal_code=code)
    assert goals["title_fr"].to_list() == ["Des aînés entourés"]


def load_titles(store: Store) -> dict[str, str]:
    """The actions of Les Tilleuls as they stand."""
    actions = load_whole_catalogue(store).actions.filter(territory_code=TILLEULS)
    return dict(actions.select("action_code", "title").iter_rows())
