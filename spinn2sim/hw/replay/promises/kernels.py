"""Whether programs kept the promises that they gave barriers: a look at every op, so compiled."""

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
def are_kept(programs: Array, op_times: Array, ticks_per_cycle: int) -> bool:
    """Whether nobody met others before the end of the lookahead that it gave a barrier.

    A promise begins at the op after its barrier. programs: (n_pe, n_ops, OP_FIELDS); op_times:
    (n_pe, n_ops, 2), of which the second is the tick at which an op was issued.
    """
    for pe in range(len(programs)):
        end = 0
        promised = 0
        for k in range(programs.shape[1]):
            code, first = programs[pe, k, at.CODE], programs[pe, k, at.FIRST]
            if code == at.HALT:
                break
            tick = op_times[pe, k, 1]
            end = max(end, tick + promised)
            promised = first * ticks_per_cycle if code == at.BARRIER else 0
            if tick < end and _meets(code, first):
                return False
    return True


@njit(cache=True, boundscheck=False, forceinline=True)
def _meets(code: int, first: int) -> bool:
    """Whether an op meets other PEs: a multicast does if it has a packet."""
    if code == at.MULTICAST:
        return first > 0
    return code in (at.BARRIER, at.RECEIVE, at.DMA_WRITE, at.WAIT_DMA, at.SEND)
