"""The pool: memory of the kernel that takes windows of packets whole, laid out and filled.

See ``fast.kernels`` for what is done with it, and ``fast.layout`` for what stands where. Rows have
addresses, so the pool only ever grows at its end: by the forks of new multicast trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import layout
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.layout import Address
from spinn2sim.hw.noc.memory import Memory
from spinn2sim.hw.noc.topology import Topology

Numbers = NDArray[np.int64]


class Wire(NamedTuple):
    """Where the pool has a link of the network."""

    number: int
    """Among the links to routers, or among those to PEs."""
    place: int
    """Among those of its kind that leave its router."""
    ports: Address
    """Of the router that it leaves; 0: it leaves a PE."""


class Router:
    """The links that leave a router, by index: those to other routers, and those to PEs."""

    def __init__(self) -> None:
        self.links: list[int] = []
        self.ejects: list[int] = []


def fits(topology: Topology) -> bool:
    """Whether a router has no more ports, links and PEs than there are bits for."""
    routers = _routers(topology)
    return (
        topology.n_ports <= fast.LANE_BITS
        and all(len(router.links) <= fast.LINK_SET_BITS for router in routers)
        and all(len(router.ejects) <= fast.PE_SET_BITS for router in routers)
    )


class Pool:
    """For the network of *topology*, which fits, in *memory*: as it is between windows."""

    numbers: Numbers
    """What the kernel takes. Another array after every ``add``."""

    def __init__(self, memory: Memory, topology: Topology) -> None:
        self._end, self.numbers = 0, np.zeros(0, np.int64)
        known, routers = memory.links, _routers(topology)
        self._first_eject = topology.eject(0)
        self._its = self._laid_out(memory, topology, routers)
        self.numbers[fast.PLACES : fast.POOL_FIELDS] = self._its
        self._wires = self._wired(topology, routers)
        self._fill_links(memory)
        self._to_ports = known[:, layout.TO_PORT].tolist()
        self._credits = known[:, layout.CREDITS].tolist()
        # Links that have been told where they lead, forks by what they take, and where some stand.
        self._led: set[int] = set()
        self._forks: dict[tuple[tuple[int, int], ...], int] = {}
        self._addresses: dict[tuple[int, ...], Address] = {}

    def add(self, rows: Numbers, n_roots: int) -> Address:
        """Write the multicast trees *rows* (see ``Topology.trees``).

        Returns where the fork behind the first root stands; those behind the others follow it.
        """
        nodes, forks = rows.tolist(), [0] * len(rows)
        for node in reversed(range(len(nodes))):
            link, child, n_children, _ = nodes[node]
            if not n_children:
                continue
            if link not in self._led:
                self._lead(link, self._wires[nodes[child][0]].ports)
            branches = tuple((nodes[k][0], forks[k]) for k in range(child, child + n_children))
            fork = self._forks.get(branches)
            if fork is None:
                fork = self._forks[branches] = self._fork(branches)
            forks[node] = fork
        return self._written(forks[:n_roots])

    def _fork(self, branches: Sequence[tuple[int, int]]) -> int:
        """What takes *branches*: links, and the forks behind them."""
        pes = links = 0
        onward = []
        for link, fork in branches:
            place = self._wires[link].place
            if link >= self._first_eject:
                pes |= 1 << place
            else:
                links |= 1 << place
                onward.append((place, fork))
        first = self._written([fork for _, fork in sorted(onward)])
        return (
            first << fast.ONWARD_SHIFT
            | len(branches) << fast.N_BRANCHES_SHIFT
            | links << fast.LINK_SET_SHIFT
            | pes
        )

    def _written(self, forks: Sequence[int]) -> Address:
        """Where *forks* stand one after the other."""
        key = tuple(forks)
        if key not in self._addresses:
            self._addresses[key] = first = self._allocate(len(forks), 1)
            self.numbers[first : first + len(forks)] = forks
        return self._addresses[key]

    def _lead(self, link: int, ports: Address) -> None:
        """*link* leads to the router of *ports*."""
        self._led.add(link)
        number = self._wires[link].number
        port = ports + self._to_ports[link] * fast.PORT_FIELDS
        self.numbers[self._its.links + number * fast.LINK_FIELDS + fast.TO_PORT] = port
        self.numbers[port + fast.FEEDER] = number
        self.numbers[[port + fast.CREDITS, port + fast.ALL_CREDITS]] = self._credits[link]

    def _laid_out(
        self, memory: Memory, topology: Topology, routers: Sequence[Router]
    ) -> fast.Places:
        """Room for everything but forks, in the order of the kernel."""
        known, n_pe = memory.links, topology.n_pe
        n_link_quads = sum(_n_quads(router.links) for router in routers)
        n_eject_quads = sum(_n_quads(router.ejects) for router in routers)
        first_quad = -(-n_pe // fast.LANES) * fast.LANES
        n_links = first_quad + fast.LANES * n_link_quads
        n_ejects = fast.LANES * n_eject_quads
        n_words, n_eject_words = -(-n_links // fast.WORD_BITS), -(-n_ejects // fast.WORD_BITS)
        n_cycles = int(memory.block[layout.WHEEL_MASK]) + 1
        quad_fields = fast.WAITING + topology.n_ports
        self._allocate(1, fast.POOL_FIELDS)
        return fast.Places(
            ports=self._allocate(len(routers) * topology.n_ports, fast.PORT_FIELDS),
            links=self._allocate(n_links, fast.LINK_FIELDS),
            n_links=n_links,
            first_quad=first_quad,
            n_pe=n_pe,
            ejects=self._allocate(n_ejects, fast.EJECT_FIELDS),
            n_ejects=n_ejects,
            link_quads=self._allocate(n_link_quads, quad_fields),
            eject_quads=self._allocate(n_eject_quads, quad_fields),
            quad_fields=quad_fields,
            wheel=self._allocate(n_cycles, 2 * n_words + n_eject_words),
            wheel_mask=n_cycles - 1,
            n_words=n_words,
            n_eject_words=n_eject_words,
            pending=self._allocate(n_words + n_eject_words, 1),
            freed=self._allocate(n_links + n_ejects, 1),
            eject_cycles=int(known[-1, layout.OCCUPANCY]),
            eject_latency=int(known[-1, layout.LATENCY]),
            is_impatient=int(memory.block[layout.RECHECK] != layout.NONE),
        )

    def _wired(self, topology: Topology, routers: Sequence[Router]) -> list[Wire]:
        """Number ports, quads and links router by router; by link, where it is."""
        its, n_ports = self._its, topology.n_ports
        wires = [Wire(pe, 0, 0) for pe in range(topology.n_pe)]
        wires += [Wire(0, 0, 0)] * (len(topology.links) - topology.n_pe)
        quads, numbers = [its.link_quads, its.eject_quads], [its.first_quad, 0]
        for index, router in enumerate(routers):
            ports = its.ports + index * n_ports * fast.PORT_FIELDS
            rows = self._rows(ports, n_ports, fast.PORT_FIELDS)
            rows[:, fast.NUMBER] = range(n_ports)
            rows[:, fast.LINK_QUADS], rows[:, fast.EJECT_QUADS] = quads
            for kind, leaving in enumerate((router.links, router.ejects)):
                for place, link in enumerate(leaving):
                    wires[link] = Wire(numbers[kind] + place, place, ports)
                for _ in range(_n_quads(leaving)):
                    self.numbers[[quads[kind] + fast.PORTS, quads[kind] + fast.FIRST]] = (
                        ports,
                        numbers[kind],
                    )
                    quads[kind] += its.quad_fields
                    numbers[kind] += fast.LANES
        return wires

    def _fill_links(self, memory: Memory) -> None:
        """What never changes of links."""
        its, known, first_eject = self._its, memory.links, self._first_eject
        links = self._rows(its.links, its.n_links, fast.LINK_FIELDS)
        ejects = self._rows(its.ejects, its.n_ejects, fast.EJECT_FIELDS)
        links[:, fast.LINK] = ejects[:, fast.LINK] = layout.NONE
        numbers = np.array([wire.number for wire in self._wires])
        addresses = memory.link(0) + layout.LINK_FIELDS * np.arange(len(known))
        to_router, to_pe = numbers[:first_eject], numbers[first_eject:]
        for field, of_network in (
            (fast.LATENCY, layout.LATENCY),
            (fast.OCCUPANCY, layout.OCCUPANCY),
            (fast.EXTRA_BEAT_CYCLES, layout.EXTRA_BEAT_CYCLES),
        ):
            links[to_router, field] = known[:first_eject, of_network]
        links[to_router, fast.LINK] = addresses[:first_eject]
        links[to_router, fast.PLACE] = [wire.place for wire in self._wires[:first_eject]]
        links[: its.n_pe, fast.EJECT] = its.ejects + fast.EJECT_FIELDS * to_pe
        ejects[to_pe, fast.LINK] = addresses[first_eject:]
        ejects[to_pe, fast.PE] = [memory.pe(pe) for pe in range(its.n_pe)]

    def _allocate(self, n_rows: int, n_fields: int) -> Address:
        """Address of *n_rows* new rows of zeros."""
        first, self._end = self._end, self._end + n_rows * n_fields
        if self._end > len(self.numbers):
            larger = np.zeros(max(self._end, 2 * len(self.numbers)), np.int64)
            larger[: len(self.numbers)] = self.numbers
            self.numbers = larger
        assert self._end >> fast.FORK_BITS == 0, "the address of a fork takes so many bits"
        return first

    def _rows(self, first: Address, n_rows: int, n_fields: int) -> Numbers:
        return self.numbers[first : first + n_rows * n_fields].reshape(n_rows, n_fields)


def _routers(topology: Topology) -> list[Router]:
    routers = [Router() for _ in range(max(topology.routers) + 1)]
    for link, number in enumerate(topology.routers):
        if number >= 0:
            router = routers[number]
            (router.links if link < topology.eject(0) else router.ejects).append(link)
    return routers


def _n_quads(links: Sequence[int]) -> int:
    return -(-len(links) // fast.LANES)
