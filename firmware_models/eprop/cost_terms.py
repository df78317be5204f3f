"""Which terms of a cost table a program spends: those of its optimiser, its neurons, its rhythm.

The chosen table is of the paper's program: ALIF neurons, Adam, an update per sample. What another
program does without is taken out; what it adds comes from ``costs/parts/unprofiled.yaml``, guessed.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from firmware_models.eprop.parameters import EpropParameters, Optimiser
from firmware_models.eprop.work import ALL_REDUCE
from spinn2sim.firmware import CostTable, load_cost_table
from spinn2sim.firmware.cost import CostTerm

PARTS = Path(__file__).with_name("costs") / "parts"

#: Parts of functions that only some programs have.
OPTIONAL = frozenset(
    {f"weight_update.{optimiser}" for optimiser in get_args(Optimiser)}
    | {"weight_update.accumulate", "output.spike_count", "learning_signal.rate", *ALL_REDUCE}
)

#: Of these the feedback weights need as much as those of the readout, if they learn.
FOR_FEEDBACK = OPTIONAL | {"weight_update", "weight_update.gradient"}


def spent(table: CostTable, parameters: EpropParameters, n_groups: int = 1) -> CostTable:
    """*table* with the terms of the program that *parameters* ask for; itself, if it has them."""
    wanted = _wanted(table, parameters) | (set(ALL_REDUCE) if n_groups > 1 else set())
    kept = [term for term in table.terms if term.label in wanted or term.label not in OPTIONAL]
    missing = wanted - {term.label for term in kept}
    added = [term for term in _unprofiled().terms if term.label in missing] if missing else []
    terms = tuple(_adapted(term, parameters) for term in [*kept, *added])
    if terms == table.terms:
        return table
    sizes = {**table.sizes, "A": "own ALIF neurons"} if parameters.n_lif else table.sizes
    return table.with_changes(terms=[term.model_dump() for term in terms], sizes=sizes)


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
