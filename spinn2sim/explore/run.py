"""sweep(): a question in, a table out; what the store knows is not computed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from spinn2sim import __version__
from spinn2sim.errors import StoreError
from spinn2sim.explore.cluster import Workers, Workforce
from spinn2sim.explore.code_version import code_version
from spinn2sim.explore.folder import POINTS, begin, reopen, write_points, write_provenance
from spinn2sim.explore.plan import Plan, make_plan
from spinn2sim.explore.point import Answer, Point
from spinn2sim.explore.pool import Pool
from spinn2sim.explore.store import Store
from spinn2sim.explore.sweep_file import load_sweep, make_sweep
from spinn2sim.explore.table import counts, make_table

#: Where sweeps and points go if nothing else is said.
RUNS, STORE = Path("runs"), Path("runs/points")

#: Seconds between two writes to the store: what a kill makes a sweep do again.
FLUSH_S = 3.0


class Progress(NamedTuple):
    """How far the points of a sweep are."""

    n_total: int
    n_done: int
    """Of these, with those that the store knew."""
    n_failed: int
    n_known: int
    """In the store before."""
    points_per_s: float
    left_s: float | None
    """None before the first point is done."""
    n_workers: int


Report = Callable[[Progress], None]


def sweep(
    question: Path | str | Mapping[str, Any],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    out: Path | str | None = None,
    store: Path | str = STORE,
    report: Report | None = None,
) -> pl.DataFrame:
    """Run the sweep in the file *question*, or written out as a mapping; its table.

    *workers* processes of this computer, by default one for each core, or those connected to the
    *scheduler*. In a script, call it under ``if __name__ == "__main__":``, since the processes
    import the script. The table is also in *out* (``runs/NAME-sweep``); points are kept in *store*.

    :raises Spinn2SimError: the sweep cannot be used; a point that fails is a row instead.
    """
    if isinstance(question, Mapping):
        found, where = make_sweep(question, "sweep"), "sweep"
    else:
        found, where = load_sweep(Path(question)), str(question)
    plan = make_plan(*found, where)
    folder = RUNS / f"{plan.sweep.name}-sweep" if out is None else Path(out)
    return run_plan(plan, folder, Store(Path(store)), Workers(workers, scheduler), report)


def run_plan(
    plan: Plan,
    folder: Path,
    store: Store,
    workers: Workers,
    report: Report | None = None,
) -> pl.DataFrame:
    """Run what *store* does not know of *plan*, and write all of it to *folder*; the table.

    :raises Spinn2SimError: *folder* or *store* cannot be written, or the workers are gone.
    """
    began = time.perf_counter()
    about: dict[str, Any] = {
        "spinn2sim": __version__,
        "code": code_version(plan.scenario.firmware),
        "store": str(store.folder.absolute()),
        "finished": False,
    }
    begin(folder, plan, about)
    with Workforce(workers) as workforce:
        computed = compute(plan.points(), store, workforce, report or silent)
    table = make_table(plan, computed.answers)
    write_points(folder, table)
    about |= {
        "finished": True,
        **counts(plan, computed.answers),
        "n_points": len(computed.answers),
        "n_computed": computed.n_computed,
        "n_workers": computed.n_workers,
        "wall_s": time.perf_counter() - began,
        "compute_s": computed.compute_s,
    }
    write_provenance(folder, about)
    return table


class Computed(NamedTuple):
    """Answers of points, and what they have taken."""

    answers: dict[str, Answer]
    n_computed: int
    n_workers: int
    """At the end; 0 if nothing was computed."""
    compute_s: float
    """Of all workers together, for what was not known before."""


def compute(
    points: Mapping[str, Point], store: Store, workforce: Workforce, report: Report
) -> Computed:
    """Answers of *points*: those that *store* knows, and the others computed and kept there."""
    answers = known_answers(points, store)
    missing = [point for key, point in points.items() if key not in answers]
    if not missing:
        _Tally(points, answers, report).tell([], 0)
        return Computed(answers, 0, 0, 0.0)
    pool = workforce.pool()
    fresh = run_points(missing, pool, store, _Tally(points, answers, report).tell)
    compute_s = sum(answer.wall_s for answer in fresh.values())
    return Computed({**answers, **fresh}, len(fresh), pool.n_workers, compute_s)


def known_answers(points: Mapping[str, Point], store: Store) -> dict[str, Answer]:
    """What *store* holds of *points* and would come out so again."""
    return {key: answer for key, answer in store.read(points).items() if answer.lasting}


def run_points(
    points: Sequence[Point],
    pool: Pool,
    store: Store,
    report: Callable[[list[Answer], int], None],
) -> dict[str, Answer]:
    """Have *pool* answer *points*, keep the answers in *store*, and tell *report* of them."""
    found: dict[str, Answer] = {}
    with _kept(store) as keep:
        for answers in pool.answers(points):
            found |= {answer.key: answer for answer in answers}
            keep(answers)
            report(answers, pool.n_workers)
    return found


@contextmanager
def _kept(store: Store) -> Iterator[Callable[[list[Answer]], None]]:
    """What gathers answers and writes them every FLUSH_S, and at the end, whatever ends it."""
    waiting: list[Answer] = []
    written = time.perf_counter()

    def keep(answers: list[Answer]) -> None:
        nonlocal written
        waiting.extend(answers)
        if time.perf_counter() - written > FLUSH_S:
            store.write(waiting)
            waiting.clear()
            written = time.perf_counter()

    try:
        yield keep
    finally:
        store.write(waiting)


def run_shard(
    plan: Plan, store: Store, workers: Workers, report: Report | None = None
) -> dict[str, int]:
    """Compute the points of *plan*, a part of a sweep, into *store*; rows by status.

    :raises Spinn2SimError: *store* cannot be written, or the workers are gone.
    """
    with Workforce(workers) as workforce:
        return counts(plan, compute(plan.points(), store, workforce, report or silent).answers)


def status(folder: Path) -> dict[str, Any]:
    """How far the sweep in *folder* is, whoever works on it.

    :raises MissingFileError: there is none.
    """
    plan, store = reopen(folder)
    return {"name": plan.sweep.name, **counts(plan, Store(store).read(plan.points()))}


def collect(folder: Path) -> tuple[pl.DataFrame, dict[str, int]]:
    """Write the table of the sweep in *folder* from what its store holds; and rows by status.

    :raises MissingFileError: there is none.
    :raises StoreError: the table that is there knows more: the store or the code is another.
    """
    plan, store = reopen(folder)
    answers = Store(store).read(plan.points())
    table = make_table(plan, answers)
    _refuse_to_forget(folder, table, store)
    write_points(folder, table)
    return table, counts(plan, answers)


def _refuse_to_forget(folder: Path, table: pl.DataFrame, store: Path) -> None:
    path = folder / POINTS
    if not path.exists():
        return
    n_known, n_done = (
        frame.filter(pl.col("status") == "done").height for frame in (pl.read_parquet(path), table)
    )
    if n_done < n_known:
        problem = f"{n_known:,} points are done in its table and {n_done:,} in the store {store}"
        remedy = "bring the store and the version of then back, or resume the sweep"
        raise StoreError(str(path), problem, remedy)


class _Tally:
    """Counts answers as they come."""

    def __init__(
        self, points: Mapping[str, Point], known: Mapping[str, Answer], report: Report
    ) -> None:
        self._n_total, self._n_known, self._report = len(points), len(known), report
        self._n_fresh = 0
        self._n_failed = sum(answer.status == "failed" for answer in known.values())
        self._began = time.perf_counter()

    def tell(self, answers: list[Answer], n_workers: int) -> None:
        """Report the progress, *answers* being new."""
        self._n_fresh += len(answers)
        self._n_failed += sum(answer.status == "failed" for answer in answers)
        n_done = self._n_known + self._n_fresh
        rate = self._n_fresh / (time.perf_counter() - self._began)
        left_s = (self._n_total - n_done) / rate if rate else None
        self._report(
            Progress(self._n_total, n_done, self._n_failed, self._n_known, rate, left_s, n_workers)
        )


def silent(_: Progress) -> None:
    """Tell nobody."""
