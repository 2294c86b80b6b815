"""The frame of every page: width, who is looking, language, navigation."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.pickers import link_to
from pages.parts.visitor import current_key, list_visitors, name_visitor
from pages.parts.world import read_world

st.set_page_config(layout="wide")
world = read_world()
words = world.words
page = st.navigation(
    [
        st.Page("overview.py", title=words("page.overview"), url_path="ou-en-est-on", default=True),
        st.Page("goal.py", title=words("page.goal"), url_path="objectif"),
        st.Page("deposit.py", title=words("page.deposit"), url_path="deposer"),
        st.Page("compare.py", title=words("page.compare"), url_path="comparer"),
    ],
    position="top",
)
visitors = list_visitors(world.catalogue)
names = [(key, name_visitor(visitor, world.catalogue, words)) for key, visitor in visitors.items()]
chosen = current_key(world.catalogue)
st.html(
    write_html(
        "top",
        words,
        who=dict(names)[chosen],
        visitors=names,
        chosen=chosen,
        other="en" if words.language == "fr" else "fr",
        here=link_to(page.url_path, **st.query_params.to_dict()),
    )
)
page.run()
