"""Registers out: what is there comes back as it went; in words, never a code without its label."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest

from outputs.register_file import list_register_columns, write_register_csv, write_register_xlsx
from outputs.registers import label_of, list_register_difference, say_cell
from pipelines.deposit import prepare_submission
from pipelines.registers import view_register
from schemas.catalogue import Catalogue
from schemas.registers import ACTIONS, EVENTS, LOCAL_INDICATORS, MILESTONES, PARTNERS, REGISTERS, TARGETS, Register
from schemas.submission import Change, PreparedSubmission
from texts import load_words

FR, EN = load_words("fr"), load_words("en")
TILLEULS = "FR-99-TILLEULS"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
IN_USE = (ACTIONS, MILESTONES, PARTNERS, EVENTS, TARGETS)
SHEET = {
    **{column.code: column.example for column in LOCAL_INDICATORS.columns},
    **{column.code: next(iter(column.words.values())) for column in LOCAL_INDICATORS.columns if column.words},
    "territory_code": TILLEULS,
    "indicator_code": f"{TILLEULS}:JEU-L01",
    "decimals": 0,
    "delay_months": 1,
    "k_threshold": 5,
    "valid_from": date(2026, 1, 1),
}


def send_back(content: bytes, catalogue: Catalogue, territory: str = TILLEULS) -> PreparedSubmission:
    return prepare_submission(content, "registre", [territory], catalogue, pl.DataFrame(), lambda: NOW)


@pytest.mark.parametrize(
    "write", [write_register_csv, lambda *told: write_register_xlsx(*told, FR)], ids=["csv", "xlsx"]
)
@pytest.mark.parametrize(
    ("territory", "register"),
    [
        pytest.param(territory, register, id=f"{territory}-{register.code}")
        for territory in (TILLEULS, "FR-99-PORTNEUF")
        for register in IN_USE
        if territory == TILLEULS or register.code not in ("milestones", "events")  # of which Port-Neuf has none
    ],
)
def test_what_is_there_comes_back_unchanged(
    territory: str, register: Register, write: Callable[..., bytes], catalogue: Catalogue
) -> None:
    """Downloaded and sent back: nothing moves."""
    rows = view_register(register, catalogue, [territory])
    assert len(rows) > 0
    prepared = send_back(write(register, rows), catalogue, territory)
    assert prepared.issues == ()
    assert (prepared.kind, prepared.count(Change.UNCHANGED)) == (register.code, len(rows))
    assert prepared.tables == {}


def test_texts_that_look_like_formulas_and_dates_come_back(catalogue: Catalogue) -> None:
    """As an apostrophe and a guard keep them."""
    titles = ["=1+1", "- 3 parrains", "+ vite", "@accueil", "6-10", "Atelier ; « vélo »"]
    rows = view_register(ACTIONS, catalogue, [TILLEULS]).head(1)
    odd = pl.concat(
        rows.with_columns(title=pl.lit(title), action_code=pl.lit(f"A{at}")) for at, title in enumerate(titles, 50)
    )
    added = send_back(write_register_csv(ACTIONS, odd), catalogue).tables["actions"]
    assert added["title"].to_list() == titles


def test_a_local_indicator_comes_back(catalogue: Catalogue) -> None:
    """The first time it is new, then the same."""
    sheet = pl.DataFrame([SHEET])
    first = send_back(write_register_csv(LOCAL_INDICATORS, sheet), catalogue)
    assert first.issues == ()
    known = Catalogue(
        **{**catalogue.tables(), "indicators": pl.concat([catalogue.indicators, first.tables["indicators"]])}
    )
    view = view_register(LOCAL_INDICATORS, known, [TILLEULS])
    assert send_back(write_register_xlsx(LOCAL_INDICATORS, view, FR), known).count(Change.UNCHANGED) == 1


def test_a_hidden_starting_point_is_neither_told_nor_lost(catalogue: Catalogue) -> None:
    """The sign of a secret stands for it."""
    hidden = catalogue.targets.filter(territory_code=TILLEULS, goal_code="O1")
    rows = view_register(TARGETS, catalogue, [TILLEULS], hidden)
    content = write_register_csv(TARGETS, rows)
    assert b";2023-T4;s;s;s;" in content
    assert b"22,0833" not in content
    assert send_back(content, catalogue).count(Change.UNCHANGED) == len(rows)


@pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.code)
def test_the_workbook_offers_lists_and_explains(register: Register, catalogue: Catalogue) -> None:
    rows = view_register(register, catalogue, [TILLEULS])
    book = openpyxl.load_workbook(io.BytesIO(write_register_xlsx(register, rows, FR)))
    first, guide = book.worksheets
    assert [cell.value for cell in first[1]] == [column.heading for column in register.columns]
    lists = [one.formula1 for one in first.data_validations.dataValidation if one.type == "list"]
    assert lists == [f'"{",".join(column.words)}"' for column in register.columns if column.words]
    assert [row[0].value for row in guide.iter_rows(min_row=2)] == [column.heading for column in register.columns]


@pytest.mark.parametrize("words", [FR, EN], ids=["fr", "en"])
@pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.code)
def test_each_column_and_word_is_called_something(register: Register, words: object) -> None:
    assert len(list_register_columns(words, register)) == len(register.columns)
    for column in register.columns:
        assert label_of(words, register, column)
        assert all(say_cell(words, column, code) for code in column.words.values())


@pytest.mark.parametrize(
    ("register", "code", "value", "said"),
    [
        pytest.param(ACTIONS, "starts_on", date(2024, 11, 6), "6 novembre 2024", id="a_day"),
        pytest.param(ACTIONS, "goal_codes", "O1|O2", "O1, O2", id="codes"),
        pytest.param(ACTIONS, "state", "terminee", "terminée", id="a_word"),
        pytest.param(TARGETS, "due_period", "2027-Q4", "T4 2027", id="a_period"),
        pytest.param(TARGETS, "target_value", 12.5, "12,5", id="a_number"),
        pytest.param(TARGETS, "ref_value", "secret", "s", id="a_secret"),
        pytest.param(
            TARGETS, "steps", "2027-Q2=24|2027-Q4=27.5", "T2 2027\u00a0: 24\u202f; T4 2027\u00a0: 27,5", id="steps"
        ),
        pytest.param(EVENTS, "is_withdrawn", "true", "oui", id="yes"),
        pytest.param(ACTIONS, "comment", None, "", id="nothing"),
    ],
)
def test_a_cell_in_words(register: Register, code: str, value: object, said: str) -> None:
    assert say_cell(FR, register.column(code), value) == said


def test_a_difference_in_words() -> None:
    """What moved, each cell under its name; then what is new, with all that it says."""
    changes = pl.DataFrame(
        {
            "source_row": [2, 3, 4],
            "change": ["new", "changed", "unchanged"],
            "name": ["A09 Atelier", "A01 Permanence", "A02 Parrainage"],
            "before": ["", '{"state": "en_cours", "comment": ""}', ""],
            "after": [
                '{"starts_on": "2026-11-06", "state": "idee"}',
                '{"state": "terminee", "comment": "Bilan fait"}',
                "",
            ],
        }
    )
    difference = list_register_difference(FR, "actions", changes)
    assert difference.counts == "1 ligne nouvelle, 1 modifiée, 1 inchangée."
    assert difference.lines == (
        (
            "A01 Permanence",
            "État\u00a0: en cours\u202f; Commentaire\u00a0: rien",
            "État\u00a0: terminée\u202f; Commentaire\u00a0: Bilan fait",
        ),
        ("A09 Atelier", "", "nouveau\u202f; Début\u00a0: 6 novembre 2026\u202f; État\u00a0: idée"),
    )
