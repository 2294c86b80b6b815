"""An officer's deposit through the page: the file, what is wrong, what changes, the receipt, the new point."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser

from tests.browser.conftest import ROOT, Visit, visit

pytestmark = pytest.mark.browser

QUARTER = ROOT / "data" / "demo" / "to-deposit" / "valfleuri-2026-T3.csv"
DEPOSIT = "deposer?territoire=FR-99-VALFLEURI"
GOAL = "objectif?territoire=FR-99-VALFLEURI&objectif=O1&indicateur=DRO-02"


def drop(tab: Visit, name: str, content: bytes) -> None:
    tab.open(DEPOSIT)
    tab.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("vide.csv", b" \n", "est vide", id="empty"),
        pytest.param("photo.csv", b"\xff\xd8\xff\xe0" + bytes(2000), "n’est pas un tableau", id="photo_renamed_csv"),
        pytest.param("mot.csv", b"bonjour\n", "pas trouvé de tableau", id="no_table"),
    ],
)
def test_a_file_nobody_can_read_gets_one_sentence(tab: Visit, name: str, content: bytes, sentence: str) -> None:
    drop(tab, name, content)
    tab.page.wait_for_selector(f"text={sentence}")
    assert "Rien n’a été enregistré." in tab.text
    assert tab.page.locator("text=Confirmer le dépôt").count() == 0
    assert tab.errors == []


def test_a_file_that_names_persons_is_refused_and_forgotten(tab: Visit) -> None:
    drop(tab, "suivi.csv", QUARTER.read_bytes().replace(b"commentaire", "Prénom : Zoé".encode()))
    tab.page.wait_for_selector("text=annonce des données personnelles")
    assert "Rien n’a été enregistré." in tab.text
    assert "Zoé" not in tab.text
    assert tab.page.locator("text=Télécharger votre fichier annoté").count() == 0
    assert tab.errors == []


def test_of_several_sheets_one_is_asked_for(tab: Visit) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        for year in ("2025", "2026"):
            sheet = workbook.add_worksheet(year)
            sheet.write_row(0, 0, ["Code territoire", "Code indicateur", "Période", "Valeur", "Source"])
            sheet.write_row(1, 0, ["FR-99-VALFLEURI", "JEU-04", f"{year}-T3", 15, "Associations"])
    drop(tab, "annees.xlsx", content.getvalue())
    tab.page.wait_for_selector("text=dites laquelle est à déposer")
    assert tab.page.locator("text=Confirmer le dépôt").count() == 0
    tab.page.get_by_label("Feuille à déposer").click()
    tab.page.get_by_role("option", name="2026").click()
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    assert tab.errors == []


def test_everything_that_is_wrong_is_said_at_once(tab: Visit) -> None:
    text = QUARTER.read_text("utf-8-sig").replace("FR-99-VALFLEURI;;DRO-02", "FR-99-LILAS;;DRO-99", 1)
    text = text.replace("2026-T3", "2026-T9", 1)
    drop(tab, "fautes.csv", text.encode("utf-8"))
    tab.page.wait_for_selector("text=1 indicateur inconnu")
    for words in (
        "1 ligne d’un autre territoire",
        "1 période à préciser",
        "Ligne 2, colonne «\u00a0periode\u00a0»",
        "4 lignes sont prêtes",
    ):
        assert words in tab.text
    assert tab.page.locator("text=Confirmer le dépôt").count() == 0


def test_a_message_leads_to_its_place_in_the_guide(tab: Visit) -> None:
    """From the page in a new tab, and from the table of errors."""
    drop(tab, "fautes.csv", QUARTER.read_text("utf-8-sig").replace("2026-T3", "2026-T9", 1).encode("utf-8"))
    tab.page.wait_for_selector("text=1 période à préciser")
    with tab.page.expect_popup() as opened:
        tab.page.get_by_role("link", name="Dans le guide\u00a0: 1 période à préciser").click()
    guide = opened.value
    assert guide.url == f"{tab.address}/guide#unreadable_period"
    assert guide.locator("#unreadable_period").is_visible()
    assert "Période à préciser" in guide.inner_text("#unreadable_period")
    with tab.page.expect_download() as download:
        tab.page.click("button:has-text('Télécharger la liste des erreurs')")
    assert download.value.suggested_filename == "ce-qui-est-a-corriger.csv"
    first = Path(download.value.path()).read_text("utf-8-sig").splitlines()[1]
    assert first.startswith("2;periode;2026-T9;à corriger;Période à préciser;Ligne 2, colonne")
    assert first.endswith("/guide#unreadable_period")
    assert tab.errors == []


def test_a_clean_deposit_moves_the_curve(tab: Visit) -> None:
    page = tab.open(GOAL)
    assert "T3 2026" not in page.inner_text(".cap-table")
    drop(tab, QUARTER.name, QUARTER.read_bytes())
    page.wait_for_selector("text=5 valeurs nouvelles, 0 modifiée, 0 inchangée.")
    page.click("button:has-text('Confirmer le dépôt')")
    page.wait_for_selector("text=C’est enregistré. Voici votre reçu.")
    number = page.url.split("numero=")[1].split("&")[0]
    tab.open(GOAL)
    assert "T3 2026" not in page.inner_text(".cap-table")
    tab.open(f"recu?numero={number}")
    decide(tab, "Valider")
    page.wait_for_selector("text=Ses valeurs sont dans les courbes.")
    tab.open(GOAL)
    first = page.locator(".cap-table tbody tr").first.inner_text()
    assert first.split() == ["T3", "2026", "119", "180", "66", "%", "59", "à", "73", "%", "66", "%"]
    assert tab.errors == []


def decide(tab: Visit, move: str, reason: str = "", remarks: str = "") -> None:
    """What a coordinator does on the page of a receipt."""
    tab.page.get_by_text(move).first.click()
    tab.page.get_by_role("textbox", name="Raison").fill(reason)
    if remarks:
        tab.page.get_by_role("textbox", name="Remarques").fill(remarks)
    tab.page.get_by_role("button", name="Confirmer", exact=True).click()


def confirm(tab: Visit) -> str:
    """Confirm the deposit; its number."""
    tab.page.click("button:has-text('Confirmer le dépôt')")
    tab.page.wait_for_selector("text=C’est enregistré. Voici votre reçu.")
    return tab.page.url.split("numero=")[1].split("&")[0]


def test_the_same_file_again_is_said_to_have_come(tab: Visit) -> None:
    drop(tab, QUARTER.name, QUARTER.read_bytes())
    tab.page.wait_for_selector("text=5 inchangées")
    tab.page.click("button:has-text('Confirmer le dépôt')")
    tab.page.wait_for_selector("text=Ce dépôt était déjà arrivé")
    tab.page.wait_for_selector("dd:has-text('valfleuri-2026-T3.csv')")


def test_a_correction_asks_why(tab: Visit, tmp_path: Path) -> None:
    text = QUARTER.read_text("utf-8-sig").replace("119;180;66,1", "121;180;67,2", 1)
    drop(tab, "correction.csv", text.encode("utf-8"))
    page = tab.page
    page.wait_for_selector("text=1 valeur validée qui change")
    page.click("button:has-text('Confirmer le dépôt')")
    page.wait_for_selector("text=dites pourquoi en une phrase, puis confirmez")
    say_why(tab, "Deux dossiers retrouvés")
    confirm(tab)
    page.wait_for_selector("dd:has-text('Deux dossiers retrouvés')")
    decide(tab, "Valider")
    page.wait_for_selector("text=Ses valeurs sont dans les courbes.")
    tab.open(GOAL)
    assert "T3 2026 : 66 % (119 sur 180) jusqu’au 23 novembre 2026" in tab.text.replace("\u00a0", " ")
    assert "corrigé par coordinatrice (démonstration)" in tab.text
    assert "Deux dossiers retrouvés" in tab.text


def test_two_officers_at_once_each_confirm_what_they_saw(tab: Visit, app: str, browser: Browser) -> None:
    """The second to confirm is shown the difference anew when the first has changed what is approved."""
    first = QUARTER.read_text("utf-8-sig").replace("119;180;66,1", "122;180;67,8", 1)
    second = QUARTER.read_text("utf-8-sig").replace("119;180;66,1", "123;180;68,3", 1)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    other = visit(context, app)
    for one, text in ((tab, first), (other, second)):
        drop(one, "a-deux.csv", text.encode("utf-8"))
        one.page.wait_for_selector("text=1 valeur validée qui change")
        say_why(one, "Recompté")
    confirm(tab)
    decide(tab, "Valider")
    tab.page.wait_for_selector("text=Ses valeurs sont dans les courbes.")
    other.page.click("button:has-text('Confirmer le dépôt')")
    other.page.wait_for_selector("text=D’autres chiffres sont arrivés entre-temps")
    assert "122 sur 180" in other.text
    confirm(other)
    context.close()


def say_why(tab: Visit, reason: str) -> None:
    tab.page.fill("input[aria-label^='Pourquoi']", reason)
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_timeout(500)


def look_as(tab: Visit, who: str) -> None:
    tab.page.goto(f"{tab.address}/choisir?visiteur={who}")
    tab.page.wait_for_selector("h1")


FAULTY = QUARTER.read_text("utf-8-sig").replace("119;180;66,1", "abc;180;66,1", 1)


def test_a_draft_is_found_again_and_its_ready_part_sent(tab: Visit) -> None:
    """A tab that was closed; four rows of five; the coordinator returns it with a remark; the officer reads it."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    drop(tab, "brouillon.csv", FAULTY.encode())
    tab.page.wait_for_selector("text=1 nombre illisible")
    tab.open(DEPOSIT)
    assert "Vous aviez commencé à déposer brouillon.csv" in tab.text
    tab.page.click("text=Reprendre ce dépôt")
    tab.page.wait_for_selector("text=1 nombre illisible")
    tab.page.click("text=Déposer seulement ce qui est prêt")
    tab.page.wait_for_selector("text=1 ligne reste à corriger")
    number = confirm(tab)
    assert "Valider" not in tab.text
    tab.page.click("text=Ce qui a été signalé de ce fichier")
    assert "« abc » n’est pas un nombre" in tab.text.replace("\u00a0", " ")

    look_as(tab, "coordinator")
    tab.open("a-faire")
    assert "votre validation." in tab.text
    tab.page.click(".cap-waiting:has-text('brouillon.csv') a")
    tab.page.wait_for_selector("text=Reçu de dépôt")
    decide(tab, "Renvoyer à corriger", remarks="2 : le numérateur manque")
    tab.page.wait_for_selector("text=Dites pourquoi en une phrase")
    decide(tab, "Renvoyer à corriger", "Une ligne manque", "2 : le numérateur manque")
    tab.page.wait_for_selector("text=Corrigez le fichier, puis déposez-le à nouveau")

    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open(f"recu?numero={number}")
    said = tab.text.replace("\u00a0", " ")
    assert "Ligne 2 : le numérateur manque" in said
    assert "Renvoyé à corriger" in said
    assert "Une ligne manque" in said
    tab.open(DEPOSIT)
    assert "Vous aviez commencé" not in tab.text
    drop(tab, "autre.csv", FAULTY.encode() + b"\n")
    tab.page.wait_for_selector("text=1 nombre illisible")
    tab.open(DEPOSIT)
    tab.page.click("text=Abandonner ce dépôt")
    tab.page.wait_for_selector("text=Abandonner ce dépôt", state="detached")
    assert "Vous aviez commencé" not in tab.text
    assert tab.errors == []


def test_what_is_confirmed_is_the_state_that_was_shown(tab: Visit, app: str, browser: Browser) -> None:
    """Two coordinators approve at once: the second sees that it is done, and nothing is withdrawn in their name."""
    content = QUARTER.read_text("utf-8-sig").replace("119;180;66,1", "124;180;68,9", 1).encode()
    drop(tab, "deux.csv", content)
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    say_why(tab, "Recompté")
    number = confirm(tab)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    other = visit(context, app)
    other.open(f"recu?numero={number}")
    decide(tab, "Valider")
    tab.page.wait_for_selector("text=Ses valeurs sont dans les courbes.")
    decide(other, "Valider", "c’est bon")
    other.page.wait_for_selector("text=Ses valeurs sont dans les courbes.")
    assert "Retiré le" not in other.text
    context.close()


def test_a_receipt_and_its_files_are_its_territory_s(tab: Visit) -> None:
    """The file to the byte, the receipt as a page of its own; another territory's number is not there."""
    look_as(tab, "officer:FR-99-LILAS")
    content = QUARTER.read_text("utf-8-sig").replace("VALFLEURI", "LILAS").encode()
    tab.open("deposer")
    tab.page.set_input_files("input[type=file]", {"name": "lilas.csv", "mimeType": "text/csv", "buffer": content})
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    say_why(tab, "Recompté")
    number = confirm(tab)
    with tab.page.expect_download() as original:
        tab.page.click("text=Télécharger le fichier tel qu’il a été envoyé")
    assert Path(original.value.path()).read_bytes() == content
    with tab.page.expect_download() as paper:
        tab.page.click("text=Télécharger le reçu")
    assert number in Path(paper.value.path()).read_text("utf-8")
    tab.open("recu")
    tab.page.get_by_label("Retrouver un dépôt par le numéro de son reçu").fill(number)
    tab.page.get_by_role("button", name="Retrouver").click()
    tab.page.wait_for_selector("text=lilas.csv")

    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open(f"recu?numero={number}")
    assert "Aucun dépôt de vos territoires ne porte ce numéro" in tab.text
    assert "lilas.csv" not in tab.text
    look_as(tab, "national")
    tab.open(f"recu?numero={number}")
    assert "lilas.csv" in tab.text
    assert "Télécharger le fichier tel qu’il a été envoyé" not in tab.text
    assert "Décider" not in tab.text
    assert tab.errors == []


WIDE = "Lieu;idBank;Statistique;T2 2026;T3 2026\n{place};1;Ménages servis par l’aide alimentaire;{a};{b}\n"


def choose(tab: Visit, label: str, option: str) -> None:
    """Pick an option of a list as one does with the keyboard."""
    box = tab.page.get_by_label(label)
    box.click()
    box.press_sequentially(option)
    box.press("Enter")


def test_a_wide_table_is_asked_about_once(tab: Visit) -> None:
    """The questions, one that was left out, the deposit, and the next file of the same shape without a question."""
    drop(tab, "large.csv", WIDE.format(place="Ville", a=40, b=44).encode())
    tab.page.wait_for_selector("text=Quelques questions, une seule fois")
    assert "Tableau large" in tab.text
    assert tab.page.locator("text=Confirmer le dépôt").count() == 0
    tab.page.click("button:has-text('Enregistrer ces réponses')")
    tab.page.wait_for_selector("text=Il manque une réponse")
    choose(tab, "De quel indicateur sont ces chiffres", "ALI-02")
    tab.page.get_by_label("D’où viennent ces chiffres").fill("Observatoire local")
    tab.page.click("button:has-text('Enregistrer ces réponses')")
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    assert "lu avec les réponses données une fois" in tab.text
    drop(tab, "large.csv", WIDE.format(place="Ville", a=41, b=45).encode())
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    assert "Quelques questions" not in tab.text
    tab.page.click("button:has-text('Répondre à nouveau')")
    tab.page.wait_for_selector("text=Quelques questions, une seule fois")
    assert tab.errors == []
