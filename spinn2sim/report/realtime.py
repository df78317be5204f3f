"""Real time: whether each PE ends each time step inside its period, and where the time went.

SpiNNaker's words: a step that ends after its deadline is a timer tick that overran; a packet that
is sent after the deadline of its step is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.levels import cycle_ticks
from spinn2sim.report.profile import n_timesteps, segment_cycles
from spinn2sim.trace import Cause, Trace


@dataclass(frozen=True, slots=True)
class Tightest:
    """The first step that overran, or the one with the least slack if none did."""

    pe: int
    """Of several that overran at the same deadline, the one that waited least for the others."""
    timestep: int
    label: str
    """The function that ran over the deadline, or ``host wait`` and the like; if the step was in
    time, its last function."""


@dataclass(frozen=True, slots=True)
class RealTime:
    """Times in PE cycles; arrays are (n_pe, n_timesteps)."""

    period: int
    response: NDArray[np.int64]
    """From the release of a step to its end, rounded up."""
    slack: NDArray[np.int64]
    """Left of the period, rounded down: negative if the step ended even a tick late."""
    busy: NDArray[np.int64]
    """Cycles of work in a step."""
    waiting: dict[str, NDArray[np.int64]]
    """Cycles lost in a step, by cause; ``timer`` is the sleep up to the next step."""
    late_packets: int
    late_inputs: int
    tightest: Tightest

    @property
    def overruns(self) -> int:
        """Steps that ended after their deadline."""
        return int((self.slack < 0).sum())

    @property
    def utilisation(self) -> NDArray[np.float64]:
        """Share of the time that each PE was busy, (n_pe,)."""
        share: NDArray[np.float64] = self.busy.sum(axis=1) / (self.period * self.busy.shape[1])
        return share

    @property
    def waiting_for_others(self) -> NDArray[np.int64]:
        """Cycles in which a PE waited for packets and sync flags of other PEs."""
        return self.waiting["sync"] + self.waiting["packets"]


def real_time(trace: Trace) -> RealTime:
    """The real-time report of a run."""
    steps, ticks_per_cycle = trace.tables["steps"], trace.pe_clock.ticks_per_cycle
    shape, at = (trace.n_pe, n_timesteps(trace)), (steps["pe"], steps["timestep"])
    took = steps["finished"] - steps["released"]
    period = trace.pe_clock.cycles(trace.period)
    response, slack = np.zeros(shape, np.int64), np.full(shape, period, np.int64)
    response[at] = -(-took // ticks_per_cycle)
    slack[at] = (trace.period - took) // ticks_per_cycle
    waiting = _waiting(trace, slack)
    pe, timestep = _tightest(slack, waiting["sync"] + waiting["packets"])
    return RealTime(
        period,
        response,
        slack,
        _busy(trace, shape),
        waiting,
        _late_packets(trace),
        int((trace.tables["waits"]["cause"] == Cause.HOST).sum()),
        Tightest(pe, timestep, _label_at_deadline(trace, pe, timestep)),
    )


def _busy(trace: Trace, shape: tuple[int, int]) -> NDArray[np.int64]:
    busy = np.zeros(shape, np.int64)
    work = trace.tables["work"]
    inside = work["timestep"] >= 0
    cycles = segment_cycles(trace).sum(axis=1)[work["segment"]]
    ticks = cycles * cycle_ticks(trace, work["pe"], work["start"])
    np.add.at(busy, (work["pe"][inside], work["timestep"][inside]), ticks[inside])
    return busy // trace.pe_clock.ticks_per_cycle


def _waiting(trace: Trace, slack: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Cycles by cause. No interrupt ends the sleep after the last step: its slack stands for it."""
    waits = trace.tables["waits"]
    lost = {}
    for cause in Cause:
        mine = (waits["cause"] == cause) & (waits["timestep"] >= 0)
        cycles = np.zeros(slack.shape, np.int64)
        ticks = waits["stop"][mine] - waits["start"][mine]
        np.add.at(
            cycles,
            (waits["pe"][mine], waits["timestep"][mine]),
            ticks // trace.pe_clock.ticks_per_cycle,
        )
        lost[cause.name.lower()] = cycles
    lost["timer"][:, -1] = np.maximum(slack[:, -1], 0)
    return lost


def _tightest(slack: NDArray[np.int64], for_others: NDArray[np.int64]) -> tuple[int, int]:
    late = slack < 0
    if not late.any():
        pe, timestep = np.unravel_index(slack.argmin(), slack.shape)
        return int(pe), int(timestep)
    timestep = late.any(axis=0).argmax()
    pes = np.flatnonzero(late[:, timestep])
    return int(pes[for_others[pes, timestep].argmin()]), int(timestep)


def _late_packets(trace: Trace) -> int:
    return int(trace.tables["sends"]["n_packets"][late_sends(trace)].sum())


def late_sends(trace: Trace) -> NDArray[np.bool_]:
    """Whether the packets of each row of sends left after the deadline of their step, (n,)."""
    if trace.n_pe == 1:  # Its spikes go nowhere.
        return np.zeros(len(trace.tables["sends"]["pe"]), np.bool_)
    steps, sends = trace.tables["steps"], trace.tables["sends"]
    shape = trace.n_pe, n_timesteps(trace)
    deadline = np.full(shape, np.iinfo(np.int64).max)
    deadline[steps["pe"], steps["timestep"]] = steps["released"] + trace.period
    inside = sends["timestep"] >= 0
    late = inside & (sends["at"] > deadline[sends["pe"], sends["timestep"]])
    return np.asarray(late, np.bool_)


def _label_at_deadline(trace: Trace, pe: int, timestep: int) -> str:
    steps = trace.tables["steps"]
    row = np.flatnonzero((steps["pe"] == pe) & (steps["timestep"] == timestep))
    if not row.size:
        return "nothing"
    deadline = int(steps["released"][row[0]]) + trace.period
    doings = _work(trace, pe, timestep)
    last = doings[-1][1] if doings else "nothing"
    doings = sorted(doings + _waits(trace, pe, timestep), key=itemgetter(0))
    return next((label for stop, label in doings if stop > deadline), last)


def _work(trace: Trace, pe: int, timestep: int) -> list[tuple[int, str]]:
    """End and name of each stretch of work in a step, in order."""
    work, segments = trace.tables["work"], trace.tables["segments"]
    stretches = []
    for index in np.flatnonzero((work["pe"] == pe) & (work["timestep"] == timestep)):
        stop = int(work["start"][index])
        (ticks_per_cycle,) = cycle_ticks(trace, np.array([pe]), np.array([stop])).tolist()
        parts = segments["segment"] == work["segment"][index]
        for label, cycles in zip(segments["label"][parts], segments["cycles"][parts], strict=True):
            if cycles:
                stop += int(cycles) * ticks_per_cycle
                stretches.append((stop, trace.meta["labels"][label].partition(".")[0]))
    return stretches


def _waits(trace: Trace, pe: int, timestep: int) -> list[tuple[int, str]]:
    """End and name of each wait in a step, without the sleep after it."""
    waits = trace.tables["waits"]
    mine = (waits["pe"] == pe) & (waits["timestep"] == timestep) & (waits["cause"] != Cause.TIMER)
    return [
        (int(stop), f"{Cause(cause).name.lower()} wait")
        for stop, cause in zip(waits["stop"][mine], waits["cause"][mine], strict=True)
    ]
