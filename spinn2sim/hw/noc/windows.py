"""What the kernel needs that takes windows of packets whole: its memory, the pool.

See ``fast.kernels``, and ``fast.layout`` for what stands where.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import layout
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.memory import Memory
from spinn2sim.hw.noc.topology import Topology
from spinn2sim.trace import WindowCounts

Numbers = NDArray[np.int64]

#: No memory: nothing is taken by window.
NO_POOL = np.empty(0, np.int64)


class Windows:
    """For the network of *topology* in *memory*; it is told the multicast trees in use."""

    def __init__(self, memory: Memory, topology: Topology, *, used: bool) -> None:
        self._memory, self._n_ports = memory, topology.n_ports
        self._used = used and topology.n_ports <= layout.MOST_BITS
        self._leaves = np.array(topology.routers)
        self._leads_to = np.full(len(topology.links), layout.NONE)
        """Number of the router to which each link leads, as far as trees have told."""
        self._pool: Numbers | None = NO_POOL
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
        """Memory of the kernel."""
        if self._pool is None:
            self._pool = self._made()
        return self._pool

    def add(self, rows: Numbers) -> None:
        """Take the multicast trees *rows* into account (see ``Topology.trees``)."""
        parents = np.repeat(rows[:, 0], rows[:, 2])
        # Breadth first: the children of all nodes are the rows behind the roots, in order.
        children = rows[len(rows) - len(parents) :, 0]
        self._leads_to[parents] = self._leaves[children]
        if self._used:
            self._pool = None

    def _made(self) -> Numbers:
        """The pool between windows."""
        known, n_pe = self._memory.links, len(self._memory.pes)
        n_links, n_routers = len(known), int(self._leaves.max()) + 1
        n_slots = int(self._memory.block[layout.WHEEL_MASK]) + 1
        n_words = -(-n_links // fast.WORD_BITS)
        link_fields = fast.QUEUES + max(self._n_ports, fast.INJECT_QUEUES)
        # Ports first: their rows begin at multiples of their length.
        ports = -(-fast.POOL_FIELDS // fast.PORT_FIELDS) * fast.PORT_FIELDS
        links = ports + n_routers * self._n_ports * fast.PORT_FIELDS
        pes = links + n_links * link_fields
        wheel = pes + n_pe * fast.PE_FIELDS
        freed = wheel + n_slots * 2 * n_words
        pool = np.zeros(freed + n_links, np.int64)
        pool[fast.LINKS], pool[fast.LINK_FIELDS], pool[fast.N_LINKS] = links, link_fields, n_links
        pool[fast.N_PE], pool[fast.FIRST_EJECT], pool[fast.PES] = n_pe, n_links - n_pe, pes
        pool[fast.WHEEL], pool[fast.WHEEL_MASK], pool[fast.N_WORDS] = wheel, n_slots - 1, n_words
        pool[fast.FREED], pool[fast.FIRST_LINK] = freed, self._memory.link(0)
        rows = pool[links:pes].reshape(n_links, link_fields)
        rows[:, fast.OCCUPANCY] = known[:, layout.OCCUPANCY]
        rows[:, fast.LATENCY] = known[:, layout.LATENCY]
        rows[:, fast.TO_PORT] = known[:, layout.TO_PORT]
        port_fields = self._n_ports * fast.PORT_FIELDS
        rows[:, fast.SLOTS] = ports + self._leaves * port_fields
        to_slots = (
            ports + self._leads_to * port_fields + known[:, layout.TO_PORT] * fast.PORT_FIELDS
        )
        rows[:, fast.TO_SLOTS] = to_slots
        fed = self._leads_to != layout.NONE
        pool[to_slots[fed] + fast.FEEDER] = np.flatnonzero(fed)
        ejects, credits_ = known[:, layout.TO_PE] != layout.NONE, known[:, layout.CREDITS]
        usable = np.where(ejects, 1, np.minimum(credits_, fast.MOST_SLOTS))
        rows[:, fast.ALL_SLOTS] = rows[:, fast.FREE_SLOTS] = (2 << usable) - 2
        may_not_wait = self._memory.block[layout.RECHECK] != layout.NONE
        rows[:, fast.IS_DEEP] = ~ejects & (may_not_wait | (credits_ > fast.MOST_SLOTS))
        return pool
