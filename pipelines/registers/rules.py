"""What a row of a register must keep to: expressions that are true when it is right, null where they do not apply.

Rules that every column has follow from its description; those of targets are shared with the reference tables.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from stdnum.fr import siret

from pipelines.check import WORDS_OF_BREAKDOWNS, Rule, applies, is_one_number, is_percent, limit_length, was_read
from pipelines.targets import BASELINE_RULE, IS_WATCHED, TARGET_RULES, TargetRule
from schemas.issue import Code
from schemas.observation import Column
from schemas.registers import (
    ACTIONS,
    EVENTS,
    FEWEST,
    FEWEST_FISCAL,
    LOCAL_INDICATORS,
    MILESTONES,
    PARTNERS,
    REGISTERS,
    TARGETS,
    Register,
)
from schemas.submission import Change

c = pl.col
IS_CHANGED = c("change") == Change.CHANGED.value
LEAST_THRESHOLD = pl.when(c("source_kind") == "fiscal").then(FEWEST_FISCAL).otherwise(FEWEST)
IS_START_TOLD = ~c("is_start_secret")
"""What compares with a starting point that its sender may not read would tell it, one try after the other."""
WITH_THE_START = (Code.TARGET_AGAINST_START, Code.WRONG_SHAPE, Code.VALUE_DISAGREES)
FIGURES = ("ref_value", "target_value", "band_low", "band_high")


def _kind(word: str) -> dict[str, pl.Expr]:
    return {"kind": pl.lit(word)}


def _must_stand(column: str, when: pl.Expr) -> Rule:
    """The cell is needed where `when` is true."""
    return Rule(Code.MISSING_VALUE, column, applies(when & was_read(column), c(column).is_not_null()), _kind("cell"))


def _in_order(column: str, holds: pl.Expr, kind: str, day: pl.Expr) -> Rule:
    return Rule(Code.DATES_OUT_OF_ORDER, column, holds, {**_kind(kind), "day": day.cast(pl.String)})


def _is_known(column: str, kind: str) -> Rule:
    holds = applies(c("is_own_territory") & c(column).is_not_null(), c(f"{column}_lost").is_null())
    return Rule(Code.UNKNOWN_REFERENCE, column, holds, {**_kind(kind), "known": c(f"{column}_known")})


def _rules_of_column(register: Register, column: Column) -> Iterator[Rule]:
    code = column.code
    if column.required:
        yield _must_stand(code, pl.lit(True))
    if column.longest:
        yield limit_length(column)
    if column.lowest is not None:
        high = float("inf") if column.highest is None else column.highest
        context = {"low": pl.lit(str(column.lowest)), "high": pl.lit(str(high))}
        yield Rule(Code.OUT_OF_RANGE, code, c(code).is_between(column.lowest, high), context)
    if column.pattern and column.required and code not in _named_elsewhere(register):
        yield Rule(Code.WRONG_CODE, code, c(code).str.contains(column.pattern), {"example": pl.lit(column.example)})


def _named_elsewhere(register: Register) -> tuple[str, ...]:
    """Codes that are looked up: what is not there is said of them, not what they look like."""
    return {TARGETS.code: ("indicator_code",), MILESTONES.code: ("action_code",)}.get(register.code, ())


def _rules_of_all(register: Register) -> Iterator[Rule]:
    yield Rule(Code.WRONG_TERRITORY, "territory_code", c("is_own_territory"), {"own": c("own_territories")})
    for column in register.columns:
        yield from _rules_of_column(register, column)
    told_at = register.key[min(2, len(register.key) - 1)]  # the part of the key that people know the row by
    yield Rule(Code.DUPLICATE_KEY, told_at, c("twins").is_null(), {"lines": c("twins")})


def _as_rule(rule: TargetRule, when: pl.Expr) -> Rule:
    context = _kind(rule.kind) if rule.kind else {}
    if rule.code is Code.TARGET_AGAINST_START:
        context = {"kind": c("kind"), "start": c("ref_value_found")}
    if rule.code is Code.VALUE_DISAGREES:
        context |= {"numerator": c("ref_numerator_found"), "denominator": c("ref_denominator_found")}
    is_told = IS_START_TOLD if rule.code in WITH_THE_START else pl.lit(True)
    return Rule(rule.code, rule.column, applies(when & is_told & was_read(rule.column), rule.holds), context)


OF_ACTIONS = (
    _is_known("goal_codes", "goal"),
    _is_known("lead_partner_code", "partner"),
    _is_known("partner_codes", "partner"),
    _in_order("planned_end_on", c("planned_end_on") >= c("starts_on"), "plan", c("starts_on")),
)
OF_PARTNERS = (
    Rule(
        Code.INVALID_SIRET,
        "siret",
        c("siret").map_elements(siret.is_valid, return_dtype=pl.Boolean),
    ),
)
OF_EVENTS = (
    Rule(
        Code.UNKNOWN_INDICATOR,
        "indicator_codes",
        applies(c("is_own_territory"), c("indicator_codes_lost").is_null()),
        {"nearest": c("nearest_indicator")},
    ),
)
IS_SHARE = c("unit") == "percent"
OF_LOCAL_INDICATORS = (
    _is_known("challenge_code", "challenge"),
    Rule(
        Code.WRONG_CODE,
        "indicator_code",
        applies(c("is_own_territory") & c("indicator_code").str.contains(":"), c("prefix") == c("territory_code")),
        {**_kind("prefix"), "example": c("territory_code") + ":JEU-L01"},
    ),
    *(_must_stand(name, IS_SHARE) for name in ("numerator", "denominator", "denominator_noun")),
    Rule(
        Code.OUT_OF_RANGE,
        "k_threshold",
        c("k_threshold") >= LEAST_THRESHOLD,
        {"low": LEAST_THRESHOLD.cast(pl.String), "high": pl.lit("inf")},
    ),
    Rule(
        Code.MISSING_VALUE,
        "change_reason",
        applies(IS_CHANGED, c("change_reason_found") != ""),
        _kind("change_reason"),
    ),
    _in_order(
        "valid_from",
        applies(IS_CHANGED, c("valid_from") >= c("valid_from_before")),
        "sheet",
        c("valid_from_before"),
    ),
)
OF_TARGETS = (
    Rule(Code.NO_VISION, "goal_code", applies(c("is_own_territory"), c("is_founded"))),
    Rule(Code.GOAL_DISAGREES, "goal_code", c("goal_lines").is_null(), {"lines": c("goal_lines")}),
    Rule(
        Code.UNKNOWN_INDICATOR,
        "indicator_code",
        applies(c("indicator_code").is_not_null(), c("is_known")),
        {"nearest": c("nearest_indicator")},
    ),
    Rule(Code.UNKNOWN_QUARTIER, "qpv_code", applies(c("qpv_code").is_not_null(), c("is_attached"))),
    Rule(Code.UNKNOWN_CATEGORY, "dimension", c("is_dimension"), WORDS_OF_BREAKDOWNS),
    Rule(Code.UNKNOWN_CATEGORY, "category", applies(c("is_dimension"), c("is_category")), WORDS_OF_BREAKDOWNS),
    *(_as_rule(rule, ~IS_WATCHED) for rule in TARGET_RULES),
    _as_rule(BASELINE_RULE, IS_WATCHED),
    Rule(
        Code.WRONG_FREQUENCY,
        "ref_period",
        c("ref_frequency") == c("frequency"),
        {"frequency": c("frequency"), "period": c("ref_period")},
    ),
    Rule(Code.FUTURE_PERIOD, "ref_period", c("ref_end") < c("today")),
    *(
        Rule(
            Code.OUT_OF_RANGE,
            name,
            c(name).is_between(c("lowest"), c("highest")),
            {"low": c("lowest").cast(pl.String), "high": c("highest").cast(pl.String)},
        )
        for name in FIGURES
    ),
    *(
        Rule(Code.MAYBE_FRACTION, name, applies(IS_SHARE & is_told, ~((c(name) > 0) & (c(name) < 1))))
        for name, is_told in (("ref_value", IS_START_TOLD), ("target_value", pl.lit(True)))
    ),
    *(
        Rule(Code.UNREADABLE_NUMBER, name, ~is_percent(name), {"percent": pl.lit("1")})
        for name in ("ref_numerator", "ref_denominator")
    ),
    *(
        Rule(Code.UNREADABLE_NUMBER, name, is_one_number(name), {"twice": pl.lit("1")})
        for name in ("ref_numerator", "ref_denominator")
    ),
    Rule(
        Code.NUMERATOR_ABOVE_DENOMINATOR,
        "ref_numerator",
        applies(IS_SHARE & IS_START_TOLD, c("ref_numerator") <= c("ref_denominator")),
        {"denominator": c("ref_denominator_found")},
    ),
    Rule(Code.OUT_OF_RANGE, "materiality", c("materiality") > 0, _kind("positive")),
    _in_order("due_period", c("due_end") > c("ref_end"), "due", c("ref_end")),
    _in_order("decided_on", c("decided_on") <= c("today"), "decision", c("today")),
    _in_order(
        "decided_on",
        applies(c("is_revised"), c("decided_on") >= c("decided_on_before")),
        "version",
        c("decided_on_before"),
    ),
)
OWN_RULES: dict[str, tuple[Rule, ...]] = {
    ACTIONS.code: OF_ACTIONS,
    MILESTONES.code: (_is_known("action_code", "action"),),
    PARTNERS.code: OF_PARTNERS,
    EVENTS.code: OF_EVENTS,
    LOCAL_INDICATORS.code: OF_LOCAL_INDICATORS,
    TARGETS.code: OF_TARGETS,
}
RULES_OF = {register.code: (*_rules_of_all(register), *OWN_RULES[register.code]) for register in REGISTERS}
