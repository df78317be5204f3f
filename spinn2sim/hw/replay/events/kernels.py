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
    place, order = w[at.N_EVENTS], w[at.SEQUENCE]
    while place > 0 and _is_later(heap, (place - 1) // 2, tick, priority, order):
        _move(heap, (place - 1) // 2, place)
        place = (place - 1) // 2
    heap[place, at.AT], heap[place, at.PRIORITY], heap[place, at.ORDER] = tick, priority, order
    heap[place, at.KIND], heap[place, at.PE], heap[place, at.BLOCK] = kind, pe, number
    heap[place, at.REQUESTED] = requested
    w[at.N_EVENTS] += 1
    w[at.SEQUENCE] += 1


@compiled
def pop(heap: Array, w: Array) -> None:
    """Remove the first event, row 0."""
    w[at.N_EVENTS] -= 1
    n = w[at.N_EVENTS]  # The last one, which looks for its place from the top down.
    tick, priority, order = heap[n, at.AT], heap[n, at.PRIORITY], heap[n, at.ORDER]
    place, child = 0, 1
    while child < n:
        other = child + 1
        if other < n and _is_later(
            heap, child, heap[other, at.AT], heap[other, at.PRIORITY], heap[other, at.ORDER]
        ):
            child = other
        if _is_later(heap, child, tick, priority, order):
            break
        _move(heap, child, place)
        place, child = child, 2 * child + 1
    _move(heap, n, place)


@compiled
def _is_later(heap: Array, place: int, tick: int, priority: int, order: int) -> bool:
    """Whether the event at *place* comes after one with these keys."""
    if heap[place, at.AT] != tick:
        return heap[place, at.AT] > tick  # type: ignore[no-any-return]
    if heap[place, at.PRIORITY] != priority:
        return heap[place, at.PRIORITY] > priority  # type: ignore[no-any-return]
    return heap[place, at.ORDER] > order  # type: ignore[no-any-return]


@compiled
def _move(heap: Array, one: int, to: int) -> None:
    for field in range(at.EVENT_FIELDS):
        heap[to, field] = heap[one, field]
