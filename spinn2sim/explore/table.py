"""The table of a sweep: a row per point, in the order of its axes, whoever computed it and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import polars as pl

from spinn2sim.explore.comparison import Comparison
from spinn2sim.explore.plan import SEED, Plan, Row
from spinn2sim.explore.point import Answer
from spinn2sim.explore.store import frame

#: Status of a row whose point nobody has computed yet.
MISSING = "missing"

STATES = ("done", "failed", MISSING)


def make_table(plan: Plan, answers: Mapping[str, Answer]) -> pl.DataFrame:
    """The axes of *plan*, ``fidelity``, ``seed``, outputs, ``feasible``, ``status`` and ``error``.

    ``feasible`` is there if the sweep has constraints; null in a row that is not done.
    """
    rows = [_row(plan, row, answers) for row in plan.rows]
    axes = dict.fromkeys(path for path in plan.sweep.fields if path != SEED)
    _drop_texts(plan, rows, axes)
    order = [*axes, "fidelity", SEED]
    last = (["feasible"] if plan.constraints else []) + ["status", "error", "point"]
    outputs = dict.fromkeys(name for row in rows for name in row if name not in {*order, *last})
    fixed = {"fidelity": pl.String, SEED: pl.Int64, "feasible": pl.Boolean, "status": pl.String}
    table = frame(rows, {name: fixed[name] for name in ("fidelity", SEED)})
    columns = [name for name in (*order, *outputs, *last) if name in table.columns]
    return table.select(columns)


def counts(plan: Plan, answers: Mapping[str, Answer]) -> dict[str, int]:
    """Rows by status."""
    states = [_state(row, answers)[0] for row in plan.rows]
    return {state: states.count(state) for state in STATES}


def count_states(table: pl.DataFrame) -> dict[str, int]:
    """Rows of a table by status."""
    states = table["status"].to_list()
    return {state: states.count(state) for state in STATES}


def _row(plan: Plan, row: Row, answers: Mapping[str, Answer]) -> dict[str, Any]:
    status, error = _state(row, answers)
    key = row.point.key if row.point is not None else ""
    outputs = answers[key].outputs if key in answers else {}
    found = {**row.place, "fidelity": row.fidelity, SEED: row.seed}
    found |= {name: value for name, value in outputs.items() if _is_wanted(plan, name)}
    if plan.constraints:
        found["feasible"] = _feasible(plan.constraints, outputs) if status == "done" else None
    return {**found, "status": status, "error": error, "point": key}


def _drop_texts(plan: Plan, rows: list[dict[str, Any]], axes: Iterable[str]) -> None:
    """An axis of numbers stays one: what made no scenario, as ``65 parsec``, is in the error."""
    for path in axes:
        made = [row.place[path] for row in plan.rows if row.point is not None]
        if made and not any(isinstance(value, str) for value in made):
            for row in rows:
                row[path] = None if isinstance(row[path], str) else row[path]


def _state(row: Row, answers: Mapping[str, Answer]) -> tuple[str, str]:
    if row.point is None:
        return "failed", row.error
    answer = answers.get(row.point.key)
    return (MISSING, "") if answer is None else (answer.status, answer.error)


def _is_wanted(plan: Plan, name: str) -> bool:
    patterns = plan.sweep.outputs
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _feasible(constraints: tuple[Comparison, ...], outputs: Mapping[str, Any]) -> bool | None:
    """Whether all that can be told holds; None if a constraint is on what is not there."""
    held = [each.holds(outputs.get) for each in constraints]
    if False in held:
        return False
    return None if None in held else True
