"""A job: the training of one seed, with all that it depends on.

It can be sent to another process, so it names its samples instead of holding them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from spinn2sim.errors import SpecError
from spinn2sim.firmware import FirmwareParameters
from spinn2sim.firmware.learner import Learner, Trainable
from spinn2sim.training.metrics import EpochMetrics
from spinn2sim.training.price import Pricer
from spinn2sim.training.progress import Progress
from spinn2sim.training.splits import Splits, check_splits


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One seed."""

    firmware_class: Trainable
    parameters: FirmwareParameters
    """With n_in."""
    open_splits: Callable[[], Splits]
    """Called once, in the process that trains; can be pickled."""
    form: str
    """Of the arithmetic, one that the firmware class knows."""
    n_epochs: int
    seed: int
    """Draws the first weights and, with the number of the epoch, its order of the samples."""
    folder: Path
    """Where the checkpoints are."""
    checkpoint_every: int
    """Training samples from one checkpoint to the next; each epoch ends with one, too."""
    timestep_s: float
    """Seconds of a time step, to turn spikes into a rate."""
    weights: Mapping[str, NDArray[Any]] | None = None
    """To start from, if not from drawn ones."""
    pricer: Pricer | None = None
    """What tells the price of each training sample; nothing that is learned depends on it."""

    def make_learner(self, splits: Splits) -> Learner:
        """A network that fits *splits*.

        :raises SpecError: the parameters cannot be used with it.
        :raises WorkloadError: its samples cannot.
        :raises WeightsError: the weights to start from are those of another network.
        """
        n_in = getattr(self.parameters, "n_in", None)
        if n_in is None:
            raise SpecError("parameters", ("lack n_in, which training needs",))
        check_splits(splits, n_in)
        learner = self.firmware_class.learner(
            self.parameters,
            n_timesteps=splits.train.x.shape[1],
            n_classes=len(splits.classes),
            seed=self.seed,
            form=self.form,
        )
        if self.weights is not None:
            learner.load_weights(self.weights)
        return learner

    def identity(self, splits: Splits) -> dict[str, Any]:
        """What a checkpoint must agree with to belong to this job: all but how far it goes."""
        return {
            "parameters": self.parameters.model_dump(mode="json"),
            "form": self.form,
            "seed": self.seed,
            "samples": splits.digest,
            "from_weights": self.weights is not None,
        }


class Outcome(NamedTuple):
    """What has become of a seed."""

    seed: int
    best: EpochMetrics
    """The epoch with the best validation accuracy."""
    test_loss_nats: float
    """Of that epoch's network, as the following."""
    test_accuracy: float
    confusion: tuple[tuple[int, ...], ...]
    """[target][predicted] test samples; the last column is for outputs that are no class."""


class Report(NamedTuple):
    """Whom a training run tells what it does."""

    progress: Callable[[Progress], None]
    """Now and then."""
    history: Callable[[tuple[EpochMetrics, ...]], None]
    """All epochs so far of a seed, when it begins and after each epoch."""
