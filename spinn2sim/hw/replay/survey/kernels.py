"""What programs will need of the machine: one look at every op, so compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.replay import layout as at

forget_stale(__file__, root=Path(__file__).parents[2])

Array = NDArray[Any]


@njit(cache=True, boundscheck=False)
def survey(programs: Array, n_by_code: Array, targets: Array, most_bytes: Array) -> None:
    """Fill in the arrays of ``programs.Survey``, which are zeros."""
    for pe in range(len(programs)):
        for k in range(programs.shape[1]):
            code = programs[pe, k, at.CODE]
            n_by_code[code] += 1
            if code == at.HALT:
                break
            if code in (at.MULTICAST, at.BARRIER):
                targets[pe, pe] = len(programs) > 1
            elif code in (at.SEND, at.DMA_WRITE):
                targets[pe, programs[pe, k, at.FIRST]] = True
                if code == at.DMA_WRITE:
                    most_bytes[pe] = max(most_bytes[pe], programs[pe, k, at.SECOND])
