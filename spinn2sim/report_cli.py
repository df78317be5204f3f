"""The commands that show results: ``report`` and ``compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spinn2sim.command_line import (
    AsJson,
    EnergyTable,
    WindowOption,
    print_json,
    print_text,
    progress_bar,
    tables_in,
)
from spinn2sim.command_line import report as terminal
from spinn2sim.errors import SpecError, Spinn2SimError

if TYPE_CHECKING:
    from spinn2sim.trace import Trace

#: The scenario in a run folder.
SCENARIO = "scenario.yaml"


def report(
    path: Annotated[
        Path, typer.Argument(metavar="RUN_OR_SWEEP", help="Run folder, trace file or sweep folder.")
    ],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="[default: NAME.html]")
    ] = None,
    window: WindowOption = None,
    figures: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also write each figure as PNG, SVG and PDF."),
    ] = None,
    energy_table: EnergyTable = None,
    sensitivity: Annotated[
        bool, typer.Option(help="Check the verdict with each guess at both ends of its range.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make one HTML file of a run or a sweep, to be opened from the disk.

    \b
    spinn2sim report runs/paper-12pe-001 -o report.html
    spinn2sim report runs/paper-12pe-001 --window 0:50ms --no-sensitivity
    spinn2sim report runs/paper-12pe-001 --figures figures/
    spinn2sim report sweeps/clock-pes -o sweep.html
    """
    from spinn2sim.report.html import write_page
    from spinn2sim.report.sweep import is_sweep

    place = out or Path(f"{path.resolve().name.removesuffix('.npz')}.html")
    if is_sweep(path):
        _refuse_of_runs({"--window": window, "--energy-table": energy_table})
        page = _sweep_page(path, figures)
    else:
        page = _run_page(path, window, figures, energy_table, with_sensitivity=sensitivity)
    write_page(place, page)
    if as_json:
        print_json("report", {"file": str(place)})
    else:
        print_text(str(place))


def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN RUN...", help="Run folders or trace files.")
    ],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Also write an HTML file.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(metavar="SHARE", min=0, help="By which a figure moves if it matters.")
    ] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Say what differs between runs and matters; the first is the reference.

    \b
    spinn2sim compare runs/paper-12pe-001 runs/paper-12pe-002
    spinn2sim compare runs/a runs/b runs/c -o comparison.html --threshold 0.05
    """
    from spinn2sim.report.comparison import compare_runs
    from spinn2sim.run_folder import read_run

    if len(runs) < 2:
        raise SpecError("compare", ("name two runs or more",))
    traces = [read_run(run) for run in runs]
    found = compare_runs(traces, [run.resolve().name for run in runs], threshold)
    if out is not None:
        from spinn2sim.report.html import comparison_page, write_page

        write_page(out, comparison_page(found))
    if as_json:
        print_json("compare", found.as_dict())
        return
    from spinn2sim.report.compare_terminal import print_comparison

    with terminal() as console:
        print_comparison(console, found)


def _run_page(
    path: Path,
    window: str | None,
    figures: Path | None,
    energy_table: Path | None,
    *,
    with_sensitivity: bool,
) -> str:
    from spinn2sim.report.html import run_page
    from spinn2sim.report.window import WHOLE, parse_window
    from spinn2sim.run_folder import read_run

    trace = read_run(path)
    seen = parse_window(window, trace) if window is not None else WHOLE
    tables = tables_in(energy_table)
    moved, note = _sensitivity(path, trace) if with_sensitivity else (None, "")
    if figures is not None:
        from spinn2sim.report.publication import write_run_figures

        write_run_figures(trace, figures, window=seen, sensitivity=moved, tables=tables)
    compared = _cost_tables(path, trace)
    return run_page(
        trace, window=seen, sensitivity=moved, note=note, tables=tables, cost_tables=compared
    )


def _sweep_page(path: Path, figures: Path | None) -> str:
    from spinn2sim.report.html import sweep_page
    from spinn2sim.report.sweep import read_sweep

    found = read_sweep(path)
    if figures is not None:
        from spinn2sim.report.publication import write_sweep_figures

        write_sweep_figures(found, figures)
    return sweep_page(found)


def _sensitivity(path: Path, trace: Trace) -> tuple[dict[str, Any] | None, str]:
    """What each guess does to the verdict; if that cannot be found out, why."""
    if not (path / SCENARIO).is_file():
        return None, "Their effect was not tried: that takes a run folder with its scenario."
    from spinn2sim.sensitivity import sensitivity
    from spinn2sim.spec import load_scenario

    try:
        with progress_bar("moving each guess") as progress:
            found = sensitivity(load_scenario(path / SCENARIO), trace, progress=progress)
    except Spinn2SimError as error:
        return None, f"Their effect could not be tried: {error}"
    return found.as_dict(), ""


def _cost_tables(path: Path, trace: Trace) -> dict[str, Any] | None:
    """The run's cost table beside others, if its firmware takes others."""
    if not (path / SCENARIO).is_file():
        return None
    from spinn2sim.cost_comparison import compare_run
    from spinn2sim.spec import load_scenario

    try:
        found = compare_run(trace, lambda more: load_scenario(path / SCENARIO, overrides=more))
    except Spinn2SimError:
        return None
    return found.as_dict() if found else None


def _refuse_of_runs(given: dict[str, object]) -> None:
    named = [name for name, value in given.items() if value is not None]
    if named:
        raise SpecError("report", (f"{', '.join(named)} is for runs, and this is a sweep",))
