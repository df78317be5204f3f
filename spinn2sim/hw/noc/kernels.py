"""The compiled inside of the NoC, cycle by cycle: what is sent, watched, taken, and time itself.

What happens in a cycle is in ``routers``. Nothing in a kernel allocates: events and queues are
linked lists through rows, and a kernel that finds no room says so. ``noc`` is always the block (see
``layout``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.addresses.kernels import first_of
from spinn2sim.hw.noc.delivery.kernels import event_at
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import (
    append,
    new_packet,
    pop,
    slot_of,
)
from spinn2sim.hw.noc.routers.kernels import (
    arrivals,
    deliveries,
    drops,
    grants,
    request,
    wait_for_link,
)
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

    The roots follow each other. There must be room for the packets.
    """
    previous = at.NONE
    for k in range(len(tags)):
        # The first edge at or after the tick, and one cycle of synchroniser.
        edge = -(-(tick + k * spacing) // noc[at.TICKS_PER_CYCLE])
        entry = (edge + 1) * noc[at.CYCLE_UNITS]
        for node in range(root, root + n_roots * at.ROOT_FIELDS, at.ROOT_FIELDS):
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
    noc[at.NEXT_ENTRY] = min(noc[at.NEXT_ENTRY], noc[noc[pe + at.ENTERS_AT]])


@njit(cache=True)
def advance(noc: Block, until: int, reported: Block) -> tuple[int, int, int]:
    """Process every event up to cycle *until*, or up to the LIMIT of what watches have fired.

    Returns the number of watches to report, by cycle and then PE, as pairs of PE and cycle in
    *reported*, or NO_ROOM; the last cycle processed; and the horizon (cycle).
    """
    while True:
        if not deliveries(noc):
            return at.NO_ROOM, noc[at.CYCLE], noc[at.CYCLE]
        arrivals(noc)
        # Whoever is let go in this cycle can change nothing before the next one.
        if not grants(noc, until):
            return at.NO_ROOM, noc[at.CYCLE], noc[at.CYCLE]
        if noc[at.RECHECK] != at.NONE:
            drops(noc)
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
    request(noc, noc[pe + at.EJECT], cycle + 1)
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
    slot = slot_of(noc, cycle)
    while (
        noc[slot + at.ARRIVING] == at.NONE
        and noc[slot + at.REACHED] == at.NONE
        and noc[slot + at.ARBITRATING] == at.NONE
        and noc[slot + at.TO_CHECK] == at.NONE
    ):
        cycle += 1
        slot = slot_of(noc, cycle)
    return min(cycle, noc[at.NEXT_ENTRY])


@njit(cache=True, forceinline=True)
def _entries(noc: Block) -> None:
    """Let the packets whose cycle has come enter the transmit queues."""
    cycle, first, following = noc[at.CYCLE], noc[at.ENTRIES], at.NEVER
    for k in range((noc[at.END_OF_PES] - noc[at.PES]) // at.PE_FIELDS):
        if noc[first + k] == cycle:
            _enter(noc, noc[at.PES] + k * at.PE_FIELDS, cycle)
        following = min(following, noc[first + k])
    noc[at.NEXT_ENTRY] = following


@njit(cache=True, forceinline=True)
def _enter(noc: Block, pe: Address, cycle: int) -> None:
    while noc[noc[pe + at.ENTERS_AT]] == cycle:
        wait_for_link(noc, noc[pe + at.INJECT], 0, pop(noc, noc[pe + at.HANDED]))
        _await_entry(noc, pe)


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
    noc[noc[pe + at.ENTERS_AT]] = at.NEVER if head == at.NONE else noc[head + at.ENTRY]
