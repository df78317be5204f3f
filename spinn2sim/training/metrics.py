"""The figures of an epoch, and the file that holds them for every epoch and seed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spinn2sim.firmware.learner import Judgement
from spinn2sim.training.price import Price
from spinn2sim.training.whole_file import write_whole


class Tally(NamedTuple):
    """Sums over the samples seen so far."""

    n: int = 0
    loss: float = 0.0
    """Added up in the order of the samples, so that a resumed run comes to the same bits."""
    n_correct: int = 0
    n_spikes: int = 0
    price: Price | None = None
    """None if samples are not priced."""

    def with_sample(self, judgement: Judgement, n_spikes: int, price: Price | None = None) -> Tally:
        """These sums and one more sample."""
        return Tally(
            self.n + 1,
            self.loss + judgement.loss,
            self.n_correct + judgement.correct,
            self.n_spikes + n_spikes,
            None if price is None else price.plus(self.price or Price()),
        )

    @classmethod
    def from_plain(cls, values: Sequence[Any]) -> Tally:
        """The one that JSON has made *values* of, with a price or from before there were any."""
        return cls(*_with_price(values, len(cls._fields) - 1))

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
    price: Price | None = None
    """Of the epoch's training samples on the machine, if they are priced; not in the file."""

    @classmethod
    def from_plain(cls, values: Sequence[Any]) -> EpochMetrics:
        """The one that JSON has made *values* of, with a price or from before there were any."""
        return cls(*_with_price(values, len(cls._fields) - 1))


def write_metrics(path: Path, rows: Iterable[EpochMetrics]) -> None:
    """Write *rows* by seed and epoch, whole or not at all, so that a plot tool may read any time.

    :raises OutputError: it cannot be written.
    """
    columns = EpochMetrics._fields[:-1]
    _write(path, columns, (row[:-1] for row in sorted(rows)))


def write_prices(path: Path, rows: Iterable[EpochMetrics]) -> None:
    """Write the prices of *rows* as ``write_metrics`` does the other figures, if there are any.

    :raises OutputError: it cannot be written.
    """
    priced = [row for row in sorted(rows) if row.price is not None]
    if priced:
        columns = ("seed", "epoch", *Price._fields)
        _write(path, columns, ((row.seed, row.epoch, *(row.price or ())) for row in priced))


def best_epoch(history: Iterable[EpochMetrics]) -> EpochMetrics:
    """The epoch with the best validation accuracy; of several the one that came first."""
    return max(history, key=lambda row: (row.validation_accuracy, -row.epoch))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())


def _with_price(values: Sequence[Any], place: int) -> list[Any]:
    """*values*, with a Price from *place* on."""
    prices = (each if each is None else Price(*each) for each in values[place:])
    return [*values[:place], *prices]
