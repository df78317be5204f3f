"""Whether a window may be taken whole: what is looked at before, and before it is kept. Compiled.

``noc`` is the block of the network, ``pool`` the memory of this kernel (see ``fast.layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.rows.kernels import link_row
from spinn2sim.hw.noc.layout import Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def is_closed(noc: Block) -> bool:
    """Whether all PEs wait for the same number of the same flags, no more than can be counted."""
    first = noc[at.PES]
    kind, threshold = noc[first + at.WATCHED], noc[first + at.THRESHOLD]
    if kind not in (at.FLAG0, at.FLAG1):
        return False
    for pe in range(first, noc[at.END_OF_PES], at.PE_FIELDS):
        if noc[pe + at.WATCHED] != kind or noc[pe + at.THRESHOLD] != threshold:
            return False
        if threshold - noc[pe + kind] > fast.FIRES_AT:
            return False
    return True


@njit(cache=True)
def is_over(pool: Block, its: Places) -> bool:
    """Whether all PEs are let go, and none may act before the last delivery.

    And whether there are numbers for all cycles from the first entry to that delivery.
    """
    for number in range(its.n_pe):
        row = pool[link_row(its, number) + fast.EJECT]
        if pool[row + fast.FIRED_AT] == at.NONE:
            return False
    lasts = pool[fast.END] - pool[fast.START]
    return pool[fast.END] <= pool[fast.LIMIT] and lasts < fast.MOST_CYCLES
