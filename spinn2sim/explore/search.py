"""search(): trials on the engine of sweeps, with the same store, and the Pareto front out.

The folder holds ``search.yaml``, ``study.journal`` (Optuna's), ``points.parquet`` (a row per trial)
and ``pareto.parquet`` (the rows that no other one beats). A killed search goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from spinn2sim import __version__
from spinn2sim.errors import OutputError
from spinn2sim.explore.axes import Changes
from spinn2sim.explore.cluster import Workers, Workforce
from spinn2sim.explore.code_version import code_version
from spinn2sim.explore.folder import put, refuse_others, write_points, write_provenance
from spinn2sim.explore.run import Progress, Report, compute, silent
from spinn2sim.explore.search_file import Search, dump_search
from spinn2sim.explore.store import Store, frame
from spinn2sim.explore.study import Study
from spinn2sim.explore.table import make_table
from spinn2sim.spec import Scenario

SEARCH, PARETO = "search.yaml", "pareto.parquet"

#: Columns of a sweep's table that say nothing of a trial.
SWEEP_ONLY = {"fidelity", "point"}

STATE = ("status", "error")


def run_search(
    search: Search,
    scenario: Scenario,
    folder: Path,
    store: Store,
    workers: Workers,
    *,
    report: Report | None = None,
) -> pl.DataFrame:
    """Run *search* to its last trial, from where it was; a row per trial.

    Columns ``feasible`` and ``pareto`` say whether all constraints hold, and whether no feasible
    trial is at least as good in all objectives and better in one.

    :raises Spinn2SimError: *folder* is that of something else, or the workers are gone.
    """
    if not (folder / SEARCH).is_file():
        refuse_others(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made ({error.strerror or error})"
        raise OutputError(str(folder), problem, "choose another --out") from None
    put(folder / SEARCH, dump_search(search, scenario).encode())
    with Workforce(workers) as workforce:
        trials = _Trials(search, scenario, store, workforce)
        rows = _run_trials(Study(search, folder), trials, report)
    table = frame(_with_front(search, rows), {"trial": pl.Int64})
    write_points(folder, table)
    write_points(folder, table.filter(pl.col("pareto")), PARETO)
    about = {
        "spinn2sim": __version__,
        "code": code_version(scenario.firmware),
        "store": str(store.folder.absolute()),
        "n_trials": len(rows),
        "n_feasible": int(table["feasible"].sum()),
        "n_pareto": int(table["pareto"].sum()),
        "finished": True,
    }
    write_provenance(folder, about)
    return table


@dataclass(frozen=True, slots=True)
class _Trials:
    """What answers trials."""

    search: Search
    scenario: Scenario
    store: Store
    workforce: Workforce

    def rows(self, trials: Mapping[int, Changes]) -> dict[int, dict[str, Any]]:
        """A row for each of *trials*, by its number: the answers of all fidelities in one."""
        if not trials:
            return {}
        plan = self.search.plan(self.scenario, list(trials.values()))
        answers = compute(plan.points(), self.store, self.workforce, silent).answers
        listed = make_table(plan, answers).to_dicts()
        return {
            number: {"trial": number, **_merged(listed[place :: len(trials)])}
            for place, number in enumerate(trials)
        }


def _merged(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """*rows*, one for each fidelity, as one: failed with the first error if one of them is."""
    merged: dict[str, Any] = {}
    for row in rows:
        merged |= {
            name: value
            for name, value in row.items()
            if name not in SWEEP_ONLY and (value is not None or name not in merged)
        }
    failed = next((row for row in rows if row["status"] != "done"), rows[0])
    return merged | {name: failed[name] for name in STATE}


def _run_trials(study: Study, trials: _Trials, report: Report | None) -> dict[int, dict[str, Any]]:
    """The rows of all trials, by number."""
    search, began = trials.search, time.perf_counter()
    rows: dict[int, dict[str, Any]] = {}

    def run(proposed: Mapping[int, Changes]) -> None:
        found = trials.rows(proposed)
        for number, row in found.items():
            study.tell(number, row)
        rows.update(found)
        if report is not None:
            report(_progress(search, rows, time.perf_counter() - began))

    run(study.trials())
    while len(rows) < search.trials:
        run(study.propose(min(search.batch, search.trials - len(rows))))
    return rows


def _with_front(search: Search, rows: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    feasible = {
        number: row
        for number, row in rows.items()
        if row["status"] == "done"
        and all(row.get(name) is not None for name in search.objectives)
        and all(each.holds(row.get) for each in search.comparisons)
    }
    costs = {number: _costs(search, row) for number, row in feasible.items()}
    return [
        {
            **rows[number],
            "feasible": number in costs,
            "pareto": number in costs and not _is_beaten(costs[number], costs.values()),
        }
        for number in sorted(rows)
    ]


def _costs(search: Search, row: Mapping[str, Any]) -> tuple[float, ...]:
    """The objectives, all of them to be small."""
    small = [float(row[name]) for name in search.minimise]
    return (*small, *(-float(row[name]) for name in search.maximise))


def _is_beaten(costs: tuple[float, ...], others: Iterable[tuple[float, ...]]) -> bool:
    return any(
        other != costs and all(a <= b for a, b in zip(other, costs, strict=True))
        for other in others
    )


def _progress(search: Search, rows: Mapping[int, Mapping[str, Any]], elapsed_s: float) -> Progress:
    n_done, rate = len(rows), len(rows) / elapsed_s
    n_failed = sum(row["status"] == "failed" for row in rows.values())
    left_s = (search.trials - n_done) / rate if rate else None
    return Progress(search.trials, n_done, n_failed, 0, rate, left_s, 0)
