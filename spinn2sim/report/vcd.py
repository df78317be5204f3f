"""A trace as Value Change Dump, for GTKWave: signals of each PE with their edges.

A VCD counts in steps of a power of ten, so edges are rounded down to the picosecond; two edges of
one signal are always further apart than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingExtraError
from spinn2sim.report.stretches import by_function, stretches
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Cause, Trace

#: Signals of a PE, with their widths in bits; a string has none.
SIGNALS = {
    "busy": 1,  # the core works
    "waiting": 1,  # the core waits for something that is not the timer
    "dma": 1,  # a DMA transfer that it started is under way
    "refill": 1,  # the host fills its input buffer
    "overrun": 1,  # the open time step is past its deadline
    "timestep": 32,  # released last
    "activity": 0,  # function or cause of waiting, in words
}

PICOSECONDS = 10**12

#: What a core does between its stretches.
ASLEEP = "asleep"

Ints = NDArray[np.int64]
#: (picosecond, PE, signal, value)
Edge = tuple[int, int, str, int | str]


def write_vcd(trace: Trace, path: Path, window: Window = WHOLE) -> None:
    """Write the edges in *window* to *path*, after the values at its start.

    :raises MissingExtraError: pyvcd is not installed.
    """
    try:
        from vcd import VCDWriter
    except ImportError:
        raise MissingExtraError("a VCD file", "pyvcd", "report") from None
    with (
        path.open("w", encoding="utf-8") as file,
        VCDWriter(
            file, timescale="1 ps", comment=f"spinn2sim {trace.digest()}", date="-"
        ) as writer,
    ):
        variables = {
            (pe, signal): _register(writer, f"chip.pe_{pe:03}", signal, width)
            for pe in range(trace.n_pe)
            for signal, width in SIGNALS.items()
        }
        begin = _picoseconds(trace, window.start)
        last: dict[tuple[int, str], int | str] = {}
        for at, pe, signal, value in edges(trace):
            if at >= _picoseconds(trace, window.stop):
                break
            if last.get((pe, signal)) != value:
                writer.change(variables[pe, signal], max(at, begin), value)
            last[pe, signal] = value


def edges(trace: Trace) -> list[Edge]:
    """Every change of every signal, in order of time; a value may repeat the one before."""
    found = [(0, pe, *start) for pe in range(trace.n_pe) for start in _at_rest()]
    found += _of_cores(trace)
    found += _of_transfers(trace, "dma", "dma")
    found += _of_transfers(trace, "refills", "refill")
    found += _of_timesteps(trace)
    return sorted(found, key=lambda edge: edge[0])  # stable: of two at once, the later one holds


def _at_rest() -> Iterator[tuple[str, int | str]]:
    for signal in SIGNALS:
        yield signal, ASLEEP if signal == "activity" else 0


def _of_cores(trace: Trace) -> Iterator[Edge]:
    """A stretch begins where the one before ends, or after a rest."""
    found = by_function(stretches(trace))
    columns = (found.pe, found.start, found.stop, found.name)
    before, until = -1, -1
    for pe, start, stop, name in zip(*(column.tolist() for column in columns), strict=True):
        if before >= 0 and (before, until) != (pe, start):
            yield from _core(trace, before, until, ASLEEP, ASLEEP)
        kind = "busy" if name < found.n_labels else "waiting"
        timer = found.names[name] == f"wait: {Cause.TIMER.name.lower()}"
        activity, kind = (ASLEEP, ASLEEP) if timer else (found.names[name], kind)
        yield from _core(trace, pe, start, activity, kind)
        before, until = pe, stop
    if before >= 0:
        yield from _core(trace, before, until, ASLEEP, ASLEEP)


def _core(trace: Trace, pe: int, tick: int, activity: str, kind: str) -> Iterator[Edge]:
    at = _picoseconds(trace, tick)
    yield at, pe, "activity", activity.replace(": ", "_").replace(" ", "_")
    for signal in ("busy", "waiting"):
        yield at, pe, signal, int(signal == kind)


def _of_transfers(trace: Trace, table: str, signal: str) -> Iterator[Edge]:
    rows = trace.tables[table]
    yield from _of_spans(trace, signal, rows["pe"], rows["started"], rows["finished"])


def _of_timesteps(trace: Trace) -> Iterator[Edge]:
    steps = trace.tables["steps"]
    columns = (steps["pe"], steps["timestep"], steps["released"])
    for pe, timestep, released in zip(*(column.tolist() for column in columns), strict=True):
        yield _picoseconds(trace, released), pe, "timestep", timestep
    deadline = steps["released"] + trace.period
    late = steps["finished"] > deadline
    yield from _of_spans(
        trace, "overrun", steps["pe"][late], deadline[late], steps["finished"][late]
    )


def _of_spans(trace: Trace, signal: str, pe: Ints, start: Ints, stop: Ints) -> Iterator[Edge]:
    """Up with the first span of a PE that is under way, down with the last."""
    order = np.lexsort((start, pe))
    current, until = -1, -1
    for owner, begin, end in zip(
        *(column[order].tolist() for column in (pe, start, stop)), strict=True
    ):
        if owner != current or begin > until:
            if current >= 0:
                yield _picoseconds(trace, until), current, signal, 0
            yield _picoseconds(trace, begin), owner, signal, 1
            current, until = owner, end
        until = max(until, end)
    if current >= 0:
        yield _picoseconds(trace, until), current, signal, 0


def _register(writer: Any, scope: str, signal: str, width: int) -> Any:
    if not width:
        return writer.register_var(scope, signal, "string", init=ASLEEP)
    return writer.register_var(scope, signal, "wire", size=width, init=0)


def _picoseconds(trace: Trace, tick: int) -> int:
    return tick * PICOSECONDS // trace.timebase.hz
