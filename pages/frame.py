"""The frame of every page: width, who is looking, language, navigation."""

from __future__ import annotations

import streamlit as st

from outputs.html import write_html
from pages.parts.pickers import keep_day, link_to
from pages.parts.visitor import name_visitor, read_person
from pages.parts.world import AS_OF, read_world
from schemas.visitor import DEPOSITORS, NATIONAL_ROLES
from schemas.words import Role

READERS = tuple(Role)
# File, address, and the roles that have it in their menu; each page asks for its visitor itself.
PAGES = (
    ("overview", "ou-en-est-on", READERS),
    ("goal", "objectif", READERS),
    ("todo", "a-faire", (Role.COORDINATOR,)),
    ("deposit", "deposer", DEPOSITORS),
    ("history", "depots", (*DEPOSITORS, Role.SUPPORT)),
    ("deadlines", "calendrier", (Role.OFFICER, Role.COORDINATOR, Role.SUPPORT)),
    ("collective", "collectif", DEPOSITORS),
    ("compare", "comparer", READERS),
    ("rounds", "campagne", (Role.COORDINATOR, Role.SUPPORT, *NATIONAL_ROLES)),
    ("members", "acces", (Role.COORDINATOR, Role.ADMINISTRATOR)),
    ("receipt", "recu", ()),
)

OF_TODAY = ("deposer", "collectif", "acces")

st.set_page_config(layout="wide")
world = read_world()
words = world.words
person = read_person(world)
role = person.visitor.role if person.visitor else None
page = st.navigation(
    [
        st.Page(
            f"{file}.py",
            title=words(f"page.{file}"),
            url_path=path,
            default=file == "overview",
            visibility="visible" if role in roles else "hidden",
        )
        for file, path, roles in PAGES
    ],
    position="top",
)
names = [(key, name_visitor(visitor, world.catalogue, words)) for key, visitor in person.visitors.items()]
st.html(
    write_html(
        "top",
        words,
        name=person.name,
        who=next((label for key, label in names if key == person.chosen), ""),
        visitors=names,
        chosen=person.chosen,
        other="en" if words.language == "fr" else "fr",
        here=link_to(page.url_path, **st.query_params.to_dict()),
    )
)
if page.url_path not in OF_TODAY:
    keep_day()
if st.query_params.get(AS_OF) and not world.as_of and page.url_path not in OF_TODAY:
    st.html(write_html("notice", words, title="", sentences=[words("as_of.unknown")], link=None))
page.run()
