"""The same table in another dress: encodings, separators, spaces in numbers, notes above, a total below."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import read_table
from pipelines.tidy import read_numbers

NAMES = ("Épinal", "Œuilly", "Saint-Étienne", "L’Haÿ", "Besançon", "Nîmes", "Aÿ", "Le Mans", "Orléans", "Cœuvres")
NOTES = (
    "Indicateurs du T3 2026",
    "Source : mairie",
    "Unité : personnes, sauf mention",
    "",
    "Édité le 12 octobre",
    "Page 1",
)


def say_number(number: float, space: str) -> str:
    whole, _, decimals = f"{number:,.1f}".partition(".")
    return whole.replace(",", space) + ("" if decimals == "0" else f",{decimals}")


@st.composite
def dressed(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, float, float]]]:
    """A file, and the values that it holds."""
    number = st.integers(0, 20_000_000).map(lambda n: n / 10)
    rows = draw(st.lists(st.tuples(st.sampled_from(NAMES), number, number), min_size=3, max_size=40))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso8859-15", "mac_roman"]))
    separator = draw(st.sampled_from([";", "\t", "|", ","]))
    space = draw(st.sampled_from(["\u00a0", "\u202f", " ", ""]))
    space = "\u00a0" if space == "\u202f" and not encoding.startswith("utf") else space
    if encoding == "iso8859-15":
        rows = [(name.replace("’", "'"), *numbers) for name, *numbers in rows]
    if encoding == "mac_roman":  # its Œ is the Î of cp1252: one letter alone tells nothing
        rows = [("Épinal", 1.0, 2.0), *rows]
    quote = '"' if separator == "," else draw(st.sampled_from(["", '"']))
    total = ["Total", "", say_number(sum(row[2] for row in rows), space), ""]
    cells = [[name, say_number(a, space), say_number(b, space), "x"] for name, a, b in rows]
    table = [["ville", "suivis", "sortis", "note"], *cells, *([total] if draw(st.booleans()) else [])]
    notes = NOTES if draw(st.booleans()) else ()
    body = [separator.join(f"{quote}{cell}{quote}" for cell in row) for row in table]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join([*notes, *body]) + draw(st.sampled_from(["", end]))
    return text.encode(encoding), [(row[0], row[1], row[2]) for row in rows]


@given(dressed())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_the_values_do_not_change(file: tuple[bytes, list[tuple[str, float, float]]]) -> None:
    """Whatever the dress."""
    content, rows = file
    table = read_table(content, "f.csv")
    cells = (table.lazy().select(found=pl.col(name).str.strip_chars()) for name in ("suivis", "sortis"))
    numbers = [read_numbers(of_one).collect()["read"] for of_one in cells]
    assert list(zip(table["ville"], *numbers, strict=True)) == rows
