"""The commands around learning on the host: ``train`` and ``validate``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spinn2sim.command_line import AsJson, Overrides, ScenarioFile, load, print_json, report
from spinn2sim.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spinn2sim.firmware.learner import Trainable
    from spinn2sim.spec import Scenario
    from spinn2sim.training.folder import Plan
    from spinn2sim.training.progress import Progress

#: What a run is begun with; a resumed one has it from its folder.
FIXED = (
    *("SCENARIO", "--preset", "--data", "--form", "--seeds", "--start-from", "--set", "--out"),
    "--time",
)


def train(
    scenario: ScenarioFile = None,
    *,
    preset: Annotated[
        str | None, typer.Option(metavar="PRESET", help="A preset instead of a file.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="Folder or .tar.gz of Speech Commands, or embedded."),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Times to see the training set [default: 30].")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(metavar="FORM", help="Of the arithmetic: fast, online, ... [default: fast]."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="Networks to train [default: 1].")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="[default: runs/NAME-train-001]")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Go on with the run in it.")
    ] = None,
    start_from: Annotated[
        Path | None, typer.Option(metavar="CHECKPOINT", help="Begin with its weights.")
    ] = None,
    checkpoint_every: Annotated[
        int | None, typer.Option(metavar="N", help="Samples between checkpoints [default: 5000].")
    ] = None,
    time: Annotated[
        bool, typer.Option("--time", help="Price every training sample: machine time, energy.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Seeds at once [default: cores].")
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Train a scenario's network on the host; --form online learns the very bits of the chip.

    A killed run goes on with --resume from its last checkpoint, and ends in the same bits.

    \b
    spinn2sim train --preset paper-12pe --data embedded --epochs 5
    spinn2sim train --preset paper-12pe --data speech_commands_v0.01.tar.gz --seeds 10
    spinn2sim train --resume runs/paper-12pe-train-001
    spinn2sim train --resume runs/paper-12pe-train-001 --epochs 40
    spinn2sim train --preset paper-12pe --data new/ --start-from runs/x/seed-1/best.npz
    spinn2sim train --preset paper-12pe --data corpus/ --time
    """
    from spinn2sim.training.folder import begin, refuse_used, reopen, write_plan

    fixed = (scenario, preset, data, form, seeds, start_from, overrides, out, time or None)
    if resume is not None:
        _refuse_fixed(fixed)
        folder = resume
        wanted, plan = reopen(folder)
        given = {"epochs": epochs, "checkpoint_every": checkpoint_every}
        plan = plan.with_changes(**{key: value for key, value in given.items() if value})
        _train(folder, wanted, plan, workers, prepare=partial(write_plan, folder), as_json=as_json)
        return
    if not data:  # Empty text would be taken for the current folder.
        problem = "name the samples: a folder or .tar.gz of Speech Commands, or embedded"
        raise SpecError("--data", (problem,))
    wanted = load(scenario, preset, list(overrides or ()))
    plan = _plan(
        source=data if data == "embedded" else str(Path(data).resolve()),
        form=form,
        epochs=epochs,
        seeds=seeds,
        checkpoint_every=checkpoint_every,
        start_from=None if start_from is None else str(start_from),
        time=time,
    )
    folder = out or _next_folder(wanted.name)
    refuse_used(folder)
    _train(folder, wanted, plan, workers, prepare=partial(begin, folder, wanted), as_json=as_json)


def validate(
    scenario: ScenarioFile = None,
    *,
    preset: Annotated[
        str, typer.Option(metavar="PRESET", help="Preset, if no file is given.")
    ] = "paper-12pe",
    networks: Annotated[
        int, typer.Option(metavar="N", min=0, help="Random networks, beside the scenario's own.")
    ] = 8,
    pes: Annotated[
        str, typer.Option(metavar="N,N", help="Numbers of PEs to run the program on.")
    ] = "1,2,5",
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the networks.")] = 0,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Compare a firmware with its forms on the host, on random networks. Exit 1 if one is off.

    \b
    spinn2sim validate
    spinn2sim validate my_scenario.yaml --networks 50 --pes 1,3,12
    spinn2sim validate --set parameters.feedback=adaptive --json
    """
    from spinn2sim.training.tolerance import compare
    from spinn2sim.validated import validate as validated

    wanted = load(scenario, None if scenario else preset, list(overrides or ()))
    firmware_class = _trainable(wanted)
    found = compare(
        firmware_class,
        validated(firmware_class.Parameters, wanted.parameters, "parameters"),
        n_networks=networks,
        n_pes=_numbers(pes),
        seed=seed,
    )
    if as_json:
        rows = [{**row._asdict(), "holds": row.holds} for row in found]
        finite = [
            {**row, "difference": None} if row["difference"] == float("inf") else row
            for row in rows
        ]
        all_hold = all(row.holds for row in found)
        print_json("validate", {"holds": all_hold, "comparisons": finite})
    else:
        from spinn2sim.report.train_terminal import Row, print_tolerances

        with report() as console:
            print_tolerances(console, [Row(*row, row.holds) for row in found])
    if not all(row.holds for row in found):
        raise typer.Exit(1)


def _train(
    folder: Path,
    scenario: Scenario,
    plan: Plan,
    workers: int | None,
    *,
    prepare: Callable[[Plan], None],
    as_json: bool,
) -> None:
    """Train *plan* in *folder*, which *prepare* makes once nothing else can be wrong."""
    from spinn2sim.pricing import make_pricer
    from spinn2sim.training.folder import MetricsFile
    from spinn2sim.training.job import Report
    from spinn2sim.training.run import make_jobs, opener, with_features, write_outcomes
    from spinn2sim.training.seeds import divided, train_each

    jobs = make_jobs(folder, scenario, plan, _trainable(scenario))
    with _data_bar() as progress:
        splits = opener(scenario, plan)(progress=progress)
    jobs = with_features(jobs, splits)
    jobs[0].make_learner(splits)
    pricer = make_pricer(scenario, _trainable(scenario), splits) if plan.time else None
    jobs = [replace(job, pricer=pricer) for job in jobs]
    prepare(plan)
    metrics = MetricsFile(folder, [job.seed for job in jobs])
    n_workers = workers or min(len(jobs), os.cpu_count() or 1)
    try:
        with _training_bars() as show:
            ends = train_each(jobs, n_workers=n_workers, report=Report(show, metrics.renew))
    except KeyboardInterrupt:
        sys.stderr.write(f"to go on: spinn2sim train --resume {folder}\n")
        raise
    outcomes, failed = divided(jobs, ends)
    if not outcomes:
        raise next(iter(failed.values()))
    rows = metrics.rows()
    found = write_outcomes(folder, scenario.name, splits.classes, outcomes, rows, failed=failed)
    if as_json:
        print_json("train", {**found, "folder": str(folder)})
    else:
        from spinn2sim.report.train_terminal import print_price, print_results

        with report() as console:
            for note in splits.notes:
                console.print(f"note: {note}", markup=False)
            print_results(console, found)
            if pricer is not None:
                print_price(console, found["machine"], str(pricer))
            console.print(f"\nresults in {folder}", markup=False, soft_wrap=True)
    for error in failed.values():  # The first one; the results name all.
        raise error


def _trainable(scenario: Scenario) -> Trainable:
    from spinn2sim.elaboration import load_firmware
    from spinn2sim.firmware.learner import trainable

    return trainable(scenario.firmware, load_firmware(scenario.firmware))


def _plan(**given: Any) -> Plan:
    """The options that were given, over the defaults."""
    from spinn2sim.training.folder import Plan
    from spinn2sim.validated import validate as validated

    defaults = {"form": "fast", "epochs": 30}
    chosen = {key: value for key, value in given.items() if value is not None}
    return validated(Plan, defaults | chosen, "train")


def _refuse_fixed(given: Sequence[object]) -> None:
    """A resumed run has these from its folder."""
    named = [name for name, value in zip(FIXED, given, strict=True) if value not in (None, [])]
    if named:
        problem = f"{', '.join(named)} cannot be changed; leave it out or begin a new run"
        raise SpecError("--resume", (problem,))


def _next_folder(name: str) -> Path:
    from spinn2sim.run_folder import next_folder

    return next_folder(Path("runs"), f"{name}-train")


def _numbers(text: str) -> list[int]:
    """Whole numbers from 1, with commas between them."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise SpecError(f"--pes {text!r}", ("expected whole numbers from 1, as in 1,2,5",))
    return [int(part) for part in parts]


@contextmanager
def _training_bars() -> Iterator[Callable[[Progress], None]]:
    """What shows progress: bars if standard error is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from spinn2sim.report.train_terminal import training_bars

    with training_bars() as bars:
        yield bars.show


@contextmanager
def _data_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """What shows how far the features are: a bar if standard error is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from spinn2sim.report.train_terminal import data_bar

    with data_bar() as show:
        yield show
