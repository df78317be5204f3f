"""Real time: whether each PE ends each time step inside its period, and where the time went.

SpiNNaker's words: a step that ends after its deadline is a timer tick that overran; a packet that
is sent after the deadline of its step is late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.profile import segment_cycles
from spinn2sim.trace import Cause, Trace


@dataclass(frozen=True, slots=True)
class Tightest:
    """The step with the least slack, and what the core did when the deadline came or work ended."""

    pe: int
    timestep: int
    label: str


@dataclass(frozen=True, slots=True)
class RealTime:
    """Times in PE cycles; arrays are (n_pe, n_timesteps)."""

    period: int
    response: NDArray[np.int64]
    """From the release of a step to its end."""
    busy: NDArray[np.int64]
    """Cycles of work in a step."""
    waiting: dict[str, NDArray[np.int64]]
    """Cycles lost in a step, by cause."""
    late_packets: int
    late_inputs: int
    tightest: Tightest

    @property
    def slack(self) -> NDArray[np.int64]:
        """Cycles left in each step; negative if it overran."""
        return self.period - self.response

    @property
    def overruns(self) -> int:
        """Steps that ended after their deadline."""
        return int((self.slack < 0).sum())

    @property
    def utilisation(self) -> NDArray[np.float64]:
        """Share of the time that each PE was busy, (n_pe,)."""
        share: NDArray[np.float64] = self.busy.sum(axis=1) / (self.period * self.busy.shape[1])
        return share


def real_time(trace: Trace) -> RealTime:
    """The real-time report of a run."""
    clock = trace.pe_clock
    steps = trace.tables["steps"]
    shape = trace.n_pe, int(steps["timestep"].max(initial=0)) + 1
    response = np.zeros(shape, np.int64)
    # Rounded up: a part of a cycle late is late.
    response[steps["pe"], steps["timestep"]] = -(
        (steps["released"] - steps["finished"]) // clock.ticks_per_cycle
    )
    period = clock.cycles(trace.period)
    slack = period - response
    pe, timestep = (int(index) for index in np.unravel_index(slack.argmin(), shape))
    if (slack < 0).any():  # the first to overrun, in time
        timestep, pe = (int(index) for index in np.argwhere(slack.T < 0)[0])
    return RealTime(
        period,
        response,
        _busy(trace, shape),
        _waiting(trace, shape),
        _late_packets(trace),
        int((trace.tables["waits"]["cause"] == Cause.HOST).sum()),
        Tightest(pe, timestep, _label_at_deadline(trace, pe, timestep)),
    )


def _busy(trace: Trace, shape: tuple[int, int]) -> NDArray[np.int64]:
    busy = np.zeros(shape, np.int64)
    work = trace.tables["work"]
    inside = work["timestep"] >= 0
    cycles = segment_cycles(trace).sum(axis=1)[work["segment"]]
    np.add.at(busy, (work["pe"][inside], work["timestep"][inside]), cycles[inside])
    return busy


def _waiting(trace: Trace, shape: tuple[int, int]) -> dict[str, NDArray[np.int64]]:
    waits = trace.tables["waits"]
    lost = {}
    for cause in Cause:
        mine = (waits["cause"] == cause) & (waits["timestep"] >= 0)
        cycles = np.zeros(shape, np.int64)
        ticks = waits["stop"][mine] - waits["start"][mine]
        np.add.at(
            cycles,
            (waits["pe"][mine], waits["timestep"][mine]),
            ticks // trace.pe_clock.ticks_per_cycle,
        )
        lost[cause.name.lower()] = cycles
    return lost


def _late_packets(trace: Trace) -> int:
    steps, sends = trace.tables["steps"], trace.tables["sends"]
    deadline = {
        (int(pe), int(timestep)): int(released) + trace.period
        for pe, timestep, released in zip(
            steps["pe"], steps["timestep"], steps["released"], strict=True
        )
    }
    return sum(
        int(n_packets)
        for pe, timestep, at, n_packets in zip(
            sends["pe"], sends["timestep"], sends["at"], sends["n_packets"], strict=True
        )
        if at > deadline.get((int(pe), int(timestep)), at)
    )


def _label_at_deadline(trace: Trace, pe: int, timestep: int) -> str:
    """What PE *pe* was doing in *timestep* when its deadline came, or last did before it."""
    steps, work, segments = (trace.tables[name] for name in ("steps", "work", "segments"))
    row = np.flatnonzero((steps["pe"] == pe) & (steps["timestep"] == timestep))
    if not row.size:
        return "nothing"
    deadline = int(steps["released"][row[0]]) + trace.period
    label = "nothing"
    for index in np.flatnonzero((work["pe"] == pe) & (work["timestep"] == timestep)):
        at = int(work["start"][index])
        parts = segments["segment"] == work["segment"][index]
        for number, cycles in zip(segments["label"][parts], segments["cycles"][parts], strict=True):
            if at >= deadline:
                return label
            if cycles:
                label = trace.meta["labels"][number].partition(".")[0]
            at += int(cycles) * trace.pe_clock.ticks_per_cycle
    return label
