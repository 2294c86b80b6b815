"""A file as it was sent goes to those who may see all the figures of its territory, and to nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipelines.deposit import prepare_submission
from pipelines.store import load_observations, save_submission
from schemas.catalogue import Catalogue
from schemas.words import Audience, Role
from tests.conftest import NOW
from tests.web.conftest import TILLEULS, House

HEADINGS = "code_territoire;code_indicateur;periode;valeur;source\r\n"
CONTENT = f"{HEADINGS}{TILLEULS};JEU-04;2026-T3;3;Associations\r\n".encode()


@pytest.fixture
def number(house: House, catalogue: Catalogue) -> str:
    """A deposit of the Tilleuls with a small count in it, under a name that needs care."""
    nothing = load_observations(house.store, [TILLEULS], Audience.TERRITORY)
    prepared = prepare_submission(CONTENT, 'été "3".csv', [TILLEULS], catalogue, nothing, lambda: NOW)
    return save_submission(house.store, prepared, "officer", NOW).submission_id


def test_it_comes_to_the_byte_and_is_never_opened_in_place(
    house: House, number: str, signed_in: Callable[..., TestClient]
) -> None:
    answer = signed_in(Role.OFFICER, TILLEULS).get(f"/fichier/{number}")
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%A9t%C3%A9%20%223%22.csv"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("role", "territory"),
    [
        pytest.param(Role.OFFICER, "FR-99-LILAS", id="another_territory"),
        pytest.param(Role.COORDINATOR, "FR-99-LILAS", id="another_coordinator"),
        pytest.param(Role.NATIONAL, "", id="national_team"),
        pytest.param(Role.ADMINISTRATOR, "", id="administrator"),
    ],
)
def test_of_another_territory_it_is_not_there(
    number: str, signed_in: Callable[..., TestClient], role: Role, territory: str
) -> None:
    """Nor for those for whom small cells are masked; the answer is that of a number of nothing."""
    browser = signed_in(role, territory)
    refused, unknown = browser.get(f"/fichier/{number}"), browser.get("/fichier/nothing")
    assert (refused.status_code, refused.content) == (404, unknown.content)
    assert b"JEU-04" not in refused.content


def test_without_session_nobody_gets_it(house: House, number: str) -> None:
    assert house.browser().get(f"/fichier/{number}").status_code in (401, 303)


def test_a_file_that_was_never_kept_is_not_there(
    house: House, number: str, signed_in: Callable[..., TestClient]
) -> None:
    shutil.rmtree(Path(house.store.originals))
    assert signed_in(Role.OFFICER, TILLEULS).get(f"/fichier/{number}").status_code == 404
