"""A search as a user states it: a space, what to make small or large, and what must hold.

::

    name: frugal
    base: {preset: paper-12pe, machine: spinnaker2}
    space:
      chip.pe.clock: [65MHz, 150MHz, 300MHz]
      n_pe: {low: 1, high: 48}
      parameters.n_rec: {low: 20, high: 400, scale: log}
    minimise: [power_chip_mw]
    maximise: [parameters.n_rec]
    constraints: [slack_cycles >= 0, utilisation_memory <= 1]
    trials: 200
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from spinn2sim.errors import SpecError
from spinn2sim.explore.axes import Changes, Values
from spinn2sim.explore.comparison import Comparison, parse_comparison
from spinn2sim.explore.fidelities import fidelity_kind
from spinn2sim.explore.fields import refuse_unknown_field
from spinn2sim.explore.plan import Plan, make_plan
from spinn2sim.explore.sweep_file import Base, Fidelity, Name, Sweep, as_fidelity, read_mapping
from spinn2sim.explore.variant import is_of_variant, refuse_unknown_variant
from spinn2sim.plain_yaml import write_yaml
from spinn2sim.quantity import Within
from spinn2sim.spec import Scenario
from spinn2sim.validated import Validated, nearest, validate


class Search(Validated):
    """A question about the best scenarios."""

    name: Name
    base: Base
    space: Annotated[dict[str, Values], Field(min_length=1)]
    """Field paths with a range, or a list to choose from."""
    fidelities: Annotated[
        tuple[Annotated[Fidelity, BeforeValidator(as_fidelity)], ...], Field(min_length=1)
    ] = (Fidelity(fidelity="check"),)
    """All of them answer each trial; where two have the same output, the later one counts."""
    minimise: tuple[str, ...] = ()
    """Outputs, or fields of the space."""
    maximise: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    """Comparisons of outputs with numbers; trials that miss one are steered away from."""
    trials: Annotated[int, Within(1, 100_000, "trial")] = 100
    batch: Annotated[int, Within(1, 1_000, "trial")] = 8
    """Trials chosen at once. The answer depends on it, and not on the number of workers."""
    seed: Annotated[int, Within(0, 2**31, "1")] = 0
    """Of the search; the points have the seed of the base, so that only the space differs."""

    @model_validator(mode="after")
    def _has_objectives(self) -> Self:
        if not self.objectives:
            raise ValueError("name at least one output to minimise or maximise")
        if len(set(self.objectives)) < len(self.objectives):
            raise ValueError("minimise and maximise name an output twice")
        if any(each.where or each.at_most for each in self.fidelities):
            raise ValueError("fidelities: a search looks at all of its trials alike")
        return self

    @property
    def objectives(self) -> tuple[str, ...]:
        """What is made small, then what is made large."""
        return (*self.minimise, *self.maximise)

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The constraints."""
        return tuple(parse_comparison(text, "constraints") for text in self.constraints)

    def plan(self, scenario: Scenario, trials: Sequence[Changes]) -> Plan:
        """The points of *trials*, a row for each trial and fidelity."""
        content = {
            "name": self.name,
            "base": self.base.model_dump(),
            "axes": [{"list": list(trials)}],
            "fidelities": [each.model_dump() for each in self.fidelities],
            "seeds": "base",
        }
        return make_plan(validate(Sweep, content, self.name), scenario, self.name)


def load_search(path: Path) -> tuple[Search, Scenario]:
    """The search in the file *path* and its base scenario.

    :raises MissingFileError: there is no such file.
    :raises SpecError: something in it cannot be used.
    """
    search = validate(Search, read_mapping(path, "search"), str(path))
    scenario = search.base.load(path.parent)
    _refuse_unknown(search, scenario, str(path))
    return search, scenario


def dump_search(search: Search, scenario: Scenario) -> str:
    """*search* as YAML that rests on no other file, *scenario* being its base."""
    content = search.model_dump(mode="json", exclude_none=True)
    base = {"scenario": scenario.model_dump(mode="json", exclude_none=True)}
    return write_yaml({**content, "base": base})


def _refuse_unknown(search: Search, scenario: Scenario, where: str) -> None:
    for path in search.space:
        if is_of_variant(path):
            refuse_unknown_variant(scenario, path, where)
        else:
            refuse_unknown_field(scenario, path, where)
    kinds = [fidelity_kind(each.fidelity, where) for each in search.fidelities]
    known = [*search.space, *(name for kind in kinds for name in kind.outputs)]
    for wanted in (*search.objectives, *(each.left for each in search.comparisons)):
        if not any(fnmatchcase(wanted, name) for name in known):
            raise SpecError(where, (f"no output {wanted!r}{nearest(wanted, known, 'outputs')}",))
    for each in search.comparisons:
        if isinstance(each.right, bool) or not isinstance(each.right, int | float):
            problem = f"constraints: {each.text!r}: a search needs a number on the right"
            raise SpecError(where, (problem,))
