"""The fidelity ``train``: a network is trained on the host, and its accuracy is the answer."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from spinn2sim.elaboration import load_firmware
from spinn2sim.explore.columns import Outputs
from spinn2sim.firmware.learner import trainable
from spinn2sim.spec import Scenario
from spinn2sim.training.folder import Plan
from spinn2sim.training.job import Report
from spinn2sim.training.run import make_jobs
from spinn2sim.training.seeds import train_all
from spinn2sim.validated import Validated

LEARNING_OUTPUTS = (
    "test_accuracy",
    "test_loss_nats",
    "validation_accuracy",
    "validation_loss_nats",
    "train_accuracy",
    "train_loss_nats",
    "best_epoch",
    "firing_rate_hz",
)


class LearningSettings(Validated):
    """How each point is trained; its scenario's seed draws the weights and orders the samples."""

    source: str = "embedded"
    """Folder or archive of Speech Commands, or ``embedded``: enough to see it run, not to learn."""
    form: str = "fast"
    """Of the arithmetic."""
    epochs: int = 5
    """Times to see the training set."""
    start_from: str | None = None
    """Checkpoint with the first weights."""


def learn(scenario: Scenario, settings: LearningSettings) -> Outputs:
    """The columns LEARNING_OUTPUTS: figures of the best epoch, accuracies as shares.

    :raises Spinn2SimError: the network cannot be trained, or stops to say anything.
    """
    firmware_class = trainable(scenario.firmware, load_firmware(scenario.firmware))
    plan = Plan(
        source=settings.source,
        form=settings.form,
        epochs=settings.epochs,
        start_from=settings.start_from,
    )
    report = Report(lambda _: None, lambda _: None)
    with TemporaryDirectory(prefix="spinn2sim-") as folder:
        jobs = make_jobs(Path(folder), scenario, plan, firmware_class)
        (outcome,) = train_all(jobs, n_workers=1, report=report)
    best = outcome.best
    return {
        "test_accuracy": outcome.test_accuracy,
        "test_loss_nats": outcome.test_loss_nats,
        "validation_accuracy": best.validation_accuracy,
        "validation_loss_nats": best.validation_loss_nats,
        "train_accuracy": best.train_accuracy,
        "train_loss_nats": best.train_loss_nats,
        "best_epoch": best.epoch,
        "firing_rate_hz": best.firing_rate_hz,
    }
