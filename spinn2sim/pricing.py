"""What training costs on the machine: the model that prices every sample of a training run.

It is the *step model*: two samples are run on the timed machine, one without a spike and one with
many, and every other sample lies on the straight line through them by its number of spikes. That is
exact as far as a spike costs the same whenever it comes; where steps overrun, or spikes queue on
the network-on-chip, it is an approximation, and a third timed run says how far off it is. A model
that looks at the whole raster takes its place by another body of ``make_pricer``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinn2sim.firmware.learner import Learner, Trainable
from spinn2sim.report import real_time
from spinn2sim.report.energy import energy
from spinn2sim.sim import simulate
from spinn2sim.spec import Scenario
from spinn2sim.trace import Trace
from spinn2sim.training.price import Price
from spinn2sim.training.splits import Splits
from spinn2sim.validated import validate
from spinn2sim.workload import Sample, Workload

#: Training samples that are looked at for one with many spikes, and for one to check the line with.
N_TRIED = 32


@dataclass(frozen=True, slots=True)
class StepModel:
    """A price that grows along a straight line with the number of spikes."""

    quiet: Price
    """Of a sample without a spike."""
    per_spike: Price
    error: float | None
    """How far ``response_s`` of the sample with the median number of spikes is off, as a share of
    what the machine takes; None if no sample has spikes."""

    def __call__(self, learner: Learner, /) -> Price:
        """The price of the sample that *learner* has seen last."""
        return self.quiet.plus(self.per_spike, learner.n_spikes)

    def __str__(self) -> str:
        spike = f"{self.per_spike.response_s * 1e6:.3g} us and {self.per_spike.chip_j * 1e9:.3g} nJ"
        checked = "no sample spiked" if self.error is None else f"{self.error:.1e} off in a check"
        return (
            f"step model: {self.quiet.response_s:.4f} s of work and {self.quiet.chip_j:.4f} J a "
            f"sample, and {spike} a spike; {checked}"
        )


def make_pricer(scenario: Scenario, firmware_class: Trainable, splits: Splits) -> StepModel:
    """The step model of *scenario* on the first samples of the train split.

    They are run with the weights that the scenario's seed draws: timing does not depend on what is
    learned, but through the spikes.

    :raises Spinn2SimError: the scenario does not run on its machine.
    """
    x = np.asarray(splits.train.x[:N_TRIED])
    n_spikes = _spikes(scenario, firmware_class, splits, x)
    by_spikes = np.argsort(n_spikes, kind="stable")
    liveliest, median = int(by_spikes[-1]), int(by_spikes[len(by_spikes) // 2])
    quiet = _timed(scenario, splits, np.zeros_like(x[0]))
    most = int(n_spikes[liveliest])
    if not most:
        return StepModel(quiet, Price(), None)
    lively = _timed(scenario, splits, x[liveliest])
    per_spike = Price(*((high - low) / most for low, high in zip(quiet, lively, strict=True)))
    found = quiet.plus(per_spike, int(n_spikes[median])).response_s
    expected = _timed(scenario, splits, x[median]).response_s
    return StepModel(quiet, per_spike, abs(found / expected - 1))


def _spikes(
    scenario: Scenario, firmware_class: Trainable, splits: Splits, x: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Of each sample, (n,), in the network before it learns."""
    exact = [form for form, tolerance in firmware_class.forms.items() if tolerance == 0]
    learner = firmware_class.learner(
        validate(firmware_class.Parameters, scenario.parameters, "parameters"),
        n_timesteps=x.shape[1],
        n_classes=len(splits.classes),
        seed=scenario.seed,
        form=exact[-1],
    )
    counts = []
    for sample in x:
        learner.judge(sample, 0)
        counts.append(learner.n_spikes)
    return np.array(counts, np.int64)


def _timed(scenario: Scenario, splits: Splits, x: NDArray[np.float32]) -> Price:
    """One sample on the machine, from rest."""
    workload = Workload((Sample("timed", x, 0),), tuple(splits.classes))
    return price_of(simulate(scenario.with_changes(strict=False), workload))


def price_of(trace: Trace) -> Price:
    """What the samples of a run cost."""
    joules, times = energy(trace), real_time(trace)
    clock_hz = trace.meta["scenario"]["chip"]["pe"]["clock"]
    response = times.response.max(axis=0).sum() / clock_hz
    return Price(joules.duration_s, float(response), joules.chip_j, joules.paper_j)
