"""The DRAM of a chip, and what a PE has under way between it and its own SRAM.

One channel serves the blocks of all PEs in the order in which they are asked for, those of the same
tick in order of PE: it is taken for the bits of a block at its rate. A block is complete a latency
after the channel begins, and after as long as its slower end takes, the channel or the PE's DMA
unit. Its beats are not simulated on the NoC, whose links are several times faster than the channel.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import simpy

from spinn2sim.errors import FirmwareError
from spinn2sim.hw.dma import Dma
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.wake import Wake
from spinn2sim.spec.chip import DramSpec
from spinn2sim.trace import Recorder
from spinn2sim.units import Ticks, Timebase

NO_DRAM = "use a chip that has some (spinnaker2), or set chip.dram"


class Channel:
    """The DRAM of one chip: what it holds, and the way to it."""

    def __init__(self, *, env: simpy.Environment, spec: DramSpec, timebase: Timebase) -> None:
        self.env, self.spec, self.timebase = env, spec, timebase
        self.latency = timebase.ticks(Fraction(spec.latency, 10**9))
        self.free = Ticks(0)
        """When it has served all blocks that were asked for so far."""
        self._sizes: dict[tuple[int, str], int] = {}

    def hold(self, pe: int, name: str, n_bytes: int) -> None:
        """Keep a block of *pe*, in the place of an older one.

        :raises FirmwareError: there is no room.
        """
        self._sizes[pe, name] = n_bytes
        if (needed := sum(self._sizes.values())) > self.spec.size_bytes:
            raise FirmwareError(
                pe,
                f"DRAM is full: {needed:,} B of {self.spec.size_bytes:,} B with {name!r}",
                "keep fewer or smaller blocks there",
            )

    def ask(
        self, pe: int, n_bytes: int, own: Ticks, at: Ticks, begun: Callable[[Ticks, Ticks], None]
    ) -> None:
        """*pe* asks at *at* for a block that its DMA unit moves in *own*.

        *begun* is told, when the channel begins, that and when the block is complete.
        """
        heard = Wake(self.env)
        heard.callbacks.append(lambda _: begun(*self._serve(n_bytes, own)))
        heard.at(at, rank=pe)

    def _serve(self, n_bytes: int, own: Ticks) -> tuple[Ticks, Ticks]:
        taken = self.timebase.ticks(Fraction(n_bytes * 8, self.spec.rate))
        started = max(Ticks(int(self.env.now)), self.free)
        self.free = Ticks(started + taken)
        return started, Ticks(started + self.latency + max(taken, own))


class Block(NamedTuple):
    """On its way."""

    way: Literal["write", "read"]
    name: str
    payload: Any
    n_bytes: int
    requested: Ticks
    own: Ticks
    """What the DMA unit takes for it, at the clock of the PE when it was asked for."""


class DramPort:
    """What one PE has in DRAM, and moves; block after block, in the order in which it asked."""

    def __init__(
        self,
        *,
        pe: int,
        env: simpy.Environment,
        channel: Channel | None,
        dma: Dma,
        sram: Sram,
        recorder: Recorder,
    ) -> None:
        self.pe, self.env, self.dma, self.sram, self.recorder = pe, env, dma, sram, recorder
        self._channel = channel
        self._holds: dict[str, tuple[Any, int]] = {}
        self._open: list[Block] = []
        self._arrived: list[Block] = []
        self._all_done: simpy.Event | None = None

    @property
    def is_used(self) -> bool:
        """Whether blocks are on their way, or have come and were not waited for."""
        return bool(self._open or self._arrived)

    def write(self, name: str, payload: Any, n_bytes: int, at: Ticks) -> None:
        """Begin to move *payload* to DRAM at *at*, or when the block before is complete.

        :raises FirmwareError: the chip has no DRAM, or it is full.
        """
        self._found().hold(self.pe, name, n_bytes)
        self._holds[name] = payload, n_bytes
        self._begin(Block("write", name, payload, n_bytes, at, self._own(n_bytes)))

    def read(self, name: str, at: Ticks) -> None:
        """Begin to move what was written under *name* to SRAM.

        :raises FirmwareError: the chip has no DRAM, or nothing was written under *name*.
        """
        self._found()
        if name not in self._holds:
            raise FirmwareError(self.pe, f"reads {name!r} from DRAM", "write it there first")
        payload, n_bytes = self._holds[name]
        self._begin(Block("read", name, payload, n_bytes, at, self._own(n_bytes)))

    def completion(self) -> simpy.Event | None:
        """Happens when all blocks are complete; None if they are."""
        if not self._open:
            return None
        self._all_done = self.env.event()
        return self._all_done

    def complete(self) -> None:
        """The core sees what has come."""
        for block in self._arrived:
            self.sram.beats(self.dma.n_beats(block.n_bytes))
            if block.way == "read":
                self.sram.written[block.name][self.pe] = block.payload
        self._arrived = []

    def _found(self) -> Channel:
        if self._channel is None:
            raise FirmwareError(self.pe, "uses DRAM, and the chip has none", NO_DRAM)
        return self._channel

    def _own(self, n_bytes: int) -> Ticks:
        # Now: when the block's turn comes, the core may have run ahead into another clock.
        return Ticks(self.dma.n_beats(n_bytes) * self.dma.spacing)

    def _begin(self, block: Block) -> None:
        self._open.append(block)
        if len(self._open) == 1:
            self._ask(block, block.requested)

    def _ask(self, block: Block, at: Ticks) -> None:
        def begun(started: Ticks, finished: Ticks) -> None:
            writes = int(block.way == "write")
            self.recorder.rows["dram"].append(
                (self.pe, writes, block.requested, started, finished, block.n_bytes)
            )
            done = Wake(self.env)
            done.callbacks.append(lambda _: self._come(finished))
            done.at(finished)

        self._found().ask(self.pe, block.n_bytes, block.own, at, begun)

    def _come(self, now: Ticks) -> None:
        self._arrived.append(self._open.pop(0))
        if self._open:
            self._ask(self._open[0], max(now, self._open[0].requested))
        elif self._all_done is not None:
            self._all_done.succeed()
            self._all_done = None
