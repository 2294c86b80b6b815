"""What was promised, and how far along it one is: expected value, attainment, pace."""

from __future__ import annotations

import polars as pl

c = pl.col
WITH_TARGET = ("at_least", "at_most")
"""The kinds of target that a value is on its way to."""


def attainment(start: pl.Expr, target: pl.Expr, value: pl.Expr, is_rising: pl.Expr) -> pl.Expr:
    """Taux d'avancement in percent, unbounded: 100 (VA - VI) / (VC - VI).

    A target that was met before it began has no way to go: 100 where the value still meets it, else 0 (PILOTE,
    compute_ta_macro.sql).
    """
    met_at_start = pl.when(is_rising).then(start >= target).otherwise(start <= target)
    still_met = pl.when(is_rising).then(value >= target).otherwise(value <= target)
    way = 100 * (value - start) / (target - start)
    return pl.when(met_at_start).then(pl.when(still_met).then(100.0).when(value.is_not_null()).then(0.0)).otherwise(way)


def bounded(percent: pl.Expr) -> pl.Expr:
    """An attainment as screens show it: between 0 and 100."""
    return percent.clip(0, 100)


def expected_linear(start: pl.Expr, target: pl.Expr, at: pl.Expr, begins: pl.Expr, ends: pl.Expr) -> pl.Expr:
    """E(t) on a straight line; null before its beginning, the target after its end. Times in one unit.

    Null without a start or its time: then nothing says what was promised on the way.
    """
    line = start + (target - start) * (at - begins) / (ends - begins)
    return _on_the_way(line, target, at, begins, ends)


def expected_geometric(start: pl.Expr, target: pl.Expr, at: pl.Expr, begins: pl.Expr, ends: pl.Expr) -> pl.Expr:
    """E(t) at a constant rate of growth; null unless start and target are above 0."""
    growth = pl.when((start > 0) & (target > 0)).then(target / start)
    curve = start * growth ** ((at - begins) / (ends - begins))
    return _on_the_way(curve, target, at, begins, ends)


def _on_the_way(way: pl.Expr, target: pl.Expr, at: pl.Expr, begins: pl.Expr, ends: pl.Expr) -> pl.Expr:
    """The way from its beginning, the target from its end on; null without a beginning, a start or a growth."""
    is_known = (at >= begins) & (way.is_not_null() | (ends <= begins))
    return pl.when(is_known & (at >= ends)).then(target).when(is_known).then(way)


def pace(start: pl.Expr, expected: pl.Expr, value: pl.Expr) -> pl.Expr:
    """(VA - VI) / (E(t) - VI), a ratio: 1 is as promised. Null where nothing is expected yet."""
    return pl.when(expected != start).then((value - start) / (expected - start))


def baseline_change(start: pl.Expr, value: pl.Expr) -> pl.Expr:
    """(value - baseline) / baseline, as a share (Clear Impact's « Baseline % Change »); null from 0."""
    return pl.when(start != 0).then((value - start) / start)


def month_number(day: pl.Expr) -> pl.Expr:
    """Months since year 0: the time scale on which periods of different kinds meet, by their last day."""
    return day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64)


def list_steps(goals: pl.DataFrame) -> pl.DataFrame:
    """The steps of stepped trajectories: `_goal` (row of the frame), step_at (month number), step_value, in time.

    The due period with the target is the last step.
    """
    stepped = goals.filter((c("shape") == "stepped") & c("steps").is_not_null())
    steps = (
        stepped.select("_goal", c("steps").str.split("|"))
        .explode("steps", empty_as_null=True)
        .select(
            "_goal",
            _quarter_end_month(c("steps").str.split("=").list.first()).alias("step_at"),
            c("steps").str.split("=").list.last().cast(pl.Float64).alias("step_value"),
        )
    )
    last = stepped.select("_goal", step_at="due_at", step_value="target_value")
    return pl.concat([steps, last]).unique(["_goal", "step_at"], keep="last").sort("step_at")


def _quarter_end_month(period: pl.Expr) -> pl.Expr:
    return period.str.slice(0, 4).cast(pl.Int64) * 12 + 3 * period.str.slice(6, 1).cast(pl.Int64)


def add_target_versions(progress: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """Add `target_then` and `target_version_then`: what was promised when each period ended.

    `targets`: every version of each target, with `decided_on`. Of two decided on one day the later version counts;
    before the first decision there is none. The rows stay in their order.
    """
    goal = ["territory_code", "qpv_code", "indicator_code", "dimension", "category", "goal_code"]
    versions = (
        targets.select(
            *goal,
            decided_at=month_number(c("decided_on")),
            target_then="target_value",
            target_version_then="target_version",
            decided_on="decided_on",
        )
        .sort("decided_on", "target_version_then")
        .unique([*goal, "decided_at"], keep="last", maintain_order=True)
        .drop("decided_on")
        .sort("decided_at")
    )
    rows = progress.with_row_index("_row")
    found = (
        rows.select("_row", "at", *goal)
        .drop_nulls(["at", "goal_code"])
        .sort("at")
        .join_asof(versions, left_on="at", right_on="decided_at", by=goal, strategy="backward", check_sortedness=False)
        .select("_row", "target_then", "target_version_then")
    )
    return rows.join(found, on="_row", how="left", maintain_order="left").drop("_row")
