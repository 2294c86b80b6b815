"""Which figures add up, to what, with which coverage; and why the others may not be added."""

from __future__ import annotations

import math
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.aggregation import Refusal, find_mixture, sum_over_periods, sum_over_territories
from schemas.catalogue import Catalogue
from tests.measures.rows import observation, observations_frame, share

TERRITORIES = ("FR-99-A", "FR-99-B", "FR-99-C", "FR-99-D")
A, B, C, D = TERRITORIES
SHEET = {
    "indicator_code": "JEU-01",
    "version": 1,
    "level": "participants",
    "unit": "percent",
    "time_basis": "flow",
    "frequency": "quarter",
    "aggregation": "ratio_of_sums",
    "persons_unique": False,
    "has_interval": True,
    "breaks_series": False,
}
SHEET_SCHEMA = dict.fromkeys(SHEET, pl.String) | {
    "version": pl.Int64,
    "persons_unique": pl.Boolean,
    "has_interval": pl.Boolean,
    "breaks_series": pl.Boolean,
}
COUNT = {"unit": "count", "aggregation": "sum"}
PER_100 = {"unit": "per_100"}
MASKED: dict[str, object] = {"is_masked": True}
NO_FIGURE = {"obs_status": "non_disponible"}
QUARTERS = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
NUMBERS = ("numerator", "denominator", "value", "low", "high")


def sheet(**known: object) -> dict[str, object]:
    """JEU-01, version 1: a quarterly flow in percent, a ratio of sums of persons who take part."""
    return SHEET | known


def sheets_frame(*sheets: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(sheets), schema=SHEET_SCHEMA)


def count(value: float) -> dict[str, object]:
    return {"value": float(value)}


def together(
    figures: list[dict[str, object]], *sheets: dict[str, object], asked: tuple[str, ...] = TERRITORIES
) -> dict[str, object]:
    """The one sum of the first territories, each with its figure, under these sheets."""
    rows = [observation(territory_code=code) | figure for code, figure in zip(TERRITORIES, figures, strict=False)]
    return sum_over_territories(observations_frame(*rows), sheets_frame(*sheets or [sheet()]), asked).to_dicts()[0]


def the_year(figures: list[dict[str, object]], *sheets: dict[str, object]) -> dict[str, object]:
    """The one sum of the first quarters of 2025, each with its figure, under these sheets."""
    rows = [observation(period=quarter) | figure for quarter, figure in zip(QUARTERS, figures, strict=False)]
    found = sum_over_periods(observations_frame(*rows), sheets_frame(*sheets or [sheet()]))
    assert found.height == 1
    return found.to_dicts()[0]


def numbers_of(found: dict[str, object]) -> list[float | None]:
    """Numerator, denominator, value, low and high to one decimal."""
    numbers = [found[name] for name in NUMBERS]
    return [None if number is None else round(float(str(number)), 1) for number in numbers]


THREE_SHARES = [share(40, 100), share(20, 80), share(36, 60)]
THREE_COUNTS = [count(8), count(10), count(12)]


@pytest.mark.parametrize(
    ("figures", "known", "numbers"),
    [
        pytest.param(THREE_SHARES, {}, [96, 240, 40.0, 34.0, 46.3], id="ratio_of_sums_not_mean_of_rates"),
        pytest.param([share(0, 5)] * 3, {}, [0, 15, 0.0, 0.0, 20.4], id="none_of_15"),
        pytest.param(THREE_SHARES, {"has_interval": False}, [96, 240, 40.0, None, None], id="modelled"),
        pytest.param(THREE_COUNTS, COUNT, [None, None, 30.0, 20.2, 42.8], id="counts"),
        pytest.param([count(0)] * 3, COUNT, [None, None, 0.0, 0.0, 3.7], id="counts_of_none"),
        pytest.param(THREE_COUNTS, COUNT | {"has_interval": False}, [None, None, 30.0, None, None], id="places"),
        pytest.param(THREE_COUNTS, COUNT | {"persons_unique": True}, [None, None, 30.0, 20.2, 42.8], id="distinct"),
        pytest.param(
            [share(6, 60), share(4, 80), share(2, 60)], PER_100, [12, 200, 6.0, 3.1, 10.5], id="events_per_100"
        ),
        pytest.param([share(30, 20)] * 3, PER_100, [90, 60, 150.0, 120.6, 184.4], id="more_events_than_persons"),
        pytest.param(
            [share(70, 60), share(10, 60), share(10, 60)], {}, [90, 180, 50.0, None, None], id="no_share_somewhere"
        ),
    ],
)
def test_what_territories_have_together(
    figures: list[dict[str, object]], known: dict[str, object], numbers: list[float | None]
) -> None:
    found = together(figures, sheet(**known))
    assert found["refused"] is None
    assert numbers_of(found) == numbers


@pytest.mark.parametrize(
    ("figures", "known", "reason"),
    [
        pytest.param(THREE_COUNTS, {"unit": "days", "aggregation": "none"}, "not_additive", id="median_days"),
        pytest.param(THREE_SHARES, {"aggregation": "none"}, "not_additive", id="published_shares"),
        pytest.param(THREE_COUNTS, {"unit": "minutes", "aggregation": "sum"}, "not_additive", id="minutes"),
        pytest.param(THREE_SHARES, {"aggregation": "sum"}, "not_additive", id="sum_of_shares"),
        pytest.param(THREE_COUNTS, {"unit": "count"}, "not_additive", id="counts_as_a_ratio"),
        pytest.param([MASKED] * 3, {}, "nothing", id="all_masked"),
        pytest.param([NO_FIGURE] * 3, {}, "nothing", id="no_figure"),
        pytest.param([NO_FIGURE] * 3, COUNT, "nothing", id="no_count"),
        pytest.param([count(40.0)] * 3, {}, "without_components", id="rates_alone"),
        pytest.param([{"numerator": 4.0, "value": 40.0}] * 3, {}, "without_components", id="rates_without_denominator"),
        pytest.param(
            [{"denominator": 10.0, "value": 40.0}] * 3, {}, "without_components", id="rates_without_numerator"
        ),
        pytest.param([{"numerator": 0.0, "denominator": 0.0}] * 3, {}, "nothing", id="0_of_0"),
        pytest.param([{"numerator": 3.0, "denominator": 0.0}] * 3, {}, "nothing", id="3_of_0"),
        pytest.param(THREE_SHARES[:2], {}, "too_few_territories", id="two_territories"),
        pytest.param(THREE_SHARES[:1], {}, "too_few_territories", id="one_territory"),
        pytest.param([*THREE_SHARES[:2], MASKED], {}, "too_few_territories", id="the_third_masked"),
        pytest.param([*THREE_SHARES[:2], count(40.0)], {}, "too_few_territories", id="the_third_a_rate_alone"),
        pytest.param([*THREE_SHARES[:2], {"numerator": 0.0, "denominator": 0.0}], {}, "too_few_territories", id="0_0"),
        pytest.param([count(40.0)], {"aggregation": "none"}, "not_additive", id="not_additive_before_too_few"),
        pytest.param([MASKED], {}, "nothing", id="nothing_before_too_few"),
        pytest.param([count(40.0)], {}, "without_components", id="without_components_before_too_few"),
        pytest.param(THREE_SHARES, {"version": 7}, "not_additive", id="no_sheet_of_that_version"),
        pytest.param(THREE_SHARES, {"indicator_code": "JEU-09"}, "not_additive", id="no_sheet"),
    ],
)
def test_why_territories_are_not_added(figures: list[dict[str, object]], known: dict[str, object], reason: str) -> None:
    found = together(figures, sheet(**known))
    assert found["refused"] == reason
    assert numbers_of(found) == [None] * 5


SECOND: dict[str, object] = {"indicator_version": 2}
THIRD: dict[str, object] = {"indicator_version": 3}


@pytest.mark.parametrize(
    ("of_figures", "of_sheets", "reason"),
    [
        pytest.param([{}, SECOND, {}], [{}, {}], None, id="same_series"),
        pytest.param([{}, SECOND, {}], [{}, {"breaks_series": True}], "mixed_versions", id="second_breaks"),
        pytest.param([SECOND] * 3, [{}, {"breaks_series": True}], None, id="all_after_the_break"),
        pytest.param([{}] * 3, [{}, {"breaks_series": True}], None, id="all_before_the_break"),
        pytest.param([{}] * 3, [{"breaks_series": True}], None, id="the_first_breaks_nothing"),
        pytest.param([{}, THIRD, {}], [{}, {"breaks_series": True}, {}], "mixed_versions", id="one_between_breaks"),
        pytest.param([SECOND, THIRD, {}], [{}, {}, {}], None, id="three_of_one_series"),
        pytest.param([{}, SECOND, {}], [{}, PER_100], "mixed_versions", id="other_unit"),
        pytest.param([{}, SECOND | MASKED, {}, {}], [{}, {"breaks_series": True}], None, id="the_other_is_masked"),
        pytest.param([{}, THIRD, {}], [{}, {}], "not_additive", id="unknown_version"),
    ],
)
def test_versions_are_added_unless_one_breaks_the_series(
    of_figures: list[dict[str, object]], of_sheets: list[dict[str, object]], reason: str | None
) -> None:
    figures = [share(40, 100) | figure for figure in of_figures]
    figures = [figure | dict.fromkeys(NUMBERS[:3]) if figure.get("is_masked") else figure for figure in figures]
    found = together(figures, *(sheet(version=at, **known) for at, known in enumerate(of_sheets, start=1)))
    assert found["refused"] == reason


def test_a_masked_version_has_no_say_in_the_unit() -> None:
    figures = [*THREE_SHARES, SECOND | MASKED]
    found = together(figures, sheet(), sheet(version=2, **COUNT | {"has_interval": False}))
    assert (found["unit"], numbers_of(found)) == ("percent", [96, 240, 40.0, 34.0, 46.3])


def test_a_version_without_interval_leaves_the_sum_without() -> None:
    found = together([*THREE_SHARES[:2], THREE_SHARES[2] | SECOND], sheet(), sheet(version=2, has_interval=False))
    assert numbers_of(found) == [96, 240, 40.0, None, None]


@pytest.mark.parametrize(
    ("figures", "asked", "coverage"),
    [
        pytest.param(THREE_SHARES, TERRITORIES, (3, 4, 0, 1), id="one_sent_nothing"),
        pytest.param([*THREE_SHARES, MASKED], TERRITORIES, (3, 4, 1, 0), id="one_masked"),
        pytest.param([*THREE_SHARES, NO_FIGURE], TERRITORIES, (3, 4, 0, 1), id="one_without_figure"),
        pytest.param([*THREE_SHARES, count(40.0)], TERRITORIES, (3, 4, 0, 1), id="one_without_components"),
        pytest.param([*THREE_SHARES, share(1, 2)], (A, B, C), (3, 3, 0, 0), id="one_not_asked"),
        pytest.param(THREE_SHARES, (A, A, B, C), (3, 3, 0, 0), id="one_asked_twice"),
        pytest.param([MASKED, MASKED], TERRITORIES, (0, 4, 2, 2), id="of_a_refused_sum_too"),
    ],
)
def test_coverage(figures: list[dict[str, object]], asked: tuple[str, ...], coverage: tuple[int, ...]) -> None:
    found = together(figures, asked=asked)
    assert tuple(found[name] for name in ("covered", "asked", "masked", "missing")) == coverage


def test_a_masked_cell_is_not_in_the_sum_even_if_its_numbers_are_there() -> None:
    assert together([*THREE_SHARES, share(2, 50) | MASKED]) == together([*THREE_SHARES, MASKED])


def test_only_whole_territories_are_added() -> None:
    rows = [observation(territory_code=code, **figure) for code, figure in zip("ABC", THREE_SHARES, strict=True)]
    quartier = observation(territory_code="A", qpv_code="QN99901N", **share(10, 20))
    found = sum_over_territories(observations_frame(*rows, quartier), sheets_frame(sheet()), "ABC")
    assert found.select("numerator", "denominator").rows() == [(96.0, 240.0)]


def test_a_quartier_alone_is_no_territory() -> None:
    rows = observations_frame(observation(qpv_code="QN99901N", **share(10, 20)))
    assert sum_over_territories(rows, sheets_frame(sheet()), TERRITORIES).is_empty()


def test_one_sum_a_cell_in_order() -> None:
    cells = [
        {"indicator_code": "MOB-04", "value": 5.0},
        {"period": "2025-Q3", **share(10, 20)},
        {"dimension": "sexe", "category": "hommes", **share(20, 40)},
        {"dimension": "sexe", "category": "femmes", **share(30, 50)},
        share(50, 90),
    ]
    rows = [observation(**{**cell, "territory_code": code}) for cell in cells for code in (C, A, B)]
    sheets = sheets_frame(sheet(), sheet(indicator_code="MOB-04", **COUNT))
    found = sum_over_territories(observations_frame(*rows), sheets, TERRITORIES)
    assert found.select("indicator_code", "period", "dimension", "category", "unit", "value").rows() == [
        ("JEU-01", "2025-Q3", "total", "", "percent", 50.0),
        ("JEU-01", "2025-Q4", "sexe", "femmes", "percent", 60.0),
        ("JEU-01", "2025-Q4", "sexe", "hommes", "percent", 50.0),
        ("JEU-01", "2025-Q4", "total", "", "percent", pytest.approx(55.6, abs=0.1)),
        ("MOB-04", "2025-Q4", "total", "", "count", 15.0),
    ]


@pytest.mark.parametrize(
    ("figures", "known", "numbers"),
    [
        pytest.param([share(24, 60)] * 4, {}, [96, 240, 40.0, 34.0, 46.3], id="share"),
        pytest.param(
            [share(6, 10), share(0, 40), share(4, 30), share(2, 40)], {}, [12, 120, 10.0, 5.8, 16.7], id="not_the_mean"
        ),
        pytest.param([count(value) for value in (6, 0, 12, 12)], COUNT, [None, None, 30.0, 20.2, 42.8], id="counts"),
        pytest.param([share(3, 50)] * 4, PER_100, [12, 200, 6.0, 3.1, 10.5], id="events_per_100"),
    ],
)
def test_what_the_quarters_of_a_year_make(
    figures: list[dict[str, object]], known: dict[str, object], numbers: list[float | None]
) -> None:
    found = the_year(figures, sheet(**known))
    assert (found["period"], found["covered"], found["masked"], found["refused"]) == ("2025", 4, 0, None)
    assert numbers_of(found) == numbers


FOUR_SHARES, FOUR_COUNTS = [share(24, 60)] * 4, [count(120)] * 4
BREAK = {"obs_status": "rupture"}


@pytest.mark.parametrize(
    ("figures", "known", "reason"),
    [
        pytest.param(FOUR_COUNTS, COUNT | {"time_basis": "stock_end"}, "stock", id="stock"),
        pytest.param(FOUR_SHARES, {"time_basis": "stock_end"}, "stock", id="share_of_a_stock"),
        pytest.param(FOUR_COUNTS, COUNT | {"persons_unique": True}, "distinct_persons", id="4_times_120_is_not_480"),
        pytest.param(FOUR_SHARES, {"persons_unique": True}, "distinct_persons", id="share_of_distinct_persons"),
        pytest.param(FOUR_SHARES, {"time_basis": "rolling_4q"}, "rolling", id="rolling"),
        pytest.param(FOUR_COUNTS, COUNT | {"time_basis": "school_year"}, "not_quarterly", id="school_year"),
        pytest.param(FOUR_SHARES, {"time_basis": "survey_wave"}, "not_quarterly", id="survey_wave"),
        pytest.param(FOUR_SHARES, {"frequency": "year"}, "not_quarterly", id="yearly"),
        pytest.param([*FOUR_SHARES[:3], share(24, 60) | {"period": "2025"}], {}, "not_quarterly", id="a_year_within"),
        pytest.param(FOUR_COUNTS, {"unit": "days", "aggregation": "none"}, "not_additive", id="median_days"),
        pytest.param([count(40.0)] * 4, {}, "without_components", id="rates_alone"),
        pytest.param(FOUR_SHARES[:3], {}, "incomplete_year", id="three_quarters"),
        pytest.param([*FOUR_SHARES[:3], MASKED], {}, "incomplete_year", id="one_masked"),
        pytest.param([*FOUR_COUNTS[:3], NO_FIGURE], COUNT, "incomplete_year", id="one_not_available"),
        pytest.param([*FOUR_SHARES[:3], count(40.0)], {}, "incomplete_year", id="one_without_components"),
        pytest.param(
            [*FOUR_SHARES[:3], {"numerator": 0.0, "denominator": 0.0}], {}, "incomplete_year", id="one_of_none"
        ),
        pytest.param([MASKED] * 4, {}, "incomplete_year", id="all_masked"),
        pytest.param([NO_FIGURE], {}, "incomplete_year", id="nothing_at_all"),
        pytest.param([*FOUR_SHARES[:2], share(24, 60) | BREAK, share(24, 60)], {}, "broken_series", id="break_in_q3"),
        pytest.param([share(24, 60) | BREAK, *FOUR_SHARES[:3]], {}, None, id="break_with_the_year"),
        pytest.param(FOUR_SHARES, {"indicator_code": "JEU-09"}, "not_quarterly", id="no_sheet"),
        pytest.param(
            [MASKED],
            {"time_basis": "stock_end", "persons_unique": True, "aggregation": "none"},
            "stock",
            id="stock_before_all",
        ),
        pytest.param(
            FOUR_SHARES,
            {"time_basis": "rolling_4q", "persons_unique": True},
            "distinct_persons",
            id="distinct_persons_before_rolling",
        ),
        pytest.param(FOUR_COUNTS[:2], {"aggregation": "none"}, "not_additive", id="not_additive_before_incomplete"),
    ],
)
def test_why_quarters_are_not_added(
    figures: list[dict[str, object]], known: dict[str, object], reason: str | None
) -> None:
    found = the_year(figures, sheet(**known))
    assert found["refused"] == reason
    assert (numbers_of(found) == [None] * 5) is (reason is not None)


@pytest.mark.parametrize(
    ("breaks", "quarters", "reason"),
    [
        pytest.param(False, 4, None, id="same_series"),
        pytest.param(True, 4, "mixed_versions", id="the_second_breaks"),
        pytest.param(True, 3, "incomplete_year", id="incomplete_before_mixed_versions"),
    ],
)
def test_a_version_within_the_year(breaks: bool, quarters: int, reason: str | None) -> None:
    figures = [share(24, 60) | {"indicator_version": version} for version in (1, 1, 2, 2)]
    found = the_year(figures[:quarters], sheet(), sheet(version=2, breaks_series=breaks))
    assert found["refused"] == reason


def test_a_year_in_which_some_quarters_are_masked_says_how_many() -> None:
    found = the_year([share(24, 60), MASKED, MASKED])
    assert (found["covered"], found["masked"]) == (1, 2)


@pytest.mark.parametrize(
    "period",
    [
        pytest.param("2025", id="year"),
        pytest.param("2024-2025", id="school_year"),
        pytest.param("2025-V1", id="wave"),
    ],
)
def test_other_periods_stay_as_they_are(period: str) -> None:
    rows = observations_frame(observation(period=period, **share(24, 60)))
    found = sum_over_periods(rows, sheets_frame(sheet()))
    assert found.select("period", "refused").rows() == [(period, "not_quarterly")]


def test_one_sum_a_place_and_year_in_order() -> None:
    places = [
        {"territory_code": B},
        {"territory_code": A, "qpv_code": "QN99901N"},
        {"territory_code": A},
        {"territory_code": A, "dimension": "sexe", "category": "femmes"},
    ]
    rows = [
        observation(**place, period=f"{year}-Q{at}", value=float(at))
        for place in places
        for year in (2025, 2024)
        for at in (3, 1, 4, 2)
    ]
    found = sum_over_periods(observations_frame(*rows), sheets_frame(sheet(**COUNT)))
    key = ("territory_code", "qpv_code", "dimension", "period")
    assert found.select(*key).rows() == [
        (A, "", "sexe", "2024"),
        (A, "", "total", "2024"),
        (A, "", "sexe", "2025"),
        (A, "", "total", "2025"),
        (A, "QN99901N", "total", "2024"),
        (A, "QN99901N", "total", "2025"),
        (B, "", "total", "2024"),
        (B, "", "total", "2025"),
    ]
    assert found["value"].to_list() == [10.0] * 8


@pytest.mark.parametrize(
    ("of_rows", "reason"),
    [
        pytest.param([], None, id="no_row"),
        pytest.param([{}], None, id="one_row"),
        pytest.param([{}, {"territory_code": B}], None, id="two_territories"),
        pytest.param([{"qpv_code": "QN99901N"}, {"qpv_code": "QN99902N"}], None, id="two_quartiers"),
        pytest.param([{}, {"indicator_code": "SAN-01"}], "mixed_levels", id="participants_and_population"),
        pytest.param([{}, {"indicator_code": "PAR-01"}], "mixed_levels", id="participants_and_system"),
        pytest.param([{}, {"indicator_code": "MOB-04"}], "mixed_indicators", id="percent_and_count"),
        pytest.param([{}, {"indicator_code": "JEU-03"}], "mixed_indicators", id="two_indicators_in_percent"),
        pytest.param([{}, {"indicator_version": 2}], "mixed_indicators", id="two_units_of_one_indicator"),
        pytest.param([{}, {"qpv_code": "QN99901N"}], "mixed_places", id="a_territory_and_its_quartier"),
        pytest.param([{}, {"indicator_code": "XXX-01"}], "mixed_levels", id="one_without_sheet"),
        pytest.param(
            [{}, {"indicator_code": "SAN-01", "qpv_code": "QN99901N"}], "mixed_levels", id="levels_before_the_others"
        ),
        pytest.param(
            [{}, {"indicator_code": "JEU-03", "qpv_code": "QN99901N"}],
            "mixed_indicators",
            id="indicators_before_places",
        ),
    ],
)
def test_what_is_never_in_one_sum(of_rows: list[dict[str, object]], reason: str | None) -> None:
    sheets = sheets_frame(
        sheet(),
        sheet(version=2, unit="per_100"),
        sheet(indicator_code="JEU-03"),
        sheet(indicator_code="MOB-04", **COUNT),
        sheet(indicator_code="SAN-01", level="population"),
        sheet(indicator_code="PAR-01", level="system"),
    )
    rows = observations_frame(*(observation(**share(40, 100)) | known for known in of_rows))
    assert find_mixture(rows, sheets) == reason


def test_no_row_makes_no_sum_and_keeps_the_columns() -> None:
    none, some = observations_frame(), observations_frame(observation(territory_code=A, **share(40, 100)))
    sheets = sheets_frame(sheet())
    for found, full in (
        (sum_over_territories(none, sheets, []), sum_over_territories(some, sheets, [A])),
        (sum_over_periods(none, sheets), sum_over_periods(some, sheets)),
    ):
        assert found.is_empty()
        assert found.schema == full.schema


SUMMABLE_OVER_THE_YEAR = {
    *("ALI-03", "ALI-06", "DEC-02", "DEC-04", "DRO-01", "DRO-02", "DRO-06", "EMP-04", "EMP-05", "MOB-04"),
    *("PAR-01", "PAR-02", "PAR-06", "SAN-05"),
}
NEVER_SUMMABLE = {
    *("ALI-05", "DRO-04", "DRO-05", "EMP-03", "JEU-02", "MOB-05", "MOB-06", "PAR-05", "SAN-01", "SAN-02", "SAN-04"),
    "SAN-06",
}


def test_the_indicators_of_the_catalogue_that_add_up(catalogue: Catalogue) -> None:
    sheets = catalogue.indicators
    rows = observations_frame(
        *(
            observation(territory_code=territory, indicator_code=code, period=quarter, **share(24, 60))
            for code in sheets["indicator_code"]
            for territory in (A, B, C)
            for quarter in QUARTERS
        )
    )
    years = sum_over_periods(rows, sheets).filter(c_is_made())
    assert set(years["indicator_code"]) == SUMMABLE_OVER_THE_YEAR
    territories = sum_over_territories(rows, sheets, TERRITORIES)
    assert set(territories.filter(~c_is_made())["indicator_code"]) == NEVER_SUMMABLE
    assert set(territories.filter(~c_is_made())["refused"]) == {"not_additive"}


def c_is_made() -> pl.Expr:
    return pl.col("refused").is_null()


NUMBER = st.one_of(st.none(), st.integers(0, 40).map(float))
ANY_ROW = st.fixed_dictionaries(
    {
        "territory_code": st.sampled_from(TERRITORIES),
        "qpv_code": st.sampled_from(["", "QN99901N"]),
        "indicator_code": st.sampled_from(["JEU-01", "MOB-04", "DEC-04", "SAN-06", "XXX-01"]),
        "indicator_version": st.sampled_from([1, 1, 1, 2]),
        "period": st.sampled_from([*QUARTERS, "2025"]),
        "numerator": NUMBER,
        "denominator": NUMBER,
        "value": NUMBER,
        "is_masked": st.booleans(),
        "obs_status": st.sampled_from(["normal", "normal", "rupture"]),
    }
)
SHEETS = sheets_frame(
    sheet(),
    sheet(version=2, breaks_series=True),
    sheet(indicator_code="MOB-04", **COUNT),
    sheet(indicator_code="MOB-04", version=2, **COUNT),
    sheet(indicator_code="DEC-04", **PER_100),
    sheet(indicator_code="SAN-06", unit="days", aggregation="none"),
)


def key_of(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("territory_code", "qpv_code", "indicator_code", "period"))


ANY_ROWS = st.lists(ANY_ROW, max_size=30, unique_by=key_of).map(lambda rows: [observation(**row) for row in rows])


def sums_of(rows: list[dict[str, object]], asked: tuple[str, ...] = TERRITORIES) -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = observations_frame(*rows)
    return sum_over_territories(frame, SHEETS, asked), sum_over_periods(frame, SHEETS)


@given(ANY_ROWS)
@settings(max_examples=12, deadline=None)
def test_a_sum_has_its_numbers_or_its_reason_and_never_nan(rows: list[dict[str, object]]) -> None:
    for found in sums_of(rows):
        for row in found.to_dicts():
            assert row["refused"] is None or Refusal(row["refused"])
            assert (row["value"] is None) is (row["refused"] is not None)
            assert all(math.isfinite(row[name]) for name in NUMBERS if row[name] is not None)
            assert row["low"] is None or row["low"] <= row["value"] <= row["high"]


@given(ANY_ROWS, st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_the_rows_says_nothing(rows: list[dict[str, object]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for found, again in zip(sums_of(rows), sums_of(shuffled), strict=True):
        assert found.equals(again)


@given(ANY_ROWS)
@settings(max_examples=8, deadline=None)
def test_a_sum_says_nothing_of_what_is_masked(rows: list[dict[str, object]]) -> None:
    """The figures behind a mask change no sum of any selection."""
    hidden = [row | {"numerator": 3.0, "denominator": 7.0, "value": 42.9} if row["is_masked"] else row for row in rows]
    for asked in ((A, B, C), TERRITORIES):
        for found, again in zip(sums_of(rows, asked), sums_of(hidden, asked), strict=True):
            assert found.equals(again)


@given(ANY_ROWS)
@settings(max_examples=8, deadline=None)
def test_a_territory_changes_no_year_of_another(rows: list[dict[str, object]]) -> None:
    _, years = sums_of(rows)
    _, without = sums_of([row for row in rows if row["territory_code"] != D])
    assert years.filter(pl.col("territory_code") != D).equals(without)


@given(ANY_ROWS)
@settings(max_examples=12, deadline=None)
def test_the_counts_are_what_a_hand_would_add(rows: list[dict[str, object]]) -> None:
    by_hand: dict[object, list[float]] = defaultdict(list)
    for row in rows:
        if row["indicator_code"] == "MOB-04" and not row["qpv_code"] and not row["is_masked"]:
            by_hand[row["period"]] += [row["value"]] if row["value"] is not None else []  # type: ignore[list-item]
    territories, _ = sums_of(rows)
    found = territories.filter(c_is_made() & (pl.col("indicator_code") == "MOB-04"))
    expected = {period: sum(values) for period, values in by_hand.items() if len(values) >= 3}
    assert dict(found.select("period", "value").iter_rows()) == expected
