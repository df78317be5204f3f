"""Lists linked through their rows: unused flits, queues, and the wheel of what happens. Compiled.

On the block of the NoC (see ``layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def new_flit(noc: Block) -> int:
    """An unused flit; there must be one."""
    flit = noc[at.FREE_FLIT]
    noc[at.FREE_FLIT] = noc[flit + at.NEXT]
    noc[at.N_FREE] -= 1
    return flit


@njit(cache=True, forceinline=True)
def free_flit(noc: Block, flit: Address) -> None:
    """*flit* is unused now."""
    noc[flit + at.NEXT] = noc[at.FREE_FLIT]
    noc[at.FREE_FLIT] = flit
    noc[at.N_FREE] += 1


@njit(cache=True, forceinline=True)
def append(noc: Block, queue: Address, flit: Address) -> None:
    """Put *flit* at the end of *queue*."""
    noc[flit + at.NEXT] = at.NONE
    if noc[queue + at.HEAD] == at.NONE:
        noc[queue + at.HEAD] = flit
    else:
        noc[noc[queue + at.TAIL] + at.NEXT] = flit
    noc[queue + at.TAIL] = flit


@njit(cache=True, forceinline=True)
def pop(noc: Block, queue: Address) -> int:
    """The first flit of *queue*, which is not empty."""
    flit = noc[queue + at.HEAD]
    noc[queue + at.HEAD] = noc[flit + at.NEXT]
    return flit


@njit(cache=True, forceinline=True)
def slot_of(noc: Block, cycle: int) -> Address:
    """The place of *cycle* in the wheel."""
    return noc[at.WHEEL] + (cycle & noc[at.WHEEL_MASK]) * at.CYCLE_FIELDS
