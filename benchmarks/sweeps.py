"""Figures on sweeps: what the engine adds to a point, and how two workers share the work.

Overhead is what the clock says beyond the points' own time: the wall time of a sweep on two workers
that are up and warm, less half of the seconds that its points have taken, per point. Planning
(resolving, addressing) and writing are in it.

Scaling compares simulation points on one and on two workers of a cluster. The points are real, the
cores are those of this machine: what the second core takes from the first (caches, a common clock)
counts against the engine.
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
from spinn2sim.explore.point import Answer
from spinn2sim.explore.pool import DaskPool
from spinn2sim.explore.run import run_points
from spinn2sim.explore.store import Store
from spinn2sim.explore.sweep_file import make_sweep
from spinn2sim.explore.table import make_table

N_CHECKS, N_SIMULATIONS = 1_000, 160
N_WORKERS = 2


class Timing(NamedTuple):
    """Of the engine."""

    overhead_ms: float
    """Per check point, on two workers."""
    efficiency: float
    """Share of twice the throughput of one worker that two have, 0 to 1."""


def timing() -> Timing:
    """Run the sweeps."""
    with warm(N_WORKERS) as two:
        overhead_ms = _overhead_ms(two)
        on_two = _seconds(two, seed=2)
    with warm(1) as one:
        on_one = _seconds(one, seed=1)
    return Timing(overhead_ms, on_one / (N_WORKERS * on_two))


def _overhead_ms(pool: DaskPool) -> float:
    content = _content("check", N_CHECKS, seed=1)
    began = time.perf_counter()
    answers = _run(content, pool)
    wall_s = time.perf_counter() - began
    compute_s = sum(answer.wall_s for answer in answers.values())
    return 1e3 * (wall_s - compute_s / N_WORKERS) / N_CHECKS


def _seconds(pool: DaskPool, seed: int) -> float:
    content = _content("simulate", N_SIMULATIONS, seed)
    began = time.perf_counter()
    _run(content, pool)
    return time.perf_counter() - began


def _content(fidelity: str, n: int, seed: int) -> dict[str, Any]:
    """*n* points of a small network, or of the paper's, that no other sweep has had."""
    small = fidelity == "check"
    return {
        "name": "benchmark",
        "base": {"preset": "paper-1pe" if small else "paper-12pe"},
        "axes": [{"grid": {"seed": {"low": n * seed, "high": n * seed + n - 1}}}],
        "fidelities": [fidelity],
    }


def _run(content: Mapping[str, Any], pool: DaskPool) -> dict[str, Answer]:
    plan = make_plan(*make_sweep(content, "benchmark"), "benchmark")
    with TemporaryDirectory() as folder:
        found = run_points(list(plan.points().values()), pool, Store(Path(folder)), lambda *_: None)
    assert all(answer.status == "done" for answer in found.values())
    assert len(make_table(plan, found)) == len(plan.rows)
    return found


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
    print(f"{found.overhead_ms:.2f} ms a check point, {found.efficiency:.0%} from 1 to 2 workers")
