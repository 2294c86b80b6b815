"""The guide: open to all, in both languages, a place for every message, nothing in it that a browser would obey."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from schemas.issue import Code
from tests.web.conftest import PAGE, House
from tests.web.test_gate import LOCAL
from texts import LANGUAGES, load_words
from web.guide import DOCS, REPAIR, Heading, render_guide, write_guide


@pytest.fixture
def browser(house: House) -> TestClient:
    return house.browser()


def ids_of(page: str) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', page)


@pytest.mark.parametrize(
    ("address", "headers", "language"),
    [
        pytest.param("/guide", {}, "fr", id="nothing_said"),
        pytest.param("/guide", {"accept-language": "en-GB"}, "en", id="english_browser"),
        pytest.param("/guide", {"accept-language": "en-GB", "cookie": "cap_langue=fr"}, "fr", id="a_choice_wins"),
        pytest.param("/guide?lang=en", {"cookie": "cap_langue=fr"}, "en", id="the_address_wins"),
        pytest.param("/guide?lang=xx", {}, "fr", id="no_such_language"),
    ],
)
def test_a_stranger_reads_it_in_their_language(
    browser: TestClient, address: str, headers: dict[str, str], language: str
) -> None:
    answer = browser.get(address, headers={**PAGE, **headers})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert {"fr": "Un nombre absent s’écrit", "en": "An absent number is written"}[language] in answer.text
    other = "en" if language == "fr" else "fr"
    assert f'<a lang="{other}" href="/guide?lang={other}">' in answer.text


def test_a_demonstration_shows_it_too(build: Callable[..., House]) -> None:
    assert build(peopled=False, url=LOCAL).browser(LOCAL, "127.0.0.1").get("/guide", headers=PAGE).status_code == 200


def test_it_keeps_to_itself_and_is_kept_for_some_minutes(browser: TestClient) -> None:
    headers = browser.get("/guide", headers=PAGE).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, max-age=300"
    assert headers["vary"] == "cookie, accept-language"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_its_place(language: str) -> None:
    """What it is, when and why and how, and an example before and after; no word of ours left as it is written."""
    words, page = load_words(language), write_guide(language)
    assert {*Code, REPAIR, "messages"} <= set(ids_of(page))
    for code in Code:
        _, _, after = page.partition(f'id="{code}">')
        section = after.partition("</section>")[0]
        assert f"<h4>{words(f'guide.{code}.title')}</h4>" in section
        assert 2 <= len(re.findall(r"[.?!](?: |</p>)", section.split("<p>")[1].split("</p>")[0] + "</p>")) <= 5
        assert " → " in section
    assert "`" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_to_one_place(language: str) -> None:
    page = write_guide(language)
    assert len(ids_of(page)) == len(set(ids_of(page)))
    inner = re.findall(r'href="#([^"]*)"', page)
    assert len(inner) >= 5
    assert set(inner) <= set(ids_of(page))


def test_both_guides_say_the_same_things() -> None:
    """As many headings of each level, tables, rows and steps, in the same order."""
    shapes = []
    for language in LANGUAGES:
        lines = (DOCS / f"guide.{language}.md").read_text("utf-8").splitlines()
        marks = [re.match(r"#+|\||\d\.|\*\*", line) for line in lines]
        shapes.append([mark.group() for mark in marks if mark])
    assert shapes[0] == shapes[1]


def test_headings_have_anchors_and_tables_scroll() -> None:
    source = "# Titre\n\n## Déposer les chiffres\n\n| a | b |\n|---|---|\n| 1 | `2` |\n"
    headings, html = render_guide(source, load_words("fr"))
    assert headings == [Heading(2, "deposer-les-chiffres", "Déposer les chiffres")]
    assert html == (
        '<h2 id="deposer-les-chiffres">Déposer les chiffres</h2>\n'
        '<div class="cap-scroll" tabindex="0" role="region" aria-label="Tableau\u00a0: Déposer les chiffres">\n'
        '<table class="cap-table">\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n'
        "<tbody>\n<tr>\n<td>1</td>\n<td><code>2</code></td>\n</tr>\n</tbody>\n</table>\n</div>\n"
    )


def test_html_in_the_source_is_shown_and_not_obeyed() -> None:
    _, html = render_guide("# T\n\n<script>x</script> [a](javascript:x)\n", load_words("fr"))
    assert html == "<p>&lt;script&gt;x&lt;/script&gt; [a](javascript:x)</p>\n"
