"""The charts of a run that show figures per function or per PE."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spinn2sim.report.actions import ReferenceTable, breakdown
from spinn2sim.report.html.figure import (
    BLUE,
    GREEN,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    Chart,
    Figure,
    axis,
    bars_height,
    figure,
    fill,
    plain,
    single,
    vertical_line,
)
from spinn2sim.report.memory import memory
from spinn2sim.report.profile import FunctionCycles, clock_profile
from spinn2sim.report.realtime import real_time
from spinn2sim.trace import Trace

#: What a core did, in words and colour, by the keys of ``RealTime.waiting``.
ACTIVITIES = {
    "busy": ("computing", BLUE),
    "sync": ("waiting for spikes and sync flags", ORANGE),
    "packets": ("waiting for packets", YELLOW),
    "host": ("waiting for the host", VERMILLION),
    "dma": ("waiting for DMA", PURPLE),
    "sram": ("held up in SRAM", SKY),
    "clock": ("stopped while the clock changes", GREEN),
    "timer": ("asleep until the next step", MUTED),
}

#: Colours of what goes on beside the core.
REFILL, TRANSFER = GREEN, PURPLE

#: Bars of the histogram of step times.
N_BINS = 84

#: Variables that have a colour of their own in the memory map.
N_VARIABLES = 11


def profile_chart(trace: Trace) -> Chart:
    """Cycles per function, or per part of one, with the spread over the PEs (Figure 6)."""
    figures = {
        f"{every}/{kind}": _profile(
            [row for row in clock_profile(trace, parts=kind == "parts") if row.every == every],
            every,
        )
        for every in ("step", "sample")
        for kind in ("functions", "parts")
        if any(row.every == every for row in clock_profile(trace))
    }
    per = [(every, text) for every, text in (("step", "time step"), ("sample", "sample"))]
    return Chart(
        "profile",
        "Clock profile: cycles per function",
        figures,
        {
            "per": [(every, text) for every, text in per if f"{every}/parts" in figures],
            "show": [("functions", "functions"), ("parts", "their parts")],
        },
    )


def _profile(rows: Sequence[FunctionCycles], every: str) -> Figure:
    rows = [row for row in rows if row.maximum >= 1]
    spread = {
        "type": "data",
        "visible": any(row.maximum - row.minimum >= 1 for row in rows),
        "symmetric": False,
        "array": [_or_none(row.maximum - row.mean) for row in rows],
        "arrayminus": [_or_none(row.mean - row.minimum) for row in rows],
        "color": "$text",
        "thickness": 1.5,
    }
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [plain(row.label) for row in rows],
        "x": [row.mean for row in rows],
        "error_x": spread,
        "marker": {"color": BLUE if every == "step" else ORANGE},
        "text": [f"  {row.mean:,.0f} · {row.share:.1%}" for row in rows],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [[row.minimum, row.maximum, row.share] for row in rows],
        "hovertemplate": "%{y}<br>mean %{x:,.1f} cycles (%{customdata[2]:.1%})<br>"
        "least of a PE %{customdata[0]:,.1f}, most %{customdata[1]:,.1f}<extra></extra>",
    }
    longest = max((row.maximum for row in rows), default=1.0)
    return figure(
        [bars],
        height=bars_height(len(rows)),
        xaxis=axis(f"PE clock cycles per {every}", range=[0, longest * 1.25], tickformat=",~s"),
        yaxis={"autorange": "reversed"},
        showlegend=False,
    )


def _or_none(spread: float) -> float | None:
    """A spread of no whole cycle has no whisker."""
    return spread if spread >= 1 else None


def step_times_chart(trace: Trace) -> Chart:
    """How long the steps took, against the deadline; the page can filter the PEs."""
    times = real_time(trace)
    ms = 1e3 / trace.pe_clock.hz
    response = (times.response * ms).round(6)
    deadline = times.period * ms
    longest = 1.05 * max(deadline, response.max())
    bars = {
        "type": "histogram",
        "x": response.ravel().tolist(),
        "xbins": {"start": 0, "end": longest, "size": longest / N_BINS},
        "marker": {"color": BLUE},
        "meta": {"pe": np.repeat(np.arange(trace.n_pe), response.shape[1]).tolist()},
        "hovertemplate": "%{y:,} steps took %{x} ms<extra></extra>",
    }
    layout = {
        "height": 340,
        "xaxis": axis("from release to end, ms", range=[0, longest]),
        "bargap": 0.03,
        **vertical_line(deadline, f"deadline {deadline:g} ms", anchor="right"),
    }
    return Chart(
        "step-times",
        "Histogram of step times with the deadline",
        {
            scale: figure([bars], **layout, yaxis=axis("steps of all PEs shown", type=scale))
            for scale in ("linear", "log")
        },
        {"scale": [("linear", "linear"), ("log", "logarithmic")]},
    )


def time_chart(trace: Trace) -> Chart:
    """Where the time of each PE went, as shares of the run."""
    times = real_time(trace)
    cycles = {"busy": times.busy, **times.waiting}
    whole = times.period * times.busy.shape[1]
    pes = list(range(trace.n_pe))
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": pes,
            "y": (cycles[key].sum(axis=1) / whole).tolist(),
            "customdata": (cycles[key].mean(axis=1)).tolist(),
            "marker": {"color": colour},
            "meta": {"pe": pes},
            "hovertemplate": f"PE %{{x}}: {name} %{{y:.2%}}, "
            "%{customdata:,.0f} cycles a step<extra></extra>",
        }
        for key, (name, colour) in ACTIVITIES.items()
        if cycles[key].any()
    ]
    layout = figure(
        bars,
        height=340,
        barmode="stack",
        bargap=0.1 if trace.n_pe < 40 else 0,
        xaxis=axis("PE"),
        yaxis=axis("share of the time", tickformat=".0%"),
    )
    return single("time", "Where the time of each PE went", layout)


def memory_chart(trace: Trace) -> Chart:
    """The SRAM of each PE, variable by variable, against its capacity."""
    used = memory(trace)
    if not used.rows:
        return single("sram", "", None)
    totals: dict[str, int] = {}
    for row in used.rows:
        totals[row.name] = totals.get(row.name, 0) + row.n_bytes
    largest = sorted(totals, key=lambda name: -totals[name])[:N_VARIABLES]
    pes = sorted({*range(trace.n_pe), *used.lenders})
    n_bytes = {name: [0] * len(pes) for name in (*largest, None)}
    for row in used.rows:
        n_bytes[row.name if row.name in largest else None][pes.index(row.pe)] += row.n_bytes
    n_rest = len(totals) - len(largest)
    bars = [
        {
            "type": "bar",
            "name": plain(name) if name is not None else f"{n_rest} smaller",
            "x": pes,
            "y": sizes,
            "marker": fill(number) if name is not None else {"color": MUTED},
            "meta": {"pe": pes},
            "hovertemplate": "PE %{x}: %{y:,} B<extra>%{fullData.name}</extra>",
        }
        for number, (name, sizes) in enumerate(n_bytes.items())
        if any(sizes)
    ]
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": used.capacity}
    line |= {"y1": used.capacity, "line": {"color": VERMILLION, "width": 2, "dash": "dash"}}
    note = {"xref": "paper", "x": 1, "y": used.capacity, "xanchor": "right", "yanchor": "bottom"}
    note |= {"text": f"available {used.capacity:,} B", "showarrow": False}
    return single(
        "sram",
        "SRAM of each PE by variable, with what is available",
        figure(
            bars,
            height=400,
            barmode="stack",
            bargap=0.1 if trace.n_pe < 40 else 0,
            xaxis=axis("PE"),
            yaxis=axis(
                "bytes", tickformat="~s", range=[0, 1.12 * max(used.capacity, used.largest)]
            ),
            shapes=[line],
            annotations=[note],
        ),
    )


def energy_chart(trace: Trace, tables: Sequence[ReferenceTable]) -> Chart:
    """Energy by model, action by action."""
    rows = {table.name: breakdown(trace, table) for table in tables}
    actions = list(dict.fromkeys(row.action for found in rows.values() for row in found))
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": action,
            "y": [plain(f"{name} model") for name in rows],
            "x": [
                sum(row.joules for row in found if row.action == action) for found in rows.values()
            ],
            "marker": fill(number),
            "hovertemplate": "%{y}: %{x:.4g} J<extra>%{fullData.name}</extra>",
        }
        for number, action in enumerate(actions)
    ]
    return single(
        "energy",
        "Energy by model and action",
        figure(
            bars,
            height=bars_height(len(rows)),
            barmode="stack",
            xaxis=axis("joules"),
            yaxis={"autorange": "reversed"},
        ),
    )
