"""A NoC that remembers each packet: who sent it to whom and when, and when it arrived.

In the network a packet is known by its number, in the order of sending, instead of by its tag; the
tag is put back when the packet is taken. So the kernels need to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc.noc import Noc, PacketKind
from spinn2sim.units import Ticks


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
        n_packets: int,
        at: int,
        tags: Sequence[int] | NDArray[np.int64],
        spacing: int = 0,
        parity: int = 0,
    ) -> None:
        """As of ``Noc``."""
        if not targets or not n_packets:
            return
        first = len(self._tags)
        self._tags += map(int, tags)
        self._sendings.append(Sending(first, n_packets, source, targets, kind, at, spacing))
        numbers = range(first, len(self._tags))
        super().send(source, targets, kind, n_packets, at, numbers, spacing, parity)

    def advance(self, until: float) -> list[tuple[int, Ticks]]:
        """As of ``Noc``."""
        self.memory.put_arrivals_aside()
        return super().advance(until)

    def take(
        self, pe: int, at: int, parity: int | None = None, at_most: int | None = None
    ) -> NDArray[np.int64]:
        """As of ``Noc``."""
        numbers = super().take(pe, at, parity, at_most)
        return np.array([self._tags[number] for number in numbers.tolist()], np.int64)

    def packets(self) -> NDArray[np.int64]:
        """(n, 7): the trace's table ``packets``, in order of packet and, for each, of target.

        ``arrived`` is -1 where nothing did.
        """
        if not self._sendings:
            return np.empty((0, 7), np.int64)
        lists = {
            targets: place
            for place, targets in enumerate(dict.fromkeys(s.targets for s in self._sendings))
        }
        lengths = np.array([len(targets) for targets in lists], np.int64)
        begins = np.cumsum(lengths) - lengths
        sendings = np.array(
            [
                (s.first, s.source, s.kind, s.at, s.spacing, lists[s.targets], s.n_packets)
                for s in self._sendings
            ],
            np.int64,
        )
        # A row per packet, then one per packet and target.
        of = np.repeat(sendings, sendings[:, 6], axis=0)
        numbers = np.arange(len(of))
        sent = of[:, 3] + (numbers - of[:, 0]) * of[:, 4]
        n_targets = lengths[of[:, 5]]
        row = np.repeat(numbers, n_targets)
        place = np.arange(len(row)) - np.repeat(np.cumsum(n_targets) - n_targets, n_targets)
        targets = np.array(list(chain.from_iterable(lists)), np.int64)[begins[of[row, 5]] + place]
        tags = np.array(self._tags, np.int64)
        arrived = self._arrived(row, targets)
        columns = (row, of[row, 1], targets, of[row, 2], tags[row], sent[row], arrived)
        return np.column_stack(columns)

    def _arrived(self, numbers: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tick at which packet *numbers* came to *targets*, (n,); -1 where it did not."""
        known, n_pe = self.memory.arrivals, int(targets.max()) + 1
        keys = known[:, 0] * n_pe + self.memory.number(known[:, 1])
        order = np.argsort(keys)
        keys, ticks = keys[order], known[order, 2] * self.ticks_per_unit
        wanted = numbers * n_pe + targets
        places = np.searchsorted(keys, wanted)
        found = np.append(keys, -1)[places] == wanted
        return np.where(found, np.append(ticks, -1)[places], -1)
