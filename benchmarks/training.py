"""Figures on learning on the host: seconds per sample with Adam, paper's network.

Each is the fastest of many short runs: whatever else a machine does, and a neighbour on the other
half of the core, makes a run slower by up to one half, and none makes it faster.

The peer is automatic differentiation of the same network in NumPy (HIPS autograd), which has to
find the same gradient before it is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_models.eprop import EpropParameters
from firmware_models.eprop.training.learner import Form, Learner

Array = NDArray[Any]

N_TIMESTEPS = 100
SAMPLES_PER_RUN = 5
N_RUNS = 1_000

#: Scale of the input at which this network spikes in 5 % of its steps; trained ones do in 6 %.
DRIVE = 2.1
SPIKING = (0.04, 0.08)

#: The paper's training run, and how long its chip took: 30 x 70,375 s.
EPOCHS, SAMPLES_PER_EPOCH = 30, 60_000
PAPER_MINUTES = EPOCHS * 70_375 / 60

#: Largest difference of the peer's gradient, in units of the largest entry.
TOLERANCE = 1e-4


class Timing(NamedTuple):
    """Seconds per sample of the forms, and of the peer if it is installed."""

    online: float
    fast: float
    autograd: float | None

    @property
    def minutes_of_the_paper(self) -> float:
        """What the paper's training takes in the form ``fast``."""
        return EPOCHS * SAMPLES_PER_EPOCH * self.fast / 60


def sample(parameters: EpropParameters) -> Array:
    """A noisy pattern, (n_timesteps, n_in)."""
    rng = np.random.default_rng(0)
    pattern = rng.standard_normal(parameters.n_in)
    noise = rng.standard_normal((N_TIMESTEPS, parameters.n_in))
    return (DRIVE * (pattern + noise)).astype(np.float32)


def timing() -> Timing:
    """Time each form and the peer."""
    # The rate is so low that the network still is the same after a thousand samples.
    parameters = EpropParameters(learning_rate=1e-9)
    x = sample(parameters)
    return Timing(
        _per_sample(parameters, x, "online"),
        _per_sample(parameters, x, "fast"),
        _autograd(x),
    )


def _fastest(work: Callable[[], object], n_runs: int) -> float:
    """CPU seconds of the fastest of *n_runs*, after a first one that compiles."""
    work()
    times = []
    for _ in range(n_runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _per_sample(parameters: EpropParameters, x: Array, form: Form) -> float:
    learner = _learner(parameters, form)

    def run() -> None:
        for k in range(SAMPLES_PER_RUN):
            learner.learn(x, k % parameters.n_out)

    taken = _fastest(run, N_RUNS) / SAMPLES_PER_RUN
    spiking = learner.n_spikes / (N_TIMESTEPS * parameters.n_rec)
    assert SPIKING[0] < spiking < SPIKING[1], f"the network spikes in {spiking:.0%} of its steps"
    return taken


def _learner(parameters: EpropParameters, form: Form) -> Learner:
    return Learner(
        parameters, n_timesteps=N_TIMESTEPS, n_classes=parameters.n_out, seed=1, form=form
    )


def _autograd(x: Array) -> float | None:
    try:
        from autograd_network import gradient_of
    except ModuleNotFoundError:
        return None
    # The exact gradient, because that of the authors' code is no derivative of anything.
    parameters = EpropParameters(parameter_set="authors-exact", l2=0.0)
    gradient = gradient_of(parameters.constants())
    learner, target = _learner(parameters, "online"), 0
    begin = learner.weights()
    weights = tuple(begin[name].astype(np.float64) for name in ("w_in", "w_rec", "w_out"))
    learner.learn(x, target)
    for found, expected in zip(
        gradient(weights, x, target), learner.gradients().values(), strict=True
    ):
        assert np.abs(found - expected).max() < TOLERANCE * np.abs(expected).max()
    return _fastest(lambda: gradient(weights, x, target), N_RUNS // 50)
