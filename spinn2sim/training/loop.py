"""The training loop: sample by sample, epoch by epoch, from checkpoint to checkpoint.

It knows no network. Everything that can change a later bit is in the checkpoint, so a run that was
killed goes on as if it had not been; what it did after its last checkpoint it does again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spinn2sim.errors import CheckpointError
from spinn2sim.firmware.learner import Learner
from spinn2sim.training.checkpoint import (
    BEST,
    LAST,
    Checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from spinn2sim.training.divergence import located, refuse_dead_or_saturated, refuse_nan
from spinn2sim.training.job import Job, Outcome, Report
from spinn2sim.training.lock import locked
from spinn2sim.training.metrics import EpochMetrics, Tally, best_epoch
from spinn2sim.training.progress import Progress, Stopwatch
from spinn2sim.training.splits import LabelledSet, Splits, sample_order

Confusion = tuple[tuple[int, ...], ...]


def train(job: Job, report: Report) -> Outcome:
    """Train the network of *job* to its last epoch, from its last checkpoint if there is one.

    :raises DivergenceError: the network has stopped to say anything.
    :raises CheckpointError: a checkpoint is damaged or of another run.
    :raises OutputError: the folder cannot be written, or another process trains in it.
    """
    with locked(job.folder):
        training = Training(job, job.open_splits(), report)
        training.resume()
        while training.epoch <= job.n_epochs:
            training.learn_epoch()
            training.close_epoch()
        return training.outcome()


class Training:
    """One network on its way: before sample ``tally.n`` of epoch ``epoch``, or past the last."""

    def __init__(self, job: Job, splits: Splits, report: Report) -> None:
        self.job, self.splits, self.report = job, splits, report
        self.learner: Learner = job.make_learner(splits)
        self.identity = job.identity(splits)
        self.n_samples, self._n_timesteps, _ = splits.train.x.shape
        self.history: tuple[EpochMetrics, ...] = ()
        self._stopwatch = Stopwatch()
        self._begin_epoch(1)

    def resume(self) -> None:
        """Go on from the last checkpoint, if there is one, and tell the history.

        :raises CheckpointError: it is damaged or of another run.
        """
        if (self.job.folder / LAST).exists():
            checkpoint = self._own_checkpoint(LAST)
            self.learner.restore(checkpoint.state)
            self.epoch, self.tally = checkpoint.epoch, checkpoint.tally
            self.order, self.history = checkpoint.order, checkpoint.history
        self.report.history(self.history)

    def learn_epoch(self) -> None:
        """Learn the rest of the epoch's samples, with a checkpoint now and then.

        :raises DivergenceError: see ``divergence``.
        """
        x, targets = np.asarray(self.splits.train.x), self.splits.train.targets
        learner, pricer = self.learner, self.job.pricer
        self._stopwatch.start()
        with located(self._where):
            for k in self.order[self.tally.n :].tolist():
                judgement = learner.learn(x[k], int(targets[k]))
                refuse_nan(judgement.loss)
                price = None if pricer is None else pricer(learner)
                self.tally = self.tally.with_sample(judgement, learner.n_spikes, price)
                self._stopwatch.n_samples += 1
                if self.tally.n % self.job.checkpoint_every == 0:
                    self._save(LAST)
                if self._stopwatch.is_time_to_tell():
                    self.report.progress(self._progress())
            refuse_dead_or_saturated(self.tally.n_spikes, self._n_neuron_steps())

    def close_epoch(self) -> None:
        """Judge the validation set, note the figures of the epoch, and begin the next.

        :raises DivergenceError: see ``divergence``.
        """
        samples_per_s = self._stopwatch.samples_per_s()
        validation, _ = self._judge(self.splits.validation)
        row = EpochMetrics(
            seed=self.job.seed,
            epoch=self.epoch,
            train_loss_nats=self.tally.mean_loss,
            train_accuracy=self.tally.accuracy,
            validation_loss_nats=validation.mean_loss,
            validation_accuracy=validation.accuracy,
            firing_rate_hz=self._firing_rate_hz(),
            samples_per_s=samples_per_s,
            price=self.tally.price,
        )
        self.history = (*self.history, row)
        self._begin_epoch(self.epoch + 1)
        # The best one first: killed between the two, a run finds the epoch open and repeats it.
        if best_epoch(self.history) is row:
            self._save(BEST)
        self._save(LAST)
        self.report.history(self.history)

    def outcome(self) -> Outcome:
        """The network of the best epoch, judged on the test set.

        :raises CheckpointError: its checkpoint is damaged or of another run.
        """
        self.learner.restore(self._own_checkpoint(BEST).state)
        tally, confusion = self._judge(self.splits.test)
        best = best_epoch(self.history)
        return Outcome(self.job.seed, best, tally.mean_loss, tally.accuracy, confusion)

    def _begin_epoch(self, epoch: int) -> None:
        self.epoch, self.tally = epoch, Tally()
        self.order = sample_order(self.job.seed, epoch, self.n_samples)

    def _judge(self, part: LabelledSet) -> tuple[Tally, Confusion]:
        """Sums over *part*, and how many of its samples are of [target][predicted]."""
        tally, targets, predicted = Tally(), part.targets.tolist(), []
        with located(self._where):
            for x, target in zip(np.asarray(part.x), targets, strict=True):
                judgement = self.learner.judge(x, target)
                tally = tally.with_sample(judgement, self.learner.n_spikes)
                predicted.append(judgement.predicted)
        n_classes = len(self.splits.classes)
        counts = np.zeros((n_classes, n_classes + 1), np.int64)
        np.add.at(counts, (targets, np.minimum(predicted, n_classes)), 1)
        return tally, tuple(map(tuple, counts.tolist()))

    def _own_checkpoint(self, name: str) -> Checkpoint:
        path = self.job.folder / name
        checkpoint = load_checkpoint(path)
        difference = _difference(checkpoint.identity, self.identity)
        if difference:
            problem = f"is of another run: {difference}"
            raise CheckpointError(str(path), problem, "resume with what it was begun with")
        return checkpoint

    def _save(self, name: str) -> None:
        checkpoint = Checkpoint(
            identity=self.identity,
            epoch=self.epoch,
            tally=self.tally,
            order=self.order,
            history=self.history,
            state=self.learner.state(),
        )
        save_checkpoint(self.job.folder / name, checkpoint)

    def _progress(self) -> Progress:
        job, samples_per_s = self.job, self._stopwatch.samples_per_s()
        n_done = (self.epoch - 1) * self.n_samples + self.tally.n
        n_total = job.n_epochs * self.n_samples
        return Progress(
            seed=job.seed,
            epoch=self.epoch,
            n_epochs=job.n_epochs,
            n_done=n_done,
            n_total=n_total,
            loss_nats=self.tally.mean_loss,
            train_accuracy=self.tally.accuracy,
            validation_accuracy=self.history[-1].validation_accuracy if self.history else None,
            firing_rate_hz=self._firing_rate_hz(),
            samples_per_s=samples_per_s,
            left_s=(n_total - n_done) / samples_per_s,
        )

    def _firing_rate_hz(self) -> float:
        """Spikes per neuron and second in the samples so far, of which there is one at least."""
        return self.tally.n_spikes / (self._n_neuron_steps() * self.job.timestep_s)

    def _n_neuron_steps(self) -> int:
        return self.tally.n * self.learner.n_neurons * int(self._n_timesteps)

    def _where(self) -> str:
        done = f"{self.tally.n:,} of {self.n_samples:,} samples"
        return f"seed {self.job.seed}, epoch {self.epoch}, after {done}"


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str | None:
    """The first key in which *found* is not as *wanted*, with both values."""
    for key, value in wanted.items():
        other = found.get(key)
        if other == value:
            continue
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            return _difference(other, value) or f"{key} has further keys"
        return f"{key} was {other!r:.80} and is now {value!r:.80}"
    return None
