"""The coefficients behind the cycles of a profile, with their sources.

Cycles have two origins: the cost table of the firmware, whose terms are coefficients times sizes,
and the machine, which charges interrupts and DMA with cycles of the scenario.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from spinn2sim.firmware import CostTable, CostTerm
from spinn2sim.firmware.cost import n_units
from spinn2sim.report.guesses import shown
from spinn2sim.trace import Trace

#: Columns of a terminal.
WIDTH = 80

#: What the machine charges by itself, by label: fields of the scenario.
MACHINE = {
    "interrupt": (
        "chip.pe.wake_cycles",
        "chip.pe.interrupt_entry_cycles",
        "chip.pe.interrupt_exit_cycles",
        "chip.dma.completion_cycles",
    ),
    "dma_setup": ("chip.dma.setup_cycles",),
}


def cost_terms(trace: Trace, every: str, function: str | None = None) -> list[str]:
    """The terms of the cost table that PE 0 was charged by, of one *function* or of all."""
    if trace.meta["costs"] is None:
        return ["the firmware has no cost table: its program states its cycles"]
    table = CostTable.model_validate(trace.meta["costs"])
    sizes = trace.meta["sizes"][0]
    symbols = ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
    terms = [
        term
        for term in table.terms
        if term.every == every
        and function in {None, term.label.partition(".")[0]}
        and (term.only != "multi_pe" or trace.n_pe > 1)
    ]
    return [
        *wrapped(f"cost table {table.name!r}: {table.provenance}"),
        f"for PE 0 with {symbols}:",
        *_described(terms, sizes),
        *(f"  extrapolated: {size}" for size in table.extrapolated(sizes)),
    ]


def machine_cycles(trace: Trace) -> list[str]:
    """What the machine charged by itself in this run, with sources."""
    charged = [paths for label, paths in MACHINE.items() if label in trace.meta["labels"]]
    used_dma = bool(trace.tables["dma"]["pe"].size)
    paths = [path for found in charged for path in found if used_dma or "dma" not in path]
    return ["charged by the machine:", *(f"  {sourced(trace, path)}" for path in paths)]


def sourced(trace: Trace, path: str) -> str:
    """A value of the scenario with its source and confidence: ``path = value (source)``."""
    value = trace.meta["scenario"]
    for key in path.split("."):
        value = value[key]
    return f"{path} = {shown(path, value)} ({source(trace, path)})"


def source(trace: Trace, path: str) -> str:
    """Confidence and source of a value of the scenario."""
    found = trace.meta["scenario"]["provenance"].get(path)
    if found is None:
        return "no source given"
    return f"{found['confidence']}: {found['source']}".removesuffix(": -")


def wrapped(line: str, indent: str = "") -> list[str]:
    """*line* within the width of a terminal, its continuation indented."""
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _described(terms: list[CostTerm], sizes: Mapping[str, Any]) -> Iterator[str]:
    """A line for each term, and below terms with the same source that source."""
    for source, group in groupby(terms, key=lambda term: term.source):
        for term in group:
            units = n_units(term.per, sizes)
            low, high = term.range
            yield from wrapped(
                f"{term.label}: {term.cycles:g} x {term.per} = {term.cycles:g} x {units:,} = "
                f"{term.cycles * units:,.1f} ({term.status}, {low:g} to {high:g})",
                "  ",
            )
        yield from wrapped(f"source: {source}", "    ")
