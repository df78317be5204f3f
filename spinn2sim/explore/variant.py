"""A variant: what a what-if question changes beyond the fields of a scenario.

``memory`` is ``local`` or ``neighbour``; ``costs.FUNCTION`` is what the cycles of a function, or of
a part such as ``e_prop.filter``, are multiplied by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spinn2sim.errors import SpecError
from spinn2sim.explore.cost_variant import (
    cost_table,
    refuse_unknown_function,
    scaled,
    write_table,
)
from spinn2sim.explore.neighbour import lend_memory, with_far_words
from spinn2sim.spec import Scenario
from spinn2sim.validated import nearest

MEMORY, COSTS = "memory", "costs."
MEMORIES = ("local", "neighbour")


@dataclass(frozen=True, slots=True)
class Variant:
    """Values are checked by ``make_variant``."""

    memory: str = MEMORIES[0]
    costs: tuple[tuple[str, float], ...] = ()
    """Functions and factors."""

    @contextmanager
    def realised(self, scenario: Scenario) -> Iterator[Scenario]:
        """*scenario* as this variant of it, its cost table in a file that lasts as long.

        :raises SpecError: its firmware has nothing that could vary so.
        """
        if self == Variant():
            yield scenario
            return
        table = scaled(cost_table(scenario), dict(self.costs))
        if self.memory == "neighbour":
            table = with_far_words(table, scenario)
            scenario = lend_memory(scenario)
        with TemporaryDirectory(prefix="spinn2sim-") as folder:
            path = Path(folder) / "costs.yaml"
            write_table(table, path)
            parameters = {**scenario.parameters, "cost_table": str(path)}
            yield scenario.with_changes(parameters=parameters)


def is_of_variant(path: str) -> bool:
    """Whether a field path means something of the variant."""
    return path == MEMORY or path.startswith(COSTS)


def refuse_unknown_variant(scenario: Scenario, path: str, where: str) -> None:
    """:raises SpecError: *path* is ``costs.`` of a function that *scenario* charges nothing for."""
    if path.startswith(COSTS):
        refuse_unknown_function(cost_table(scenario), path.removeprefix(COSTS), where)


def make_variant(values: Mapping[str, Any]) -> Variant:
    """The variant that *values*, by path, ask for.

    :raises SpecError: a value cannot be used.
    """
    memory = values.get(MEMORY, MEMORIES[0])
    if memory not in MEMORIES:
        problem = f"{MEMORY} = {memory!r}{nearest(memory, list(MEMORIES), 'memories')}"
        raise SpecError("variant", (problem,))
    costs = []
    for path, factor in values.items():
        if not path.startswith(COSTS):
            continue
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not factor >= 0:
            problem = f"{path} = {factor!r}: expected a factor, 0 or more"
            raise SpecError("variant", (problem,))
        costs.append((path.removeprefix(COSTS), float(factor)))
    return Variant(memory, tuple(sorted(costs)))
