"""What has come of a training run over all its seeds, as values."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import Spinn2SimError
from spinn2sim.training.job import Outcome
from spinn2sim.training.metrics import EpochMetrics
from spinn2sim.training.price import Price


def results(
    outcomes: Sequence[Outcome], failed: Mapping[int, Spinn2SimError] | None = None
) -> dict[str, Any]:
    """Plain JSON: each seed at its best epoch, then mean and deviation over these seeds.

    The standard deviation is that of a sample (n - 1), and null for one seed. Seeds that *failed*
    are named with their error, and are in no mean.
    """
    accuracies = [outcome.test_accuracy for outcome in outcomes]
    counts = confusion(outcomes)
    return {
        "seeds": [
            {
                "seed": outcome.seed,
                "best_epoch": outcome.best.epoch,
                "validation_accuracy": outcome.best.validation_accuracy,
                "test_accuracy": outcome.test_accuracy,
                "test_loss_nats": outcome.test_loss_nats,
                "firing_rate_hz": outcome.best.firing_rate_hz,
            }
            for outcome in outcomes
        ],
        "failed": [{"seed": seed, "error": str(error)} for seed, error in (failed or {}).items()],
        "n_seeds": len(outcomes),
        "test_accuracy_mean": statistics.fmean(accuracies),
        "test_accuracy_sd": statistics.stdev(accuracies) if len(outcomes) > 1 else None,
        "best_epoch_mean": statistics.fmean(outcome.best.epoch for outcome in outcomes),
        "majority_class_share": float(counts.sum(axis=1).max() / counts.sum()),
    }


def machine_price(rows: Sequence[EpochMetrics]) -> dict[str, Any] | None:
    """Plain JSON: what all epochs of a seed cost on the machine, mean over the seeds.

    None if they are not priced.
    """
    prices = [row.price for row in rows if row.price is not None]
    if not prices:
        return None
    total = reduce(Price.plus, prices)
    n_seeds = len({row.seed for row in rows})
    return {"n_epochs": len(prices) / n_seeds, **Price().plus(total, 1 / n_seeds)._asdict()}


def confusion(outcomes: Sequence[Outcome]) -> NDArray[np.int64]:
    """(n_classes, n_classes + 1) test samples by [target, predicted], summed over the seeds."""
    counts: NDArray[np.int64] = np.sum([outcome.confusion for outcome in outcomes], axis=0)
    return counts


def curves(rows: Sequence[EpochMetrics], figure: str) -> NDArray[np.float64]:
    """(n_seeds, n_epochs) the *figure* of each seed and epoch; NaN where there is none (yet)."""
    seeds = sorted({row.seed for row in rows})
    values = np.full((len(seeds), max((row.epoch for row in rows), default=0)), np.nan)
    for row in rows:
        values[seeds.index(row.seed), row.epoch - 1] = getattr(row, figure)
    return values
