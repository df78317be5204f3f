"""A NoC that remembers each packet: who sent it to whom and when, and when it arrived.

In the network a packet is known by its number, in the order of sending, instead of by its tag; the
tag is put back when the packet is taken. So the kernels need to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc.noc import Noc, PacketKind
from spinn2sim.units import Ticks

Numbers = NDArray[np.int64]


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

    def advance(self, until: float) -> list[tuple[int, Ticks]]:
        """As of ``Noc``."""
        self.memory.need_half_a_record()
        return super().advance(until)

    def take(
        self, pe: int, at: int, parity: int | None = None, at_most: int | None = None
    ) -> Numbers:
        """As of ``Noc``."""
        numbers = super().take(pe, at, parity, at_most)
        return np.array([self._tags[number] for number in numbers.tolist()], np.int64)

    def packets(self) -> Numbers:
        """(n, 7): the trace's table ``packets``, in order of packet and, for each, of target.

        ``arrived`` is -1 where nothing did.
        """
        if not self._sendings:
            return np.empty((0, 7), np.int64)
        lists = {
            targets: number
            for number, targets in enumerate(dict.fromkeys(s.targets for s in self._sendings))
        }
        lengths = np.array([len(targets) for targets in lists], np.int64)
        begins = np.cumsum(lengths) - lengths
        listed = np.array(list(chain.from_iterable(lists)), np.int64)
        sendings = np.array(
            [
                (s.first, s.source, s.kind, s.at, s.spacing, lists[s.targets], s.n_packets)
                for s in self._sendings
            ],
            np.int64,
        )
        of = np.repeat(np.arange(len(sendings)), sendings[:, 6])
        first, source, kind, at, spacing, own = sendings[of, :6].T
        numbers = np.arange(len(of))
        # From here on a row per packet and target.
        n_targets = lengths[own]
        begin = np.cumsum(n_targets) - n_targets
        row = np.repeat(numbers, n_targets)
        place = np.arange(len(row)) + (begins[own] - begin)[row]
        table = np.empty((len(row), 7), np.int64, order="F")
        per_packet = (
            numbers,
            source,
            None,
            kind,
            np.array(self._tags),
            at + (numbers - first) * spacing,
        )
        for column, values in enumerate(per_packet):
            table[:, column] = listed[place] if values is None else values[row]
        table[:, 6] = -1
        number, ticks, found = self._arrivals_in(lists, listed, own)
        table[begin[number] + found - begins[own[number]], 6] = ticks
        return table

    def _arrivals_in(
        self, lists: Mapping[tuple[int, ...], int], listed: Numbers, own: Numbers
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Of each delivery: number of the packet, tick, and the place of the target in *listed*.

        listed: all *lists* of targets one after the other; own: (n_packets,) the list of each.
        """
        known, n_pe = self.memory.arrivals, int(listed.max()) + 1
        number, target = known[:, 0], self.memory.number(known[:, 1])
        lengths = np.array([len(targets) for targets in lists])
        begins = np.cumsum(lengths) - lengths
        # Lists of one target are many where each PE sends to each, and need no look.
        row = np.cumsum(lengths > 1) * (lengths > 1)
        places = np.zeros((row.max() + 1, n_pe), np.int64)
        places[np.repeat(row, lengths), listed] = np.arange(len(listed))
        own_list = own[number]
        found = np.where(row[own_list], places[row[own_list], target], begins[own_list])
        return number, known[:, 2] * self.ticks_per_unit, found
