"""The Pareto front of a sweep: the points that no other one beats in both of two outputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.sweep import Sweep

#: Outputs that a first look compares, the best known first.
FIRST_X = ("power_chip_mw", "energy_chip_j", "cycles_per_step")
FIRST_Y = ("response_ms", "slack_cycles", "sram_bytes_max_pe")

#: Parts of the names of outputs of which more is better.
BETTER_MORE = ("slack", "accuracy", "largest", "fits", "feasible", "n_rec")


def is_better_more(output: str) -> bool:
    """Whether more of *output* is better; less is, of most."""
    return any(part in output for part in BETTER_MORE)


def first_outputs(sweep: Sweep) -> tuple[str | None, str | None]:
    """Two outputs of *sweep* to compare before anything is chosen; None where there are none."""
    numbers = [
        name
        for name in (*sweep.outputs, *sweep.axes)
        if sweep.points[name].dtype.is_numeric() and sweep.points[name].drop_nulls().n_unique() > 1
    ]
    x = next((name for name in (*FIRST_X, *numbers) if name in numbers), None)
    rest = [name for name in numbers if name != x]
    return x, next((name for name in (*FIRST_Y, *rest) if name in rest), None)


def pareto_front(
    x: NDArray[np.float64], y: NDArray[np.float64], *, more_x: bool, more_y: bool
) -> NDArray[np.int64]:
    """Places of the points on the front, in order of x. Of points that are equal, all are on it."""
    x, y = (-x if more_x else x), (-y if more_y else y)
    order = np.lexsort((y, x))
    kept: list[int] = []
    best_x, best_y = np.nan, np.inf
    for place in order.tolist():
        if y[place] < best_y or (y[place] == best_y and x[place] == best_x):
            kept.append(place)
            best_x, best_y = x[place], y[place]
    return np.array(kept, np.int64)
