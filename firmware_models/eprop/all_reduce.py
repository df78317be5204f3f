"""The gradients of all groups, added up by DMA along a tree of groups (decision 0012).

PEs with the same place in their groups own the same neurons, so these make a tree of their own: one
for each place. Sums rise to group 0, and the whole sum comes down again. Both children of a PE
write into arrays that it does not need any more, so it tells them first that it has come so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from firmware_models.eprop.work import Work
from spinn2sim.firmware import PEContext, Program

Array = NDArray[Any]

#: Keys of packets: the arrays of the parent may be written; mine are written in yours.
READY, WRITTEN = 0, 1

#: Into which array of its parent the first child of a PE writes each matrix, and the second.
RECEIVED: tuple[Mapping[str, str], Mapping[str, str]] = (
    {"in": "dw_in", "rec": "dw_rec", "out": "dw_out", "b": "received_b_first"},
    {"in": "e_bar_in", "rec": "e_bar_rec", "out": "received_out", "b": "received_b"},
)

#: Those of these that are matrices of the program, which have to be at hand.
RECEIVING = frozenset({"dw_in", "dw_rec", "e_bar_in", "e_bar_rec"})


class Place(NamedTuple):
    """A group in the tree."""

    parent: int | None
    """None for group 0."""
    rank: int
    """Whether it is the first child (0) or the second."""
    children: tuple[int, ...]


def place_of(group: int, n_groups: int) -> Place:
    """Where *group* of *n_groups* is in a binary tree in which each subtree is a row of groups.

    So neighbours on the board are near in the tree, and the depth grows with the logarithm.
    """
    low, high = 0, n_groups
    parent, rank = None, 0
    while True:
        middle = low + 1 + (high - low) // 2
        if group == low:
            children = (low + 1, middle) if middle < high else (low + 1,)
            return Place(parent, rank, children if low + 1 < high else ())
        parent, rank = low, int(group >= middle)
        low, high = (middle, high) if rank else (low + 1, middle)


def added_up(gradients: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """The sum of *gradients*, by group, added in the order in which ``all_reduce`` does."""
    sums: dict[int, dict[str, Array]] = {}
    for group in reversed(range(len(gradients))):  # children come behind their parents
        whole = {name: array.copy() for name, array in gradients[group].items()}
        for child in place_of(group, len(gradients)).children:
            for name, received in sums.pop(child).items():
                whole[name] += received
        sums[group] = whole
    return sums[0]


def all_reduce(pe: PEContext, gradient: Mapping[str, Array], work: Work, n_groups: int) -> Program:
    """Add *gradient* up over the groups, in place, with *pe* out of all PEs of *n_groups* groups.

    The order of the additions is that of the tree, whoever comes first. Logs ``all_reduced``.
    """
    n_pe = pe.n_pe // n_groups
    group, own = divmod(pe.pe, n_pe)
    place = place_of(group, n_groups)
    children = [child * n_pe + own for child in place.children]
    for child in children:
        yield work.signal
        yield from pe.send(child, READY)
    # Packets of the children and of the parent come in any order, so they are awaited together.
    yield from _await(pe, work, len(children) + (place.parent is not None))
    for child, arrays in zip(children, RECEIVED, strict=False):
        for name in gradient:
            received = yield from pe.take_dma(arrays[name])
            gradient[name][:] += received[child]
        yield work.add
    if place.parent is not None:
        parent = place.parent * n_pe + own
        yield from _write(pe, [parent], gradient, RECEIVED[place.rank])
        yield work.signal
        yield from pe.send(parent, WRITTEN)
        yield from _await(pe, work, 1)
        for name, whole in gradient.items():
            received = yield from pe.take_dma(f"batch_{name}")
            whole[:] = received[parent]
    if children:
        yield from _write(pe, children, gradient, {name: f"batch_{name}" for name in gradient})
    for child in children:
        yield work.signal
        yield from pe.send(child, WRITTEN)
    yield from pe.log("all_reduced", 1)


def _await(pe: PEContext, work: Work, n_packets: int) -> Program:
    if n_packets:
        yield from pe.receive(n_packets)
    for _ in range(n_packets):
        yield work.take_signal


def _write(
    pe: PEContext, targets: list[int], gradient: Mapping[str, Array], arrays: Mapping[str, str]
) -> Program:
    """Write *gradient* into *arrays* of each of the *targets*, and wait for the end."""
    for target in targets:
        for name, array in gradient.items():
            yield from pe.dma_write(target, arrays[name], array.copy(), array.nbytes)
    yield from pe.wait_dma()
