"""The host PC: fills the ping-pong input buffers of the PEs over Ethernet and fpga_if.

Both are served first come, first served, packet by packet: a packet is on the wire, travels
through the network stacks, and is then written into SRAM; a later packet may be on the wire while
an earlier one is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import simpy

from spinn2sim.firmware import Frame
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.wake import Wake
from spinn2sim.spec import DmaSpec, HostSpec
from spinn2sim.trace import Recorder
from spinn2sim.units import Ticks, Timebase

#: Bytes of a float32 word, the unit in which inputs are streamed.
WORD_BYTES = 4


class InputBuffer:
    """Ping and pong of one PE: blocks of time steps, each half free again when it has been read."""

    def __init__(self, *, env: simpy.Environment, host: Host, pe: int, n_frames: int) -> None:
        self.env, self.host, self.pe, self.n_frames = env, host, pe, n_frames
        self.n_read = 0
        self.n_written = 0
        self._end_of_block = self._steps_per_buffer = host.spec.steps_per_buffer
        self._reader: simpy.Event | None = None

    @property
    def ready(self) -> bool:
        """Whether there is a next frame and it is in SRAM."""
        return self.n_read < self.n_written

    @property
    def exhausted(self) -> bool:
        """Whether all frames of the workload have been read."""
        return self.n_read == self.n_frames

    def arrival(self) -> simpy.Event:
        """Happens when the host has written the next block."""
        self._reader = self.env.event()
        return self._reader

    def read(self, at: Ticks) -> Frame:
        """The next frame; reading the last one of a half asks the host to refill it."""
        frame = self.host.frames[self.n_read]
        self.n_read += 1
        if self.n_read == self._end_of_block:
            self._end_of_block += self._steps_per_buffer
            self.host.request(self, self._end_of_block // self._steps_per_buffer, at)
        return frame

    def written(self) -> None:
        """The host has completed a block."""
        self.n_written = min(self.n_written + self._steps_per_buffer, self.n_frames)
        if self._reader is not None:
            self._reader.succeed()
            self._reader = None


class Host:
    """Streams one sequence of frames to every PE."""

    def __init__(
        self,
        *,
        env: simpy.Environment,
        spec: HostSpec,
        dma: DmaSpec,
        timebase: Timebase,
        frames: Sequence[Frame],
        srams: Sequence[Sram],
        recorder: Recorder,
    ) -> None:
        self.env, self.spec, self.dma, self.timebase = env, spec, dma, timebase
        self.frames, self.srams, self.recorder = frames, srams, recorder
        self.latency = timebase.ticks(Fraction(spec.latency, 10**9))
        # Of a few sizes, again and again:
        self._packet_ticks = cache(self._transfer_ticks)
        self._block_bytes = cache(self._n_bytes)
        self.buffers = [
            InputBuffer(env=env, host=self, pe=pe, n_frames=len(frames)) for pe in range(len(srams))
        ]
        self.preloaded = env.event()
        """Happens when both halves of all buffers are full for the first time."""
        self._n_preloading = 0
        self._wire_free = self._write_free = 0

    def preload(self) -> None:
        """Fill the ping of all buffers, then the pong of all."""
        for block in (0, 1):
            for buffer in self.buffers:
                if self._block_bytes(block):
                    self._n_preloading += 1
                    self._serve(buffer, block, 0)

    def request(self, buffer: InputBuffer, block: int, at: Ticks) -> None:
        """A PE tells at *at* that the half for *block* is empty; the host hears it a latency on.

        Requests heard at once are served in order of PE.
        """
        if self._block_bytes(block):
            heard = Wake(self.env)
            heard.callbacks.append(lambda _: self._serve(buffer, block, at))
            heard.at(at + self.latency, rank=buffer.pe)

    def _serve(self, buffer: InputBuffer, block: int, requested: int) -> None:
        n_bytes, now = self._block_bytes(block), int(self.env.now)
        started = wire_free = max(now, self._wire_free)
        write_free, largest = self._write_free, self.spec.packet_payload_bytes
        for first in range(0, n_bytes, largest):
            on_wire, write = self._packet_ticks(min(largest, n_bytes - first))
            wire_free += on_wire
            write_free = max(wire_free + self.latency, write_free) + write
        self._wire_free, self._write_free = wire_free, write_free
        self.recorder.rows["refills"].append(
            (buffer.pe, block, requested, started, write_free, n_bytes)
        )
        done = Wake(self.env)
        done.callbacks.append(lambda _: self._complete(buffer, n_bytes))
        done.at(write_free)

    def _complete(self, buffer: InputBuffer, n_bytes: int) -> None:
        buffer.written()
        if self.preloaded.triggered:
            self.srams[buffer.pe].beats(-(-n_bytes * 8 // self.dma.beat_bits))
            return
        # Costs no core anything: their timers have not started.
        self._n_preloading -= 1
        if not self._n_preloading:
            self.preloaded.succeed()

    def _transfer_ticks(self, payload_bytes: int) -> tuple[Ticks, Ticks]:
        """How long a packet is on the wire, and how long its payload takes into SRAM."""
        on_wire = payload_bytes + self.spec.packet_overhead_bytes
        return (
            self.timebase.ticks(Fraction(on_wire * 8, self.spec.ethernet_rate)),
            self.timebase.ticks(Fraction(payload_bytes * 8, self.spec.write_rate)),
        )

    def _n_bytes(self, block: int) -> int:
        """Size of *block*: the last one may be short, and then there is nothing."""
        first = block * self.spec.steps_per_buffer
        frames = self.frames[first : first + self.spec.steps_per_buffer]
        return len(frames) * frames[0].values.size * WORD_BYTES if frames else 0
