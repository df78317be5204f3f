"""The host and the input buffers (``hw.host``), compiled.

Each function names what it repeats. ``p`` are the parameters, ``w`` the whole (see ``layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.replay import layout as at
from spinn2sim.hw.replay.events.kernels import push

forget_stale(__file__, root=Path(__file__).parents[2])

Array = NDArray[Any]
compiled = njit(cache=True, boundscheck=False)


@compiled
def read(p: Array, pe: Array, w: Array, heap: Array, number: int) -> None:
    """``InputBuffer.read`` and ``Host.request``."""
    pe[at.N_READ] += 1
    if pe[at.N_READ] == pe[at.END_OF_BLOCK]:
        pe[at.END_OF_BLOCK] += p[at.STEPS_PER_BUFFER]
        block = pe[at.END_OF_BLOCK] // p[at.STEPS_PER_BUFFER]
        if block_bytes(p, block):
            heard = pe[at.TIME] + p[at.LATENCY]
            push(heap, w, heard, 1 + number, at.HEARD, number, block, pe[at.TIME])


@compiled
def serve(
    p: Array,
    w: Array,
    heap: Array,
    refills: Array,
    n_rows: Array,
    pe: int,
    block: int,
    requested: int,
) -> None:
    """``Host._serve``."""
    n_bytes = block_bytes(p, block)
    started = wire_free = max(w[at.NOW], w[at.WIRE_FREE])
    write_free, left = w[at.WRITE_FREE], n_bytes
    while left > 0:
        size = min(p[at.PACKET_BYTES], left)
        left -= size
        if size == p[at.PACKET_BYTES]:
            entry = at.FULL_WIRE
        elif n_bytes == p[at.STEPS_PER_BUFFER] * p[at.FRAME_BYTES]:
            entry = at.REST_WIRE
        else:
            entry = at.LAST_WIRE
        wire_free += p[entry]
        write_free = max(wire_free + p[at.LATENCY], write_free) + p[entry + 1]
    w[at.WIRE_FREE], w[at.WRITE_FREE] = wire_free, write_free
    row = refills[n_rows[at.REFILLS]]
    row[0], row[1], row[2], row[3], row[4], row[5] = (
        pe,
        block,
        requested,
        started,
        write_free,
        n_bytes,
    )
    n_rows[at.REFILLS] += 1
    push(heap, w, write_free, 1, at.WRITTEN, pe, n_bytes, 0)


@compiled
def written(p: Array, pes: Array, w: Array, heap: Array, number: int, n_bytes: int) -> None:
    """``Host._complete`` and ``InputBuffer.written``."""
    pe = pes[number]
    pe[at.N_WRITTEN] = min(pe[at.N_WRITTEN] + p[at.STEPS_PER_BUFFER], p[at.N_FRAMES])
    if pe[at.STATE] == at.FOR_INPUT:
        pe[at.STATE] = at.INPUT_HERE
        push(heap, w, w[at.NOW], 1, at.GO_ON, number, 0, 0)
    if w[at.N_PRELOADING] == at.NONE:
        pe[at.OWED_BEATS] += -(-n_bytes * 8 // p[at.BEAT_BITS])
        return
    w[at.N_PRELOADING] -= 1
    if w[at.N_PRELOADING] == 0:
        w[at.N_PRELOADING] = at.NONE
        push(heap, w, w[at.NOW], 1, at.START, 0, 0, 0)


@compiled
def block_bytes(p: Array, block: int) -> int:
    """``Host._n_bytes``."""
    first = block * p[at.STEPS_PER_BUFFER]
    return int(max(min(p[at.STEPS_PER_BUFFER], p[at.N_FRAMES] - first), 0) * p[at.FRAME_BYTES])
