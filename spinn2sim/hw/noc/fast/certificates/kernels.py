"""Whether a window may be taken link by link: what is looked at before it is kept. Compiled.

``noc`` is the block of the network, ``plan`` and ``pool`` are described in ``fast.layout``.
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.fast import layout as its
from spinn2sim.hw.noc.fast.rows.kernels import link_row, pe_row
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def is_closed(noc: Block) -> bool:
    """Whether all PEs wait for the same number of the same flags."""
    first = noc[at.PES]
    kind, threshold = noc[first + at.WATCHED], noc[first + at.THRESHOLD]
    if kind not in (at.FLAG0, at.FLAG1):
        return False
    for pe in range(first, noc[at.END_OF_PES], at.PE_FIELDS):
        if noc[pe + at.WATCHED] != kind or noc[pe + at.THRESHOLD] != threshold:
            return False
    return True


@njit(cache=True)
def is_over(noc: Block, plan: Block, pool: Block, end: int) -> bool:
    """Whether all PEs are let go, and none may act before *end*."""
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        fired_at = pool[pe_row(noc, plan, pe) + its.FIRED_AT]
        if fired_at == at.NONE or fired_at + noc[pe + at.GRACE] < end:
            return False
    return True


@njit(cache=True)
def has_credits(noc: Block, plan: Block, pool: Block, link: Address) -> bool:
    """Whether there was a free slot behind *link* at each grant.

    A slot that is freed in a cycle is usable in the next. Slots are taken to be freed in order of
    their grants, at the latest of the cycles so far, which is never earlier than they are.
    """
    n_slots, n_taken = noc[link + at.CREDITS], 0
    granted = oldest = pool[link_row(plan, link) + its.FIRST_GRANTED]
    freed = 0
    while granted != at.NONE:
        while (
            oldest != granted and max(freed, pool[oldest + its.FREED]) < pool[granted + its.GRANTED]
        ):
            freed = max(freed, pool[oldest + its.FREED])
            oldest = pool[oldest + its.GRANTED_NEXT]
            n_taken -= 1
        if n_taken == n_slots:
            return False
        n_taken += 1
        granted = pool[granted + its.GRANTED_NEXT]
    return True
