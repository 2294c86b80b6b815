"""What is deposited is kept, all of it or nothing; what is asked is answered for an audience and a moment."""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from sent_files import NOW, ROOT, TILLEULS, csv_file

from measures.disclosure import plan_masks
from pipelines.deposit import prepare_submission
from pipelines.store import (
    PreviewOutdated,
    Store,
    StoreInUse,
    StoreUnusable,
    load_catalogue,
    load_goals,
    load_observations,
    load_submissions,
    open_store,
    save_catalogue,
    save_submission,
)
from pipelines.store.masks import save_masks
from schemas.catalogue import MODELS, Catalogue, column_types
from schemas.issue import Code
from schemas.observation import Observations
from schemas.submission import PreparedSubmission, Receipt, SubmissionState
from schemas.words import Audience
from settings import Settings

Deposit = Callable[..., Receipt]
Prepare = Callable[..., PreparedSubmission]
JEU_01 = "FR-99-TILLEULS;;JEU-01;2026-T3;total;;{};{};;normal;{};;;30/09/2026;Mission locale;"
JEU_04 = "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;{};normal;libre;;;30/09/2026;Associations;"
BETWEEN, AFTER = NOW + timedelta(hours=1), NOW + timedelta(hours=3)


def values(store: Store, audience: Audience = Audience.TERRITORY, **said: object) -> list[tuple[object, ...]]:
    rows = load_observations(store, [TILLEULS], audience, **said)
    return rows.select("indicator_code", "period", "value").rows()


class TestOneTransaction:
    """All of a submission, or nothing of it."""

    def test_a_receipt_says_what_was_kept(self, store: Store, deposit: Deposit) -> None:
        """Counts, fingerprint, sender and time; the store version moves by one."""
        version = store.version()
        receipt = deposit(csv_file(JEU_01.format(38, 142, "libre"), JEU_04.format(12)), "t3.csv", reason="premier")
        assert store.version() == version + 1
        assert (receipt.rows, receipt.new, receipt.changed, receipt.unchanged) == (2, 2, 0, 0)
        assert (receipt.state, receipt.filename, receipt.sent_by) == (SubmissionState.APPROVED, "t3.csv", "officer")
        assert (receipt.territories, receipt.reason, receipt.at) == ((TILLEULS,), "premier", NOW)
        assert receipt.first_at is None
        assert uuid.UUID(receipt.submission_id).version == 7

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(csv_file(JEU_01.format(38, 142, "libre"), JEU_04.format("x")), id="one_bad_row"),
            pytest.param(csv_file(JEU_04.format(12) + "lea@exemple.fr"), id="personal_data"),
        ],
    )
    def test_a_blocking_issue_keeps_everything_out(self, content: bytes, store: Store, prepare: Prepare) -> None:
        """ValueError, and the store is as it was: nothing of the right row either."""
        version = store.version()
        with pytest.raises(ValueError, match="blocking"):
            save_submission(store, prepare(content), "officer", NOW, approve=True)
        assert store.version() == version
        assert values(store) == []
        assert load_submissions(store, None).is_empty()

    def test_personal_data_never_reaches_the_disk(self, store: Store, prepare: Prepare) -> None:
        """Neither the value nor the file's name."""
        prepared = prepare(csv_file(JEU_04.format(12) + "lea.martin@exemple.fr"))
        with pytest.raises(ValueError, match="blocking"):
            save_submission(store, prepared, "officer", NOW)
        store.connection.execute("CHECKPOINT")
        written = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
        assert b"lea.martin" not in written

    def test_a_fault_on_the_way_keeps_nothing(self, tmp_path: Path, catalogue: Catalogue, prepare: Prepare) -> None:
        """A mask plan that fails undoes the rows and the log written before it."""
        content = csv_file(JEU_04.format(12))

        def plan_that_fails_on_figures(
            everything: pl.DataFrame, audience: Audience, earlier: pl.DataFrame
        ) -> pl.DataFrame:
            if TILLEULS in everything.filter(period="2026-Q3")["territory_code"]:
                raise ArithmeticError
            return plan_masks(everything, audience, earlier)

        store = open_store(Settings(store_path=tmp_path / "cap.duckdb"), plan_that_fails_on_figures)
        save_catalogue(store, catalogue, NOW)
        version = store.version()
        with pytest.raises(ArithmeticError):
            save_submission(store, prepare(content), "officer", NOW, approve=True)
        assert store.version() == version
        assert values(store) == []
        assert load_submissions(store, None).is_empty()
        store.close()

    def test_a_time_without_zone_is_refused(self, store: Store, prepare: Prepare) -> None:
        """And nothing is kept."""
        with pytest.raises(ValueError, match="zone"):
            save_submission(store, prepare(csv_file(JEU_04.format(12))), "officer", datetime(2026, 11, 23, 10, 0))
        assert values(store) == []

    def test_an_outdated_preview_is_told(self, store: Store, prepare: Prepare, deposit: Deposit) -> None:
        """What would change must be looked at again."""
        prepared, seen = prepare(csv_file(JEU_04.format(12))), store.version()
        deposit(csv_file(JEU_04.format(9)))
        with pytest.raises(PreviewOutdated):
            save_submission(store, prepared, "officer", NOW, seen_version=seen)
        assert values(store) == [("JEU-04", "2026-Q3", 9.0)]
        receipt = save_submission(
            store, prepared, "officer", NOW, "recompté", seen_version=store.version(), approve=True
        )
        assert receipt.state is SubmissionState.APPROVED

    def test_writers_take_turns(self, store: Store, prepare: Prepare) -> None:
        """Four at once: four versions, four rows."""
        version = store.version()
        lines = [JEU_04.format(12).replace("2026-T3", f"2025-T{n}").replace("30/09/2026", "") for n in (1, 2, 3, 4)]
        prepared = [prepare(csv_file(line)) for line in lines]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: save_submission(store, one, "officer", NOW, approve=True), prepared))
        assert store.version() == version + 4
        assert [row[1] for row in values(store)] == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
        assert load_submissions(store, None)["sequence"].n_unique() == 4


class TestTheSameAgain:
    """The same bytes are a no-op only while they would change nothing."""

    def test_the_same_deposit_again_changes_nothing(self, store: Store, deposit: Deposit) -> None:
        """The receipt of the first comes back, with its time."""
        content = csv_file(JEU_01.format(38, 142, "libre"), JEU_04.format("nc").replace("normal", ""))
        first, version = deposit(content), store.version()
        again = deposit(content, "autre-nom.csv", at=AFTER)
        assert store.version() == version
        assert (again.submission_id, again.first_at) == (first.submission_id, NOW)
        assert load_submissions(store, None).height == 1

    def test_a_then_b_then_a_restores_a(self, store: Store, deposit: Deposit) -> None:
        """A third deposit of known bytes counts when the figures have moved meanwhile."""
        a, b = csv_file(JEU_04.format(12)), csv_file(JEU_04.format(15))
        receipts = [deposit(content) for content in (a, b, a)]
        assert len({receipt.submission_id for receipt in receipts}) == 3
        assert (receipts[2].changed, receipts[2].first_at) == (1, None)
        assert values(store) == [("JEU-04", "2026-Q3", 12.0)]

    def test_a_preview_confirmed_twice_is_one_submission(self, store: Store, prepare: Prepare) -> None:
        """A double click: the receipt of the first comes back."""
        prepared, seen = prepare(csv_file(JEU_04.format(12))), store.version()
        first, again = (save_submission(store, prepared, "officer", NOW, seen_version=seen) for _ in range(2))
        assert again == replace(first, first_at=NOW)
        assert load_submissions(store, None).height == 1

    def test_a_deposit_is_of_the_territories_of_its_rows(self, store: Store, deposit: Deposit) -> None:
        """Whatever else was named with them: it is the same deposit."""
        content = csv_file(JEU_04.format(12))
        first = deposit(content)
        again = deposit(content, territories=[TILLEULS, "FR-99-LILAS"])
        assert (again.first_at, again.territories) == (first.at, (TILLEULS,))

    def test_a_cell_its_own_territory_may_not_see_is_not_a_change(
        self, store: Store, deposit: Deposit, catalogue: Catalogue
    ) -> None:
        """Fiscal counts below 11 are masked for the territory too; the same file again is still a no-op."""
        fiscal = pl.when(pl.col("indicator_code") == "JEU-04").then(pl.lit("fiscal")).otherwise(pl.col("source_kind"))
        sheets = catalogue.indicators.with_columns(source_kind=fiscal)
        catalogue = Catalogue(**{**catalogue.tables(), "indicators": sheets})
        save_catalogue(store, catalogue, NOW)
        content = csv_file(JEU_04.format(7))
        deposit(content, catalogue=catalogue)
        assert values(store) == [("JEU-04", "2026-Q3", None)]
        version = store.version()
        again = deposit(content, catalogue=catalogue)
        assert (store.version(), again.first_at) == (version, NOW)


class TestTheCurrentView:
    """Per key the latest approved value; every moment can be asked again."""

    def test_a_submission_replaces_only_its_own_keys(self, store: Store, deposit: Deposit) -> None:
        """What it does not contain stays."""
        deposit(csv_file(JEU_01.format(71, 142, "libre"), JEU_04.format(12)))
        deposit(csv_file(JEU_04.format(15)))
        assert values(store) == [("JEU-01", "2026-Q3", 50.0), ("JEU-04", "2026-Q3", 15.0)]

    def test_as_of_answers_what_was_known(self, store: Store, deposit: Deposit) -> None:
        """Before, at the very moment, between, after; a moment without zone is refused."""
        first, second = NOW + timedelta(minutes=30), NOW + timedelta(hours=2)
        deposit(csv_file(JEU_04.format(12)), at=first)
        deposit(csv_file(JEU_04.format(15)), at=second)
        asked = [values(store, as_of=moment) for moment in (NOW, first, BETWEEN, second, AFTER, None)]
        assert [rows[0][2] if rows else None for rows in asked] == [None, 12.0, 12.0, 15.0, 15.0, 15.0]
        assert load_submissions(store, None, as_of=BETWEEN).height == 1
        with pytest.raises(ValueError, match="zone"):
            values(store, as_of=datetime(2026, 11, 23, 11, 0))

    def test_as_of_holds_when_the_clock_goes_back(self, store: Store, deposit: Deposit) -> None:
        """What came later is not known earlier, whatever follows (a demonstration lives each day again)."""
        deposit(csv_file(JEU_04.format(12)), at=AFTER)
        deposit(csv_file(JEU_01.format(71, 142, "libre")), at=NOW)
        assert ("JEU-04", "2026-Q3", 12.0) not in values(store, as_of=BETWEEN)

    def test_as_of_answers_the_catalogue_of_then(self, store: Store, catalogue: Catalogue) -> None:
        """A renamed challenge keeps its old name in the past; the same catalogue again is no commit."""
        renamed = catalogue.challenges.head(1).with_columns(label_fr=pl.lit("Autre nom"))
        later = Catalogue(**{**catalogue.tables(), "challenges": renamed})
        assert save_catalogue(store, later, AFTER)["challenges"] == 1
        version = store.version()
        assert set(save_catalogue(store, later, AFTER).values()) == {0}
        assert store.version() == version
        assert "Autre nom" in load_catalogue(store).challenges["label_fr"]
        assert load_catalogue(store, BETWEEN).challenges.equals(catalogue.challenges.sort("challenge_code"))

    def test_the_territories_asked_are_the_territories_answered(self, store: Store, deposit: Deposit) -> None:
        """Others do not come; no territory, no row."""
        content = csv_file(JEU_04.format(12), JEU_04.format(14).replace("TILLEULS", "LILAS"))
        deposit(content, territories=[TILLEULS, "FR-99-LILAS"])
        assert values(store) == [("JEU-04", "2026-Q3", 12.0)]
        assert load_observations(store, [], Audience.TERRITORY).is_empty()
        assert load_observations(store, ["FR-99-LILAS"], Audience.TERRITORY, ["JEU-01"]).is_empty()

    def test_the_log_is_latest_first(self, store: Store, deposit: Deposit) -> None:
        """State, sender, time in UTC; a territory sees the submissions that concern it."""
        deposit(csv_file(JEU_04.format(12)), "a.csv")
        deposit(csv_file(JEU_04.format(15)), "b.csv", at=AFTER, sent_by="coordinator")
        log = load_submissions(store, [TILLEULS])
        assert log.select("filename", "state", "sent_by", "changed_rows").rows() == [
            ("b.csv", "approved", "coordinator", 1),
            ("a.csv", "approved", "officer", 0),
        ]
        assert log["sent_at"].to_list() == [AFTER, NOW]
        assert log["submission_id"].is_sorted(descending=True)
        assert load_submissions(store, ["FR-99-LILAS"]).is_empty()

    def test_there_is_no_load_without_an_audience(self) -> None:
        """It is an argument, without default."""
        for load in (load_observations, load_goals):
            assert inspect.signature(load).parameters["audience"].default is inspect.Parameter.empty


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


class TestRoundTrip:
    """What went in comes out."""

    def test_an_observation_comes_back_whole(self, store: Store, deposit: Deposit) -> None:
        """Every column of the file, typed."""
        deposit(
            csv_file(
                "FR-99-TILLEULS;QN99901N;JEU-05;2026-V1;sexe;femmes;41;70;58,6;provisoire;libre;70;41,5;15/06/2026;"
                '"Enquête ""jeunes"", centre social";"Œuvre ; à suivre"'
            )
        )
        row = load_observations(store, [TILLEULS], Audience.TERRITORY).drop("submission_id").rows(named=True)[0]
        assert row == {
            "source_row": 2,
            "territory_code": TILLEULS,
            "qpv_code": "QN99901N",
            "indicator_code": "JEU-05",
            "period": "2026-V1",
            "period_start": date(2026, 1, 1),
            "dimension": "sexe",
            "category": "femmes",
            "indicator_version": 1,
            "numerator": 41.0,
            "denominator": 70.0,
            "value": 100 * 41 / 70,
            "obs_status": "provisoire",
            "source_status": None,
            "conf_status": "libre",
            "respondents": 70,
            "response_rate": 41.5,
            "reference_date": date(2026, 6, 15),
            "source": 'Enquête "jeunes", centre social',
            "comment": "Œuvre ; à suivre",
            "is_masked": False,
        }

    def test_values_survive_to_the_last_bit(self, store: Store, deposit: Deposit) -> None:
        """No rounding on the way."""
        sent = ("0", "0,1", "16,666666666666668", "123456789,125", "1E15", "0,000001")
        line = "FR-99-TILLEULS;;SAN-06;{}-T1;total;;;;{};normal;libre;;;;Cabinets;"
        deposit(csv_file(*(line.format(2020 + at, cell) for at, cell in enumerate(sent))))
        assert [row[2] for row in values(store)] == [0.0, 0.1, 16.666666666666668, 123456789.125, 1e15, 0.000001]

    def test_zero_and_the_states_of_no_number_stay_apart(self, store: Store, deposit: Deposit) -> None:
        """Never merged, never 0; suppressed is a matter of who may see it."""
        sent = ("0", "n.d.", "nc", "///", "s", "n.s.")
        line = "FR-99-TILLEULS;;JEU-04;{}-T1;total;;;;{};;;;;;Associations;Logiciel en panne"
        deposit(csv_file(*(line.format(2020 + at, cell) for at, cell in enumerate(sent))))
        rows = load_observations(store, [TILLEULS], Audience.TERRITORY)
        assert rows.select("value", "obs_status", "conf_status").rows() == [
            (0.0, "normal", "libre"),
            (None, "non_disponible", "libre"),
            (None, "non_collecte", "libre"),
            (None, "sans_objet", "libre"),
            (None, "normal", "secret"),
            (None, "faible_fiabilite", "libre"),
        ]

    def test_naughty_strings_come_back_as_they_are(self, cases: Path, store: Store, prepare: Prepare) -> None:
        """Each as the comment of its own row; only outer spaces go, and what looks like personal data stays out."""
        naughty = [text.strip() for text in json.loads((cases / "security" / "blns.json").read_text("utf-8"))]
        quarters = [f"{year}-T{n}" for year in range(1976, 2026) for n in (1, 2, 3, 4)]
        keys = [(indicator, quarter) for indicator in ("SAN-06", "JEU-04", "EMP-01") for quarter in quarters]
        rows = [
            f"FR-99-TILLEULS;;{indicator};{quarter};total;;;;12;normal;libre;;;;Comptage;{quoted(text)}"
            for (indicator, quarter), text in zip(keys, naughty, strict=False)
        ]
        refused = {issue.row for issue in prepare(csv_file(*rows)).issues if issue.code is Code.PERSONAL_DATA}
        kept = [at for at in range(len(naughty)) if at + 2 not in refused]
        save_submission(store, prepare(csv_file(*(rows[at] for at in kept))), "officer", NOW, approve=True)
        back = load_observations(store, [TILLEULS], Audience.TERRITORY).sort("source_row")["comment"].to_list()
        assert len(kept) > 490
        assert back == [naughty[at] for at in kept]


CELLS = [
    # indicator; numerator, denominator, value; confidentiality; what public, national and territory see
    pytest.param("JEU-04;;;3;libre", (None, None, 3.0), id="count_below_5"),
    pytest.param("JEU-04;;;5;libre", (5.0, 5.0, 5.0), id="count_of_5"),
    pytest.param("JEU-04;;;0;libre", (0.0, 0.0, 0.0), id="count_of_0"),
    pytest.param("JEU-01;3;142;;libre", (None, None, 100 * 3 / 142), id="numerator_below_5"),
    pytest.param("JEU-01;139;142;;libre", (None, None, 100 * 139 / 142), id="the_others_below_5"),
    pytest.param("JEU-01;0;4;;libre", (None, None, 0.0), id="denominator_below_5"),
    pytest.param("JEU-01;0;142;;libre", (0.0, 0.0, 0.0), id="nobody_of_many"),
    pytest.param("JEU-01;71;142;;libre", (50.0, 50.0, 50.0), id="many_of_many"),
    pytest.param("JEU-01;71;142;;interne", (None, 50.0, 50.0), id="internal"),
    pytest.param("JEU-01;71;142;;secret", (None, None, 50.0), id="secret"),
    pytest.param("PAR-04;3;8;;libre", (37.5, 37.5, 37.5), id="not_persons"),
]


@pytest.fixture(scope="module")
def masked_store(store_with_catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that holds each of CELLS, the first in 2010-Q1, the next in 2011-Q1 and so on."""
    path = Path(shutil.copy(store_with_catalogue, tmp_path_factory.mktemp("masks")))
    store = open_store(Settings(store_path=path), plan_masks)
    lines = []
    for at, cell in enumerate(CELLS):
        indicator, numerator, denominator, value, secrecy = cell.values[0].split(";")
        lines.append(
            f"FR-99-TILLEULS;;{indicator};{2010 + at}-T1;total;;{numerator};{denominator};{value};normal;{secrecy};"
            "96;41;;Comptage;Trois jeunes"
        )
    previous = load_observations(store, [TILLEULS], Audience.TERRITORY)
    prepared = prepare_submission(
        csv_file(*lines), "masques.csv", [TILLEULS], load_catalogue(store), previous, clock=lambda: NOW
    )
    save_submission(store, prepared, "officer", NOW, approve=True)
    yield store
    store.close()


class TestMasks:
    """Who may see what, decided at each commit, applied by every load."""

    @pytest.mark.parametrize(("cell", "seen"), CELLS)
    def test_each_audience_sees_what_it_may(
        self, cell: str, seen: tuple[float | None, ...], masked_store: Store
    ) -> None:
        """Public, national, territory; a masked row says so and has no number, respondents or remark."""
        year = 2010 + [param.values[0] for param in CELLS].index(cell)
        for audience, value in zip((Audience.PUBLIC, Audience.NATIONAL, Audience.TERRITORY), seen, strict=True):
            rows = load_observations(masked_store, [TILLEULS], audience)
            row = rows.filter(period=f"{year}-Q1").row(0, named=True)
            assert (row["value"], row["is_masked"]) == (value, value is None)
            shown = (row["respondents"], row["response_rate"], row["comment"])
            remark = "" if audience is Audience.PUBLIC else "Trois jeunes"
            assert shown == ((None, None, "") if value is None else (96, 41.0, remark))
            if value is None:
                assert (row["numerator"], row["denominator"]) == (None, None)

    def test_once_masked_stays_masked(self, store: Store, deposit: Deposit) -> None:
        """A revision above the threshold does not open the cell: the difference would tell."""
        deposit(csv_file(JEU_04.format(3)), at=NOW)
        deposit(csv_file(JEU_04.format(30)), at=AFTER)
        assert values(store, Audience.PUBLIC) == [("JEU-04", "2026-Q3", None)]
        assert values(store, Audience.TERRITORY) == [("JEU-04", "2026-Q3", 30.0)]

    def test_the_plan_of_its_moment_is_applied(self, store: Store, deposit: Deposit) -> None:
        """Published, then revised below the threshold: masked now, as it was then."""
        deposit(csv_file(JEU_04.format(30)), at=NOW)
        deposit(csv_file(JEU_04.format(3)), at=AFTER)
        assert values(store, Audience.PUBLIC, as_of=BETWEEN) == [("JEU-04", "2026-Q3", 30.0)]
        assert values(store, Audience.PUBLIC) == [("JEU-04", "2026-Q3", None)]

    @pytest.mark.parametrize(
        ("audience", "start"),
        [
            pytest.param(Audience.PUBLIC, (None, True), id="public"),
            pytest.param(Audience.NATIONAL, (None, True), id="national"),
            pytest.param(Audience.TERRITORY, (2.0, False), id="territory"),
        ],
    )
    def test_a_baseline_is_masked_like_any_figure(
        self, audience: Audience, start: tuple[float | None, bool], store: Store
    ) -> None:
        """MOB-04 of Port-Neuf starts at 2 persons; the others keep their start."""
        goals = load_goals(store, ["FR-99-PORTNEUF"], audience)
        at = {row["indicator_code"]: (row["ref_value"], row["is_ref_masked"]) for row in goals.rows(named=True)}
        assert at == {"MOB-02": (212.0, False), "MOB-04": start, "JEU-01": (30.7692, False)}

    def test_the_count_behind_a_masked_baseline_is_hidden_too(self, store: Store, catalogue: Catalogue) -> None:
        """A rate of 3 on 24: neither 12,5 % nor its parts."""
        baseline = pl.when(pl.col("indicator_code") == "JEU-01")
        targets = catalogue.targets.with_columns(
            ref_value=baseline.then(12.5).otherwise(pl.col("ref_value")),
            ref_numerator=baseline.then(3.0).otherwise(pl.col("ref_numerator")),
            ref_denominator=baseline.then(24.0).otherwise(pl.col("ref_denominator")),
        )
        save_catalogue(store, Catalogue(**{**catalogue.tables(), "targets": targets}), NOW)
        goal = load_goals(store, [TILLEULS], Audience.PUBLIC).filter(indicator_code="JEU-01").row(0, named=True)
        assert (goal["ref_value"], goal["ref_numerator"], goal["ref_denominator"]) == (None, None, None)
        assert goal["is_ref_masked"]


MASKED = "SELECT DISTINCT audience, territory_code, indicator_code, period FROM mask ORDER BY ALL"


def meeting_of(catalogue: Catalogue) -> Catalogue:
    """One more committee of Les Tilleuls."""
    held = {"territory_code": [TILLEULS], "held_on": [date(2027, 3, 9)], "meeting_kind": ["steering"]}
    rows = pl.DataFrame({**held, "is_cancelled": [False]}, column_types("meetings"))
    return Catalogue(**{**catalogue.tables(), "meetings": rows})


def small_start_of(catalogue: Catalogue) -> Catalogue:
    """JEU-01 of Les Tilleuls starts at 3 on 24."""
    mine = (pl.col("indicator_code") == "JEU-01") & (pl.col("territory_code") == TILLEULS)
    start = {"ref_value": 12.5, "ref_numerator": 3.0, "ref_denominator": 24.0}
    told = [pl.when(mine).then(value).otherwise(pl.col(name)).alias(name) for name, value in start.items()]
    return Catalogue(**{**catalogue.tables(), "targets": catalogue.targets.with_columns(told)})


def rename_challenge(catalogue: Catalogue) -> Catalogue:
    renamed = catalogue.challenges.head(1).with_columns(label_fr=pl.lit("Autre nom"))
    return Catalogue(**{**catalogue.tables(), "challenges": renamed})


class TestWhatACatalogueMoves:
    """Masks are planned where the catalogue weighs on them; a committee disturbs nobody."""

    def test_a_start_that_changed_is_masked_as_when_everything_is_planned(
        self, store: Store, catalogue: Catalogue
    ) -> None:
        """3 on 24 for those outside, and nothing more is found by planning once again."""
        before = store.cursor().execute(MASKED).fetchall()
        save_catalogue(store, small_start_of(catalogue), NOW)
        masked = store.cursor().execute(MASKED).fetchall()
        assert [row for row in masked if row not in before] == [
            ("national", TILLEULS, "JEU-01", "2023-Q4"),
            ("public", TILLEULS, "JEU-01", "2023-Q4"),
        ]
        with store.commit("secrecy", NOW, "somebody") as (cursor, sequence):
            save_masks(store, cursor, sequence)
        assert store.cursor().execute(MASKED).fetchall() == masked

    @pytest.mark.parametrize(
        ("change", "is_planned"),
        [
            pytest.param(meeting_of, False, id="a_committee"),
            pytest.param(rename_challenge, False, id="a_challenge"),
            pytest.param(small_start_of, True, id="a_start"),
        ],
    )
    def test_masks_are_planned_only_for_what_hides(
        self, store: Store, catalogue: Catalogue, change: Callable[[Catalogue], Catalogue], is_planned: bool
    ) -> None:
        asked: list[Audience] = []

        def plan(everything: pl.DataFrame, audience: Audience, earlier: pl.DataFrame) -> pl.DataFrame:
            asked.append(audience)
            return plan_masks(everything, audience, earlier)

        watched = replace(store, plan_masks=plan)
        save_catalogue(watched, change(catalogue), NOW)
        assert bool(asked) is is_planned

    def test_a_committee_does_not_outdate_what_somebody_looks_at(
        self, store: Store, catalogue: Catalogue, prepare: Prepare
    ) -> None:
        prepared, seen = prepare(csv_file(JEU_04.format(12))), store.version()
        save_catalogue(store, meeting_of(catalogue), NOW, "coordinator", what="meeting")
        save_submission(store, prepared, "officer", NOW, seen_version=seen, approve=True)
        assert values(store) == [("JEU-04", "2026-Q3", 12.0)]
        assert date(2027, 3, 9) in load_catalogue(store).meetings["held_on"]

    def test_another_change_of_the_catalogue_does(self, store: Store, catalogue: Catalogue, prepare: Prepare) -> None:
        prepared, seen = prepare(csv_file(JEU_04.format(12))), store.version()
        save_catalogue(store, rename_challenge(catalogue), NOW)
        with pytest.raises(PreviewOutdated):
            save_submission(store, prepared, "officer", NOW, seen_version=seen)


class TestGoals:
    """What each indicator is measured against."""

    def test_the_latest_version_of_a_target_counts(self, store: Store, catalogue: Catalogue) -> None:
        """And the one before, asked as of then."""
        first = catalogue.targets.filter(territory_code=TILLEULS, indicator_code="JEU-01")
        second = first.with_columns(target_version=pl.lit(2, pl.Int64), target_value=pl.lit(36.0))
        targets = pl.concat([catalogue.targets, second])
        save_catalogue(store, Catalogue(**{**catalogue.tables(), "targets": targets}), AFTER)
        for moment, version, value in ((BETWEEN, 1, 30.0), (None, 2, 36.0)):
            goals = load_goals(store, [TILLEULS], Audience.TERRITORY, moment).filter(indicator_code="JEU-01")
            assert goals.select("target_version", "target_value").rows() == [(version, value)]

    def test_an_indicator_without_target_is_watched(self, store: Store, deposit: Deposit) -> None:
        """JEU-04 has none at Les Tilleuls."""
        deposit(csv_file(JEU_04.format(12)))
        goals = load_goals(store, [TILLEULS], Audience.TERRITORY).filter(indicator_code="JEU-04")
        assert goals.select("goal_code", "kind", "target_value", "unit").rows() == [(None, "watch_only", None, "count")]


SQL_TYPES = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
}


def columns_of(store: Store, table: str) -> dict[str, tuple[str, bool]]:
    query = (
        "SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns "
        "WHERE table_name = ? ORDER BY ordinal_position"
    )
    return {name: (kind, empty) for name, kind, empty in store.cursor().execute(query, [table]).fetchall()}


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store just made."""
    store = open_store(Settings(store_path=tmp_path_factory.mktemp("new") / "cap.duckdb"), plan_masks)
    yield store
    store.close()


class TestTables:
    """tables.sql and the models say the same."""

    @pytest.mark.parametrize("table", MODELS)
    def test_a_catalogue_table_is_its_model(self, table: str, new_store: Store) -> None:
        """Columns, order, types and what may be empty; `sequence` first."""
        model = MODELS[table].to_schema().columns
        types = column_types(table)
        expected = {name: (SQL_TYPES[types[name].base_type()], model[name].nullable) for name in model}
        found = columns_of(new_store, table)
        assert list(found) == ["sequence", *expected]
        assert found == {"sequence": ("BIGINT", False), **expected}

    def test_the_observation_table_is_its_model(self, new_store: Store) -> None:
        """The model's columns and what the commit adds; a stored row always has its period."""
        model = Observations.to_schema().columns
        found = columns_of(new_store, "observation")
        added = {"submission_id", "period_start", "indicator_version"}
        assert set(found) == {*model, *added}
        assert {name: empty for name, (_, empty) in found.items() if name not in added} == {
            name: column.nullable and name != "period" for name, column in model.items()
        }
        assert [found[name][1] for name in sorted(added)] == [False, False, False]

    def test_no_constraint_but_not_null(self, new_store: Store) -> None:
        """Keys are checked before the transaction."""
        kinds = new_store.cursor().execute("SELECT DISTINCT constraint_type FROM duckdb_constraints()").fetchall()
        assert kinds == [("NOT NULL",)]


class TestOpening:
    """One process owns the file, and the file is a store of ours."""

    def test_a_store_is_made_where_there_is_none(self, tmp_path: Path) -> None:
        """With its folder; opened again, it has kept what it was given."""
        path = tmp_path / "new" / "cap.duckdb"
        open_store(Settings(store_path=path), plan_masks).close()
        store = open_store(Settings(store_path=path), plan_masks)
        assert store.version() == 0
        store.close()

    def test_what_is_stored_outlives_the_process(self, store: Store, deposit: Deposit, catalogue: Catalogue) -> None:
        """Closed and opened again."""
        deposit(csv_file(JEU_04.format(12)))
        version = store.version()
        store.close()
        again = open_store(Settings(store_path=store.path), plan_masks)
        assert (again.version(), values(again)) == (version, [("JEU-04", "2026-Q3", 12.0)])
        assert load_catalogue(again).indicators.height == catalogue.indicators.height
        again.close()

    def test_a_second_process_finds_it_in_use(self, tmp_path: Path) -> None:
        """While another holds it; afterwards it opens."""
        path = tmp_path / "cap.duckdb"
        holder = (
            "import sys; from pathlib import Path; from pipelines.store import open_store; "
            "from settings import Settings; from measures.disclosure import plan_masks; "
            "store = open_store(Settings(store_path=Path(sys.argv[1])), plan_masks); print('open', flush=True); "
            "sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", holder, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout.readline() == "open\n"
            with pytest.raises(StoreInUse, match=r"cap\.duckdb"):
                open_store(Settings(store_path=path), plan_masks)
            process.communicate()
        open_store(Settings(store_path=path), plan_masks).close()

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            pytest.param("cap.duckdb", b"not a database, but long enough to be looked at\n" * 200, id="text"),
            pytest.param("cap.duckdb", bytes(20_000), id="zeros"),
            pytest.param("clock.duckdb", b"not a database\n" * 200, id="text_in_a_file_whose_name_holds_lock"),
        ],
    )
    def test_a_file_that_is_no_database_is_unusable(self, name: str, content: bytes, tmp_path: Path) -> None:
        """Said so, and left as it was."""
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(StoreUnusable, match=name):
            open_store(Settings(store_path=path), plan_masks)
        assert path.read_bytes() == content

    def test_a_damaged_store_is_unusable_not_in_use(self, store: Store) -> None:
        """A broken block is no lock."""
        store.close()
        content = bytearray(store.path.read_bytes())
        content[4096:12288] = b"\xff" * 8192
        store.path.write_bytes(content)
        with pytest.raises(StoreUnusable):
            open_store(Settings(store_path=store.path), plan_masks)

    @pytest.mark.parametrize(
        "table",
        [
            pytest.param("CREATE TABLE clients (name VARCHAR)", id="other_tables"),
            pytest.param("CREATE TABLE observation (x INTEGER)", id="a_table_of_the_same_name"),
        ],
    )
    def test_a_database_of_another_program_is_unusable(self, table: str, tmp_path: Path) -> None:
        """It is not a store: none of our tables is put into it."""
        path = tmp_path / "other.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(table)
        with pytest.raises(StoreUnusable):
            open_store(Settings(store_path=path), plan_masks)
        with duckdb.connect(str(path)) as connection:
            assert len(connection.execute("SELECT * FROM duckdb_tables()").fetchall()) == 1

    def test_a_store_of_another_format_is_left_as_it_is(self, store: Store) -> None:
        """A later version's store is refused before anything in it is replaced."""
        store.close()
        with duckdb.connect(str(store.path)) as connection:
            connection.execute("UPDATE store_format SET version = 99")
            connection.execute("CREATE OR REPLACE MACRO approvals_at(moment) AS TABLE SELECT 99 AS later")
        with pytest.raises(StoreUnusable, match="99"):
            open_store(Settings(store_path=store.path), plan_masks)
        with duckdb.connect(str(store.path)) as connection:
            assert connection.execute("SELECT * FROM approvals_at(1)").fetchall() == [(99,)]
