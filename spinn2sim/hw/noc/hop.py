"""The NoC as plain SimPy, an event per hop: the reference that anybody can read.

The rules are those of the package; ``Noc`` computes them a hundred times faster. Time in here is
NoC cycles, and the environment is its own: the network runs only as far as its caller says.

A cycle has two phases, which are two priorities of SimPy events: first packets arrive, enter
transmit queues, and slots that were freed one cycle before become usable; then links grant.
"""

from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import simpy
from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.hw.noc.noc import PacketKind
from spinn2sim.hw.noc.receive_fifo import ReceiveFifo
from spinn2sim.hw.noc.stats import LinkStats, NocStats
from spinn2sim.hw.noc.topology import Link, Topology
from spinn2sim.hw.wake import Wake
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Cycles, Ticks

#: Ranks of the phases of a cycle.
ARRIVALS, GRANTS = 0, 1


@dataclass(frozen=True, slots=True)
class Node:
    """A link of a multicast tree, and the links to take after it."""

    link: HopLink
    children: tuple[Node, ...]
    n_targets: int


@dataclass(slots=True, eq=False)
class Flit:
    """A copy of a packet: on its way over a link, or waiting in the router behind it."""

    tag: int
    kind: PacketKind
    parity: int
    source: int
    node: Node
    parent: Flit | None = None
    """The copy in the router that this one leaves."""
    n_branches: int = 0
    """In a router: copies of it that have not left."""


class HopLink:
    """Idle or busy, in front of it a queue per input port of the router that it leaves."""

    def __init__(self, noc: HopNoc, link: Link, pe: int | None, fifo_flits: int) -> None:
        self.noc, self.link, self.pe = noc, link, pe
        self.queues: list[deque[Flit]] = [deque() for _ in range(link.n_sources)]
        self.n_credits: float = math.inf if pe is not None else fifo_flits + link.latency
        self.granted_port = link.n_sources - 1
        self.free_at = 0
        self.is_pending = False
        self.n_flits = self.peak_waiting = 0
        self._headed_at = [0] * link.n_sources
        """By queue, the cycle in which its first packet became that."""

    @property
    def n_waiting(self) -> int:
        """Flits in all queues."""
        return sum(map(len, self.queues))

    def put(self, flit: Flit, port: int) -> None:
        """*flit* has come to *port*."""
        if not self.queues[port]:
            self._headed_at[port] = self.noc.now
        self.queues[port].append(flit)
        self.peak_waiting = max(self.peak_waiting, self.n_waiting)
        self.request(self.noc.now)

    def request(self, cycle: int) -> None:
        """Arbitrate at *cycle*, or when the link is free, if anything waits."""
        if self.n_waiting and not self.is_pending:
            self.is_pending = True
            self.noc.at(max(cycle, self.free_at), self._arbitrate, GRANTS)

    def give_credit(self) -> None:
        """A slot of the input FIFO that this link feeds has been freed in the cycle before."""
        self.n_credits += 1
        self.request(self.noc.now)

    def _arbitrate(self) -> None:
        self.is_pending = False
        port = self._next_port() if self.n_credits else None
        if port is not None:
            self._grant(port)

    def _next_port(self) -> int | None:
        """Round robin, from the port after the last; None if a full receive FIFO stalls all."""
        stalled = self.pe is not None and self.noc.fifos[self.pe].stalls
        n = len(self.queues)
        for port in [(self.granted_port + k) % n for k in range(1, n + 1)]:
            queue = self.queues[port]
            if queue and not (stalled and queue[0].kind == PacketKind.RX):
                return port
        return None

    def _grant(self, port: int) -> None:
        self._refuse_impatient(port)
        noc, flit = self.noc, self.queues[port].popleft()
        self._headed_at[port] = noc.now
        extra = self.link.extra_beat_cycles if flit.kind == PacketKind.DMA else 0
        self.granted_port, self.free_at = port, noc.now + self.link.occupancy + extra
        self.n_flits += 1
        self.n_credits -= 1
        if flit.parent is not None:
            _leave(noc, flit.parent)
        noc.on_links.add(flit)
        noc.at(noc.now + self.link.latency, lambda: self._arrive(flit), ARRIVALS)
        self.request(noc.now + 1)

    def refuse_stuck(self) -> None:
        """:raises SpecError: a packet that waits for ever would be dropped."""
        for port, queue in enumerate(self.queues):
            if queue:
                self._refuse_impatient(port, waited=math.inf)

    def _refuse_impatient(self, port: int, waited: float | None = None) -> None:
        """:raises SpecError: the first packet of *port* has waited until it would be dropped."""
        parent = self.queues[port][0].parent
        patience = parent.node.link.link.patience if parent else None
        if waited is None:
            waited = self.noc.now - self._headed_at[port]
        if patience is not None and waited >= patience:
            problem = f"a packet is to be dropped before {self.link.name!r}, and it drops none"
            raise SpecError("timing hop", (f"{problem}; use --timing simpy",))

    def _arrive(self, flit: Flit) -> None:
        """At a PE, or at a router, where *flit* forks into its branches."""
        self.noc.on_links.discard(flit)
        if self.pe is not None:
            self.noc.deliver(flit, self.pe)
            return
        flit.n_branches = len(flit.node.children)
        for node in flit.node.children:
            branch = Flit(flit.tag, flit.kind, flit.parity, flit.source, node, flit)
            node.link.put(branch, self.link.to_port)


def _leave(noc: HopNoc, flit: Flit) -> None:
    """A branch of *flit* has left its router; with the last one its slot is free, a cycle on."""
    flit.n_branches -= 1
    if not flit.n_branches:
        noc.at(noc.now + 1, flit.node.link.give_credit, ARRIVALS)


class HopNoc:
    """What ``Noc`` is, with the same calls and the same answers.

    It has no event routers, and drops nothing on the way: what would be, ends the run.

    :raises SpecError: there are event routers, or packets that may hardly wait.
    """

    def __init__(
        self,
        *,
        chip: ChipSpec,
        n_pe: int,
        clock: Clock,
        board: BoardSpec | None = None,
        record_arrivals: bool = False,
    ) -> None:
        self._clock, self._topology, self.n_pe = clock, Topology(chip, n_pe, board), n_pe
        if not self._topology.is_plain:
            problem = "the reference network has no event routers, and drops no packet that waits"
            raise SpecError("timing hop", (f"{problem}; use --timing simpy",))
        self._env = simpy.Environment()
        topology, n_links = self._topology, len(self._topology.links)
        ejects = {topology.eject(pe): pe for pe in range(n_pe)}
        self._links = [
            HopLink(self, topology.links[k], ejects.get(k), chip.noc.fifo_flits)
            for k in range(n_links)
        ]
        self.fifos = [ReceiveFifo(chip) for _ in range(n_pe)]
        self.on_links: set[Flit] = set()
        self._trees: dict[tuple[int, tuple[int, ...]], tuple[Node, ...]] = {}
        self._handed: list[dict[int, deque[Flit]]] = [{} for _ in range(n_pe)]
        self._counts = [[0] * len(PacketKind) for _ in range(n_pe)]
        self._latest = [[0] * len(PacketKind) for _ in range(n_pe)]
        self._watches: dict[int, tuple[PacketKind, int]] = {}
        self._fired: list[tuple[int, int]] = []
        self._n_sent, self._n_expected = [0] * n_pe, [0] * n_pe
        self._n_delivered = [0] * n_pe
        self._arrivals: list[tuple[int, int, int]] | None = [] if record_arrivals else None

    @property
    def now(self) -> int:
        """The cycle."""
        return int(self._env.now)

    def at(self, cycle: int, act: Callable[[], None], phase: int) -> None:
        """Have *act* called in a *phase* of *cycle*."""
        event = Wake(self._env)
        event.callbacks.append(lambda _: act())
        event.at(cycle, rank=phase)

    @property
    def horizon(self) -> float:
        """As of ``Noc``."""
        if self._fired:
            return self._ticks(self.now)
        peek = self._env.peek()
        return peek if peek == math.inf else self._ticks(int(peek))

    @property
    def windows_taken(self) -> WindowCounts:
        """None: it knows no windows."""
        return WindowCounts()

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
        n_packets = len(tags)
        if not targets or not n_packets:
            return
        roots = self._roots(source, targets)
        for k in range(n_packets):
            # The first edge at or after the tick, and one cycle of synchroniser.
            entry = -(-(at + k * spacing) // self._clock.ticks_per_cycle) + 1
            for node in roots:
                flit = Flit(int(tags[k]), PacketKind(kind), parity, source, node)
                self._hand_over(source, entry, flit)
        self._n_sent[source] += n_packets * len(roots)
        for pe in targets:
            self._n_expected[pe] += n_packets

    def watch(self, pe: int, kind: PacketKind, threshold: int, grace: int = 0) -> None:
        """As of ``Noc``; *grace* would only make it faster."""
        del grace
        assert pe not in self._watches, f"PE {pe} is already watching"
        if self._counts[pe][kind] >= threshold:
            self._fired.append((self._latest[pe][kind], pe))
        else:
            self._watches[pe] = kind, threshold

    def advance(self, until: float) -> list[tuple[int, Ticks]]:
        """As of ``Noc``."""
        last = sys.maxsize if until == math.inf else until // self._clock.ticks_per_cycle
        while self._env.peek() <= last and not (self._fired and self._env.peek() > self.now):
            self._env.step()
        if until == math.inf and not self._fired:
            for link in self._links:
                link.refuse_stuck()
        fired, self._fired = sorted(self._fired), []
        return [(pe, self._ticks(cycle)) for cycle, pe in fired]

    def take(
        self, pe: int, at: int, parity: int | None = None, at_most: int | None = None
    ) -> NDArray[np.int64]:
        """As of ``Noc``."""
        wanted: list[tuple[int, int]] = []
        kept: list[tuple[int, int]] = []
        for event in self.fifos[pe].held:
            taken = (at_most is None or len(wanted) < at_most) and parity in {None, event[1]}
            (wanted if taken else kept).append(event)
        self.fifos[pe].held = deque(kept)
        cycle = max(at // self._clock.ticks_per_cycle, self.now)
        # The room is for grants after this cycle.
        self._links[self._topology.eject(pe)].request(cycle + 1)
        return np.array([tag for tag, _ in wanted], np.int64)

    def deliver(self, flit: Flit, pe: int) -> None:
        """*flit* has come to *pe*."""
        if flit.kind == PacketKind.RX and not self.fifos[pe].receive(
            flit.tag, flit.parity, self.now
        ):
            return
        self._n_delivered[pe] += 1
        if self._arrivals is not None:
            self._arrivals.append((flit.tag, pe, self.now))
        # The completion of a DMA is told to the PE that started it.
        self._count(flit.source if flit.kind == PacketKind.DMA else pe, flit.kind)

    def count(self, pe: int, kind: PacketKind) -> int:
        """As of ``Noc``."""
        return self._counts[pe][kind]

    def level(self, pe: int) -> int:
        """As of ``Noc``."""
        return len(self.fifos[pe].held)

    def arrivals(self) -> NDArray[np.int64]:
        """As of ``Noc``."""
        assert self._arrivals is not None, "not recorded"
        known = np.array(self._arrivals, np.int64).reshape(-1, 3)
        return known[np.lexsort((known[:, 1], known[:, 2]))]

    def stats(self) -> NocStats:
        """As of ``Noc``."""
        return NocStats(
            n_sent=tuple(self._n_sent),
            n_expected=tuple(self._n_expected),
            n_delivered=tuple(self._n_delivered),
            n_dropped=tuple(fifo.n_dropped for fifo in self.fifos),
            n_overwritten=tuple(fifo.n_overwritten for fifo in self.fifos),
            first_loss=tuple(
                None if fifo.first_loss is None else self._ticks(fifo.first_loss)
                for fifo in self.fifos
            ),
            peak_fifo=tuple(fifo.peak for fifo in self.fifos),
            n_in_flight=sum(flit.node.n_targets for flit in self._under_way()),
            links=tuple(
                LinkStats(link.link.name, link.n_flits, link.peak_waiting) for link in self._links
            ),
        )

    def _under_way(self) -> Iterator[Flit]:
        """Every flit that Comms was handed and that is not yet delivered, but those that forked."""
        for handed in self._handed:
            for flits in handed.values():
                yield from flits
        for link in self._links:
            for queue in link.queues:
                yield from queue
        yield from self.on_links

    def _ticks(self, cycle: int) -> Ticks:
        return self._clock.ticks(Cycles(cycle))

    def _count(self, pe: int, kind: PacketKind) -> None:
        self._counts[pe][kind] += 1
        self._latest[pe][kind] = self.now
        if pe in self._watches and self._watches[pe] == (kind, self._counts[pe][kind]):
            del self._watches[pe]
            self._fired.append((self.now, pe))

    def _hand_over(self, source: int, entry: int, flit: Flit) -> None:
        """Packets that enter the transmit queue in one cycle keep the order of sending."""
        handed = self._handed[source]
        if entry not in handed:
            handed[entry] = deque()
            self.at(entry, lambda: self._enter(source, entry), ARRIVALS)
        handed[entry].append(flit)

    def _enter(self, source: int, entry: int) -> None:
        link = self._links[self._topology.inject(source)]
        for flit in self._handed[source].pop(entry):
            link.put(flit, 0)

    def _roots(self, source: int, targets: tuple[int, ...]) -> tuple[Node, ...]:
        """The multicast trees from *source* to *targets*."""
        if (source, targets) not in self._trees:
            n_roots, rows = self._topology.trees(source, targets)
            self._trees[source, targets] = tuple(self._nodes(rows.tolist(), range(n_roots)))
        return self._trees[source, targets]

    def _nodes(self, rows: list[list[int]], places: range) -> Iterator[Node]:
        for place in places:
            link, first, n_children, n_targets = rows[place]
            children = self._nodes(rows, range(first, first + n_children))
            yield Node(self._links[link], tuple(children), n_targets)
