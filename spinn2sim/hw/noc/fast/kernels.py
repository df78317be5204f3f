"""A window of packets taken whole: cycle by cycle, in a memory of its own that is small. Compiled.

The rules are those of ``hw.noc.kernels.advance``. A packet in a router, a queue and a set of links
are one number each, so what a cycle touches stays in the processor's cache. For that, some things
must hold. What breaks one of them is found before anything is changed, and then that window is left
to the other kernel:

- the window is closed: the network is empty, all PEs wait for the same flags, and what the window
  brings is over before one of them may act on the network again (its grace);
- no flit is in an input FIFO for so long that as many come behind it as there are bits for, and
  where packets are dropped that wait too long, none waits for room in one;
- no receive FIFO is full;
- there is room to record the deliveries, if they are recorded.

``noc`` is the block of the network (see ``hw.noc.layout``), ``pool`` the memory of this kernel,
``its`` says where its rows begin (see ``layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import kernels
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.addresses.kernels import first_of
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.certificates.kernels import is_closed, is_over
from spinn2sim.hw.noc.fast.ejects.kernels import deliveries
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.outcome.kernels import begin, forget, keep
from spinn2sim.hw.noc.fast.requests.kernels import is_idle, request
from spinn2sim.hw.noc.fast.routers.kernels import arrivals, give_back, grants
from spinn2sim.hw.noc.fast.rows.kernels import link_row, places_of
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.watches.kernels import report

forget_stale(__file__, root=Path(__file__).parents[2])


@njit(cache=True)
def advance(
    noc: Block, pool: Block, counts: Block, until: int, reported: Block
) -> tuple[int, int, int]:
    """``hw.noc.kernels.advance``, by whole windows where that is exact; *counts* says how often.

    With an empty *pool* no window is.
    """
    n_pool = len(pool)
    noc, pool, counts = first_of(noc), first_of(pool), first_of(counts)
    if (
        noc[at.N_EVENTS] == 0
        and noc[at.N_FIRED] == 0
        and noc[at.NEXT_ENTRY] <= until
        and n_pool
        and is_closed(noc)
        and _is_worth_a_try(counts)
    ):
        broken = _window(noc, pool, until)
        if not broken:
            counts[fast.DONE] += 1
            counts[fast.LAST_SKIP] = 0
            return report(noc, reported), noc[at.CYCLE], at.NEVER
        counts[fast.LEFT] += 1
        counts[broken] += 1
        counts[fast.LAST_SKIP] = min(2 * counts[fast.LAST_SKIP] + 1, fast.MOST_SKIPPED)
        counts[fast.TO_SKIP] = counts[fast.LAST_SKIP]
    return kernels.advance(noc, until, reported)


@njit(cache=True, forceinline=True)
def _is_worth_a_try(counts: Block) -> bool:
    """Whether this window is not one of those to be left without a try."""
    if counts[fast.TO_SKIP] == 0:
        return True
    counts[fast.TO_SKIP] -= 1
    counts[fast.LEFT] += 1
    counts[fast.NOT_TRIED] += 1
    return False


@njit(cache=True)
def _window(noc: Block, pool: Block, until: int) -> int:
    """Let all packets that were handed over arrive.

    0, or nothing is done, and the certificate that is broken: its place in the counts.
    """
    its = places_of(pool)
    if not begin(noc, pool, its):
        return fast.NOT_CLOSED
    _run(noc, pool, its, until)
    if not pool[fast.BROKEN] and not (is_over(pool, its) and pool[fast.END] <= until):
        pool[fast.BROKEN] = fast.NOT_CLOSED
    if pool[fast.BROKEN]:
        forget(pool, its)
    else:
        keep(noc, pool, its)
    return pool[fast.BROKEN]


@njit(cache=True)
def _run(noc: Block, pool: Block, its: Places, until: int) -> None:
    """From cycle to cycle, until nothing is under way or a certificate is broken.

    The phases of a cycle are functions of their own, not inlined: each has the processor's
    registers for itself, which gains a tenth of the time.
    """
    cycle = next_entry = noc[at.NEXT_ENTRY]
    n_idle = 0
    while not pool[fast.BROKEN]:
        if cycle == next_entry:
            next_entry = _entries(noc, pool, its, cycle)
        if not is_idle(pool, its, cycle):
            n_idle = 0
            if cycle > min(pool[fast.LIMIT], until):
                pool[fast.BROKEN] = fast.NOT_CLOSED
            arrivals(pool, its, cycle)
            n_freed = deliveries(noc, pool, its, cycle, grants(noc, pool, its, cycle))
            # Credits are registered: what is freed in a cycle, nobody uses in it.
            for k in range(n_freed):
                give_back(pool, its, pool[its.freed + k], cycle + 1)
        elif n_idle < its.wheel_mask:
            n_idle += 1
        elif next_entry == at.NEVER:
            return
        else:
            cycle = next_entry - 1
        cycle += 1


@njit(cache=True, forceinline=True)
def _entries(noc: Block, pool: Block, its: Places, cycle: int) -> int:
    """Let the packets whose cycle has come enter the transmit queues; when the next ones do."""
    following = at.NEVER
    for number in range(its.n_pe):
        row = link_row(its, number)
        packet = pool[row + fast.NEXT_IN]
        while packet != at.NONE and noc[packet + at.ENTRY] == cycle:
            _count_waiting(pool, row, cycle)
            request(pool, its, number, cycle)
            packet = noc[packet + at.BEHIND]
        pool[row + fast.NEXT_IN] = packet
        if packet != at.NONE:
            following = min(following, noc[packet + at.ENTRY])
    return following


@njit(cache=True, forceinline=True)
def _count_waiting(pool: Block, row: Address, cycle: int) -> None:
    """One more packet is in the transmit queue of the inject link of *row*."""
    pool[row + fast.N_WAITING] += 1
    if pool[row + fast.N_WAITING] > pool[row + fast.PEAK_WAITING]:
        pool[row + fast.PEAK_WAITING], pool[row + fast.PEAK_AT] = pool[row + fast.N_WAITING], cycle
