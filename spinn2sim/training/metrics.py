"""The figures of an epoch, and the file that holds them for every epoch and seed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from spinn2sim.firmware.learner import Judgement
from spinn2sim.training.whole_file import write_whole


class Tally(NamedTuple):
    """Sums over the samples seen so far."""

    n: int = 0
    loss: float = 0.0
    """Added up in the order of the samples, so that a resumed run comes to the same bits."""
    n_correct: int = 0
    n_spikes: int = 0

    def with_sample(self, judgement: Judgement, n_spikes: int) -> Tally:
        """These sums and one more sample."""
        return Tally(
            self.n + 1,
            self.loss + judgement.loss,
            self.n_correct + judgement.correct,
            self.n_spikes + n_spikes,
        )

    @property
    def mean_loss(self) -> float:
        """Per sample; 0 if there is none."""
        return self.loss / max(self.n, 1)

    @property
    def accuracy(self) -> float:
        """Share of the samples with the right answer; 0 if there is none."""
        return self.n_correct / max(self.n, 1)


class EpochMetrics(NamedTuple):
    """One row of ``metrics.csv``. Accuracies are shares, 0 to 1."""

    seed: int
    epoch: int
    """From 1."""
    train_loss_nats: float
    """Mean over the epoch, each sample judged before it is learned from."""
    train_accuracy: float
    validation_loss_nats: float
    validation_accuracy: float
    firing_rate_hz: float
    """Spikes per neuron and simulated second, of the training samples."""
    samples_per_s: float
    """Training samples per second of the computer's time. Two runs differ in nothing else."""


def write_metrics(path: Path, rows: Iterable[EpochMetrics]) -> None:
    """Write *rows* by seed and epoch, whole or not at all, so that a plot tool may read any time.

    :raises OutputError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(EpochMetrics._fields)
    writer.writerows(sorted(rows))
    write_whole(path, text.getvalue().encode())


def best_epoch(history: Iterable[EpochMetrics]) -> EpochMetrics:
    """The epoch with the best validation accuracy; of several the one that came first."""
    return max(history, key=lambda row: (row.validation_accuracy, -row.epoch))
