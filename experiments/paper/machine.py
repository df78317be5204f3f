"""The machines, as the presets describe them."""

from __future__ import annotations

from typing import Any

from experiments.paper import runs
from spinn2sim.claims import Found
from spinn2sim.spec import Scenario

KB = 1024


def n_pe(*, machine: str) -> Found:
    """PEs of a machine."""
    chip = _on(machine).chip
    return Found(chip.n_pe, f"{len(chip.qpes)} QPEs of {chip.pes_per_qpe}")


def clock_mhz(*, machine: str) -> float:
    """Clock rate of its PEs."""
    return _on(machine).chip.pe.clock / 1e6


def highest_clock_mhz(*, machine: str) -> float:
    """The fastest clock that its power figures are for."""
    return max(level.max_clock for level in _on(machine).power.levels) / 1e6


def sram_kb() -> Found:
    """SRAM of a PE."""
    sram = _on(runs.PROTOTYPE).chip.pe.sram
    parts = f"{sram.code_bytes // KB} KB instructions, {sram.data_bytes // KB} KB data"
    return Found((sram.code_bytes + sram.data_bytes) // KB, parts)


def variables_kb() -> int:
    """What a run has for variables on each PE."""
    return runs.summary().sram_bytes_available // KB


def neighbour_read_cycles() -> Found:
    """Extra cycles to read a word of another SRAM in the QPE."""
    scenario = _on(runs.PROTOTYPE)
    key = "chip.pe.sram.neighbour_read_cycles"
    provenance: Any = scenario.provenance[key]
    low, high = provenance.range
    return Found(
        scenario.chip.pe.sram.neighbour_read_cycles,
        f"{provenance.confidence}, {low} to {high}",
    )


def period_kcycles(*, clock: str, machine: str) -> float:
    """Cycles that a time step has."""
    found = runs.summary(runs.PAPER, f"chip.pe.clock={clock}", machine=machine)
    return found.period_cycles / 1e3


def _on(machine: str) -> Scenario:
    return runs.scenario(machine=machine)
