"""The chip: the one place where parts are wired, and the loop that runs them.

SimPy holds what happens at the PEs and the host; the NoC keeps its own queue of hops, compiled,
and is run up to the next SimPy event each time. Neither may pass the other: until then no core can
send anything new, and what it sends then enters the NoC later still.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import simpy

from spinn2sim.errors import DeadlockError, LostPacketError
from spinn2sim.firmware import Firmware, Frame
from spinn2sim.hw.barrier import Barrier
from spinn2sim.hw.comms import Comms, PayloadTable
from spinn2sim.hw.core import Core
from spinn2sim.hw.dma import Dma
from spinn2sim.hw.host import Host
from spinn2sim.hw.noc import Noc
from spinn2sim.hw.pe import PE
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.timer import Timer
from spinn2sim.spec import Scenario
from spinn2sim.trace import Recorder
from spinn2sim.units import Clock, Ticks, Timebase

#: SimPy events between two reports of progress.
EVENTS_PER_PROGRESS = 64

#: PEs named in a message about a barrier.
MAX_NAMED = 8


class Chip:
    """Built and wired by its constructor, run once by ``run``."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        timebase: Timebase,
        timer_reference: Clock,
        period: Ticks,
        firmwares: Sequence[Firmware],
        frames: Sequence[Frame],
        recorder: Recorder,
        begin: Sequence[Ticks] = (),
    ) -> None:
        """*begin*: when each PE begins its program, if not at once."""
        spec, n_pe = scenario.chip, len(firmwares)
        clock = timebase.clock(spec.pe.clock)
        self.strict, self.timebase, self.recorder = scenario.strict, timebase, recorder
        self.spec = spec
        self.link_names: tuple[str, ...] = ()
        self.env = simpy.Environment()
        self.timer = Timer(env=self.env, reference=timer_reference, period=period)
        noc_clock = timebase.clock(spec.noc.clock)
        self.noc = Noc(chip=spec, n_pe=n_pe, clock=noc_clock, board=scenario.board)
        payloads = PayloadTable()
        srams = [Sram(spec=spec.pe.sram) for _ in firmwares]
        self.host = Host(
            env=self.env,
            spec=scenario.host,
            dma=spec.dma,
            timebase=timebase,
            frames=frames,
            srams=srams,
            recorder=recorder,
        )
        self.barrier = Barrier(self.env, n_pe)
        self.pes = [
            PE(
                env=self.env,
                pe=pe,
                spec=spec,
                core=Core(
                    pe=pe,
                    clock=clock,
                    period=period,
                    n_timesteps=len(frames),
                    patience_steps=scenario.patience_steps,
                    strict=scenario.strict,
                    recorder=recorder,
                ),
                firmware=firmware,
                timer=self.timer,
                comms=Comms(
                    pe=pe, n_pe=n_pe, spec=spec, clock=clock, noc=self.noc, payloads=payloads
                ),
                dma=Dma(pe=pe, spec=spec.dma, clock=clock, noc=self.noc),
                buffer=self.host.buffers[pe],
                srams=srams,
                barrier=self.barrier,
            )
            for pe, firmware in enumerate(firmwares)
        ]
        for pe, tick in zip(self.pes, begin, strict=False):
            pe.core.time = tick

    def run(self, progress: Callable[[Ticks], None]) -> None:
        """Run until all programs have ended and all packets have arrived.

        *progress* is told now and then how long the timer has run.

        :raises DeadlockError: nothing can happen any more and programs still wait.
        :raises LostPacketError: in strict mode, a receive FIFO was full.
        """
        self.host.preloaded.callbacks.append(lambda _: self.timer.start())
        self.host.preload()
        for pe in self.pes:
            self.env.process(pe.run())
        n_events = 0
        while True:
            upcoming = self.env.peek()
            if self.noc.horizon <= upcoming:
                arrivals = self.noc.advance(upcoming)
                if arrivals:
                    self._wake(arrivals)
                    continue
            if upcoming == math.inf:
                break
            self.env.step()
            n_events += 1
            if n_events % EVENTS_PER_PROGRESS == 0:
                progress(self.timer.elapsed)
        self._conclude()

    def _wake(self, arrivals: Sequence[tuple[int, Ticks]]) -> None:
        """Wake the PEs for which the NoC has delivered what they wait for."""
        leaving = []
        for number, arrival in arrivals:
            pe = self.pes[number]
            tick = pe.sees(arrival)
            if pe.is_at_barrier:
                leaving.append((pe, tick))
            else:
                pe.wake(tick)
        if leaving:
            leaving.sort(key=lambda each: each[1])
            self.barrier.let_go(leaving)

    def _conclude(self) -> None:
        """See that all is done and that nothing got lost unseen; record what the NoC counted."""
        stats = self.noc.stats()
        n_lost = tuple(map(sum, zip(stats.n_dropped, stats.n_overwritten, strict=True)))
        if self.strict and any(n_lost):
            pe = next(pe for pe, n in enumerate(n_lost) if n)
            comms = self.spec.comms
            raise LostPacketError(pe, n_lost[pe], comms.overflow, comms.fifo_events)
        stuck = [pe for pe in self.pes if not pe.halted]
        if stuck:
            waiting = tuple((pe.pe, *self._describe(pe, n_lost[pe.pe])) for pe in stuck)
            raise DeadlockError(waiting, len(self.pes) - len(stuck), len(self.pes))
        assert stats.is_conserved, "packets x targets = delivered + dropped + in flight"
        self.link_names = tuple(link.name for link in stats.links)
        self.recorder.rows["links"] += [
            (number, link.n_flits, link.peak_waiting) for number, link in enumerate(stats.links)
        ]
        self.recorder.rows["pes"] += zip(
            range(len(self.pes)),
            stats.n_expected,
            stats.n_delivered,
            stats.n_dropped,
            stats.n_overwritten,
            stats.peak_fifo,
            [-1 if tick is None else tick for tick in stats.first_loss],
            [pe.firmware.layout.n_bytes for pe in self.pes],
            strict=True,
        )

    def _describe(self, pe: PE, n_lost: int) -> tuple[str, float, str]:
        """What *pe* waits in, since which second, and what is missing."""
        waits = pe.waiting
        assert waits is not None, "a PE that waits for nothing goes on"
        missing = waits.missing
        match waits.op:
            case "barrier":
                missing = self._absent(pe.comms.n_barriers)
            case "receive":
                missing += f" (its FIFO holds {self.noc.level(pe.pe)}, {n_lost} were lost)"
        return waits.op, self.timebase.seconds(waits.since), missing

    def _absent(self, n_barriers: int) -> str:
        """The PEs that have not come to barrier number *n_barriers*, and what they do instead."""
        absent = [
            f"PE {pe.pe} ({'halted' if pe.waiting is None else f'in {pe.waiting.op}'})"
            for pe in self.pes
            if not _has_come(pe, n_barriers)
        ]
        if not absent:
            return "sync flags behind packets that a full receive FIFO stalls"
        more = [f"{len(absent) - MAX_NAMED} more"] if len(absent) > MAX_NAMED else []
        return f"sync flags of {', '.join(absent[:MAX_NAMED] + more)}"


def _has_come(pe: PE, n_barriers: int) -> bool:
    """Whether *pe* has raised its flag for barrier number *n_barriers*."""
    waits = pe.waiting is not None and pe.waiting.op == "barrier"
    return pe.comms.n_barriers + waits > n_barriers
