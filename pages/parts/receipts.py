"""A deposit that was kept: its receipt, its files, and the moves that whoever looks at it may make."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any

import streamlit as st

from outputs.difference import list_difference
from outputs.html import write_html
from outputs.receipt import list_receipt, name_receipt, say_next, write_receipt
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
from schemas.submission import NEXT_STATES, Receipt, Remark, SubmissionState
from schemas.visitor import Visitor
from schemas.words import Audience, Role


class RemarksLost(Exception):
    """Remarks go with a return: with anything else nobody would read them."""


SEEN = "seen_difference"
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
    is_for_them = receipt.is_pending and _may(visitor, receipt, SubmissionState.APPROVED)
    if st.query_params.get(IS_REPEAT) == "1":
        title = words("receipt.title_repeat", at=words.moment(receipt.at, world.zone(receipt.territories[0])))
    elif st.query_params.get(IS_NEW) == "1":
        title = words("receipt.title")
    next_step = words("next.yours") if is_for_them else say_next(words, receipt.state)
    st.html(write_html("notice", words, title=title, sentences=[next_step], link=None))


def show_receipt(world: World, visitor: Visitor, receipt: Receipt) -> tuple[dict[str, Any], bool]:
    """The receipt on the page; returned for the file of it, with whether its difference is the one shown before."""
    words = world.words
    sent, before = load_sent(world.store, receipt.submission_id, receipt.territories, visitor.audience, world.version)
    changes = compare_rows(sent, before)
    difference = list_difference(words, world.catalogue, changes)
    zone = world.zone(receipt.territories[0])
    is_inside = visitor.audience is Audience.TERRITORY
    shown = list_receipt(words, receipt, difference, world.name_account, zone, is_inside)
    st.html(write_html("receipt", words, **shown))
    what_was_shown = f"{receipt.submission_id}{receipt.state}{changes.write_csv()}"
    difference_shown = hashlib.sha256(what_was_shown.encode()).hexdigest()
    was_shown = st.session_state.get(SEEN) == difference_shown
    st.session_state[SEEN] = difference_shown
    return shown, was_shown


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
    if world.as_of:
        return
    allowed = [state for state in NEXT_STATES[receipt.state] if _may(visitor, receipt, state)]
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
    if wanted and not was_shown:
        st.html(write_html("notice", words, title="", sentences=[words("deposit.moved")], link=None))
    elif wanted:
        _move(world, visitor, receipt, allowed[options.index(chosen)], reason, read_remarks(remarks))


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


def _may(visitor: Visitor, receipt: Receipt, state: SubmissionState) -> bool:
    """The coordinator of all its territories decides; whoever sent it may take it back while it waits."""
    if not set(receipt.territories) <= set(visitor.territories):
        return False
    is_own = receipt.sent_by == visitor.account and receipt.is_pending and state is SubmissionState.WITHDRAWN
    return visitor.role is Role.COORDINATOR or is_own


def _move(
    world: World, visitor: Visitor, receipt: Receipt, state: SubmissionState, reason: str, remarks: list[Remark]
) -> None:
    words = world.words
    number = receipt.submission_id
    move = partial(move_submission, seen_version=world.version, seen_state=receipt.state)
    try:
        if remarks and state is not SubmissionState.RETURNED:
            raise RemarksLost
        move(world.store, number, state, visitor.account, world.now, reason, remarks)
    except RemarksLost:
        sentence = words("move.remarks_lost")
    except NamesSomebody as error:
        sentence = words("move.names_somebody", kind=words(f"personal.{error}"))
    except ReasonNeeded:
        sentence = words("move.reason_needed" if state is not SubmissionState.APPROVED else "move.correction_reason")
    except PreviewOutdated:
        sentence = words("deposit.moved")
    except WrongMove as error:
        sentence = words("move.already", state=words(f"submission.{error.state}"))
    else:
        st.query_params.from_dict({NUMBER: number})
        st.rerun()
    st.html(write_html("notice", words, title="", sentences=[sentence], link=None))
