"""A processing element: the interpreter of a firmware's ops.

The core runs ahead. ``time`` is the core's own time; it leaves the shared time behind while it
computes, dates what it sends, and lets the shared time catch up only where it has to wait for
somebody. So a step of e-prop costs two SimPy events per PE, and is exact all the same: what a core
sends lies in the future of everybody else until they get there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import simpy

from spinn2sim.errors import FirmwareError, OverrunError, StarvationError
from spinn2sim.firmware import Charge, Firmware, Frame, Inbox, Op, ops
from spinn2sim.hw.comms import Comms
from spinn2sim.hw.dma import Dma
from spinn2sim.hw.host import InputBuffer
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.timer import Timer
from spinn2sim.hw.wake import Wake
from spinn2sim.spec import ChipSpec
from spinn2sim.trace import Cause, Recorder
from spinn2sim.units import Clock, Ticks

Answer = Generator[simpy.Event, Any, Any]

#: Ops in a row that take no time before the program is taken to be in an endless loop.
MAX_TIMELESS_OPS = 1_000_000


class Waiting(NamedTuple):
    """What a PE waits for."""

    op: str
    since: Ticks
    missing: str


class PE:
    """Running, waiting (``waiting`` says for what), or halted."""

    def __init__(
        self,
        *,
        env: simpy.Environment,
        pe: int,
        spec: ChipSpec,
        clock: Clock,
        firmware: Firmware,
        timer: Timer,
        comms: Comms,
        dma: Dma,
        buffer: InputBuffer,
        srams: Sequence[Sram],
        recorder: Recorder,
        strict: bool,
        patience: Ticks,
    ) -> None:
        self.env, self.pe, self.spec, self.clock, self.firmware = env, pe, spec, clock, firmware
        self.timer, self.comms, self.dma, self.buffer = timer, comms, dma, buffer
        self.srams, self.sram, self.recorder = srams, srams[pe], recorder
        self.strict, self.patience = strict, patience
        self.time = Ticks(0)
        self.timestep = -1
        self.waiting: Waiting | None = None
        self.halted = False
        self._released = self._started = Ticks(0)
        self._last_label = ""
        self._wake: Wake | None = None
        core = spec.pe
        self._interrupt_asleep = _interrupt(
            core.wake_cycles + core.interrupt_entry_cycles + core.interrupt_exit_cycles
        )
        self._interrupt_awake = _interrupt(core.interrupt_entry_cycles + core.interrupt_exit_cycles)
        self._dma_setup = (Charge("dma_setup", spec.dma.setup_cycles),)
        self._dma_completion = _interrupt(spec.dma.completion_cycles)

    def run(self) -> Answer:
        """The SimPy process: feed each op's answer back into the program."""
        program = self.firmware.main()
        answer: Any = None
        then, n_timeless = self.time, 0
        while True:
            try:
                op = program.send(answer)
            except StopIteration:
                break
            if type(op) is ops.Compute:
                answer = None
                self._work(op.charges, op.cycles)
            else:
                answer = yield from self._execute(op)
            if self.time == then:
                n_timeless += 1
                if n_timeless > MAX_TIMELESS_OPS:
                    self._starve(f"it issues ops like {type(op).__name__} without time passing")
            else:
                then, n_timeless = self.time, 0
                if then - self._released > self.patience:
                    self._starve("no timer interrupt was waited for in patience_steps time steps")
        self._close_timestep()
        self.halted = True

    def wake(self, arrival: Ticks) -> None:
        """What the PE waits for arrived at Comms at tick *arrival*."""
        assert self._wake is not None
        self._wake.at(max(self.comms.seen(arrival), self.time))

    def _execute(self, op: Op[Any]) -> Answer:
        """Do *op*, waiting where it has to; its answer."""
        match op:
            case ops.WaitTimer():
                return (yield from self._wait_timer())
            case ops.ReadInput():
                return (yield from self._read_input())
            case ops.Multicast(keys, payloads):
                self.comms.multicast(keys, payloads, self.time)
                self.recorder.send(self.pe, self.timestep, self.time, keys, spikes=not payloads)
            case ops.Barrier():
                return (yield from self._barrier())
            case ops.Receive(n_packets):
                return (yield from self._receive(n_packets))
            case ops.DmaWrite():
                self._start_dma(op)
            case ops.WaitDma():
                yield from self._wait_dma()
            case ops.TakeDma(name):
                return self.sram.take_written(name)
            case ops.Share(name, payload, n_words):
                yield from self._catch_up()
                self.sram.shared[name] = payload, n_words
            case ops.ReadNeighbour(neighbour, name):
                return (yield from self._read_neighbour(neighbour, name))
            case ops.Log(name, value):
                self.recorder.log(self.pe, self.timestep, name, value)
            case _:
                raise FirmwareError(self.pe, f"{op!r} is not an op", "yield ops of PEContext only")
        return None

    def _wait_timer(self) -> Generator[simpy.Event, Any, int]:
        self._close_timestep()
        self._pay_sram()
        if not self.timer.started.processed:
            yield from self._wait("wait_timer", "the host to fill the buffers", self.timer.started)
        self.timestep += 1
        release = self.timer.release(self.timestep)
        if self.time <= release:
            slept = self.time
            if self.env.now < release:
                yield self.timer.interrupt(self.timestep)
            self.time = self.clock.edge(release)
            self.recorder.wait(self.pe, self.timestep - 1, Cause.TIMER, slept, self.time)
            charges = self._interrupt_asleep
        else:  # Latched: a late PE finds the interrupt pending.
            charges = self._interrupt_awake
        self._released, self._started = release, self.time
        self._work(charges, charges[0].cycles)
        return self.timestep

    def _read_input(self) -> Generator[simpy.Event, Any, Frame]:
        if not self.buffer.ready:
            began = self.time
            if self.buffer.exhausted:
                yield from self._wait("read_input", "input after its end", self.env.event())
            yield from self._wait("read_input", "input from the host", self.buffer.arrival())
            self.recorder.wait(self.pe, self.timestep, Cause.HOST, began, self.time)
        return self.buffer.read(self.time)

    def _barrier(self) -> Generator[simpy.Event, Any, Inbox]:
        if self.comms.raise_flag(self.time):
            yield from self._await_packets("barrier", "sync flags", Cause.SYNC)
            inbox = self.comms.pass_barrier(self.time)
            self._pay_sram()
            return inbox
        return ops.EMPTY_INBOX

    def _receive(self, n_packets: int) -> Generator[simpy.Event, Any, Inbox]:
        yield from self._catch_up()
        self.comms.expect(n_packets)
        yield from self._await_packets("receive", f"{n_packets} packets", Cause.PACKETS)
        return self.comms.take(n_packets, self.time)

    def _start_dma(self, op: ops.DmaWrite) -> None:
        if op.to == self.pe or not 0 <= op.to < len(self.srams):
            raise FirmwareError(
                self.pe, f"DMA of {op.name!r} to PE {op.to}", "write to another PE of the run"
            )
        self._work(self._dma_setup, self.spec.dma.setup_cycles)
        self.dma.start(op.to, op.name, op.payload, op.n_bytes, self.time)

    def _wait_dma(self) -> Answer:
        if not self.dma.open:
            return
        self.dma.expect()
        yield from self._await_packets("wait_dma", "beats to arrive", Cause.DMA)
        for transfer in self.dma.complete(self.srams):
            self.recorder.rows["dma"].append(
                (self.pe, transfer.to, transfer.started, self.time, transfer.n_bytes)
            )
        self._work(self._dma_completion, self.spec.dma.completion_cycles)

    def _read_neighbour(self, neighbour: int, name: str) -> Answer:
        n = self.spec.pes_per_qpe
        if neighbour // n != self.pe // n or not 0 <= neighbour < len(self.srams):
            raise FirmwareError(
                self.pe,
                f"PE {neighbour} is not in its QPE (PEs {self.pe // n * n} to "
                f"{self.pe // n * n + n - 1}), so its SRAM cannot be read",
                "use DMA or multicast",
            )
        yield from self._catch_up()
        if name not in self.srams[neighbour].shared:
            raise FirmwareError(
                self.pe, f"PE {neighbour} shares no {name!r}", "share it before a barrier"
            )
        payload, n_words = self.srams[neighbour].shared[name]
        self._stall(n_words * self.spec.pe.sram.neighbour_read_cycles)
        return payload

    def _work(self, charges: tuple[Charge, ...], cycles: int) -> None:
        """Be busy for *cycles*, the sum of *charges*."""
        if cycles:
            self.recorder.work(self.pe, self.timestep, self.time, charges)
            self.time = Ticks(self.time + cycles * self.clock.ticks_per_cycle)
            self._last_label = charges[-1].label

    def _stall(self, cycles: int) -> None:
        """Be held up in memory."""
        began = self.time
        self.time = Ticks(self.time + self.clock.ticks(cycles))
        self.recorder.wait(self.pe, self.timestep, Cause.SRAM, began, self.time)

    def _await_packets(self, op: str, missing: str, cause: Cause) -> Answer:
        """Sleep until the NoC says that what is watched has arrived."""
        began = self.time
        self._wake = Wake(self.env)
        yield from self._wait(op, missing, self._wake)
        self._wake = None
        self.recorder.wait(self.pe, self.timestep, cause, began, self.time)

    def _wait(self, op: str, missing: str, event: simpy.Event) -> Answer:
        """Sleep until *event*; the core goes on at the next edge of its clock."""
        self.waiting = Waiting(op, self.time, missing)
        yield event
        self.waiting = None
        self.time = max(self.time, self.clock.edge(int(self.env.now)))

    def _catch_up(self) -> Answer:
        """Let the shared time come to the core's."""
        self._pay_sram()
        if self.time > self.env.now:
            yield self.env.timeout(self.time - int(self.env.now))

    def _pay_sram(self) -> None:
        """Lose the cycles that DMA and host have taken from this core's banks."""
        owed = self.sram.take_owed_cycles()
        if owed:
            self._stall(owed)

    def _close_timestep(self) -> None:
        """The work of the open time step is done."""
        if self.timestep < 0:
            return
        self.recorder.rows["steps"].append(
            (self.pe, self.timestep, self._released, self._started, self.time)
        )
        late = self.time - self._released - self.timer.period
        if late > 0 and self.strict:
            cycles = -(-late // self.clock.ticks_per_cycle)
            raise OverrunError(self.pe, self.timestep, cycles, self._last_label)

    def _starve(self, doing: str) -> None:
        raise StarvationError(
            self.pe, self.timestep, doing, "make the program wait for the timer in each time step"
        )


def _interrupt(cycles: int) -> tuple[Charge, ...]:
    return (Charge("interrupt", cycles),)
