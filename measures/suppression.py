"""Secondary suppression: what else to hide so that no margin gives a masked cell back.

A table is what a territory publishes of an indicator for a period. Its margins: the categories of a dimension sum to
their total, in each place; the quartiers sum to the territory, in each category and in the total. Whoever knows that
solves for the masked cells. A cell is safe where each of its additive parts (numerator and rest of a share, value of a
count) may still lie anywhere in an interval at least k wide. Sources: Hundepool et al., Statistical Disclosure Control
(Wiley 2012), chapter 4; Fischetti and Salazar, Operations Research 48 (2000) 819-829, for the attacker's two problems.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from measures.attacker import find_narrow
from measures.quantiles import Array

c = pl.col
TABLE = ("territory_code", "indicator_code", "period")
PARTS = ("first_part", "second_part")
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]


def suppress_margins(cells: pl.DataFrame) -> pl.Series:
    """Which cells to mask beside those that are: a Boolean series, true for every cell masked in the end.

    `cells`: one row a key with its columns, first_part and second_part (additive, not negative; null where the cell
    takes part in no sum), k, is_masked, is_known (its figure was seen before: it hides nothing) and is_secret_unit
    (what is counted is a secret, so that a small remainder must not show either).
    """
    cells = cells.with_columns(cell=pl.int_range(pl.len(), dtype=pl.Int64))
    margins = _list_margins(cells)
    if margins is None:
        return cells["is_masked"]
    lattice = _Lattice.of(cells, margins)
    lattice.protect()
    return pl.Series(lattice.masked)


def _list_margins(cells: pl.DataFrame) -> pl.DataFrame | None:
    """One row a part of a margin: `table`, `margin`, `cell` and `parent`. None where nothing sums to anything."""
    additive = cells.filter(c("first_part").is_not_null())
    places = additive.filter(c("qpv_code") != "").with_columns(over=pl.lit("places"), parent_qpv=pl.lit(""))
    categories = additive.filter(c("dimension") != "total").with_columns(over="dimension", parent_qpv="qpv_code")
    if places.is_empty() and categories.is_empty():
        return None
    total = {"parent_dimension": pl.lit("total"), "parent_category": pl.lit("")}
    same = {"parent_dimension": c("dimension"), "parent_category": c("category")}
    at = [*TABLE, "over", "parent_qpv", "parent_dimension", "parent_category"]
    parts = pl.concat(
        [frame.with_columns(**to).select("cell", *at) for frame, to in ((places, same), (categories, total))]
    )
    parents = additive.select(
        *TABLE, parent="cell", parent_qpv="qpv_code", parent_dimension="dimension", parent_category="category"
    )
    found = parts.join(parents, on=[*TABLE, "parent_qpv", "parent_dimension", "parent_category"])
    found = found.with_columns(margin=pl.struct(at).rank("dense").cast(pl.Int64) - 1)
    return found.with_columns(table=pl.struct(TABLE).rank("dense").cast(pl.Int64) - 1).sort("margin", "cell")


@dataclass
class _Lattice:
    """Margins as arrays: `part_cell` and `part_margin` are the parts, `parent` and `table` have one item a margin."""

    first: Array
    second: Array
    k: Array
    masked: Flags
    known: Flags
    secret_unit: Flags
    part_cell: Places
    part_margin: Places
    parent: Places
    table: Places
    crosses: Flags

    @classmethod
    def of(cls, cells: pl.DataFrame, margins: pl.DataFrame) -> _Lattice:
        heads = margins.unique("margin", keep="first", maintain_order=True)
        crossing = cells.select((c("qpv_code") != "") & (c("dimension") != "total")).to_series().to_numpy()
        first, second, k = (cells[name].fill_null(0).cast(pl.Float64).to_numpy() for name in (*PARTS, "k"))
        return cls(
            first=first,
            second=second,
            k=k,
            masked=cells["is_masked"].to_numpy().copy(),
            known=cells["is_known"].to_numpy(),
            secret_unit=cells["is_secret_unit"].to_numpy(),
            part_cell=margins["cell"].to_numpy(),
            part_margin=margins["margin"].to_numpy(),
            parent=heads["parent"].to_numpy(),
            table=heads["table"].to_numpy(),
            crosses=crossing,
        )

    def protect(self) -> None:
        """Mask until no margin alone, and no margins together, leave a masked cell in too narrow an interval."""
        settled = np.zeros(len(self.parent), dtype=bool)
        while True:
            while len(unsafe := self._list_unsafe()):
                _, one_a_table = np.unique(self.table[unsafe], return_index=True)
                self._mask_best(unsafe[one_a_table])
            exposed = [margins for margins in self._list_crossing(settled) if not self._settle(margins)]
            settled[:] = True
            if not exposed:
                return
            settled[np.concatenate(exposed)] = False

    def _list_unsafe(self) -> Places:
        """Margins that give something away by themselves and where something is left to hide."""
        fresh = self._is_unsafe(self.masked & ~self.known) & self._has_candidate(~self.known)
        left = self._is_unsafe(self.masked) & self._has_candidate(np.ones_like(self.known))
        return np.flatnonzero(fresh | left)

    def _is_unsafe(self, unknown: Flags) -> Flags:
        count, size = self._sum(unknown), self._sum(np.ones_like(unknown))
        k = self.k[self.parent]
        hides_enough, is_slack, has_small_rest = np.full((3, len(self.parent)), True)
        has_small_rest[:] = False
        for part in (self.first, self.second):
            rest = part[self.parent] - self._sum(part)
            hides_enough &= self._sum(np.where(unknown, part, 0)) + np.minimum(rest, 0) >= k
            is_slack &= rest >= k
            has_small_rest |= (rest > 0) & (rest < k) & self.secret_unit[self.parent]
        is_parent_unknown = unknown[self.parent]
        concerned = (count > 0) | is_parent_unknown | has_small_rest
        safe = np.where(is_parent_unknown, count > 0, (count > 1) & hides_enough) | ((size == 1) & is_slack)
        return concerned & ~safe

    def _has_candidate(self, usable: Flags) -> Flags:
        open_cell = usable & ~self.masked
        return (self._sum(open_cell) > 0) | open_cell[self.parent]

    def _sum(self, of_cells: Array | Flags) -> Array:
        return np.bincount(self.part_margin, of_cells[self.part_cell], len(self.parent)).astype(np.float64)

    def _mask_best(self, margins: Places) -> None:
        """Give up one more cell in each of these margins, where there is one."""
        wanted = np.isin(self.part_margin, margins)
        cells = np.concatenate([self.part_cell[wanted], self.parent[margins]])
        of_margin = np.concatenate([self.part_margin[wanted], margins])
        order = self._rank(cells, np.arange(len(cells)) >= wanted.sum())
        order = order[~self.masked[cells[order]]]
        _, first = np.unique(of_margin[order], return_index=True)
        self.masked[cells[order[first]]] = True

    def _rank(self, cells: Places, is_parent: Flags) -> Places:
        """The order in which cells are given up: a figure that was seen before last, then a sum after its parts, one
        that is 0 somewhere (it hides nothing there), one that opens another margin, a large one."""
        protects = (self.first[cells] > 0) & (self.second[cells] > 0)
        size = self.first[cells] + self.second[cells]
        opens = self._count_openings()[cells]
        return np.lexsort((cells, size, opens, ~protects, is_parent, self.known[cells]))

    def _count_openings(self) -> Array:
        """How many margins of each cell have nothing masked yet."""
        untouched = (self._sum(self.masked) == 0) & ~self.masked[self.parent]
        of_parts = np.bincount(self.part_cell, untouched[self.part_margin], len(self.masked))
        return (of_parts + np.bincount(self.parent, untouched, len(self.masked))).astype(np.float64)

    def _list_crossing(self, settled: Flags) -> list[Places]:
        """The margins of each table where masked cells lie where margins cross; elsewhere one margin tells all."""
        open_cells = self.masked & ~self.known & self.crosses
        tables = np.unique(self.table[self.part_margin[open_cells[self.part_cell]]])
        margins = np.flatnonzero(np.isin(self.table, tables) & ~settled)
        margins = margins[np.argsort(self.table[margins], kind="stable")]
        return np.split(margins, np.flatnonzero(np.diff(self.table[margins])) + 1) if len(margins) else []

    def _settle(self, margins: Places) -> bool:
        """Whether no cell of a table is exposed; one more is given up where one is and another may protect it.

        First with what history tells; where only figures that were seen before are left, with what this version does.
        """
        for unknown, usable in ((self.masked & ~self.known, ~self.known), (self.masked, np.ones_like(self.known))):
            near = self._find_exposed(margins, unknown)
            if not len(near):
                return True
            for some in (near, margins):
                open_ones = some[self._has_candidate(usable)[some]]
                if len(open_ones):
                    self._mask_best(open_ones[:1])
                    return False
        return True

    def _find_exposed(self, margins: Places, unknown: Flags) -> Places:
        """The margins of the first cell of a table that the margins together give away; none where all are safe."""
        starts = np.searchsorted(self.part_margin, [margins, margins + 1])
        parts = [self.part_cell[start:end] for start, end in starts.T]
        cells = np.unique(np.concatenate([*parts, self.parent[margins]]))
        free = cells[unknown[cells]]
        column = {cell: at for at, cell in enumerate(free.tolist())}
        system = np.zeros((len(margins), len(free)))
        for row, (margin, some) in enumerate(zip(margins.tolist(), parts, strict=True)):
            system[row, [column[cell] for cell in some.tolist() if cell in column]] = 1
            if unknown[self.parent[margin]]:
                system[row, column[int(self.parent[margin])]] = -1
        for part in (self.first, self.second):
            exposed = find_narrow(system, part[free], float(self.k[free].max(initial=0)))
            if exposed is not None:
                return margins[system[:, exposed] != 0]
        return margins[:0]
