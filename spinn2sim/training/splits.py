"""What is learned from: samples with their targets, in three sets that share no clip.

The loop asks for no more than these protocols, so that the samples may lie in memory or on disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError


class LabelledSet(Protocol):
    """Samples of one shape and their targets."""

    @property
    def x(self) -> NDArray[np.float32]:
        """(n, n_timesteps, n_in); may be a memory map."""

    @property
    def targets(self) -> NDArray[Any]:
        """(n,) whole numbers: indices into the classes of the splits."""


class Splits(Protocol):
    """Three sets of samples, and the names of their classes."""

    @property
    def train(self) -> LabelledSet:
        """What is learned."""

    @property
    def validation(self) -> LabelledSet:
        """What tells which epoch was the best."""

    @property
    def test(self) -> LabelledSet:
        """What that epoch's network is judged on, once."""

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes."""

    @property
    def notes(self) -> Sequence[str]:
        """What was done to the data on its way in."""

    @property
    def digest(self) -> str:
        """Identifies all that can change what is learned."""


def check_splits(splits: Splits, n_in: int) -> None:
    """:raises WorkloadError: a set is empty, of another shape, or has targets that are no class."""
    n_timesteps = splits.train.x.shape[1]
    for name in ("train", "validation", "test"):
        part: LabelledSet = getattr(splits, name)
        what, shape = f"{name} set", part.x.shape
        if not len(part.targets):
            raise WorkloadError(what, "is empty; give at least one sample")
        if shape != (len(part.targets), n_timesteps, n_in):
            wanted = (len(part.targets), n_timesteps, n_in)
            problem = f"has features of shape {shape}, the network takes {wanted}"
            raise WorkloadError(what, f"{problem}; set parameters.n_in or the derivative order")
        if not 0 <= part.targets.min() <= part.targets.max() < len(splits.classes):
            problem = f"has targets that are not one of the {len(splits.classes)} classes"
            raise WorkloadError(what, f"{problem}; load them again")


def sample_order(seed: int, epoch: int, n: int) -> NDArray[np.int64]:
    """The order in which *epoch* sees the training set: (n,), the same for the same seed."""
    return np.random.default_rng([seed, epoch]).permutation(n)
