"""Le collectif: what people call a line of a register, in the language they read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages.parts.collective import load_known
from pages.parts.world import World
from pipelines.store import Store
from schemas.catalogue import Catalogue
from schemas.registers import ACTIONS, TARGETS, Register
from schemas.visitor import Visitor
from schemas.words import Role
from settings import Settings
from tests.conftest import NOW
from texts import load_words

TILLEULS = "FR-99-TILLEULS"
OFFICER = Visitor("officer", Role.OFFICER, (TILLEULS,))


@pytest.fixture
def world(store: Store, catalogue: Catalogue) -> World:
    return World(Settings(store_path=store.path), store, store.version(), catalogue, load_words("fr"), NOW, False)


@pytest.mark.parametrize(
    ("language", "register", "name"),
    [
        pytest.param("fr", TARGETS, "Des jeunes accompagnés jusqu’à une solution (O1)", id="goal_fr"),
        pytest.param("en", TARGETS, "Young people supported until they find a way (O1)", id="goal_en"),
        pytest.param("en", ACTIONS, "Permanence du mercredi à la mission locale (A01)", id="an_action_has_one_title"),
    ],
)
def test_the_first_line_by_its_name(world: World, language: str, register: Register, name: str) -> None:
    known = load_known(replace(world, words=load_words(language)), OFFICER, TILLEULS, register)
    assert known.name(known.rows.row(0, named=True)) == name
