"""What the kernel needs that takes windows of packets whole: its memory, the pool.

See ``fast.kernels``, and ``fast.layout`` for what stands where.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import layout
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.fast.trees.kernels import add
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
        self._used = used and topology.n_ports <= fast.MOST_PORTS
        self._pool, self._end = NO_POOL, 0
        if self._used:
            self._start(topology)
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
        # The address of a packet takes no more bits than there are for it.
        fits = len(self._memory.block) >> fast.PACKET_BITS == 0
        return self._pool if self._used and fits else NO_POOL

    def add(self, rows: Numbers, n_roots: int) -> Address:
        """Take the multicast trees *rows* into account (see ``Topology.trees``).

        Returns the fork behind the first root; those of the other roots follow it.
        """
        if not self._used:
            return 0
        fork = self._allocate(int(np.count_nonzero(rows[:, 2])), fast.FORK_FIELDS)
        self._used = add(self._pool, fork, rows, n_roots) and self._end >> fast.FORK_BITS == 0
        return fork

    def _start(self, topology: Topology) -> None:
        """Lay out the pool, as it is between windows."""
        known, n_pe = self._memory.links, topology.n_pe
        n_links, n_ports = len(known) - n_pe, topology.n_ports
        routers = np.array(topology.routers)
        self._allocate(fast.POOL_FIELDS, 1)
        # Ports begin at multiples of their length.
        self._end += -self._end % fast.PORT_FIELDS
        ports = self._allocate((max(routers) + 1) * n_ports, fast.PORT_FIELDS)
        n_words, n_pe_words = -(-n_links // fast.WORD_BITS), -(-n_pe // fast.WORD_BITS)
        n_cycles = int(self._memory.block[layout.WHEEL_MASK]) + 1
        link_fields = fast.QUEUES + max(n_ports, fast.INJECT_QUEUES)
        pe_fields = fast.PE_QUEUES + n_ports
        links, pes = self._allocate(n_links, link_fields), self._allocate(n_pe, pe_fields)
        places = fast.Places(
            links=links,
            link_fields=link_fields,
            n_links=n_links,
            pes=pes,
            pe_fields=pe_fields,
            n_pe=n_pe,
            n_ports=n_ports,
            wheel=self._allocate(n_cycles, 2 * n_words + n_pe_words),
            wheel_mask=n_cycles - 1,
            n_words=n_words,
            n_pe_words=n_pe_words,
            pending=self._allocate(n_words + n_pe_words, 1),
            freed=self._allocate(n_links + n_pe, 1),
            first_link=self._memory.link(0),
            eject_cycles=int(known[-1, layout.OCCUPANCY]),
            eject_latency=int(known[-1, layout.LATENCY]),
        )
        self._pool[fast.PLACES : fast.POOL_FIELDS] = places
        slots = ports + routers * n_ports * fast.PORT_FIELDS
        self._rows(pes, n_pe, pe_fields)[:, fast.SLOTS] = slots[n_links:]
        rows, known = self._rows(links, n_links, link_fields), known[:n_links]
        rows[:, fast.SLOTS] = slots[:n_links]
        rows[:, fast.OCCUPANCY] = known[:, layout.OCCUPANCY]
        rows[:, fast.LATENCY] = known[:, layout.LATENCY]
        rows[:, fast.TO_PORT] = known[:, layout.TO_PORT]
        rows[:, fast.EXTRA_BEAT_CYCLES] = known[:, layout.EXTRA_BEAT_CYCLES]
        n_slots = np.minimum(known[:, layout.CREDITS], fast.MOST_SLOTS)
        rows[:, fast.ALL_SLOTS] = rows[:, fast.FREE_SLOTS] = (2 << n_slots) - 2
        # Where packets may not wait for ever, none may wait for a slot.
        impatient = self._memory.block[layout.RECHECK] != layout.NONE
        rows[:, fast.IS_DEEP] = impatient | (known[:, layout.CREDITS] > fast.MOST_SLOTS)

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
