"""A whole training on the machine, if each sample costs what those of a run did on average.

Beside it stands a published training of the same network on another machine.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.energy import energy
from spinn2sim.spec import PublishedTraining
from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One model of energy."""

    model: str
    sample_j: float
    epoch_j: float
    training_j: float
    times_less: float
    """Published energy over this one."""


@dataclass(frozen=True, slots=True)
class TrainingEnergy:
    """Energy of a training by each model, and by the chip model without the chip's baseline."""

    published: PublishedTraining
    training_s: float
    rows: tuple[TrainingRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "published": self.published.model_dump(mode="json"),
            "training_s": self.training_s,
            "models": [asdict(row) for row in self.rows],
        }


def training_energy(trace: Trace, published: PublishedTraining) -> TrainingEnergy:
    """What all epochs of *published* would take on the machine of *trace*."""
    found, n_run = energy(trace), len(trace.meta["workload"]["samples"])
    n_epoch = published.n_training_samples
    n_all = n_epoch * published.n_epochs
    models = {
        "paper": found.paper_j,
        "chip": found.chip_j,
        "chip without baseline": found.chip_j - found.baseline_j,
    }
    return TrainingEnergy(
        published,
        found.duration_s / n_run * n_all,
        tuple(
            TrainingRow(
                model,
                joules / n_run,
                joules / n_run * n_epoch,
                joules / n_run * n_all,
                published.energy_kj * 1e3 / (joules / n_run * n_all) if joules else 0.0,
            )
            for model, joules in models.items()
        ),
    )
