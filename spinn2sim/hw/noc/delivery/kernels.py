"""A packet at the PE it is for: into the receive FIFO, or not, and counted. Compiled.

On the block of the NoC (see ``layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.watches.kernels import count

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def is_stalled(noc: Block, pe: Address) -> bool:
    """Whether a full FIFO of *pe* (NONE: no PE) keeps RX packets waiting."""
    if pe == at.NONE or noc[at.OVERFLOW] != at.STALL:
        return False
    # No packet is on the way: an eject link is busy until the last one has arrived.
    return noc[pe + at.N_HELD] == noc[at.FIFO_EVENTS]


@njit(cache=True, forceinline=True)
def deliver(noc: Block, pe: Address, carried: Address, cycle: int) -> None:
    """What is *carried*, from its TAG to its SOURCE, arrives at *pe* in *cycle*."""
    tag, kind = noc[carried], noc[carried + at.KIND - at.TAG]
    parity, source = noc[carried + at.PARITY - at.TAG], noc[carried + at.SOURCE - at.TAG]
    if kind == at.RX and not _receive(noc, pe, tag << 1 | parity, cycle):
        return
    noc[pe + at.N_DELIVERED] += 1
    noc[at.DELIVERED] = cycle
    if noc[at.MAX_ARRIVALS] != at.NONE:
        arrival = noc[at.ARRIVALS] + noc[at.N_ARRIVALS] * at.ARRIVAL_FIELDS
        noc[arrival], noc[arrival + 1], noc[arrival + 2] = tag, pe, cycle
        noc[at.N_ARRIVALS] += 1
    # The completion of a DMA is told to the PE that started it.
    count(noc, source if kind == at.DMA else pe, kind, cycle)


@njit(cache=True, forceinline=True)
def _receive(noc: Block, pe: Address, event: int, cycle: int) -> bool:
    """Whether *event* enters the receive FIFO; if that is full, an overflow policy applies."""
    if noc[pe + at.N_HELD] == noc[at.FIFO_EVENTS]:
        if noc[pe + at.FIRST_LOSS] == at.NONE:
            noc[pe + at.FIRST_LOSS] = cycle
        if noc[at.OVERFLOW] == at.DROP:
            noc[pe + at.N_DROPPED] += 1
            return False
        noc[pe + at.N_OVERWRITTEN] += 1
        noc[pe + at.OLDEST] = (noc[pe + at.OLDEST] + 1) % noc[at.FIFO_EVENTS]
        noc[pe + at.N_HELD] -= 1
    noc[event_at(noc, pe, noc[pe + at.N_HELD])] = event
    noc[pe + at.N_HELD] += 1
    if noc[pe + at.N_HELD] > noc[pe + at.PEAK_HELD]:
        noc[pe + at.PEAK_HELD], noc[pe + at.PEAK_HELD_AT] = noc[pe + at.N_HELD], cycle
    return True


@njit(cache=True, forceinline=True)
def event_at(noc: Block, pe: Address, place: int) -> Address:
    """The entry that follows *place* older ones in the receive FIFO of *pe*."""
    index = noc[pe + at.OLDEST] + place
    if index >= noc[at.FIFO_EVENTS]:
        index -= noc[at.FIFO_EVENTS]
    return noc[pe + at.FIFO] + index
