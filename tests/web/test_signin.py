"""Sign in, sign out, choose a password: what is said, what is kept, what another site cannot do."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pipelines.accounts import invite, renew_link
from pipelines.store.accounts import load_grants
from schemas.account import ALL_RIGHTS, COMMAND_LINE, rights_at
from schemas.words import Role
from tests.web.conftest import PAGE, PASSWORD, TILLEULS, URL, House, sign_in
from tests.web.test_gate import LOCAL, connect
from web.shell import STATIC

COOKIE = "__Host-cap_session"
WRONG = "L’adresse ou le mot de passe n’est pas le bon."
LOCKED = "Trop d’essais pour cette adresse"
ADA = "ada@example.org"
NEW = "un mot de passe nouveau"


@pytest.fixture
def browser(house: House) -> TestClient:
    return house.browser()


def invite_lea(house: House) -> str:
    """The path of her link."""
    _, secret = invite(
        house.store, "lea@example.org", "Léa", Role.OFFICER, TILLEULS, house.clock(), COMMAND_LINE, ALL_RIGHTS
    )
    return f"/invitation/{secret}"


def test_signing_in_leads_to_the_page_that_was_asked_for(browser: TestClient) -> None:
    asked = browser.get("/objectif?territoire=FR-99-X", headers=PAGE).headers["location"]
    form = browser.get(asked, headers=PAGE)
    assert 'value="/objectif?territoire=FR-99-X"' in form.text
    answer = sign_in(browser, "ADA@example.org ", suite="/objectif?territoire=FR-99-X")
    assert (answer.status_code, answer.headers["location"]) == (303, "/objectif?territoire=FR-99-X")
    assert browser.get("/objectif", headers=PAGE).status_code == 200
    assert browser.get("/connexion?suite=/comparer", headers=PAGE).headers["location"] == "/comparer"


@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        pytest.param(URL, "__Host-cap_session={id}; HttpOnly; Max-Age=28800; Path=/; SameSite=lax; Secure", id="https"),
        pytest.param(LOCAL, "cap_session={id}; HttpOnly; Max-Age=28800; Path=/; SameSite=lax", id="http"),
    ],
)
def test_the_cookie(build: Callable[..., House], url: str, cookie: str) -> None:
    browser = build(url=url).browser()
    said = sign_in(browser, ADA).headers["set-cookie"]
    name, _, rest = said.partition("=")
    assert said == cookie.format(id=rest.split(";")[0])
    assert len(browser.cookies[name]) == 43


@pytest.mark.parametrize(
    "target",
    ["https://ailleurs.example", "//ailleurs.example", "/\\ailleurs.example", "///ailleurs.example", "javascript:1",
     "/\t/ailleurs.example", "", "/deconnexion", "/connexion?suite=/x"],
)  # fmt: skip
def test_signing_in_never_leads_elsewhere(browser: TestClient, target: str) -> None:
    assert sign_in(browser, ADA, suite=target).headers["location"] == "/"


@pytest.mark.parametrize("email", [ADA, "nobody@example.org", "waits@example.org"])
def test_a_wrong_password_gets_the_same_answer_whoever_it_is(house: House, email: str) -> None:
    invite(house.store, "waits@example.org", "W", Role.OFFICER, TILLEULS, house.clock(), COMMAND_LINE, ALL_RIGHTS)
    answer = sign_in(house.browser(), email, "un mauvais mot de passe")
    assert answer.status_code == 403
    assert WRONG in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.text.count('aria-describedby="wrong"') == 2
    assert "un mauvais mot de passe" not in answer.text
    browser = house.browser()
    said = [sign_in(browser, email, "encore un mauvais").text for _ in range(5)]
    assert [LOCKED in text for text in said] == [False] * 4 + [True]


def test_a_lock_holds_for_the_right_password_too_and_ends(house: House, browser: TestClient) -> None:
    for _ in range(5):
        sign_in(browser, ADA, "un mauvais mot de passe")
    answer = sign_in(browser, ADA)
    assert (answer.status_code, LOCKED in answer.text, WRONG in answer.text) == (429, True, False)
    house.clock.wait(minutes=15)
    assert sign_in(browser, ADA).status_code == 303


def test_an_unknown_e_mail_takes_as_long(house: House) -> None:
    def seconds(email: str) -> float:
        house.clock.wait(minutes=16)
        browser, begin = house.browser(), time.perf_counter()
        assert sign_in(browser, email, "un mauvais mot de passe").status_code == 403
        return time.perf_counter() - begin

    seconds(ADA)
    pairs = [(seconds(ADA), seconds(f"nobody{number}@example.org")) for number in range(7)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 0.6 < unknown / known < 1.6


def test_signing_in_opens_another_session(house: House) -> None:
    """An id that somebody put in the browser before is worth nothing after, and the one from before ends."""

    def sign_in_with(session_id: str) -> str:
        posted = {"email": ADA, "password": PASSWORD}
        answer = house.browser().post("/connexion", data=posted, headers={**PAGE, "cookie": f"{COOKIE}={session_id}"})
        return str(answer.cookies[COOKIE])

    first = sign_in_with("chosen-by-another")
    assert house.sessions.find("chosen-by-another", house.clock()) is None
    second = sign_in_with(first)
    assert house.sessions.find(first, house.clock()) is None
    assert house.sessions.find(second, house.clock())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signing_out_ends_the_session_and_closes_its_pages(house: House, browser: TestClient, method: str) -> None:
    other = house.browser()
    sign_in(other, ADA)
    sign_in(browser, ADA)
    session_id = browser.cookies[COOKIE]
    with connect(other) as elsewhere, connect(browser) as socket:
        socket.receive_text()
        elsewhere.receive_text()
        answer = browser.request(method, "/deconnexion", headers={**PAGE, "sec-fetch-site": "same-origin"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?sortie=1")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        elsewhere.send_text("still here")
        assert elsewhere.receive_text() == "still here", "another browser stays"
    assert closed.value.code == 4401
    assert COOKIE not in browser.cookies
    assert house.sessions.find(session_id, house.clock()) is None
    assert "Vous êtes déconnecté." in browser.get("/connexion?sortie=1", headers=PAGE).text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_signs_nobody_out(browser: TestClient, method: str, site: str) -> None:
    sign_in(browser, ADA)
    answer = browser.request(method, "/deconnexion", headers={**PAGE, "sec-fetch-site": site})
    assert answer.status_code == 403
    assert "vient d’un autre site" in answer.text
    assert browser.get("/", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://ailleurs.example"}, {"origin": "null"}],
    ids=["cross_site", "another_origin", "null_origin"],
)
def test_another_site_signs_nobody_in(house: House, browser: TestClient, headers: dict[str, str]) -> None:
    answer = browser.post("/connexion", data={"email": ADA, "password": PASSWORD}, headers={**PAGE, **headers})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    link = invite_lea(house)
    posted = {"password": NEW, "again": NEW}
    assert browser.post(link, data=posted, headers={**PAGE, **headers}).status_code == 403
    assert browser.get(link, headers=PAGE).status_code == 200, "the link was not used"


def test_an_invitation_is_accepted_once(house: House, browser: TestClient) -> None:
    link = invite_lea(house)
    page = browser.get(link, headers=PAGE)
    assert page.status_code == 200
    assert "Bonjour Léa." in page.text
    assert 'autocomplete="new-password"' in page.text
    answer = browser.post(link, data={"password": NEW, "again": NEW}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    grants = load_grants(house.store, browser.get("/", headers=PAGE).text)
    assert rights_at(grants, house.clock()) == {Role.OFFICER: (TILLEULS,)}
    for again in (browser.get(link, headers=PAGE), browser.post(link, data={"password": PASSWORD}, headers=PAGE)):
        assert again.status_code == 410
        assert "Ce lien a déjà servi" in again.text
    assert sign_in(house.browser(), "lea@example.org", NEW).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        pytest.param("court", "court", "moins de douze caractères", id="short"),
        pytest.param(NEW, NEW + "x", "ne sont pas les mêmes", id="two_different"),
        pytest.param("LEA@example.org", "LEA@example.org", "Ce mot de passe est votre adresse", id="the_e_mail"),
        pytest.param("", "", "moins de douze caractères", id="nothing"),
    ],
)
def test_a_password_that_is_refused_leaves_the_link(
    house: House, browser: TestClient, password: str, again: str, sentence: str
) -> None:
    link = invite_lea(house)
    answer = browser.post(link, data={"password": password, "again": again}, headers=PAGE)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Erreur" in answer.text
    assert 'aria-describedby="rule wrong"' in answer.text
    assert browser.post(link, data={"password": NEW, "again": NEW}, headers=PAGE).status_code == 303


def test_links_that_do_not_hold_say_what_to_do(house: House, browser: TestClient, ada: str) -> None:
    assert "vérifiez qu’il est entier" in browser.get("/invitation/perdu", headers=PAGE).text
    first = renew_link(house.store, ada, house.clock(), ada, ALL_RIGHTS)
    second = renew_link(house.store, ada, house.clock(), ada, ALL_RIGHTS)
    assert "Ce lien a été remplacé" in browser.get(f"/invitation/{first}", headers=PAGE).text
    house.clock.now += timedelta(days=7)
    late = browser.get(f"/invitation/{second}", headers=PAGE)
    assert "plus de sept jours" in late.text
    assert late.status_code == 410


def test_a_new_password_ends_all_that_was_open(house: House, browser: TestClient, ada: str) -> None:
    sign_in(browser, ADA)
    link = renew_link(house.store, ada, house.clock(), ada, ALL_RIGHTS)
    with connect(browser) as socket:
        socket.receive_text()
        other = house.browser()
        other.post(f"/invitation/{link}", data={"password": NEW, "again": NEW}, headers=PAGE)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
    assert browser.get("/", headers=PAGE).status_code == 303
    assert other.get("/", headers=PAGE).text == ada


def test_the_pages_keep_to_themselves(house: House, browser: TestClient) -> None:
    for path in ("/connexion", invite_lea(house), "/invitation/perdu"):
        headers = browser.get(path, headers=PAGE).headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "style-src 'self'", "script-src 'self'", "form-action 'self'",
                     "frame-ancestors 'none'"):  # fmt: skip
            assert part in policy
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"


def test_the_letters_of_these_pages_are_those_of_the_others() -> None:
    """The font is a file of Streamlit, whose name changes with its version."""
    asked = re.findall(r'url\("/(static/[^"]+)"\)', (STATIC / "cap.css").read_text("utf-8"))
    assert len(asked) == 1
    assert (Path(str(find_spec("streamlit").origin)).parent / "static" / asked[0]).is_file()


def test_the_pages_speak_both_languages(browser: TestClient) -> None:
    english = browser.get("/connexion?suite=/x", headers={**PAGE, "accept-language": "en-GB"})
    assert '<html lang="en">' in english.text
    assert "E-mail address" in english.text
    assert 'href="/choisir?langue=fr&amp;suite=%2Fconnexion%3Fsuite%3D%252Fx"' in english.text
    answer = browser.get("/choisir?langue=fr&suite=%2Fconnexion%3Fsuite%3D%252Fx", headers=PAGE)
    assert answer.headers["location"] == "/connexion?suite=%2Fx"


def test_a_name_is_shown_as_it_is_written(house: House, browser: TestClient) -> None:
    _, secret = invite(
        house.store, "x@example.org", "<b>Ève</b>", Role.OFFICER, TILLEULS, house.clock(), COMMAND_LINE, ALL_RIGHTS
    )
    assert "&lt;b&gt;Ève" in browser.get(f"/invitation/{secret}", headers=PAGE).text
    assert "&#34;&gt;" in sign_in(browser, '">', "x").text


def test_a_form_larger_than_ours_is_refused(browser: TestClient) -> None:
    assert sign_in(browser, ADA, "x" * 20_000).status_code == 403
