"""Figures: the clock profile of a run as a PNG (the paper's Figure 6)."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spinn2sim.report.profile import clock_profile
from spinn2sim.trace import Trace

#: Blue and orange of the Okabe-Ito palette, which colour-blind people can tell apart.
STEP_COLOUR, SAMPLE_COLOUR = "#0072B2", "#E69F00"


def draw_profile(trace: Trace, path: Path) -> None:
    """Horizontal bars of cycles per function; the whisker is the spread over PEs."""
    rows = clock_profile(trace)[::-1]
    figure = Figure(figsize=(8, 0.6 + 0.36 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    means = [row.mean for row in rows]
    axes.barh(
        range(len(rows)),
        means,
        color=[STEP_COLOUR if row.every == "step" else SAMPLE_COLOUR for row in rows],
        xerr=[
            [row.mean - row.minimum for row in rows],
            [row.maximum - row.mean for row in rows],
        ],
        error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "#444444"},
    )
    axes.set_yticks(range(len(rows)), [f"{row.label} (per {row.every})" for row in rows])
    axes.xaxis.set_major_formatter(lambda cycles, _: f"{cycles / 1000:g}K")
    for position, row in enumerate(rows):
        axes.annotate(
            f" {row.mean:,.0f}  ({row.share:.1%})",
            (row.maximum, position),
            va="center",
            fontsize="small",
        )
    axes.set_xlim(0, 1.3 * max((row.maximum for row in rows), default=1.0))
    axes.set_xlabel("PE clock cycles (mean over PEs; whisker: smallest to largest PE)")
    scenario = trace.meta["scenario"]
    axes.set_title(f"Clock profile: {scenario['name']}", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150, metadata={"Software": None})
