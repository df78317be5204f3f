"""A processing element: the interpreter of a firmware's ops.

The core runs ahead. ``core.time`` leaves the shared time behind while the core works; what it sends
is dated, and the shared time catches up only where the core has to know what others have done. So a
step of e-prop costs two SimPy events per PE, and is exact all the same: what a core sends lies in
the future of everybody else until they get there. Only the cycles that others take from its SRAM
banks reach it late, at its next wait (see ``sram``).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

import simpy

from spinn2sim.errors import FirmwareError, StarvationError
from spinn2sim.firmware import Charge, Firmware, Frame, Inbox, Op, ops
from spinn2sim.firmware.contract import start
from spinn2sim.hw.barrier import Barrier
from spinn2sim.hw.comms import Comms
from spinn2sim.hw.core import Core
from spinn2sim.hw.dma import Dma
from spinn2sim.hw.dram import DramPort
from spinn2sim.hw.dvfs import GovernedCore
from spinn2sim.hw.host import InputBuffer
from spinn2sim.hw.limits import refuse_far_neighbour
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.timer import Timer
from spinn2sim.hw.wake import Wake
from spinn2sim.spec import ChipSpec
from spinn2sim.trace import Cause
from spinn2sim.units import Ticks

#: Ops in one time step, or before the first, after which the program is taken to loop for ever.
MAX_OPS_PER_STEP = 1_000_000


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
        core: Core,
        firmware: Firmware,
        timer: Timer,
        comms: Comms,
        dma: Dma,
        dram: DramPort,
        buffer: InputBuffer,
        srams: Sequence[Sram],
        barrier: Barrier,
    ) -> None:
        self.env, self.pe, self.spec, self.firmware = env, pe, spec, firmware
        self.core, self.recorder = core, core.recorder
        self.timer, self.comms, self.dma, self.buffer = timer, comms, dma, buffer
        self.dram = dram
        self.srams, self.sram = srams, srams[pe]
        self.barrier = barrier
        self._waits: tuple[str, Ticks, str] | None = None
        self.resumes_at = Ticks(0)
        """When it left, or will leave, the barrier."""
        self.lookahead = 0
        """Ticks after the barrier for which it has promised to do nothing to others."""
        self._promised_until = 0
        self.halted = False
        self._wake: Wake | None = None
        handler = spec.pe.interrupt_entry_cycles + spec.pe.interrupt_exit_cycles
        self._interrupt_awake = _charges("interrupt", handler)
        self._interrupt_asleep = _charges("interrupt", spec.pe.wake_cycles + handler)
        self._dma_setup = _charges("dma_setup", spec.dma.setup_cycles)
        self._dma_completion = _charges("interrupt", spec.dma.completion_cycles)

    def run(self) -> Generator[simpy.Event, Any, None]:
        """The SimPy process: feed each op's answer back into the program."""
        core, buffer, program = self.core, self.buffer, start(self.firmware, self.pe)
        answer: Any = None
        timestep, n_ops = core.timestep, 0
        while True:
            try:
                op = program.send(answer)
            except StopIteration:
                break
            answer = None
            if type(op) is ops.Compute:
                core.work(op.charges, op.cycles)
            elif type(op) is ops.Multicast:
                self._multicast(op.keys, op.payloads)
            elif type(op) is ops.ReadInput and buffer.ready:
                answer = buffer.read(core.time)
            elif type(op) is ops.WaitTimer and self.timer.started.processed:
                if (interrupt := self._end_timestep()) is not None:
                    yield interrupt
                answer = self._begin_timestep()
            elif type(op) is ops.Barrier and self.comms.others:
                self._meet_others()
                self.lookahead = op.lookahead * core.shortest_cycle
                self.comms.raise_flag(core.time, self.lookahead)
                self._waits = ("barrier", core.time, "sync flags")
                yield self.barrier.arrive(self)
                answer = self._leave_barrier()
            else:
                answer = yield from self._execute(op)
            n_ops += 1
            if core.timestep != timestep:
                timestep, n_ops = core.timestep, 0
            elif n_ops == MAX_OPS_PER_STEP:
                self._refuse_endless(op)
        self._pay_sram()
        core.close_timestep()
        self.halted = True

    @property
    def waiting(self) -> Waiting | None:
        """What it waits for, if it does."""
        return Waiting(*self._waits) if self._waits is not None else None

    def sees(self, arrival: Ticks) -> Ticks:
        """When it goes on, if what it waits for arrived at Comms at tick *arrival*."""
        return max(self.comms.seen(arrival), self.core.time)

    @property
    def is_at_barrier(self) -> bool:
        """Whether it waits there."""
        return self._waits is not None and self._waits[0] == "barrier"

    def wake(self, tick: Ticks) -> None:
        """What the PE waits for, not at a barrier, is seen at *tick*."""
        assert self._wake is not None
        self._wake.at(tick)

    def _execute(self, op: Op[Any]) -> Generator[simpy.Event, Any, Any]:
        """Do *op*, waiting where it has to; its answer. For ops that are not of every step."""
        match op:
            case ops.WaitTimer():
                return (yield from self._wait_first_timer())
            case ops.ReadInput():
                return (yield from self._read_input())
            case ops.Barrier():
                self.comms.n_barriers += 1
                return ops.EMPTY_INBOX
            case ops.Send(to, key):
                self._meet_others()
                self.comms.send(to, key, self.core.time)
                self.recorder.send(
                    self.pe, self.core.timestep, self.core.time, (key,), spikes=False
                )
            case ops.Receive(n_packets):
                self._meet_others()
                return (yield from self._receive(n_packets))
            case ops.DmaWrite(to, name, payload, n_bytes):
                self._meet_others()
                self.core.work(self._dma_setup, self.spec.dma.setup_cycles)
                self.dma.start(to, name, payload, n_bytes, self.core.time)
            case ops.DramWrite(name, payload, n_bytes):
                self._meet_others()
                self.core.work(self._dma_setup, self.spec.dma.setup_cycles)
                self.dram.write(name, payload, n_bytes, self.core.time)
            case ops.DramRead(name):
                self._meet_others()
                self.core.work(self._dma_setup, self.spec.dma.setup_cycles)
                self.dram.read(name, self.core.time)
            case ops.WaitDma():
                self._meet_others()
                yield from self._wait_dma()
            case ops.TakeDma(name):
                return (yield from self._take_dma(name))
            case ops.Share(name, payload, n_words):
                yield from self._catch_up()
                self.sram.shared[name] = payload, n_words
            case ops.ReadNeighbour(neighbour, name):
                return (yield from self._read_neighbour(neighbour, name))
            case ops.SetLevel(level):
                self._pay_sram()  # At the clock at which the cycles were lost.
                self._governed.set_level(level)
            case ops.ChoosePolicy(policy):
                self._governed.choose_policy(policy)
            case ops.Log(name, value):
                self.recorder.log(self.pe, self.core.timestep, name, value)
            case _:
                raise FirmwareError(self.pe, f"{op!r} is not an op", "yield ops of PEContext only")
        return None

    @property
    def _governed(self) -> GovernedCore:
        """The core, if the firmware may choose its level; if not, the op was not made."""
        assert isinstance(self.core, GovernedCore)
        return self.core

    def _multicast(self, keys: Sequence[int], payloads: Sequence[tuple[float, ...]]) -> None:
        if keys:
            core = self.core
            self._meet_others()
            self.comms.multicast(keys, payloads, core.time)
            self.recorder.send(self.pe, core.timestep, core.time, keys, spikes=not payloads)

    def _wait_first_timer(self) -> Generator[simpy.Event, Any, int]:
        yield self._sleep("wait_timer", "the host to fill the buffers", self.timer.started)
        self._waits = None
        if (interrupt := self._end_timestep()) is not None:
            yield interrupt
        return self._begin_timestep()

    def _end_timestep(self) -> simpy.Event | None:
        """Close the open time step; the interrupt of the next one, if that is still to come."""
        core = self.core
        self._pay_sram()
        core.close_timestep()
        if self.env.now < self.timer.release(core.timestep + 1):
            return self.timer.interrupt(core.timestep + 1)
        return None

    def _begin_timestep(self) -> int:
        core = self.core
        asleep = core.open_timestep(self.timer.release(core.timestep + 1))
        charges = self._interrupt_asleep if asleep else self._interrupt_awake
        core.work(charges, charges[0].cycles)
        return core.timestep

    def _read_input(self) -> Generator[simpy.Event, Any, Frame]:
        if self.buffer.exhausted:
            yield self._sleep("read_input", "input after its end", self.env.event())
        yield self._sleep("read_input", "input from the host", self.buffer.arrival())
        self._awake(Cause.HOST)
        return self.buffer.read(self.core.time)

    def _leave_barrier(self) -> Inbox:
        core, self._waits = self.core, None
        core.wait_until(self.resumes_at, Cause.SYNC)
        inbox = self.comms.pass_barrier(core.time)
        self._promised_until = core.time + self.lookahead
        self._pay_sram()
        return inbox

    def _receive(self, n_packets: int) -> Generator[simpy.Event, Any, Inbox]:
        yield from self._catch_up()
        self.comms.expect(n_packets)
        yield self._sleep("receive", f"{n_packets} packets")
        self._awake(Cause.PACKETS)
        return self.comms.take(n_packets, self.core.time)

    def _wait_dma(self) -> Generator[simpy.Event, Any, None]:
        if self.dram.is_used:
            if (completion := self.dram.completion()) is not None:
                yield self._sleep("wait_dma", "blocks of DRAM", completion)
                self._awake(Cause.DMA)
            self.dram.complete()
            self.core.work(self._dma_completion, self.spec.dma.completion_cycles)
        if not self.dma.open:
            return
        self.dma.expect()
        yield self._sleep("wait_dma", self.dma.missing)
        self._awake(Cause.DMA)
        for transfer in self.dma.complete(self.srams):
            self.recorder.rows["dma"].append(
                (self.pe, transfer.to, transfer.started, self.core.time, transfer.n_bytes)
            )
        self.core.work(self._dma_completion, self.spec.dma.completion_cycles)

    def _take_dma(self, name: str) -> Generator[simpy.Event, Any, Mapping[int, Any]]:
        yield from self._catch_up()
        return self.sram.take_written(name)

    def _read_neighbour(self, neighbour: int, name: str) -> Generator[simpy.Event, Any, Any]:
        refuse_far_neighbour(self.pe, neighbour, self.spec)
        yield from self._catch_up()
        if name not in self.srams[neighbour].shared:
            raise FirmwareError(
                self.pe, f"PE {neighbour} shares no {name!r}", "share it before a barrier"
            )
        payload, n_words = self.srams[neighbour].shared[name]
        self.core.stall(n_words * self.spec.pe.sram.neighbour_read_cycles)
        return payload

    def _sleep(self, op: str, missing: str, event: simpy.Event | None = None) -> simpy.Event:
        """What to yield to sleep until *event* or, without one, until ``wake`` is called."""
        self._waits = (op, self.core.time, missing)
        if event is None:
            event = self._wake = Wake(self.env)
        return event

    def _awake(self, cause: Cause) -> None:
        """Go on now, or at the core's own time if that is later; it has waited for *cause*."""
        self._waits = self._wake = None
        self.core.wait_until(int(self.env.now), cause)

    def _catch_up(self) -> Generator[simpy.Event, Any, None]:
        """Let the shared time come to the core's."""
        self._pay_sram()
        if self.core.time > self.env.now:
            yield self.env.timeout(self.core.time - int(self.env.now))

    def _pay_sram(self) -> None:
        """Lose the cycles that DMA and host have taken from this core's banks."""
        if self.sram.owes:
            self.core.stall(self.sram.take_owed_cycles())

    def _meet_others(self) -> None:
        """:raises FirmwareError: it has promised a barrier not to, for some time to come."""
        if self.core.time >= self._promised_until:
            return
        cycles = self.core.clock.cycles(self._promised_until - self.core.time)
        raise FirmwareError(
            self.pe,
            f"it meets others {cycles:,} cycles before the end of the lookahead it gave a barrier",
            "give a shorter lookahead",
        )

    def _refuse_endless(self, op: Op[Any]) -> None:
        raise StarvationError(
            self.pe,
            self.core.timestep,
            f"it has issued {MAX_OPS_PER_STEP:,} ops without waiting for the timer, the last a "
            f"{type(op).__name__}",
            "wait for it in each time step, or end",
        )


def _charges(label: str, cycles: int) -> tuple[Charge, ...]:
    return (Charge(label, cycles),)
