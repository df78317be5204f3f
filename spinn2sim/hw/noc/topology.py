"""Links, routers and routes of the mesh: what is wired before time starts.

Every position in the bounding box of the QPEs has a router, also those without a QPE: on the
SpiNNaker 2 chip these are the event router and the periphery, which pass packets on like any other.

Input ports of a router are numbered: 0 from x - 1, 1 from x + 1, 2 from y - 1, 3 from y + 1, then
from its PEs in ascending order and, on a board, from the six links between chips. Ports that lead
nowhere exist but are never used.

The event router is one more link of the router in its place, from there to there: its lookup
pipeline. What comes out enters at the port of the first PE, of which that place has none. If it
takes several places, their ports are numbered one place after the other, as if it were one router.

Cycles are those of the NoC unless an event router has another clock: then the topology counts in
units of the slowest clock that has an edge wherever one of the two has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import PlacementError
from spinn2sim.hw.noc.routing import Multicast, RoutingTables
from spinn2sim.hw.noc.torus import DIRECTIONS, Torus, opposite
from spinn2sim.hw.noc.trees import Branches, rows_of
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec

Position: TypeAlias = tuple[int, int]

#: Step of a packet into a router, by input port of that router.
STEPS: tuple[Position, ...] = ((1, 0), (-1, 0), (0, 1), (0, -1))

#: Names of the links between chips.
COMPASS = ("E", "NE", "N", "W", "SW", "S")


class Router(NamedTuple):
    """Where a router of the mesh is."""

    chip: Position
    """On the torus; (0, 0) without a board."""
    position: Position
    """On the chip."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a connection; packets cross it one after the other."""

    kind: Literal["inject", "mesh", "chip", "lookup", "eject"]
    name: str
    occupancy: int
    """Cycles before the next packet may be granted."""
    latency: int
    """Cycles from grant to arrival."""
    n_sources: int
    """Queues that it serves in turn: input ports of the router that it leaves."""
    to_port: int
    """Input port of the router that it leads to; unused by an eject link."""
    extra_beat_cycles: int = 0
    """More cycles before the next grant after a beat of DMA."""
    bits: int = 0
    """Size of a packet on a link that checks it, and sends it again if it is wrong."""
    beat_bits: int = 0
    """Size of a beat of DMA on such a link."""
    period: int = 1
    """Cycles from one edge of the clock of this link to the next: it grants at edges only."""
    patience: int | None = None
    """Cycles for which a packet that came this way may head a queue; then it is dropped."""
    router: Router | None = None
    """That it leaves; None: it leaves a PE. An event router in several places is in the first."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a PE is."""

    chip: int
    qpe: Position


class Topology:
    """The links of *chip*, or of all chips of *board*, with PEs 0 to *n_pe* - 1 in use.

    In this order: inject by PE, mesh chip by chip, from chip to chip, event routers, eject by PE.
    *multicasts* are those that event routers know: by default, each PE's to all others.

    :raises PlacementError: there are fewer PEs.
    :raises RoutingTableError: the multicasts take more entries than an event router has.
    """

    def __init__(
        self,
        chip: ChipSpec,
        n_pe: int,
        board: BoardSpec | None = None,
        multicasts: Iterable[Multicast] | None = None,
    ) -> None:
        n_per_chip = chip.n_pe if board is None else board.pes_per_chip(chip)
        capacity = n_per_chip if board is None else board.capacity(chip)
        if not 1 <= n_pe <= capacity:
            raise PlacementError(n_pe, capacity, chip.name)
        self.n_pe = n_pe
        self._chip, self._board = chip, board
        self._torus, self._router = Torus(board), chip.routed_by
        self.n_chips = len(self._torus.chips)
        self.cycle_units = self._router_units = 1
        if self._router:
            unit_hz = math.lcm(chip.noc.clock, self._router.clock)
            self.cycle_units = unit_hz // chip.noc.clock
            self._router_units = unit_hz // self._router.clock
        self._places = self._router.positions if self._router else ()
        """Of the event router."""
        self._ports_of_one = len(STEPS) + chip.pes_per_qpe + (len(DIRECTIONS) if board else 0)
        self.n_ports = self._ports_of_one * max(1, len(self._places))
        self._sites = tuple(
            Site(pe // n_per_chip, chip.qpes[pe % n_per_chip // chip.pes_per_qpe])
            for pe in range(n_pe)
        )
        mesh = [(each, *ends) for each in range(self.n_chips) for ends in _mesh(chip.qpes)]
        onward = list(self._between_chips())
        self._hops = {ends: n_pe + index for index, ends in enumerate(mesh)}
        first = n_pe + len(mesh)
        self._onward = {way: first + index for index, way in enumerate(onward)}
        self._first_lookup = first + len(onward)
        n_lookups = self.n_chips if self._router else 0
        self._first_eject = self._first_lookup + n_lookups
        self.links = (
            *(self._inject(pe) for pe in range(n_pe)),
            *(self._hop(*ends) for ends in mesh),
            *(self._chip_link(*way) for way in onward),
            *(self._lookup(each) for each in range(n_lookups)),
            *(self._eject(pe) for pe in range(n_pe)),
        )
        self.tables = self._tables(multicasts) if self._router else None

    def _tables(self, multicasts: Iterable[Multicast] | None) -> RoutingTables:
        pes = range(self.n_pe)
        if multicasts is None:
            others = (tuple(other for other in pes if other != pe) for pe in pes)
            multicasts = (Multicast(pe, targets) for pe, targets in enumerate(others) if targets)
        assert self._router is not None
        chip_of = [site.chip for site in self._sites]
        return RoutingTables(self._torus, chip_of, multicasts, self._router.table_entries)

    def inject(self, pe: int) -> int:
        """Index of the link from *pe*."""
        return pe

    def eject(self, pe: int) -> int:
        """Index of the link to *pe*."""
        return self._first_eject + pe

    @property
    def is_plain(self) -> bool:
        """Whether all links have one clock, and nobody waits too long while no FIFO is full.

        Then a packet that heads its queue waits for one packet of each other queue at most.
        """
        longest = max(
            link.n_sources * (link.occupancy + link.extra_beat_cycles) for link in self.links
        )
        return all(
            link.period == 1 and (link.patience is None or link.patience > longest)
            for link in self.links
        )

    @cached_property
    def routers(self) -> tuple[int, ...]:
        """By link, the number of the router that it leaves; -1: it leaves a PE.

        An event router in several places is one.
        """
        numbers: dict[Router | None, int] = {None: -1}
        return tuple(
            numbers.setdefault(self._whole(link.router), len(numbers) - 1) for link in self.links
        )

    def _whole(self, router: Router | None) -> Router | None:
        """The router that *router* is part of."""
        if router is None or router.position not in self._places:
            return router
        return router._replace(position=self._places[0])

    def site(self, pe: int) -> Site:
        """Where *pe* is."""
        return self._sites[pe]

    def trees(self, source: int, targets: Sequence[int]) -> tuple[int, NDArray[np.int64]]:
        """How packets get from *source* to all *targets*.

        Returns the number of packets that Comms sends, and the nodes of their multicast trees as
        (link, first child, number of children, number of targets): roots first, children of a node
        together, rows counted from 0.
        """
        if self.tables is not None and len(targets) > 1:
            roots = [self._routed(self.tables, Multicast(source, tuple(targets)))]
        elif self._chip.noc.multicast != "per_qpe":
            roots = [self._branches(source, targets)]
        else:
            by_qpe: dict[Site, list[int]] = {}
            for pe in sorted(targets):
                by_qpe.setdefault(self._sites[pe], []).append(pe)
            roots = [self._branches(source, pes) for pes in by_qpe.values()]
        return len(roots), rows_of(self.inject(source), roots)

    def _branches(self, source: int, targets: Iterable[int]) -> Branches:
        """The union of the paths to *targets*, as the links to take after each link."""
        root: Branches = {}
        at_qpe: dict[int, Branches] = {}
        for pe in targets:
            qpe = pe // self._chip.pes_per_qpe
            if qpe not in at_qpe:
                branches = root
                for link in self._path(self._sites[source], self._sites[pe]):
                    branches = branches.setdefault(link, {})
                at_qpe[qpe] = branches
            at_qpe[qpe][self._first_eject + pe] = {}
        return root

    def _routed(self, tables: RoutingTables, multicast: Multicast) -> Branches:
        """The way of a packet through the event routers, as their tables say."""
        key = tables.keys[multicast]
        root: Branches = {}
        start = self._sites[multicast.source]
        waiting = [(start.chip, start.qpe, root, -1)]
        while waiting:
            chip, here, branches, came = waiting.pop()
            for link in self._xy_path(chip, here, self._nearest_place(here)):
                branches = branches.setdefault(link, {})
            looked_up = branches.setdefault(self._first_lookup + chip, {})
            route = tables.tables[chip].lookup(key)
            for pe in sorted(route.pes) if route else ():
                qpe = self._sites[pe].qpe
                branches = looked_up
                for link in self._xy_path(chip, self._nearest_place(qpe), qpe):
                    branches = branches.setdefault(link, {})
                branches[self.eject(pe)] = {}
            for direction in sorted(route.links) if route else (came,):
                branches = looked_up
                for link in self._to_chip(chip, direction):
                    branches = branches.setdefault(link, {})
                entry = self._port(opposite(direction))
                waiting.append((self._torus.ahead(chip, direction), entry, branches, direction))
        return root

    def _to_chip(self, chip: int, direction: int) -> Iterator[int]:
        """From the event router of *chip* to the next chip."""
        port = self._port(direction)
        yield from self._xy_path(chip, self._nearest_place(port), port)
        yield self._onward[chip, direction]

    def _nearest_place(self, position: Position) -> Position:
        """Where packets from or to *position* enter or leave the event router."""
        x, y = position
        return min(self._places, key=lambda place: abs(place[0] - x) + abs(place[1] - y))

    def _port(self, direction: int) -> Position:
        assert self._board is not None
        return self._board.ports[direction]

    def _path(self, start: Site, end: Site) -> Iterator[int]:
        """XY on each chip; from chip to chip by the shortest way (see ``torus``)."""
        chip, here = start.chip, start.qpe
        for direction in self._torus.path(start.chip, end.chip):
            yield from self._xy_path(chip, here, self._port(direction))
            yield self._onward[chip, direction]
            chip, here = self._torus.ahead(chip, direction), self._port(opposite(direction))
        yield from self._xy_path(chip, here, end.qpe)

    def _xy_path(self, chip: int, start: Position, end: Position) -> Iterator[int]:
        x, y = start
        while (x, y) != end:
            step = (_sign(end[0] - x), 0) if x != end[0] else (0, _sign(end[1] - y))
            ahead = (x + step[0], y + step[1])
            yield self._hops[chip, (x, y), ahead]
            x, y = ahead

    def _between_chips(self) -> Iterator[tuple[int, int]]:
        """(chip, direction) of each link from one chip to another."""
        for chip, direction in product(range(self.n_chips), range(len(DIRECTIONS))):
            if self._torus.neighbour(chip, direction) is not None:
                yield chip, direction

    def _inject(self, pe: int) -> Link:
        cycles = self._chip.noc.inject_cycles * self.cycle_units
        port = len(STEPS) + pe % self._chip.pes_per_qpe
        name = f"inject PE {pe}"
        return Link("inject", name, cycles, cycles, 1, port, period=self.cycle_units)

    def _hop(self, chip: int, start: Position, end: Position) -> Link:
        noc = self._chip.noc
        port = STEPS.index((end[0] - start[0], end[1] - start[1]))
        return Link(
            "mesh",
            f"{self._prefix(chip)}{_shown(start)}->{_shown(end)}",
            noc.link_cycles * self.cycle_units,
            noc.hop_cycles * self.cycle_units,
            self._n_sources(start),
            self._first_port(end) + port,
            period=self.cycle_units,
            router=Router(self._torus.chips[chip], start),
        )

    def _chip_link(self, chip: int, direction: int) -> Link:
        board, torus, noc = self._board, self._torus, self._chip.noc
        assert board is not None
        other = torus.ahead(chip, direction)
        between = torus.between_boards(chip, other)
        kind = "board-link" if between else "chip-link"
        ends = _shown(torus.chips[chip]), _shown(torus.chips[other])
        header = noc.packet_bits - noc.payload_bits
        busy = board.busy_cycles(header, noc.clock, between_boards=between)
        beat = board.busy_cycles(noc.packet_bits, noc.clock, between_boards=between)
        port = len(STEPS) + self._chip.pes_per_qpe + opposite(direction)
        return Link(
            "chip",
            f"{kind} {ends[0]} {COMPASS[direction]} {ends[1]}",
            busy * self.cycle_units,
            board.latency_cycles(noc.clock) * self.cycle_units,
            self._n_sources(self._port(direction)),
            self._first_port(self._port(opposite(direction))) + port,
            extra_beat_cycles=(beat - busy) * self.cycle_units,
            bits=board.link_bits(header),
            beat_bits=board.link_bits(noc.packet_bits),
            period=self.cycle_units,
            patience=board.drop_cycles * self.cycle_units,
            router=Router(torus.chips[chip], self._port(direction)),
        )

    def _lookup(self, chip: int) -> Link:
        router, unit = self._router, self._router_units
        assert router is not None
        return Link(
            "lookup",
            f"{self._prefix(chip)}event router",
            router.packet_cycles * unit,
            router.lookup_cycles * unit,
            self.n_ports,
            len(STEPS),
            period=unit,
            patience=router.drop_cycles * unit,
            router=Router(self._torus.chips[chip], self._places[0]),
        )

    def _eject(self, pe: int) -> Link:
        cycles = self._chip.noc.eject_cycles * self.cycle_units
        site = self._sites[pe]
        return Link(
            "eject",
            f"eject PE {pe}",
            cycles,
            cycles,
            self._ports_of_one,
            0,
            period=self.cycle_units,
            router=Router(self._torus.chips[site.chip], site.qpe),
        )

    def _prefix(self, chip: int) -> str:
        """Of the names of what is on *chip*, if there are many."""
        return f"chip {_shown(self._torus.chips[chip])} " if self._board is not None else ""

    def _first_port(self, position: Position) -> int:
        """Number of the first port of the router at *position*."""
        return self._ports_of_one * (
            self._places.index(position) if position in self._places else 0
        )

    def _n_sources(self, position: Position) -> int:
        """Input ports of the router at *position*."""
        return self.n_ports if position in self._places else self._ports_of_one


def _mesh(qpes: Iterable[Position]) -> list[tuple[Position, Position]]:
    xs, ys = zip(*qpes, strict=True)
    routers = list(product(range(min(xs), max(xs) + 1), range(min(ys), max(ys) + 1)))
    known = set(routers)
    ahead = [((x, y), (x + dx, y + dy)) for x, y in routers for dx, dy in STEPS]
    return [(start, end) for start, end in ahead if end in known]


def _shown(position: Position) -> str:
    return f"({position[0]},{position[1]})"


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
