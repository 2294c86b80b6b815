"""Files of real producers whose content is known, and hundreds of odd ones."""

from __future__ import annotations

import tarfile
import time
from pathlib import Path

import polars as pl
import pytest

from pipelines.read import read_document, read_table
from pipelines.tidy import read_numbers
from schemas.issue import UnreadableFile


def numbers(table: pl.DataFrame, *names: str) -> pl.Series:
    """Every number of these columns."""
    cells = table.unpivot(on=names).select(found=pl.col("value").str.strip_chars())
    return read_numbers(cells.lazy()).collect()["read"]


@pytest.mark.parametrize(
    ("path", "column", "rows", "total"),
    [
        pytest.param("fr_cp1252/perimetre-epci_extrait.csv", "pmun_2025", 900, 3_150_761, id="cp1252_thousands"),
        pytest.param("fr_pourcent/metiers_tension_2020_a.csv", "Difficultés à recruter", 101, 5478.2, id="percent"),
        pytest.param("qpv2014_occitanie/qp.csv", "pop_mun", 61, 207_946, id="empty_is_secret"),
    ],
)
def test_a_column_of_a_real_file(cases: Path, path: str, column: str, rows: int, total: float) -> None:
    """As many rows and the same sum as published, every number read."""
    table = read_table((cases / "french" / path).read_bytes(), path)
    found = numbers(table, column)
    assert (table.height, found.null_count()) == (rows, 0)
    assert found.sum() == pytest.approx(total)


def test_empty_cells_of_the_quartiers_stay_empty(cases: Path) -> None:
    """Empty is statistical secrecy there: 141 cells."""
    table = read_table((cases / "french/qpv2014_occitanie/qp.csv").read_bytes(), "qp.csv")
    assert sum((table[name] == "").sum() for name in table.columns[1:]) == 141


def test_a_workbook_of_the_ministry(cases: Path) -> None:
    """Its sheet holds 16 classes of 102 departments over 8 years; the list of cases tells of another edition."""
    path = cases / "french/ssmsi/infos-securite-par-departement-2016-2023.xlsx"
    table = read_table(path.read_bytes(), path.name)
    assert (table.height, numbers(table, "faits").sum()) == (13_056, 26_386_785)


@pytest.mark.parametrize(
    ("sheet", "count", "total"),
    [
        ("Emploi LA", 85, 47_735_266.0),
        ("Emploi Indus LA", 84, 6_869_047.0),
        ("Tertiaire marchand LA", 85, 22_133_190),
        ("Tertiaire non march LA", 85, 14_397_687.64),
        ("Chom LA", 85, 629.3),
    ],
)
def test_one_territory_a_sheet(cases: Path, sheet: str, count: int, total: float) -> None:
    """Six note rows above, one row of quarters."""
    path = cases / "french/insee_trimestriel/donnees_insee_feuilles_LA.xlsx"
    reading = read_document(path.read_bytes(), path.name, sheet)
    found = numbers(reading.table, *[name for name in reading.table.columns if "T" in name]).drop_nulls()
    assert (reading.header_row, reading.table.height, len(found)) == (7, 1, count)
    assert found.sum() == pytest.approx(total, abs=0.01)


@pytest.mark.parametrize("name", ["duckdb", "frictionless"])
def test_odd_and_broken_files_are_tables_or_refusals(cases: Path, name: str) -> None:
    """Hundreds of them, each within ten seconds."""
    slow = []
    with tarfile.open(cases / "reading" / f"{name}.tar.xz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            started = time.perf_counter()
            try:
                read_table(content.read() if content else b"", member.name)
            except UnreadableFile:
                continue
            finally:
                slow += [member.name] if time.perf_counter() - started > 10 else []
    assert slow == []
