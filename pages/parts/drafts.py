"""The file being sent: chosen now, or begun before and kept, so that a closed tab loses nothing."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from outputs.html import write_html
from pages.parts.world import World
from pipelines.store import Draft, discard_draft, load_drafts, load_original, save_draft
from schemas.submission import PreparedSubmission
from schemas.visitor import Visitor

DRAFT = "brouillon"


@dataclass(frozen=True)
class SentFile:
    """`key` tells two files of one name apart, `draft` is its number where it was kept before."""

    name: str
    content: bytes
    key: str
    draft: str | None = None


def pick_file(world: World, visitor: Visitor, territory: str) -> SentFile | None:
    """The file dropped on the page, else the draft of the address, if it is this person's."""
    uploaded = st.file_uploader(world.words("deposit.choose"), type=None, help=None, key=f"file:{territory}")
    if uploaded:
        return SentFile(uploaded.name, uploaded.getvalue(), uploaded.file_id)
    wanted = st.query_params.get(DRAFT)
    draft = next((one for one in _list_drafts(world, visitor, territory) if one.submission_id == wanted), None)
    if draft is None:
        return None
    content = load_original(world.store, draft.submission_id, visitor.territories)
    return SentFile(draft.filename, content, draft.submission_id, draft.submission_id)


def _list_drafts(world: World, visitor: Visitor, territory: str) -> list[Draft]:
    return load_drafts(world.store, territory, visitor.account)


def keep_draft(
    world: World, visitor: Visitor, territory: str, file: SentFile, prepared: PreparedSubmission
) -> str | None:
    """The number of the draft that this file is from now on; None for one that names persons: nothing of it stays."""
    if not prepared.content:
        return None
    if file.draft:
        return file.draft
    kept = save_draft(world.store, file.content, prepared.filename, territory, visitor.account, world.now)
    return kept.submission_id


def offer_draft(world: World, visitor: Visitor, territory: str) -> None:
    """What was begun before is offered again, or put away."""
    words = world.words
    for draft in _list_drafts(world, visitor, territory)[:1]:
        link = world.link("deposer", territoire=territory, brouillon=draft.submission_id)
        said = words("draft.begun", file=draft.filename, at=words.moment(draft.at, world.zone(territory)))
        st.html(write_html("notice", words, title="", sentences=[said], link=(link, words("draft.resume"))))
        if st.button(words("draft.discard")):
            discard_draft(world.store, draft.submission_id, visitor.account, world.now, words("draft.discarded"))
            st.rerun()
