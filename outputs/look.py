"""The one look of every chart: colours and sizes of the house."""

from __future__ import annotations

INK = "#1b1b1f"
GREY = "#595960"
LINE = "#d9d7d0"
OBSERVED = "#0b5c87"
BAND = "#cfe1ec"
PROMISED = "#7a3b00"
GROUND = "#fbfaf7"
FONT = '"Source Sans", system-ui, sans-serif'
SMALL, BODY, LARGE = 14, 16, 20
