"""The command line. Exit codes: 0 done, 1 a --fail-if condition holds, 2 bad input, 130 Ctrl-C."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spinn2sim import __version__
from spinn2sim.errors import SpecError, Spinn2SimError

if TYPE_CHECKING:
    from spinn2sim.feasibility import Check
    from spinn2sim.spec import Scenario

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a field, as chip.pe.clock=150MHz. May be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Run the command line; a user's mistake ends in one message and exit code 2."""
    sys.path.insert(0, str(Path.cwd()))  # so that `firmware: my_module:MyFirmware` is found
    try:
        app()
    except Spinn2SimError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)


@app.callback(invoke_without_command=True)
def about(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Simulate the SpiNNaker 2 chip: whether a network learns in real time, and what limits it."""
    if version:
        typer.echo(f"spinn2sim {__version__}")
        raise typer.Exit


@app.command()
def run(
    scenario: Annotated[Path | None, typer.Argument(help="Scenario file (YAML).")] = None,
    *,
    preset: Annotated[str | None, typer.Option(help="A preset instead of a file.")] = None,
    samples: Annotated[int | None, typer.Option(help="Utterances to run.")] = None,
    audio: Annotated[Path | None, typer.Option(help="WAV or FLAC file, or a folder.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all randomness.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first overrun.")] = False,
    out: Annotated[Path | None, typer.Option(help="Run folder [default: runs/NAME-001].")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the run in --out.")] = False,
    fail_if: Annotated[
        list[str] | None, typer.Option(help="Exit with 1 if it holds: 'cycles_per_step > 250000'.")
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario and write a run folder.

    \b
    spinn2sim run --preset paper-12pe
    spinn2sim run scenario.yaml --samples 3 --audio speech/ --set chip.pe.clock=150MHz
    spinn2sim run --preset paper-12pe --json --fail-if 'slack_cycles < 0'
    """
    from spinn2sim.conditions import parse_condition
    from spinn2sim.report import summarise
    from spinn2sim.run_folder import next_folder, refuse_existing, write_run
    from spinn2sim.sim import simulate

    conditions = [parse_condition(text) for text in fail_if or ()]
    given = {"workload.n_samples": samples, "workload.source": audio, "seed": seed}
    options = _options(given) + (["strict=true"] if strict else []) + (overrides or [])
    wanted = _load(scenario, preset, options)
    folder = out or next_folder(Path("runs"), wanted.name)
    refuse_existing(folder, replace=force)
    with _progress(f"simulating {wanted.name}") as progress:
        began = time.perf_counter()
        trace = simulate(wanted, progress=progress)
        wall_s = time.perf_counter() - began
    summary = summarise(trace)
    write_run(folder, wanted, trace, summary, wall_s=wall_s, replace=force)
    if as_json:
        typer.echo(json.dumps({**summary.as_dict(), "folder": str(folder)}, indent=2))
    else:
        from spinn2sim.report.terminal import print_run

        console = _console()
        print_run(console, trace, summary)
        console.print(
            f"\n{summary.simulated_s:.2f} s simulated in {wall_s:.2f} s "
            f"({summary.simulated_s / wall_s:.1f} x real time); results in {folder}",
            markup=False,
            highlight=False,
        )
    held = [condition.text for condition in conditions if condition.holds(summary)]
    if held:
        typer.echo(f"failed: {'; '.join(held)}", err=True)
        raise typer.Exit(1)


@app.command()
def check(
    scenario: Annotated[Path | None, typer.Argument(help="Scenario file (YAML).")] = None,
    *,
    preset: Annotated[str, typer.Option(help="Preset, if no file is given.")] = "paper-12pe",
    n_in: Annotated[int | None, typer.Option(help="Inputs.")] = None,
    n_rec: Annotated[int | None, typer.Option(help="Recurrent neurons.")] = None,
    n_out: Annotated[int | None, typer.Option(help="Outputs.")] = None,
    pes: Annotated[int | None, typer.Option(help="PEs.")] = None,
    clock: Annotated[str | None, typer.Option(help="PE clock, or several with commas.")] = None,
    chip: Annotated[
        str | None, typer.Option(help="Preset of the machine: fpga-prototype, spinnaker2.")
    ] = None,
    cost_table: Annotated[str | None, typer.Option(help="Cost table: name or file.")] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Say in a blink whether a network fits in time and memory, and how large it could be.

    \b
    spinn2sim check --n-in 80 --n-rec 120 --n-out 12 --pes 12 --clock 65MHz
    spinn2sim check --n-rec 76 --pes 1 --clock 65MHz,150MHz,300MHz
    spinn2sim check --chip spinnaker2 --n-rec 480 --pes 152 --json
    """
    from spinn2sim.feasibility import check as check_scenario

    given = {
        "parameters.n_in": n_in,
        "parameters.n_rec": n_rec,
        "parameters.n_out": n_out,
        "parameters.cost_table": cost_table,
        "n_pe": pes,
    }
    options = _options(given) + (overrides or [])
    rates = [[f"chip.pe.clock={rate}"] for rate in clock.split(",")] if clock else [[]]
    checks = []
    with _progress("checking") as progress:
        for number, rate in enumerate(rates):
            wanted = _load(scenario, None if scenario else preset, options + rate, machine=chip)
            checks.append(check_scenario(wanted))
            progress((number + 1) / len(rates))
    if as_json:
        content = [found.as_dict() for found in checks]
        typer.echo(json.dumps({**content[0], "clocks": content}, indent=2))
    else:
        _print_checks(checks)


@app.command()
def explain(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder or trace file.")],
    figure: Annotated[str, typer.Argument(help="A key of its summary: cycles_per_step.")],
) -> None:
    """Print the arithmetic, coefficients and sources behind a figure of a run.

    \b
    spinn2sim explain runs/paper-12pe-001 cycles_per_step
    spinn2sim explain runs/paper-12pe-001 energy_j.chip
    """
    from spinn2sim.report.explain import explain as explain_figure
    from spinn2sim.run_folder import read_run

    for line in explain_figure(read_run(path), figure):
        typer.echo(line)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario.

    \b
    spinn2sim schema > scenario.schema.json
    """
    from spinn2sim.spec import Scenario

    typer.echo(json.dumps(Scenario.model_json_schema(), indent=2))


@app.command()
def presets() -> None:
    """List the presets that a scenario can rest on.

    \b
    spinn2sim presets
    """
    from spinn2sim.spec import presets as known

    for name, description in known().items():
        typer.echo(f"{name:<16} {description}")


def _load(
    path: Path | None, preset: str | None, overrides: list[str], machine: str | None = None
) -> Scenario:
    from spinn2sim.spec import load_scenario

    if (path is None) == (preset is None):
        raise SpecError("run", ("name one scenario file, or one preset with --preset",))
    return load_scenario(path, preset=preset, machine=machine, overrides=overrides)


def _options(given: Mapping[str, object]) -> list[str]:
    """The options that were given, as overrides; a path is quoted so that it stays text."""
    return [
        f"{key}={value if isinstance(value, int) else json.dumps(str(value))}"
        for key, value in given.items()
        if value is not None
    ]


@contextmanager
def _progress(title: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, if that is a terminal; gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda done: bar.update(task, completed=done)


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def _print_checks(checks: list[Check]) -> None:
    from rich.table import Table

    from spinn2sim.report.terminal import print_verdict

    console = _console()
    for found in checks:
        print_verdict(console, found.summary)
    table = Table(title="Largest N_rec on these PEs", title_justify="left", pad_edge=False)
    columns = ("clock", "in time", "without update", "in memory", "both", "cycles/step")
    for name in columns:
        table.add_column(name, justify="right")
    for found in checks:
        limits = found.largest
        numbers = (limits.time, limits.time_without_update, limits.memory, limits.both)
        table.add_row(
            f"{found.summary.clock_hz / 1e6:g} MHz",
            *("none" if number is None else f"{number:,}" for number in numbers),
            f"{found.summary.cycles_per_step:,.0f}",
        )
    console.print(table)
