"""The clock profile: cycles per function, per time step and per sample (the paper's Figure 6).

A function is the label before its first dot; ``e_prop.filter.multiply`` is a part of ``e_prop``.
Only work counts here: waiting is in the real-time report.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class FunctionCycles:
    """One row of the profile: cycles of a function, over all PEs, zero where one never runs it."""

    label: str
    every: str
    """``step`` or ``sample``: what the cycles are counted per."""
    mean: float
    minimum: float
    """Of the PE that spends least on it."""
    maximum: float
    share: float
    """Of the mean cycles of everything with the same ``every``."""


def cycles_by_label(trace: Trace) -> NDArray[np.int64]:
    """Total cycles, (n_pe, n_labels)."""
    return _runs(trace) @ segment_cycles(trace)


def segment_cycles(trace: Trace) -> NDArray[np.int64]:
    """Cycles of each segment under each label, (n_segments, n_labels)."""
    segments = trace.tables["segments"]
    n_segments = int(segments["segment"].max(initial=-1)) + 1
    cycles = np.zeros((n_segments, len(trace.meta["labels"])), np.int64)
    np.add.at(cycles, (segments["segment"], segments["label"]), segments["cycles"])
    return cycles


def _runs(trace: Trace) -> NDArray[np.int64]:
    """How often each PE ran each segment, (n_pe, n_segments)."""
    work = trace.tables["work"]
    runs = np.zeros((trace.n_pe, len(segment_cycles(trace))), np.int64)
    np.add.at(runs, (work["pe"], work["segment"]), 1)
    return runs


def n_timesteps(trace: Trace) -> int:
    """Time steps that were run, at least 1: a firmware may end before its input does."""
    return int(trace.tables["steps"]["timestep"].max(initial=0)) + 1


def clock_profile(trace: Trace, *, parts: bool = False) -> tuple[FunctionCycles, ...]:
    """Cycles per function, or per *parts* of functions, in the order in which they first ran."""
    totals = cycles_by_label(trace)
    grouped: dict[tuple[str, str], NDArray[np.float64]] = {}
    for number, (label, every) in enumerate(
        zip(trace.meta["labels"], trace.meta["every"], strict=True)
    ):
        name = label if parts else label.partition(".")[0]
        per = _occasions(trace, every)
        before = grouped.get((name, every), np.zeros(trace.n_pe))
        grouped[name, every] = before + totals[:, number] / per
    sums = {
        every: sum(float(cycles.mean()) for (_, other), cycles in grouped.items() if other == every)
        for every in ("step", "sample")
    }
    return tuple(
        FunctionCycles(
            label,
            every,
            float(cycles.mean()),
            float(cycles.min()),
            float(cycles.max()),
            float(cycles.mean()) / sums[every] if sums[every] else 0.0,
        )
        for (label, every), cycles in grouped.items()
    )


def cycles_per_step(trace: Trace) -> float:
    """Busy cycles of a time step, mean over PEs and steps, without once-per-sample work."""
    return sum(row.mean for row in clock_profile(trace) if row.every == "step")


def label_cycles(trace: Trace, label: str, every: str) -> float:
    """Cycles of one function, mean over PEs; zero if it never ran."""
    rows = clock_profile(trace)
    return sum(row.mean for row in rows if (row.label, row.every) == (label, every))


def multiply_share(trace: Trace, label: str = "e_prop") -> float | None:
    """Share of multiplication in the arithmetic of *label*; None if its parts do not tell."""
    parts = [row for row in clock_profile(trace, parts=True) if row.label.startswith(f"{label}.")]
    total = sum(row.mean for row in parts)
    multiply = sum(row.mean for row in parts if row.label.endswith(".multiply"))
    return multiply / total if multiply else None


def _occasions(trace: Trace, every: str) -> int:
    return n_timesteps(trace) if every == "step" else len(trace.meta["workload"]["samples"])
