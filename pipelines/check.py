"""The contract of an observation: Pandera rules over the tidy table and the catalogue -> every issue, located.

Each rule is an expression that is TRUE when a row is right and null when it does not apply. `CONTRACT` is the one
description; `find_failures` evaluates the same expressions in one pass (Pandera's own report makes some hundred
collects, whatever the size), and a test keeps both equal.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl

from pipelines.tidy import Clock, place
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue
from schemas.observation import KEY, NUMBERS, OBSERVATION_COLUMNS
from schemas.period import FREQUENCY_OF_KIND, parse_period, period_bounds
from schemas.words import WITHOUT_VALUE, ObsStatus

c = pl.col
POINT_TOLERANCE = 0.1 + 1e-9
NEEDS_COMMENT = (ObsStatus.BREAK, ObsStatus.ESTIMATED, ObsStatus.NOT_AVAILABLE)


@dataclass(frozen=True)
class Rule:
    """`column` bears the issue; `holds` is true when right, null when the rule does not apply."""

    code: Code
    column: str
    holds: pl.Expr

    @property
    def name(self) -> str:
        return f"{self.code}:{self.column}"


def _read(column: str) -> pl.Expr:
    return ~c("unreadable").list.contains(column)


def _applies(when: pl.Expr, holds: pl.Expr) -> pl.Expr:
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

RULES: tuple[Rule, ...] = (
    Rule(Code.WRONG_TERRITORY, "territory_code", c("is_own_territory")),
    Rule(Code.UNKNOWN_INDICATOR, "indicator_code", c("is_known")),
    Rule(Code.WRONG_FREQUENCY, "period", c("frequency") == c("period_frequency")),
    Rule(Code.FUTURE_PERIOD, "period", c("is_over")),
    Rule(Code.UNKNOWN_QUARTIER, "qpv_code", _applies(c("qpv_code") != "", c("is_attached"))),
    Rule(Code.UNKNOWN_CATEGORY, "category", c("is_category")),
    Rule(
        Code.NUMERATOR_ABOVE_DENOMINATOR,
        "numerator",
        _applies(PERCENT & (c("denominator") > 0), c("numerator") <= c("denominator")),
    ),
    Rule(
        Code.MISSING_DENOMINATOR,
        "denominator",
        _applies(
            EXPECTS & _read("denominator") & (c("components") != "none"),
            pl.when(c("denominator").is_null()).then(~RATE & c("numerator").is_null()).otherwise(c("denominator") != 0),
        ),
    ),
    Rule(
        Code.MISSING_VALUE,
        "numerator",
        _applies(
            EXPECTS & _read("numerator") & (c("components") != "none"),
            c("numerator").is_not_null() | (~RATE & c("denominator").is_null()),
        ),
    ),
    Rule(
        Code.MISSING_VALUE,
        "value",
        _applies(
            EXPECTS & _read("value") & ~RATE,
            c("value").is_not_null() | (c("numerator").is_not_null() & (c("components") != "none")),
        ),
    ),
    Rule(Code.OUT_OF_RANGE, "numerator", c("numerator") >= 0),
    Rule(Code.OUT_OF_RANGE, "denominator", c("denominator") >= 0),
    Rule(Code.OUT_OF_RANGE, "value", c("value").is_between(c("lowest"), c("highest"))),
    Rule(Code.OUT_OF_RANGE, "respondents", c("respondents") >= 0),
    Rule(Code.OUT_OF_RANGE, "response_rate", c("response_rate").is_between(0, 100)),
    Rule(
        Code.VALUE_DISAGREES,
        "value",
        _applies(c("value").is_between(c("lowest"), c("highest")), (c("value") - COMPUTED).abs() <= POINT_TOLERANCE),
    ),
    Rule(
        Code.VALUE_DISAGREES,
        "obs_status",
        _applies(c("obs_status").is_in([*WITHOUT_VALUE]), pl.all_horizontal(c(*NUMBERS).is_null())),
    ),
    Rule(Code.DUPLICATE_KEY, "indicator_code", c("key_count") == 1),
    Rule(
        Code.MISSING_COMMENT,
        "comment",
        _applies(c("obs_status").is_in([*NEEDS_COMMENT]), c("comment") != ""),
    ),
    Rule(Code.MISSING_VALUE, "source", c("source") != ""),
    Rule(
        Code.DATE_OUTSIDE_PERIOD,
        "reference_date",
        _applies(c("time_basis") == "stock_end", c("reference_date").is_between(c("period_start"), c("period_end"))),
    ),
    *(
        Rule(Code.TOO_LONG, column.code, c(column.code).str.len_chars() <= column.longest)
        for column in OBSERVATION_COLUMNS
        if column.longest
    ),
    Rule(
        Code.MAYBE_FRACTION,
        "value",
        _applies(PERCENT & c("denominator").is_null() & _read("denominator"), ~((c("value") > 0) & (c("value") < 1))),
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


def check_observations(
    tidy: pl.DataFrame, catalogue: Catalogue, territories: Iterable[str], clock: Clock
) -> list[Issue]:
    """Every fault of the tidy rows against the contract, in the order of the file.

    `territories` are those the depositor may send for. Issues name columns by our codes.
    """
    facts = gather_facts(tidy, catalogue, territories, clock)
    failures = find_failures(facts)
    rows = {row["_at"]: row for row in facts.filter(c("_at").is_in(failures["_at"].implode())).iter_rows(named=True)}
    twins = _list_twins(facts)
    return [_as_issue(rows[at], RULES[number], catalogue, twins) for at, number in failures.rows()]


def find_failures(facts: pl.DataFrame) -> pl.DataFrame:
    """One row a failure: `_at` (row of the frame) and `rule` (its place in RULES), in the order of the frame."""
    flags = facts.select("_at", *(rule.holds.not_().fill_null(False).alias(str(n)) for n, rule in enumerate(RULES)))
    return (
        flags.filter(pl.any_horizontal(pl.exclude("_at")))
        .unpivot(index="_at", variable_name="rule", value_name="fails")
        .filter("fails")
        .select("_at", c("rule").cast(pl.Int64))
        .sort("_at", "rule")
    )


def gather_facts(tidy: pl.DataFrame, catalogue: Catalogue, territories: Iterable[str], clock: Clock) -> pl.DataFrame:
    """The tidy rows beside what the catalogue says of them: all that the rules look at."""
    today = clock().date()
    bounds = period_bounds(tidy["period"])
    bounds = bounds.with_columns(
        period_frequency=pl.Series(
            [FREQUENCY_OF_KIND[parse_period(code).kind] for code in bounds["period"]], dtype=pl.String
        )
    )
    rows = tidy.with_row_index("_at").join(bounds, on="period", how="left", maintain_order="left")
    rows = join_sheets(rows, catalogue)
    categories = catalogue.categories.select("dimension", "category", is_category=pl.lit(True))
    attached = _attached_quartiers(rows, catalogue)
    return (
        rows.join(categories, on=["dimension", "category"], how="left", maintain_order="left")
        .join(attached, on="_at", how="left", maintain_order="left")
        .with_columns(
            is_own_territory=c("territory_code").is_in(list(territories)),
            is_known=c("unit").is_not_null(),
            is_over=c("period_end") < today,
            is_attached=c("is_attached").fill_null(False),
            is_category=c("is_category").fill_null(False) | ((c("dimension") == "total") & (c("category") == "")),
            lowest=c("valid_min").fill_null(float("-inf")),
            highest=c("valid_max").fill_null(float("inf")),
            key_count=pl.when(c("period").is_not_null()).then(pl.len().over(KEY)),
        )
        .sort("_at")
    )


def join_sheets(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Add the sheet of each row's indicator: the version in force at the start of its period, else the first."""
    sheets = catalogue.indicators.select(
        "indicator_code",
        "valid_from",
        c("version").alias("indicator_version"),
        "unit",
        "frequency",
        "components",
        "time_basis",
        "valid_min",
        "valid_max",
    ).sort("valid_from")
    first = sheets.group_by("indicator_code").agg(c("valid_from").min().alias("first_from"))
    dated = rows.join(first, on="indicator_code", how="left", maintain_order="left").with_columns(
        pl.max_horizontal("period_start", "first_from").fill_null(c("first_from")).alias("_sheet_at")
    )
    return (
        dated.sort("_sheet_at")
        .join_asof(
            sheets,
            left_on="_sheet_at",
            right_on="valid_from",
            by="indicator_code",
            strategy="backward",
            check_sortedness=False,
        )
        .drop("_sheet_at", "first_from", "valid_from")
        .sort("_at")
    )


def _attached_quartiers(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Rows whose quartier belongs to their territory at some day of their period (any day, if it is unreadable)."""
    return (
        rows.select("_at", "territory_code", "qpv_code", "period_start", "period_end")
        .join(catalogue.territory_quartiers, on=["territory_code", "qpv_code"])
        .filter(
            (c("period_end") >= c("valid_from")).fill_null(True)
            & ((c("period_start") <= c("valid_to")) | c("valid_to").is_null()).fill_null(True)
        )
        .select(c("_at").unique(), is_attached=pl.lit(True))
    )


def _list_twins(facts: pl.DataFrame) -> dict[tuple[object, ...], str]:
    """The lines of each key met more than once, as words: « 4, 9 »."""
    twins = facts.filter(c("key_count") > 1).group_by(KEY).agg("source_row")
    return {row[:-1]: ", ".join(str(line) for line in row[-1]) for row in twins.rows()}


def _as_issue(row: dict[str, object], rule: Rule, catalogue: Catalogue, twins: dict[tuple[object, ...], str]) -> Issue:
    found = row[f"{rule.column}_found"]
    context = {"indicator": str(row["indicator_code"])}
    if rule.code is Code.DUPLICATE_KEY:
        context["lines"] = twins[tuple(row[name] for name in KEY)]
    elif rule.code is Code.UNKNOWN_INDICATOR:
        codes = catalogue.indicators["indicator_code"].unique().sort().to_list()
        near = difflib.get_close_matches(str(row["indicator_code"]), codes, 1, 0.6)
        context["nearest"] = near[0] if near else ""
    elif rule.code is Code.UNKNOWN_CATEGORY:
        words = catalogue.categories.filter(c("dimension") == str(row["dimension"]))["category"].to_list()
        context |= {"dimension": str(row["dimension"]), "words": ", ".join(words)}
        context["dimensions"] = ", ".join(["total", *catalogue.categories["dimension"].unique(maintain_order=True)])
    elif rule.code is Code.WRONG_FREQUENCY:
        context |= {"frequency": str(row["frequency"]), "period": str(row["period"])}
    elif rule.code is Code.OUT_OF_RANGE:
        context |= {"low": str(row["lowest"]), "high": str(row["highest"])}
        if rule.column != "value":
            context |= {"low": "0", "high": "100" if rule.column == "response_rate" else "inf"}
    elif rule.code is Code.NUMERATOR_ABOVE_DENOMINATOR:
        context["denominator"] = str(row["denominator_found"])
    elif rule.code is Code.VALUE_DISAGREES and rule.column == "obs_status":
        context["status"] = str(row["obs_status"])
    elif rule.code is Code.VALUE_DISAGREES:
        context |= {"numerator": str(row["numerator_found"]), "denominator": str(row["denominator_found"])}
    elif rule.code is Code.MISSING_COMMENT:
        context["status"] = str(row["obs_status"])
    elif rule.code is Code.DATE_OUTSIDE_PERIOD:
        context["period"] = str(row["period"])
    elif rule.code is Code.TOO_LONG:
        context["length"] = str(len(str(found)))
        found = str(found)[:40] + "…"
    return Issue(rule.code, int(str(row["source_row"])), place(row, rule.column), str(found), context)
