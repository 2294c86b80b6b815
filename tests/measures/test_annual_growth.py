"""Annual growth: what Statistics Canada publishes, then each rule and each refusal."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from measures.annual_growth import Growth, combine_growth, measure_growth

SCHEMA = {
    "base": pl.Float64,
    "base_at": pl.Float64,
    "current": pl.Float64,
    "current_at": pl.Float64,
    "target": pl.Float64,
    "target_at": pl.Float64,
    "limit": pl.Float64,
    "is_rising": pl.Boolean,
}
NOTHING = (None, None, "not_available")
FOUND = ["growth_ratio", "growth_score", "growth_status"]


def row(**given: float | bool | None) -> dict[str, float | bool | None]:
    """From 100 in 2015 to 100 in 2020, rising, without target; a test names only what matters to it."""
    usual: dict[str, float | bool | None] = {"base": 100, "base_at": 2015, "current": 100, "current_at": 2020}
    return {"target": None, "target_at": 2030, "limit": None, "is_rising": True} | usual | given


def frame_of(*rows: dict[str, float | bool | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, strict=False)


def growth_of(**given: float | bool | None) -> tuple[Any, ...]:
    """growth_ratio, growth_score, growth_status of one row."""
    return measure_growth(frame_of(row(**given))).select(FOUND).row(0)


@pytest.fixture(scope="module")
def published(cases: Path) -> pl.DataFrame:
    """Every series that Statistics Canada publishes, with the ratio, score and status of its own file."""
    path = cases / "vectors" / "statcan_indicator_calculation_components.yml"
    indicators = yaml.safe_load(path.read_text("utf-8"))
    return pl.DataFrame(
        [
            {
                "indicator": indicator,
                "base": series["base_value"],
                "base_at": series["base_year"],
                "current": series["current_value"],
                "current_at": series["current_year"],
                "target": series["target"],
                "target_at": series["target_year"],
                "limit": series["limit"],
                "is_rising": series["direction"] == 1,
                "ratio": series["progress_value"],
                "score": series["score"],
                "status": series["status"].removesuffix("_progress"),
                "indicator_score": content["score"],
                "indicator_status": content["progress_status"].removesuffix("_progress"),
            }
            for indicator, content in indicators.items()
            for series in content.values()
            if isinstance(series, dict)
        ],
        infer_schema_length=None,
        schema_overrides={"limit": pl.Float64, "target": pl.Float64},
    )


@pytest.mark.parametrize(
    ("given", "ratio", "score", "status"),
    [
        pytest.param(
            (14.5, 2015, 10.4, 2023, 7.25, None, False), 0.9010899546976208, 2.1506954374096354, "moderate", id="1-1-1"
        ),
        pytest.param(
            (66.6, 2016, 71.4, 2023, None, 100, True), 0.009991483690946268, 1.739752850099936, "moderate", id="1-2-1"
        ),
        pytest.param(
            (178.8, 2015, 173.3, 2025, None, None, False),
            0.003119490847657058,
            -0.9402545761714709,
            "limited",
            id="1-3-1",
        ),
        pytest.param(
            (70900, 2015, 75500, 2024, None, None, True),
            0.007009141261789864,
            0.502285315447466,
            "moderate",
            id="1-4-1",
        ),
        pytest.param(
            (3.8, 2015, 11.9, 2024, None, None, False), -0.1352325064900486, -5.0, "deterioration", id="10-2-1"
        ),
        pytest.param(
            (699, 2014, 666.6, 2024, 490, None, False), 0.21562879968968102, -1.601539480333006, "limited", id="11-6-1"
        ),
        pytest.param(
            (0.37, 2015, 9.53, 2025, 60, None, True), 0.9504069883014249, 2.502962076738248, "substantial", id="12-1-1"
        ),
        pytest.param(
            (75.3, 2023, 74.6, 2024, None, 100, True),
            -0.009296148738379806,
            -3.6620185922974757,
            "deterioration",
            id="11-4-1",
        ),
        pytest.param(
            (79.82, 2015, 80.0, 2020, None, 100, True),
            0.0004506085041826591,
            -2.1437311547039553,
            "limited",
            id="15-1-1",
        ),
        pytest.param(
            (70, 2015, 55, 2023, 100, None, False),
            1.2340549664701979,
            5.0,
            "target_achieved",
            id="15-5-1_met_at_the_base",
        ),
    ],
)
def test_growth_as_statistics_canada_publishes_it(
    given: tuple[float | bool | None, ...], ratio: float, score: float, status: str
) -> None:
    names = ("base", "base_at", "current", "current_at", "target", "limit", "is_rising")
    found = growth_of(**dict(zip(names, given, strict=True)))
    assert found[:2] == pytest.approx((ratio, score), rel=1e-9)
    assert found[2] == status


def test_every_series_of_statistics_canada(published: pl.DataFrame) -> None:
    """132 series; one is computable where the file has a progress value."""
    found = measure_growth(published)
    computable = found.filter(pl.col("ratio").is_not_null())
    assert (found.height, computable.height) == (132, 125)
    assert computable["growth_ratio"].to_list() == pytest.approx(computable["ratio"].to_list(), rel=1e-9)
    assert computable["growth_score"].to_list() == pytest.approx(computable["score"].to_list(), rel=1e-9)
    assert computable["growth_status"].to_list() == computable["status"].to_list()
    others = found.filter(pl.col("ratio").is_null()).select(FOUND)
    assert others.rows() == [NOTHING] * 7


def test_every_indicator_of_statistics_canada(published: pl.DataFrame) -> None:
    """The file leaves the status of an indicator empty where none of its series is computable."""
    found = combine_growth(measure_growth(published), ["indicator"])
    told = published.unique("indicator", keep="first", maintain_order=True)
    assert found["indicator"].to_list() == told["indicator"].to_list()
    known = told["indicator_score"].is_not_null()
    expected = told.filter(known)["indicator_score"].to_list()
    assert found.filter(known)["growth_score"].to_list() == pytest.approx(expected, rel=1e-9)
    assert found.filter(known)["growth_status"].to_list() == told.filter(known)["indicator_status"].to_list()
    assert set(found.filter(~known).select("growth_score", "growth_status").rows()) <= {(None, "not_available")}


@pytest.mark.parametrize(
    ("annual", "score", "status"),
    [
        pytest.param(0.03, 5.0, "substantial", id="never_above_5"),
        pytest.param(0.0151, 2.55, "substantial", id="just_substantial"),
        pytest.param(0.0149, 2.475, "moderate", id="just_not_substantial"),
        pytest.param(0.0051, 0.025, "moderate", id="just_moderate"),
        pytest.param(0.0049, -0.05, "limited", id="just_not_moderate"),
        pytest.param(0.0, -2.5, "limited", id="no_growth"),
        pytest.param(-0.01, -3.75, "deterioration", id="falling"),
        pytest.param(-0.03, -5.0, "deterioration", id="never_below_minus_5"),
    ],
)
def test_thresholds_without_target(annual: float, score: float, status: str) -> None:
    rising = growth_of(current=100 * (1 + annual) ** 5)
    assert rising[:2] == pytest.approx((annual, score), rel=1e-9, abs=1e-12)
    assert rising[2] == status
    assert growth_of(base=-100, current=-100 * (1 + annual) ** 5, is_rising=False) == rising


@pytest.mark.parametrize(
    ("ratio", "score", "status"),
    [
        pytest.param(1.5, 5.0, "substantial", id="never_above_5"),
        pytest.param(0.96, 2.571484, "substantial", id="just_substantial"),
        pytest.param(0.94, 2.428626, "moderate", id="just_not_substantial"),
        pytest.param(0.61, 0.071469, "moderate", id="just_moderate"),
        pytest.param(0.59, -0.041647, "limited", id="just_not_moderate"),
        pytest.param(0.0, -2.5, "limited", id="no_growth"),
        pytest.param(-0.3, -3.75001, "deterioration", id="falling"),
        pytest.param(-1.0, -5.0, "deterioration", id="never_below_minus_5"),
    ],
)
def test_thresholds_with_target(ratio: float, score: float, status: str) -> None:
    """The target asks for 1 % a year over 15 years."""
    found = growth_of(current=100 * (1 + 0.01 * ratio) ** 5, target=100 * 1.01**15)
    assert found[:2] == pytest.approx((ratio, score), rel=1e-9, abs=1e-11)
    assert found[2] == status


@pytest.mark.parametrize(
    ("base", "limit", "is_rising", "score", "status"),
    [
        pytest.param(50, 100, True, 2.5 / (1 - 0.5**4.44) - 1.25, "moderate", id="half_of_an_upper_limit"),
        pytest.param(80, 100, True, 5 / (1 - 0.8**4.44) - 5, "substantial", id="near_an_upper_limit"),
        pytest.param(90, 100, True, 5.0, "substantial", id="close_to_an_upper_limit"),
        pytest.param(
            150, 100, False, 2.5 / (1 - 0.5**4.44) - 1.25, "moderate", id="half_as_much_again_as_a_lower_limit"
        ),
        pytest.param(120, 100, False, 5 / (1 - 0.8**4.44) - 5, "substantial", id="near_a_lower_limit"),
        pytest.param(110, 100, False, 5.0, "substantial", id="close_to_a_lower_limit"),
        pytest.param(200, 100, False, 1.25, "moderate", id="twice_a_lower_limit"),
        pytest.param(500, 100, False, 1.25, "moderate", id="far_from_a_lower_limit"),
        pytest.param(5, 0, False, 1.25, "moderate", id="limit_of_0"),
        pytest.param(5, None, False, 1.25, "moderate", id="no_limit"),
        pytest.param(-80, -100, False, 5 / (1 - 0.8**4.44) - 5, "substantial", id="both_negative"),
    ],
)
def test_a_limit_lowers_the_thresholds(
    base: float, limit: float | None, is_rising: bool, score: float, status: str
) -> None:
    """1 % a year the wanted way: moderate far from a limit, substantial close to it."""
    speed = 1.01 if is_rising == (base > 0) else 0.99
    found = growth_of(base=base, current=base * speed**5, limit=limit, is_rising=is_rising)
    assert found[:2] == pytest.approx((0.01, score), rel=1e-9)
    assert found[2] == status


@pytest.mark.parametrize(
    ("current", "score", "status"),
    [
        pytest.param(100, 5.0, "substantial", id="held"),
        pytest.param(101, 5.0, "substantial", id="exceeded"),
        pytest.param(95.09900499, -3.75, "deterioration", id="lost"),
    ],
)
def test_a_base_at_the_limit(current: float, score: float, status: str) -> None:
    found = growth_of(current=current, limit=100)
    assert found[1:] == (pytest.approx(score, rel=1e-9), status)


def test_a_limit_counts_only_without_a_target() -> None:
    assert growth_of(current=104, target=130, limit=110) == growth_of(current=104, target=130)


@pytest.mark.parametrize(
    ("current", "target", "is_rising", "is_achieved"),
    [
        pytest.param(130, 120, True, True, id="passed"),
        pytest.param(120, 120, True, True, id="just_reached"),
        pytest.param(119, 120, True, False, id="just_missed"),
        pytest.param(70, 80, False, True, id="falling_passed"),
        pytest.param(80, 80, False, True, id="falling_just_reached"),
        pytest.param(81, 80, False, False, id="falling_just_missed"),
        pytest.param(95, 90, True, True, id="met_at_the_base_and_still"),
        pytest.param(85, 90, True, False, id="met_at_the_base_and_lost"),
    ],
)
def test_target_achieved(current: float, target: float, is_rising: bool, is_achieved: bool) -> None:
    _, score, status = growth_of(current=current, target=target, is_rising=is_rising)
    assert (status == "target_achieved") == is_achieved
    assert score == 5 or not is_achieved


@pytest.mark.parametrize(
    ("current", "found"),
    [
        pytest.param(100, (None, 5.0, "target_achieved"), id="held"),
        pytest.param(120, (None, 5.0, "target_achieved"), id="exceeded"),
        pytest.param(99, NOTHING, id="lost"),
    ],
)
def test_a_target_that_equals_the_base_has_no_ratio(current: float, found: tuple[Any, ...]) -> None:
    assert growth_of(current=current, target=100) == found


@pytest.mark.parametrize(
    ("zero", "instead"),
    [
        pytest.param({"base": 0, "current": 5}, {"base": 0.001, "current": 5}, id="base"),
        pytest.param({"base": -0.0, "current": 5}, {"base": 0.001, "current": 5}, id="negative_zero"),
        pytest.param({"base": 0, "current": 5, "target": 9}, {"base": 0.001, "current": 5, "target": 9}, id="start"),
        pytest.param(
            {"current": 50, "target": 0, "is_rising": False},
            {"current": 50, "target": 0.001, "is_rising": False},
            id="target",
        ),
    ],
)
def test_zero_counts_as_a_thousandth(zero: dict[str, Any], instead: dict[str, Any]) -> None:
    found = growth_of(**zero)
    assert found == growth_of(**instead)
    assert found != NOTHING


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({"base": 0, "current": 0}, (-1.0, -5.0, "deterioration"), id="0_to_0"),
        pytest.param({"current": 0}, (-1.0, -5.0, "deterioration"), id="down_to_0"),
        pytest.param({"current": 0, "is_rising": False}, (1.0, 5.0, "substantial"), id="down_to_0_as_wanted"),
        pytest.param({"base": 0, "current": 0, "limit": 0}, (-1.0, -5.0, "deterioration"), id="0_at_a_limit_of_0"),
    ],
)
def test_a_current_value_of_0(given: dict[str, Any], found: tuple[Any, ...]) -> None:
    assert growth_of(**given) == found


def test_a_target_of_0_reached() -> None:
    assert growth_of(current=0, target=0, is_rising=False)[1:] == (5.0, "target_achieved")


def test_below_zero_up_is_better() -> None:
    """-100 to -95.099 is 1 % a year less of a deficit; the sign of the base turns the ratio."""
    ratio, _, status = growth_of(base=-100, current=-100 * 0.99**5)
    assert (ratio, status) == (pytest.approx(0.01, rel=1e-9), "moderate")


@pytest.mark.parametrize(
    ("quarters", "status"),
    [
        pytest.param(3, "not_available", id="three_quarters"),
        pytest.param(4, "substantial", id="four_quarters"),
        pytest.param(5, "substantial", id="five_quarters"),
        pytest.param(0, "not_available", id="the_same_quarter"),
        pytest.param(-4, "not_available", id="backwards"),
    ],
)
def test_less_than_four_quarters_are_refused(quarters: int, status: str) -> None:
    assert growth_of(base_at=2025.75, current=110, current_at=2025.75 + quarters / 4)[2] == status


def test_quarters_between_years() -> None:
    """40 in 2025-T1, 45 in 2026-T3, 60 promised for 2028-T1."""
    ratio, _, status = growth_of(base=40, base_at=2025.0, current=45, current_at=2026.5, target=60, target_at=2028.0)
    assert (ratio, status) == (pytest.approx(0.56447, abs=5e-6), "limited")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"base": None}, id="no_base"),
        pytest.param({"base_at": None}, id="no_base_date"),
        pytest.param({"current": None}, id="no_current"),
        pytest.param({"current_at": None}, id="no_current_date"),
        pytest.param({"is_rising": None}, id="no_direction"),
        pytest.param({"target": 120, "target_at": None}, id="target_without_date"),
        pytest.param({"current": 130, "target": 120, "target_at": None}, id="passed_target_without_date"),
        pytest.param({"current": -5}, id="from_above_to_below_0"),
        pytest.param({"base": -5, "current": 5}, id="from_below_to_above_0"),
        pytest.param({"base": 0, "current": -5}, id="from_0_to_below"),
        pytest.param({"target": -5}, id="target_on_the_other_side_of_0"),
        pytest.param({"base": -5, "current": -2, "target": 0}, id="target_of_0_from_below"),
        pytest.param({"base": -5, "current": 3, "target": 2}, id="passed_target_across_0"),
        pytest.param({"current": 130, "current_at": 2015.75, "target": 120}, id="passed_target_in_three_quarters"),
        pytest.param({"target": 120, "target_at": 2015}, id="target_due_at_the_base"),
        pytest.param({"target": 120, "target_at": 2014}, id="target_due_before_the_base"),
        pytest.param({"base": math.nan}, id="base_not_a_number"),
        pytest.param({"current": math.nan}, id="current_not_a_number"),
        pytest.param({"base": math.inf}, id="infinite_base"),
        pytest.param({"current": math.inf}, id="infinite_current"),
        pytest.param({"current_at": math.inf}, id="infinite_current_date"),
        pytest.param({"target": math.nan}, id="target_not_a_number"),
        pytest.param({"target": math.inf}, id="infinite_target"),
        pytest.param({"target": 120, "target_at": math.inf}, id="infinite_target_date"),
        pytest.param({"limit": math.nan}, id="limit_not_a_number"),
        pytest.param({"base": 1e-200, "current": 1e200, "current_at": 2016}, id="more_than_a_number_holds"),
        pytest.param({"current": 99, "target": math.nextafter(100, 101)}, id="target_as_close_as_numbers_go"),
    ],
)
def test_not_available(given: dict[str, Any]) -> None:
    assert growth_of(**given) == NOTHING


def test_whole_frame_of_whole_numbers_and_nulls() -> None:
    frame = pl.DataFrame(
        {"base": [100, 100], "base_at": [2015, 2015], "current": [110, 120], "current_at": [2020, 2020]}
    )
    frame = frame.with_columns(target=None, target_at=None, limit=None, is_rising=True)
    assert measure_growth(frame)["growth_status"].to_list() == ["substantial", "substantial"]
    assert measure_growth(frame.with_columns(base=None, is_rising=None)).select(FOUND).rows() == [NOTHING] * 2


def test_rows_keep_their_place_and_their_columns() -> None:
    frame = frame_of(row(current=110), row(base=None), row(current=90)).with_columns(code=pl.Series(["a", "b", "c"]))
    found = measure_growth(frame)
    assert found.columns == [*frame.columns, *FOUND]
    assert found.select("code", "growth_status").rows() == [
        ("a", "substantial"),
        ("b", "not_available"),
        ("c", "deterioration"),
    ]
    assert measure_growth(found).equals(found)


def test_no_row_is_no_row() -> None:
    found = measure_growth(frame_of())
    assert (found.height, found.schema) == (0, measure_growth(frame_of(row())).schema)
    assert combine_growth(found.with_columns(code=pl.lit("a")), ["code"]).height == 0


SERIES = {
    "achieved": (1.2, 5.0, Growth.TARGET_ACHIEVED),
    "best": (0.05, 5.0, Growth.SUBSTANTIAL),
    "moderate": (0.006, 0.25, Growth.MODERATE),
    "limited": (0.0, -2.5, Growth.LIMITED),
    "worst": (-0.05, -5.0, Growth.DETERIORATION),
    "missing": (None, None, Growth.NOT_AVAILABLE),
}


@pytest.mark.parametrize(
    ("series", "score", "status"),
    [
        pytest.param(["achieved", "achieved"], 5.0, "target_achieved", id="all_achieved"),
        pytest.param(["achieved", "best"], 5.0, "substantial", id="not_all_achieved"),
        pytest.param(["achieved", "missing"], 5.0, "target_achieved", id="all_that_remain_achieved"),
        pytest.param(["best", "moderate"], 2.625, "substantial", id="substantial"),
        pytest.param(["best", "worst"], 0.0, "moderate", id="score_of_0"),
        pytest.param(["achieved", "limited", "worst", "best", "worst"], -0.5, "limited", id="limited"),
        pytest.param(["limited"], -2.5, "limited", id="score_of_minus_2_5"),
        pytest.param(["limited", "worst"], -3.75, "deterioration", id="deterioration"),
        pytest.param(["moderate", "missing", "missing"], 0.25, "moderate", id="missing_ones_are_left_out"),
        pytest.param(["missing"], None, "not_available", id="nothing_available"),
    ],
)
def test_several_series(series: list[str], score: float | None, status: str) -> None:
    measured = pl.DataFrame(
        [{"code": "a", **dict(zip(FOUND, SERIES[name], strict=True))} for name in series],
        schema={"code": pl.String, "growth_ratio": pl.Float64, "growth_score": pl.Float64, "growth_status": pl.String},
    )
    assert combine_growth(measured, ["code"]).rows() == [("a", score, status)]
