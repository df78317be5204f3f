"""A NoC that remembers each packet: who sent it to whom and when, and when it arrived.

In the network a packet is known by its number, in the order of sending, instead of by its tag; the
tag is put back when the packet is taken. So the kernels need to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc.noc import Noc, PacketKind


class Sending(NamedTuple):
    """One call of ``send``."""

    first: int
    """Number of its first packet."""
    n_packets: int
    source: int
    targets: tuple[int, ...]
    kind: PacketKind
    at: int
    spacing: int


class RecordedNoc(Noc):
    """``packets`` is the record; memory grows with each packet."""

    def __init__(self, **wiring: Any) -> None:
        super().__init__(record_arrivals=True, **wiring)
        self._sendings: list[Sending] = []
        self._tags: list[int] = []

    def send(  # noqa: PLR0917 - as of ``Noc``
        self,
        source: int,
        targets: tuple[int, ...],
        kind: PacketKind,
        at: int,
        tags: Sequence[int] | NDArray[np.int64],
        spacing: int = 0,
        parity: int = 0,
    ) -> None:
        """As of ``Noc``."""
        if not targets or not len(tags):
            return
        first = len(self._tags)
        self._tags += map(int, tags)
        self._sendings.append(Sending(first, len(tags), source, targets, kind, at, spacing))
        numbers = range(first, len(self._tags))
        super().send(source, targets, kind, at, numbers, spacing, parity)

    def take(
        self, pe: int, at: int, parity: int | None = None, at_most: int | None = None
    ) -> NDArray[np.int64]:
        """As of ``Noc``."""
        numbers = super().take(pe, at, parity, at_most)
        return np.array([self._tags[number] for number in numbers.tolist()], np.int64)

    def packets(self) -> Iterator[tuple[int, ...]]:
        """The rows of the trace's table ``packets``, in order of packet and, for each, of target.

        ``arrived`` is -1 where nothing did.
        """
        arrived = {
            (number, pe): cycle * self.ticks_per_unit
            for number, pe, cycle in self.arrivals().tolist()
        }
        for each in self._sendings:
            for k, target in product(range(each.n_packets), each.targets):
                number = each.first + k
                yield (
                    *(number, each.source, target, int(each.kind), self._tags[number]),
                    each.at + k * each.spacing,
                    arrived.get((number, target), -1),
                )
