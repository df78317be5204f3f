"""What may happen to a packet on its way: lost, sent again, dropped because it cannot go on.

Compiled, on the block of the NoC (see ``layout``). Whether the n-th packet that a link grants is
lost depends on the seed, the link and n alone, so not on the order of events at other links.
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import slot_of
from spinn2sim.hw.noc.nodes.kernels import n_targets

forget_stale(__file__, root=Path(__file__).parents[2])

# SplitMix64 (Steele, Lea, Flood 2014), its constants as signed numbers: products wrap around.
STEP = 0x9E3779B97F4A7C15 - (1 << 64)
MIX1 = 0xBF58476D1CE4E5B9 - (1 << 64)
MIX2 = 0x94D049BB133111EB - (1 << 64)


@njit(cache=True)
def draw(salt: int, number: int) -> int:
    """A hash from 0 to HASH_RANGE - 1."""
    mixed = salt + number * STEP
    mixed = (mixed ^ (mixed >> 30 & (1 << 34) - 1)) * MIX1
    mixed = (mixed ^ (mixed >> 27 & (1 << 37) - 1)) * MIX2
    return (mixed ^ (mixed >> 31 & (1 << 33) - 1)) & (at.HASH_RANGE - 1)


@njit(cache=True)
def mishap(noc: Block, link: Address, flit: Address) -> int:
    """What happens to *flit*, the last that *link* has granted: cycles that it is sent again.

    Each packet has draws of its own: one for its loss, and one for each time it may be sent.
    """
    noc[flit + at.N_BRANCHES] = 0
    first = (noc[link + at.N_FLITS] - 1) * (noc[at.MAX_RESENDS] + 2)
    if draw(noc[link + at.SALT], first) < noc[link + at.LOSS]:
        noc[flit + at.N_BRANCHES] = at.LOST
    is_beat = noc[flit + at.KIND] == at.DMA
    error = noc[link + at.BEAT_ERROR] if is_beat else noc[link + at.ERROR]
    if error == 0:
        return 0
    n_errors = 0
    while n_errors <= noc[at.MAX_RESENDS]:
        if draw(noc[link + at.SALT], first + 1 + n_errors) >= error:
            break
        n_errors += 1
    if n_errors > noc[at.MAX_RESENDS]:
        noc[flit + at.N_BRANCHES] = at.LOST
        n_errors = noc[at.MAX_RESENDS]
    if n_errors and noc[link + at.FIRST_RESENT] == at.NONE:
        noc[link + at.FIRST_RESENT] = noc[at.CYCLE]
    noc[link + at.RESENT] += n_errors
    busy = noc[link + at.OCCUPANCY] + (noc[link + at.EXTRA_BEAT_CYCLES] if is_beat else 0)
    # The packet, the word that it was wrong, and the packet again.
    return n_errors * (busy + 2 * noc[link + at.LATENCY])


@njit(cache=True)
def lose(noc: Block, link: Address, node: Address) -> None:
    """Count the packet at *node*, which should arrive now over *link*, as lost."""
    noc[at.N_LOST] += n_targets(noc, node)
    noc[link + at.LOST_PACKETS] += 1
    if noc[link + at.FIRST_LOST] == at.NONE:
        noc[link + at.FIRST_LOST] = noc[at.CYCLE]


@njit(cache=True)
def time_out(noc: Block, link: Address, node: Address) -> None:
    """Count the branch at *node*, which waited for *link* too long, as dropped."""
    noc[at.N_TIMED_OUT] += n_targets(noc, node)
    noc[link + at.DROPPED] += 1
    if noc[link + at.FIRST_DROPPED] == at.NONE:
        noc[link + at.FIRST_DROPPED] = noc[at.CYCLE]


@njit(cache=True, forceinline=True)
def lead(noc: Block, link: Address, port: int) -> int:
    """Another packet is the first at *port*; the cycle at which it is dropped there, or NEVER."""
    ends = noc[link + at.ENDS] + port
    noc[ends] = at.NEVER
    if noc[link + at.FLIT_MASK] != at.NONE:  # not in a transmit queue, from where nothing drops
        branch = noc[noc[link + at.QUEUES] + port * at.QUEUE_FIELDS + at.HEAD]
        came_by = noc[(branch & noc[link + at.FLIT_MASK]) + at.CAME_BY]
        if noc[came_by + at.PATIENCE] != at.NONE:
            noc[ends] = noc[at.CYCLE] + noc[came_by + at.PATIENCE]
    return noc[ends]


@njit(cache=True, forceinline=True)
def check(noc: Block, link: Address, cycle: int) -> None:
    """Look at the queues of *link* at *cycle* or before, if it is not NEVER.

    A look that is already to come is soon enough: it is at most RECHECK cycles away, and nobody's
    patience is shorter.
    """
    if cycle == at.NEVER or noc[link + at.CHECKING]:
        return
    noc[link + at.CHECKING] = 1
    slot = slot_of(noc, min(cycle, noc[at.CYCLE] + noc[at.RECHECK]))
    noc[link + at.NEXT_CHECKING] = noc[slot + at.TO_CHECK]
    noc[slot + at.TO_CHECK] = link
    noc[at.N_EVENTS] += 1
