"""Multicast trees as the pool has them: forks, without the links to PEs. Compiled."""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.bits.kernels import n_ones
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.requests.kernels import places_of
from spinn2sim.hw.noc.layout import Address

forget_stale(__file__, root=Path(__file__).parents[3])

PE_SET_MASK = (1 << fast.PE_SET_BITS) - 1
LINK_SET_MASK = (1 << fast.LINK_SET_BITS) - 1
BRANCH_MASK = (1 << fast.BRANCH_BITS) - 1
LINK_SHIFT = fast.PE_SET_BITS
BRANCH_SHIFT = LINK_SHIFT + fast.LINK_SET_BITS
FORK_SHIFT = BRANCH_SHIFT + fast.BRANCH_BITS


@njit(cache=True, forceinline=True)
def pes_of(fork: int) -> int:
    """The PEs that *fork* reaches, bit by bit."""
    return fork & PE_SET_MASK


@njit(cache=True, forceinline=True)
def links_of(fork: int) -> int:
    """The links that *fork* takes to other routers, bit by bit."""
    return fork >> LINK_SHIFT & LINK_SET_MASK


@njit(cache=True, forceinline=True)
def branches_of(fork: int) -> int:
    """How many links a flit takes at *fork*."""
    return fork >> BRANCH_SHIFT & BRANCH_MASK


@njit(cache=True, forceinline=True)
def fork_behind(fork: int, place: int) -> Address:
    """The fork behind the link in *place* of those that leave the router of *fork*."""
    return (fork >> FORK_SHIFT) + n_ones(links_of(fork) & (1 << place) - 1)


@njit(cache=True)
def add(
    pool: NDArray[Any], first: Address, rows: NDArray[Any], n_roots: int, wires: NDArray[Any]
) -> None:
    """Write the forks of the trees *rows* (see ``Topology.trees``) from *first* on, roots first.

    *wires*: (n, WIRE_FIELDS) of all links. Those of the trees are told where they lead.
    """
    forks = np.empty(len(rows), np.int64)
    forks[:n_roots] = first + np.arange(n_roots)
    free = first + n_roots
    for k in range(len(rows)):
        child, n_children = rows[k, 1], rows[k, 2]
        if n_children == 0:
            continue
        pes = links = 0
        for taken in rows[child : child + n_children, 0]:
            if wires[taken, fast.IS_EJECT]:
                pes |= 1 << wires[taken, fast.WIRE_PLACE]
            else:
                links |= 1 << wires[taken, fast.WIRE_PLACE]
        pool[forks[k]] = (
            free << FORK_SHIFT | n_children << BRANCH_SHIFT | links << LINK_SHIFT | pes
        )
        for row in range(child, child + n_children):
            if not wires[rows[row, 0], fast.IS_EJECT]:
                forks[row] = fork_behind(pool[forks[k]], wires[rows[row, 0], fast.WIRE_PLACE])
        free += n_ones(links)
        _lead(pool, wires[rows[k, 0]], wires[rows[child, 0], fast.WIRE_PORTS])


@njit(cache=True)
def _lead(pool: NDArray[Any], wire: NDArray[Any], ports: Address) -> None:
    """The link *wire* leads to the router of *ports*."""
    row = places_of(pool).links + wire[fast.WIRE_NUMBER] * fast.LINK_FIELDS
    port = ports + wire[fast.WIRE_TO] * fast.PORT_FIELDS
    pool[row + fast.TO_PORT], pool[port + fast.FEEDER] = port, wire[fast.WIRE_NUMBER]
    pool[port + fast.CREDITS] = pool[port + fast.ALL_CREDITS] = wire[fast.WIRE_CREDITS]
