"""The dictionary, the help and the Table Schema say what OBSERVATION_COLUMNS says."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from frictionless import Dialect, Resource, Schema
from frictionless.formats import CsvControl

from outputs.dictionary import (
    help_text,
    keep_as_written,
    list_columns,
    write_dictionary_csv,
    write_table_schema,
)
from schemas.observation import COLUMN, OBSERVATION_COLUMNS, REFERENCE_HEADINGS
from texts import load_words

FR, EN = load_words("fr"), load_words("en")
HEADER = ";".join(column.heading for column in OBSERVATION_COLUMNS)
CLEAN_ROW = ";".join(column.example for column in OBSERVATION_COLUMNS)


def problems_of(tmp_path: Path, *rows: str) -> list[tuple[str, str]]:
    """What frictionless says of a file with these rows against our schema: (kind of error, heading)."""
    (tmp_path / "depot.csv").write_text("\r\n".join([HEADER, *rows]) + "\r\n", "utf-8-sig")
    resource = Resource(
        path="depot.csv",
        basepath=str(tmp_path),
        encoding="utf-8-sig",
        dialect=Dialect(controls=[CsvControl(delimiter=";")]),
        schema=Schema.from_descriptor(json.loads(write_table_schema())),
    )
    return [(kind, heading) for kind, heading in resource.validate().flatten(["type", "fieldName"])]


def test_every_column_has_one_line_in_the_order_of_the_file() -> None:
    for words in (FR, EN):
        assert [line.code for line in list_columns(words)] == [column.code for column in OBSERVATION_COLUMNS]
        assert all(line.meaning and line.kind and line.example for line in list_columns(words))


def test_a_line_says_heading_meaning_kind_limits_and_example() -> None:
    line = next(line for line in list_columns(FR) if line.code == "response_rate")
    assert line == (
        "taux_reponse",
        "La part des personnes interrogées qui ont répondu, en pourcentage\u00a0: 41 pour 41\u00a0%.",
        "pourcentage",
        "non",
        "de 0 à 100",
        "41",
        "response_rate",
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param(
            "territory_code",
            "Le code du territoire qui envoie ses chiffres. Obligatoire. Exemple\u00a0: FR-44-BELLEVUE",
            id="required",
        ),
        pytest.param(
            "conf_status",
            "Qui peut voir le chiffre\u00a0: libre, tout le monde\u202f; interne, les territoires et l’équipe nationale"
            "\u202f; secret, votre territoire seul. Permis\u00a0: libre, interne, secret (vide\u00a0: libre). "
            "Exemple\u00a0: libre",
            id="words",
        ),
        pytest.param(
            "source",
            "D’où vient le chiffre\u00a0: un organisme et son outil, jamais une personne. Obligatoire. "
            "Permis\u00a0: 120 caractères au plus. Exemple\u00a0: Mission locale, i-milo",
            id="longest",
        ),
    ],
)
def test_the_help_of_a_column(code: str, text: str) -> None:
    assert help_text(COLUMN[code], FR) == text


def test_the_dictionary_is_a_csv_that_spreadsheets_open() -> None:
    written = write_dictionary_csv(FR)
    assert written.startswith(b"\xef\xbb\xbfColonne;Ce que c\xe2\x80\x99est;")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 1 + len(OBSERVATION_COLUMNS) + len(REFERENCE_HEADINGS)
    assert (rows[1][0], rows[-1][0]) == ("code_territoire", "a_savoir")
    assert written.count(b"\r\n") == len(rows)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at_sign"),
        pytest.param("-cmd|'x'", "'-cmd|'x'", id="minus"),
        pytest.param("+33", "+33", id="number_with_plus"),
        pytest.param("-3,4", "-3,4", id="negative_number"),
        pytest.param("6-10", '="6-10"', id="not_the_6th_of_October"),
        pytest.param("60+", "60+", id="category"),
        pytest.param("Mission locale", "Mission locale", id="words"),
    ],
)
def test_a_cell_stays_as_it_is_written(cell: str, written: str) -> None:
    assert keep_as_written(cell) == written


def test_the_table_schema_is_valid_and_follows_the_columns() -> None:
    schema = json.loads(write_table_schema())
    assert list(Schema.metadata_validate(schema)) == []
    assert [field["name"] for field in schema["fields"]] == [column.heading for column in OBSERVATION_COLUMNS]
    assert schema["missingValues"] == ["", "n.d.", "n.c.", "///", "s"]
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["source"]["constraints"] == {"required": True, "maxLength": 120}
    assert fields["statut"]["constraints"]["enum"][:2] == ["normal", "provisoire"]
    assert fields["taux_reponse"]["constraints"] == {"required": False, "minimum": 0, "maximum": 100}
    assert fields["date_reference"]["format"] == "%d/%m/%Y"


def test_a_clean_file_passes_the_table_schema(tmp_path: Path) -> None:
    unknown = "FR-44-BELLEVUE;;ALI-02;2026-T3;total;;;;n.d.;non_disponible;;;;;Épicerie;Fermée en août"
    assert problems_of(tmp_path, CLEAN_ROW, unknown) == []


@pytest.mark.parametrize(
    ("code", "cell", "kind"),
    [
        pytest.param("source", "", "constraint-error", id="source_missing"),
        pytest.param("obs_status", "sur", "constraint-error", id="word_not_allowed"),
        pytest.param("period", "03/2026", "constraint-error", id="period_as_a_month"),
        pytest.param("numerator", "beaucoup", "type-error", id="no_number"),
        pytest.param("respondents", "-2", "constraint-error", id="below_zero"),
        pytest.param("reference_date", "30/13/2026", "type-error", id="no_day"),
    ],
)
def test_a_fault_is_seen_by_the_table_schema(tmp_path: Path, code: str, cell: str, kind: str) -> None:
    row = ";".join(cell if column.code == code else column.example for column in OBSERVATION_COLUMNS)
    assert problems_of(tmp_path, row) == [(kind, COLUMN[code].heading)]
