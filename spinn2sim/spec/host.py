"""The host that streams the input, and the power figures of the chip."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Self

from pydantic import model_validator

from spinn2sim.quantity import BIT_RATE, DURATION, FREQUENCY, MEMORY, Within
from spinn2sim.validated import Validated

#: At most what one UDP packet carries.
PACKET_PAYLOAD = replace(MEMORY, low=1, high=65_507, example="1472B")


class HostSpec(Validated):
    """A PC behind Ethernet that fills the ping-pong input buffers of the PEs."""

    ethernet_rate: Annotated[int, BIT_RATE]
    """Bits per second on the wire."""
    packet_payload_bytes: Annotated[int, PACKET_PAYLOAD]
    """UDP payload of a full packet."""
    packet_overhead_bytes: Annotated[int, MEMORY]
    """Headers, preamble and gap that each packet costs on the wire."""
    latency: Annotated[int, DURATION]
    """One way through the host's and the board's network stack."""
    write_rate: Annotated[int, BIT_RATE]
    """Bits per second at which fpga_if writes blocks into PE SRAM."""
    steps_per_buffer: Annotated[int, Within(1, 10_000, "time step")]
    """Time steps in each half (ping, pong) of a PE's input buffer."""


class PowerLevel(Validated):
    """A voltage, the clock it allows, and what a PE draws there."""

    voltage_mv: Annotated[int, Within(100, 2_000, "mV")]
    """Supply voltage."""
    max_clock: Annotated[int, FREQUENCY]
    """Highest PE clock at this voltage."""
    sleep_mw: Annotated[float, Within(0, 1_000, "mW")]
    """Power of a PE that is on but asleep."""
    cycle_pj: Annotated[float, Within(0, 100_000, "pJ")]
    """Energy of a busy cycle beyond sleep."""


class PowerSpec(Validated):
    """Two models of energy: the measured whole chip, and the paper's microwatt per megahertz."""

    baseline_mw: Annotated[float, Within(0, 1_000_000, "mW")]
    """Chip power with all PEs off."""
    levels: tuple[PowerLevel, ...]
    """Performance levels, lowest voltage first; a run uses the first that allows its PE clock."""
    flit_hop_pj: Annotated[float, Within(0, 100_000, "pJ")]
    """Energy of one flit over one mesh link."""
    paper_uw_per_mhz: Annotated[float, Within(0, 100_000, "uW/MHz")]
    """The e-prop paper's figure for one core running CoreMark."""

    @model_validator(mode="after")
    def _levels_ascend(self) -> Self:
        clocks = [level.max_clock for level in self.levels]
        if not clocks or clocks != sorted(set(clocks)):
            raise ValueError("levels must hold at least one level, each with a higher max_clock")
        return self
