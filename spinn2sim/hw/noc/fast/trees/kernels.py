"""Multicast trees as the pool has them: forks, without the links to PEs. Compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.requests.kernels import link_row, pe_row, places_of
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])

PE_SET_MASK = (1 << fast.PE_SET_BITS) - 1
PE_MASK = (1 << fast.PE_BITS) - 1
BRANCH_MASK = (1 << fast.BRANCH_BITS) - 1


@njit(cache=True, forceinline=True)
def link_of(pool: Block, fork: Address) -> int:
    """Number of the link that leads to *fork*."""
    return pool[fork + fast.TAKES] >> fast.PE_SET_BITS + fast.PE_BITS


@njit(cache=True, forceinline=True)
def eject_links_of(pool: Block, fork: Address) -> tuple[int, int]:
    """The first PE that *fork* reaches, and all that it reaches from that on, bit by bit."""
    takes = pool[fork + fast.TAKES]
    return takes >> fast.PE_SET_BITS & PE_MASK, takes & PE_SET_MASK


@njit(cache=True, forceinline=True)
def branches_of(pool: Block, fork: Address) -> int:
    """How many links a flit takes at *fork*."""
    return pool[fork + fast.ONWARD] & BRANCH_MASK


@njit(cache=True, forceinline=True)
def onward_of(pool: Block, fork: Address) -> tuple[Address, Address]:
    """The first fork after *fork*, and the end of the last."""
    onward = pool[fork + fast.ONWARD]
    first = onward >> 2 * fast.BRANCH_BITS
    return first, first + (onward >> fast.BRANCH_BITS & BRANCH_MASK) * fast.FORK_FIELDS


@njit(cache=True)
def add(pool: NDArray[Any], first: Address, rows: NDArray[Any], n_roots: int) -> bool:
    """Write the forks of the trees *rows* (see ``Topology.trees``) from *first* on, roots first.

    The links are told where they lead. False if a fork reaches PEs too far apart for a set.
    """
    its = places_of(pool)
    fork, onward = first, first + n_roots * fast.FORK_FIELDS
    for k in range(len(rows)):
        link, child, n_children = rows[k, 0], rows[k, 1], rows[k, 2]
        if n_children == 0:
            continue
        first_pe, pes, n_onward = 1 << fast.PE_BITS, 0, 0
        for taken in rows[child : child + n_children, 0]:
            if taken < its.n_links:
                n_onward += 1
            else:
                first_pe = min(first_pe, taken - its.n_links)
        for taken in rows[child : child + n_children, 0]:
            if taken >= its.n_links:
                place = taken - its.n_links - first_pe
                if place >= fast.PE_SET_BITS:
                    return False
                pes |= 1 << place
        n_pes = n_children - n_onward
        pool[fork + fast.TAKES] = (
            link << fast.PE_BITS | (first_pe if n_pes else 0)
        ) << fast.PE_SET_BITS | pes
        pool[fork + fast.ONWARD] = (
            onward << fast.BRANCH_BITS | n_onward
        ) << fast.BRANCH_BITS | n_children
        _lead(pool, its, link, rows[child, 0])
        fork += fast.FORK_FIELDS
        onward += n_onward * fast.FORK_FIELDS
    return True


@njit(cache=True)
def _lead(pool: NDArray[Any], its: Places, number: int, taken: int) -> None:
    """Link *number* leads to the router that *taken* leaves."""
    if taken < its.n_links:
        slots = pool[link_row(its, taken) + fast.SLOTS]
    else:
        slots = pool[pe_row(its, taken - its.n_links) + fast.SLOTS]
    row = link_row(its, number)
    pool[row + fast.TO_SLOTS] = slots + pool[row + fast.TO_PORT] * fast.PORT_FIELDS
    pool[pool[row + fast.TO_SLOTS] + fast.FEEDER] = number
