"""A whole training run: a job for each seed, and what is written when all are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from spinn2sim.errors import SpecError, Spinn2SimError
from spinn2sim.firmware.learner import Trainable
from spinn2sim.report.learning import draw_confusion, draw_learning_curves
from spinn2sim.spec import Scenario
from spinn2sim.training.checkpoint import load_weights
from spinn2sim.training.folder import START, Plan, seed_folder, write_results
from spinn2sim.training.job import Job, Outcome
from spinn2sim.training.metrics import EpochMetrics
from spinn2sim.training.results import confusion, curves, machine_price, results
from spinn2sim.training.source import open_source
from spinn2sim.validated import validate
from spinn2sim.workload import FeatureSettings
from spinn2sim.workload.feature_cache import features_in
from spinn2sim.workload.feature_set import Features


def make_jobs(folder: Path, scenario: Scenario, plan: Plan, firmware_class: Trainable) -> list[Job]:
    """A job for each seed, the scenario's and those that follow it.

    :raises SpecError: no such form, or parameters that cannot be used.
    :raises CheckpointError: the one to start from cannot be read.
    """
    if plan.form not in firmware_class.forms:
        problem = f"no form {plan.form!r} of the arithmetic; use {', '.join(firmware_class.forms)}"
        raise SpecError("--form", (problem,))
    weights = None
    if plan.start_from is not None:
        start = folder / START  # There already if the run is resumed.
        weights = load_weights(start if start.exists() else Path(plan.start_from))
    return [
        Job(
            firmware_class=firmware_class,
            parameters=validate(firmware_class.Parameters, scenario.parameters, "parameters"),
            open_splits=opener(scenario, plan),
            form=plan.form,
            n_epochs=plan.epochs,
            seed=seed,
            folder=seed_folder(folder, seed),
            checkpoint_every=plan.checkpoint_every,
            timestep_s=scenario.timestep / 1e9,
            weights=weights,
        )
        for seed in range(scenario.seed, scenario.seed + plan.seeds)
    ]


def opener(scenario: Scenario, plan: Plan) -> Callable[..., Features]:
    """What opens the samples: the same ones for every seed, since the scenario's seed cuts them."""
    settings = FeatureSettings(derivative_orders=scenario.workload.derivative_order)
    return partial(open_source, plan.source, settings, scenario.seed)


def with_features(jobs: Sequence[Job], features: Features) -> list[Job]:
    """*jobs* that open *features* where they are kept: the corpus is checked once for all seeds."""
    if features.folder is None:
        return list(jobs)
    opened = partial(features_in, features.folder)
    return [replace(job, open_splits=opened) for job in jobs]


def write_outcomes(
    folder: Path,
    name: str,
    classes: Sequence[str],
    outcomes: Sequence[Outcome],
    rows: Sequence[EpochMetrics],
    *,
    failed: Mapping[int, Spinn2SimError] | None = None,
) -> dict[str, Any]:
    """Write results, confusion matrix and figures of a finished run; answers the results.

    *failed*: the error of each seed that has no outcome, by seed. There is one outcome at least.

    :raises OutputError: something cannot be written.
    """
    found, counts = results(outcomes, failed), confusion(outcomes)
    done = {outcome.seed for outcome in outcomes}
    found["machine"] = machine_price([row for row in rows if row.seed in done])
    write_results(folder, found, counts, classes)
    panels = {
        "accuracy": {
            "training": curves(rows, "train_accuracy"),
            "validation": curves(rows, "validation_accuracy"),
        },
        "loss (nats)": {
            "training": curves(rows, "train_loss_nats"),
            "validation": curves(rows, "validation_loss_nats"),
        },
    }
    seeds = "1 seed" if len(outcomes) == 1 else f"mean and s.d. of {len(outcomes)} seeds"
    title = f"{name}: test accuracy {found['test_accuracy_mean']:.2%} ({seeds})"
    draw_learning_curves(panels, title, folder / "learning_curve.png")
    draw_confusion(counts, classes, f"{name}: test samples", folder / "confusion.png")
    return found
