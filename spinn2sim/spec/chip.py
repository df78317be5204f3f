"""The chip as a user describes it: PEs, their SRAM, the NoC, Comms and DMA.

Every number lives here or in a preset, none in ``hw/``. Values of a preset carry their source and
confidence (see ``provenance``).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from spinn2sim.quantity import BIT_RATE, DURATION, FREQUENCY, MEMORY, Within
from spinn2sim.validated import Validated

PECycles = Annotated[int, Within(0, 1_000_000, "PE cycle")]
RouterCycles = Annotated[int, Within(1, 1_000_000, "router cycle")]
NocCycles = Annotated[int, Within(1, 1_000, "NoC cycle")]
Bytes = Annotated[int, MEMORY]
Dvfs = Literal["fixed", "race_to_idle", "lowest_that_meets_deadline", "firmware"]
# Every position between the outermost QPEs has a router, so this bounds the mesh, too.
Coordinate = Annotated[int, Within(0, 255, "QPE")]

#: Bytes that one event takes in the receive FIFO: a 32-bit key.
FIFO_EVENT_BYTES = 4


class SramSpec(Validated):
    """The local memory of a PE."""

    code_bytes: Bytes
    """SRAM for instructions."""
    data_bytes: Bytes
    """SRAM for data, of which ``reserved_bytes`` are not for variables."""
    reserved_bytes: Bytes
    """Part of the data SRAM kept for stack, debug and the receive FIFO."""
    banks: Annotated[int, Within(1, 64, "bank")]
    """Banks over which addresses interleave; a DMA beat meets the core in one of them."""
    neighbour_read_cycles: PECycles
    """Extra cycles for a core to read a word from another SRAM of its QPE."""
    neighbour_write_cycles: PECycles
    """Extra cycles for a core to write a word to another SRAM of its QPE."""
    check: Literal["strict", "relaxed"] = "strict"
    """strict refuses a firmware that does not fit; relaxed runs it and reports that it does not."""

    @property
    def variable_bytes(self) -> int:
        """Data SRAM that a firmware may allocate."""
        return self.data_bytes - self.reserved_bytes

    @model_validator(mode="after")
    def _reserve_is_part_of_data(self) -> Self:
        if self.reserved_bytes > self.data_bytes:
            raise ValueError(f"reserved_bytes must not exceed data_bytes = {self.data_bytes:,} B")
        return self


class PESpec(Validated):
    """A processing element: ARM Cortex-M4F core, SRAM, timer."""

    clock: Annotated[int, FREQUENCY]
    """Clock rate of the core, its SRAM and its DMA."""
    interrupt_entry_cycles: PECycles
    """From interrupt to the first instruction of its handler."""
    wake_cycles: PECycles
    """Extra cycles for a core that sleeps (WFI) when the interrupt comes."""
    interrupt_exit_cycles: PECycles
    """Return from a handler."""
    sram: SramSpec
    """Local memory."""
    dvfs: Dvfs = Field(default="fixed", exclude_if=lambda policy: policy == "fixed")
    """Who chooses the performance level: nobody; race_to_idle works at the highest one,
    lowest_that_meets_deadline at the lowest that would have been enough for the step before;
    firmware: each program for its PE."""
    dvfs_switch: Annotated[int, DURATION] | None = None
    """Time to change voltage and clock; none if the machine cannot."""


class NocSpec(Validated):
    """The network-on-chip: one router per QPE on a mesh, XY routing, x first."""

    clock: Annotated[int, FREQUENCY]
    """Clock rate of routers and links."""
    hop_cycles: NocCycles
    """From the grant of a link to the arrival in the next router's input FIFO."""
    link_cycles: NocCycles
    """Cycles for which a packet (one flit) occupies a link."""
    packet_bits: Annotated[int, Within(32, 4096, "bit")]
    """Size of a packet."""
    payload_bits: Annotated[int, Within(0, 4096, "bit")]
    """Of these, payload."""
    fifo_flits: Annotated[int, Within(1, 4096, "flit")]
    """Depth of a router's input FIFO, per port."""
    inject_cycles: NocCycles
    """Comms to router: latency, and the time before the next packet of that PE."""
    eject_cycles: NocCycles
    """Router to Comms: latency, and the time before the next packet to that PE."""
    multicast: Literal["tree", "per_qpe", "event_router"]
    """tree: one packet per link of the multicast tree; per_qpe: one packet per destination QPE;
    event_router: by key, through the event router of each chip (a packet for one PE: straight)."""

    @model_validator(mode="after")
    def _payload_is_part_of_packet(self) -> Self:
        if self.payload_bits > self.packet_bits:
            raise ValueError(f"payload_bits must not exceed packet_bits = {self.packet_bits:,}")
        return self


class EventRouterSpec(Validated):
    """The router of a chip that forwards multicasts by a table of masked keys."""

    positions: tuple[tuple[Coordinate, Coordinate], ...]
    """Places on the mesh that it takes, none of a QPE: packets enter and leave at the nearest."""
    clock: Annotated[int, FREQUENCY]
    """Its clock rate."""
    lookup_cycles: RouterCycles
    """From entering the lookup pipeline to leaving it."""
    packet_cycles: RouterCycles
    """Before the next packet enters."""
    table_entries: Annotated[int, Within(1, 1_000_000, "entry")]
    """Masked 32-bit keys that the table holds."""
    drop_cycles: RouterCycles
    """A packet that cannot leave for so long is dropped."""


class CommsSpec(Validated):
    """The communication unit between a PE and its router."""

    fifo_events: Annotated[int, Within(1, 1_000_000, "event")]
    """Depth of the receive FIFO in SRAM."""
    overflow: Literal["drop", "overwrite", "stall"]
    """A packet at a full FIFO: dropped, put over the oldest one, or kept waiting in the NoC."""
    crossing_cycles: PECycles
    """From an arrival to the core seeing it: synchroniser between NoC and PE clock."""


class DmaSpec(Validated):
    """The DMA unit of a PE."""

    beat_bits: Annotated[int, Within(8, 4096, "bit")]
    """Bits moved per beat, one packet on the NoC."""
    cycles_per_beat: Annotated[int, Within(1, 1_000, "PE cycle")]
    """PE cycles per beat, sustained."""
    setup_cycles: PECycles
    """Core cycles to start a transfer."""
    completion_cycles: PECycles
    """Core cycles of the completion interrupt."""


class DramSpec(Validated):
    """The DRAM of a chip, behind one channel."""

    size_bytes: Bytes
    """What it holds."""
    rate: Annotated[int, BIT_RATE]
    """Bits per second that the channel moves, of all PEs together."""
    latency: Annotated[int, DURATION]
    """From the channel beginning with a block to its first bits."""


class ChipSpec(Validated):
    """One chip: PEs in QPEs on a mesh."""

    name: str
    """Name in reports."""
    qpes: tuple[tuple[Coordinate, Coordinate], ...]
    """Mesh coordinates (x, y) of each QPE; PE numbers count through them in this order."""
    pes_per_qpe: Annotated[int, Within(1, 64, "PE")]
    """PEs in a QPE."""
    lenders_per_qpe: Annotated[int, Within(1, 63, "PE")] | None = None
    """PEs in a QPE beside those, which are kept idle and lend their SRAM. Only PEs after the last
    one that works lend theirs otherwise."""
    pe: PESpec
    """The processing elements."""
    noc: NocSpec
    """The network between them."""
    event_router: EventRouterSpec | None = None
    """Multicasts go through it if ``noc.multicast`` says so."""
    comms: CommsSpec
    """Their packet interface."""
    dma: DmaSpec
    """Their DMA units."""
    dram: DramSpec | None = None
    """The DRAM that they reach; none if the chip has none."""

    @property
    def n_pe(self) -> int:
        """PEs on the chip."""
        return len(self.qpes) * self.pes_per_qpe

    def is_on_mesh(self, place: tuple[int, int]) -> bool:
        """Whether *place* is in the bounding box of the QPEs."""
        xs, ys = {x for x, _ in self.qpes}, {y for _, y in self.qpes}
        return min(xs) <= place[0] <= max(xs) and min(ys) <= place[1] <= max(ys)

    @property
    def routed_by(self) -> EventRouterSpec | None:
        """The event router, if multicasts go through it."""
        return self.event_router if self.noc.multicast == "event_router" else None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.qpes or len(set(self.qpes)) != len(self.qpes):
            raise ValueError("qpes must hold at least one coordinate, each once")
        fifo_bytes = self.comms.fifo_events * FIFO_EVENT_BYTES
        if fifo_bytes > self.pe.sram.reserved_bytes:
            raise ValueError(
                f"comms.fifo_events: a receive FIFO of {fifo_bytes:,} B does not fit in "
                f"pe.sram.reserved_bytes = {self.pe.sram.reserved_bytes:,} B"
            )
        self._refuse_misplaced_router()
        return self

    def _refuse_misplaced_router(self) -> None:
        if self.event_router is None:
            if self.noc.multicast == "event_router":
                raise ValueError("noc.multicast = 'event_router': the chip has no event_router")
            return
        for place in self.event_router.positions:
            if place in self.qpes or not self.is_on_mesh(place):
                raise ValueError(f"event_router.positions: {place} is not a free place on the mesh")
        if not self.event_router.positions:
            raise ValueError("event_router.positions must hold at least one place")
