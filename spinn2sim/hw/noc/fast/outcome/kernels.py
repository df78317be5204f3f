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
from spinn2sim.hw.noc.fast.requests.kernels import eject_row, link_row
from spinn2sim.hw.noc.layout import Address, Block
from spinn2sim.hw.noc.lists.kernels import free_packet, pop

forget_stale(__file__, root=Path(__file__).parents[3])

SEEN_MASK = (1 << fast.SEEN_BITS) - 1


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
    end = its.eject_quads + its.n_ejects // fast.LANES * its.quad_fields
    for quad in range(its.eject_quads, end, its.quad_fields):
        _begin_quad(noc, pool, quad, eject_row(its, pool[quad + fast.FIRST]), fast.EJECT_FIELDS)
    for number in range(its.n_pe):
        row = link_row(its, number)
        pe = pool[pool[row + fast.EJECT] + fast.PE]
        pool[row + fast.PEAK_WAITING] = noc[pool[row + fast.LINK] + at.PEAK_WAITING]
        pool[row + fast.NEXT_IN] = pool[row + fast.NEXT_OUT] = noc[noc[pe + at.HANDED] + at.HEAD]
        _begin_pe(noc, pool, pe, pool[row + fast.EJECT])
    pool[fast.START], pool[fast.N_ARRIVALS] = noc[at.NEXT_ENTRY], noc[at.N_ARRIVALS]
    pool[fast.END], pool[fast.BROKEN], pool[fast.LIMIT] = 0, 0, at.NEVER
    return True


@njit(cache=True, forceinline=True)
def _begin_link(noc: Block, pool: Block, row: Address) -> None:
    link = pool[row + fast.LINK]
    pool[row + fast.FREE_AT] = noc[link + at.FREE_AT]
    pool[row + fast.GRANTED_PORT] = noc[link + at.GRANTED_PORT]
    pool[row + fast.PEAK_AT] = at.NONE


@njit(cache=True, forceinline=True)
def _begin_quad(noc: Block, pool: Block, quad: Address, rows: Address, fields: int) -> None:
    peaks = 0
    for lane in range(fast.LANES):
        link = pool[rows + lane * fields + fast.LINK]
        if link != at.NONE:
            peak = min(noc[link + at.PEAK_WAITING], fast.MOST_WAITING)
            peaks |= peak << lane * fast.LANE_BITS
    pool[quad + fast.ALL_PEAKS] = peaks


@njit(cache=True, forceinline=True)
def _begin_pe(noc: Block, pool: Block, pe: Address, row: Address) -> None:
    """Entries go behind those held, up to the end of the ring, or to the oldest one."""
    _begin_link(noc, pool, row)
    fifo, oldest, end = noc[pe + at.FIFO], noc[pe + at.OLDEST], noc[at.FIFO_EVENTS]
    place = oldest + noc[pe + at.N_HELD]
    wraps = place >= end
    pool[row + fast.NEXT_PLACE] = fifo + place - wraps * end
    pool[row + fast.STOP_PLACE] = fifo + (oldest if wraps else end)
    for kind in range(4):
        pool[row + fast.SEEN + kind] = first_seen(noc, pe, kind)
    pool[row + fast.FIRED_AT], pool[row + fast.N_BEATS] = at.NONE, 0


@njit(cache=True, forceinline=True)
def first_seen(noc: Block, pe: Address, kind: int) -> int:
    """What *pe* has counted of *kind* before the window."""
    return fast.FIRES_AT - noc[pe + at.THRESHOLD] + noc[pe + kind] if kind == noc[pe + at.WATCHED] else 0


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
    end = its.eject_quads + its.n_ejects // fast.LANES * its.quad_fields
    for quad in range(its.link_quads, end, its.quad_fields):
        for k in range(fast.WAITED_AT, its.quad_fields):
            pool[quad + k] = 0
    for number in range(its.n_pe):
        pool[link_row(its, number) + fast.N_WAITING] = 0


@njit(cache=True)
def keep(noc: Block, pool: Block, its: Places) -> None:
    """Make what has been found the state of the network."""
    for number in range(its.n_links):
        row = link_row(its, number)
        link = pool[row + fast.LINK]
        if link != at.NONE:
            noc[link + at.N_FLITS] += pool[row + fast.N_FLITS]
            peak = pool[row + fast.PEAK_WAITING]
            if number >= its.first_quad:
                quad = its.link_quads + (number - its.first_quad >> fast.LANE_SHIFT) * its.quad_fields
                peak = _peak(pool, quad, number)
            _keep_link(noc, pool, row, peak)
    for number in range(its.n_ejects):
        row = eject_row(its, number)
        if pool[row + fast.LINK] != at.NONE:
            quad = its.eject_quads + (number >> fast.LANE_SHIFT) * its.quad_fields
            _keep_link(noc, pool, row, _peak(pool, quad, number))
            _keep_pe(noc, pool, row)
    for number in range(its.n_pe):
        _forget_handed(noc, noc[at.PES] + number * at.PE_FIELDS)
    noc[at.N_FIRED] += its.n_pe
    noc[at.N_ARRIVALS] = pool[fast.N_ARRIVALS]
    noc[at.CYCLE], noc[at.NEXT_ENTRY] = pool[fast.END], at.NEVER


@njit(cache=True, forceinline=True)
def _peak(pool: Block, quad: Address, number: int) -> int:
    shift = (number & fast.LANES - 1) * fast.LANE_BITS
    return pool[quad + fast.ALL_PEAKS] >> shift & fast.LANE_MASK


@njit(cache=True, forceinline=True)
def _keep_link(noc: Block, pool: Block, row: Address, peak: int) -> None:
    link = pool[row + fast.LINK]
    noc[link + at.FREE_AT] = pool[row + fast.FREE_AT]
    noc[link + at.GRANTED_PORT] = pool[row + fast.GRANTED_PORT]
    if pool[row + fast.PEAK_AT] != at.NONE:
        noc[link + at.PEAK_WAITING], noc[link + at.PEAK_AT] = peak, pool[row + fast.PEAK_AT]


@njit(cache=True, forceinline=True)
def _keep_pe(noc: Block, pool: Block, row: Address) -> None:
    pe, n_delivered = pool[row + fast.PE], pool[row + fast.N_BEATS]
    for kind in range(4):
        seen = pool[row + fast.SEEN + kind]
        n = (seen & SEEN_MASK) - first_seen(noc, pe, kind)
        if n == 0:
            continue
        if kind != at.DMA:
            n_delivered += n
        noc[pe + kind] += n
        noc[pe + at.LATEST + kind] = pool[fast.START] + (seen >> fast.SEEN_BITS)
        if kind == at.RX:
            _keep_events(noc, pe, n)
    if noc[pe + at.N_HELD] > noc[pe + at.PEAK_HELD]:
        # Nobody took any: the latest made it so many.
        noc[pe + at.PEAK_HELD] = noc[pe + at.N_HELD]
        noc[pe + at.PEAK_HELD_AT] = noc[pe + at.LATEST + at.RX]
    noc[pe + at.N_DELIVERED] += n_delivered
    noc[pool[row + fast.LINK] + at.N_FLITS] += n_delivered
    noc[pe + at.WATCHED], noc[pe + at.FIRED_AT] = at.NONE, pool[row + fast.FIRED_AT]


@njit(cache=True, forceinline=True)
def _keep_events(noc: Block, pe: Address, n: int) -> None:
    """The receive FIFO of *pe* holds *n* more: packets so far, events from now on."""
    for k in range(noc[pe + at.N_HELD], noc[pe + at.N_HELD] + n):
        place = event_at(noc, pe, k)
        packet = noc[place]
        noc[place] = noc[packet + at.TAG] << 1 | noc[packet + at.PARITY]
    noc[pe + at.N_HELD] += n


@njit(cache=True, forceinline=True)
def _forget_handed(noc: Block, pe: Address) -> None:
    handed = noc[pe + at.HANDED]
    while noc[handed + at.HEAD] != at.NONE:
        free_packet(noc, pop(noc, handed))
    noc[noc[pe + at.ENTERS_AT]] = at.NEVER
