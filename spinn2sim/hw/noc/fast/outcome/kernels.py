"""What the pool takes from the network before a window, and what it leaves there after. Compiled.

``noc`` is the block of the network, ``pool`` the memory of this kernel, ``its`` says where its rows
begin (see ``fast.layout``).
"""

from __future__ import annotations

from pathlib import Path

from numba import njit

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.delivery.kernels import event_at
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.layout import Places
from spinn2sim.hw.noc.fast.quads.kernels import lane_of
from spinn2sim.hw.noc.fast.rows.kernels import (
    eject_quad,
    eject_row,
    end_of_quads,
    link_quad,
    link_row,
)
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import free_packet, pop

forget_stale(__file__, root=Path(__file__).parents[3])


@njit(cache=True)
def begin(noc: Block, pool: Block, its: Places) -> bool:
    """Everything as it is now; False if packets wait."""
    for number in range(its.n_links):
        row = link_row(its, number)
        if pool[row + fast.LINK] != at.NONE:
            if noc[pool[row + fast.LINK] + at.N_WAITING]:
                return False
            _begin_link(noc, pool, row)
            pool[row + fast.N_FLITS] = 0
    for quad in range(its.link_quads, its.eject_quads, its.quad_fields):
        _begin_quad(noc, pool, quad, link_row(its, pool[quad + fast.FIRST]), fast.LINK_FIELDS)
    for quad in range(its.eject_quads, end_of_quads(its), its.quad_fields):
        _begin_quad(noc, pool, quad, eject_row(its, pool[quad + fast.FIRST]), fast.EJECT_FIELDS)
    for number in range(its.n_pe):
        row = link_row(its, number)
        eject = pool[row + fast.EJECT]
        pe = pool[eject + fast.PE]
        if noc[pool[eject + fast.LINK] + at.N_WAITING]:  # for room in the receive FIFO
            return False
        pool[row + fast.PEAK_WAITING] = noc[pool[row + fast.LINK] + at.PEAK_WAITING]
        pool[row + fast.NEXT_OUT] = pool[row + fast.NEXT_IN] = noc[noc[pe + at.HANDED] + at.HEAD]
        _begin_pe(noc, pool, pe, eject)
    pool[fast.START], pool[fast.END], pool[fast.LIMIT] = noc[at.NEXT_ENTRY], 0, at.NEVER
    pool[fast.BROKEN], pool[fast.N_ARRIVALS] = 0, noc[at.N_ARRIVALS]
    return True


@njit(cache=True, forceinline=True)
def _begin_link(noc: Block, pool: Block, row: Address) -> None:
    link = pool[row + fast.LINK]
    pool[row + fast.FREE_AT] = noc[link + at.FREE_AT]
    pool[row + fast.PEAK_AT] = at.NONE


@njit(cache=True, forceinline=True)
def _begin_quad(noc: Block, pool: Block, quad: Address, rows: Address, fields: int) -> None:
    peaks = granted = 0
    for lane in range(fast.LANES):
        link = pool[rows + lane * fields + fast.LINK]
        if link != at.NONE:
            # No more than the lane counts can ever wait.
            peak = min(noc[link + at.PEAK_WAITING], fast.MOST_WAITING)
            peaks |= peak << lane * fast.LANE_BITS
            granted |= noc[link + at.GRANTED_PORT] << lane * fast.LANE_BITS
    pool[quad + fast.ALL_PEAKS], pool[quad + fast.GRANTED] = peaks, granted


@njit(cache=True, forceinline=True)
def _begin_pe(noc: Block, pool: Block, pe: Address, row: Address) -> None:
    _begin_link(noc, pool, row)
    # Entries go behind those held, up to the end of the ring, or to the oldest one.
    fifo, oldest, end = noc[pe + at.FIFO], noc[pe + at.OLDEST], noc[at.FIFO_EVENTS]
    place = oldest + noc[pe + at.N_HELD]
    wraps = place >= end
    pool[row + fast.NEXT_PLACE] = fifo + place - wraps * end
    pool[row + fast.STOP_PLACE] = fifo + (oldest if wraps else end)
    for kind in range(4):
        pool[row + fast.SEEN + kind] = _seen_before(noc, pe, kind)
    pool[row + fast.N_BEATS], pool[row + fast.FIRED_AT] = 0, at.NONE


@njit(cache=True, forceinline=True)
def _seen_before(noc: Block, pe: Address, kind: int) -> int:
    """From where the packets of *kind* are counted in SEEN of *pe*."""
    if kind != noc[pe + at.WATCHED]:
        return 0
    return fast.FIRES_AT - (noc[pe + at.THRESHOLD] - noc[pe + kind])


@njit(cache=True)
def forget(pool: Block, its: Places) -> None:
    """Leave the pool as it is between windows: nothing waits, all slots are free."""
    for k in range(its.wheel, its.freed):
        pool[k] = 0
    for port in range(its.ports, its.links, fast.PORT_FIELDS):
        pool[port + fast.HEAD] = pool[port + fast.ARRIVING] = 0
        pool[port + fast.CREDITS] = pool[port + fast.ALL_CREDITS]
        for slot in range(fast.N_SLOTS):
            pool[port + fast.SLOTS + slot] = 0
    for quad in range(its.link_quads, end_of_quads(its), its.quad_fields):
        for field in range(fast.WAITED_AT, its.quad_fields):
            pool[quad + field] = 0
    for number in range(its.n_pe):
        pool[link_row(its, number) + fast.N_WAITING] = 0


@njit(cache=True)
def keep(noc: Block, pool: Block, its: Places) -> None:
    """Make what has been found the state of the network."""
    for number in range(its.n_links):
        row = link_row(its, number)
        link = pool[row + fast.LINK]
        if link == at.NONE:
            continue
        noc[link + at.N_FLITS] += pool[row + fast.N_FLITS]
        if number < its.n_pe:
            _keep_link(noc, pool, row, pool[row + fast.PEAK_WAITING])
        else:
            _keep_lane(noc, pool, row, link_quad(its, number), number & fast.LANES - 1)
    for number in range(its.n_ejects):
        row = eject_row(its, number)
        if pool[row + fast.LINK] != at.NONE:
            _keep_lane(noc, pool, row, eject_quad(its, number), number & fast.LANES - 1)
            _keep_pe(noc, pool, row)
    # Not before: the packets are still asked for what they bring.
    for pe in range(noc[at.PES], noc[at.END_OF_PES], at.PE_FIELDS):
        _forget_handed(noc, pe)
    noc[at.N_FIRED] += its.n_pe
    noc[at.N_ARRIVALS] = pool[fast.N_ARRIVALS]
    noc[at.CYCLE], noc[at.NEXT_ENTRY] = pool[fast.END], at.NEVER


@njit(cache=True, forceinline=True)
def _keep_lane(noc: Block, pool: Block, row: Address, quad: Address, lane: int) -> None:
    _keep_link(noc, pool, row, lane_of(pool[quad + fast.ALL_PEAKS], lane))
    noc[pool[row + fast.LINK] + at.GRANTED_PORT] = lane_of(pool[quad + fast.GRANTED], lane)


@njit(cache=True, forceinline=True)
def _keep_link(noc: Block, pool: Block, row: Address, peak: int) -> None:
    link = pool[row + fast.LINK]
    noc[link + at.FREE_AT] = pool[row + fast.FREE_AT]
    if pool[row + fast.PEAK_AT] != at.NONE:
        noc[link + at.PEAK_WAITING], noc[link + at.PEAK_AT] = peak, pool[row + fast.PEAK_AT]


@njit(cache=True, forceinline=True)
def _keep_pe(noc: Block, pool: Block, row: Address) -> None:
    pe, n_delivered = pool[row + fast.PE], pool[row + fast.N_BEATS]
    for kind in range(4):
        seen = pool[row + fast.SEEN + kind]
        n = (seen & fast.SEEN_MASK) - _seen_before(noc, pe, kind)
        if n == 0:
            continue
        noc[pe + kind] += n
        noc[pe + at.LATEST + kind] = pool[fast.START] + (seen >> fast.SEEN_BITS)
        if kind == at.RX:
            _keep_events(noc, pe, n)
        if kind != at.DMA:  # which is counted where it is told, not where it came
            n_delivered += n
    noc[pe + at.N_DELIVERED] += n_delivered
    noc[pool[row + fast.LINK] + at.N_FLITS] += n_delivered
    noc[pe + at.WATCHED], noc[pe + at.FIRED_AT] = at.NONE, pool[row + fast.FIRED_AT]


@njit(cache=True, forceinline=True)
def _keep_events(noc: Block, pe: Address, n: int) -> None:
    """The receive FIFO of *pe* holds *n* more: packets up to now, events from now on."""
    n_held = noc[pe + at.N_HELD]
    for k in range(n_held, n_held + n):
        place = event_at(noc, pe, k)
        packet = noc[place]
        noc[place] = noc[packet + at.TAG] << 1 | noc[packet + at.PARITY]
    noc[pe + at.N_HELD] = n_held + n
    if n_held + n > noc[pe + at.PEAK_HELD]:
        # Nobody took any: the latest made it so many.
        noc[pe + at.PEAK_HELD], noc[pe + at.PEAK_HELD_AT] = n_held + n, noc[pe + at.LATEST + at.RX]


@njit(cache=True, forceinline=True)
def _forget_handed(noc: Block, pe: Address) -> None:
    handed = noc[pe + at.HANDED]
    while noc[handed + at.HEAD] != at.NONE:
        free_packet(noc, pop(noc, handed))
    noc[noc[pe + at.ENTERS_AT]] = at.NEVER
