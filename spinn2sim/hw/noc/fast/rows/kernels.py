"""Where the rows of the pool are. Compiled. ``its``: where they begin (see ``fast.layout``)."""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def places_of(pool: Block) -> Places:
    """What the pool says."""
    first = fast.PLACES
    return Places(
        pool[first],
        pool[first + 1],
        pool[first + 2],
        pool[first + 3],
        pool[first + 4],
        pool[first + 5],
        pool[first + 6],
        pool[first + 7],
        pool[first + 8],
        pool[first + 9],
        pool[first + 10],
        pool[first + 11],
        pool[first + 12],
        pool[first + 13],
        pool[first + 14],
        pool[first + 15],
        pool[first + 16],
        pool[first + 17],
        pool[first + 18],
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
def link_quad(its: Places, number: int) -> Address:
    """The quad of link *number*, which leaves a router."""
    return its.link_quads + (number - its.first_quad >> fast.LANE_SHIFT) * its.quad_fields


@njit(cache=True, forceinline=True)
def eject_quad(its: Places, number: int) -> Address:
    """The quad of eject link *number*."""
    return its.eject_quads + (number >> fast.LANE_SHIFT) * its.quad_fields


@njit(cache=True, forceinline=True)
def end_of_quads(its: Places) -> Address:
    """Behind the last quad; those of eject links follow the others."""
    return eject_quad(its, its.n_ejects)
