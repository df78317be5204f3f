"""The commands ``sweep``, ``search`` and ``limits``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from spinn2sim.command_line import (
    AsJson,
    Overrides,
    ScenarioFile,
    load,
    print_json,
    print_text,
    report,
)
from spinn2sim.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from spinn2sim.explore.cluster import Workers
    from spinn2sim.explore.plan import Plan
    from spinn2sim.explore.run import Progress

#: Seconds between two lines of progress where there is no terminal, as in the log of a batch job.
LINE_S = 30.0

NWorkers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="Processes [default: cores].")
]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A running Dask scheduler, tcp://host:8786.")
]
Slurm = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Ask SLURM for --workers; what of, in YAML.")
]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="[default: runs/NAME-sweep]")]
StoreFolder = Annotated[
    Path, typer.Option("--store", metavar="FOLDER", help="Where finished points are kept.")
]
Shard = Annotated[
    str | None, typer.Option(metavar="I/N", help="Only every N-th point, from the I-th.")
]
DEFAULT_STORE = Path("runs/points")


class SweepGroup(TyperGroup):
    """``sweep FILE`` stands for ``sweep run FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``run`` before what is no command of the group."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


sweep_app = typer.Typer(cls=SweepGroup, no_args_is_help=True, rich_markup_mode=None)


@sweep_app.callback()
def about() -> None:
    """Run many scenarios: spinn2sim sweep SWEEP.yaml.

    Finished points are kept: run it again after a kill, or with longer axes, and only what is
    missing is computed. See docs/sweeps.md.

    \b
    spinn2sim sweep experiments/sweeps/clock_pes_nrec.yaml
    spinn2sim sweep SWEEP.yaml --workers 8
    spinn2sim sweep SWEEP.yaml --scheduler tcp://node1:8786
    """


@sweep_app.command(name="run")
def run_sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP", help="Sweep file (YAML).")],
    *,
    workers: NWorkers = None,
    scheduler: Scheduler = None,
    slurm: Slurm = None,
    out: Out = None,
    store: StoreFolder = DEFAULT_STORE,
    shard: Shard = None,
    as_json: AsJson = False,
) -> None:
    """Run the sweep in a file, or what is left of it; `run` may be left out.

    \b
    spinn2sim sweep run SWEEP.yaml --workers 2 --out runs/mine
    """
    from spinn2sim.explore.folder import PROVENANCE, begin
    from spinn2sim.explore.plan import make_plan
    from spinn2sim.explore.sweep_file import load_sweep

    plan = make_plan(*load_sweep(file), str(file))
    folder = out or Path("runs") / f"{plan.sweep.name}-sweep"
    if shard is not None and not (folder / PROVENANCE).is_file():
        begin(folder, plan, {"store": str(store.absolute()), "finished": False})
    _run(plan, folder, store, _workers(workers, scheduler, slurm), shard=shard, as_json=as_json)


@sweep_app.command()
def resume(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a sweep.")],
    *,
    workers: NWorkers = None,
    scheduler: Scheduler = None,
    slurm: Slurm = None,
    shard: Shard = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a sweep, from its folder alone.

    \b
    spinn2sim sweep resume runs/clock_pes_nrec-sweep
    """
    from spinn2sim.explore.folder import reopen

    plan, store = reopen(folder)
    _run(plan, folder, store, _workers(workers, scheduler, slurm), shard=shard, as_json=as_json)


@sweep_app.command()
def status(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a sweep.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say how many points of a sweep are done, whoever works on it.

    \b
    spinn2sim sweep status runs/clock_pes_nrec-sweep
    """
    from spinn2sim.explore.run import status as sweep_status

    found = sweep_status(folder)
    if as_json:
        print_json("sweep-status", found)
    else:
        done, failed, missing = (found[state] for state in ("done", "failed", "missing"))
        print_text(f"{found['name']}: {done:,} done, {failed:,} failed, {missing:,} missing")


@sweep_app.command()
def collect(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a sweep.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the table of a sweep from what is done, as after the jobs of an array.

    \b
    spinn2sim sweep collect runs/clock_pes_nrec-sweep
    """
    from spinn2sim.explore.run import collect as collect_points

    table, found = collect_points(folder)
    _print_sweep(table, found, folder, as_json=as_json)


@sweep_app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="SWEEP", help="Sweep file (YAML).")],
    *,
    slurm_array: Annotated[
        int, typer.Option("--slurm-array", metavar="N", min=1, help="Jobs of the array.")
    ],
    slurm: Slurm = None,
    out: Out = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write a batch script for SLURM that needs no daemon: a job array, a shard each.

    \b
    spinn2sim sweep export SWEEP.yaml --slurm-array 32 --slurm slurm.yaml
    sbatch runs/NAME-sweep/array.sbatch
    spinn2sim sweep collect runs/NAME-sweep
    """
    from spinn2sim.explore.folder import begin, put
    from spinn2sim.explore.plan import make_plan
    from spinn2sim.explore.slurm import SlurmSpec, array_script, load_slurm
    from spinn2sim.explore.sweep_file import load_sweep

    plan = make_plan(*load_sweep(file), str(file))
    folder = (out or Path("runs") / f"{plan.sweep.name}-sweep").absolute()
    spec = load_slurm(slurm) if slurm else SlurmSpec()
    begin(folder, plan, {"store": str(store.absolute()), "finished": False})
    script = folder / "array.sbatch"
    put(script, array_script(spec, folder, slurm_array).encode())
    if as_json:
        print_json("sweep-export", {"script": str(script), "folder": str(folder)})
        return
    print_text(f"sbatch {script}\nspinn2sim sweep collect {folder}")


def search(
    file: Annotated[Path, typer.Argument(metavar="SEARCH", help="Search file (YAML).")],
    *,
    trials: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="In place of those in the file.")
    ] = None,
    workers: NWorkers = None,
    scheduler: Scheduler = None,
    slurm: Slurm = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="[default: runs/NAME-search]")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Look for the best scenarios by several objectives; prints the Pareto front.

    Run it again, with more --trials if you like, and it goes on from where it was.

    \b
    spinn2sim search experiments/searches/frugal.yaml
    spinn2sim search experiments/searches/frugal.yaml --trials 500
    """
    from spinn2sim.explore.search import run_search
    from spinn2sim.explore.search_file import load_search
    from spinn2sim.explore.store import Store

    question, scenario = load_search(file)
    if trials is not None:
        question = question.with_changes(trials=trials)
    folder = out or Path("runs") / f"{question.name}-search"
    hands = _workers(workers, scheduler, slurm)
    with _progress() as show:
        table = run_search(question, scenario, folder, Store(store), hands, report=show)
    front = table.filter(table["pareto"])
    if as_json:
        content = {"trials": len(table), "pareto": front.to_dicts(), "folder": str(folder)}
        print_json("search", content)
        return
    from spinn2sim.report.explore_terminal import print_search

    with report() as console:
        names = dict.fromkeys(["trial", *question.space, *question.objectives])
        print_search(console, table.to_dicts(), list(names), str(folder))


def limits(
    scenario: ScenarioFile = None,
    *,
    preset: Annotated[
        str, typer.Option(metavar="PRESET", help="Preset, if no file is given.")
    ] = "paper-12pe",
    chip: Annotated[
        str, typer.Option(metavar="PRESET", help="Machine: fpga-prototype, spinnaker2.")
    ] = "spinnaker2",
    clock: Annotated[
        str, typer.Option(metavar="RATES", help="PE clocks, commas between them.")
    ] = "65MHz,150MHz,300MHz",
    pes: Annotated[
        str, typer.Option(metavar="N,N..N", help="Numbers of PEs: 1,2,4 or 1..152 or 8..152:8.")
    ] = "1,2,4,8,12,16,32,48,64,96,128,152",
    memory: Annotated[
        str, typer.Option(metavar="KINDS", help="local, neighbour, or both.")
    ] = "local,neighbour",
    workers: NWorkers = None,
    scheduler: Scheduler = None,
    slurm: Slurm = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="[default: runs/NAME-limits]")
    ] = None,
    store: StoreFolder = DEFAULT_STORE,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Find the largest N_rec for each clock, number of PEs and memory.

    In time means that every step ends in its 10 ms, that with the weight update too. Both sides of
    each limit are run: N fits and N + 1 does not.

    \b
    spinn2sim limits --clock 65MHz,150MHz,300MHz --pes 1..152 --memory local,neighbour
    spinn2sim limits --pes 1 --set chip.pe.sram.neighbour_read_cycles=8
    """
    from spinn2sim.explore.limits import BOUNDARY, draw_boundary, limits_plan, parse_numbers
    from spinn2sim.explore.run import run_plan
    from spinn2sim.explore.store import Store

    wanted = load(scenario, None if scenario else preset, list(overrides or ()), machine=chip)
    plan = limits_plan(wanted, _words(clock), parse_numbers(pes, "--pes"), _words(memory))
    folder = out or Path("runs") / plan.sweep.name
    with _progress() as show:
        table = run_plan(plan, folder, Store(store), _workers(workers, scheduler, slurm), show)
    draw_boundary(table, wanted.name, folder / BOUNDARY)
    if as_json:
        print_json("limits", {"limits": table.to_dicts(), "folder": str(folder)})
        return
    from spinn2sim.report.explore_terminal import print_limits

    with report() as console:
        print_limits(console, table.to_dicts(), str(folder))


def _run(
    plan: Plan, folder: Path, store: Path, hands: Workers, *, shard: str | None, as_json: bool
) -> None:
    from spinn2sim.explore.run import run_plan, run_shard
    from spinn2sim.explore.store import Store
    from spinn2sim.explore.table import count_states

    with _progress() as show:
        if shard is not None:
            counts = run_shard(plan.shard(*_shard(shard)), Store(store), hands, show)
            if as_json:
                print_json("sweep-shard", counts)
                return
            line = ", ".join(f"{n:,} {state}" for state, n in counts.items())
            print_text(f"shard {shard}: {line}")
            return
        table = run_plan(plan, folder, Store(store), hands, show)
    _print_sweep(table, count_states(table), folder, as_json=as_json)


def _print_sweep(table: Any, counts: dict[str, int], folder: Path, *, as_json: bool) -> None:
    from spinn2sim.explore.folder import read_provenance

    about = read_provenance(folder)
    if as_json:
        print_json("sweep", {**about, **counts, "folder": str(folder)})
        return
    from spinn2sim.report.explore_terminal import print_sweep

    failed = table.filter(table["status"] == "failed")["error"]
    with report() as console:
        print_sweep(console, counts, about, failed, str(folder))


def _workers(n: int | None, scheduler: str | None, slurm: Path | None) -> Workers:
    from spinn2sim.explore.cluster import Workers
    from spinn2sim.explore.slurm import load_slurm

    if scheduler is not None and (slurm is not None or n is not None):
        problem = "has workers of its own; leave --workers and --slurm out"
        raise SpecError("--scheduler", (problem,))
    return Workers(n, scheduler, None if slurm is None else load_slurm(slurm))


def _shard(text: str) -> tuple[int, int]:
    """Number from 0, and how many; the user counts from 1."""
    number, _, n = text.partition("/")
    if not (number.isdecimal() and n.isdecimal() and 1 <= int(number) <= int(n)):
        raise SpecError(f"--shard {text!r}", ("expected I/N with I from 1 to N, as in 3/8",))
    return int(number) - 1, int(n)


def _words(text: str) -> Sequence[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@contextmanager
def _progress() -> Iterator[Callable[[Progress], Any]]:
    """A bar if standard error is a terminal, else a line now and then."""
    if sys.stderr.isatty():
        from spinn2sim.report.explore_terminal import sweep_bar

        with sweep_bar() as bar:
            yield lambda at: bar.show(at.n_done, at.n_total, at.n_failed, at.points_per_s)
        return
    told = time.perf_counter()

    def tell(at: Progress) -> None:
        nonlocal told
        if time.perf_counter() - told < LINE_S:
            return
        told = time.perf_counter()
        left = "" if at.left_s is None else f", {at.left_s:.0f} s left"
        sys.stderr.write(
            f"{at.n_done:,} of {at.n_total:,} points, {at.n_failed:,} failed, "
            f"{at.points_per_s:.3g} per second{left}, {at.n_workers} workers\n"
        )

    yield tell
