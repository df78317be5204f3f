"""What routers and the links to them do in a cycle of a window that is taken whole. Compiled.

The rules are those of ``hw.noc.routers``, for links that have one clock, no faults and packets that
may wait for ever. Links are visited in order of their numbers. ``noc`` is the block of the network,
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
from spinn2sim.hw.noc.fast.requests.kernels import (
    append,
    count_waiting,
    link_row,
    next_port,
    pe_row,
    request,
    request_eject,
    slot_of,
)
from spinn2sim.hw.noc.fast.trees.kernels import branches_of, eject_links_of, link_of, onward_of
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])

SLOT_MASK = (1 << fast.SLOT_BITS) - 1
BRANCH_MASK = (1 << fast.BRANCH_BITS) - 1
FORK_MASK = (1 << fast.FORK_BITS) - 1
PACKET_SHIFT = fast.BRANCH_BITS + fast.FORK_BITS


@njit(cache=True, forceinline=True)
def arrivals(pool: Block, its: Places, cycle: int) -> bool:
    """First phase of *cycle*, at routers; whether anything has happened."""
    slot, happened = slot_of(its, cycle), False
    for word in range(its.n_words):
        links = pool[slot + word]
        if links:
            pool[slot + word], happened = 0, True
            while links:
                _fork(pool, its, word * fast.WORD_BITS + lowest_bit(links), cycle)
                links &= links - 1
    return happened


@njit(cache=True, forceinline=True)
def _fork(pool: Block, its: Places, number: int, cycle: int) -> None:
    """The oldest flit on link *number* has arrived: a branch for each output of the tree."""
    row = link_row(its, number)
    pipeline, port = pool[row + fast.PIPELINE], pool[row + fast.TO_PORT]
    slot = pipeline & SLOT_MASK
    pool[row + fast.PIPELINE] = pipeline >> fast.SLOT_BITS
    holding = pool[row + fast.TO_SLOTS] + slot
    fork = pool[holding] >> fast.BRANCH_BITS & FORK_MASK
    pool[holding] += branches_of(pool, fork)
    first, end = onward_of(pool, fork)
    for onward in range(first, end, fast.FORK_FIELDS):
        taken = link_of(pool, onward)
        _queue(pool, link_row(its, taken), fast.QUEUES, fast.PEAK_AT, port, slot, cycle)
        request(pool, its, taken, cycle)
    pe, pes = eject_links_of(pool, fork)
    while pes:
        taken = pe + lowest_bit(pes)
        _queue(pool, pe_row(its, taken), fast.PE_QUEUES, fast.PE_PEAK_AT, port, slot, cycle)
        request_eject(pool, its, taken, cycle)
        pes &= pes - 1


@njit(cache=True, forceinline=True)
def _queue(
    pool: Block, row: Address, queues: int, peak_at: int, port: int, slot: int, cycle: int
) -> None:
    """The flit in *slot* of *port* is to take the link of *row*."""
    append(pool, row + queues + port, slot)
    pool[row + fast.WAITED_AT] |= 1 << port
    count_waiting(pool, row, row + peak_at, cycle)


@njit(cache=True, forceinline=True)
def grants(noc: Block, pool: Block, its: Places, cycle: int) -> int:
    """Second phase of *cycle*, at links to routers; 2 * slots that are free then, + 1 for any."""
    slot, happened, n_freed = slot_of(its, cycle) + its.n_words, 0, 0
    for word in range(its.n_words):
        links = pool[slot + word]
        if links:
            pool[slot + word], happened = 0, 1
            pool[its.pending + word] &= ~links
            while links:
                number = word * fast.WORD_BITS + lowest_bit(links)
                if number < its.n_pe:
                    _inject(noc, pool, its, number, cycle)
                else:
                    n_freed = _grant(noc, pool, its, number, cycle, n_freed)
                links &= links - 1
    return 2 * n_freed + happened


@njit(cache=True, forceinline=True)
def _inject(noc: Block, pool: Block, its: Places, number: int, cycle: int) -> None:
    """Let the first packet of the transmit queue of PE *number* go."""
    row = link_row(its, number)
    packet = pool[row + fast.NEXT_OUT]
    pool[row + fast.NEXT_OUT] = noc[packet + at.BEHIND]
    fork = noc[noc[packet + at.NODE] + at.FORK]
    _send(noc, pool, its, number, packet, fork, cycle)


@njit(cache=True, forceinline=True)
def _grant(noc: Block, pool: Block, its: Places, number: int, cycle: int, n_freed: int) -> int:
    """Let the oldest flit at the next port go; how many slots are free then."""
    row = link_row(its, number)
    holding = leave_queue(pool, row, fast.QUEUES)
    flit = pool[holding]
    pool[its.freed + n_freed] = holding
    onward, _ = onward_of(pool, flit >> fast.BRANCH_BITS & FORK_MASK)
    while link_of(pool, onward) != number:
        onward += fast.FORK_FIELDS
    _send(noc, pool, its, number, flit >> PACKET_SHIFT, onward, cycle)
    return n_freed + (flit & BRANCH_MASK == 0)


@njit(cache=True, forceinline=True)
def leave_queue(pool: Block, row: Address, queues: int) -> Address:
    """Whose turn it is at the link of *row*: the address of its slot, in which it counts no more."""
    waited_at = pool[row + fast.WAITED_AT]
    port = next_port(waited_at, pool[row + fast.GRANTED_PORT])
    slots = pool[row + queues + port]
    rest = slots >> fast.SLOT_BITS
    pool[row + fast.GRANTED_PORT], pool[row + queues + port] = port, rest
    pool[row + fast.WAITED_AT] = waited_at ^ (rest == 0) << port
    holding = pool[row + fast.SLOTS] + port * fast.PORT_FIELDS + (slots & SLOT_MASK)
    pool[holding] -= 1
    return holding


@njit(cache=True, forceinline=True)
def _send(
    noc: Block, pool: Block, its: Places, number: int, packet: Address, fork: Address, cycle: int
) -> None:
    """Put *packet* on link *number*, on its way to *fork*."""
    row = link_row(its, number)
    free = pool[row + fast.FREE_SLOTS]
    slot = lowest_bit(free)
    pool[row + fast.FREE_SLOTS] = free ^ 1 << slot
    pool[pool[row + fast.TO_SLOTS] + slot] = packet << PACKET_SHIFT | fork << fast.BRANCH_BITS
    append(pool, row + fast.PIPELINE, slot)
    arriving = slot_of(its, cycle + pool[row + fast.LATENCY]) + (number >> fast.WORD_SHIFT)
    pool[arriving] |= 1 << (number & fast.WORD_BITS - 1)
    free_at = cycle + pool[row + fast.OCCUPANCY]
    if noc[packet + at.KIND] == at.DMA:
        free_at += pool[row + fast.EXTRA_BEAT_CYCLES]
    pool[row + fast.FREE_AT] = free_at
    pool[row + fast.N_FLITS] += 1
    pool[row + fast.N_WAITING] -= 1
    if pool[row + fast.N_WAITING]:
        request(pool, its, number, free_at)


@njit(cache=True, forceinline=True)
def give_back(pool: Block, its: Places, holding: Address, cycle: int) -> None:
    """The slot *holding* is free, usable from *cycle*."""
    feeder = pool[(holding & -fast.PORT_FIELDS) + fast.FEEDER]
    row = link_row(its, feeder)
    pool[row + fast.FREE_SLOTS] |= 1 << (holding & fast.PORT_FIELDS - 1)
    if pool[row + fast.N_WAITING]:
        request(pool, its, feeder, cycle)
