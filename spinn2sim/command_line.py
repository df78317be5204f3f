"""What the commands share: their common options, loading a scenario, printing."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from spinn2sim.errors import OutputError, SpecError
from spinn2sim.json_formats import stamped

if TYPE_CHECKING:
    from rich.console import Console

    from spinn2sim.report.actions import ReferenceTable
    from spinn2sim.spec import Scenario
    from spinn2sim.trace import Trace

#: Columns of the reports where there is no terminal and COLUMNS is not set.
WIDTH = 80

ScenarioFile = Annotated[
    Path | None, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change a field, as chip.pe.clock=150MHz. Repeatable."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
WindowOption = Annotated[
    str | None,
    typer.Option(
        "--window", metavar="START:END", help="Time after the first timer interrupt, as 0:50ms."
    ),
]
EnergyTable = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A further reference table: picojoules per action (YAML)."),
]


def refuse_empty(arguments: list[str]) -> None:
    """No command means anything by an empty argument, which a script gives by an unset variable.

    :raises SpecError: there is one; names what it follows.
    """
    for before, argument in itertools.pairwise(arguments):
        if not argument.strip():
            problem = f"an empty argument {argument!r} follows {before!r}; give a value, or neither"
            raise SpecError("command line", (problem,))


def load(
    path: Path | None, preset: str | None, overrides: list[str], machine: str | None = None
) -> Scenario:
    """The scenario in *path*, or the preset.

    :raises SpecError: both are given, or neither, or something in it cannot be used.
    """
    from spinn2sim.spec import load_scenario

    if (path is None) == (preset is None):
        raise SpecError("scenario", ("name one file, or one preset with --preset",))
    return load_scenario(path, preset=preset, machine=machine, overrides=overrides)


@contextmanager
def report() -> Iterator[Console]:
    """A console whose output is printed at once at the end, without trailing blanks."""
    from rich.console import Console

    text = StringIO()
    yield Console(
        file=text,
        force_terminal=sys.stdout.isatty(),
        highlight=False,
        width=None if _has_width() else WIDTH,
    )
    print_text("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, if that is a terminal; gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda done: bar.update(task, completed=done)


class StopWatch:
    """A progress that tells the seconds of start-up from those of the simulation.

    Beside other work on the computer the simulation waits for a core: its processor time tells.
    """

    def __init__(self, progress: Callable[[float], None]) -> None:
        self._progress = progress
        self._made = self._started = self._ended = time.perf_counter()
        self._used = self._used_by_end = time.process_time()

    def __call__(self, done: float) -> None:
        """Time has started, and *done* is the share that has passed."""
        if self._started == self._made:
            self._used = time.process_time()
            self._started = time.perf_counter()
        self._progress(done)

    def __enter__(self) -> Self:
        """Ends with the simulation."""
        return self

    def __exit__(self, *_: object) -> None:
        """The simulation is over."""
        self._ended = time.perf_counter()
        self._used_by_end = time.process_time()

    @property
    def start_up_s(self) -> float:
        """From making the watch to the start of simulated time."""
        return self._started - self._made

    @property
    def wall_s(self) -> float:
        """From there to the end."""
        return self._ended - self._started

    @property
    def cpu_s(self) -> float:
        """Processor time of this process from there to the end, of all its threads."""
        return self._used_by_end - self._used


def print_text(text: str) -> None:
    """Print *text* and a line end; it is dropped if its reader has left, as `| head` does.

    :raises OutputError: it cannot be written.
    """
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        # Python flushes once more at its end, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            problem = f"cannot be written ({error.strerror})"
            raise OutputError("(standard output)", problem, "make room for it") from None


def print_json(kind: str, content: Mapping[str, Any]) -> None:
    """Print *content* as one JSON object of the format *kind*; see ``json_formats``."""
    print_text(json.dumps(stamped(kind, content), indent=2))


def _has_width() -> bool:
    return sys.stdout.isatty() or "COLUMNS" in os.environ


def troubles(trace: Trace, *, with_latency: bool) -> dict[str, list[dict[str, Any]]]:
    """The rows of the ledger, how full the NoC got and, if recorded, how long packets took."""
    from spinn2sim.report.ledger import ledger
    from spinn2sim.report.packets import latencies
    from spinn2sim.report.peaks import fifo_peaks
    from spinn2sim.report.routers import routers
    from spinn2sim.report.traffic import traffic

    found = {
        "ledger_rows": [row.as_dict() for row in ledger(trace)],
        "fifo_peaks": [fifo.as_dict() for fifo in fifo_peaks(trace)],
        "links": [link.as_dict() for link in traffic(trace).links],
        "routers": [router.as_dict() for router in routers(trace)],
    }
    latency = {"packet_latency": [row.as_dict() for row in latencies(trace)]}
    return {**found, **(latency if with_latency else {})}


def tables_in(path: Path | None) -> tuple[ReferenceTable, ...]:
    """The reference table in the file *path*, if one is given."""
    if path is None:
        return ()
    from spinn2sim.report.actions import read_reference_table

    return (read_reference_table(path),)
