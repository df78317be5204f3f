"""The page of a sweep: how many points fit, and the means to look for the best of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import polars as pl

from spinn2sim.report.html.figure import COLOURS
from spinn2sim.report.html.noc_chart import SCALE
from spinn2sim.report.html.page import render
from spinn2sim.report.html.table import table
from spinn2sim.report.pareto import first_outputs, is_better_more
from spinn2sim.report.summary import counted
from spinn2sim.report.sweep import ERROR, STATUS, Sweep

#: Columns that say of a point whether it is good.
GOOD = ("feasible", "fits")

#: Digits that a figure keeps in the page; the Parquet file has them all.
DIGITS = 6


def sweep_page(sweep: Sweep) -> str:
    """The HTML of a sweep.

    :raises MissingExtraError: jinja2 is not installed.
    """
    columns = list(_columns(sweep))
    return render(
        "sweep.html",
        title=f"sweep {sweep.name}",
        kind="sweep",
        sweep=sweep,
        verdict=_verdict(sweep),
        axes=[column for column in columns if column["role"] == "axis" and column["varies"]],
        content={
            "columns": columns,
            "n": sweep.points.height,
            "colours": COLOURS,
            "scale": SCALE,
            "first": _first(sweep, columns),
        },
        provenance=table(
            "provenance", "Provenance", ("key", "value"), sorted(sweep.provenance.items())
        ),
    )


def _verdict(sweep: Sweep) -> str:
    points = sweep.points
    good = next((column for column in GOOD if column in points.columns), None)
    told = [f"{counted(points.height, 'point')}, {sweep.n_done:,} done, {sweep.n_failed:,} failed"]
    if good is not None and points[good].dtype == pl.Boolean:
        n_good = int(points[good].sum() or 0)
        word = "meet all constraints" if good == "feasible" else "fit"
        told.insert(0, f"{n_good:,} of {sweep.n_done:,} {word}")
    return "; ".join(told)


def _columns(sweep: Sweep) -> Iterator[dict[str, Any]]:
    """Each column that holds anything: name, role, kind and values; texts by number."""
    for name in sweep.points.columns:
        values = sweep.points[name]
        if values.null_count() == len(values) or (name == ERROR and not (values != "").any()):
            continue
        role = "axis" if name in sweep.axes else "output" if name in sweep.outputs else "state"
        kind = _kind(values.dtype)
        varies = values.n_unique() > 1
        column = {"name": name, "role": role, "kind": kind, "varies": varies}
        if kind == "number":
            labels = {str(value): text for value, text in sweep.labels(name).items()}
            yield {**column, "values": [_short(v) for v in values.to_list()], "labels": labels}
        else:
            texts = [_text(value) for value in values.to_list()]
            levels = sorted({text for text in texts if text is not None})
            places = {text: number for number, text in enumerate(levels)}
            codes = [None if text is None else places[text] for text in texts]
            yield {**column, "levels": levels, "values": codes}


def _kind(dtype: pl.DataType) -> str:
    return "number" if dtype.is_numeric() else "text"


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _short(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    if isinstance(value, int):
        return value
    return float(f"{value:.{DIGITS}g}")


def _first(sweep: Sweep, columns: list[dict[str, Any]]) -> dict[str, Any]:
    """What the charts show before anything is chosen."""
    known = [column["name"] for column in columns]
    x, y = first_outputs(sweep)
    x = x or known[0]
    axes = [c["name"] for c in columns if c["role"] == "axis" and c["varies"]]
    return {
        "x": x,
        "y": y or x,
        "colour": next((name for name in (*GOOD, *axes) if name in known), STATUS),
        "more": [name for name in known if is_better_more(name)],
        "across": axes[0] if axes else x,
        "up": axes[1] if len(axes) > 1 else y or x,
        "axes": axes,
    }
