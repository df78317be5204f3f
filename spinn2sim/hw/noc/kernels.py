"""The compiled inside of the NoC: what happens to each flit in each cycle (the package's rules).

Nothing in a kernel allocates: events and queues are linked lists through rows, and a kernel that
finds no room says so. The order of rows within a phase of a cycle cannot change a result, so no
list of events needs sorting. ``noc`` is always the block (see ``layout``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.addresses.kernels import first_of
from spinn2sim.hw.noc.bits.kernels import lowest_bit
from spinn2sim.hw.noc.delivery.kernels import deliver, event_at, is_stalled
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import (
    append,
    free_flit,
    free_packet,
    new_flit,
    new_packet,
    pop,
)
from spinn2sim.hw.noc.lists.kernels import slot_of as _slot
from spinn2sim.hw.noc.mishaps.kernels import check, lead, lose, mishap, time_out
from spinn2sim.hw.noc.nodes.kernels import children_of, link_of
from spinn2sim.hw.noc.watches.kernels import report, watch

forget_stale(__file__, root=Path(__file__).parents[1])


@njit(cache=True)
def serve(noc: Block, asked: Block, n_packets: int) -> int:
    """Do what was asked since the last call, in order: SEND and WATCH records (see ``layout``).

    Returns the horizon (cycle), or NO_ROOM for *n_packets* more and does nothing.
    """
    noc = first_of(noc)
    if noc[at.N_FREE_PACKETS] < n_packets:
        return at.NO_ROOM
    record = 0
    while record < len(asked):
        if asked[record] == at.SEND:
            first_tag = record + at.SEND_FIELDS
            next_record = first_tag + asked[record + at.N_TAGS]
            send(
                noc,
                asked[record + at.SENDER],
                asked[record + at.ROOT],
                asked[record + at.N_ROOTS],
                asked[record + at.SENT_KIND],
                asked[record + at.SENT_PARITY],
                asked[record + at.TICK],
                asked[record + at.SPACING],
                asked[first_tag:next_record],
            )
            record = next_record
        else:
            watch(noc, asked[record + 1], asked[record + 2], asked[record + 3], asked[record + 4])
            record += at.WATCH_FIELDS
    return horizon(noc)


@njit(cache=True, forceinline=True)
def send(  # noqa: PLR0917 - compiled functions are called by position
    noc: Block,
    pe: Address,
    root: Address,
    n_roots: int,
    kind: int,
    parity: int,
    tick: int,
    spacing: int,
    tags: Block,
) -> None:
    """Hand the Comms of *pe* a packet per tag and root, from *tick* on, *spacing* apart.

    The roots are consecutive nodes. There must be room for the packets.
    """
    previous = at.NONE
    for k in range(len(tags)):
        # The first edge at or after the tick, and one cycle of synchroniser.
        edge = -(-(tick + k * spacing) // noc[at.TICKS_PER_CYCLE])
        entry = (edge + 1) * noc[at.CYCLE_UNITS]
        for node in range(root, root + n_roots):
            packet = new_packet(noc)
            noc[packet + at.TAG] = tags[k]
            noc[packet + at.KIND], noc[packet + at.PARITY] = kind, parity
            noc[packet + at.SOURCE] = pe
            noc[packet + at.NODE] = node
            noc[packet + at.ENTRY] = entry
            _hand_over(noc, noc[pe + at.HANDED], previous, packet)
            previous = packet
    noc[root + at.N_SENT] += len(tags)
    _await_entry(noc, pe)
    noc[at.NEXT_ENTRY] = min(noc[at.NEXT_ENTRY], noc[pe + at.ENTERS_AT])


@njit(cache=True)
def advance(noc: Block, until: int, reported: Block) -> tuple[int, int, int]:
    """Process every event up to cycle *until*, or up to the LIMIT of what watches have fired.

    Returns the number of watches to report, by cycle and then PE, as pairs of PE and cycle in
    *reported*, or NO_ROOM; the last cycle processed; and the horizon (cycle).
    """
    while True:
        if not _deliveries(noc):
            return at.NO_ROOM, noc[at.CYCLE], noc[at.CYCLE]
        _arrivals(noc)
        # Whoever is let go in this cycle can change nothing before the next one.
        if not _grants(noc, until):
            return at.NO_ROOM, noc[at.CYCLE], noc[at.CYCLE]
        if noc[at.RECHECK] != at.NONE:
            _drops(noc)
        following = _next_event(noc)
        if following > min(until, noc[at.LIMIT]):
            break
        noc[at.CYCLE] = following
        if following == noc[at.NEXT_ENTRY]:
            _entries(noc)
    noc[at.CYCLE] = max(noc[at.CYCLE], noc[at.DELIVERED])
    n_reported = report(noc, reported) if noc[at.N_FIRED] else 0
    return n_reported, noc[at.CYCLE], _next_event(noc)


@njit(cache=True)
def take(
    noc: Block, pe: Address, cycle: int, parity: int, at_most: int
) -> tuple[NDArray[np.int64], int]:
    """Remove the oldest entries of *parity* (NONE: any) from the receive FIFO of *pe*.

    Every event up to *cycle* must have been processed. Returns their tags, and the horizon (cycle).
    """
    noc = first_of(noc)
    assert _next_event(noc) > cycle >= noc[at.CYCLE]
    noc[at.CYCLE] = cycle
    tags = np.empty(min(at_most, noc[pe + at.N_HELD]), np.int64)
    n_taken, n_kept = 0, 0
    for place in range(noc[pe + at.N_HELD]):
        event = event_at(noc, pe, place)
        if n_taken < len(tags) and parity in (at.NONE, noc[event] & 1):
            tags[n_taken] = noc[event] >> 1
            n_taken += 1
        else:
            noc[event_at(noc, pe, n_kept)] = noc[event]
            n_kept += 1
    noc[pe + at.N_HELD] = n_kept
    if n_kept == 0:  # Not the whole ring need be in the processor's cache.
        noc[pe + at.OLDEST] = 0
    # The room is for grants after this cycle.
    _request(noc, noc[pe + at.EJECT], cycle + 1)
    return tags[:n_taken], horizon(noc)


@njit(cache=True, forceinline=True)
def horizon(noc: Block) -> int:
    """The cycle in which ``advance`` has something to do."""
    return noc[at.CYCLE] if noc[at.N_FIRED] else _next_event(noc)


@njit(cache=True, forceinline=True)
def _next_event(noc: Block) -> int:
    if noc[at.N_EVENTS] == 0:
        return noc[at.NEXT_ENTRY]
    cycle = noc[at.CYCLE]
    slot = _slot(noc, cycle)
    while (
        noc[slot + at.ARRIVING] == at.NONE
        and noc[slot + at.REACHED] == at.NONE
        and noc[slot + at.ARBITRATING] == at.NONE
        and noc[slot + at.TO_CHECK] == at.NONE
    ):
        cycle += 1
        slot = _slot(noc, cycle)
    return min(cycle, noc[at.NEXT_ENTRY])


@njit(cache=True, forceinline=True)
def _entries(noc: Block) -> None:
    """Let the packets whose cycle has come enter the transmit queues."""
    cycle, noc[at.NEXT_ENTRY] = noc[at.CYCLE], at.NEVER
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        while noc[pe + at.ENTERS_AT] == cycle:
            _wait_for_link(noc, noc[pe + at.INJECT], 0, pop(noc, noc[pe + at.HANDED]))
            _await_entry(noc, pe)
        noc[at.NEXT_ENTRY] = min(noc[at.NEXT_ENTRY], noc[pe + at.ENTERS_AT])


@njit(cache=True, forceinline=True)
def _hand_over(noc: Block, handed: Address, previous: Address, packet: Address) -> None:
    """Put *packet* behind all that enter no later than it, as *previous* (NONE: unknown) does."""
    place = handed + at.HEAD if previous == at.NONE else previous + at.BEHIND
    last = noc[handed + at.TAIL] - at.BEHIND
    if noc[place] == at.NONE or noc[last + at.ENTRY] <= noc[packet + at.ENTRY]:
        append(noc, handed, packet)
        return
    while noc[noc[place] + at.ENTRY] <= noc[packet + at.ENTRY]:
        place = noc[place] + at.BEHIND
    noc[packet + at.BEHIND], noc[place] = noc[place], packet


@njit(cache=True, forceinline=True)
def _await_entry(noc: Block, pe: Address) -> None:
    head = noc[noc[pe + at.HANDED] + at.HEAD]
    noc[pe + at.ENTERS_AT] = at.NEVER if head == at.NONE else noc[head + at.ENTRY]


@njit(cache=True, forceinline=True)
def _deliveries(noc: Block) -> bool:
    """First phase of the cycle, at PEs. False if there is no room to go on."""
    slot = _slot(noc, noc[at.CYCLE])
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
def _arrivals(noc: Block) -> None:
    """First phase of the cycle, at routers."""
    slot = _slot(noc, noc[at.CYCLE])
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
        _wait_for_link(noc, link_of(noc, child + k), port, flit + at.BRANCHES + k)


@njit(cache=True, forceinline=True)
def _wait_for_link(noc: Block, link: Address, port: int, branch: Address) -> None:
    queue = noc[link + at.QUEUES] + port * at.QUEUE_FIELDS
    append(noc, queue, branch)
    noc[link + at.WAITED_AT] |= 1 << port
    if noc[at.RECHECK] != at.NONE and noc[queue + at.HEAD] == branch:
        check(noc, link, lead(noc, link, port))
    noc[link + at.N_WAITING] += 1
    noc[link + at.PEAK_WAITING] = max(noc[link + at.PEAK_WAITING], noc[link + at.N_WAITING])
    _request(noc, link, noc[at.CYCLE])


@njit(cache=True, forceinline=True)
def _request(noc: Block, link: Address, cycle: int) -> None:
    """Arbitrate *link* at *cycle*, or when it is free, if anything waits for it and has a credit.

    An arbitration that is already to come is never later than the new one would be.
    """
    if noc[link + at.PENDING] or noc[link + at.N_WAITING] == 0 or noc[link + at.CREDITS] == 0:
        return
    noc[link + at.PENDING] = 1
    cycle = max(cycle, noc[link + at.FREE_AT])
    if noc[at.EDGES]:
        cycle = -(-cycle // noc[link + at.PERIOD]) * noc[link + at.PERIOD]
    slot = _slot(noc, cycle)
    noc[link + at.NEXT_LINK] = noc[slot + at.ARBITRATING]
    noc[slot + at.ARBITRATING] = link
    noc[at.N_EVENTS] += 1


@njit(cache=True, forceinline=True)
def _grants(noc: Block, until: int) -> bool:
    """Second phase of the cycle. False if there is no room to go on."""
    slot = _slot(noc, noc[at.CYCLE])
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
            _request(noc, link, noc[at.CYCLE] + 1)
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
        slot = _slot(noc, arrival)
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
    _request(noc, link, noc[at.CYCLE] + 1)


@njit(cache=True)
def _send_to(noc: Block, pe: Address, flit: Address, arrival: int) -> None:
    """Have *flit* reach *pe* in cycle *arrival*."""
    slot = _slot(noc, arrival)
    for field in range(4):
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
        for field in range(4):
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
    _request(noc, link, cycle + 1)


@njit(cache=True)
def _drops(noc: Block) -> None:
    """Third phase of the cycle: packets that head a queue for too long are dropped."""
    slot = _slot(noc, noc[at.CYCLE])
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
    _request(noc, link, noc[at.CYCLE] + 1)
