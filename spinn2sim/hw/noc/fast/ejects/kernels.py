"""PEs and the links to them, in a cycle of a window that is taken whole. Compiled.

Four of five links that a multicast to all PEs takes are these. What is true of every other flit is
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
from spinn2sim.hw.noc.fast.quads.kernels import (
    lanes_in_use,
    leave,
    take_turn,
    take_turn_in_step,
)
from spinn2sim.hw.noc.fast.requests.kernels import ejecting_at
from spinn2sim.hw.noc.fast.rows.kernels import eject_quad, eject_row, link_row
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def deliveries(noc: Block, pool: Block, its: Places, cycle: int, n_freed: int) -> int:
    """Second phase of *cycle*, at eject links; how many slots are free then.

    A PE gets its packet at once: what comes to it later is also granted later.
    """
    now, then = ejecting_at(its, cycle), ejecting_at(its, cycle + its.eject_cycles)
    for word in range(its.n_eject_words):
        ejects, again = pool[now + word], 0
        if not ejects:
            continue
        pool[now + word], pool[fast.END] = 0, cycle + its.eject_latency
        pool[its.pending + its.n_words + word] &= ~ejects
        while ejects:
            first = lowest_bit(ejects) & -fast.LANES
            chosen = ejects >> first & fast.QUAD_MASK
            ejects ^= chosen << first
            number = word * fast.WORD_BITS + first
            n_freed, waiting = _eject(noc, pool, its, number, chosen, cycle, n_freed)
            go_on = lanes_in_use(waiting) & chosen
            again |= go_on << first
            _rest(pool, its, number, chosen ^ go_on, cycle + its.eject_cycles)
        pool[its.pending + its.n_words + word] |= again
        pool[then + word] |= again
    return n_freed


@njit(cache=True, forceinline=True)
def _eject(
    noc: Block, pool: Block, its: Places, first: int, chosen: int, cycle: int, n_freed: int
) -> tuple[int, int]:
    """Let those eject links grant that are *chosen* of the quad that begins with number *first*.

    How many slots are free then, and how many packets wait for the links of the quad.
    """
    quad, left = eject_quad(its, first), chosen
    waited_at, ports = pool[quad + fast.WAITED_AT], pool[quad + fast.PORTS]
    arrival, records = cycle + its.eject_latency, noc[at.MAX_ARRIVALS] != at.NONE
    stamp = arrival - pool[fast.START] << fast.SEEN_BITS
    # Links of one router are often in step: as much waits for all of them.
    port, flit, waited_at = take_turn_in_step(pool, quad, ports, chosen, waited_at)
    in_step = port != at.NONE
    if in_step:
        n_freed = _note_freed(pool, its, port, flit, n_freed)
    while left:
        lane = lowest_bit(left)
        left &= left - 1
        row = eject_row(its, first + lane)
        if not in_step:
            port, flit, waited_at = take_turn(pool, quad, ports, lane, waited_at)
            n_freed = _note_freed(pool, its, port, flit, n_freed)
        packet, kind = flit >> fast.PACKET_SHIFT, flit >> fast.KIND_SHIFT & fast.KIND_MASK
        if records:
            _note_arrival(noc, pool, row, packet, arrival)
        if kind == at.DMA:
            row = _complete(noc, pool, its, row, packet)
        else:
            _receive(noc, pool, row, packet, kind)
        _count(noc, pool, row, kind, arrival, stamp)
    return n_freed, leave(pool, quad, chosen, waited_at)


@njit(cache=True, forceinline=True)
def _note_freed(pool: Block, its: Places, port: Address, flit: int, n_freed: int) -> int:
    """Note that a slot of *port* is free if *flit* has no branch any more; how many are, then."""
    pool[its.freed + n_freed] = port
    return n_freed + (flit & fast.BRANCH_MASK == 0)


@njit(cache=True, forceinline=True)
def _rest(pool: Block, its: Places, first: int, resting: int, free_at: int) -> None:
    """Nothing waits for those eject links that are *resting* of the quad, which are busy a while.

    When the others are free is said by the wheel.
    """
    while resting:
        pool[eject_row(its, first + lowest_bit(resting)) + fast.FREE_AT] = free_at
        resting &= resting - 1


@njit(cache=True, forceinline=True)
def _receive(noc: Block, pool: Block, row: Address, packet: Address, kind: int) -> None:
    """*packet*, an event or a flag, comes to the PE of *row*."""
    place, is_event = pool[row + fast.NEXT_PLACE], kind == at.RX
    if place == pool[row + fast.STOP_PLACE] and is_event:
        place = _first_place(noc, pool, row)
    # Beyond what is held: nobody sees it unless the window is kept, which turns it into an event.
    noc[place if is_event else at.SCRATCH] = packet
    pool[row + fast.NEXT_PLACE] = place + is_event


@njit(cache=True)
def _first_place(noc: Block, pool: Block, row: Address) -> Address:
    """Where the ring of the receive FIFO of *row* goes on behind its end, unless it is full."""
    pe = pool[row + fast.PE]
    n_received = pool[row + fast.SEEN + at.RX] & fast.SEEN_MASK
    if noc[pe + at.N_HELD] + n_received == noc[at.FIFO_EVENTS]:
        pool[fast.BROKEN] = fast.RECEIVE_FIFO
        return at.SCRATCH
    pool[row + fast.STOP_PLACE] = noc[pe + at.FIFO] + noc[pe + at.OLDEST]
    return noc[pe + at.FIFO]


@njit(cache=True)
def _complete(noc: Block, pool: Block, its: Places, row: Address, packet: Address) -> Address:
    """*packet*, a beat of DMA, comes to the PE of *row*; the row of the PE that is told of it."""
    pool[row + fast.N_BEATS] += 1
    number = (noc[packet + at.SOURCE] - noc[at.PES]) // at.PE_FIELDS
    return pool[link_row(its, number) + fast.EJECT]


@njit(cache=True, forceinline=True)
def _count(noc: Block, pool: Block, row: Address, kind: int, cycle: int, stamp: int) -> None:
    """Count a delivery of *kind* in *cycle*, which may be the last that the PE of *row* awaits.

    *stamp*: the cycle as SEEN has it.
    """
    n = (pool[row + fast.SEEN + kind] & fast.SEEN_MASK) + 1
    pool[row + fast.SEEN + kind] = stamp | n
    if n == fast.FIRES_AT:
        pool[row + fast.FIRED_AT] = cycle
        grace = noc[pool[row + fast.PE] + at.GRACE]
        pool[fast.LIMIT] = min(pool[fast.LIMIT], cycle + grace)


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
