"""Figures of a training run: learning curves (the paper's Figure 5) and confusion matrix."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

#: Blue and orange of the Okabe-Ito palette, which colour-blind people can tell apart.
COLOURS = ("#0072B2", "#E69F00")

#: Cells of a confusion matrix darker than this share of a class carry white numbers.
DARK = 0.5


def draw_learning_curves(
    panels: Mapping[str, Mapping[str, NDArray[np.float64]]], title: str, path: Path
) -> None:
    """One panel for each y axis of *panels*, in it one curve for each of its names.

    A curve is (n_seeds, n_epochs), NaN where there is no value yet: drawn are mean and standard
    deviation over the seeds.
    """
    figure = Figure(figsize=(5 * len(panels), 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for panel, (label, curves) in zip(axes, panels.items(), strict=True):
        for colour, (name, values) in zip(COLOURS, curves.items(), strict=False):
            _draw_curve(panel, name, values, colour)
        panel.set_xlabel("epoch")
        panel.set_ylabel(label)
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.grid(color="#DDDDDD", linewidth=0.8)
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False)
    _save(figure, title, path)


def draw_confusion(
    counts: NDArray[np.int64], classes: Sequence[str], title: str, path: Path
) -> None:
    """Counts by [target, predicted], shaded by their share of the target's samples.

    counts: (n_classes, n_classes + 1); the last column, outputs that are no class, is left out
    where it is empty.
    """
    names = [*classes, "no class"]
    if not counts[:, -1].any():
        counts, names = counts[:, :-1], names[:-1]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 2 + 0.45 * len(names)
    figure = Figure(figsize=(size, size), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > DARK else "black"
        text = f"{count:,}" if count else ""
        axes.text(column, row, text, ha="center", va="center", fontsize="small", color=colour)
    axes.set_xticks(range(len(names)), names, rotation=90, parse_math=False)
    axes.set_yticks(range(len(classes)), classes, parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("target")
    axes.tick_params(length=0)
    _save(figure, title, path)


def _draw_curve(axes: Axes, name: str, values: NDArray[np.float64], colour: str) -> None:
    epochs = np.arange(1, values.shape[1] + 1)
    with warnings.catch_warnings():  # An epoch that no seed has reached has no mean.
        warnings.simplefilter("ignore", RuntimeWarning)
        mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    marker = "o" if len(epochs) == 1 else None  # A line of one point cannot be seen.
    axes.plot(epochs, mean, color=colour, label=name, marker=marker)
    band: dict[str, Any] = {"color": colour, "alpha": 0.2, "linewidth": 0}
    axes.fill_between(epochs, mean - deviation, mean + deviation, **band)


def _save(figure: Figure, title: str, path: Path) -> None:
    text = figure.suptitle(title, x=0.01, ha="left", fontsize="medium", weight="bold")
    text.set_parse_math(False)  # A name may hold dollar signs.
    figure.savefig(path, dpi=150, metadata={"Software": None})
