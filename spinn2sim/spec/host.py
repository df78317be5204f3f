"""The host that streams the input."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from spinn2sim.quantity import BIT_RATE, DURATION, MEMORY, Within
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
