"""Comms: the packet interface of a PE, between its core and the NoC.

Spikes wait in the receive FIFO until the core takes them; sync flags are counted in hardware. Each
packet carries the parity of the barrier that its sender is heading for. Neighbours are never more
than one barrier apart, so the parity tells what belongs to this barrier from what a fast neighbour
has already sent for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import FirmwareError
from spinn2sim.firmware import Inbox
from spinn2sim.firmware.ops import EMPTY_INBOX, KEY_BITS, NO_PAYLOADS, make_inbox
from spinn2sim.hw.limits import refuse_long_payload
from spinn2sim.hw.noc import Network, PacketKind
from spinn2sim.spec import ChipSpec
from spinn2sim.units import Clock, Ticks

# A packet's tag holds its key in the low bits and the number of its payload above them.
_KEY_MASK = (1 << KEY_BITS) - 1
#: A sync flag says nothing but that it is there.
FLAG_TAG = (0,)


class PayloadTable:
    """The payloads under way on the chip, by number; 0 stands for none."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._words: dict[int, tuple[float, ...]] = {}
        self._n_targets: dict[int, int] = {}

    @property
    def n_under_way(self) -> int:
        """Payloads that not all targets have taken."""
        return len(self._words)

    def put(self, words: tuple[float, ...], n_targets: int) -> int:
        """Keep *words* until *n_targets* PEs have taken them."""
        number = next(self._numbers)
        self._words[number], self._n_targets[number] = words, n_targets
        return number

    def take(self, number: int) -> tuple[float, ...]:
        """The words of *number*, for one of its targets."""
        self._n_targets[number] -= 1
        if self._n_targets[number]:
            return self._words[number]
        del self._n_targets[number]
        return self._words.pop(number)


class Comms:
    """The packet interface of one PE."""

    def __init__(
        self,
        *,
        pe: int,
        n_pe: int,
        spec: ChipSpec,
        clock: Clock,
        noc: Network,
        payloads: PayloadTable,
    ) -> None:
        self.pe, self.clock, self.noc, self.payloads = pe, clock, noc, payloads
        self.others = tuple(other for other in range(n_pe) if other != pe)
        self.n_barriers = 0
        self.depth = spec.comms.fifo_events
        self.crossing = clock.ticks(spec.comms.crossing_cycles)
        self.spec = spec

    def run_at(self, clock: Clock) -> None:
        """The clock of the PE is *clock* from now on."""
        self.clock, self.crossing = clock, clock.ticks(self.spec.comms.crossing_cycles)

    @property
    def parity(self) -> int:
        """Parity of the barrier this PE is heading for."""
        return self.n_barriers & 1

    def seen(self, arrival: int) -> Ticks:
        """When the core sees what arrived at tick *arrival*."""
        return self.clock.edge(arrival) + self.crossing  # type: ignore[return-value]  # Ticks, too

    def multicast(
        self, keys: Sequence[int], payloads: Sequence[tuple[float, ...]], at: Ticks
    ) -> None:
        """Hand one packet per key to the NoC at *at*.

        :raises FirmwareError: a payload is longer than a packet carries.
        """
        if payloads:
            refuse_long_payload(self.pe, payloads, self.spec)
        if not keys or not self.others:
            return
        tags = keys
        if payloads:
            numbers = (self.payloads.put(words, len(self.others)) for words in payloads)
            tags = [key | number << KEY_BITS for key, number in zip(keys, numbers, strict=True)]
        self.noc.send(self.pe, self.others, PacketKind.RX, at, tags, parity=self.parity)

    def send(self, to: int, key: int, at: Ticks) -> None:
        """Hand one packet with *key* for PE *to* alone to the NoC at *at*."""
        self.noc.send(self.pe, (to,), PacketKind.RX, at, (key,), parity=self.parity)

    def raise_flag(self, at: Ticks, lookahead: int) -> None:
        """Tell all others, of whom there are some, that this PE is at the barrier; watch theirs.

        For *lookahead* ticks after the barrier the PE will have nothing to do with the network.
        """
        kind = PacketKind.FLAG1 if self.n_barriers & 1 else PacketKind.FLAG0
        self.noc.send(self.pe, self.others, kind, at, FLAG_TAG)
        n_flags = (self.n_barriers // 2 + 1) * len(self.others)
        self.noc.watch(self.pe, kind, n_flags, self.crossing + lookahead)

    def pass_barrier(self, at: Ticks) -> Inbox:
        """All flags are in: what the others sent before theirs."""
        tags = self.noc.take(self.pe, at, self.n_barriers & 1)
        self.n_barriers += 1
        return self._open(tags)

    def expect(self, n_packets: int) -> None:
        """Have the core woken when *n_packets* are in the receive FIFO.

        If more are there already, it sees them when the latest has crossed into its clock domain.

        :raises FirmwareError: the FIFO never holds as many.
        """
        if n_packets > self.depth:
            problem = f"it waits for {n_packets:,} packets; its receive FIFO holds {self.depth:,}"
            raise FirmwareError(self.pe, problem, "receive fewer at a time")
        more = n_packets - self.noc.level(self.pe)
        self.noc.watch(self.pe, PacketKind.RX, self.noc.count(self.pe, PacketKind.RX) + more)

    def take(self, n_packets: int, at: Ticks) -> Inbox:
        """The oldest *n_packets* of the receive FIFO."""
        return self._open(self.noc.take(self.pe, at, at_most=n_packets))

    def _open(self, tags: NDArray[np.int64]) -> Inbox:
        if not tags.size:
            return EMPTY_INBOX
        if not self.payloads.n_under_way:
            tags.sort()
            return Inbox(tags, NO_PAYLOADS)
        keys, numbers = tags & _KEY_MASK, tags >> KEY_BITS
        payloads = [
            (int(keys[index]), self.payloads.take(int(numbers[index])))
            for index in np.flatnonzero(numbers)
        ]
        return make_inbox(self.pe, keys, payloads)
