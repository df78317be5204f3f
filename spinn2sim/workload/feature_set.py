"""The features of a corpus in three splits: arrays on disk that are read as they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError
from spinn2sim.workload.workload import Sample, Workload


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSet:
    """One split. Classes take turns, so that the first few samples cover all."""

    x: NDArray[np.float32]
    """(n, n_timesteps, n_in), read-only; mapped from the file, not in memory."""
    targets: NDArray[np.int64]
    """(n,) index into ``Features.classes``."""
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """A corpus as the network sees it."""

    train: FeatureSet
    validation: FeatureSet
    test: FeatureSet
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    """What was done to the corpus on its way in, and the user should know."""
    digest: str
    """SHA-256 of all that can change a run: classes, names, targets and values, not notes."""
    folder: Path | None = None
    """Where the cache keeps them, if it does."""

    def split(self, name: str) -> FeatureSet:
        """One split by its name.

        :raises WorkloadError: there is no such split.
        """
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        if name not in splits:
            problem = f"{name!r} is no split of a corpus; use {', '.join(splits)}"
            raise WorkloadError("split", problem)
        return splits[name]

    def workload(self, split: str, n_samples: int | None = None) -> Workload:
        """The first *n_samples* of *split*, or all, for the chip; more than there are repeat.

        :raises WorkloadError: no such split, an empty one, or *n_samples* below 1.
        """
        chosen = self.split(split)
        if not len(chosen):
            raise WorkloadError(split, "this split of the corpus is empty; use another")
        n = len(chosen) if n_samples is None else n_samples
        samples = tuple(
            Sample(name, chosen.x[index], int(chosen.targets[index]))
            for index, name in enumerate(chosen.names[: max(n, 1)])
        )
        return Workload(samples, self.classes, self.notes).with_samples(n)
