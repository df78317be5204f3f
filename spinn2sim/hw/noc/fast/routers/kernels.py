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
from spinn2sim.hw.noc.bits.kernels import lowest_bit, n_ones
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.quads.kernels import lane_of, leave, take_turn, wait
from spinn2sim.hw.noc.fast.requests.kernels import (
    arriving_at,
    granting_at,
    include,
    request,
    request_ejects,
)
from spinn2sim.hw.noc.fast.rows.kernels import eject_row, link_quad, link_row
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def arrivals(pool: Block, its: Places, cycle: int) -> None:
    """First phase of *cycle*, at routers."""
    arriving = arriving_at(its, cycle)
    for word in range(its.n_words):
        links, pool[arriving + word] = pool[arriving + word], 0
        while links:
            number = word * fast.WORD_BITS + lowest_bit(links)
            links &= links - 1
            _fork(pool, its, pool[link_row(its, number) + fast.TO_PORT], cycle)


@njit(cache=True, forceinline=True)
def _fork(pool: Block, its: Places, port: Address, cycle: int) -> None:
    """The next flit has come to *port*: a branch for each output of its tree."""
    slot, number = pool[port + fast.ARRIVING], pool[port + fast.NUMBER]
    pool[port + fast.ARRIVING] = slot + 1 & fast.SLOT_MASK
    fork = _fork_of(pool, pool[port + fast.SLOTS + slot])
    pool[port + fast.SLOTS + slot] += fork >> fast.N_BRANCHES_SHIFT & fast.BRANCH_MASK
    quad, chosen = pool[port + fast.LINK_QUADS], _links_of(fork)
    while chosen:
        some, first = chosen & fast.QUAD_MASK, pool[quad + fast.FIRST]
        wait(pool, quad, some, number, slot, link_row(its, first), fast.LINK_FIELDS, cycle)
        while some:
            request(pool, its, first + lowest_bit(some), cycle)
            some &= some - 1
        quad, chosen = quad + its.quad_fields, chosen >> fast.LANES
    quad, chosen = pool[port + fast.EJECT_QUADS], fork & fast.PE_SET_MASK
    while chosen:
        some, first = chosen & fast.QUAD_MASK, pool[quad + fast.FIRST]
        wait(pool, quad, some, number, slot, eject_row(its, first), fast.EJECT_FIELDS, cycle)
        request_ejects(pool, its, first, some, cycle)
        quad, chosen = quad + its.quad_fields, chosen >> fast.LANES


@njit(cache=True, forceinline=True)
def _fork_of(pool: Block, flit: int) -> int:
    return pool[flit >> fast.BRANCH_BITS & fast.FORK_MASK]


@njit(cache=True, forceinline=True)
def _links_of(fork: int) -> int:
    """The links that *fork* takes to other routers, bit by bit."""
    return fork >> fast.LINK_SET_SHIFT & fast.LINK_SET_MASK


@njit(cache=True, forceinline=True)
def _fork_behind(fork: int, place: int) -> Address:
    """Where the fork stands behind the link in *place* of those that leave the router of *fork*."""
    return (fork >> fast.ONWARD_SHIFT) + n_ones(_links_of(fork) & (1 << place) - 1)


@njit(cache=True)
def grants(noc: Block, pool: Block, its: Places, cycle: int) -> int:
    """Second phase of *cycle*, at links to routers; how many slots become free."""
    granting, n_freed = granting_at(its, cycle), 0
    for word in range(its.n_words):
        links, pool[granting + word] = pool[granting + word], 0
        pool[its.pending + word] &= ~links
        while links:
            number = word * fast.WORD_BITS + lowest_bit(links)
            links &= links - 1
            if number < its.n_pe:
                _inject(noc, pool, its, number, cycle)
            else:
                n_freed = _grant(pool, its, number, cycle, n_freed)
    return n_freed


@njit(cache=True, forceinline=True)
def _inject(noc: Block, pool: Block, its: Places, number: int, cycle: int) -> None:
    """Let the first packet of the transmit queue of PE *number* go."""
    row = link_row(its, number)
    packet = pool[row + fast.NEXT_OUT]
    pool[row + fast.NEXT_OUT] = noc[packet + at.BEHIND]
    pool[row + fast.N_WAITING] -= 1
    carried = packet << fast.KIND_BITS | noc[packet + at.KIND]
    _send(pool, its, number, carried, noc[noc[packet + at.NODE] + at.FORK], cycle)
    if pool[row + fast.N_WAITING]:
        request(pool, its, number, cycle)


@njit(cache=True, forceinline=True)
def _grant(pool: Block, its: Places, number: int, cycle: int, n_freed: int) -> int:
    """Let the oldest flit at the next port take link *number*; how many slots are free then."""
    row, quad, lane = link_row(its, number), link_quad(its, number), number & fast.LANES - 1
    ports, waited_at = pool[quad + fast.PORTS], pool[quad + fast.WAITED_AT]
    port, flit, waited_at = take_turn(pool, quad, ports, lane, waited_at)
    waiting = leave(pool, quad, 1 << lane, waited_at)
    onward = _fork_behind(_fork_of(pool, flit), pool[row + fast.PLACE])
    _send(pool, its, number, flit >> fast.KIND_SHIFT, onward, cycle)
    if lane_of(waiting, lane):
        request(pool, its, number, cycle)
    pool[its.freed + n_freed] = port
    return n_freed + (flit & fast.BRANCH_MASK == 0)


@njit(cache=True, forceinline=True)
def _send(pool: Block, its: Places, number: int, carried: int, fork: Address, cycle: int) -> None:
    """Put a packet on link *number*, on its way to *fork*; *carried*: the packet and its kind."""
    row = link_row(its, number)
    port = pool[row + fast.TO_PORT]
    slot = pool[port + fast.HEAD]
    if pool[port + fast.SLOTS + slot]:
        pool[fast.BROKEN] = fast.INPUT_FIFO
    pool[port + fast.SLOTS + slot] = carried << fast.KIND_SHIFT | fork << fast.BRANCH_BITS
    pool[port + fast.HEAD] = slot + 1 & fast.SLOT_MASK
    pool[port + fast.CREDITS] -= 1
    include(pool, arriving_at(its, cycle + pool[row + fast.LATENCY]), number)
    pool[row + fast.FREE_AT] = cycle + pool[row + fast.OCCUPANCY]
    if carried & fast.KIND_MASK == at.DMA:
        pool[row + fast.FREE_AT] += pool[row + fast.EXTRA_BEAT_CYCLES]
    pool[row + fast.N_FLITS] += 1


@njit(cache=True, forceinline=True)
def give_back(pool: Block, its: Places, port: Address, cycle: int) -> None:
    """A slot of *port* is free, usable from *cycle*."""
    pool[port + fast.CREDITS] += 1
    feeder = pool[port + fast.FEEDER]
    if feeder < its.n_pe:
        n_waiting = pool[link_row(its, feeder) + fast.N_WAITING]
    else:
        quad = link_quad(its, feeder)
        n_waiting = lane_of(pool[quad + fast.ALL_WAITING], feeder & fast.LANES - 1)
    if n_waiting:
        request(pool, its, feeder, cycle)
