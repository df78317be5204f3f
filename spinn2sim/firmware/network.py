"""A network of LIF neurons as arrays: what a firmware is given, and what a NIR graph becomes.

In each time step ``v = alpha * v + drive + currents``; a neuron with ``v > threshold`` spikes, and
its v becomes ``reset``. Inputs act in their step, spikes in the next one.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import MissingFileError, SpecError

Floats = NDArray[np.float32]

NEURON = ("alpha", "drive", "threshold", "reset")


class Projection(NamedTuple):
    """Weights to neurons that follow each other, from inputs or neurons that do."""

    first_pre: int
    first_post: int
    weight: Floats
    """(n_pre, n_post): a row for each that sends."""
    from_inputs: bool = False


@dataclass(frozen=True, slots=True)
class LifNetwork:
    """Neurons, numbered through all populations, and the projections between them."""

    n_in: int
    n_out: int
    """The last n_out neurons are the output."""
    alpha: Floats
    """(n_neurons,) what is left of v after a time step."""
    drive: Floats
    """(n_neurons,) added to v in each time step."""
    threshold: Floats
    reset: Floats
    projections: tuple[Projection, ...]

    @property
    def n_neurons(self) -> int:
        """Neurons of all populations."""
        return len(self.alpha)

    def save(self, path: Path) -> None:
        """Write an NPZ file that ``load_network`` reads."""
        places = [(each.first_pre, each.first_post, each.from_inputs) for each in self.projections]
        content: dict[str, Any] = {
            "n_in": self.n_in,
            "n_out": self.n_out,
            "places": np.array(places, np.int64).reshape(-1, 3),
            **{name: getattr(self, name) for name in NEURON},
            **{f"weight_{k}": each.weight for k, each in enumerate(self.projections)},
        }
        np.savez(path, **content)


def load_network(path: Path) -> LifNetwork:
    """The network that ``LifNetwork.save`` wrote to *path*.

    :raises MissingFileError: there is no such file.
    :raises SpecError: it is no such file.
    """
    if not path.is_file():
        raise MissingFileError("network", str(path), "make it with `spinn2sim network FILE.nir`")
    try:
        with np.load(path, allow_pickle=False) as found:
            return LifNetwork(
                int(found["n_in"]),
                int(found["n_out"]),
                **{name: found[name] for name in NEURON},
                projections=tuple(
                    Projection(int(pre), int(post), found[f"weight_{k}"], bool(from_inputs))
                    for k, (pre, post, from_inputs) in enumerate(found["places"])
                ),
            )
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile):
        problem = "is no network as `spinn2sim network` writes it"
        raise SpecError(str(path), (problem,)) from None


def random_network(n_in: int, n_neurons: int, n_out: int, seed: int) -> LifNetwork:
    """Neurons that all inputs and all neurons lead to, with weights drawn from *seed*."""
    rng = np.random.default_rng(seed)
    scale = np.float32(0.3 / np.sqrt(n_in))
    w_in, w_rec = (
        rng.normal(size=(n, n_neurons)).astype(np.float32) * scale for n in (n_in, n_neurons)
    )
    ones = np.ones(n_neurons, np.float32)
    projections = (Projection(0, 0, w_in, from_inputs=True), Projection(0, 0, w_rec))
    return LifNetwork(n_in, n_out, ones * np.float32(0.9), ones * 0, ones, ones * 0, projections)
