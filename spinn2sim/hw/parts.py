"""Which kind of each part a chip is built of: plain, failing, or with a clock that may change.

Chosen once, when the chip is built, so that a run pays for no feature that its scenario does not
ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from spinn2sim.errors import SpecError
from spinn2sim.firmware import Firmware
from spinn2sim.hw.core import Core
from spinn2sim.hw.dma import Dma
from spinn2sim.hw.dvfs import Follower, GovernedCore
from spinn2sim.hw.faults import Draws, FaultyDma, LateHost, afflicted, link_faults
from spinn2sim.hw.faults.draws import DMA
from spinn2sim.hw.host import Host
from spinn2sim.hw.noc import HopNoc, Network, Noc, RecordedNoc
from spinn2sim.spec import ChipSpec, FaultsSpec, Scenario
from spinn2sim.trace import Recorder
from spinn2sim.units import Timebase


class Parts:
    """The parts that *scenario* asks for; each method takes what the plain part is built with."""

    def __init__(self, scenario: Scenario, timebase: Timebase, recorder: Recorder) -> None:
        self.scenario, self.timebase, self.recorder = scenario, timebase, recorder
        self.faults = scenario.faults or FaultsSpec()
        self.draws = Draws(scenario.seed, self.faults.seed)

    def chip_spec(self) -> ChipSpec:
        """The chip of the scenario, its receive FIFOs as small as the faults make them."""
        chip, forced = self.scenario.chip, self.faults.fifo_events
        if forced is None or forced >= chip.comms.fifo_events:
            return chip
        return chip.with_changes(comms=chip.comms.with_changes(fifo_events=forced))

    def firmwares(self, firmwares: Sequence[Firmware]) -> Sequence[Firmware]:
        """*firmwares*, where a PE is slow or dies with programs that do."""
        return afflicted(firmwares, self.faults) if self.faults.pes else firmwares

    def noc(self, *, by_hop: bool, recorded: bool = False, **wiring: Any) -> Network:
        """The network, whose links may lose packets or damage them; *recorded* keeps all packets.

        :raises SpecError: either, and the network is to be that of ``noc.hop``.
        """
        faults = link_faults(self.faults, self.draws)
        if not by_hop:
            return (RecordedNoc if recorded else Noc)(faults=faults, **wiring)
        if recorded:
            raise SpecError("timing hop", ("it does not record packets; use --timing simpy",))
        if faults is not None:
            problem = "the reference network has no faulty links; use --timing simpy"
            raise SpecError("timing hop", (problem,))
        return HopNoc(**wiring)

    def host(self, **wiring: Any) -> Host:
        """The host, which may stall."""
        faults = self.faults.host
        return LateHost(faults=faults, draws=self.draws, **wiring) if faults else Host(**wiring)

    def dma(self, *, pe: int, **wiring: Any) -> Dma:
        """The DMA unit of *pe*, which may fail."""
        faults = self.faults.dma
        if faults is None:
            return Dma(pe=pe, **wiring)
        stream = self.draws.stream(DMA, pe)
        return FaultyDma(pe=pe, faults=faults, draws=stream, recorder=self.recorder, **wiring)

    def core(self, **wiring: Any) -> Core:
        """A core, whose clock a policy or its firmware may set."""
        pe, power = self.scenario.chip.pe, self.scenario.power
        if pe.dvfs == "fixed":
            return Core(**wiring)
        assert pe.dvfs_switch is not None, "the scenario has seen to it"
        return GovernedCore(
            levels=[self.timebase.clock(level.max_clock) for level in power.levels],
            policy="fixed" if pe.dvfs == "firmware" else pe.dvfs,
            switch=self.timebase.ticks(Fraction(pe.dvfs_switch, 10**9)),
            **wiring,
        )

    @staticmethod
    def connect(core: Core, *followers: Follower) -> None:
        """Have *followers* run on the clock of *core*, if that changes."""
        if isinstance(core, GovernedCore):
            core.followers += followers
