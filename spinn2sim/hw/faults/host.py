"""A host that stalls: everything behind the stall waits, as behind a busy wire."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from spinn2sim.hw.faults.draws import HOST, Draws
from spinn2sim.hw.host import Host, InputBuffer
from spinn2sim.spec.faults import HostFaults
from spinn2sim.trace import Fault


class LateHost(Host):
    """Stalls before some refills; the first filling, before the timer starts, is never late."""

    def __init__(self, *, faults: HostFaults, draws: Draws, **wiring: Any) -> None:
        super().__init__(**wiring)
        self.faults = faults
        self._draws = [draws.stream(HOST, pe) for pe in range(len(self.buffers))]

    def _serve(self, buffer: InputBuffer, block: int, requested: int) -> None:
        if self.preloaded.triggered:
            self._stall(buffer.pe)
        super()._serve(buffer, block, requested)

    def _stall(self, pe: int) -> None:
        """Draw whether the host stalls before it serves *pe*, and for how long."""
        draws, (shortest, longest) = self._draws[pe], self.faults.delay
        stalls = draws.random() < self.faults.probability
        delay_ns = int(draws.integers(shortest, longest, endpoint=True))
        delay = self.timebase.ticks(Fraction(delay_ns, 10**9))
        if stalls and delay:
            now = int(self.env.now)
            self._wire_free = max(now, self._wire_free) + delay
            self.recorder.rows["faults"].append((Fault.HOST_STALL, pe, now, delay))
