"""The life of a submission: who may follow whom, what is asked for a reason, and what the current view is then."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sent_files import NOW, TILLEULS, csv_file

from measures.disclosure import plan_masks
from pipelines.deposit import leave_faulty, prepare_submission
from pipelines.difference import compare_rows
from pipelines.store import (
    NamesSomebody,
    PreviewOutdated,
    ReasonNeeded,
    Store,
    WrongMove,
    discard_draft,
    load_deliveries,
    load_drafts,
    load_issues,
    load_observations,
    load_original,
    load_receipt,
    load_revisions,
    load_sent,
    load_submissions,
    move_submission,
    open_store,
    read_original,
    save_approval_at_once,
    save_draft,
    save_submission,
)
from schemas.catalogue import Catalogue
from schemas.submission import NEXT_STATES, PreparedSubmission, Receipt, Remark, SubmissionState
from schemas.words import Audience, Severity
from settings import Settings

Deposit = Callable[..., Receipt]
Prepare = Callable[..., PreparedSubmission]
DRAFT, SUBMITTED, RETURNED, APPROVED, WITHDRAWN = SubmissionState
JEU_04 = "FR-99-TILLEULS;;JEU-04;2026-T3;total;;;;{};normal;libre;;;30/09/2026;Associations;"
LATER = NOW + timedelta(hours=1)


def current(store: Store, **said: object) -> list[float]:
    return load_observations(store, [TILLEULS], Audience.TERRITORY, **said)["value"].to_list()


def t3(value: object) -> bytes:
    return csv_file(JEU_04.format(value))


class TestSteps:
    """draft -> submitted -> returned | approved -> withdrawn, as a log."""

    def test_a_deposit_waits_for_approval(self, store: Store, deposit: Deposit) -> None:
        """Its values count from the approval on; the log says who and when."""
        receipt = deposit(t3(12), approve=False)
        assert (receipt.state, receipt.is_pending, current(store)) == (SUBMITTED, True, [])
        approved = move_submission(store, receipt.submission_id, APPROVED, "coordinator", LATER)
        assert (approved.state, current(store)) == (APPROVED, [12.0])
        assert [(one.state, one.by) for one in approved.events] == [(SUBMITTED, "officer"), (APPROVED, "coordinator")]
        assert (approved.at, approved.events[1].at) == (NOW, LATER)

    def test_a_return_says_why_and_where(self, store: Store, deposit: Deposit) -> None:
        """The reason and the remarks by line stay for ever; its values never count; a new file is a new submission."""
        number = deposit(t3(12), approve=False).submission_id
        with pytest.raises(ReasonNeeded):
            move_submission(store, number, RETURNED, "coordinator", LATER, " ")
        remarks = [Remark("compté deux fois", 2, "valeur"), Remark("et la source ?")]
        move_submission(store, number, RETURNED, "coordinator", LATER, "à revoir", remarks)
        again = deposit(t3(11))
        assert again.submission_id != number
        returned = load_receipt(store, number, None)
        assert (returned.state, returned.events[-1].reason) == (RETURNED, "à revoir")
        assert returned.remarks == (Remark("et la source ?"), Remark("compté deux fois", 2, "valeur"))
        assert current(store) == [11.0]

    def test_a_withdrawal_uncovers_what_was_there_before(self, store: Store, deposit: Deposit) -> None:
        deposit(t3(12))
        second = deposit(t3(9))
        assert current(store) == [9.0]
        move_submission(store, second.submission_id, WITHDRAWN, "coordinator", LATER, "erreur de fichier")
        assert current(store) == [12.0]
        assert current(store, as_of=NOW) == [9.0]

    @pytest.mark.parametrize("state", SubmissionState)
    def test_no_step_is_taken_that_the_state_does_not_allow(
        self, store: Store, deposit: Deposit, state: SubmissionState
    ) -> None:
        """And nothing is written."""
        number = deposit(t3(12), approve=False).submission_id
        if state is DRAFT:
            number = save_draft(store, b"x", "x.csv", TILLEULS, "officer", NOW).submission_id
        elif state is not SUBMITTED:
            move_submission(store, number, APPROVED if state is WITHDRAWN else state, "c", LATER, "raison")
            if state is WITHDRAWN:
                move_submission(store, number, WITHDRAWN, "c", LATER, "raison")
        version = store.version()
        for wanted in {APPROVED, RETURNED, WITHDRAWN} - set(NEXT_STATES[state]):
            with pytest.raises(WrongMove) as raised:
                move_submission(store, number, wanted, "c", LATER, "raison")
            assert (raised.value.state, raised.value.wanted) == (state, wanted)
        assert store.version() == version

    @pytest.mark.parametrize("number", ["", "nothing", "01a211fb-9495-7a87-8f9a-c1f750841255"])
    def test_a_number_that_is_not_in_the_log(self, store: Store, number: str) -> None:
        with pytest.raises(KeyError):
            move_submission(store, number, APPROVED, "c", NOW)
        with pytest.raises(KeyError):
            load_receipt(store, number, None)

    def test_a_territory_may_have_deposits_without_warning_approved_at_once(
        self, store: Store, deposit: Deposit, prepare: Prepare
    ) -> None:
        """One with a warning waits all the same, and so does a correction; it is undone like any choice."""
        save_approval_at_once(store, TILLEULS, True, "coordinator", NOW)
        assert deposit(t3(12), approve=False).state is APPROVED
        assert not prepare(t3(12)).issues
        assert deposit(t3(9), approve=False).state is SUBMITTED
        save_approval_at_once(store, TILLEULS, False, "coordinator", NOW)
        other = csv_file(JEU_04.format(5).replace("T3", "T2").replace("30/09", "30/06"))
        assert deposit(other, approve=False).state is SUBMITTED

    def test_receipts_of_other_territories_are_not_there(self, store: Store, deposit: Deposit) -> None:
        number = deposit(t3(12)).submission_id
        assert load_receipt(store, number, [TILLEULS, "FR-99-LILAS"]).submission_id == number
        with pytest.raises(KeyError):
            load_receipt(store, number, ["FR-99-LILAS"])
        sent, _ = load_sent(store, number, ["FR-99-LILAS"], Audience.TERRITORY)
        assert sent.is_empty()


class TestReasons:
    """Correcting something approved asks for a reason."""

    def test_a_correction_without_reason_is_not_kept(self, store: Store, prepare: Prepare, deposit: Deposit) -> None:
        deposit(t3(12))
        previous = load_observations(store, [TILLEULS], Audience.TERRITORY)
        version = store.version()
        with pytest.raises(ReasonNeeded):
            save_submission(store, prepare(t3(9), previous=previous), "officer", NOW, "  ")
        assert (store.version(), current(store)) == (version, [12.0])

    def test_a_deposit_that_became_a_correction_while_it_waited(self, store: Store, deposit: Deposit) -> None:
        """Whoever approves it says why; the same values again need no reason."""
        waiting = deposit(t3(9), approve=False).submission_id
        same = deposit(t3("9,0"), approve=False).submission_id
        deposit(t3(12))
        with pytest.raises(ReasonNeeded):
            move_submission(store, waiting, APPROVED, "c", LATER)
        move_submission(store, waiting, APPROVED, "c", LATER, "le bon est le premier")
        move_submission(store, same, APPROVED, "c", LATER)
        assert current(store) == [9.0]

    def test_a_reason_explains_the_correction_it_was_given_for(self, store: Store, deposit: Deposit) -> None:
        """Another value that became a correction while the deposit waited is to be explained by whoever approves."""
        t2 = JEU_04.replace("2026-T3", "2026-T2").replace("30/09", "30/06")
        deposit(csv_file(JEU_04.format(12), t2.format(20)))
        waiting = deposit(csv_file(JEU_04.format(9), t2.format(20)), approve=False, reason="le T3 seulement")
        deposit(csv_file(t2.format(25)))
        with pytest.raises(ReasonNeeded):
            move_submission(store, waiting.submission_id, APPROVED, "c", LATER)
        assert move_submission(store, waiting.submission_id, APPROVED, "c", LATER, "le T2 aussi").state is APPROVED

    def test_a_move_is_made_from_the_state_that_was_seen(self, store: Store, deposit: Deposit) -> None:
        """« Valider » never becomes « Retirer » because somebody else was faster."""
        number = deposit(t3(12), approve=False).submission_id
        move_submission(store, number, APPROVED, "another", LATER)
        with pytest.raises(WrongMove):
            move_submission(store, number, WITHDRAWN, "c", LATER, "raison", seen_state=SUBMITTED)
        assert current(store) == [12.0]

    @pytest.mark.parametrize("words", ["voir lea.martin@exemple.fr", "appelez le 06 12 34 56 78"])
    def test_words_that_name_somebody_are_not_kept(self, store: Store, deposit: Deposit, words: str) -> None:
        """Neither as a reason nor as a remark; nothing moves."""
        number = deposit(t3(12), approve=False).submission_id
        version = store.version()
        for reason, remarks in ((words, []), ("à revoir", [Remark(words, 2)])):
            with pytest.raises(NamesSomebody):
                move_submission(store, number, RETURNED, "c", LATER, reason, remarks)
        with pytest.raises(NamesSomebody):
            deposit(t3(9), reason=words)
        assert store.version() == version

    def test_values_that_moved_between_preview_and_approval(self, store: Store, deposit: Deposit) -> None:
        """The difference is to be looked at again; a move elsewhere does not matter."""
        waiting = deposit(t3(9), approve=False).submission_id
        seen = store.version()
        save_approval_at_once(store, "FR-99-LILAS", True, "c", NOW)
        deposit(csv_file(JEU_04.format(3).replace("TILLEULS", "LILAS")), territories=["FR-99-LILAS"])
        unmoved = store.version()
        deposit(t3(12))
        with pytest.raises(PreviewOutdated):
            move_submission(store, waiting, APPROVED, "c", LATER, "vu", seen_version=seen)
        with pytest.raises(PreviewOutdated):
            move_submission(store, waiting, APPROVED, "c", LATER, "vu", seen_version=unmoved)
        assert move_submission(store, waiting, APPROVED, "c", LATER, "vu", seen_version=store.version())

    def test_another_territory_does_not_outdate_a_preview(self, store: Store, deposit: Deposit) -> None:
        waiting = deposit(t3(9), approve=False).submission_id
        seen = store.version()
        deposit(csv_file(JEU_04.format(3).replace("TILLEULS", "LILAS")), territories=["FR-99-LILAS"])
        assert move_submission(store, waiting, APPROVED, "c", LATER, seen_version=seen).state is APPROVED


class TestSameAgain:
    """The same deposit again is a no-op while the first is pending or nothing would change."""

    def test_while_it_is_pending(self, store: Store, deposit: Deposit) -> None:
        """It says when it first came, though a value would still be new."""
        first = deposit(t3(12), approve=False)
        version = store.version()
        again = deposit(t3(12), approve=False, at=LATER)
        assert (again.submission_id, again.first_at, store.version()) == (first.submission_id, NOW, version)

    @pytest.mark.parametrize("approve", [False, True])
    def test_confirmed_by_eight_in_the_same_instant(self, store: Store, prepare: Prepare, approve: bool) -> None:
        """One is kept; each gets its receipt."""
        prepared, version = prepare(t3(12)), store.version()
        start = Barrier(8)

        def confirm(_: int) -> Receipt:
            start.wait()
            return save_submission(store, prepared, "officer", NOW, approve=approve)

        with ThreadPoolExecutor(8) as pool:
            receipts = list(pool.map(confirm, range(8)))
        assert len({receipt.submission_id for receipt in receipts}) == 1
        assert sum(receipt.first_at is None for receipt in receipts) == 1
        assert (store.version(), load_submissions(store, None).height) == (version + 1, 1)

    def test_asked_with_approval_it_is_approved(self, store: Store, deposit: Deposit) -> None:
        first = deposit(t3(12), approve=False)
        again = deposit(t3(12), approve=True, at=LATER)
        assert (again.submission_id, again.state, current(store)) == (first.submission_id, APPROVED, [12.0])

    @pytest.mark.parametrize("state", [RETURNED, WITHDRAWN])
    def test_after_a_return_or_a_withdrawal_it_is_new(
        self, store: Store, deposit: Deposit, state: SubmissionState
    ) -> None:
        first = deposit(t3(12), approve=False).submission_id
        move_submission(store, first, state, "c", LATER, "raison")
        again = deposit(t3(12), approve=False)
        assert (again.submission_id != first, again.first_at) == (True, None)

    def test_a_then_b_then_a_restores_a(self, store: Store, deposit: Deposit) -> None:
        first = deposit(t3(12))
        deposit(t3(9))
        again = deposit(t3(12))
        assert (again.submission_id != first.submission_id, current(store)) == (True, [12.0])

    def test_another_choice_of_rows_is_another_deposit(self, store: Store, prepare: Prepare) -> None:
        prepared = prepare(t3(12))
        first = save_submission(store, prepared, "officer", NOW)
        part = save_submission(store, replace(prepared, left_rows=1), "officer", NOW)
        assert part.submission_id != first.submission_id


class TestDrafts:
    """A closed tab loses nothing."""

    def test_a_draft_becomes_the_submission(self, store: Store, prepare: Prepare) -> None:
        """It keeps its number, and leaves the list of drafts."""
        draft = save_draft(store, t3(12), "t3.csv", TILLEULS, "officer", NOW)
        assert load_drafts(store, TILLEULS, "officer") == [draft]
        assert load_submissions(store, None).is_empty()
        assert read_original(store, draft.sha256) == t3(12)
        receipt = save_submission(store, prepare(t3(12), "t3.csv"), "officer", LATER, draft=draft.submission_id)
        assert receipt.submission_id == draft.submission_id
        assert [one.state for one in receipt.events] == [DRAFT, SUBMITTED]
        assert (receipt.at, receipt.sent_by) == (LATER, "officer")
        assert load_drafts(store, TILLEULS, "officer") == []

    def test_the_same_file_is_one_draft_and_another_replaces_it(self, store: Store) -> None:
        first, again, other = (
            save_draft(store, t3(value), "t3.csv", TILLEULS, "officer", NOW) for value in (12, 12, 9)
        )
        assert first == again
        assert load_drafts(store, TILLEULS, "officer") == [other]

    def test_a_file_that_was_sent_is_no_draft_any_more(self, store: Store, prepare: Prepare, deposit: Deposit) -> None:
        """Whether the draft turned out to be a repeat, or the same file came by another way."""
        deposit(t3(12))
        draft = save_draft(store, t3(12), "t3.csv", TILLEULS, "officer", NOW)
        assert load_drafts(store, TILLEULS, "officer") == []
        previous = load_observations(store, [TILLEULS], Audience.TERRITORY)
        again = save_submission(store, prepare(t3(12), previous=previous), "officer", LATER, draft=draft.submission_id)
        assert again.first_at == NOW
        other = save_draft(store, t3(9), "t3.csv", TILLEULS, "officer", NOW)
        assert load_drafts(store, TILLEULS, "officer") == [other]

    def test_a_draft_is_put_away(self, store: Store, deposit: Deposit) -> None:
        """And nothing else can be: a deposit is withdrawn with its reason."""
        draft = save_draft(store, t3(12), "t3.csv", TILLEULS, "officer", NOW)
        discard_draft(store, draft.submission_id, "officer", NOW, "abandonné")
        assert load_drafts(store, TILLEULS, "officer") == []
        for number in (draft.submission_id, deposit(t3(12)).submission_id):
            with pytest.raises(WrongMove):
                discard_draft(store, number, "officer", NOW, "abandonné")

    def test_drafts_are_their_author_s(self, store: Store) -> None:
        save_draft(store, t3(12), "t3.csv", TILLEULS, "officer", NOW)
        assert load_drafts(store, TILLEULS, "another") == []
        assert load_drafts(store, "FR-99-LILAS", "officer") == []


class TestWhatIsKeptOfADeposit:
    """The file as sent, what was said of it, what it replaced."""

    def test_the_original_is_kept_to_the_byte(self, store: Store, deposit: Deposit) -> None:
        receipt = deposit(t3(12))
        assert read_original(store, receipt.sha256) == t3(12)
        assert [path.name for path in store.originals.rglob("*") if path.is_file()] == [receipt.sha256]

    def test_the_original_is_its_territory_s(self, store: Store, deposit: Deposit) -> None:
        """Of a draft too; of another territory there is none."""
        draft = save_draft(store, b"draft", "t.csv", TILLEULS, "officer", NOW)
        for number in (deposit(t3(12)).submission_id, draft.submission_id):
            assert load_original(store, number, [TILLEULS, "FR-99-LILAS"])
            for other, places in ((number, ["FR-99-LILAS"]), (number, []), ("nothing", [TILLEULS])):
                with pytest.raises(KeyError):
                    load_original(store, other, places)

    def test_what_was_said_is_said_again_in_the_same_words(self, store: Store, prepare: Prepare) -> None:
        """Warnings, and why rows were left out of a partial deposit."""
        lines = (JEU_04.format(12) + "Mme Martin", JEU_04.format("x").replace("T3", "T2"))
        prepared = prepare(csv_file(*lines))
        part = leave_faulty(prepared, load_observations(store, [TILLEULS], Audience.TERRITORY))
        number = save_submission(store, part, "officer", NOW).submission_id
        assert {issue.severity for issue in prepared.issues} == set(Severity)
        assert {*map(str, load_issues(store, number, [TILLEULS]))} == {*map(str, prepared.issues)}

    def test_what_a_deposit_replaced_is_told_after_others_came(self, store: Store, deposit: Deposit) -> None:
        """Beside the values of its own moment, whatever came since."""
        deposit(t3(12))
        second = deposit(t3(9))
        deposit(t3(7))
        changes = compare_rows(*load_sent(store, second.submission_id, [TILLEULS], Audience.TERRITORY))
        assert changes.select("change", "value_before", "value").rows() == [("changed", 12.0, 9.0)]

    def test_pending_values_are_masked_as_they_would_be(self, store: Store, deposit: Deposit) -> None:
        number = deposit(t3(3), approve=False).submission_id
        seen = {
            audience: load_sent(store, number, [TILLEULS], audience)[0].select("value", "is_masked").row(0)
            for audience in Audience
        }
        assert seen == {
            Audience.TERRITORY: (3.0, False),
            Audience.NATIONAL: (None, True),
            Audience.PUBLIC: (None, True),
        }

    def test_every_write_is_in_the_audit(self, store: Store, deposit: Deposit) -> None:
        """One row a commit: who, what, when, to what; nothing else."""
        number = deposit(t3(12), approve=False, sent_by="account-1").submission_id
        move_submission(store, number, APPROVED, "account-2", LATER)
        rows = store.cursor().execute("SELECT sequence, account_id, action, subject FROM audit ORDER BY ALL").fetchall()
        assert rows[1:] == [(2, "account-1", "deposit", number), (3, "account-2", "approve", number)]
        assert store.version() == len(rows)

    def test_deliveries_say_what_came_and_when(self, store: Store, deposit: Deposit) -> None:
        number = deposit(t3(12), approve=False).submission_id
        move_submission(store, number, APPROVED, "c", LATER)
        rows = load_deliveries(store, [TILLEULS])
        assert rows.rows() == [(TILLEULS, "JEU-04", "2026-Q3", number, "approved", NOW)]


class TestRevisions:
    """A revised value stays visible, with reason, who and when."""

    def test_the_value_before_a_correction(self, store: Store, deposit: Deposit) -> None:
        deposit(t3(12))
        deposit(t3(9), reason="deux dossiers comptés deux fois", at=LATER, sent_by="officer-2")
        rows = load_revisions(store, [TILLEULS], Audience.TERRITORY)
        assert rows.select("value", "revised_by", "revised_reason", "revised_at").rows() == [
            (12.0, "officer-2", "deux dossiers comptés deux fois", LATER)
        ]
        assert load_revisions(store, [TILLEULS], Audience.TERRITORY, as_of=NOW).is_empty()

    def test_a_withdrawn_value(self, store: Store, deposit: Deposit) -> None:
        """Is one too; of a pending deposit nothing is told."""
        second = deposit(t3(9)).submission_id
        deposit(t3(5), approve=False)
        move_submission(store, second, WITHDRAWN, "c", LATER, "erreur de fichier")
        rows = load_revisions(store, [TILLEULS], Audience.TERRITORY)
        assert rows.select("value", "revised_by", "revised_reason").rows() == [(9.0, "c", "erreur de fichier")]

    def test_the_same_value_said_again_is_no_revision(self, store: Store, deposit: Deposit) -> None:
        deposit(t3(12))
        deposit(csv_file(JEU_04.format(12).replace("Associations", "Associations du quartier")))
        assert load_revisions(store, [TILLEULS], Audience.TERRITORY).is_empty()

    def test_the_reason_of_a_revision_is_for_the_territory(self, store: Store, deposit: Deposit) -> None:
        """It may hold the figure that is masked for others."""
        deposit(t3(12))
        deposit(t3(9), reason="il fallait 9")
        reasons = {one: load_revisions(store, [TILLEULS], one)["revised_reason"].to_list() for one in Audience}
        assert reasons == {Audience.TERRITORY: ["il fallait 9"], Audience.NATIONAL: [None], Audience.PUBLIC: [None]}

    def test_an_earlier_value_is_masked_like_the_present_one(self, store: Store, deposit: Deposit) -> None:
        deposit(t3(12))
        deposit(t3(3))
        assert load_revisions(store, [TILLEULS], Audience.TERRITORY)["value"].to_list() == [12.0]
        assert load_revisions(store, [TILLEULS], Audience.NATIONAL)["value"].drop_nulls().is_empty()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), st.dictionaries(st.integers(1, 4), st.integers(0, 9), min_size=1), st.booleans()),
        st.tuples(st.sampled_from([APPROVED, RETURNED, WITHDRAWN]), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=14,
)


def model_view(log: list[tuple[dict[int, int], SubmissionState, int]]) -> dict[int, int]:
    """Ten lines: of the approved, in the order of their approvals, the later covers the earlier."""
    view: dict[int, int] = {}
    for values, state, _ in sorted(log, key=lambda one: one[2]):
        if state is APPROVED:
            view |= values
    return view


@settings(
    max_examples=200 if os.environ.get("CAP_FULL_SIZE") else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_any_sequence_gives_the_view_of_the_model(
    steps: list[tuple[object, ...]], store_with_catalogue: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = Path(shutil.copy(store_with_catalogue, tempfile.mkdtemp(dir=tmp_path)))
    store = open_store(Settings(store_path=path), plan_masks)
    nothing = load_observations(store, [TILLEULS], Audience.TERRITORY)
    line = JEU_04.format(1)
    quarters = [line.replace("2026-T3", f"2025-T{n}").replace("30/09/2026", "") for n in (1, 2, 3, 4)]
    base = prepare_submission(csv_file(*quarters), "a.csv", [TILLEULS], catalogue, nothing, clock=lambda: NOW)
    log: list[tuple[dict[int, int], SubmissionState, int]] = []
    numbers: list[str] = []
    for at, step in enumerate(steps):
        if step[0] == "deposit":
            _, values, approve = step
            keys = base.rows.filter(pl.col("period").str.slice(6).cast(pl.Int64).is_in(list(values)))
            rows = keys.with_columns(
                value=pl.col("period").str.slice(6).cast(pl.Int64).replace_strict(values, return_dtype=pl.Float64)
            )
            before = load_observations(store, [TILLEULS], Audience.TERRITORY)
            prepared = replace(
                base,
                rows=rows,
                row_count=rows.height,
                changes=compare_rows(rows, before),
                sha256=f"{at:064}",
                content=f"{at}".encode(),
            )
            numbers.append(save_submission(store, prepared, "o", NOW, "raison", approve=approve).submission_id)
            log.append((values, APPROVED if approve else SUBMITTED, at))
        elif log:
            wanted, which = step
            which %= len(log)
            values, state, approved_at = log[which]
            if wanted in NEXT_STATES[state]:
                move_submission(store, numbers[which], wanted, "c", NOW, "raison")
                log[which] = (values, wanted, at if wanted is APPROVED else approved_at)
            else:
                with pytest.raises(WrongMove):
                    move_submission(store, numbers[which], wanted, "c", NOW, "raison")
        seen = load_observations(store, [TILLEULS], Audience.TERRITORY).select("period", "value").rows()
        assert {int(period[-1]): int(value) for period, value in seen} == model_view(log)
    states = load_submissions(store, [TILLEULS]).select("submission_id", "state").rows()
    assert dict(states) == {number: state.value for number, (_, state, _) in zip(numbers, log, strict=True)}
    store.close()
    shutil.rmtree(path.parent)
