"""A DMA unit whose transfers fail and are started again, or are given up."""

from __future__ import annotations

from typing import Any

from numpy.random import Generator

from spinn2sim.hw.dma import Dma
from spinn2sim.hw.noc import Noc
from spinn2sim.spec import DmaSpec
from spinn2sim.spec.faults import DmaFaults
from spinn2sim.trace import Fault, Recorder
from spinn2sim.units import Clock, Ticks


class FaultyDma(Dma):
    """Each attempt moves all beats; that it has failed shows when the last one is out.

    A transfer that fails for the last time leaves its PE waiting for ever: ``missing`` says so.
    """

    def __init__(
        self,
        *,
        pe: int,
        spec: DmaSpec,
        clock: Clock,
        noc: Noc,
        faults: DmaFaults,
        draws: Generator,
        recorder: Recorder,
    ) -> None:
        super().__init__(pe=pe, spec=spec, clock=clock, noc=noc)
        self.faults, self.draws, self.recorder = faults, draws, recorder

    def start(self, to: int, name: str, payload: Any, n_bytes: int, at: Ticks) -> None:
        """Begin to write *payload* to PE *to* at *at*, as often as it takes."""
        n_failed = self._failures()
        fails = n_failed > self.faults.max_retries
        n_wasted = n_failed - fails  # The last attempt is the transfer itself.
        for _ in range(n_wasted):
            self.send_beats(to, self.n_beats(n_bytes), at)
        super().start(to, name, payload, n_bytes, at)
        if n_wasted:
            self._note(Fault.DMA_RETRY, n_wasted)
        if fails:
            self._note(Fault.DMA_FAILURE, 1)
            self.n_beats_sent += 1  # One that never arrives.
            attempts = f"{n_failed} attempt{'s' if n_failed > 1 else ''}"
            self.missing = f"a DMA of {n_bytes:,} B to PE {to}, given up after {attempts}"

    def _failures(self) -> int:
        """Attempts that fail before one succeeds, at most all that there are."""
        n = 0
        while n <= self.faults.max_retries and self.draws.random() < self.faults.probability:
            n += 1
        return n

    def _note(self, fault: Fault, amount: int) -> None:
        """When the beats are out."""
        self.recorder.rows["faults"].append((fault, self.pe, self.free, amount))
