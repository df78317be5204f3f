"""The events to come, in a binary heap: by tick, then priority, then order of scheduling.

That is SimPy's order. A row of ``heap`` is an event, ``w`` counts them (see ``layout``).
"""

# ruff: noqa: PLR0917 - compiled functions are called by position

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit
from numpy.typing import NDArray

from spinn2sim.compiled import forget_stale
from spinn2sim.hw.replay import layout as at

forget_stale(__file__, root=Path(__file__).parents[2])

Array = NDArray[Any]
compiled = njit(cache=True, boundscheck=False)


@compiled
def push(
    heap: Array,
    w: Array,
    tick: int,
    priority: int,
    kind: int,
    pe: int,
    number: int,
    requested: int,
) -> None:
    """Schedule an event."""
    place = w[at.N_EVENTS]
    event = heap[place]
    event[at.AT], event[at.PRIORITY], event[at.ORDER] = tick, priority, w[at.SEQUENCE]
    event[at.KIND], event[at.PE], event[at.BLOCK], event[at.REQUESTED] = kind, pe, number, requested
    w[at.N_EVENTS] += 1
    w[at.SEQUENCE] += 1
    while place > 0 and _earlier(heap, place, (place - 1) // 2):
        _swap(heap, place, (place - 1) // 2)
        place = (place - 1) // 2


@compiled
def pop(heap: Array, w: Array) -> None:
    """Remove the first event, row 0."""
    w[at.N_EVENTS] -= 1
    n = w[at.N_EVENTS]
    heap[0] = heap[n]
    place = 0
    while True:
        least, child = place, 2 * place + 1
        if child < n and _earlier(heap, child, least):
            least = child
        if child + 1 < n and _earlier(heap, child + 1, least):
            least = child + 1
        if least == place:
            return
        _swap(heap, place, least)
        place = least


@compiled
def _earlier(heap: Array, one: int, other: int) -> bool:
    for key in range(at.KIND):
        if heap[one, key] != heap[other, key]:
            return heap[one, key] < heap[other, key]  # type: ignore[no-any-return]
    return False


@compiled
def _swap(heap: Array, one: int, other: int) -> None:
    for field in range(at.EVENT_FIELDS):
        heap[one, field], heap[other, field] = heap[other, field], heap[one, field]
