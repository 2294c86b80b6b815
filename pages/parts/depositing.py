"""The steps of a deposit: what a file holds, what is wrong with it, what it would change, its receipt."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from measures.disclosure import plan_masks
from measures.plausibility import check_plausibility
from outputs.annotated import name_annotated, write_annotated
from outputs.dictionary import write_dictionary_csv
from outputs.html import write_html
from outputs.template import write_template_csv, write_template_xlsx
from pages.parts.pickers import link_to
from pages.parts.world import World
from pipelines.deposit import add_warnings, prepare_submission
from pipelines.layouts import mapping_from_text
from pipelines.read import list_rows
from pipelines.store import PreviewOutdated, load_mappings, load_observations, save_submission
from pipelines.store.submissions import load_receipt
from schemas.issue import Code, Issues, UnreadableFile
from schemas.mapping import About, Mapping
from schemas.observation import KEY
from schemas.period import last_quarter
from schemas.submission import Change, PreparedSubmission
from schemas.visitor import Visitor
from schemas.words import Audience, Severity
from texts import Words
from texts.sentences import list_causes, say_filename, say_reading, say_unreadable

SENTENCES_SHOWN, SENTENCES_FOLDED = 12, 400
LINES_SHOWN = 200
Group = tuple[str, list[str], list[str], int]
"""Issues of one cause: title, first sentences, others behind a fold, how many more there are."""
SHOWN_DIFFERENCE = "shown_difference"


def prepare_chosen(world: World, visitor: Visitor, territory: str, uploaded: UploadedFile) -> PreparedSubmission | None:
    """The submission of the sheet that fits, or of the one that the person chooses."""
    prepared = prepare(world, visitor, territory, uploaded)
    sheet = pick_sheet(world, uploaded, prepared) if prepared else None
    if prepared is None or sheet is None or (sheet == prepared.reading.sheet and not prepared.reading.fitting):
        return prepared
    return prepare(world, visitor, territory, uploaded, sheet)


def prepare(
    world: World, visitor: Visitor, territory: str, uploaded: UploadedFile, sheet: str | None = None
) -> PreparedSubmission | None:
    """The prepared submission, or None with one sentence on the page where the file cannot be used."""
    limit = world.settings.upload_max_bytes
    content = uploaded.getvalue()
    try:
        if len(content) > limit:
            raise UnreadableFile("too_large", uploaded.name, limit=f"{limit / 1_000_000:g}")
        previous = load_observations(world.store, [territory], visitor.audience)
        prepared = prepare_submission(
            content,
            uploaded.name,
            [territory],
            world.catalogue,
            previous,
            lambda: world.now,
            sheet=sheet,
            kept=load_kept(world, territory),
            most_rows=world.settings.upload_max_rows,
        )
    except UnreadableFile as error:
        sentences = [say_unreadable(world.words, error), world.words("deposit.nothing_stored")]
        st.html(write_html("notice", world.words, title="", sentences=sentences, link=None))
        return None
    if prepared.rows.is_empty():
        return prepared
    template_on = prepared.reading.template_on
    return add_warnings(prepared, check_plausibility(prepared.rows, previous, world.catalogue, template_on))


def load_kept(world: World, territory: str) -> dict[str, Mapping]:
    """What was answered before about the layouts of this territory's files."""
    kept = load_mappings(world.store, territory)
    return {layout: mapping_from_text(text, layout) for layout, text in kept.items()}


def show_understood(world: World, prepared: PreparedSubmission) -> None:
    """What was understood of the file, what was set aside and why, and how many rows are ready."""
    words = world.words
    ready = 0 if _is_whole(prepared) else count_ready(prepared)
    sentences = [words.plural("deposit.rows_read", prepared.row_count), words.plural("deposit.rows_ready", ready)]
    if prepared.blocking:
        sentences.append(words("deposit.nothing_stored"))
    if prepared.questions or prepared.reading.fitting or prepared.issues.of_code(Code.PERSONAL_DATA):
        sentences = [words("deposit.nothing_stored")]
    sentences = [" ".join(sentences), *say_reading(words, prepared.reading)]
    if prepared.layout:
        sentences.append(words(f"understood.layout.{prepared.layout.split()[0]}"))
    st.html(write_html("notice", words, title=say_filename(words, prepared.filename), sentences=sentences, link=None))


def pick_sheet(world: World, uploaded: UploadedFile, prepared: PreparedSubmission) -> str | None:
    """Of several sheets with a table, the one to send; None while there is no choice to make."""
    sheets, is_asked = prepared.reading.sheets, any(one.about is About.SHEETS for one in prepared.questions)
    if len(sheets) < 2 or prepared.reading.sheet not in sheets or prepared.reading.joined or is_asked:
        return None
    taken = None if prepared.reading.fitting else sheets.index(prepared.reading.sheet)
    key, label = f"sheet:{uploaded.file_id}", world.words("deposit.sheet")
    return st.selectbox(label, sheets, index=taken, key=key, placeholder=world.words("ask.choose"))


def offer_annotated(world: World, uploaded: UploadedFile, prepared: PreparedSubmission) -> None:
    """Their file back, faults marked in place; made when it is asked for. Not of a file that names persons."""
    if not prepared.issues or prepared.issues.of_code(Code.PERSONAL_DATA):
        return
    content, reading, words = uploaded.getvalue(), prepared.reading, world.words

    def write() -> bytes:
        rows = None if reading.kind == "csv" else list_rows(content, reading.filename, reading.sheet)
        return write_annotated(content, reading, prepared.issues, words, rows)[0]

    st.download_button(words("deposit.annotated"), write, name_annotated(reading, words), on_click="ignore")
    if reading.kind in ("xls", "xlsb", "ods"):
        st.caption(words("deposit.annotated_copy", kind=reading.kind.upper()))


def offer_templates(world: World, visitor: Visitor, territory: str) -> None:
    """The template of the quarter that is due, filled in as far as it can be, and the dictionary of its columns."""
    words, today = world.words, world.now.date()
    period = last_quarter(today)
    previous = load_observations(world.store, [territory], visitor.audience)
    given = (world.catalogue, territory, period, previous, words, today)
    book, text, columns = st.columns(3)
    name = f"{territory.lower()}-{period}"
    label = words("deposit.template_xlsx", period=words.period(period))
    book.download_button(label, lambda: write_template_xlsx(*given), f"{name}.xlsx", on_click="ignore")
    label = words("deposit.template_csv")
    text.download_button(label, lambda: write_template_csv(*given), f"{name}.csv", on_click="ignore")
    label = words("deposit.dictionary")
    columns.download_button(label, lambda: write_dictionary_csv(words), "observations.csv", on_click="ignore")


def count_ready(prepared: PreparedSubmission) -> int:
    """How many values nothing is wrong with: of a wide table, a line holds several."""
    faulty, rows = prepared.blocking.frame.select("row", "column"), prepared.rows
    if rows.is_empty():
        return 0
    if "source_column" not in rows.columns:
        return len(rows.filter(~pl.col("source_row").is_in(faulty["row"].drop_nulls().implode())))
    return len(rows.join(faulty, left_on=["source_row", "source_column"], right_on=["row", "column"], how="anti"))


def _is_whole(prepared: PreparedSubmission) -> bool:
    """Whether something is wrong with the file as a whole, such as a missing column."""
    return any(issue.row is None for issue in prepared.blocking)


def list_parts(words: Words, issues: Issues) -> list[tuple[str, list[Group]]]:
    """What is to be corrected, then what is to be looked at again; each by cause."""
    parts = [(words(f"deposit.part.{severity}"), _list_groups(words, issues, severity)) for severity in Severity]
    return [(title, groups) for title, groups in parts if groups]


def _list_groups(words: Words, issues: Issues, severity: Severity) -> list[Group]:
    """One group a code, in their order: what is wrong with a whole column or line comes before what is in its cells."""
    groups = []
    of_severity = issues.of_severity(severity)
    met = set(of_severity.frame["code"].unique()) - {Code.LAYOUT_QUESTION}  # which is asked in a form of its own
    for code in (code for code in Code if code in met):
        of_code = of_severity.of_code(code)
        causes = list_causes(words, of_code)
        title = words.plural(f"cause.{code}", len(of_code))
        folded = causes[SENTENCES_SHOWN : SENTENCES_SHOWN + SENTENCES_FOLDED]
        rest = max(0, len(causes) - SENTENCES_SHOWN - SENTENCES_FOLDED)
        groups.append((title, causes[:SENTENCES_SHOWN], folded, rest))
    return groups


def list_changes(world: World, prepared: PreparedSubmission) -> dict[str, Any]:
    """New, changed, unchanged and kept, in words and as a table of what moves."""
    words = world.words
    counts = [
        words.plural(f"change.{change}", prepared.count(change))
        for change in (Change.NEW, Change.CHANGED, Change.UNCHANGED)
    ]
    kept, masked = prepared.count(Change.KEPT), count_masked(world, prepared)
    moved = prepared.changes.filter(pl.col("change").is_in([Change.NEW.value, Change.CHANGED.value]))
    headings = [words(f"deposit.column.{name}") for name in ("indicator", "period", "category", "before", "after")]
    return {
        "summary": ", ".join(counts) + ".",
        "kept": words.plural("change.kept", kept) if kept else "",
        "masked": words.plural("change.masked", masked) if masked else "",
        "headings": headings,
        "lines": [_change_line(world, row) for row in moved.head(LINES_SHOWN).iter_rows(named=True)],
    }


def count_masked(world: World, prepared: PreparedSubmission) -> int:
    """How many values of the file the public will not see, by the rules of secrecy."""
    sheets = world.catalogue.indicators.sort("version").unique("indicator_code", keep="last")
    sheet = sheets.select("indicator_code", "unit", "counted_unit", "k_threshold", "source_kind", "is_sensitive")
    cells = prepared.rows.join(sheet, on="indicator_code")
    nothing = pl.DataFrame(schema=dict.fromkeys((*KEY, "mask_reason"), pl.String))
    return plan_masks(cells, Audience.PUBLIC, nothing).height


def _change_line(world: World, row: dict[str, Any]) -> list[str]:
    words = world.words
    sheet = world.catalogue.indicator(row["indicator_code"])
    category = ""
    if row["category"]:
        labels = world.catalogue.categories.filter(dimension=row["dimension"], category=row["category"])
        category = words.of(labels.row(0, named=True), "label")
    place = row["qpv_code"]
    before = "" if row["change"] == Change.NEW else _say_cell(words, row, "_before", sheet)
    where = ", ".join(part for part in (place, category) if part) or words("deposit.total")
    return [words.of(sheet, "label"), words.period(row["period"]), where, before, _say_cell(words, row, "", sheet)]


def _say_cell(words: Words, row: dict[str, Any], side: str, sheet: dict[str, Any]) -> str:
    """A value as it was sent: what the depositor may see of their own territory."""
    value, denominator = row[f"value{side}"], row[f"denominator{side}"]
    if value is None:
        return words(f"status.{row[f'obs_status{side}']}")
    shown = words.in_unit(value, sheet["unit"], sheet["decimals"])
    if denominator is None:
        return shown
    counts = words("counts", numerator=words.number(row[f"numerator{side}"]), denominator=words.number(denominator))
    return words("deposit.share_of", share=shown, counts=counts)


def confirm(world: World, visitor: Visitor, territory: str, prepared: PreparedSubmission) -> None:
    """One button; a correction of what is approved asks why. What is confirmed is the difference that was shown."""
    words = world.words
    reason = ""
    if prepared.count(Change.CHANGED):
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
    if prepared.count(Change.CHANGED) and not reason.strip():
        st.html(write_html("notice", words, title="", sentences=[words("deposit.why_needed")], link=None))
        return
    try:
        receipt = save_submission(
            world.store, prepared, visitor.account, world.now, reason.strip() or None, seen_version=world.version
        )
    except PreviewOutdated:
        st.html(write_html("notice", words, title="", sentences=[words("deposit.moved")], link=None))
        return
    st.query_params.from_dict(
        {"territoire": territory, "recu": receipt.submission_id} | ({"deja": "1"} if receipt.first_at else {})
    )
    st.rerun()


def list_receipt(world: World, visitor: Visitor, number: str | None) -> dict[str, Any] | None:
    """The receipt of the number in the URL, if the visitor may read it."""
    if not number:
        return None
    try:
        receipt = load_receipt(world.store, number)
    except KeyError:
        return None
    if not set(receipt.territories) <= set(visitor.territories):
        return None
    words = world.words
    repeat = st.query_params.get("deja") == "1"
    counts = [
        words.plural(f"change.{name}", count)
        for name, count in (("new", receipt.new), ("changed", receipt.changed), ("unchanged", receipt.unchanged))
    ]
    facts = [
        (words("receipt.number"), receipt.submission_id),
        (words("receipt.file"), receipt.filename),
        (words("receipt.at"), words.moment(receipt.at)),
        (words("receipt.by"), receipt.sent_by),
        (words("receipt.kept"), ", ".join(counts)),
        (words("receipt.sha"), receipt.sha256),
    ]
    if receipt.reason:
        facts.append((words("receipt.reason"), receipt.reason))
    link = link_to("", territoire=receipt.territories[0])
    return {
        "title": words("receipt.title_repeat" if repeat else "receipt.title"),
        "facts": facts,
        "link": (link, words("receipt.see")),
    }
