"""Where a table begins and ends among the rows of a sheet, and what stands around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from pipelines.cells import MOST_COLUMNS, YEAR, Row, is_figure
from schemas.issue import UnreadableFile
from schemas.reading import Aside

HEADER_WITHIN = 15
HEADER_LINES = 3
TAIL = 40
TOTAL = re.compile(r"(sous[- ]?)?(total|totaux|ensemble|somme|sum|grand total)( g[ée]n[ée]ral)?\s*:?", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """The rows `first` to `last` of the beginning are the header; `last` is `first - 1` where there is none."""

    first: int
    last: int
    names: list[str]


def find_header(rows: list[Row]) -> Header | None:
    """The header among the first rows that hold something; None where no row fills two cells.

    It is the first row that fills nearly as many cells as the fullest. Rows of words above a row of figures, group
    words above headings that would not be distinct, and headings below a group word belong to it.
    """
    head = [cells for _, cells in rows[: HEADER_WITHIN + HEADER_LINES]]
    filled = [_count_filled(cells) for cells in head[:HEADER_WITHIN]]
    if not filled or max(filled) < 2:
        return None
    at = next(at for at, count in enumerate(filled) if count >= 0.75 * max(filled))
    first, last = at, at
    if _has_figures(head[at]):
        first = _words_above(head, at)
        if first < at:
            last = at - 1
        elif _is_all_figures(head[at]):
            return Header(at, at - 1, [f"col_{position}" for position in range(len(head[at]))])
    else:
        while first > 0 and last - first < HEADER_LINES - 1 and _groups(head[first - 1], head[first]):
            first -= 1
        below = _without_merged(head[last], head[last + 1]) if last + 1 < len(head) else [""]
        if any(cell.strip() for cell in below) and _groups(head[last], below) and not below[0].strip():
            last += 1
    lines = head[first : last + 1]
    bare = [_without_merged(*pair) for pair in pairwise(lines)]
    return Header(first, last, _join_lines([*lines[:1], *bare]))


def _without_merged(upper: list[str], lower: list[str]) -> list[str]:
    """A row without the cells that only repeat the one above: headings merged downwards are one heading."""
    return ["" if cell == _at(upper, position) else cell for position, cell in enumerate(lower)]


def _count_filled(cells: list[str]) -> int:
    """How many cells say something; a line that begins with # is a remark."""
    return 0 if cells[0].startswith("#") else sum(1 for cell in cells if cell.strip())


def _has_figures(cells: list[str]) -> bool:
    return any(is_figure(cell) for cell in cells)


def _is_all_figures(cells: list[str]) -> bool:
    return all(is_figure(cell) for cell in cells if cell.strip())


def _words_above(head: list[list[str]], at: int) -> int:
    """The first of the rows right above that hold words in two cells or more; `at` if there is none."""
    first = at
    while first > 0 and at - first < HEADER_LINES:
        above = head[first - 1]
        if sum(1 for cell in above if cell.strip()) < 2 or _has_figures(above):
            break
        first -= 1
    return first


def _groups(upper: list[str], lower: list[str]) -> bool:
    """Whether the upper row holds words over groups of headings that need them to be distinct."""
    if _has_figures(upper) or _has_figures(lower):
        return False
    words = [cell.strip() for cell in lower if cell.strip()]
    over = [position for position, cell in enumerate(upper) if cell.strip()]
    if len(over) < 2 or not words:
        return False
    under_blank = [at for at, cell in enumerate(lower) if cell.strip() and not _at(upper, at)]
    return bool(under_blank) and (len(set(words)) < len(words) or any(not _at(lower, at) for at in range(len(upper))))


def _at(cells: list[str], position: int) -> str:
    return cells[position].strip() if position < len(cells) else ""


def _join_lines(lines: list[list[str]]) -> list[str]:
    """One heading a column; a group word stands over the blank cells on its right that have a heading below."""
    width = max(len(line) for line in lines)
    names = [""] * width
    for depth, line in enumerate(lines):
        group = ""
        for position in range(width):
            group = _at(line, position) or group
            is_over = any(_at(lower, position) for lower in lines[depth + 1 :])
            word = group if is_over else _at(line, position)
            names[position] = f"{names[position]} {word}".strip()
    return [re.sub(r"\s+", " ", name) for name in names]


def name_columns(headings: list[str], width: int) -> list[str]:
    """Headings as found; one without words becomes `(4)`, its position; one met again gets its position too.

    So does one that polars would read as a pattern of columns: `*`, `^...$`.
    """
    names: dict[str, None] = {"source_row": None}
    for position, heading in enumerate(headings + [""] * (width - len(headings)), 1):
        name = heading or f"({position})"
        is_taken = name in names or name == "*" or (name.startswith("^") and name.endswith("$"))
        names[f"{name} ({position})" if is_taken else name] = None
    return list(names)[1:]


def header_is_empty(name: str) -> bool:
    """Whether a column name was made by this room for a column without heading."""
    return re.fullmatch(r"\(\d+\)", name) is not None


def as_frame(rows: list[Row], names: list[str], filename: str) -> pl.DataFrame:
    """Text columns and `source_row`. Raises UnreadableFile where a row is wider than any table."""
    width = max([len(names), *(len(cells) for _, cells in rows)])
    if width > MOST_COLUMNS:
        raise UnreadableFile("too_many_columns", filename, limit=str(MOST_COLUMNS))
    padded = [cells + [""] * (width - len(cells)) for _, cells in rows]
    columns = list(zip(*padded, strict=True)) if padded else [()] * width
    lines = pl.Series("source_row", [line for line, _ in rows], dtype=pl.Int64)
    cells = [
        pl.Series(name, cells, dtype=pl.String) for name, cells in zip(name_columns(names, width), columns, strict=True)
    ]
    return pl.DataFrame([lines, *cells])


def trim_table(frame: pl.DataFrame, headings: list[str]) -> tuple[pl.DataFrame, list[Aside], dict[str, int]]:
    """The table without blank rows and columns, headers met again, another table below, totals and notes.

    Also returned: what was set aside and why, and the place in the file of each column that stays.
    """
    aside: list[Aside] = []
    words = {at: heading for at, heading in enumerate(headings) if re.search(r"[^\W\d_]", heading)}
    anchor, word = next(iter(words.items()), (0, ""))
    flags = frame.select(is_blank=_bare(frame, 0) == "", is_header=_bare(frame, anchor) == word)
    without_first, headers = (frame.filter(flag) if flag.any() else frame.clear() for flag in flags)
    frame = _drop_blank_rows(frame, without_first)
    frame = _drop_headers_met_again(frame, headers, words, aside)
    frame = _drop_tail(frame, aside)
    positions = {name: at for at, name in enumerate(frame.columns[1:], 1)}
    blank = [name for name in positions if header_is_empty(name) and not frame[name].str.contains(r"\S").any()]
    return (
        frame.drop(blank) if blank else frame,
        aside,
        {name: at for name, at in positions.items() if name not in blank},
    )


def _cells(row: tuple[object, ...]) -> list[str]:
    return [str(cell) for cell in row[1:]]


def _bare(frame: pl.DataFrame, position: int) -> pl.Expr:
    return pl.col(frame.columns[1 + position]).str.strip_chars()


def _drop_blank_rows(frame: pl.DataFrame, suspects: pl.DataFrame) -> pl.DataFrame:
    """Without the rows of no cell at all; `suspects` are those without a first."""
    if suspects.is_empty():
        return frame
    blank = suspects.filter(~pl.any_horizontal(pl.col(pl.String).str.contains(r"\S")))["source_row"]
    return frame.filter(~pl.col("source_row").is_in(blank.implode())) if len(blank) else frame


def _drop_headers_met_again(
    frame: pl.DataFrame, suspects: pl.DataFrame, filled: dict[int, str], aside: list[Aside]
) -> pl.DataFrame:
    """A page's header met again is left out; one that differs begins another table, which is set aside whole.

    `suspects`: the rows that begin as the header does, whose words are `filled`.
    """
    if len(filled) < 2:
        return frame
    word = next(iter(filled.values()))
    again = []
    for row in suspects.rows():
        cells = [re.sub(r"\s+", " ", cell).strip() for cell in _cells(row)]
        same = sum(cells[at] == heading for at, heading in filled.items())
        is_wider = any(cell for at, cell in enumerate(cells) if at not in filled)
        if _has_figures(cells):
            continue
        if same == len(filled) and not is_wider:
            again.append(row[0])
            aside.append(Aside(row[0], word, "header_again"))
        elif same >= 2 and same >= 0.8 * len(filled):
            rest = frame.filter(pl.col("source_row") >= row[0])
            aside += [Aside(line[0], cell, "other_table") for line in rest.rows() for cell in _cells(line) if cell]
            frame = frame.filter(pl.col("source_row") < row[0])
            break
    return frame.filter(~pl.col("source_row").is_in(again)) if again else frame


def _drop_tail(frame: pl.DataFrame, aside: list[Aside]) -> pl.DataFrame:
    """Rows at the end that are a total or a note."""
    kept = len(frame)
    found: list[list[Aside]] = []
    for row in reversed(frame.tail(TAIL).rows()):
        why = _why_no_row(_cells(row))
        if not why or kept == 1:
            break
        found.append([Aside(int(str(row[0])), cell, why) for cell in _cells(row) if cell.strip()])
        kept -= 1
    aside += [one for of_row in reversed(found) for one in of_row]
    return frame.head(kept)


def _why_no_row(cells: list[str]) -> str | None:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or len(cells) < 2:
        return None
    is_partial = len(filled) < len(cells)  # a row without any gap may be the values of « Total » itself
    if is_partial and TOTAL.fullmatch(filled[0]) and all(is_figure(c) or YEAR.fullmatch(c) for c in filled[1:]):
        return "total"
    is_alone = len(filled) == 1 and len(cells) > 2 and bool(cells[0].strip())
    return "note" if is_alone and re.search(r"[^\W\d_]{2}", filled[0]) else None
