"""The charts one looks at: trajectory of a goal, comparison of territories. Plotly figures, one look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from outputs.look import BAND, BODY, FONT, GREY, GROUND, INK, LARGE, LINE, OBSERVED, PROMISED, SMALL
from schemas.period import list_periods, parse_period
from schemas.words import Display
from texts import Words
from texts.sentences import say_figure, say_range, say_start, say_target

Row = dict[str, Any]
MOST_TICKS, MOST_TICKS_NARROW = 12, 3


def draw_trajectory(
    rows: Sequence[Row], words: Words, marks: Sequence[tuple[date, str]] = (), is_narrow: bool = False
) -> go.Figure:
    """Observed values with their 95 % band, the promised way and its target.

    `rows`: progress rows of one goal-indicator, ordered; `marks`: (day, words) of what was done. Gaps stay gaps and
    say « n.d. »; masked periods say « s ». Where only counts may be shown the points are not joined. On a narrow
    screen the labels stand over the curve and the marks have no words (the page lists the actions).
    """
    rows = [row for row in rows if row["period"]]
    last = rows[-1]
    end = _last_period(rows)
    periods = list_periods(rows[0]["period"], end)
    seen = {row["period"]: row for row in rows}
    figure = go.Figure(layout={"template": "none"})
    _add_band(figure, periods, seen)
    _add_promise(figure, rows, end, words, is_narrow)
    _add_observed(figure, periods, seen)
    _say_gaps(figure, periods, seen, words)
    _say_last(figure, rows, words, is_narrow)
    _add_marks(figure, periods, marks, is_narrow)
    _dress(figure, last, words, periods, is_narrow)
    return figure


def _last_period(rows: Sequence[Row]) -> str:
    """The axis goes on to the due period when it is of the same kind."""
    last, due = rows[-1]["period"], rows[-1]["due_period"]
    same_kind = due and parse_period(due).kind == parse_period(last).kind
    return max(last, due) if same_kind else last


def _add_band(figure: go.Figure, periods: list[str], seen: dict[str, Row]) -> None:
    """One closed shape a stretch without hole: a filled trace would bridge the gaps."""
    run: list[Row] = []
    for period in [*periods, None]:
        row = seen.get(period) if period else None
        if row and row["low"] is not None:
            run.append(row)
            continue
        if run:
            way = [row["period"] for row in run]
            figure.add_scatter(
                x=way + way[::-1],
                y=[row["high"] for row in run] + [row["low"] for row in reversed(run)],
                fill="toself",
                fillcolor=BAND,
                mode="lines",
                line={"width": 10 if len(run) == 1 else 0, "color": BAND},
                hoverinfo="skip",
            )
        run = []


def _add_promise(figure: go.Figure, rows: Sequence[Row], end: str, words: Words, is_narrow: bool) -> None:
    last = rows[-1]
    if last["kind"] == "maintain_band":
        for edge in ("band_low", "band_high"):
            figure.add_hline(y=last[edge], line={"color": PROMISED, "width": 2, "dash": "dot"})
        text = f"<b>{words('chart.band')}</b><br>{say_target(words, last)}"
        _label(figure, end, last["band_high"], text, PROMISED, is_narrow)
        return
    if last["target_value"] is None:
        return
    way = [(row["period"], row["expected"]) for row in rows if row["expected"] is not None]
    if end == last["due_period"]:
        way += [(end, last["target_value"])]
    shape = "hv" if last["shape"] == "stepped" else "linear"
    line = {"color": PROMISED, "width": 2, "dash": "dot", "shape": shape}
    figure.add_scatter(x=[x for x, _ in way], y=[y for _, y in way], mode="lines", line=line, hoverinfo="skip")
    ring = {"color": GROUND, "size": 12, "line": {"color": PROMISED, "width": 3}}
    figure.add_scatter(x=[end], y=[last["target_value"]], mode="markers", marker=ring, hoverinfo="skip")
    due = words.due(last["due_period"]) if last["due_period"] else ""
    text = f"<b>{words('chart.target')} {say_target(words, last)}</b><br>{due}"
    _label(figure, end, last["target_value"], text, PROMISED, is_narrow)


def _add_observed(figure: go.Figure, periods: list[str], seen: dict[str, Row]) -> None:
    values = [seen[period]["value"] if period in seen else None for period in periods]
    rows = [seen.get(period) for period in periods]
    only_counts = any(row and row["display"] == Display.COUNTS_ONLY for row in rows)
    many = len(periods) > 40
    figure.add_scatter(
        x=periods,
        y=values,
        mode="markers" if only_counts else "lines" if many else "lines+markers",
        connectgaps=False,
        line={"color": OBSERVED, "width": 3},
        marker={"color": OBSERVED, "size": 8},
        hoverinfo="skip",
    )
    latest = [row for row in rows if row and row["is_latest"] and row["value"] is not None]
    if latest:
        point = {"color": OBSERVED, "size": 15}
        figure.add_scatter(
            x=[latest[-1]["period"]], y=[latest[-1]["value"]], mode="markers", marker=point, hoverinfo="skip"
        )


def _say_gaps(figure: go.Figure, periods: list[str], seen: dict[str, Row], words: Words) -> None:
    """A hole between two values says, at its foot, why it is one."""
    known = [at for at, period in enumerate(periods) if period in seen and seen[period]["value"] is not None]
    for at in range(known[0], known[-1]) if known else []:
        row = seen.get(periods[at])
        if row is None or row["value"] is None:
            sign = words("sign.secret" if row and row["is_masked"] else "sign.not_available")
            grey = {"color": GREY, "size": SMALL}
            figure.add_annotation(
                x=periods[at], y=0, yref="paper", yanchor="bottom", text=sign, showarrow=False, font=grey
            )


def _say_last(figure: go.Figure, rows: Sequence[Row], words: Words, is_narrow: bool) -> None:
    """The last value and its range beside it, the start beside the first point."""
    latest = [row for row in rows if row["is_latest"] and row["value"] is not None]
    if not latest:
        return
    row, first = latest[-1], rows[0]
    between = say_range(words, row, "range.and")
    below = f"<br>{words('chart.between', between=between)}" if between else ""
    text = f"<b style='font-size:{LARGE}px'>{say_figure(words, row)}</b>{below}"
    meets_target = row["target_value"] is not None and _last_period(rows) == row["period"]
    _label(figure, row["period"], row["value"], text, OBSERVED, is_narrow or meets_target)
    if first["ref_value"] is not None and first["period"] == first["ref_period"] and first["value"] is not None:
        figure.add_annotation(
            x=first["period"],
            y=first["value"],
            text=words("chart.start", start=say_start(words, first)),
            showarrow=False,
            xanchor="left",
            xshift=8,
            yshift=-18,
            font={"color": INK, "size": SMALL},
        )


def _label(figure: go.Figure, x: str, y: float, text: str, color: str, is_over: bool) -> None:
    """Words beside the end of a line, or over it where there is no room beside."""
    place = {"xanchor": "right", "yanchor": "bottom", "yshift": 12} if is_over else {"xanchor": "left", "xshift": 14}
    align = "right" if is_over else "left"
    font = {"color": color, "size": BODY}
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, align=align, font=font, **place)


def _add_marks(figure: go.Figure, periods: list[str], marks: Sequence[tuple[date, str]], is_narrow: bool) -> None:
    """What was done, as an upright line at its quarter; close marks stand on different heights."""
    spans = [(at, parse_period(period)) for at, period in enumerate(periods)]
    for height, (day, text) in enumerate(sorted(marks)):
        at = next((at for at, period in spans if period.start <= day <= period.end), None)
        if at is None:
            continue
        figure.add_vline(x=at, line={"color": "#b9b7b0", "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=at,
            y=1.0 + 0.075 * (height % 3),
            yref="paper",
            text="◆" if is_narrow else f"◆ {text}",
            showarrow=False,
            xanchor="center" if is_narrow else "left" if at < len(periods) * 0.6 else "right",
            yanchor="bottom",
            font={"color": GREY, "size": SMALL},
        )


def _dress(figure: go.Figure, last: Row, words: Words, periods: list[str], is_narrow: bool) -> None:
    step = max(1, -(-len(periods) // (MOST_TICKS_NARROW if is_narrow else MOST_TICKS)))
    ticks = periods[::step]
    suffix = {"percent": "\u00a0%" if words.language == "fr" else "%"}.get(last["unit"], "")
    figure.update_layout(
        font={"family": FONT, "size": BODY, "color": INK},
        paper_bgcolor=GROUND,
        plot_bgcolor=GROUND,
        height=400 if is_narrow else 440,
        margin={"l": 46, "r": 14, "t": 40, "b": 36} if is_narrow else {"l": 64, "r": 150, "t": 72, "b": 44},
        showlegend=False,
        dragmode=False,
        separators=",\u202f" if words.language == "fr" else ".,",
    )
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=periods,
        tickvals=ticks,
        ticktext=[words.period(period) for period in ticks],
        tickangle=0,
        tickfont={"color": GREY, "size": SMALL},
        range=[-0.4, len(periods) - 0.6],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        ticksuffix=suffix,
        tickfont={"color": GREY, "size": SMALL},
        gridcolor=LINE,
        nticks=6,
        zeroline=False,
        fixedrange=True,
        rangemode="tozero" if last["unit"] == "count" else "normal",
    )


def draw_comparison(rows: Sequence[Row], words: Words, is_narrow: bool = False) -> go.Figure:
    """One line a territory, in the order given: value with its 95 % interval, beside its own baseline (hollow).

    On a narrow screen each name stands over its line.
    """
    names = [row["name"] for row in rows]
    figure = go.Figure(layout={"template": "none"})
    for row in rows:
        if row["low"] is not None:
            bar = {"color": BAND, "width": 12}
            figure.add_scatter(
                x=[row["low"], row["high"]], y=[row["name"]] * 2, mode="lines", line=bar, hoverinfo="skip"
            )
    start = {"color": GROUND, "size": 13, "line": {"color": GREY, "width": 2.5}}
    value = {"color": OBSERVED, "size": 14}
    for column, marker in (("ref_value", start), ("value", value)):
        figure.add_scatter(x=[row[column] for row in rows], y=names, mode="markers", marker=marker, hoverinfo="skip")
    suffix = "\u00a0%" if rows[0]["unit"] == "percent" and words.language == "fr" else ""
    figure.update_layout(
        font={"family": FONT, "size": BODY, "color": INK},
        paper_bgcolor=GROUND,
        plot_bgcolor=GROUND,
        height=110 + (66 if is_narrow else 46) * len(rows),
        margin={"l": 10, "r": 20, "t": 10, "b": 44},
        showlegend=False,
        dragmode=False,
        separators=",\u202f" if words.language == "fr" else ".,",
    )
    figure.update_xaxes(
        ticksuffix=suffix or ("%" if rows[0]["unit"] == "percent" else ""),
        tickfont={"color": GREY, "size": SMALL},
        gridcolor=LINE,
        zeroline=False,
        fixedrange=True,
        nticks=4 if is_narrow else 7,
    )
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=names[::-1],
        tickfont={"color": INK, "size": BODY},
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=not is_narrow,
        showticklabels=not is_narrow,
        ticklabelstandoff=12,
    )
    for row in rows if is_narrow else []:
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=row["name"], yshift=20, text=row["name"], showarrow=False
        )
    return figure
