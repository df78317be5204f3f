"""What a window leaves behind in the network, compiled.

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
from spinn2sim.hw.noc.lists.kernels import free_packet, pop

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def note_arrivals(noc: Block, plan: Block, pool: Block) -> bool:
    """Record the deliveries; False if there is no room for all."""
    n = noc[at.N_ARRIVALS]
    for k in range(its.PLAN_FIELDS, its.PLAN_FIELDS + plan[its.N_LINKS]):
        pe = noc[plan[k] + at.TO_PE]
        if pe == at.NONE:
            continue
        crossing = pool[link_row(plan, plan[k]) + its.FIRST_GRANTED]
        while crossing != at.NONE:
            if n == noc[at.MAX_ARRIVALS]:
                return False
            arrival = noc[at.ARRIVALS] + n * at.ARRIVAL_FIELDS
            noc[arrival], noc[arrival + 1] = noc[pool[crossing + its.PACKET] + at.TAG], pe
            noc[arrival + 2] = pool[crossing + its.GRANTED] + noc[plan[k] + at.LATENCY]
            n += 1
            crossing = pool[crossing + its.GRANTED_NEXT]
    noc[at.N_ARRIVALS] = n
    return True


@njit(cache=True)
def keep(noc: Block, plan: Block, pool: Block) -> None:
    """Make what has been found the state of the network."""
    for k in range(its.PLAN_FIELDS, its.PLAN_FIELDS + plan[its.N_LINKS]):
        link, row = plan[k], link_row(plan, plan[k])
        noc[link + at.FREE_AT] = pool[row + its.FREE_AT]
        noc[link + at.GRANTED_PORT] = pool[row + its.GRANTED_PORT]
        noc[link + at.N_FLITS] += pool[row + its.N_FLITS]
        if pool[row + its.PEAK_WAITING] > noc[link + at.PEAK_WAITING]:
            noc[link + at.PEAK_WAITING] = pool[row + its.PEAK_WAITING]
            noc[link + at.PEAK_AT] = _last_came(pool, row)
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        row = pe_row(noc, plan, pe)
        noc[pe + at.N_HELD] = pool[row + its.N_HELD]
        if pool[row + its.PEAK_HELD] > noc[pe + at.PEAK_HELD]:
            noc[pe + at.PEAK_HELD] = pool[row + its.PEAK_HELD]
            noc[pe + at.PEAK_HELD_AT] = pool[row + its.PEAK_HELD_AT]
        for kind in range(4):
            noc[pe + kind] = pool[row + its.N_OF_KIND + kind]
            noc[pe + at.LATEST + kind] = pool[row + its.LATEST + kind]
        noc[pe + at.N_DELIVERED] += pool[row + its.N_DELIVERED]
        noc[pe + at.WATCHED], noc[pe + at.FIRED_AT] = at.NONE, pool[row + its.FIRED_AT]
        noc[at.N_FIRED] += 1
        _forget_handed(noc, pe)
    noc[at.NEXT_ENTRY] = at.NEVER


@njit(cache=True)
def _last_came(pool: Block, row: Address) -> int:
    """When the last packet came to the link of *row* before the grant that saw its peak.

    Nobody left between the two, so that is when there were first so many.
    """
    latest, crossing = 0, pool[row + its.FIRST_GRANTED]
    while crossing != at.NONE:
        if pool[crossing + its.ARRIVED] <= pool[row + its.PEAK_BY]:
            latest = max(latest, pool[crossing + its.ARRIVED])
        crossing = pool[crossing + its.GRANTED_NEXT]
    return latest


@njit(cache=True, forceinline=True)
def _forget_handed(noc: Block, pe: Address) -> None:
    handed = noc[pe + at.HANDED]
    while noc[handed + at.HEAD] != at.NONE:
        free_packet(noc, pop(noc, handed))
    noc[noc[pe + at.ENTERS_AT]] = at.NEVER
