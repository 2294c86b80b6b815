"""The story behind the curve: drafted, validated, rewritten; who is given which text, and what is never kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sent_files import NOW, TILLEULS, csv_file

from measures.disclosure import plan_masks
from pipelines.store import (
    NamesSomebody,
    PreviewOutdated,
    Store,
    TooLong,
    load_commentary,
    load_sources,
    load_writing,
    move_submission,
    open_store,
    save_commentary,
)
from pipelines.store.backup import back_up, restore_backup
from schemas.commentary import Commentary, CommentaryState
from schemas.submission import Receipt, SubmissionState
from schemas.words import Audience
from settings import Settings

DRAFT, VALIDATED = CommentaryState
JEU, T2, T3 = "JEU-01", "2026-Q2", "2026-Q3"


def write(store: Store, words: str, state: CommentaryState = DRAFT, **said: object) -> None:
    place = {"territory": TILLEULS, "indicator": JEU, "period": T3, "by": "officer", "at": NOW} | said
    save_commentary(store, words=words, state=state, **place)  # type: ignore[arg-type]


def read(store: Store, audience: Audience = Audience.TERRITORY, **said: object) -> list[str]:
    return [one.words for one in load_commentary(store, [TILLEULS], audience, **said)]  # type: ignore[arg-type]


def writing(store: Store, **said: object) -> list[tuple[str, CommentaryState]]:
    return [(one.words, one.state) for one in load_writing(store, [TILLEULS], **said)]  # type: ignore[arg-type]


class TestWhoReadsWhat:
    """A draft is for those who write; the text validated last is everybody's of the territory."""

    def test_a_draft_is_for_those_who_write(self, store: Store) -> None:
        write(store, "La permanence a rouvert.")
        assert (read(store), writing(store)) == ([], [("La permanence a rouvert.", DRAFT)])

    def test_what_is_validated_says_who_and_when(self, store: Store) -> None:
        write(store, "  La permanence a rouvert. ", VALIDATED, by="coordinator")
        sequence = store.version()
        assert load_commentary(store, [TILLEULS], Audience.TERRITORY) == [
            Commentary(TILLEULS, JEU, T3, VALIDATED, "La permanence a rouvert.", "coordinator", NOW, sequence)
        ]

    def test_a_rewritten_text_waits_while_the_validated_one_is_read(self, store: Store) -> None:
        write(store, "Première lecture.", VALIDATED)
        write(store, "Seconde lecture.", DRAFT)
        assert (read(store), writing(store)) == (["Première lecture."], [("Seconde lecture.", DRAFT)])
        write(store, "Seconde lecture.", VALIDATED)
        assert (read(store), writing(store)) == (["Seconde lecture."], [("Seconde lecture.", VALIDATED)])

    def test_empty_words_take_a_text_back(self, store: Store) -> None:
        write(store, "Erreur de territoire.", VALIDATED)
        write(store, "", VALIDATED)
        assert (read(store), writing(store)) == ([], [("", VALIDATED)])

    @pytest.mark.parametrize("audience", [Audience.NATIONAL, Audience.PUBLIC])
    def test_nobody_outside_the_territory_reads_it(self, store: Store, audience: Audience) -> None:
        write(store, "Trois jeunes sont partis.", VALIDATED)
        assert read(store, audience) == []

    def test_each_figure_has_its_own_and_each_territory_its_own(self, store: Store) -> None:
        write(store, "Au T3.", VALIDATED)
        write(store, "Au T2.", VALIDATED, period=T2)
        write(store, "Ailleurs.", VALIDATED, territory="FR-99-LILAS")
        assert read(store) == ["Au T2.", "Au T3."]

    def test_a_moment_has_what_was_written_by_then(self, store: Store) -> None:
        write(store, "Avant.", VALIDATED)
        then = store.version()
        write(store, "Après.", VALIDATED, at=NOW + timedelta(days=30))
        assert read(store, as_of=then) == ["Avant."]
        assert read(store, as_of=NOW + timedelta(days=1)) == ["Avant."]
        assert writing(store, as_of=then) == [("Avant.", VALIDATED)]
        assert read(store, as_of=then - 1) == []


class TestWhatIsNotKept:
    """Refused before anything is written: the version of the store does not move."""

    @pytest.mark.parametrize(
        ("words", "refused"),
        [
            pytest.param("Écrire à zoe@example.org", NamesSomebody, id="personal_data"),
            pytest.param("a" * 601, TooLong, id="601_characters"),
        ],
    )
    def test_it_is_refused_before_anything_is_kept(self, store: Store, words: str, refused: type[Exception]) -> None:
        before = store.version()
        with pytest.raises(refused):
            write(store, words)
        assert (store.version(), writing(store)) == (before, [])

    def test_six_hundred_characters_are_kept(self, store: Store) -> None:
        write(store, "a" * 600 + "\n")
        assert writing(store) == [("a" * 600, DRAFT)]

    def test_who_did_not_see_the_last_text_does_not_cover_it(self, store: Store) -> None:
        write(store, "De l’une.", seen=0)
        seen = store.version()
        with pytest.raises(PreviewOutdated):
            write(store, "De l’autre.", seen=0)
        write(store, "D’un autre trimestre.", seen=0, period=T2)
        write(store, "Des deux.", seen=seen)
        assert ("Des deux.", DRAFT) in writing(store)


def test_a_backup_holds_it(store: Store, tmp_path: Path) -> None:
    write(store, "Gardé.", VALIDATED)
    back_up(store, tmp_path / "backup", NOW)
    other = open_store(Settings(store_path=tmp_path / "other" / "cap.duckdb"), plan_masks)
    restore_backup(other, tmp_path / "backup")
    assert read(other) == ["Gardé."]
    other.close()


def test_a_source_is_that_of_the_last_deposit_that_stands(store: Store, deposit: Callable[..., Receipt]) -> None:
    """Of each indicator; a returned deposit says nothing."""
    line = "FR-99-TILLEULS;;{};{};total;;;;{};normal;libre;;;;{};"
    deposit(csv_file(line.format("JEU-04", "2026-T1", 12, "Associations"), line.format("ALI-02", "2026-T1", 9, "CCAS")))
    deposit(csv_file(line.format("JEU-04", "2026-T2", 13, "Centre social")), approve=False)
    returned = deposit(csv_file(line.format("ALI-02", "2026-T2", 8, "Autre")), approve=False).submission_id
    move_submission(store, returned, SubmissionState.RETURNED, "c", NOW, "à revoir")
    assert load_sources(store, [TILLEULS]) == {(TILLEULS, "JEU-04"): "Centre social", (TILLEULS, "ALI-02"): "CCAS"}
    assert load_sources(store, ["FR-99-LILAS"]) == {}
