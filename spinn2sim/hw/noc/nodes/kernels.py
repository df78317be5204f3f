"""What a node of a multicast tree says. Compiled, on the block of the NoC (see ``layout``)."""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def link_of(noc: Block, node: Address) -> Address:
    """The link of *node*."""
    return noc[node] & (1 << at.LINK_BITS) - 1


@njit(cache=True, forceinline=True)
def children_of(noc: Block, node: Address) -> tuple[Address, int]:
    """The first child of *node*, and how many it has."""
    first = noc[node] >> at.LINK_BITS & (1 << at.CHILDREN_BITS) - 1
    return first, noc[node] >> at.LINK_BITS + at.CHILDREN_BITS


@njit(cache=True)
def n_targets(noc: Block, node: Address) -> int:
    """PEs that a packet at *node* is still to reach: the leaves.

    Trees are stored breadth first, so the descendants of each depth follow each other.
    """
    n, first, end = 0, node, node + 1
    while first < end:
        for each in range(first, end):
            n += children_of(noc, each)[1] == 0
        last, n_of_last = children_of(noc, end - 1)
        first, end = children_of(noc, first)[0], last + n_of_last
    return n
