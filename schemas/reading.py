"""What was understood of a file: its table, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Aside:
    """A text that stands outside the table, and why: title, total, note, other_sheet, hidden_sheet or comment.

    `line` is that of the sheet it stands in.
    """

    line: int | None
    text: str
    why: str
    sheet: str | None = None


@dataclass(frozen=True)
class Reading:
    """A table as found, all text, with `source_row`, and what was understood of the file.

    `header_row` is the line of the header a person sees (its last, where it has two), 0 where there is none;
    `positions` gives each column of the table its place in the file, the first is 1; `sheets` names those that
    hold a table, `joined` those that are read together, whose cells stand at `positions["Sheet!heading"]`.
    `fitting` are the sheets with the columns of the `observations` file, where nobody has chosen one of several;
    `hidden_lines` are lines of the table that a filter or a person has hidden. `template_on` is the day a template of
    ours was made, if the file is one.
    """

    table: pl.DataFrame
    filename: str
    kind: str  # csv, xlsx, xlsb, xls or ods
    header_row: int
    aside: tuple[Aside, ...] = ()
    positions: dict[str, int] = field(default_factory=dict)
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    fitting: tuple[str, ...] = ()
    hidden_lines: tuple[int, ...] = ()
    template_on: date | None = None
