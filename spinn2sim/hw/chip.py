"""The chip: the one place where parts are wired, and the loop that runs them.

SimPy holds what happens at the PEs and the host; the NoC keeps its own queue of hops, compiled,
and is run up to the next SimPy event each time. Neither may pass the other: until then no core can
send anything new, and what it sends then enters the NoC later still.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import simpy

from spinn2sim.errors import (
    LostPacketError,
    NetworkLossError,
    Spinn2SimError,
    StrictFaultError,
)
from spinn2sim.firmware import Firmware, Frame
from spinn2sim.hw.barrier import Barrier
from spinn2sim.hw.comms import Comms, PayloadTable
from spinn2sim.hw.dram import Channel, DramPort
from spinn2sim.hw.noc import NocStats, RecordedNoc
from spinn2sim.hw.noc.between_chips import beats_between_chips
from spinn2sim.hw.parts import Parts
from spinn2sim.hw.pe import PE
from spinn2sim.hw.sram import Sram
from spinn2sim.hw.stuck import refuse_deadlock, time_of_death
from spinn2sim.hw.timer import Timer
from spinn2sim.spec import Scenario
from spinn2sim.trace import Fault, Mishap, Recorder
from spinn2sim.units import Clock, Ticks, Timebase

#: SimPy events between two reports of progress.
EVENTS_PER_PROGRESS = 64


class Chip:
    """Built and wired by its constructor, run once by ``run``.

    *by_hop*: the network is that of ``noc.hop``, which takes ten times longer or more. *packets*:
    each packet is recorded.
    """

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
        by_hop: bool = False,
        packets: bool = False,
        begin: Sequence[Ticks] = (),
    ) -> None:
        """*begin*: when each PE begins its program, if not at once."""
        parts, n_pe = Parts(scenario, timebase, recorder), len(firmwares)
        spec, firmwares = parts.chip_spec(), parts.firmwares(firmwares)
        clock = timebase.clock(spec.pe.clock)
        self.strict, self.timebase, self.recorder = scenario.strict, timebase, recorder
        self.spec, self.board = spec, scenario.board
        self.link_names: tuple[str, ...] = ()
        """What the network failed to deliver, in words, once the run is over."""
        self.env = simpy.Environment()
        self.timer = Timer(env=self.env, reference=timer_reference, period=period)
        noc_clock = timebase.clock(spec.noc.clock)
        self.noc = parts.noc(
            by_hop=by_hop,
            recorded=packets,
            chip=spec,
            n_pe=n_pe,
            clock=noc_clock,
            board=scenario.board,
        )
        payloads = PayloadTable()
        srams = [Sram(spec=spec.pe.sram) for _ in firmwares]
        self.host = parts.host(
            env=self.env,
            spec=scenario.host,
            dma=spec.dma,
            timebase=timebase,
            frames=frames,
            srams=srams,
            recorder=recorder,
        )
        self.barrier = Barrier(self.env, n_pe)
        dmas = [parts.dma(pe=pe, spec=spec.dma, clock=clock, noc=self.noc) for pe in range(n_pe)]
        per_chip = scenario.board.pes_per_chip(spec) if scenario.board else spec.n_pe
        channels = [
            Channel(env=self.env, spec=spec.dram, timebase=timebase) if spec.dram else None
            for _ in range(0, n_pe, per_chip)
        ]
        self.pes = [
            PE(
                env=self.env,
                pe=pe,
                spec=spec,
                core=parts.core(
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
                dma=dmas[pe],
                dram=DramPort(
                    pe=pe,
                    env=self.env,
                    channel=channels[pe // per_chip],
                    dma=dmas[pe],
                    sram=srams[pe],
                    recorder=recorder,
                ),
                buffer=self.host.buffers[pe],
                srams=srams,
                barrier=self.barrier,
            )
            for pe, firmware in enumerate(firmwares)
        ]
        for pe in self.pes:
            parts.connect(pe.core, pe.comms, pe.dma)
        for pe, tick in zip(self.pes, begin, strict=False):
            pe.core.time = tick

    def run(self, progress: Callable[[Ticks], None]) -> None:
        """Run until all programs have ended and all packets have arrived.

        *progress* is told now and then how long the timer has run.

        :raises DeadlockError: nothing can happen any more and programs still wait.
        :raises LostPacketError: in strict mode, a receive FIFO was full.
        :raises NetworkLossError: in strict mode, the network did not deliver a packet.
        :raises StrictFaultError: in strict mode, a fault of the scenario cost more than time.
        """
        self.host.preloaded.callbacks.append(lambda _: self.timer.start())
        self.host.preload()
        for pe in self.pes:
            self.env.process(pe.run())
        try:
            self._run_events(progress)
            stats = self._refuse_losses()
        except Spinn2SimError:
            self._assert_conserved(self.noc.stats())
            raise
        self._assert_conserved(stats)
        self._note(stats)

    def _run_events(self, progress: Callable[[Ticks], None]) -> None:
        """Let everything happen that can."""
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

    def _refuse_losses(self) -> NocStats:
        """See that all is done and, in strict mode, that nothing got lost; what the NoC counted."""
        stats = self.noc.stats()
        overflown = tuple(map(sum, zip(stats.n_dropped, stats.n_overwritten, strict=True)))
        died = {pe.pe: time_of_death(pe) for pe in self.pes}
        dead = {pe: timestep for pe, timestep in died.items() if timestep is not None}
        if self.strict:
            self._refuse_strictly(overflown, stats, dead)
        refuse_deadlock(self.pes, self.noc, overflown, stats, self.timebase)
        self.recorder.rows["faults"] += [
            (Fault.PE_DEATH, pe, self.timer.release(timestep), 1) for pe, timestep in dead.items()
        ]
        return stats

    def _refuse_strictly(
        self, overflown: Sequence[int], stats: NocStats, dead: Mapping[int, int]
    ) -> None:
        """:raises LostPacketError: a receive FIFO was full.

        :raises NetworkLossError: the network did not deliver a packet.
        :raises StrictFaultError: a PE is dead.
        """
        if any(overflown):
            pe = next(pe for pe, n in enumerate(overflown) if n)
            comms = self.spec.comms
            raise LostPacketError(pe, overflown[pe], comms.overflow, comms.fifo_events)
        if (failure := stats.first_failure) is not None:
            link, how, tick = failure
            seconds = self.timebase.seconds(tick)
            raise NetworkLossError(stats.n_failed_in_network, link.name, how, seconds)
        for pe, timestep in dead.items():
            raise StrictFaultError(f"PE {pe}", f"dead since timestep {timestep}")

    @staticmethod
    def _assert_conserved(stats: NocStats) -> None:
        assert stats.is_conserved, "packets x targets = delivered + dropped + lost + in flight"

    def _note(self, stats: NocStats) -> None:
        """Record what the NoC counted."""
        self.link_names = tuple(link.name for link in stats.links)
        self.recorder.rows["links"] += [
            (number, link.n_flits, link.peak_waiting) for number, link in enumerate(stats.links)
        ]
        self.recorder.rows["queue_peaks"] += stats.queue_peaks()
        self.recorder.rows["fifo_peaks"] += stats.fifo_peaks()
        self.recorder.rows["routers"] += stats.routers()
        self.recorder.rows["mishaps"] += [
            (mishap, number, at, count)
            for number, link in enumerate(stats.links)
            for mishap, count, at in (
                (Mishap.LOST, link.n_lost, link.first_lost),
                (Mishap.RESENT, link.n_resent, link.first_resent),
                (Mishap.TIMED_OUT, link.n_dropped, link.first_dropped),
            )
            if count
        ]
        transfers = [(pe, to, n_bytes) for pe, to, _, _, n_bytes in self.recorder.rows["dma"]]
        if n_beats := beats_between_chips(self.spec, self.board, transfers):
            self.recorder.rows["chip_beats"].append((n_beats,))
        if isinstance(self.noc, RecordedNoc):
            self.recorder.packets = self.noc.packets()
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
