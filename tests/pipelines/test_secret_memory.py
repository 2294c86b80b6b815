"""Secrecy across deposits: what was in sight once, in whatever words, gives nothing away later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from sent_files import NOW, TILLEULS, csv_file

from pipelines.store import Store, load_observations, load_revisions, move_submission, save_catalogue
from schemas.catalogue import Catalogue
from schemas.submission import Receipt, SubmissionState
from schemas.words import Audience

Deposit = Callable[..., Receipt]


def line(
    category: str,
    value: object = "",
    num: object = "",
    den: object = "",
    status: str = "normal",
    respondents: object = "",
    indicator: str = "MOB-04",
) -> str:
    """A figure of Les Tilleuls for T2 2026; no category is the total. MOB-04 counts persons, k is 5."""
    dimension = "sexe" if category else "total"
    comment = "reprise" if status != "normal" else ""
    return (
        f"{TILLEULS};;{indicator};2026-T2;{dimension};{category};{num};{den};{value};{status};libre;{respondents};;;"
        f"Comptage;{comment}"
    )


def seen(store: Store) -> set[str]:
    """What the public sees of it today: total, femmes, hommes."""
    rows = load_observations(store, [TILLEULS], Audience.PUBLIC).filter(
        ~pl.col("is_masked") & pl.col("value").is_not_null()
    )
    return {category or "total" for category in rows["category"]}


def test_a_figure_that_was_withdrawn_is_remembered(store: Store, deposit: Deposit) -> None:
    """Men were in sight; the total of the next deposit would give three women."""
    number = deposit(csv_file(line("hommes", 60))).submission_id
    move_submission(store, number, SubmissionState.WITHDRAWN, "coordinator", NOW, reason="erreur")
    deposit(csv_file(line("", 63), line("femmes", 3)))
    remembered = load_revisions(store, [TILLEULS], Audience.PUBLIC).filter(~pl.col("is_masked"))
    assert not {"total", "hommes"} <= seen(store) | set(remembered["category"])
    assert seen(store) == set()


def test_a_figure_that_was_taken_back_is_remembered(store: Store, deposit: Deposit) -> None:
    deposit(csv_file(line("", 93), line("femmes", 33), line("hommes", 60)))
    deposit(csv_file(line("", 63), line("femmes", 3), line("hommes", status="non_disponible")))
    assert seen(store) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"value": 60}, {"value": 60, "num": 60}, id="a_part_filled_in_the_second_time"),
        pytest.param({"value": 60}, {"value": 60}, id="the_same_words"),
    ],
)
def test_the_same_figure_in_other_words_is_no_new_one(
    store: Store, deposit: Deposit, before: dict[str, object], after: dict[str, object]
) -> None:
    """Men stay 60: they hide nothing, the corrected total is hidden."""
    deposit(csv_file(line("", 93), line("femmes", 33), line("hommes", **before)))  # type: ignore[arg-type]
    deposit(csv_file(line("", 63), line("femmes", 3), line("hommes", **after)))  # type: ignore[arg-type]
    assert "total" not in seen(store)


def test_a_later_version_of_the_sheet_uncovers_nothing(store: Store, deposit: Deposit, catalogue: Catalogue) -> None:
    first = catalogue.indicators.filter(indicator_code="MOB-04").with_columns(k_threshold=pl.lit(11, pl.Int64))
    second = first.with_columns(
        version=pl.lit(2, pl.Int64), valid_from=pl.date(2027, 1, 1), k_threshold=pl.lit(5, pl.Int64)
    )
    others = catalogue.indicators.filter(pl.col("indicator_code") != "MOB-04")
    known = replace(catalogue, indicators=pl.concat([others, first, second]))
    save_catalogue(store, known, NOW)
    deposit(csv_file(line("", 7)), catalogue=known)
    assert seen(store) == set()


def test_a_baseline_of_a_figure_that_is_missing_counts_in_the_sums(
    store: Store, deposit: Deposit, catalogue: Catalogue
) -> None:
    """The total is in the target only: 63 - 60 would give three women."""
    target = catalogue.targets.filter(territory_code=TILLEULS).head(1)
    known = replace(
        catalogue,
        targets=pl.concat(
            [
                catalogue.targets,
                target.with_columns(
                    indicator_code=pl.lit("MOB-04"),
                    ref_period=pl.lit("2026-Q2"),
                    ref_value=pl.lit(63.0),
                    ref_numerator=pl.lit(None, pl.Float64),
                    ref_denominator=pl.lit(None, pl.Float64),
                ),
            ]
        ),
    )
    save_catalogue(store, known, NOW)
    deposit(csv_file(line("", status="non_disponible"), line("femmes", 3), line("hommes", 60)), catalogue=known)
    assert seen(store) == set()
