"""The compiled inside of the NoC: what happens to each flit in each cycle (the package's rules).

All state is one int64 block, because the dispatch of a compiled function costs time per array
argument. A row (a link, a flit, ...) is known by its address, the index in the block at which it
begins, and its fields by their place in the row: ``noc[link + FREE_AT]``. The block begins with one
row of its own, whose fields need no address: ``noc[CYCLE]``.

Nothing in a kernel allocates: events and queues are linked lists through rows, and a kernel that
finds no room says so. The order of rows within a phase of a cycle cannot change a result, so no
list of events needs sorting. The places stand in this file because numba's cache notices changes of
a kernel's own file only.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Address: TypeAlias = int


class Block(Protocol):
    """A one-dimensional int64 array, seen by its single numbers."""

    def __len__(self) -> int: ...
    def __getitem__(self, address: Address, /) -> int: ...
    def __setitem__(self, address: Address, number: int, /) -> None: ...


NONE = -1
NO_ROOM = -2
#: Later than any cycle.
NEVER = 1 << 62

RX, FLAG0, FLAG1, DMA = range(4)
DROP, OVERWRITE, STALL = range(3)

#: First row of the block: state of the whole, then what stays as it is.
(
    CYCLE,  # being processed, or the last one that was
    N_EVENTS,  # flits and links in the wheel
    NEXT_ENTRY,  # least of the PEs' ENTERS_AT
    N_FIRED,  # watches satisfied but not yet reported
    FREE_FLIT,  # first of the list of unused flits
    N_FREE,
    N_ARRIVALS,  # rows used in the table of arrivals
    MAX_ARRIVALS,  # rows it has; NONE: arrivals are not recorded
    ARRIVALS,
    TICKS_PER_CYCLE,
    FIFO_EVENTS,
    OVERFLOW,  # DROP, OVERWRITE or STALL
    MOST_BRANCHES,  # a flit forks into
    N_PE,
    PES,  # table of PEs
    WHEEL,  # lists of what happens in a cycle, by cycle modulo the (power of two) number of rows
    WHEEL_MASK,
    NOC_FIELDS,
) = range(18)

#: A link.
(
    OCCUPANCY,
    LATENCY,
    TO_PORT,  # input port that it feeds at the next router
    TO_PE,  # NONE unless an eject link
    QUEUES,  # one per input port of the router that it leaves
    N_QUEUES,
    GRANTED_PORT,  # last one
    FREE_AT,  # cycle
    CREDITS,  # free slots downstream, with those freed in this cycle
    FREED_AT,  # cycle in which a slot was freed last
    N_FREED,  # slots freed in it
    N_WAITING,
    PEAK_WAITING,
    N_FLITS,  # granted so far
    PENDING,  # 1: in the wheel
    NEXT_LINK,  # in the wheel
    LINK_FIELDS,
) = range(17)

#: A first-in-first-out list of flits.
HEAD, TAIL, QUEUE_FIELDS = range(3)

#: A copy of a packet: handed to Comms, waiting for its link, on it, or in its router.
(
    TAG,
    KIND,
    PARITY,
    SOURCE,  # PE
    NODE,  # of the multicast tree: says the link
    PARENT,  # the copy in the router, whose slot is held until all its branches are granted
    N_BRANCHES,  # of a copy in a router: those not yet granted
    ENTRY,  # cycle in which it enters the transmit queue
    NEXT,  # in its queue, in the wheel or among the unused
    FLIT_FIELDS,
) = range(10)

#: A link of a multicast tree. Its children, the links to take next, are consecutive rows.
LINK, CHILDREN, N_CHILDREN, N_TARGETS, N_SENT, NODE_FIELDS = range(6)

#: A PE, beginning with its four counters.
(
    LATEST,  # cycle of the latest delivery counted, four kinds
    WATCHED,  # kind, or NONE
    THRESHOLD,
    FIRED_AT,  # cycle, or NONE
    INJECT,  # its links
    EJECT,
    HANDED,  # queue of packets that have not yet entered the transmit queue, by ENTRY
    ENTERS_AT,  # cycle in which the first of them does, or NEVER
    FIFO,  # receive FIFO: a ring of FIFO_EVENTS entries
    OLDEST,  # its place in the ring
    N_HELD,
    ON_THE_WAY,  # RX packets granted by the eject link, not yet delivered
    PEAK_HELD,
    N_DELIVERED,
    N_DROPPED,
    N_OVERWRITTEN,
    FIRST_LOSS,  # cycle, or NONE
    PE_FIELDS,
) = (4, *range(8, 25))

#: A cycle to come.
ARRIVING, ARBITRATING, CYCLE_FIELDS = range(3)

#: An entry of a receive FIFO: tag, parity.
EVENT_FIELDS = 2

#: A recorded delivery: tag, number of the PE, cycle.
ARRIVAL_FIELDS = 3


@njit(cache=True)
def send(  # noqa: PLR0917 - compiled functions are called by position
    noc: Block,
    number: int,
    root: Address,
    n_roots: int,
    kind: int,
    parity: int,
    at: int,
    spacing: int,
    tags: Block,
) -> int:
    """Hand the Comms of PE *number* a packet per tag and root, with *spacing* ticks between tags.

    The roots are consecutive nodes. Returns the horizon (cycle), or NO_ROOM and does nothing.
    """
    pe = _pe(noc, number)
    if noc[N_FREE] < len(tags) * n_roots:
        return NO_ROOM
    previous = NONE
    for k in range(len(tags)):
        # The first edge at or after the tick, and one cycle of synchroniser.
        entry = -(-(at + k * spacing) // noc[TICKS_PER_CYCLE]) + 1
        for node in range(root, root + n_roots * NODE_FIELDS, NODE_FIELDS):
            flit = _new_flit(noc)
            noc[flit + TAG] = tags[k]
            noc[flit + KIND] = kind
            noc[flit + PARITY] = parity
            noc[flit + SOURCE] = pe
            noc[flit + NODE] = node
            noc[flit + PARENT] = NONE
            noc[flit + ENTRY] = entry
            _hand_over(noc, noc[pe + HANDED], previous, flit)
            noc[node + N_SENT] += 1
            previous = flit
    _await_entry(noc, pe)
    return _horizon(noc)


@njit(cache=True)
def advance(noc: Block, until: int) -> tuple[int, int, int]:
    """Process every event up to cycle *until*, but stop after arrivals that satisfy a watch.

    Returns the PE of the watch, NONE or NO_ROOM; its cycle, else the last one processed; and the
    horizon (cycle).
    """
    while True:
        if not _arrivals(noc):
            return NO_ROOM, noc[CYCLE], noc[CYCLE]
        if noc[N_FIRED]:
            return _report(noc)
        _grants(noc)
        following = _next_event(noc)
        if following > until:
            return NONE, noc[CYCLE], following
        noc[CYCLE] = following
        if following == noc[NEXT_ENTRY]:
            _entries(noc)


@njit(cache=True)
def take(
    noc: Block, number: int, cycle: int, parity: int, at_most: int
) -> tuple[NDArray[np.int64], int]:
    """Remove the oldest entries of *parity* (NONE: any) from the receive FIFO of PE *number*.

    Every event up to *cycle* must have been processed. Returns their tags, and the horizon (cycle).
    """
    assert _next_event(noc) > cycle >= noc[CYCLE]
    noc[CYCLE] = cycle
    pe = _pe(noc, number)
    tags = np.empty(min(at_most, noc[pe + N_HELD]), np.int64)
    n_taken, n_kept = 0, 0
    for place in range(noc[pe + N_HELD]):
        event = _event(noc, pe, place)
        if n_taken < len(tags) and parity in (NONE, noc[event + 1]):
            tags[n_taken] = noc[event]
            n_taken += 1
        else:
            kept = _event(noc, pe, n_kept)
            noc[kept], noc[kept + 1] = noc[event], noc[event + 1]
            n_kept += 1
    noc[pe + N_HELD] = n_kept
    # The room is for grants after this cycle.
    _request(noc, noc[pe + EJECT], cycle + 1)
    return tags[:n_taken], _horizon(noc)


@njit(cache=True, forceinline=True)
def _horizon(noc: Block) -> int:
    """The cycle in which ``advance`` has something to do."""
    return noc[CYCLE] if noc[N_FIRED] else _next_event(noc)


@njit(cache=True, forceinline=True)
def _next_event(noc: Block) -> int:
    if noc[N_EVENTS] == 0:
        return noc[NEXT_ENTRY]
    cycle = noc[CYCLE]
    slot = _slot(noc, cycle)
    while noc[slot + ARRIVING] == NONE and noc[slot + ARBITRATING] == NONE:
        cycle += 1
        slot = _slot(noc, cycle)
    return min(cycle, noc[NEXT_ENTRY])


@njit(cache=True, forceinline=True)
def _slot(noc: Block, cycle: int) -> Address:
    """The place of *cycle* in the wheel."""
    return noc[WHEEL] + (cycle & noc[WHEEL_MASK]) * CYCLE_FIELDS


@njit(cache=True, forceinline=True)
def _pe(noc: Block, number: int) -> Address:
    return noc[PES] + number * PE_FIELDS


@njit(cache=True, forceinline=True)
def _number(noc: Block, pe: Address) -> int:
    return (pe - noc[PES]) // PE_FIELDS


@njit(cache=True, forceinline=True)
def _entries(noc: Block) -> None:
    """Let the packets whose cycle has come enter the transmit queues."""
    cycle, noc[NEXT_ENTRY] = noc[CYCLE], NEVER
    for number in range(noc[N_PE]):
        pe = _pe(noc, number)
        if noc[pe + ENTERS_AT] == cycle:
            handed = noc[pe + HANDED]
            while noc[handed + HEAD] != NONE and noc[noc[handed + HEAD] + ENTRY] == cycle:
                _wait_for_link(noc, noc[pe + INJECT], 0, _pop(noc, handed))
        _await_entry(noc, pe)


@njit(cache=True, forceinline=True)
def _hand_over(noc: Block, handed: Address, previous: Address, flit: Address) -> None:
    """Put *flit* behind all that enter no later than it, as *previous* (NONE: unknown) does."""
    following = noc[handed + HEAD] if previous == NONE else noc[previous + NEXT]
    if following == NONE or noc[noc[handed + TAIL] + ENTRY] <= noc[flit + ENTRY]:
        _append(noc, handed, flit)
        return
    while noc[following + ENTRY] <= noc[flit + ENTRY]:
        previous, following = following, noc[following + NEXT]
    noc[flit + NEXT] = following
    if previous == NONE:
        noc[handed + HEAD] = flit
    else:
        noc[previous + NEXT] = flit


@njit(cache=True, forceinline=True)
def _await_entry(noc: Block, pe: Address) -> None:
    head = noc[noc[pe + HANDED] + HEAD]
    noc[pe + ENTERS_AT] = NEVER if head == NONE else noc[head + ENTRY]
    noc[NEXT_ENTRY] = min(noc[NEXT_ENTRY], noc[pe + ENTERS_AT])


@njit(cache=True, forceinline=True)
def _arrivals(noc: Block) -> bool:
    """First phase of the cycle. False if there is no room to go on."""
    slot = _slot(noc, noc[CYCLE])
    while noc[slot + ARRIVING] != NONE:
        if noc[N_FREE] < noc[MOST_BRANCHES] or noc[N_ARRIVALS] == noc[MAX_ARRIVALS]:
            return False
        flit = noc[slot + ARRIVING]
        noc[slot + ARRIVING] = noc[flit + NEXT]
        noc[N_EVENTS] -= 1
        link = noc[noc[flit + NODE] + LINK]
        if noc[link + TO_PE] == NONE:
            _fork(noc, flit, noc[link + TO_PORT])
        else:
            _deliver(noc, flit, noc[link + TO_PE])
            _free_flit(noc, flit)
    return True


@njit(cache=True, forceinline=True)
def _fork(noc: Block, flit: Address, port: int) -> None:
    """Make a branch for each output of the tree; *flit* keeps the slot of the input FIFO."""
    node = noc[flit + NODE]
    child = noc[node + CHILDREN]
    noc[flit + N_BRANCHES] = noc[node + N_CHILDREN]
    for _ in range(noc[node + N_CHILDREN]):
        branch = _new_flit(noc)
        noc[branch + TAG] = noc[flit + TAG]
        noc[branch + KIND] = noc[flit + KIND]
        noc[branch + PARITY] = noc[flit + PARITY]
        noc[branch + SOURCE] = noc[flit + SOURCE]
        noc[branch + NODE] = child
        noc[branch + PARENT] = flit
        _wait_for_link(noc, noc[child + LINK], port, branch)
        child += NODE_FIELDS


@njit(cache=True, forceinline=True)
def _wait_for_link(noc: Block, link: Address, port: int, flit: Address) -> None:
    _append(noc, noc[link + QUEUES] + port * QUEUE_FIELDS, flit)
    noc[link + N_WAITING] += 1
    noc[link + PEAK_WAITING] = max(noc[link + PEAK_WAITING], noc[link + N_WAITING])
    _request(noc, link, noc[CYCLE])


@njit(cache=True, forceinline=True)
def _request(noc: Block, link: Address, cycle: int) -> None:
    """Arbitrate *link* at *cycle*, or when it is free, if anything waits for it.

    An arbitration that is already to come is never later than the new one would be.
    """
    if noc[link + PENDING] or noc[link + N_WAITING] == 0:
        return
    noc[link + PENDING] = 1
    slot = _slot(noc, max(cycle, noc[link + FREE_AT]))
    noc[link + NEXT_LINK] = noc[slot + ARBITRATING]
    noc[slot + ARBITRATING] = link
    noc[N_EVENTS] += 1


@njit(cache=True, forceinline=True)
def _grants(noc: Block) -> None:
    """Second phase of the cycle."""
    slot = _slot(noc, noc[CYCLE])
    while noc[slot + ARBITRATING] != NONE:
        link = noc[slot + ARBITRATING]
        noc[slot + ARBITRATING] = noc[link + NEXT_LINK]
        noc[link + PENDING] = 0
        noc[N_EVENTS] -= 1
        if _has_credit(noc, link):
            port = _round_robin(noc, link)
            if port != NONE:
                _grant(noc, link, port)
        elif noc[link + CREDITS] > 0:
            # Freed in this cycle by a router visited before, so usable in the next.
            _request(noc, link, noc[CYCLE] + 1)


@njit(cache=True, forceinline=True)
def _has_credit(noc: Block, link: Address) -> bool:
    n_credits = noc[link + CREDITS]
    if noc[link + FREED_AT] == noc[CYCLE]:
        n_credits -= noc[link + N_FREED]
    return n_credits > 0


@njit(cache=True, forceinline=True)
def _round_robin(noc: Block, link: Address) -> int:
    """The input port to serve, from the one after the last; NONE if a full FIFO stalls them all."""
    stalled = _is_stalled(noc, noc[link + TO_PE])
    n_queues, port = noc[link + N_QUEUES], noc[link + GRANTED_PORT]
    for _ in range(n_queues):
        port += 1
        if port == n_queues:
            port = 0
        flit = noc[noc[link + QUEUES] + port * QUEUE_FIELDS + HEAD]
        if flit != NONE and not (stalled and noc[flit + KIND] == RX):
            return port
    return NONE


@njit(cache=True, forceinline=True)
def _is_stalled(noc: Block, pe: Address) -> bool:
    if pe == NONE or noc[OVERFLOW] != STALL:
        return False
    return noc[pe + N_HELD] + noc[pe + ON_THE_WAY] >= noc[FIFO_EVENTS]


@njit(cache=True, forceinline=True)
def _grant(noc: Block, link: Address, port: int) -> None:
    cycle = noc[CYCLE]
    flit = _pop(noc, noc[link + QUEUES] + port * QUEUE_FIELDS)
    noc[link + GRANTED_PORT] = port
    noc[link + FREE_AT] = cycle + noc[link + OCCUPANCY]
    noc[link + N_WAITING] -= 1
    noc[link + N_FLITS] += 1
    if noc[link + TO_PE] == NONE:
        noc[link + CREDITS] -= 1
    elif noc[flit + KIND] == RX:
        noc[noc[link + TO_PE] + ON_THE_WAY] += 1
    if noc[flit + PARENT] != NONE:
        _release(noc, noc[flit + PARENT])
    slot = _slot(noc, cycle + noc[link + LATENCY])
    noc[flit + NEXT] = noc[slot + ARRIVING]
    noc[slot + ARRIVING] = flit
    noc[N_EVENTS] += 1
    _request(noc, link, cycle + 1)


@njit(cache=True, forceinline=True)
def _release(noc: Block, flit: Address) -> None:
    """A branch of *flit* is gone; with the last one its slot goes back to the link upstream."""
    noc[flit + N_BRANCHES] -= 1
    if noc[flit + N_BRANCHES]:
        return
    cycle = noc[CYCLE]
    link = noc[noc[flit + NODE] + LINK]
    if noc[link + FREED_AT] != cycle:
        noc[link + FREED_AT] = cycle
        noc[link + N_FREED] = 0
    noc[link + N_FREED] += 1
    noc[link + CREDITS] += 1
    _free_flit(noc, flit)
    _request(noc, link, cycle + 1)


@njit(cache=True, forceinline=True)
def _deliver(noc: Block, flit: Address, pe: Address) -> None:
    kind = noc[flit + KIND]
    if kind == RX and not _receive(noc, pe, noc[flit + TAG], noc[flit + PARITY]):
        return
    noc[pe + N_DELIVERED] += 1
    if noc[MAX_ARRIVALS] != NONE:
        arrival = noc[ARRIVALS] + noc[N_ARRIVALS] * ARRIVAL_FIELDS
        noc[arrival] = noc[flit + TAG]
        noc[arrival + 1] = _number(noc, pe)
        noc[arrival + 2] = noc[CYCLE]
        noc[N_ARRIVALS] += 1
    # The completion of a DMA is told to the PE that started it.
    _count(noc, noc[flit + SOURCE] if kind == DMA else pe, kind)


@njit(cache=True, forceinline=True)
def _receive(noc: Block, pe: Address, tag: int, parity: int) -> bool:
    """Whether the packet enters the receive FIFO; if that is full, an overflow policy applies."""
    noc[pe + ON_THE_WAY] -= 1
    if noc[pe + N_HELD] == noc[FIFO_EVENTS]:
        if noc[pe + FIRST_LOSS] == NONE:
            noc[pe + FIRST_LOSS] = noc[CYCLE]
        if noc[OVERFLOW] == DROP:
            noc[pe + N_DROPPED] += 1
            return False
        noc[pe + N_OVERWRITTEN] += 1
        noc[pe + OLDEST] = (noc[pe + OLDEST] + 1) % noc[FIFO_EVENTS]
        noc[pe + N_HELD] -= 1
    event = _event(noc, pe, noc[pe + N_HELD])
    noc[event], noc[event + 1] = tag, parity
    noc[pe + N_HELD] += 1
    noc[pe + PEAK_HELD] = max(noc[pe + PEAK_HELD], noc[pe + N_HELD])
    return True


@njit(cache=True, forceinline=True)
def _event(noc: Block, pe: Address, place: int) -> Address:
    """The entry that follows *place* older ones in the receive FIFO of *pe*."""
    index = noc[pe + OLDEST] + place
    if index >= noc[FIFO_EVENTS]:
        index -= noc[FIFO_EVENTS]
    return noc[pe + FIFO] + index * EVENT_FIELDS


@njit(cache=True, forceinline=True)
def _count(noc: Block, pe: Address, kind: int) -> None:
    noc[pe + kind] += 1
    noc[pe + LATEST + kind] = noc[CYCLE]
    if noc[pe + WATCHED] == kind and noc[pe + kind] >= noc[pe + THRESHOLD]:
        noc[pe + WATCHED] = NONE
        noc[pe + FIRED_AT] = noc[CYCLE]
        noc[N_FIRED] += 1


@njit(cache=True, forceinline=True)
def _report(noc: Block) -> tuple[int, int, int]:
    """The satisfied watch of the lowest PE, no longer to be reported: what ``advance`` returns."""
    pe = noc[PES]
    while noc[pe + FIRED_AT] == NONE:
        pe += PE_FIELDS
    fired_at = noc[pe + FIRED_AT]
    noc[pe + FIRED_AT] = NONE
    noc[N_FIRED] -= 1
    return _number(noc, pe), fired_at, _horizon(noc)


@njit(cache=True, forceinline=True)
def _new_flit(noc: Block) -> int:
    flit = noc[FREE_FLIT]
    noc[FREE_FLIT] = noc[flit + NEXT]
    noc[N_FREE] -= 1
    return flit


@njit(cache=True, forceinline=True)
def _free_flit(noc: Block, flit: Address) -> None:
    noc[flit + NEXT] = noc[FREE_FLIT]
    noc[FREE_FLIT] = flit
    noc[N_FREE] += 1


@njit(cache=True, forceinline=True)
def _append(noc: Block, queue: Address, flit: Address) -> None:
    noc[flit + NEXT] = NONE
    if noc[queue + HEAD] == NONE:
        noc[queue + HEAD] = flit
    else:
        noc[noc[queue + TAIL] + NEXT] = flit
    noc[queue + TAIL] = flit


@njit(cache=True, forceinline=True)
def _pop(noc: Block, queue: Address) -> int:
    flit = noc[queue + HEAD]
    noc[queue + HEAD] = noc[flit + NEXT]
    return flit
