"""What routers and their links do in a cycle: packets arrive, links grant, some drop. Compiled.

On the block of the NoC (see ``layout``). The order of rows within a phase of a cycle cannot change
a result, so no list of events needs sorting.
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.bits.kernels import lowest_bit
from spinn2sim.hw.noc.delivery.kernels import deliver, is_stalled
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import (
    append,
    free_flit,
    free_packet,
    new_flit,
    pop,
    slot_of,
)
from spinn2sim.hw.noc.mishaps.kernels import check, lead, lose, mishap, time_out
from spinn2sim.hw.noc.nodes.kernels import children_of, link_of

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True, forceinline=True)
def deliveries(noc: Block) -> bool:
    """First phase of the cycle, at PEs. False if there is no room to go on."""
    slot = slot_of(noc, noc[at.CYCLE])
    while noc[slot + at.REACHED] != at.NONE:
        if noc[at.N_ARRIVALS] == noc[at.MAX_ARRIVALS]:
            return False
        pe = noc[slot + at.REACHED]
        noc[slot + at.REACHED] = noc[pe + at.NEXT_REACHED]
        noc[at.N_REACHED] -= 1
        noc[at.N_EVENTS] -= 1
        deliver(noc, pe, pe + at.COMING, noc[at.CYCLE])
    return True


@njit(cache=True, forceinline=True)
def arrivals(noc: Block) -> None:
    """First phase of the cycle, at routers."""
    slot = slot_of(noc, noc[at.CYCLE])
    while noc[slot + at.ARRIVING] != at.NONE:
        flit = noc[slot + at.ARRIVING]
        noc[slot + at.ARRIVING] = noc[flit + at.BEHIND]
        noc[at.N_EVENTS] -= 1
        link = noc[flit + at.CAME_BY]
        if noc[at.FAULTY] and noc[flit + at.N_BRANCHES] == at.LOST:
            lose(noc, link, noc[flit + at.NODE])
            _free_slot(noc, link)
            free_flit(noc, flit)
        else:
            _fork(noc, flit, noc[link + at.TO_PORT])


@njit(cache=True, forceinline=True)
def _fork(noc: Block, flit: Address, port: int) -> None:
    """Make a branch for each output of the tree; *flit* keeps the slot of the input FIFO."""
    child, n_children = children_of(noc, noc[flit + at.NODE])
    noc[flit + at.N_BRANCHES] = n_children
    for k in range(n_children):
        wait_for_link(noc, link_of(noc, child + k), port, flit + at.BRANCHES + k)


@njit(cache=True, forceinline=True)
def wait_for_link(noc: Block, link: Address, port: int, branch: Address) -> None:
    """*branch* has come to the input *port*, and is to take *link*."""
    queue = noc[link + at.QUEUES] + port * at.QUEUE_FIELDS
    append(noc, queue, branch)
    noc[link + at.WAITED_AT] |= 1 << port
    if noc[at.RECHECK] != at.NONE and noc[queue + at.HEAD] == branch:
        check(noc, link, lead(noc, link, port))
    noc[link + at.N_WAITING] += 1
    if noc[link + at.N_WAITING] > noc[link + at.PEAK_WAITING]:
        noc[link + at.PEAK_WAITING] = noc[link + at.N_WAITING]
        noc[link + at.PEAK_AT] = noc[at.CYCLE]
    request(noc, link, noc[at.CYCLE])


@njit(cache=True, forceinline=True)
def request(noc: Block, link: Address, cycle: int) -> None:
    """Arbitrate *link* at *cycle*, or when it is free, if anything waits for it and has a credit.

    An arbitration that is already to come is never later than the new one would be.
    """
    if noc[link + at.PENDING] or noc[link + at.N_WAITING] == 0 or noc[link + at.CREDITS] == 0:
        return
    noc[link + at.PENDING] = 1
    cycle = max(cycle, noc[link + at.FREE_AT])
    if noc[at.EDGES]:
        cycle = -(-cycle // noc[link + at.PERIOD]) * noc[link + at.PERIOD]
    slot = slot_of(noc, cycle)
    noc[link + at.NEXT_LINK] = noc[slot + at.ARBITRATING]
    noc[slot + at.ARBITRATING] = link
    noc[at.N_EVENTS] += 1


@njit(cache=True, forceinline=True)
def grants(noc: Block, until: int) -> bool:
    """Second phase of the cycle. False if there is no room to go on."""
    slot = slot_of(noc, noc[at.CYCLE])
    while noc[slot + at.ARBITRATING] != at.NONE:
        if noc[at.N_FREE_FLITS] == 0 or noc[at.N_ARRIVALS] == noc[at.MAX_ARRIVALS]:
            return False
        link = noc[slot + at.ARBITRATING]
        noc[slot + at.ARBITRATING] = noc[link + at.NEXT_LINK]
        noc[link + at.PENDING] = 0
        noc[at.N_EVENTS] -= 1
        if _has_credit(noc, link):
            port = _next_port(noc, link)
            if port != at.NONE:
                _grant(noc, link, port, until)
        elif noc[link + at.CREDITS] > 0:
            # Freed in this cycle by a router visited before, so usable in the next.
            request(noc, link, noc[at.CYCLE] + 1)
    return True


@njit(cache=True, forceinline=True)
def _has_credit(noc: Block, link: Address) -> bool:
    n_credits = noc[link + at.CREDITS]
    if noc[link + at.FREED_AT] == noc[at.CYCLE]:
        n_credits -= noc[link + at.N_FREED]
    return n_credits > 0


@njit(cache=True, forceinline=True)
def _next_port(noc: Block, link: Address) -> int:
    """The input port to serve: round robin, from the one after the last.

    NONE if all packets at all of them are gone, or a full FIFO stalls them.
    """
    if noc[link + at.N_QUEUES] > at.MOST_BITS or is_stalled(noc, noc[link + at.TO_PE]):
        return _next_not_stalled(noc, link)
    waited_at = noc[link + at.WAITED_AT]
    if waited_at == 0:
        return at.NONE
    behind = waited_at & -(2 << noc[link + at.GRANTED_PORT])
    return lowest_bit(behind or waited_at)


@njit(cache=True)
def _next_not_stalled(noc: Block, link: Address) -> int:
    """The same by a look at all queues, past packets that a full FIFO keeps waiting."""
    stalled = is_stalled(noc, noc[link + at.TO_PE])
    n_queues, port = noc[link + at.N_QUEUES], noc[link + at.GRANTED_PORT]
    for _ in range(n_queues):
        port += 1
        if port == n_queues:
            port = 0
        branch = noc[noc[link + at.QUEUES] + port * at.QUEUE_FIELDS + at.HEAD]
        if branch == at.NONE:
            continue
        if not (stalled and noc[(branch & noc[link + at.FLIT_MASK]) + at.KIND] == at.RX):
            return port
    return at.NONE


@njit(cache=True, forceinline=True)
def _grant(noc: Block, link: Address, port: int, until: int) -> None:
    """Let the oldest packet at *port* go; what reaches a PE by *until* is delivered at once."""
    branch = _leave_queue(noc, link, port)
    flit = branch & noc[link + at.FLIT_MASK]
    noc[link + at.GRANTED_PORT] = port
    noc[link + at.FREE_AT] = noc[at.CYCLE] + noc[link + at.OCCUPANCY]
    if noc[flit + at.KIND] == at.DMA:
        noc[link + at.FREE_AT] += noc[link + at.EXTRA_BEAT_CYCLES]
    noc[link + at.N_FLITS] += 1
    arrival = noc[at.CYCLE] + noc[link + at.LATENCY]
    if noc[link + at.TO_PE] == at.NONE:
        noc[link + at.CREDITS] -= 1
        flit = _moved(noc, flit, branch, link)
        if noc[at.FAULTY]:
            delay = mishap(noc, link, flit)
            noc[link + at.FREE_AT] += delay
            arrival += delay
        slot = slot_of(noc, arrival)
        noc[flit + at.BEHIND] = noc[slot + at.ARRIVING]
        noc[slot + at.ARRIVING] = flit
        noc[at.N_EVENTS] += 1
    else:
        pe = noc[link + at.TO_PE]
        if noc[at.N_REACHED] == 0 and arrival <= min(until, noc[at.LIMIT]):
            # Nobody sees that it is early, and no other delivery is to come before it.
            deliver(noc, pe, flit + at.TAG, arrival)
        else:
            _send_to(noc, pe, flit, arrival)
        _leave(noc, flit)
    request(noc, link, noc[at.CYCLE] + 1)


@njit(cache=True)
def _send_to(noc: Block, pe: Address, flit: Address, arrival: int) -> None:
    """Have *flit* reach *pe* in cycle *arrival*."""
    slot = slot_of(noc, arrival)
    for field in range(at.CARRIED_FIELDS):
        noc[pe + at.COMING + field] = noc[flit + at.TAG + field]
    noc[pe + at.NEXT_REACHED] = noc[slot + at.REACHED]
    noc[slot + at.REACHED] = pe
    noc[at.N_REACHED] += 1
    noc[at.N_EVENTS] += 1


@njit(cache=True, forceinline=True)
def _leave_queue(noc: Block, link: Address, port: int) -> Address:
    """The oldest branch at *port*, which does not wait for *link* any more."""
    queue = noc[link + at.QUEUES] + port * at.QUEUE_FIELDS
    branch = pop(noc, queue)
    noc[link + at.N_WAITING] -= 1
    is_empty = noc[queue + at.HEAD] == at.NONE
    noc[link + at.WAITED_AT] ^= is_empty << port
    if noc[at.RECHECK] != at.NONE and not is_empty:
        check(noc, link, lead(noc, link, port))
    return branch


@njit(cache=True, forceinline=True)
def _moved(noc: Block, flit: Address, branch: Address, link: Address) -> Address:
    """What goes over *link*: a copy of *flit*, or the last branch itself, which frees its slot."""
    n_branches, node = noc[flit + at.N_BRANCHES], noc[flit + at.NODE]
    if n_branches:
        node = _child(noc, flit, branch)
    if n_branches == 1:
        _free_slot(noc, noc[flit + at.CAME_BY])
        copy = flit
    else:
        copy = new_flit(noc)
        for field in range(at.CARRIED_FIELDS):
            noc[copy + at.TAG + field] = noc[flit + at.TAG + field]
        if n_branches:
            noc[flit + at.N_BRANCHES] -= 1
        else:
            free_packet(noc, flit)
    noc[copy + at.NODE], noc[copy + at.CAME_BY] = node, link
    return copy


@njit(cache=True, forceinline=True)
def _child(noc: Block, flit: Address, branch: Address) -> Address:
    """The node of *branch*."""
    return children_of(noc, noc[flit + at.NODE])[0] + branch - flit - at.BRANCHES


@njit(cache=True, forceinline=True)
def _leave(noc: Block, flit: Address) -> None:
    """A branch of *flit* is gone; with the last one its slot goes back to the link upstream."""
    noc[flit + at.N_BRANCHES] -= 1
    if noc[flit + at.N_BRANCHES] == 0:
        _free_slot(noc, noc[flit + at.CAME_BY])
        free_flit(noc, flit)


@njit(cache=True, forceinline=True)
def _free_slot(noc: Block, link: Address) -> None:
    """A slot of the input FIFO that *link* feeds is free, usable from the next cycle."""
    cycle = noc[at.CYCLE]
    if noc[link + at.FREED_AT] != cycle:
        noc[link + at.FREED_AT], noc[link + at.N_FREED] = cycle, 0
    noc[link + at.N_FREED] += 1
    noc[link + at.CREDITS] += 1
    request(noc, link, cycle + 1)


@njit(cache=True)
def drops(noc: Block) -> None:
    """Third phase of the cycle: packets that head a queue for too long are dropped."""
    slot = slot_of(noc, noc[at.CYCLE])
    while noc[slot + at.TO_CHECK] != at.NONE:
        link = noc[slot + at.TO_CHECK]
        noc[slot + at.TO_CHECK] = noc[link + at.NEXT_CHECKING]
        noc[at.N_EVENTS] -= 1
        earliest = at.NEVER
        for port in range(noc[link + at.N_QUEUES]):
            queue = noc[link + at.QUEUES] + port * at.QUEUE_FIELDS
            if noc[queue + at.HEAD] == at.NONE:
                continue
            if noc[noc[link + at.ENDS] + port] <= noc[at.CYCLE]:
                _drop(noc, link, port)
            if noc[queue + at.HEAD] != at.NONE:
                earliest = min(earliest, noc[noc[link + at.ENDS] + port])
        noc[link + at.CHECKING] = 0
        check(noc, link, earliest)


@njit(cache=True, forceinline=True)
def _drop(noc: Block, link: Address, port: int) -> None:
    """Drop the packet at *port* that waits for *link* too long."""
    branch = _leave_queue(noc, link, port)
    flit = branch & noc[link + at.FLIT_MASK]
    time_out(noc, link, _child(noc, flit, branch))
    _leave(noc, flit)
    request(noc, link, noc[at.CYCLE] + 1)
