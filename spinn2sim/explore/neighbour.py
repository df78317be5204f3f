"""Neighbour SRAM: a PE that works uses the memory of the PEs in its QPE that do not.

The paper's PEs reach each other's SRAM "with only a few clock cycles latency"; nobody has published
a program that does. Here working PEs are spread over the QPEs, idle ones lend all of their data
SRAM in equal parts, and each array lies in near and far memory in the same proportion, so that any
word may be a far one. The cycles of a far word are those of ``chip.pe.sram.neighbour_*``, which are
guesses; ports are taken to be free, since the lenders' cores sleep. A program that places chosen
arrays there whole says so by its own layout (``hw.lending``).
"""

from __future__ import annotations

from spinn2sim.elaboration import make_firmware
from spinn2sim.errors import SpecError
from spinn2sim.explore.cost_variant import firmware_folder
from spinn2sim.feasibility import noise
from spinn2sim.firmware import CostTable
from spinn2sim.firmware.accesses import ACCESSES, Accesses, read_accesses
from spinn2sim.spec import Scenario


def lend_memory(scenario: Scenario) -> Scenario:
    """*scenario* with its PEs spread over the QPEs, each with the SRAM lent to it.

    As it was if it has more PEs than the chip, which elaboration refuses.
    """
    chip = scenario.chip
    working = -(-scenario.n_pe // len(chip.qpes))
    if working > chip.pes_per_qpe:
        return scenario
    sram = chip.pe.sram
    lent = sram.data_bytes * (chip.pes_per_qpe - working) // working
    larger = sram.with_changes(data_bytes=sram.data_bytes + lent)
    pe = chip.pe.with_changes(sram=larger)
    return scenario.with_changes(chip=chip.with_changes(pes_per_qpe=working, pe=pe))


def far_share(scenario: Scenario) -> float:
    """Share of the fullest PE's arrays that do not fit the SRAM of *scenario*, 0 to 1."""
    workload = noise(scenario, 1)
    outer = sorted({0, scenario.n_pe - 1})  # one of them is the fullest
    needed = max(
        make_firmware(scenario, workload, scenario.n_pe, pe).layout.n_bytes for pe in outer
    )
    return max(0.0, 1 - scenario.chip.pe.sram.variable_bytes / needed)


def with_far_words(table: CostTable, scenario: Scenario) -> CostTable:
    """*table* and the cycles that the far words of *scenario*, not lent to yet, cost more.

    :raises SpecError: the firmware does not say which words it touches.
    """
    share = far_share(scenario)
    sram = scenario.chip.pe.sram
    read, write = sram.neighbour_read_cycles, sram.neighbour_write_cycles
    source = f"{share:.0%} of the words in neighbour SRAM, +{read} to read and +{write} to write"
    terms = [term.model_dump() for term in table.terms]
    for access in load_accesses(scenario).terms:
        cycles = share * (access.reads * read + access.writes * write)
        terms.append(
            {
                "label": f"{access.label}.far_words",
                "cycles": cycles,
                "per": access.per,
                "every": access.every,
                "status": "guess",
                "source": f"{source}: {access.source}",
                "range": (0, 2 * cycles),
            }
        )
    return table.with_changes(terms=terms, provenance=f"{table.provenance}; what if: {source}")


def load_accesses(scenario: Scenario) -> Accesses:
    """What the firmware of *scenario* says of the words it touches.

    :raises SpecError: it says nothing, or what it says cannot be used.
    """
    if found := read_accesses(firmware_folder(scenario)):
        return found
    problem = f"has no {ACCESSES} beside it, so memory: neighbour means nothing to it"
    raise SpecError(f"firmware {scenario.firmware}", (problem,))
