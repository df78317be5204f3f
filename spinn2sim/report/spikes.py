"""The spikes of a run, for other tools: an NPZ file, or SpikeTrains of Neo.

A spike is known by its time step, so its time is the beginning of that step, counted from the first
timer interrupt. Keys are what the firmware has sent: neurons' numbers, as a rule.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingExtraError, OutputError, SpecError
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Trace

if TYPE_CHECKING:
    import neo

#: Suffixes of the formats in which Neo keeps a file.
NEO_FORMATS = {".mat": "NeoMatlabIO", ".pkl": "PickleIO"}


def spikes(trace: Trace, window: Window = WHOLE) -> dict[str, NDArray[Any]]:
    """Columns ``time_s``, ``timestep``, ``pe`` and ``key``, in order of time, then of key.

    Of steps that begin in *window*. And, as scalars, ``duration_s`` and ``timestep_s``.
    """
    found = trace.tables["spikes"]
    order = np.lexsort((found["pe"], found["key"], found["timestep"]))
    columns = {name: found[name][order] for name in ("timestep", "pe", "key")}
    released = trace.tables["steps"]["released"]
    at = (int(released.min()) if len(released) else 0) + columns["timestep"] * int(trace.period)
    seen = (at >= window.start) & (at < window.stop)
    timestep_s = int(trace.period) / trace.timebase.hz
    n_steps = int(trace.tables["steps"]["timestep"].max(initial=-1)) + 1
    return {
        "time_s": columns["timestep"][seen] * timestep_s,
        **{name: column[seen] for name, column in columns.items()},
        "duration_s": np.array(n_steps * timestep_s),
        "timestep_s": np.array(timestep_s),
    }


def write_spikes(trace: Trace, path: Path, window: Window = WHOLE) -> None:
    """Write the columns of ``spikes`` as an NPZ file.

    :raises OutputError: it cannot be written.
    """
    try:
        with path.open("wb") as file:
            np.savez(file, **spikes(trace, window))  # type: ignore[arg-type]  # arrays by name
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(str(path), problem, "name a file that can be made") from None


def spike_trains(trace: Trace, window: Window = WHOLE) -> list[neo.SpikeTrain]:
    """A SpikeTrain of Neo for each key that has spiked; its name is the key.

    :raises MissingExtraError: Neo is not installed.
    """
    try:
        import neo
    except ImportError:
        raise MissingExtraError("spikes as Neo SpikeTrains", "neo", "neo") from None
    found = spikes(trace, window)
    return [
        neo.SpikeTrain(
            found["time_s"][found["key"] == key],
            units="s",
            t_stop=float(found["duration_s"]),
            name=str(key),
            pe=int(found["pe"][found["key"] == key][0]),
        )
        for key in np.unique(found["key"]).tolist()
    ]


def write_neo(trace: Trace, path: Path, window: Window = WHOLE) -> None:
    """Write a Block of Neo with one Segment, which holds the SpikeTrains.

    :raises SpecError: the suffix of *path* is of no format that Neo writes.
    :raises MissingExtraError: Neo is not installed.
    """
    if path.suffix not in NEO_FORMATS:
        problem = f"no format is known by {path.suffix!r}; use {' or '.join(NEO_FORMATS)}"
        raise SpecError(f"--neo {path}", (problem,))
    trains = spike_trains(trace, window)
    import neo

    block = neo.Block(name=str(trace.meta["scenario"]["name"]))
    segment = neo.Segment(name="run")
    segment.spiketrains.extend(trains)
    block.segments.append(segment)
    getattr(neo.io, NEO_FORMATS[path.suffix])(str(path)).write_block(block)
