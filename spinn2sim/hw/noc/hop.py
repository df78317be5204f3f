"""The NoC as plain SimPy, hop by hop: the reference that anybody can read.

The rules are those of the package; ``Noc`` computes them ten to thirty times faster. Time in here
is NoC cycles, and the environment is its own: the network runs only as far as its caller says.

Each cycle in which something happens is one SimPy event, which does the rules in their order
(``HopNoc._happen``). Links and packets note what happens when (``HopNoc.at``).
"""

from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import simpy
from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.hw.noc.noc import PacketKind
from spinn2sim.hw.noc.receive_fifo import ReceiveFifo
from spinn2sim.hw.noc.stats import LinkStats, NocStats
from spinn2sim.hw.noc.topology import Link, Topology
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Clock, Cycles, Ticks

# Bound once: Python finds a name ten times faster than a member of an enumeration.
RX, DMA = PacketKind.RX, PacketKind.DMA


class Packet(NamedTuple):
    """What Comms was handed."""

    tag: int
    kind: PacketKind
    parity: int
    source: int


@dataclass(frozen=True, slots=True)
class Node:
    """A link of a multicast tree, and the links to take after it."""

    link: HopLink
    children: tuple[Node, ...]
    n_targets: int


@dataclass(slots=True, eq=False)
class Flit:
    """A copy of a packet: waits for the link of its node, crosses it, is in the router behind."""

    packet: Packet
    node: Node
    parent: Flit | None
    """The copy in the router that this one leaves; None: it leaves a PE."""
    n_branches: int = 0
    """In a router: copies of it that have not left."""


class Cycle:
    """What happens in a cycle, in this order."""

    def __init__(self) -> None:
        self.entering: list[tuple[HopLink, Flit]] = []
        """Inject links, and the flits that enter their transmit queues."""
        self.arriving: list[HopLink] = []
        """Links at whose end a flit arrives."""
        self.asking: list[HopLink] = []
        """Links that arbitrate."""
        self.freed: list[HopLink] = []
        """Links that feed an input FIFO of which a slot has become free, once for each slot."""


class HopLink:
    """Idle or busy, in front of it a queue per input port of the router that it leaves.

    *pe*: to which it leads, if it is an eject link, which needs no credits.
    """

    def __init__(self, noc: HopNoc, link: Link, pe: int | None, fifo_flits: int) -> None:
        self.noc, self.link, self.pe = noc, link, pe
        ports = range(link.n_sources)
        self.queues: list[deque[Flit]] = [deque() for _ in ports]
        self.n_waiting = self.peak_waiting = self.n_flits = 0
        self.peak_at: int | None = None
        self.pipeline: deque[Flit] = deque()
        """Flits on the link: they arrive in the order in which they were granted."""
        self.n_credits: float = math.inf if pe is not None else fifo_flits + link.latency
        self.free_at = 0
        self._turns = [(*ports[port + 1 :], *ports[: port + 1]) for port in ports]
        """By port granted last: the ports in the order in which they have their turn."""
        self._granted_port = ports[-1]
        self._is_asking = False
        self._headed_at = [0 for _ in ports]
        """By queue, the cycle in which its first packet became that."""

    def put(self, flit: Flit, port: int) -> None:
        """*flit* has come to *port*."""
        now, queue = self.noc.now, self.queues[port]
        if not queue:
            self._headed_at[port] = now
        queue.append(flit)
        self.n_waiting += 1
        if self.n_waiting > self.peak_waiting:
            self.peak_waiting, self.peak_at = self.n_waiting, now
        self.ask(now)

    def ask(self, cycle: int) -> None:
        """Arbitrate at *cycle*, or when the link is free, if anything waits."""
        if self.n_waiting and not self._is_asking:
            self._is_asking = True
            self.noc.at(max(self.free_at, cycle)).asking.append(self)

    def give_credit(self) -> None:
        """A slot of the input FIFO that this link feeds has become free in this cycle."""
        self.n_credits += 1
        self.ask(self.noc.now + 1)

    def arbitrate(self) -> None:
        """Grant a flit, if one may go: round robin, from the port after the last."""
        self._is_asking = False
        if not self.n_credits:
            return
        stalled = self.pe is not None and self.noc.fifos[self.pe].stalls
        for port in self._turns[self._granted_port]:
            queue = self.queues[port]
            if queue and not (stalled and queue[0].packet.kind == RX):
                self._grant(port)
                return

    def _grant(self, port: int) -> None:
        now, link = self.noc.now, self.link
        self._refuse_impatient(port, now - self._headed_at[port])
        flit = self.queues[port].popleft()
        self.n_waiting -= 1
        self._headed_at[port] = now
        extra = link.extra_beat_cycles if flit.packet.kind == DMA else 0
        self._granted_port, self.free_at = port, now + link.occupancy + extra
        self.n_flits += 1
        self.n_credits -= 1
        self.pipeline.append(flit)
        self.noc.at(now + link.latency).arriving.append(self)
        if flit.parent is not None:
            self.noc.leave(flit.parent)
        self.ask(now + 1)

    def arrive(self) -> None:
        """At a PE, or at a router, where the flit forks into its branches."""
        flit = self.pipeline.popleft()
        if self.pe is not None:
            self.noc.deliver(flit.packet, self.pe)
            return
        children, port = flit.node.children, self.link.to_port
        flit.n_branches = len(children)
        for node in children:
            node.link.put(Flit(flit.packet, node, flit), port)

    def refuse_stuck(self) -> None:
        """:raises SpecError: a packet that waits for ever would be dropped."""
        for port, queue in enumerate(self.queues):
            if queue:
                self._refuse_impatient(port, math.inf)

    def _refuse_impatient(self, port: int, waited: float) -> None:
        """:raises SpecError: the first packet of *port* has waited so long that it was dropped.

        In the last cycle of its patience it may still be granted.
        """
        parent = self.queues[port][0].parent
        patience = parent.node.link.link.patience if parent else None
        if patience is not None and waited > patience:
            problem = f"a packet is to be dropped before {self.link.name!r}, and it drops none"
            raise SpecError("timing hop", (f"{problem}; use --timing simpy",))


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
            problem = "the reference network has no event routers, and drops nothing that waits"
            raise SpecError("timing hop", (f"{problem}; use --timing simpy",))
        self._env, self.now = simpy.Environment(), 0
        ejects = {self._topology.eject(pe): pe for pe in range(n_pe)}
        self._links = [
            HopLink(self, link, ejects.get(number), chip.noc.fifo_flits)
            for number, link in enumerate(self._topology.links)
        ]
        self.fifos = [ReceiveFifo(chip) for _ in range(n_pe)]
        self._cycles: dict[int, Cycle] = {}
        """That of now while it lasts, and those to come in which something happens."""
        self._trees: dict[tuple[int, tuple[int, ...]], tuple[Node, ...]] = {}
        self._counts = [[0] * len(PacketKind) for _ in range(n_pe)]
        self._latest = [[0] * len(PacketKind) for _ in range(n_pe)]
        self._watches: dict[int, tuple[PacketKind, int]] = {}
        self._fired: list[tuple[int, int]] = []
        self._n_sent, self._n_expected = [0] * n_pe, [0] * n_pe
        self._n_delivered = [0] * n_pe
        self._arrivals: list[tuple[int, int, int]] | None = [] if record_arrivals else None

    def at(self, cycle: int) -> Cycle:
        """What is to happen in *cycle*, this one or a later one, to be added to."""
        known = self._cycles.get(cycle)
        if known is None:
            known = self._cycles[cycle] = Cycle()
            self._env.timeout(cycle - self._env.now).callbacks.append(self._happen)
        return known

    def _happen(self, _: simpy.Event) -> None:
        """A cycle."""
        self.now = int(self._env.now)
        cycle = self._cycles[self.now]
        for link, flit in cycle.entering:
            link.put(flit, 0)
        cycle.entering.clear()
        for link in cycle.arriving:
            link.arrive()
        for link in cycle.asking:
            link.arbitrate()
        # Credits are registered: what a link frees in a cycle, no other sees in it.
        for link in cycle.freed:
            link.give_credit()
        del self._cycles[self.now]

    def leave(self, flit: Flit) -> None:
        """A branch of *flit* has left its router; with the last one its slot is free."""
        flit.n_branches -= 1
        if not flit.n_branches:
            self.at(self.now).freed.append(flit.node.link)

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
        roots, link = self._roots(source, targets), self._links[self._topology.inject(source)]
        for k, tag in enumerate(tags):
            # The first edge at or after the tick, and one cycle of synchroniser.
            entry = -(-(at + k * spacing) // self._clock.ticks_per_cycle) + 1
            packet = Packet(int(tag), kind, parity, source)
            self.at(entry).entering += [(link, Flit(packet, node, None)) for node in roots]
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
        while not self._fired and self._env.peek() <= last:
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
        tags = self.fifos[pe].take(parity, at_most)
        cycle = max(at // self._clock.ticks_per_cycle, self.now)
        # The room is for grants after this cycle.
        self._links[self._topology.eject(pe)].ask(cycle + 1)
        return np.array(tags, np.int64)

    def deliver(self, packet: Packet, pe: int) -> None:
        """*packet* has come to *pe*."""
        tag, kind, parity, source = packet
        if kind == RX and not self.fifos[pe].receive(tag, parity, self.now):
            return
        self._n_delivered[pe] += 1
        if self._arrivals is not None:
            self._arrivals.append((tag, pe, self.now))
        # The completion of a DMA is told to the PE that started it.
        self._count(source if kind == DMA else pe, kind)

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
            first_loss=tuple(self._tick(fifo.first_loss) for fifo in self.fifos),
            peak_fifo=tuple(fifo.peak for fifo in self.fifos),
            peak_fifo_at=tuple(self._tick(fifo.peak_at) for fifo in self.fifos),
            n_in_flight=sum(flit.node.n_targets for flit in self._under_way()),
            links=tuple(
                LinkStats(
                    *(link.link.name, link.n_flits, link.peak_waiting, self._tick(link.peak_at)),
                    router=link.link.router,
                )
                for link in self._links
            ),
        )

    def _under_way(self) -> Iterator[Flit]:
        """Every flit that Comms was handed and that is not yet delivered, but those that forked."""
        for cycle in self._cycles.values():
            yield from (flit for _, flit in cycle.entering)
        for link in self._links:
            for queue in link.queues:
                yield from queue
            yield from link.pipeline

    def _ticks(self, cycle: int) -> Ticks:
        return self._clock.ticks(Cycles(cycle))

    def _tick(self, cycle: int | None) -> Ticks | None:
        """Of *cycle*, if there was one."""
        return None if cycle is None else self._ticks(cycle)

    def _count(self, pe: int, kind: PacketKind) -> None:
        self._counts[pe][kind] += 1
        self._latest[pe][kind] = self.now
        if pe in self._watches and self._watches[pe] == (kind, self._counts[pe][kind]):
            del self._watches[pe]
            self._fired.append((self.now, pe))

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
