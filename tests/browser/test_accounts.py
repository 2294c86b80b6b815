"""Accounts in a real browser: an invitation, own territory only, an access taken back, signing out everywhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from measures.disclosure import plan_masks
from pipelines.accounts import accept, create_administrator, invite
from pipelines.store import open_store
from schemas.account import ALL_RIGHTS, COMMAND_LINE
from schemas.words import Role
from settings import Settings
from tests.browser.conftest import Visit, start_app, stop_app, visit

pytestmark = pytest.mark.browser

PASSWORD = "une phrase assez longue"
TILLEULS = "FR-99-TILLEULS"
COORDINATOR, OFFICER = "coordination@example.org", "lea@example.org"
OWN_GOAL = f"objectif?territoire={TILLEULS}&objectif=O1&indicateur=JEU-01"
OTHER_GOAL = "objectif?territoire=FR-99-LILAS&indicateur=EMP-01&objectif=O1"

Enter = Callable[..., Visit]


@pytest.fixture(scope="module")
def house(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of an app whose store has a coordinator, and the path of the administrator's link."""
    path = Path(shutil.copy(demo_store, tmp_path_factory.mktemp("accounts") / "cap.duckdb"))
    store, now = open_store(Settings(store_path=path), plan_masks), datetime.now(UTC)
    _, link = create_administrator(store, "ada@example.org", "Ada Martin", now, COMMAND_LINE)
    _, secret = invite(store, COORDINATOR, "Camille Roux", Role.COORDINATOR, TILLEULS, now, COMMAND_LINE, ALL_RIGHTS)
    assert secret
    accept(store, secret, PASSWORD, now)
    store.close()
    process, address = start_app(path)
    yield address, f"invitation/{link}"
    stop_app(process)


@pytest.fixture
def enter(browser: Browser, house: tuple[str, str]) -> Iterator[Enter]:
    """A tab of a new browser, or of the browser of another tab; signed in if an e-mail is given."""
    opened: list[BrowserContext] = []

    def enter(email: str = "", width: int = 1280, beside: Visit | None = None) -> Visit:
        if beside is not None:
            return visit(beside.page.context, house[0])
        opened.append(browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR"))
        tab = visit(opened[-1], house[0])
        if email:
            tab.page.goto(f"{house[0]}/")
            sign_in(tab.page, email)
        return tab

    yield enter
    for context in opened:
        context.close()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def choose_password(page: Page) -> None:
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)
    page.get_by_role("button", name="Enregistrer et entrer").click()


def pick(page: Page, label: str, option: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.click()
    box.press_sequentially(option)
    box.press("Enter")


def faults_of(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_sign_in_are_whole(enter: Enter, house: tuple[str, str], width: int) -> None:
    tab = enter(width=width)
    for path in ("objectif", house[1], "invitation/perdu"):
        tab.page.goto(f"{house[0]}/{path}")
        assert tab.page.locator("h1").count() == 1
        assert tab.page.evaluate("document.documentElement.lang") == "fr"
        assert faults_of(tab.page) == []
        wider = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0
    assert tab.outside == []
    tab.page.goto(f"{house[0]}/")
    sign_in(tab.page, COORDINATOR, "un mauvais mot de passe")
    assert "n’est pas le bon" in tab.page.get_by_role("alert").inner_text()
    assert tab.page.get_by_label("Adresse électronique").input_value() == COORDINATOR
    assert faults_of(tab.page) == []


def test_an_invitation_opens_the_house(enter: Enter, house: tuple[str, str]) -> None:
    tab = enter()
    tab.page.goto(f"{house[0]}/{house[1]}")
    assert "Bonjour Ada Martin." in tab.page.inner_text("main")
    choose_password(tab.page)
    tab.page.wait_for_selector("text=Ada Martin")
    tab.open("acces")
    assert "Administratrice, tous les territoires" in tab.text
    assert "Camille Roux" in tab.text
    assert tab.errors == []


def test_a_coordinator_sees_their_territory_only(enter: Enter) -> None:
    tab = enter(COORDINATOR)
    tab.open(OWN_GOAL)
    assert "84 jeunes sur 240" in tab.text
    assert "Camille Roux" in tab.text
    tab.page.goto(f"{tab.address}/choisir?visiteur=national")
    tab.page.goto(f"{tab.address}/{OTHER_GOAL}")
    tab.page.wait_for_selector("text=n’est pas de ceux que vous pouvez lire")
    assert "coordinatrice, Quartier des Tilleuls" in tab.text
    assert "598" not in tab.text
    assert tab.errors == []


def test_an_access_is_given_and_taken_back(enter: Enter) -> None:
    """The open page of who lost theirs does nothing more."""
    coordinator = enter(COORDINATOR)
    coordinator.open("acces")
    page = coordinator.page
    pick(page, "Rôle", "chargée de mission")
    page.get_by_label("Nom que les autres verront").fill("Léa Durand")
    page.get_by_label("Adresse électronique").fill(OFFICER)
    page.get_by_role("button", name="Créer l’invitation").click()
    link = page.locator(".cap-link").inner_text()
    assert link.startswith("http://127.0.0.1:8501/invitation/")
    assert "Léa Durand" in page.inner_text(".cap-people")
    assert faults_of(page) == []

    officer = enter()
    officer.page.goto(f"{officer.address}/{link.split('/', 3)[3]}")
    choose_password(officer.page)
    officer.open(f"deposer?territoire={TILLEULS}")
    assert officer.page.get_by_role("link", name="Accès").count() == 0
    officer.page.goto(f"{officer.address}/acces")
    officer.page.wait_for_selector("text=Cette page est faite pour")
    officer.open("comparer?indicateur=JEU-01")

    pick(page, "Lequel", "Léa Durand")
    page.get_by_role("button", name="Retirer cet accès").click()
    page.wait_for_selector("text=C’est retiré")
    assert "Léa Durand" not in page.inner_text(".cap-people")
    officer.page.get_by_role("link", name="Où en est-on").click()
    officer.page.wait_for_selector("text=n’ouvre aucun territoire en ce moment")
    assert "Combien de jeunes" not in officer.page.inner_text("body")
    assert coordinator.errors == []


def test_signing_out_in_one_tab_closes_the_other(enter: Enter) -> None:
    tab = enter(COORDINATOR)
    tab.open("")
    other = enter(beside=tab)
    other.open(OWN_GOAL)
    tab.page.get_by_role("link", name="Se déconnecter").click()
    tab.page.wait_for_selector("text=Vous êtes déconnecté.")
    other.page.wait_for_url("**/connexion?suite=*")
    sign_in(other.page, COORDINATOR)
    other.page.wait_for_selector("text=84 jeunes sur 240")
    assert "indicateur=JEU-01" in other.page.url
