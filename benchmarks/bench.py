"""How fast it is: rows of name, value, unit, target, printed and written to results.json.

Each row is the median of several runs after one that compiles and warms up; simulations on 12 PEs
and ``training`` take the fastest, because what else the host of a shared machine does makes a short
run slower by up to 1.8, and none faster. Where two figures are compared, both come from this run on
this machine.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import machine
import minibatch
import sweeps
import tracing
import training

from spinn2sim import load_scenario
from spinn2sim.feasibility import check
from spinn2sim.sim import Timing
from spinn2sim.spec import Scenario

N_RUNS = 5
RESULTS = Path(__file__).with_name("results.json")


class Peer(NamedTuple):
    """Who else does the same work, and the figure there, in the unit of the row."""

    name: str
    value: float


class Row(NamedTuple):
    """One figure. ``better`` says on which side of the target it should be."""

    name: str
    value: float
    unit: str
    target: float
    better: str
    peer: Peer | None = None

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer."""
        if self.peer is None:
            return None
        ratio = self.value / self.peer.value
        return ratio if self.better == "more" else 1 / ratio

    def as_dict(self) -> dict[str, object]:
        """Plain JSON."""
        name, value = self.peer or (None, None)
        peer = {"peer": name, "peer_value": value, "ratio": self.ratio}
        return {**self._asdict(), **peer, "met": self.met}

    def __str__(self) -> str:
        verdict = "" if self.met else "  MISSED"
        figure = f"{self.name:<48} {self.value:>9.3f} {self.unit:<10}"
        line = f"{figure} target {self.target:g}{verdict}"
        if self.peer is None:
            return line
        return f"{line}\n    {self.peer.name}: {self.peer.value:,.1f}, a ratio of {self.ratio:,.0f}"

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.value >= self.target if self.better == "more" else self.value <= self.target


def seconds(work: Callable[[], object], n_runs: int = N_RUNS) -> float:
    """Median CPU time of *work*, after a first run that does not count."""
    work()
    times = []
    for _ in range(n_runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times)


def start_up(name: str, *arguments: str, target: float) -> Row:
    """Wall time of a process, which is what a user waits for."""

    def once() -> float:
        began = time.perf_counter()
        subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, *arguments], check=True, capture_output=True
        )
        return time.perf_counter() - began

    once()
    return Row(name, statistics.median(once() for _ in range(N_RUNS)), "s", target, "less")


def training_rows() -> list[Row]:
    """Learning on the host, the form ``fast`` beside automatic differentiation."""
    found = training.timing()
    peer = found.autograd and Peer("autograd (HIPS), gradient only", 1 / found.autograd)
    paper = Peer("SpiNNaker 2 in the paper, 24.4 days", training.PAPER_MINUTES)
    minutes = found.minutes_of_the_paper
    return [
        Row("training, online", 1 / found.online, "samples/s", 1_000, "more"),
        Row("training, fast", 1 / found.fast, "samples/s", 4_000, "more", peer or None),
        Row("30 epochs of 60,000 samples, fast", minutes, "min", 10, "less", paper),
    ]


def minibatch_rows() -> list[Row]:
    """100 groups of 12 PEs on nine chips."""
    found = minibatch.timing()
    samples, whole = found.simulated / found.samples, found.simulated / found.whole
    return [
        Row("1,200 PEs, samples of a mini-batch, sim. / wall", samples, "x", 2, "more"),
        Row("1,200 PEs, mini-batch with all-reduce", whole, "x", 2, "more"),
    ]


def sweep_rows() -> list[Row]:
    """The engine of sweeps, on a local cluster."""
    found = sweeps.timing()
    return [
        Row("sweep, overhead per check point, 2 workers", found.overhead_ms, "ms", 2, "less"),
        Row("sweep, scaling from 1 to 2 workers", 100 * found.efficiency, "%", 85, "more"),
    ]


def machine_rows() -> list[Row]:
    """The paper's 12 PEs by each machine, and all PEs of the chip."""
    paper, chip = machine.paper(), machine.largest_on_the_chip()
    n_rec = chip.parameters["n_rec"]

    def row(name: str, scenario: Scenario, timing: Timing, target: float, **runs: int) -> Row:
        found = machine.speed(scenario, timing, **runs)
        return Row(f"{name}, {timing}", found.real_time, "x", target, "more")

    raster = machine.raster(paper, n_runs=10)
    whole = f"{machine.WHOLE} PEs, e-prop 80/{n_rec}/12, 10 s"
    stress = f"{machine.WHOLE} PEs, 1,520 spiking, 4 s"
    return [
        row("12 PEs, e-prop 80/120/12, 30 s", paper, "compiled", 50, n_runs=6, n_samples=30),
        row("12 PEs, e-prop 80/120/12, 3 s", paper, "simpy", 20, n_runs=20, n_samples=3),
        row("12 PEs, e-prop 80/120/12, 1 s", paper, "hop", 4, n_runs=2),
        Row("12 PEs, timing of a raster", raster.bare, "samples/s", 1_000, "more"),
        Row("12 PEs, the same with its trace", raster.with_trace, "samples/s", 1_000, "more"),
        row(whole, chip, "compiled", 4, n_runs=2, n_samples=10),
        Row(f"{machine.WHOLE} PEs, e-prop, memory", machine.peak_mb(), "MB", 400, "less"),
        row(stress, machine.stress(), "compiled", 4, n_runs=20, n_samples=4),
    ]


def tracing_rows() -> list[Row]:
    """Full tracing over the same run without, trace files included."""
    return [
        Row("12 PEs, full tracing over none", tracing.paper().ratio, "x", 1.5, "less"),
        Row(f"{machine.WHOLE} PEs, full tracing over none", tracing.chip().ratio, "x", 1.5, "less"),
    ]


def rows() -> list[Row]:
    """All rows, in order."""
    paper = load_scenario(preset="paper-12pe", overrides=["workload.n_samples=3"])
    help_command = (
        "import sys; sys.argv = ['spinn2sim', '--help']; import spinn2sim.cli as c; c.main()"
    )
    return [
        *machine_rows(),
        *tracing_rows(),
        Row("check 80/120/12 on 12 PEs", seconds(lambda: check(paper)), "s", 1.0, "less"),
        start_up("spinn2sim --help", "-c", help_command, target=0.3),
        *training_rows(),
        *sweep_rows(),
        *minibatch_rows(),
    ]


def main() -> None:
    """Print the rows and write them."""
    found = rows()
    for row in found:
        print(row)
    content = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "rows": [row.as_dict() for row in found],
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
