"""The contract of an observation: Pandera rules over the tidy table and the catalogue -> every issue, located.

Each rule is an expression that is TRUE when a row is right and null when it does not apply. `CONTRACT` is the one
description; `find_failures` evaluates the same expressions in one pass (Pandera's own report makes some hundred
collects, whatever the size), and a test keeps both equal.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import pandera.polars as pa
import polars as pl

from pipelines.facts import gather_facts, leave_others_indicators
from pipelines.read import header_is_empty
from pipelines.tidy import Clock, find_true, place_expr, repeat
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues
from schemas.observation import NUMBERS, OBSERVATION_COLUMNS, Column
from schemas.reading import Reading
from schemas.words import WITHOUT_VALUE, ObsStatus, plain_word

c = pl.col
ROUNDED = 1  # how far 100 times a fraction of two decimals may be from the rate
POINT_TOLERANCE = 0.1 + 1e-9
NEEDS_COMMENT = (ObsStatus.BREAK, ObsStatus.ESTIMATED, ObsStatus.NOT_AVAILABLE)


@dataclass(frozen=True)
class Rule:
    """`column` bears the issue; `holds` is true when right, null when the rule does not apply.

    `context` are the words that the sentence about a failure needs.
    """

    code: Code
    column: str
    holds: pl.Expr
    context: dict[str, pl.Expr] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.code}:{self.column}"

    @cached_property
    def needs(self) -> set[str]:
        """The columns that an issue of this rule is made of."""
        of_words = {name for word in self.context.values() for name in word.meta.root_names()}
        return of_words | {"source_row", "source_column", "indicator_code", "dimension", f"{self.column}_found"}

    @cached_property
    def fails(self) -> pl.Expr:
        """Whether a row is wrong; never null."""
        return self.holds.not_().fill_null(False)


def was_read(column: str) -> pl.Expr:
    return ~c(f"{column}_is_lost")


def applies(when: pl.Expr, holds: pl.Expr) -> pl.Expr:
    return pl.when(when).then(holds)


HAS_VALUE = ~c("obs_status").is_in([*WITHOUT_VALUE]) & ~c("is_secret_sign") & c("obs_status").is_not_null()
# « n.s. » without a number is the field's own sign.
SAID_NOT_SIGNIFICANT = (c("obs_status") == ObsStatus.LOW_RELIABILITY.value) & c("numerator").is_null()
EXPECTS = HAS_VALUE & ~SAID_NOT_SIGNIFICANT & c("is_known")
RATE = c("components") == "required"
PERCENT = c("unit") == "percent"
COMPUTED = (
    pl.when(c("unit").is_in(["percent", "per_100"]) & (c("denominator") > 0))
    .then(100 * c("numerator") / c("denominator"))
    .otherwise(None)
)

WORDS_OF_BREAKDOWNS = {"dimension": c("dimension"), "words": c("category_words"), "dimensions": c("dimension_words")}
POSITIVE = {"low": pl.lit("0"), "high": pl.lit("inf")}


def is_one_number(column: str) -> pl.Expr:
    """`1,234` may be a thousand or a little over one: where things are counted it is asked."""
    return ~c(f"{column}_found").str.contains(r"^[1-9]\d{0,2}[.,]\d{3}$")


def is_percent(column: str) -> pl.Expr:
    return c(column).is_not_null() & c(f"{column}_found").str.ends_with("%")


def limit_length(column: Column) -> Rule:
    """A text is as long as its column allows, at most."""
    length = c(column.code).str.len_chars()
    told = {"length": length.cast(pl.String), "longest": pl.lit(str(column.longest))}
    return Rule(Code.TOO_LONG, column.code, length <= column.longest, told)


RULES: tuple[Rule, ...] = (
    *(
        Rule(Code.UNREADABLE_NUMBER, column, is_one_number(column), {"twice": pl.lit("1")})
        for column in ("numerator", "denominator")
    ),
    *(
        Rule(Code.UNREADABLE_NUMBER, column, ~is_percent(column), {"percent": pl.lit("1")})
        for column in ("numerator", "denominator")
    ),
    Rule(
        Code.UNREADABLE_NUMBER,
        "value",
        applies(~c("unit").is_in(["percent", "per_100"]), ~is_percent("value")),
        {"percent": pl.lit("1")},
    ),
    Rule(
        Code.UNREADABLE_NUMBER, "value", applies(c("unit") == "count", is_one_number("value")), {"twice": pl.lit("1")}
    ),
    Rule(Code.WRONG_TERRITORY, "territory_code", c("is_own_territory"), {"own": c("own_territories")}),
    Rule(Code.UNKNOWN_INDICATOR, "indicator_code", c("is_known"), {"nearest": c("nearest_indicator")}),
    Rule(
        Code.WRONG_FREQUENCY,
        "period",
        c("frequency") == c("period_frequency"),
        {"frequency": c("frequency"), "period": c("period")},
    ),
    Rule(Code.FUTURE_PERIOD, "period", c("is_over")),
    Rule(Code.UNKNOWN_QUARTIER, "qpv_code", applies(c("qpv_code") != "", c("is_attached"))),
    Rule(Code.UNKNOWN_CATEGORY, "dimension", c("is_dimension"), WORDS_OF_BREAKDOWNS),
    Rule(Code.UNKNOWN_CATEGORY, "category", applies(c("is_dimension"), c("is_category")), WORDS_OF_BREAKDOWNS),
    Rule(
        Code.NUMERATOR_ABOVE_DENOMINATOR,
        "numerator",
        applies(PERCENT & (c("denominator") > 0), c("numerator") <= c("denominator")),
        {"denominator": c("denominator_found")},
    ),
    Rule(
        Code.MISSING_DENOMINATOR,
        "denominator",
        applies(
            EXPECTS & was_read("denominator") & (c("components") != "none"),
            pl.when(c("denominator").is_null()).then(~RATE & c("numerator").is_null()).otherwise(c("denominator") != 0),
        ),
        {"value": c("value_found")},
    ),
    Rule(
        Code.MISSING_VALUE,
        "numerator",
        applies(
            EXPECTS & was_read("numerator") & (c("components") != "none"),
            c("numerator").is_not_null() | c("denominator").is_null(),
        ),
    ),
    Rule(
        Code.MISSING_VALUE,
        "value",
        applies(
            EXPECTS & was_read("value") & ~RATE,
            c("value").is_not_null() | (c("numerator").is_not_null() & (c("components") != "none")),
        ),
    ),
    Rule(Code.OUT_OF_RANGE, "numerator", c("numerator") >= 0, POSITIVE),
    Rule(Code.OUT_OF_RANGE, "denominator", c("denominator") >= 0, POSITIVE),
    Rule(
        Code.OUT_OF_RANGE,
        "value",
        c("value").is_between(c("lowest"), c("highest")),
        {"low": c("lowest").cast(pl.String), "high": c("highest").cast(pl.String)},
    ),
    Rule(Code.OUT_OF_RANGE, "respondents", c("respondents") >= 0, POSITIVE),
    Rule(
        Code.OUT_OF_RANGE,
        "response_rate",
        c("response_rate").is_between(0, 100),
        {"low": pl.lit("0"), "high": pl.lit("100")},
    ),
    Rule(
        Code.VALUE_DISAGREES,
        "value",
        applies(
            c("value").is_between(c("lowest"), c("highest")) & ~is_percent("numerator") & ~is_percent("denominator"),
            (c("value") - COMPUTED).abs() <= POINT_TOLERANCE,
        ),
        {
            "numerator": c("numerator_found"),
            "denominator": c("denominator_found"),
            "fraction": pl.when(PERCENT & ((100 * c("value") - COMPUTED).abs() <= ROUNDED)).then(pl.lit("1")),
        },
    ),
    Rule(
        Code.VALUE_DISAGREES,
        "obs_status",
        applies(c("obs_status").is_in([*WITHOUT_VALUE]), pl.all_horizontal(c(*NUMBERS).is_null())),
        {"status": c("obs_status")},
    ),
    Rule(Code.DUPLICATE_KEY, "indicator_code", c("twins").is_null(), {"lines": c("twins")}),
    Rule(
        Code.MISSING_COMMENT,
        "comment",
        applies(c("obs_status").is_in([*NEEDS_COMMENT]), c("comment") != ""),
        {"status": c("obs_status")},
    ),
    Rule(Code.MISSING_VALUE, "source", c("source") != "", {"what": pl.lit("source")}),
    Rule(
        Code.DATE_OUTSIDE_PERIOD,
        "reference_date",
        applies(c("time_basis") == "stock_end", c("reference_date").is_between(c("period_start"), c("period_end"))),
        {"period": c("period")},
    ),
    *(limit_length(column) for column in OBSERVATION_COLUMNS if column.longest),
    Rule(
        Code.MAYBE_FRACTION,
        "value",
        applies(
            PERCENT & c("denominator").is_null() & was_read("denominator") & ~is_percent("value"),
            ~((c("value") > 0) & (c("value") < 1)),
        ),
    ),
)


def _as_check(rule: Rule) -> pa.Check:
    """Hung on one column, the check still sees the whole row: failures stay small."""
    return pa.Check(lambda data: data.lazyframe.select(rule.holds.alias("holds")), name=rule.name, error=rule.name)


CONTRACT = pa.DataFrameSchema(
    {
        column: pa.Column(nullable=True, checks=[_as_check(rule) for rule in RULES if rule.column == column])
        for column in dict.fromkeys(rule.column for rule in RULES)
    }
)


def check_observations(tidy: pl.DataFrame, catalogue: Catalogue, territories: Iterable[str], clock: Clock) -> Issues:
    """Every fault of the tidy rows against the contract, in the order of the file.

    `territories` are those the depositor may send for. Issues name columns by our codes.
    """
    territories = tuple(territories)
    known = leave_others_indicators(catalogue, territories)
    return report_failures(gather_facts(tidy, known, territories, clock), known)


def find_cells_without_heading(reading: Reading) -> Issues:
    """Columns without heading; of a text, each row with more cells than headings.

    There a comma that is no separator has shifted all that stands behind it.
    """
    named = [at for name, at in reading.positions.items() if not header_is_empty(name)]
    last = max(named, default=0)
    unnamed = {name: at for name, at in reading.positions.items() if header_is_empty(name)}
    beyond = {name: at for name, at in unnamed.items() if reading.kind == "csv" and at > last}
    within = [at for name, at in unnamed.items() if name not in beyond]
    columns = Issues.of(Issue(Code.UNKNOWN_COLUMN, context={"position": str(at)}) for at in within)
    if not beyond:
        return columns
    cells = pl.max_horizontal(pl.when(c(name).str.contains(r"\S")).then(at) for name, at in beyond.items())
    rows = reading.table.select("source_row", cells=cells).filter(c("cells").is_not_null())
    place = {"code": pl.lit(Code.LONG_ROW.value), "row": c("source_row")}
    return columns + Issues(rows.select(**place, cells=c("cells").cast(pl.String), headings=pl.lit(str(last))))


def report_failures(facts: pl.DataFrame, catalogue: Catalogue, rules: tuple[Rule, ...] = RULES) -> Issues:
    """The failures of `find_failures` as issues: place, what was found, and the words of the sentence."""
    parts = []
    for rule, failing in find_failures(facts, rules):
        rows = pl.DataFrame([facts[name][failing] for name in rule.needs if name in facts.columns])
        rows = _add_words(rows, rule, catalogue)
        found = c(f"{rule.column}_found")
        if rule.code is Code.TOO_LONG:
            found = found.str.slice(0, 40) + "…"
        told = rows.select(
            row="source_row",
            column=place_expr(rows, rule.column),
            found=found,
            indicator="indicator_code",
            **{name: word.cast(pl.String) for name, word in rule.context.items()},
        )
        parts.append(told.hstack([repeat("code", rule.code.value, len(told))]))
    return Issues(*parts).in_order()


def _add_words(rows: pl.DataFrame, rule: Rule, catalogue: Catalogue) -> pl.DataFrame:
    """What only the sentence of a failure needs: the nearest code, the words of a breakdown."""
    if rule.code is Code.UNKNOWN_INDICATOR:
        of_label = _list_labels(catalogue)
        codes = tuple(catalogue.indicators["indicator_code"].unique().sort())
        written = rows["indicator_code"].to_list()
        nearest = {word: of_label.get(plain_word(word)) or _find_nearest(word, codes) for word in set(written)}
        return rows.hstack([pl.Series("nearest_indicator", [nearest[word] for word in written])])
    if rule.code is Code.UNKNOWN_CATEGORY:
        categories = _list_categories(catalogue)
        known = [categories.get(word, "") for word in rows["dimension"]]
        names = ", ".join(["total", *categories])
        return rows.hstack([pl.Series("category_words", known)]).with_columns(dimension_words=pl.lit(names))
    return rows


@lru_cache(10_000)
def _find_nearest(word: str, codes: tuple[str, ...]) -> str:
    return "".join(difflib.get_close_matches(word[:80], codes, 1, 0.6))


@lru_cache(8)
def _list_labels(catalogue: Catalogue) -> dict[str, str]:
    """The code of each indicator by its label, French or English."""
    sheets = catalogue.indicators.select("indicator_code", "label_fr", "label_en").rows()
    return {plain_word(label): code for code, *labels in sheets for label in labels}


@lru_cache(8)
def _list_categories(catalogue: Catalogue) -> dict[str, str]:
    """The categories of each dimension, « femmes, hommes », in their order."""
    words = catalogue.categories.sort("rank").group_by("dimension", maintain_order=True)
    return dict(words.agg(c("category").str.join(", ")).rows())


def find_failures(facts: pl.DataFrame, rules: tuple[Rule, ...] = RULES) -> list[tuple[Rule, pl.Series]]:
    """Each rule that does not hold everywhere, and the rows where it fails (their places in the frame)."""
    flags = facts.select(rule.fails.alias(str(at)) for at, rule in enumerate(rules))
    return [(rule, find_true(fails)) for rule, fails in zip(rules, flags, strict=True) if fails.any()]
