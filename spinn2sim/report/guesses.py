"""The guesses that a run leaned on: numbers without a source, in parts of the machine it used.

A part counts as used if the trace has a record of it; whether another value would have changed the
run is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from spinn2sim.quantity import Quantity
from spinn2sim.report.energy import link_bits
from spinn2sim.spec import Scenario
from spinn2sim.trace import Cause, Trace


@dataclass(frozen=True, slots=True)
class Guess:
    """One value that nobody has published."""

    path: str
    """Key path in the scenario, or label in the cost table."""
    value: str
    """As a user would write it: ``65MHz``."""
    range: str
    """What it may be, or ``-``."""
    source: str


def guesses(trace: Trace) -> tuple[Guess, ...]:
    """Guesses of the machine and of the cost table that could change what this run reports."""
    scenario = trace.meta["scenario"]
    machine = [
        Guess(path, shown(path, _look_up(scenario, path)), _range(found), found["source"])
        for path, found in scenario["provenance"].items()
        if found["confidence"] == "guess" and _used(trace, path)
    ]
    terms = (trace.meta["costs"] or {}).get("terms", ())
    charged = (term for term in terms if term["only"] != "multi_pe" or trace.n_pe > 1)
    return (*machine, *(_term(term) for term in charged if term["status"] == "guess"))


def extrapolations(trace: Trace) -> tuple[str, ...]:
    """Sizes outside the range on which the cost table was fitted, in words."""
    costs = trace.meta["costs"]
    if costs is None:
        return ()
    found = []
    for symbol, (low, high) in costs["fitted_on"].items():
        sizes = sorted({sizes[symbol] for sizes in trace.meta["sizes"] if symbol in sizes})
        outside = [size for size in sizes if not low <= size <= high]
        if outside:
            found.append(
                f"{symbol} = {', '.join(map(str, outside))} (fitted on {low:g} to {high:g})"
            )
    return tuple(found)


def _used(trace: Trace, path: str) -> bool:
    """Whether the run used the part of the machine that *path* describes."""
    tables, scenario = trace.tables, trace.meta["scenario"]
    packets = bool(tables["links"]["n_flits"].sum())
    used = {
        "board": packets,
        "chip.event_router": packets and scenario["chip"]["noc"]["multicast"] == "event_router",
        "chip.noc": packets,
        "chip.qpes": packets,
        "chip.comms": packets,
        "chip.dma": bool(tables["dma"]["pe"].size),
        "chip.pe.sram.neighbour": _read_neighbours(trace),
        "host": bool(tables["refills"]["pe"].size),
        "power.flit_hop_pj": packets,
        "power.link_bit_pj": bool(link_bits(trace)),
        "power.dram_bit_pj": bool(tables["dram"]["pe"].size),
        "chip.dram": bool(tables["dram"]["pe"].size),
        "chip.pe.dvfs_switch": bool(tables["levels"]["pe"].size),
    }
    return all(use for prefix, use in used.items() if path.startswith(prefix))


def _read_neighbours(trace: Trace) -> bool:
    """Whether more cycles were lost in SRAM than DMA and host can have taken from its banks."""
    chip, waits = trace.meta["scenario"]["chip"], trace.tables["waits"]
    sizes = (trace.tables[table]["n_bytes"] for table in ("refills", "dma", "dma"))  # both ends
    n_beats = sum(int((-(-n_bytes * 8 // chip["dma"]["beat_bits"])).sum()) for n_bytes in sizes)
    lost = (waits["stop"] - waits["start"])[waits["cause"] == Cause.SRAM].sum()
    return int(lost) * int(chip["pe"]["sram"]["banks"]) > trace.pe_clock.ticks(n_beats)


def _look_up(content: Mapping[str, Any], path: str) -> Any:
    for key in path.split("."):
        content = content[key]
    return content


def shown(path: str, value: Any) -> str:
    """*value* of the key *path* of a scenario, in the largest unit in which it is whole."""
    model: Any = Scenario
    for key in path.split("."):
        field = model.model_fields[key]
        # Of an optional group or number, the group or number.
        model = next(iter(get_args(field.annotation)), field.annotation)
    kinds = (*field.metadata, *getattr(model, "__metadata__", ()))
    kind = next((kind for kind in kinds if isinstance(kind, Quantity)), None)
    if value is None:
        return "none"
    if not isinstance(value, int):
        return str(value)
    if kind is None:
        return f"{value:,}"
    return kind.text(value)


def _range(found: Mapping[str, Any]) -> str:
    low_high = found.get("range")
    return f"{low_high[0]} to {low_high[1]}" if low_high else "-"


def _term(term: Mapping[str, Any]) -> Guess:
    low, high = term["range"]
    value = f"{term['cycles']:g} cycles per {term['per']}"
    return Guess(f"costs: {term['label']}", value, f"{low:g} to {high:g}", term["source"])
