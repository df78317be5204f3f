"""What a NoC has done, as a value: packets, losses and the load of its links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from spinn2sim.hw.noc.topology import Router
from spinn2sim.units import Ticks


class LinkStats(NamedTuple):  # thousands are made for each run of a board
    """Traffic of one link."""

    name: str
    n_flits: int
    """Packets granted."""
    peak_waiting: int
    """Most packets that waited for it at once, those granted in that cycle included."""
    peak_at: Ticks | None = None
    """Tick at which so many first did; None: none ever waited."""
    n_dropped: int = 0
    """Packets that could not go on over it for too long."""
    first_dropped: Ticks | None = None
    """Tick of the first of them."""
    n_resent: int = 0
    """Times that a packet had a bit error on it and was sent again."""
    first_resent: Ticks | None = None
    """Tick of the first such packet's grant."""
    n_lost: int = 0
    """Packets lost on it."""
    first_lost: Ticks | None = None
    """Tick at which the first of them should have arrived."""
    router: Router | None = None
    """That it leaves; None: it leaves a PE."""


@dataclass(frozen=True, slots=True)
class NocStats:
    """Counts since the start; tuples run over the PEs in use."""

    n_sent: tuple[int, ...]
    """Packets that each PE's Comms was handed or, one per destination QPE, made of them."""
    n_expected: tuple[int, ...]
    """Deliveries due to each PE: one per packet and target."""
    n_delivered: tuple[int, ...]
    """Packets delivered to each PE, overwritten ones included."""
    n_dropped: tuple[int, ...]
    """Packets that found a full receive FIFO and were dropped."""
    n_overwritten: tuple[int, ...]
    """Entries of a full receive FIFO that a later packet replaced."""
    first_loss: tuple[Ticks | None, ...]
    """Tick of the first packet dropped or overwritten."""
    peak_fifo: tuple[int, ...]
    """Most entries in the receive FIFO at once."""
    peak_fifo_at: tuple[Ticks | None, ...]
    """Tick at which there were first so many; None: there was never one."""
    n_in_flight: int
    """Deliveries due from packets still in transmit queues, routers and links, as counted there."""
    links: tuple[LinkStats, ...]
    """In the order of ``Topology.links``."""
    n_lost: int = 0
    """Deliveries due from packets lost on links, as a fault of the scenario."""
    n_timed_out: int = 0
    """Deliveries due from packets that were dropped because they could not go on."""

    def queue_peaks(self) -> list[tuple[int, ...]]:
        """Rows of the trace's table of that name: link and tick."""
        return [(k, link.peak_at) for k, link in enumerate(self.links) if link.peak_at is not None]

    def fifo_peaks(self) -> list[tuple[int, ...]]:
        """Rows of the trace's table of that name: PE and tick."""
        return [(pe, at) for pe, at in enumerate(self.peak_fifo_at) if at is not None]

    def routers(self) -> list[tuple[int, ...]]:
        """Rows of the trace's table of that name: link, chip, position."""
        return [
            (number, *link.router.chip, *link.router.position)
            for number, link in enumerate(self.links)
            if link.router is not None
        ]

    @property
    def n_failed_in_network(self) -> int:
        """Deliveries that did not come, of packets lost on links or dropped in routers."""
        return self.n_lost + self.n_timed_out

    @property
    def first_failure(self) -> tuple[LinkStats, str, Ticks] | None:
        """Where the network first failed to deliver a packet, how, and when; None: nowhere."""
        found = [
            (link, how, tick)
            for link in self.links
            for how, tick in (
                ("dropped: it could not go on", link.first_dropped),
                ("lost", link.first_lost),
            )
            if tick is not None
        ]
        return min(found, key=lambda failure: failure[2], default=None)

    @property
    def is_conserved(self) -> bool:
        """Whether every delivery due was made, or dropped, or lost, or is on its way."""
        n_failed = sum(self.n_dropped) + self.n_failed_in_network
        return sum(self.n_expected) == sum(self.n_delivered) + n_failed + self.n_in_flight
