"""Comms, DMA and their way into the NoC (``hw.comms``, ``hw.dma``), compiled.

Each function names what it repeats. ``p`` are the parameters, ``w`` the whole (see ``layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.noc import kernels as noc
from spinn2sim.hw.noc import layout as net
from spinn2sim.hw.noc.kernels import send as send_packets
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.core.kernels import clock_edge
from spinn2sim.hw.replay.events.kernels import push

forget_stale(__file__, root=Path(__file__).parents[2])

Array = NDArray[Any]
compiled = njit(cache=True, boundscheck=False)


@compiled
def has_open(pe: Array, transfers: Array, n_rows: Array, number: int) -> bool:
    """Whether it has started a transfer that it has not seen complete."""
    for k in range(pe[at.FIRST_OPEN], n_rows[at.TRANSFERS]):
        if transfers[k, at.T_PE] == number and transfers[k, at.T_FINISHED] == at.NONE:
            return True
    return False


@compiled
def complete(pe: Array, pes: Array, transfers: Array, n_rows: Array, number: int) -> None:
    """``Dma.complete``."""
    for k in range(pe[at.FIRST_OPEN], n_rows[at.TRANSFERS]):
        row = transfers[k]
        if row[at.T_PE] == number and row[at.T_FINISHED] == at.NONE:
            row[at.T_FINISHED] = pe[at.TIME]
            pe[at.OWED_BEATS] += row[at.T_BEATS]
            pes[row[at.T_TO], at.OWED_BEATS] += row[at.T_BEATS]
    pe[at.FIRST_OPEN] = n_rows[at.TRANSFERS]


@compiled
def send(
    block: Array,
    w: Array,
    routes: Array,
    source: int,
    target: int,
    kind: int,
    parity: int,
    tick: int,
    spacing: int,
    n_packets: int,
) -> None:
    """``Noc.send``: to *target*, or to all others if that is the *source*. Tags do not matter."""
    root, n_roots = routes[source, target, 0], routes[source, target, 1]
    if n_packets and n_roots:
        if block[net.N_FREE_PACKETS] < n_packets * n_roots:
            w[at.NO_FLITS] = 1
            return
        tags = np.zeros(n_packets, np.int64)
        send_packets(block, row_of(block, source), root, n_roots, kind, parity, tick, spacing, tags)


@compiled
def take(block: Array, p: Array, pe: Array, number: int, parity: int, at_most: int) -> None:
    """``Noc.take``."""
    cycle = max(pe[at.TIME] // p[at.NOC_TICKS_PER_CYCLE], block[net.CYCLE])
    noc.take(block, row_of(block, number), cycle, parity, at_most)


@compiled
def wake(block: Array, p: Array, pes: Array, w: Array, heap: Array, row: int, cycle: int) -> None:
    """``Chip._wake`` for one PE."""
    number = (row - block[net.PES]) // net.PE_FIELDS
    arrival = cycle * p[at.NOC_TICKS_PER_CYCLE]
    seen = clock_edge(arrival, p[at.TICKS_PER_CYCLE]) + p[at.CROSSING]
    tick = max(seen, pes[number, at.TIME])
    pes[number, at.RESUMES_AT] = tick
    push(heap, w, tick, 1, at.GO_ON, number, 0, 0)


@compiled
def row_of(block: Array, number: int) -> int:
    """Where the NoC keeps PE *number*."""
    return int(block[net.PES] + number * net.PE_FIELDS)
