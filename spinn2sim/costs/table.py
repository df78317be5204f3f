"""A cost table out of a profile: a formula for each function, with how well it predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.costs.fitting import MIN_SIZES, FittedTerm, Formula, fit_formula, units_of
from spinn2sim.costs.profile import Measurements, Profile
from spinn2sim.errors import SpecError
from spinn2sim.firmware.cost import CostTable, CostTerm, Only
from spinn2sim.firmware.ops import Every
from spinn2sim.validated import nearest


class Occasion(NamedTuple):
    """When and where a function runs, which no profile says."""

    every: Every
    only: Only


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A cost table, and what stands behind it."""

    table: CostTable
    formulas: Mapping[str, Formula]
    """By cost label."""
    left_out: Mapping[Every, float | None]
    """Largest relative error of the cycles of a whole step, and sample, at a size that no formula
    was chosen or fitted on. None if there is no size at which all its functions were measured, or
    too few to leave one out."""
    missing: tuple[str, ...]
    """Functions of the table that it is like, which the profile does not have."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        formulas = {
            label: {**asdict(formula), "formula": str(formula)}
            for label, formula in self.formulas.items()
        }
        return {
            "table": self.table.model_dump(mode="json"),
            "formulas": formulas,
            "left_out": dict(self.left_out),
            "missing": list(self.missing),
        }


def fit_table(
    profile: Profile, like: CostTable, *, name: str, measured_on: str, made_by: str, complete: bool
) -> FittedTable:
    """The cost table *name* of *profile*; when and where functions run is as in *like*.

    ``measured_on`` says by whom and on what. If the table is to be *complete*, functions that were
    not measured are those of *like*, and say so.

    :raises SpecError: a function is not in *like*, or was measured at too few sizes.
    """
    occasions = occasions_of(profile, like)
    formulas = {
        label: fit_formula(measured, profile.symbols)
        for label, measured in profile.functions.items()
    }
    left_out = {every: left_out_error(profile, occasions, every) for every in EVERY}
    measured_functions = {function_of(label) for label in formulas}
    others = [term for term in like.terms if function_of(term.label) not in measured_functions]
    terms = [
        term
        for label, formula in formulas.items()
        for term in cost_terms(label, formula, occasions[label])
    ]
    terms += [_borrowed(term, like.name) for term in others] if complete else []
    table = CostTable(
        name=name,
        provenance=f"{measured_on}; {_predicted(left_out)}",
        made_by=made_by,
        sizes={symbol: like.sizes.get(symbol, symbol) for symbol in _symbols(profile, terms)},
        fitted_on={
            symbol: (int(column.min()), int(column.max()))
            for symbol, column in zip(profile.symbols, profile.sizes.T, strict=True)
        },
        terms=tuple(terms),
    )
    missing = tuple(dict.fromkeys(function_of(term.label) for term in others))
    return FittedTable(table, formulas, left_out, missing)


EVERY: tuple[Every, ...] = ("step", "sample")


def function_of(label: str) -> str:
    """``e_prop.filter.multiply`` is a part of ``e_prop``."""
    return label.partition(".")[0]


def occasions_of(profile: Profile, like: CostTable) -> dict[str, Occasion]:
    """When and where each label of *profile* runs: as its function does in *like*.

    :raises SpecError: that is not known, or it was measured at fewer than MIN_SIZES sizes.
    """
    known = {function_of(term.label): Occasion(term.every, term.only) for term in like.terms}
    problems = [
        f"function {function_of(label)!r} is not in cost table {like.name!r}, which says when a "
        f"function runs{nearest(function_of(label), list(known), 'functions')}"
        for label in profile.functions
        if function_of(label) not in known
    ]
    problems += [
        f"function {label!r} was measured at {len(measured.cycles)} sizes; a formula needs "
        f"{MIN_SIZES} or more"
        for label, measured in profile.functions.items()
        if len(measured.cycles) < MIN_SIZES
    ]
    if problems:
        raise SpecError("profile", tuple(problems))
    return {label: known[function_of(label)] for label in profile.functions}


def cost_terms(label: str, formula: Formula, occasion: Occasion) -> Iterator[CostTerm]:
    """The terms of the table that say *formula*."""
    said = (
        f"measured at {formula.n_sizes} sizes, fitted as {' + '.join(_products(formula))}: "
        f"R2 {formula.r2:.6f}, worst error {formula.worst_error:.2%}, of a size left out "
        f"{formula.worst_left_out:.2%}"
    )
    for term in formula.terms:
        yield CostTerm(
            label=label,
            cycles=rounded(term.cycles),
            per=term.per,
            every=occasion.every,
            only=occasion.only,
            status="constrained",
            source=said,
            range=(rounded(term.low), rounded(term.high)),
        )


def rounded(cycles: float) -> float:
    """*cycles* to six digits, far below what a formula says."""
    return float(f"{cycles:.6g}")


def left_out_error(
    profile: Profile, occasions: Mapping[str, Occasion], every: Every
) -> float | None:
    """Largest relative error of the sum of all functions of *every*, at a size left out.

    Formulas are chosen and fitted anew without that size.
    """
    measured = [
        function for label, function in profile.functions.items() if occasions[label].every == every
    ]
    rows = [set(map(tuple, function.sizes.tolist())) for function in measured]
    if not rows or min(map(len, rows)) <= MIN_SIZES:
        return None
    errors = [
        _error_at(np.array(size), measured, profile.symbols)
        for size in sorted(set.intersection(*rows))
    ]
    return max(errors, default=None)


def _error_at(
    size: NDArray[np.int64], functions: Sequence[Measurements], symbols: Sequence[str]
) -> float:
    cycles, predicted = 0.0, 0.0
    for function in functions:
        at = (function.sizes == size).all(axis=1)
        formula = fit_formula(function.without(at), symbols)
        cycles += float(function.cycles[at][0])
        predicted += cycles_at(formula.terms, size, symbols)
    return abs(predicted - cycles) / max(cycles, 1.0)


def cycles_at(
    terms: Sequence[FittedTerm], size: NDArray[np.int64], symbols: Sequence[str]
) -> float:
    """What *terms* say at one size, (n_symbols,)."""
    units = units_of(size[None], symbols, [term.per for term in terms])[0]
    return float(units @ [term.cycles for term in terms])


def _products(formula: Formula) -> list[str]:
    return [term.per for term in formula.terms]


def _predicted(left_out: Mapping[Every, float | None]) -> str:
    said = [
        f"the cycles of a {every} at a size left out are predicted within {error:.2%}"
        for every, error in left_out.items()
        if error is not None
    ]
    return ", ".join(said) or "too few sizes to say how well it predicts"


def _borrowed(term: CostTerm, name: str) -> CostTerm:
    source = f"not measured; of the table {name!r}: {term.source}"
    return term.with_changes(status="guess", source=source)


def _symbols(profile: Profile, terms: Sequence[CostTerm]) -> list[str]:
    used = [factor for term in terms for factor in term.per.split("*") if not factor.isdecimal()]
    return list(dict.fromkeys([*profile.symbols, *used]))
