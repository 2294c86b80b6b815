"""Figures that the contract allows and that are unlikely all the same: to be looked at again, never to be refused.

One function a rule, each on frames: which rows, and what the sentence about them needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from measures.disclosure import list_small
from measures.display import RATES
from measures.intervals import bounds_of, newcombe, rate_ratio_pair
from measures.xmr import WIDEST_ORDINARY_MOVE, WIDTH_OF_LIMITS, xmr_limits
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issues
from schemas.observation import KEY, NUMBERS
from schemas.period import parse_period, period_bounds
from schemas.words import Audience, ConfStatus, ObsStatus

c = pl.col
SERIES = ("territory_code", "qpv_code", "indicator_code", "dimension", "category")
COMPARED = ("period", *NUMBERS)
PLACE = ("territory_code", "qpv_code", "indicator_code", "period")
STRETCH = (*SERIES, "stretch")
SHEET = (
    "unit",
    "frequency",
    "source_kind",
    "collection_method",
    "aggregation",
    "has_interval",
    "counted_unit",
    "k_threshold",
    "is_sensitive",
    "is_seasonal",
)
FROM_ELSEWHERE = ("computed", "national_statistics", "fiscal", "family_benefits", "health_insurance", "modelled")
"""Kinds of source whose figures a territory does not send itself."""

FEWEST_FOR_LIMITS = 13
UNUSUAL_SHARE = 0.3
JUMP_SHARE = 0.2
FEWEST_FOR_JUMP = 30
FEWEST_RESPONDENTS = 30
LOWEST_RESPONSE_RATE = 30
FEWEST_COPIED = 3
LINES_NAMED = 50
SLACK = 1e-9


def check_plausibility(
    rows: pl.DataFrame, history: pl.DataFrame, catalogue: Catalogue, template_on: date | None = None
) -> Issues:
    """Every warning about these rows, in the order of the file; issues name columns by our codes.

    `rows`: the columns that are stored, perhaps `source_column`. `history`: the approved values of their territories,
    as `store.load_observations` returns them; masked ones are left aside. `template_on`: the day the file's template
    was made. The sheet of an indicator is its latest. Unit of value: the indicator's, rates in percent.
    """
    facts = _join_sheets(rows, catalogue)
    points = list_points(facts, history)
    changes = _put_beside(facts, points)
    approved = history.filter(~c("is_masked") & c("value").is_not_null())
    return Issues(
        *find_wrong_sums(facts, catalogue),
        *find_unusual_changes(changes, points),
        find_denominator_jumps(changes),
        find_copies(facts, approved),
        find_small_counts(facts),
        find_missing(rows, history, catalogue),
        find_weak_surveys(facts),
        find_new_definitions(facts, approved, catalogue, template_on),
    ).in_order()


def _join_sheets(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The rows of known indicators and periods, with the sheet and the first day of the period."""
    sheets = catalogue.indicators.sort("version").unique("indicator_code", keep="last")
    facts = rows.join(sheets.select("indicator_code", *SHEET), on="indicator_code")
    return facts.join(period_bounds(rows["period"]).select("period", "period_start"), on="period")


def find_wrong_sums(facts: pl.DataFrame, catalogue: Catalogue) -> list[pl.DataFrame]:
    """Totals that the categories of a breakdown do not add up to.

    A sum above its total is always wrong; one below it, only where every part has its number and the parts are
    several or all that exist.
    """
    additive = facts.filter((c("aggregation") != "none") & c("unit").is_in([*RATES, "count"]))
    additive = additive.with_columns(value=pl.when(c("unit") == "count").then("value"))
    is_total = c("dimension") == "total"
    sums = additive.filter(~is_total).group_by(*PLACE, "dimension").agg(*_sums_of_parts())
    known = catalogue.categories.group_by("dimension").agg(known_parts=pl.len())
    beside = additive.filter(is_total).drop("dimension").join(sums, on=PLACE)
    beside = beside.join(known, on="dimension", how="left")
    is_counted = c("numerator").is_null() | (c("unit") != "count")
    wrong = [beside.filter(_does_not_sum(name) & (is_counted if name == "value" else pl.lit(True))) for name in NUMBERS]
    return [
        _list_issues(frame, Code.PARTS_DO_NOT_SUM, name, sum=_say_number(c(f"{name}_parts")), dimension=c("dimension"))
        for name, frame in zip(NUMBERS, wrong, strict=True)
    ]


def _sums_of_parts() -> list[pl.Expr]:
    sums = [c(name).sum().alias(f"{name}_parts") for name in NUMBERS]
    return [*sums, *(c(name).has_nulls().alias(f"{name}_lacks") for name in NUMBERS), pl.len().alias("parts")]


def _does_not_sum(name: str) -> pl.Expr:
    total, parts = c(name), c(f"{name}_parts")
    slack = 1e-6 * pl.max_horizontal(total.abs(), 1.0)
    is_complete = ~c(f"{name}_lacks") & ((c("parts") > 1) | (c("parts") == c("known_parts")).fill_null(False))
    return (parts > total + slack) | ((parts < total - slack) & is_complete)


def list_points(facts: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """The approved numbers of the file's series in the order of time; each break begins a new `stretch`.

    `measure` is what a chart of the series shows: the value, or for a seasonal indicator its difference from the
    same period of the year before.
    """
    is_break = (c("obs_status") == ObsStatus.BREAK.value).fill_null(False)
    points = (
        history.select(*SERIES, "period_start", *COMPARED, "obs_status", "is_masked")
        .join(facts.select(SERIES).unique(), on=SERIES, how="semi")
        .join(facts.select("indicator_code", "is_seasonal").unique(), on="indicator_code")
        .sort(*SERIES, "period_start")
        .with_columns(stretch=is_break.cum_sum())
        .filter(~c("is_masked") & c("value").is_not_null())
    )
    return _add_year_before(points, points)


def _add_year_before(frame: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """For seasonal indicators `<name>_year`, twelve months earlier in the same stretch; and `measure` for all."""
    seasonal = points.filter("is_seasonal")
    year = seasonal.select(
        *SERIES, "stretch", c("period_start").dt.offset_by("1y"), *(c(name).alias(f"{name}_year") for name in COMPARED)
    )
    beside = frame.join(year, on=[*SERIES, "stretch", "period_start"], how="left")
    difference = c("value") - c("value_year")
    return beside.with_columns(measure=pl.when("is_seasonal").then(difference).otherwise("value"))


def _put_beside(facts: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """The rows with a number beside the last approved point before them: `<name>_before`, and the year before.

    A row that is itself a break, or has no point before it, is left out.
    """
    before = points.select(*SERIES, "period_start", "stretch", *(c(name).alias(f"{name}_before") for name in COMPARED))
    compared = facts.filter(c("value").is_not_null() & (c("obs_status") != ObsStatus.BREAK.value))
    beside = _join_earlier(compared, before, SERIES).filter(c("stretch").is_not_null())
    return _add_year_before(beside.with_row_index("_at"), points)


def _join_earlier(frame: pl.DataFrame, points: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Each row with the last point of its group that is strictly before it, if there is one."""
    return frame.sort("period_start").join_asof(
        points.sort("period_start"),
        on="period_start",
        by=by,
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )


def find_unusual_changes(changes: pl.DataFrame, points: pl.DataFrame) -> list[pl.DataFrame]:
    """Values outside the limits of a long history; in a shorter one, a change of more than 30 % beyond chance."""
    charts = _draw_charts(points)
    judged = _join_earlier(changes, charts, STRETCH)
    is_charted = c("chart_mean").is_not_null() & c("measure").is_not_null()
    outside = _keep_outside(judged.filter(is_charted), points)
    moved = _keep_moved(judged.filter(~is_charted))
    limits = {"low": _say_number(_in_reach("low")), "high": _say_number(_in_reach("high")), "kind": pl.lit("limits")}
    change = {"before": _say_value("_reference"), "reference": c("period_reference"), "kind": pl.lit("change")}
    return [
        _list_issues(outside, Code.UNUSUAL_CHANGE, "value", **limits),
        _list_issues(moved, Code.UNUSUAL_CHANGE, "value", **change),
    ]


def _draw_charts(points: pl.DataFrame) -> pl.DataFrame:
    """Mean, average and widest move of each stretch up to each of its points, from the 13th on."""
    measure, moves = c("measure"), c("measure").diff().abs()
    so_far = {
        "chart_points": measure.cum_count(),
        "chart_mean": measure.cum_sum() / measure.cum_count(),
        "chart_move": moves.cum_sum() / (measure.cum_count() - 1),
        "chart_widest": moves.cum_max(),
    }
    charted = points.filter(measure.is_not_null()).select(*STRETCH, "period_start", "measure")
    charts = charted.with_columns(**{name: one.over(STRETCH, order_by="period_start") for name, one in so_far.items()})
    return charts.filter(c("chart_points") >= FEWEST_FOR_LIMITS).drop("measure", "chart_points")


def _keep_outside(judged: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """The rows outside the limits of the points before them, with low and high.

    The limits are drawn only for those that may be: outside the unscreened limits, or with a move to screen.
    """
    reach = WIDTH_OF_LIMITS * c("chart_move") * (1 - SLACK)
    has_wide_move = c("chart_widest") >= WIDEST_ORDINARY_MOVE * c("chart_move") * (1 - SLACK)
    suspects = judged.filter(((c("measure") - c("chart_mean")).abs() > reach) | has_wide_move)
    charted = points.filter(c("measure").is_not_null()).select(*STRETCH, at="period_start", point="measure")
    history = suspects.select("_at", *STRETCH, "period_start").join(charted, on=STRETCH)
    _, low, high = xmr_limits(c("point").sort_by("at"))
    limits = history.filter(c("at") < c("period_start")).group_by("_at").agg(low=low, high=high)
    slack = SLACK * pl.max_horizontal(c("measure").abs(), 1.0)
    is_outside = (c("measure") < c("low") - slack) | (c("measure") > c("high") + slack)
    return suspects.join(limits, on="_at").filter(is_outside)


def _in_reach(limit: str) -> pl.Expr:
    """A limit as a value of the indicator: from the year before where differences are charted, within 0 to 100 %."""
    value = c(limit) + pl.when("is_seasonal").then("value_year").otherwise(0.0)
    highest = pl.when(c("unit") == "percent").then(100.0).otherwise(float("inf"))
    return value.clip(0.0, highest)


def _keep_moved(judged: pl.DataFrame) -> pl.DataFrame:
    """The rows more than 30 % away from their `<name>_reference`, where the interval of the change leaves out 0."""
    reference = [
        pl.when("is_seasonal").then(f"{name}_year").otherwise(f"{name}_before").alias(f"{name}_reference")
        for name in COMPARED
    ]
    has_moved = _has_moved("value", UNUSUAL_SHARE) & c("has_interval")
    moved = judged.with_columns(reference).filter(has_moved)
    per_100 = c("unit") == "per_100"
    counts = [
        pl.when(per_100).then(f"numerator{side}").when(c("unit") == "count").then(f"value{side}")
        for side in ("", "_reference")
    ]
    moved = moved.with_columns(ratio=rate_ratio_pair(*counts))
    ratio_low, ratio_high = bounds_of(c("ratio"))
    exposure = pl.when(per_100).then(c("denominator_reference") / c("denominator")).otherwise(1.0)
    below, above = newcombe(*(c(f"{name}{side}") for side in ("", "_reference") for name in NUMBERS[:2]))
    is_ratio_moved = (ratio_low * exposure > 1) | (ratio_high * exposure < 1)
    is_share_moved = (c("unit") == "percent") & ((below > 0) | (above < 0))
    return moved.filter(is_ratio_moved.fill_null(False) | is_share_moved.fill_null(False))


def _has_moved(name: str, share: float) -> pl.Expr:
    reference = c(f"{name}_reference")
    return (c(name) - reference).abs() > share * reference.abs() * (1 + SLACK)


def find_denominator_jumps(changes: pl.DataFrame) -> pl.DataFrame:
    """Denominators more than 20 % away from the year before if the indicator is seasonal, else from the last point.

    From fewer than 30, such a move says nothing.
    """
    has_year = c("is_seasonal") & c("denominator_year").is_not_null()
    jumps = changes.with_columns(
        pl.when(has_year).then(f"{name}_year").otherwise(f"{name}_before").alias(f"{name}_reference")
        for name in ("period", "denominator")
    ).filter((c("denominator_reference") >= FEWEST_FOR_JUMP) & _has_moved("denominator", JUMP_SHARE))
    before = _say_number(c("denominator_reference"))
    return _list_issues(jumps, Code.DENOMINATOR_JUMP, "denominator", before=before, reference=c("period_reference"))


def find_copies(facts: pl.DataFrame, approved: pl.DataFrame) -> pl.DataFrame:
    """One issue a territory and period where three indicators of one place have every number of the period before."""
    numbered = facts.filter(pl.any_horizontal(c(*NUMBERS).is_not_null()))
    rows = numbered.select("source_row", *KEY, *NUMBERS)
    following = [(code, parse_period(code).following().code) for code in _distinct_periods(facts, approved)]
    nexts = pl.DataFrame(following, schema={"period": pl.String, "next": pl.String}, orient="row")
    earlier = pl.concat([frame.select(*KEY, *NUMBERS) for frame in (rows, approved)]).join(nexts, on="period")
    again = earlier.drop("period").rename({"next": "period"}).join(facts.select("period").unique(), on="period")
    same = rows.join(again, on=[*KEY, *NUMBERS], how="semi", nulls_equal=True)
    counted = rows.join(same, on=PLACE, how="semi").group_by(PLACE).agg(rows=pl.len())
    copied = same.group_by(PLACE).agg("source_row", same=pl.len()).join(counted, on=PLACE)
    return _list_copies(copied.filter(c("same") == c("rows")))


def _distinct_periods(*frames: pl.DataFrame) -> list[str]:
    return sorted({code for frame in frames for code in frame["period"].unique().drop_nulls()})


def _list_copies(copied: pl.DataFrame) -> pl.DataFrame:
    several = copied.filter(pl.len().over("territory_code", "qpv_code", "period") >= FEWEST_COPIED)
    lines = c("source_row").explode().unique().sort()
    more = pl.when(lines.len() > LINES_NAMED).then(pl.lit(", …")).otherwise(pl.lit(""))
    return (
        several.group_by("territory_code", "period")
        .agg(
            code=pl.lit(Code.COPIED_FROM_LAST_QUARTER.value),
            lines=lines.head(LINES_NAMED).cast(pl.String).str.join(", ") + more,
            indicators=c("indicator_code").unique().sort().str.join(", "),
        )
        .rename({"territory_code": "territory"})
    )


def find_small_counts(facts: pl.DataFrame) -> pl.DataFrame:
    """Cells that the public will not see, but for those that the sender marked so."""
    free = facts.filter(~c("conf_status").is_in([ConfStatus.SECRET.value, ConfStatus.INTERNAL.value]))
    masked = free.join(list_small(free, Audience.PUBLIC), on=KEY)
    column = pl.coalesce(pl.when(c(name).is_not_null()).then(pl.lit(name)) for name in NUMBERS)
    return _list_issues(masked, Code.SMALL_COUNT, column, kind=c("reason"))


def find_missing(rows: pl.DataFrame, history: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Indicators that a territory of the file follows or has a target for, without any row in one of its periods."""
    wanted = [
        frame.select("territory_code", "indicator_code") for frame in (catalogue.followed_indicators, catalogue.targets)
    ]
    first_from = c("valid_from").min().over("indicator_code")
    sheets = (
        catalogue.indicators.with_columns(first_from=first_from).sort("version").unique("indicator_code", keep="last")
    )
    ours = sheets.filter(~c("source_kind").is_in(FROM_ELSEWHERE)).select("indicator_code", "frequency", "first_from")
    periods = period_bounds(rows["period"]).with_columns(
        frequency=c("period").map_elements(lambda code: parse_period(code).frequency, return_dtype=pl.String)
    )
    sent = rows.select("territory_code", "period").unique().join(periods, on="period")
    expected = pl.concat(wanted).unique().join(ours, on="indicator_code").join(sent, on=["territory_code", "frequency"])
    key = ["territory_code", "indicator_code", "period"]
    missing = expected.filter(c("first_from") <= c("period_end"))
    for known in (rows, history):
        missing = missing.join(known.select(key), on=key, how="anti")
    return missing.select(
        "period", code=pl.lit(Code.MISSING_EXPECTED.value), indicator="indicator_code", territory="territory_code"
    ).sort("territory", "period", "indicator")


def find_weak_surveys(facts: pl.DataFrame) -> pl.DataFrame:
    """Survey figures with fewer than 30 respondents (the denominator, if they are not given) or 30 % of answers."""
    surveys = facts.filter((c("collection_method") == "survey") & c("value").is_not_null())
    weakness = (
        pl.when(c("respondents") < FEWEST_RESPONDENTS)
        .then(pl.lit("respondents"))
        .when(c("response_rate") < LOWEST_RESPONSE_RATE)
        .then(pl.lit("response_rate"))
        .when(c("respondents").is_null() & (c("denominator") < FEWEST_RESPONDENTS))
        .then(pl.lit("denominator"))
    )
    weak = surveys.with_columns(weakness=weakness).filter(c("weakness").is_not_null())
    return _list_issues(weak, Code.WEAK_SURVEY, c("weakness"), kind=c("weakness"))


def find_new_definitions(
    facts: pl.DataFrame, approved: pl.DataFrame, catalogue: Catalogue, template_on: date | None
) -> pl.DataFrame:
    """Rows under a later version of the sheet than their series' last approved value, or than the file's template."""
    later = catalogue.indicators.filter(c("version") > c("version").min().over("indicator_code"))
    later = later.select("indicator_code", indicator_version=c("version").cast(pl.Int64), since="valid_from")
    rows = facts.with_columns(c("indicator_version").cast(pl.Int64))
    newer = rows.join(later, on=["indicator_code", "indicator_version"])
    last = approved.join(newer, on=SERIES, how="semi").sort("period_start").unique(SERIES, keep="last")
    beside = newer.join(last.select(*SERIES, last_version="indicator_version"), on=SERIES, how="left")
    after_template = c("since") > pl.lit(template_on, pl.Date)
    is_new = (c("indicator_version") > c("last_version")).fill_null(False) | after_template.fill_null(False)
    return _list_issues(
        beside.filter(is_new),
        Code.DEFINITION_CHANGED,
        "indicator_code",
        version=c("indicator_version").cast(pl.String),
        since=c("since").cast(pl.String),
    )


def _list_issues(rows: pl.DataFrame, code: Code, column: str | pl.Expr, **context: pl.Expr) -> pl.DataFrame:
    """Rows as issues: on the unfolded column of a wide table, else on this column of ours."""
    name = pl.lit(column) if isinstance(column, str) else column
    place = c("source_column").fill_null(name) if "source_column" in rows.columns else name
    return rows.select(
        code=pl.lit(code.value),
        row=c("source_row").cast(pl.Int64),
        column=place,
        found=_say_cell(name),
        indicator="indicator_code",
        period="period",
        **context,
    )


def _say_cell(column: pl.Expr) -> pl.Expr:
    said = {name: _say_number(c(name)) for name in ("numerator", "denominator", "respondents", "response_rate")}
    said |= {"value": _say_value(""), "indicator_code": c("indicator_code")}
    return pl.coalesce(pl.when(column == name).then(one) for name, one in said.items())


def _say_value(side: str) -> pl.Expr:
    """A value as data; one computed from its components to one decimal."""
    value = c(f"value{side}")
    return _say_number(pl.when(c(f"denominator{side}").is_null()).then(value).otherwise(value.round(1)))


def _say_number(number: pl.Expr) -> pl.Expr:
    """`38`, `26.8`: without decimals that say nothing."""
    rounded = number.cast(pl.Float64).round(2)
    whole = rounded.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(rounded == rounded.round(0)).then(whole).otherwise(rounded.cast(pl.String))
