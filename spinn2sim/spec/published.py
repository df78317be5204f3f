"""Published trainings of the same network on other machines, to compare energy with."""

from __future__ import annotations

from importlib import resources
from typing import Annotated

from spinn2sim.errors import SpecError
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.quantity import Within
from spinn2sim.validated import Validated, nearest, validate

_FOLDER = resources.files("spinn2sim.spec") / "trainings"


class PublishedTraining(Validated):
    """What somebody measured for a whole training."""

    name: str
    """The machine."""
    energy_kj: Annotated[float, Within(0, 10**9, "kJ")]
    """Energy of all epochs."""
    n_training_samples: Annotated[int, Within(1, 10**9, "sample")]
    """Samples of an epoch."""
    n_epochs: Annotated[int, Within(1, 10**6, "epoch")]
    """Epochs."""
    source: str
    """Who says so; the file spells the abbreviation out."""


def load_published(name: str) -> PublishedTraining:
    """The published training *name*.

    :raises SpecError: there is none of that name.
    """
    known = sorted(file.name.removesuffix(".yaml") for file in _FOLDER.iterdir())
    if name not in known:
        raise SpecError(
            "--training", (f"no published training {name!r}{nearest(name, known, 'trainings')}",)
        )
    text = (_FOLDER / f"{name}.yaml").read_text("utf-8")
    return validate(PublishedTraining, read_yaml(text, name), name)
