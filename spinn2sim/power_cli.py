"""The command ``power``: where the energy of a run went, and what a training would take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spinn2sim.command_line import AsJson, print_json
from spinn2sim.command_line import report as terminal


def power(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder or trace file.")],
    *,
    steps: Annotated[
        int, typer.Option("--steps", metavar="N", min=1, help="Time steps per row of the table.")
    ] = 10,
    training: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Also a whole training, against this published one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say where the energy of a run went: over time, by PE and by function.

    With --training, time and energy of all its samples and epochs at the mean of this run's
    samples, with and without the chip's baseline, beside what was published.

    \b
    spinn2sim power runs/paper-12pe-001
    spinn2sim power runs/paper-12pe-001 --steps 1 --json
    spinn2sim power runs/paper-12pe-001 --training eprop-paper
    """
    from spinn2sim.report.power import function_power, power_report
    from spinn2sim.report.training_energy import training_energy
    from spinn2sim.run_folder import read_run
    from spinn2sim.spec import load_published

    published = load_published(training) if training is not None else None
    trace = read_run(path)
    found = power_report(trace, steps)
    whole = training_energy(trace, published) if published is not None else None
    if as_json:
        more = {"training": whole.as_dict()} if whole is not None else {}
        over_time = {"functions_mw": function_power(trace, steps)}
        print_json("power", {**found.as_dict(), **over_time, **more})
        return
    from spinn2sim.report.power_terminal import print_power, print_training

    with terminal() as console:
        print_power(console, trace, found)
        if whole is not None:
            print_training(console, whole)
