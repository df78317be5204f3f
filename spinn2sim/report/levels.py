"""Performance levels: at which one each PE was, and when.

Cycles in reports of time are those of ``chip.pe.clock``; a cycle of work at another level counts as
the time that it took.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.spec import PowerSpec
from spinn2sim.trace import Trace

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stays:
    """Stretches of time that PEs spent at a level, in order of PE and then of time; ticks."""

    pe: Ints
    start: Ints
    level: Ints
    """Place in ``power.levels``."""


def stays(trace: Trace) -> Stays:
    """One row for each PE from the beginning on, and one for each switch."""
    switches = trace.tables["levels"]
    n = trace.n_pe
    pe = np.concatenate([np.arange(n), switches["pe"]])
    start = np.concatenate([np.zeros(n, np.int64), switches["at"]])
    level = np.concatenate([np.full(n, first_level(trace)), switches["level"]])
    # Of two rows at the same tick the later one holds; rows were recorded in order.
    order = np.lexsort((np.arange(len(pe)), start, pe))
    return Stays(pe[order], start[order], level[order])


def first_level(trace: Trace) -> int:
    """The level in which all PEs begin: the lowest that allows their clock, or the highest."""
    scenario = trace.meta["scenario"]
    clock, levels = scenario["chip"]["pe"]["clock"], scenario["power"]["levels"]
    fitting = [number for number, level in enumerate(levels) if level["max_clock"] >= clock]
    return fitting[0] if fitting else len(levels) - 1


def level_at(trace: Trace, pe: Ints, at: Ints) -> Ints:
    """The level of each *pe* at each tick *at*, (n,)."""
    if not trace.tables["levels"]["pe"].size:
        return np.full(len(pe), first_level(trace))
    known, found = stays(trace), np.empty(len(pe), np.int64)
    for number in range(trace.n_pe):
        own, asked = known.pe == number, pe == number
        place = np.searchsorted(known.start[own], at[asked], side="right") - 1
        found[asked] = known.level[own][place]
    return found


def cycle_ticks(trace: Trace, pe: Ints, at: Ints) -> Ints:
    """Ticks of a PE cycle of each *pe* at each tick *at*, (n,)."""
    if is_fixed(trace):
        return np.full(len(pe), trace.pe_clock.ticks_per_cycle)
    levels = trace.meta["scenario"]["power"]["levels"]
    ticks = np.array([trace.timebase.clock(level["max_clock"]).ticks_per_cycle for level in levels])
    return np.asarray(ticks[level_at(trace, pe, at)], np.int64)


def changing_clocks(trace: Trace) -> Iterator[tuple[int, Ints, NDArray[np.float64]]]:
    """Of each PE that changes its level: its number, the ticks from which on it had a clock, MHz.

    ticks and MHz: (n,), the first from the beginning on.
    """
    known = stays(trace)
    for pe in np.unique(trace.tables["levels"]["pe"]).tolist():
        start = known.start[known.pe == pe]
        per_cycle = cycle_ticks(trace, np.full(len(start), pe), start)
        yield pe, start, trace.timebase.hz / 1e6 / per_cycle


def is_fixed(trace: Trace) -> bool:
    """Whether all PEs ran at ``chip.pe.clock`` all the time."""
    pe: dict[str, Any] = trace.meta["scenario"]["chip"]["pe"]
    return bool(pe.get("dvfs", "fixed") == "fixed")


def names_of_levels(trace: Trace) -> tuple[str, ...]:
    """What each of ``power.levels`` is called."""
    power = PowerSpec.model_validate(trace.meta["scenario"]["power"])
    return tuple(level.name for level in power.levels)


def of_levels(trace: Trace, figure: str) -> NDArray[np.float64]:
    """*figure* of each of ``power.levels``, (n_levels,)."""
    levels = trace.meta["scenario"]["power"]["levels"]
    return np.array([level[figure] for level in levels], np.float64)
