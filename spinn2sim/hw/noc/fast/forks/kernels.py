"""What a fork of a multicast tree says. Compiled."""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.bits.kernels import n_ones
from spinn2sim.hw.noc.fast import layout as fast
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
