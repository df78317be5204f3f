"""The spike raster: a mark for each spike, or counts where there are too many to tell apart."""

from __future__ import annotations

import numpy as np

from spinn2sim.report.html.figure import BLUE, Chart, Figure, axis, figure, single
from spinn2sim.report.profile import n_timesteps
from spinn2sim.trace import Trace

#: Marks that a browser draws at once; above, the raster is a heat map of this many bins a side.
MAX_MARKS, N_BINS = 1_500, 300

#: Keys up to here are shown as they are; larger ones stand in their order.
LARGEST_KEY = 100_000


def spikes_chart(trace: Trace) -> Chart:
    """Spikes over time steps, one row for each key."""
    spikes = trace.tables["spikes"]
    if not spikes["key"].size:
        return single("spikes", "", None)
    as_they_are = int(spikes["key"].max()) <= LARGEST_KEY
    rows = spikes["key"] if as_they_are else np.unique(spikes["key"], return_inverse=True)[1]
    few = len(rows) <= MAX_MARKS
    found = _marks(trace, rows) if few else _counts(trace, rows)
    found["layout"] |= {
        "height": 360,
        "xaxis": axis("time step", range=[-0.5, n_timesteps(trace) - 0.5]),
        "yaxis": axis("key of the neuron" if as_they_are else "neurons in order of key"),
        "showlegend": False,
    }
    return single("spikes", "Spike raster", found)


def _marks(trace: Trace, rows: np.typing.NDArray[np.int64]) -> Figure:
    spikes = trace.tables["spikes"]
    size = 9 if len(rows) < 500 else 4
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": spikes["timestep"].tolist(),
        "y": rows.tolist(),
        "customdata": np.stack([spikes["pe"], spikes["key"]], axis=1).tolist(),
        "meta": {"pe": spikes["pe"].tolist()},
        "marker": {"symbol": "line-ns", "size": size, "line": {"width": 2, "color": BLUE}},
        "hovertemplate": "time step %{x}: key %{customdata[1]} on PE %{customdata[0]}"
        "<extra></extra>",
    }
    return figure([marks])


def _counts(trace: Trace, rows: np.typing.NDArray[np.int64]) -> Figure:
    n_steps = n_timesteps(trace)
    counts, x, y = np.histogram2d(
        trace.tables["spikes"]["timestep"],
        rows,
        bins=(min(n_steps, N_BINS), min(int(rows.max()) + 1, N_BINS)),
        range=((-0.5, n_steps - 0.5), (-0.5, int(rows.max()) + 0.5)),
    )
    cells = {
        "type": "heatmap",
        "x": x.tolist(),
        "y": y.tolist(),
        "z": counts.T.astype(int).tolist(),
        "colorscale": "Cividis",
        "colorbar": {"title": {"text": "spikes", "side": "right"}, "thickness": 14},
        "hovertemplate": "%{z} spikes<extra></extra>",
    }
    return figure([cells])
