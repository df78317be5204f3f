"""What full tracing costs: each packet recorded and written, beside the same run without.

    python benchmarks/tracing.py

Full tracing is ``simulate(packets=True)`` and the trace file with its packets, as ``run --packets``
writes it; beside it the same run by the same machine with the trace that every run leaves, and its
file. Both in turn, the fastest of some runs of each.
"""

from __future__ import annotations

import gc
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import machine
from speed_page import insert, this_machine, today

from spinn2sim import Trace, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.spec import Scenario
from spinn2sim.trace import save_trace
from spinn2sim.workload import Sample, Workload


class TracingCost(NamedTuple):
    """CPU seconds without and with full tracing, of the simulation and with the trace file."""

    n_rows: int
    """Packets times targets."""
    plain_s: float
    traced_s: float
    plain_with_file_s: float
    traced_with_file_s: float

    @property
    def ratio(self) -> float:
        """How many times longer a run takes, its file included."""
        return self.traced_with_file_s / self.plain_with_file_s


def timing(scenario: Scenario, n_timesteps: int, n_runs: int) -> TracingCost:
    """Of the first *n_timesteps* of *scenario*'s sample."""
    whole = scenario_workload(scenario)
    sample = whole.samples[0]
    cut = Sample(sample.name, sample.values[:n_timesteps], sample.target)
    workload, n_rows = Workload((cut,), whole.classes), 0
    trace: Trace | None
    seconds: dict[tuple[bool, bool], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(n_runs + 1):
            for packets in (False, True):
                trace = None
                gc.collect()
                began = time.process_time()
                trace = simulate(scenario, workload, timing="simpy", packets=packets)
                ended = time.process_time()
                save_trace(trace, Path(folder) / "trace.npz")
                if run:  # The first one compiles.
                    seconds.setdefault((packets, False), []).append(ended - began)
                    took = time.process_time() - began
                    seconds.setdefault((packets, True), []).append(took)
                n_rows = max(n_rows, len(trace.tables["packets"]["packet"]))
    best = {key: min(each) for key, each in seconds.items()}
    ways = ((False, False), (True, False), (False, True), (True, True))
    return TracingCost(n_rows, *(best[way] for way in ways))


def paper(n_runs: int = 10) -> TracingCost:
    """The paper's network on 12 PEs, a sample."""
    return timing(machine.paper(), 100, n_runs)


def chip(n_runs: int = 3) -> TracingCost:
    """The largest network on all PEs of the chip, a fifth of a sample."""
    return timing(machine.largest_on_the_chip(), 20, n_runs)


def stress(n_runs: int = 3) -> TracingCost:
    """Packets and nothing else on all PEs of the chip."""
    return timing(machine.stress(), 20, n_runs)


def main() -> None:
    """Print the costs, and put them into the page."""
    lines = [
        f"{today()}, {this_machine()}, CPU seconds without and with full tracing:",
        "",
        "| run | rows of packets | simulation | with its trace file | ratio |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, found in (
        ("12 PEs, e-prop 80/120/12, 1 s", paper()),
        ("152 PEs, e-prop 80/456/12, 0.2 s", chip()),
        ("152 PEs, 1,520 neurons that only spike, 0.2 s", stress()),
    ):
        lines.append(
            f"| {name} | {found.n_rows:,} | {found.plain_s:.3f} and {found.traced_s:.3f} | "
            f"{found.plain_with_file_s:.3f} and {found.traced_with_file_s:.3f} | "
            f"{found.ratio:.2f} |"
        )
    print("\n".join(lines))
    insert("tracing", "\n".join(lines))


if __name__ == "__main__":
    main()
