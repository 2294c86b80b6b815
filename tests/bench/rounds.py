"""Interleaved rounds: each thing timed once a round, medians compared, so that a noisy machine is fair to all."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import median


def time_rounds(things: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each thing over the rounds, after one round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in things}
    for number in range(rounds + 1):
        for name, thing in things.items():
            gc.collect()
            started = time.perf_counter()
            thing()
            if number:
                seconds[name].append(time.perf_counter() - started)
    return {name: median(times) for name, times in seconds.items()}


def say(what: str, ratio: float, asked: str) -> None:
    """One line on the screen: what was compared, the ratio seen, the ratio asked for."""
    print(f"{what}: {ratio:.2f} ({asked})")  # noqa: T201
