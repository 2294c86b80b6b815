"""The charts one looks at: trajectory of a goal, comparison of territories. Plotly figures, one look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import plotly.graph_objects as go

from outputs.look import BAND, BODY, FONT, GREY, GROUND, INK, LARGE, LINE, OBSERVED, PROMISED, SMALL
from schemas.period import axis_periods, parse_period
from schemas.words import Display
from texts import Words
from texts.sentences import say_figure, say_range, say_start, say_target

Row = dict[str, Any]
MOST_TICKS, MOST_TICKS_NARROW, MOST_WITH_POINTS = 12, 3, 40
DONE, HAPPENED = "◆", "◇"
MOST_NAMED_MARKS, LONGEST_MARK = 6, 44
FRAMED = ("value", "low", "high", "expected", "target_value", "band_low", "band_high")
DOTTED = {"color": PROMISED, "width": 2, "dash": "dot"}


def draw_trajectory(
    rows: Sequence[Row],
    words: Words,
    marks: Sequence[tuple[date, str]] = (),
    is_narrow: bool = False,
    earlier: Sequence[Row] = (),
    events: Sequence[tuple[date, str]] = (),
) -> go.Figure:
    """Observed values with their 95 % band, the promised way and its target.

    `rows`: progress rows of one goal-indicator, ordered; `marks`: (day, words) of what was done (◆) and `events` of
    what happened (◇); `earlier`: values that were corrected since (period, value), drawn hollow. Gaps stay gaps and say
    « n.d. »; masked periods say « s ». Where only counts may be shown the points are not joined. On a narrow screen the
    labels stand over the curve and the marks, as where they are many, have no words (the page lists them).
    """
    rows = [row for row in rows if row["period"]]
    end = _last_period(rows)
    periods = axis_periods([row["period"] for row in rows], end)
    seen = {row["period"]: row for row in rows}
    low, high = _frame_values([*earlier, *rows], FRAMED)
    said = [*_say_promise(rows[-1], end, words, is_narrow), *_say_gaps(periods, seen, low, words)]
    said += _say_last(rows, words, is_narrow) + _say_start(rows[0], words)
    traces = [
        *_trace_band(periods, seen),
        *_trace_promise(rows, end),
        *_trace_observed(periods, seen),
        *_trace_earlier(earlier),
    ]
    signs = [(*mark, DONE) for mark in marks] + [(*event, HAPPENED) for event in events]
    layout = _dress(rows[-1], words, periods, is_narrow)
    layout["yaxis"]["range"] = [low, high]
    layout["shapes"] = [*_band_edges(rows[-1], len(periods)), *_draw_marks(periods, signs, is_narrow)]
    if low > 0:
        layout["title"] = _title(words("chart.truncated"))
    # One construction: each later change of a Figure validates it again.
    return go.Figure({"data": [*traces, _trace_words(said)], "layout": layout})


def _last_period(rows: Sequence[Row]) -> str:
    """The axis goes on to the due period when it is of the same kind."""
    last, due = rows[-1]["period"], rows[-1]["due_period"]
    same_kind = due and parse_period(due).kind == parse_period(last).kind
    return str(max(last, due) if same_kind else last)


def _frame_values(rows: Sequence[Row], names: Sequence[str]) -> tuple[float, float]:
    """The lowest and highest value to show, with some room; counts are shown from 0, and nothing goes below it."""
    shown = [row[name] for row in rows for name in names if row.get(name) is not None] or [0.0, 1.0]
    room = 0.08 * ((max(shown) - min(shown)) or abs(max(shown)) or 1.0)
    low = min(shown) - room
    low = 0.0 if rows[-1]["unit"] == "count" or low < 0 <= min(shown) else low
    return low, max(shown) + room


def _trace(**trace: Any) -> Row:
    return {"type": "scatter", "hoverinfo": "skip", **trace}


class Label(NamedTuple):
    """Words at a point: on which side of it, and how far (px)."""

    x: Any
    y: Any
    text: str
    side: str
    size: int = SMALL
    color: str = GREY
    away: float = 0


def _trace_words(labels: Sequence[Label]) -> Row:
    """All words in one trace: a browser draws it once, and each annotation four times."""
    font = {"size": [label.size for label in labels], "color": [label.color for label in labels]}
    # Words stand off a marker by 1 px more than 5/4 of its radius: an unseen one keeps the distance.
    marker = {"size": [max(0, label.away - 1) * 1.6 for label in labels], "opacity": 0}
    return _trace(
        x=[label.x for label in labels],
        y=[label.y for label in labels],
        text=[label.text for label in labels],
        textposition=[label.side for label in labels],
        textfont=font,
        mode="markers+text",
        marker=marker,
        cliponaxis=False,
    )


def _title(text: str) -> Row:
    """A few words over the values' axis."""
    font = {"size": SMALL, "color": GREY}
    place = {"xref": "container", "x": 0, "yref": "paper", "y": 1, "yanchor": "bottom", "pad": {"l": 14, "b": 6}}
    return {"text": text, "font": font, **place}


def _trace_band(periods: list[str], seen: dict[str, Row]) -> list[Row]:
    """One closed shape a stretch without hole: a filled trace would bridge the gaps."""
    traces, run = [], []
    for period in [*periods, ""]:
        row = seen.get(period)
        if row and row["low"] is not None:
            run.append(row)
            continue
        if run:
            way = [one["period"] for one in run]
            outline = [one["high"] for one in run] + [one["low"] for one in reversed(run)]
            line = {"width": 10 if len(run) == 1 else 0, "color": BAND}
            traces.append(_trace(x=way + way[::-1], y=outline, fill="toself", fillcolor=BAND, mode="lines", line=line))
        run = []
    return traces


def _trace_earlier(earlier: Sequence[Row]) -> list[Row]:
    """What stood before a correction: a hollow point, never joined."""
    shown = [row for row in earlier if row["value"] is not None]
    marker = {"color": GROUND, "size": 10, "line": {"color": OBSERVED, "width": 2}}
    points = {"x": [row["period"] for row in shown], "y": [row["value"] for row in shown]}
    return [_trace(**points, mode="markers", marker=marker)] if shown else []


def _trace_promise(rows: Sequence[Row], end: str) -> list[Row]:
    """The promised way in dots and a ring where it ends."""
    last = rows[-1]
    if last["target_value"] is None:
        return []
    way = [(row["period"], row["expected"]) for row in rows if row["expected"] is not None]
    way += [step for step in _list_steps(last) if step[0] > last["period"]]
    if end == last["due_period"]:
        way.append((end, last["target_value"]))
    line = {**DOTTED, "shape": "hv" if last["shape"] == "stepped" else "linear"}
    ring = {"color": GROUND, "size": 12, "line": {"color": PROMISED, "width": 3}}
    return [
        _trace(x=[x for x, _ in way], y=[y for _, y in way], mode="lines", line=line),
        _trace(x=[end], y=[last["target_value"]], mode="markers", marker=ring),
    ]


def _list_steps(row: Row) -> list[tuple[str, float]]:
    """The steps of a stepped trajectory: (period, value)."""
    steps = [step.split("=") for step in (row["steps"] or "").split("|") if step]
    return [(period, float(value)) for period, value in steps] if row["shape"] == "stepped" else []


def _band_edges(last: Row, width: int) -> list[Row]:
    """The two edges of a range to stay in."""
    if last["kind"] != "maintain_band":
        return []
    across = {"type": "line", "x0": -0.4, "x1": width - 0.6, "line": DOTTED}
    return [{**across, "y0": last[edge], "y1": last[edge]} for edge in ("band_low", "band_high")]


def _trace_observed(periods: list[str], seen: dict[str, Row]) -> list[Row]:
    rows = [seen.get(period) for period in periods]
    only_counts = any(row and row["display"] == Display.COUNTS_ONLY for row in rows)
    mode = "markers" if only_counts else "lines" if len(periods) > MOST_WITH_POINTS else "lines+markers"
    observed = _trace(
        x=periods,
        y=[row["value"] if row else None for row in rows],
        mode=mode,
        connectgaps=False,
        line={"color": OBSERVED, "width": 3},
        marker={"color": OBSERVED, "size": 8},
    )
    latest = [row for row in rows if row and row["is_latest"] and row["value"] is not None]
    point = {"color": OBSERVED, "size": 15}
    return [
        observed,
        *(_trace(x=[row["period"]], y=[row["value"]], mode="markers", marker=point) for row in latest[-1:]),
    ]


def _say_promise(last: Row, end: str, words: Words, is_narrow: bool) -> list[Label]:
    if last["kind"] == "maintain_band":
        text = f"<b>{words('chart.band')}</b><br>{say_target(words, last)}"
        return [_label(end, last["band_high"], text, PROMISED, is_narrow)]
    if last["target_value"] is None:
        return []
    due = words.due(last["due_period"]) if last["due_period"] else ""
    text = f"<b>{words('chart.target')} {say_target(words, last)}</b><br>{due}"
    return [_label(end, last["target_value"], text, PROMISED, is_narrow)]


def _say_gaps(periods: list[str], seen: dict[str, Row], foot: float, words: Words) -> list[Label]:
    """A hole between two values says, at its foot, why it is one."""
    known = [at for at, period in enumerate(periods) if period in seen and seen[period]["value"] is not None]
    labels = []
    for at in range(known[0], known[-1]) if known else []:
        row = seen.get(periods[at])
        if row is None or row["value"] is None:
            sign = words("sign.secret" if row and row["is_masked"] else "sign.not_available")
            labels.append(Label(periods[at], foot, sign, "top center"))
    return labels


def _say_last(rows: Sequence[Row], words: Words, is_narrow: bool) -> list[Label]:
    """The last value and its range, beside it."""
    latest = [row for row in rows if row["is_latest"] and row["value"] is not None]
    if not latest:
        return []
    row = latest[-1]
    between = say_range(words, row, "range.and")
    below = f"<br>{words('chart.between', between=between)}" if between else ""
    text = f"<b style='font-size:{LARGE}px'>{say_figure(words, row)}</b>{below}"
    meets_target = row["target_value"] is not None and _last_period(rows) == row["period"]
    return [_label(row["period"], row["value"], text, OBSERVED, is_narrow or meets_target)]


def _say_start(first: Row, words: Words) -> list[Label]:
    """The baseline under the first point, where the series begins with it."""
    begins = first["ref_value"] is not None and first["period"] == first["ref_period"] and first["value"] is not None
    if not begins:
        return []
    text = words("chart.start", start=say_start(words, first))
    return [Label(first["period"], first["value"], text, "bottom right", SMALL, INK, 8)]


def _label(x: str, y: float, text: str, color: str, is_over: bool) -> Label:
    """Words beside the end of a line, or over it where there is no room beside."""
    side, away = ("top left", 8) if is_over else ("middle right", 12)
    return Label(x, y, text, side, BODY, color, away)


def _draw_marks(periods: list[str], marks: Sequence[tuple[date, str, str]], is_narrow: bool) -> list[Row]:
    """What was done or happened (day, words, sign), as an upright line at its quarter; close ones stand on different
    heights. Those before or after the axis are left out."""
    spans = [(at, parse_period(period)) for at, period in enumerate(periods)]
    placed = [(at, *mark) for mark in sorted(marks) for at, span in spans if span.start <= mark[0] <= span.end]
    is_wordless = is_narrow or len(placed) > MOST_NAMED_MARKS
    font, thin = {"size": SMALL, "color": GREY}, {"color": "#b9b7b0", "width": 1, "dash": "dot"}
    lines = []
    for height, (at, _, text, sign) in enumerate(placed):
        side = "center" if is_wordless else "left" if at < len(periods) * 0.6 else "right"
        said = (sign if is_wordless else f"{sign} {_shorten(text)}") + "<br>\u00a0" * (height % 3)
        label = {"text": said, "font": font, "textposition": "end", "textangle": 0, "padding": 2}
        label |= {"xanchor": side, "yanchor": "bottom"}
        across = {"x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"}
        lines.append({"type": "line", **across, "line": thin, "label": label})
    return lines


def _shorten(text: str) -> str:
    """As much of a label as stands over a chart; the page has the whole."""
    return text if len(text) <= LONGEST_MARK else f"{text[: LONGEST_MARK - 1].rstrip()}…"


def _sheet_of_paper(words: Words, height: int, margin: dict[str, int]) -> Row:
    """What both charts share: ground, font, French separators, nothing to hover or drag."""
    return {
        "template": "none",
        "font": {"family": FONT, "size": BODY, "color": INK},
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
        "height": height,
        "margin": margin,
        "showlegend": False,
        "dragmode": False,
        "separators": ",\u202f" if words.language == "fr" else ".,",
    }


def _axis(**axis: Any) -> Row:
    return {"zeroline": False, "fixedrange": True, "tickfont": {"color": GREY, "size": SMALL}, **axis}


def _suffix(row: Row, words: Words) -> str:
    if row["unit"] != "percent":
        return ""
    return "\u00a0%" if words.language == "fr" else "%"


def _dress(last: Row, words: Words, periods: list[str], is_narrow: bool) -> Row:
    step = max(1, -(-len(periods) // (MOST_TICKS_NARROW if is_narrow else MOST_TICKS)))
    ticks = periods[::step]
    room = len(periods) / 80  # a point at the end of a long series is not cut
    wide, narrow = {"l": 64, "r": 150, "t": 72, "b": 44}, {"l": 46, "r": 14, "t": 40, "b": 36}
    return _sheet_of_paper(words, 400 if is_narrow else 440, narrow if is_narrow else wide) | {
        "xaxis": _axis(
            type="category",
            categoryorder="array",
            categoryarray=periods,
            tickvals=ticks,
            ticktext=[words.period(period) for period in ticks],
            tickangle=0,
            range=[-0.4 - room, len(periods) - 0.6 + room],
            showgrid=False,
        ),
        "yaxis": _axis(
            ticksuffix=_suffix(last, words),
            gridcolor=LINE,
            nticks=6,
        ),
    }


def draw_comparison(rows: Sequence[Row], words: Words, is_narrow: bool = False) -> go.Figure:
    """One line a territory, in the order given: value with its 95 % interval, beside its own baseline (hollow).

    On a narrow screen each name stands over its line.
    """
    names = [row["name"] for row in rows]
    bar = {"color": BAND, "width": 12}
    traces = [
        _trace(x=[row["low"], row["high"]], y=[row["name"]] * 2, mode="lines", line=bar)
        for row in rows
        if row["low"] is not None
    ]
    start = {"color": GROUND, "size": 13, "line": {"color": GREY, "width": 2.5}}
    value = {"color": OBSERVED, "size": 14}
    for column, marker in (("ref_value", start), ("value", value)):
        traces.append(_trace(x=[row[column] for row in rows], y=names, mode="markers", marker=marker))
    low, high = _frame_values(rows, ("value", "low", "high", "ref_value"))
    if is_narrow:
        traces.append(_trace_words([Label(low, name, name, "top right", BODY, INK, 12) for name in names]))
    values = _axis(ticksuffix=_suffix(rows[0], words), gridcolor=LINE, nticks=4 if is_narrow else 7, range=[low, high])
    if low > 0:
        values["title"] = {"text": words("chart.truncated"), "font": {"size": SMALL, "color": GREY}, "standoff": 4}
    layout = _sheet_of_paper(words, 110 + (66 if is_narrow else 46) * len(rows), {"l": 10, "r": 20, "t": 10, "b": 44})
    layout |= {
        "xaxis": values,
        "yaxis": _axis(
            type="category",
            categoryorder="array",
            categoryarray=names[::-1],
            tickfont={"color": INK, "size": BODY},
            showgrid=False,
            automargin=not is_narrow,
            showticklabels=not is_narrow,
            ticklabelstandoff=12,
        ),
    }
    return go.Figure({"data": traces, "layout": layout})
