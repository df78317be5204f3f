"""Run firmware without a clock: the same programs and the same answers, no SimPy, no waiting.

For tests and quick checks. Each program runs until it must wait for another; then the next one
runs. What the machine would decide by time (who is early, what a FIFO loses) is decided here by PE
number, which is why a firmware whose results differ from the timed run has a race.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from spinn2sim.errors import DeadlockError, FirmwareError
from spinn2sim.firmware import ops
from spinn2sim.firmware.contract import Firmware, start


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
    """Multicast packets sent, per PE."""
    n_timesteps: tuple[int, ...]
    """Time steps waited for, per PE."""
    log: tuple[LogEntry, ...]
    """Figures noted, in order."""


def run_untimed(firmwares: Sequence[Firmware], frames: Sequence[ops.Frame]) -> UntimedRun:
    """Run *firmwares*, one per PE, to their ends on the input *frames* of consecutive time steps.

    A program that never waits for another has to end by itself.

    :raises DeadlockError: all programs that have not ended wait for each other.
    """
    pes = [_PE(pe, start(firmware, pe), frames) for pe, firmware in enumerate(firmwares)]
    log: list[LogEntry] = []
    while running := [pe for pe in pes if not pe.halted]:
        progress = [pe.run(pes, log) for pe in running]
        if not any(progress) and not _pass_barrier(pes):
            waiting = tuple((pe.pe, *pe.waits()) for pe in running)
            raise DeadlockError(waiting, len(pes) - len(running), len(pes))
    return UntimedRun(
        tuple(pe.cycles for pe in pes),
        tuple(pe.n_packets for pe in pes),
        tuple(pe.timestep for pe in pes),
        tuple(log),
    )


def _pass_barrier(pes: Sequence[_PE]) -> bool:
    """Let all PEs pass if all are at the barrier."""
    if not all(isinstance(pe.op, ops.Barrier) for pe in pes):
        return False
    for pe in pes:
        pe.answer, pe.op = pe.take(len(pe.fifo)), None
    return True


@dataclass(slots=True, eq=False)
class _PE:
    """A program, what it waits for, and what others have left for it."""

    pe: int
    program: ops.Program
    frames: Sequence[ops.Frame]
    op: ops.Op[Any] | None = None
    answer: Any = None
    halted: bool = False
    cycles: Counter[str] = field(default_factory=Counter)
    n_packets: int = 0
    timestep: int = 0
    n_frames: int = 0
    fifo: list[tuple[int, tuple[float, ...]]] = field(default_factory=list)
    open_dma: list[ops.DmaWrite] = field(default_factory=list)
    written: defaultdict[str, dict[int, Any]] = field(
        default_factory=lambda: defaultdict[str, dict[int, Any]](dict)
    )
    shared: dict[str, Any] = field(default_factory=dict)

    def run(self, pes: Sequence[_PE], log: list[LogEntry]) -> bool:
        """Run until the program ends or has to wait; whether it got anywhere."""
        progress = False
        while True:
            if self.op is None:
                try:
                    self.op = self.program.send(self.answer)
                except StopIteration:
                    self.halted = True
                    return True
            if not self._execute(self.op, pes, log):
                return progress
            self.op, progress = None, True

    def _execute(self, op: ops.Op[Any], pes: Sequence[_PE], log: list[LogEntry]) -> bool:
        """Do *op* and set its answer; False if it has to wait."""
        self.answer = None
        match op:
            case ops.Compute(charges=charges):
                for charge in charges:
                    self.cycles[charge.label] += charge.cycles
            case ops.WaitTimer():
                self.answer, self.timestep = self.timestep, self.timestep + 1
            case ops.ReadInput():
                if self.n_frames == len(self.frames):
                    return False
                self.answer, self.n_frames = self.frames[self.n_frames], self.n_frames + 1
            case ops.Multicast(keys, payloads):
                packets = list(zip(keys, payloads or ((),) * len(keys), strict=True))
                self.n_packets += len(packets)
                for other in pes:
                    if other is not self:
                        other.fifo += packets
            case ops.Barrier():
                return False
            case ops.Receive(n_packets):
                if len(self.fifo) < n_packets:
                    return False
                self.answer = self.take(n_packets)
            case ops.DmaWrite():
                self.open_dma.append(op)
            case ops.WaitDma():
                for write in self.open_dma:
                    pes[write.to].written[write.name][self.pe] = write.payload
                self.open_dma.clear()
            case ops.TakeDma(name):
                self.answer = dict(sorted(self.written.pop(name, {}).items()))
            case ops.Share(name, payload, _):
                self.shared[name] = payload
            case ops.ReadNeighbour(neighbour, name):
                self.answer = self._neighbour(pes[neighbour].shared, neighbour, name)
            case ops.Log(name, value):
                log.append(LogEntry(self.pe, name, value))
            case _:
                raise FirmwareError(self.pe, f"{op!r} is not an op", "yield ops of PEContext only")
        return True

    def take(self, n_packets: int) -> ops.Inbox:
        """Take *n_packets* out of the receive FIFO, oldest first."""
        taken, self.fifo = self.fifo[:n_packets], self.fifo[n_packets:]
        keys = np.array([key for key, _ in taken], np.int64)
        return ops.make_inbox(self.pe, keys, [packet for packet in taken if packet[1]])

    def waits(self) -> tuple[str, float, str]:
        """The op it waits in, since when (there is no time) and what is missing."""
        match self.op:
            case ops.Barrier():
                return "barrier", 0.0, "the sync flags of other PEs"
            case ops.Receive(n_packets):
                return "receive", 0.0, f"{n_packets - len(self.fifo)} more packets"
            case _:
                return "read_input", 0.0, "input after its end"

    def _neighbour(self, shared: Mapping[str, Any], neighbour: int, name: str) -> Any:
        if name not in shared:
            raise FirmwareError(
                self.pe, f"PE {neighbour} shares no {name!r}", "share it before a barrier"
            )
        return shared[name]
