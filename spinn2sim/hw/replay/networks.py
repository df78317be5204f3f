"""Networks as they are before their first packet, kept for later runs of the same kind.

To wire a network and make its multicast trees takes longer than a sample on 12 PEs. What is kept
does not show in a result: a network is rewound before anybody gets it, and while one run has it, no
other can.
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import Noc
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec
from spinn2sim.units import Clock

Numbers = NDArray[np.int64]

#: Of all that is kept together: the network of 152 PEs that meet in a barrier, and smaller ones.
MOST_BYTES = 1 << 28


class Kind(NamedTuple):
    """All that a network depends on."""

    chip: ChipSpec
    board: BoardSpec | None
    n_pe: int
    clock: Clock
    targets: bytes
    """Of a ``Survey``, as bytes."""


class Room(NamedTuple):
    """For how much a network has memory."""

    n_packets: int
    """That Comms was handed."""
    n_flits: int


class Network:
    """A network of a *kind*, with all trees that it needs and *room*."""

    def __init__(self, kind: Kind, room: Room) -> None:
        self.room = room
        self.noc = Noc(chip=kind.chip, n_pe=kind.n_pe, clock=kind.clock, board=kind.board)
        self.noc.memory.need_packets(room.n_packets)
        self.noc.memory.need_flits(room.n_flits)
        self.routes = _routes(self.noc, kind)
        """(n_pe, n_pe, 2): root and number of roots, to one PE and on the diagonal to the rest."""
        self._unused: Numbers = self.noc.memory.block.copy()
        self.n_bytes = 2 * self._unused.nbytes + self.noc.windows.pool.nbytes
        """Memory that it takes, as far as it is ever used."""

    def rewind(self) -> None:
        """Forget what has happened in it."""
        self.noc.memory.block[:] = self._unused
        self.noc.windows.counts[:] = 0


class Networks:
    """Networks that nobody uses now, the one used last behind the others; *most_bytes* together."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Kind, Network] = {}
        self._lock = Lock()  # for runs in several threads

    def take(self, kind: Kind, room: Room) -> Network:
        """A network of *kind* with that *room* or more, as new."""
        with self._lock:
            network = self._kept.pop(kind, None)
        if network is None or any(n < wanted for n, wanted in zip(network.room, room, strict=True)):
            return Network(kind, room)
        network.rewind()
        return network

    def put(self, kind: Kind, network: Network) -> None:
        """Take *network* back, as used as it is; others make room for it."""
        if network.n_bytes > self._most_bytes:
            return
        with self._lock:
            self._kept[kind] = network
            n_bytes = sum(each.n_bytes for each in self._kept.values())
            for oldest in list(self._kept):
                if n_bytes <= self._most_bytes:
                    break
                n_bytes -= self._kept.pop(oldest).n_bytes


def _routes(noc: Noc, kind: Kind) -> Numbers:
    """The trees of *kind*; those that no program uses are not made."""
    n_pe = kind.n_pe
    targets = np.frombuffer(kind.targets, np.bool_).reshape(n_pe, n_pe)
    routes = np.zeros((n_pe, n_pe, 2), np.int64)
    for pe, target in np.argwhere(targets).tolist():
        to = tuple(other for other in range(n_pe) if other != pe) if target == pe else (target,)
        route = noc.route(pe, to)
        routes[pe, target] = route.root, route.n_roots
    return routes
