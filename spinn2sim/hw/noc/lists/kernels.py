"""Lists linked through their rows: what is unused, queues, and the wheel of what happens. Compiled.

On the block of the NoC (see ``layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def new_packet(noc: Block) -> Address:
    """An unused packet; there must be one."""
    packet = noc[at.FREE_PACKET]
    noc[at.FREE_PACKET] = noc[packet + at.BEHIND]
    noc[at.N_FREE_PACKETS] -= 1
    return packet


@njit(cache=True, forceinline=True)
def free_packet(noc: Block, packet: Address) -> None:
    """*packet* is unused now."""
    noc[packet + at.BEHIND] = noc[at.FREE_PACKET]
    noc[at.FREE_PACKET] = packet
    noc[at.N_FREE_PACKETS] += 1


@njit(cache=True, forceinline=True)
def new_flit(noc: Block) -> Address:
    """An unused flit; there must be one."""
    flit = noc[at.FREE_FLIT]
    noc[at.FREE_FLIT] = noc[flit + at.BEHIND]
    noc[at.N_FREE_FLITS] -= 1
    return flit


@njit(cache=True, forceinline=True)
def free_flit(noc: Block, flit: Address) -> None:
    """*flit* is unused now."""
    noc[flit + at.BEHIND] = noc[at.FREE_FLIT]
    noc[at.FREE_FLIT] = flit
    noc[at.N_FREE_FLITS] += 1


@njit(cache=True, forceinline=True)
def append(noc: Block, queue: Address, branch: Address) -> None:
    """Put *branch* at the end of *queue*."""
    noc[branch + at.BEHIND] = at.NONE
    noc[noc[queue + at.TAIL]] = branch
    noc[queue + at.TAIL] = branch + at.BEHIND


@njit(cache=True, forceinline=True)
def pop(noc: Block, queue: Address) -> Address:
    """The first branch of *queue*, which is not empty."""
    branch = noc[queue + at.HEAD]
    behind = noc[branch + at.BEHIND]
    noc[queue + at.HEAD] = behind
    noc[queue + at.TAIL] = queue + at.HEAD if behind == at.NONE else noc[queue + at.TAIL]
    return branch


@njit(cache=True, forceinline=True)
def slot_of(noc: Block, cycle: int) -> Address:
    """The place of *cycle* in the wheel."""
    return noc[at.WHEEL] + (cycle & noc[at.WHEEL_MASK]) * at.CYCLE_FIELDS
