"""What is wrong is mended on the page: twelve faults without a second upload, pasted cells, a tab that was closed."""

from __future__ import annotations

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.conftest import Visit, visit
from tests.browser.test_deposit import DEPOSIT, QUARTER, confirm, drop, look_as

pytestmark = pytest.mark.browser

HEADINGS = (
    "code_territoire;code_quartier;code_indicateur;periode;ventilation;modalite;numerateur;denominateur;valeur;statut;"
    "confidentialite;date_reference;source;commentaire"
)
OWN = "FR-99-VALFLEURI;;{}"
TWELVE = {
    "no_denominator": OWN.format("DRO-02;2026-T3;;;119;;;;;;France services;"),
    "unknown_indicator": OWN.format("DRO-1;2026-T3;;;;;95;;;;France services;"),
    "unreadable_period": OWN.format("DRO-05;2026-T33;;;;;11;;;;Guichets;"),
    "above_denominator": OWN.format("JEU-01;2026-T3;;;138;130;;;;;Mission locale;"),
    "unreadable_number": OWN.format("PAR-02;2026-T3;;;vingt;41;;;;;Relevé de décisions;"),
    "wrong_territory": "FR-99-VALFLEURY;;JEU-04;2026-T3;;;;;15;;;;Associations;",
    "spreadsheet_error": OWN.format("MOB-03;2026-T3;;;;;#DIV/0!;;;;Plateforme;"),
    "out_of_range": OWN.format("MOB-02;2026-T3;;;;;-40;;;;AOM;"),
    "value_disagrees": OWN.format("SAN-05;2026-T3;;;20;40;60;;;;Médiation;"),
    "no_reason": OWN.format("EMP-04;2026-T3;;;;;;non_disponible;;;PLIE;"),
    "unknown_word": OWN.format("EMP-05;2026-T3;;;20;40;;normale;;;Association;"),
    "unknown_category": OWN.format("DRO-06;2026-T3;sexe;filles;20;40;;;;;Conseillers;"),
}
FAULTY = "\n".join([HEADINGS, *TWELVE.values(), ""]).encode()
TYPED = [
    ("denominateur", 2, "180"),
    ("periode", 4, "2026-T3"),
    ("numerateur", 5, "38"),
    ("numerateur", 6, "23"),
    ("valeur", 8, "61"),
    ("valeur", 9, "40"),
    ("valeur", 10, ""),
    ("commentaire", 11, "Le PLIE n’a pas répondu"),
    ("statut", 12, "normal"),
    ("modalite", 13, "femmes"),
]


def type_in(tab: Visit, column: str, line: int, text: str) -> None:
    """Type into a cell and leave it; the page has checked again once its run is over."""
    tab.page.get_by_label(f"{column}, ligne {line}", exact=True).first.fill(text)
    tab.page.keyboard.press("Enter")
    settle(tab)


def settle(tab: Visit) -> None:
    tab.page.wait_for_timeout(300)
    tab.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=20_000)


def test_twelve_faults_are_mended_without_a_second_upload(tab: Visit) -> None:
    """The bytes stay as they came; the receipt lists each correction; serious faults of the page itself: none."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    drop(tab, "douze.csv", FAULTY)
    tab.page.wait_for_selector("text=12 lignes demandent votre attention")
    serious = [
        one["id"] for one in Axe().run(tab.page).response["violations"] if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    tab.page.get_by_role("button", name="DRO-01 ·").click()
    settle(tab)
    tab.page.get_by_role("button", name="Val Fleuri", exact=True).click()
    settle(tab)
    for column, line, text in TYPED:
        type_in(tab, column, line, text)
    tab.page.wait_for_selector("text=Les courbes, avant et après")
    assert "À corriger avant de déposer" not in tab.text
    assert "12 corrections faites sur la page" in tab.text
    confirm(tab)
    tab.page.click("summary:has-text('12 corrections')")
    said = tab.text.replace("\u00a0", " ")
    assert "Ligne 2, colonne « denominateur » : case vide, remplie par « 180 »." in said
    assert "Ligne 4, colonne « periode » : « 2026-T33 » devient « 2026-T3 »." in said
    assert "Ligne 10, colonne « valeur » : « 60 » est effacé." in said
    with tab.page.expect_download() as original:
        tab.page.click("text=Télécharger le fichier tel qu’il a été envoyé")
    assert original.value.path().read_bytes() == FAULTY
    assert tab.errors == []


def test_a_correction_outlives_its_tab_and_can_be_taken_back(tab: Visit) -> None:
    look_as(tab, "officer:FR-99-VALFLEURI")
    drop(tab, "onglet.csv", FAULTY.replace(b"119", b"118"))
    tab.page.wait_for_selector("text=12 lignes demandent votre attention")
    type_in(tab, "denominateur", 2, "180")
    tab.page.wait_for_selector("text=11 lignes demandent votre attention")
    tab.page.goto("about:blank")
    tab.open(DEPOSIT)
    assert "1 correction y est déjà faite." in tab.text
    tab.page.click("text=Reprendre ce dépôt")
    tab.page.wait_for_selector("text=11 lignes demandent votre attention")
    tab.page.click("text=1 correction faite sur la page")
    tab.page.get_by_role("button", name="Annuler", exact=True).click()
    tab.page.wait_for_selector("text=12 lignes demandent votre attention")
    assert tab.errors == []


def test_a_cell_that_names_somebody_is_not_kept(tab: Visit) -> None:
    look_as(tab, "officer:FR-99-VALFLEURI")
    drop(tab, "nom.csv", FAULTY.replace(b"119", b"117"))
    tab.page.wait_for_selector("text=12 lignes demandent votre attention")
    type_in(tab, "commentaire", 11, "Demandez à zoe@exemple.fr")
    tab.page.wait_for_selector("text=Ce que vous avez tapé ressemble à")
    assert "zoe@exemple.fr" not in tab.page.content()
    assert "correction faite" not in tab.text


def test_a_figure_nobody_has_is_said_so(tab: Visit) -> None:
    """The faulty line without its number, with the reason; an expected indicator that is not in the file too."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    drop(tab, "absent.csv", "\n".join([HEADINGS, TWELVE["unreadable_number"], ""]).encode())
    tab.page.wait_for_selector("text=1 ligne demande votre attention")
    tab.page.click("text=Dire qu’un chiffre n’est pas disponible")
    for option in ("Ligne 2", "Ouvertures de droits"):
        box = tab.page.get_by_label("Lignes ou indicateurs sans chiffre")
        box.click()
        box.press_sequentially(option)
        box.press("Enter")
    tab.page.get_by_label("Pourquoi ce chiffre manque").fill("Registre perdu")
    tab.page.get_by_role("button", name="Dire non disponible").click()
    tab.page.wait_for_selector("text=Confirmer le dépôt")
    assert tab.text.count("non disponible") >= 2
    assert tab.errors == []


def test_cells_are_pasted_from_a_spreadsheet(tab: Visit) -> None:
    """As a spreadsheet copies them, with tabs; without their headings they are the template's."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open(DEPOSIT)
    tab.page.click("text=Ou collez des cellules copiées d’un tableur")
    row = "FR-99-VALFLEURI;;DRO-02;2026-T3;total;;131;180;;normal;libre;;;;France services;".replace(";", "\t")
    tab.page.get_by_label("Cellules copiées, avec leur ligne de titres").fill(row)
    tab.page.get_by_role("button", name="Lire ces cellules").click()
    tab.page.wait_for_selector("text=1 ligne lue. 1 ligne est prête.")
    tab.open(DEPOSIT)
    assert "Vous aviez commencé à déposer cellules-collees.csv" in tab.text
    assert tab.errors == []


@pytest.mark.parametrize("tab", [{"width": 390}], ids=["390"], indirect=True)
def test_on_a_phone_one_point_at_a_time(tab: Visit) -> None:
    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open(DEPOSIT)
    drop(tab, "telephone.csv", FAULTY.replace(b"119", b"116"))
    tab.page.wait_for_selector("text=Point 1 sur 12")
    settle(tab)
    assert tab.page.locator('input[aria-label*=", ligne "]').count() == 1
    tab.page.get_by_role("button", name="Val Fleuri", exact=True).click()
    tab.page.wait_for_selector("text=Point 1 sur 11")
    tab.page.get_by_role("button", name="Suivant").click()
    tab.page.wait_for_selector("text=Point 2 sur 11")
    type_in(tab, "periode", 4, "2026-T3")
    tab.page.wait_for_selector("text=Point 2 sur 10")
    overflow = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    serious = [
        one["id"] for one in Axe().run(tab.page).response["violations"] if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert tab.errors == []


def test_two_officers_of_a_territory_mend_their_own(tab: Visit, app: str, browser: Browser) -> None:
    """Each has a draft of their own: what one types is not on the other's page, and both deposits are kept."""
    other = visit(browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR"), app)
    look_as(tab, "officer:FR-99-VALFLEURI")
    look_as(other, "coordinator")
    line = TWELVE["no_denominator"]
    drop(tab, "a.csv", "\n".join([HEADINGS, line.replace("119", "101"), ""]).encode())
    drop(other, "b.csv", "\n".join([HEADINGS, line.replace("119", "102"), ""]).encode())
    for one in (tab, other):
        one.page.wait_for_selector("text=1 ligne demande votre attention")
    type_in(tab, "denominateur", 2, "180")
    type_in(other, "denominateur", 2, "181")
    assert "101 sur 180" in tab.text
    assert "102 sur 181" in other.text
    numbers = {confirm(tab), confirm(other)}
    assert len(numbers) == 2
    other.page.context.close()


def test_what_came_back_is_corrected_from_where_it_was(tab: Visit) -> None:
    """Returned with a remark by line; the officer finds the remark, the cells of the line and earlier corrections."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    drop(tab, "retour.csv", "\n".join([HEADINGS, TWELVE["no_denominator"].replace("119", "103"), ""]).encode())
    tab.page.wait_for_selector("text=1 ligne demande votre attention")
    type_in(tab, "denominateur", 2, "180")
    number = confirm(tab)
    look_as(tab, "coordinator")
    tab.open(f"recu?numero={number}")
    tab.page.get_by_text("Renvoyer à corriger").first.click()
    tab.page.get_by_role("textbox", name="Raison").fill("Un dossier en trop")
    tab.page.get_by_role("textbox", name="Remarques").fill("2 : comptez sans les doublons")
    tab.page.get_by_role("button", name="Confirmer", exact=True).click()
    tab.page.wait_for_selector("text=Corrigez le fichier, puis déposez-le à nouveau")
    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open("depots?territoire=FR-99-VALFLEURI")
    assert "Ligne 2 : comptez sans les doublons" in tab.text.replace("\u00a0", " ")
    tab.page.get_by_label("Corriger et déposer à nouveau : retour.csv".replace(" :", "\u00a0:")).click()
    tab.page.wait_for_selector("text=Ce que dit la structure de soutien")
    type_in(tab, "numerateur", 2, "99")
    confirm(tab)
    tab.page.wait_for_selector("text=99 sur 180")
    tab.open("depots?territoire=FR-99-VALFLEURI")
    tab.page.get_by_label("Ce qui a changé depuis la version d’avant", exact=False).first.click()
    tab.page.wait_for_selector("text=103 sur 180")
    assert tab.errors == []


def test_a_clean_deposit_takes_few_clicks(tab: Visit) -> None:
    """From the first page to the receipt: at most six, the choice of the file counted."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    count = (
        "addEventListener('click', (one) => { if (one.isTrusted) window.name = Number(window.name || 0) + 1; }, true)"
    )
    tab.page.add_init_script(count)
    tab.open("")
    tab.page.get_by_role("link", name="Déposer", exact=True).first.click()
    with tab.page.expect_file_chooser() as chooser:
        tab.page.get_by_role("button", name="Choisir un fichier").click()
    content = QUARTER.read_bytes().replace(b"119;180;66,1", b"126;180;70")
    chooser.value.set_files({"name": "propre.csv", "mimeType": "text/csv", "buffer": content})
    tab.page.wait_for_selector("text=5 lignes sont prêtes")
    settle(tab)
    confirm(tab)
    clicks = int(tab.page.evaluate("window.name"))
    assert 3 <= clicks <= 6


def go_to(tab: Visit, name: str) -> None:
    """Press Tab until the focus is on a button or a field of that name."""
    focused = "(one => [one.tagName, one.getAttribute('aria-label') || one.innerText || ''])(document.activeElement)"
    for _ in range(120):
        tab.page.keyboard.press("Tab")
        kind, label = tab.page.evaluate(focused)
        if kind in ("BUTTON", "INPUT") and name in label:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_a_file_is_mended_and_sent_by_keyboard_alone(tab: Visit) -> None:
    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open(DEPOSIT)
    settle(tab)
    go_to(tab, "Choisir un fichier")
    with tab.page.expect_file_chooser() as chooser:
        tab.page.keyboard.press("Enter")
    content = "\n".join([HEADINGS, TWELVE["no_denominator"].replace("119", "107"), ""]).encode()
    chooser.value.set_files({"name": "clavier.csv", "mimeType": "text/csv", "buffer": content})
    tab.page.wait_for_selector("text=1 ligne demande votre attention")
    settle(tab)
    go_to(tab, "denominateur, ligne 2")
    tab.page.keyboard.type("180")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector("text=107 sur 180")
    settle(tab)
    go_to(tab, "Confirmer le dépôt")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector("text=C’est enregistré. Voici votre reçu.")
    assert tab.errors == []


def test_a_missing_heading_is_named_on_the_page(tab: Visit) -> None:
    """Of the columns that the file has; or one value is written on every line."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    content = "\n".join([HEADINGS.replace("source", "Origine"), TWELVE["out_of_range"].replace("-40", "41"), ""])
    drop(tab, "titre.csv", content.encode())
    tab.page.wait_for_selector("text=1 colonne manque")
    box = tab.page.get_by_label("Quelle colonne de votre fichier est")
    box.click()
    box.press_sequentially("Origine")
    box.press("Enter")
    tab.page.wait_for_selector("text=1 ligne est prête")
    tab.page.click("text=1 correction faite sur la page")
    assert "Titre « Origine » : lu comme « source »." in tab.text.replace("\u00a0", " ")
    tab.page.get_by_role("button", name="Annuler", exact=True).click()
    tab.page.wait_for_selector("text=1 colonne manque")
    fill = tab.page.get_by_label("Ou la même valeur de")
    fill.fill("zoe@exemple.fr")
    fill.press("Enter")
    tab.page.wait_for_selector("text=Ce que vous avez tapé ressemble à")
    fill.fill("AOM")
    fill.press("Enter")
    tab.page.wait_for_selector("text=1 ligne est prête")
    assert tab.errors == []


def list_two_thousand() -> bytes:
    """A file of 2 000 lines, 500 of them without the denominator that they need."""
    tails = {
        "ALI-02": ";;;;{n};;;;Épicerie;",
        "DRO-02": ";;;{n};90;;;;;Guichet;",
        "JEU-01": ";;;{n};;;;;;Guichet;",
        "PAR-02": ";;;{n};99;;;;;Guichet;",
    }
    periods = [f"{1900 + n // 4}-T{n % 4 + 1}" for n in range(500)]
    rows = [
        OWN.format(f"{code};{period}{tail.format(n=n % 90)}")
        for code, tail in tails.items()
        for n, period in enumerate(periods)
    ]
    return "\n".join([HEADINGS, *rows, ""]).encode()


def test_two_thousand_lines_are_read_and_checked(tab: Visit, capsys: pytest.CaptureFixture[str]) -> None:
    """From the file dropped to the issues on the screen; the time is printed, the bench keeps the ratio."""
    look_as(tab, "officer:FR-99-VALFLEURI")
    tab.open(DEPOSIT)
    began = time.perf_counter()
    tab.page.set_input_files(
        "input[type=file]", {"name": "gros.csv", "mimeType": "text/csv", "buffer": list_two_thousand()}
    )
    tab.page.wait_for_selector("text=500 cases vides où il faut un total")
    took = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n2 000 lines, from the file to its issues on the screen: {took:.2f} s")  # noqa: T201
    assert "2\u202f000 lignes lues" in tab.text
    assert tab.errors == []
