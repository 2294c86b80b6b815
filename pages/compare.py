"""Comparer: one indicator, one dot a territory with its interval, each beside its own baseline; no rank."""

from __future__ import annotations

import streamlit as st

from outputs.charts import draw_comparison
from outputs.html import write_html
from pages.parts.comparing import list_comparison
from pages.parts.pickers import pick_day, pick_indicator, pick_period, show_choices
from pages.parts.reading import eyebrow
from pages.parts.visitor import require_visitor, stop_with
from pages.parts.world import read_world

world = read_world()
visitor = require_visitor(world)
everything = world.progress(visitor, visitor.territories)
if everything["period"].drop_nulls().is_empty():
    stop_with(world.words, world.words("overview.empty"))

indicator, indicators = pick_indicator(world, everything)
until, periods = pick_period(world, everything.filter(indicator_code=indicator), "comparer")
show_choices(world, indicators, periods, pick_day(world, visitor.territories, "comparer"))

progress = world.progress(visitor, visitor.territories, until).filter(indicator_code=indicator)
sheet = world.catalogue.indicator(indicator)
comparison = list_comparison(world, progress, sheet)

eyebrow(world, visitor.territories, [world.words.plural("who.several", len(visitor.territories)), comparison.period])
st.title(world.words.of(sheet, "label"))
st.html(write_html("compare_head", world.words, comparison=comparison))
if comparison.shown:
    st.plotly_chart(
        draw_comparison(comparison.shown, world.words, world.is_narrow),
        theme=None,
        config={"displayModeBar": False, "staticPlot": True},
        alt=comparison.description,
    )
st.html(write_html("compare_foot", world.words, comparison=comparison))
