"""An empty page behind the same server, middleware and imports as the app: what pages are measured against."""

from __future__ import annotations

import streamlit as st

from app import MIDDLEWARE, ROUTES, lifespan

app = st.App("empty_page.py", lifespan=lifespan, routes=ROUTES, middleware=MIDDLEWARE)
