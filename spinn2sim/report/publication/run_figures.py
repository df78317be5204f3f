"""The figures of a run for print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from spinn2sim.report.actions import ReferenceTable, breakdown, reference_tables
from spinn2sim.report.memory import memory
from spinn2sim.report.profile import clock_profile, n_timesteps
from spinn2sim.report.publication.noc_figure import paint_noc
from spinn2sim.report.publication.preset import (
    BLUE,
    COLOURS,
    COLUMN,
    GREEN,
    GRID,
    INK,
    MUTED,
    ORANGE,
    PAGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    draw,
)
from spinn2sim.report.realtime import real_time
from spinn2sim.report.stretches import by_function, stretches
from spinn2sim.report.window import WHOLE, Window, first_release
from spinn2sim.trace import Cause, Trace
from spinn2sim.units import Ticks

#: Time steps of the timeline, if no window is given: more cannot be told apart in print.
N_STEPS = 3

#: Variables of the memory map, and guesses of the tornado.
N_VARIABLES, N_GUESSES = 6, 12

#: Names and colours of what a core does, and of causes of waiting.
WORKS = ("computing", BLUE)
WAITS = {
    Cause.SYNC: ("waiting for spikes and sync flags", ORANGE),
    Cause.PACKETS: ("waiting for packets", YELLOW),
    Cause.HOST: ("waiting for the host", VERMILLION),
    Cause.DMA: ("waiting for DMA", PURPLE),
    Cause.SRAM: ("held up in SRAM", SKY),
    Cause.TIMER: ("asleep", MUTED),
}

Paint = Callable[[Axes], None]


def write_run_figures(
    trace: Trace,
    folder: Path,
    *,
    window: Window = WHOLE,
    sensitivity: Mapping[str, Any] | None = None,
    tables: Sequence[ReferenceTable] = (),
) -> list[Path]:
    """Write every figure of a run that has something to show to *folder*; the files.

    *window* is that of the timeline, else its first time steps; *tables* are further reference
    tables of energy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    n_rows = len([row for row in clock_profile(trace) if row.maximum >= 1])
    models = (*reference_tables(trace), *tables)
    found: dict[str, tuple[float, float, Paint]] = {
        "clock_profile": (COLUMN, 0.7 + 0.16 * n_rows, partial(_profile, trace)),
        "step_times": (COLUMN, 2.1, partial(_step_times, trace)),
        "time_per_pe": (COLUMN, 2.4, partial(_time, trace)),
        "timeline": (PAGE, 1.0 + min(0.16 * trace.n_pe, 5), partial(_timeline, trace, window)),
        "energy": (COLUMN, 0.9 + 0.3 * len(models), partial(_energy, trace, models)),
    }
    if trace.tables["spikes"]["key"].size:
        found["spikes"] = (PAGE, 2.4, partial(_spikes, trace))
    on_board = trace.meta["scenario"].get("board")  # The map shows one chip.
    if trace.tables["links"]["n_flits"].any() and not on_board:
        found["noc"] = (COLUMN, 3.0, partial(paint_noc, trace))
    if memory(trace).rows:
        found["sram"] = (COLUMN, 2.6, partial(_memory, trace))
    rows = _moving(sensitivity)
    if sensitivity is not None and rows:
        height = 0.9 + 0.17 * len(rows)
        found["tornado"] = (COLUMN, height, partial(_tornado, sensitivity, rows))
    return [
        path
        for name, (width, height, paint) in found.items()
        for path in draw(folder, name, width, height, paint)
    ]


def _profile(trace: Trace, axes: Axes) -> None:
    rows = [row for row in clock_profile(trace) if row.maximum >= 1]
    colours = [BLUE if row.every == "step" else ORANGE for row in rows]
    spread = [
        [row.mean - row.minimum for row in rows],
        [row.maximum - row.mean for row in rows],
    ]
    whiskers = {"elinewidth": 0.8, "ecolor": INK}
    axes.barh(
        range(len(rows)), [row.mean for row in rows], color=colours, xerr=spread, error_kw=whiskers
    )
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("PE clock cycles, mean and span over PEs")
    axes.xaxis.set_major_formatter(lambda cycles, _: f"{cycles / 1e3:g}k" if cycles else "0")
    for every, colour, text in (("step", BLUE, "each time step"), ("sample", ORANGE, "a sample")):
        if any(row.every == every for row in rows):
            axes.barh([0], [0], color=colour, label=text)
    axes.figure.legend(loc="outside upper center", ncols=2)
    axes.grid(axis="x", color=GRID, linewidth=0.5)


def _step_times(trace: Trace, axes: Axes) -> None:
    times = real_time(trace)
    ms = times.response.ravel() * 1e3 / trace.pe_clock.hz
    deadline = times.period * 1e3 / trace.pe_clock.hz
    axes.hist(ms, bins=60, range=(0, max(deadline * 1.05, ms.max())), color=BLUE, log=True)
    axes.axvline(deadline, color=VERMILLION, linestyle="--", label=f"deadline {deadline:g} ms")
    axes.set_xlabel("from release to end of a step (ms)")
    axes.set_ylabel("steps")
    axes.yaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
    axes.figure.legend(loc="outside upper center")


def _time(trace: Trace, axes: Axes) -> None:
    times = real_time(trace)
    whole = times.period * times.busy.shape[1]
    kinds = [(*WORKS, times.busy)]
    kinds += [(*named, times.waiting[cause.name.lower()]) for cause, named in WAITS.items()]
    below = np.zeros(trace.n_pe)
    for name, colour, cycles in kinds:
        share = cycles.sum(axis=1) / whole
        if share.any():
            axes.bar(range(trace.n_pe), share, 0.9, bottom=below, color=colour, label=name)
        below += share
    axes.set_xlabel("PE")
    axes.set_ylabel("share of the time")
    axes.figure.legend(loc="outside upper center", ncols=2)


def _timeline(trace: Trace, window: Window, axes: Axes) -> None:
    zero, ms = first_release(trace), 1e3 / trace.timebase.hz
    if window == WHOLE:
        window = Window(Ticks(zero), Ticks(zero + N_STEPS * trace.period))
    found = by_function(stretches(trace, window))
    kinds = {WORKS: found.is_work}
    kinds |= {named: found.name == found.n_labels + cause for cause, named in WAITS.items()}
    for (name, colour), chosen in kinds.items():
        if chosen.any():
            start, stop = found.start[chosen], found.stop[chosen]
            axes.barh(
                found.pe[chosen],
                (stop - start) * ms,
                0.6,
                (start - zero) * ms,
                color=colour,
                label=name,
            )
    for table, colour, name in (("refills", GREEN, "host refill"), ("dma", PURPLE, "DMA transfer")):
        rows = trace.tables[table]
        inside = window.overlaps(rows["started"], rows["finished"])
        if inside.any():
            start, stop = rows["started"][inside], rows["finished"][inside]
            at = rows["pe"][inside] + 0.4
            axes.barh(at, (stop - start) * ms, 0.16, (start - zero) * ms, color=colour, label=name)
    last = min(window.stop, int(found.stop.max(initial=window.start + 1)))
    axes.set_xlim((window.start - zero) * ms, (last - zero) * ms)
    axes.set_ylim(trace.n_pe - 0.4, -0.6)
    axes.set_xlabel("ms after the first timer interrupt")
    axes.set_ylabel("PE")
    axes.figure.legend(loc="outside upper center", ncols=4)


def _spikes(trace: Trace, axes: Axes) -> None:
    spikes = trace.tables["spikes"]
    axes.plot(spikes["timestep"], spikes["key"], "|", color=BLUE, markersize=2.5, rasterized=True)
    axes.set_xlim(-1, n_timesteps(trace))
    axes.set_xlabel("time step")
    axes.set_ylabel("key of the neuron")


def _memory(trace: Trace, axes: Axes) -> None:
    used = memory(trace)
    totals: dict[str, int] = {}
    for row in used.rows:
        totals[row.name] = totals.get(row.name, 0) + row.n_bytes
    largest = sorted(totals, key=lambda name: -totals[name])[:N_VARIABLES]
    pes = sorted({*range(trace.n_pe), *used.lenders})
    sizes = {name: np.zeros(len(pes)) for name in (*largest, None)}
    for row in used.rows:
        sizes[row.name if row.name in largest else None][pes.index(row.pe)] += row.n_bytes / 1024
    below = np.zeros(len(pes))
    for colour, (name, kib) in zip((*COLOURS[:N_VARIABLES], MUTED), sizes.items(), strict=False):
        label = name if name is not None else f"{len(totals) - len(largest)} smaller"
        colour_of = MUTED if name is None else colour
        if kib.any():
            axes.bar(pes, kib, 0.9, bottom=below, color=colour_of, label=label)
        below += kib
    axes.axhline(used.capacity / 1024, color=VERMILLION, linestyle="--", label="available")
    axes.set_xlabel("PE")
    axes.set_ylabel("data SRAM (KB)")
    axes.figure.legend(loc="outside upper center", ncols=4)


def _energy(trace: Trace, models: Sequence[ReferenceTable], axes: Axes) -> None:
    actions = list(dict.fromkeys(row.action for table in models for row in table.rows))
    for place, table in enumerate(models):
        left = 0.0
        for row in breakdown(trace, table):
            colour = COLOURS[actions.index(row.action) % len(COLOURS)]
            axes.barh(place, row.joules, 0.7, left, color=colour)
            left += row.joules
    for number, action in enumerate(actions):
        axes.barh([0], [0], color=COLOURS[number % len(COLOURS)], label=action)
    axes.set_yticks(range(len(models)), [f"{table.name} model" for table in models])
    axes.invert_yaxis()
    axes.set_xlabel("energy (J)")
    axes.figure.legend(loc="outside upper center", ncols=4)


def _moving(sensitivity: Mapping[str, Any] | None) -> list[tuple[str, list[float | None]]]:
    """Guesses that move the slack: path, and its change at the low and at the high end."""
    if sensitivity is None:
        return []
    now = sensitivity["now"]["slack_cycles"]
    rows = [
        (
            row["path"],
            [None if end["problem"] else end["slack_cycles"] - now for end in row["ends"]],
        )
        for row in sensitivity["rows"]
    ]
    moving = [row for row in rows if any(row[1])]
    return sorted(moving, key=lambda row: -max(abs(end or 0) for end in row[1]))[:N_GUESSES]


def _tornado(
    sensitivity: Mapping[str, Any], rows: Sequence[tuple[str, list[float | None]]], axes: Axes
) -> None:
    for number, (name, colour) in enumerate((("low end", BLUE), ("high end", ORANGE))):
        widths = [(ends[number] or 0) if number < len(ends) else 0 for _, ends in rows]
        axes.barh(range(len(rows)), widths, 0.7, color=colour, label=name)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [path for path, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel(f"change of the least slack, {sensitivity['now']['slack_cycles']:,} (cycles)")
    axes.legend(loc="lower right")
