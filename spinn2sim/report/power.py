"""Power by the chip model: over time, by PE, by function and by performance level.

The trace does not say when a flit crossed a link, so the NoC has its mean power in every window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.energy import (
    Joules,
    drawn_until,
    energy,
    sleep_joules,
    span,
    work_cycles,
    work_pj,
)
from spinn2sim.report.level_use import LevelUse, level_use
from spinn2sim.report.levels import cycle_ticks
from spinn2sim.report.profile import segment_cycles
from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class FunctionEnergy:
    """Energy of the busy cycles of a function."""

    label: str
    joules: float
    by_pe_j: tuple[float, ...]
    share: float
    """Of all busy cycles' energy."""


@dataclass(frozen=True, slots=True)
class PowerReport:
    """Where the energy of a run went, by the chip model."""

    window_s: float
    start_s: NDArray[np.float64]
    """Of each window, from the first release on, (n_windows,)."""
    baseline_mw: float
    """Of all chips."""
    noc_mw: float
    """Mean over the run, with the links between chips."""
    dram_mw: float
    """Mean over the run."""
    sleep_mw: NDArray[np.float64]
    """Of each PE in each window, (n_windows, n_pe)."""
    busy_mw: NDArray[np.float64]
    """Beyond sleep, (n_windows, n_pe)."""
    sleep_j: NDArray[np.float64]
    """Of each PE over the run, (n_pe,)."""
    busy_j: NDArray[np.float64]
    """Beyond sleep, (n_pe,)."""
    functions: tuple[FunctionEnergy, ...]
    levels: tuple[LevelUse, ...]

    @property
    def chip_mw(self) -> NDArray[np.float64]:
        """The whole chip, or board, in each window, (n_windows,)."""
        pes = (self.sleep_mw + self.busy_mw).sum(axis=1)
        total: NDArray[np.float64] = self.baseline_mw + self.noc_mw + self.dram_mw + pes
        return total

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "window_s": self.window_s,
            "baseline_mw": self.baseline_mw,
            "noc_mw": self.noc_mw,
            "dram_mw": self.dram_mw,
            "windows": [
                {
                    "start_s": float(start),
                    "chip_mw": float(chip),
                    "sleep_mw": float(sleep.sum()),
                    "busy_mw": float(busy.sum()),
                    "pe_mw": (sleep + busy).tolist(),
                }
                for start, chip, sleep, busy in zip(
                    self.start_s, self.chip_mw, self.sleep_mw, self.busy_mw, strict=True
                )
            ],
            "pes": [
                {"pe": pe, "sleep_j": float(sleep), "busy_j": float(busy)}
                for pe, (sleep, busy) in enumerate(zip(self.sleep_j, self.busy_j, strict=True))
            ],
            "functions": [
                {"label": each.label, "joules": each.joules, "share": each.share}
                for each in self.functions
            ],
            "levels": [each.as_dict() for each in self.levels],
        }


def power_report(trace: Trace, steps_per_window: int = 1) -> PowerReport:
    """Where the energy of *trace* went, in windows of *steps_per_window* time steps."""
    found, window = energy(trace), trace.period * steps_per_window
    edges = _edges(trace, steps_per_window)
    begin = edges[0]
    seconds = np.diff(edges)[:, None] / trace.timebase.hz
    sleep = np.diff(drawn_until(trace, edges), axis=0)
    busy = np.diff(_busy_until(trace, edges, work_cycles(trace) * work_pj(trace) * 1e-12), axis=0)
    functions, by_pe = _functions(trace)
    return PowerReport(
        window_s=trace.timebase.seconds(window),
        start_s=(edges[:-1] - begin) / trace.timebase.hz,
        baseline_mw=trace.meta["scenario"]["power"]["baseline_mw"] * found.n_chips,
        dram_mw=found.dram_j / found.duration_s * 1e3 if found.duration_s else 0.0,
        noc_mw=(found.noc_j + found.link_j) / found.duration_s * 1e3 if found.duration_s else 0.0,
        sleep_mw=sleep / seconds * 1e3,
        busy_mw=busy / seconds * 1e3,
        sleep_j=sleep_joules(trace),
        busy_j=by_pe.sum(axis=1),
        functions=functions,
        levels=level_use(trace),
    )


def function_power(trace: Trace, steps_per_window: int = 1) -> dict[str, list[float]]:
    """Milliwatts of the busy cycles of each function in each window, over all PEs.

    The functions of one op of work share its time evenly.
    """
    edges = _edges(trace, steps_per_window)
    seconds = np.diff(edges) / trace.timebase.hz
    names, by_row = _by_function(trace)
    spent = (_busy_until(trace, edges, column).sum(axis=1) for column in by_row.T)
    return {
        name: (np.diff(each) / seconds * 1e3).tolist()
        for name, each in zip(names, spent, strict=True)
    }


def _edges(trace: Trace, steps_per_window: int) -> NDArray[np.int64]:
    """Ticks at which windows begin, and the last one ends."""
    begin, end = span(trace)
    return np.array([*range(begin, end, trace.period * steps_per_window), end], np.int64)


def _busy_until(trace: Trace, ticks: NDArray[np.int64], joules: Joules) -> Joules:
    """Of the *joules* of each row of work, those of each PE up to each of *ticks*, (n, n_pe)."""
    work = trace.tables["work"]
    cycles = work_cycles(trace)
    stops = work["start"] + cycles * cycle_ticks(trace, work["pe"], work["start"])
    spent = np.zeros((len(ticks), trace.n_pe))
    for pe in range(trace.n_pe):
        own = np.flatnonzero((work["pe"] == pe) & (cycles > 0))
        own = own[np.argsort(work["start"][own], kind="stable")]
        if not own.size:
            continue
        # A core does one thing at a time: between the rows its energy stays as it is.
        total = np.cumsum(joules[own])
        times = np.column_stack([work["start"][own], stops[own]]).ravel()
        levels = np.column_stack([total - joules[own], total]).ravel()
        spent[:, pe] = np.interp(ticks, times, levels)
    return spent


def _functions(trace: Trace) -> tuple[tuple[FunctionEnergy, ...], Joules]:
    """Energy of each function, and of each PE and function, (n_pe, n_functions)."""
    work = trace.tables["work"]
    names, by_row = _by_function(trace)
    by_pe = np.zeros((trace.n_pe, len(names)))
    np.add.at(by_pe, work["pe"], by_row)
    total = float(by_pe.sum())
    rows = [
        FunctionEnergy(
            name,
            float(column.sum()),
            tuple(column.tolist()),
            float(column.sum()) / total if total else 0.0,
        )
        for name, column in zip(names, by_pe.T, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: -row.joules)), by_pe


def _by_function(trace: Trace) -> tuple[list[str], Joules]:
    """The functions, and the energy of each in each row of work, (n, n_functions)."""
    work, labels = trace.tables["work"], trace.meta["labels"]
    names = list(dict.fromkeys(label.partition(".")[0] for label in labels))
    of_label = np.zeros((len(labels), len(names)))
    of_label[range(len(labels)), [names.index(each.partition(".")[0]) for each in labels]] = 1
    by_row: Joules = segment_cycles(trace)[work["segment"]] @ of_label
    return names, by_row * work_pj(trace)[:, None] * 1e-12
