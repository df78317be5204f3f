"""A formula in products of sizes for the cycles of a function, chosen by leaving sizes out.

Work is never negative, so no coefficient is. Errors are relative to the cycles of a size: a small
network counts as much as a large one. Of all sets of a few terms, the smallest is taken that
predicts a size left out about as well as the best set does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.costs.profile import Measurements

#: Most terms of a formula: three kinds of weights, rows of two lengths and a constant need so many.
MAX_TERMS = 6

#: Fewest sizes: a formula of one term, and two more sizes to tell it from another.
MIN_SIZES = 3

#: Relative error of a prediction below which another term is not worth reading: 0.05 %.
GOOD_ENOUGH = 5e-4

#: How much worse than the best set a smaller one may predict.
SLACK = 1.1

#: Share of a column that others may explain and a leverage may come near to one.
DEGENERATE = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedTerm:
    """``cycles`` for each unit of the product ``per``, and the ends of its band."""

    per: str
    cycles: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Formula:
    """The cycles of a function as a sum of terms, and how well it says them."""

    terms: tuple[FittedTerm, ...]
    n_sizes: int
    r2: float
    worst_error: float
    """Largest relative error at a size that it was fitted on."""
    worst_left_out: float
    """Largest relative error at a size, of the same terms fitted to the other sizes."""

    def __str__(self) -> str:
        return " + ".join(
            f"{term.cycles:.4g}" + ("" if term.per == "1" else f" {term.per}")
            for term in self.terms
        )


def fit_formula(measured: Measurements, symbols: Sequence[str]) -> Formula:
    """The formula of *measured*, at MIN_SIZES sizes or more, the names of which are *symbols*.

    The band is fitted to the ends of the measured one; if none was measured, it is what the
    coefficients become when a size is left out.
    """
    products = candidates(measured.sizes, symbols)
    units = units_of(measured.sizes, symbols, products)
    chosen = choose(units, measured.cycles)
    units = units[:, chosen]
    cycles = fit_terms(units, measured.cycles)
    without = np.array([fit_terms(*others) for others in _leave_out(units, measured.cycles)])
    if measured.banded:
        ends = fit_terms(units, measured.low), fit_terms(units, measured.high)
    else:
        ends = without.min(axis=0), without.max(axis=0)
    low, high = np.minimum(ends[0], cycles), np.maximum(ends[1], cycles)
    found, predicted = units @ cycles, (units * without).sum(axis=1)
    return Formula(
        tuple(
            FittedTerm(products[product], float(middle), float(below), float(above))
            for product, middle, below, above in zip(chosen, cycles, low, high, strict=True)
        ),
        len(units),
        _r2(measured.cycles, found),
        _worst_error(measured.cycles, found),
        _worst_error(measured.cycles, predicted),
    )


def candidates(sizes: NDArray[np.int64], symbols: Sequence[str]) -> list[str]:
    """Products that may be terms: a constant, each size that varies, and two different ones."""
    varied = [symbol for symbol, column in zip(symbols, sizes.T, strict=True) if np.ptp(column)]
    return ["1", *varied, *("*".join(pair) for pair in combinations(varied, 2))]


def units_of(sizes: NDArray[np.int64], symbols: Sequence[str], products: Sequence[str]) -> Floats:
    """How many units of each product there are at each size, (n_sizes, n_products)."""
    columns = {"1": np.ones(len(sizes)), **dict(zip(symbols, sizes.T, strict=True))}
    return np.array(
        [
            np.prod([columns[factor] for factor in product.split("*")], axis=0)
            for product in products
        ],
        np.float64,
    ).T


def fit_terms(units: Floats, cycles: Floats) -> Floats:
    """Coefficients, none negative, of least squares in relative errors; (n_terms,)."""
    from scipy.optimize import nnls

    scale = _scale(cycles)
    coefficients: Floats = nnls(units / scale[:, None], cycles / scale)[0]
    return coefficients


def choose(units: Floats, cycles: Floats) -> list[int]:
    """Columns of *units* (n_sizes, n_products) that say *cycles* best for their number."""
    scale = _scale(cycles)
    shares, target = units / scale[:, None], cycles / scale
    most = min(MAX_TERMS, len(units) - MIN_SIZES + 1, units.shape[1])
    best = [
        _best_set(shares, target, np.array(list(combinations(range(units.shape[1]), n_terms))))
        for n_terms in range(1, most + 1)
    ]
    limit = max(GOOD_ENOUGH, SLACK * min(error for error, _ in best))
    return next(columns for error, columns in best if error <= limit)


def _best_set(shares: Floats, target: Floats, sets: NDArray[Any]) -> tuple[float, list[int]]:
    """The set of columns, of *sets* (n_sets, n_terms), with the least error on what is left out."""
    errors = _left_out_errors(shares[:, sets].transpose(1, 0, 2), target)
    best = int(errors.argmin())
    return float(errors[best]), sets[best].tolist()


def _left_out_errors(stack: Floats, target: Floats) -> Floats:
    """Root mean square of the errors on each row left out, (n_sets,), for *stack* of matrices.

    Infinite where a coefficient would be negative or is not determined. Leaving out a row of
    leverage h raises its residual by 1 / (1 - h), so nothing needs to be fitted again.
    """
    q, r = np.linalg.qr(stack)
    pivots = np.abs(r.diagonal(axis1=1, axis2=2))
    lengths = np.linalg.norm(stack, axis=1)
    leverage = (q * q).sum(axis=2)
    sound = (pivots > DEGENERATE * lengths).all(axis=1) & (leverage < 1 - DEGENERATE).all(axis=1)
    q, r, leverage = q[sound], r[sound], leverage[sound]
    shadow = (q * target[:, None]).sum(axis=1)
    coefficients = np.linalg.solve(r, shadow[..., None])[..., 0]
    left_out = (target - (q * shadow[:, None]).sum(axis=2)) / (1 - leverage)
    errors = np.full(len(stack), np.inf)
    errors[sound] = np.where(
        (coefficients >= 0).all(axis=1), np.sqrt((left_out**2).mean(axis=1)), np.inf
    )
    return errors


def _leave_out(units: Floats, cycles: Floats) -> list[tuple[Floats, Floats]]:
    return [(np.delete(units, row, axis=0), np.delete(cycles, row)) for row in range(len(units))]


def _scale(cycles: Floats) -> Floats:
    """What errors are relative to. A function that may take no time is measured in cycles."""
    return np.maximum(cycles, 1.0)


def _worst_error(cycles: Floats, said: Floats) -> float:
    return float((np.abs(said - cycles) / _scale(cycles)).max())


def _r2(cycles: Floats, said: Floats) -> float:
    """Share of the variance that is explained; of cycles that do not vary there is none to be."""
    variance = float(((cycles - cycles.mean()) ** 2).sum())
    return 1 - float(((cycles - said) ** 2).sum()) / variance if variance else 1.0
