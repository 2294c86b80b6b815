"""Where each goal-indicator stands at each period: value with its interval, trajectory, attainment, state."""

from __future__ import annotations

from datetime import date

import polars as pl

from measures.display import RATES, choose_decimals, choose_display
from measures.intervals import (
    Bounds,
    bounds_of,
    difference_bounds,
    effective_total,
    garwood_pair,
    rate_ratio_pair,
    wilson,
)
from measures.states import choose_state
from measures.trajectory import (
    WITH_TARGET,
    attainment,
    bounded,
    expected_geometric,
    expected_linear,
    list_steps,
    month_number,
    pace,
)
from schemas.period import period_bounds
from schemas.words import ObsStatus

c = pl.col
PLACE = ["territory_code", "qpv_code", "indicator_code", "dimension", "category"]
MONTHS_OF_FREQUENCY = {"quarter": 3, "year": 12, "school_year": 12, "wave": 12}
DEFAULT_POINTS = 1.0
DEFAULT_SHARE_OF_COUNT = 0.05
FARTHEST_MONTH = 12 * 10_000


def measure_progress(observations: pl.DataFrame, goals: pl.DataFrame, today: date) -> pl.DataFrame:
    """One row a goal-indicator-period, ordered; a goal without observation has one row without period.

    `observations` and `goals` are what `store.load_observations` and `store.load_goals` return. Added, in the
    indicator's unit: low, high (95 %), expected, gap (value - expected), change_low and change_high (against the
    baseline, turned so that above 0 is better: points, or the log of a ratio where change_is_ratio); in percent:
    attainment (bounded) and attainment_unbounded; pace (ratio), n, effective_n (what a survey of many is worth), state,
    display, shown_decimals, is_latest; at, ref_at and due_at (months since year 0, of the last day). `is_latest` marks
    the last period with a figure (or a masked one) of each goal-indicator. Sources: Wilson, Newcombe, Garwood;
    attainment as PILOTE computes it.
    """
    goals = _prepare_goals(goals)
    rows = _add_steps(_pair(observations, goals), goals).lazy()
    for columns in (_shares(goals["population"].is_not_null().any()), _bounds(), _way(), _facts(today), _reading()):
        rows = rows.with_columns(columns)
    return rows.drop(*WORKED_WITH, strict=False).collect()


WORKED_WITH = (
    *("_goal", "ref_share_low", "ref_share_high", "begins", "next_due", "break_at", "last_at", "step_value"),
    *("share_low", "share_high", "exact_count", "exact_ratio"),
)


def _prepare_goals(goals: pl.DataFrame) -> pl.DataFrame:
    """The goals in the order of the answer, with what depends on nothing else: `_goal` numbers them."""
    goals = goals.sort(*PLACE, "goal_code", nulls_last=True, maintain_order=True)
    goals = _date(_date(goals.with_row_index("_goal"), "ref_period", "ref_at"), "due_period", "due_at")
    is_band = c("kind") == "maintain_band"
    default = (
        pl.when(c("unit") == "count").then(DEFAULT_SHARE_OF_COUNT * c("ref_value").abs()).otherwise(DEFAULT_POINTS)
    )
    population = c("population") if "population" in goals.columns else pl.lit(None, pl.Float64)
    surveyed = pl.when(c("collection_method") == "survey").then(population)
    ref_low, ref_high = _wilson("ref_numerator", "ref_denominator", surveyed)
    steps = list_steps(goals).group_by("_goal").agg(first_step_at=c("step_at").min())
    return goals.join(steps, on="_goal", how="left", maintain_order="left").with_columns(
        is_ref_masked=c("is_ref_masked").fill_null(False),
        is_rising=pl.when(c("polarity").is_in(["increase", "decrease"]))
        .then(c("polarity") == "increase")
        .otherwise(c("kind") != "at_most"),
        target_value=pl.when(~is_band).then("target_value"),
        materiality=c("materiality").fill_null(default),
        population=surveyed,
        ref_share_low=ref_low,
        ref_share_high=ref_high,
        begins=pl.when(is_band)
        .then(pl.lit(None, pl.Int64))
        .when(c("shape") == "stepped")
        .then("first_step_at")
        .otherwise(c("ref_at") + 1),
        next_due=c("frequency").replace_strict(MONTHS_OF_FREQUENCY, return_dtype=pl.Int64) + c("delay_months"),
    )


def _date(frame: pl.DataFrame, period: str, name: str) -> pl.DataFrame:
    """Add the month number of the last day of a period column."""
    bounds = period_bounds(frame[period]).select(c("period").alias(period), month_number(c("period_end")).alias(name))
    return frame.join(bounds, on=period, how="left", maintain_order="left")


def _pair(observations: pl.DataFrame, goals: pl.DataFrame) -> pl.DataFrame:
    """The observations of each goal in time, with what is known of the goal: its last figure, its first break.

    Observations come in runs of one place: the runs are matched, not their rows.
    """
    starts = pl.any_horizontal(c(name) != c(name).shift() for name in PLACE).fill_null(True)
    has_figure = c("value").is_not_null() | c("is_masked").fill_null(False)
    is_break = c("obs_status") == ObsStatus.BREAK.value
    seen = _date(observations.select("period", starts=starts, has_figure=has_figure, is_break=is_break), "period", "at")
    first = seen["starts"].arg_true()
    runs = observations.select(c(PLACE).gather(first)).with_columns(
        first=first, end=first.shift(-1, fill_value=len(observations))
    )
    pairs = (
        goals.select(*PLACE, "_goal")
        .join(runs, on=PLACE, how="left", maintain_order="left")
        .select("_goal", _row=pl.int_ranges("first", "end", dtype=pl.UInt32))
        .explode("_row")
    )
    pairs = pairs.with_columns(
        *seen.select(c("at", "has_figure", "is_break").gather(pairs["_row"])),
        goals["ref_at"].gather(pairs["_goal"]),
    )
    of_goal = pairs.group_by("_goal").agg(
        last_at=c("at").filter(c("has_figure").fill_null(False)).max().fill_null(c("at").max()),
        break_at=c("at").filter(c("is_break") & (c("at") > c("ref_at"))).min(),
    )
    pairs = pairs.select("_goal", "_row", "at")
    if not pairs.select(c("_goal").cast(pl.Int64) * FARTHEST_MONTH + c("at").fill_null(0)).to_series().is_sorted():
        pairs = pairs.sort("_goal", "at", "_row", nulls_last=True)
    as_they_are = len(pairs) == len(observations) and (pairs["_row"] == pl.int_range(len(pairs), eager=True)).all()
    known = goals.join(of_goal, on="_goal", how="left", maintain_order="left")
    return pl.concat(
        [
            known.select(pl.all().gather(pairs["_goal"])),
            observations.drop(PLACE)
            if as_they_are
            else observations.drop(PLACE).select(pl.all().gather(pairs["_row"])),
            pairs.select("at"),
        ],
        how="horizontal",
    ).with_columns(is_masked=c("is_masked").fill_null(False))


def _add_steps(rows: pl.DataFrame, goals: pl.DataFrame) -> pl.DataFrame:
    """`step_value`: the last step reached of a stepped trajectory."""
    steps = list_steps(goals)
    if steps.is_empty():
        return rows.with_columns(step_value=pl.lit(None, pl.Float64))
    of_steps = rows.select("_goal", "at", "shape").with_row_index("_row").filter(c("shape") == "stepped")
    reached = (
        of_steps.sort("at", nulls_last=True)
        .join_asof(steps, left_on="at", right_on="step_at", by="_goal", strategy="backward", check_sortedness=False)
        .select("_row", "step_value")
    )
    return rows.with_row_index("_row").join(reached, on="_row", how="left", maintain_order="left").drop("_row")


def _wilson(count: str, total: str, population: pl.Expr) -> Bounds:
    """Of a share, with the correction for a finite population."""
    size = effective_total(c(total), population)
    worth = pl.when(c(count) == c(total)).then(size).otherwise(c(count) * size / c(total))
    return wilson(worth, size)


def _shares(has_population: bool) -> list[pl.Expr]:
    """The intervals by their kind: of shares (0-1), and the exact ones of counts and of events per 100."""
    if has_population:
        low, high = _wilson("numerator", "denominator", c("population"))
        worth = effective_total(c("denominator"), c("population"))
    else:
        low, high = wilson(c("numerator"), c("denominator"))
        worth = c("denominator")
    unit = pl.when("has_interval").then(c("unit"))
    is_events = (unit == "per_100") & (c("denominator") > 0)
    count, start = (
        pl.when(unit == "count").then(c(whole)).when(is_events).then(c(events))
        for whole, events in (("value", "numerator"), ("ref_value", "ref_numerator"))
    )
    return [
        low.alias("share_low"),
        high.alias("share_high"),
        worth.alias("effective_n"),
        garwood_pair(count).alias("exact_count"),
        rate_ratio_pair(count, start).alias("exact_ratio"),
    ]


def _bounds() -> list[pl.Expr]:
    """95 % interval by the kind of figure: Wilson for shares, Garwood for counts and events per 100."""

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

    count_low, count_high = bounds_of(c("exact_count"))
    return [
        bound(c("share_low"), count_low).alias("low"),
        bound(c("share_high"), count_high).alias("high"),
    ]


def _way() -> list[pl.Expr]:
    """E(t): a line or a curve of constant growth from the baseline to the target, or the last step reached."""
    times = (c("ref_value"), c("target_value"), c("at"), c("ref_at"), c("due_at"))
    expected = (
        pl.when(~c("kind").is_in(WITH_TARGET))
        .then(None)
        .when(c("shape") == "stepped")
        .then("step_value")
        .when(c("shape") == "geometric")
        .then(expected_geometric(*times))
        .otherwise(expected_linear(*times))
    )
    return [expected.alias("expected"), *_changes()]


def _changes() -> list[pl.Expr]:
    """The interval of the change since the baseline, turned so that above 0 is better.

    Points for shares, the log of the rate ratio for counts and events per 100. A baseline without components is a
    point: the value's interval is compared with it.
    """
    share, ref_share = c("numerator") / c("denominator"), c("ref_numerator") / c("ref_denominator")
    low, high = difference_bounds(
        share, (c("share_low"), c("share_high")), ref_share, (c("ref_share_low"), c("ref_share_high"))
    )
    ratio_low, ratio_high = bounds_of(c("exact_ratio"))
    both = (c("denominator") > 0) & (c("ref_denominator") > 0)
    exposure = pl.when(c("unit") == "count").then(1.0).when(both).then(c("ref_denominator") / c("denominator"))
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
        (is_ratio & ~is_share).fill_null(False).alias("change_is_ratio"),
        pl.when("is_rising").then(below).otherwise(-above).alias("change_low"),
        pl.when("is_rising").then(above).otherwise(-below).alias("change_high"),
    ]


def _facts(today: date) -> list[pl.Expr]:
    is_latest = (c("at") == c("last_at")).fill_null(True)
    is_late = (today.year * 12 + today.month) > c("at") + c("next_due")
    reached = attainment(c("ref_value"), c("target_value"), c("value"), c("is_rising"))
    reached = pl.when(c("kind").is_in(WITH_TARGET)).then(reached)
    return [
        (c("at") >= c("break_at")).fill_null(False).alias("has_break"),
        is_latest.alias("is_latest"),
        (is_latest & is_late).fill_null(False).alias("is_stale"),
        (c("at") >= c("begins")).fill_null(True).alias("is_expected"),
        pl.when(c("unit").is_in(RATES)).then(c("denominator")).otherwise(c("value")).alias("n"),
        c("value").is_not_null().alias("has_value"),
        choose_display().alias("display"),
        (c("value") - c("expected")).alias("gap"),
        reached.alias("attainment_unbounded"),
        bounded(reached).alias("attainment"),
        pace(c("ref_value"), c("expected"), c("value")).alias("pace"),
    ]


def _reading() -> list[pl.Expr]:
    return [choose_state().alias("state"), choose_decimals(c("display")).alias("shown_decimals")]
