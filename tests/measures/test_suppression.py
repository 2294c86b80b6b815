"""Secondary suppression: what is hidden beside a small figure so that no margin gives it back."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from attacker import find_leaks
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import SCHEMA, SHEETS, make_programme, no_masks

from measures.attacker import Impossible, find_narrow
from measures.disclosure import plan_masks
from schemas.observation import KEY
from schemas.words import Audience

TOTAL, WOMEN, MEN, OTHERS = ("", "total", ""), ("", "sexe", "femmes"), ("", "sexe", "hommes"), ("", "sexe", "autre_nsp")
A, B, C = "QN99901N", "QN99902N", "QN99903N"
Cells = dict[tuple[str, str, str], float | tuple[float, float]]


def place(quartier: str, cell: tuple[str, str, str] = TOTAL) -> tuple[str, str, str]:
    return (quartier, *cell[1:])


def frame(cells: Cells, **known: object) -> pl.DataFrame:
    """A table of one territory: a number is a count, a pair a share."""
    rows = []
    for (quartier, dimension, category), figure in cells.items():
        numerator, denominator = figure if isinstance(figure, tuple) else (None, None)
        rows.append(
            {
                **dict(zip(KEY, ("FR-99-A", quartier, "JEU-01", "2026-Q3", dimension, category), strict=True)),
                "numerator": numerator,
                "denominator": denominator,
                "value": 100 * numerator / denominator if denominator else figure,
                "conf_status": "libre",
                "is_sensitive": False,
                **SHEETS["JEU-01" if isinstance(figure, tuple) else "MOB-04"],
                **known,
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def masked(cells: pl.DataFrame, audience: Audience = Audience.PUBLIC, earlier: pl.DataFrame | None = None) -> set[str]:
    plan = plan_masks(cells, audience, no_masks() if earlier is None else earlier)
    return {" ".join(key).strip() for key in plan.select("qpv_code", "dimension", "category").rows()}


def as_seen(cells: pl.DataFrame, masks: pl.DataFrame) -> pl.DataFrame:
    """What the audience gets."""
    numbers = ("numerator", "denominator", "value")
    hidden = cells.join(masks.select(*KEY, is_masked=pl.lit(True)), on=KEY, how="left")
    k = pl.when(pl.col("source_kind") == "fiscal").then(11).otherwise(pl.col("k_threshold"))
    return hidden.with_columns(
        k=k,
        is_masked=pl.col("is_masked").fill_null(False),
        **{name: pl.when(pl.col("is_masked").is_null()).then(pl.col(name)) for name in numbers},
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param({TOTAL: 63, WOMEN: 40, MEN: 23}, set(), id="nothing_small"),
        pytest.param({TOTAL: 63, WOMEN: 3, MEN: 60}, {"sexe femmes", "sexe hommes"}, id="the_other_one_is_hidden_too"),
        pytest.param({TOTAL: 63, WOMEN: 3, MEN: 40, OTHERS: 20}, {"sexe femmes", "sexe autre_nsp"}, id="the_smallest"),
        pytest.param({TOTAL: 60, WOMEN: 0, MEN: 60}, set(), id="zero_is_no_secret"),
        pytest.param(
            {TOTAL: 43, WOMEN: 3, MEN: 40, OTHERS: 0}, {"sexe femmes", "sexe hommes"}, id="zero_hides_nothing"
        ),
        pytest.param(
            {TOTAL: 44, WOMEN: 2, MEN: 40, OTHERS: 2},
            {"sexe femmes", "sexe autre_nsp", "sexe hommes"},
            id="two_small_ones_whose_sum_is_small",
        ),
        pytest.param({TOTAL: 48, WOMEN: 4, MEN: 40, OTHERS: 4}, {"sexe femmes", "sexe autre_nsp"}, id="enough"),
        pytest.param({TOTAL: 3, WOMEN: 3, MEN: 0}, {"total", "sexe femmes"}, id="small_all_the_way"),
        pytest.param({WOMEN: 3, MEN: 60}, {"sexe femmes"}, id="without_a_total_nothing_gives_it_back"),
        pytest.param({TOTAL: 63, WOMEN: 3}, {"sexe femmes"}, id="one_category_of_several"),
        pytest.param(
            {TOTAL: 63, WOMEN: 33, MEN: 27}, {"sexe femmes", "sexe hommes"}, id="what_is_not_said_and_small_shows_too"
        ),
        pytest.param({TOTAL: 90, WOMEN: 33, MEN: 27}, set(), id="what_is_not_said_and_large"),
        pytest.param(
            {TOTAL: (28, 130), WOMEN: (3, 30), MEN: (25, 100)}, {"sexe femmes", "sexe hommes"}, id="numerator"
        ),
        pytest.param({TOTAL: (98, 130), WOMEN: (28, 30), MEN: (70, 100)}, {"sexe femmes", "sexe hommes"}, id="rest"),
        pytest.param(
            {TOTAL: (43, 63), WOMEN: (0, 3), MEN: (43, 60)}, {"sexe femmes", "sexe hommes"}, id="small_denominator"
        ),
        pytest.param(
            {TOTAL: (0, 63), WOMEN: (0, 3), MEN: (0, 60)},
            {"total", "sexe femmes", "sexe hommes"},
            id="a_total_of_none_says_it_of_three_women",
        ),
        pytest.param({TOTAL: 60, place(A): 3, place(B): 57}, {A + " total", B + " total"}, id="quartiers"),
        pytest.param(
            {
                TOTAL: 100, WOMEN: 50, MEN: 50,
                place(A): 33, place(A, WOMEN): 3, place(A, MEN): 30,
                place(B): 67, place(B, WOMEN): 47, place(B, MEN): 20,
            },
            {f"{at} sexe {who}" for at in (A, B) for who in ("femmes", "hommes")},
            id="a_square_where_margins_cross",
        ),
    ],
)  # fmt: skip
def test_what_is_hidden(cells: Cells, expected: set[str]) -> None:
    assert masked(frame(cells)) == expected


def test_two_masked_of_a_row_are_not_enough_where_the_columns_tell_them() -> None:
    """Each margin alone hides two; together they leave one figure for three of the nine cells."""
    cells: Cells = {TOTAL: 173, WOMEN: 53, MEN: 60, OTHERS: 60}
    for quartier, (women, men, others) in {A: (3, 20, 20), B: (20, 3, 20), C: (30, 37, 20)}.items():
        cells |= {place(quartier): women + men + others}
        cells |= {place(quartier, WOMEN): women, place(quartier, MEN): men, place(quartier, OTHERS): others}
    everything = frame(cells)
    plan = plan_masks(everything, Audience.PUBLIC, no_masks())
    assert not find_leaks(as_seen(everything, plan))
    assert sorted(plan["reason"]) == ["secondary", "secondary", "small_count", "small_count"]


def test_the_solver_finds_what_margins_together_give_away() -> None:
    """a + b = 4, a + c = 9, b + c = 9: each is one number, though every margin hides two."""
    margins = np.array([[1.0, 1, 0], [1, 0, 1], [0, 1, 1]])
    every = np.arange(3)
    assert find_narrow(margins, np.array([4.0, 9, 9]), every, 5) == 0
    assert find_narrow(margins[:2], np.array([40.0, 90]), every, 5) is None
    assert find_narrow(margins[:1, :2], np.array([4.0]), every[:2], 5) == 0
    with pytest.raises(Impossible):
        find_narrow(margins[:1, :2], np.array([-4.0]), every[:2], 5)


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        pytest.param(Audience.PUBLIC, {"sexe femmes", "sexe hommes"}, id="public"),
        pytest.param(Audience.NATIONAL, {"sexe femmes", "sexe hommes"}, id="national"),
        pytest.param(Audience.TERRITORY, set(), id="its_own_territory"),
    ],
)
def test_a_secret_cell_is_not_given_back_by_its_total(audience: Audience, expected: set[str]) -> None:
    marked = pl.when(pl.col("category") == "femmes").then(pl.lit("secret")).otherwise(pl.lit("libre"))
    cells = frame({TOTAL: 90, WOMEN: 40, MEN: 50}, counted_unit="organisation").with_columns(conf_status=marked)
    assert masked(cells, audience) == expected


YOUNG, OLD = ("", "age", "18-25"), ("", "age", "26-39")


class TestWhatWasNotSent:
    """Margins hold for cells that nobody sent, too."""

    def test_two_breakdowns_give_a_total_that_was_not_sent(self) -> None:
        """63 - 60 = 3: one of the others is hidden."""
        found = masked(frame({WOMEN: 3, MEN: 60, YOUNG: 30, OLD: 33}))
        assert len(found) == 2
        assert "sexe femmes" in found

    def test_a_total_that_is_said_to_be_missing(self) -> None:
        cells = frame({TOTAL: 63, WOMEN: 3, MEN: 60, YOUNG: 30, OLD: 33})
        gone = pl.when(pl.col("dimension") != "total").then("value")
        assert len(masked(cells.with_columns(value=gone))) == 2

    def test_a_category_of_the_territory_that_only_its_quartiers_have(self) -> None:
        """110 - 77 women in all, 30 of them in the other quartier."""
        found = masked(frame({TOTAL: 110, MEN: 77, place(A, WOMEN): 3, place(B, WOMEN): 30}))
        assert len(found) == 2
        assert f"{A} sexe femmes" in found

    def test_a_figure_that_came_suppressed_is_protected_like_any_other(self) -> None:
        """The sender wrote « s » for women: men or the total are hidden, or 100 - 60 says it."""
        cells = frame({TOTAL: 100, WOMEN: 40, MEN: 60}).with_columns(
            value=pl.when(pl.col("category") != "femmes").then("value"),
            conf_status=pl.when(pl.col("category") == "femmes").then(pl.lit("secret")).otherwise("conf_status"),
        )
        assert masked(cells) == {"sexe femmes", "sexe hommes"}

    def test_what_is_left_over_is_no_margin(self) -> None:
        """87 of 200 are in no quartier that was sent: 3 cannot be worked out."""
        cells = frame({TOTAL: 200, place(A): 3, place(B): 50, place(C): 60})
        assert masked(cells) == {f"{A} total"}

    def test_one_category_alone_is_no_breakdown(self) -> None:
        """Only women of each quartier were sent: at most one more is hidden."""
        cells: Cells = {TOTAL: 300, WOMEN: 103}
        for quartier, women in {A: 3, B: 50, C: 50}.items():
            cells |= {place(quartier): 100, place(quartier, WOMEN): women}
        assert len(masked(frame(cells))) == 2

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            pytest.param({"value": 10.0, "respondents": 30}, True, id="three_of_thirty_by_rate_and_respondents"),
            pytest.param({"value": 50.0, "respondents": 30}, False, id="fifteen_of_thirty"),
            pytest.param({"numerator": 50.0, "denominator": 100.0, "respondents": 3}, True, id="three_answered"),
        ],
    )
    def test_respondents_tell_a_number_too(self, cell: dict[str, float], expected: bool) -> None:
        known = {"numerator": None, "denominator": None} | cell
        rows = frame({TOTAL: (50, 100)}).with_columns(**{name: pl.lit(value) for name, value in known.items()})
        assert bool(masked(rows.cast(SCHEMA))) is expected


class TestMemory:
    """An attacker keeps what was in sight before."""

    def test_a_figure_that_was_seen_hides_nothing(self) -> None:
        """Women and the total were corrected, men were not: the total is hidden instead of men."""
        cells = frame({TOTAL: 63, WOMEN: 3, MEN: 60}).with_columns(
            seen_since=pl.when(pl.col("category") == "hommes").then(1)
        )
        assert masked(cells) == {"sexe femmes", "total"}

    def test_a_mask_that_came_after_the_figure_hides_nothing_either(self) -> None:
        cells = frame({TOTAL: 63, WOMEN: 3, MEN: 60}).with_columns(
            seen_since=pl.when(pl.col("category") == "hommes").then(1)
        )
        earlier = cells.filter(category="hommes").select(*KEY, mask_reason=pl.lit("secondary"), masked_since=2)
        assert masked(cells, earlier=earlier) == {"sexe femmes", "sexe hommes", "total"}

    def test_a_mask_as_old_as_the_figure_still_hides(self) -> None:
        cells = frame({TOTAL: 63, WOMEN: 3, MEN: 60}).with_columns(
            seen_since=pl.when(pl.col("category") != "femmes").then(2)
        )
        earlier = cells.filter(category="hommes").select(*KEY, mask_reason=pl.lit("secondary"), masked_since=2)
        assert masked(cells, earlier=earlier) == {"sexe femmes", "sexe hommes"}

    def test_where_everything_was_seen_today_at_least_tells_nothing(self) -> None:
        cells = frame({TOTAL: 63, WOMEN: 3, MEN: 60}).with_columns(
            seen_since=pl.when(pl.col("category") != "femmes").then(1)
        )
        assert masked(cells) == {"sexe femmes", "sexe hommes"}


@given(seed=st.integers(0, 10_000), order=st.randoms())
@settings(max_examples=6, deadline=None)
def test_the_order_of_rows_is_irrelevant(seed: int, order: object) -> None:
    cells = make_programme(seed, largest=4)
    again = cells.sample(fraction=1, shuffle=True, seed=seed)
    one, other = (plan_masks(some, Audience.PUBLIC, no_masks()).sort(KEY) for some in (cells, again))
    assert one.equals(other)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_a_territory_changes_nothing_of_another(seed: int) -> None:
    cells = make_programme(seed, largest=4)
    first = cells.filter(territory_code="FR-99-T00")
    alone = plan_masks(first, Audience.PUBLIC, no_masks())
    together = plan_masks(cells, Audience.PUBLIC, no_masks()).filter(territory_code="FR-99-T00")
    assert alone.sort(KEY).equals(together.sort(KEY))


def test_the_attacker_succeeds_where_only_small_cells_are_masked() -> None:
    """The measure of the other tests: without secondary suppression there is much to find."""
    cells = make_programme(3, largest=6)
    plan = plan_masks(cells, Audience.PUBLIC, no_masks()).filter(pl.col("reason") != "secondary")
    assert len(find_leaks(as_seen(cells, plan))) > 10
