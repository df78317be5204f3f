"""The tolerance report: the program on the PEs against its forms on the host.

Networks are random and their input noise, scaled until they spike, since a silent network agrees
with anything. A form that claims the program's bits is held to its weights after some samples, on
several numbers of PEs; a form that claims less is held to the gradients of an exact one, because an
optimiser that divides by a gradient's size blows up what is nothing beside the largest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import DivergenceError, SpecError
from spinn2sim.firmware import FirmwareParameters, Frame, PEContext, WorkloadShape
from spinn2sim.firmware.learner import Trainable
from spinn2sim.firmware.untimed import run_untimed

Array = NDArray[Any]

#: Samples that each network learns from: the second one sees changed weights and moments.
N_SAMPLES = 3

#: Sizes of random networks and their samples, from and to.
SIZES = {"n_in": (3, 24), "n_rec": (8, 40), "n_out": (2, 12)}
TIMESTEPS = (5, 50)

#: Share of neuron steps with a spike that the scale of the input is to come near to.
LIVELY = 0.1

#: Scales of the input that are tried, in this order.
SCALES = tuple(2.0**k for k in sorted(range(-8, 9), key=abs))


class Comparison(NamedTuple):
    """One quantity of one form against its oracle, over all networks."""

    form: str
    oracle: str
    """The program on so many PEs, or another form."""
    quantity: str
    difference: float
    """The largest, relative to the largest entry of the oracle's array; infinite if one is
    missing, has another shape or is not finite."""
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A network and the samples that it learns from."""

    parameters: FirmwareParameters
    x: NDArray[np.float32]
    """(N_SAMPLES, n_timesteps, n_in)"""
    targets: tuple[int, ...]
    seed: int

    @property
    def shape(self) -> WorkloadShape:
        """What a program may know of the samples."""
        n_samples, n_timesteps, n_in = self.x.shape
        return WorkloadShape(n_samples, n_timesteps, n_in, max(self.targets) + 1)


def compare(
    firmware_class: Trainable,
    parameters: FirmwareParameters,
    *,
    n_networks: int,
    n_pes: Sequence[int],
    seed: int,
) -> list[Comparison]:
    """Every form against its oracle: on the network of *parameters*, then on random ones.

    A network with fewer neurons than PEs runs on as many PEs as it has neurons.

    :raises SpecError: the parameters have no sizes to vary, or no form claims the program's bits.
    :raises DivergenceError: a network does not spike, whatever its input.
    """
    exact = [form for form, tolerance in firmware_class.forms.items() if tolerance == 0]
    if not exact:
        raise SpecError("forms", ("none claims the program's bits; validate needs one",))
    missing = [name for name in SIZES if not hasattr(parameters, name)]
    if missing:
        raise SpecError("parameters", (f"lack {', '.join(missing)}, which validate varies",))
    largest: dict[Comparison, float] = {}
    for number in range(1 + n_networks):
        problem = _problem(firmware_class, parameters, exact[-1], seed, number)
        for found in _comparisons(firmware_class, problem, exact, n_pes):
            key = found._replace(difference=0.0)
            largest[key] = max(largest.get(key, 0.0), found.difference)
    return [key._replace(difference=difference) for key, difference in largest.items()]


def relative_difference(found: Array, expected: Array) -> float:
    """Largest difference over the largest magnitude in *expected*; 0 only for equal bits."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return float("inf")
    if np.array_equal(found, expected):
        return 0.0
    scale = float(np.abs(expected).max())
    difference = float(np.abs(found - expected).max())
    ratio = difference / scale if scale else float("inf")
    return ratio if np.isfinite(ratio) else float("inf")


def _comparisons(
    firmware_class: Trainable, problem: Problem, exact: Sequence[str], n_pes: Sequence[int]
) -> Iterator[Comparison]:
    n_rec: int = vars(problem.parameters)["n_rec"]
    learned = {form: _after_learning(firmware_class, problem, form) for form in exact}
    for n_pe in sorted({*n_pes}):
        program = _after_program(firmware_class, problem, min(n_pe, n_rec))
        oracle = f"program on {n_pe} PE{'s' if n_pe > 1 else ''}"
        for form in exact:
            yield from _each(form, oracle, learned[form], program, 0.0)
    expected = _gradients(firmware_class, problem, exact[0])
    for form, tolerance in firmware_class.forms.items():
        if not tolerance:
            continue
        # A form may do without some kinds of network; what refuses to run claims nothing.
        with suppress(SpecError):
            found = _gradients(firmware_class, problem, form)
            yield from _each(form, f"form {exact[0]}", found, expected, tolerance)


def _each(
    form: str,
    oracle: str,
    found: Mapping[str, Array],
    expected: Mapping[str, Array],
    tolerance: float,
) -> Iterator[Comparison]:
    for name, array in expected.items():
        difference = relative_difference(found[name], array) if name in found else float("inf")
        yield Comparison(form, oracle, name, difference, tolerance)


def _after_learning(firmware_class: Trainable, problem: Problem, form: str) -> dict[str, Array]:
    """Losses and final weights of a form."""
    learner = _learner(firmware_class, problem, form)
    losses = [
        learner.learn(x, target).loss for x, target in zip(problem.x, problem.targets, strict=True)
    ]
    weights = {f"weights {name}": array for name, array in learner.weights().items()}
    return {"loss": np.array(losses), **weights}


def _after_program(firmware_class: Trainable, problem: Problem, n_pe: int) -> dict[str, Array]:
    """Losses, if the program logs any, and final weights."""
    shape = problem.shape
    firmwares = [
        firmware_class(problem.parameters, PEContext(pe, n_pe, problem.seed, shape, 1))
        for pe in range(n_pe)
    ]
    frames = [
        Frame(values, target)
        for x, target in zip(problem.x, problem.targets, strict=True)
        for values in x
    ]
    run = run_untimed(firmwares, frames)
    losses = [entry.value for entry in run.log if entry.name == "loss"]
    weights = firmware_class.gather([firmware.readout() for firmware in firmwares])
    found = {f"weights {name}": array for name, array in weights.items()}
    return {"loss": np.array(losses), **found} if losses else found


def _gradients(firmware_class: Trainable, problem: Problem, form: str) -> dict[str, Array]:
    """Of the first sample."""
    learner = _learner(firmware_class, problem, form)
    learner.learn(problem.x[0], problem.targets[0])
    return {f"gradient {name}": array for name, array in learner.gradients().items()}


def _learner(firmware_class: Trainable, problem: Problem, form: str) -> Any:
    shape = problem.shape
    return firmware_class.learner(
        problem.parameters,
        n_timesteps=shape.n_timesteps,
        n_classes=shape.n_classes,
        seed=problem.seed,
        form=form,
    )


def _problem(
    firmware_class: Trainable,
    parameters: FirmwareParameters,
    form: str,
    seed: int,
    number: int,
) -> Problem:
    """Network *number*: the given one if it is 0, with random sizes else."""
    rng = np.random.default_rng([seed, number])
    if number:
        sizes = {name: int(rng.integers(*limits)) for name, limits in SIZES.items()}
        parameters = parameters.with_changes(**sizes)
    given = vars(parameters)
    n_timesteps = int(rng.integers(*TIMESTEPS))
    noise = rng.standard_normal((N_SAMPLES, n_timesteps, given["n_in"])).astype(np.float32)
    targets = tuple(rng.integers(given["n_out"], size=N_SAMPLES).tolist())
    problems = (
        Problem(parameters, noise * np.float32(scale), targets, seed + number) for scale in SCALES
    )
    shares = {problem: _spiking_share(firmware_class, problem, form) for problem in problems}
    spiking = {problem: share for problem, share in shares.items() if 0 < share < 1}
    if not spiking:
        raise DivergenceError(
            f"network {number}",
            "whatever the scale of its input, it spikes never or in every time step",
            "validate with other parameters",
        )
    return min(spiking, key=lambda problem: abs(np.log(spiking[problem] / LIVELY)))


def _spiking_share(firmware_class: Trainable, problem: Problem, form: str) -> float:
    """Share of neuron steps with a spike in the first sample; 0 if its numbers leave their range.

    A scale is only tried here, so numbers that overflow are no matter for a warning.
    """
    learner = _learner(firmware_class, problem, form)
    try:
        with np.errstate(all="ignore"):
            learner.judge(problem.x[0], problem.targets[0])
    except DivergenceError:
        return 0.0
    return float(learner.n_spikes / (learner.n_neurons * problem.shape.n_timesteps))
