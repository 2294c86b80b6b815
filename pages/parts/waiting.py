"""What waits for the coordinator: deposits to approve or return, and whether a territory wants that at all."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from outputs.difference import list_difference
from outputs.html import write_html
from outputs.receipt import say_event
from pages.parts.issues import list_parts
from pages.parts.receipts import (
    SHOWN_WAITING,
    compare_receipt,
    find_receipt,
    make_move,
    may_move,
    note_shown,
    read_remarks,
)
from pages.parts.world import World
from pipelines.store import load_approval_at_once, load_issues, save_approval_at_once
from schemas.submission import Change, Receipt, SubmissionState
from schemas.visitor import Visitor

MOST_DETAILED, MOST_LINES, MOST_SENTENCES = 5, 8, 3
DECIDED = "decided"


def say_decided(world: World, visitor: Visitor, waiting: pl.DataFrame) -> None:
    """What was just decided here, and what somebody else decided since the page was shown."""
    words = world.words
    for sentence, number in st.session_state.pop(DECIDED, []):
        link = (world.link("recu", numero=number), words("todo.receipt"))
        st.html(write_html("notice", words, title="", sentences=[sentence], link=link))
    if world.as_of:
        return
    shown = st.session_state.get(SHOWN_WAITING, {})
    now = dict(waiting.select("submission_id", "filename").iter_rows())
    for number in shown.keys() - now.keys():
        _say_gone(world, find_receipt(world, visitor, number))
    st.session_state[SHOWN_WAITING] = now


def _say_gone(world: World, receipt: Receipt | None) -> None:
    if receipt is None:
        return
    words = world.words
    event = say_event(words, receipt.events[-1], world.name_account, world.zone(receipt.territories[0]))
    sentence = words("todo.gone", file=receipt.filename, event=event)
    link = (world.link("recu", numero=receipt.submission_id), words("todo.receipt"))
    st.html(write_html("notice", words, title="", sentences=[sentence], link=link))


def show_waiting(world: World, visitor: Visitor, waiting: pl.DataFrame) -> None:
    """Each deposit with what it changes beside what was said of it, and the decision below; the oldest in full."""
    words = world.words
    if waiting.is_empty():
        return
    st.html(write_html("heading", words, title=words.plural("todo.approve", waiting.height), note=""))
    for number in waiting["submission_id"].head(MOST_DETAILED):
        receipt = find_receipt(world, visitor, number)
        if receipt is not None:
            _show_deposit(world, visitor, receipt)
    rest = waiting.slice(MOST_DETAILED)
    if len(rest):
        lines = [(row["filename"], world.link("recu", numero=row["submission_id"])) for row in rest.to_dicts()]
        st.html(write_html("waiting_rest", words, lines=lines))


def _show_deposit(world: World, visitor: Visitor, receipt: Receipt) -> None:
    words = world.words
    changes = compare_receipt(world, visitor, receipt)
    was_shown = note_shown(receipt, changes)
    issues = load_issues(world.store, receipt.submission_id, visitor.territories)
    difference = list_difference(words, world.catalogue, changes, receipt.masked, receipt.left, MOST_LINES)
    parts = list_parts(words, issues, MOST_SENTENCES)
    st.html(write_html("waiting", words, **_say_deposit(world, receipt), difference=difference, parts=parts))
    if not world.as_of and may_move(visitor, receipt, SubmissionState.APPROVED):
        _offer_decision(world, visitor, receipt, changes, was_shown)


def _say_deposit(world: World, receipt: Receipt) -> dict[str, Any]:
    words = world.words
    zone = world.zone(receipt.territories[0])
    return {
        "title": ", ".join(world.catalogue.territory_name(code) for code in receipt.territories),
        "link": world.link("recu", numero=receipt.submission_id),
        "sentence": words(
            "todo.line",
            file=receipt.filename,
            at=words.moment(receipt.at, zone),
            by=world.name_account(receipt.sent_by),
        ),
        "reason": words("news.reason", reason=receipt.reason.rstrip(" .")) if receipt.reason else "",
    }


def _offer_decision(world: World, visitor: Visitor, receipt: Receipt, changes: pl.DataFrame, was_shown: bool) -> None:
    """One button to approve; behind a fold, why it is returned and what to correct."""
    words, number = world.words, receipt.submission_id
    corrects = len(changes) > 0 and len(changes.filter(change=Change.CHANGED.value)) > 0
    with st.form(f"approve:{number}", border=False):
        why = st.text_input(words("todo.why"), max_chars=1000) if corrects and not receipt.reason else ""
        is_approved = st.form_submit_button(words("todo.do_approve"), type="primary")
    with st.expander(words("move.returned")), st.form(f"return:{number}", border=False):
        reason = st.text_area(words("todo.return_reason"), max_chars=1000)
        remarks = st.text_area(words("todo.return_remarks"), max_chars=5000)
        is_returned = st.form_submit_button(words("todo.do_return"))
    if is_approved:
        refusal = make_move(world, visitor, receipt, SubmissionState.APPROVED, was_shown, why)
        _go_on(world, receipt, SubmissionState.APPROVED, refusal)
    elif is_returned:
        said = read_remarks(remarks)
        refusal = make_move(world, visitor, receipt, SubmissionState.RETURNED, was_shown, reason, said)
        _go_on(world, receipt, SubmissionState.RETURNED, refusal)


def _go_on(world: World, receipt: Receipt, state: SubmissionState, refusal: str) -> None:
    """Show the page without the deposit that was decided, or say in one sentence why it was not."""
    words = world.words
    if not refusal:
        done = words(f"todo.done.{state}", file=receipt.filename)
        st.session_state.setdefault(DECIDED, []).append((done, receipt.submission_id))
        st.rerun()
    st.html(write_html("notice", words, title="", sentences=[refusal], link=None))


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
