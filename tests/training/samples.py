"""Small corpora that a small network can learn, jobs on them, and what is left of a run."""

from functools import partial

import numpy as np

from firmware_models.eprop import Eprop, EpropParameters
from spinn2sim.training.checkpoint import LAST, load_checkpoint
from spinn2sim.training.job import Job, Report
from spinn2sim.workload.feature_set import Features, FeatureSet

N_IN, N_TIMESTEPS, CLASSES = 6, 15, ("one", "two", "three")

SILENT = Report(progress=lambda _: None, history=lambda _: None)


def features_of(*, n_train=40, n_validation=12, n_test=15, seed=0, digest="synthetic", scale=4.0):
    """Noisy patterns, one for each class."""
    rng = np.random.default_rng([5, seed])
    patterns = rng.standard_normal((len(CLASSES), N_IN))

    def split(n):
        targets = rng.integers(len(CLASSES), size=n)
        noise = rng.standard_normal((n, N_TIMESTEPS, N_IN))
        x = scale * (patterns[targets][:, None] + noise)
        return FeatureSet(x.astype(np.float32), targets, tuple(f"clip {k}" for k in range(n)))

    return Features(split(n_train), split(n_validation), split(n_test), CLASSES, (), digest)


def parameters_of(**given):
    return EpropParameters(**{"n_in": N_IN, "n_rec": 14, "n_out": 3, "learning_rate": 0.01} | given)


def job_of(folder, *, firmware_class=Eprop, features=None, **given):
    parameters = given.pop("parameters", parameters_of())
    job = {"form": "online", "n_epochs": 3, "seed": 1, "checkpoint_every": 7, "timestep_s": 0.01}
    return Job(
        firmware_class=firmware_class,
        parameters=parameters,
        open_splits=features or partial(features_of),
        folder=folder,
        **job | given,
    )


def last_state(folder):
    return load_checkpoint(folder / LAST).state


def same_state(one, other):
    assert one.keys() == other.keys()
    return all(np.array_equal(one[name], other[name]) for name in one)


def without_speed(history):
    """Two runs differ in their speed, and in nothing else."""
    return [row._replace(samples_per_s=0.0) for row in history]
