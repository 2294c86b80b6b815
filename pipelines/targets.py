"""What a target must keep to, said once: for the reference tables and for the register that territories send."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.catalogue import BASELINE
from schemas.issue import Code

c = pl.col


@dataclass(frozen=True)
class TargetRule:
    """`holds` is true where a target is right, null where a cell that it needs is empty. `column` bears the fault;
    `english` says it of a reference table, `code` and `kind` to who sent a register."""

    code: Code
    column: str
    holds: pl.Expr
    english: str
    kind: str = ""


BAND = c("kind") == "maintain_band"
IS_WATCHED = c("kind") == "watch_only"
HAS_BASELINE = pl.any_horizontal(c(*BASELINE).is_not_null())
STEPS = r"^\d{4}-Q[1-4]=-?[\d.]+(\|\d{4}-Q[1-4]=-?[\d.]+)*$"
NEEDS_VALUE = "a target needs target_value (a band: band_low and band_high)"
NEEDS_START = "a target needs ref_period, ref_value and due_period"


def _step_periods() -> pl.Expr:
    return c("steps").str.split("|").list.eval(pl.element().str.slice(0, 7))


TARGET_RULES = (
    TargetRule(Code.INCOMPLETE_TARGET, "target_value", BAND | c("target_value").is_not_null(), NEEDS_VALUE, "value"),
    TargetRule(Code.INCOMPLETE_TARGET, "band_low", ~BAND | c("band_low").is_not_null(), NEEDS_VALUE, "band"),
    TargetRule(Code.INCOMPLETE_TARGET, "band_high", ~BAND | c("band_high").is_not_null(), NEEDS_VALUE, "band"),
    TargetRule(
        Code.INCOMPLETE_TARGET,
        "band_low",
        ~BAND | (c("band_low") < c("band_high")),
        "a band goes from low to high",
        "order",
    ),
    TargetRule(Code.INCOMPLETE_TARGET, "ref_period", c("ref_period").is_not_null(), NEEDS_START, "start"),
    TargetRule(Code.INCOMPLETE_TARGET, "ref_value", c("ref_value").is_not_null(), NEEDS_START, "start"),
    TargetRule(Code.INCOMPLETE_TARGET, "due_period", c("due_period").is_not_null(), NEEDS_START, "due"),
    TargetRule(
        Code.TARGET_AGAINST_START,
        "target_value",
        BAND
        | pl.when(c("kind") == "at_least")
        .then(c("target_value") > c("ref_value"))
        .otherwise(c("target_value") < c("ref_value")),
        "at_least needs a target above the start, at_most one below it (else: maintain_band)",
    ),
    TargetRule(
        Code.TARGET_AGAINST_DIRECTION,
        "kind",
        ~(
            ((c("kind") == "at_least") & (c("polarity") == "decrease"))
            | ((c("kind") == "at_most") & (c("polarity") == "increase"))
        ),
        "the kind of target is against the polarity of the indicator",
    ),
    TargetRule(
        Code.INCOMPLETE_TARGET,
        "steps",
        (c("shape") != "stepped") | c("steps").is_not_null(),
        "a stepped trajectory needs its steps",
        "steps",
    ),
    TargetRule(
        Code.WRONG_STEPS,
        "steps",
        c("steps").is_null() | c("steps").str.contains(STEPS),
        "steps read 2027-Q2=24|2027-Q4=27",
    ),
    TargetRule(
        Code.WRONG_STEPS,
        "steps",
        c("steps").is_null() | ~_step_periods().list.eval(pl.element().is_duplicated()).list.any(),
        "steps name a period twice",
        "twice",
    ),
    TargetRule(
        Code.WRONG_STEPS,
        "steps",
        c("steps").is_null() | (_step_periods().list.max() < c("due_period")).fill_null(True),
        "steps end before the due period",
        "late",
    ),
    TargetRule(
        Code.WRONG_SHAPE,
        "shape",
        (c("shape") != "geometric") | ((c("ref_value") > 0) & (c("target_value") > 0)),
        "constant growth goes from a number above 0 to another",
    ),
    TargetRule(
        Code.VALUE_DISAGREES,
        "ref_value",
        c("ref_denominator").is_null()
        | ((100 * c("ref_numerator") / c("ref_denominator") - c("ref_value")).abs() <= 0.1),
        "ref_numerator over ref_denominator is not ref_value",
        "start",
    ),
)
"""Of every target that is not merely watched."""

BASELINE_RULE = TargetRule(
    Code.INCOMPLETE_TARGET,
    "ref_period",
    c("ref_period").is_not_null() | ~HAS_BASELINE,
    "a baseline needs its ref_period",
    "start",
)
"""Of every target, watched or not."""
