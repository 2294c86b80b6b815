"""A deposit that was kept: its receipt, its files, and the moves that whoever looks at it may make."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from outputs.difference import list_difference
from outputs.html import write_html
from outputs.receipt import list_receipt, name_receipt, say_next, write_receipt
from outputs.registers import list_receipt_difference
from pages.parts.issues import list_parts
from pages.parts.world import World
from pipelines.difference import compare_rows
from pipelines.store import (
    NamesSomebody,
    PreviewOutdated,
    ReasonNeeded,
    WrongMove,
    has_original,
    load_issues,
    load_receipt,
    load_sent,
    move_submission,
)
from schemas.submission import NEXT_STATES, OBSERVATIONS, Receipt, Remark, SubmissionState
from schemas.visitor import Visitor
from schemas.words import Audience, Role


class RemarksLost(Exception):
    """Remarks go with a return: with anything else nobody would read them."""


SEEN = "seen_difference:{number}"
SHOWN_WAITING = "shown_waiting"
"""Where the page of what waits notes the deposits that it showed: one decided here is not news there."""
OF_A_LINE = re.compile(r"(?:ligne|line)?\s*(?P<row>\d+)\s*:(?!\d\d\b)(?P<said>.*\S.*)", re.IGNORECASE)
"""« 14 : texte »; « 10:30 » is a time."""
NUMBER, IS_NEW, IS_REPEAT = "numero", "nouveau", "deja"


def find_receipt(world: World, visitor: Visitor, number: str) -> Receipt | None:
    """The receipt of that number, if it is of this visitor's territories; another's is said not to be there."""
    if not number:
        return None
    try:
        return load_receipt(world.store, number.strip(), visitor.territories, world.version)
    except KeyError:
        return None


def find_by_number(world: World) -> None:
    """A receipt is found again by its number; one that is not there is said."""
    if st.query_params.get(NUMBER):
        st.html(write_html("notice", world.words, title="", sentences=[world.words("receipt.none")], link=None))
    with st.form("number", border=False):
        number = st.text_input(world.words("receipt.find"))
        if st.form_submit_button(world.words("receipt.find_button")) and number.strip():
            st.switch_page("receipt.py", query_params={NUMBER: number.strip()})


def say_arrival(world: World, visitor: Visitor, receipt: Receipt) -> None:
    """What just happened, for the person who comes from *Déposer*, and what comes next."""
    words = world.words
    if st.query_params.get(IS_NEW) == "1":
        st.html(write_html("steps", words, current=4))
    title = ""
    is_for_them = receipt.is_pending and may_move(visitor, receipt, SubmissionState.APPROVED)
    if st.query_params.get(IS_REPEAT) == "1":
        title = words("receipt.title_repeat", at=words.moment(receipt.at, world.zone(receipt.territories[0])))
    elif st.query_params.get(IS_NEW) == "1":
        title = words("receipt.title")
    next_step = words("next.yours") if is_for_them else say_next(words, receipt.state, receipt.kind)
    st.html(write_html("notice", words, title=title, sentences=[next_step], link=None))


def show_receipt(world: World, visitor: Visitor, receipt: Receipt) -> tuple[dict[str, Any], bool]:
    """The receipt on the page; returned for the file of it, with whether its difference is the one shown before."""
    words = world.words
    changes = compare_receipt(world, visitor, receipt)
    difference = list_difference(words, world.catalogue, changes)
    if receipt.kind != OBSERVATIONS:
        difference = list_receipt_difference(words, receipt, changes)
    zone = world.zone(receipt.territories[0])
    is_inside = visitor.audience is Audience.TERRITORY
    shown = list_receipt(words, receipt, difference, world.name_account, zone, is_inside)
    st.html(write_html("receipt", words, **shown))
    return shown, note_shown(receipt, changes)


def compare_receipt(world: World, visitor: Visitor, receipt: Receipt) -> pl.DataFrame:
    """What a deposit changes, or did when it was decided, as this visitor may see it."""
    sent, before = load_sent(world.store, receipt.submission_id, receipt.territories, visitor.audience, world.version)
    return compare_rows(sent, before)


def note_shown(receipt: Receipt, changes: pl.DataFrame) -> bool:
    """Whether this is what the page showed last of this deposit; from now on it is."""
    key = SEEN.format(number=receipt.submission_id)
    shown = hashlib.sha256(f"{receipt.state}{changes.write_csv()}".encode()).hexdigest()
    was_shown = st.session_state.get(key) == shown
    st.session_state[key] = shown
    return was_shown


def show_issues(world: World, visitor: Visitor, receipt: Receipt) -> None:
    """What was said of the file: for those who may see its values."""
    issues = load_issues(world.store, receipt.submission_id, visitor.territories)
    if issues and visitor.audience is Audience.TERRITORY:
        parts = list_parts(world.words, issues)
        st.html(write_html("folded_issues", world.words, parts=parts, n=len(issues)))


def offer_files(world: World, visitor: Visitor, receipt: Receipt, shown: dict[str, Any]) -> None:
    """The receipt to keep, and the file as it was sent for those who may see all of the territory's figures."""
    words = world.words
    st.download_button(
        words("receipt.download"),
        lambda: write_receipt(words, shown),
        name_receipt(words, receipt),
        mime="text/html",
        on_click="ignore",
    )
    if visitor.audience is not Audience.TERRITORY:
        return
    if has_original(world.store, receipt.sha256):
        link = (f"/fichier/{receipt.submission_id}", words("receipt.original"))
        st.html(write_html("exit", words, link=link))
    else:
        st.caption(words("receipt.no_original"))


def offer_moves(world: World, visitor: Visitor, receipt: Receipt, was_shown: bool) -> None:
    """Approve, return, withdraw: what the state allows and this person may do. What is approved is what was shown."""
    if world.as_of or receipt.kind != OBSERVATIONS:  # a register is corrected by another
        return
    allowed = [state for state in NEXT_STATES[receipt.state] if may_move(visitor, receipt, state)]
    if not allowed:
        return
    words = world.words
    st.subheader(words("move.title"))
    key = f"move:{receipt.submission_id}:{receipt.state}"
    with st.form(key):
        options = [words(f"move.{state}") for state in allowed]
        chosen = st.radio(words("move.what"), options, key=f"{key}:what", label_visibility="collapsed")
        reason = st.text_area(words("move.reason"), max_chars=1000)
        remarks = st.text_area(words("move.remarks"), max_chars=5000) if SubmissionState.RETURNED in allowed else ""
        wanted = st.form_submit_button(words("move.do"), type="primary")
    if wanted:
        state = allowed[options.index(chosen)]
        refusal = make_move(world, visitor, receipt, state, was_shown, reason, read_remarks(remarks))
        if not refusal:
            st.query_params.from_dict({NUMBER: receipt.submission_id})
            st.rerun()
        st.html(write_html("notice", words, title="", sentences=[refusal], link=None))


def read_remarks(text: str) -> list[Remark]:
    """One remark a line; « 14 : texte » is of line 14 of the file."""
    found = []
    for line in text.splitlines():
        of_line = OF_A_LINE.fullmatch(line.strip())
        if of_line:
            found.append(Remark(of_line["said"].strip(), int(of_line["row"])))
        elif line.strip():
            found.append(Remark(line.strip()))
    return found


def may_move(visitor: Visitor, receipt: Receipt, state: SubmissionState) -> bool:
    """The coordinator of all its territories decides; whoever sent it may take it back while it waits."""
    if not set(receipt.territories) <= set(visitor.territories):
        return False
    is_own = receipt.sent_by == visitor.account and receipt.is_pending and state is SubmissionState.WITHDRAWN
    return visitor.role is Role.COORDINATOR or is_own


def make_move(
    world: World,
    visitor: Visitor,
    receipt: Receipt,
    state: SubmissionState,
    was_shown: bool,
    reason: str = "",
    remarks: Sequence[Remark] = (),
) -> str:
    """Move a deposit on; why it did not move, in one sentence, or nothing. What is approved is what `was_shown`."""
    words, number = world.words, receipt.submission_id
    if not was_shown:
        return words("deposit.moved")
    move = partial(move_submission, seen_version=world.version, seen_state=receipt.state)
    try:
        if remarks and state is not SubmissionState.RETURNED:
            raise RemarksLost
        move(world.store, number, state, visitor.account, world.now, reason, remarks)
    except RemarksLost:
        return words("move.remarks_lost")
    except NamesSomebody as error:
        return words("move.names_somebody", kind=words(f"personal.{error}"))
    except ReasonNeeded:
        return words("move.reason_needed" if state is not SubmissionState.APPROVED else "move.correction_reason")
    except PreviewOutdated:
        return words("deposit.moved")
    except WrongMove as error:
        return words("move.already", state=words(f"submission.{error.state}"))
    st.session_state.get(SHOWN_WAITING, {}).pop(number, None)
    return ""
