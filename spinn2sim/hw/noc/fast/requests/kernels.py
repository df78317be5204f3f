"""Which links do something in a cycle: the wheel, and how links get into it. Compiled.

``pool`` is the memory of this kernel, ``its`` says where its rows begin (see ``fast.layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.bits.kernels import lowest_bit
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.rows.kernels import eject_row, link_row
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


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
def is_idle(pool: Block, its: Places, cycle: int) -> bool:
    """Whether nothing happens in *cycle*."""
    first = arriving_at(its, cycle)
    members = 0
    for word in range(first, first + 2 * its.n_words + its.n_eject_words):
        members |= pool[word]
    return members == 0


@njit(cache=True, forceinline=True)
def include(pool: Block, members: Address, number: int) -> None:
    """Put *number* into a set."""
    pool[members + (number >> fast.WORD_SHIFT)] |= 1 << (number & fast.WORD_MASK)


@njit(cache=True, forceinline=True)
def request(pool: Block, its: Places, number: int, cycle: int) -> None:
    """Have link *number*, for which something waits, grant at *cycle* or when it can.

    Without a credit it is asked for again when one comes back.
    """
    if pool[its.pending + (number >> fast.WORD_SHIFT)] >> (number & fast.WORD_MASK) & 1:
        return
    row = link_row(its, number)
    if pool[pool[row + fast.TO_PORT] + fast.CREDITS]:
        include(pool, its.pending, number)
        include(pool, granting_at(its, max(cycle, pool[row + fast.FREE_AT])), number)
    elif its.is_impatient:
        pool[fast.BROKEN] = fast.INPUT_FIFO


@njit(cache=True, forceinline=True)
def request_ejects(pool: Block, its: Places, first: int, chosen: int, cycle: int) -> None:
    """Have those eject links grant at *cycle*, or when they are free, that are *chosen* of a quad.

    Bit by bit, from number *first* on: all in one number of a set.
    """
    shift = first & fast.WORD_MASK
    word = its.pending + its.n_words + (first >> fast.WORD_SHIFT)
    idle = chosen & ~(pool[word] >> shift)
    pool[word] |= chosen << shift
    while idle:
        number = first + lowest_bit(idle)
        idle &= idle - 1
        free_at = pool[eject_row(its, number) + fast.FREE_AT]
        include(pool, ejecting_at(its, max(cycle, free_at)), number)
