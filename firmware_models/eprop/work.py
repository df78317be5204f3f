"""The cycles of each function of the program, out of a cost table that must name just these."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from firmware_models.eprop.arrays import Optimiser
from spinn2sim.errors import SpecError
from spinn2sim.firmware import Charge, CostTable, PEContext, load_cost_table
from spinn2sim.firmware.ops import Compute, Every
from spinn2sim.validated import nearest

FOLDER = Path(__file__).with_name("costs")

NEURONS = (
    "read_input",
    "input_current",
    "recurrent_current",
    "alif_update",
    "pseudo_derivative",
)
SEND = ("send_spikes",)
RECEIVE = ("receive_spikes", "sync")
TRACES = ("e_prop", "output")
REDUCE = ("reduce_output",)
ERROR = ("softmax_loss",)
LEARN = ("learning_signal", "weight_update")

FUNCTIONS: dict[Every, tuple[str, ...]] = {
    "step": NEURONS + SEND + RECEIVE + TRACES,
    "sample": REDUCE + ERROR + LEARN,
}
SIZES = ("L", "I", "R", "O")

#: What is charged once in a mini-batch. A table that does not divide weight_update has it all here.
OF_THE_UPDATE = {
    "weight_update",
    *(f"weight_update.{name}" for name in get_args(Optimiser)),
    *(f"weight_update.{array}.{part}" for array in "wmv" for part in ("far", "convert")),
}

#: What a mini-batch over groups of PEs adds.
ALL_REDUCE = ("all_reduce.add", "all_reduce.send", "all_reduce.receive")


class Work:
    """The program's compute ops, made once. One PE alone has nothing to send or receive."""

    def __init__(self, table: CostTable, sizes: Mapping[str, int], pe: PEContext) -> None:
        charges = charges_of(table, sizes, pe)
        several = pe.n_pe > 1
        self.neurons = work_of(charges, *NEURONS, *(SEND if several else ()))
        self.traces = work_of(charges, *(RECEIVE if several else ()), *TRACES)
        self.reduce = work_of(charges, *REDUCE)
        self.error = work_of(charges, *ERROR)
        self.learn = work_of(charges, *LEARN)
        self.gradient = Compute(
            tuple(charge for charge in self.learn.charges if charge.label not in OF_THE_UPDATE)
        )
        """What ``learn`` is in a sample that does not end a mini-batch."""
        self.update = Compute(
            tuple(charge for charge in self.learn.charges if charge.label in OF_THE_UPDATE)
        )
        """The rest of it."""
        exchange = charges.get("all_reduce", ())
        self.add, self.signal, self.take_signal = (
            Compute(tuple(charge for charge in exchange if charge.label == label))
            for label in ALL_REDUCE
        )
        """What a PE does with a gradient of another group, and with a packet about one."""


def charges_of(
    table: CostTable, sizes: Mapping[str, int], pe: PEContext
) -> dict[str, tuple[Charge, ...]]:
    """What *pe* is charged for each function."""
    step, sample = (table.charges(sizes, every, n_pe=pe.n_pe, pe=pe.pe) for every in FUNCTIONS)
    return {**sample, **step}  # at an update in each time step, all is of the step


def work_of(charges: Mapping[str, tuple[Charge, ...]], *functions: str) -> Compute:
    """The op that does *functions* one after the other."""
    return Compute(tuple(charge for name in functions for charge in charges[name]))


def load_costs(name: str) -> CostTable:
    """The table *name* of this firmware, or that of the file *name*.

    :raises SpecError: it lacks a function of the program, has one the program does not know, or
        counts in sizes other than L own neurons, I inputs, R recurrent and O readout neurons.
    """
    table = load_cost_table(name, FOLDER)
    problems = [
        f"sizes: unknown size {symbol!r}{nearest(symbol, list(SIZES), 'sizes')}"
        for symbol in table.sizes
        if symbol not in SIZES
    ]
    for every, expected in FUNCTIONS.items():
        terms = (term.label.partition(".")[0] for term in table.terms if term.every == every)
        found = list(dict.fromkeys(terms))
        problems += [
            f"terms: no term of every {every} is for the function {function!r}"
            f"{nearest(function, [other for other in found if other not in expected], 'functions')}"
            for function in expected
            if function not in found
        ]
        problems += [
            f"terms: no function of every {every} is called {function!r}"
            f"{nearest(function, list(expected), 'functions')}"
            for function in found
            if function not in expected
        ]
    if problems:
        raise SpecError(f"cost table {name}", tuple(problems))
    return table
