"""Which territories may stand on one chart, why the others may not, and how each moved."""

from __future__ import annotations

import polars as pl
import pytest

from measures.comparison import compare_territories, compare_with_reference, quintile

ROW = {
    "territory_code": "FR-99-TILLEULS",
    "qpv_code": "",
    "indicator_code": "JEU-01",
    "dimension": "total",
    "category": "",
    "goal_code": "O1",
    "period": "2026-Q3",
    "value": 40.0,
    "n": 240.0,
    "unit": "percent",
    "polarity": "increase",
    "is_latest": True,
    "is_masked": False,
    "has_break": False,
    "ref_value": 30.0,
    "change_low": 1.0,
    "change_high": 18.0,
}
SCHEMA: dict[str, type[pl.DataType]] = dict.fromkeys(ROW, pl.String) | {
    "value": pl.Float64,
    "n": pl.Float64,
    "is_latest": pl.Boolean,
    "is_masked": pl.Boolean,
    "has_break": pl.Boolean,
    "ref_value": pl.Float64,
    "change_low": pl.Float64,
    "change_high": pl.Float64,
}


def row(territory: str = "FR-99-TILLEULS", **known: object) -> dict[str, object]:
    """A progress row that may stand beside others: 40 % of 240 at 2026-Q3, better than at its baseline."""
    return ROW | {"territory_code": territory} | known


def compare(*rows: dict[str, object]) -> pl.DataFrame:
    return compare_territories(pl.DataFrame(list(rows), schema=SCHEMA))


def reasons_of(*rows: dict[str, object]) -> dict[str, str | None]:
    return dict(compare(*rows).select("territory_code", "left_out").rows())


MASKED = {"is_masked": True, "value": None, "n": None}
NO_FIGURE = {"value": None, "n": None}


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        pytest.param({}, None, id="comparable"),
        pytest.param(NO_FIGURE | {"period": None}, "no_figure", id="no_observation"),
        pytest.param(NO_FIGURE, "no_figure", id="no_value"),
        pytest.param(MASKED, "masked", id="masked"),
        pytest.param({"period": "2026-Q2"}, "other_period", id="other_period"),
        pytest.param({"has_break": True}, "broken_series", id="broken_series"),
        pytest.param({"n": 29.0}, "too_few", id="29_persons"),
        pytest.param({"n": 30.0}, None, id="30_persons"),
        pytest.param({"n": 29.0, "unit": "per_100"}, "too_few", id="29_persons_per_100"),
        pytest.param({"n": 6.0, "value": 6.0, "unit": "count"}, None, id="a_count_of_6"),
        pytest.param({"n": None}, None, id="published_rate"),
        pytest.param(NO_FIGURE | {"period": "2026-Q2"}, "no_figure", id="no_figure_before_other_period"),
        pytest.param(MASKED | {"period": "2026-Q2"}, "masked", id="masked_before_other_period"),
        pytest.param(
            {"period": "2026-Q2", "has_break": True, "n": 12.0}, "other_period", id="other_period_before_broken_series"
        ),
        pytest.param({"has_break": True, "n": 12.0}, "broken_series", id="broken_series_before_too_few"),
    ],
)
def test_why_a_territory_is_left_out(known: dict[str, object], reason: str | None) -> None:
    assert reasons_of(row("FR-99-AUTRE"), row() | known) == {"FR-99-AUTRE": None, "FR-99-TILLEULS": reason}


def test_the_common_period_is_the_latest_of_all() -> None:
    found = compare(row("FR-99-A", period="2026-Q2"), row("FR-99-B", period="2026-Q3"), row("FR-99-C", period=None))
    assert found["common_period"].to_list() == ["2026-Q3"] * 3


def test_a_territory_without_figure_does_not_move_the_common_period() -> None:
    found = reasons_of(row("FR-99-A"), row("FR-99-B"), row("FR-99-C", period="2026-Q4", **NO_FIGURE))
    assert found == {"FR-99-A": None, "FR-99-B": None, "FR-99-C": "no_figure"}


def test_one_row_a_territory_its_latest_for_the_whole_of_it() -> None:
    found = compare(
        row(period="2026-Q2", value=35.0, is_latest=False),
        row(qpv_code="QN99901N", value=50.0),
        row(value=40.0),
        row(goal_code="O2", value=40.0),
    )
    assert found.select("qpv_code", "period", "value", "goal_code").rows() == [("", "2026-Q3", 40.0, "O1")]


def test_a_breakdown_does_not_stand_for_its_territory() -> None:
    """The rows come ordered by dimension: those of `sexe` before the total."""
    found = compare(row(dimension="sexe", category="femmes", value=50.0), row(value=40.0))
    assert found.select("dimension", "value").rows() == [("total", 40.0)]


SHEET = {
    "indicator_version": 1,
    "level": "participants",
    "collection_method": "administrative",
    "source": "Mission locale (i-milo)",
    "reference_population": "Jeunes de 16 à 25 ans suivis",
    "time_basis": "stock_end",
}
SHEET_SCHEMA: dict[str, type[pl.DataType]] = dict.fromkeys(SHEET, pl.String) | {"indicator_version": pl.Int32}
ABSENT_SHEET = dict.fromkeys(SHEET)
CODES = ("FR-99-A", "FR-99-B", "FR-99-C", "FR-99-D", "FR-99-E", "FR-99-F")


def gate(*known: dict[str, object]) -> list[str | None]:
    """Why each of the first territories is left out; given as differences from the common sheet."""
    rows = [row(code) | SHEET | one for code, one in zip(CODES, known, strict=False)]
    return compare_territories(pl.DataFrame(rows, schema=SCHEMA | SHEET_SCHEMA))["left_out"].to_list()


VERSION_2 = {"indicator_version": 2}


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        pytest.param({}, None, id="the_same"),
        pytest.param(VERSION_2, "other_version", id="other_version"),
        pytest.param({"level": "population"}, "other_level", id="other_level"),
        pytest.param({"collection_method": "survey"}, "other_method", id="other_method"),
        pytest.param({"source": "Rectorat"}, "other_method", id="other_source"),
        pytest.param({"source": "MISSION LOCALE : i-Milo"}, None, id="the_same_source_written_otherwise"),
        pytest.param({"reference_population": "Jeunes de 18 à 25 ans"}, "other_population", id="other_population"),
        pytest.param({"time_basis": "flow"}, "other_basis", id="other_basis"),
        pytest.param(ABSENT_SHEET, None, id="nothing_known"),
        pytest.param({"source": None, "collection_method": "survey"}, "other_method", id="other_method_no_source"),
        pytest.param(NO_FIGURE | VERSION_2, "no_figure", id="no_figure_before_other_version"),
        pytest.param(MASKED | VERSION_2, "masked", id="masked_before_other_version"),
        pytest.param({"period": "2026-Q2"} | VERSION_2, "other_period", id="other_period_before_other_version"),
        pytest.param({"has_break": True} | VERSION_2, "broken_series", id="broken_series_before_other_version"),
        pytest.param({"n": 12.0} | VERSION_2, "too_few", id="too_few_before_other_version"),
        pytest.param(VERSION_2 | {"level": "system"}, "other_version", id="other_version_before_other_level"),
        pytest.param({"level": "system", "source": "X"}, "other_level", id="other_level_before_other_method"),
        pytest.param(
            {"source": "X", "reference_population": "X"}, "other_method", id="other_method_before_other_population"
        ),
        pytest.param(
            {"reference_population": "X", "time_basis": "flow"},
            "other_population",
            id="other_population_before_other_basis",
        ),
    ],
)
def test_what_sets_a_territory_apart(known: dict[str, object], reason: str | None) -> None:
    assert gate({}, {}, known) == [None, None, reason]


@pytest.mark.parametrize(
    ("known", "reasons"),
    [
        pytest.param([VERSION_2], [None], id="one_alone"),
        pytest.param([VERSION_2, VERSION_2, {}], [None, None, "other_version"], id="most_share_the_second_version"),
        pytest.param([VERSION_2, {}], ["other_version", None], id="of_two_the_lower_version"),
        pytest.param(
            [{"source": "Rectorat"}, {"source": "Collège"}, {"source": "Ville"}],
            ["other_method", None, "other_method"],
            id="of_three_sources_the_first_in_the_alphabet",
        ),
        pytest.param(
            [VERSION_2, VERSION_2 | MASKED, VERSION_2 | NO_FIGURE, VERSION_2 | {"period": "2026-Q2"}, {}, {}],
            ["other_version", "masked", "no_figure", "other_period", None, None],
            id="those_left_out_already_have_no_say",
        ),
        pytest.param(
            [VERSION_2, VERSION_2 | {"n": 12.0}, VERSION_2 | {"has_break": True}, {}, {}],
            ["other_version", "too_few", "broken_series", None, None],
            id="nor_do_too_few_and_broken_series",
        ),
        pytest.param(
            [VERSION_2 | {"source": "X"}, VERSION_2 | {"source": "X"}, {"source": "X"}, {}, {}, {}],
            ["other_version", "other_version", "other_method", None, None, None],
            id="of_one_version_the_most_common_source",
        ),
        pytest.param([{"n": 12.0}, VERSION_2 | {"n": 12.0}], ["too_few", "too_few"], id="nobody_stands"),
        pytest.param(
            [ABSENT_SHEET, ABSENT_SHEET, {}, VERSION_2],
            [None, None, None, "other_version"],
            id="what_is_not_known_has_no_say",
        ),
    ],
)
def test_the_most_common_is_the_measure(known: list[dict[str, object]], reasons: list[str | None]) -> None:
    assert gate(*known) == reasons


@pytest.mark.parametrize("missing", [pytest.param([name], id=name) for name in SHEET] + [pytest.param([], id="none")])
def test_a_column_that_is_missing_is_no_difference(missing: list[str]) -> None:
    other = {name: 2 if name == "indicator_version" else "autre" for name in SHEET if name in missing}
    rows = [row("FR-99-A") | SHEET, row("FR-99-B") | SHEET | other]
    frame = pl.DataFrame(rows, schema=SCHEMA | SHEET_SCHEMA).drop(missing)
    assert compare_territories(frame)["left_out"].to_list() == [None, None]


def test_in_the_order_of_the_alphabet_and_never_of_the_value() -> None:
    found = compare(row("FR-99-C", value=10.0), row("FR-99-A", value=20.0), row("FR-99-B", value=90.0))
    assert found["territory_code"].to_list() == ["FR-99-A", "FR-99-B", "FR-99-C"]
    assert not [name for name in found.columns if "rank" in name]


def test_the_order_of_the_rows_says_nothing() -> None:
    rows = [
        row("FR-99-A"),
        row("FR-99-A", goal_code="O2", ref_value=10.0),
        row("FR-99-B", period="2026-Q2"),
        row("FR-99-C", n=12.0),
        row("FR-99-D", dimension="sexe", category="femmes"),
    ]
    expected = compare(*rows)
    for turn in range(1, len(rows)):
        assert compare(*rows[turn:], *rows[:turn]).equals(expected)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({}, id="one_more_that_stands"),
        pytest.param({"period": "2026-Q2"}, id="of_an_earlier_period"),
        pytest.param(NO_FIGURE | {"period": "2026-Q4"}, id="without_figure"),
        pytest.param({"n": 12.0}, id="of_too_few"),
        pytest.param(VERSION_2, id="of_another_version"),
    ],
)
def test_a_territory_more_changes_no_other(known: dict[str, object]) -> None:
    others: list[dict[str, object]] = [{}, {}, {"n": 12.0}, {"has_break": True}, {"source": "Rectorat"}]
    assert gate(*others, known)[:5] == gate(*others)


def test_nobody() -> None:
    found = compare()
    assert found.is_empty()
    assert found.select("left_out", "moved", "common_period").schema == dict.fromkeys(
        ("left_out", "moved", "common_period"), pl.String
    )


@pytest.mark.parametrize(
    ("known", "moved"),
    [
        pytest.param({"change_low": 1.0, "change_high": 18.0}, "better", id="better"),
        pytest.param({"change_low": -18.0, "change_high": -1.0}, "worse", id="worse"),
        pytest.param({"change_low": -5.5, "change_high": 24.9}, "unclear", id="unclear"),
        pytest.param({"change_low": 0.0, "change_high": 18.0}, "unclear", id="just_not_better"),
        pytest.param({"change_low": -18.0, "change_high": 0.0}, "unclear", id="just_not_worse"),
        pytest.param({"polarity": "none"}, None, id="no_direction"),
        pytest.param({"polarity": "decrease"}, "better", id="change_is_turned_already"),
        pytest.param({"ref_value": None}, None, id="no_baseline"),
        pytest.param({"change_low": None, "change_high": None}, None, id="no_interval"),
    ],
)
def test_moved(known: dict[str, object], moved: str | None) -> None:
    assert compare(row() | known)["moved"].to_list() == [moved]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(10.0, 19.0, "lower", id="all_below"),
        pytest.param(21.0, 30.0, "higher", id="all_above"),
        pytest.param(10.0, 30.0, "similar", id="across"),
        pytest.param(20.0, 30.0, "similar", id="touches"),
        pytest.param(None, None, None, id="without_an_interval_no_judgement"),
    ],
)
def test_an_interval_beside_a_reference(low: float | None, high: float | None, expected: str | None) -> None:
    ends = (pl.lit(end, dtype=pl.Float64) for end in (low, high))
    assert pl.select(compare_with_reference(*ends, pl.lit(20.0))).item() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([4.0, 1.0, 3.0, 2.0], [None] * 4, id="four_are_too_few"),
        pytest.param([5.0, 1.0, 3.0, 2.0, 4.0], [5, 1, 3, 2, 4], id="five"),
        pytest.param([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [1, 1, 2, 2, 3, 4, 5], id="the_first_fifths_are_larger"),
    ],
)
def test_quintiles(values: list[float], expected: list[int | None]) -> None:
    assert pl.DataFrame({"value": values}).select(quintile(pl.col("value"))).to_series().to_list() == expected
