"""The pages as a stranger meets them: every page, two widths, two languages, no error, no request elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from icalendar import Calendar

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

GOAL = "objectif?territoire=FR-99-TILLEULS&objectif=O1&indicateur=JEU-01"
PAGES = {
    "overview": "?territoire=FR-99-TILLEULS",
    "goal": GOAL,
    "counts_only": "objectif?territoire=FR-99-TILLEULS&objectif=O4&indicateur=PAR-01",
    "deposit": "deposer?territoire=FR-99-VALFLEURI",
    "compare": "comparer?indicateur=JEU-01",
    "past": f"{GOAL}&au=2026-06-01",
    "todo": "a-faire",
    "rounds": "campagne",
    "calendar": "calendrier?territoire=FR-99-TILLEULS",
    "collective": "collectif?territoire=FR-99-TILLEULS&registre=targets",
    "receipt": "recu",
    "history": "depots?territoire=FR-99-TILLEULS",
}
WIDE, NARROW = {"width": 1280}, {"width": 390}
ENGLISH_LEFT = re.compile(
    r"\b(Upload|Browse|Drag|drop|Choose|Running|Deploy|Page not found|Connection|Press Enter|None|NaN|nan|null|per file"
    r"|Invalid|App pages|Link to|Q[1-4])\b|\d\.\d+ ?%"
)
LABELS = "[...document.querySelectorAll('[aria-label]')].map((one) => one.getAttribute('aria-label')).join('\\n')"


@pytest.mark.parametrize("tab", [WIDE, NARROW], ids=["1280", "390"], indirect=True)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_is_whole(tab: Visit, path: str) -> None:
    page = tab.open(path)
    page.wait_for_timeout(600)
    assert tab.errors == []
    assert tab.outside == []
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert page.locator("h1").count() == 1
    assert "démonstration, données inventées" in tab.text
    assert ENGLISH_LEFT.findall(page.inner_text("body")) == []
    assert ENGLISH_LEFT.findall(page.evaluate(LABELS)) == []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_the_overview_says_where_each_indicator_stands(tab: Visit) -> None:
    tab.open(PAGES["overview"])
    for words in ("Cible atteinte, à confirmer", "Pas d’évolution lisible à ce stade", "En recul depuis le départ",
                  "Trop peu de données pour conclure", "8 sur 24", "35\u00a0%"):  # fmt: skip
        assert words in tab.text
    images = tab.page.locator(".cap-curve img")
    assert images.count() == 6
    assert all(images.nth(at).get_attribute("alt") for at in range(6))


def test_a_line_leads_to_its_goal(tab: Visit) -> None:
    page = tab.open(PAGES["overview"])
    page.click("text=Combien de jeunes suivis ont une solution")
    page.wait_for_url("**/objectif?**")
    page.wait_for_selector(".js-plotly-plot")
    assert "35\u00a0% au T3 2026 (84 jeunes sur 240), contre 22\u00a0% au départ" in tab.text


def test_a_period_of_the_url_is_shown_as_it_was(tab: Visit) -> None:
    tab.open(f"{GOAL}&periode=2025-Q1")
    assert "27\u00a0% au T1 2025 (64 jeunes sur 240)" in tab.text
    assert "T3 2026" not in tab.page.inner_text(".cap-table")


def test_english_from_the_switch_and_back(tab: Visit) -> None:
    page = tab.open(GOAL)
    page.click("text=English")
    page.wait_for_selector("h1:has-text('How many')")
    page.wait_for_selector(".cap-lead")
    assert "35% in Q3 2026" in tab.text
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "indicateur=JEU-01" in page.url
    page.click("text=Français")
    page.wait_for_selector("h1:has-text('Combien')")


@pytest.mark.parametrize("tab", [{"locale": "en-GB"}], ids=["english_browser"], indirect=True)
def test_english_from_the_browser(tab: Visit) -> None:
    page = tab.open(PAGES["overview"])
    assert page.inner_text("h1") == "Where do we stand?"


@pytest.mark.parametrize("tab", [{"locale": "en-GB"}], ids=["english_browser"], indirect=True)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_in_english_has_no_french(tab: Visit, path: str) -> None:
    page = tab.open(path)
    page.wait_for_timeout(600)
    assert tab.errors == []
    assert "error" not in tab.text.lower()
    assert "demonstration, invented data" in tab.text
    french = re.findall(
        r"\b(?:Fourchette|Période|jusqu|Objectif|Attendu|Déposer|Comparer|fichier)\b|\d,\d| %", tab.text
    )
    assert french == []


def test_another_territory_by_its_url_is_refused(tab: Visit) -> None:
    tab.page.goto(f"{tab.address}/choisir?visiteur=officer:FR-99-TILLEULS")
    tab.page.goto(f"{tab.address}/objectif?territoire=FR-99-LILAS&indicateur=EMP-01&objectif=O1")
    tab.page.wait_for_selector("text=n’est pas de ceux que vous pouvez lire")
    assert "Cité des Lilas" not in tab.text
    assert "598" not in tab.text


def test_the_national_team_does_not_see_small_counts(tab: Visit) -> None:
    tab.open("objectif?territoire=FR-99-PORTNEUF&objectif=O1&indicateur=MOB-04")
    assert "secret statistique" not in tab.page.inner_text(".cap-lead")
    tab.page.goto(f"{tab.address}/choisir?visiteur=national")
    tab.open("objectif?territoire=FR-99-PORTNEUF&objectif=O1&indicateur=MOB-04")
    cells = tab.page.locator(".cap-table tbody tr td:nth-child(2)").all_inner_texts()
    assert "s" in cells
    assert not {"1", "2", "3", "4"} & set(cells)


def test_a_role_that_does_not_deposit_is_told_so(tab: Visit) -> None:
    tab.page.goto(f"{tab.address}/choisir?visiteur=national")
    tab.page.goto(f"{tab.address}/deposer")
    tab.page.wait_for_selector("text=Cette page est faite pour")
    assert tab.page.locator("input[type=file]").count() == 0


def test_a_day_of_the_url_is_shown_as_it_was_known(tab: Visit) -> None:
    """Without what came since, in words, through the menu, and back to today."""
    tab.open("objectif?territoire=FR-99-TILLEULS&objectif=O1&indicateur=JEU-01&au=2026-06-01")
    tab.page.wait_for_selector("text=Vous voyez ce que l’on savait à cette date")
    assert "Données au 1er juin 2026" in tab.text
    assert "T2 2026" not in tab.page.inner_text(".cap-table")
    tab.page.get_by_role("link", name="Où en est-on ?").click()
    tab.page.wait_for_selector("text=Données au 1er juin 2026")
    assert "au=2026-06-01" in tab.page.url
    tab.page.click("text=Revenir à aujourd’hui")
    tab.page.wait_for_selector("text=Données au 23 novembre 2026")
    assert "Vous voyez ce que l’on savait" not in tab.text
    assert tab.errors == []


def test_all_together_are_a_ratio_of_sums_with_its_coverage(tab: Visit) -> None:
    tab.open("comparer?indicateur=JEU-01")
    said = tab.text.replace("\u00a0", " ")
    assert "Ensemble : 213 sur 644 jeunes, soit 33 % (fourchette 30 à 37 %), 5 territoires sur 6." in said
    assert "Un territoire n’a pas de chiffre qui s’additionne ici." in said


def test_how_it_is_calculated_has_its_numbers(tab: Visit) -> None:
    page = tab.open("objectif?territoire=FR-99-TILLEULS&objectif=O2&indicateur=DEC-03")
    page.click("#calcul summary")
    said = page.inner_text("#calcul").replace("\u00a0", " ").replace("\u202f", " ")
    assert "(2 × 11 + 3,84 ∓ 1,96 × √(3,84 + 4 × 11 × (1 − 11 ÷ 90))) ÷ (2 × (90 + 3,84)) = 7 à 21 %." in said
    assert "État : règle 12 sur 12" in said
    assert "carte XmR" in said
    assert tab.errors == []


def test_the_round_says_what_came_and_what_is_missing(tab: Visit) -> None:
    tab.open("campagne")
    assert "5 sur 6 territoires ont tout envoyé" in tab.text.replace("\u00a0", " ")
    row = tab.page.locator(".cap-campaign tr", has_text="Val Fleuri").inner_text()
    assert row.split("\t")[1:3] == ["attendu, en retard", "0 sur 5"]
    tab.open("a-faire")
    assert "Il manque 5 chiffres sur 31 pour le T3 2026." in tab.text.replace("\u00a0", " ")
    assert tab.errors == []


def test_what_is_due_is_listed_on_arrival(tab: Visit) -> None:
    """What is missing first, open, with what is there of each; the home page of an officer leads there."""
    tab.page.goto(f"{tab.address}/choisir?visiteur=officer:FR-99-VALFLEURI")
    tab.open("")
    assert "T3 2026 : il manque 5 chiffres sur 5." in tab.text.replace("\u00a0", " ")
    tab.page.locator(".cap-due").get_by_role("link", name="Déposer").click()
    tab.page.wait_for_selector(".cap-due table")
    assert tab.page.locator(".cap-due tbody tr").all_inner_texts()[0].split("\t") == [
        "Ouvertures de droits obtenues",
        "T3 2026",
        "2 novembre 2026",
        "attendu, en retard",
        "rien encore",
    ]
    tab.page.goto(f"{tab.address}/choisir?visiteur=officer:FR-99-TILLEULS")
    tab.open("deposer")
    tables = tab.page.locator(".cap-due table")
    assert tables.locator("caption").all_inner_texts()[0] == "Encore attendu pour le T1 2026"
    assert "35 % (84 sur 240), dépôt du 26 octobre 2026" in tab.text.replace("\u00a0", " ")
    tables.get_by_role("link", name="dépôt du 26 octobre 2026").first.click()
    tab.page.wait_for_selector("text=tilleuls-2026-T3")
    assert tab.errors == []


def test_no_line_of_what_is_missing_for_those_who_do_not_deposit(tab: Visit) -> None:
    tab.page.goto(f"{tab.address}/choisir?visiteur=national")
    tab.open("?territoire=FR-99-VALFLEURI")
    assert tab.page.locator(".cap-due").count() == 0


def test_the_year_has_its_deadlines_as_a_page_and_as_a_file(tab: Visit) -> None:
    page = tab.open(PAGES["calendar"])
    assert "Prochaine échéance : lundi 1er février 2027, T4 2026, dans 70 jours." in tab.text.replace("\u00a0", " ")
    assert page.locator(".cap-year h2").all_inner_texts()[-1] == "T4 2026 prochaine échéance"
    with page.expect_download() as asked:
        page.get_by_role("button", name="Ajouter 2026 à votre agenda").click()
    assert asked.value.suggested_filename == "cap-commun-fr-99-tilleuls-2026.ics"
    events = Calendar.from_ical(Path(asked.value.path()).read_bytes()).walk("VEVENT")
    assert [str(event["dtstart"].dt) for event in events] == ["2026-04-30", "2026-09-15", "2026-11-02", "2027-02-01"]
    assert "données inventées" in str(events[0]["description"])
    assert tab.errors == []


def test_a_day_before_everything_leads_back_and_a_wrong_one_is_said(tab: Visit) -> None:
    tab.open("?au=2020-01-01")
    assert "À cette date, il n’y avait encore rien ici." in tab.text
    tab.page.click("text=Revenir à aujourd’hui")
    tab.page.wait_for_selector("text=Données au 23 novembre 2026")
    for wrong in ("zzz", "2031-01-01"):
        tab.open(f"?au={wrong}")
        assert "n’est pas un jour passé" in tab.text
    assert tab.errors == []
