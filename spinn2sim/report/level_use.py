"""How long PEs were at each performance level, what they did there, and what that took.

The rows add up to what ``energy`` says: sleep, busy cycles and their joules.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.energy import span, work_cycles, work_pj
from spinn2sim.report.levels import level_at, names_of_levels, of_levels, stays
from spinn2sim.trace import Trace

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LevelUse:
    """What all PEs together spent at a level."""

    level: str
    """Its voltage."""
    share: float
    """Of the time of all PEs."""
    cycles: int
    """In which they were busy."""
    sleep_j: float
    """Asleep or busy alike."""
    busy_j: float
    """Of busy cycles, beyond that."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def level_use(trace: Trace) -> tuple[LevelUse, ...]:
    """A row for each of ``power.levels``, from the first release to the end of ``span``."""
    names = names_of_levels(trace)
    ticks, cycles = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    np.add.at(ticks, *_spent(trace))
    work, row_cycles = trace.tables["work"], work_cycles(trace)
    at = level_at(trace, work["pe"], work["start"])
    np.add.at(cycles, at, row_cycles)
    busy_j = np.zeros(len(names))
    np.add.at(busy_j, at, row_cycles * work_pj(trace) * 1e-12)
    seconds = ticks / trace.timebase.hz
    return tuple(
        LevelUse(name, float(each / max(ticks.sum(), 1)), int(n), float(sleep), float(busy))
        for name, each, n, sleep, busy in zip(
            names, ticks, cycles, seconds * of_levels(trace, "sleep_mw") * 1e-3, busy_j, strict=True
        )
    )


def _spent(trace: Trace) -> tuple[Ints, Ints]:
    """The level of each stay, and its ticks inside the span of the run."""
    found, (begin, end) = stays(trace), span(trace)
    stops = np.append(found.start[1:], end)
    stops[:-1][found.pe[1:] != found.pe[:-1]] = end
    return found.level, np.clip(stops, begin, end) - np.clip(found.start, begin, end)
