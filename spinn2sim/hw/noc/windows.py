"""Windows of packets that the kernel takes whole which can do that: with what, and how many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.layout import Address
from spinn2sim.hw.noc.memory import Memory
from spinn2sim.hw.noc.pool import Pool, fits
from spinn2sim.hw.noc.topology import Topology
from spinn2sim.trace import WindowCounts

Numbers = NDArray[np.int64]

#: No memory: no window is taken whole.
NO_POOL = np.empty(0, np.int64)


class Windows:
    """For the network of *topology* in *memory*; it is told the multicast trees in use."""

    def __init__(self, memory: Memory, topology: Topology, *, used: bool) -> None:
        self._memory = memory
        self._pool = Pool(memory, topology) if used and fits(topology) else None
        self.counts = np.zeros(fast.COUNT_FIELDS, np.int64)
        """Windows that were not taken whole, those that were, and what follows for more."""

    @property
    def taken(self) -> WindowCounts:
        """How many were taken whole, and why the others were not."""
        counts = self.counts.tolist()
        return WindowCounts(
            whole=counts[fast.DONE],
            not_closed=counts[fast.NOT_CLOSED],
            input_fifo=counts[fast.INPUT_FIFO],
            receive_fifo=counts[fast.RECEIVE_FIFO],
            no_record=counts[fast.NO_RECORD],
            not_tried=counts[fast.NOT_TRIED],
        )

    @property
    def pool(self) -> Numbers:
        """Memory of the kernel."""
        # The address of a packet takes no more bits than there are for it.
        if self._pool is None or len(self._memory.block) >> fast.PACKET_BITS:
            return NO_POOL
        return self._pool.numbers

    def add(self, rows: Numbers, n_roots: int) -> Address:
        """Take the multicast trees *rows* into account (see ``Topology.trees``).

        Returns where the kernel has the fork behind the first root.
        """
        return self._pool.add(rows, n_roots) if self._pool else 0
