"""Which terms of a cost table a program spends: those of its optimiser, its neurons, its rhythm.

The chosen table is of the paper's program: ALIF neurons, Adam, an update per sample. What another
program does without is taken out; what it adds comes from ``costs/parts/unprofiled.yaml``, guessed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from firmware_models.eprop.access_costs import access_terms
from firmware_models.eprop.arrays import Optimiser
from firmware_models.eprop.parameters import EpropParameters
from firmware_models.eprop.work import ALL_REDUCE
from spinn2sim.firmware import CostTable, CostTerm, FarCycles, load_cost_table
from spinn2sim.firmware.unit import load_unit

PARTS = Path(__file__).with_name("costs") / "parts"
UNITS = Path(__file__).with_name("costs") / "units"

#: Parts of functions that only some programs have.
OPTIONAL = frozenset(
    {f"weight_update.{optimiser}" for optimiser in get_args(Optimiser)}
    | {"weight_update.accumulate", "output.spike_count", "learning_signal.rate", *ALL_REDUCE}
)

#: Of these the feedback weights need as much as those of the readout, if they learn.
FOR_FEEDBACK = OPTIONAL | {"weight_update", "weight_update.gradient"}


def spent(
    table: CostTable,
    parameters: EpropParameters,
    far: FarCycles | None = None,
    n_groups: int = 1,
) -> CostTable:
    """*table* with the terms of the program that *parameters* ask for; itself, if it has them.

    *far* is what a word in a neighbour's SRAM costs more.
    """
    wanted = _wanted(table, parameters) | (set(ALL_REDUCE) if n_groups > 1 else set())
    kept = [term for term in table.terms if term.label in wanted or term.label not in OPTIONAL]
    missing = wanted - {term.label for term in kept}
    added = [term for term in _unprofiled().terms if term.label in missing] if missing else []
    terms = tuple(_adapted(term, parameters) for term in [*kept, *added])
    if terms != table.terms:
        sizes = {**table.sizes, "A": "own ALIF neurons"} if parameters.n_lif else table.sizes
        table = _with_terms(table, terms, sizes=sizes)
    for name in parameters.units:
        table = load_unit(name, UNITS).in_place_of_the_core(table)
    if accesses := [_adapted(term, parameters) for term in access_terms(parameters, far)]:
        table = _with_terms(table, (*table.terms, *accesses))
    return table


def _with_terms(table: CostTable, terms: tuple[CostTerm, ...], **changes: Any) -> CostTable:
    return table.with_changes(terms=[term.model_dump() for term in terms], **changes)


def _wanted(table: CostTable, parameters: EpropParameters) -> set[str]:
    """The optional parts of the program."""
    wanted = set()
    if all(term.label != "weight_update" for term in table.terms):  # it is whole in some tables
        wanted.add(f"weight_update.{parameters.optimiser}")
        if parameters.batch_size > 1:
            wanted.add("weight_update.accumulate")
    if parameters.rate_weight:
        wanted |= {"output.spike_count", "learning_signal.rate"}
    return wanted


def _adapted(term: CostTerm, parameters: EpropParameters) -> CostTerm:
    """*term* as this program does the work: for how many synapses, and how often."""
    changes: dict[str, str] = {}
    if parameters.n_lif and term.label.startswith("e_prop.eps_a"):
        changes["per"] = term.per.replace("L", "A")
    if parameters.feedback == "adaptive" and term.label in FOR_FEEDBACK and term.per == "L*O":
        changes["per"] = "2*L*O"
    if parameters.updates_each_timestep:
        changes["every"] = "step"
    return term.with_changes(**changes) if changes else term


def _unprofiled() -> CostTable:
    return load_cost_table("unprofiled", PARTS)
