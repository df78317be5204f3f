"""Figures on mini-batches: 1,200 PEs, a second of simulated time, on one core.

The samples of all groups, and the whole mini-batch with its all-reduce on nine chips; each is the
fastest of some, after one that makes what all mini-batches share.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from spinn2sim import load_scenario
from spinn2sim.elaboration import scenario_workload
from spinn2sim.minibatch import simulate_batches, summarise_batches
from spinn2sim.minibatch.run import BatchRun

SCENARIO = Path(__file__).parents[1] / "experiments" / "scenarios" / "minibatch_1200pe.yaml"
N_BATCHES = 4


class Timing(NamedTuple):
    """CPU seconds and simulated seconds of a mini-batch."""

    samples: float
    """CPU seconds of its samples."""
    whole: float
    """The same with the all-reduce."""
    simulated: float


def timing() -> Timing:
    """Time the scenario."""
    samples = N_BATCHES * 100
    scenario = load_scenario(SCENARIO, overrides=[f"workload.n_samples={samples}"])
    workload = scenario_workload(scenario)
    ends: list[tuple[float, float]] = []

    def note(share: float) -> None:
        ends.append((share, time.process_time()))

    run = simulate_batches(scenario, workload, progress=note)
    return _timing(run, ends)


def _timing(run: BatchRun, ends: list[tuple[float, float]]) -> Timing:
    """From when each mini-batch had its gradients, and when it was done."""
    halves = [at for _, at in ends]
    samples = [halves[k + 1] - halves[k] for k in range(1, len(halves) - 1, 2)]
    whole = [halves[k + 2] - halves[k] for k in range(1, len(halves) - 2, 2)]
    return Timing(min(samples), min(whole), summarise_batches(run).batch_s)


if __name__ == "__main__":
    found = timing()
    print(found, found.simulated / found.samples, found.simulated / found.whole)
