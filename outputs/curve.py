"""The small curve of an overview line: static SVG, one image a line, made of the same rows as the big chart."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

from outputs.look import BAND, FONT, GREY, OBSERVED, PROMISED
from schemas.period import axis_periods
from schemas.words import Display
from texts import Words
from texts.sentences import say_target

WIDTH, HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 340, 104, 10, 80, 6, 254
Row = dict[str, Any]


def draw_curve(rows: Sequence[Row], words: Words) -> str:
    """A data URI of the curve of one goal-indicator: band, line, dotted trajectory, target; gaps stay gaps.

    `rows`: progress rows of one goal-indicator, ordered. Where only counts may be shown the points stand unjoined.
    """
    svg = _draw_svg([row for row in rows if row["period"]], words)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _draw_svg(rows: list[Row], words: Words) -> str:
    seen = {row["period"]: row for row in rows if row["value"] is not None}
    parts: list[str] = []
    if seen:
        periods = axis_periods([row["period"] for row in rows], rows[-1]["period"])
        scale = _Scale(periods, rows)
        for run in _runs(periods, seen):
            parts += _draw_run(run, scale)
        parts += _draw_promise(rows, scale, words)
        parts += _draw_axis(periods, words)
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{escape(FONT)}" '
        f'font-size="14">{body}</svg>'
    )


class _Scale:
    """Periods to x, values to y; a flat series gets room above and below."""

    def __init__(self, periods: list[str], rows: list[Row]) -> None:
        self.place = {period: at for at, period in enumerate(periods)}
        last = rows[-1]
        shown = [row[name] for row in rows for name in ("value", "low", "high", "expected")]
        shown += [last["target_value"], last["band_low"], last["band_high"]]
        numbers = [number for number in shown if number is not None]
        self.low, self.high = min(numbers), max(numbers)
        if self.high == self.low:
            self.low, self.high = self.low - 1, self.high + 1

    def x(self, period: str) -> float:
        return LEFT + (RIGHT - LEFT) * self.place[period] / max(1, len(self.place) - 1)

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low)

    def point(self, row: Row, name: str) -> str:
        return f"{self.x(row['period']):.1f},{self.y(row[name]):.1f}"


def _runs(periods: list[str], seen: dict[str, Row]) -> list[list[Row]]:
    """Stretches of periods without a hole."""
    runs: list[list[Row]] = [[]]
    for period in periods:
        if period in seen:
            runs[-1].append(seen[period])
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _draw_run(run: list[Row], scale: _Scale) -> list[str]:
    with_band = [row for row in run if row["low"] is not None]
    parts = []
    if len(with_band) > 1:
        outline = [scale.point(row, "high") for row in with_band]
        outline += [scale.point(row, "low") for row in reversed(with_band)]
        parts.append(f'<polygon points="{" ".join(outline)}" fill="{BAND}"/>')
    if len(run) > 1 and run[-1]["display"] != Display.COUNTS_ONLY:
        line = " ".join(scale.point(row, "value") for row in run)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{OBSERVED}" stroke-width="2"/>')
    for row in run:
        x, y = scale.point(row, "value").split(",")
        radius = 4.5 if row["is_latest"] else 2
        parts.append(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{OBSERVED}"/>')
    return parts


def _draw_promise(rows: list[Row], scale: _Scale, words: Words) -> list[str]:
    """The trajectory in dots and the target's label; a band shows its two edges."""
    last = rows[-1]
    parts = []
    way = " ".join(scale.point(row, "expected") for row in rows if row["expected"] is not None)
    dots = f'fill="none" stroke="{PROMISED}" stroke-width="1.6" stroke-dasharray="2 4"'
    if way:
        parts.append(f'<polyline points="{way}" {dots}/>')
    if last["kind"] == "maintain_band":
        for edge in (last["band_low"], last["band_high"]):
            parts.append(f'<path d="M{LEFT} {scale.y(edge):.1f}H{RIGHT}" {dots}/>')
    level = last["target_value"] if last["target_value"] is not None else last["band_low"]
    if level is not None:
        y = scale.y(level)
        parts.append(f'<path d="M{RIGHT + 6} {y - 4:.1f}l5 4l-5 4" fill="none" stroke="{PROMISED}" stroke-width="2"/>')
        parts.append(
            f'<text x="{RIGHT + 15}" y="{y + 5:.1f}" fill="{PROMISED}">{escape(say_target(words, last))}</text>'
        )
    return parts


def _draw_axis(periods: list[str], words: Words) -> list[str]:
    first, last = words.period(periods[0]), words.period(periods[-1])
    y = HEIGHT - 4
    parts = [f'<text x="{LEFT}" y="{y}" fill="{GREY}">{escape(first)}</text>']
    if len(periods) > 1:
        parts.append(f'<text x="{RIGHT}" y="{y}" fill="{GREY}" text-anchor="end">{escape(last)}</text>')
    return parts
