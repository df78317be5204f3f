"""Run firmware without a clock: the same programs and the same answers, no SimPy, no waiting.

For tests and quick checks. What the machine would decide by time is decided by PE number (see
``execution``), which is why a firmware whose results differ from the timed run has a race.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from spinn2sim.firmware import ops
from spinn2sim.firmware.contract import Firmware
from spinn2sim.firmware.execution import Execution


class LogEntry(NamedTuple):
    """One figure noted by a firmware."""

    pe: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class UntimedRun:
    """What the programs did."""

    cycles: tuple[Counter[str], ...]
    """Charged cycles by label, per PE."""
    n_packets: tuple[int, ...]
    """Packets sent, per PE."""
    n_timesteps: tuple[int, ...]
    """Time steps waited for, per PE."""
    log: tuple[LogEntry, ...]
    """Figures noted, in order."""


def run_untimed(firmwares: Sequence[Firmware], frames: Sequence[ops.Frame]) -> UntimedRun:
    """Run *firmwares*, one per PE, to their ends on the input *frames* of consecutive time steps.

    A program that never waits for another has to end by itself.

    :raises DeadlockError: all programs that have not ended wait for each other.
    """
    log: list[LogEntry] = []
    tallies = [_Tally(pe, log) for pe in range(len(firmwares))]
    execution = Execution(firmwares, frames, [tally.note for tally in tallies])
    execution.run()
    return UntimedRun(
        tuple(tally.cycles for tally in tallies),
        tuple(tally.n_packets for tally in tallies),
        execution.n_timesteps,
        tuple(log),
    )


@dataclass(slots=True)
class _Tally:
    """What a program has spent and sent."""

    pe: int
    log: list[LogEntry]
    cycles: Counter[str] = field(default_factory=Counter)
    n_packets: int = 0

    def note(self, op: ops.Op[Any]) -> None:
        match op:
            case ops.Compute(charges=charges):
                for charge in charges:
                    self.cycles[charge.label] += charge.cycles
            case ops.Multicast(keys=keys):
                self.n_packets += len(keys)
            case ops.Send():
                self.n_packets += 1
            case ops.Log(name, value):
                self.log.append(LogEntry(self.pe, name, value))
