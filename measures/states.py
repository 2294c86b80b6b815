"""The twelve states of an indicator against its target: evaluated in order, the first rule that holds decides."""

from __future__ import annotations

import polars as pl

from measures.display import first_that_holds
from schemas.words import FEWEST_FOR_PERCENT, State

c = pl.col


def choose_state() -> pl.Expr:
    """The State of a progress row, null where none can be given (no interval, or no value).

    Needs: kind, has_break, is_stale, is_expected, n, is_masked, is_ref_masked, low, high, value, target_value,
    expected, change_low, change_high, materiality, band_low, band_high, is_rising, has_value. Everything is turned
    so that higher is better; `change_*` is so already.
    """
    is_band = c("kind") == "maintain_band"
    low, high = _turned("low", "high"), _turned("high", "low")
    value, target, expected = _turned("value"), _turned("target_value"), _turned("expected")
    has_interval = c("low").is_not_null() & c("high").is_not_null()
    on_trajectory = value >= expected - c("materiality")
    rules: list[tuple[pl.Expr, State]] = [
        (c("kind") == "watch_only", State.WATCH_ONLY),
        (c("has_break"), State.NOT_COMPARABLE),
        (c("is_stale"), State.STALE),
        (~c("is_expected"), State.NOT_EXPECTED_YET),
        (
            c("is_masked") | (c("is_ref_masked") & ~is_band) | (has_interval & (c("n") < FEWEST_FOR_PERCENT)),
            State.TOO_FEW,
        ),
        (is_band & (c("low") >= c("band_low")) & (c("high") <= c("band_high")), State.REACHED),
        (is_band & ((c("high") < c("band_low")) | (c("low") > c("band_high"))), State.DECLINED),
        (is_band & has_interval, State.NO_READABLE_CHANGE),
        (low >= target, State.REACHED),
        (has_interval & (value >= target), State.REACHED_TO_CONFIRM),
        (c("change_high") < 0, State.DECLINED),
        (high < expected - c("materiality"), State.BEHIND),
        ((c("change_low") > 0) & on_trajectory, State.ON_TRACK),
        (c("change_low") > 0, State.PROGRESSING),
        (has_interval, State.NO_READABLE_CHANGE),
    ]
    state = first_that_holds([(holds, name.value) for holds, name in rules])
    return pl.when(c("has_value") | c("is_masked")).then(state)


def _turned(rising: str, falling: str | None = None) -> pl.Expr:
    """A column so that higher is better: as it is when rising is wanted, else the other bound with its sign changed."""
    return pl.when("is_rising").then(c(rising)).otherwise(-c(falling or rising))
