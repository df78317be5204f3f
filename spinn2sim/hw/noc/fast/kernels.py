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
each link, a row for each PE, then a row for each crossing of a link by a packet; at its end, the
ports of the link at work.
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import kernels
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import free_flit
from spinn2sim.hw.noc.watches.kernels import report

forget_stale(__file__, root=Path(__file__).parents[2])

#: The plan: what does not change, then the links (addresses) in order of crossing; of length 0 if
#: they have none.
FIRST_LINK, N_LINKS, MOST_NODES, PLAN_FIELDS = range(4)

#: How a window ended; the counts of windows, by these numbers.
LEFT, DONE = range(2)

#: Instead of a number of reports: the pool is too small.
NO_POOL = -3

#: In the pool: a link,
(
    FREE_AT,
    GRANTED_PORT,
    PEAK_WAITING,
    N_FLITS,
    FIRST_GRANTED,  # crossing
    LINK_FIELDS,
) = range(6)
#: a PE,
(
    N_HELD,
    PEAK_HELD,
    N_OF_KIND,  # four kinds
    LATEST,  # four kinds
    N_DELIVERED,
    FIRED_AT,
    PE_FIELDS,
) = (0, 1, 2, 6, 10, 11, 12)
#: and a crossing.
(
    ARRIVED,  # cycle in which it came to the link
    NODE,
    FLIT,  # as it was handed to Comms: says what it carries
    PARENT,  # its crossing of the link before
    GRANTED,
    FREED,  # cycle in which the last of its branches has left the router that it led to
    BEHIND,  # in its queue
    GRANTED_NEXT,  # on its link
    CROSSING_FIELDS,
) = range(9)


@njit(cache=True)
def advance(
    noc: Block, plan: Block, pool: Block, counts: Block, until: int, reported: Block
) -> tuple[int, int, int]:
    """``hw.noc.kernels.advance``, by whole windows where that is exact; *counts* says how often.

    Or NO_POOL, and nothing is done.
    """
    if (
        noc[at.N_EVENTS] == 0
        and noc[at.N_FIRED] == 0
        and noc[at.NEXT_ENTRY] <= until
        and len(plan)
        and _is_closed(noc)
    ):
        n_crossings = _n_handed(noc) * plan[MOST_NODES]
        n_used = _first_crossing(noc, plan) + n_crossings * CROSSING_FIELDS
        if n_used + noc[at.MOST_BRANCHES] > len(pool):
            return NO_POOL, noc[at.CYCLE], noc[at.CYCLE]
        end = _window(noc, plan, pool, until)
        counts[DONE if end else LEFT] += 1
        if end:
            noc[at.CYCLE] = end
            return report(noc, reported), end, at.NEVER
    return kernels.advance(noc, until, reported)


@njit(cache=True)
def _is_closed(noc: Block) -> bool:
    """Whether all PEs wait for the same number of the same flags."""
    first = noc[at.PES]
    kind, threshold = noc[first + at.WATCHED], noc[first + at.THRESHOLD]
    if kind not in (at.FLAG0, at.FLAG1):
        return False
    for pe in range(first, noc[at.END_OF_PES], at.PE_FIELDS):
        if noc[pe + at.WATCHED] != kind or noc[pe + at.THRESHOLD] != threshold:
            return False
    return True


@njit(cache=True)
def _n_handed(noc: Block) -> int:
    n = 0
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        flit = noc[noc[pe + at.HANDED] + at.HEAD]
        while flit != at.NONE:
            n += 1
            flit = noc[flit + at.NEXT]
    return n


@njit(cache=True, forceinline=True)
def _first_crossing(noc: Block, plan: Block) -> Address:
    n_pe = (noc[at.END_OF_PES] - noc[at.PES]) // at.PE_FIELDS
    return plan[N_LINKS] * LINK_FIELDS + n_pe * PE_FIELDS


@njit(cache=True, forceinline=True)
def _link_row(plan: Block, link: Address) -> Address:
    return (link - plan[FIRST_LINK]) // at.LINK_FIELDS * LINK_FIELDS


@njit(cache=True, forceinline=True)
def _pe_row(noc: Block, plan: Block, pe: Address) -> Address:
    return plan[N_LINKS] * LINK_FIELDS + (pe - noc[at.PES]) // at.PE_FIELDS * PE_FIELDS


@njit(cache=True)
def _window(noc: Block, plan: Block, pool: Block, until: int) -> int:
    """Let all packets that were handed over arrive; the cycle of the last, or 0: nothing done."""
    if not _begin(noc, plan, pool):
        return 0
    free, end, fits = _enter(noc, plan, pool), 0, True
    for k in range(PLAN_FIELDS, len(plan)):
        link = plan[k]
        if noc[link + at.TO_PE] == at.NONE:
            free = _cross(noc, plan, pool, link, free)
        else:
            last = _eject(noc, plan, pool, link)
            fits, end = fits and last >= 0, max(end, last)
    if not fits or end > until or not _is_over(noc, plan, pool, end):
        return 0
    for k in range(PLAN_FIELDS, len(plan)):
        if noc[plan[k] + at.TO_PE] == at.NONE and not _has_credits(noc, plan, pool, plan[k]):
            return 0
    if noc[at.MAX_ARRIVALS] != at.NONE and not _note_arrivals(noc, plan, pool):
        return 0
    _keep(noc, plan, pool)
    return end


@njit(cache=True)
def _begin(noc: Block, plan: Block, pool: Block) -> bool:
    """The rows of links and PEs as they are now; False if packets wait for room."""
    for k in range(PLAN_FIELDS, len(plan)):
        link = plan[k]
        if noc[link + at.N_WAITING]:
            return False
        row = _link_row(plan, link)
        pool[row + FREE_AT] = noc[link + at.FREE_AT]
        pool[row + GRANTED_PORT] = noc[link + at.GRANTED_PORT]
        pool[row + PEAK_WAITING], pool[row + N_FLITS] = 0, 0
        pool[row + FIRST_GRANTED] = at.NONE
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        row = _pe_row(noc, plan, pe)
        pool[row + N_HELD] = pool[row + PEAK_HELD] = noc[pe + at.N_HELD]
        for kind in range(4):
            pool[row + N_OF_KIND + kind] = noc[pe + kind]
            pool[row + LATEST + kind] = noc[pe + at.LATEST + kind]
        pool[row + N_DELIVERED], pool[row + FIRED_AT] = 0, at.NONE
    return True


@njit(cache=True)
def _enter(noc: Block, plan: Block, pool: Block) -> Address:
    """Queue what was handed over at the inject links; the first unused row."""
    free = _first_crossing(noc, plan)
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        flit = noc[noc[pe + at.HANDED] + at.HEAD]
        while flit != at.NONE:
            node = noc[flit + at.NODE]
            queue = noc[noc[pe + at.INJECT] + at.QUEUES]
            _queue(noc, pool, queue, free, noc[flit + at.ENTRY], node, flit, at.NONE)
            free += CROSSING_FIELDS
            flit = noc[flit + at.NEXT]
    return free


@njit(cache=True, forceinline=True)
def _queue(
    noc: Block,
    pool: Block,
    queue: Address,
    crossing: Address,
    arrived: int,
    node: Address,
    flit: Address,
    parent: Address,
) -> None:
    """Put a new *crossing* at the end of *queue*, one of the network's, which are empty now."""
    pool[crossing + ARRIVED] = arrived
    pool[crossing + NODE] = node
    pool[crossing + FLIT] = flit
    pool[crossing + PARENT] = parent
    pool[crossing + FREED] = 0
    pool[crossing + BEHIND] = at.NONE
    if noc[queue + at.HEAD] == at.NONE:
        noc[queue + at.HEAD] = crossing
    else:
        pool[noc[queue + at.TAIL] + BEHIND] = crossing
    noc[queue + at.TAIL] = crossing


@njit(cache=True, forceinline=True)
def _open(noc: Block, pool: Block, link: Address, ports: Address) -> int:
    """Note the input ports of *link* where packets wait, at *ports*; how many.

    The queues are complete: the TAIL of each is from now on what has not been counted yet.
    """
    n, queues = 0, noc[link + at.QUEUES]
    for port in range(noc[link + at.N_QUEUES]):
        queue = queues + port * at.QUEUE_FIELDS
        noc[queue + at.TAIL] = noc[queue + at.HEAD]
        if noc[queue + at.HEAD] != at.NONE:
            pool[ports + n] = port
            n += 1
    return n


@njit(cache=True, forceinline=True)
def _next(
    noc: Block, pool: Block, link: Address, row: Address, ports: Address, n_ports: int
) -> tuple[int, int]:
    """The place in *ports* of the one that *link* serves next, and the cycle; NONE: all are empty.

    Round robin: the first one after that granted last, of those where a packet waits.
    """
    queues, free_at, granted = noc[link + at.QUEUES], pool[row + FREE_AT], pool[row + GRANTED_PORT]
    earliest, chosen, waits = at.NEVER, at.NONE, False
    for k in range(n_ports):
        port = pool[ports + k]
        head = noc[queues + port * at.QUEUE_FIELDS + at.HEAD]
        if head == at.NONE:
            continue
        cycle = max(pool[head + ARRIVED], free_at)
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
        while crossing != at.NONE and pool[crossing + ARRIVED] <= cycle:
            n += 1
            crossing = pool[crossing + BEHIND]
        noc[queue + at.TAIL] = crossing
    return n


@njit(cache=True, forceinline=True)
def _grant(
    noc: Block, pool: Block, link: Address, row: Address, port: int, cycle: int, latest: Address
) -> int:
    """Grant the oldest packet of *port*, after that of the crossing *latest*; its crossing."""
    queue = noc[link + at.QUEUES] + port * at.QUEUE_FIELDS
    crossing = noc[queue + at.HEAD]
    noc[queue + at.HEAD] = pool[crossing + BEHIND]
    pool[crossing + GRANTED], pool[crossing + GRANTED_NEXT] = cycle, at.NONE
    if latest == at.NONE:
        pool[row + FIRST_GRANTED] = crossing
    else:
        pool[latest + GRANTED_NEXT] = crossing
    parent = pool[crossing + PARENT]
    if parent != at.NONE:
        pool[parent + FREED] = max(pool[parent + FREED], cycle)
    pool[row + FREE_AT] = cycle + noc[link + at.OCCUPANCY]
    pool[row + GRANTED_PORT] = port
    pool[row + N_FLITS] += 1
    return crossing


@njit(cache=True)
def _cross(noc: Block, plan: Block, pool: Block, link: Address, free: Address) -> int:
    """Serve all packets of *link*, and queue them at the links they take next."""
    row, latest, n_waiting = _link_row(plan, link), at.NONE, 0
    to_port, latency = noc[link + at.TO_PORT] * at.QUEUE_FIELDS, noc[link + at.LATENCY]
    ports = len(pool) - noc[at.MOST_BRANCHES]
    n_ports = _open(noc, pool, link, ports)
    while True:
        place, cycle = _next(noc, pool, link, row, ports, n_ports)
        if place == at.NONE:
            return free
        n_waiting += _n_come(noc, pool, link, cycle, ports, n_ports)
        pool[row + PEAK_WAITING] = max(pool[row + PEAK_WAITING], n_waiting)
        n_waiting -= 1
        latest = _grant(noc, pool, link, row, pool[ports + place], cycle, latest)
        node, flit = pool[latest + NODE], pool[latest + FLIT]
        child = noc[node + at.CHILDREN]
        for _ in range(noc[node + at.N_CHILDREN]):
            queue = noc[noc[child + at.LINK] + at.QUEUES] + to_port
            _queue(noc, pool, queue, free, cycle + latency, child, flit, latest)
            free += CROSSING_FIELDS
            child += at.NODE_FIELDS


@njit(cache=True)
def _eject(noc: Block, plan: Block, pool: Block, link: Address) -> int:
    """Deliver all packets of *link*; the cycle of the last (0: none), NONE: one is lost."""
    row, latest, n_waiting, last, fits = _link_row(plan, link), at.NONE, 0, 0, True
    pe, latency = noc[link + at.TO_PE], noc[link + at.LATENCY]
    pe_row = _pe_row(noc, plan, pe)
    ports = len(pool) - noc[at.MOST_BRANCHES]
    n_ports = _open(noc, pool, link, ports)
    while True:
        place, cycle = _next(noc, pool, link, row, ports, n_ports)
        if place == at.NONE:
            return last if fits else at.NONE
        n_waiting += _n_come(noc, pool, link, cycle, ports, n_ports)
        pool[row + PEAK_WAITING] = max(pool[row + PEAK_WAITING], n_waiting)
        n_waiting -= 1
        latest = _grant(noc, pool, link, row, pool[ports + place], cycle, latest)
        last = cycle + latency
        fits &= _deliver(noc, plan, pool, pe, pe_row, pool[latest + FLIT], last)


@njit(cache=True, forceinline=True)
def _deliver(
    noc: Block, plan: Block, pool: Block, pe: Address, row: Address, flit: Address, cycle: int
) -> bool:
    """Put what *flit* carries into *pe*; False if its receive FIFO is full."""
    kind = noc[flit + at.KIND]
    if kind == at.RX:
        n_held = pool[row + N_HELD]
        if n_held == noc[at.FIFO_EVENTS]:
            return False
        place = noc[pe + at.OLDEST] + n_held
        if place >= noc[at.FIFO_EVENTS]:
            place -= noc[at.FIFO_EVENTS]
        # Beyond what is held: nobody sees it unless the window is kept.
        event = noc[pe + at.FIFO] + place * at.EVENT_FIELDS
        noc[event], noc[event + 1] = noc[flit + at.TAG], noc[flit + at.PARITY]
        pool[row + N_HELD] = n_held + 1
        pool[row + PEAK_HELD] = max(pool[row + PEAK_HELD], n_held + 1)
    pool[row + N_DELIVERED] += 1
    # The completion of a DMA is told to the PE that started it.
    to = _pe_row(noc, plan, noc[flit + at.SOURCE]) if kind == at.DMA else row
    pool[to + N_OF_KIND + kind] += 1
    pool[to + LATEST + kind] = max(pool[to + LATEST + kind], cycle)
    if kind == noc[pe + at.WATCHED] and pool[row + N_OF_KIND + kind] == noc[pe + at.THRESHOLD]:
        pool[row + FIRED_AT] = cycle
    return True


@njit(cache=True)
def _is_over(noc: Block, plan: Block, pool: Block, end: int) -> bool:
    """Whether all PEs are let go, and none may act before *end*."""
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        fired_at = pool[_pe_row(noc, plan, pe) + FIRED_AT]
        if fired_at == at.NONE or fired_at + noc[pe + at.GRACE] < end:
            return False
    return True


@njit(cache=True)
def _has_credits(noc: Block, plan: Block, pool: Block, link: Address) -> bool:
    """Whether there was a free slot behind *link* at each grant.

    A slot that is freed in a cycle is usable in the next. Slots are taken to be freed in order of
    their grants, at the latest of the cycles so far, which is never earlier than they are.
    """
    n_slots, n_taken = noc[link + at.CREDITS], 0
    granted = oldest = pool[_link_row(plan, link) + FIRST_GRANTED]
    freed = 0
    while granted != at.NONE:
        while oldest != granted and max(freed, pool[oldest + FREED]) < pool[granted + GRANTED]:
            freed = max(freed, pool[oldest + FREED])
            oldest = pool[oldest + GRANTED_NEXT]
            n_taken -= 1
        if n_taken == n_slots:
            return False
        n_taken += 1
        granted = pool[granted + GRANTED_NEXT]
    return True


@njit(cache=True)
def _note_arrivals(noc: Block, plan: Block, pool: Block) -> bool:
    """Record the deliveries; False if there is no room for all."""
    n = noc[at.N_ARRIVALS]
    for k in range(PLAN_FIELDS, len(plan)):
        pe = noc[plan[k] + at.TO_PE]
        if pe == at.NONE:
            continue
        crossing = pool[_link_row(plan, plan[k]) + FIRST_GRANTED]
        while crossing != at.NONE:
            if n == noc[at.MAX_ARRIVALS]:
                return False
            arrival = noc[at.ARRIVALS] + n * at.ARRIVAL_FIELDS
            noc[arrival], noc[arrival + 1] = noc[pool[crossing + FLIT] + at.TAG], pe
            noc[arrival + 2] = pool[crossing + GRANTED] + noc[plan[k] + at.LATENCY]
            n += 1
            crossing = pool[crossing + GRANTED_NEXT]
    noc[at.N_ARRIVALS] = n
    return True


@njit(cache=True)
def _keep(noc: Block, plan: Block, pool: Block) -> None:
    """Make what has been found the state of the network."""
    for k in range(PLAN_FIELDS, len(plan)):
        link, row = plan[k], _link_row(plan, plan[k])
        noc[link + at.FREE_AT] = pool[row + FREE_AT]
        noc[link + at.GRANTED_PORT] = pool[row + GRANTED_PORT]
        noc[link + at.N_FLITS] += pool[row + N_FLITS]
        noc[link + at.PEAK_WAITING] = max(noc[link + at.PEAK_WAITING], pool[row + PEAK_WAITING])
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        row = _pe_row(noc, plan, pe)
        noc[pe + at.N_HELD] = pool[row + N_HELD]
        noc[pe + at.PEAK_HELD] = max(noc[pe + at.PEAK_HELD], pool[row + PEAK_HELD])
        for kind in range(4):
            noc[pe + kind] = pool[row + N_OF_KIND + kind]
            noc[pe + at.LATEST + kind] = pool[row + LATEST + kind]
        noc[pe + at.N_DELIVERED] += pool[row + N_DELIVERED]
        noc[pe + at.WATCHED], noc[pe + at.FIRED_AT] = at.NONE, pool[row + FIRED_AT]
        noc[at.N_FIRED] += 1
        _forget_handed(noc, pe)
    noc[at.NEXT_ENTRY] = at.NEVER


@njit(cache=True, forceinline=True)
def _forget_handed(noc: Block, pe: Address) -> None:
    head = noc[pe + at.HANDED] + at.HEAD
    while noc[head] != at.NONE:
        flit = noc[head]
        noc[head] = noc[flit + at.NEXT]
        free_flit(noc, flit)
    noc[pe + at.ENTERS_AT] = at.NEVER
