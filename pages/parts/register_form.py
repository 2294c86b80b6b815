"""One line of a register, written in a form: the same door as a file, the same sentences."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import streamlit as st

from outputs.dictionary import encode_csv
from outputs.html import write_html
from outputs.register_file import write_row
from outputs.registers import label_of
from pages.parts.collective import Known, Row
from pages.parts.issues import list_parts
from pages.parts.world import World
from pipelines.deposit import prepare_submission
from pipelines.store import PreviewOutdated, StoreBusy, StoreUnusable, save_submission
from schemas.issue import Issues
from schemas.observation import Column
from schemas.registers import ACTIONS, EVENTS, LOCAL_INDICATORS, PARTNERS, TARGETS, Register
from schemas.submission import Change, PreparedSubmission
from schemas.visitor import Visitor

WIDTH = 620
LONG_TEXT = 250
SAVED, WARNED, TURN, BEGUN = "collective:saved", "collective:warned", "collective:turn", "collective:begun"
NEXT_CODE = {
    ACTIONS.code: ("action_code", "A", 2),
    PARTNERS.code: ("partner_code", "P", 1),
    TARGETS.code: ("goal_code", "O", 1),
}
"""Of registers whose codes follow one another: the column, its letter, the fewest digits."""
WITHDRAWN = "is_withdrawn"
Cells = dict[str, str]
"""Cells of one line, by our column codes, as a file has them."""


@dataclass(frozen=True)
class Begun:
    """A form as it was when its line was chosen: it stays, whoever changes the register meanwhile.

    `mark` tells it from others; `start` is what its fields began with; `seen` what stood there when it was last looked
    at: the line, or of a new target its goal, empty for what is all new. `labels` are those of `Known`.
    """

    mark: str
    start: Cells
    seen: Cells
    labels: dict[str, dict[str, str]]
    is_new: bool


def say_what_was_saved(world: World) -> None:
    """Once, after a line was kept."""
    number = st.session_state.pop(SAVED, None)
    if number:
        words = world.words
        link = (world.link("recu", numero=number), words("collective.receipt"))
        st.html(write_html("notice", words, title="", sentences=[words("collective.saved")], link=link))


def edit_a_row(world: World, visitor: Visitor, known: Known) -> None:
    """Choose a line or none, fill in the form, and it is kept where nothing is wrong with it."""
    words, register = world.words, known.register
    st.html(write_html("members_part", words, title=words("collective.edit"), why=words("collective.edit_why")))
    turn = st.session_state.get(TURN, 0)
    row = _pick_row(world, known, turn)
    goal = _pick_goal(world, known, turn) if row is None and register is TARGETS else None
    begun = _begin(known, turn, row, goal)
    as_begun = replace(known, labels=begun.labels)
    with st.form(f"row:{begun.mark}", enter_to_submit=False, width=WIDTH):
        cells = _ask_cells(world, as_begun, begun)
        wanted = st.form_submit_button(words("collective.save"), type="primary")
        is_gone = begun.seen.get(WITHDRAWN) == "oui"
        turned = row is not None and register is EVENTS and st.form_submit_button(
            words("collective.restore" if is_gone else "collective.withdraw")
        )  # fmt: skip
    if turned:
        cells[WITHDRAWN] = "non" if is_gone else "oui"
    if wanted or turned:
        _keep(world, visitor, known, begun, _look(known, row, goal), cells)


def _name_apart(known: Known, rows: dict[tuple[Any, ...], Row]) -> dict[tuple[Any, ...], str]:
    """The name of each line; of two of one name (a goal's two targets), with the rest of its key: a list tells its
    options apart by their words."""
    names = {key: known.name(row) for key, row in rows.items()}
    twice = {name for name, times in Counter(names.values()).items() if times > 1}
    rest = {key: ", ".join(str(part) for part in key[1:] if part not in ("", "total", None)) for key in rows}
    return {key: f"{name}, {rest[key]}" if name in twice else name for key, name in names.items()}


def _pick_row(world: World, known: Known, turn: int) -> Row | None:
    """The line to change, by its key: its place in the list moves when somebody adds a line."""
    words = world.words
    rows = {tuple(row[code] for code in known.register.key): row for row in known.rows.to_dicts()}
    names = _name_apart(known, rows)
    chosen = st.selectbox(
        words("collective.which"),
        [None, *rows],
        format_func=lambda key: words("collective.new") if key is None else names[key],
        key=f"row:{known.register.code}:{known.territory}:{turn}",
        width=WIDTH,
    )
    return None if chosen is None else rows[chosen]


def _begin(known: Known, turn: int, row: Row | None, goal: Row | None) -> Begun:
    """The form of this line that is open; a new one where another line was chosen, or one was saved."""
    register, key = known.register, [row[code] for code in known.register.key] if row else None
    place = (register.code, known.territory, turn, key, goal["goal_code"] if goal else None)
    mark = hashlib.sha256(repr(place).encode()).hexdigest()[:12]
    begun: Begun | None = st.session_state.get(BEGUN)
    is_open = any(str(name).startswith(f"cell:{mark}:") for name in st.session_state)
    if begun is None or begun.mark != mark or not is_open:
        seen = _look(known, row, goal)
        begun = Begun(mark, seen or _start_of_new(known), seen, known.labels, row is None)
        st.session_state[BEGUN] = begun
    return begun


def _look(known: Known, row: Row | None, goal: Row | None) -> Cells:
    """What stands now where the form begins: a line, or of a goal what a new target takes from it."""
    if row:
        return write_row(known.register, row)
    return {code: str(goal[code] or "") for code in ("goal_code", "title", "target_population")} if goal else {}


def _start_of_new(known: Known) -> Cells:
    """A new line begins with the code that comes next."""
    register, territory = known.register, known.territory
    if register is LOCAL_INDICATORS:
        return {"indicator_code": f"{territory}:"}
    if register.code not in NEXT_CODE:
        return {}
    column, letter, digits = NEXT_CODE[register.code]
    return {column: _next_code(known.rows[column].to_list(), letter, digits)}


def _next_code(codes: list[str], letter: str, digits: int) -> str:
    taken = [int(code[1:]) for code in codes if code[1:].isdecimal()]
    return f"{letter}{max(taken, default=0) + 1:0{digits}}"


def _pick_goal(world: World, known: Known, turn: int) -> Row | None:
    """The goal that a new target goes on with; None for a new goal."""
    words = world.words
    goals = {row["goal_code"]: row for row in known.rows.unique("goal_code", maintain_order=True).to_dicts()}
    chosen = st.selectbox(
        words("collective.goal"),
        [None, *goals],
        format_func=lambda code: words("collective.new_goal") if code is None else known.name(goals[code]),
        key=f"goal:{known.territory}:{turn}",
        width=WIDTH,
    )
    return None if chosen is None else goals[chosen]


def _ask_cells(world: World, known: Known, begun: Begun) -> Cells:
    """A field a column, but for the territory and what a button does."""
    cells: Cells = {"territory_code": known.territory, WITHDRAWN: begun.seen.get(WITHDRAWN, "")}
    for column in known.register.columns:
        if column.code in (*cells, "category"):
            continue
        key, is_fixed = f"cell:{begun.mark}:{column.code}", not begun.is_new and column.code in known.register.key
        cells |= _ask_cell(world, known, column, begun.start, key, is_fixed)
    return {column.code: cells.get(column.code, "") for column in known.register.columns}


def _ask_cell(world: World, known: Known, column: Column, start: Cells, key: str, is_fixed: bool) -> Cells:
    """What is written for a column; a breakdown is chosen with its category."""
    code, value = column.code, start.get(column.code, "")
    label = label_of(world.words, known.register, column) + (" *" if column.required else "")
    if code == "dimension":
        options = list(known.labels[code])
        at = f"{value or 'total'}={start.get('category', '')}"
        chosen = _choose(world, label, options, at, known, code, key, is_fixed) or "total="
        dimension, _, category = chosen.partition("=")
        return {"dimension": dimension, "category": category}
    if column.words:
        return {code: _choose_word(world, label, column, value, key)}
    if column.kind == "codes":
        return {code: _choose_many(world, label, column, value, known, key)}
    if code in known.labels and not (code in known.register.key and _makes_codes(known.register, code)):
        return {code: _choose(world, label, list(known.labels[code]), value, known, code, key, is_fixed) or ""}
    return {code: _write(world, label, column, value, key, is_fixed)}


def _makes_codes(register: Register, code: str) -> bool:
    """Whether the register is where such codes come from."""
    return (register.code, code) in (
        (ACTIONS.code, "action_code"),
        (TARGETS.code, "goal_code"),
        (LOCAL_INDICATORS.code, "indicator_code"),
    )


def _choose(
    world: World, label: str, options: list[str], value: str, known: Known, code: str, key: str, is_fixed: bool
) -> str | None:
    offered = options if value in ("", *options) else [*options, value]
    return st.selectbox(
        label,
        offered,
        index=offered.index(value) if value in offered else None,
        format_func=lambda one: known.label(code, one),
        placeholder=world.words("collective.none"),
        key=key,
        disabled=is_fixed,
    )


def _choose_word(world: World, label: str, column: Column, value: str, key: str) -> str:
    words = list(column.words)
    usual = next((word for word in words if column.words[word] == column.default), None)
    at = value or usual
    chosen = st.selectbox(
        label,
        words,
        index=words.index(at) if at in words else None,
        format_func=lambda word: world.words(f"choice.{column.code}.{column.words[word]}"),
        placeholder=world.words("ask.choose"),
        key=key,
    )
    return chosen or ""


def _choose_many(world: World, label: str, column: Column, value: str, known: Known, key: str) -> str:
    there = [code for code in value.split("|") if code]
    options = [*dict.fromkeys([*known.labels[column.code], *there])]
    chosen = st.multiselect(
        label,
        options,
        default=there,
        format_func=lambda one: known.label(column.code, one),
        placeholder=world.words("collective.none"),
        key=key,
    )
    return "|".join(chosen)


def _write(world: World, label: str, column: Column, value: str, key: str, is_fixed: bool) -> str:
    """A text, a number or a day; the example says how it is written. Line ends have no place in a cell."""
    shown = "" if column.kind == "text" else world.words("collective.example", example=column.example)
    told: dict[str, Any] = {"key": key, "disabled": is_fixed, "placeholder": shown}
    if (column.longest or 0) > LONG_TEXT:
        return " ".join(st.text_area(label, value, **told).split())
    return st.text_input(label, value, autocomplete="off", **told).strip()


def _keep(world: World, visitor: Visitor, known: Known, begun: Begun, now: Cells, cells: Cells) -> None:
    """The line as a file of one row; what is wrong is said beside the form and nothing is kept. `now`: what stands
    where the form began. What somebody else changed there meanwhile is told once, then it is known."""
    words, register = world.words, known.register
    headings = [column.heading for column in register.columns]
    content = encode_csv([headings, [cells[column.code] for column in register.columns]])
    prepared = prepare_submission(
        content, words("collective.filename"), [known.territory], known.catalogue, pl.DataFrame(), lambda: world.now
    )
    told = hashlib.sha256(content).hexdigest()
    if now != begun.seen:
        st.session_state[BEGUN] = replace(begun, seen=now)
        _say(world, words("collective.moved"))
    elif begun.is_new and _is_taken(known, prepared, now, cells):
        _say(world, words("collective.taken"))
    elif prepared.issues and (prepared.blocking or st.session_state.get(WARNED) != told):
        st.session_state[WARNED] = told
        sentence = words("deposit.nothing_stored") if prepared.blocking else words("collective.look_again")
        _say(world, sentence)
        st.html(write_html("issues", words, parts=list_parts(words, name_fields(world, register, prepared.issues))))
    elif not prepared.count(Change.NEW) and not prepared.count(Change.CHANGED):
        _say(world, words("collective.same"))
    else:
        _save(world, visitor, prepared)


def _is_taken(known: Known, prepared: PreparedSubmission, goal: Cells, cells: Cells) -> bool:
    """Whether a line is added that is there, or a target with a new goal whose code is that of another."""
    if prepared.count(Change.CHANGED) or prepared.count(Change.UNCHANGED):
        return True
    return known.register is TARGETS and not goal and cells["goal_code"] in known.rows["goal_code"].to_list()


def name_fields(world: World, register: Register, issues: Issues) -> Issues:
    """The same faults, each at the field of the form instead of a line and a column."""
    labels = {column.heading: label_of(world.words, register, column) for column in register.columns}
    named = issues.name_columns(labels).frame
    is_field = pl.when(pl.col("column").is_not_null()).then(pl.lit("1"))
    return Issues(named.with_columns(row=pl.lit(None, pl.Int64), field=is_field))


def _save(world: World, visitor: Visitor, prepared: PreparedSubmission) -> None:
    try:
        receipt = save_submission(world.store, prepared, visitor.account, world.now, seen_version=world.version)
    except PreviewOutdated:
        _say(world, world.words("collective.moved"))
    except (StoreUnusable, StoreBusy):
        logging.getLogger(__name__).exception("a line of a register was not kept")
        _say(world, world.words("collective.not_kept"))
    else:
        st.session_state[SAVED] = receipt.submission_id
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
        st.rerun()


def _say(world: World, sentence: str) -> None:
    st.html(write_html("notice", world.words, title="", sentences=[sentence], link=None))
