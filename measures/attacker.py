"""What someone who knows the margins can work out of the masked cells: the attacker of secondary suppression."""

from __future__ import annotations

import highspy
import numpy as np

from measures.quantiles import Array

SMALL = 1e-6


def find_narrow(margins: Array, parts: Array, k: float) -> int | None:
    """The first masked cell whose possible figures span less than k; None where each is safe.

    `margins`: one row a margin, one column a masked cell: 1 a part, -1 the sum, 0 elsewhere. `parts`: the true
    figures, not negative. Possible is every figure >= 0 that keeps all margins: two linear problems a cell, its
    largest and its smallest, less those that an earlier answer settled.
    """
    most, least = np.zeros(len(parts)), np.zeros(len(parts))
    solver = _pose(margins, parts, k)
    for cell in range(len(parts)):
        for sense in (highspy.ObjSense.kMaximize, highspy.ObjSense.kMinimize):
            if most[cell] - least[cell] >= k - SMALL:
                break
            solver.changeColCost(cell, 1.0)
            solver.changeObjectiveSense(sense)
            solver.run()
            moved = np.array(solver.getSolution().col_value)
            most, least = np.maximum(most, moved), np.minimum(least, moved)
            solver.changeColCost(cell, 0.0)
        if most[cell] - least[cell] < k - SMALL:
            return cell
    return None


def _pose(margins: Array, parts: Array, k: float) -> highspy.Highs:
    """The moves of all cells at once that change no margin and leave no figure negative."""
    rows, columns = np.nonzero(margins)
    problem = highspy.HighsLp()
    problem.num_row_, problem.num_col_ = margins.shape
    problem.col_cost_ = np.zeros(len(parts))
    problem.col_lower_, problem.col_upper_ = -parts, np.full(len(parts), parts.sum() + 1000 * k)
    problem.row_lower_ = problem.row_upper_ = np.zeros(len(margins))
    problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    problem.a_matrix_.start_ = np.searchsorted(rows, np.arange(len(margins) + 1))
    problem.a_matrix_.index_, problem.a_matrix_.value_ = columns, margins[rows, columns]
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1)):
        solver.setOptionValue(option, value)
    solver.passModel(problem)
    return solver
