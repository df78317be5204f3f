"""What the pool takes from the network before a window, and what it leaves there after. Compiled.

``noc`` is the block of the network, ``pool`` the memory of this kernel (see ``fast.layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.delivery.kernels import pe_row
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.routers.kernels import row_of
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import free_packet, pop

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def begin(noc: Block, pool: Block, its: Places) -> bool:
    """The rows of links and PEs as they are now; False if packets wait."""
    for number in range(its.n_links):
        link, noc_link = row_of(its, number), its.first_link + number * at.LINK_FIELDS
        if noc[noc_link + at.N_WAITING]:
            return False
        pool[link + fast.FREE_AT] = noc[noc_link + at.FREE_AT]
        pool[link + fast.GRANTED_PORT] = noc[noc_link + at.GRANTED_PORT]
        pool[link + fast.PEAK_WAITING] = noc[noc_link + at.PEAK_WAITING]
        pool[link + fast.PEAK_AT] = at.NONE
        pool[link + fast.N_FLITS] = 0
    for number in range(its.n_pe):
        pe, row = noc[at.PES] + number * at.PE_FIELDS, pe_row(its, number)
        n_held, place = noc[pe + at.N_HELD], noc[pe + at.OLDEST] + noc[pe + at.N_HELD]
        if place >= noc[at.FIFO_EVENTS]:
            place -= noc[at.FIFO_EVENTS]
        pool[row + fast.N_HELD], pool[row + fast.NEXT_PLACE] = n_held, noc[pe + at.FIFO] + place
        pool[row + fast.PEAK_HELD], pool[row + fast.PEAK_HELD_AT] = noc[pe + at.PEAK_HELD], at.NONE
        pool[row + fast.N_DELIVERED], pool[row + fast.FIRED_AT] = 0, at.NONE
        for kind in range(4):
            pool[row + fast.N_OF_KIND + kind] = noc[pe + kind]
            pool[row + fast.LATEST + kind] = noc[pe + at.LATEST + kind]
        first = noc[noc[pe + at.HANDED] + at.HEAD]
        link = row_of(its, number)
        pool[link + fast.NEXT_OUT] = pool[link + fast.NEXT_IN] = first
    pool[fast.END], pool[fast.N_ARRIVALS] = 0, noc[at.N_ARRIVALS]
    pool[fast.BROKEN], pool[fast.LIMIT] = 0, at.NEVER
    return True


@njit(cache=True)
def forget(pool: Block, its: Places) -> None:
    """Leave the pool as it is between windows: nothing waits, all slots are free."""
    for k in range(2 * its.n_words * (its.wheel_mask + 1)):
        pool[its.wheel + k] = 0
    for number in range(its.n_links):
        link = row_of(its, number)
        pool[link + fast.WAITED_AT] = pool[link + fast.N_WAITING] = 0
        pool[link + fast.IS_PENDING] = pool[link + fast.PIPELINE] = 0
        pool[link + fast.FREE_SLOTS] = pool[link + fast.ALL_SLOTS]
        for queue in range(link + fast.QUEUES, link + its.link_fields):
            pool[queue] = 0


@njit(cache=True)
def keep(noc: Block, pool: Block, its: Places) -> None:
    """Make what has been found the state of the network."""
    for number in range(its.n_links):
        link, noc_link = row_of(its, number), its.first_link + number * at.LINK_FIELDS
        noc[noc_link + at.FREE_AT] = pool[link + fast.FREE_AT]
        noc[noc_link + at.GRANTED_PORT] = pool[link + fast.GRANTED_PORT]
        noc[noc_link + at.N_FLITS] += pool[link + fast.N_FLITS]
        if pool[link + fast.PEAK_AT] != at.NONE:
            noc[noc_link + at.PEAK_WAITING] = pool[link + fast.PEAK_WAITING]
            noc[noc_link + at.PEAK_AT] = pool[link + fast.PEAK_AT]
    for number in range(its.n_pe):
        pe, row = noc[at.PES] + number * at.PE_FIELDS, pe_row(its, number)
        noc[pe + at.N_HELD] = pool[row + fast.N_HELD]
        if pool[row + fast.PEAK_HELD_AT] != at.NONE:
            noc[pe + at.PEAK_HELD] = pool[row + fast.PEAK_HELD]
            noc[pe + at.PEAK_HELD_AT] = pool[row + fast.PEAK_HELD_AT]
        for kind in range(4):
            noc[pe + kind] = pool[row + fast.N_OF_KIND + kind]
            noc[pe + at.LATEST + kind] = pool[row + fast.LATEST + kind]
        noc[pe + at.N_DELIVERED] += pool[row + fast.N_DELIVERED]
        noc[pe + at.WATCHED], noc[pe + at.FIRED_AT] = at.NONE, pool[row + fast.FIRED_AT]
        noc[at.N_FIRED] += 1
        _forget_handed(noc, pe)
    noc[at.N_ARRIVALS] = pool[fast.N_ARRIVALS]
    noc[at.CYCLE], noc[at.NEXT_ENTRY] = pool[fast.END], at.NEVER


@njit(cache=True, forceinline=True)
def _forget_handed(noc: Block, pe: Address) -> None:
    handed = noc[pe + at.HANDED]
    while noc[handed + at.HEAD] != at.NONE:
        free_packet(noc, pop(noc, handed))
    noc[noc[pe + at.ENTERS_AT]] = at.NEVER
