"""What waits for the coordinator: deposits to approve, and whether a territory wants that at all."""

from __future__ import annotations

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts.rounds import Campaign
from pages.parts.world import World
from pipelines.store import load_approval_at_once, load_issues, load_submissions, save_approval_at_once
from schemas.submission import SubmissionState
from schemas.visitor import Visitor
from schemas.words import RoundState


def list_waiting(world: World, visitor: Visitor) -> pl.DataFrame:
    """The deposits of these territories that nobody has decided on, the oldest first."""
    rows = load_submissions(world.store, visitor.territories, world.version)
    mine = pl.col("territories").list.eval(pl.element().is_in(list(visitor.territories))).list.all()
    return rows.filter(mine & (pl.col("state") == SubmissionState.SUBMITTED.value)).sort("sent_at")


def say_standing(world: World, waiting: pl.DataFrame, campaign: Campaign) -> None:
    """One sentence on where we stand."""
    words = world.words
    missing = campaign.board.filter(~pl.col("state").is_in([RoundState.VALIDATED.value, RoundState.RECEIVED.value]))
    sentences = [
        words.plural("todo.waiting", waiting.height) if len(waiting) else words("todo.none"),
        words.plural("todo.missing", missing.height, period=words.period(campaign.period))
        if len(missing)
        else words("todo.all_came", period=words.period(campaign.period)),
    ]
    st.html(write_html("lead", words, sentence=" ".join(sentences)))


def show_waiting(world: World, visitor: Visitor, waiting: pl.DataFrame) -> None:
    words = world.words
    lines = []
    for row in waiting.iter_rows(named=True):
        zone = world.zone(row["territories"][0])
        names = ", ".join(world.catalogue.territory_name(code) for code in row["territories"])
        counts = [words.plural(f"change.{name}", row[f"{name}_rows"]) for name in ("new", "changed")]
        remarks = len(load_issues(world.store, row["submission_id"], visitor.territories))
        lines.append(
            {
                "title": names,
                "link": world.link("recu", numero=row["submission_id"]),
                "sentence": words(
                    "todo.line",
                    file=row["filename"],
                    at=words.moment(row["sent_at"], zone),
                    by=world.name_account(row["sent_by"]),
                    counts=", ".join(counts),
                ),
                "warnings": words.plural("todo.warnings", remarks) if remarks else "",
                "reason": words("news.reason", reason=row["reason"]) if row["reason"] else "",
            }
        )
    if lines:
        st.html(write_html("waiting", words, lines=lines))


def choose_approval(world: World, visitor: Visitor) -> None:
    """Each territory may have its deposits without warning approved as they come."""
    words = world.words
    with st.expander(words("todo.at_once")), st.form("at-once", border=False):
        st.caption(words("todo.at_once_help"))
        chosen = {territory: load_approval_at_once(world.store, territory) for territory in visitor.territories}
        wanted = {
            # Under another key once somebody else chose: a box that nobody touched says what holds.
            territory: st.checkbox(world.catalogue.territory_name(territory), is_on, key=f"at-once:{territory}:{is_on}")
            for territory, is_on in chosen.items()
        }
        if st.form_submit_button(words("todo.at_once_save")):
            for territory in (one for one in chosen if wanted[one] != chosen[one]):
                save_approval_at_once(world.store, territory, wanted[territory], visitor.account, world.now)
            st.rerun()
