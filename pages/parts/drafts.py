"""The file being sent: chosen or pasted now, begun before, or sent back to be corrected; a closed tab loses nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from outputs.html import write_html
from pages.parts.receipts import find_receipt
from pages.parts.world import World
from pipelines.deposit import name_pasted
from pipelines.store import (
    Draft,
    discard_draft,
    has_original,
    load_drafts,
    load_original,
    load_repairs,
    save_draft,
    save_repairs,
)
from schemas.submission import PreparedSubmission, Receipt, Remark, SubmissionState
from schemas.visitor import Visitor

DRAFT, AGAIN = "brouillon", "reprendre"


@dataclass(frozen=True)
class SentFile:
    """`key` tells two files of one name apart, `draft` is its number where it was kept before."""

    name: str
    content: bytes
    key: str
    draft: str | None = None


def pick_file(world: World, visitor: Visitor, territory: str) -> SentFile | None:
    """The file dropped on the page, else the cells pasted there, else the draft of the address, if it is theirs."""
    uploaded = st.file_uploader(world.words("deposit.choose"), type=None, help=None, key=f"file:{territory}")
    drafts = _list_drafts(world, visitor, territory)
    if uploaded:
        return _as_sent(uploaded.name, uploaded.getvalue(), drafts)
    wanted = st.query_params.get(DRAFT)
    draft = next((one for one in drafts if one.submission_id == wanted), None)
    pasted = _paste(world, territory) if draft is None else None
    if pasted:
        return _as_sent(world.words("paste.filename"), pasted, drafts)
    if draft is None:
        return None
    content = load_original(world.store, draft.submission_id, visitor.territories)
    return SentFile(draft.filename, content, draft.sha256, draft.submission_id)


def _as_sent(name: str, content: bytes, drafts: Sequence[Draft]) -> SentFile:
    """The same file again goes on with its draft, and what was corrected in it."""
    sha256 = hashlib.sha256(content).hexdigest()
    same = (one.submission_id for one in drafts if one.sha256 == sha256)
    return SentFile(name, content, sha256, next(same, None))


def _paste(world: World, territory: str) -> bytes | None:
    """Cells copied from a spreadsheet, as the text that they are."""
    words, key = world.words, f"pasted:{territory}"
    with st.expander(words("paste.title")), st.form(f"paste:{territory}", border=False):
        text = st.text_area(words("paste.cells"), height=140)
        if st.form_submit_button(words("paste.read")):
            st.session_state[key] = text
    kept = st.session_state.get(key, "")
    return name_pasted(kept).encode() if kept.strip() else None


def _list_drafts(world: World, visitor: Visitor, territory: str) -> list[Draft]:
    return load_drafts(world.store, territory, visitor.account)


def keep_draft(
    world: World, visitor: Visitor, territory: str, file: SentFile, prepared: PreparedSubmission
) -> str | None:
    """The number of the draft that this file is from now on; None for one that names persons: nothing of it stays."""
    if not prepared.content:
        return None
    number = file.draft
    if number is None:
        kept = save_draft(world.store, file.content, prepared.filename, territory, visitor.account, world.now)
        number = kept.submission_id
    if st.query_params.get(DRAFT) != number:
        st.query_params[DRAFT] = number
    return number


def offer_draft(world: World, visitor: Visitor, territory: str) -> None:
    """What was begun before is offered again, or put away."""
    words = world.words
    for draft in _list_drafts(world, visitor, territory):
        link = world.link("deposer", territoire=territory, brouillon=draft.submission_id)
        said = words("draft.begun", file=draft.filename, at=words.moment(draft.at, world.zone(territory)))
        corrected = len(load_repairs(world.store, draft.submission_id))
        sentences = [said, words.plural("draft.repaired", corrected)] if corrected else [said]
        st.html(write_html("notice", words, title="", sentences=sentences, link=(link, words("draft.resume"))))
        if st.button(words("draft.discard"), key=f"discard:{draft.submission_id}"):
            discard_draft(world.store, draft.submission_id, visitor.account, world.now, words("draft.discarded"))
            st.rerun()


def take_up_again(world: World, visitor: Visitor, territory: str) -> None:
    """A deposit that was sent back becomes a draft again, with what was corrected of it: `?reprendre=NUMBER`."""
    receipt = find_returned(world, visitor, territory)
    if receipt is None or st.query_params.get(DRAFT) or not has_original(world.store, receipt.sha256):
        return
    content = load_original(world.store, receipt.submission_id, visitor.territories)
    draft = save_draft(world.store, content, receipt.filename, territory, visitor.account, world.now)
    if not load_repairs(world.store, draft.submission_id):
        save_repairs(world.store, draft.submission_id, receipt.repairs, visitor.account, world.now)
    st.query_params[DRAFT] = draft.submission_id


def find_returned(world: World, visitor: Visitor, territory: str) -> Receipt | None:
    """The deposit of the address, if it is of this territory and waits for its sender."""
    receipt = find_receipt(world, visitor, st.query_params.get(AGAIN, ""))
    is_theirs = receipt is not None and receipt.territories == (territory,)
    return receipt if is_theirs and receipt and receipt.state is SubmissionState.RETURNED else None


def list_remarks(receipt: Receipt | None) -> list[Remark]:
    """What the coordinator wrote of the deposit: why it came back, then line by line."""
    if receipt is None:
        return []
    why = next((one.reason for one in receipt.events if one.state is SubmissionState.RETURNED and one.reason), None)
    return [*([Remark(why)] if why else []), *receipt.remarks]
