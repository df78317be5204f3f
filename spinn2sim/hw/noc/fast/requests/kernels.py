"""Which links are to grant, and when. Compiled.

``pool`` is the memory of this kernel, ``its`` says where its rows begin (see ``fast.layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.bits.kernels import lowest_bit
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def places_of(pool: Block) -> Places:
    """What the pool says."""
    return Places(
        pool[fast.PLACES],
        pool[fast.PLACES + 1],
        pool[fast.PLACES + 2],
        pool[fast.PLACES + 3],
        pool[fast.PLACES + 4],
        pool[fast.PLACES + 5],
        pool[fast.PLACES + 6],
        pool[fast.PLACES + 7],
        pool[fast.PLACES + 8],
        pool[fast.PLACES + 9],
        pool[fast.PLACES + 10],
        pool[fast.PLACES + 11],
        pool[fast.PLACES + 12],
        pool[fast.PLACES + 13],
        pool[fast.PLACES + 14],
        pool[fast.PLACES + 15],
        pool[fast.PLACES + 16],
        pool[fast.PLACES + 17],
        pool[fast.PLACES + 18],
    )


@njit(cache=True, forceinline=True)
def link_row(its: Places, number: int) -> Address:
    """The row of link *number*."""
    return its.links + number * fast.LINK_FIELDS


@njit(cache=True, forceinline=True)
def eject_row(its: Places, number: int) -> Address:
    """The row of eject link *number*."""
    return its.ejects + number * fast.EJECT_FIELDS


@njit(cache=True, forceinline=True)
def arriving_at(its: Places, cycle: int) -> Address:
    """The set of links at whose end a flit arrives in *cycle*."""
    return its.wheel + (cycle & its.wheel_mask) * (2 * its.n_words + its.n_eject_words)


@njit(cache=True, forceinline=True)
def granting_at(its: Places, cycle: int) -> Address:
    """The set of links that are to grant in *cycle*."""
    return arriving_at(its, cycle) + its.n_words


@njit(cache=True, forceinline=True)
def ejecting_at(its: Places, cycle: int) -> Address:
    """The set of eject links that are to grant in *cycle*."""
    return arriving_at(its, cycle) + 2 * its.n_words


@njit(cache=True, forceinline=True)
def include(pool: Block, members: Address, number: int) -> None:
    """Put *number* into a set."""
    pool[members + (number >> fast.WORD_SHIFT)] |= 1 << (number & fast.WORD_BITS - 1)


@njit(cache=True, forceinline=True)
def request(pool: Block, its: Places, number: int, cycle: int) -> None:
    """Have link *number*, for which something waits, grant at *cycle* or when it can."""
    row, word = link_row(its, number), its.pending + (number >> fast.WORD_SHIFT)
    if pool[word] >> (number & fast.WORD_BITS - 1) & 1:
        return
    if pool[pool[row + fast.TO_PORT] + fast.CREDITS]:
        include(pool, its.pending, number)
        include(pool, granting_at(its, max(cycle, pool[row + fast.FREE_AT])), number)
    elif its.is_impatient:
        pool[fast.BROKEN] = fast.INPUT_FIFO


@njit(cache=True, forceinline=True)
def request_ejects(pool: Block, its: Places, first: int, chosen: int, cycle: int) -> None:
    """Have those eject links grant at *cycle*, or when they are free, that are *chosen* of a quad.

    *first*: number of its first one. They are members of one number of a set.
    """
    shift = first & fast.WORD_BITS - 1
    word = its.pending + its.n_words + (first >> fast.WORD_SHIFT)
    idle = chosen & ~(pool[word] >> shift)
    pool[word] |= chosen << shift
    while idle:
        number = first + lowest_bit(idle)
        free_at = pool[eject_row(its, number) + fast.FREE_AT]
        include(pool, ejecting_at(its, max(cycle, free_at)), number)
        idle &= idle - 1
