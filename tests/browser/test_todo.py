"""The coordinator's page: decide on a deposit, ask for what is missing, date a committee; the story behind a curve."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.conftest import Visit, visit
from tests.browser.test_deposit import DEPOSIT, QUARTER, confirm, look_as, say_why
from tests.browser.test_pages import ENGLISH_LEFT, LABELS, NARROW, WIDE

pytestmark = pytest.mark.browser

GOAL = "objectif?territoire=FR-99-VALFLEURI&objectif=O1&indicateur=DRO-02"
TOLD = "Le guichet a ouvert un second poste en septembre."


@pytest.fixture
def other(browser: Browser, app: str) -> Iterator[Visit]:
    """A second person, in a browser of their own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    yield visit(context, app)
    context.close()


def plain(tab: Visit) -> str:
    return tab.text.replace("\u00a0", " ").replace("\u202f", " ")


def send(tab: Visit, name: str, numerator: int, why: str = "") -> str:
    """Deposit the quarter of Val Fleuri with another numerator, as its officer; the number of the receipt."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    share = f"{100 * numerator / 180:.1f}".replace(".", ",")
    content = QUARTER.read_text("utf-8-sig").replace("119;180;66,1", f"{numerator};180;{share}", 1)
    tab.open(DEPOSIT)
    tab.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content.encode()})
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    if why:
        say_why(tab, why)
    number = confirm(tab)
    look_as(tab, "coordinator")
    return number


def is_whole(tab: Visit) -> None:
    """As any page: no English left, nothing wider than the screen, nothing serious for axe."""
    assert ENGLISH_LEFT.findall(tab.page.inner_text("body")) == []
    assert ENGLISH_LEFT.findall(tab.page.evaluate(LABELS)) == []
    assert tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(tab.page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
    assert tab.errors == []


def test_what_is_missing_is_asked_for_with_a_message_to_copy(tab: Visit) -> None:
    """Who owes what, since when; the message, copied with the keyboard."""
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open("a-faire")
    assert "6 chiffres attendus" in plain(tab)
    row = tab.page.locator(".cap-owed tr", has_text="Délai médian avant un premier rendez-vous").inner_text()
    assert row.replace("\u00a0", " ").split("\t")[1:] == [
        "Guichets",
        "2 novembre 2026",
        "en retard de 21 jours",
    ]
    tab.page.get_by_text("messages de rappel, prêts à copier").click()
    button = tab.page.get_by_role("button", name="Copier").first
    button.focus()
    tab.page.keyboard.press("Enter")
    copied = tab.page.evaluate("navigator.clipboard.readText()").replace("\u00a0", " ")
    assert "pour « Val Fleuri » :" in copied
    assert "T3 2026, qui était attendu jusqu’au 2 novembre 2026" in copied
    assert "/deposer?territoire=FR-99-VALFLEURI" in copied
    is_whole(tab)


@pytest.mark.parametrize("tab", [WIDE, NARROW], ids=["1280", "390"], indirect=True)
def test_a_deposit_is_returned_with_remarks_from_the_page(tab: Visit) -> None:
    number = send(tab, "a-renvoyer.csv", 161)
    tab.open("a-faire")
    assert "1 dépôt attend votre validation." in plain(tab)
    said = tab.page.locator(".cap-waiting", has_text="a-renvoyer.csv").inner_text().replace("\u00a0", " ")
    assert "T3 2026, total : 89 % (161 sur 180)" in said
    assert "1 évolution inhabituelle" in said
    tab.page.get_by_text("Renvoyer à corriger").click()
    tab.page.get_by_role("button", name="Renvoyer ce dépôt").click()
    tab.page.wait_for_selector("text=Dites pourquoi en une phrase")
    tab.page.get_by_label("Pourquoi le renvoyer").fill("Le numérateur est trop haut")
    tab.page.get_by_label("Remarques par ligne").fill("2 : recomptez, écrire à zoe@example.org")
    is_whole(tab)
    tab.page.get_by_role("button", name="Renvoyer ce dépôt").click()
    tab.page.wait_for_selector("text=une adresse électronique")
    tab.page.get_by_label("Remarques par ligne").fill("2 : recomptez, s’il vous plaît")
    tab.page.get_by_role("button", name="Renvoyer ce dépôt").click()
    tab.page.wait_for_selector("text=a-renvoyer.csv est renvoyé à corriger")
    assert tab.page.locator(".cap-waiting").count() == 0
    tab.open(f"recu?numero={number}")
    assert "Ligne 2 : recomptez, s’il vous plaît" in plain(tab)


def test_a_deposit_is_approved_from_the_page_and_a_second_coordinator_is_told(tab: Visit, other: Visit) -> None:
    send(tab, "a-valider.csv", 119)
    other.open("a-faire")
    other.page.wait_for_selector("text=a-valider.csv")
    tab.open("a-faire")
    tab.page.get_by_role("button", name="Valider ce dépôt").click()
    tab.page.wait_for_selector("text=a-valider.csv est validé : ses valeurs sont dans les courbes.")
    assert "Aucun dépôt n’attend." in plain(tab)
    other.page.get_by_role("button", name="Valider ce dépôt").click()
    other.page.wait_for_selector("text=a-valider.csv n’attend plus. Validé le 23 novembre 2026")
    assert other.page.locator(".cap-waiting").count() == 0
    tab.open(GOAL)
    assert "66 % au T3 2026 (119 dossiers sur 180)" in plain(tab)
    assert (tab.errors, other.errors) == ([], [])


def test_what_is_approved_is_what_was_shown(tab: Visit, other: Visit) -> None:
    """Approved values that move while the page is open: the difference is shown anew before anything is approved."""
    send(tab, "premier.csv", 120, "Recompté")
    send(tab, "second.csv", 121, "Recompté encore")
    for one in (tab, other):
        one.open("a-faire")
        one.page.wait_for_selector("text=second.csv")
    tab.page.get_by_role("button", name="Valider ce dépôt").first.click()
    tab.page.wait_for_selector("text=premier.csv est validé")
    other.page.get_by_role("button", name="Valider ce dépôt").last.click()
    other.page.wait_for_selector("text=D’autres chiffres sont arrivés entre-temps")
    changed = " ".join(other.page.locator(".cap-beside li").first.inner_text().split())
    assert changed.endswith("67 % (120 sur 180) → devient 67 % (121 sur 180)"), changed
    other.page.get_by_role("button", name="Valider ce dépôt").click()
    other.page.wait_for_selector("text=second.csv est validé")


def test_a_story_is_drafted_then_validated_then_read_by_the_committee(tab: Visit, other: Visit) -> None:
    """The officer drafts, the coordinator finds it on the page of what waits and validates it, the committee reads."""
    goal = "objectif?territoire=FR-99-BELLEVUE&objectif=O3&indicateur=JEU-01"
    look_as(tab, "officer:FR-99-BELLEVUE")
    tab.open(goal)
    tab.page.get_by_text("Écrire l’histoire du T3 2026").click()
    box = tab.page.get_by_label("Ce qui explique ce chiffre")
    box.fill("Appeler le 06 12 34 56 78.")
    tab.page.get_by_role("button", name="Enregistrer le brouillon").click()
    tab.page.wait_for_selector("text=un numéro de téléphone")
    assert tab.page.get_by_role("button", name="Valider ce texte").count() == 0
    box.fill(TOLD)
    is_whole(tab)
    tab.page.get_by_role("button", name="Enregistrer le brouillon").click()
    tab.page.wait_for_selector("text=Le brouillon est enregistré")

    look_as(other, "committee:FR-99-BELLEVUE")
    other.open(goal)
    assert TOLD not in other.text
    assert "Écrire l’histoire" not in other.text

    look_as(tab, "coordinator")
    tab.open("a-faire")
    assert "Texte en brouillon, à valider" in plain(tab)
    tab.page.locator("a[href*='ecrire=1']", has_text="Jeunes suivis").first.click()
    tab.page.wait_for_selector("text=Brouillon de chargée de mission")
    tab.page.get_by_label("Ce qui explique ce chiffre").fill(f"{TOLD} Mme Exemple y tient.")
    tab.page.get_by_role("button", name="Valider ce texte").click()
    tab.page.wait_for_selector("text=Le texte est validé")
    assert "À relire : ce texte semble nommer une personne" in plain(tab)
    tab.page.get_by_label("Ce qui explique ce chiffre").fill(TOLD)
    tab.page.get_by_role("button", name="Valider ce texte").click()
    tab.page.wait_for_selector(f".cap-said:text-is('{TOLD}')")

    other.open(goal)
    assert "L’histoire derrière la courbe" in other.text
    assert other.page.inner_text(".cap-said") == TOLD
    assert "Écrit par coordinatrice (démonstration), le 23 novembre 2026." in plain(other)
    look_as(other, "national")
    other.open(goal)
    assert TOLD not in other.text
    assert (tab.errors, other.errors) == ([], [])


def test_two_who_write_at_once_do_not_cover_each_other(tab: Visit, other: Visit) -> None:
    goal = "objectif?territoire=FR-99-LILAS&objectif=O3&indicateur=JEU-01&ecrire=1"
    for one in (tab, other):
        one.open(goal)
        one.page.get_by_label("Ce qui explique ce chiffre").wait_for()
    tab.page.get_by_label("Ce qui explique ce chiffre").fill("Le premier texte.")
    tab.page.get_by_role("button", name="Enregistrer le brouillon").click()
    tab.page.wait_for_selector("text=Le brouillon est enregistré")
    other.page.get_by_label("Ce qui explique ce chiffre").fill("Le second texte.")
    other.page.get_by_role("button", name="Enregistrer le brouillon").click()
    other.page.wait_for_selector("text=Entre-temps, coordinatrice (démonstration) a écrit")
    assert other.page.get_by_label("Ce qui explique ce chiffre").input_value() == "Le second texte."
    other.page.get_by_role("button", name="Enregistrer le brouillon").click()
    other.page.wait_for_selector("text=Le brouillon est enregistré")


@pytest.mark.parametrize("tab", [WIDE, NARROW], ids=["1280", "390"], indirect=True)
def test_what_happened_stands_on_the_curve_and_in_words(tab: Visit) -> None:
    tab.open("objectif?territoire=FR-99-TILLEULS&objectif=O1&indicateur=JEU-01")
    tab.page.wait_for_selector(".js-plotly-plot .main-svg")
    assert "◇" in tab.page.inner_text(".js-plotly-plot")
    assert "12 mai 2025 : Départ de la conseillère référente (dans le territoire)" in plain(tab)
    tab.open("objectif?territoire=FR-99-TILLEULS&objectif=O3&indicateur=DRO-02")
    assert "conseillère" not in tab.text
    is_whole(tab)


@pytest.mark.parametrize("tab", [WIDE, NARROW], ids=["1280", "390"], indirect=True)
def test_loose_threads_and_the_next_committee(tab: Visit) -> None:
    tab.open("a-faire")
    said = plain(tab)
    assert "Quartier des Tilleuls : comité de pilotage dans 15 jours, le 8 décembre 2026." in said
    assert "1 jalon est en retard." in said
    assert (
        "Jalon en retard : « Vingt parrains formés », prévu le 30 septembre 2026 (Parrainage par des adultes du "
        "quartier), pour « Des jeunes accompagnés jusqu’à une solution » et « Des collégiens présents en classe »."
    ) in said
    assert "Objectif sans action en cours : « Des habitants là où l’on décide »." in said
    assert "Action sans objectif" in said
    is_whole(tab)


def test_a_committee_is_dated_moved_and_cancelled(tab: Visit) -> None:
    look_as(tab, "coordinator")
    tab.open("a-faire")
    tab.page.get_by_text("Dater, déplacer ou annuler un comité").click()
    tab.page.get_by_role("button", name="Enregistrer ce comité").click()
    tab.page.wait_for_selector("text=Choisissez le jour du comité")
    type_day(tab, "01122026")
    is_whole(tab)
    tab.page.get_by_role("button", name="Enregistrer ce comité").click()
    tab.page.wait_for_selector("text=C’est noté : le comité est daté du 1er décembre 2026.")
    assert "Bellevue-les-Prés : comité de pilotage dans 8 jours, le 1er décembre 2026." in plain(tab)
    pick(tab, "Comité de pilotage du 1er décembre 2026")
    type_day(tab, "02122026")
    tab.page.get_by_role("button", name="Enregistrer le changement").click()
    tab.page.wait_for_selector("text=le comité est daté du 2 décembre 2026.")
    assert "1er décembre 2026." not in plain(tab)
    pick(tab, "Comité de pilotage du 2 décembre 2026")
    tab.page.get_by_role("button", name="Annuler ce comité").click()
    tab.page.wait_for_selector("text=C’est noté : ce comité est annulé.")
    assert "Quartier des Tilleuls : comité de pilotage dans 15 jours" in plain(tab)
    assert tab.errors == []


def pick(tab: Visit, option: str) -> None:
    """A committee of the list; the form follows."""
    box = tab.page.get_by_label("Quel comité")
    box.click()
    tab.page.get_by_role("option", name=option).click()
    tab.page.get_by_role("button", name="Annuler ce comité").wait_for()


def type_day(tab: Visit, day: str) -> None:
    """DDMMYYYY into the boxes of a day, with the keyboard."""
    box = tab.page.get_by_label("jour, Quel jour")
    box.click()
    tab.page.keyboard.type(day)
    tab.page.keyboard.press("Tab")
    tab.page.wait_for_timeout(300)
