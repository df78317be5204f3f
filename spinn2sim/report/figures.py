"""Figures: the clock profile of a run as a PNG (the paper's Figure 6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spinn2sim.report.profile import FunctionCycles, clock_profile
from spinn2sim.trace import Trace

#: Blue and orange of the Okabe-Ito palette, which colour-blind people can tell apart.
COLOURS = {"step": "#0072B2", "sample": "#E69F00"}

#: Of what lies over the bars.
INK = "#333333"

TITLES = {"step": "in each time step", "sample": "once per sample"}

#: Inches of a bar with the gap to the next, and of title and axis.
BAR_HEIGHT, FRAME_HEIGHT = 0.3, 1.5

#: Room to the right of the longest bar for its numbers.
WIDTH_OF_BARS = 0.72


def draw_profile(trace: Trace, path: Path) -> None:
    """Bars of cycles per function, for a step and for a sample, on one scale.

    The whisker spans the PEs; a function that no PE spends a whole cycle on has no bar.
    """
    rows = clock_profile(trace)
    totals = {every: sum(row.mean for row in rows if row.every == every) for every in COLOURS}
    rows = tuple(row for row in rows if row.maximum >= 1)
    groups = {every: [row for row in rows if row.every == every] for every in COLOURS}
    groups = {every: group for every, group in groups.items() if group}
    heights = [len(group) + 0.6 for group in groups.values()] or [1.0]
    figure = Figure(figsize=(8, FRAME_HEIGHT + BAR_HEIGHT * sum(heights)), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
    longest = max((row.maximum for row in rows), default=1.0)
    panels[-1, 0].set_xlim(0, longest / WIDTH_OF_BARS)
    for axes, (every, group) in zip(panels[:, 0], groups.items(), strict=False):
        _draw_group(axes, group, COLOURS[every], longest)
        title = f"{TITLES[every]}: {totals[every]:,.0f} cycles"
        axes.set_title(title, loc="left", fontsize="medium")
    panels[-1, 0].set_xlabel(_axis_title(rows))
    text = figure.suptitle(_title(trace), x=0.01, ha="left", fontsize="medium", weight="bold")
    text.set_parse_math(False)  # A name may hold dollar signs.
    figure.savefig(path, dpi=150, metadata={"Software": None})


def _draw_group(axes: Axes, group: Sequence[FunctionCycles], colour: str, longest: float) -> None:
    axes.barh(range(len(group)), [row.mean for row in group], color=colour, height=0.7)
    for position, row in enumerate(group):
        if row.maximum - row.minimum >= 1:
            axes.hlines(position, row.minimum, row.maximum, color=INK, linewidth=1.2)
            axes.plot([row.minimum, row.maximum], [position] * 2, "|", color=INK, markersize=6)
        axes.text(
            row.maximum + 0.01 * longest,
            position,
            f"{row.mean:,.0f}   {row.share:.1%}",
            va="center",
            fontsize="small",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},  # Over the grid.
        )
    axes.set_yticks(range(len(group)), [row.label for row in group], parse_math=False)
    axes.set_ylim(len(group) - 0.4, -0.6)  # The first function on top.
    axes.xaxis.set_major_formatter(lambda cycles, _: f"{cycles:,.0f}")
    axes.tick_params(length=0)
    axes.tick_params(axis="x", labelsize="small")
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _axis_title(rows: Sequence[FunctionCycles]) -> str:
    differ = any(row.maximum - row.minimum >= 1 for row in rows)
    return "PE clock cycles, mean over PEs" + ("; line: least to most of a PE" if differ else "")


def _title(trace: Trace) -> str:
    scenario = trace.meta["scenario"]
    clock = scenario["chip"]["pe"]["clock"] / 1e6
    return f"Clock profile of {scenario['name']}: {trace.n_pe} PEs at {clock:g} MHz"
