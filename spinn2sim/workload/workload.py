"""Samples and their targets, checked once and then immutable.

Where the numbers come from is not known here: any array of finite float32 values is a sample, so
that a test or a sweep may stream noise instead of speech.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One utterance as the network sees it.

    values: (n_timesteps, n_in) float32, copied, C-contiguous and read-only.

    :raises WorkloadError: *values* are not two-dimensional, empty, or not finite.
    """

    name: str
    values: NDArray[np.float32]
    target: int
    """Index of the class in ``Workload.classes``."""

    def __post_init__(self) -> None:
        with np.errstate(over="ignore"):  # too large for float32 is infinite, refused below
            values = np.array(self.values, dtype=np.float32, order="C")
        if values.ndim != 2 or not values.size:
            raise WorkloadError(
                f"sample {self.name!r}",
                f"values of shape {values.shape} are not (time steps, channels); "
                f"give a two-dimensional array with at least one of each",
            )
        bad = np.argwhere(~np.isfinite(values))
        if bad.size:
            timestep, channel = bad[0].tolist()
            raise WorkloadError(
                f"sample {self.name!r}",
                f"time step {timestep}, channel {channel} is {values[timestep, channel]} "
                f"(not finite: {len(bad)} of {values.size} values); "
                f"repair this sample or leave it out",
            )
        values.setflags(write=False)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """What the host streams: samples of one shape, in order.

    :raises WorkloadError: no samples, different shapes, or a target that is no class.
    """

    samples: tuple[Sample, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())
    """What was done to the data on its way in, and the user should know."""

    def __post_init__(self) -> None:
        if not self.samples:
            raise WorkloadError("(empty)", "there are no samples; give at least one")
        first, n_classes = self.samples[0], len(self.classes)
        for sample in self.samples:
            if sample.values.shape != first.values.shape:
                raise WorkloadError(
                    f"sample {sample.name!r}",
                    f"shape {sample.values.shape} differs from {first.values.shape} of sample "
                    f"{first.name!r}; make all samples with the same feature settings",
                )
            if not 0 <= sample.target < n_classes:
                raise WorkloadError(
                    f"sample {sample.name!r}",
                    f"target {sample.target} is not one of the {n_classes} classes; "
                    f"use 0 to {n_classes - 1}",
                )

    @property
    def n_samples(self) -> int:
        """Samples streamed, a repeated one counted each time."""
        return len(self.samples)

    @property
    def n_timesteps(self) -> int:
        """Time steps of one sample."""
        n_timesteps, _ = self.samples[0].values.shape
        return int(n_timesteps)

    @property
    def n_in(self) -> int:
        """Values that reach the network in each time step."""
        _, n_in = self.samples[0].values.shape
        return int(n_in)

    def digest(self) -> str:
        """SHA-256 of all that can change a run: classes, names, targets and values, not notes."""
        labels = [(each.name, int(each.target), each.values.shape) for each in self.samples]
        sha = hashlib.sha256(repr((self.classes, labels)).encode())
        for sample in self.samples:
            sha.update(sample.values.astype("<f4").tobytes())
        return sha.hexdigest()

    def with_samples(self, n: int) -> Workload:
        """The first *n* samples; past the last they begin again, as in a further epoch.

        :raises WorkloadError: *n* is below 1.
        """
        if n < 1:
            raise WorkloadError("size", f"{n} samples are asked for; ask for 1 or more")
        repeats = (
            f"{n} samples are asked for and there are {self.n_samples}: "
            f"they repeat in the same order, as in further epochs"
        )
        return Workload(
            samples=tuple(islice(cycle(self.samples), n)),
            classes=self.classes,
            notes=(*self.notes, repeats) if n > self.n_samples else self.notes,
        )
