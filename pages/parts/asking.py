"""What a foreign table does not say is asked once, in a form; the answers are kept for the territory's next files."""

from __future__ import annotations

import polars as pl
import streamlit as st

from outputs.html import write_html
from pages.parts.world import World
from pipelines.layouts import answer_questions, mapping_to_text
from pipelines.store import save_mapping
from schemas.mapping import LEFT_ASIDE, SHEET, WHOLE, About, Question
from schemas.submission import PreparedSubmission
from schemas.visitor import Visitor
from schemas.words import plain_word

MOST_ASKED = 30
LONGEST_SOURCE = 120


def ask_about(world: World, visitor: Visitor, territory: str, prepared: PreparedSubmission) -> None:
    """The questions that are left, at most MOST_ASKED at a time; what is answered is kept and the file read again."""
    words, asked = world.words, prepared.questions[:MOST_ASKED]
    st.subheader(words("ask.title"))
    st.write(words("ask.lead"))
    with st.form(f"ask:{territory}:{prepared.sha256}"):
        answers = [_ask(world, question) for question in asked]
        is_sent = st.form_submit_button(words("ask.send"), type="primary")
    rest = len(prepared.questions) - len(asked)
    if rest:
        st.caption(words("ask.more", n=words.number(rest)))
    if not is_sent or prepared.asked is None:
        return
    if any(answer is None and one.about is not About.PLACE for one, answer in zip(asked, answers, strict=True)):
        st.html(write_html("notice", words, title="", sentences=[words("ask.missing")], link=None))
        return
    places = [answer for one, answer in zip(asked, answers, strict=True) if one.about is About.PLACE]
    if places and not any(places):
        st.html(write_html("notice", words, title="", sentences=[words("ask.place_needed")], link=None))
        return
    answered = answer_questions(prepared.asked, zip(asked, answers, strict=True))
    save_mapping(world.store, territory, prepared.layout, mapping_to_text(answered), visitor.account, world.now)
    st.rerun()


def offer_to_forget(world: World, visitor: Visitor, territory: str, prepared: PreparedSubmission) -> None:
    """A file was read with answers given before: they can be given anew."""
    if prepared.asked is None or not prepared.asked.digest:
        return
    st.caption(world.words("ask.kept"))
    if st.button(world.words("ask.again")):
        save_mapping(world.store, territory, prepared.layout, "", visitor.account, world.now)
        st.rerun()


def _ask(world: World, question: Question) -> str | None:
    """The answer; None while there is none, and for a place that is not in the file."""
    label, key = _say_question(world, question), f"ask:{question}"
    if question.about is About.SOURCE:
        return st.text_input(label, max_chars=LONGEST_SOURCE, key=key).strip() or None
    options: list[str | None] = list(question.options)
    index = None
    if question.about is About.PLACE:
        name = plain_word(_name_place(world, question.subject))
        index = next((at for at, word in enumerate(question.options, 1) if plain_word(word) == name), 0)
        options = [None, *options]
    return st.selectbox(
        label,
        options,
        index=index,
        format_func=lambda option: _say_option(world, question, option),
        placeholder=world.words("ask.choose"),
        key=key,
    )


def _say_question(world: World, question: Question) -> str:
    words, subject = world.words, question.subject
    if question.about is About.PLACE:
        subject = _name_place(world, subject)
    whole = ".whole" if question.about is About.INDICATOR and not question.column else ""
    column = words("ask.sheet_name") if question.column == SHEET else question.column
    return words(f"ask.{question.about}{whole}", subject=subject or words("ask.empty"), column=column)


def _say_option(world: World, question: Question, option: str | None) -> str:
    words, about = world.words, question.about
    if option is None:
        return words("ask.place.none")
    if about in (About.SHEETS, About.COLUMN):
        return words(f"ask.{about}.{option}")
    if about is About.PLACE:
        return option or words("ask.empty")
    if option == LEFT_ASIDE:
        return words("ask.left_aside")
    if about is About.INDICATOR:
        return f"{words.of(world.catalogue.indicator(option), 'label')} ({option})"
    if about is About.STATUS:
        return words(f"status.{option}")
    if option == WHOLE:
        return words("ask.category.total")
    dimension, _, category = option.partition("=")
    row = world.catalogue.categories.filter(dimension=dimension, category=category).row(0, named=True)
    return f"{words.of(row, 'dimension_label')}: {words.of(row, 'label')}"


def _name_place(world: World, place: str) -> str:
    """The name of a territory, or of a quartier of it."""
    territory, _, qpv = place.partition("/")
    if not qpv:
        return world.catalogue.territory_name(territory)
    names = world.catalogue.quartiers.filter(pl.col("qpv_code") == qpv)["name"]
    return f"{names[0]} ({qpv})" if len(names) else qpv
