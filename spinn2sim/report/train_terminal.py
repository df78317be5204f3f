"""Training on a terminal: live bars while it runs, tables when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text


class SeedProgress(Protocol):
    """What a bar shows of a seed."""

    @property
    def seed(self) -> int:
        """Which one."""

    @property
    def epoch(self) -> int:
        """Under way, from 1."""

    @property
    def n_epochs(self) -> int:
        """In all."""

    @property
    def n_done(self) -> int:
        """Samples learned."""

    @property
    def n_total(self) -> int:
        """Samples to learn."""

    @property
    def loss_nats(self) -> float:
        """Mean of the epoch so far."""

    @property
    def train_accuracy(self) -> float:
        """Of the epoch so far."""

    @property
    def validation_accuracy(self) -> float | None:
        """Of the epoch before."""

    @property
    def firing_rate_hz(self) -> float:
        """Of the epoch so far."""

    @property
    def samples_per_s(self) -> float:
        """Speed."""

    @property
    def left_s(self) -> float:
        """Time left."""


class Row(NamedTuple):
    """A line of the tolerance report."""

    form: str
    oracle: str
    quantity: str
    difference: float
    tolerance: float
    holds: bool


class TrainingBars:
    """A bar for each seed under way; it goes when the seed is done."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[int, TaskID] = {}

    def show(self, at: SeedProgress) -> None:
        """Bring the bar of a seed up to date."""
        if at.seed not in self._tasks:
            self._tasks[at.seed] = self._bars.add_task(f"seed {at.seed}", figures="")
        self._bars.update(
            self._tasks[at.seed],
            completed=at.n_done,
            total=at.n_total,
            figures=progress_line(at),
            visible=at.n_done < at.n_total,
        )


@contextmanager
def training_bars() -> Iterator[TrainingBars]:
    """Bars on standard error, gone when the body ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(16),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield TrainingBars(bars)


@contextmanager
def data_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """What shows the work on the features: what is being done, how many are done, of how many."""
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)

        def show(doing: str, n_done: int, n_all: int | None) -> None:
            bars.update(task, description=doing, completed=n_done, total=n_all)

        yield show


def progress_line(at: SeedProgress) -> str:
    """Epoch, loss, accuracies, firing rate, speed and time left, in one line."""
    before = "" if at.validation_accuracy is None else f"  val {at.validation_accuracy:.1%}"
    return (
        f"epoch {at.epoch}/{at.n_epochs}  loss {at.loss_nats:.3f}  "
        f"train {at.train_accuracy:.1%}{before}  {at.firing_rate_hz:.1f} Hz  "
        f"{at.samples_per_s:,.0f} samples/s  {_clock(at.left_s)} left"
    )


def print_results(console: Console, results: Mapping[str, Any]) -> None:
    """Test accuracy first, then each seed at its best epoch."""
    mean, deviation = results["test_accuracy_mean"], results["test_accuracy_sd"]
    spread = "" if deviation is None else f" +- {deviation:.2%} over {results['n_seeds']} seeds"
    console.print(Text(f"test accuracy {mean:.2%}{spread}", style="bold"))
    majority = results["majority_class_share"]
    console.print(Text(f"(always the most frequent class: {majority:.2%})\n"))
    table = _table("seed", "best epoch", "validation", "test", "test loss", "firing rate")
    for row in results["seeds"]:
        table.add_row(
            str(row["seed"]),
            str(row["best_epoch"]),
            f"{row['validation_accuracy']:.2%}",
            f"{row['test_accuracy']:.2%}",
            f"{row['test_loss_nats']:.4f}",
            f"{row['firing_rate_hz']:.1f} Hz",
        )
    console.print(table)
    for row in results["failed"]:
        console.print(Text(f"seed {row['seed']} failed: {row['error']}", style="bold red"))


def print_price(console: Console, price: Mapping[str, Any], model: str) -> None:
    """Time and energy of all epochs of a seed on the machine, and by which model of it."""
    paced, work = (_clock(price[key]) for key in ("paced_s", "response_s"))
    console.print(Text(f"\n{price['n_epochs']:g} epochs on the machine, mean over the seeds:"))
    console.print(Text(f"time     {paced} in real time, of which {work} until each step's end"))
    energy = f"{price['chip_j']:,.4g} J by the chip model, {price['paper_j']:,.4g} J by the paper's"
    console.print(Text(f"energy   {energy}"))
    console.print(Text(model))


def print_tolerances(console: Console, rows: Sequence[Row]) -> None:
    """Verdict first, then each quantity against its oracle."""
    n_failed = sum(not row.holds for row in rows)
    verdict = f"{n_failed} of {len(rows)} exceed their tolerance" if n_failed else "all agree"
    console.print(Text(f"{verdict}\n", style="bold red" if n_failed else "bold green"))
    table = _table("form", "against", "quantity", "difference", "tolerance", "verdict")
    for row in rows:
        difference = "same bits" if row.difference == 0 else f"{row.difference:.1e}"
        tolerance = "same bits" if row.tolerance == 0 else f"{row.tolerance:.0e}"
        verdict = "holds" if row.holds else "EXCEEDED"
        table.add_row(row.form, row.oracle, row.quantity, difference, tolerance, verdict)
    console.print(table)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column)
    return table
