"""Primary suppression: which cells each audience may not see, and why."""

from __future__ import annotations

import polars as pl
import pytest

from measures.disclosure import plan_masks
from schemas.words import Audience

PUBLIC, TERRITORY, NATIONAL = Audience.PUBLIC, Audience.TERRITORY, Audience.NATIONAL
KEY = {
    "territory_code": "FR-99-TILLEULS",
    "qpv_code": "",
    "indicator_code": "JEU-01",
    "period": "2026-Q3",
    "dimension": "total",
    "category": "",
}
CELL = KEY | {
    "numerator": 40.0,
    "denominator": 100.0,
    "value": 40.0,
    "conf_status": "libre",
    "unit": "percent",
    "counted_unit": "person",
    "k_threshold": 5,
    "source_kind": "own_count",
    "is_sensitive": False,
    "respondents": None,
    "seen_since": None,
}
SCHEMA = dict.fromkeys(KEY, pl.String) | {
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "conf_status": pl.String,
    "unit": pl.String,
    "counted_unit": pl.String,
    "k_threshold": pl.Int64,
    "source_kind": pl.String,
    "is_sensitive": pl.Boolean,
    "respondents": pl.Int64,
    "seen_since": pl.Int64,
}
MASK_SCHEMA = dict.fromkeys([*KEY, "mask_reason"], pl.String) | {"masked_since": pl.Int64}


def cell(**known: object) -> dict[str, object]:
    """40 persons of 100, own count, free; k is 5."""
    return CELL | known


def share(numerator: float, denominator: float, **known: object) -> dict[str, object]:
    return cell(numerator=numerator, denominator=denominator, value=100 * numerator / denominator, **known)


def count(value: float, **known: object) -> dict[str, object]:
    return cell(numerator=None, denominator=None, value=value, unit="count", **known)


def published(value: float, **known: object) -> dict[str, object]:
    """A rate without its numerator and denominator."""
    return cell(numerator=None, denominator=None, value=value, **known)


def mask(reason: str, since: int = 1, **known: str) -> dict[str, object]:
    return KEY | known | {"mask_reason": reason, "masked_since": since}


def plan(
    cells: list[dict[str, object]], audience: Audience = PUBLIC, earlier: list[dict[str, object]] | None = None
) -> pl.DataFrame:
    return plan_masks(
        pl.DataFrame(cells, schema=SCHEMA), audience, pl.DataFrame(earlier or [], schema=MASK_SCHEMA, orient="row")
    )


def reason_of(one: dict[str, object], audience: Audience = PUBLIC) -> str | None:
    """Why the only cell is masked, or None."""
    reasons = plan([one], audience)["reason"].to_list()
    assert len(reasons) <= 1
    return reasons[0] if reasons else None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(share(40, 100), None, id="large"),
        pytest.param(share(1, 100), "small_count", id="numerator_1"),
        pytest.param(share(4, 100), "small_count", id="numerator_4"),
        pytest.param(share(5, 100), None, id="numerator_5"),
        pytest.param(share(0, 100), None, id="zero_is_publishable"),
        pytest.param(share(99, 100), "small_count", id="rest_1"),
        pytest.param(share(96, 100), "small_count", id="rest_4"),
        pytest.param(share(95, 100), None, id="rest_5"),
        pytest.param(share(100, 100), None, id="all_is_publishable"),
        pytest.param(share(0, 4), "small_count", id="zero_of_4"),
        pytest.param(share(4, 4), "small_count", id="all_of_4"),
        pytest.param(share(0, 5), None, id="zero_of_5"),
        pytest.param(share(5, 5), None, id="all_of_5"),
        pytest.param(share(5, 10), None, id="both_just_5"),
        pytest.param(share(5, 9), "small_count", id="rest_just_below_5"),
        pytest.param(cell(numerator=None, denominator=4.0), "small_count", id="denominator_alone_4"),
        pytest.param(cell(numerator=4.0, denominator=None), "small_count", id="numerator_alone_4"),
        pytest.param(count(0), None, id="count_0"),
        pytest.param(count(1), "small_count", id="count_1"),
        pytest.param(count(4), "small_count", id="count_4"),
        pytest.param(count(5), None, id="count_5"),
        pytest.param(published(3.0), None, id="published_rate_of_3_percent"),
        pytest.param(share(120, 60, unit="per_100"), None, id="more_events_than_persons"),
        pytest.param(share(4, 60, unit="per_100"), "small_count", id="4_per_60"),
        pytest.param(cell(numerator=None, denominator=None, value=None), None, id="no_number"),
    ],
)
def test_small_counts_of_persons(one: dict[str, object], reason: str | None) -> None:
    assert reason_of(one) == reason


@pytest.mark.parametrize(
    ("counted_unit", "reason"),
    [
        pytest.param("person", "small_count", id="person"),
        pytest.param("household", "small_count", id="household"),
        pytest.param("enterprise", "small_count", id="enterprise"),
        pytest.param("organisation", None, id="organisation"),
        pytest.param("event", None, id="event"),
        pytest.param("other", None, id="other"),
    ],
)
def test_what_is_counted_decides(counted_unit: str, reason: str | None) -> None:
    assert reason_of(share(2, 10, counted_unit=counted_unit)) == reason
    assert reason_of(count(3, counted_unit=counted_unit)) == reason


@pytest.mark.parametrize("audience", [PUBLIC, TERRITORY, NATIONAL])
@pytest.mark.parametrize(
    "one",
    [
        pytest.param(share(8, 10, counted_unit="organisation"), id="8_partners_of_10"),
        pytest.param(share(6, 9, counted_unit="organisation"), id="6_decisions_of_9"),
        pytest.param(share(1, 2, counted_unit="organisation"), id="1_partner_of_2"),
        pytest.param(share(8, 10, counted_unit="organisation", source_kind="fiscal"), id="from_a_fiscal_source"),
        pytest.param(share(0, 40, counted_unit="organisation", is_sensitive=True), id="none_on_a_sensitive_matter"),
        pytest.param(share(40, 40, counted_unit="organisation", is_sensitive=True), id="all_on_a_sensitive_matter"),
    ],
)
def test_organisations_are_no_secret(one: dict[str, object], audience: Audience) -> None:
    assert reason_of(one, audience) is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(share(10, 100, k_threshold=11), "small_count", id="k_11_numerator_10"),
        pytest.param(share(11, 100, k_threshold=11), None, id="k_11_numerator_11"),
        pytest.param(share(10, 100, source_kind="fiscal"), "small_count", id="fiscal_numerator_10"),
        pytest.param(share(11, 100, source_kind="fiscal"), None, id="fiscal_numerator_11"),
        pytest.param(share(90, 100, source_kind="fiscal"), "small_count", id="fiscal_rest_10"),
        pytest.param(share(0, 10, source_kind="fiscal"), "small_count", id="fiscal_denominator_10"),
        pytest.param(share(0, 11, source_kind="fiscal"), None, id="fiscal_denominator_11"),
        pytest.param(count(10, source_kind="fiscal"), "small_count", id="fiscal_count_10"),
        pytest.param(share(10, 100, source_kind="fiscal", k_threshold=3), "small_count", id="fiscal_never_lowered"),
        pytest.param(share(19, 100, source_kind="fiscal", k_threshold=20), "small_count", id="fiscal_raised_19"),
        pytest.param(share(20, 100, source_kind="fiscal", k_threshold=20), None, id="fiscal_raised_20"),
    ],
)
def test_the_threshold_is_that_of_the_sheet_and_of_the_source(one: dict[str, object], reason: str | None) -> None:
    assert reason_of(one) == reason


@pytest.mark.parametrize(
    ("one", "audience", "reason"),
    [
        pytest.param(share(2, 100), PUBLIC, "small_count", id="small_for_the_public"),
        pytest.param(share(2, 100), NATIONAL, "small_count", id="small_for_the_nation"),
        pytest.param(share(2, 100), TERRITORY, None, id="small_for_its_territory"),
        pytest.param(share(10, 100, source_kind="fiscal"), TERRITORY, "small_count", id="fiscal_for_its_territory"),
        pytest.param(share(11, 100, source_kind="fiscal"), TERRITORY, None, id="fiscal_11_for_its_territory"),
        pytest.param(share(10, 100, source_kind="fiscal"), NATIONAL, "small_count", id="fiscal_for_the_nation"),
        pytest.param(cell(conf_status="secret"), PUBLIC, "confidential", id="secret_for_the_public"),
        pytest.param(cell(conf_status="secret"), NATIONAL, "confidential", id="secret_for_the_nation"),
        pytest.param(cell(conf_status="secret"), TERRITORY, None, id="secret_for_its_territory"),
        pytest.param(cell(conf_status="interne"), PUBLIC, "confidential", id="internal_for_the_public"),
        pytest.param(cell(conf_status="interne"), NATIONAL, None, id="internal_for_the_nation"),
        pytest.param(cell(conf_status="interne"), TERRITORY, None, id="internal_for_its_territory"),
        pytest.param(cell(conf_status="libre"), PUBLIC, None, id="free_for_the_public"),
        pytest.param(
            cell(conf_status="secret", counted_unit="organisation"),
            PUBLIC,
            "confidential",
            id="secret_of_organisations",
        ),
        pytest.param(share(0, 40, is_sensitive=True), PUBLIC, "sensitive", id="sensitive_for_the_public"),
        pytest.param(share(0, 40, is_sensitive=True), NATIONAL, "sensitive", id="sensitive_for_the_nation"),
        pytest.param(share(0, 40, is_sensitive=True), TERRITORY, None, id="sensitive_for_its_territory"),
        pytest.param(
            share(0, 40, is_sensitive=True, source_kind="fiscal"),
            TERRITORY,
            "sensitive",
            id="sensitive_and_fiscal_for_its_territory",
        ),
    ],
)
def test_each_audience_sees_its_own(one: dict[str, object], audience: Audience, reason: str | None) -> None:
    assert reason_of(one, audience) == reason


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(share(0, 40, is_sensitive=True), "sensitive", id="none_of_40"),
        pytest.param(share(40, 40, is_sensitive=True), "sensitive", id="all_of_40"),
        pytest.param(share(12, 40, is_sensitive=True), None, id="some_of_40"),
        pytest.param(share(0, 40), None, id="none_and_not_sensitive"),
        pytest.param(share(40, 40), None, id="all_and_not_sensitive"),
        pytest.param(published(0.0, is_sensitive=True), "sensitive", id="published_0_percent"),
        pytest.param(published(100.0, is_sensitive=True), "sensitive", id="published_100_percent"),
        pytest.param(published(30.0, is_sensitive=True), None, id="published_30_percent"),
        pytest.param(count(0, is_sensitive=True), None, id="count_of_none"),
        pytest.param(count(100, is_sensitive=True), None, id="count_of_100"),
    ],
)
def test_0_and_100_percent_of_a_sensitive_matter(one: dict[str, object], reason: str | None) -> None:
    assert reason_of(one) == reason


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(share(2, 100, conf_status="secret"), "confidential", id="confidential_before_small"),
        pytest.param(share(0, 3, is_sensitive=True), "small_count", id="small_before_sensitive"),
    ],
)
def test_the_first_reason_is_given(one: dict[str, object], reason: str) -> None:
    assert reason_of(one) == reason


def test_only_the_cells_that_need_it_are_masked() -> None:
    cells = [share(2, 100, category="femmes"), share(40, 100, category="hommes"), share(3, 50, qpv_code="QN99901N")]
    found = plan(cells).select("qpv_code", "category", "reason")
    assert sorted(found.rows()) == [("", "femmes", "small_count"), ("QN99901N", "", "small_count")]


def test_a_plan_holds_the_key_and_the_reason() -> None:
    assert plan([share(2, 100)]).to_dicts() == [KEY | {"reason": "small_count"}]


def test_a_key_that_is_an_observation_and_a_baseline_is_masked_once_if_either_is_small() -> None:
    assert plan([share(40, 100), share(4, 100)]).to_dicts() == [KEY | {"reason": "small_count"}]
    assert plan([share(3, 100), share(4, 100)]).to_dicts() == [KEY | {"reason": "small_count"}]


@pytest.mark.parametrize(
    ("cells", "earlier", "expected"),
    [
        pytest.param([share(40, 100)], [mask("small_count")], [("", "small_count")], id="no_longer_small"),
        pytest.param([share(2, 100)], [mask("confidential")], [("", "confidential")], id="keeps_its_first_reason"),
        pytest.param([], [mask("sensitive")], [("", "sensitive")], id="no_longer_there"),
        pytest.param(
            [share(2, 100, category="femmes")],
            [mask("small_count")],
            [("", "small_count"), ("femmes", "small_count")],
            id="a_new_one_beside_it",
        ),
        pytest.param([share(40, 100)], [], [], id="never_masked"),
    ],
)
def test_once_masked_stays_masked(
    cells: list[dict[str, object]], earlier: list[dict[str, str]], expected: list[tuple[str, str]]
) -> None:
    assert sorted(plan(cells, earlier=earlier).select("category", "reason").rows()) == expected
