"""Cycle costs as data: what each function costs, from where that is known, and for which sizes.

A table is a list of terms, each a coefficient times a product of sizes (``cycles: 56, per: L*I``).
Waiting is never a term: it comes out of the simulation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from spinn2sim.errors import MissingFileError, SpecError
from spinn2sim.firmware.ops import Charge, Every
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.validated import Validated, nearest, validate

Range: TypeAlias = tuple[float, float]
Only: TypeAlias = Literal["always", "multi_pe", "pe0"]
Status: TypeAlias = Literal["constrained", "free", "guess"]


class CostTerm(Validated):
    """One coefficient: ``cycles`` for each unit of the product ``per``."""

    label: str
    """Function, and after a dot its part: ``e_prop.eps_a.multiply``."""
    cycles: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """Cycles per unit of ``per``."""
    per: str
    """Product of sizes, as ``L*O``; ``1`` for a constant."""
    every: Every = "step"
    """Whether the work comes each time step or once per sample."""
    only: Only = "always"
    """On which PEs the work is done: all, all if there are several, or PE 0."""
    status: Status
    """Constrained: the sums that the source fixes leave it little room; free: its sum with others
    is fixed, the split is ours; guess: nothing fixes it."""
    source: str
    """Where the number comes from."""
    range: Range
    """Low and high end of what the coefficient may be."""


class CostTable(Validated):
    """Named cycle costs of a firmware's functions, with provenance."""

    name: str
    provenance: str
    """What the table was fitted to or measured on, in a sentence."""
    made_by: str
    """The command that makes this file."""
    sizes: dict[str, str]
    """Meaning of each size symbol."""
    fitted_on: dict[str, Range]
    """Range of each size on which the coefficients were fitted."""
    terms: tuple[CostTerm, ...]

    @cached_property  # no private attribute: it would take part in ==
    def _charges(self) -> dict[Any, dict[str, tuple[Charge, ...]]]:
        """What ``charges`` has found: most PEs of a run ask for the same."""
        return {}

    def charges(
        self, sizes: Mapping[str, int], every: Every, *, n_pe: int, pe: int
    ) -> dict[str, tuple[Charge, ...]]:
        """What PE *pe* of *n_pe* is charged, by function (the label before the first dot).

        Cycles are whole: what rounding one part of a function leaves over goes into its next part,
        so that a function is within one cycle of its formula.

        :raises SpecError: a term is per a size that is not in *sizes*.
        """
        case = (frozenset(sizes.items()), every, n_pe > 1, pe == 0)
        if case not in self._charges:
            self._charges[case] = self._charged(sizes, every, several=n_pe > 1, first=pe == 0)
        return dict(self._charges[case])

    def _charged(
        self, sizes: Mapping[str, int], every: Every, *, several: bool, first: bool
    ) -> dict[str, tuple[Charge, ...]]:
        if problems := _unknown_sizes(self.terms, list(sizes)):
            raise SpecError(f"cost table {self.name!r}", problems)
        applies = {"always": True, "multi_pe": several, "pe0": first}
        exact: dict[str, list[tuple[str, float]]] = {}
        for term in self.terms:
            if term.every == every:
                cycles = term.cycles * n_units(term.per, sizes) if applies[term.only] else 0.0
                exact.setdefault(term.label.partition(".")[0], []).append((term.label, cycles))
        return {function: _whole(parts, every) for function, parts in exact.items()}

    def extrapolated(self, sizes: Mapping[str, int]) -> tuple[str, ...]:
        """The sizes outside the range that the table was fitted on, in words."""
        return tuple(
            f"{symbol} = {sizes[symbol]} (fitted on {low:g} to {high:g})"
            for symbol, (low, high) in self.fitted_on.items()
            if symbol in sizes and not low <= sizes[symbol] <= high
        )


def load_cost_table(name: str, folder: Path) -> CostTable:
    """The table *name* in *folder*, or the one in the file that *name* is the path of.

    :raises MissingFileError: there is neither.
    :raises SpecError: the file is not a cost table.
    """
    path = locate("cost table", name, folder)
    try:
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise SpecError(str(path), (f"not text: {error}",)) from None


@lru_cache  # each PE asks for the same table, and YAML is slow to read
def _parse(text: str, where: str) -> CostTable:
    table = validate(CostTable, read_yaml(text, where), where)
    if problems := _contradictions(table):
        raise SpecError(where, problems)
    return table


def n_units(per: str, sizes: Mapping[str, int]) -> int:
    """The product of sizes that *per* states: ``2*L*O`` is 240 for 10 own neurons, 12 outputs."""
    return math.prod(
        int(factor) if factor.isdecimal() else sizes[factor] for factor in _factors(per)
    )


def locate(what: str, name: str, folder: Path) -> Path:
    """The file *name* in *folder*, or the one that *name* is the path of; *what* it describes.

    :raises MissingFileError: there is neither.
    """
    path = folder / f"{name}.yaml"
    if Path(name).name != name or not path.is_file():
        path = Path(name)
    if not path.is_file():
        known = sorted(path.stem for path in folder.glob("*.yaml"))
        remedy = f"name a YAML file or one of: {', '.join(known)}" if known else "name a YAML file"
        raise MissingFileError(what, name, remedy)
    return path


def _contradictions(table: CostTable) -> tuple[str, ...]:
    """What is wrong between the fields of *table*, each of which is sound on its own."""
    known = list(table.sizes)
    unknown_fits = [
        f"fitted_on: unknown size {symbol!r}{nearest(symbol, known, 'sizes')}"
        for symbol in table.fitted_on
        if symbol not in known
    ]
    ranges = [(f"terms: {term.label}: range", term.range) for term in table.terms]
    ranges += [(f"fitted_on: {symbol}", span) for symbol, span in table.fitted_on.items()]
    reversed_ranges = [
        f"{where}: the low end {low:g} is above the high end {high:g}"
        for where, (low, high) in ranges
        if low > high
    ]
    return (*_unknown_sizes(table.terms, known), *unknown_fits, *reversed_ranges)


def _unknown_sizes(terms: tuple[CostTerm, ...], known: list[str]) -> tuple[str, ...]:
    return tuple(
        f"terms: {term.label}: unknown size {symbol!r} in per: {term.per!r}"
        f"{nearest(symbol, known, 'sizes')}"
        for term in terms
        for symbol in _factors(term.per)
        if not symbol.isdecimal() and symbol not in known
    )


@lru_cache
def _factors(per: str) -> tuple[str, ...]:
    return tuple(factor.strip() for factor in per.split("*"))


def _whole(parts: list[tuple[str, float]], every: Every) -> tuple[Charge, ...]:
    charges: list[Charge] = []
    exact, spent = 0.0, 0
    for label, cycles in parts:
        exact += cycles
        whole = round(exact) - spent
        spent += whole
        charges.append(Charge(label, whole, every))
    return tuple(charges)
