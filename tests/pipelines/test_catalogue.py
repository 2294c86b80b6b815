"""The reference tables: literal CSV in, a catalogue or clear faults out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sent_files import ROOT

from pipelines.catalogue import CatalogueError, check_catalogue, empty_catalogue, merge_catalogues, read_catalogue
from schemas.catalogue import KEYS, MODELS, Catalogue, column_types

TERRITORIES = (
    "territory_code,programme_code,name,kind,epci_siren,department_code,region_name,timezone,joined_on,cohort,"
    "public_page\n"
    "FR-44-BELLEVUE,QIC,Bellevue,territory,244400404,44,Pays de la Loire,Europe/Paris,2023-09-01,2023,true\n"
    "FR-2A-AJACCIO,QIC,Les Cannes,territory,,2A,Corse,Europe/Paris,,,false\n"
)


def folder_of(tmp_path: Path, **tables: str | bytes) -> Path:
    for table, text in tables.items():
        (tmp_path / f"{table}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def test_a_table_is_read_with_the_types_of_its_model(tmp_path: Path) -> None:
    """Codes stay text, days are days, an empty cell is nothing; a table without a file has no row."""
    catalogue = read_catalogue(folder_of(tmp_path, territories=TERRITORIES))
    assert catalogue.territories.select("territory_code", "department_code", "joined_on", "public_page").rows() == [
        ("FR-44-BELLEVUE", "44", date(2023, 9, 1), True),
        ("FR-2A-AJACCIO", "2A", None, False),
    ]
    assert catalogue.goals.is_empty()
    assert {table: dict(frame.schema) for table, frame in catalogue.tables().items()} == {
        table: column_types(table) for table in MODELS
    }


def test_an_empty_part_of_a_key_is_the_whole(tmp_path: Path) -> None:
    """The targets of a whole territory have the quartier '', as observations do."""
    heads = ",".join(column_types("targets"))
    row = "FR-44-BELLEVUE,O1,JEU-01,,total,,1,at_least,2023-Q4,22,,,,30,,,2027-Q4,linear,,,2024-02-06,steering"
    catalogue = read_catalogue(folder_of(tmp_path, targets=f"{heads}\n{row}\n"))
    assert catalogue.targets.select("qpv_code", "category").rows() == [("", "")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            TERRITORIES.replace("timezone,", "").replace("Europe/Paris,", ""),
            "territories.csv: column missing: timezone",
            id="column_missing",
        ),
        pytest.param(
            TERRITORIES.replace("2023-09-01", "01/09/2023"),
            "territories.csv line 2: joined_on: cannot be read: '01/09/2023'",
            id="day_written_the_french_way",
        ),
        pytest.param(
            TERRITORIES.replace(",false", ",non"),
            "territories.csv line 3: public_page: cannot be read: 'non'",
            id="word_for_false",
        ),
        pytest.param(
            TERRITORIES.replace("244400404", "24440"),
            "territories.csv line 2: epci_siren: str_matches('^\\d{9}$'): '24440'",
            id="siren_too_short",
        ),
        pytest.param(
            TERRITORIES.replace("Les Cannes", ""), "territories.csv line 3: name: not_nullable: None", id="no_name"
        ),
    ],
)
def test_a_fault_names_its_table_line_and_column(text: str, fault: str, tmp_path: Path) -> None:
    """One clear line a fault."""
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue(folder_of(tmp_path, territories=text))
    assert fault in refusal.value.faults


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TERRITORIES.replace("Les Cannes", "Évry").encode("cp1252"), id="cp1252"),
        pytest.param(TERRITORIES + "a,b,c,d,e,f,g,h,i,j,k,l,m\n", id="row_too_long"),
        pytest.param("", id="empty_file"),
    ],
)
def test_a_table_nobody_can_read_is_a_fault(text: str | bytes, tmp_path: Path) -> None:
    """Refused by name, as any fault of a reference table."""
    with pytest.raises(CatalogueError, match=r"territories\.csv"):
        read_catalogue(folder_of(tmp_path, territories=text))


def test_every_fault_of_every_table_is_told(tmp_path: Path) -> None:
    """Not the first only."""
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue(
            folder_of(
                tmp_path,
                territories=TERRITORIES.replace("2023-09-01", "hier").replace(",false", ",non"),
                challenges="challenge_code,label_fr,label_en\nJEUNES,Jeunes,Young people\n",
            )
        )
    assert {fault.split(":")[0] for fault in refusal.value.faults} == {
        "territories.csv line 2",
        "territories.csv line 3",
        "challenges.csv line 2",
    }


def test_a_folder_without_table_is_refused(tmp_path: Path) -> None:
    """It says what was expected there."""
    with pytest.raises(CatalogueError, match=r"territories\.csv"):
        read_catalogue(tmp_path)


def test_the_catalogue_of_the_project_holds_together(catalogue: Catalogue) -> None:
    """48 indicators, 8 challenges, and the demonstration on top."""
    check_catalogue(catalogue)
    assert (catalogue.indicators.height, catalogue.challenges.height, catalogue.territories.height) == (48, 8, 6)


def test_the_insee_example_holds_together(catalogue: Catalogue) -> None:
    """Beside the reference catalogue."""
    together = merge_catalogues(catalogue, read_catalogue(ROOT / "data" / "examples" / "insee" / "catalogue"))
    check_catalogue(together)
    assert together.territories.filter(programme_code="INSEE-CHOMAGE").height == 15


def target(**said: object) -> dict[str, pl.Expr]:
    return {name: pl.lit(value) for name, value in said.items()}


@pytest.mark.parametrize(
    ("table", "change", "fault"),
    [
        pytest.param(
            "goals", target(challenge_code="XXX"), "{'challenge_code': 'XXX'} is not in challenges", id="goal"
        ),
        pytest.param(
            "actions", target(territory_code="FR-0"), "{'territory_code': 'FR-0'} is not in territories", id="action"
        ),
        pytest.param(
            "territory_quartiers", target(qpv_code="QN00001N"), "{'qpv_code': 'QN00001N'} is not in quartiers", id="qpv"
        ),
        pytest.param("targets", target(target_value=None), "a target needs target_value", id="target_without_value"),
        pytest.param("targets", target(due_period=None), "a target needs ref_period", id="target_without_due_period"),
        pytest.param("targets", target(ref_value=99.0), "at_least needs a target above the start", id="met_at_start"),
        pytest.param(
            "targets",
            target(kind="at_most", target_value=1.0),
            "against the polarity of the indicator",
            id="target_against_the_polarity",
        ),
        pytest.param("targets", target(shape="stepped", steps=None), "needs its steps", id="steps_missing"),
        pytest.param("targets", target(shape="stepped", steps="2027=24"), "steps read", id="steps_unreadable"),
        pytest.param(
            "targets",
            target(shape="stepped", steps="2025-Q2=24|2025-Q2=26"),
            "steps name a period twice",
            id="two_targets_for_one_date",
        ),
        pytest.param(
            "targets", target(shape="stepped", steps="2099-Q2=24"), "end before the due period", id="a_step_too_late"
        ),
        pytest.param(
            "targets",
            target(shape="geometric", ref_value=0.0, ref_numerator=0.0),
            "constant growth goes from a number above 0",
            id="growth_from_nothing",
        ),
        pytest.param(
            "targets",
            target(kind="watch_only", ref_period=None),
            "a baseline needs its ref_period",
            id="a_baseline_of_no_period",
        ),
        pytest.param("targets", target(ref_numerator=60.0), "is not ref_value", id="baseline_disagrees"),
        pytest.param("territory_challenges", target(is_priority=False), "0 priority challenges", id="no_priority"),
        pytest.param("rounds", target(territory_code="FR-0"), "is not in territories", id="round_of_nobody"),
        pytest.param("rounds", target(due_on=date(2020, 1, 1)), "before it opens", id="round_due_too_soon"),
    ],
)
def test_tables_that_disagree_are_refused(
    table: str, change: dict[str, pl.Expr], fault: str, catalogue: Catalogue
) -> None:
    """The first row of a table spoiled in one way, and the fault that names it."""
    rows = catalogue.tables()[table]
    spoiled = pl.concat([rows.head(1).with_columns(**change).cast(dict(rows.schema)), rows.tail(-1)])
    with pytest.raises(CatalogueError) as refusal:
        check_catalogue(Catalogue(**{**catalogue.tables(), table: spoiled}))
    assert any(fault in line and line.startswith(table) for line in refusal.value.faults)


@pytest.mark.parametrize("table", KEYS)
def test_a_key_met_twice_is_refused(table: str, catalogue: Catalogue) -> None:
    """In every table."""
    rows = catalogue.tables()[table]
    twice = Catalogue(**{**catalogue.tables(), table: pl.concat([rows, rows.head(1)])})
    with pytest.raises(CatalogueError, match=f"{table}: key twice"):
        check_catalogue(twice)


def test_the_second_catalogue_wins(catalogue: Catalogue) -> None:
    """Rows of both; where both have a key, the second's."""
    renamed = catalogue.challenges.head(1).with_columns(label_fr=pl.lit("Autre nom"))
    merged = merge_catalogues(catalogue, Catalogue(**{**empty_catalogue().tables(), "challenges": renamed}))
    assert merged.challenges.height == catalogue.challenges.height
    code = renamed["challenge_code"][0]
    assert merged.challenges.filter(pl.col("challenge_code") == code)["label_fr"].to_list() == ["Autre nom"]
