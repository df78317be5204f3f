"""Stretches: what each core did from when to when, one row per function or wait.

The trace keeps work as segments, each a list of charges that a core works off in one go. Here they
stand one after the other in time. Between the stretches of a core, nothing is recorded: before the
first release, and asleep after the last step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.levels import cycle_ticks
from spinn2sim.report.window import Window
from spinn2sim.trace import Cause, Trace

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Columns of equal length, in order of PE and then of start; times are ticks."""

    names: tuple[str, ...]
    """What a core can do: the labels of the trace, then its causes of waiting."""
    n_labels: int
    """How many of the names are labels of work."""
    pe: Ints
    timestep: Ints
    start: Ints
    stop: Ints
    name: Ints
    """Index into ``names``."""

    def __len__(self) -> int:
        return len(self.pe)

    @property
    def is_work(self) -> NDArray[np.bool_]:
        """Whether the core worked, (n,)."""
        work: NDArray[np.bool_] = self.name < self.n_labels
        return work

    def where(self, chosen: NDArray[np.bool_]) -> Stretches:
        """Those rows for which *chosen*, (n,), holds."""
        columns = (self.pe, self.timestep, self.start, self.stop, self.name)
        return Stretches(self.names, self.n_labels, *(column[chosen] for column in columns))


def stretches(trace: Trace, window: Window | None = None) -> Stretches:
    """All stretches of *trace* that take time, or those that overlap *window*, uncut."""
    n_labels = len(trace.meta["labels"])
    waits = trace.tables["waits"]
    waited = (waits["pe"], waits["timestep"], waits["start"], waits["stop"])
    columns = [
        np.concatenate(pair)
        for pair in zip(_work(trace), (*waited, waits["cause"] + n_labels), strict=True)
    ]
    order = np.lexsort((columns[2], columns[0]))
    names = (*trace.meta["labels"], *(f"wait: {cause.name.lower()}" for cause in Cause))
    found = Stretches(names, n_labels, *(column[order] for column in columns))
    return found if window is None else found.where(window.overlaps(found.start, found.stop))


def own_cycles(trace: Trace, found: Stretches) -> Ints:
    """Cycles of each stretch at the clock that its PE had when it began: of work, those charged."""
    return (found.stop - found.start) // cycle_ticks(trace, found.pe, found.start)


def by_function(found: Stretches) -> Stretches:
    """The same, with parts named after their function and neighbours of one name joined."""
    functions = tuple(dict.fromkeys(_function(name) for name in found.names[: found.n_labels]))
    names = (*functions, *found.names[found.n_labels :])
    numbers = np.array(
        [names.index(_function(name)) for name in found.names[: found.n_labels]]
        + [len(functions) + cause for cause in range(len(found.names) - found.n_labels)],
        np.int64,
    )
    name = numbers[found.name]
    begins = np.ones(len(found), bool)
    begins[1:] = (
        (name[1:] != name[:-1])
        | (found.pe[1:] != found.pe[:-1])
        | (found.timestep[1:] != found.timestep[:-1])
        | (found.start[1:] != found.stop[:-1])
    )
    ends = np.roll(begins, -1)
    return Stretches(
        names,
        len(functions),
        found.pe[begins],
        found.timestep[begins],
        found.start[begins],
        found.stop[ends],
        name[begins],
    )


def _function(label: str) -> str:
    return label.partition(".")[0]


def _work(trace: Trace) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """PE, time step, start, stop and label of each charge of each row of work."""
    work, segments = trace.tables["work"], trace.tables["segments"]
    in_time = segments["cycles"] > 0
    segment, label, cycles = (
        segments[column][in_time] for column in ("segment", "label", "cycles")
    )
    n_segments = int(segments["segment"].max(initial=-1)) + 1
    n_charges = np.bincount(segment, minlength=n_segments)
    first = np.cumsum(n_charges) - n_charges
    ends = np.cumsum(cycles)
    before = ends - cycles
    per_row = n_charges[work["segment"]]
    row = np.repeat(np.arange(len(work["pe"])), per_row)
    place = np.arange(len(row)) - np.repeat(np.cumsum(per_row) - per_row, per_row)
    charge = first[work["segment"]][row] + place
    # Ends count from the first charge of the first segment; a row starts with its own segment.
    base = before[first[work["segment"]][row]] if len(row) else row
    per_cycle = cycle_ticks(trace, work["pe"], work["start"])[row]
    return (
        work["pe"][row],
        work["timestep"][row],
        work["start"][row] + (before[charge] - base) * per_cycle,
        work["start"][row] + (ends[charge] - base) * per_cycle,
        label[charge],
    )
