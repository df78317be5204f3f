"""The preset of figures for print: fonts, widths and formats, and how a figure is written.

Letters of 7 and 8 points at the final size, fonts embedded as TrueType, colours of the Okabe-Ito
palette. Files hold no date, so that equal runs give equal files.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")

#: Inches: one column, and both columns, of a two-column page.
COLUMN, PAGE = 3.5, 7.2

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, YELLOW = COLOURS
MUTED, INK, GRID = "#D5DAE1", "#222222", "#DDDDDD"

STYLE: Any = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "font.family": "sans-serif",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.0,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "spinn2sim",
    "text.parse_math": False,  # A name may hold dollar signs.
    "savefig.dpi": 300,
}

#: What a format would otherwise date.
NO_DATE: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def draw(
    folder: Path, name: str, width: float, height: float, paint: Callable[[Axes], None]
) -> list[Path]:
    """Write the figure that *paint* makes, of so many inches, in every format."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        paint(figure.subplots())
        paths = [folder / f"{name}.{form}" for form in FORMATS]
        for path, form in zip(paths, FORMATS, strict=True):
            figure.savefig(path, metadata=NO_DATE[form])
    return paths
