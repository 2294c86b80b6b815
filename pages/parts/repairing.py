"""What is wrong is mended where it is said: cells to type in, checked again at once, each correction kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import streamlit as st

from outputs.difference import name_category
from outputs.html import write_html
from outputs.receipt import group_repairs, say_repair
from pages.parts.issues import Group, list_parts
from pages.parts.world import World
from pipelines.repairs import (
    Cell,
    Fault,
    NothingLeft,
    RepairNamesSomebody,
    add_unavailable,
    fill_column,
    list_faults,
    list_remarked,
    list_unavailable,
    mend,
    merge_repairs,
    name_column,
    refuse_unfit,
    say_percent,
    say_unavailable,
    take_out,
    undo,
)
from pipelines.store import DraftEnded, save_repairs
from schemas.issue import Code, Issues
from schemas.reading import Reading
from schemas.submission import PreparedSubmission, Remark, Repair
from schemas.visitor import Visitor
from texts.sentences import list_causes, say_lines, say_rows

MOST_FIELDS, FEWEST_OF_A_CAUSE = 48, 3
REPAIRS_SHOWN = 20
REFUSED, AT = "repair_refused", "repair_at"
SUGGESTIONS = 4
EVERY_LINE, LINES_OFFERED = 0, 50


@dataclass(frozen=True)
class Workbench:
    """A draft being corrected, by whom; `reading` is its file as it came."""

    world: World
    visitor: Visitor
    draft: str
    prepared: PreparedSubmission
    reading: Reading

    @cached_property
    def rows(self) -> dict[int, dict[str, Any]]:
        """What was understood of each line."""
        rows = self.prepared.rows
        return {row["source_row"]: row for row in rows.iter_rows(named=True)} if len(rows) else {}

    def keep(self, repairs: Sequence[Repair]) -> None:
        """Keep what was typed; what may not be kept is said on the page."""
        repairs = [replace(one, sheet=self.reading.sheet or "") for one in repairs]
        try:
            refuse_unfit(self.reading, merge_repairs(self.prepared.repairs, repairs), self.world.now.date())
            save_repairs(self.world.store, self.draft, repairs, self.visitor.account, self.world.now)
        except RepairNamesSomebody as error:
            kind = self.world.words(f"personal.{error}")
            st.session_state[REFUSED] = self.world.words("repair.names_somebody", kind=kind)
        except NothingLeft:
            st.session_state[REFUSED] = self.world.words("repair.nothing_left")
        except DraftEnded:
            st.session_state[REFUSED] = self.world.words("repair.ended")


def show_repairs(bench: Workbench) -> None:
    """Every cause with what is to be typed; on a phone one fault at a time."""
    refused = st.session_state.pop(REFUSED, "")
    if refused:
        st.html(write_html("notice", bench.world.words, title="", sentences=[refused], link=None))
    faults = list_faults(bench.prepared)
    if bench.world.is_narrow and faults:
        _show_one(bench, faults)
    else:
        _show_all(bench, faults)


def _show_all(bench: Workbench, faults: Sequence[Fault]) -> None:
    words = bench.world.words
    of_code = {code: [fault for fault in faults if fault.code == code] for code in {fault.code for fault in faults}}
    share = max(FEWEST_OF_A_CAUSE, MOST_FIELDS // (2 * max(1, len(of_code))))
    for title, groups in list_parts(words, bench.prepared.issues):
        st.html(write_html("issues", words, parts=[(title, [])]))
        for group in groups:
            st.html(write_html("issues", words, parts=[("", [group])]))
            _show_cells(bench, of_code.get(group.code, []), share)
            if group.code is Code.MISSING_COLUMN:
                _offer_columns(bench)


def _show_cells(bench: Workbench, faults: Sequence[Fault], most: int) -> None:
    words = bench.world.words
    for fault in faults[:most]:
        places = st.columns([3, *[2] * len(fault.cells), 3], vertical_alignment="bottom")
        places[0].html(
            write_html("repair_row", words, line=_name_lines(bench, fault.rows), row=_name_row(bench, fault.rows))
        )
        for place, cell in zip(places[1:], fault.cells, strict=False):
            with place:
                _type_cell(bench, fault, cell)
        with places[-1]:
            _suggest(bench, fault)
    if len(faults) > most:
        st.caption(words.plural("repair.after", len(faults) - most))


def _show_one(bench: Workbench, faults: Sequence[Fault]) -> None:
    """One fault, its sentence, its cells, and the way to the next."""
    words = bench.world.words
    at = min(int(st.session_state.get(AT, 0)), len(faults) - 1)
    fault = faults[at]
    st.html(write_html("lead", words, sentence=words("repair.nth", n=words.number(at + 1), of=len(faults))))
    st.html(
        write_html(
            "repair_one", words, sentences=list_causes(words, Issues.of(fault.issues)), row=_name_row(bench, fault.rows)
        )
    )
    for cell in fault.cells:
        _type_cell(bench, fault, cell)
    _suggest(bench, fault)
    back, on = st.columns(2)
    _turn(back, words("repair.back"), at - 1, is_off=at == 0)
    _turn(on, words("repair.next"), at + 1, is_off=at == len(faults) - 1)
    rest = _list_unmended(bench, faults)
    if rest:
        st.html(write_html("issues", words, parts=rest))
    if bench.prepared.issues.of_code(Code.MISSING_COLUMN):
        _offer_columns(bench)


def _turn(place: st.delta_generator.DeltaGenerator, label: str, to: int, is_off: bool) -> None:
    place.button(label, disabled=is_off, on_click=lambda: st.session_state.update({AT: to}), width="stretch")


def _list_unmended(bench: Workbench, faults: Sequence[Fault]) -> list[tuple[str, list[Group]]]:
    """What is wrong and has no cell on the page."""
    codes = {fault.code for fault in faults}
    parts = list_parts(bench.world.words, bench.prepared.issues)
    rest = [(title, [group for group in groups if group.code not in codes]) for title, groups in parts]
    return [(title, groups) for title, groups in rest if groups]


def _type_cell(bench: Workbench, fault: Fault, cell: Cell) -> None:
    """A cell as a text field. Under another key once its content changed: what is shown is what is kept."""
    key = f"cell:{bench.draft}:{fault.code}:{cell.rows[0]}:{cell.column}:{cell.found}"

    def write() -> None:
        bench.keep(mend(bench.prepared, cell, str(st.session_state[key]).strip()))
        st.session_state[key] = cell.found

    label = bench.world.words("repair.cell", column=cell.column, row=say_rows(bench.world.words, fault.rows))
    st.text_input(label, cell.found, key=key, on_change=write, help=None)


def _suggest(bench: Workbench, fault: Fault) -> None:
    """What the cell may be, a click each; and the line taken out, where that mends it."""
    for number, (label, repairs) in enumerate(_list_suggestions(bench, fault)[:SUGGESTIONS]):
        where = fault.cells[-1].column
        key = f"suggest:{bench.draft}:{fault.code}:{fault.rows[0]}:{where}:{number}"
        st.button(label, key=key, on_click=bench.keep, args=(repairs,))
    if fault.may_drop:
        label = bench.world.words("repair.take_out", row=say_lines(bench.world.words, fault.rows))
        key = f"out:{bench.draft}:{fault.rows[0]}:{fault.code}"
        st.button(label, key=key, on_click=bench.keep, args=(take_out(fault.rows),))


def _list_suggestions(bench: Workbench, fault: Fault) -> list[tuple[str, list[Repair]]]:
    if not fault.cells or not fault.issues:
        return []
    issue, prepared, cell = fault.issues[0], bench.prepared, fault.cells[-1]
    if fault.code == Code.UNKNOWN_INDICATOR and issue.context.get("nearest"):
        nearest = issue.context["nearest"]
        label = f"{nearest} · {bench.world.words.of(bench.world.catalogue.indicator(nearest), 'label')}"
        return [(label, mend(prepared, cell, nearest))]
    if fault.code == Code.WRONG_TERRITORY and len(prepared.territories) == 1:
        own = prepared.territories[0]
        return [(bench.world.catalogue.territory_name(own), mend(prepared, cell, own))]
    if fault.code == Code.MAYBE_FRACTION:
        return [(one.replace(" ", "\u00a0"), mend(prepared, cell, one)) for one in say_percent(cell)]
    return []


def _offer_columns(bench: Workbench) -> None:
    """A heading that is missing: which of the file's columns it is, or one value for all lines."""
    words, prepared = bench.world.words, bench.prepared
    known = {*prepared.headings.values(), "source_row"}
    free = [name for name in prepared.reading.table.columns if name not in known]
    for issue in prepared.issues.of_code(Code.MISSING_COLUMN):
        expected = issue.context["expected"]
        one_of, fill = st.columns(2, vertical_alignment="bottom")
        label, key = words("repair.which_column", column=expected), f"column:{bench.draft}:{expected}"
        if free:
            named = _keep_typed(bench, key, partial(_name, prepared, expected))
            one_of.selectbox(label, free, index=None, key=key, placeholder=words("ask.choose"), on_change=named)
        label, key = words("repair.fill_column", column=expected), f"fill:{bench.draft}:{expected}"
        filled = _keep_typed(bench, key, partial(fill_column, prepared, expected))
        fill.text_input(label, key=key, on_change=filled)


def _name(prepared: PreparedSubmission, expected: str, heading: str) -> list[Repair]:
    return name_column(prepared, heading, expected)


def _keep_typed(bench: Workbench, key: str, as_repairs: Callable[[str], list[Repair]]) -> Callable[[], None]:
    """What a field does when it is left: its words are kept as repairs, and it is empty again."""

    def keep() -> None:
        typed = str(st.session_state[key] or "").strip()
        del st.session_state[key]
        if typed:
            bench.keep(as_repairs(typed))

    return keep


def _name_lines(bench: Workbench, rows: Sequence[int]) -> str:
    said = say_rows(bench.world.words, rows)
    return said[0].upper() + said[1:]


def _name_row(bench: Workbench, rows: Sequence[int]) -> str:
    """« Jeunes en solution, T3 2026, femmes »: what the line is about, as far as it was understood."""
    row = bench.rows.get(rows[0])
    if row is None or len(rows) > 1:
        return ""
    sheet = bench.world.catalogue.find_indicator(row["indicator_code"])
    words = bench.world.words
    category = name_category(words, bench.world.catalogue, row)
    parts = (words.of(sheet, "label"), words.period(row["period"]) if row["period"] else "", category)
    return ", ".join(part for part in parts if part)


def show_remarks(bench: Workbench, remarks: Sequence[Remark]) -> None:
    """What the coordinator wrote when the deposit came back, line by line, with the cells of each line."""
    words = bench.world.words
    if not remarks:
        return
    st.subheader(words("repair.remarks"))
    for remark in (one for one in remarks if one.row is None):
        st.html(write_html("notice", words, title="", sentences=[remark.text], link=None))
    of_row = {one.row: one.text for one in remarks if one.row is not None}
    for fault in list_remarked(bench.prepared, list(of_row)):
        st.html(write_html("repair_one", words, sentences=[of_row[fault.rows[0]]], row=_name_lines(bench, fault.rows)))
        _show_cells(bench, [fault], 1)


def offer_unavailable(bench: Workbench) -> None:
    """Lines whose number nobody has, and expected figures that are not in the file: said so, with the reason."""
    words, prepared = bench.world.words, bench.prepared
    lines = list_unavailable(prepared)
    missing = _list_missing(bench)
    if not lines and not missing:
        return
    everything = [EVERY_LINE] if len(lines) > 1 else []
    options: list[int | tuple[str, str, str, str]] = [*everything, *lines[:LINES_OFFERED], *missing]
    with st.expander(words("repair.unavailable")), st.form(f"unavailable:{bench.draft}", border=False):
        st.caption(words("repair.unavailable_help"))
        chosen = st.multiselect(
            words("repair.unavailable_what"),
            options,
            format_func=lambda one: _name_option(bench, one),
            placeholder=words("ask.choose"),
        )
        reason = st.text_input(words("repair.unavailable_why"), max_chars=300)
        is_sent = st.form_submit_button(words("repair.unavailable_do"))
    if not is_sent:
        return
    if not chosen or not reason.strip():
        st.html(write_html("notice", words, title="", sentences=[words("repair.unavailable_needed")], link=None))
        return
    rows = lines if EVERY_LINE in chosen else [one for one in chosen if isinstance(one, int)]
    items = [one for one in chosen if not isinstance(one, int)]
    bench.keep([*say_unavailable(prepared, rows, reason.strip()), *add_unavailable(prepared, items, reason.strip())])
    st.rerun()


def _name_option(bench: Workbench, one: int | tuple[str, str, str, str]) -> str:
    words = bench.world.words
    if one == EVERY_LINE:
        return words("repair.every_line")
    if isinstance(one, int):
        return ", ".join(part for part in (_name_lines(bench, [one]), _name_row(bench, [one])) if part)
    label = words.of(bench.world.catalogue.indicator(one[1]), "label")
    return words("repair.absent", indicator=label, period=words.period(one[2]))


def _list_missing(bench: Workbench) -> list[tuple[str, str, str, str]]:
    """Territory, indicator, period and source of each expected figure that the file does not hold."""
    if bench.prepared.layout or bench.prepared.reading.joined:
        return []
    issues = bench.prepared.issues.of_code(Code.MISSING_EXPECTED)
    told = [issue.context for issue in issues]
    source = f"source_{bench.world.words.language}"
    return [
        (
            one["territory"],
            one["indicator"],
            one["period"],
            str(bench.world.catalogue.indicator(one["indicator"])[source]),
        )
        for one in told
    ]


def list_done(bench: Workbench) -> None:
    """What was corrected so far, each to be taken back."""
    words, done = bench.world.words, group_repairs(bench.prepared.repairs)
    if not done:
        return
    with st.expander(words.plural("repair.done", len(done))):
        for number, group in enumerate(done[:REPAIRS_SHOWN]):
            said, back = st.columns([5, 1], vertical_alignment="center")
            said.html(write_html("repair_row", words, line="", row=say_repair(words, group)))
            label = words("repair.undo")
            back.button(label, key=f"undo:{bench.draft}:{number}", on_click=bench.keep, args=(undo(group),))
        if len(done) > 1:
            everything = undo(bench.prepared.repairs)
            st.button(words("repair.undo_all"), key=f"undo:{bench.draft}", on_click=bench.keep, args=(everything,))
