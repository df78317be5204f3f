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
from spinn2sim.hw.noc.fast.quads.kernels import lanes_in_use, leave, take_turn
from spinn2sim.hw.noc.fast.requests.kernels import (
    eject_row,
    ejecting_at,
    link_row,
)
from spinn2sim.hw.noc.fast.routers.kernels import (
    BRANCH_MASK,
    CONTENT_SHIFT,
    KIND_MASK,
    PACKET_SHIFT,
    QUAD_MASK,
)
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])

SEEN_MASK = (1 << fast.SEEN_BITS) - 1


@njit(cache=True, forceinline=True)
def deliveries(noc: Block, pool: Block, its: Places, cycle: int, freed: int) -> int:
    """What eject links grant in *cycle*; *freed* as of ``routers.grants``.

    A packet is told to its PE at once: what comes to a PE later is also granted later.
    """
    now, then = ejecting_at(its, cycle), ejecting_at(its, cycle + its.eject_cycles)
    arrival = cycle + its.eject_latency
    for word in range(its.n_eject_words):
        ejects = pool[now + word]
        if ejects:
            pool[now + word] = 0
            freed, again, pool[fast.END] = freed | 1, 0, arrival
            pool[its.pending + its.n_words + word] &= ~ejects
            while ejects:
                bit = lowest_bit(ejects) & -fast.LANES
                some = ejects >> bit & QUAD_MASK
                ejects ^= some << bit
                first = word * fast.WORD_BITS + bit
                quad = its.eject_quads + (first >> fast.LANE_SHIFT) * its.quad_fields
                waited_at, lanes = pool[quad + fast.WAITED_AT], some
                while lanes:
                    lane = lowest_bit(lanes)
                    lanes &= lanes - 1
                    row = eject_row(its, first + lane)
                    holding, waited_at = take_turn(pool, quad, lane, row, waited_at)
                    flit = pool[holding]
                    pool[its.freed + (freed >> 1)] = holding
                    freed += 2 * (flit & BRANCH_MASK == 0)
                    pool[row + fast.FREE_AT] = cycle + its.eject_cycles
                    packet, kind = flit >> PACKET_SHIFT, flit >> CONTENT_SHIFT & KIND_MASK
                    if noc[at.MAX_ARRIVALS] != at.NONE:
                        _note_arrival(noc, pool, row, packet, arrival)
                    if kind == at.DMA:
                        _complete(noc, pool, its, row, packet, arrival)
                    else:
                        _deliver(noc, pool, row, packet, kind, arrival)
                waiting = leave(pool, quad, some, waited_at)
                again |= (lanes_in_use(waiting) & some) << bit
            pool[its.pending + its.n_words + word] |= again
            pool[then + word] |= again
    return freed


@njit(cache=True, forceinline=True)
def _deliver(
    noc: Block, pool: Block, row: Address, packet: Address, kind: int, cycle: int
) -> None:
    """*packet*, an event or a flag, arrives at the PE of *row* in *cycle*."""
    place, is_event = pool[row + fast.NEXT_PLACE], kind == at.RX
    if place == pool[row + fast.STOP_PLACE] and is_event:
        place = _first_place(noc, pool, row)
    # Beyond what is held: nobody sees it unless the window is kept, which turns it into an event.
    noc[place if is_event else at.SCRATCH] = packet
    pool[row + fast.NEXT_PLACE] = place + is_event
    n = (pool[row + fast.SEEN + kind] & SEEN_MASK) + 1
    pool[row + fast.SEEN + kind] = cycle - pool[fast.START] << fast.SEEN_BITS | n
    if n == fast.FIRES_AT:
        pool[row + fast.FIRED_AT] = cycle
        grace = noc[pool[row + fast.PE] + at.GRACE]
        pool[fast.LIMIT] = min(pool[fast.LIMIT], cycle + grace)


@njit(cache=True)
def _first_place(noc: Block, pool: Block, row: Address) -> Address:
    """Where the ring of the receive FIFO of *row* goes on behind its end, unless it is full."""
    pe = pool[row + fast.PE]
    if noc[pe + at.N_HELD] + (pool[row + fast.SEEN + at.RX] & SEEN_MASK) == noc[at.FIFO_EVENTS]:
        pool[fast.BROKEN] = fast.RECEIVE_FIFO
        return at.SCRATCH
    pool[row + fast.STOP_PLACE] = noc[pe + at.FIFO] + noc[pe + at.OLDEST]
    return noc[pe + at.FIFO]


@njit(cache=True)
def _complete(
    noc: Block, pool: Block, its: Places, row: Address, packet: Address, cycle: int
) -> None:
    """*packet*, a beat of DMA, arrives at the PE of *row*; the PE that started it is told."""
    pool[row + fast.N_BEATS] += 1
    number = (noc[packet + at.SOURCE] - noc[at.PES]) // at.PE_FIELDS
    source = pool[link_row(its, number) + fast.EJECT]
    n = (pool[source + fast.SEEN + at.DMA] & SEEN_MASK) + 1
    pool[source + fast.SEEN + at.DMA] = cycle - pool[fast.START] << fast.SEEN_BITS | n


@njit(cache=True)
def _note_arrival(noc: Block, pool: Block, row: Address, packet: Address, cycle: int) -> None:
    """Record a delivery; if there is no room for it, a certificate is broken."""
    if pool[fast.N_ARRIVALS] == noc[at.MAX_ARRIVALS]:
        pool[fast.BROKEN] = fast.NO_RECORD
        return
    arrival = noc[at.ARRIVALS] + pool[fast.N_ARRIVALS] * at.ARRIVAL_FIELDS
    noc[arrival], noc[arrival + 1] = noc[packet + at.TAG], pool[row + fast.PE]
    noc[arrival + 2] = cycle
    pool[fast.N_ARRIVALS] += 1
