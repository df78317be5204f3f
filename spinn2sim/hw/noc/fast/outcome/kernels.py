"""What the pool takes from the network before a window, and what it leaves there after. Compiled.

``noc`` is the block of the network, ``pool`` the memory of this kernel, ``its`` says where its rows
begin (see ``fast.layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.requests.kernels import link_row, pe_row
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import free_packet, pop

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def begin(noc: Block, pool: Block, its: Places) -> bool:
    """The rows of links and PEs as they are now; False if packets wait."""
    for number in range(its.n_links):
        link, row = its.first_link + number * at.LINK_FIELDS, link_row(its, number)
        if noc[link + at.N_WAITING]:
            return False
        _begin_link(noc, pool, link, row)
        pool[row + fast.PEAK_AT], pool[row + fast.N_FLITS] = at.NONE, 0
    for number in range(its.n_pe):
        pe, row = noc[at.PES] + number * at.PE_FIELDS, pe_row(its, number)
        _begin_link(noc, pool, noc[pe + at.EJECT], row)
        _begin_fifo(noc, pool, pe, row)
        for kind in range(4):
            pool[row + fast.N_OF_KIND + kind] = noc[pe + kind]
            pool[row + fast.LATEST + kind] = noc[pe + at.LATEST + kind]
        pool[row + fast.PE_PEAK_AT] = pool[row + fast.FIRED_AT] = at.NONE
        pool[row + fast.N_BEATS] = 0
        handed, inject = noc[noc[pe + at.HANDED] + at.HEAD], link_row(its, number)
        pool[inject + fast.NEXT_OUT] = pool[inject + fast.NEXT_IN] = handed
    pool[fast.END], pool[fast.N_ARRIVALS] = 0, noc[at.N_ARRIVALS]
    pool[fast.BROKEN], pool[fast.LIMIT] = 0, at.NEVER
    return True


@njit(cache=True, forceinline=True)
def _begin_link(noc: Block, pool: Block, link: Address, row: Address) -> None:
    pool[row + fast.FREE_AT] = noc[link + at.FREE_AT]
    pool[row + fast.GRANTED_PORT] = noc[link + at.GRANTED_PORT]
    pool[row + fast.PEAK_WAITING] = noc[link + at.PEAK_WAITING]


@njit(cache=True, forceinline=True)
def _begin_fifo(noc: Block, pool: Block, pe: Address, row: Address) -> None:
    """Entries go behind those held, up to the end of the ring, or to the oldest one."""
    fifo, oldest, end = noc[pe + at.FIFO], noc[pe + at.OLDEST], noc[at.FIFO_EVENTS]
    place = oldest + noc[pe + at.N_HELD]
    wraps = place >= end
    pool[row + fast.NEXT_PLACE] = fifo + place - wraps * end
    pool[row + fast.STOP_PLACE] = fifo + (oldest if wraps else end)


@njit(cache=True)
def forget(pool: Block, its: Places) -> None:
    """Leave the pool as it is between windows: nothing waits, all slots are free."""
    for k in range(its.wheel, its.freed):
        pool[k] = 0
    for number in range(its.n_links):
        row = link_row(its, number)
        pool[row + fast.FREE_SLOTS], pool[row + fast.PIPELINE] = pool[row + fast.ALL_SLOTS], 0
        _forget_waiting(pool, row, row + fast.QUEUES, row + its.link_fields)
    for number in range(its.n_pe):
        row = pe_row(its, number)
        _forget_waiting(pool, row, row + fast.PE_QUEUES, row + its.pe_fields)


@njit(cache=True, forceinline=True)
def _forget_waiting(pool: Block, row: Address, queues: Address, end: Address) -> None:
    pool[row + fast.WAITED_AT] = pool[row + fast.N_WAITING] = 0
    for queue in range(queues, end):
        pool[queue] = 0


@njit(cache=True)
def keep(noc: Block, pool: Block, its: Places) -> None:
    """Make what has been found the state of the network."""
    for number in range(its.n_links):
        link, row = its.first_link + number * at.LINK_FIELDS, link_row(its, number)
        _keep_link(noc, pool, link, row, pool[row + fast.PEAK_AT])
        noc[link + at.N_FLITS] += pool[row + fast.N_FLITS]
    for number in range(its.n_pe):
        pe, row = noc[at.PES] + number * at.PE_FIELDS, pe_row(its, number)
        n_received = pool[row + fast.N_OF_KIND + at.RX] - noc[pe + at.RX]
        n_delivered = n_received + pool[row + fast.N_BEATS]
        for kind in (at.FLAG0, at.FLAG1):
            n_delivered += pool[row + fast.N_OF_KIND + kind] - noc[pe + kind]
        _keep_link(noc, pool, noc[pe + at.EJECT], row, pool[row + fast.PE_PEAK_AT])
        noc[noc[pe + at.EJECT] + at.N_FLITS] += n_delivered
        noc[pe + at.N_DELIVERED] += n_delivered
        noc[pe + at.N_HELD] += n_received
        if noc[pe + at.N_HELD] > noc[pe + at.PEAK_HELD]:
            # Nobody took any: the latest made it so many.
            noc[pe + at.PEAK_HELD] = noc[pe + at.N_HELD]
            noc[pe + at.PEAK_HELD_AT] = pool[row + fast.LATEST + at.RX]
        for kind in range(4):
            noc[pe + kind] = pool[row + fast.N_OF_KIND + kind]
            noc[pe + at.LATEST + kind] = pool[row + fast.LATEST + kind]
        noc[pe + at.WATCHED], noc[pe + at.FIRED_AT] = at.NONE, pool[row + fast.FIRED_AT]
        noc[at.N_FIRED] += 1
        _forget_handed(noc, pe)
    noc[at.N_ARRIVALS] = pool[fast.N_ARRIVALS]
    noc[at.CYCLE], noc[at.NEXT_ENTRY] = pool[fast.END], at.NEVER


@njit(cache=True, forceinline=True)
def _keep_link(noc: Block, pool: Block, link: Address, row: Address, peak_at: int) -> None:
    noc[link + at.FREE_AT] = pool[row + fast.FREE_AT]
    noc[link + at.GRANTED_PORT] = pool[row + fast.GRANTED_PORT]
    if peak_at != at.NONE:
        noc[link + at.PEAK_WAITING], noc[link + at.PEAK_AT] = pool[row + fast.PEAK_WAITING], peak_at


@njit(cache=True, forceinline=True)
def _forget_handed(noc: Block, pe: Address) -> None:
    handed = noc[pe + at.HANDED]
    while noc[handed + at.HEAD] != at.NONE:
        free_packet(noc, pop(noc, handed))
    noc[noc[pe + at.ENTERS_AT]] = at.NEVER
