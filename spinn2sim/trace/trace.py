"""A Trace: everything a finished run left behind, as frozen columns.

A pure function of scenario and workload: equal runs have equal digests, whatever the machine, the
wall clock or the number of processes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.trace.records import OCCASIONAL, UNDIGESTED
from spinn2sim.trace.window_counts import WindowCounts
from spinn2sim.units import Clock, Ticks, Timebase

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Trace:
    """Tables (see ``records``), what the host read out of SRAM at the end, and what it all means.

    ``meta`` is plain JSON: scenario, time base, workload, cost table, SRAM layouts, names.
    """

    meta: Mapping[str, Any]
    tables: Mapping[str, Columns]
    arrays: Mapping[str, NDArray[Any]]
    timed_by: str = ""
    """The machine that was used, and why not the faster one: of the simulator, not of the run."""
    windows: WindowCounts = field(default_factory=WindowCounts)
    """How its windows of packets were computed: of the simulator, too."""

    @property
    def timebase(self) -> Timebase:
        """Ticks per second of all times in the tables."""
        return Timebase(self.meta["ticks_per_second"])

    @property
    def pe_clock(self) -> Clock:
        """Clock of the PEs."""
        return self.timebase.clock(self.meta["scenario"]["chip"]["pe"]["clock"])

    @property
    def period(self) -> Ticks:
        """Period of the timer."""
        return Ticks(self.meta["period"])

    @property
    def n_pe(self) -> int:
        """PEs that ran firmware."""
        return int(self.meta["scenario"]["n_pe"])

    def readout(self, pe: int) -> dict[str, NDArray[Any]]:
        """What the host read out of PE *pe* at the end, by name."""
        prefix = f"{pe}/"
        return {
            name.removeprefix(prefix): array
            for name, array in self.arrays.items()
            if name.startswith(prefix)
        }

    def digest(self) -> str:
        """SHA-256 over everything that happened, but not over the order of the rows.

        Tables of ``records.UNDIGESTED`` are left out.
        """
        found = hashlib.sha256(json.dumps(self.meta, sort_keys=True).encode())
        for name in sorted(set(self.tables) - UNDIGESTED):
            columns = self.tables[name]
            if name in OCCASIONAL and not next(iter(columns.values())).size:
                continue
            order: Any = ...
            if not _in_order(columns):
                order = np.lexsort([*columns.values()][::-1])
            for column, values in columns.items():
                found.update(f"{name}.{column}".encode())
                found.update(np.ascontiguousarray(values[order]).data)
        for name in sorted(self.arrays):
            array = self.arrays[name]
            found.update(f"{name} {array.dtype} {array.shape}".encode())
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


def _in_order(columns: Columns) -> bool:
    """Whether the rows ascend, the first column foremost, as far as whole numbers tell."""
    tied: NDArray[np.bool_] | None = None
    for values in columns.values():
        if values.dtype.kind != "i":
            return False
        larger, smaller = values[1:] > values[:-1], values[1:] < values[:-1]
        if (smaller if tied is None else smaller & tied).any():
            return False
        tied = ~larger if tied is None else tied & ~larger
        if not tied.any():
            return True
    return True
