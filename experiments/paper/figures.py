"""The paper's Figures 5, 6 and 7A, drawn from the same runs and arrays as the rows.

Figure 7B is the one of docs/memory.md. Bytes of a file depend on nothing but what it shows and the
version of the plotting library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.accuracy_table import AUTHORS
from experiments.memory_table import bptt_bytes, eprop_bytes
from experiments.paper import runs, training
from spinn2sim.claims import Place
from spinn2sim.report.learning import draw_learning_curves
from spinn2sim.report.profile import clock_profile
from spinn2sim.training.folder import MetricsFile
from spinn2sim.training.results import curves

KB, MB = 1024, 1024**2

#: Blue and orange of the Okabe-Ito palette, which colour-blind people can tell apart.
EPROP, BPTT = "#0072B2", "#E69F00"

#: Own neurons of a PE in the paper's networks of many PEs.
PER_PE = 10


def profiles(path: Path) -> None:
    """Figure 6: cycles of each function in a step and in a sample, by both cost tables."""
    found = {table: clock_profile(runs.costed(table)) for table in ("paper", "measured")}
    names = [
        (row.label, row.every)
        for row in found["paper"]
        if row.maximum >= 1 and row.label not in ("interrupt", "dma_setup", "dma_completion")
    ]
    figure, axes = _figure(7.5, 0.34 * len(names) + 1.2)
    for place, (table, rows) in enumerate(found.items()):
        cycles = {(row.label, row.every): row.mean for row in rows}
        axes.barh(
            np.arange(len(names)) + 0.4 * place - 0.2,
            [cycles[name] / 1e3 for name in names],
            height=0.36,
            color=(EPROP, BPTT)[place],
            label=f"cost table {table}",
        )
    axes.set_yticks(range(len(names)), [f"{label} / {every}" for label, every in names])
    axes.invert_yaxis()
    axes.set_xlabel("thousand cycles, mean over 12 PEs (200 K in all per step in the paper)")
    _save(figure, axes, path, "x")


def memory_by_neurons(path: Path, *, points: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    """Figure 7A. *points*: the paper's neurons and KB."""
    sizes = range(20, 401, 20)
    figure, axes = _figure()
    eprop = [sum(eprop_bytes(n, -(-n // PER_PE))) / MB for n in sizes]
    axes.plot(sizes, eprop, color=EPROP, label="e-prop")
    for with_traces, style in ((True, "-"), (False, "--")):
        label = f"BPTT, 100 steps{', with e-prop traces' if with_traces else ''}"
        memory = [bptt_bytes(n, with_traces=with_traces) / MB for n in sizes]
        axes.plot(sizes, memory, color=BPTT, linestyle=style, label=label)
    for colour, (name, stated) in zip((EPROP, BPTT), points.items(), strict=True):
        x, y = zip(*stated, strict=True)
        axes.plot(x, np.array(y) * KB / MB, "o", color=colour, label=f"{name}, the paper's figures")
    axes.set_xlabel("recurrent neurons")
    axes.set_ylabel("memory (MB)")
    axes.set_ylim(bottom=0)
    _save(figure, axes, path, "both")


def learning_curves(place: Place, path: Path) -> None:
    """Figure 5: accuracy and loss of the paper's network by epoch."""
    training.trained(place, AUTHORS)
    seeds = range(1, 1 + training.SEEDS)
    rows = MetricsFile(place.runs / AUTHORS.key, list(seeds)).rows()
    panels = {
        label: {split: curves(rows, f"{prefix}_{figure}") for split, prefix in _SPLITS.items()}
        for label, figure in (("accuracy", "accuracy"), ("loss (nats)", "loss_nats"))
    }
    network = f"80/120/12, e-prop, Adam, batch 1, {training.heard(place)}"
    title = f"{network}: mean and s.d. of {len(seeds)} seeds"
    draw_learning_curves(panels, title, path)


_SPLITS = {"training": "train", "validation": "validation"}


def _figure(width: float = 6, height: float = 3.8) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _save(figure: Figure, axes: Axes, path: Path, grid: str) -> None:
    axes.grid(axis=grid, color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(path, dpi=110, metadata={"Software": None})
