"""The timeline of the PEs, packed: what each core did, stretch by stretch, for the page to draw.

A trace of 152 PEs and 100 steps has some 200,000 stretches. They go into the page as durations in
ticks and codes, deflated; the page draws for each pixel what took most of its time, at every zoom.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.html.figure import COLOURS, MUTED, plain
from spinn2sim.report.html.run_charts import ACTIVITIES, REFILL, TRANSFER
from spinn2sim.report.levels import changing_clocks
from spinn2sim.report.stretches import Stretches, by_function, stretches
from spinn2sim.report.window import FOREVER, WHOLE, Window, first_release
from spinn2sim.trace import Cause, Trace
from spinn2sim.units import Ticks

#: Stretches that a page takes; deflated they need up to 2 MB.
MAX_STRETCHES = 500_000

#: Code of a time of which nothing is recorded.
NOTHING = 255

#: Functions that have a colour of their own.
N_FUNCTIONS = len(COLOURS)

MAX_TICKS = 2**32 - 1

Ints = NDArray[np.int64]


def timeline(trace: Trace, window: Window = WHOLE) -> dict[str, Any]:
    """All that the page needs, as plain JSON; ``note`` says what was left out."""
    found = by_function(stretches(trace, window))
    note = ""
    if len(found) > MAX_STRETCHES:
        found, cut = _first(found, window)
        window = Window(window.start, cut)
        ms = (cut - first_release(trace)) * 1e3 / trace.timebase.hz
        note = f"The timeline ends at {ms:,.1f} ms; see more of the run with --window."
    origin = int(found.start.min(initial=FOREVER)) if len(found) else 0
    durations, codes, counts = _packed(found, origin, trace.n_pe)
    names, shares = [plain(name) for name in found.names], _shares(found)
    return {
        "n_pe": trace.n_pe,
        "ms_per_tick": 1e3 / trace.timebase.hz,
        "cycles_per_tick": 1 / trace.pe_clock.ticks_per_cycle,
        "clocks": _clocks(trace),
        "begin_ms": (origin - first_release(trace)) * 1e3 / trace.timebase.hz,
        "period_ms": trace.period * 1e3 / trace.timebase.hz,
        "names": names,
        "durations": _deflated(durations.astype("<u4")),
        "codes": _deflated(codes.astype(np.uint8)),
        "counts": counts.tolist(),
        "modes": {
            "activity": _by_activity(found, shares),
            "function": _by_function(found, names, shares),
        },
        "transfers": _transfers(trace, window),
        "note": note,
    }


def _clocks(trace: Trace) -> dict[int, dict[str, list[float]]]:
    """By PE, of those that change it: the clock in MHz, and the ms from which on it is that."""
    zero, ms = first_release(trace), 1e3 / trace.timebase.hz
    return {
        pe: {"from_ms": ((start - zero) * ms).round(6).tolist(), "mhz": mhz.tolist()}
        for pe, start, mhz in changing_clocks(trace)
    }


def _first(found: Stretches, window: Window) -> tuple[Stretches, Ticks]:
    """As many stretches as a page takes, and the tick at which they end."""
    cut = Ticks(int(np.partition(found.start, MAX_STRETCHES)[MAX_STRETCHES]))
    return found.where(Window(window.start, cut).overlaps(found.start, found.stop)), cut


def _packed(found: Stretches, origin: int, n_pe: int) -> tuple[Ints, Ints, Ints]:
    """Durations and codes one after the other, with gaps spelt out, and how many are of each PE."""
    begins = np.ones(len(found), bool)
    begins[1:] = found.pe[1:] != found.pe[:-1]
    gap = found.start - np.where(begins, origin, np.roll(found.stop, 1))
    both = np.stack([gap, found.stop - found.start], axis=1).ravel()
    codes = np.stack([np.full(len(found), NOTHING), found.name], axis=1).ravel()
    pes = np.repeat(found.pe, 2)
    repeats = -(-both // MAX_TICKS)  # Longer than 32 bits: in pieces. None at all: left out.
    durations = np.repeat(both // np.maximum(repeats, 1), repeats)
    ends = np.cumsum(repeats)[repeats > 0] - 1
    durations[ends] += (both % np.maximum(repeats, 1))[repeats > 0]
    counts = np.bincount(np.repeat(pes, repeats), minlength=n_pe)
    return durations, np.repeat(codes, repeats), counts


def _shares(found: Stretches) -> NDArray[np.float64]:
    """Share of the recorded time under each name."""
    ticks = np.zeros(len(found.names))
    np.add.at(ticks, found.name, found.stop - found.start)
    shares: NDArray[np.float64] = ticks / max(ticks.sum(), 1)
    return shares


def _by_activity(found: Stretches, shares: NDArray[np.float64]) -> dict[str, Any]:
    """Legend, and the place in it of each name: computing, or a cause of waiting."""
    kinds = ["busy"] * found.n_labels + [cause.name.lower() for cause in Cause]
    order = [kind for kind in ACTIVITIES if kind in kinds]
    totals = [sum(shares[n] for n, kind in enumerate(kinds) if kind == k) for k in order]
    return _mode(
        [(ACTIVITIES[kind][0], ACTIVITIES[kind][1]) for kind in order],
        [order.index(kind) for kind in kinds],
        totals,
    )


def _by_function(found: Stretches, names: list[str], shares: NDArray[np.float64]) -> dict[str, Any]:
    """Legend with the largest functions, the others, and waiting of every kind."""
    functions = shares[: found.n_labels]
    largest = [int(n) for n in np.argsort(-functions, kind="stable")[:N_FUNCTIONS]]
    legend = [(names[n], COLOURS[place]) for place, n in enumerate(largest)]
    legend += [("other functions", "$text"), ("waiting", "$outline"), ("asleep", MUTED)]
    other, waiting, asleep = range(len(largest), len(largest) + 3)
    places = [largest.index(n) if n in largest else other for n in range(found.n_labels)]
    places += [asleep if cause == Cause.TIMER else waiting for cause in Cause]
    totals = [
        sum(shares[n] for n, at in enumerate(places) if at == place) for place in range(len(legend))
    ]
    return _mode(legend, places, totals)


def _mode(
    legend: Sequence[tuple[str, str]], places: list[int], totals: Sequence[float]
) -> dict[str, Any]:
    entries = [
        {"name": name, "colour": colour, "share": float(total)}
        for (name, colour), total in zip(legend, totals, strict=True)
    ]
    beside = [("host refill", REFILL), ("DMA transfer", TRANSFER)]
    entries += [{"name": name, "colour": colour, "share": None} for name, colour in beside]
    return {"legend": entries, "places": places}


def _transfers(trace: Trace, window: Window) -> dict[str, list[Any]]:
    """Refills (0) and DMA transfers (1): PE, kind, begin and end in ms, bytes."""
    columns: dict[str, list[Any]] = {key: [] for key in ("pe", "kind", "begin", "end", "n_bytes")}
    zero, ms = first_release(trace), 1e3 / trace.timebase.hz
    for kind, table in enumerate(("refills", "dma")):
        rows = trace.tables[table]
        chosen = window.overlaps(rows["started"], rows["finished"])
        columns["pe"] += rows["pe"][chosen].tolist()
        columns["kind"] += [kind] * int(chosen.sum())
        columns["begin"] += ((rows["started"][chosen] - zero) * ms).round(6).tolist()
        columns["end"] += ((rows["finished"][chosen] - zero) * ms).round(6).tolist()
        columns["n_bytes"] += rows["n_bytes"][chosen].tolist()
    return columns


def _deflated(values: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(values.tobytes(), 9)).decode("ascii")
