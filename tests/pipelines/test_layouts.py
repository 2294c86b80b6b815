"""Wide tables unfolded by a mapping: literal columns in, one row a value out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sent_files import INSEE_FILE, INSEE_MAPPING, located

from pipelines.catalogue import merge_catalogues, read_catalogue
from pipelines.layouts import MappingError, Unfolded, read_mapping, recognise_layout, unfold_table
from pipelines.read import read_table
from schemas.catalogue import Catalogue
from schemas.issue import Code
from schemas.mapping import Mapping
from schemas.submission import PreparedSubmission

Prepare = Callable[..., PreparedSubmission]
MAPPING = Mapping(
    name="chomage",
    indicator_code="CHO-01",
    source="INSEE",
    territory_column="Libellé",
    territories={"Bretagne": "REG-53", "Corse": "REG-94"},
    status_label="Codes",
    statuses={"A": "normal", "SD": "provisoire"},
)
WIDE = """Libellé;idBank;2023-T1;2023-T2
Bretagne;1;5.7;5,8
Codes;;A;SD
Corse;2;;6.0
Codes;;;A
"""


@pytest.fixture(scope="module")
def insee_catalogue(catalogue: Catalogue) -> Catalogue:
    """The reference catalogue and that of the example: CHO-01 and its regions."""
    return merge_catalogues(catalogue, read_catalogue(INSEE_MAPPING.parent / "catalogue"))


def unfold(text: str, mapping: Mapping, catalogue: Catalogue) -> Unfolded:
    """The rows of a text by a mapping that someone wrote."""
    table = read_table(text.encode(), "f.csv")
    layout = recognise_layout(table.columns, mapping)
    assert layout is not None
    return unfold_table(table, layout, mapping, catalogue, mapping.list_territories(), is_asking=False)


def test_a_wide_table_becomes_one_row_a_value(insee_catalogue: Catalogue) -> None:
    """Each value keeps its line and its column; an empty cell is no value; statuses are ours, their word is kept."""
    found = unfold(WIDE, MAPPING, insee_catalogue)
    assert (found.issues, found.questions) == ([], ())
    assert sorted(found.rows.rows(named=True), key=lambda row: (row["source_row"], row["source_column"])) == [
        {
            "source_row": 2,
            "source_column": "2023-T1",
            "code_territoire": "REG-53",
            "code_quartier": "",
            "code_indicateur": "CHO-01",
            "periode": "2023-T1",
            "valeur": "5.7",
            "statut": "normal",
            "source_status": "A",
            "source": "INSEE",
        },
        {
            "source_row": 2,
            "source_column": "2023-T2",
            "code_territoire": "REG-53",
            "code_quartier": "",
            "code_indicateur": "CHO-01",
            "periode": "2023-T2",
            "valeur": "5,8",
            "statut": "provisoire",
            "source_status": "SD",
            "source": "INSEE",
        },
        {
            "source_row": 4,
            "source_column": "2023-T2",
            "code_territoire": "REG-94",
            "code_quartier": "",
            "code_indicateur": "CHO-01",
            "periode": "2023-T2",
            "valeur": "6.0",
            "statut": "normal",
            "source_status": "A",
            "source": "INSEE",
        },
    ]


def test_a_wide_table_without_statuses(insee_catalogue: Catalogue) -> None:
    """No column of statuses then, which means normal."""
    found = unfold("Libellé;2023-T1\nCorse;6,0\n", MAPPING, insee_catalogue)
    assert (found.issues, found.questions) == ([], ())
    assert found.rows.select("code_territoire", "valeur").rows() == [("REG-94", "6,0")]
    assert not {"statut", "source_status"} & set(found.rows.columns)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            WIDE.replace("Corse", "Alsace"), [("wrong_territory", 4, "Libellé", "Alsace")], id="series_without_name"
        ),
        pytest.param(
            WIDE.replace(";A;SD", ";A;ZZ"), [("unknown_word", 3, "2023-T2", "ZZ")], id="status_word_without_meaning"
        ),
        pytest.param(
            WIDE.replace("5,8\n", "5,8\n\n").replace(";A;SD", ";A;ZZ"),
            [("unknown_word", 4, "2023-T2", "ZZ")],
            id="status_word_below_a_blank_line",
        ),
        pytest.param(WIDE.replace("Libellé", "Région"), [("missing_column", None, None, None)], id="no_label_column"),
        pytest.param(WIDE.replace("-T", " n°"), [("missing_column", None, None, None)], id="no_period_column"),
        pytest.param(WIDE.replace("5,8", "x"), [("unreadable_number", 2, "2023-T2", "x")], id="letter_for_a_number"),
        pytest.param(WIDE.replace("5.7", "157"), [("out_of_range", 2, "2023-T1", "157")], id="rate_above_100"),
        pytest.param(
            WIDE.replace("Corse", "Bretagne"),
            [("duplicate_key", 2, "2023-T2", "CHO-01"), ("duplicate_key", 4, "2023-T2", "CHO-01")],
            id="same_series_twice",
        ),
    ],
)
def test_faults_stand_at_the_cell_of_the_wide_table(
    text: str, expected: list[tuple[str, int, str, str]], prepare: Prepare, insee_catalogue: Catalogue
) -> None:
    """Line and column are those of the file, not of the unfolded rows."""
    prepared = prepare(text.encode(), catalogue=insee_catalogue, territories=["REG-53", "REG-94"], mapping=MAPPING)
    assert located(prepared.issues) == expected
    assert not prepared.is_ready


def test_a_corrected_value_is_named_at_its_cell(prepare: Prepare, insee_catalogue: Catalogue) -> None:
    """The warning stands in the column of the file: a wide table has no « valeur »."""
    said = {"catalogue": insee_catalogue, "territories": ["REG-53", "REG-94"], "mapping": MAPPING}
    before = prepare(WIDE.encode(), **said).rows.with_columns(is_masked=pl.lit(False))
    prepared = prepare(WIDE.replace("5.7", "5.9").encode(), previous=before, **said)
    assert located(prepared.issues) == [("changes_approved", 2, "2023-T1", "5.9")]


def test_a_mapping_is_told_by_its_digest(prepare: Prepare, insee_catalogue: Catalogue) -> None:
    """The submission keeps which mapping read it, and the territories found."""
    said = {"catalogue": insee_catalogue, "territories": ["REG-53", "REG-94"]}
    prepared = prepare(WIDE.encode(), mapping=replace(MAPPING, digest="abc"), **said)
    assert (prepared.mapping, prepared.territories) == ("abc", ("REG-53", "REG-94"))


TOML = """indicator_code = "CHO-01"
source = "INSEE"
territory_column = "Libellé"
catalogue = "catalogue"
[territories]
"Bretagne" = "REG-53"
"""


def test_a_mapping_file_is_read(tmp_path: Path) -> None:
    """Its catalogue is the folder beside it, its digest that of its bytes, its periods found unless it says which."""
    path = tmp_path / "chomage.toml"
    path.write_text(TOML, "utf-8")
    mapping = read_mapping(path)
    assert (mapping.name, mapping.territories, mapping.catalogue) == (
        "chomage",
        {"Bretagne": "REG-53"},
        tmp_path / "catalogue",
    )
    assert mapping.period_columns == ""
    assert len(mapping.digest) == 64


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("indicator_code = ", id="not_toml"),
        pytest.param(TOML.replace('source = "INSEE"\n', ""), id="key_missing"),
        pytest.param(TOML + '\n[colours]\na = "b"\n', id="key_unknown"),
        pytest.param('name = "x"\n' + TOML, id="key_that_is_ours"),
        pytest.param(TOML.split("[territories]")[0] + 'territories = "REG-53"\n', id="territories_not_a_table"),
        pytest.param('period_columns = "("\n' + TOML, id="pattern_that_is_none"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(text: str, tmp_path: Path) -> None:
    """MappingError, whose text says which file and why."""
    path = tmp_path / "chomage.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(MappingError, match=r"chomage\.toml"):
        read_mapping(path)


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Like any other that cannot be used."""
    with pytest.raises(MappingError):
        read_mapping(tmp_path / "nowhere.toml")


def test_the_insee_file(cases: Path, prepare: Prepare, insee_catalogue: Catalogue) -> None:
    """15 series, 167 quarters, 2 377 values, sum 20 733.2; the 15 words SD are kept and mean provisoire."""
    mapping = read_mapping(INSEE_MAPPING)
    content = (cases / INSEE_FILE).read_bytes()
    territories = sorted(mapping.territories.values())
    prepared = prepare(content, "insee.csv", catalogue=insee_catalogue, territories=territories, mapping=mapping)
    rows = prepared.rows
    assert prepared.issues == ()
    assert (rows.height, rows["territory_code"].n_unique(), rows["period"].n_unique()) == (2377, 15, 167)
    assert round(rows["value"].sum(), 1) == 20733.2
    assert rows.group_by("source_status", "obs_status").len().sort("len").rows() == [
        ("SD", "provisoire", 15),
        ("A", "normal", 2362),
    ]
    assert (rows["period"].min(), rows["period"].max()) == ("1982-Q1", "2023-Q3")


def test_the_insee_file_with_a_series_nobody_named(cases: Path, prepare: Prepare, insee_catalogue: Catalogue) -> None:
    """The row of Brittany is named where it stands; the file is not ready."""
    mapping = read_mapping(INSEE_MAPPING)
    named = {label: code for label, code in mapping.territories.items() if code != "REG-53"}
    prepared = prepare(
        (cases / INSEE_FILE).read_bytes(),
        catalogue=insee_catalogue,
        territories=sorted(named.values()),
        mapping=replace(mapping, territories=named),
    )
    assert located(prepared.issues) == [
        (Code.WRONG_TERRITORY, 10, "Libellé", "Taux de chômage localisé par région - Bretagne")
    ]
    assert not prepared.is_ready
    assert prepared.rows.filter(pl.col("territory_code") == "REG-53").is_empty()
