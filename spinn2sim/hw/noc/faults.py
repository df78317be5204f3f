"""Faults of links, on purpose: packets lost, and bit errors that are found and sent again."""

from __future__ import annotations

from dataclasses import dataclass

from spinn2sim.hw.noc import layout as at


@dataclass(frozen=True, slots=True)
class LinkFaults:
    """How often links fail. The fate of a link's n-th packet depends on seed, link and n alone."""

    seed: int
    noc_loss: float = 0.0
    """Probability that a packet is lost on a link of the mesh."""
    chip_loss: float = 0.0
    """Probability that a packet is lost on a link between chips, and nobody notices."""
    bit_error: float = 0.0
    """Probability of each bit on a link between chips to be wrong: the CRC fails and the packet is
    sent again, which takes a round trip more."""
    max_resends: int = 0
    """Times that a packet is sent again at most; then it is lost."""

    def packet_error(self, n_bits: int) -> float:
        """Probability that a packet of *n_bits* has a wrong bit."""
        return 1.0 - (1.0 - self.bit_error) ** n_bits


def share(probability: float) -> int:
    """*probability* as a share of the hashes."""
    return int(probability * at.HASH_RANGE)
