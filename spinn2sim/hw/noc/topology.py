"""Links, routers and routes of the mesh: what is wired before time starts.

Every position in the bounding box of the QPEs has a router, also those without a QPE: on the
SpiNNaker 2 chip these are the event router and the periphery, which pass packets on like any other.

Input ports of a router are numbered: 0 from x - 1, 1 from x + 1, 2 from y - 1, 3 from y + 1, and 4
on from its PEs in ascending order. Ports at the edge of the mesh exist but are never used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import PlacementError
from spinn2sim.spec.chip import ChipSpec

Position: TypeAlias = tuple[int, int]
Branches: TypeAlias = dict[int, "Branches"]

#: Step of a packet into a router, by input port of that router.
STEPS: tuple[Position, ...] = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a connection; packets cross it one after the other."""

    kind: Literal["inject", "mesh", "eject"]
    name: str
    occupancy: int
    """Cycles before the next packet may be granted."""
    latency: int
    """Cycles from grant to arrival."""
    n_sources: int
    """Queues that it serves in turn: input ports of the router that it leaves."""
    to_port: int
    """Input port of the router that it leads to; unused by an eject link."""


class Topology:
    """The links of *chip* with PEs 0 to *n_pe* - 1 in use: inject by PE, then mesh, eject by PE."""

    def __init__(self, chip: ChipSpec, n_pe: int) -> None:
        if not 1 <= n_pe <= chip.n_pe:
            raise PlacementError(n_pe, chip.n_pe, chip.name)
        self.n_pe = n_pe
        self.n_ports = len(STEPS) + chip.pes_per_qpe
        self._qpe_of = tuple(chip.qpes[pe // chip.pes_per_qpe] for pe in range(n_pe))
        self._multicast = chip.noc.multicast
        mesh = self._mesh(chip.qpes)
        self._between = {ends: n_pe + index for index, ends in enumerate(mesh)}
        self._first_eject = n_pe + len(mesh)
        self.links = (
            *(self._inject(chip, pe) for pe in range(n_pe)),
            *(self._hop(chip, start, end) for start, end in mesh),
            *(self._eject(chip, pe) for pe in range(n_pe)),
        )

    def inject(self, pe: int) -> int:
        """Index of the link from *pe*."""
        return pe

    def eject(self, pe: int) -> int:
        """Index of the link to *pe*."""
        return self._first_eject + pe

    def trees(self, source: int, targets: Sequence[int]) -> tuple[int, NDArray[np.int64]]:
        """How packets get from *source* to all *targets*.

        Returns the number of packets that Comms sends, and the nodes of their multicast trees as
        (link, first child, number of children, number of targets): roots first, children of a node
        together, rows counted from 0.
        """
        if self._multicast == "tree":
            roots = [self._branches(source, targets)]
        else:
            by_qpe: dict[Position, list[int]] = {}
            for pe in sorted(targets):
                by_qpe.setdefault(self._qpe_of[pe], []).append(pe)
            roots = [self._branches(source, pes) for pes in by_qpe.values()]
        return len(roots), _rows(self.inject(source), roots)

    def _branches(self, source: int, targets: Iterable[int]) -> Branches:
        """The union of the XY paths, as the links to take after each link."""
        root: Branches = {}
        at_qpe: dict[Position, Branches] = {}
        for pe in targets:
            qpe = self._qpe_of[pe]
            if qpe not in at_qpe:
                branches = root
                for link in self._xy_path(self._qpe_of[source], qpe):
                    branches = branches.setdefault(link, {})
                at_qpe[qpe] = branches
            at_qpe[qpe][self.eject(pe)] = {}
        return root

    def _xy_path(self, start: Position, end: Position) -> list[int]:
        (x, y), path = start, []
        while (x, y) != end:
            step = (_sign(end[0] - x), 0) if x != end[0] else (0, _sign(end[1] - y))
            ahead = (x + step[0], y + step[1])
            path.append(self._between[(x, y), ahead])
            x, y = ahead
        return path

    @staticmethod
    def _mesh(qpes: Iterable[Position]) -> list[tuple[Position, Position]]:
        xs, ys = zip(*qpes, strict=True)
        routers = list(product(range(min(xs), max(xs) + 1), range(min(ys), max(ys) + 1)))
        known = set(routers)
        ahead = [((x, y), (x + dx, y + dy)) for x, y in routers for dx, dy in STEPS]
        return [(start, end) for start, end in ahead if end in known]

    @staticmethod
    def _inject(chip: ChipSpec, pe: int) -> Link:
        cycles = chip.noc.inject_cycles
        port = len(STEPS) + pe % chip.pes_per_qpe
        return Link("inject", f"inject PE {pe}", cycles, cycles, n_sources=1, to_port=port)

    def _hop(self, chip: ChipSpec, start: Position, end: Position) -> Link:
        name = f"({start[0]},{start[1]})->({end[0]},{end[1]})"
        port = STEPS.index((end[0] - start[0], end[1] - start[1]))
        noc = chip.noc
        return Link("mesh", name, noc.link_cycles, noc.hop_cycles, self.n_ports, port)

    def _eject(self, chip: ChipSpec, pe: int) -> Link:
        cycles = chip.noc.eject_cycles
        return Link("eject", f"eject PE {pe}", cycles, cycles, self.n_ports, to_port=0)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _rows(first_link: int, roots: list[Branches]) -> NDArray[np.int64]:
    """The nodes of trees that all begin with *first_link*, breadth first."""
    waiting = deque((first_link, branches) for branches in roots)
    rows, n_rows = [], len(roots)
    while waiting:
        link, branches = waiting.popleft()
        rows.append([link, n_rows, len(branches), 0 if branches else 1])
        n_rows += len(branches)
        waiting.extend(branches.items())
    for row in reversed(rows):
        _, first, n_children, _ = row
        row[3] += sum(child[3] for child in rows[first : first + n_children])
    return np.array(rows, np.int64)
