"""The house keeps its promises: imports run one way, each library has one home, words exist in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from schemas.issue import UNREADABLE, Code
from schemas.words import ObsStatus, Role, State
from texts import LANGUAGES, load_words

ROOT = Path(__file__).parent.parent
ROOMS = ("commands", "pages", "web", "outputs", "measures", "pipelines", "schemas", "texts", "settings")
MAY_IMPORT = {
    "schemas": set(),
    "settings": set(),
    "measures": {"schemas"},
    "texts": {"schemas"},
    "outputs": {"measures", "schemas", "texts"},
    "pipelines": {"schemas", "settings"},
    "web": {"outputs", "measures", "pipelines", "schemas", "texts", "settings"},
    "pages": {"outputs", "measures", "pipelines", "schemas", "texts", "settings", "web"},
}
ROOTS = {"app.py", "pipelines/__main__.py"}
"""And every module of `commands/`, which is the command line."""
HOME = {
    "streamlit": ("app.py", "pages/"),
    "duckdb": ("pipelines/store/",),
    "plotly": ("outputs/",),
    "icalendar": ("outputs/",),
    "pandera": ("schemas/", "pipelines/check.py", "pipelines/catalogue.py"),
    "starlette": ("app.py", "web/"),
    "fastapi": ("app.py", "web/"),
    "highspy": ("measures/attacker.py",),
    "markdown_it": ("web/guide.py",),
}


def list_modules() -> list[str]:
    found = [ROOT / "app.py", ROOT / "settings.py"]
    found += [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def imports_of(source: str) -> set[str]:
    """First names of everything a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def find_trespasses(module: str, source: str) -> list[str]:
    """What a module imports and may not."""
    room = module.split("/")[0].removesuffix(".py")
    names = imports_of(source)
    wrong = [
        f"{module} imports {name}" for name, homes in HOME.items() if name in names and not module.startswith(homes)
    ]
    if module not in ROOTS and room != "commands":
        wrong += [f"{module} imports {name}" for name in names & set(ROOMS) - MAY_IMPORT[room] - {room}]
    return wrong


@pytest.mark.parametrize("module", list_modules())
def test_imports_run_one_way(module: str) -> None:
    assert find_trespasses(module, (ROOT / module).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        pytest.param("measures/progress.py", "import streamlit", id="streamlit_in_measures"),
        pytest.param("pages/goal.py", "import duckdb", id="duckdb_in_a_page"),
        pytest.param("measures/progress.py", "from pipelines.store import Store", id="measures_reach_for_the_store"),
        pytest.param("pipelines/deposit.py", "from measures.progress import x", id="pipelines_think"),
        pytest.param("schemas/period.py", "import settings", id="schemas_import_ours"),
    ],
)
def test_a_trespass_is_seen(module: str, line: str) -> None:
    source = (ROOT / module).read_text("utf-8") + f"\n{line}\n"
    assert len(find_trespasses(module, source)) == 1


def keys_of(language: str) -> dict[str, list[str]]:
    text = (ROOT / "texts" / "locale" / language / "LC_MESSAGES" / "cap.po").read_text("utf-8")
    entries = re.findall(r'msgid "([^"]+)"\n(?:msgid_plural "[^"]+"\n)?((?:msgstr.*\n)+)', text + "\n")
    return {key: re.findall(r'"(.*)"', strings) for key, strings in entries}


def test_every_key_exists_in_both_languages_with_the_same_blanks_to_fill() -> None:
    french, english = keys_of("fr"), keys_of("en")
    assert set(french) == set(english)
    blanks = {
        key: [set(re.findall(r"{(\w+)}", s)) | {"n"} for s in (french[key][-1], english[key][-1])] for key in french
    }
    assert {key: pair for key, pair in blanks.items() if pair[0] != pair[1]} == {}


def test_every_key_that_the_code_names_has_words() -> None:
    rooms = [ROOT / room for room in ROOMS if (ROOT / room).is_dir()]
    sources = [path for room in rooms for kind in ("*.py", "*.html") for path in room.rglob(kind)]
    named: set[str] = set()
    for path in sources:
        named |= set(re.findall(r"""words(?:\.plural)?\(\s*["']([a-z_.]+)["']\s*[,)]""", path.read_text("utf-8")))
    assert len(named) > 60
    assert named - set(keys_of("fr")) - {"key"} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_an_issue_has_a_sentence_and_a_heading(language: str) -> None:
    keys = keys_of(language)
    for code in Code:
        assert any(key == f"issue.{code}" or key.startswith(f"issue.{code}.") for key in keys), code
        assert f"cause.{code}" in keys
    for code in UNREADABLE:
        assert f"unreadable.{code}" in keys
    for word in (*(f"state.{state}" for state in State), *(f"role.{role}" for role in Role)):
        assert word in keys
    for status in ObsStatus:
        assert f"status.{status}" in keys


FRENCH_FAULTS = {
    "a plain space before a high sign": r" [;!?:%»€]",
    "a plain space after «": "« ",
    "a straight apostrophe": "'",
    "U+00A0 where U+202F belongs": "\u00a0[;!?]",
    "U+202F where U+00A0 belongs": "\u202f[:%»€]",
    "three points": r"\.\.\.",
    "an unaccented capital": r"\bA (?=l’|la |le )|\bEtat\b|\bEtre\b",
}


@pytest.mark.parametrize(("fault", "pattern"), FRENCH_FAULTS.items())
def test_french_typography(fault: str, pattern: str) -> None:
    wrong = [
        (key, string) for key, strings in keys_of("fr").items() for string in strings if re.search(pattern, string)
    ]
    assert wrong == [], fault


def test_every_setting_and_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    settings = set(re.findall(r"CAP_[A-Z_]+", (ROOT / "settings.py").read_text("utf-8")))
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "commands").glob("*.py"))
    commands = set(re.findall(r'^@command\("([\w-]+)"\)', sources, re.MULTILINE))
    assert {"read", "check", "deposit", "demo", "load-catalogue", "approve", "restore"} <= commands
    assert {word for word in settings | commands if f"`{word}" not in readme} == set()


def test_words_that_do_not_exist_are_an_error() -> None:
    with pytest.raises(KeyError):
        load_words("fr")("no.such.key")
