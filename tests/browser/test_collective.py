"""Le collectif: each register as it stands, a line added and changed in a form, a file dropped on Déposer."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280}, {"width": 390}
PAGE = "collectif?territoire=FR-99-TILLEULS&registre="
REGISTERS = ("actions", "milestones", "partners", "events", "local_indicators", "targets")
ENGLISH_LEFT = re.compile(r"\b(Choose|Select|Press|Clear|Submit|No results|None|null|options?)\b")
LABELS = "[...document.querySelectorAll('[aria-label]')].map((one) => one.getAttribute('aria-label')).join('\\n')"
MILESTONES = "code_action;code_jalon;libelle;date_prevue;etat\nA02;J2;Vingt parrains formés;30/09/2026;fait\n"


def wait(tab: Visit) -> None:
    tab.page.wait_for_timeout(300)
    tab.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    tab.page.wait_for_timeout(300)


def choose(tab: Visit, label: str, option: str) -> None:
    """By typing it, as one does from a keyboard."""
    box = tab.page.get_by_role("combobox", name=label, exact=True)
    box.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    tab.page.wait_for_timeout(300)
    box.fill(option)
    tab.page.locator("[role=listbox] [role=option]", has_text=option).first.wait_for()
    box.press("Enter")
    wait(tab)


@pytest.mark.parametrize("tab", [WIDE, NARROW], ids=["1280", "390"], indirect=True)
@pytest.mark.parametrize("register", REGISTERS)
def test_a_register_is_whole(tab: Visit, register: str) -> None:
    """In French, readable by all, nothing wider than the screen."""
    page = tab.open(f"{PAGE}{register}")
    page.wait_for_timeout(600)
    assert tab.errors == []
    assert page.locator("h1").count() == 1
    assert ENGLISH_LEFT.findall(page.inner_text("body")) == []
    assert ENGLISH_LEFT.findall(page.evaluate(LABELS)) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:160]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_codes_have_their_labels_and_days_are_in_words(tab: Visit) -> None:
    tab.open(f"{PAGE}actions")
    for said in ("Permanence du mercredi à la mission locale (A01)", "Mission locale de Démo (P2)", "en cours",
                 "Des jeunes accompagnés jusqu’à une solution (O1)", "6 novembre 2024"):  # fmt: skip
        assert said in tab.text


def test_a_line_is_corrected_where_it_is_wrong_then_kept(tab: Visit) -> None:
    """The fault stands beside the form; nothing is kept while there is one; the table and the receipt follow."""
    page = tab.open(f"{PAGE}actions")
    page.get_by_label("Intitulé *").fill("Atelier vélo")
    page.get_by_label("Début").fill("32/01/2026")
    page.get_by_role("button", name="Enregistrer la ligne").click()
    page.wait_for_selector("text=n’est pas une date")
    assert "Champ « Début »" in tab.text.replace("\u00a0", " ")
    assert "Champ « État »" in tab.text.replace("\u00a0", " ")
    assert "Rien n’a été enregistré." in tab.text
    assert "Atelier vélo (A" not in tab.text
    page.get_by_label("Début").fill("31/01/2026")
    choose(tab, "État *", "en préparation")
    page.get_by_role("button", name="Enregistrer la ligne").click()
    page.wait_for_selector("text=C’est enregistré.")
    assert re.search(r"Atelier vélo \(A\d\d\)\s+en préparation", tab.text)
    page.click("text=Voir le reçu")
    page.wait_for_selector("text=1 ligne nouvelle")
    assert "Un registre compte dès son envoi" in tab.text
    assert page.locator("text=Décider").count() == 0
    assert tab.errors == []


def test_a_person_named_in_a_form_is_not_kept(tab: Visit) -> None:
    page = tab.open(f"{PAGE}partners")
    page.get_by_label("Nom de l’organisation *").fill("Zoé, 06 12 34 56 78")
    choose(tab, "Type *", "association")
    page.get_by_role("button", name="Enregistrer la ligne").click()
    page.wait_for_selector("text=numéro de téléphone")
    assert "Rien n’a été enregistré." in tab.text
    assert "C’est enregistré." not in tab.text


def test_an_event_is_withdrawn(tab: Visit) -> None:
    page = tab.open(f"{PAGE}events")
    choose(tab, "Ligne à modifier", "Départ de la conseillère référente")
    page.click("text=Retirer cet évènement")
    page.wait_for_selector("text=C’est enregistré.")
    line = page.locator("tr", has_text="Départ de la conseillère référente").inner_text()
    assert line.split("\t")[-1] == "oui"


def test_a_target_is_revised_with_its_meeting(tab: Visit) -> None:
    """The version before stays in its history."""
    page = tab.open(f"{PAGE}targets")
    choose(tab, "Ligne à modifier", "Des jeunes accompagnés jusqu’à une solution (O1)")
    page.wait_for_selector("input[value='22,0833']")
    page.get_by_label("Cible", exact=True).fill("32")
    page.get_by_label("Réunion qui a décidé *").fill("02/07/2026")
    page.get_by_role("button", name="Enregistrer la ligne").click()
    page.wait_for_selector("text=C’est enregistré.")
    page.click("text=L’histoire de chaque cible")
    text = tab.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "version 1 : au moins 30 %, fin 2027 ; comité de pilotage du 6 février 2024" in text
    assert "version 2 : au moins 32 %, fin 2027 ; comité de pilotage du 2 juillet 2026" in text


def test_a_register_is_dropped_on_the_deposit_page(tab: Visit) -> None:
    """The same steps: understood, what changes, confirm, receipt."""
    page = tab.open("deposer?territoire=FR-99-TILLEULS")
    file = {"name": "jalons.csv", "mimeType": "text/csv", "buffer": MILESTONES.encode()}
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("text=C’est le registre des jalons.")
    assert "État\u00a0: à venir" in tab.text
    assert "État\u00a0: fait" in tab.text
    assert page.locator("text=Pourquoi cette correction").count() == 0
    page.click("text=Confirmer le dépôt")
    page.wait_for_selector("text=C’est enregistré. Voici votre reçu.")
    assert "0 ligne nouvelle, 1 modifiée" in tab.text
    assert tab.errors == []


def test_committee_members_read_and_do_not_write(tab: Visit) -> None:
    """The form is for who deposits."""
    tab.page.goto(f"{tab.address}/choisir?visiteur=committee:FR-99-BELLEVUE")
    page = tab.open("collectif?registre=actions")
    assert "Bellevue" in tab.text
    assert page.locator("text=Télécharger en CSV").count() == 1
    assert page.locator("text=Enregistrer la ligne").count() == 0
