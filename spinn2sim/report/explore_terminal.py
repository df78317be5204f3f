"""What the terminal shows of sweeps, limits and searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

#: Rows of a table for people; the whole one is a file.
MAX_ROWS = 100


#: Numbers of PEs that limits are printed for, of each clock and memory.
MAX_PES = 12

#: Columns of limits, and how they are headed.
LIMITS = {
    "memory": "SRAM",
    "clock_mhz": "MHz",
    "n_pe": "PEs",
    "n_rec_limit": "N_rec",
    "limited_by": "bound by",
    "n_rec_time": "time",
    "n_rec_time_without_update": "no update",
    "n_rec_memory": "memory",
    "n_rec_confirmed": "tried",
}


def print_sweep(
    console: Console,
    counts: Mapping[str, int],
    about: Mapping[str, Any],
    errors: Iterable[str],
    folder: str,
) -> None:
    """How a sweep ended: rows by status, and what ``provenance.json`` says of its points."""
    rows = ", ".join(f"{n:,} {state}" for state, n in counts.items() if n)
    console.print(f"{sum(counts.values()):,} rows: {rows}", markup=False)
    if "n_computed" in about:
        known = about["n_points"] - about["n_computed"]
        computed = f"{about['n_computed']:,} points computed in {about['wall_s']:.1f} s"
        console.print(f"{computed}, {known:,} known before", markup=False)
    print_errors(console, errors)
    _print_folder(console, folder)


def print_limits(console: Console, rows: Sequence[Mapping[str, Any]], folder: str) -> None:
    """The largest networks, and what the columns mean."""
    pes = sorted({row["n_pe"] for row in rows})
    chosen = {pes[k] for k in _spread(len(pes), MAX_PES)}
    print_rows(console, [_with_mhz(row) for row in rows if row["n_pe"] in chosen], LIMITS)
    if len(chosen) < len(pes):
        console.print(f"{len(chosen)} of {len(pes):,} numbers of PEs", markup=False)
    print_errors(console, (row["error"] for row in rows if row["status"] == "failed"))
    lines = [
        "time: every step ends in its period; no update: all but the one with weight update",
        "tried: a run takes N_rec, and not one more",
    ]
    if any(row["memory"] == "neighbour" for row in rows):
        lines.append("neighbour: far words cost chip.pe.sram.neighbour_* cycles, a guess")
    if any(row["n_pe"] == 1 for row in rows):
        # Rostami et al. 2022, claim t.single.
        lines.append("the paper: one core can process 76 in 10 ms; clock and memory not stated")
    console.print("\n".join(lines), markup=False)
    _print_folder(console, folder)


def print_search(
    console: Console, rows: Sequence[Mapping[str, Any]], names: Sequence[str], folder: str
) -> None:
    """The Pareto front of a search, with the columns *names*."""
    front = [row for row in rows if row["pareto"]]
    n_feasible = sum(row["feasible"] for row in rows)
    console.print(
        f"{len(rows):,} trials, {n_feasible:,} feasible; {len(front):,} that no other beats:",
        markup=False,
    )
    print_rows(console, front, {name: name for name in names})
    print_errors(console, (row["error"] for row in rows if row["status"] == "failed"))
    _print_folder(console, folder)


def print_rows(
    console: Console, rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str]
) -> None:
    """*rows* with the columns of *headings*: at most MAX_ROWS, spread over all of them."""
    table = Table(box=None, header_style="bold")
    for heading in headings.values():
        table.add_column(heading, justify="right", overflow="fold")
    shown = [rows[k] for k in _spread(len(rows), MAX_ROWS)]
    for row in shown:
        table.add_row(*(_text(row.get(name)) for name in headings))
    console.print(table)
    if len(shown) < len(rows):
        console.print(f"{len(shown)} of {len(rows):,} rows", markup=False)


def print_errors(console: Console, errors: Iterable[str], *, most: int = 3) -> None:
    """The first errors that differ, and how many there are."""
    counts: dict[str, int] = {}
    for error in errors:
        counts[error] = counts.get(error, 0) + 1
    for error, n in list(counts.items())[:most]:
        console.print(f"failed, {n:,}x: {error}", markup=False, soft_wrap=True)
    if len(counts) > most:
        console.print(f"and {len(counts) - most:,} other errors, in the table", markup=False)


class SweepBar:
    """A bar of done points, with failures, rate and time left."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task = bars.add_task("", total=None, failed=0, rate="")

    def show(self, n_done: int, n_total: int, n_failed: int, points_per_s: float) -> None:
        """Bring it up to date."""
        self._bars.update(
            self._task,
            completed=n_done,
            total=n_total,
            failed=n_failed,
            rate=f"{points_per_s:.3g} points/s" if points_per_s else "waiting for workers",
        )


@contextmanager
def sweep_bar() -> Iterator[SweepBar]:
    """A bar on standard error, gone when the work is done."""
    columns = (
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[failed]} failed, {task.fields[rate]},"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield SweepBar(bars)


def _print_folder(console: Console, folder: str) -> None:
    console.print(f"\nresults in {folder}", markup=False, soft_wrap=True)


def _with_mhz(row: Mapping[str, Any]) -> dict[str, Any]:
    clock = row["chip.pe.clock"]
    return {**row, "clock_mhz": clock / 1e6 if isinstance(clock, int) else clock}


def _spread(n: int, most: int) -> list[int]:
    """At most so many of the numbers below *n*, as far apart as can be, with both ends."""
    if n <= most:
        return list(range(n))
    return sorted({round(k * (n - 1) / (most - 1)) for k in range(most)})


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)
