"""What a NoC has done, as a value: packets, losses and the load of its links."""

from __future__ import annotations

from dataclasses import dataclass

from spinn2sim.units import Ticks


@dataclass(frozen=True, slots=True)
class LinkStats:
    """Traffic of one link."""

    name: str
    n_flits: int
    """Packets granted."""
    peak_waiting: int
    """Most packets that waited for it at once, those granted in that cycle included."""


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
    n_in_flight: int
    """Deliveries due from packets still in transmit queues, routers and links, as counted there."""
    n_lost: tuple[int, ...]
    """Packets for each PE that vanished on links, as a fault of the scenario."""
    links: tuple[LinkStats, ...]
    """Inject links in order of PE, mesh links, eject links in order of PE."""

    @property
    def is_conserved(self) -> bool:
        """Whether every delivery due was made, or dropped, or lost, or is on its way."""
        n_known = sum(self.n_delivered) + sum(self.n_dropped) + sum(self.n_lost) + self.n_in_flight
        return sum(self.n_expected) == n_known
