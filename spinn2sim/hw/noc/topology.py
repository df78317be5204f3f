"""Links, routers and routes of the mesh: what is wired before time starts.

Every position in the bounding box of the QPEs has a router, also those without a QPE: on the
SpiNNaker 2 chip these are the event router and the periphery, which pass packets on like any other.

Input ports of a router are numbered: 0 from x - 1, 1 from x + 1, 2 from y - 1, 3 from y + 1, then
from its PEs in ascending order and, on a board, from the six links between chips. Ports that lead
nowhere exist but are never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import PlacementError
from spinn2sim.hw.noc.torus import DIRECTIONS, Torus, opposite
from spinn2sim.hw.noc.trees import Branches, rows_of
from spinn2sim.spec.board import BoardSpec
from spinn2sim.spec.chip import ChipSpec

Position: TypeAlias = tuple[int, int]

#: Step of a packet into a router, by input port of that router.
STEPS: tuple[Position, ...] = ((1, 0), (-1, 0), (0, 1), (0, -1))

#: Names of the links between chips.
COMPASS = ("E", "NE", "N", "W", "SW", "S")


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a connection; packets cross it one after the other."""

    kind: Literal["inject", "mesh", "chip", "eject"]
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


@dataclass(frozen=True, slots=True)
class Site:
    """Where a PE is."""

    chip: int
    qpe: Position


class Topology:
    """The links of *chip*, or of all chips of *board*, with PEs 0 to *n_pe* - 1 in use.

    In this order: inject by PE, mesh chip by chip, from chip to chip, eject by PE.
    """

    def __init__(self, chip: ChipSpec, n_pe: int, board: BoardSpec | None = None) -> None:
        n_per_chip = chip.n_pe if board is None else board.pes_per_chip(chip)
        capacity = n_per_chip if board is None else board.capacity(chip)
        if not 1 <= n_pe <= capacity:
            raise PlacementError(n_pe, capacity, chip.name)
        self.n_pe = n_pe
        self._chip, self._board = chip, board
        self._torus = Torus(board) if board else None
        self.cycle_units = 1
        self.n_chips = board.n_chips if board else 1
        self.n_ports = len(STEPS) + chip.pes_per_qpe + (len(DIRECTIONS) if board else 0)
        self._sites = tuple(
            Site(pe // n_per_chip, chip.qpes[pe % n_per_chip // chip.pes_per_qpe])
            for pe in range(n_pe)
        )
        mesh = [(each, *ends) for each in range(self.n_chips) for ends in _mesh(chip.qpes)]
        onward = list(self._between_chips())
        self._hops = {ends: n_pe + index for index, ends in enumerate(mesh)}
        first = n_pe + len(mesh)
        self._onward = {way: first + index for index, way in enumerate(onward)}
        self._first_eject = first + len(onward)
        self.links = (
            *(self._inject(pe) for pe in range(n_pe)),
            *(self._hop(*ends) for ends in mesh),
            *(self._chip_link(*way) for way in onward),
            *(self._eject(pe) for pe in range(n_pe)),
        )

    def inject(self, pe: int) -> int:
        """Index of the link from *pe*."""
        return pe

    def eject(self, pe: int) -> int:
        """Index of the link to *pe*."""
        return self._first_eject + pe

    def site(self, pe: int) -> Site:
        """Where *pe* is."""
        return self._sites[pe]

    def trees(self, source: int, targets: Sequence[int]) -> tuple[int, NDArray[np.int64]]:
        """How packets get from *source* to all *targets*.

        Returns the number of packets that Comms sends, and the nodes of their multicast trees as
        (link, first child, number of children, number of targets): roots first, children of a node
        together, rows counted from 0.
        """
        if self._chip.noc.multicast == "tree":
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
        at_site: dict[Site, Branches] = {}
        for pe in targets:
            site = self._sites[pe]
            if site not in at_site:
                branches = root
                for link in self._path(self._sites[source], site):
                    branches = branches.setdefault(link, {})
                at_site[site] = branches
            at_site[site][self.eject(pe)] = {}
        return root

    def _path(self, start: Site, end: Site) -> Iterator[int]:
        """XY on each chip; from chip to chip by the shortest way (see ``torus``)."""
        chip, here = start.chip, start.qpe
        if self._board is not None and self._torus is not None:
            for direction in self._torus.path(start.chip, end.chip):
                yield from self._xy_path(chip, here, self._board.ports[direction])
                yield self._onward[chip, direction]
                neighbour = self._torus.neighbour(chip, direction)
                assert neighbour is not None, "a path has no link from a chip to itself"
                chip, here = neighbour, self._board.ports[opposite(direction)]
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
        if self._torus is not None:
            for chip, direction in product(range(self.n_chips), range(len(DIRECTIONS))):
                if self._torus.neighbour(chip, direction) is not None:
                    yield chip, direction

    def _inject(self, pe: int) -> Link:
        cycles = self._chip.noc.inject_cycles
        port = len(STEPS) + pe % self._chip.pes_per_qpe
        return Link("inject", f"inject PE {pe}", cycles, cycles, n_sources=1, to_port=port)

    def _hop(self, chip: int, start: Position, end: Position) -> Link:
        name = f"({start[0]},{start[1]})->({end[0]},{end[1]})"
        if self._torus is not None:
            name = f"chip {_shown(self._torus.chips[chip])} {name}"
        port = STEPS.index((end[0] - start[0], end[1] - start[1]))
        noc = self._chip.noc
        return Link("mesh", name, noc.link_cycles, noc.hop_cycles, self.n_ports, port)

    def _chip_link(self, chip: int, direction: int) -> Link:
        board, torus, noc = self._board, self._torus, self._chip.noc
        assert board is not None
        assert torus is not None
        other = torus.neighbour(chip, direction)
        assert other is not None
        between = torus.between_boards(chip, other)
        kind = "board-link" if between else "chip-link"
        ends = _shown(torus.chips[chip]), _shown(torus.chips[other])
        header = noc.packet_bits - noc.payload_bits
        busy = board.busy_cycles(header, noc.clock, between_boards=between)
        beat = board.busy_cycles(noc.packet_bits, noc.clock, between_boards=between)
        return Link(
            "chip",
            f"{kind} {ends[0]} {COMPASS[direction]} {ends[1]}",
            busy,
            board.latency_cycles(noc.clock),
            self.n_ports,
            len(STEPS) + self._chip.pes_per_qpe + opposite(direction),
            extra_beat_cycles=beat - busy,
            bits=board.link_bits(header),
            beat_bits=board.link_bits(noc.packet_bits),
            patience=board.drop_cycles,
        )

    def _eject(self, pe: int) -> Link:
        cycles = self._chip.noc.eject_cycles
        return Link("eject", f"eject PE {pe}", cycles, cycles, self.n_ports, to_port=0)


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
