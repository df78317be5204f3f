"""Faults that a scenario asks for, on purpose and seeded: equal scenarios fail in equal ways.

Host and DMA draw from ``default_rng([scenario seed, fault seed, kind, PE])``; what happens on a
link is a hash of the seeds, the link and the number of the packet on it (decision 0010).
Probabilities are per occasion (a packet on a link, a bit, a refill, a transfer); the rest says
which PE and from when on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import field_validator, model_validator

from spinn2sim.quantity import DURATION, Within
from spinn2sim.validated import Validated

Probability = Annotated[float, Within(0, 1, "1")]
PENumber = Annotated[int, Within(0, 1_000_000, "PE")]
TimeStep = Annotated[int, Within(0, 10**9, "time step")]


class NocLinkFaults(Validated):
    """Links between routers of a chip. They have no CRC: a damaged packet there is a lost one."""

    loss: Probability = 0.0
    """That a packet does not arrive on a link that it crosses."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_sent_again(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "bit_error" in given:
            raise ValueError(
                "bit_error: links of the NoC have no CRC and send nothing again; a damaged packet "
                "there is a lost one, so say loss, or chip_links.bit_error on a board"
            )
        return given


class ChipLinkFaults(Validated):
    """Links from chip to chip of a board. Their CRC finds what is damaged."""

    loss: Probability = 0.0
    """That a packet vanishes on a link that it crosses, and nobody notices."""
    bit_error: Probability = 0.0
    """That a bit is wrong when it arrives; then the CRC fails, and the packet is sent again."""
    max_resends: Annotated[int, Within(0, 1_000, "resend")] = 3
    """Times that a packet is sent again at most; if it is damaged each time, it is lost."""


class HostFaults(Validated):
    """A host that is late."""

    probability: Probability
    """That it stalls before it serves a refill; 1 with a short delay is jitter."""
    delay: tuple[Annotated[int, DURATION], Annotated[int, DURATION]]
    """Shortest and longest stall; drawn evenly between them."""

    @field_validator("delay", mode="before")
    @classmethod
    def _delay_has_two_ends(cls, given: Any) -> Any:
        if not isinstance(given, list | tuple) or len(given) != 2:
            raise ValueError("expected the shortest and the longest stall, as [10us, 3ms]")
        return given

    @model_validator(mode="after")
    def _delay_ascends(self) -> Self:
        if self.delay[0] > self.delay[1]:
            shortest, longest = (DURATION.text(delay) for delay in self.delay)
            raise ValueError(
                f"delay: the shortest, {shortest}, is above the longest, {longest}; write the "
                f"shortest first (a number without a unit is in ns)"
            )
        return self


class SlowPEs(Validated):
    """PEs whose programs take more cycles than they should."""

    pes: tuple[PENumber, ...]
    """Which PEs."""
    factor: Annotated[float, Within(1, 1_000, "1")]
    """By which the cycles of their work grow, rounded up per op; interrupts and DMA do not."""
    from_timestep: TimeStep = 0
    """First time step in which they are slow."""


class DeadPEs(Validated):
    """PEs that stop for good."""

    pes: tuple[PENumber, ...]
    """Which PEs."""
    from_timestep: TimeStep
    """First time step that they do not take part in."""


class DmaFaults(Validated):
    """DMA transfers that fail and are started again."""

    probability: Probability
    """That an attempt at a transfer fails, when its last beat is out."""
    max_retries: Annotated[int, Within(0, 1_000, "retry")] = 3
    """Attempts after the first; if all fail, the transfer never completes."""


class FaultsSpec(Validated):
    """What goes wrong in a run."""

    seed: Annotated[int, Within(0, 2**63 - 1, "1")] = 0
    """Draws other faults for the same network and data."""
    noc_links: NocLinkFaults | None = None
    """Links of the NoC between routers; those of the PEs to their routers do not fail."""
    chip_links: ChipLinkFaults | None = None
    """Links between the chips of a board."""
    fifo_events: Annotated[int, Within(1, 1_000_000, "event")] | None = None
    """Depth of all receive FIFOs, if less than ``chip.comms.fifo_events``: they overflow."""
    host: HostFaults | None = None
    """The host stalls."""
    slow: SlowPEs | None = None
    """PEs that are slow."""
    dead: DeadPEs | None = None
    """PEs that die."""
    dma: DmaFaults | None = None
    """DMA transfers that fail."""

    @property
    def pes(self) -> tuple[int, ...]:
        """All PEs that are named."""
        return (self.slow.pes if self.slow else ()) + (self.dead.pes if self.dead else ())
