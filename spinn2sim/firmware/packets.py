"""The packets that programs send each other without a clock: those of one barrier to the next.

A program hands over whole multicasts, and most are looked at when all programs meet: then at once.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from functools import partial
from itertools import chain

import numpy as np

from spinn2sim.firmware import ops

#: ``Inbox`` of a tuple, in a third of the time of a call with two arguments.
_inbox = partial(tuple.__new__, ops.Inbox)


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
        self._look()
        if any(self._alone.values()):
            inboxes = [self.take(pe, self.n_waiting(pe)) for pe in range(len(self._n_seen))]
        elif self._keys:
            inboxes = self._take_multicasts()
        else:
            return [ops.EMPTY_INBOX] * len(self._n_seen)
        self._sources, self._keys, self._payloads = [], [], {}
        self._n_seen = [0] * len(self._n_seen)
        return inboxes

    def _look(self) -> None:
        """Tell the packets of all multicasts apart."""
        if not self.multicasts:
            return
        if any(op.payloads for op in self.multicasts):
            place = len(self._keys)
            for op in self.multicasts:
                self._payloads |= {k: words for k, words in enumerate(op.payloads, place) if words}
                place += len(op.keys)
        keys = [op.keys for op in self.multicasts]
        self._sources += [pe for pe, own in zip(self.senders, keys, strict=True) for _ in own]
        self._keys += chain.from_iterable(keys)
        self.multicasts.clear()
        self.senders.clear()

    def _take_multicasts(self) -> list[ops.Inbox]:
        keys, n_pe = np.array(self._keys), len(self._n_seen)
        order = np.argsort(keys, kind="stable")
        sources = np.array(self._sources)[order]
        # (n_pe, n_packets), packets in order of key: which PE gets which.
        gets = np.ones((n_pe, len(keys)), np.bool_)
        gets[sources, np.arange(len(keys))] = False
        n_each = len(keys) - np.bincount(sources, minlength=n_pe)
        if any(self._n_seen):
            gets &= order >= np.array(self._n_seen)[:, None]
            n_each = gets.sum(axis=1)
        if self._payloads:
            return [
                ops.make_inbox(pe, keys[places], self._brought(places.tolist()))
                for pe, places in enumerate(np.sort(order[row]) for row in gets)
            ]
        taken = np.broadcast_to(keys[order], gets.shape)[gets]
        ends = np.cumsum(n_each).tolist()
        return [
            _inbox((taken[first:end], ops.NO_PAYLOADS))
            for first, end in zip([0, *ends], ends, strict=False)
        ]

    def _brought(self, places: Sequence[int]) -> list[tuple[int, tuple[float, ...]]]:
        return [(self._keys[k], self._payloads[k]) for k in places if k in self._payloads]
