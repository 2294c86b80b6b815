"""The story behind a curve: what an emptied text says and does, and what those outside are told of an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pages.parts.standing import read_standing
from pages.parts.story import (
    Place,
    Written,
    find_written,
    list_events,
    name_event,
    say_done,
    say_event,
    say_latest,
    say_moved,
    write_story,
)
from pages.parts.threads import list_groups
from pages.parts.world import World
from pipelines.store import Store, load_commentary, save_commentary
from schemas.catalogue import Catalogue
from schemas.commentary import CommentaryState
from schemas.visitor import Visitor
from schemas.words import Audience, Role
from settings import Settings
from tests.conftest import NOW
from texts import load_words

TILLEULS = "FR-99-TILLEULS"
PLACE = Place(TILLEULS, "JEU-01", "2026-Q3")
COORDINATOR = Visitor("coordinator", Role.COORDINATOR, (TILLEULS,))
DRAFT, VALIDATED = CommentaryState
LEFT = {"occurred_on": date(2025, 5, 12), "label": "Départ de 3 agents", "kind": "local"}


@pytest.fixture
def world(store: Store, catalogue: Catalogue) -> World:
    return World(Settings(store_path=store.path), store, store.version(), catalogue, load_words("fr"), NOW, False)


def write(world: World, *texts: tuple[str, CommentaryState]) -> World:
    """Les Tilleuls' texts of JEU-01 in Q3 2026, one after the other; the world as it is then."""
    for words, state in texts:
        save_commentary(world.store, PLACE.territory, PLACE.indicator, PLACE.period, words, state, "officer", NOW)
    return replace(world, version=world.store.version())


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


class TestAnEmptiedText:
    """Nobody is told that a text is gone while it is read."""

    @pytest.mark.parametrize(
        ("before", "state", "said"),
        [
            pytest.param(
                [("Lu.", VALIDATED)],
                DRAFT,
                "Votre retrait attend la coordination ; d’ici là, le texte validé reste affiché.",
                id="a_draft_over_what_is_read",
            ),
            pytest.param(
                [("Lu.", VALIDATED), ("Repris.", DRAFT)],
                DRAFT,
                "Votre retrait attend la coordination ; d’ici là, le texte validé reste affiché.",
                id="a_draft_over_a_draft_over_what_is_read",
            ),
            pytest.param([("Lu.", VALIDATED)], VALIDATED, "Le texte est retiré.", id="validated"),
            pytest.param([("Essai.", DRAFT)], DRAFT, "Le texte est retiré.", id="a_draft_that_nobody_read"),
        ],
    )
    def test_what_is_said(
        self, world: World, before: list[tuple[str, CommentaryState]], state: CommentaryState, said: str
    ) -> None:
        now = write(world, *before)
        assert [plain(one) for one in say_done(now, " ", state, find_written(now, PLACE))] == [said]

    @pytest.mark.parametrize(
        ("before", "state", "is_moved"),
        [
            pytest.param([], DRAFT, False, id="nothing_there"),
            pytest.param([("Lu.", VALIDATED)], DRAFT, True, id="asks"),
            pytest.param([("Lu.", VALIDATED), ("", DRAFT)], DRAFT, False, id="asks_twice"),
            pytest.param([("Lu.", VALIDATED), ("", DRAFT)], VALIDATED, True, id="is_granted"),
            pytest.param([("Lu.", VALIDATED), ("", VALIDATED)], VALIDATED, False, id="is_gone"),
        ],
    )
    def test_an_empty_box_is_kept_only_where_it_takes_something_back(
        self, world: World, before: list[tuple[str, CommentaryState]], state: CommentaryState, is_moved: bool
    ) -> None:
        assert find_written(write(world, *before), PLACE).is_moved_by("\n", state) is is_moved

    def test_who_opens_the_form_then_is_told_who_asks(self, world: World) -> None:
        written = find_written(write(world, ("Lu.", VALIDATED), ("", DRAFT)), PLACE)
        assert written.is_asked_back
        assert written.latest is not None
        assert "a demandé le 23 novembre 2026 de retirer le texte validé" in say_latest(world, written.latest)
        assert "a demandé de retirer le texte" in say_moved(world, written)
        assert "a retiré le texte" in say_moved(world, Written(written.latest, None))

    @pytest.mark.parametrize(
        ("texts", "lines"),
        [
            pytest.param([("Lu.", VALIDATED), ("", DRAFT)], [(True, "à retirer")], id="would_take_back_what_is_read"),
            pytest.param([("Lu.", VALIDATED), ("Repris.", DRAFT)], [(True, "")], id="a_draft"),
            pytest.param([("Lu.", VALIDATED), ("", VALIDATED)], [], id="taken_back"),
            pytest.param([("Essai.", DRAFT), ("", DRAFT)], [], id="a_draft_given_up"),
        ],
    )
    def test_it_stands_among_what_is_to_validate(
        self, world: World, texts: list[tuple[str, CommentaryState]], lines: list[tuple[bool, str]]
    ) -> None:
        now = write(world, *texts)
        standing = read_standing(now, COORDINATOR)
        groups = list_groups(now, TILLEULS, standing.threads)
        drafts = [group for group in groups if "brouillon" in group.title]
        assert [("T3 2026" in plain(line.text), line.after) for group in drafts for line in group.lines] == lines
        assert [row["drafts"] for row in standing.missing.to_dicts()] == [len(lines)]

    def test_readers_see_it_until_its_withdrawal_is_validated(self, world: World) -> None:
        asked = write(world, ("Lu.", VALIDATED), ("", DRAFT))
        read = load_commentary(world.store, [TILLEULS], Audience.TERRITORY, asked.version)
        assert [one.words for one in read] == ["Lu."]
        granted = write(asked, ("", VALIDATED))
        assert load_commentary(world.store, [TILLEULS], Audience.TERRITORY, granted.version) == []


class TestAnEvent:
    """Its free words are for the territory; a figure in them could be one that is masked outside."""

    @pytest.mark.parametrize(
        ("audience", "named", "said"),
        [
            pytest.param(
                Audience.TERRITORY,
                "Départ de 3 agents",
                "12 mai 2025 : Départ de 3 agents (dans le territoire)",
                id="territory",
            ),
            pytest.param(
                Audience.NATIONAL, "événement local, 12 mai 2025", "événement local, 12 mai 2025", id="national"
            ),
            pytest.param(Audience.PUBLIC, "événement local, 12 mai 2025", "événement local, 12 mai 2025", id="public"),
        ],
    )
    def test_an_event_on_the_chart_and_in_the_list(
        self, world: World, audience: Audience, named: str, said: str
    ) -> None:
        assert plain(name_event(world, LEFT, audience)) == named
        assert plain(say_event(world, LEFT, audience)) == said

    @pytest.mark.parametrize(
        ("kind", "named"),
        [("national", "événement national, 12 mai 2025"), ("collecte", "événement de collecte, 12 mai 2025")],
    )
    def test_each_kind_has_its_words(self, world: World, kind: str, named: str) -> None:
        assert plain(name_event(world, LEFT | {"kind": kind}, Audience.NATIONAL)) == named

    def test_no_word_of_it_is_on_the_page_of_the_national_team(self, world: World) -> None:
        events = list_events(world, TILLEULS, "JEU-01")
        inside, outside = (
            plain(write_story(world, TILLEULS, "JEU-01", audience, None, events))
            for audience in (Audience.TERRITORY, Audience.NATIONAL)
        )
        assert "Départ de la conseillère référente" in inside
        assert "Départ" not in outside
        assert "événement local, 12 mai 2025" in outside
