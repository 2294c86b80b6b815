"""Where each goal-indicator stands at each period: value with its interval, trajectory, attainment, state."""

from __future__ import annotations

from datetime import date

import polars as pl

from measures.display import RATES, choose_decimals, choose_display
from measures.intervals import bounds_of, garwood_pair, newcombe, rate_ratio_pair, wilson
from measures.states import decide_state
from measures.trajectory import attainment, bounded, expected_linear, list_steps, month_number, pace
from schemas.period import period_bounds
from schemas.words import ObsStatus

c = pl.col
PLACE = ["territory_code", "qpv_code", "indicator_code", "dimension", "category"]
MONTHS_OF_FREQUENCY = {"quarter": 3, "year": 12, "school_year": 12, "wave": 12}
DEFAULT_POINTS = 1.0
DEFAULT_SHARE_OF_COUNT = 0.05


def measure_progress(observations: pl.DataFrame, goals: pl.DataFrame, today: date) -> pl.DataFrame:
    """One row a goal-indicator-period, ordered; a goal without observation has one row without period.

    `observations` and `goals` are what `store.load_observations` and `store.load_goals` return. Added, in the
    indicator's unit: low, high (95 %), expected, gap (value - expected), change_low and change_high (against the
    baseline, turned so that above 0 is better: points, or the log of a ratio for counts); in percent: attainment
    (bounded) and attainment_unbounded; pace (ratio), n, state, display, shown_decimals, is_latest. `is_latest` marks
    the last period with a figure (or a masked one) of each goal-indicator. Sources: Wilson, Newcombe, Garwood;
    attainment as PILOTE computes it.
    """
    rows = _join_goals(observations, goals)
    rows = rows.with_columns(_exact_pairs()).with_columns(_low_high())
    rows = _add_expected(rows)
    rows = rows.with_columns(_changes())
    rows = rows.with_columns(_facts_for_state(today))
    display = choose_display()
    return (
        rows.with_columns(
            state=decide_state(),
            display=display,
            shown_decimals=choose_decimals(display),
            gap=c("value") - c("expected"),
            attainment_unbounded=_attainment(),
            attainment=bounded(_attainment()),
            pace=pace(c("ref_value"), c("expected"), c("value")),
        )
        .drop("exact_count", "exact_ratio")
        .sort(*PLACE, "goal_code", "period_start", nulls_last=True)
    )


def _join_goals(observations: pl.DataFrame, goals: pl.DataFrame) -> pl.DataFrame:
    goals = _date(goals.with_row_index("_goal"), "ref_period", "ref_at")
    goals = _date(goals, "due_period", "due_at")
    rows = _date(goals.join(observations, on=PLACE, how="left", maintain_order="left"), "period", "at")
    band = c("kind") == "maintain_band"
    return rows.with_columns(
        is_masked=c("is_masked").fill_null(False),
        is_ref_masked=c("is_ref_masked").fill_null(False),
        is_rising=pl.when(c("polarity").is_in(["increase", "decrease"]))
        .then(c("polarity") == "increase")
        .otherwise(c("kind") != "at_most"),
        target_value=pl.when(band).then(None).otherwise(c("target_value")),
    )


def _date(frame: pl.DataFrame, period: str, name: str) -> pl.DataFrame:
    """Add the month number of the last day of a period column."""
    bounds = period_bounds(frame[period]).select(c("period").alias(period), month_number(c("period_end")).alias(name))
    return frame.join(bounds, on=period, how="left", maintain_order="left")


def _exact_pairs() -> list[pl.Expr]:
    """The exact intervals, where the figure is a count or events per 100: of it, and of its ratio to the baseline."""
    unit = pl.when("has_interval").then(c("unit"))
    is_events = (unit == "per_100") & (c("denominator") > 0)
    count, start = (
        pl.when(unit == "count").then(c(whole)).when(is_events).then(c(events))
        for whole, events in (("value", "numerator"), ("ref_value", "ref_numerator"))
    )
    return [garwood_pair(count).alias("exact_count"), rate_ratio_pair(count, start).alias("exact_ratio")]


def _low_high() -> list[pl.Expr]:
    """95 % interval by the kind of figure: Wilson for shares, Garwood for counts and events per 100."""
    share_low, share_high = wilson(c("numerator"), c("denominator"))
    count_low, count_high = bounds_of(c("exact_count"))

    def bound(share: pl.Expr, count: pl.Expr) -> pl.Expr:
        return (
            pl.when(~c("has_interval"))
            .then(None)
            .when(c("unit") == "percent")
            .then(100 * share)
            .when(c("unit") == "per_100")
            .then(100 * count / c("denominator"))
            .when(c("unit") == "count")
            .then(count)
        )

    return [bound(share_low, count_low).alias("low"), bound(share_high, count_high).alias("high")]


def _add_expected(rows: pl.DataFrame) -> pl.DataFrame:
    """E(t): a line from the baseline to the target, or the last step reached."""
    steps = list_steps(rows.unique("_goal", keep="first", maintain_order=True))
    line = expected_linear(c("ref_value"), c("target_value"), c("at"), c("ref_at"), c("due_at"))
    first_step = steps.group_by("_goal").agg(c("step_at").min().alias("first_step_at"))
    return (
        rows.sort("at", nulls_last=True)
        .join_asof(steps, left_on="at", right_on="step_at", by="_goal", strategy="backward", check_sortedness=False)
        .join(first_step, on="_goal", how="left")
        .with_columns(expected=pl.when(c("shape") == "stepped").then(c("step_value")).otherwise(line))
        .with_columns(expected=pl.when(c("kind").is_in(["at_least", "at_most"])).then(c("expected")))
    )


def _changes() -> list[pl.Expr]:
    """The interval of the change since the baseline, turned so that above 0 is better.

    Points for shares, the log of the rate ratio for counts and events per 100. A baseline without components is a
    point: the value's interval is compared with it.
    """
    low, high = newcombe(c("numerator"), c("denominator"), c("ref_numerator"), c("ref_denominator"))
    ratio_low, ratio_high = bounds_of(c("exact_ratio"))
    exposure = pl.when(c("unit") == "count").then(1.0).otherwise(c("ref_denominator") / c("denominator"))
    is_share = (c("unit") == "percent") & c("ref_denominator").is_not_null() & c("has_interval")
    is_ratio = c("unit").is_in(["count", "per_100"]) & exposure.is_not_null() & c("has_interval")

    def change(difference: pl.Expr, ratio: pl.Expr, bound: str) -> pl.Expr:
        return (
            pl.when(is_share)
            .then(100 * difference)
            .when(is_ratio)
            .then((ratio * exposure).log())
            .otherwise(c(bound) - c("ref_value"))
        )

    below, above = change(low, ratio_low, "low"), change(high, ratio_high, "high")
    return [
        pl.when("is_rising").then(below).otherwise(-above).alias("change_low"),
        pl.when("is_rising").then(above).otherwise(-below).alias("change_high"),
    ]


def _facts_for_state(today: date) -> list[pl.Expr]:
    is_break = (c("obs_status") == ObsStatus.BREAK.value) & (c("at") > c("ref_at"))
    has_figure = c("value").is_not_null() | c("is_masked")
    last_at = pl.when(has_figure).then(c("at")).max().over("_goal")
    is_latest = (c("at") == last_at.fill_null(c("at").max().over("_goal"))).fill_null(True)
    next_due = c("at") + c("frequency").replace_strict(MONTHS_OF_FREQUENCY) + c("delay_months")
    is_late = (today.year * 12 + today.month) > next_due
    default = (
        pl.when(c("unit") == "count").then(DEFAULT_SHARE_OF_COUNT * c("ref_value").abs()).otherwise(DEFAULT_POINTS)
    )
    begins = pl.when(c("shape") == "stepped").then(c("first_step_at")).otherwise(c("ref_at") + 1)
    return [
        is_break.fill_null(False).cum_max().over("_goal", order_by="at").alias("has_break"),
        is_latest.alias("is_latest"),
        (is_latest & is_late).fill_null(False).alias("is_stale"),
        ((c("at") >= begins) | (c("kind") == "maintain_band")).fill_null(True).alias("is_expected"),
        pl.when(c("unit").is_in(RATES)).then(c("denominator")).otherwise(c("value")).alias("n"),
        c("value").is_not_null().alias("has_value"),
        c("materiality").fill_null(default),
    ]


def _attainment() -> pl.Expr:
    reached = attainment(c("ref_value"), c("target_value"), c("value"), c("is_rising"))
    return pl.when(c("kind").is_in(["at_least", "at_most"])).then(reached)
