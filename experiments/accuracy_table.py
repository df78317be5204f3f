"""Trains every row of docs/accuracy.md on a synthetic corpus, and writes the page.

    python -m experiments.accuracy_table --data runs/speech --out runs/accuracy

The corpus is made first if it is not there. Each row is an ordinary training run in a folder of its
own, so a command that was stopped goes on where it was, and a finished row is only read. One
network is trained at a time, at low priority. All parameters but those of the row are those of the
preset, so that a row is also ``spinn2sim train --preset paper-12pe`` with its ``--set`` options.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from experiments import accuracy_page
from spinn2sim import load_scenario
from spinn2sim.elaboration import load_firmware, make_firmware
from spinn2sim.errors import DivergenceError, Spinn2SimError
from spinn2sim.feasibility import noise
from spinn2sim.firmware.learner import trainable
from spinn2sim.spec import Scenario
from spinn2sim.training.checkpoint import BEST, load_checkpoint
from spinn2sim.training.folder import PLAN, RESULTS, MetricsFile, Plan, begin, seed_folder
from spinn2sim.training.job import Report
from spinn2sim.training.run import make_jobs, opener, with_features, write_outcomes
from spinn2sim.training.seeds import divided, train_each
from spinn2sim.training.whole_file import write_whole
from spinn2sim.workload.feature_set import Features, FeatureSet
from spinn2sim.workload.synthesis import plan as planned_clips
from spinn2sim.workload.synthesis import synthesise
from spinn2sim.workload.voices import VOICES

DOCS = Path(__file__).parents[1] / "docs"

#: The corpus that is made: 5,200 / 650 / 1,170 clips.
PER_CLASS, CORPUS_SEED = 540, 1


class Row(NamedTuple):
    """One line of the table."""

    key: str
    """Names its folder."""
    group: str
    what: str
    parameters: Mapping[str, Any] = {}
    """That differ from the preset's."""
    form: str = "fast"
    derivative_order: int = 1
    """Of the features: 40, 80 or 120 inputs."""


#: 5, 150 and 10 ms in time steps of 10 ms.
MILLISECONDS = {"tau_m": 0.5, "tau_a": 15.0, "tau_out": 1.0}

#: psi(u / v_th) / v_th is a psi of v_th times the width: the width of 0.5 times v_th.
SCALED, TEXT = {"psi_sigma": 0.5 * 0.01}, {"parameter_set": "paper-text"}

NETWORK, OPTIMISER, FORM = "Network", "Optimiser", "Form of the arithmetic"


def _optimiser(name: str, *rates: float) -> list[Row]:
    return [
        Row(
            f"{name}-{rate:g}",
            OPTIMISER,
            f"{name}, rate {rate:g}",
            {"optimiser": name, "learning_rate": rate},
        )
        for rate in rates
    ]


AUTHORS = Row("authors", NETWORK, "`authors`, v_th = 1.6 (the default)")
ROWS = (
    AUTHORS,
    Row("authors-scaled-psi", NETWORK, "`authors`, psi scaled", {"psi_sigma": 0.5 * 1.6}),
    Row("authors-exact", NETWORK, "`authors-exact`", {"parameter_set": "authors-exact"}),
    Row("v_th-0.01", NETWORK, "`authors`, v_th = 0.01", {"v_th": 0.01}),
    Row("v_th-scaled-psi", NETWORK, "`authors`, v_th = 0.01, psi scaled", {"v_th": 0.01, **SCALED}),
    Row("paper-text", NETWORK, "`paper-text`, v_th = 0.01", TEXT),
    Row("scaled-psi", NETWORK, "`paper-text`, v_th = 0.01, psi scaled", TEXT | SCALED),
    Row("milliseconds", NETWORK, "`authors`, time constants in ms, not in steps", MILLISECONDS),
    Row("random", NETWORK, "`authors`, random feedback", {"feedback": "random"}),
    Row("adaptive", NETWORK, "`authors`, adaptive feedback", {"feedback": "adaptive"}),
    *_optimiser("adam", 0.01, 0.0003),
    *_optimiser("rmsprop", 0.001, 0.0003),
    *_optimiser("momentum", 0.03, 0.01, 0.001),
    *_optimiser("sgd", 0.3, 0.1, 0.01, 0.001),
    Row("online", FORM, "`online`: what the chip computes", form="online"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is not trained yet, then write the page. Returns the exit code."""
    chosen = _parser().parse_args(arguments)
    os.nice(10)
    try:
        if not chosen.data.exists():
            synthesise(chosen.data, per_class=PER_CLASS, seed=CORPUS_SEED)
        given = {"source": str(chosen.data.resolve()), "epochs": chosen.epochs}
        features = opener(load_scenario(preset="paper-12pe"), Plan(form="fast", **given))()
        found = {
            row.key: train_row(row, chosen.out / row.key, features, seeds=chosen.seeds, **given)
            for row in ROWS
            if _is_wanted(row, chosen)
        }
        if chosen.only is None:
            _write_page(chosen, features, found)
    except Spinn2SimError as error:
        print(f"accuracy_table: {error}", file=sys.stderr)
        return 2
    return 0


def _is_wanted(row: Row, chosen: argparse.Namespace) -> bool:
    if chosen.so_far:
        return row == AUTHORS or (chosen.out / row.key / RESULTS).exists()
    return chosen.only is None or row.key in chosen.only


def train_row(
    row: Row, folder: Path, features: Features, *, source: str, epochs: int, seeds: int
) -> dict[str, Any]:
    """The results of *row*, trained in *folder* as far as they are not there yet.

    A row whose networks have all diverged is a result, too: it has no seeds but failed ones.

    :raises Spinn2SimError: a file cannot be read or written.
    """
    if (folder / RESULTS).exists():
        results: dict[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        return results
    scenario = scenario_of(row)
    plan = Plan(source=source, form=row.form, epochs=epochs, seeds=seeds)
    firmware_class = trainable(scenario.firmware, load_firmware(scenario.firmware))
    jobs = with_features(make_jobs(folder, scenario, plan, firmware_class), features)
    if not (folder / PLAN).exists():
        begin(folder, scenario, plan)
    metrics = MetricsFile(folder, [job.seed for job in jobs])
    ends = train_each(jobs, n_workers=1, report=Report(lambda _: None, metrics.renew))
    outcomes, failed = divided(jobs, ends)
    if not outcomes:
        return _diverged(row, folder, failed)
    rows = metrics.rows()
    found = write_outcomes(folder, row.key, features.classes, outcomes, rows, failed=failed)
    print(f"{row.key:<20} {found['test_accuracy_mean']:.3f}", flush=True)
    return found


def _diverged(row: Row, folder: Path, failed: Mapping[int, Spinn2SimError]) -> dict[str, Any]:
    for error in failed.values():
        if not isinstance(error, DivergenceError):
            raise error
    errors = [{"seed": seed, "error": str(error)} for seed, error in failed.items()]
    found = {"seeds": [], "failed": errors, "n_seeds": 0}
    write_whole(folder / RESULTS, json.dumps(found, indent=2).encode())
    print(f"{row.key:<20} diverged", flush=True)
    return found


def scenario_of(row: Row) -> Scenario:
    """The paper's network on 12 PEs with the parameters and features of *row*."""
    scenario = load_scenario(preset="paper-12pe")
    workload = scenario.workload.with_changes(derivative_order=row.derivative_order)
    parameters = {**scenario.parameters, **row.parameters}
    return scenario.with_changes(parameters=parameters, workload=workload)


def state_bytes(row: Row) -> int:
    """Bytes of all arrays of all PEs."""
    scenario = scenario_of(row)
    workload, n_pe = noise(scenario, 2), scenario.n_pe
    return sum(make_firmware(scenario, workload, n_pe, pe).layout.n_bytes for pe in range(n_pe))


def accuracy_by_voice(folder: Path, part: FeatureSet, seeds: Sequence[int]) -> dict[str, float]:
    """Share of the clips of each variant of voice that the networks in *folder* get right.

    It knows who speaks only in a corpus of ``synthesise`` with the sizes above.
    """
    variants = {
        clip.file: clip.voice.partition("+")[2] for clip in planned_clips(PER_CLASS, CORPUS_SEED)
    }
    right: dict[str, list[bool]] = {}
    scenario = scenario_of(AUTHORS)
    firmware_class: Any = load_firmware(scenario.firmware)
    parameters = firmware_class.Parameters(**scenario.parameters)
    for seed in seeds:
        learner = firmware_class.learner(
            parameters, n_timesteps=part.x.shape[1], n_classes=12, seed=seed, form="fast"
        )
        learner.restore(load_checkpoint(seed_folder(folder, seed) / BEST).state)
        for name, x, target in zip(part.names, part.x, part.targets.tolist(), strict=True):
            judgement = learner.judge(x, target)
            right.setdefault(variants.get(name, accuracy_page.SILENCE), []).append(
                judgement.correct
            )
    return {voice: sum(each) / len(each) for voice, each in right.items()}


def _write_page(
    chosen: argparse.Namespace, features: Features, found: Mapping[str, dict[str, Any]]
) -> None:
    first = found[AUTHORS.key]
    seeds = [each["seed"] for each in first["seeds"]]
    folder = chosen.out / AUTHORS.key
    page = accuracy_page.page(
        [(row, found[row.key], state_bytes(row)) for row in ROWS if row.key in found],
        command=f"python -m experiments.accuracy_table --data {chosen.data} --out {chosen.out}",
        n_clips={split: len(features.split(split)) for split in ("train", "validation", "test")},
        n_epochs=chosen.epochs,
        n_tracts={split: len(tracts) for split, tracts in VOICES.items()},
        voices={
            split: accuracy_by_voice(folder, features.split(split), seeds)
            for split in ("validation", "test")
        },
        missing=[row for row in ROWS if row.key not in found],
    )
    (DOCS / "images").mkdir(exist_ok=True)
    curve = (folder / "learning_curve.png").read_bytes()
    (DOCS / "images" / "learning_curve.png").write_bytes(curve)
    (DOCS / "accuracy.md").write_text(page, encoding="utf-8")
    print(f"written: {DOCS / 'accuracy.md'}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Train the rows of docs/accuracy.md.")
    parser.add_argument("--data", type=Path, default=Path("runs/speech"), help="corpus")
    parser.add_argument("--out", type=Path, default=Path("runs/accuracy"), help="folder of runs")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=3)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--only", nargs="+", metavar="ROW", help="train these, write no page")
    which.add_argument("--so-far", action="store_true", help="write the page of what is trained")
    return parser


if __name__ == "__main__":
    sys.exit(main())
