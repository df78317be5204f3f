"""The DMA unit of a PE: blocks of SRAM to another PE, a beat per packet, beside the core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from spinn2sim.hw.noc import Network, PacketKind
from spinn2sim.hw.sram import Sram
from spinn2sim.spec import DmaSpec
from spinn2sim.units import Clock, Ticks


class Transfer(NamedTuple):
    """A block on its way."""

    to: int
    name: str
    payload: Any
    n_bytes: int
    n_beats: int
    started: Ticks


class Dma:
    """Idle or busy; transfers follow each other in the order in which they are started.

    Its beats share the link to the router with the packets of Comms, which go between them.
    """

    def __init__(self, *, pe: int, spec: DmaSpec, clock: Clock, noc: Network) -> None:
        self.pe, self.spec, self.noc = pe, spec, noc
        self.spacing = clock.ticks(spec.cycles_per_beat)
        self.n_beats_sent = 0
        self.open: list[Transfer] = []
        self.free = Ticks(0)
        """When the beats of all transfers so far are out."""
        self.missing = "beats to arrive"
        """What a PE waits for that waits for its transfers."""

    def run_at(self, clock: Clock) -> None:
        """The clock of the PE is *clock* from now on; beats already handed to the NoC stay."""
        self.spacing = clock.ticks(self.spec.cycles_per_beat)

    def start(self, to: int, name: str, payload: Any, n_bytes: int, at: Ticks) -> None:
        """Begin to write *payload* to PE *to* at *at*, or when the transfer before it is out."""
        n_beats = self.n_beats(n_bytes)
        started = self.send_beats(to, n_beats, at)
        self.open.append(Transfer(to, name, payload, n_bytes, n_beats, started))

    def n_beats(self, n_bytes: int) -> int:
        """Beats that *n_bytes* take."""
        return -(-n_bytes * 8 // self.spec.beat_bits)

    def send_beats(self, to: int, n_beats: int, at: Ticks) -> Ticks:
        """Send *n_beats* to PE *to* from *at* on, or when those before are out; when that is."""
        started = max(at, self.free)
        tags = [0] * n_beats
        self.noc.send(self.pe, (to,), PacketKind.DMA, started, tags, spacing=self.spacing)
        self.free = Ticks(started + n_beats * self.spacing)
        self.n_beats_sent += n_beats
        return started

    def expect(self) -> None:
        """Have the core woken when all beats have arrived."""
        self.noc.watch(self.pe, PacketKind.DMA, self.n_beats_sent)

    def complete(self, srams: Sequence[Sram]) -> list[Transfer]:
        """All beats have arrived: what was open is now written in the SRAM of its target."""
        done, self.open = self.open, []
        for transfer in done:
            srams[self.pe].beats(transfer.n_beats)
            srams[transfer.to].beats(transfer.n_beats)
            srams[transfer.to].written[transfer.name][self.pe] = transfer.payload
        return done
