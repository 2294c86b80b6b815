"""The attacker: from what an audience can see, the smallest and the largest that each masked figure can be.

It shares nothing with the program: it writes down the margins anew and lets scipy's HiGHS solve them. It assumes
figures that are not negative, numerators that are not above their denominators, and that categories and quartiers sum
to their totals where the figures in sight do not say otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import polars as pl
from scipy.optimize import linprog

TABLE = ["territory_code", "indicator_code", "period"]
NEARLY = 1e-6
Cell = tuple[str, str, str]


def find_leaks(
    seen: pl.DataFrame, remembered: pl.DataFrame | None = None, harmless: set[str] | None = None
) -> list[tuple[object, ...]]:
    """Masked cells whose numerator, denominator or count lies in an interval narrower than k.

    `seen`: a key with numerator, denominator, value, is_masked, unit and k, as the audience gets it. `remembered`:
    figures of masked cells that it saw before and that nothing says have changed (key, numerator, denominator, value).
    `harmless`: tables that were attacked in vain, with what is remembered of them; kept up to date.
    """
    leaks: list[tuple[object, ...]] = []
    known = _read(remembered) if remembered is not None else {}
    for key, table in seen.group_by(TABLE, maintain_order=True):
        if not table["is_masked"].any() or len(table) == 1:
            continue
        of_table = known.get(tuple(map(str, key)), {})
        told = table.select("qpv_code", "dimension", "category", "numerator", "denominator", "value", "is_masked", "k")
        told_before = f"{table['unit'][0]}{told.rows()}{sorted(of_table)}{[*map(str, of_table.values())]}"
        if harmless is not None and told_before in harmless:
            continue
        found = [(*key, *leak) for leak in _attack(table, of_table)]
        leaks += found
        if harmless is not None and not found:
            harmless.add(told_before)
    return leaks


def _read(rows: pl.DataFrame) -> dict[tuple[str, ...], dict[Cell, dict[str, object]]]:
    found: dict[tuple[str, ...], dict[Cell, dict[str, object]]] = defaultdict(dict)
    for row in rows.to_dicts():
        found[tuple(row[name] for name in TABLE)][_cell(row)] = row
    return found


def _cell(row: dict[str, object]) -> Cell:
    return (str(row["qpv_code"]), str(row["dimension"]), str(row["category"]))


def _attack(table: pl.DataFrame, known: dict[Cell, dict[str, object]]) -> Iterable[tuple[object, ...]]:
    rows = {_cell(row): row for row in table.to_dicts()}
    rows = {cell: row for cell, row in rows.items() if row["is_masked"] or row["value"] is not None}
    names = ("value",) if table["unit"][0] == "count" else ("numerator", "denominator")
    place = {(cell, name): at for at, (cell, name) in enumerate((cell, name) for cell in rows for name in names)}
    bounds: list[tuple[float, float | None]] = []
    for cell, name in place:
        told = known.get(cell) if rows[cell]["is_masked"] else rows[cell]
        bounds.append((0, None) if told is None else (float(str(told[name])), float(str(told[name]))))
    equal = [
        {place[part, name]: 1.0 for part in parts} | {place[parent, name]: -1.0}
        for parent, parts in _list_margins(rows)
        for name in names
    ]
    below = [{place[cell, "numerator"]: 1.0, place[cell, "denominator"]: -1.0} for cell in rows] if names[1:] else []
    k = float(table["k"][0])
    problem = _pose(len(place), equal, below)
    least, most = np.full(len(place), np.inf), np.full(len(place), -np.inf)
    for (cell, name), at in place.items():
        if not rows[cell]["is_masked"] or cell in known:
            continue
        for sense in (-1, 1):
            if most[at] - least[at] < k - NEARLY:
                found = _solve(problem, at, sense, bounds)
                least, most = np.minimum(least, found), np.maximum(most, found)
        if most[at] - least[at] < k - NEARLY:
            yield (*cell, name, least[at], most[at])


def _list_margins(rows: dict[Cell, dict[str, object]]) -> Iterable[tuple[Cell, list[Cell]]]:
    sums: dict[Cell, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for quartier, dimension, category in rows:
        if dimension != "total":
            sums[quartier, "total", ""][dimension].append((quartier, dimension, category))
        if quartier:
            sums["", dimension, category]["places"].append((quartier, dimension, category))
    for parent, groups in sums.items():
        if parent in rows:
            yield from ((parent, parts) for parts in groups.values())


def _pose(size: int, equal: list[dict[int, float]], below: list[dict[int, float]]) -> dict[str, np.ndarray]:
    problem = {}
    for name, some in (("eq", equal), ("ub", below)):
        matrix = np.zeros((len(some), size))
        for row, line in enumerate(some):
            matrix[row, list(line)] = list(line.values())
        if some:
            problem |= {f"A_{name}": matrix, f"b_{name}": np.zeros(len(some))}
    return problem


def _solve(problem: dict[str, np.ndarray], at: int, sense: int, bounds: list[tuple[float, float | None]]) -> np.ndarray:
    """A possible table in which one figure is the largest (-1) or the smallest (1); no figure above ten million."""
    cost = np.zeros(len(bounds))
    cost[at] = sense
    closed = [(low, 1e7 if high is None else high) for low, high in bounds]
    found = linprog(cost, bounds=closed, method="highs", **problem)
    assert found.status == 0, found.message
    return np.asarray(found.x)
