"""PEs and the links to them, in a cycle of a window that is taken whole. Compiled.

Four of five links that a multicast to all PEs takes are these. What is true of one flit of two is
computed without a jump: the processor could not foretell it. ``noc`` is the block of the network,
``pool`` the memory of this kernel, ``its`` says where its rows begin (see ``fast.layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.bits.kernels import lowest_bit
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.requests.kernels import pe_row, request_eject, slot_of
from spinn2sim.hw.noc.fast.routers.kernels import BRANCH_MASK, PACKET_SHIFT, leave_queue
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def deliveries(noc: Block, pool: Block, its: Places, cycle: int, freed: int) -> int:
    """What eject links grant in *cycle*; *freed* as of ``routers.grants``.

    A packet is told to its PE at once: what comes to a PE later is also granted later.
    """
    slot = slot_of(its, cycle) + 2 * its.n_words
    then = slot_of(its, cycle + its.eject_cycles) + 2 * its.n_words
    for word in range(its.n_pe_words):
        pes = pool[slot + word]
        if pes:
            pool[slot + word] = 0
            pool[its.pending + its.n_words + word] &= ~pes
            freed |= 1
            again, first = 0, word * fast.WORD_BITS
            while pes:
                bit = lowest_bit(pes)
                row = pe_row(its, first + bit)
                holding = leave_queue(pool, row, fast.PE_QUEUES)
                flit = pool[holding]
                pool[its.freed + (freed >> 1)] = holding
                freed += 2 * (flit & BRANCH_MASK == 0)
                n_waiting = pool[row + fast.N_WAITING] - 1
                pool[row + fast.N_WAITING] = n_waiting
                pool[row + fast.FREE_AT] = cycle + its.eject_cycles
                packet = flit >> PACKET_SHIFT
                if noc[packet + at.KIND] == at.DMA:
                    _complete(noc, pool, its, first + bit, packet, cycle + its.eject_latency)
                    if n_waiting:
                        request_eject(pool, its, first + bit, cycle + 1)
                else:
                    _deliver(noc, pool, its, first + bit, packet, cycle + its.eject_latency)
                    again |= (n_waiting != 0) << bit
                if noc[at.MAX_ARRIVALS] != at.NONE:
                    _note_arrival(noc, pool, first + bit, packet, cycle + its.eject_latency)
                pes &= pes - 1
            pool[its.pending + its.n_words + word] |= again
            pool[then + word] |= again
            pool[fast.END] = cycle + its.eject_latency
    return freed


@njit(cache=True, forceinline=True)
def _deliver(
    noc: Block, pool: Block, its: Places, number: int, packet: Address, cycle: int
) -> None:
    """*packet*, an event or a flag, arrives at PE *number* in *cycle*."""
    row, kind = pe_row(its, number), noc[packet + at.KIND]
    place, is_event = pool[row + fast.NEXT_PLACE], kind == at.RX
    if is_event & (place == pool[row + fast.STOP_PLACE]):
        place = _first_place(noc, pool, row, noc[at.PES] + number * at.PE_FIELDS)
    # Beyond what is held: nobody sees it unless the window is kept.
    noc[place if is_event else at.SCRATCH] = noc[packet + at.TAG] << 1 | noc[packet + at.PARITY]
    pool[row + fast.NEXT_PLACE] = place + is_event
    n = pool[row + fast.N_OF_KIND + kind] + 1
    pool[row + fast.N_OF_KIND + kind], pool[row + fast.LATEST + kind] = n, cycle
    # All PEs watch the same: the window is closed.
    first = noc[at.PES]
    if (n == noc[first + at.THRESHOLD]) & (kind == noc[first + at.WATCHED]):
        pool[row + fast.FIRED_AT] = cycle
        grace = noc[first + number * at.PE_FIELDS + at.GRACE]
        pool[fast.LIMIT] = min(pool[fast.LIMIT], cycle + grace)


@njit(cache=True)
def _first_place(noc: Block, pool: Block, row: Address, pe: Address) -> Address:
    """Where the ring of the receive FIFO of *pe* goes on behind its end, unless it is full."""
    n_held = noc[pe + at.N_HELD] + pool[row + fast.N_OF_KIND + at.RX] - noc[pe + at.RX]
    if n_held == noc[at.FIFO_EVENTS]:
        pool[fast.BROKEN] = fast.RECEIVE_FIFO
        return at.SCRATCH
    pool[row + fast.STOP_PLACE] = noc[pe + at.FIFO] + noc[pe + at.OLDEST]
    return noc[pe + at.FIFO]


@njit(cache=True)
def _complete(
    noc: Block, pool: Block, its: Places, number: int, packet: Address, cycle: int
) -> None:
    """*packet*, a beat of DMA, arrives at PE *number*, and is told to the PE that started it."""
    row = pe_row(its, number)
    pool[row + fast.N_BEATS] += 1
    link = noc[noc[at.PES] + number * at.PE_FIELDS + at.EJECT]
    pool[row + fast.FREE_AT] += noc[link + at.EXTRA_BEAT_CYCLES]
    source = pe_row(its, (noc[packet + at.SOURCE] - noc[at.PES]) // at.PE_FIELDS)
    pool[source + fast.N_OF_KIND + at.DMA] += 1
    pool[source + fast.LATEST + at.DMA] = cycle


@njit(cache=True)
def _note_arrival(noc: Block, pool: Block, number: int, packet: Address, cycle: int) -> None:
    """Record a delivery; if there is no room for it, a certificate is broken."""
    if pool[fast.N_ARRIVALS] == noc[at.MAX_ARRIVALS]:
        pool[fast.BROKEN] = fast.NO_RECORD
        return
    arrival = noc[at.ARRIVALS] + pool[fast.N_ARRIVALS] * at.ARRIVAL_FIELDS
    noc[arrival], noc[arrival + 2] = noc[packet + at.TAG], cycle
    noc[arrival + 1] = noc[at.PES] + number * at.PE_FIELDS
    pool[fast.N_ARRIVALS] += 1
