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
from spinn2sim.hw.comms import Comms, PayloadTable
from spinn2sim.hw.dma import Dma
from spinn2sim.hw.host import Host
from spinn2sim.hw.noc import Noc
from spinn2sim.hw.pe import PE, Waiting
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.timer import Timer
from spinn2sim.spec import Scenario
from spinn2sim.trace import Recorder
from spinn2sim.units import Ticks, Timebase

#: SimPy events between two reports of progress.
EVENTS_PER_PROGRESS = 512


class Chip:
    """Built and wired by its constructor, run once by ``run``."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        timebase: Timebase,
        period: Ticks,
        firmwares: Sequence[Firmware],
        frames: Sequence[Frame],
        recorder: Recorder,
    ) -> None:
        spec, n_pe = scenario.chip, len(firmwares)
        clock = timebase.clock(spec.pe.clock)
        self.strict, self.timebase, self.recorder = scenario.strict, timebase, recorder
        self.comms = spec.comms
        self.link_names: tuple[str, ...] = ()
        self.env = simpy.Environment()
        self.timer = Timer(env=self.env, period=period)
        self.noc = Noc(chip=spec, n_pe=n_pe, clock=timebase.clock(spec.noc.clock))
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
        self.pes = [
            PE(
                env=self.env,
                pe=pe,
                spec=spec,
                clock=clock,
                firmware=firmware,
                timer=self.timer,
                comms=Comms(
                    pe=pe,
                    n_pe=n_pe,
                    spec=spec.comms,
                    clock=clock,
                    noc=self.noc,
                    payloads=payloads,
                ),
                dma=Dma(pe=pe, spec=spec.dma, clock=clock, noc=self.noc),
                buffer=self.host.buffers[pe],
                srams=srams,
                recorder=recorder,
                strict=scenario.strict,
                patience=Ticks(scenario.patience_steps * period),
            )
            for pe, firmware in enumerate(firmwares)
        ]

    def run(self, progress: Callable[[Ticks], None]) -> None:
        """Run until all programs have ended and all packets have arrived.

        :raises DeadlockError: nothing can happen any more and programs still wait.
        """
        preloaded = self.host.preload()
        preloaded.callbacks.append(lambda _: self.timer.start())
        for pe in self.pes:
            self.env.process(pe.run())
        n_events = 0
        while True:
            upcoming = self.env.peek()
            if self.noc.horizon <= upcoming:
                arrival = self.noc.advance(upcoming)
                if arrival is not None:
                    number, tick = arrival
                    self.pes[number].wake(tick)
                    continue
            if upcoming == math.inf:
                break
            self.env.step()
            n_events += 1
            if n_events % EVENTS_PER_PROGRESS == 0:
                progress(Ticks(int(self.env.now) - self.timer.release(0)))
        self._conclude()

    def _conclude(self) -> None:
        """See that all is done and that nothing got lost unseen; record what the NoC counted."""
        stats = self.noc.stats()
        for pe, n_lost in enumerate(
            map(sum, zip(stats.n_dropped, stats.n_overwritten, strict=True))
        ):
            if n_lost and self.strict:
                raise LostPacketError(pe, n_lost, self.comms.overflow, self.comms.fifo_events)
        self._refuse_deadlock()
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

    def _refuse_deadlock(self) -> None:
        stuck = [pe for pe in self.pes if not pe.halted]
        if stuck:
            waiting = tuple((pe.pe, *self._describe(pe)) for pe in stuck)
            raise DeadlockError(waiting, len(self.pes) - len(stuck), len(self.pes))

    def _describe(self, pe: PE) -> tuple[str, float, str]:
        """Op, seconds since when, and what is missing."""
        waits = pe.waiting or Waiting("its first op", Ticks(0), "time")
        missing = waits.missing
        if waits.op == "barrier":
            absent = [
                f"PE {other.pe} ({_doing(other)})"
                for other in self.pes
                if other is not pe and not _at_barrier(other, pe.comms.n_barriers)
            ]
            missing = f"sync flags of {', '.join(absent) or 'nobody: packets are stuck in the NoC'}"
        return waits.op, self.timebase.seconds(waits.since), missing


def _at_barrier(pe: PE, n_barriers: int) -> bool:
    """Whether *pe* has raised its flag for barrier number *n_barriers*."""
    waits = pe.waiting is not None and pe.waiting.op == "barrier"
    return pe.comms.n_barriers > n_barriers or (waits and pe.comms.n_barriers == n_barriers)


def _doing(pe: PE) -> str:
    return "halted" if pe.halted else f"in {pe.waiting.op}" if pe.waiting else "running"
