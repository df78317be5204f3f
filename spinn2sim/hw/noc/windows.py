"""What the kernel needs that takes windows of packets whole: its memory, the pool.

See ``fast.kernels``, and ``fast.layout`` for what stands where.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import layout
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.forks.kernels import BRANCH_SHIFT, FORK_SHIFT, LINK_SHIFT
from spinn2sim.hw.noc.layout import Address
from spinn2sim.hw.noc.memory import Memory
from spinn2sim.hw.noc.topology import Topology
from spinn2sim.trace import WindowCounts

Numbers = NDArray[np.int64]

#: No memory: nothing is taken by window.
NO_POOL = np.empty(0, np.int64)


class Windows:
    """For the network of *topology* in *memory*; it is told the multicast trees in use."""

    def __init__(self, memory: Memory, topology: Topology, *, used: bool) -> None:
        self._memory = memory
        self._pool, self._end = NO_POOL, 0
        self._used = used and self._start(topology)
        self.counts = np.zeros(fast.COUNT_FIELDS, np.int64)
        """Windows that were not taken whole, those that were, and what follows for more."""

    @property
    def taken(self) -> WindowCounts:
        """How many were taken whole, and why the others were not."""
        counts = self.counts.tolist()
        return WindowCounts(
            link_by_link=counts[fast.DONE],
            not_closed=counts[fast.NOT_CLOSED],
            input_fifo=counts[fast.INPUT_FIFO],
            receive_fifo=counts[fast.RECEIVE_FIFO],
            no_record=counts[fast.NO_RECORD],
            not_tried=counts[fast.NOT_TRIED],
        )

    @property
    def pool(self) -> Numbers:
        """Memory of the kernel, or NO_POOL."""
        fits = len(self._memory.block) >> fast.PACKET_BITS == 0 == self._end >> fast.FORK_BITS
        return self._pool if self._used and fits else NO_POOL

    def add(self, rows: Numbers, n_roots: int) -> Address:
        """Take the multicast trees *rows* into account (see ``Topology.trees``).

        Returns the fork behind the first root; those behind the other roots follow it.
        """
        if not self._used:
            return 0
        forks = [0] * len(rows)
        nodes = rows.tolist()
        for k in range(len(nodes) - 1, -1, -1):
            link, child, n_children, _ = nodes[k]
            if not n_children:
                continue
            pes, onward = 0, {}
            for row in range(child, child + n_children):
                taken = nodes[row][0]
                if taken < self._first_eject:
                    onward[self._places[taken]] = forks[row]
                else:
                    pes |= 1 << self._places[taken]
            self._lead(link, nodes[child][0])
            address = self._address([onward[place] for place in sorted(onward)])
            links = sum(1 << place for place in onward)
            forks[k] = address << FORK_SHIFT | n_children << BRANCH_SHIFT | links << LINK_SHIFT | pes
        return self._address(forks[:n_roots])

    def _address(self, forks: Sequence[int]) -> Address:
        """Where *forks* stand one after the other."""
        key = tuple(forks)
        known = self._forks.get(key)
        if known is None:
            known = self._forks[key] = self._allocate(len(forks), 1)
            self._pool[known : known + len(forks)] = forks
        return known

    def _lead(self, link: int, taken: int) -> None:
        """*link* leads to the router that *taken* leaves."""
        if link in self._led:
            return
        self._led.add(link)
        its = fast.Places(*self._pool[fast.PLACES:fast.POOL_FIELDS].tolist())
        number, to_port, credits_ = self._numbers[link], self._to_ports[link], self._credits[link]
        port = self._ports[taken] + to_port * fast.PORT_FIELDS
        self._pool[its.links + number * fast.LINK_FIELDS + fast.TO_PORT] = port
        self._pool[port + fast.FEEDER] = number
        self._pool[[port + fast.CREDITS, port + fast.ALL_CREDITS]] = credits_

    def _start(self, topology: Topology) -> bool:
        """Lay out the pool, as it is between windows; False if the network does not fit its rows.

        A router has at most so many ports, links and PEs as there are bits for them.
        """
        known, n_pe, n_ports = self._memory.links, topology.n_pe, topology.n_ports
        routers, first_eject = topology.routers, topology.eject(0)
        by_router: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for link in range(n_pe, len(known)):
            by_router[routers[link]][link >= first_eject].append(link)
        most_links = max(len(links) for links, _ in by_router.values())
        most_pes = max(len(ejects) for _, ejects in by_router.values())
        if (
            n_ports > fast.MOST_PORTS
            or most_links > fast.LINK_SET_BITS
            or most_pes > fast.PE_SET_BITS
        ):
            return False
        n_quads = [0, 0]
        for members in by_router.values():
            for kind in range(2):
                n_quads[kind] += -(-len(members[kind]) // fast.LANES)
        first_quad = -(-n_pe // fast.LANES) * fast.LANES
        n_links, n_ejects = (first_quad + fast.LANES * n_quads[0]), fast.LANES * n_quads[1]
        n_words, n_eject_words = (-(-n // fast.WORD_BITS) for n in (n_links, n_ejects))
        n_cycles, quad_fields = int(self._memory.block[layout.WHEEL_MASK]) + 1, fast.WAITING + n_ports
        self._allocate(fast.POOL_FIELDS, 1)
        its = fast.Places(
            ports=self._allocate(len(by_router) * n_ports, fast.PORT_FIELDS),
            links=self._allocate(n_links, fast.LINK_FIELDS),
            n_links=n_links,
            first_quad=first_quad,
            n_pe=n_pe,
            ejects=self._allocate(n_ejects, fast.EJECT_FIELDS),
            n_ejects=n_ejects,
            link_quads=self._allocate(n_quads[0], quad_fields),
            eject_quads=self._allocate(n_quads[1], quad_fields),
            quad_fields=quad_fields,
            wheel=self._allocate(n_cycles, 2 * n_words + n_eject_words),
            wheel_mask=n_cycles - 1,
            n_words=n_words,
            n_eject_words=n_eject_words,
            pending=self._allocate(n_words + n_eject_words, 1),
            freed=self._allocate(n_links + n_ejects, 1),
            eject_cycles=int(known[-1, layout.OCCUPANCY]),
            eject_latency=int(known[-1, layout.LATENCY]),
            # Where packets may not wait for ever, none may wait for a slot.
            is_impatient=int(self._memory.block[layout.RECHECK] != layout.NONE),
        )
        pool = self._pool
        pool[fast.PLACES : fast.POOL_FIELDS] = its
        links = self._rows(its.links, n_links, fast.LINK_FIELDS)
        ejects = self._rows(its.ejects, n_ejects, fast.EJECT_FIELDS)
        links[:, fast.LINK] = ejects[:, fast.LINK] = layout.NONE
        numbers = np.arange(len(known))
        places, ports = np.zeros(len(known), np.int64), np.zeros(len(known), np.int64)
        next_quads = [its.link_quads, its.eject_quads]
        next_numbers = [first_quad, 0]
        for index, members in enumerate(by_router.values()):
            first_port = its.ports + index * n_ports * fast.PORT_FIELDS
            rows = self._rows(first_port, n_ports, fast.PORT_FIELDS)
            rows[:, fast.NUMBER] = range(n_ports)
            rows[:, fast.LINK_QUADS], rows[:, fast.EJECT_QUADS] = next_quads
            for kind, leaving in enumerate(members):
                ports[leaving] = first_port
                places[leaving] = range(len(leaving))
                numbers[leaving] = next_numbers[kind] + places[leaving]
                for _ in range(0, len(leaving), fast.LANES):
                    quad = next_quads[kind]
                    pool[quad + fast.PORTS], pool[quad + fast.FIRST] = first_port, next_numbers[kind]
                    next_quads[kind] += quad_fields
                    next_numbers[kind] += fast.LANES
        addresses = self._memory.link(0) + layout.LINK_FIELDS * np.arange(len(known))
        for field, of_network in (
            (fast.OCCUPANCY, layout.OCCUPANCY),
            (fast.LATENCY, layout.LATENCY),
            (fast.EXTRA_BEAT_CYCLES, layout.EXTRA_BEAT_CYCLES),
        ):
            links[numbers[:first_eject], field] = known[:first_eject, of_network]
        links[numbers[:first_eject], fast.LINK] = addresses[:first_eject]
        links[numbers[:first_eject], fast.PLACE] = places[:first_eject]
        pe_numbers = numbers[first_eject:]
        ejects[pe_numbers, fast.LINK] = addresses[first_eject:]
        ejects[pe_numbers, fast.PE] = self._memory.pe(0) + layout.PE_FIELDS * np.arange(n_pe)
        links[:n_pe, fast.EJECT] = its.ejects + fast.EJECT_FIELDS * pe_numbers
        self._first_eject = first_eject
        self._numbers, self._places = numbers.tolist(), places.tolist()
        self._ports = ports.tolist()
        self._to_ports = known[:, layout.TO_PORT].tolist()
        self._credits = known[:, layout.CREDITS].tolist()
        self._forks: dict[tuple[int, ...], Address] = {}
        self._led: set[int] = set()
        return True

    def _allocate(self, n_rows: int, n_fields: int) -> Address:
        """Address of *n_rows* new rows of zeros."""
        first, self._end = self._end, self._end + n_rows * n_fields
        if self._end > len(self._pool):
            larger = np.zeros(max(self._end, 2 * len(self._pool)), np.int64)
            larger[: len(self._pool)] = self._pool
            self._pool = larger
        return first

    def _rows(self, first: Address, n_rows: int, n_fields: int) -> Numbers:
        return self._pool[first : first + n_rows * n_fields].reshape(n_rows, n_fields)
