"""The folder of a training run.

::

    scenario.yaml       the resolved scenario, whose firmware and parameters are trained
    plan.json           how it is trained
    start.npz           the checkpoint that the weights come from, with --start-from
    seed-N/last.npz     the newest checkpoint of seed N; best.npz that of its best epoch
    metrics.csv         a row per seed and epoch, renewed after each epoch
    prices.csv          the same with time and energy on the machine, with --time
    results.json        best epochs and test accuracies, when all seeds are done
    confusion.csv       test samples by target (rows) and predicted class (columns), all seeds
    *.png               learning curves and confusion matrix

A run goes on from its folder alone.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from numpy.typing import NDArray

from spinn2sim.errors import CheckpointError, MissingFileError, OutputError
from spinn2sim.plain_yaml import read_yaml
from spinn2sim.quantity import Within
from spinn2sim.spec import Scenario, dump_scenario, load_scenario
from spinn2sim.training.checkpoint import LAST, checkpoint_file, load_checkpoint
from spinn2sim.training.metrics import EpochMetrics, write_metrics, write_prices
from spinn2sim.training.whole_file import write_whole
from spinn2sim.validated import Validated, validate

SCENARIO, PLAN, START = "scenario.yaml", "plan.json", "start.npz"
METRICS, PRICES = "metrics.csv", "prices.csv"
RESULTS, CONFUSION = "results.json", "confusion.csv"


class Plan(Validated):
    """How a scenario's network is trained."""

    source: str
    """What the samples come from: ``embedded``, a folder or an archive."""
    form: str
    """Of the arithmetic."""
    epochs: Annotated[int, Within(1, 1_000_000, "epoch")]
    """Times that each seed sees the training set."""
    seeds: Annotated[int, Within(1, 1_000, "seed")] = 1
    """The scenario's seed and those that follow it, so many in all."""
    checkpoint_every: Annotated[int, Within(1, 10**9, "sample")] = 5_000
    """Training samples between two checkpoints: what a killed run does again at most."""
    start_from: str | None = None
    """The checkpoint of the first weights, as it was named."""
    time: bool = False
    """Whether every training sample is priced."""


def refuse_used(folder: Path) -> None:
    """:raises OutputError: there is something in *folder*, or it is a file."""
    if (folder / PLAN).exists():
        remedy = "choose another --out, or go on with --resume"
        raise OutputError(str(folder), "holds a training run", remedy)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(str(folder), "is there already", "choose another --out")


def begin(folder: Path, scenario: Scenario, plan: Plan) -> None:
    """Make *folder*, and in it all that the run depends on.

    :raises OutputError: there is something in it, or it cannot be written.
    :raises MissingFileError: there is no checkpoint ``plan.start_from``.
    """
    refuse_used(folder)
    start = None if plan.start_from is None else _checkpoint_bytes(Path(plan.start_from))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made ({error.strerror or error})"
        raise OutputError(str(folder), problem, "choose another --out") from None
    if start is not None:
        write_whole(folder / START, start)
    write_whole(folder / SCENARIO, dump_scenario(scenario).encode())
    write_plan(folder, plan)


def write_plan(folder: Path, plan: Plan) -> None:
    """Write *plan*; with it a folder is a training run."""
    write_whole(folder / PLAN, (plan.model_dump_json(indent=2) + "\n").encode())


def reopen(folder: Path) -> tuple[Scenario, Plan]:
    """What the run in *folder* was begun with.

    :raises MissingFileError: there is none.
    :raises SpecError: its files have been damaged.
    """
    path = folder / PLAN
    if not path.is_file():
        raise MissingFileError("training run", str(path), "name a folder that `train` has made")
    text = path.read_text(encoding="utf-8", errors="replace")
    plan = validate(Plan, read_yaml(text, str(path)), str(path))  # JSON is YAML.
    return load_scenario(folder / SCENARIO), plan


def seed_folder(folder: Path, seed: int) -> Path:
    """Where the checkpoints of *seed* are."""
    return folder / f"seed-{seed}"


class MetricsFile:
    """``metrics.csv`` of a run, and ``prices.csv`` if there are any.

    Holds the rows of all seeds; the files are renewed when they change.
    """

    def __init__(self, folder: Path, seeds: Sequence[int]) -> None:
        self._folder = folder
        self._by_seed: dict[int, tuple[EpochMetrics, ...]] = {}
        for seed in seeds:
            # Whoever trains this seed will complain of its checkpoint, with the full reason.
            with suppress(MissingFileError, CheckpointError):
                history = load_checkpoint(seed_folder(folder, seed) / LAST).history
                self._by_seed[seed] = history

    def renew(self, history: tuple[EpochMetrics, ...]) -> None:
        """Put all epochs of one seed in place of its rows.

        :raises OutputError: a file cannot be written.
        """
        if history:
            self._by_seed[history[0].seed] = history
        write_metrics(self._folder / METRICS, self.rows())
        write_prices(self._folder / PRICES, self.rows())

    def rows(self) -> list[EpochMetrics]:
        """All rows, by seed and epoch."""
        return sorted(row for rows in self._by_seed.values() for row in rows)


def write_results(
    folder: Path,
    results: Mapping[str, Any],
    confusion: NDArray[Any],
    classes: Sequence[str],
) -> None:
    """Write results and confusion matrix; *confusion* is (n_classes, n_classes + 1).

    :raises OutputError: they cannot be written.
    """
    text = json.dumps(results, indent=2, allow_nan=False)
    write_whole(folder / RESULTS, f"{text}\n".encode())
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["target", *classes, "no class"])
    for name, counts in zip(classes, confusion.tolist(), strict=True):
        writer.writerow([name, *counts])
    write_whole(folder / CONFUSION, table.getvalue().encode())


def _checkpoint_bytes(path: Path) -> bytes:
    """The file *path*, or the best checkpoint in the folder, once it has proved to be sound."""
    file = checkpoint_file(path)
    load_checkpoint(file)
    return file.read_bytes()
