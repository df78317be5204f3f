"""What routers and their links do in a cycle of a window that is taken whole. Compiled.

The rules are those of ``hw.noc.routers``, for links that have one clock, no faults and packets that
may wait for ever. Links are visited in order of their numbers, from bit to bit of the wheel.
``noc`` is the block of the network, ``pool`` the memory of this kernel, ``its`` says where its rows
begin (see ``fast.layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.bits.kernels import lowest_bit, n_bits
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.delivery.kernels import deliver
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.nodes.kernels import children_of, link_of

forget_stale(__file__, root=Path(__file__).parents[3])

SLOT_MASK = (1 << fast.SLOT_BITS) - 1
BRANCH_MASK = (1 << fast.BRANCH_BITS) - 1
NODE_MASK = (1 << fast.NODE_BITS) - 1
PACKET_SHIFT = fast.NODE_BITS + fast.BRANCH_BITS


@njit(cache=True, forceinline=True)
def row_of(its: Places, number: int) -> Address:
    """The row of link *number*."""
    return its.links + number * its.link_fields


@njit(cache=True, forceinline=True)
def arrivals(noc: Block, pool: Block, its: Places, cycle: int) -> bool:
    """First phase of *cycle*, at routers; whether anything has happened."""
    slot, happened = _slot(its, cycle), False
    for word in range(its.n_words):
        links = pool[slot + word]
        if links:
            pool[slot + word], happened = 0, True
            while links:
                _fork(noc, pool, its, word * fast.WORD_BITS + lowest_bit(links), cycle)
                links &= links - 1
    return happened


@njit(cache=True, forceinline=True)
def grants(noc: Block, pool: Block, its: Places, cycle: int) -> bool:
    """Second phase of *cycle*; whether anything has happened."""
    slot, happened, n_freed = _slot(its, cycle) + its.n_words, False, 0
    for word in range(its.n_words):
        links = pool[slot + word]
        if links:
            pool[slot + word], happened = 0, True
            while links:
                number = word * fast.WORD_BITS + lowest_bit(links)
                n_freed = _grant(noc, pool, its, number, cycle, n_freed)
                links &= links - 1
    # Credits are registered: what is freed in a cycle, nobody sees in it.
    for k in range(n_freed):
        _give_back(pool, its, pool[its.freed + k], cycle + 1)
    return happened


@njit(cache=True, forceinline=True)
def wait_for_link(pool: Block, its: Places, number: int, cycle: int) -> None:
    """One more packet waits for link *number*."""
    link = row_of(its, number)
    n_waiting = pool[link + fast.N_WAITING] + 1
    pool[link + fast.N_WAITING] = n_waiting
    if n_waiting > pool[link + fast.PEAK_WAITING]:
        pool[link + fast.PEAK_WAITING], pool[link + fast.PEAK_AT] = n_waiting, cycle
    _request(pool, its, number, cycle)


@njit(cache=True, forceinline=True)
def _request(pool: Block, its: Places, number: int, cycle: int) -> None:
    """Arbitrate link *number* at *cycle*, or when it is free, if it has a slot to send to."""
    link = row_of(its, number)
    if pool[link + fast.IS_PENDING]:
        return
    if pool[link + fast.FREE_SLOTS] == 0:
        if pool[link + fast.IS_DEEP]:
            pool[fast.BROKEN] = fast.INPUT_FIFO
        return
    pool[link + fast.IS_PENDING] = 1
    cycle = max(cycle, pool[link + fast.FREE_AT])
    _note(pool, _slot(its, cycle) + its.n_words, number)


@njit(cache=True, forceinline=True)
def _slot(its: Places, cycle: int) -> Address:
    """The place of *cycle* in the wheel: links at whose end a flit arrives, then those to grant."""
    return its.wheel + (cycle & its.wheel_mask) * 2 * its.n_words


@njit(cache=True, forceinline=True)
def _note(pool: Block, links: Address, number: int) -> None:
    """Link *number* is one of *links*."""
    pool[links + (number >> fast.WORD_SHIFT)] |= 1 << (number & fast.WORD_BITS - 1)


@njit(cache=True, forceinline=True)
def _append(pool: Block, queue: Address, slot: int) -> None:
    """Put *slot* at the end of *queue*."""
    slots = pool[queue]
    # No slot is 0, so the highest bit tells how many there are.
    pool[queue] = slots | slot << (n_bits(slots) + fast.SLOT_BITS - 1 & -fast.SLOT_BITS)


@njit(cache=True, forceinline=True)
def _fork(noc: Block, pool: Block, its: Places, number: int, cycle: int) -> None:
    """The oldest flit on link *number* has arrived: a branch for each output of the tree."""
    link = row_of(its, number)
    pipeline, port = pool[link + fast.PIPELINE], pool[link + fast.TO_PORT]
    slot = pipeline & SLOT_MASK
    pool[link + fast.PIPELINE] = pipeline >> fast.SLOT_BITS
    holding = pool[link + fast.TO_SLOTS] + slot
    flit = pool[holding]
    child, n_children = children_of(noc, flit >> fast.BRANCH_BITS & NODE_MASK)
    packet = flit >> PACKET_SHIFT
    pool[holding] = packet << PACKET_SHIFT | child << fast.BRANCH_BITS | n_children
    for node in range(child, child + n_children):
        taken = (link_of(noc, node) - its.first_link) // at.LINK_FIELDS
        row = row_of(its, taken)
        _append(pool, row + fast.QUEUES + port, slot)
        pool[row + fast.WAITED_AT] |= 1 << port
        wait_for_link(pool, its, taken, cycle)


@njit(cache=True, forceinline=True)
def _grant(noc: Block, pool: Block, its: Places, number: int, cycle: int, n_freed: int) -> int:
    """Let a flit take link *number*, which has one; how many slots are free then."""
    link = row_of(its, number)
    if number < its.n_pe:
        packet = pool[link + fast.NEXT_OUT]
        pool[link + fast.NEXT_OUT] = noc[packet + at.BEHIND]
        _send(noc, pool, its, number, packet, noc[packet + at.NODE], cycle)
    else:
        waited_at = pool[link + fast.WAITED_AT]
        behind = waited_at & -(2 << pool[link + fast.GRANTED_PORT])
        port = lowest_bit(behind or waited_at)
        pool[link + fast.GRANTED_PORT] = port
        slots = pool[link + fast.QUEUES + port]
        holding = pool[link + fast.SLOTS] + port * fast.PORT_FIELDS + (slots & SLOT_MASK)
        slots >>= fast.SLOT_BITS
        pool[link + fast.QUEUES + port] = slots
        pool[link + fast.WAITED_AT] = waited_at ^ (slots == 0) << port
        flit = pool[holding] - 1
        pool[holding] = flit
        if flit & BRANCH_MASK == 0:
            pool[its.freed + n_freed] = holding
            n_freed += 1
        packet = flit >> PACKET_SHIFT
        if number < its.first_eject:
            node, own = flit >> fast.BRANCH_BITS & NODE_MASK, its.first_link + number * at.LINK_FIELDS
            while link_of(noc, node) != own:
                node += 1
            _send(noc, pool, its, number, packet, node, cycle)
        else:
            arrival = cycle + pool[link + fast.LATENCY]
            deliver(noc, pool, its, number - its.first_eject, packet, arrival)
    free_at = cycle + pool[link + fast.OCCUPANCY]
    if noc[packet + at.KIND] == at.DMA:
        free_at += noc[its.first_link + number * at.LINK_FIELDS + at.EXTRA_BEAT_CYCLES]
    pool[link + fast.FREE_AT] = free_at
    pool[link + fast.N_FLITS] += 1
    pool[link + fast.N_WAITING] -= 1
    pool[link + fast.IS_PENDING] = 0
    if pool[link + fast.N_WAITING]:
        _request(pool, its, number, cycle + 1)
    return n_freed


@njit(cache=True, forceinline=True)
def _send(
    noc: Block, pool: Block, its: Places, number: int, packet: Address, node: Address, cycle: int
) -> None:
    """Put *packet* on link *number*, on its way to *node*."""
    link = row_of(its, number)
    free = pool[link + fast.FREE_SLOTS]
    slot = lowest_bit(free)
    pool[link + fast.FREE_SLOTS] = free ^ 1 << slot
    pool[pool[link + fast.TO_SLOTS] + slot] = packet << PACKET_SHIFT | node << fast.BRANCH_BITS
    _append(pool, link + fast.PIPELINE, slot)
    _note(pool, _slot(its, cycle + pool[link + fast.LATENCY]), number)


@njit(cache=True, forceinline=True)
def _give_back(pool: Block, its: Places, holding: Address, cycle: int) -> None:
    """The slot *holding* is free, usable from *cycle*."""
    feeder = pool[(holding & -fast.PORT_FIELDS) + fast.FEEDER]
    link = row_of(its, feeder)
    pool[link + fast.FREE_SLOTS] |= 1 << (holding & fast.PORT_FIELDS - 1)
    if pool[link + fast.N_WAITING]:
        _request(pool, its, feeder, cycle)
