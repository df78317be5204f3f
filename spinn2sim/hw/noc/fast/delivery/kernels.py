"""A packet at the PE it is for, in a window that is taken whole. Compiled.

``noc`` is the block of the network, ``pool`` the memory of this kernel (see ``fast.layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def pe_row(its: Places, number: int) -> Address:
    """The row of PE *number*."""
    return its.pes + number * fast.PE_FIELDS


@njit(cache=True, forceinline=True)
def deliver(
    noc: Block, pool: Block, its: Places, number: int, packet: Address, cycle: int
) -> None:
    """*packet* arrives at PE *number* in *cycle*; it is told so earlier, but in that order."""
    row, kind = pe_row(its, number), noc[packet + at.KIND]
    if kind == at.RX:
        _receive(noc, pool, number, row, noc[packet + at.TAG] << 1 | noc[packet + at.PARITY], cycle)
    pool[row + fast.N_DELIVERED] += 1
    pool[fast.END] = cycle
    if noc[at.MAX_ARRIVALS] != at.NONE:
        _note_arrival(noc, pool, number, packet, cycle)
    if kind == at.DMA:
        # The completion of a DMA is told to the PE that started it.
        row = pe_row(its, (noc[packet + at.SOURCE] - noc[at.PES]) // at.PE_FIELDS)
    n = pool[row + fast.N_OF_KIND + kind] + 1
    pool[row + fast.N_OF_KIND + kind], pool[row + fast.LATEST + kind] = n, cycle
    # All PEs watch the same: the window is closed.
    first = noc[at.PES]
    if n == noc[first + at.THRESHOLD] and kind == noc[first + at.WATCHED]:
        pool[row + fast.FIRED_AT] = cycle
        grace = noc[first + number * at.PE_FIELDS + at.GRACE]
        pool[fast.LIMIT] = min(pool[fast.LIMIT], cycle + grace)


@njit(cache=True, forceinline=True)
def _receive(noc: Block, pool: Block, number: int, row: Address, event: int, cycle: int) -> None:
    """Put *event* into the receive FIFO; if that is full, a certificate is broken."""
    n_held = pool[row + fast.N_HELD]
    if n_held == noc[at.FIFO_EVENTS]:
        pool[fast.BROKEN] = fast.RECEIVE_FIFO
        return
    # Beyond what is held: nobody sees it unless the window is kept.
    place = pool[row + fast.NEXT_PLACE]
    noc[place] = event
    fifo = noc[noc[at.PES] + number * at.PE_FIELDS + at.FIFO]
    place += 1
    pool[row + fast.NEXT_PLACE] = fifo if place == fifo + noc[at.FIFO_EVENTS] else place
    pool[row + fast.N_HELD] = n_held + 1
    if n_held >= pool[row + fast.PEAK_HELD]:
        pool[row + fast.PEAK_HELD], pool[row + fast.PEAK_HELD_AT] = n_held + 1, cycle


@njit(cache=True, forceinline=True)
def _note_arrival(noc: Block, pool: Block, number: int, packet: Address, cycle: int) -> None:
    """Record a delivery; if there is no room for it, a certificate is broken."""
    if pool[fast.N_ARRIVALS] == noc[at.MAX_ARRIVALS]:
        pool[fast.BROKEN] = fast.NO_RECORD
        return
    arrival = noc[at.ARRIVALS] + pool[fast.N_ARRIVALS] * at.ARRIVAL_FIELDS
    noc[arrival], noc[arrival + 2] = noc[packet + at.TAG], cycle
    noc[arrival + 1] = noc[at.PES] + number * at.PE_FIELDS
    pool[fast.N_ARRIVALS] += 1
