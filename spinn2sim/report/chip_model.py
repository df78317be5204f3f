"""The chip model of energy: what counts, and what it takes. One rule, for `run` and for `batch`.

Every chip of a board is on, whether a PE of it is used or not: describe a smaller board, if the
others are to be off. A packet between chips takes whole packets of its link: one for what carries
no payload, as many as its bits fill for a beat of DMA; what is sent again takes one again.
"""

from __future__ import annotations

from typing import NamedTuple

from spinn2sim.spec import BoardSpec, PowerSpec
from spinn2sim.spec.chip import NocSpec


class Activity(NamedTuple):
    """What a machine did, as far as it takes energy."""

    seconds: float
    n_chips: int
    """That are on."""
    n_pe: int
    """That run firmware; the others are off."""
    sleep_w: float
    """Of a PE that is on, at its performance level."""
    n_cycles: int
    """Busy cycles of all PEs."""
    cycle_pj: float
    """Of one, beyond sleep."""
    n_flit_hops: int
    """Flits over links between routers."""
    n_link_bits: int
    """Over links between chips."""
    n_dram_bits: int
    """Into and out of DRAM."""


class Joules(NamedTuple):
    """The parts of the chip model."""

    baseline: float
    sleep: float
    cycles: float
    noc: float
    link: float
    dram: float


def joules(power: PowerSpec, did: Activity) -> Joules:
    """What *did* takes."""
    return Joules(
        power.baseline_mw * 1e-3 * did.n_chips * did.seconds,
        did.sleep_w * did.n_pe * did.seconds,
        did.cycle_pj * 1e-12 * did.n_cycles,
        power.flit_hop_pj * 1e-12 * did.n_flit_hops,
        (power.link_bit_pj or 0.0) * 1e-12 * did.n_link_bits,
        (power.dram_bit_pj or 0.0) * 1e-12 * did.n_dram_bits,
    )


def paper_joules(power: PowerSpec, *, clock: int, n_pe: int, seconds: float) -> float:
    """The paper's model: so many watts for each core, busy or not."""
    return power.paper_uw_per_mhz * 1e-6 * (clock / 1e6) * n_pe * seconds


def n_chips_on(board: BoardSpec | None) -> int:
    """One, or all of the board."""
    return board.n_chips if board else 1


def bits_between_chips(
    board: BoardSpec | None, noc: NocSpec, *, n_packets: int, n_beats: int
) -> int:
    """Bits of *n_packets* over links between chips, of which *n_beats* are beats of DMA.

    A packet that crosses several links counts on each.
    """
    if board is None:
        return 0
    header, whole = noc.packet_bits - noc.payload_bits, noc.packet_bits
    n_others = n_packets - n_beats
    return n_others * board.link_bits(header) + n_beats * board.link_bits(whole)
