"""The packets that programs send each other without a clock: those of one barrier to the next.

A program hands over whole multicasts, and most are looked at when all programs meet: then at once.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

import numpy as np

from spinn2sim.firmware import ops
from spinn2sim.firmware.delivery import Delivery, dealt


class Packets:
    """The packets sent since the last barrier: multicasts for all PEs but their source, and others.

    Packets for one PE alone are taken before multicasts; which are older, only a clock could tell.
    """

    def __init__(self, n_pe: int) -> None:
        self.multicasts: list[ops.Multicast] = []
        """Handed over and not looked at yet, in order."""
        self.senders: list[int] = []
        """The PE of each of them."""
        self._sources: list[int] = []
        """Of packets, by place, and below their keys."""
        self._keys: list[int] = []
        self._payloads: dict[int, tuple[float, ...]] = {}
        """Of the packets, by place, that bring any."""
        self._n_seen = [0] * n_pe
        """By PE: the packets before have been taken, or are its own."""
        self._alone: defaultdict[int, deque[int]] = defaultdict(deque)
        """By PE: the keys of packets that are for it alone."""
        self._delivery = Delivery((), (), n_pe)
        """Of the last barrier that had spikes only."""
        self._are_read = False
        """Whether a program has ever looked at such spikes."""

    def send_to(self, pe: int, key: int) -> None:
        """A packet for *pe* alone."""
        self._alone[pe].append(key)

    def n_waiting(self, pe: int) -> int:
        """Packets in the receive FIFO of *pe*."""
        self._look()
        waiting = self._sources[self._n_seen[pe] :]
        return len(waiting) - waiting.count(pe) + len(self._alone[pe])

    def take(self, pe: int, n_packets: int) -> ops.Inbox:
        """The oldest *n_packets* of the receive FIFO of *pe*, which has as many."""
        self._look()
        alone = [self._alone[pe].popleft() for _ in range(min(n_packets, len(self._alone[pe])))]
        places: list[int] = []
        while len(alone) + len(places) < n_packets:
            place, self._n_seen[pe] = self._n_seen[pe], self._n_seen[pe] + 1
            if self._sources[place] != pe:
                places.append(place)
        keys = np.array(alone + [self._keys[place] for place in places], np.int64)
        return ops.make_inbox(pe, keys, self._brought(places))

    def take_all(self) -> list[ops.Inbox]:
        """All packets that wait, by PE."""
        n_pe = len(self._n_seen)
        if self._all_are_spikes():
            self._are_read |= self._delivery.is_open
            self._delivery = Delivery(self.multicasts.copy(), self.senders.copy(), n_pe)
            self.multicasts.clear()
            self.senders.clear()
            return self._delivery.inboxes if self._are_read else self._delivery.unopened()
        self._look()
        if any(self._alone.values()):
            inboxes = [self.take(pe, self.n_waiting(pe)) for pe in range(n_pe)]
        elif self._payloads:
            inboxes = self._take_multicasts()
        elif self._keys:
            inboxes = dealt(self._keys, self._sources, self._n_seen)
        else:
            return [ops.EMPTY_INBOX] * n_pe
        self._sources, self._keys, self._payloads = [], [], {}
        self._n_seen = [0] * n_pe
        return inboxes

    def _all_are_spikes(self) -> bool:
        """Whether nothing waits but multicasts without payload that nobody has looked at."""
        return (
            bool(self.multicasts)
            and not self._keys
            and not any(op.payloads for op in self.multicasts)
            and not any(self._alone.values())
        )

    def _look(self) -> None:
        """Tell the packets of all multicasts apart."""
        for op, source in zip(self.multicasts, self.senders, strict=True):
            if op.payloads:
                placed = enumerate(op.payloads, len(self._keys))
                self._payloads |= {place: words for place, words in placed if words}
            self._keys += op.keys
            self._sources += [source] * len(op.keys)
        self.multicasts.clear()
        self.senders.clear()

    def _take_multicasts(self) -> list[ops.Inbox]:
        keys, sources, n_seen = map(np.array, (self._keys, self._sources, self._n_seen))
        # (n_pe, n_packets): which PE gets which.
        gets = sources != np.arange(len(n_seen))[:, None]
        gets &= np.arange(len(keys)) >= n_seen[:, None]
        return [
            ops.make_inbox(pe, keys[places], self._brought(places.tolist()))
            for pe, places in enumerate(map(np.flatnonzero, gets))
        ]

    def _brought(self, places: Sequence[int]) -> list[tuple[int, tuple[float, ...]]]:
        return [(self._keys[k], self._payloads[k]) for k in places if k in self._payloads]
