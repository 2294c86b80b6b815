"""The gate: who passes, as whom, and who does not any more; over the real store and the real sessions."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from schemas.account import DEMONSTRATION
from schemas.words import Role
from settings import read_settings
from tests.conftest import NOW
from tests.web.conftest import PAGE, URL, House, sign_in
from texts import LANGUAGES, load_words
from web.gate import Why
from web.sessions import FAILURES, IDLE, LONGEST, open_sessions, sessions_of

LOCAL = "http://127.0.0.1:8501"
STREAM = "/_stcore/stream"
FETCH = {"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
OFFICER = "lea@example.org"


def connect(browser: TestClient, base: str = URL, **headers: str) -> WebSocketTestSession:
    return browser.websocket_connect(f"{base.replace('http', 'ws')}{STREAM}", headers=headers)


def code_of_refusal(browser: TestClient, base: str = URL, **headers: str) -> int:
    with pytest.raises(WebSocketDisconnect) as closed, connect(browser, base, **headers):
        pass
    return closed.value.code


def say(socket: WebSocketTestSession, word: str = "more") -> str:
    """What the page answers to the next message; the code of the close where there is no answer."""
    socket.send_text(word)
    try:
        return socket.receive_text()
    except WebSocketDisconnect as closed:
        return str(closed.code)


@pytest.fixture
def lea(house: House) -> TestClient:
    """The browser of an officer who is signed in."""
    house.add(OFFICER)
    browser = house.browser()
    assert sign_in(browser, OFFICER).status_code == 303
    return browser


@pytest.mark.parametrize(
    ("path", "headers", "status", "location"),
    [
        pytest.param("/", PAGE, 303, "/connexion", id="front_page"),
        pytest.param(
            "/objectif?territoire=FR-99-X&a=é",
            PAGE,
            303,
            "/connexion?suite=" + quote("/objectif?territoire=FR-99-X&a=%C3%A9", safe=""),
            id="deep_link",
        ),
        pytest.param("/connexionX", PAGE, 303, "/connexion?suite=%2FconnexionX", id="nearly_the_sign_in_page"),
        pytest.param("/", FETCH, 401, None, id="a_page_asks_for_a_page"),
        pytest.param("/", {}, 401, None, id="no_browser"),
        pytest.param("/media/abc.csv", PAGE, 401, None, id="media"),
        pytest.param("/component/x", PAGE, 401, None, id="component"),
        pytest.param("/_stcore/host-config", FETCH, 401, None, id="host_config"),
        pytest.param("/_stcore/health/x", FETCH, 401, None, id="nearly_health"),
        pytest.param("/invitation/", PAGE, 303, "/connexion?suite=%2Finvitation%2F", id="no_token"),
        pytest.param("/_stcore/metrics", PAGE, 404, None, id="metrics"),
        pytest.param("/_stcore/agent/openapi.json", PAGE, 404, None, id="agent"),
        pytest.param("/auth/login", PAGE, 404, None, id="streamlit_sign_in"),
        pytest.param("/oauth2callback?code=1", PAGE, 404, None, id="streamlit_callback"),
        pytest.param("/sante", {}, 200, None, id="health"),
        pytest.param("/guide", PAGE, 200, None, id="guide"),
        pytest.param("/guide/x", PAGE, 303, "/connexion?suite=%2Fguide%2Fx", id="nearly_the_guide"),
        pytest.param("/_stcore/health", {}, 200, None, id="streamlit_health"),
        pytest.param("/static/app.js", {}, 200, None, id="static"),
        pytest.param("/connexion", PAGE, 200, None, id="sign_in_page"),
    ],
)
def test_what_a_stranger_gets(
    house: House, path: str, headers: dict[str, str], status: int, location: str | None
) -> None:
    answer = house.browser().get(path, headers=headers)
    assert (answer.status_code, answer.headers.get("location")) == (status, location)


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD"])
def test_an_upload_without_session_is_refused(house: House, method: str) -> None:
    assert house.browser().request(method, "/_stcore/upload_file/a/b", headers=FETCH).status_code == 401


def test_who_is_signed_in_passes_as_themselves(house: House, lea: TestClient) -> None:
    account = lea.get("/", headers=PAGE).text
    assert house.sessions.find(lea.cookies["__Host-cap_session"], NOW) == account
    with connect(lea, origin=URL) as socket:
        assert socket.receive_text() == account
        assert say(socket, "words") == "words"


def test_a_forged_name_is_taken_away(house: House, lea: TestClient, ada: str) -> None:
    forged = {**PAGE, "X-Cap-User": ada}
    assert lea.get("/", headers=forged).text not in ("", ada)
    assert lea.get("/", headers=forged).text == lea.get("/", headers=PAGE).text
    assert house.browser().get("/static/app.js", headers=forged).text == ""
    assert house.browser().get("/", headers=forged).status_code == 303
    with connect(lea, **{"x-cap-user": ada}) as socket:
        assert socket.receive_text() == lea.get("/", headers=PAGE).text


def test_a_page_without_session_is_not_connected(house: House) -> None:
    assert code_of_refusal(house.browser()) == 4401
    stranger = house.browser()
    stranger.cookies.set("__Host-cap_session", "invented", domain="cap.example.org")
    assert code_of_refusal(stranger) == 4401


@pytest.mark.parametrize(
    "origin",
    ["https://ailleurs.example", "http://cap.example.org", "https://cap.example.org:444", "null"],
    ids=["another_site", "not_https", "another_port", "null"],
)
def test_another_origin_is_not_connected(house: House, lea: TestClient, origin: str) -> None:
    assert code_of_refusal(lea, origin=origin) == 4403


@pytest.mark.parametrize(
    ("spans", "passes"),
    [
        pytest.param([IDLE - timedelta(minutes=2)] * 2, True, id="used_within_the_hour"),
        pytest.param([IDLE], False, id="left_alone_for_an_hour"),
        pytest.param([timedelta(minutes=50)] * 9, True, id="used_for_seven_hours_and_a_half"),
        pytest.param([timedelta(minutes=48)] * 10, False, id="used_for_eight_hours"),
    ],
)
def test_a_session_ends(house: House, lea: TestClient, spans: list[timedelta], passes: bool) -> None:
    assert timedelta(hours=8) == LONGEST
    with connect(lea) as socket:
        socket.receive_text()
        said = ""
        for span in spans:
            house.clock.now += span
            said = say(socket)
    assert said == ("more" if passes else "4401")
    assert lea.get("/", headers=PAGE).status_code == (200 if passes else 303)


def test_rights_taken_back_end_at_the_next_message(house: House, lea: TestClient) -> None:
    with connect(lea) as socket:
        socket.receive_text()
        assert say(socket) == "more"
        house.clock.wait(minutes=1)
        house.take_back(OFFICER)
        assert say(socket) == "4403"
    answer = lea.get("/", headers=PAGE)
    assert answer.status_code == 403
    assert "demandez un accès à la coordination" in answer.text
    assert "/deconnexion" in answer.text
    assert code_of_refusal(lea) == 4403


def test_rights_taken_back_close_a_page_that_says_nothing(house: House, lea: TestClient) -> None:
    with connect(lea) as socket:
        socket.receive_text()
        house.clock.wait(minutes=1)
        house.take_back(OFFICER)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4403


def test_a_look_that_nobody_asked_for_keeps_no_session_alive(house: House, lea: TestClient) -> None:
    with connect(lea) as socket:
        socket.receive_text()
        for _ in range(3):
            house.clock.wait(minutes=21)
            time.sleep(0.15)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4401


def test_another_right_is_enough_to_stay(house: House, lea: TestClient) -> None:
    house.add(OFFICER, Role.SUPPORT)
    house.clock.wait(minutes=1)
    house.take_back(OFFICER)
    assert lea.get("/", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    ("base", "status"),
    [
        pytest.param(URL, 303, id="the_address_people_type"),
        pytest.param("https://cap.example.org:8443", 303, id="another_port"),
        pytest.param(LOCAL, 303, id="this_computer"),
        pytest.param("https://ailleurs.example", 400, id="another_name"),
        pytest.param("https://cap.example.org.ailleurs.example", 400, id="a_longer_name"),
        pytest.param("http://127.0.0.1.ailleurs.example", 400, id="looks_like_this_computer"),
    ],
)
def test_only_our_host_is_served(house: House, base: str, status: int) -> None:
    answer = house.browser(base).get("/", headers=PAGE)
    assert answer.status_code == status
    if status == 400:
        assert "Cette adresse n’est pas celle de Cap commun" in answer.text
        assert house.browser(base).get("/sante").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"sec-fetch-site": "same-origin", "origin": URL}, 200, id="ours"),
        pytest.param({}, 200, id="no_browser"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="cross_site"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="same_site"),
        pytest.param({"origin": "https://ailleurs.example"}, 403, id="another_origin"),
        pytest.param({"origin": "null"}, 403, id="null_origin"),
    ],
)
def test_another_site_changes_nothing(lea: TestClient, headers: dict[str, str], status: int) -> None:
    assert lea.put("/_stcore/upload_file/a/b", headers=headers).status_code == status
    assert lea.get("/", headers={**PAGE, **headers}).status_code == 200


@pytest.mark.parametrize("base", [LOCAL, "http://localhost:9000", "http://[::1]:8501"])
@pytest.mark.parametrize("client", ["127.0.0.1", "127.3.2.1", "::1"])
def test_a_demonstration_opens_on_its_own_computer(build: Callable[..., House], base: str, client: str) -> None:
    browser = build(peopled=False, url=LOCAL).browser(base, client)
    assert browser.get("/", headers={**PAGE, "X-Cap-User": "someone"}).text == DEMONSTRATION
    with connect(browser, base, origin=base) as socket:
        assert socket.receive_text() == DEMONSTRATION
    assert browser.get("/connexion", headers=PAGE).headers["location"] == "/"


@pytest.mark.parametrize(
    ("base", "client", "headers"),
    [
        pytest.param(LOCAL, "203.0.113.7", {}, id="from_another_computer"),
        pytest.param(LOCAL, "testclient", {}, id="from_nowhere"),
        pytest.param("http://cap.example.org", "127.0.0.1", {}, id="under_another_name"),
        pytest.param("http://127.0.0.1.ailleurs.example", "127.0.0.1", {}, id="under_a_name_like_ours"),
        pytest.param(LOCAL, "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, id="forwarded_for"),
        pytest.param(LOCAL, "127.0.0.1", {"Forwarded": "for=203.0.113.7"}, id="forwarded"),
        pytest.param(LOCAL, "127.0.0.1", {"X-Forwarded-Host": "cap.example.org"}, id="forwarded_host"),
        pytest.param(LOCAL, "127.0.0.1", {"X-Real-IP": "203.0.113.7"}, id="real_ip"),
    ],
)
def test_a_demonstration_opens_nowhere_else(
    build: Callable[..., House], base: str, client: str, headers: dict[str, str]
) -> None:
    browser = build(peopled=False).browser(base, client)
    answer = browser.get("/", headers={**PAGE, **headers})
    assert answer.status_code == 403
    assert "python -m pipelines account create --email" in answer.text
    assert "CAP_URL" in answer.text
    assert code_of_refusal(browser, base, **headers) == 4403
    assert browser.get("/connexion", headers={**PAGE, **headers}).status_code == 403
    assert browser.get("/sante", headers=headers).status_code == 200


def test_a_demonstration_is_not_opened_by_another_site(build: Callable[..., House]) -> None:
    browser = build(peopled=False, url=LOCAL).browser(LOCAL, "127.0.0.1")
    assert code_of_refusal(browser, LOCAL, origin="https://ailleurs.example") == 4403
    assert browser.put("/_stcore/upload_file/a/b", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_the_demonstration_ends_with_the_first_account(build: Callable[..., House]) -> None:
    house = build(peopled=False, url=LOCAL)
    browser = house.browser(LOCAL, "127.0.0.1")
    with connect(browser, LOCAL) as socket:
        socket.receive_text()
        assert say(socket) == "more"
        house.add(OFFICER)
        assert say(socket) == "4401"
    assert browser.get("/", headers=PAGE).headers["location"] == "/connexion"


def test_a_look_is_cheap(house: House, lea: TestClient) -> None:
    """A check at each message: a few milliseconds at most, where a page takes hundreds."""
    with connect(lea) as socket:
        socket.receive_text()
        begin = time.perf_counter()
        for _ in range(100):
            say(socket)
        assert (time.perf_counter() - begin) / 100 < 0.02


def test_the_file_of_sessions_is_its_owners_and_holds_no_id(house: House, lea: TestClient) -> None:
    path = sessions_of(house.store.path)
    assert path.name == "cap.sessions.sqlite"
    files = [path, *path.parent.glob(f"{path.name}-*")]
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    kept = b"".join(one.read_bytes() for one in files)
    assert lea.cookies["__Host-cap_session"].encode() not in kept
    assert OFFICER.encode() not in kept


def test_sessions_outlive_the_program(house: House, lea: TestClient) -> None:
    session_id = lea.cookies["__Host-cap_session"]
    again = open_sessions(sessions_of(house.store.path))
    assert again.find(session_id, NOW)
    again.end_all_of(str(again.find(session_id, NOW)))
    assert again.find(session_id, NOW) is None
    again.close()


def test_five_wrong_attempts_lock_an_address_for_a_quarter_of_an_hour(house: House) -> None:
    sessions, at = house.sessions, NOW
    assert [sessions.begin_attempt("a@b.fr", at) for _ in range(FAILURES + 2)] == [True] * 5 + [False] * 2
    assert not sessions.begin_attempt(" A@B.fr", at + timedelta(minutes=14, seconds=59))
    assert sessions.begin_attempt("c@d.fr", at), "others are not locked"
    at += timedelta(minutes=15)
    assert [sessions.begin_attempt("a@b.fr", at) for _ in range(FAILURES + 1)] == [True] * 5 + [False]


def test_slow_mistakes_lock_nobody_and_a_right_password_forgets_them(house: House) -> None:
    sessions = house.sessions
    assert all(sessions.begin_attempt("a@b.fr", NOW + timedelta(minutes=4 * n)) for n in range(20))
    for _ in range(3):
        assert all(sessions.begin_attempt("c@d.fr", NOW) for _ in range(4))
        sessions.forget_failures("c@d.fr")


@pytest.mark.parametrize("address", ["https://cap.example.org", "http://127.0.0.1:8501/", "http://[::1]:80"])
def test_an_address_that_people_type(address: str) -> None:
    assert read_settings({"CAP_URL": address}).url == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    ["cap.example.org", "ftp://cap.example.org", "https://", "https://a.fr/cap", "https://a@b.fr", "https://a.fr:x"],
)
def test_an_address_that_nobody_can_type(address: str) -> None:
    with pytest.raises(ValueError, match="CAP_URL"):
        read_settings({"CAP_URL": address})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_sentence(language: str) -> None:
    for why in set(Why) - {Why.HIDDEN}:
        assert load_words(language)(f"gate.{why}")
