"""What a firmware offers beyond a program to learn from mini-batches, spread over groups of PEs.

Each group runs the program on a sample of its own and collects a gradient; then all PEs of all
groups add the gradients up and make the same step. A gradient is arrays by the name of the matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeGuard

from numpy.typing import NDArray

from spinn2sim.errors import FirmwareNotFoundError
from spinn2sim.firmware.contract import Firmware, FirmwareClass, PEContext
from spinn2sim.firmware.learner import TRAINABLE, RasterLearner, Trainable
from spinn2sim.firmware.ops import Program

Gradient = Mapping[str, NDArray[Any]]

#: What a class lacks that is a firmware and no ``BatchTrainable``.
BATCH = (*TRAINABLE, "load_weights", "own_part", "all_reduce", "add_up", "follow")

#: What the program logs when a PE holds the sum over all groups and has passed it on.
ALL_REDUCED = "all_reduced"


class BatchFirmware(Firmware, Protocol):
    """The firmware of one PE of a group. Its context tells how many groups there are."""

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """As in ``StartsFromWeights``."""

    def own_part(self, gradient: Gradient) -> dict[str, NDArray[Any]]:
        """Copies of what this PE holds of the *gradient* of the whole network."""

    def all_reduce(self, pe: PEContext, gradient: Gradient, n_groups: int) -> Program:
        """Add up *gradient*, an own part, over all groups, in place; then the cycles of the step.

        *pe* is the PE among those of all groups: group by group, ``n_pe`` in all. Logs ALL_REDUCED.
        """

    def add_up(self, gradients: Sequence[Gradient], /) -> Gradient:
        """The sum of *gradients* of the whole network, by group, as ``all_reduce`` adds them up.

        That is bit for bit: of all mini-batches but the first it stands for what the programs do.
        """

    def follow(self, gradient: Gradient) -> None:
        """Make the step along the own part of the sum of a mini-batch."""


class BatchLearner(RasterLearner, Protocol):
    """The network on the host, which shows what a group does with a sample."""

    def take_batch(self) -> dict[str, NDArray[Any]]:
        """What the samples since the last call add to the gradient of their mini-batch."""


class BatchTrainable(Trainable, Protocol):
    """A class of ``BatchFirmware``, whose learners are ``BatchLearner`` in the exact forms."""

    def __call__(self, parameters: Any, context: PEContext, /) -> BatchFirmware:
        """As in ``FirmwareClass``."""

    def learner(
        self, parameters: Any, *, n_timesteps: int, n_classes: int, seed: int, form: str
    ) -> BatchLearner:
        """As in ``Trainable``."""


def batch_trainable(path: str, firmware_class: FirmwareClass) -> BatchTrainable:
    """*firmware_class*, which was found at *path*, if groups of it can share a mini-batch.

    :raises FirmwareNotFoundError: they cannot.
    """
    if _is_batch_trainable(firmware_class):
        return firmware_class
    missing = ", ".join(name for name in BATCH if not hasattr(firmware_class, name))
    _, _, name = path.partition(":")
    raise FirmwareNotFoundError(path, f"{name} cannot share a mini-batch: it lacks {missing}")


def _is_batch_trainable(firmware_class: object) -> TypeGuard[BatchTrainable]:
    return all(hasattr(firmware_class, name) for name in BATCH)
