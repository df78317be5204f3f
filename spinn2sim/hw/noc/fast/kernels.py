"""A whole window of packets, link by link: each link serves all its packets before the next one.

On a mesh with XY routing the links have an order in which packets cross them (the plan), so what
comes to a link is known when its turn has come. The result is that of ``hw.noc.kernels.advance``,
cycle for cycle, if three things hold, and they are looked at before anything is changed:

- the window is closed: the network is empty, all PEs wait for the same flags, and what the window
  brings is over before one of them may act on the network again (its grace);
- no input FIFO would have been full (counted from above: slots are taken to come back in order);
- no receive FIFO was full.

Otherwise that window is left to the kernel that goes cycle by cycle.

``noc`` is the block of the network (see ``layout``), ``pool`` the memory of this kernel: a row for
each link, a row for each PE, the ports of the link at work, then a row for each crossing of a link
by a packet.
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import kernels
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.addresses.kernels import first_of
from spinn2sim.hw.noc.fast import layout as its
from spinn2sim.hw.noc.fast.certificates.kernels import has_credits, is_closed, is_over
from spinn2sim.hw.noc.fast.outcome.kernels import keep, note_arrivals
from spinn2sim.hw.noc.fast.rows.kernels import first_crossing, link_row, pe_row, ports_row
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.nodes.kernels import children_of, link_of
from spinn2sim.hw.noc.watches.kernels import report

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True)
def advance(
    noc: Block, plan: Block, pool: Block, counts: Block, until: int, reported: Block
) -> tuple[int, int, int]:
    """``hw.noc.kernels.advance``, by whole windows where that is exact; *counts* says how often.

    Or its.NO_POOL, and nothing is done.
    """
    n_planned, room = len(plan), len(pool)
    noc, plan, pool, counts = first_of(noc), first_of(plan), first_of(pool), first_of(counts)
    if (
        noc[at.N_EVENTS] == 0
        and noc[at.N_FIRED] == 0
        and noc[at.NEXT_ENTRY] <= until
        and n_planned
        and is_closed(noc)
        and _is_worth_a_try(counts)
    ):
        n_crossings = _n_handed(noc) * plan[its.MOST_NODES]
        n_used = first_crossing(noc, plan) + n_crossings * its.CROSSING_FIELDS
        if n_used > room:
            return its.NO_POOL, noc[at.CYCLE], noc[at.CYCLE]
        end, broken = _window(noc, plan, pool, until)
        if end:
            counts[its.DONE] += 1
            counts[its.LAST_SKIP] = 0
            noc[at.CYCLE] = end
            return report(noc, reported), end, at.NEVER
        counts[its.LEFT] += 1
        counts[broken] += 1
        counts[its.LAST_SKIP] = min(2 * counts[its.LAST_SKIP] + 1, its.MOST_SKIPPED)
        counts[its.TO_SKIP] = counts[its.LAST_SKIP]
    return kernels.advance(noc, until, reported)


@njit(cache=True, forceinline=True)
def _is_worth_a_try(counts: Block) -> bool:
    """Whether this window is not one of those to be left without a try."""
    if counts[its.TO_SKIP] == 0:
        return True
    counts[its.TO_SKIP] -= 1
    counts[its.LEFT] += 1
    counts[its.NOT_TRIED] += 1
    return False


@njit(cache=True)
def _n_handed(noc: Block) -> int:
    n = 0
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        packet = noc[noc[pe + at.HANDED] + at.HEAD]
        while packet != at.NONE:
            n += 1
            packet = noc[packet + at.BEHIND]
    return n


@njit(cache=True)
def _window(noc: Block, plan: Block, pool: Block, until: int) -> tuple[int, int]:
    """Let all packets that were handed over arrive; the cycle of the last.

    Or 0, nothing is done, and why: the place in the counts.
    """
    if not _begin(noc, plan, pool):
        return 0, its.NOT_CLOSED
    free, end, fits = _enter(noc, plan, pool), 0, True
    for k in range(its.PLAN_FIELDS, its.PLAN_FIELDS + plan[its.N_LINKS]):
        link = plan[k]
        if noc[link + at.TO_PE] == at.NONE:
            free = _cross(noc, plan, pool, link, free)
        else:
            last = _eject(noc, plan, pool, link)
            fits, end = fits and last >= 0, max(end, last)
    if not fits:
        return 0, its.RECEIVE_FIFO
    if end > until or not is_over(noc, plan, pool, end):
        return 0, its.NOT_CLOSED
    for k in range(its.PLAN_FIELDS, its.PLAN_FIELDS + plan[its.N_LINKS]):
        if noc[plan[k] + at.TO_PE] == at.NONE and not has_credits(noc, plan, pool, plan[k]):
            return 0, its.INPUT_FIFO
    if noc[at.MAX_ARRIVALS] != at.NONE and not note_arrivals(noc, plan, pool):
        return 0, its.NO_RECORD
    keep(noc, plan, pool)
    return end, its.DONE


@njit(cache=True)
def _begin(noc: Block, plan: Block, pool: Block) -> bool:
    """The rows of links and PEs as they are now; False if packets wait for room."""
    for k in range(its.PLAN_FIELDS, its.PLAN_FIELDS + plan[its.N_LINKS]):
        link = plan[k]
        if noc[link + at.N_WAITING]:
            return False
        row = link_row(plan, link)
        pool[row + its.FREE_AT] = noc[link + at.FREE_AT]
        pool[row + its.GRANTED_PORT] = noc[link + at.GRANTED_PORT]
        pool[row + its.PEAK_WAITING] = noc[link + at.PEAK_WAITING]
        pool[row + its.N_FLITS] = 0
        pool[row + its.FIRST_GRANTED] = at.NONE
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        row = pe_row(noc, plan, pe)
        pool[row + its.N_HELD] = noc[pe + at.N_HELD]
        pool[row + its.PEAK_HELD] = noc[pe + at.PEAK_HELD]
        for kind in range(4):
            pool[row + its.N_OF_KIND + kind] = noc[pe + kind]
            pool[row + its.LATEST + kind] = noc[pe + at.LATEST + kind]
        pool[row + its.N_DELIVERED], pool[row + its.FIRED_AT] = 0, at.NONE
    return True


@njit(cache=True)
def _enter(noc: Block, plan: Block, pool: Block) -> Address:
    """Queue what was handed over at the inject links; the first unused row."""
    free = first_crossing(noc, plan)
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        packet = noc[noc[pe + at.HANDED] + at.HEAD]
        while packet != at.NONE:
            node = noc[packet + at.NODE]
            queue = noc[noc[pe + at.INJECT] + at.QUEUES]
            _queue(noc, pool, queue, free, noc[packet + at.ENTRY], node, packet, at.NONE)
            free += its.CROSSING_FIELDS
            packet = noc[packet + at.BEHIND]
    return free


@njit(cache=True, forceinline=True)
def _queue(
    noc: Block,
    pool: Block,
    queue: Address,
    crossing: Address,
    arrived: int,
    node: Address,
    packet: Address,
    parent: Address,
) -> None:
    """Put a new *crossing* at the end of *queue*, one of the network's, which are empty now."""
    pool[crossing + its.ARRIVED] = arrived
    pool[crossing + its.NODE] = node
    pool[crossing + its.PACKET] = packet
    pool[crossing + its.PARENT] = parent
    pool[crossing + its.FREED] = 0
    pool[crossing + its.BEHIND] = at.NONE
    if noc[queue + at.HEAD] == at.NONE:
        noc[queue + at.HEAD] = crossing
    else:
        pool[noc[queue + at.TAIL] + its.BEHIND] = crossing
    noc[queue + at.TAIL] = crossing


@njit(cache=True, forceinline=True)
def _open(noc: Block, pool: Block, link: Address, ports: Address) -> int:
    """Note the input ports of *link* where packets wait, at *ports*; how many.

    The queues are complete: the TAIL of each is from now on what has not been counted yet.
    """
    n, queues = 0, noc[link + at.QUEUES]
    for port in range(noc[link + at.N_QUEUES]):
        queue = queues + port * at.QUEUE_FIELDS
        if noc[queue + at.HEAD] != at.NONE:
            noc[queue + at.TAIL] = noc[queue + at.HEAD]
            pool[ports + n] = port
            n += 1
    return n


@njit(cache=True, forceinline=True)
def _close(noc: Block, pool: Block, link: Address, ports: Address, n_ports: int) -> None:
    """Leave the queues of *link* as empty ones are."""
    for k in range(n_ports):
        queue = noc[link + at.QUEUES] + pool[ports + k] * at.QUEUE_FIELDS
        noc[queue + at.TAIL] = queue + at.HEAD


@njit(cache=True, forceinline=True)
def _next(
    noc: Block, pool: Block, link: Address, row: Address, ports: Address, n_ports: int
) -> tuple[int, int]:
    """The place in *ports* of the one that *link* serves next, and the cycle; NONE: all are empty.

    Round robin: the first one after that granted last, of those where a packet waits.
    """
    queues, free_at, granted = (
        noc[link + at.QUEUES],
        pool[row + its.FREE_AT],
        pool[row + its.GRANTED_PORT],
    )
    earliest, chosen, waits = at.NEVER, at.NONE, False
    for k in range(n_ports):
        port = pool[ports + k]
        head = noc[queues + port * at.QUEUE_FIELDS + at.HEAD]
        if head == at.NONE:
            continue
        cycle = max(pool[head + its.ARRIVED], free_at)
        after = port > granted
        if cycle < earliest or (cycle == earliest and after and not waits):
            earliest, chosen, waits = cycle, k, after
    return chosen, earliest


@njit(cache=True, forceinline=True)
def _n_come(
    noc: Block, pool: Block, link: Address, cycle: int, ports: Address, n_ports: int
) -> int:
    """Packets that have come to *link* by *cycle* and were not counted before."""
    n, queues = 0, noc[link + at.QUEUES]
    for k in range(n_ports):
        queue = queues + pool[ports + k] * at.QUEUE_FIELDS
        crossing = noc[queue + at.TAIL]
        while crossing != at.NONE and pool[crossing + its.ARRIVED] <= cycle:
            n += 1
            crossing = pool[crossing + its.BEHIND]
        noc[queue + at.TAIL] = crossing
    return n


@njit(cache=True, forceinline=True)
def _grant(
    noc: Block, pool: Block, link: Address, row: Address, port: int, cycle: int, latest: Address
) -> int:
    """Grant the oldest packet of *port*, after that of the crossing *latest*; its crossing."""
    queue = noc[link + at.QUEUES] + port * at.QUEUE_FIELDS
    crossing = noc[queue + at.HEAD]
    noc[queue + at.HEAD] = pool[crossing + its.BEHIND]
    pool[crossing + its.GRANTED], pool[crossing + its.GRANTED_NEXT] = cycle, at.NONE
    if latest == at.NONE:
        pool[row + its.FIRST_GRANTED] = crossing
    else:
        pool[latest + its.GRANTED_NEXT] = crossing
    parent = pool[crossing + its.PARENT]
    if parent != at.NONE:
        pool[parent + its.FREED] = max(pool[parent + its.FREED], cycle)
    pool[row + its.FREE_AT] = cycle + noc[link + at.OCCUPANCY]
    if noc[pool[crossing + its.PACKET] + at.KIND] == at.DMA:
        pool[row + its.FREE_AT] += noc[link + at.EXTRA_BEAT_CYCLES]
    pool[row + its.GRANTED_PORT] = port
    pool[row + its.N_FLITS] += 1
    return crossing


@njit(cache=True)
def _cross(noc: Block, plan: Block, pool: Block, link: Address, free: Address) -> int:
    """Serve all packets of *link*, and queue them at the links they take next."""
    row, latest, n_waiting = link_row(plan, link), at.NONE, 0
    to_port, latency = noc[link + at.TO_PORT] * at.QUEUE_FIELDS, noc[link + at.LATENCY]
    ports = ports_row(noc, plan)
    n_ports = _open(noc, pool, link, ports)
    while True:
        place, cycle = _next(noc, pool, link, row, ports, n_ports)
        if place == at.NONE:
            _close(noc, pool, link, ports, n_ports)
            return free
        n_waiting += _n_come(noc, pool, link, cycle, ports, n_ports)
        if n_waiting > pool[row + its.PEAK_WAITING]:
            pool[row + its.PEAK_WAITING], pool[row + its.PEAK_BY] = n_waiting, cycle
        n_waiting -= 1
        latest = _grant(noc, pool, link, row, pool[ports + place], cycle, latest)
        node, packet = pool[latest + its.NODE], pool[latest + its.PACKET]
        first, n_children = children_of(noc, node)
        for child in range(first, first + n_children):
            queue = noc[link_of(noc, child) + at.QUEUES] + to_port
            _queue(noc, pool, queue, free, cycle + latency, child, packet, latest)
            free += its.CROSSING_FIELDS


@njit(cache=True)
def _eject(noc: Block, plan: Block, pool: Block, link: Address) -> int:
    """Deliver all packets of *link*; the cycle of the last (0: none), NONE: one is lost."""
    row, latest, n_waiting, last, fits = link_row(plan, link), at.NONE, 0, 0, True
    pe, latency = noc[link + at.TO_PE], noc[link + at.LATENCY]
    to = pe_row(noc, plan, pe)
    ports = ports_row(noc, plan)
    n_ports = _open(noc, pool, link, ports)
    while True:
        place, cycle = _next(noc, pool, link, row, ports, n_ports)
        if place == at.NONE:
            _close(noc, pool, link, ports, n_ports)
            return last if fits else at.NONE
        n_waiting += _n_come(noc, pool, link, cycle, ports, n_ports)
        if n_waiting > pool[row + its.PEAK_WAITING]:
            pool[row + its.PEAK_WAITING], pool[row + its.PEAK_BY] = n_waiting, cycle
        n_waiting -= 1
        latest = _grant(noc, pool, link, row, pool[ports + place], cycle, latest)
        last = cycle + latency
        fits &= _deliver(noc, plan, pool, pe, to, pool[latest + its.PACKET], last)


@njit(cache=True, forceinline=True)
def _deliver(
    noc: Block, plan: Block, pool: Block, pe: Address, row: Address, packet: Address, cycle: int
) -> bool:
    """Put what *packet* carries into *pe*; False if its receive FIFO is full."""
    kind = noc[packet + at.KIND]
    if kind == at.RX:
        n_held = pool[row + its.N_HELD]
        if n_held == noc[at.FIFO_EVENTS]:
            return False
        place = noc[pe + at.OLDEST] + n_held
        if place >= noc[at.FIFO_EVENTS]:
            place -= noc[at.FIFO_EVENTS]
        # Beyond what is held: nobody sees it unless the window is kept.
        noc[noc[pe + at.FIFO] + place] = noc[packet + at.TAG] << 1 | noc[packet + at.PARITY]
        pool[row + its.N_HELD] = n_held + 1
        if n_held >= pool[row + its.PEAK_HELD]:
            pool[row + its.PEAK_HELD], pool[row + its.PEAK_HELD_AT] = n_held + 1, cycle
    pool[row + its.N_DELIVERED] += 1
    # The completion of a DMA is told to the PE that started it.
    to = pe_row(noc, plan, noc[packet + at.SOURCE]) if kind == at.DMA else row
    pool[to + its.N_OF_KIND + kind] += 1
    pool[to + its.LATEST + kind] = max(pool[to + its.LATEST + kind], cycle)
    is_last = pool[row + its.N_OF_KIND + kind] == noc[pe + at.THRESHOLD]
    if kind == noc[pe + at.WATCHED] and is_last:
        pool[row + its.FIRED_AT] = cycle
    return True
