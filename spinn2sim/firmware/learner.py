"""What a firmware offers beyond a program: to learn on the host, and to start from weights.

Both are optional. A training loop that keeps to this knows no network: it shows samples, adds up
judgements and keeps a state that it does not look into. Where host and chip do the same arithmetic,
a network may be trained on the one and go on learning on the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import FirmwareError, FirmwareNotFoundError
from spinn2sim.firmware.contract import Firmware, FirmwareClass

#: What a class lacks that is a firmware and no ``Trainable``.
TRAINABLE = ("forms", "learner", "gather")


class Judgement(NamedTuple):
    """How well the output of one sample matched its target."""

    loss: float
    """-log of the probability that the network gives the target, without regularisation."""
    predicted: int
    """The class with the largest output; their number, which is no class, if several are."""
    correct: bool


class Learner(Protocol):
    """A whole network on the host, which learns one sample after the other."""

    @property
    def n_spikes(self) -> int:
        """Spikes of the sample seen last, over all neurons and time steps."""

    @property
    def n_neurons(self) -> int:
        """Neurons that can spike."""

    def learn(self, x: NDArray[Any], target: int) -> Judgement:
        """See a sample, x (n_timesteps, n_in), and learn from it; the judgement is of before.

        :raises DivergenceError: the network's numbers have left their range.
        """

    def judge(self, x: NDArray[Any], target: int) -> Judgement:
        """See a sample without learning: the state stays as it is."""

    def weights(self) -> Mapping[str, NDArray[Any]]:
        """Copies of the weight matrices, by name."""

    def gradients(self) -> Mapping[str, NDArray[Any]]:
        """Copies of the gradients that the last update has used, by the names of the weights."""

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Begin with *weights*, as ``weights`` gives them, before the first sample.

        :raises WeightsError: they are those of another network.
        """

    def state(self) -> Mapping[str, NDArray[Any]]:
        """Copies of all it takes to go on, bit for bit: weights, moments, counters.

        The weights have the names that ``weights`` gives them.
        """

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from *state*, as ``state`` gives it.

        :raises WeightsError: it is that of another network.
        """


class Trainable(FirmwareClass, Protocol):
    """A firmware class whose network can learn on the host. Its parameters have n_in and n_out."""

    @property
    def forms(self) -> Mapping[str, float | None]:
        """The forms of its arithmetic, and how much of the largest entry each may be off.

        That is compared with the program: 0 is bit for bit, None is a form that does other things.
        """

    def learner(
        self, parameters: Any, *, n_timesteps: int, n_classes: int, seed: int, form: str
    ) -> Learner:
        """A new network, with the weights that the program draws from the same *seed*.

        :raises SpecError: *parameters* do not fit the samples.
        """

    def gather(
        self, readouts: Sequence[Mapping[str, NDArray[Any]]], /
    ) -> Mapping[str, NDArray[Any]]:
        """The weights of the whole network, out of what PE 0, 1, ... read out."""


class RasterLearner(Learner, Protocol):
    """A learner that shows what the program would have sent and noted."""

    def sends(self, n_pe: int) -> NDArray[np.int64]:
        """The spikes of the sample seen last, (n, 3), ascending: PE of *n_pe*, time step, key."""

    def figures(self, judgement: Judgement, n_pe: int) -> Mapping[str, Sequence[float]]:
        """What the program would note of the sample that *judgement* is of: by name, then PE."""


class Repeating(Trainable, Protocol):
    """A firmware class whose program may do the same for each sample, but for what depends on it.

    Those are its multicasts without payload, one in a time step, and the figures that it notes. It
    does nothing before the first sample or after the last one, no PE goes on to the next sample
    while another one still writes into its memory, and ``readout`` gives weights only.
    """

    def repeats(self, parameters: Any) -> str:
        """The form of a learner that does what the program does with *parameters*, bit for bit.

        Its learners are RasterLearners. Empty if the program does not repeat.
        """


def repeating(firmware_class: FirmwareClass) -> TypeGuard[Repeating]:
    """Whether *firmware_class* says itself when its program repeats: others inherit no promise."""
    return _is_trainable(firmware_class) and "repeats" in vars(firmware_class)


def shows_raster(learner: Learner) -> TypeGuard[RasterLearner]:
    """Whether *learner* tells what the program would have sent and noted."""
    return hasattr(learner, "sends") and hasattr(learner, "figures")


class StartsFromWeights(Protocol):
    """A firmware that can begin with weights which something else has learned."""

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take the own part of *weights*, the matrices of the whole network, before time starts.

        :raises WeightsError: they are those of another network.
        """


def trainable(path: str, firmware_class: FirmwareClass) -> Trainable:
    """*firmware_class*, which was found at *path*, if it can learn on the host.

    :raises FirmwareNotFoundError: it cannot.
    """
    if _is_trainable(firmware_class):
        return firmware_class
    missing = ", ".join(name for name in TRAINABLE if not hasattr(firmware_class, name))
    _, _, name = path.partition(":")
    raise FirmwareNotFoundError(path, f"{name} cannot learn on the host: it lacks {missing}")


def start_from(firmwares: Sequence[Firmware], weights: Mapping[str, NDArray[Any]]) -> None:
    """Give each PE its part of *weights*, before time starts.

    :raises FirmwareError: the firmware cannot start from weights.
    :raises WeightsError: they are those of another network.
    """
    for firmware in _starting_from_weights(firmwares):
        firmware.load_weights(weights)


def readout_digest(firmwares: Sequence[Firmware]) -> str:
    """SHA-256 of all that the PEs would read out now: before time starts, of the first weights."""
    sha = hashlib.sha256()
    for pe, firmware in enumerate(firmwares):
        for name, array in firmware.readout().items():
            sha.update(f"{pe} {name} {array.dtype.str} {array.shape}".encode())
            sha.update(array.tobytes())
    return sha.hexdigest()


def _starting_from_weights(firmwares: Sequence[Firmware]) -> Iterator[StartsFromWeights]:
    for pe, firmware in enumerate(firmwares):
        if not _starts_from_weights(firmware):
            problem = f"{type(firmware).__name__} cannot start from given weights"
            raise FirmwareError(pe, problem, "give it load_weights() or run without a checkpoint")
        yield firmware


def _is_trainable(firmware_class: object) -> TypeGuard[Trainable]:
    return all(hasattr(firmware_class, name) for name in TRAINABLE)


def _starts_from_weights(firmware: object) -> TypeGuard[StartsFromWeights]:
    return hasattr(firmware, "load_weights")
