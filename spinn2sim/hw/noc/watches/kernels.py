"""Who waits for how many deliveries of a kind: compiled, on the block of the NoC (see ``layout``).

A watch is satisfied by a delivery, and reported when ``advance`` returns. Between the two the
network may run on as long as what it does cannot depend on those it has let go: up to LIMIT.
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def watch(noc: Block, pe: Address, kind: int, threshold: int, grace: int) -> None:
    """Have ``advance`` stop when the counter of *kind* is at *threshold*, or at once if it is."""
    if noc[pe + kind] < threshold:
        noc[pe + at.WATCHED], noc[pe + at.THRESHOLD] = kind, threshold
        noc[pe + at.GRACE] = grace
    else:
        noc[pe + at.FIRED_AT] = noc[pe + at.LATEST + kind]
        noc[at.N_FIRED] += 1
        noc[at.LIMIT] = noc[at.CYCLE]


@njit(cache=True, forceinline=True)
def count(noc: Block, pe: Address, kind: int, cycle: int) -> None:
    """Count a delivery of *kind* to *pe* in *cycle*, which may satisfy its watch."""
    noc[pe + kind] += 1
    noc[pe + at.LATEST + kind] = cycle
    if noc[pe + at.WATCHED] == kind and noc[pe + kind] >= noc[pe + at.THRESHOLD]:
        noc[pe + at.WATCHED] = at.NONE
        noc[pe + at.FIRED_AT] = cycle
        noc[at.N_FIRED] += 1
        if noc[at.N_FIRED] == 1:
            noc[at.ALL_WAIT] = _all_wait_for(noc, kind, noc[pe + at.THRESHOLD])
        grace = noc[pe + at.GRACE] if noc[at.ALL_WAIT] else 0
        noc[at.LIMIT] = min(noc[at.LIMIT], cycle + grace)


@njit(cache=True, forceinline=True)
def _all_wait_for(noc: Block, kind: int, threshold: int) -> int:
    """Whether all PEs but the one let go first wait for the same: nobody has gone ahead.

    What the network does then depends on nobody until one of those that it lets go does something.
    """
    n_waiting = 1
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        n_waiting += noc[pe + at.WATCHED] == kind and noc[pe + at.THRESHOLD] == threshold
    return n_waiting * at.PE_FIELDS == noc[at.END_OF_PES] - noc[at.PES]


@njit(cache=True, forceinline=True)
def report(noc: Block, reported: Block) -> int:
    """The satisfied watches, which are then no more: what ``advance`` leaves in *reported*."""
    n = 0
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        cycle = noc[pe + at.FIRED_AT]
        if cycle != at.NONE:
            noc[pe + at.FIRED_AT] = at.NONE
            place = n
            while place > 0 and reported[2 * place - 1] > cycle:
                reported[2 * place] = reported[2 * place - 2]
                reported[2 * place + 1] = reported[2 * place - 1]
                place -= 1
            reported[2 * place], reported[2 * place + 1] = pe, cycle
            n += 1
    noc[at.N_FIRED], noc[at.LIMIT] = 0, at.NEVER
    return n
