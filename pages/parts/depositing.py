"""The steps of a deposit: what a file holds, what is wrong with it, what it would change, its receipt."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace

import streamlit as st

from measures.plausibility import check_plausibility
from measures.rounds import current_rounds
from outputs.annotated import name_annotated, write_annotated
from outputs.dictionary import write_dictionary_csv
from outputs.html import write_html
from outputs.issue_table import write_issue_table
from outputs.template import write_template_csv, write_template_xlsx
from pages.parts import cached
from pages.parts.drafts import SentFile
from pages.parts.receipts import IS_NEW, IS_REPEAT, NUMBER
from pages.parts.world import AS_OF, World
from pipelines.deposit import add_warnings, count_ready, leave_faulty, list_ready, prepare_submission
from pipelines.layouts import mapping_from_text
from pipelines.read import list_rows, read_document
from pipelines.store import (
    NamesSomebody,
    PreviewOutdated,
    ReasonNeeded,
    StoreBusy,
    StoreUnusable,
    load_mappings,
    load_observations,
    load_repairs,
    save_submission,
)
from schemas.issue import Code, UnreadableFile
from schemas.mapping import About, Mapping
from schemas.reading import Reading
from schemas.submission import OBSERVATIONS, Change, PreparedSubmission
from schemas.visitor import Visitor
from texts.sentences import say_filename, say_reading, say_unreadable
from web.guide import GUIDE

SHOWN_DIFFERENCE = "shown_difference"
READ = "read_a_moment_ago"


def prepare_chosen(world: World, visitor: Visitor, territory: str, file: SentFile) -> PreparedSubmission | None:
    """The submission of the sheet that fits, or of the one that the person chooses."""
    prepared = prepare(world, visitor, territory, file)
    sheet = pick_sheet(world, file, prepared) if prepared else None
    if prepared is None or sheet is None or (sheet == prepared.reading.sheet and not prepared.reading.fitting):
        return prepared
    return prepare(world, visitor, territory, file, sheet)


def prepare(
    world: World, visitor: Visitor, territory: str, file: SentFile, sheet: str | None = None
) -> PreparedSubmission | None:
    """The prepared submission with what was corrected of it so far, or None with one sentence on the page where the
    file cannot be used."""
    repairs = load_repairs(world.store, file.draft) if file.draft else ()
    try:
        with st.spinner(world.words("deposit.reading", file=file.name)):
            reading = _read_once(world, file, sheet)
            previous = load_observations(world.store, [territory], visitor.audience, as_of=world.version)
            prepared = prepare_submission(
                file.content,
                file.name,
                [territory],
                cached.whole_catalogue_at(world.store, str(world.store.path), world.version),
                previous,
                lambda: world.now,
                sheet=sheet,
                kept=load_kept(world, territory),
                most_rows=world.settings.upload_max_rows,
                repairs=repairs,
                reading=reading,
            )
    except UnreadableFile as error:
        sentences = [say_unreadable(world.words, error), world.words("deposit.nothing_stored")]
        st.html(write_html("notice", world.words, title="", sentences=sentences, link=None))
        return None
    if prepared.content:
        st.session_state[READ] = ((file.key, sheet), reading)
    if prepared.rows.is_empty():
        return prepared
    template_on = prepared.reading.template_on
    return add_warnings(prepared, check_plausibility(prepared.rows, previous, world.catalogue, template_on))


def _read_once(world: World, file: SentFile, sheet: str | None) -> Reading:
    """What was read of this file a moment ago, while its cells are corrected; a file that names persons is not kept."""
    kept: tuple[tuple[str, str | None], Reading] | None = st.session_state.get(READ)
    if kept and kept[0] == (file.key, sheet):
        return replace(kept[1], filename=file.name)
    limit = world.settings.upload_max_bytes
    if len(file.content) > limit:
        raise UnreadableFile("too_large", file.name, limit=f"{limit / 1_000_000:g}")
    return read_document(file.content, file.name, sheet)


def read_before() -> Reading:
    """What was read of the file on the page, as it came: `prepare` was called before."""
    reading: Reading = st.session_state[READ][1]
    return reading


def load_kept(world: World, territory: str) -> dict[str, Mapping]:
    """What was answered before about the layouts of this territory's files."""
    kept = load_mappings(world.store, territory)
    return {layout: mapping_from_text(text, layout) for layout, text in kept.items()}


def show_understood(world: World, prepared: PreparedSubmission) -> None:
    """What was understood of the file, what was set aside and why, and how many rows are ready."""
    words = world.words
    is_register = prepared.kind != OBSERVATIONS
    ready = 0 if _is_whole(prepared) else count_ready(prepared) if is_register else list_ready(prepared).height
    sentences = [words.plural("deposit.rows_read", prepared.row_count), words.plural("deposit.rows_ready", ready)]
    if prepared.row_count > ready:
        sentences.append(words.plural("deposit.rows_wrong", prepared.row_count - ready))
    if prepared.blocking:
        sentences.append(words("deposit.nothing_stored"))
    if prepared.questions or prepared.reading.fitting or prepared.issues.of_code(Code.PERSONAL_DATA):
        sentences = [words("deposit.nothing_stored")]
    sentences = [" ".join(sentences), *say_reading(words, prepared.reading)]
    sentences += [words(f"register.is.{prepared.kind}"), words("register.at_once")] if is_register else []
    if prepared.layout:
        sentences.append(words(f"understood.layout.{prepared.layout.split()[0]}"))
    st.html(write_html("notice", words, title=say_filename(words, prepared.filename), sentences=sentences, link=None))


def pick_sheet(world: World, file: SentFile, prepared: PreparedSubmission) -> str | None:
    """Of several sheets with a table, the one to send; None while there is no choice to make."""
    sheets, is_asked = prepared.reading.sheets, any(one.about is About.SHEETS for one in prepared.questions)
    if len(sheets) < 2 or prepared.reading.sheet not in sheets or prepared.reading.joined or is_asked:
        return None
    taken = None if prepared.reading.fitting else sheets.index(prepared.reading.sheet)
    key, label = f"sheet:{file.key}", world.words("deposit.sheet")
    return st.selectbox(label, sheets, index=taken, key=key, placeholder=world.words("ask.choose"))


def offer_annotated(world: World, file: SentFile, prepared: PreparedSubmission) -> None:
    """Their file back, faults marked in place; made when it is asked for. Not of a file that names persons."""
    if not prepared.issues or prepared.issues.of_code(Code.PERSONAL_DATA):
        return
    content, reading, words = file.content, prepared.reading, world.words

    def write() -> bytes:
        rows = None if reading.kind == "csv" else list_rows(content, reading.filename, reading.sheet)
        return write_annotated(content, reading, prepared.issues, words, rows)[0]

    st.download_button(words("deposit.annotated"), write, name_annotated(reading, words), on_click="ignore")
    if reading.kind in ("xls", "xlsb", "ods"):
        st.caption(words("deposit.annotated_copy", kind=reading.kind.upper()))


def offer_issue_table(world: World, prepared: PreparedSubmission) -> None:
    """All that is wrong as a table, each line with its link to the guide; made when it is asked for."""
    if not prepared.issues:
        return
    words, guide_url = world.words, f"{world.settings.url}{GUIDE}"
    st.download_button(
        words("deposit.issue_table"),
        lambda: write_issue_table(prepared.issues, words, guide_url),
        words("issue_table.filename"),
        on_click="ignore",
    )


def offer_templates(world: World, visitor: Visitor, territory: str) -> None:
    """The template of the round that is open, filled in as far as it can be, and the dictionary of its columns."""
    words, today = world.words, world.now.date()
    mine = world.catalogue.territories.filter(territory_code=territory)
    period = current_rounds(today, mine, world.catalogue.rounds)[0].period
    previous = load_observations(world.store, [territory], visitor.audience, as_of=world.version)
    given = (world.catalogue, territory, period, previous, words, today)
    book, text, columns = st.columns(3)
    name = f"{territory.lower()}-{period}"
    label = words("deposit.template_xlsx", period=words.period(period))
    book.download_button(label, lambda: write_template_xlsx(*given), f"{name}.xlsx", on_click="ignore")
    label = words("deposit.template_csv", period=words.period(period))
    text.download_button(label, lambda: write_template_csv(*given), f"{name}.csv", on_click="ignore")
    label = words("deposit.dictionary")
    columns.download_button(label, lambda: write_dictionary_csv(words), "observations.csv", on_click="ignore")


def _is_whole(prepared: PreparedSubmission) -> bool:
    """Whether something is wrong with the file as a whole, such as a missing column."""
    return any(issue.row is None for issue in prepared.blocking)


def choose_ready_part(
    world: World, visitor: Visitor, territory: str, prepared: PreparedSubmission
) -> PreparedSubmission:
    """What is ready of a file with faulty rows, if the person asks for it: the rest stays expected. Otherwise the file
    as it is."""
    ready = list_ready(prepared).height
    if prepared.is_ready or not ready or _is_whole(prepared):
        return prepared
    words, left = world.words, prepared.row_count - ready
    label = words("deposit.partial", ready=words.plural("deposit.rows", ready), left=words.plural("deposit.rows", left))
    if not st.checkbox(label, key=f"partial:{prepared.sha256}"):
        return prepared
    return leave_faulty(prepared, load_observations(world.store, [territory], visitor.audience, as_of=world.version))


def confirm(world: World, visitor: Visitor, territory: str, prepared: PreparedSubmission, draft: str | None) -> None:
    """One button; a correction of what is approved asks why. What is confirmed is the difference that was shown."""
    words = world.words
    reason = ""
    if prepared.count(Change.CHANGED) and prepared.kind == OBSERVATIONS:
        reason = st.text_input(words("deposit.why"), max_chars=300)
    wanted = st.button(words("deposit.confirm"), type="primary")
    difference = hashlib.sha256(prepared.changes.write_csv().encode()).hexdigest()
    was_shown = st.session_state.get(SHOWN_DIFFERENCE) == difference
    st.session_state[SHOWN_DIFFERENCE] = difference
    if not wanted:
        return
    if not was_shown:
        st.html(write_html("notice", words, title="", sentences=[words("deposit.moved")], link=None))
        return
    try:
        receipt = save_submission(
            world.store, prepared, visitor.account, world.now, reason, seen_version=world.version, draft=draft
        )
    except NamesSomebody as error:
        sentence = words("move.names_somebody", kind=words(f"personal.{error}"))
        st.html(write_html("notice", words, title="", sentences=[sentence], link=None))
        return
    except ReasonNeeded:
        st.html(write_html("notice", words, title="", sentences=[words("deposit.why_needed")], link=None))
        return
    except PreviewOutdated:
        st.html(write_html("notice", words, title="", sentences=[words("deposit.moved")], link=None))
        return
    except (StoreUnusable, StoreBusy):
        logging.getLogger(__name__).exception("a deposit was not kept")
        st.html(write_html("notice", words, title="", sentences=[words("deposit.not_kept")], link=None))
        return
    st.session_state.pop(AS_OF, None)  # whoever sent something sees it
    news = {IS_REPEAT: "1"} if receipt.first_at else {IS_NEW: "1"}
    st.switch_page("receipt.py", query_params={NUMBER: receipt.submission_id, **news})
