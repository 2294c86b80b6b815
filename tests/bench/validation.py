"""What a full report costs: our checks over reading the same bytes as text, beside dataframely with the same rules.

Rules compared: territory, indicator, category and both status words known; period readable; numerator, denominator and
value are numbers; numerator <= denominator; value in its bounds; value = 100 num/den; key unique. The full set of
rules, the scan for personal data included, is printed beside them. Both read numbers and periods in all their
spellings, and take unit and bounds from the sheet of the row's indicator.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import dataframely as dy
import frictionless as fl
import polars as pl
from frictionless import Report
from frictionless.formats import CsvControl

from pipelines.check import RULES, check_observations, report_failures
from pipelines.facts import gather_facts
from pipelines.personal import find_personal_data
from pipelines.read import read_document
from pipelines.tidy import QUARTER_SPELLINGS, read_numbers, tidy_observations
from schemas.catalogue import Catalogue
from schemas.issue import Issues
from schemas.observation import OBSERVATION_COLUMNS
from tests.bench.many_rows import NOW, SPELLED, SPELLED_IN_WORDS, make_catalogue, make_file
from tests.bench.rounds import say, time_rounds

c = pl.col
COMPARED = tuple(
    rule
    for rule in RULES
    if rule.name
    in (
        "wrong_territory:territory_code",
        "unknown_indicator:indicator_code",
        "unknown_category:category",
        "numerator_above_denominator:numerator",
        "out_of_range:value",
        "value_disagrees:value",
        "duplicate_key:indicator_code",
    )
)
KEY = ["code_territoire", "code_quartier", "code_indicateur", "periode", "ventilation", "modalite"]


def read_text(content: bytes) -> pl.DataFrame:
    return pl.read_csv(content, separator=";", infer_schema=False, empty_string_is_null=False)


def check_compared(content: bytes, catalogue: Catalogue, territories: list[str]) -> Issues:
    """Ours: from the bytes to the report, the rules compared only."""
    reading = read_document(content, "bench.csv")
    tidy, issues = tidy_observations(reading.table, catalogue, lambda: NOW)
    facts = gather_facts(tidy, catalogue, territories, lambda: NOW)
    return issues + report_failures(facts, catalogue, COMPARED)


def check_all(content: bytes, catalogue: Catalogue, territories: list[str]) -> Issues:
    reading = read_document(content, "bench.csv")
    tidy, issues = tidy_observations(reading.table, catalogue, lambda: NOW)
    return find_personal_data(reading) + issues + check_observations(tidy, catalogue, territories, lambda: NOW)


def make_schema(catalogue: Catalogue, territories: list[str]) -> type[dy.Schema]:
    """The same rules for dataframely, over text columns, and numbers and the words of the sheets beside them."""
    parts = catalogue.categories.select(c("dimension") + "/" + c("category")).to_series().to_list()
    period = "|".join(re.sub(r"\?P<\w+>", "?:", spelling) for spelling in QUARTER_SPELLINGS)
    indicators = catalogue.indicators["indicator_code"].unique().to_list()
    statuses = ["normal", "provisoire", "estime", "rupture", "non_disponible", "non_collecte", "sans_objet"]

    class Figures(dy.Schema):
        line = dy.UInt32()
        code_territoire = dy.String(nullable=False, check=lambda col: col.is_in(territories))
        code_quartier = dy.String()
        code_indicateur = dy.String(nullable=False, check=lambda col: col.is_in(indicators))
        periode = dy.String(nullable=False, check=lambda col: col.str.to_lowercase().str.contains(period))
        ventilation = dy.String()
        modalite = dy.String()
        numerateur = dy.String()
        denominateur = dy.String()
        valeur = dy.String()
        statut = dy.String(check=lambda col: col.is_in(statuses))
        confidentialite = dy.String(check=lambda col: col.is_in(["libre", "interne", "secret"]))
        num = dy.Float64(nullable=True)
        den = dy.Float64(nullable=True)
        val = dy.Float64(nullable=True)
        unit = dy.String(nullable=True)
        lowest = dy.Float64(nullable=True)
        highest = dy.Float64(nullable=True)

        @dy.rule()
        def category(cls) -> pl.Expr:
            is_total = (c("ventilation") == "total") & (c("modalite") == "")
            return is_total | (c("ventilation") + "/" + c("modalite")).is_in(parts)

        @dy.rule()
        def is_numerator(cls) -> pl.Expr:
            return (c("numerateur") == "") | c("num").is_not_null()

        @dy.rule()
        def is_denominator(cls) -> pl.Expr:
            return (c("denominateur") == "") | c("den").is_not_null()

        @dy.rule()
        def is_value(cls) -> pl.Expr:
            return (c("valeur") == "") | c("val").is_not_null()

        @dy.rule()
        def part_of_whole(cls) -> pl.Expr:
            return (c("num") <= c("den")) | (c("unit") != "percent")

        @dy.rule()
        def in_bounds(cls) -> pl.Expr:
            return c("val").is_between(c("lowest"), c("highest"))

        @dy.rule()
        def agrees(cls) -> pl.Expr:
            is_ratio = c("unit").is_in(["percent", "per_100"])
            return ((c("val") - 100 * c("num") / c("den")).abs() <= 0.1 + 1e-9) | ~is_ratio

        @dy.rule()
        def unique_key(cls) -> pl.Expr:
            return pl.struct(KEY).is_unique()

    return Figures


def check_with_dataframely(content: bytes, schema: type[dy.Schema], catalogue: Catalogue) -> pl.DataFrame:
    """One row a failure: line, rule and the row's cells. The numbers are read from all their spellings, as ours are."""
    frame = read_text(content).with_row_index("line", 2)
    numbers = {"num": "numerateur", "den": "denominateur", "val": "valeur"}
    read = [read_numbers(frame.lazy().select(found=old)).select(c("read").alias(new)) for new, old in numbers.items()]
    sheets = catalogue.indicators.unique("indicator_code")
    words = {"unit": "unit", "lowest": "valid_min", "highest": "valid_max"}
    of_sheets = {
        new: c("code_indicateur").replace_strict(sheets["indicator_code"], sheets[old], default=None)
        for new, old in words.items()
    }
    frame = frame.hstack(pl.concat(pl.collect_all(read), how="horizontal")).with_columns(**of_sheets)
    _, failure = schema.filter(frame.select(schema.column_names()))
    details = failure.details()
    rules = [name for name in details.columns if name not in schema.column_names()]
    long = details.unpivot(rules, index=schema.column_names(), variable_name="rule")
    return long.filter(c("value") == "invalid")


def check_with_frictionless(content: bytes, catalogue: Catalogue, territories: list[str]) -> Report:
    """The same rules but for the bounds of breakdowns and the unique key, which it has no words for."""

    def word(name: str, words: list[str], required: bool = True) -> fl.Field:
        return fl.fields.StringField(name=name, constraints={"required": required, "enum": words})

    def number(name: str, **constraints: float) -> fl.Field:
        return fl.fields.NumberField(name=name, decimal_char=",", group_char="\u202f", constraints=constraints)

    statuses = ["normal", "provisoire", "estime", "rupture", "non_disponible", "non_collecte", "sans_objet"]
    schema = fl.Schema(
        fields=[
            word("code_territoire", territories),
            fl.fields.StringField(name="code_quartier"),
            word("code_indicateur", catalogue.indicators["indicator_code"].unique().to_list()),
            word("periode", [*SPELLED, *SPELLED_IN_WORDS]),
            fl.fields.StringField(name="ventilation"),
            word("modalite", catalogue.categories["category"].unique().to_list(), required=False),
            number("numerateur"),
            number("denominateur"),
            number("valeur", minimum=0, maximum=100),
            word("statut", statuses),
            word("confidentialite", ["libre", "interne", "secret"]),
            *(fl.fields.StringField(name=column.heading) for column in OBSERVATION_COLUMNS[11:]),
        ]
    )
    formulas = ("numerateur <= denominateur", "-0.1 <= valeur - 100 * numerateur / denominateur <= 0.1")
    checklist = fl.Checklist(checks=[fl.checks.row_constraint(formula=formula) for formula in formulas])
    control = CsvControl(delimiter=";")
    resource = fl.Resource(
        data=content, format="csv", encoding="utf-8", schema=schema, dialect=fl.Dialect(controls=[control])
    )
    return resource.validate(checklist, limit_errors=len(content))


def have_same_lines(content: bytes, catalogue: Catalogue, territories: list[str]) -> bool:
    """Whether ours and dataframely find fault with the same lines."""
    ours = check_compared(content, catalogue, territories).frame["row"].drop_nulls()
    theirs = check_with_dataframely(content, make_schema(catalogue, territories), catalogue)["line"]
    return set(ours) == set(theirs)


def main() -> None:
    ratio = compare(1_000_000, 0.01, 3)
    say("1e6 rows, 1 % bad: rules compared / polars reading text", ratio["ours"] / ratio["text"], "<= 3.5")
    say("  the full set of rules and personal data / reading text", ratio["all"] / ratio["text"], "-")
    many = compare(1_000_000, 0.30, 3)
    say("1e6 rows: 30 % bad / 1 % bad", many["ours"] / many["text"] / (ratio["ours"] / ratio["text"]), "<= 1.3")
    for rows, rounds in ((1_000, 15), (100_000, 7)):
        content, territories = make_file(rows, 0.01)
        assert have_same_lines(content, make_catalogue(len(territories)), territories)
        found = compare(rows, 0.01, rounds, with_dataframely=True)
        say(f"{rows} rows, 1 % bad: ours / dataframely", found["ours"] / found["dataframely"], "<= 1.1")
    content, territories = make_file(100_000, 0.01)
    catalogue = make_catalogue(len(territories))
    once = time_rounds(
        {
            "ours": lambda: check_compared(content, catalogue, territories),
            "frictionless": lambda: check_with_frictionless(content, catalogue, territories),
        },
        1,
    )
    say("100000 rows, 1 % bad: frictionless / ours", once["frictionless"] / once["ours"], ">= 40")


def compare(rows: int, bad: float, rounds: int, with_dataframely: bool = False) -> dict[str, float]:
    content, territories = make_file(rows, bad)
    catalogue = make_catalogue(len(territories))
    things: dict[str, Callable[[], object]] = {
        "text": lambda: read_text(content),
        "ours": lambda: check_compared(content, catalogue, territories),
        "all": lambda: check_all(content, catalogue, territories),
    }
    if with_dataframely:
        schema = make_schema(catalogue, territories)
        things["dataframely"] = lambda: check_with_dataframely(content, schema, catalogue)
    return time_rounds(things, rounds)


if __name__ == "__main__":
    main()
