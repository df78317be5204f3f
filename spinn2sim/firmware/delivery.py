"""Multicasts that all PEs take at once, dealt out when the first of them looks at its own.

Some programs only meet, and to make an inbox for each of 152 PEs takes as long as all else that is
done for their barrier. Once a program has looked, all inboxes are made beforehand (``packets``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware import ops


class Delivery:
    """The packets of *multicasts*, without payload, of which *n_pe* get those of all others."""

    def __init__(
        self, multicasts: Sequence[ops.Multicast], senders: Sequence[int], n_pe: int
    ) -> None:
        self._multicasts, self._senders, self._n_pe = multicasts, senders, n_pe
        self.is_open = False
        """Whether somebody has looked."""

    @cached_property
    def inboxes(self) -> list[ops.Inbox]:
        """By PE."""
        self.is_open = True
        return dealt(*spread(self._multicasts, self._senders), [0] * self._n_pe)

    def unopened(self) -> list[ops.Inbox]:
        """The same, made as soon as somebody looks into one."""
        return list(map(_unopened, zip(repeat(self), range(self._n_pe), strict=False)))


class Unopened(ops.Inbox):
    """An inbox that looks like any other; it holds a ``Delivery`` and the PE whose it is."""

    __slots__ = ()

    def _open(self) -> ops.Inbox:
        held: Iterator[Any] = super().__iter__()
        delivery, pe = held
        inbox: ops.Inbox = delivery.inboxes[pe]
        return inbox

    @property
    def keys(self) -> NDArray[np.int64]:
        """Those of the inbox, made now if need be."""
        return self._open().keys

    @property
    def payloads(self) -> Mapping[int, tuple[float, ...]]:
        """None."""
        return self._open().payloads

    def __iter__(self) -> Iterator[Any]:
        return iter(self._open())

    def __getitem__(self, place: Any) -> Any:
        return self._open()[place]

    def __eq__(self, other: object) -> bool:
        return self._open() == other

    def __ne__(self, other: object) -> bool:
        return self._open() != other

    def __hash__(self) -> int:
        return hash(self._open())

    def __repr__(self) -> str:
        return repr(self._open())

    def __reduce__(self) -> tuple[Any, ...]:
        return ops.Inbox, tuple(self)

    def _replace(self, **fields: Any) -> ops.Inbox:  # type: ignore[override]  # one that is open
        return self._open()._replace(**fields)


#: From tuples, in a third of the time of a call with two arguments.
_inbox, _unopened = partial(tuple.__new__, ops.Inbox), partial(tuple.__new__, Unopened)


def spread(
    multicasts: Sequence[ops.Multicast], senders: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Key and source of each packet of *multicasts*, in order."""
    keys = [op.keys for op in multicasts]
    sources = [pe for pe, own in zip(senders, keys, strict=True) for _ in own]
    return list(chain.from_iterable(keys)), sources


def dealt(keys: Sequence[int], sources: Sequence[int], n_seen: Sequence[int]) -> list[ops.Inbox]:
    """By PE, the packets of others behind the first *n_seen*, all without payload."""
    n_pe, n_packets = len(n_seen), len(keys)
    order = np.argsort(keys, kind="stable")
    by_key, source = np.array(keys)[order], np.array(sources)[order]
    # (n_pe, n_packets), packets in order of key: which PE gets which.
    gets = np.ones((n_pe, n_packets), np.bool_)
    gets[source, np.arange(n_packets)] = False
    n_each = n_packets - np.bincount(source, minlength=n_pe)
    if any(n_seen):
        gets &= order >= np.array(n_seen)[:, None]
        n_each = gets.sum(axis=1)
    taken = np.broadcast_to(by_key, gets.shape)[gets]
    ends = np.cumsum(n_each).tolist()
    return [
        _inbox((taken[first:end], ops.NO_PAYLOADS))
        for first, end in zip([0, *ends], ends, strict=False)
    ]
