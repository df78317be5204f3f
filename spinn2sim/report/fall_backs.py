"""Fall-backs: what a faster way of timing the run had to leave to a slower, equal one.

There are two. The compiled machine leaves programs to the SimPy machine whose answers depend on
time (races) and what only that has (decision 0007); the NoC leaves windows of packets that break a
certificate to the kernel that can do all (decision 0015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinn2sim.trace import Trace, WindowCounts

#: What left a window to the slower kernel, in words.
CERTIFICATES = {
    "not_closed": "not closed",
    "input_fifo": "too much in an input FIFO",
    "receive_fifo": "a receive FIFO full",
    "no_record": "no room for the record",
    "not_tried": "not tried after one of these",
}

MACHINES = {
    "compiled": "the compiled machine",
    "simpy": "the SimPy machine",
    "hop": "the SimPy machine, hop by hop",
}


@dataclass(frozen=True, slots=True)
class FallBacks:
    """How a run was timed."""

    machine: str
    """``compiled``, ``simpy`` or ``hop``; empty if an older trace file does not tell."""
    reason: str
    """Why not by the compiled machine, which was wanted; empty if it was used or not wanted."""
    windows: WindowCounts

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        left = {name: getattr(self.windows, name) for name in CERTIFICATES}
        return {
            "machine": self.machine or None,
            "fall_back": self.reason or None,
            "windows_whole": self.windows.whole,
            "windows_left": {"all": self.windows.left, **left},
        }

    def __str__(self) -> str:
        if not self.machine:
            return ""
        machine = MACHINES[self.machine] + (f" ({self.reason})" if self.reason else "")
        if not sum(self.windows):
            return f"{machine}; no windows of packets"
        n_left = self.windows.left
        done = f"{self.windows.whole:,} of {sum(self.windows):,} windows whole"
        if not n_left:
            return f"{machine}; {done}"
        broken = (f"{getattr(self.windows, name):,} {words}" for name, words in self._broken())
        return f"{machine}; {done}, {n_left:,} fell back: {', '.join(broken)}"

    def _broken(self) -> list[tuple[str, str]]:
        return [each for each in CERTIFICATES.items() if getattr(self.windows, each[0])]


def fall_backs(trace: Trace) -> FallBacks:
    """Of the run that left *trace* behind."""
    machine, _, reason = trace.timed_by.partition(": ")
    return FallBacks(machine, reason, trace.windows)
