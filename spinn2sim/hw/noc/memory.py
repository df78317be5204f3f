"""The block of memory in which the compiled kernels keep a NoC: laid out, filled, made larger.

Rows have addresses (see ``layout``), so the block only ever grows at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from spinn2sim.hw.noc import layout as at
from spinn2sim.hw.noc.faults import LinkFaults, share
from spinn2sim.hw.noc.layout import Address
from spinn2sim.hw.noc.mishaps.kernels import draw
from spinn2sim.hw.noc.nodes.kernels import children_of, n_targets
from spinn2sim.hw.noc.topology import Link, Topology
from spinn2sim.spec.chip import ChipSpec

N = TypeVar("N", int, NDArray[np.int64])

OVERFLOW = {
    "drop": at.DROP,
    "overwrite": at.OVERWRITE,
    "stall": at.STALL,
}

#: Fields of a link that hold a cycle, or NONE while nothing of the kind has happened.
FIRSTS = (at.PEAK_AT, at.FIRST_DROPPED, at.FIRST_RESENT, at.FIRST_LOST)

#: Rows added at least when there is no room for more packets or flits.
MIN_GROWTH = 256

#: Deliveries that the kernels record, at least, before the record is put aside.
MIN_ARRIVALS = 65_536


class Memory:
    """State of the NoC of *chip*: empty, at cycle 0."""

    block: NDArray[np.int64]
    """What kernels take. Another one after every ``need_`` or ``add_`` call."""

    def __init__(
        self,
        topology: Topology,
        chip: ChipSpec,
        *,
        ticks_per_cycle: int,
        record_arrivals: bool,
        faults: LinkFaults | None = None,
    ) -> None:
        self._end = at.NOC_FIELDS
        self.block = np.zeros(self._end, np.int64)
        self._n_links = len(topology.links)
        self._n_pe = topology.n_pe
        self._n_flits = self._n_packets = 0
        self._flit_fields = 1 << (at.BRANCHES + topology.n_ports - 1).bit_length()
        self._put_aside: list[NDArray[np.int64]] = []
        self._first_link = self._allocate(self._n_links, at.LINK_FIELDS)
        self._first_pe = self._allocate(self._n_pe, at.PE_FIELDS)
        self._start_noc(topology, chip, ticks_per_cycle)
        self.block[at.MAX_ARRIVALS] = 0 if record_arrivals else at.NONE
        max_resends = faults.max_resends if faults else 0
        self._start_wheel(max(_longest(link, max_resends) for link in topology.links))
        patience = [link.patience for link in topology.links if link.patience is not None]
        self.block[at.RECHECK] = (
            min([*patience, self.block[at.WHEEL_MASK]]) if patience else at.NONE
        )
        for index, link in enumerate(topology.links):
            self._start_link(self.link(index), link, chip.noc.fifo_flits)
            if faults:
                self._set_faults(index, link, faults)
        self.block[at.ENTRIES] = entries = self._allocate(self._n_pe, 1)
        self.block[entries : entries + self._n_pe] = at.NEVER
        for pe in range(self._n_pe):
            self._start_pe(pe, self.link(topology.inject(pe)), self.link(topology.eject(pe)))

    @property
    def links(self) -> NDArray[np.int64]:
        """(n_links, LINK_FIELDS) view of the links."""
        return self._view(self._first_link, self._n_links, at.LINK_FIELDS)

    @property
    def pes(self) -> NDArray[np.int64]:
        """(n_pe, PE_FIELDS) view of the PEs."""
        return self._view(self._first_pe, self._n_pe, at.PE_FIELDS)

    @property
    def arrivals(self) -> NDArray[np.int64]:
        """(n, ARRIVAL_FIELDS) the deliveries recorded so far; PEs by address."""
        return np.concatenate([*self._put_aside, self._latest_arrivals])

    @property
    def _latest_arrivals(self) -> NDArray[np.int64]:
        """View of those that are not put aside."""
        first, n_rows = self.block[[at.ARRIVALS, at.N_ARRIVALS]].tolist()
        return self._view(first, n_rows, at.ARRIVAL_FIELDS)

    def link(self, index: int) -> Address:
        """The row of link number *index*."""
        return self._first_link + at.LINK_FIELDS * index

    def pe(self, number: int) -> Address:
        """The row of PE *number*."""
        return self._first_pe + at.PE_FIELDS * number

    def number(self, pe: N) -> N:
        """Of the PE in row *pe*, or of those in an array of rows."""
        return (pe - self._first_pe) // at.PE_FIELDS

    def targets_ahead(self) -> Iterator[int]:
        """Of each packet, and of each branch of one, that is not yet delivered: its targets."""
        block = self.block
        free = block[at.N_FREE_PACKETS], block[at.N_FREE_FLITS]
        if block[at.N_EVENTS] == 0 and free == (self._n_packets, self._n_flits):
            return
        for link in self.links:
            for queue in _addresses(link[at.QUEUES], link[at.N_QUEUES], at.QUEUE_FIELDS):
                for branch in self._list(queue + at.HEAD):
                    yield n_targets(block, self._node(branch, branch & link[at.FLIT_MASK]))
        for pe in self.pes:
            for packet in self._list(pe[at.HANDED] + at.HEAD):
                yield n_targets(block, block[packet + at.NODE])
        first, n_slots = block[at.WHEEL], block[at.WHEEL_MASK] + 1
        for slot in _addresses(first, n_slots, at.CYCLE_FIELDS):
            for flit in self._list(slot + at.ARRIVING):
                yield n_targets(block, block[flit + at.NODE])
            yield from (1 for _ in self._list(slot + at.REACHED, at.NEXT_REACHED))

    def _list(self, head: Address, following: int = at.BEHIND) -> Iterator[Address]:
        """The rows of the list that begins at *head*."""
        row = int(self.block[head])
        while row != at.NONE:
            yield row
            row = int(self.block[row + following])

    def _node(self, branch: Address, flit: Address) -> Address:
        """Of the tree: where *branch* of *flit* goes next."""
        node = int(self.block[flit + at.NODE])
        if flit == branch:  # a packet in its transmit queue
            return node
        return children_of(self.block, node)[0] + branch - flit - at.BRANCHES

    def need_room(self) -> None:
        """Make room for what is missing: flits, or a record of deliveries."""
        if self.block[at.N_FREE_FLITS] == 0:
            self.need_flits()
        if self.block[at.N_ARRIVALS] == self.block[at.MAX_ARRIVALS]:
            self._put_arrivals_aside()
            n_rows = max(2 * int(self.block[at.MAX_ARRIVALS]), MIN_ARRIVALS)
            self.block[at.ARRIVALS] = self._allocate(n_rows, at.ARRIVAL_FIELDS)
            self.block[at.MAX_ARRIVALS] = n_rows

    def need_half_a_record(self) -> None:
        """Make room for as many deliveries as half of the record takes; they must be recorded."""
        if 2 * self.block[at.N_ARRIVALS] > self.block[at.MAX_ARRIVALS]:
            self._put_arrivals_aside()
        if not self.block[at.MAX_ARRIVALS]:
            self.need_room()

    def _put_arrivals_aside(self) -> None:
        self._put_aside.append(self._latest_arrivals.copy())
        self.block[at.N_ARRIVALS] = 0

    def need_packets(self, n_packets: int) -> None:
        """Make room for at least *n_packets* more packets that Comms is handed."""
        n_more = max(n_packets, MIN_GROWTH, self._n_packets)
        self._n_packets += n_more
        self._new_list(n_more, at.PACKET_FIELDS, at.FREE_PACKET)
        self.block[at.N_FREE_PACKETS] += n_more

    def need_flits(self, n_flits: int = 0) -> None:
        """Make room for at least *n_flits* more flits."""
        n_more = max(n_flits, MIN_GROWTH, self._n_flits)
        self._n_flits += n_more
        self._end += -self._end % self._flit_fields
        self._new_list(n_more, self._flit_fields, at.FREE_FLIT)
        self.block[at.N_FREE_FLITS] += n_more

    def _new_list(self, n_rows: int, n_fields: int, head: Address) -> None:
        """*n_rows* new rows, before those of the list that begins at *head*."""
        first = self._allocate(n_rows, n_fields)
        rows = self._view(first, n_rows, n_fields)
        rows[:, at.BEHIND] = first + n_fields * np.arange(1, n_rows + 1)
        rows[-1, at.BEHIND] = self.block[head]
        self.block[head] = first

    def add_trees(self, rows: NDArray[np.int64], n_roots: int, fork: Address) -> Address:
        """Store multicast trees (see ``Topology.trees``); returns the first root.

        *fork*: where the pool has the fork behind that root; those behind the others follow it.
        """
        n_more = n_roots * (at.ROOT_FIELDS - 1)
        first = self._allocate(1 + n_more + len(rows), 1) + 1
        places = first + n_more + np.arange(len(rows))
        places[:n_roots] = first + at.ROOT_FIELDS * np.arange(n_roots)
        links = self._first_link + at.LINK_FIELDS * rows[:, 0]
        children, n_children = first + n_more + rows[:, 1], rows[:, 2]
        assert max(links) >> at.LINK_BITS == 0, "a node is one number"
        assert max(children) >> at.CHILDREN_BITS == 0, "a node is one number"
        assert max(n_children) <= at.MOST_CHILDREN, "a node is one number"
        nodes = links | children << at.LINK_BITS | n_children << at.LINK_BITS + at.CHILDREN_BITS
        self.block[places] = nodes
        self.block[places[:n_roots] + at.FORK] = fork + np.arange(n_roots)
        return first

    def _allocate(self, n_rows: int, n_fields: int) -> Address:
        """Address of *n_rows* new rows of zeros."""
        first, self._end = self._end, self._end + n_rows * n_fields
        if self._end > len(self.block):
            larger = np.zeros(max(self._end, 2 * len(self.block)), np.int64)
            larger[: len(self.block)] = self.block
            self.block = larger
        return first

    def _view(self, first: Address, n_rows: int, n_fields: int) -> NDArray[np.int64]:
        return self.block[first : first + n_rows * n_fields].reshape(n_rows, n_fields)

    def _new_queues(self, n_queues: int) -> Address:
        first = self._allocate(n_queues, at.QUEUE_FIELDS)
        queues = self._view(first, n_queues, at.QUEUE_FIELDS)
        queues[:, at.HEAD] = at.NONE
        queues[:, at.TAIL] = _addresses(first, n_queues, at.QUEUE_FIELDS)
        return first

    def _start_noc(self, topology: Topology, chip: ChipSpec, ticks_per_cycle: int) -> None:
        self.block[at.NEXT_ENTRY] = at.NEVER
        self.block[at.LIMIT] = at.NEVER
        self.block[[at.FREE_PACKET, at.FREE_FLIT]] = at.NONE
        self.block[at.TICKS_PER_CYCLE] = ticks_per_cycle
        self.block[at.CYCLE_UNITS] = topology.cycle_units
        self.block[at.EDGES] = any(link.period > 1 for link in topology.links)
        self.block[at.FIFO_EVENTS] = chip.comms.fifo_events
        self.block[at.OVERFLOW] = OVERFLOW[chip.comms.overflow]
        self.block[at.MOST_BRANCHES] = topology.n_ports
        self.block[at.PES] = self._first_pe
        self.block[at.END_OF_PES] = self.pe(self._n_pe)

    def _start_wheel(self, longest: int) -> None:
        # The cycle being processed, and as many after it as anything takes.
        n_slots = 1 << longest.bit_length()
        first = self._allocate(n_slots, at.CYCLE_FIELDS)
        self._view(first, n_slots, at.CYCLE_FIELDS)[:] = at.NONE
        self.block[at.WHEEL] = first
        self.block[at.WHEEL_MASK] = n_slots - 1

    def _start_link(self, address: Address, link: Link, fifo_flits: int) -> None:
        queues, ends = self._new_queues(link.n_sources), self._allocate(link.n_sources, 1)
        row = self._view(address, 1, at.LINK_FIELDS)[0]
        row[at.OCCUPANCY] = link.occupancy
        row[at.EXTRA_BEAT_CYCLES] = link.extra_beat_cycles
        row[at.LATENCY] = link.latency
        row[at.TO_PORT] = link.to_port
        row[at.TO_PE] = at.NONE
        row[at.QUEUES], row[at.ENDS] = queues, ends
        row[at.FLIT_MASK] = at.NONE if link.kind == "inject" else -self._flit_fields
        row[at.N_QUEUES] = link.n_sources
        # So that the first turn begins at port 0.
        row[at.GRANTED_PORT] = link.n_sources - 1
        # The stages of the link's pipeline hold flits too.
        row[at.CREDITS] = fifo_flits + link.latency // link.period
        row[at.PERIOD] = link.period
        row[at.PATIENCE] = at.NONE if link.patience is None else link.patience
        row[[at.FREED_AT, *FIRSTS]] = at.NONE

    def _set_faults(self, index: int, link: Link, faults: LinkFaults) -> None:
        row = self.links[index]
        row[at.SALT] = draw(faults.seed, index)
        match link.kind:
            case "mesh":
                row[at.LOSS] = share(faults.noc_loss)
            case "chip":
                row[at.LOSS] = share(faults.chip_loss)
                row[at.ERROR] = share(faults.packet_error(link.bits))
                row[at.BEAT_ERROR] = share(faults.packet_error(link.beat_bits))
        self.block[at.MAX_RESENDS] = faults.max_resends
        self.block[at.FAULTY] = 1

    def _start_pe(self, pe: int, inject: Address, eject: Address) -> None:
        handed = self._new_queues(1)
        fifo = self._allocate(self.block[at.FIFO_EVENTS], 1)
        row = self.pes[pe]
        row[at.WATCHED] = at.NONE
        row[at.FIRED_AT] = at.NONE
        row[at.INJECT] = inject
        row[at.EJECT] = eject
        row[at.HANDED] = handed
        row[at.ENTERS_AT] = self.block[at.ENTRIES] + pe
        row[at.FIFO] = fifo
        row[[at.FIRST_LOSS, at.PEAK_HELD_AT]] = at.NONE
        self.block[eject + at.TO_PE] = self.pe(pe)


def _longest(link: Link, max_resends: int) -> int:
    """Cycles that anything takes at most on *link*, to its next edge; and ``mishaps.mishap``."""
    busy = link.occupancy + link.extra_beat_cycles
    resends = max_resends * (busy + 2 * link.latency) if link.kind == "chip" else 0
    return max(busy, link.latency) + resends + link.period - 1


def _addresses(first: Address, n_rows: int, n_fields: int) -> range:
    return range(first, first + n_rows * n_fields, n_fields)
