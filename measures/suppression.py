"""Secondary suppression: what else to hide so that no margin gives a masked cell back.

A table is what a territory publishes of an indicator for a period. Its margins: the categories of a dimension sum to
their total, in each place; the quartiers sum to the territory, in each category and in the total. Whoever knows that
solves for the masked cells, also through cells that were never sent. A cell is safe where each of its additive parts
(numerator and rest of a share, value of a count) may still lie anywhere in an interval at least k wide. Sources:
Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter 4; Fischetti and Salazar, Operations Research 48
(2000) 819-829, for the attacker's two problems.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from measures.attacker import Impossible, find_narrow
from measures.quantiles import Array

c = pl.col
TABLE = ["territory_code", "indicator_code", "period"]
COLUMN = ["dimension", "category"]
NEARLY_0 = 1e-6
PARTS = ("first_part", "second_part")
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]


def suppress_margins(cells: pl.DataFrame) -> pl.Series:
    """Which cells to mask beside those that are: a Boolean series, true for every cell masked in the end.

    `cells`: one row a key with its columns, first_part and second_part (additive, not negative; null where they are
    not known), sums (whether its figures sum at all), k, is_masked, is_known (its figure was seen before: it hides
    nothing) and is_secret_unit (what is counted is a secret, so that a small remainder must not show either).
    """
    nodes = _list_nodes(cells.with_columns(node=pl.int_range(pl.len(), dtype=pl.Int64)))
    margins = _list_margins(nodes)
    if margins.is_empty():
        return cells["is_masked"]
    lattice = _Lattice.of(nodes, margins)
    lattice.protect()
    return pl.Series((lattice.masked & ~lattice.absent)[: len(cells)])


def _list_nodes(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells, then those that were never sent though their margins were: each place by each category met."""
    sums = cells.filter("sums")
    is_part = (c("qpv_code") != "") | (c("dimension") != "total")
    tables = sums.filter(is_part).select(TABLE).unique()
    if tables.is_empty():
        return cells.with_columns(is_absent=pl.lit(False))
    inside = sums.join(tables, on=TABLE, how="semi")
    whole = tables.with_columns(qpv_code=pl.lit(""))
    quartiers = inside.filter(c("qpv_code") != "").select(*TABLE, "qpv_code").unique()
    columns = inside.filter(c("dimension") != "total").select(*TABLE, *COLUMN, "qpv_code")
    crossed = columns.filter(c("qpv_code") != "").select(*TABLE, "dimension").unique()
    met = columns.select(*TABLE, *COLUMN).unique()
    total = {"dimension": pl.lit("total"), "category": pl.lit("")}
    wanted = pl.concat(
        [
            pl.concat([whole, quartiers]).with_columns(**total).select(*TABLE, "qpv_code", *COLUMN),
            whole.join(met, on=TABLE).select(*TABLE, "qpv_code", *COLUMN),
            met.join(crossed, on=[*TABLE, "dimension"], how="semi")
            .join(quartiers, on=TABLE)
            .select(*TABLE, "qpv_code", *COLUMN),
        ]
    )
    unsent = wanted.join(sums, on=[*TABLE, "qpv_code", *COLUMN], how="anti").sort(*TABLE, "qpv_code", *COLUMN)
    of_table = inside.group_by(TABLE).agg(c("k", "is_secret_unit").first())
    absent = unsent.join(of_table, on=TABLE, how="left", maintain_order="left").with_columns(
        node=len(cells) + pl.int_range(pl.len(), dtype=pl.Int64),
        sums=pl.lit(True),
        is_masked=pl.lit(True),
        is_known=pl.lit(False),
        is_absent=pl.lit(True),
    )
    untold = c("sums") & c("first_part").is_null() & ~c("is_masked")
    known = cells.with_columns(is_absent=untold, is_masked=c("is_masked") | untold)
    return pl.concat([known, absent], how="diagonal")


def _list_margins(nodes: pl.DataFrame) -> pl.DataFrame:
    """One row a part of a margin: `table`, `margin`, `cell` and `parent`, in the order of margins."""
    sums = nodes.filter("sums")
    at = [*TABLE, "over", "parent_qpv", "parent_dimension", "parent_category"]
    same = {"parent_dimension": c("dimension"), "parent_category": c("category")}
    total = {"parent_dimension": pl.lit("total"), "parent_category": pl.lit("")}
    places = sums.filter(c("qpv_code") != "").with_columns(over=pl.lit("places"), parent_qpv=pl.lit(""), **same)
    categories = sums.filter(c("dimension") != "total").with_columns(over="dimension", parent_qpv="qpv_code", **total)
    parts = pl.concat([frame.select(*at, cell="node") for frame in (places, categories)])
    parents = sums.select(*TABLE, parent="node", parent_qpv="qpv_code", **same)
    found = parts.join(parents, on=[name for name in at if name != "over"])
    found = found.with_columns(margin=pl.struct(at).rank("dense").cast(pl.Int64) - 1)
    return found.with_columns(table=pl.struct(TABLE).rank("dense").cast(pl.Int64) - 1).sort("margin", "cell")


@dataclass
class _Lattice:
    """Margins as arrays: `part_cell` and `part_margin` are the parts, `parent` and `table` have one item a margin.

    `masked` are the cells that are not in sight; of these `absent` are no secret: nobody sent them.
    """

    first: Array
    second: Array
    k: Array
    untold: Flags
    masked: Flags
    absent: Flags
    known: Flags
    secret_unit: Flags
    part_cell: Places
    part_margin: Places
    parent: Places
    table: Places
    crosses: Flags

    @classmethod
    def of(cls, nodes: pl.DataFrame, margins: pl.DataFrame) -> _Lattice:
        heads = margins.unique("margin", keep="first", maintain_order=True)
        crossing = nodes.select((c("qpv_code") != "") & (c("dimension") != "total")).to_series().to_numpy()
        first, second, k = (nodes[name].fill_null(0).cast(pl.Float64).to_numpy() for name in (*PARTS, "k"))
        untold = nodes["first_part"].is_null().to_numpy().copy()
        return cls(
            first=first,
            second=second,
            k=k,
            untold=untold,
            masked=nodes["is_masked"].to_numpy().copy(),
            absent=nodes["is_absent"].to_numpy().copy(),
            known=nodes["is_known"].to_numpy() & ~untold,
            secret_unit=nodes["is_secret_unit"].to_numpy(),
            part_cell=margins["cell"].to_numpy(),
            part_margin=margins["margin"].to_numpy(),
            parent=heads["parent"].to_numpy(),
            table=heads["table"].to_numpy(),
            crosses=crossing,
        )

    def protect(self) -> None:
        """Mask until no margin alone, and no margins together, leave a masked cell in too narrow an interval."""
        self._tell_zeros()
        settled = np.zeros(len(self.parent), dtype=bool)
        while True:
            while len(unsafe := self._list_unsafe()):
                _, one_a_table = np.unique(self.table[unsafe], return_index=True)
                self._mask_best(unsafe[one_a_table])
            exposed = [margins for margins in self._list_entangled(settled) if not self._settle(margins)]
            settled[:] = True
            if not exposed:
                return
            settled[np.concatenate(exposed)] = False

    def _tell_zeros(self) -> None:
        """Where the parts that were told make the total, the others are 0, and whoever assumes so is right."""
        while True:
            is_whole = ~self.untold[self.parent]
            for part in (self.first, self.second):
                is_whole &= np.abs(part[self.parent] - self._sum(part)) < NEARLY_0
            zeros = np.zeros_like(self.untold)
            zeros[self.part_cell[is_whole[self.part_margin]]] = True
            zeros &= self.untold
            if not zeros.any():
                return
            self.untold &= ~zeros
            self.masked &= ~(zeros & self.absent)
            self.known |= zeros & self.absent
            self.absent &= ~zeros

    def _list_unsafe(self) -> Places:
        """Margins that give something away by themselves and where something is left to hide."""
        fresh = self._is_unsafe(self.masked & ~self.known) & self._has_candidate(~self.known)
        left = self._is_unsafe(self.masked) & self._has_candidate(np.ones_like(self.known))
        return np.flatnonzero(fresh | left)

    def _is_unsafe(self, unknown: Flags) -> Flags:
        """One unknown is the difference of the others; two whose sum is small are nearly so."""
        k, secret = self.k[self.parent], unknown & ~self.absent
        count, secrets = self._sum(unknown), self._sum(secret) + secret[self.parent]
        has_untold = self._sum(self.untold) > 0
        hides_enough = np.ones(len(self.parent), dtype=bool)
        has_small_rest = np.zeros(len(self.parent), dtype=bool)
        for part in (self.first, self.second):
            rest = part[self.parent] - self._sum(part)
            hides_enough &= self._sum(np.where(unknown, part, 0)) + np.where(has_untold, rest, np.minimum(rest, 0)) >= k
            has_small_rest |= (rest > 0) & (rest < k) & self.secret_unit[self.parent] & ~self.untold[self.parent]
        is_parent_unknown = unknown[self.parent]
        safe = np.where(is_parent_unknown, count > 0, (count > 1) & hides_enough)
        return ((secrets > 0) | has_small_rest) & ~safe & ~self._is_open()

    def _is_open(self) -> Flags:
        """Margins that are none: of one part that nobody told, or so much of the total is left that others must be."""
        has_untold = (self._sum(self.untold) > 0) | self.untold[self.parent]
        is_alone = self._sum(np.ones_like(self.untold)) == 1
        is_open = ~has_untold
        for part in (self.first, self.second):
            is_open &= part[self.parent] - self._sum(part) >= self.k[self.parent]
        return is_open | (is_alone & has_untold)

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

    def _list_entangled(self, settled: Flags) -> list[Places]:
        """The margins of each table with a secret where margins cross, or where something was not told; elsewhere one
        margin tells all."""
        secret = self.masked & ~self.known & ~self.absent
        touched = (self._sum(secret) > 0) | secret[self.parent]
        tangled = (self._sum(secret & self.crosses) > 0) | (self._sum(self.untold) > 0) | self.untold[self.parent]
        tables = np.intersect1d(self.table[touched], self.table[tangled])
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
        margins = margins[~self._is_open()[margins]]
        starts = np.searchsorted(self.part_margin, [margins, margins + 1])
        parts = [self.part_cell[start:end] for start, end in starts.T]
        cells = np.unique(np.concatenate([*parts, self.parent[margins]])) if len(margins) else margins
        free = cells[unknown[cells]]
        asked = np.flatnonzero(~self.absent[free])
        if not len(asked):
            return margins[:0]
        column = {cell: at for at, cell in enumerate(free.tolist())}
        system = np.zeros((len(margins), len(free)))
        for row, (margin, some) in enumerate(zip(margins.tolist(), parts, strict=True)):
            system[row, [column[cell] for cell in some.tolist() if cell in column]] = 1
            if unknown[self.parent[margin]]:
                system[row, column[int(self.parent[margin])]] = -1
        has_untold = (np.abs(system) @ self.untold[free]) > 0
        k = float(self.k[free].max())
        for part in (self.first, self.second):
            told = np.array(
                [
                    part[at] * ~unknown[at] - (part[some] * ~unknown[some]).sum()
                    for at, some in zip(self.parent[margins], parts, strict=True)
                ]
            )
            try:
                exposed = find_narrow(system, np.where(has_untold, told, system @ part[free]), asked, k)
            except Impossible:
                kept = ~has_untold
                exposed = find_narrow(system[kept], system[kept] @ part[free], asked, k) if kept.any() else None
            if exposed is not None:
                return margins[system[:, exposed] != 0]
        return margins[:0]
