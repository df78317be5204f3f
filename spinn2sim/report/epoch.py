"""An epoch of training, if each of its samples costs what those of a run did on average."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.summary import Summary, counted


@dataclass(frozen=True, slots=True)
class EpochCost:
    """Time and energy of all training samples of a corpus, once."""

    n_training_samples: int
    n_run: int
    """Samples that the run had."""
    sample_j: dict[str, float]
    """Joules of one of them, by model."""
    epoch_j: dict[str, float]
    epoch_s: float
    """On the machine."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    def __str__(self) -> str:
        counted_samples = counted(self.n_training_samples, "training sample")
        run = "sample" if self.n_run == 1 else f"{self.n_run:,} samples"
        head = f"epoch      {counted_samples} at the mean of this run's {run}"
        lines = [f"{self.epoch_s:,.0f} s on the machine"]
        lines += [
            f"{self.epoch_j[model]:,.4g} J by the {model} model, {joules:.4g} J each"
            for model, joules in self.sample_j.items()
        ]
        return f"\n{'':11}".join([head, *lines])


def epoch_cost(summary: Summary, n_training_samples: int) -> EpochCost:
    """What *n_training_samples* samples like those of a run cost."""
    sample_j = {model: j / summary.n_samples for model, j in summary.energy_j.items()}
    return EpochCost(
        n_training_samples=n_training_samples,
        n_run=summary.n_samples,
        sample_j=sample_j,
        epoch_j={model: j * n_training_samples for model, j in sample_j.items()},
        epoch_s=summary.simulated_s / summary.n_samples * n_training_samples,
    )
