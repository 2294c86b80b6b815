"""What someone who knows the margins can work out of the masked cells: the attacker of secondary suppression."""

from __future__ import annotations

import highspy
import numpy as np
import numpy.typing as npt

from measures.quantiles import Array

SMALL = 1e-6
FARTHEST = 1000


class Impossible(Exception):
    """No figures keep these margins: what is in sight contradicts itself."""


def find_narrow(margins: Array, sums: Array, asked: npt.NDArray[np.int64], k: float) -> int | None:
    """The first of the asked cells whose possible figures span less than k; None where each is safe.

    `margins`: one row a margin, one column an unknown cell: 1 a part, -1 the total, 0 elsewhere. `sums`: what each row
    comes to. Possible is every figure >= 0 that keeps all margins: two linear problems a cell, its largest and its
    smallest, less those that an earlier answer settled. Raises Impossible.
    """
    most, least = np.full(margins.shape[1], -np.inf), np.full(margins.shape[1], np.inf)
    solver = _pose(margins, sums, k)
    for cell in asked.tolist():
        for sense in (highspy.ObjSense.kMaximize, highspy.ObjSense.kMinimize):
            if most[cell] - least[cell] >= k - SMALL:
                break
            solver.changeColCost(cell, 1.0)
            solver.changeObjectiveSense(sense)
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise Impossible
            found = np.array(solver.getSolution().col_value)
            solver.changeColCost(cell, 0.0)
            most, least = np.maximum(most, found), np.minimum(least, found)
        if most[cell] - least[cell] < k - SMALL:
            return cell
    return None


def _pose(margins: Array, sums: Array, k: float) -> highspy.Highs:
    """All figures that keep the margins, none negative and none without bound."""
    rows, columns = np.nonzero(margins)
    problem = highspy.HighsLp()
    problem.num_row_, problem.num_col_ = margins.shape
    problem.col_cost_ = np.zeros(margins.shape[1])
    problem.col_lower_ = np.zeros(margins.shape[1])
    problem.col_upper_ = np.full(margins.shape[1], np.abs(sums).sum() + FARTHEST * k)
    problem.row_lower_ = problem.row_upper_ = sums
    problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    problem.a_matrix_.start_ = np.searchsorted(rows, np.arange(len(margins) + 1))
    problem.a_matrix_.index_, problem.a_matrix_.value_ = columns, margins[rows, columns]
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1)):
        solver.setOptionValue(option, value)
    solver.passModel(problem)
    return solver
