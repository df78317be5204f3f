"""The command line. Exit codes: 0 done, 1 a --fail-if condition holds, 2 bad input, 130 Ctrl-C."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from spinn2sim import __version__
from spinn2sim.batch_cli import batch
from spinn2sim.command_line import (
    AsJson,
    Overrides,
    ScenarioFile,
    StopWatch,
    load,
    print_json,
    print_text,
    progress_bar,
    refuse_empty,
    report,
    troubles,
)
from spinn2sim.costs_cli import costs_app
from spinn2sim.data_cli import data_app
from spinn2sim.doctor_cli import doctor
from spinn2sim.elf_cli import measure
from spinn2sim.errors import PlacementError, SpecError, Spinn2SimError
from spinn2sim.explore_cli import limits, search, sweep_app
from spinn2sim.export_cli import export
from spinn2sim.network_cli import network
from spinn2sim.new_cli import new_app
from spinn2sim.paper_cli import paper
from spinn2sim.power_cli import power
from spinn2sim.report_cli import compare
from spinn2sim.report_cli import report as report_file
from spinn2sim.train_cli import train, validate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data_app, name="data")
app.add_typer(costs_app, name="costs")
app.add_typer(sweep_app, name="sweep")
app.command()(batch)
app.add_typer(new_app, name="new")
app.command()(compare)
app.command()(doctor)
app.command()(export)
app.command()(limits)
app.command()(measure)
app.command()(network)
app.command()(paper)
app.command()(power)
app.command(name="report")(report_file)
app.command()(search)
app.command()(train)
app.command()(validate)

Machine = Annotated[
    str | None,
    typer.Option(
        metavar="PRESET", help="Run on this machine: fpga-prototype, spinnaker2, spinnaker2-board."
    ),
]


def main() -> None:
    """Run the command line; a user's mistake ends in one message and exit code 2."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, as by >&-
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open to the end
        getattr(sys, name).reconfigure(errors="replace")
    try:
        sys.path.append(str(Path.cwd()))  # so that `firmware: my_module:MyFirmware` is found
        refuse_empty(sys.argv)
        app(prog_name="spinn2sim")
    except Spinn2SimError as error:
        _give_up(f"{error}{_hint(error)}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _give_up(f"{where}{error.strerror or error}")
    except MemoryError:
        _give_up("this computer has too little memory for the run; use a smaller network")
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as end:
        if end.code == 130:  # Typer's answer to Ctrl-C.
            _interrupted()
        raise


@app.callback(invoke_without_command=True)
def about(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Simulate the SpiNNaker 2 chip: whether a network learns in real time, and what limits it.

    \b
    spinn2sim run --preset paper-12pe        the paper's network, 1 s of speech
    spinn2sim check --n-rec 120 --pes 12     does it fit? how large could it be?
    spinn2sim COMMAND --help                 options and examples of a command
    """
    if version:
        print_text(f"spinn2sim {__version__}")
        raise typer.Exit


@app.command()
def run(
    scenario: ScenarioFile = None,
    *,
    preset: Annotated[
        str | None, typer.Option(metavar="PRESET", help="A preset instead of a file.")
    ] = None,
    chip: Machine = None,
    samples: Annotated[int | None, typer.Option(metavar="N", help="Utterances to run.")] = None,
    audio: Annotated[
        str | None, typer.Option(metavar="PATH", help="WAV or FLAC file, or a folder of them.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="CORPUS", help="Test samples of a corpus: `data --help`.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Begin with the weights that `train` kept.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Seed of all randomness.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first overrun.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Run folder [default: runs/NAME-001].")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the run in --out.")] = False,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION", help="Exit with 1 if it holds: 'overruns > 0'. Repeatable."
        ),
    ] = None,
    timing: Annotated[
        Literal["auto", "compiled", "simpy", "hop"],
        typer.Option(help="The machine that times it, which changes nothing but the speed."),
    ] = "auto",
    packets: Annotated[
        bool, typer.Option("--packets", help="Record each packet, for `export --packets`.")
    ] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario and write a run folder.

    \b
    spinn2sim run --preset paper-12pe
    spinn2sim run scenario.yaml --samples 3 --audio speech/
    spinn2sim run --preset paper-12pe --set chip.pe.clock=20MHz
    spinn2sim run --preset paper-12pe --checkpoint runs/x/seed-1 --data corpus/
    spinn2sim run --preset paper-12pe --json --fail-if 'slack_cycles < 0'
    """
    from spinn2sim.conditions import parse_condition
    from spinn2sim.elaboration import scenario_workload
    from spinn2sim.report import fall_backs, notes, summarise
    from spinn2sim.report.epoch import epoch_cost
    from spinn2sim.run_folder import next_folder, refuse_existing, write_run
    from spinn2sim.sim import compile_kernels, simulate
    from spinn2sim.training.checkpoint import load_weights, named_by_digest
    from spinn2sim.training.source import chip_features

    if data is not None and audio is not None:
        raise SpecError("run", ("give --audio or --data, not both",))
    conditions = [parse_condition(text) for text in fail_if or ()]
    given = {
        "workload.n_samples": samples,
        "workload.source": audio and str(Path(audio)),
        "seed": seed,
    }
    options = _options(given) + (["strict=true"] if strict else []) + (overrides or [])
    wanted = load(scenario, preset, options, machine=chip)
    parent = Path("runs")
    refuse_existing(out or next_folder(parent, wanted.name), replace=force)
    with progress_bar(f"simulating {wanted.name}") as progress, StopWatch(progress) as watch:
        weights = load_weights(checkpoint) if checkpoint else None
        inputs: dict[str, Any] = {"checkpoint": named_by_digest(checkpoint)} if checkpoint else {}
        corpus = chip_features(data, wanted) if data is not None else None
        if corpus:
            inputs["data"] = {"source": data, "digest": corpus.digest}
            workload = corpus.workload("test", wanted.workload.n_samples)
        else:
            workload = scenario_workload(wanted)
        compile_kernels(wanted, workload, timing)
        trace = simulate(
            wanted, workload, weights=weights, progress=watch, timing=timing, packets=packets
        )
    summary = summarise(trace)
    held = [condition.text for condition in conditions if condition.holds(summary)]
    folder = out or next_folder(parent, wanted.name)  # Another run may have come meanwhile.
    inputs |= {"start_up_s": watch.start_up_s, "cpu_s": watch.cpu_s}
    write_run(folder, wanted, trace, summary, wall_s=watch.wall_s, replace=force, inputs=inputs)
    epoch = epoch_cost(summary, len(corpus.train)) if corpus else None
    if as_json:
        more: dict[str, Any] = {"notes": notes(trace), "timing": fall_backs(trace).as_dict()}
        more |= {"folder": str(folder), **troubles(trace, with_latency=packets)}
        more |= {"epoch": epoch.as_dict()} if epoch else {}
        print_json("run", summary.as_dict() | more)
    else:
        from spinn2sim.report.terminal import print_run

        with report() as console:
            print_run(console, trace, summary)
            if epoch:
                console.print(str(epoch), markup=False)
            console.print(
                f"\n{summary.simulated_s:.2f} s simulated in {watch.wall_s:.2f} s "
                f"({summary.simulated_s / watch.wall_s:.3g} x real time); results in {folder}",
                markup=False,
                soft_wrap=True,
            )
    if held:
        sys.stderr.write(f"failed: {'; '.join(held)}\n")
        raise typer.Exit(1)


@app.command()
def check(
    scenario: ScenarioFile = None,
    *,
    preset: Annotated[
        str, typer.Option(metavar="PRESET", help="Preset, if no file is given.")
    ] = "paper-12pe",
    n_in: Annotated[int | None, typer.Option(metavar="N", help="Inputs.")] = None,
    n_rec: Annotated[int | None, typer.Option(metavar="N", help="Recurrent neurons.")] = None,
    n_out: Annotated[int | None, typer.Option(metavar="N", help="Outputs.")] = None,
    pes: Annotated[int | None, typer.Option(metavar="N", help="PEs.")] = None,
    clock: Annotated[
        str | None, typer.Option(metavar="RATE", help="PE clock, or several: 65MHz,150MHz.")
    ] = None,
    chip: Machine = None,
    cost_table: Annotated[
        str | None, typer.Option(metavar="TABLE", help="Cost table: name or file.")
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a network fits, and how large it could be.

    Time and memory by a short run on noise; the largest N_rec for each.

    \b
    spinn2sim check --n-in 80 --n-rec 120 --n-out 12 --pes 12 --clock 65MHz
    spinn2sim check --n-rec 76 --pes 1 --clock 65MHz,150MHz,300MHz
    spinn2sim check --chip spinnaker2 --n-rec 480 --pes 48 --json
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
    clocks = [[f"chip.pe.clock={rate}"] for rate in _rates(clock)] if clock is not None else [[]]
    wanted = [
        load(scenario, None if scenario else preset, options + rate, machine=chip)
        for rate in clocks
    ]
    checks = []
    with progress_bar("checking") as progress:
        for each in wanted:
            checks.append(check_scenario(each))
            progress(len(checks) / len(wanted))
    if as_json:
        content = [found.as_dict() for found in checks]
        print_json("check", {**content[0], "clocks": content})
        return
    from spinn2sim.report.terminal import print_checks

    with report() as console:
        print_checks(console, [(found.summary, found.largest.as_dict()) for found in checks])


@app.command()
def explain(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder or trace file.")],
    figure: Annotated[
        str | None, typer.Argument(metavar="FIGURE", help="A key of its summary; none lists them.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print the arithmetic and the sources behind a figure.

    \b
    spinn2sim explain runs/paper-12pe-001
    spinn2sim explain runs/paper-12pe-001 cycles_per_step
    spinn2sim explain runs/paper-12pe-001 energy_j.chip
    """
    from spinn2sim.report import summarise
    from spinn2sim.report.explain import explain as explain_figure
    from spinn2sim.run_folder import read_run

    trace = read_run(path)
    if figure is None:
        lines = [f"{key}: {value}" for key, value in summarise(trace).as_dict().items()]
    else:
        lines = list(explain_figure(trace, figure))
    if as_json:
        print_json("explain", {"figure": figure, "lines": lines})
    else:
        print_text("\n".join(lines))


@app.command()
def schema(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="scenario, or what a command prints: run, check.")
    ] = "scenario",
) -> None:
    """Print the JSON Schema of a scenario, or of what a command prints with --json.

    \b
    spinn2sim schema > scenario.schema.json
    spinn2sim schema run
    """
    from spinn2sim.schemas import schema_of

    print_text(json.dumps(schema_of(kind), indent=2))


@app.command()
def presets(*, as_json: AsJson = False) -> None:
    """List the presets that a scenario can rest on.

    \b
    spinn2sim presets
    """
    from spinn2sim.spec import presets as known

    if as_json:
        print_json("presets", {"presets": known()})
        return
    print_text("\n".join(f"{name:<16} {description}" for name, description in known().items()))


def _options(given: Mapping[str, object]) -> list[str]:
    """The options that were given, as overrides; a path is quoted so that it stays text."""
    return [
        f"{key}={value if isinstance(value, int) else json.dumps(str(value))}"
        for key, value in given.items()
        if value is not None
    ]


def _rates(text: str) -> list[str]:
    rates = [rate.strip() for rate in text.split(",")]
    if not all(rates):
        problem = "a clock rate is missing; give one or more with commas between them"
        raise SpecError(f"--clock {text!r}", (problem,))
    return rates


def _hint(error: Spinn2SimError) -> str:
    """What the command line offers against *error*."""
    if not isinstance(error, PlacementError):
        return ""
    from spinn2sim.spec import presets as known

    sizes = {name: _n_pe(name) for name in known()}
    return "".join(
        f"\nhint: --chip {name} has {n_pe:,} PEs"
        for name, n_pe in sizes.items()
        if n_pe >= error.wanted
    )


def _n_pe(machine: str) -> int:
    """PEs of a preset; 0 if it is no machine."""
    try:
        return load(None, "paper-1pe", [], machine).capacity
    except SpecError:
        return 0


def _give_up(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")
    sys.exit(2)


def _interrupted() -> Any:
    sys.stderr.write("interrupted\n")
    sys.exit(130)
