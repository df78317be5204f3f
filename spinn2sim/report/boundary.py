"""Figures of sweeps: the boundary of what fits, and curves over an axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

#: The Okabe-Ito palette, which colour-blind people can tell apart, and markers for print.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

#: Points of a curve up to which each has a marker.
MARKED = 40


class Curve(NamedTuple):
    """Values over an axis; None where there is none."""

    label: str
    x: Sequence[float | str]
    y: Sequence[float | None]
    thin: bool = False
    """A limit that another one keeps from being reached."""


class Panel(NamedTuple):
    """Curves on one pair of axes."""

    title: str
    curves: Sequence[Curve]


def draw_panels(
    panels: Sequence[Panel],
    path: Path,
    *,
    title: str,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
) -> None:
    """Panels side by side on one scale; a curve has the colour of its place in its panel.

    Thin curves are dashed and take the colour of the curve before them.
    """
    figure = Figure(figsize=(2.5 + 4 * len(panels), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for each, panel in zip(axes, panels, strict=True):
        _draw(each, panel)
        each.set_xlabel(x_label)
        if log_x:
            each.set_xscale("log")
        if log_y:
            each.set_yscale("log")
    axes[0].set_ylabel(y_label)
    _add_legends(figure, list(axes))
    figure.suptitle(title, fontsize="medium", parse_math=False)
    figure.savefig(path, dpi=150)


def _draw(axes: Axes, panel: Panel) -> None:
    place = -1
    for curve in panel.curves:
        place += not curve.thin
        colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        values = [float("nan") if value is None else value for value in curve.y]
        axes.plot(
            list(curve.x),
            values,
            color=colour,
            label=curve.label,
            linestyle="--" if curve.thin else "-",
            linewidth=1 if curve.thin else 2,
            marker=marker if len(values) <= MARKED and not curve.thin else None,
            markersize=5,
        )
    axes.set_title(panel.title, fontsize="small", parse_math=False)
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def _add_legends(figure: Figure, panels: Sequence[Axes]) -> None:
    """One beside the panels if they show the same curves, else one in each."""
    legends = [panel.get_legend_handles_labels() for panel in panels]
    handles, labels = legends[-1]
    if all(other == labels for _, other in legends):
        figure.legend(handles, labels, loc="outside right upper", frameon=False, fontsize="small")
        return
    for panel in panels:
        panel.legend(frameon=False, fontsize="small")
