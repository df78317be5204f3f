"""A unit beside the core that takes functions over: how fast it is, and what it takes to start it.

The MAC array, the exp/log unit, an accelerator that nobody has built yet. The core waits for it, so
a unit is another price for some functions of a cost table. It changes no number: the program
computes what it computed, whether or not such a unit could do that.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from spinn2sim.errors import SpecError
from spinn2sim.firmware.cost import CostTable, CostTerm, Status, locate
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.quantity import Within
from spinn2sim.validated import Validated, nearest, validate

Amount = Annotated[float, Within(0, 1e6, "1")]
Rate = Annotated[float, Within(1e-6, 1e6, "1")]


class Figure(Validated):
    """A number of the unit, with its provenance."""

    value: Rate
    range: tuple[Rate, Rate]
    status: Status
    source: str


class Taken(Validated):
    """What the unit does of a function, for each unit of the product of sizes ``per``."""

    label: str
    """Function, or a part of it; all of its terms in the cost table are replaced."""
    per: str
    operations: Amount
    """On the unit."""
    words: Amount = 0.0
    """Read from SRAM and written to it by the unit."""
    core_cycles: Amount = 0.0
    """What is left to the core."""
    source: str


class Unit(Validated):
    """A piece of hardware that a firmware may use instead of the core."""

    name: str
    """Part of the labels of what it does."""
    provenance: str
    operations_per_cycle: Figure
    """In PE cycles, as it is kept busy; what it idles for is counted in."""
    words_per_cycle: Figure | None = None
    """Of its way to the SRAM; None if that is no limit."""
    setup_cycles: Figure
    """Of the core, to start it and to learn that it is done; once for each entry of ``takes``."""
    takes: tuple[Taken, ...]

    def in_place_of_the_core(self, table: CostTable) -> CostTable:
        """*table* where the unit does what it takes.

        :raises SpecError: the table has no such function.
        """
        terms = list(table.terms)
        for label in dict.fromkeys(taken.label for taken in self.takes):
            replaced = [term for term in terms if _is_of(term.label, label)]
            if not replaced:
                problem = f"takes: cost table {table.name!r} has no function {label!r}"
                known = sorted({term.label.partition(".")[0] for term in table.terms})
                raise SpecError(
                    f"unit {self.name}", (f"{problem}{nearest(label, known, 'functions')}",)
                )
            at, first = terms.index(replaced[0]), replaced[0]
            new = [
                term.with_changes(every=first.every, only=first.only)
                for taken in self.takes
                if taken.label == label
                for term in self._terms(taken)
            ]
            terms = (
                [term for term in terms[:at] if term not in replaced]
                + new
                + [term for term in terms[at:] if term not in replaced]
            )
        provenance = f"{table.provenance}; with unit {self.name}: {self.provenance}"
        content = [term.model_dump() for term in terms]
        return table.with_changes(terms=content, provenance=provenance)

    def _terms(self, taken: Taken) -> tuple[CostTerm, CostTerm]:
        rate, words = self.operations_per_cycle, self.words_per_cycle
        slow, fast = (
            _cycles(taken, rate.range[end], words.range[end] if words else None) for end in (0, 1)
        )
        work = CostTerm(
            label=f"{taken.label}.{self.name}",
            cycles=_cycles(taken, rate.value, words.value if words else None),
            per=taken.per,
            status=rate.status,
            source=f"{taken.source}; {rate.source}",
            range=(fast, slow),
        )
        start = CostTerm(
            label=f"{taken.label}.{self.name}_setup",
            cycles=self.setup_cycles.value,
            per="1",
            status=self.setup_cycles.status,
            source=self.setup_cycles.source,
            range=self.setup_cycles.range,
        )
        return work, start


def load_unit(name: str, folder: Path) -> Unit:
    """The unit *name* in *folder*, or the one in the file that *name* is the path of.

    :raises MissingFileError: there is neither.
    :raises SpecError: the file is no unit.
    """
    path = locate("unit", name, folder)
    return _parse(path.read_text("utf-8"), str(path))


@lru_cache
def _parse(text: str, where: str) -> Unit:
    return validate(Unit, read_yaml(text, where), where)


def _cycles(taken: Taken, operations_per_cycle: float, words_per_cycle: float | None) -> float:
    """The slower of the unit and its way to the SRAM, and then the core."""
    moving = taken.words / words_per_cycle if words_per_cycle else 0.0
    return max(taken.operations / operations_per_cycle, moving) + taken.core_cycles


def _is_of(label: str, function: str) -> bool:
    return label == function or label.startswith(f"{function}.")
