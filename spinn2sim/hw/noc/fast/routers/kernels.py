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
from spinn2sim.hw.noc.fast.forks.kernels import branches_of, fork_behind, links_of, pes_of
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.quads.kernels import (
    BRANCH_MASK,
    leave,
    n_waiting,
    take_turn,
    wait,
)
from spinn2sim.hw.noc.fast.requests.kernels import (
    arriving_at,
    eject_row,
    granting_at,
    include,
    link_row,
    request,
    request_ejects,
)
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])

QUAD_MASK = (1 << fast.LANES) - 1
SLOT_MASK = fast.N_SLOTS - 1
FORK_MASK = (1 << fast.FORK_BITS) - 1
CONTENT_SHIFT = fast.BRANCH_BITS + fast.FORK_BITS
PACKET_SHIFT = CONTENT_SHIFT + fast.KIND_BITS
KIND_MASK = (1 << fast.KIND_BITS) - 1


@njit(cache=True, forceinline=True)
def fork_of(pool: Block, flit: int) -> int:
    """The fork of *flit*, the content of a slot."""
    return pool[flit >> fast.BRANCH_BITS & FORK_MASK]


@njit(cache=True, forceinline=True)
def arrivals(pool: Block, its: Places, cycle: int) -> bool:
    """First phase of *cycle*, at routers; whether anything has happened."""
    arriving, happened = arriving_at(its, cycle), False
    for word in range(its.n_words):
        links = pool[arriving + word]
        if links:
            pool[arriving + word], happened = 0, True
            while links:
                number = word * fast.WORD_BITS + lowest_bit(links)
                _arrive(pool, its, pool[link_row(its, number) + fast.TO_PORT], cycle)
                links &= links - 1
    return happened


@njit(cache=True, forceinline=True)
def _arrive(pool: Block, its: Places, port: Address, cycle: int) -> None:
    """The next flit has come to *port*: a branch for each output of its tree."""
    slot, number = pool[port + fast.ARRIVING], pool[port + fast.NUMBER]
    pool[port + fast.ARRIVING] = slot + 1 & SLOT_MASK
    fork = fork_of(pool, pool[port + fast.SLOTS + slot])
    pool[port + fast.SLOTS + slot] += branches_of(fork)
    quad, chosen = pool[port + fast.LINK_QUADS], links_of(fork)
    while chosen:
        first = pool[quad + fast.FIRST]
        some = chosen & QUAD_MASK
        wait(pool, quad, some, number, slot, link_row(its, first), fast.LINK_FIELDS, cycle)
        while some:
            request(pool, its, first + lowest_bit(some), cycle)
            some &= some - 1
        chosen >>= fast.LANES
        quad += its.quad_fields
    quad, chosen = pool[port + fast.EJECT_QUADS], pes_of(fork)
    while chosen:
        first = pool[quad + fast.FIRST]
        some = chosen & QUAD_MASK
        wait(pool, quad, some, number, slot, eject_row(its, first), fast.EJECT_FIELDS, cycle)
        request_ejects(pool, its, first, some, cycle)
        chosen >>= fast.LANES
        quad += its.quad_fields


@njit(cache=True, forceinline=True)
def grants(noc: Block, pool: Block, its: Places, cycle: int) -> int:
    """Second phase of *cycle*, at links to routers; 2 * slots that are free then, + 1 for any."""
    granting, happened, n_freed = granting_at(its, cycle), 0, 0
    for word in range(its.n_words):
        links = pool[granting + word]
        if links:
            pool[granting + word], happened = 0, 1
            pool[its.pending + word] &= ~links
            while links:
                number = word * fast.WORD_BITS + lowest_bit(links)
                if number < its.n_pe:
                    _inject(noc, pool, its, number, cycle)
                else:
                    n_freed = _grant(pool, its, number, cycle, n_freed)
                links &= links - 1
    return 2 * n_freed + happened


@njit(cache=True, forceinline=True)
def _inject(noc: Block, pool: Block, its: Places, number: int, cycle: int) -> None:
    """Let the first packet of the transmit queue of PE *number* go."""
    row = link_row(its, number)
    packet = pool[row + fast.NEXT_OUT]
    pool[row + fast.NEXT_OUT] = noc[packet + at.BEHIND]
    pool[row + fast.N_WAITING] -= 1
    content = packet << fast.KIND_BITS | noc[packet + at.KIND]
    _send(pool, its, number, content, noc[noc[packet + at.NODE] + at.FORK], cycle)
    if pool[row + fast.N_WAITING]:
        request(pool, its, number, cycle)


@njit(cache=True, forceinline=True)
def quad_of(its: Places, number: int) -> Address:
    """The quad of link *number*, which leaves a router."""
    return its.link_quads + (number - its.first_quad >> fast.LANE_SHIFT) * its.quad_fields


@njit(cache=True, forceinline=True)
def _grant(pool: Block, its: Places, number: int, cycle: int, n_freed: int) -> int:
    """Let the oldest flit at the next port go; how many slots are free then."""
    row, quad, lane = link_row(its, number), quad_of(its, number), number & fast.LANES - 1
    port, flit, waited_at = take_turn(
        pool, quad, pool[quad + fast.PORTS], lane, row, pool[quad + fast.WAITED_AT]
    )
    waiting = leave(pool, quad, 1 << lane, waited_at)
    pool[its.freed + n_freed] = port
    onward = fork_behind(fork_of(pool, flit), pool[row + fast.PLACE])
    _send(pool, its, number, flit >> CONTENT_SHIFT, onward, cycle)
    if waiting >> lane * fast.LANE_BITS & fast.LANE_MASK:
        request(pool, its, number, cycle)
    return n_freed + (flit & BRANCH_MASK == 0)


@njit(cache=True, forceinline=True)
def _send(
    pool: Block, its: Places, number: int, content: int, fork: Address, cycle: int
) -> None:
    """Put a packet on link *number*, on its way to *fork*; *content*: the packet and its kind."""
    row = link_row(its, number)
    port = pool[row + fast.TO_PORT]
    slot = pool[port + fast.HEAD]
    if pool[port + fast.SLOTS + slot]:
        pool[fast.BROKEN] = fast.INPUT_FIFO
    pool[port + fast.SLOTS + slot] = content << CONTENT_SHIFT | fork << fast.BRANCH_BITS
    pool[port + fast.HEAD] = slot + 1 & SLOT_MASK
    pool[port + fast.CREDITS] -= 1
    include(pool, arriving_at(its, cycle + pool[row + fast.LATENCY]), number)
    free_at = cycle + pool[row + fast.OCCUPANCY]
    if content & KIND_MASK == at.DMA:
        free_at += pool[row + fast.EXTRA_BEAT_CYCLES]
    pool[row + fast.FREE_AT] = free_at
    pool[row + fast.N_FLITS] += 1


@njit(cache=True, forceinline=True)
def give_back(pool: Block, its: Places, port: Address, cycle: int) -> None:
    """A slot of *port* is free, usable from *cycle*."""
    pool[port + fast.CREDITS] += 1
    feeder = pool[port + fast.FEEDER]
    if feeder < its.n_pe:
        waits = pool[link_row(its, feeder) + fast.N_WAITING]
    else:
        waits = n_waiting(pool, quad_of(its, feeder), feeder & fast.LANES - 1)
    if waits:
        request(pool, its, feeder, cycle)
