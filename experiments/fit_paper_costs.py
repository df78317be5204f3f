"""Fit the cost table `paper` of the e-prop firmware to the figures of Rostami et al. (2022).

The paper profiles one point, so four sums are exact there (FIGURES) and the rest is held before the
paper is asked (PRIORS): instruction counts and guesses, each with a width. The table is the point
nearest to the priors, measured in widths, at which the sums hold. It never sees a waiting time.

    python experiments/fit_paper_costs.py            writes firmware_models/eprop/costs/paper.yaml
    python experiments/fit_paper_costs.py --check    only compares; exit 1 on a difference
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from spinn2sim.firmware.cost import CostTable, CostTerm, Only, Status, n_units
from spinn2sim.firmware.ops import Every

PATH = Path(__file__).parents[1] / "firmware_models" / "eprop" / "costs" / "paper.yaml"

HEADER = """\
# Made by `python experiments/fit_paper_costs.py`; do not edit, edit the priors there.
#
# cycles: per unit of the product `per`, of one core at work; waiting is never in a table.
# range: one standard deviation of the fit to either side. The sums of the paper hold all terms
#   together: what one term gives up, others must take.
# status: constrained = the sums leave it less than half of its prior width; free = its sum with
#   others is fixed and the split is ours; guess = in no sum of the paper.
# source: counts use the Cortex-M4 TRM: load 2, or 1 behind another load; store 1; float operation 1
#   and a wait of 1 for its result; VMLA 3; VSQRT and VDIV 14; loop 5 = counter 1, compare 1, taken
#   branch 3. Widths of 25 to 50 % are the doubtful ones at their ends: branch 2 to 4, loads
#   overlapped or not, loops unrolled or not.
"""

#: One PE of 12 that share 120 neurons: the only point that the paper profiles (net.shape).
POINT = {"L": 10, "I": 80, "R": 120, "O": 12}

SIZES = {
    "L": "own neurons of the PE",
    "I": "inputs (n_in)",
    "R": "recurrent neurons of the network (n_rec)",
    "O": "outputs (n_out)",
}

#: t.step: "about 200 K cycles" for one PE of 12 and one time step.
STEP = 200_000


class Figure(NamedTuple):
    """A figure of the paper: the terms whose labels match ``labels`` cost ``cycles`` at POINT."""

    claim: str
    every: Every
    labels: str
    cycles: float


FIGURES = (
    Figure("t.step", "step", "*", STEP),
    # "about 70 %" of a step is the e-prop function ...
    Figure("t.eprop", "step", "e_prop.*", 0.70 * STEP),
    # ... and 80 % of that matrix multiplication, the other 20 % addition.
    Figure("t.split", "step", "e_prop.*.multiply", 0.80 * 0.70 * STEP),
    # Run at every step, weight_update "doubled roughly" the processing: one more step.
    Figure("t.update", "sample", "weight_update.*", 1.0 * STEP),
)


class Prior(NamedTuple):
    """What is held of one coefficient before the paper is asked.

    ``terms`` are the (label, per) that share it, being one loop over different sizes; ``width`` is
    one standard deviation relative to ``cycles``.
    """

    terms: tuple[tuple[str, str], ...]
    cycles: float
    width: float
    why: str
    every: Every = "step"
    only: Only = "always"


#: The loops over the synapses of the PE, and over every weight that it trains.
SYNAPSES = ("L*I", "L*R")
WEIGHTS = (*SYNAPSES, "L*O")


def over(label: str, *per: str) -> tuple[tuple[str, str], ...]:
    """One loop body under *label*, run for each of *per*."""
    return tuple((label, product) for product in per)


#: Multiplications and additions of the e-prop function per synapse, in the paper's matrix form.
EPROP = {
    "eps_v": (2, 1, "alpha*eps_v + g*pre"),
    "eps_a": (2, 1, "(rho - g*beta*psi)*eps_a + g*psi*eps_v"),
    "e_trace": (2, 1, "psi*(eps_v - beta*eps_a)"),
    "filter": (1, 1, "kappa*e_bar + e"),
    "accumulate": (0, 1, "dW + e_bar"),
}

#: Why an exponential costs 125 cycles ("The SpiNNaker2 chip", IEEE OJCAS 2026).
EXP = "exp = 22 x 5.7, the cycles of the chip's exp/log unit and its gain over ARM code"


def eprop_priors(part: str, n_multiply: int, n_add: int, form: str) -> tuple[Prior, ...]:
    """An elementary multiplication costs the same in every part, and so does an addition."""
    multiply = Prior(
        over(f"e_prop.{part}.multiply", *SYNAPSES),
        cycles=8 * n_multiply,
        width=0.25,
        why=f"{form}: {n_multiply} x 8 (loads 2 + 1, multiplication 1, wait 1, store 1, share of "
        "an unrolled loop 2)",
    )
    add = Prior(
        over(f"e_prop.{part}.add", *SYNAPSES),
        cycles=3 * n_add,
        width=0.33,
        why=f"{form}: {n_add} x 3 (load 1, addition 1, wait 1; the other operand is in a register)",
    )
    return (multiply, add) if n_multiply else (add,)


PRIORS = (
    Prior(
        over("read_input", "I"),
        cycles=20,
        width=0.5,
        why="copy out of the ping-pong half: load 2, store 1, loop 5; 12 for its index and wrap "
        "are a guess",
    ),
    Prior(
        over("input_current", "L*I") + over("recurrent_current", "L*R"),
        cycles=14,
        width=0.25,
        why="multiply-accumulate: loads 2 + 2, an address wait for each 1 + 1, VMLA 3, loop 5",
    ),
    Prior(
        over("alif_update", "L"),
        cycles=55,
        width=0.3,
        why="4 loads and the threshold 6, 9 float operations with waits 18, compare and branch 5, "
        "3 stores, loop 5, call and return with 8 registers 18",
    ),
    Prior(
        over("pseudo_derivative", "L"),
        cycles=430,
        width=0.3,
        why="3 Gaussians x (exp 125; square, scale and weigh with waits 14), loads, store and loop "
        f"13; {EXP}",
    ),
    *(prior for part, form in EPROP.items() for prior in eprop_priors(part, *form)),
    Prior(
        over("output.readout", "L*O"),
        cycles=17,
        width=0.25,
        why="multiply-accumulate as for the currents 14, sum kept in SRAM: load 2, store 1",
    ),
    Prior(
        over("output.accumulate", "L*O"),
        cycles=11,
        width=0.25,
        why="loads 2 + 1, addition 1, wait 1, store 1, loop 5",
    ),
    Prior(
        over("send_spikes", "1"),
        cycles=200,
        width=0.5,
        why="10 own neurons x 20 for flag test and key; a constant, for the paper gives one size",
        only="multi_pe",
    ),
    Prior(
        over("receive_spikes", "1"),
        cycles=2_400,
        width=0.5,
        why="120 neurons x 20 to clear and set z; a constant, for the paper gives one size",
        only="multi_pe",
    ),
    Prior(
        over("sync", "1"),
        cycles=20_000,
        width=1.0,
        why="the residual: nothing is known of it but that a step has about this much left; a "
        "constant, for the paper gives one size",
        only="multi_pe",
    ),
    Prior(
        over("reduce_output", "O"),
        cycles=120,
        width=0.8,
        why="12 partial sums of each class, 10 each for loads, addition and store",
        every="sample",
        only="multi_pe",
    ),
    Prior(
        over("softmax_loss", "O"),
        cycles=150,
        width=0.6,
        why=f"exp 125, VDIV 14, mean, maximum and error 11; {EXP}",
        every="sample",
        only="pe0",
    ),
    Prior(
        over("learning_signal", "L*O"),
        cycles=14,
        width=0.4,
        why="multiply-accumulate as for the currents",
        every="sample",
    ),
    Prior(
        over("weight_update.gradient", *WEIGHTS),
        cycles=9,
        width=0.25,
        why="L_j*S + 2*l2*W: loads 2 + 1, 3 float operations with waits 6, the loop is Adam's",
        every="sample",
    ),
    Prior(
        over("weight_update.adam", *WEIGHTS),
        cycles=61,
        width=0.5,
        why="loads 2 + 1 + 1 + 1, 6 multiplications and 4 additions with waits 20, VSQRT 14, VDIV "
        "14, 3 stores, loop 5; what stays in registers is not known",
        every="sample",
    ),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The coefficients at which the figures hold: their means and widths, (n_priors,) cycles."""

    cycles: NDArray[np.float64]
    widths: NDArray[np.float64]


def shares(priors: Sequence[Prior], figures: Sequence[Figure]) -> NDArray[np.float64]:
    """Units of each coefficient in each figure at POINT, (n_figures, n_priors)."""
    return np.array([[units_in(figure, prior) for prior in priors] for figure in figures], float)


def units_in(figure: Figure, prior: Prior) -> int:
    """How often *figure* counts the coefficient of *prior*."""
    return sum(
        n_units(per, POINT)
        for label, per in prior.terms
        if prior.every == figure.every and fnmatchcase(label, figure.labels)
    )


def fit(priors: Sequence[Prior] = PRIORS, figures: Sequence[Figure] = FIGURES) -> Fit:
    """Least squares in widths from *priors* under the equalities *figures*, by the KKT system.

    With c = mean + width*x: minimise x.x subject to B x = b, so [[1, B'], [B, 0]] [x, y] = [0, b].
    The top left block of the inverse is the covariance of x that the equalities leave.
    """
    n, m = len(priors), len(figures)
    mean = np.array([prior.cycles for prior in priors], float)
    width = mean * np.array([prior.width for prior in priors])
    sums = shares(priors, figures).reshape(m, n)
    scaled = sums * width / STEP
    missing = (np.array([figure.cycles for figure in figures], float) - sums @ mean) / STEP
    inverse = np.linalg.inv(np.block([[np.eye(n), scaled.T], [scaled, np.zeros((m, m))]]))
    cycles = mean + width * (inverse[:n, n:] @ missing)
    assert (cycles >= 0).all(), "a figure drives a coefficient below zero: widen another prior"
    return Fit(cycles, width * np.sqrt(inverse.diagonal()[:n].clip(0)))


def cost_table() -> CostTable:
    """The table of the fit, rounded to four digits.

    The sums of the rounded coefficients are checked against the paper to 0.1 %.
    """
    fitted = fit()
    table = CostTable(
        name="paper",
        provenance="fitted to the figures t.step, t.eprop, t.split and t.update of Rostami et al. "
        "(2022), Front. Neurosci. 16:1018006, at the one point that the paper profiles: one PE of "
        "12 with 80 inputs, 120 neurons, 12 outputs",
        made_by="python experiments/fit_paper_costs.py",
        sizes=SIZES,
        fitted_on={symbol: (size, size) for symbol, size in POINT.items()},
        terms=tuple(
            term
            for prior, cycles, width in zip(PRIORS, fitted.cycles, fitted.widths, strict=True)
            for term in cost_terms(prior, float(cycles), float(width))
        ),
    )
    for figure in FIGURES:
        total = figure_of(figure, table)
        assert abs(total / figure.cycles - 1) < 1e-3, (figure.claim, total)
    return table


def cost_terms(prior: Prior, cycles: float, width: float) -> list[CostTerm]:
    """The terms that share the coefficient *cycles* +- *width*."""
    claims = [figure.claim for figure in FIGURES if units_in(figure, prior)]
    sums = f"fitted in {', '.join(claims)}" if claims else "in no figure of the paper"
    held = f"prior {prior.cycles:,g} +- {prior.width:.0%}"
    return [
        CostTerm(
            label=label,
            cycles=four_digits(cycles),
            per=per,
            every=prior.every,
            only=prior.only,
            status=status(prior, width, claims),
            source=f"{prior.why}; {held}, {sums}",
            range=(four_digits(max(0.0, cycles - width)), four_digits(cycles + width)),
        )
        for label, per in prior.terms
    ]


def status(prior: Prior, width: float, claims: Sequence[str]) -> Status:
    """What the figures leave of the prior, in the words of the table's header."""
    if not claims:
        return "guess"
    return "constrained" if width < 0.5 * prior.cycles * prior.width else "free"


def four_digits(value: float) -> float:
    """*value* as a reader wants to see it."""
    return float(f"{value:.4g}")


def figure_of(figure: Figure, table: CostTable) -> float:
    """What *table* says where the paper says *figure*."""
    return sum(
        term.cycles * n_units(term.per, POINT)
        for term in table.terms
        if term.every == figure.every and fnmatchcase(term.label, figure.labels)
    )


class PlainDumper(yaml.SafeDumper):
    """YAML as one writes it by hand: ranges in brackets, whole numbers without a point."""


PlainDumper.add_representer(
    tuple,
    lambda dump, pair: dump.represent_sequence("tag:yaml.org,2002:seq", pair, flow_style=True),
)
PlainDumper.add_representer(
    float,
    lambda dump, value: (
        dump.represent_int(int(value)) if value.is_integer() else dump.represent_float(value)
    ),
)


def as_yaml(table: CostTable) -> str:
    """The text of the file: same table, same bytes."""
    content: dict[str, Any] = table.model_dump(exclude_defaults=True)
    content["terms"] = list(content["terms"])
    return HEADER + yaml.dump(content, Dumper=PlainDumper, sort_keys=False, width=96)


def report(fitted: Fit) -> str:
    """Prior and fit side by side, a line for each coefficient."""
    head = f"{'coefficient':<42} {'prior':>9} {'+-':>9} {'fitted':>9} {'+-':>9}"
    rows = [
        f"{' '.join(dict.fromkeys(label for label, _ in prior.terms)):<42} {prior.cycles:9,.2f} "
        f"{prior.cycles * prior.width:9,.2f} {cycles:9,.2f} {width:9,.2f}"
        for prior, cycles, width in zip(PRIORS, fitted.cycles, fitted.widths, strict=True)
    ]
    return "\n".join([head, *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the file; the exit code."""
    parser = argparse.ArgumentParser(
        description="Fit the cost table `paper` to the paper's figures."
    )
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    check: bool = parser.parse_args(arguments).check
    text = as_yaml(cost_table())
    print(report(fit()))
    if not check:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if PATH.is_file() and PATH.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PATH} is not what this script makes; run it without --check", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
