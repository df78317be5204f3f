"""The figures of a sweep for print: trade-offs with their Pareto front, and a heat map."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from spinn2sim.report.pareto import first_outputs, is_better_more, pareto_front
from spinn2sim.report.publication.preset import BLUE, COLUMN, MUTED, VERMILLION, draw
from spinn2sim.report.sweep import DONE, STATUS, Sweep


def write_sweep_figures(sweep: Sweep, folder: Path) -> list[Path]:
    """Write every figure of *sweep* that has something to show to *folder*; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    points = sweep.points.filter(pl.col(STATUS) == DONE)
    x, y = first_outputs(sweep)
    paths: list[Path] = []
    if x is not None and y is not None and points.height:
        paths += draw(folder, "trade_offs", COLUMN, 2.8, partial(_trade_offs, points, x, y))
    varied = [axis for axis in sweep.axes if points[axis].n_unique() > 1]
    if len(varied) > 1 and y is not None:
        paint = partial(_heat_map, sweep, (varied[0], varied[1]), y)
        paths += draw(folder, "heat_map", COLUMN, 2.8, paint)
    return paths


def _trade_offs(points: pl.DataFrame, x: str, y: str, axes: Axes) -> None:
    kept = points.drop_nulls([x, y])
    xs, ys = kept[x].to_numpy(), kept[y].to_numpy()
    fits = kept["fits"].to_numpy() if "fits" in kept.columns else np.ones(len(xs), bool)
    for chosen, colour, name in ((~fits, MUTED, "does not fit"), (fits, BLUE, "fits")):
        if chosen.any():
            axes.plot(
                xs[chosen], ys[chosen], ".", color=colour, markersize=2, label=name, rasterized=True
            )
    front = pareto_front(xs, ys, more_x=is_better_more(x), more_y=is_better_more(y))
    axes.plot(xs[front], ys[front], "D-", color=VERMILLION, markersize=3, label="Pareto front")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.legend()


def _heat_map(sweep: Sweep, pair: tuple[str, str], value: str, axes: Axes) -> None:
    """Mean of *value* in each cell of the *pair* of axes; cells without a point stay empty."""
    across, up = pair
    points = sweep.points.filter(pl.col(STATUS) == DONE)
    means = points.drop_nulls(value).group_by(across, up).agg(pl.col(value).mean())
    xs, ys = (means[name].unique().drop_nulls().sort().to_list() for name in (across, up))
    cells = np.full((len(ys), len(xs)), np.nan)
    for x, y, mean in means.select(across, up, value).drop_nulls().iter_rows():
        cells[ys.index(y), xs.index(x)] = mean
    image = axes.imshow(cells, origin="lower", aspect="auto", cmap="cividis")
    for set_ticks, name, values in ((axes.set_xticks, across, xs), (axes.set_yticks, up, ys)):
        step, labels = max(1, len(values) // 6), sweep.labels(name)
        shown = [labels.get(each, str(each)) for each in values[::step]]
        set_ticks(range(0, len(values), step), shown)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.figure.colorbar(image, ax=axes, label=f"{value}, mean")
