"""The NoC as the rest of the hardware sees it: send, watch, advance, take.

The network runs ahead of nobody: it processes its events only up to the time its caller names, and
stops early when somebody has to know of a delivery, because only then what comes next is certain.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import kernels, layout
from spinn2sim.hw.noc.fast import kernels as fast
from spinn2sim.hw.noc.faults import LinkFaults
from spinn2sim.hw.noc.memory import FIRSTS, Memory
from spinn2sim.hw.noc.routing import Multicast
from spinn2sim.hw.noc.stats import LinkStats, NocStats
from spinn2sim.hw.noc.topology import Topology
from spinn2sim.hw.noc.windows import Windows
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Ticks


class PacketKind(IntEnum):
    """What a packet is for, which decides how its delivery is counted."""

    RX = layout.RX
    """Into the receive FIFO of the PE."""
    FLAG0 = layout.FLAG0
    """Sync flag of barriers of parity 0."""
    FLAG1 = layout.FLAG1
    """Sync flag of barriers of parity 1."""
    DMA = layout.DMA
    """Straight into SRAM; the completion is counted by the sending PE."""


NO_TAGS = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Route:
    """Where the multicast trees from a PE to a set of targets are stored."""

    root: int
    n_roots: int
    targets: tuple[int, ...]


class Noc:
    """Network of PEs 0 to *n_pe* - 1 of *chip* or of a *board* of them, on the NoC's *clock*.

    *multicasts* are those that event routers know (see ``Topology``), *faults* those of links.

    Calls come in order of time: none may name a time before the one up to which the network has
    been advanced.

    :raises PlacementError: there are fewer PEs.
    :raises RoutingTableError: an event router has too few entries for the multicasts.
    """

    def __init__(
        self,
        *,
        chip: ChipSpec,
        n_pe: int,
        clock: Clock,
        board: BoardSpec | None = None,
        multicasts: Iterable[Multicast] | None = None,
        faults: LinkFaults | None = None,
        record_arrivals: bool = False,
        by_window: bool = True,
    ) -> None:
        self._horizon: float = math.inf
        self._topology = Topology(chip, n_pe, board, multicasts)
        self.ticks_per_unit, rest = divmod(clock.ticks_per_cycle, self._topology.cycle_units)
        assert not rest, "the timebase was made for the clock of the event router, too"
        self.memory = Memory(
            self._topology,
            chip,
            ticks_per_cycle=clock.ticks_per_cycle,
            record_arrivals=record_arrivals,
            faults=faults,
        )
        plain = self._topology.is_plain and faults is None
        self.windows = Windows(self.memory, self._topology, used=by_window and plain)
        self._routes: list[dict[tuple[int, ...], Route]] = [{} for _ in range(n_pe)]
        self._rows = [self.memory.pe(pe) for pe in range(n_pe)]
        self._watching = [False] * n_pe
        self._reported = np.empty(2 * n_pe, np.int64)
        # What was sent and watched since the kernels ran last, for one call of them: see ``serve``.
        self._asked: list[int] = []
        self._n_packets_asked = 0
        self._now = 0

    @property
    def horizon(self) -> float:
        """Tick of the earliest event to come, or ``math.inf``; ``advance`` does nothing before."""
        if self._asked:
            self._serve()
        return self._horizon

    @property
    def windows_taken(self) -> WindowCounts:
        """How windows of packets were computed."""
        return self.windows.taken

    def send(  # noqa: PLR0917 - what, to whom, how many, when: in the order one says it
        self,
        source: int,
        targets: tuple[int, ...],
        kind: PacketKind,
        at: int,
        tags: Sequence[int] | NDArray[np.int64],
        spacing: int = 0,
        parity: int = 0,
    ) -> None:
        """Hand a packet per tag, for all *targets*, to the Comms of *source*, from tick *at* on.

        Packet k is handed over at *at* + k * *spacing*, which may lie ahead; what is sent later for
        an earlier time goes first. *tags* and *parity* come out again in ``take``. Without targets
        no packet leaves.
        """
        n_packets = len(tags)
        assert at >= self._now, f"sent at tick {at}, but the NoC has run up to {self._now}"
        if not targets or not n_packets:
            return
        route = self._routes[source].get(targets) or self.route(source, targets)
        self._asked += (
            *(layout.SEND, self._rows[source], route.root, route.n_roots, kind, parity),
            *(at, spacing, n_packets, *tags),
        )
        self._n_packets_asked += n_packets * route.n_roots

    def watch(self, pe: int, kind: PacketKind, threshold: int, grace: int = 0) -> None:
        """Have ``advance`` report when the counter of *kind* of *pe* is at least *threshold*.

        A PE has one watch at most. For *grace* ticks after it is satisfied, the PE will neither
        send nor watch: while all PEs watch the same, as at a barrier, the network may run on so
        far. A watch that is satisfied already is reported by the next ``advance`` with the tick of
        the latest delivery so counted (0 if there was none).
        """
        assert not self._watching[pe], f"PE {pe} is already watching"
        self._watching[pe] = True
        self._asked += (
            *(layout.WATCH, self._rows[pe], kind, threshold),
            grace // self.ticks_per_unit,
        )

    def advance(self, until: float) -> list[tuple[int, Ticks]]:
        """Process the events up to tick *until* (may be ``math.inf``), or until somebody must know.

        Returns the satisfied watches, which are removed: PE, and tick of the delivery that
        satisfied it, by tick and then PE. None: nothing more up to *until*; and if that is
        ``math.inf``, the network is empty, or stalled for good.
        """
        if self._asked:
            self._serve()
        ticks_per_unit = self.ticks_per_unit
        # An empty network's next event is at NEVER.
        last = layout.NEVER - 1 if until == math.inf else int(until) // ticks_per_unit
        windows = self.windows
        while True:
            n, cycle, following = fast.advance(
                self.memory.block, windows.pool, windows.counts, last, self._reported
            )
            if n >= 0:
                break
            self.memory.need_room()
        self._set_horizon(following)
        now = cycle * ticks_per_unit if n or until == math.inf else int(until)
        self._now = max(self._now, now)
        return self._taken_down(n) if n else []

    def take(
        self, pe: int, at: int, parity: int | None = None, at_most: int | None = None
    ) -> NDArray[np.int64]:
        """Take entries of *parity* (None: any) out of the receive FIFO of *pe*, oldest first.

        Returns their tags. The network must have been advanced to *at*, or further in the grace
        that *pe* gave it; the room is for packets that a stalled eject link grants later than that.
        """
        if self._asked:
            self._serve()
        at = max(at, self._now)
        if self._horizon > at and not self.memory.block[self._rows[pe] + layout.N_HELD]:
            return NO_TAGS
        tags, following = kernels.take(
            self.memory.block,
            self._rows[pe],
            at // self.ticks_per_unit,
            layout.NONE if parity is None else parity,
            sys.maxsize if at_most is None else at_most,
        )
        self._now = at
        self._set_horizon(following)
        return tags

    def count(self, pe: int, kind: PacketKind) -> int:
        """Deliveries of *kind* since the start: to *pe* or, for DMA, of what *pe* has sent."""
        self._serve()
        return int(self.memory.block[self.memory.pe(pe) + kind])

    def level(self, pe: int) -> int:
        """Entries in the receive FIFO of *pe*."""
        return int(self.memory.block[self._rows[pe] + layout.N_HELD])

    def arrivals(self) -> NDArray[np.int64]:
        """(n, 3): tag, PE and cycle of each delivery so far, by cycle and then PE, if recorded."""
        assert self.memory.block[layout.MAX_ARRIVALS] != layout.NONE, "not recorded"
        known = self.memory.arrivals
        known[:, 1] = self.memory.number(known[:, 1])
        return known[np.lexsort((known[:, 1], known[:, 2]))]

    def stats(self) -> NocStats:
        """Counts up to now."""
        self._serve()
        pes = self.memory.pes
        n_sent, n_expected = self._sent_and_expected()
        return NocStats(
            n_sent=n_sent,
            n_expected=n_expected,
            n_delivered=tuple(pes[:, layout.N_DELIVERED].tolist()),
            n_dropped=tuple(pes[:, layout.N_DROPPED].tolist()),
            n_overwritten=tuple(pes[:, layout.N_OVERWRITTEN].tolist()),
            first_loss=tuple(self._tick(cycle) for cycle in pes[:, layout.FIRST_LOSS].tolist()),
            peak_fifo=tuple(pes[:, layout.PEAK_HELD].tolist()),
            peak_fifo_at=tuple(map(self._tick, pes[:, layout.PEAK_HELD_AT].tolist())),
            n_in_flight=sum(self.memory.targets_ahead()),
            links=self._link_stats(),
            n_lost=int(self.memory.block[layout.N_LOST]),
            n_timed_out=int(self.memory.block[layout.N_TIMED_OUT]),
        )

    def _serve(self) -> None:
        """Let the kernels know what was sent and watched."""
        if not self._asked:
            return
        asked = np.array(self._asked, np.int64)
        while True:
            following = kernels.serve(self.memory.block, asked, self._n_packets_asked)
            if following != layout.NO_ROOM:
                break
            self.memory.need_packets(self._n_packets_asked)
        self._asked, self._n_packets_asked = [], 0
        self._set_horizon(following)

    def _taken_down(self, n: int) -> list[tuple[int, Ticks]]:
        """The *n* watches that the kernels have reported."""
        fired = []
        numbers, ticks_per_unit = self._reported[: 2 * n].tolist(), self.ticks_per_unit
        for row, cycle in zip(numbers[::2], numbers[1::2], strict=True):
            pe = self.memory.number(row)
            self._watching[pe] = False
            fired.append((pe, Ticks(cycle * ticks_per_unit)))
        return fired

    def _set_horizon(self, following: int) -> None:
        never = following == layout.NEVER
        self._horizon = math.inf if never else following * self.ticks_per_unit

    def route(self, source: int, targets: tuple[int, ...]) -> Route:
        """The multicast trees from *source* to *targets*, made when they are first asked for."""
        if (known := self._routes[source].get(targets)) is not None:
            return known
        assert len(set(targets)) == len(targets), f"a target is named twice in {targets}"
        n_roots, rows = self._topology.trees(source, targets)
        fork = self.windows.add(rows, n_roots)
        route = Route(self.memory.add_trees(rows, n_roots, fork), n_roots, targets)
        self._routes[source][targets] = route
        return route

    def _sent_and_expected(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        n_sent = [0] * self._topology.n_pe
        n_expected = [0] * self._topology.n_pe
        for source, routes in enumerate(self._routes):
            for route in routes.values():
                n_packets = int(self.memory.block[route.root + layout.N_SENT])
                n_sent[source] += n_packets * route.n_roots
                for pe in route.targets:
                    n_expected[pe] += n_packets
        return tuple(n_sent), tuple(n_expected)

    def _link_stats(self) -> tuple[LinkStats, ...]:
        fields = (
            *(layout.N_FLITS, layout.PEAK_WAITING, layout.PEAK_AT),
            *(layout.DROPPED, layout.FIRST_DROPPED, layout.RESENT, layout.FIRST_RESENT),
            *(layout.LOST_PACKETS, layout.FIRST_LOST),
        )
        rows = self.memory.links[:, fields].astype(object)
        for column, field in enumerate(fields):
            if field in FIRSTS:
                rows[:, column] = [self._tick(cycle) for cycle in rows[:, column]]
        return tuple(
            LinkStats(link.name, *(*row, link.router))
            for link, row in zip(self._topology.links, rows.tolist(), strict=True)
        )

    def _tick(self, cycle: int) -> Ticks | None:
        """Of *cycle*, if there was one."""
        return None if cycle == layout.NONE else Ticks(cycle * self.ticks_per_unit)
