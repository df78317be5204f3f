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

import minibatch
import sweeps
import training

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.feasibility import check
from spinn2sim.replay import record, time_programs
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


def simulation(name: str, scenario: Scenario, target: float, n_runs: int = 1) -> Row:
    """Simulated seconds per second of a full run with numerics and trace; the best of *n_runs*."""
    workload = scenario_workload(scenario)
    simulated = workload.n_samples * workload.n_timesteps * scenario.timestep / 1e9
    took = min(seconds(lambda: simulate(scenario, workload), 1) for _ in range(n_runs))
    return Row(name, simulated / took, "x", target, "more")


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


def replay_row(scenario: Scenario) -> Row:
    """Timing of known programs, without the arithmetic."""
    workload = scenario_workload(scenario)
    recording = record(scenario, workload)
    work_s = seconds(lambda: time_programs(scenario, workload, recording))
    return Row(
        "12 PEs, replay, with its trace", workload.n_samples / work_s, "samples/s", 1_000, "more"
    )


def rows() -> list[Row]:
    """All rows, in order."""
    paper = load_scenario(preset="paper-12pe", overrides=["workload.n_samples=3"])
    chip = load_scenario(
        preset="paper-12pe",
        machine="spinnaker2",
        overrides=["parameters.n_rec=432", "n_pe=144"],
    )
    help_command = (
        "import sys; sys.argv = ['spinn2sim', '--help']; import spinn2sim.cli as c; c.main()"
    )
    return [
        simulation("12 PEs, e-prop 80/120/12, simulated / wall", paper, 20.0, n_runs=20),
        simulation("144 PEs, e-prop 80/432/12, simulated / wall", chip, 4.0),
        Row("check 80/120/12 on 12 PEs", seconds(lambda: check(paper)), "s", 1.0, "less"),
        start_up("spinn2sim --help", "-c", help_command, target=0.3),
        replay_row(paper),
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
