"""What a row and a cell are, before anything is known of a table."""

from __future__ import annotations

import re

MOST_COLUMNS = 16_384
NUMBER = re.compile(r"[-+(\u2212]?\s?[€$£]?\s?\d[\d\s.,\u00a0\u202f]*([eE][-+]?\d+)?\s?[%€$£]?\)?")
YEAR = re.compile(r"(19|20)\d{2}")

Row = tuple[int, list[str]]
"""The line number a person sees, and the cells."""


def is_figure(cell: str) -> bool:
    """Whether a cell holds a number that is not a year."""
    bare = cell.strip()
    return NUMBER.fullmatch(bare) is not None and YEAR.fullmatch(bare) is None
