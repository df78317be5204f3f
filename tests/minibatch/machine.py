"""Small mini-batches: four groups of four PEs fill the prototype."""

import numpy as np

from firmware_models.eprop import EpropParameters
from firmware_models.eprop.training.learner import Learner
from spinn2sim import load_scenario
from spinn2sim.workload import Sample, Workload
from tests.eprop.networks import sample_of

N_TIMESTEPS = 12
SIZES = {"n_in": 7, "n_rec": 12, "n_out": 5}

#: Two prototypes side by side, each with room for four groups.
BOARD = (
    *("board.outline=rectangle", "board.size=[2,1]", "board.system_pes=0"),
    "board.ports=[[1,0],[1,1],[0,1],[0,0],[0,0],[0,0]]",
    *("board.packet_bits=96", "board.rate=6Gbit/s", "board.rate_between_boards=2Gbit/s"),
    *("board.latency=80ns", "board.drop_cycles=1000"),
)


def scenario_of(*overrides, groups=4, n_pe=4, update_every=None, **parameters):
    given = {**SIZES, "update_every": update_every or groups, **parameters}
    fixed = [
        *("name=test", f"n_pe={n_pe}", "firmware=firmware_models.eprop:Eprop"),
        *(f"batch.groups={groups}", f"batch.groups_per_host={groups}"),
        *(f"parameters.{name}={value}" for name, value in given.items()),
        f"workload.n_samples={groups}",
    ]
    return load_scenario(preset="fpga-prototype", overrides=[*fixed, *overrides])


def workload_of(scenario, n_batches=1):
    """Samples at which the network spikes."""
    parameters = EpropParameters(**scenario.parameters)
    n_samples = n_batches * scenario.batch.groups
    samples = (sample_of(parameters, N_TIMESTEPS, seed) for seed in range(n_samples))
    named = tuple(Sample(f"{n}", x, target) for n, (x, target) in enumerate(samples))
    return Workload(named, tuple("abcde"))


def host_weights(scenario, workload, n_samples=None, n_classes=5):
    """What the host has learned after the first *n_samples*, by default all."""
    parameters = EpropParameters(**scenario.parameters)
    learner = Learner(
        parameters,
        n_timesteps=workload.n_timesteps,
        n_classes=n_classes,
        seed=scenario.seed,
        form="online",
    )
    for sample in workload.samples[:n_samples]:
        learner.learn(sample.values, sample.target)
    return learner.weights()


def difference(weights, others):
    return max(np.abs(w - others[name]).max() for name, w in weights.items())
