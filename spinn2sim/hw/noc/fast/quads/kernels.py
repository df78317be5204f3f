"""What waits for the links that leave a router, four at a time. Compiled.

A quad is a row of the pool for up to four links; a lane of each of its numbers is of one of them
(see ``fast.layout``). A flit that is to take all four costs no more than one that takes one.
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.bits.kernels import lowest_bit, n_ones
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def lane_of(lanes: int, lane: int) -> int:
    """What *lanes* say of one of them."""
    return lanes >> lane * fast.LANE_BITS & fast.LANE_MASK


@njit(cache=True, forceinline=True)
def _spread(chosen: int) -> int:
    """The lowest bit of each lane that is *chosen*, bit by bit."""
    return chosen * fast.SPREAD & fast.LOWEST


@njit(cache=True, forceinline=True)
def lanes_in_use(lanes: int) -> int:
    """The lanes that are not 0, bit by bit."""
    used = (lanes + fast.MOST_WAITING * fast.LOWEST) >> fast.LANE_BITS - 1 & fast.LOWEST
    return used * fast.GATHER >> (fast.LANES - 1) * fast.LANE_BITS & fast.QUAD_MASK


@njit(cache=True, forceinline=True)
def wait(
    pool: Block,
    quad: Address,
    chosen: int,
    port: int,
    slot: int,
    rows: Address,
    fields: int,
    cycle: int,
) -> None:
    """The flit in *slot* of *port* is to take those links of *quad* that are *chosen*, bit by bit.

    *rows*: of its links, of so many *fields*.
    """
    lanes = _spread(chosen)
    pool[quad + fast.WAITING + port] |= lanes << slot
    pool[quad + fast.WAITED_AT] |= lanes << port
    waiting = pool[quad + fast.ALL_WAITING] + lanes
    pool[quad + fast.ALL_WAITING] = waiting
    # The highest bit of a lane stays where not more wait than ever.
    if ((pool[quad + fast.ALL_PEAKS] | fast.HIGHEST) - waiting) & fast.HIGHEST != fast.HIGHEST:
        _note_peaks(pool, quad, waiting, rows, fields, cycle)


@njit(cache=True)
def _note_peaks(
    pool: Block, quad: Address, waiting: int, rows: Address, fields: int, cycle: int
) -> None:
    for lane in range(fast.LANES):
        n, known = lane_of(waiting, lane), lane_of(pool[quad + fast.ALL_PEAKS], lane)
        if n > known:
            pool[quad + fast.ALL_PEAKS] += (n - known) << lane * fast.LANE_BITS
            pool[rows + lane * fields + fast.PEAK_AT] = cycle


@njit(cache=True, forceinline=True)
def take_turn(
    pool: Block, quad: Address, ports: Address, lane: int, waited_at: int
) -> tuple[Address, int, int]:
    """Whose turn it is at the link of *lane*: its port, and the flit, one branch less.

    And *waited_at*, the WAITED_AT of *quad*, after that. *ports*: of its router.
    """
    shift, granted = lane * fast.LANE_BITS, pool[quad + fast.GRANTED]
    last = lane_of(granted, lane)
    number = _next(lane_of(waited_at, lane), last + 1)
    pool[quad + fast.GRANTED] = granted + (number - last << shift)
    port = ports + number * fast.PORT_FIELDS
    waiting = pool[quad + fast.WAITING + number]
    slots = lane_of(waiting, lane)
    slot = _next(slots, pool[port + fast.HEAD])
    pool[quad + fast.WAITING + number] = waiting ^ 1 << shift + slot
    flit = _take_branches(pool, port, slot, 1)
    return port, flit, waited_at ^ (slots & slots - 1 == 0) << shift + number


@njit(cache=True, forceinline=True)
def take_turn_in_step(
    pool: Block, quad: Address, ports: Address, chosen: int, waited_at: int
) -> tuple[Address, int, int]:
    """The same for all links that are *chosen*, bit by bit, if it is the turn of one flit at all.

    Otherwise NONE as the port, and nothing is done.
    """
    lane, lanes, granted = lowest_bit(chosen), _spread(chosen), pool[quad + fast.GRANTED]
    every_bit = lanes * fast.LANE_MASK
    own, last = lane_of(waited_at, lane), lane_of(granted, lane)
    if (waited_at ^ own * fast.LOWEST | granted ^ last * fast.LOWEST) & every_bit:
        return at.NONE, 0, waited_at
    number = _next(own, last + 1)
    port = ports + number * fast.PORT_FIELDS
    waiting = pool[quad + fast.WAITING + number]
    slots = lane_of(waiting, lane)
    if (waiting ^ slots * fast.LOWEST) & every_bit:
        return at.NONE, 0, waited_at
    slot = _next(slots, pool[port + fast.HEAD])
    pool[quad + fast.GRANTED] = granted & ~every_bit | lanes * number
    pool[quad + fast.WAITING + number] = waiting ^ lanes << slot
    flit = _take_branches(pool, port, slot, n_ones(chosen))
    return port, flit, waited_at ^ (lanes * (slots & slots - 1 == 0)) << number


@njit(cache=True, forceinline=True)
def _take_branches(pool: Block, port: Address, slot: int, n_branches: int) -> int:
    """The flit in *slot* of *port*, of which so many branches leave; the slot is free with all."""
    flit = pool[port + fast.SLOTS + slot] - n_branches
    pool[port + fast.SLOTS + slot] = flit if flit & fast.BRANCH_MASK else 0
    return flit


@njit(cache=True, forceinline=True)
def _next(members: int, first: int) -> int:
    """The first of the *members* of a lane, which are some, from *first* on, and then from 0 on."""
    twice = members | members << fast.LANE_BITS
    return first + lowest_bit(twice >> first) & fast.LANE_BITS - 1


@njit(cache=True, forceinline=True)
def leave(pool: Block, quad: Address, left: int, waited_at: int) -> int:
    """One packet less waits for the links of the lanes *left*; how many for all, then.

    *waited_at*: WAITED_AT of *quad* from now on.
    """
    waiting = pool[quad + fast.ALL_WAITING] - _spread(left)
    pool[quad + fast.ALL_WAITING], pool[quad + fast.WAITED_AT] = waiting, waited_at
    return waiting
