"""The table of docs/mappings.md: each mapping scenario in a short run, as `check` makes it.

    python experiments/mappings.py

A short run is three blocks of input and a step more, on noise; its last step has the weight update.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from spinn2sim import Trace, load_scenario
from spinn2sim.feasibility import short_run
from spinn2sim.report import memory, real_time, summarise

SCENARIOS = Path(__file__).parent / "scenarios"

#: In the order of the page.
NAMES = (
    *("baseline", "neuron_based"),
    *("remote_moments", "remote", "local_1pe", "remote_1pe"),
    *("per_step", "bfloat16", "float16"),
    *("float_4", "float_16", "float_16_wide", "mac_array", "exp_log"),
)

HEADER = (
    *("scenario", "work in a step", "a plain step", "the last step", "waiting in a step"),
    *("most of one PE", "DMA", "fullest SRAM", "fits"),
)


def path_of(name: str) -> Path:
    """The file of the scenario *name*."""
    return SCENARIOS / f"mapping_{name}.yaml"


def table() -> str:
    """All scenarios, as Markdown."""
    rows = [HEADER, ("---",) * len(HEADER)]
    rows += [tuple(cells(name, short_run(load_scenario(path_of(name))))) for name in NAMES]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def cells(name: str, trace: Trace) -> Iterator[str]:
    """A row: cycles of the PE clock, but for bytes.

    Work and waiting (for others and for DMA) are means over PEs; steps are the longest of any PE.
    """
    summary, times, used = summarise(trace), real_time(trace), memory(trace)
    waiting = (times.waiting_for_others + times.waiting["dma"])[:, :-1].mean(axis=1)
    yield f"`{name}`"
    yield f"{summary.cycles_per_step:,.0f}"
    yield f"{times.response[:, :-1].max():,}"
    yield f"{times.response[:, -1].max():,}"
    yield f"{waiting.mean():,.0f}"
    yield f"{waiting.max():,.0f}"
    yield f"{trace.tables['dma']['n_bytes'].sum():,} B"
    yield f"{used.largest:,} of {used.capacity:,} B"
    yield "yes" if summary.fits else "**no**"


if __name__ == "__main__":
    sys.stdout.write(table())
