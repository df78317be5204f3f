"""Figures on sweeps: what the engine adds to a point, and how two workers share the work.

Overhead is what the clock says beyond the points' own time: the wall time of a sweep on two workers
that are up and warm, less half of the seconds that its points have taken, per point. Planning
(resolving, addressing) and writing are in it.

Scaling compares simulation points on one and on two workers of a cluster. The points are real, the
cores are those of this machine: what the second core takes from the first (caches, a common clock)
counts against the engine. Each figure is the best of some short rounds, those of one and of two
workers in turn: whatever else the machine does makes a round slower and none makes it faster.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from spinn2sim.explore.cluster import local_cluster
from spinn2sim.explore.plan import make_plan
from spinn2sim.explore.pool import DaskPool
from spinn2sim.explore.run import run_points
from spinn2sim.explore.store import Store
from spinn2sim.explore.sweep_file import make_sweep
from spinn2sim.explore.table import make_table

N_CHECKS, N_SIMULATIONS = 500, 60
N_WORKERS, N_ROUNDS = 2, 4


class Timing(NamedTuple):
    """Of the engine."""

    overhead_ms: float
    """Per check point, on two workers."""
    efficiency: float
    """Share of twice the throughput of one worker that two have, 0 to 1."""
    busy: float
    """Share of their time that two workers spend in simulation points, 0 to 1."""


def timing() -> Timing:
    """Run the sweeps."""
    with warm(1) as one, warm(N_WORKERS) as two:
        overheads, on_one, on_two, busy = [], [], [], []
        for seed in range(1, N_ROUNDS + 1):
            wall_s, compute_s = _run(_content("check", N_CHECKS, seed), two)
            overheads.append(wall_s - compute_s / N_WORKERS)
            on_one.append(_run(_content("simulate", N_SIMULATIONS, seed), one)[0])
            wall_s, compute_s = _run(_content("simulate", N_SIMULATIONS, seed), two)
            on_two.append(wall_s)
            busy.append(compute_s / (N_WORKERS * wall_s))
    efficiency = min(on_one) / (N_WORKERS * min(on_two))
    return Timing(1e3 * min(overheads) / N_CHECKS, efficiency, max(busy))


def _content(fidelity: str, n: int, seed: int) -> dict[str, Any]:
    """*n* points of a small network, or of the paper's, that no other sweep has had."""
    small = fidelity == "check"
    return {
        "name": "benchmark",
        "base": {"preset": "paper-1pe" if small else "paper-12pe"},
        "axes": [{"grid": {"seed": {"low": n * seed, "high": n * seed + n - 1}}}],
        "fidelities": [fidelity],
    }


def _run(content: Mapping[str, Any], pool: DaskPool) -> tuple[float, float]:
    """Seconds of a whole sweep on the clock, and those of its points together."""
    began = time.perf_counter()
    plan = make_plan(*make_sweep(content, "benchmark"), "benchmark")
    points = list(plan.points().values())
    with TemporaryDirectory() as folder:
        found = run_points(points, pool, Store(Path(folder)), lambda *_: None)
    assert make_table(plan, found)["status"].to_list() == ["done"] * len(plan.rows)
    return time.perf_counter() - began, sum(answer.wall_s for answer in found.values())


@contextmanager
def warm(n_workers: int) -> Iterator[DaskPool]:
    """*n_workers* that have loaded all they need, with compiled kernels and speech."""
    with local_cluster(n_workers) as client:
        pool = DaskPool(client)
        for fidelity in ("check", "simulate"):
            _run(_content(fidelity, 8 * n_workers, seed=10**4), pool)
        yield pool


if __name__ == "__main__":
    found = timing()
    print(f"{found.overhead_ms:.2f} ms a check point; {found.busy:.0%} of two workers' time in use")
    print(f"{found.efficiency:.0%} from 1 to 2 workers")
