"""What waits for a link, and when that is to grant. Compiled.

``pool`` is the memory of this kernel, ``its`` says where its rows begin (see ``fast.layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.bits.kernels import lowest_bit, n_bits
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def places_of(pool: Block) -> Places:
    """What the pool says."""
    return Places(
        links=pool[fast.PLACES],
        link_fields=pool[fast.PLACES + 1],
        n_links=pool[fast.PLACES + 2],
        pes=pool[fast.PLACES + 3],
        pe_fields=pool[fast.PLACES + 4],
        n_pe=pool[fast.PLACES + 5],
        n_ports=pool[fast.PLACES + 6],
        wheel=pool[fast.PLACES + 7],
        wheel_mask=pool[fast.PLACES + 8],
        n_words=pool[fast.PLACES + 9],
        n_pe_words=pool[fast.PLACES + 10],
        pending=pool[fast.PLACES + 11],
        freed=pool[fast.PLACES + 12],
        first_link=pool[fast.PLACES + 13],
        eject_cycles=pool[fast.PLACES + 14],
        eject_latency=pool[fast.PLACES + 15],
    )


@njit(cache=True, forceinline=True)
def link_row(its: Places, number: int) -> Address:
    """The row of link *number*."""
    return its.links + number * its.link_fields


@njit(cache=True, forceinline=True)
def pe_row(its: Places, number: int) -> Address:
    """The row of PE *number*."""
    return its.pes + number * its.pe_fields


@njit(cache=True, forceinline=True)
def slot_of(its: Places, cycle: int) -> Address:
    """The sets of *cycle* in the wheel."""
    return its.wheel + (cycle & its.wheel_mask) * (2 * its.n_words + its.n_pe_words)


@njit(cache=True, forceinline=True)
def append(pool: Block, queue: Address, slot: int) -> None:
    """Put *slot* at the end of *queue*."""
    slots = pool[queue]
    # No slot is 0, so the highest bit tells how many there are.
    pool[queue] = slots | slot << (n_bits(slots) + fast.SLOT_BITS - 1 & -fast.SLOT_BITS)


@njit(cache=True, forceinline=True)
def next_port(waited_at: int, granted_port: int) -> int:
    """The first of the ports *waited_at*, which are some, after the one granted last."""
    first = granted_port + 1
    twice = waited_at | waited_at << fast.MOST_PORTS + 1
    return first + lowest_bit(twice >> first) & fast.MOST_PORTS


@njit(cache=True, forceinline=True)
def count_waiting(pool: Block, row: Address, peak_at: Address, cycle: int) -> None:
    """One more packet waits for the link of *row*."""
    n_waiting = pool[row + fast.N_WAITING] + 1
    pool[row + fast.N_WAITING] = n_waiting
    if n_waiting > pool[row + fast.PEAK_WAITING]:
        pool[row + fast.PEAK_WAITING], pool[peak_at] = n_waiting, cycle


@njit(cache=True, forceinline=True)
def request(pool: Block, its: Places, number: int, cycle: int) -> None:
    """Have link *number* grant at *cycle*, or when it is free, if it has a slot to send to."""
    row, bit = link_row(its, number), 1 << (number & fast.WORD_BITS - 1)
    word = number >> fast.WORD_SHIFT
    if pool[its.pending + word] & bit:
        return
    if pool[row + fast.FREE_SLOTS] == 0:
        if pool[row + fast.IS_DEEP]:
            pool[fast.BROKEN] = fast.INPUT_FIFO
        return
    pool[its.pending + word] |= bit
    pool[slot_of(its, max(cycle, pool[row + fast.FREE_AT])) + its.n_words + word] |= bit


@njit(cache=True, forceinline=True)
def request_eject(pool: Block, its: Places, number: int, cycle: int) -> None:
    """Have the eject link of PE *number* grant at *cycle*, or when it is free."""
    row, bit = pe_row(its, number), number & fast.WORD_BITS - 1
    word = number >> fast.WORD_SHIFT
    pending = pool[its.pending + its.n_words + word]
    pool[its.pending + its.n_words + word] = pending | 1 << bit
    grants = slot_of(its, max(cycle, pool[row + fast.FREE_AT])) + 2 * its.n_words + word
    # Without a jump, which the processor could not foretell.
    pool[grants] |= (~pending >> bit & 1) << bit
