"""The packets of a run as traffic for Noxim, the NoC simulator, in its format ``hardcoded``.

That is a line ``source destination`` for each packet, a line ``-1`` at the end of each cycle, and
comments behind ``%`` (Noxim, src/GlobalTrafficHardcoding.cpp). Nodes are numbered row by row. What
gets lost: a node is a QPE, so packets within one are left out; a multicast becomes a packet per
target; Noxim gives all packets a size of its own, of two flits at least; kinds and keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from spinn2sim.errors import SpecError
from spinn2sim.report.packets import refuse_none
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Trace

#: Each is a line of the file, and Noxim keeps them all in memory.
MAX_CYCLES = 10_000_000


def write_noxim(trace: Trace, path: Path, window: Window = WHOLE) -> None:
    """Write the packets sent in *window* to *path*; cycle 0 is that of the first of them.

    :raises SpecError: no packets were recorded, the run was on many chips, or it is too long.
    """
    refuse_none(trace, str(path))
    if trace.meta["scenario"].get("board"):
        raise SpecError(str(path), ("Noxim's mesh is one chip, and the run was on a board",))
    path.write_text("".join(_lines(trace, path, window)), encoding="utf-8")


def _lines(trace: Trace, path: Path, window: Window) -> Iterator[str]:
    chip, packets = trace.meta["scenario"]["chip"], trace.tables["packets"]
    xs, ys = zip(*chip["qpes"], strict=True)
    width, height = max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
    node = np.array([(y - min(ys)) * width + x - min(xs) for x, y in chip["qpes"]], np.int64)
    source, target = (node[packets[name] // chip["pes_per_qpe"]] for name in ("source", "target"))
    kept = window.holds(packets["sent"]) & (source != target)
    per_cycle = trace.timebase.clock(chip["noc"]["clock"]).ticks_per_cycle
    cycles = -(-packets["sent"][kept] // per_cycle)
    order = np.lexsort((packets["packet"][kept], cycles))
    first, last = int(cycles.min(initial=2**62)), int(cycles.max(initial=0))
    if last - first >= MAX_CYCLES:
        problem = f"{last - first:,} cycles, at most {MAX_CYCLES:,} are written; give a --window"
        raise SpecError(str(path), (problem,))
    yield f"% mesh_dim_x: {width}, mesh_dim_y: {height}, traffic_distribution: TRAFFIC_HARDCODED\n"
    now = first
    rows = zip(cycles[order], source[kept][order], target[kept][order], strict=True)
    for cycle, start, end in ((int(a), int(b), int(c)) for a, b, c in rows):
        yield "-1\n" * (cycle - now)
        yield f"{start} {end}\n"
        now = cycle
    yield "-1\n"
