"""The plan: every row of a sweep's table, worked out before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from spinn2sim.errors import SpecError, Spinn2SimError
from spinn2sim.explore.address import seed_of
from spinn2sim.explore.axes import Changes, combinations
from spinn2sim.explore.comparison import Comparison, parse_comparison
from spinn2sim.explore.fidelities import fidelity_kind, fidelity_settings
from spinn2sim.explore.fields import field_value, is_field, refuse_unknown_field, with_fields
from spinn2sim.explore.point import Point, make_point
from spinn2sim.explore.sweep_file import Fidelity, Sweep
from spinn2sim.explore.variant import (
    Variant,
    is_of_variant,
    make_variant,
    refuse_unknown_variant,
)
from spinn2sim.spec import Scenario
from spinn2sim.validated import Validated, nearest

SEED = "seed"


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be: its place on the axes, and its point, or why it has none."""

    fidelity: str
    place: Mapping[str, Any]
    """Values by field path, as the scenario holds them (in base units)."""
    seed: int | None
    point: Point | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep, worked out."""

    sweep: Sweep
    scenario: Scenario
    """The base of all points."""
    rows: tuple[Row, ...]
    constraints: tuple[Comparison, ...]

    def points(self) -> dict[str, Point]:
        """Each point once, by its key."""
        return {row.point.key: row.point for row in self.rows if row.point is not None}

    def shard(self, number: int, n: int) -> Plan:
        """Part *number* of *n*, from 0: every n-th row, so that parts take about as long."""
        return replace(self, rows=self.rows[number::n])


def make_plan(sweep: Sweep, scenario: Scenario, where: str) -> Plan:
    """Work out *sweep* over *scenario*. A combination that makes no scenario is a row all the same.

    :raises SpecError: an axis, comparison, output or fidelity names what is not there, or nothing
        is left; names *where*.
    """
    for path in sweep.fields:
        if is_of_variant(path):
            refuse_unknown_variant(scenario, path, where)
        else:
            refuse_unknown_field(scenario, path, where)
    settings = [fidelity_settings(each.fidelity, each.settings, where) for each in sweep.fidelities]
    constraints = tuple(parse_comparison(text, where) for text in sweep.constraints)
    _refuse_unknown_outputs(sweep, constraints, where)
    combined = [_Combination(scenario, changes) for changes in _all(sweep, where)]
    combined = _where(combined, sweep.where, scenario, where)
    if sweep.seeds == "point" and SEED not in sweep.fields:
        for each in combined:
            each.draw_seed()
    rows = tuple(
        row
        for fidelity, each in zip(sweep.fidelities, settings, strict=True)
        for row in _rows(combined, fidelity, each, scenario, where)
    )
    if not rows:
        raise SpecError(where, ("no point is left; see where",))
    return Plan(sweep, scenario, rows, constraints)


class _Combination:
    """Changes, and the scenario that they make of the base."""

    def __init__(self, base: Scenario, changes: Changes) -> None:
        self.scenario: Scenario | None = None
        self.variant = Variant()
        self.error = ""
        fields = {path: value for path, value in changes.items() if not is_of_variant(path)}
        self.place = dict(changes)
        try:
            self.variant = make_variant({k: v for k, v in changes.items() if k not in fields})
            self.scenario = made = with_fields(base, fields)
            self.place |= {path: field_value(made, path) for path in fields}
        except Spinn2SimError as error:
            self.error = str(error)

    def draw_seed(self) -> None:
        """A seed that depends on all the rest and on nothing else."""
        if self.scenario is not None:
            seed = seed_of(self.scenario, self.variant)
            self.scenario = with_fields(self.scenario, {SEED: seed})

    def value(self, path: str) -> Any:
        """At *path*; None if these changes make no scenario and do not name it."""
        if path in self.place or self.scenario is None or is_of_variant(path):
            return self.place.get(path)
        return field_value(self.scenario, path)


def _all(sweep: Sweep, where: str) -> list[Changes]:
    try:
        return combinations(sweep.axes, sweep.seed)
    except ValueError as error:
        raise SpecError(where, (f"axes: {error}",)) from None


def _rows(
    combined: Sequence[_Combination],
    fidelity: Fidelity,
    settings: Validated,
    scenario: Scenario,
    where: str,
) -> Iterator[Row]:
    chosen = _where(combined, fidelity.where, scenario, where)
    for each in _spread(chosen, fidelity.at_most):
        point = None
        if each.scenario is not None:
            point = make_point(each.scenario, each.variant, fidelity.fidelity, settings)
        seed = None if each.scenario is None else each.scenario.seed
        yield Row(fidelity.fidelity, each.place, seed, point, each.error)


def _spread(combined: Sequence[_Combination], at_most: int | None) -> Sequence[_Combination]:
    """*at_most* of them, as far apart as can be in the order of the sweep."""
    n = len(combined)
    if at_most is None or n <= at_most:
        return combined
    return [combined[k * n // at_most] for k in range(at_most)]


def _where(
    combined: Sequence[_Combination], texts: Sequence[str], scenario: Scenario, where: str
) -> list[_Combination]:
    """Those for which all comparisons hold; one that makes no scenario stays, to be a row."""
    comparisons = [parse_comparison(text, where, partial(is_field, scenario)) for text in texts]
    for each in comparisons:
        if not is_of_variant(each.left):
            refuse_unknown_field(scenario, each.left, f"{where}: where")
    return [
        each
        for each in combined
        if all(found.holds(each.value) is not False for found in comparisons)
    ]


def _refuse_unknown_outputs(sweep: Sweep, constraints: Sequence[Comparison], where: str) -> None:
    known = [
        name for each in sweep.fidelities for name in fidelity_kind(each.fidelity, where).outputs
    ]
    for wanted in (*sweep.outputs, *(each.left for each in constraints)):
        if not any(fnmatchcase(name, wanted) or fnmatchcase(wanted, name) for name in known):
            raise SpecError(where, (f"no output {wanted!r}{nearest(wanted, known, 'outputs')}",))
