"""What the kernel needs that takes windows of packets link by link: its plan and its memory.

See ``fast.kernels``: the plan says in which order packets cross the links, so that each link can
serve all of a window before the next one.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import layout
from spinn2sim.hw.noc.fast import layout as fast
from spinn2sim.hw.noc.memory import Memory
from spinn2sim.trace import WindowCounts

Numbers = NDArray[np.int64]

#: No order of the links: nothing is taken by window.
NO_PLAN = np.empty(0, np.int64)

#: Packets for which there is room at first.
MIN_PACKETS = 16


class Windows:
    """For the network in *memory*; grows with the multicast trees in use."""

    def __init__(self, memory: Memory, *, used: bool) -> None:
        self._memory, self._used = memory, used
        self._following: set[tuple[int, int]] = set()
        self._most_nodes = 0
        self._plan: Numbers | None = NO_PLAN
        self.pool = np.zeros(0, np.int64)
        """Memory of the kernel."""
        self.counts = np.zeros(fast.COUNT_FIELDS, np.int64)
        """Windows that were not taken link by link, those that were, and what follows for more."""

    @property
    def taken(self) -> WindowCounts:
        """How many were taken link by link, and why the others were not."""
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
    def plan(self) -> Numbers:
        """What the kernel goes by."""
        if self._plan is None:
            self._plan = self._made()
        return self._plan

    def add(self, rows: Numbers) -> None:
        """Take the multicast trees *rows* into account (see ``Topology.trees``)."""
        self._most_nodes = max(self._most_nodes, len(rows))
        parents = np.repeat(rows[:, 0], rows[:, 2])
        # Breadth first: the children of all nodes are the rows behind the roots, in order.
        children = rows[len(rows) - len(parents) :, 0]
        self._following.update(zip(parents.tolist(), children.tolist(), strict=True))
        if self._used:
            self._plan = None

    def need_pool(self, n_packets: int = MIN_PACKETS) -> None:
        """Make room for *n_packets* more in a window, or for twice as many as before."""
        n_numbers = int(self._memory.block[layout.MOST_BRANCHES])
        n_numbers += len(self._memory.links) * fast.LINK_FIELDS
        n_numbers += len(self._memory.pes) * fast.PE_FIELDS
        n_numbers += n_packets * self._most_nodes * fast.CROSSING_FIELDS
        self.pool = np.zeros(max(2 * len(self.pool), n_numbers), np.int64)

    def _made(self) -> Numbers:
        before: dict[int, set[int]] = {link: set() for link in range(len(self._memory.links))}
        for parent, child in self._following:
            before[child].add(parent)
        try:
            order = list(TopologicalSorter(before).static_order())
        except CycleError:  # Some packets cross one link first and others another, as on a torus.
            return NO_PLAN
        first = self._memory.link(0)
        links = [self._memory.link(index) for index in order]
        return np.array([first, len(links), self._most_nodes, *links], np.int64)
