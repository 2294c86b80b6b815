"""What is due on arrival: literal deposits of Les Tilleuls, what the list says is there and what it says is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pages.parts.due import find_missing, list_earlier, list_lines, measure_campaign, say_due, say_missing
from pages.parts.sent import NOTHING_SENT, list_sent
from pages.parts.world import World
from pipelines.deposit import prepare_submission
from pipelines.store import Store, load_observations, move_submission, save_submission
from schemas.catalogue import Catalogue
from schemas.submission import Receipt, SubmissionState
from schemas.visitor import Visitor
from schemas.words import Audience, Role
from settings import Settings
from tests.conftest import NOW
from texts import load_words

TILLEULS, THIRD = "FR-99-TILLEULS", "2026-Q3"
OFFICER = Visitor("officer", Role.OFFICER, (TILLEULS,))
HEADINGS = "code_territoire;code_quartier;code_indicateur;periode;numerateur;denominateur;valeur;statut;source"
JEU_01 = "FR-99-TILLEULS;;JEU-01;T3 2026;84;240;35;normal;Mission locale"
DRO_02 = "FR-99-TILLEULS;;DRO-02;T3 2026;121;310;39;normal;France services"
DRO_02_AGAIN = "FR-99-TILLEULS;;DRO-02;T3 2026;125;310;40,3;normal;France services"
JEU_04 = "FR-99-TILLEULS;{};JEU-04;T3 2026;;;14;normal;Associations"
PAR_01 = "FR-99-TILLEULS;;PAR-01;T3 2026;8;24;33,3;normal;Émargement"
NOT_COLLECTED = "FR-99-TILLEULS;;JEU-04;T3 2026;;;;non_collecte;Associations"


@pytest.fixture
def world(store: Store, catalogue: Catalogue) -> World:
    return World(Settings(store_path=store.path), store, store.version(), catalogue, load_words("fr"), NOW, False)


def send(world: World, *lines: str, approve: bool = False) -> Receipt:
    content = "\r\n".join((HEADINGS, *lines)).encode()
    previous = load_observations(world.store, [TILLEULS], Audience.TERRITORY)
    prepared = prepare_submission(content, "t3.csv", [TILLEULS], world.catalogue, previous, lambda: NOW)
    assert prepared.is_ready
    return save_submission(world.store, prepared, "officer", NOW, "recompté", approve=approve)


def said_of(world: World, period: str = THIRD) -> dict[str, tuple[str, str]]:
    """Indicator -> its state and the figure that is there."""
    world = replace(world, version=world.store.version())
    _, items = measure_campaign(world, OFFICER, (TILLEULS,), period)
    sent = list_sent(world, OFFICER, TILLEULS, items)
    found = {}
    for row in items.iter_rows(named=True):
        line = list_lines(world, pl.DataFrame([row], schema=items.schema), sent)[0]
        found[row["indicator_code"]] = (line.state, line.sent.figure.replace("\u00a0", " "))
    return found


def test_what_is_there_is_approved_sent_or_returned(world: World) -> None:
    send(world, JEU_01, approve=True)
    send(world, PAR_01)
    returned = send(world, DRO_02)
    move_submission(world.store, returned.submission_id, SubmissionState.RETURNED, "boss", NOW, "à recompter")
    found = said_of(world)
    assert found["JEU-01"] == ("validé, en retard", "35 % (84 sur 240)")
    assert found["PAR-01"] == ("reçu, en retard", "8 sur 24")
    assert found["DRO-02"] == ("à corriger, en retard", "39 % (121 sur 310)")
    assert found["JEU-04"] == ("attendu, en retard", "")


@pytest.mark.parametrize(
    ("lines", "figure"),
    [
        pytest.param([JEU_04.format("")], "14", id="whole_territory"),
        pytest.param([JEU_04.format("QN99901N")], "Les Tilleuls : 14", id="of_a_quartier"),
        pytest.param([JEU_04.format("QN99901N"), JEU_04.format("")], "14", id="the_whole_before_its_quartiers"),
        pytest.param([NOT_COLLECTED], "non collecté", id="no_number_and_why"),
    ],
)
def test_a_figure_in_words(world: World, lines: list[str], figure: str) -> None:
    send(world, *lines)
    assert said_of(world)["JEU-04"] == ("reçu, en retard", figure)


def test_what_is_approved_comes_before_a_correction_that_waits(world: World) -> None:
    send(world, DRO_02, approve=True)
    send(world, DRO_02_AGAIN)
    assert said_of(world)["DRO-02"] == ("validé, en retard", "39 % (121 sur 310)")


def test_the_receipt_is_linked_for_those_who_may_open_it(world: World) -> None:
    receipt = send(world, JEU_01)
    now = replace(world, version=world.store.version())
    _, items = measure_campaign(now, OFFICER, (TILLEULS,), THIRD)
    found = list_sent(now, OFFICER, TILLEULS, items)
    assert found["JEU-01", THIRD].link == f"/recu?numero={receipt.submission_id}"
    assert found["JEU-01", THIRD].day == "23 novembre 2026"
    assert list_lines(now, items.filter(indicator_code="PAR-01"), found)[0].sent == NOTHING_SENT


def test_what_is_missing_comes_first(world: World) -> None:
    """To correct and awaited, then received, then validated."""
    send(world, JEU_01, approve=True)
    send(world, PAR_01)
    now = replace(world, version=world.store.version())
    _, items = measure_campaign(now, OFFICER, (TILLEULS,), THIRD)
    lines = list_lines(now, items, {})
    assert [line.is_missing for line in lines] == [True] * 4 + [False] * 2
    assert [line.state for line in lines[-2:]] == ["reçu, en retard", "validé, en retard"]


BEFORE_DUE = datetime(2026, 10, 20, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        pytest.param(
            BEFORE_DUE,
            "T3 2026 : il manque 5 chiffres sur 6, à envoyer jusqu’au 2 novembre 2026.",
            id="in_time",
        ),
        pytest.param(
            NOW,
            "T3 2026 : il manque 5 chiffres sur 6. L’échéance était le 2 novembre 2026 : un dépôt en retard est "
            "accepté, et marqué.",
            id="late",
        ),
    ],
)
def test_the_line_of_the_first_page(world: World, now: datetime, sentence: str) -> None:
    send(world, JEU_01)
    now_there = replace(world, version=world.store.version(), now=now)
    missing = find_missing(now_there, OFFICER, TILLEULS)
    assert (missing.count, missing.expected) == (5, 6)
    assert say_missing(now_there, missing).replace("\u00a0", " ") == sentence


def test_where_the_round_stands(world: World) -> None:
    board, _ = measure_campaign(world, OFFICER, (TILLEULS,), THIRD)
    said = " ".join(say_due(world, board.row(0, named=True))).replace("\u00a0", " ")
    assert said == (
        "T3 2026 : à envoyer jusqu’au 2 novembre 2026. 6 indicateurs sur 6 sont encore attendus. "
        "L’échéance est passée : un dépôt en retard est accepté, et marqué."
    )


def test_rounds_before_one_over_the_new_year() -> None:
    assert list_earlier("2026-Q2") == ["2026-Q1", "2025-Q4", "2025-Q3"]


def test_several_rounds_at_once_are_each_as_alone(world: World) -> None:
    send(world, JEU_01, approve=True)
    now = replace(world, version=world.store.version())
    both, _ = measure_campaign(now, OFFICER, (TILLEULS,), THIRD, "2026-Q2")
    alone = [measure_campaign(now, OFFICER, (TILLEULS,), period)[0] for period in ("2026-Q2", THIRD)]
    assert both.equals(pl.concat(alone))


def test_another_territory_is_refused(world: World) -> None:
    with pytest.raises(PermissionError):
        measure_campaign(world, OFFICER, ("FR-99-LILAS",), THIRD)
