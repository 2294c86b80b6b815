"""What needs no Streamlit, over a small ASGI app: language, compression, choices that stay on this host."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from web.choices import choose, safe_next
from web.shell import CompressedStatic, Shell, list_chunks

SCRIPT = b"let words = 1;" * 500


async def page(request: Request) -> Response:
    return HTMLResponse('<!DOCTYPE html><html lang="en"><head><title>Streamlit</title></head><body></body></html>')


async def script(request: Request) -> Response:
    return Response(SCRIPT, media_type="text/javascript")


async def plain(request: Request) -> Response:
    return PlainTextResponse("x" * 5000)


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "index.abc.js").write_text('import"./main.js";')
    (tmp_path / "main.js").write_text("")
    (tmp_path / "Plot.abc.js").write_text('import{a}from"./main.js";import"./part.js";')
    (tmp_path / "part.js").write_text("")
    routes = [
        Route("/", page),
        Route("/objectif", page),
        Route("/static/a.js", script),
        Route("/static/a.txt", plain),
        Route("/choisir", choose),
    ]
    elements = {"": (), "/objectif": ("Plot",)}
    middleware = [Middleware(CompressedStatic), Middleware(Shell, scripts=tmp_path, elements=elements)]
    return TestClient(Starlette(routes=routes, middleware=middleware))


@pytest.mark.parametrize(
    ("headers", "lang"),
    [
        pytest.param({"accept-language": "fr-FR,fr;q=0.9"}, "fr", id="french_browser"),
        pytest.param({"accept-language": "en-GB"}, "en", id="english_browser"),
        pytest.param({"accept-language": "en-GB", "cookie": "cap_langue=fr"}, "fr", id="a_choice_wins"),
        pytest.param({}, "fr", id="nothing_said"),
    ],
)
def test_a_page_says_its_language(client: TestClient, headers: dict[str, str], lang: str) -> None:
    answer = client.get("/", headers=headers)
    assert f'<html lang="{lang}">' in answer.text
    assert "/cap/cap.js" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_page_asks_at_once_for_the_scripts_it_will_need(client: TestClient) -> None:
    assert "Plot.abc.js" in client.get("/objectif").text
    assert "part.js" in client.get("/objectif").text
    assert "modulepreload" not in client.get("/").text


def test_chunks_leave_out_what_every_page_has(tmp_path: Path, client: TestClient) -> None:
    assert sorted(list_chunks(tmp_path, "Plot")) == ["Plot.abc.js", "part.js"]


def test_a_script_is_compressed_once_and_is_the_same(client: TestClient) -> None:
    for _ in range(2):
        answer = client.get("/static/a.js", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.content == SCRIPT
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert gzip.compress(SCRIPT, 6)


def test_nothing_is_compressed_for_who_cannot_read_it(client: TestClient) -> None:
    answer = client.get("/static/a.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers


def test_other_files_pass_as_they_are(client: TestClient) -> None:
    answer = client.get("/static/a.txt", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers


def test_a_choice_is_kept_and_leads_on(client: TestClient) -> None:
    answer = client.get("/choisir?langue=en&visiteur=national&suite=/objectif%3Fx%3D1", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/objectif?x=1"
    assert (answer.cookies["cap_langue"], answer.cookies["cap_visiteur"]) == ("en", "national")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/objectif?a=1", "/objectif?a=1"),
        ("https://ailleurs.example/", "/"),
        ("//ailleurs.example/", "/"),
        ("/\\ailleurs.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_a_choice_never_leaves_this_host(target: str, expected: str) -> None:
    assert safe_next(target) == expected


def test_a_language_that_does_not_exist_is_not_kept(client: TestClient) -> None:
    assert "cap_langue" not in client.get("/choisir?langue=xx", follow_redirects=False).cookies
