"""The same mini-batches on the host: one network that sees one sample after the other."""

from __future__ import annotations

import numpy as np

from spinn2sim.elaboration import load_firmware
from spinn2sim.firmware.batch import batch_trainable
from spinn2sim.minibatch.run import BatchRun
from spinn2sim.validated import validate
from spinn2sim.workload import Workload


def host_difference(run: BatchRun, workload: Workload) -> float:
    """The largest difference of a weight after *run* from what the host learns from *workload*.

    Both add up the same gradients, in another order.
    """
    scenario = run.scenario
    firmware_class = batch_trainable(scenario.firmware, load_firmware(scenario.firmware))
    exact = [form for form, off in firmware_class.forms.items() if off == 0]
    learner = firmware_class.learner(
        validate(firmware_class.Parameters, scenario.parameters, "parameters"),
        n_timesteps=workload.n_timesteps,
        n_classes=len(workload.classes),
        seed=scenario.seed,
        form=exact[-1],
    )
    for sample in workload.samples:
        learner.learn(sample.values, sample.target)
    found = learner.weights()
    return float(max(np.abs(found[name] - w).max() for name, w in run.weights.items()))
