"""Where the rows of the pool begin, compiled.

``noc`` is the block of the network, ``plan`` and ``pool`` are described in ``fast.layout``.
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.fast import layout as its
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True, forceinline=True)
def first_crossing(noc: Block, plan: Block) -> Address:
    """Behind the rows of links and PEs, and the ports."""
    return ports_row(noc, plan) + noc[at.MOST_BRANCHES]


@njit(cache=True, forceinline=True)
def ports_row(noc: Block, plan: Block) -> Address:
    """Where the ports of a link are noted at which packets wait."""
    return pe_row(noc, plan, noc[at.END_OF_PES])


@njit(cache=True, forceinline=True)
def link_row(plan: Block, link: Address) -> Address:
    """That of *link*."""
    return (link - plan[its.FIRST_LINK]) // at.LINK_FIELDS * its.LINK_FIELDS


@njit(cache=True, forceinline=True)
def pe_row(noc: Block, plan: Block, pe: Address) -> Address:
    """That of *pe*."""
    return plan[its.N_LINKS] * its.LINK_FIELDS + (pe - noc[at.PES]) // at.PE_FIELDS * its.PE_FIELDS
