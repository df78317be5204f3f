"""A trace for ui.perfetto.dev and chrome://tracing, in Chrome's JSON format.

A track per PE with a slice per charge or wait, the refills of the host, the DMA transfers, counters
(also of the clocks of PEs that change them) and an arrow from each send to its receipts. The format
counts microseconds, so times are rounded to the nanosecond, each end by itself: slices of a track
never overlap. What is exact is the argument ``cycles`` of every slice of work.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.levels import changing_clocks
from spinn2sim.report.receipts import receipts
from spinn2sim.report.stretches import Stretches, own_cycles, stretches
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Trace

Event = Mapping[str, Any]
Ints = NDArray[np.int64]

#: Process numbers of the groups of tracks.
PES, NOC, HOST, DMA = 1, 2, 3, 4
GROUPS = {PES: "PEs", NOC: "NoC", HOST: "host", DMA: "DMA"}

#: More arrows than this no viewer draws; the file says how many were left out.
MAX_ARROWS = 50_000


def write_perfetto(trace: Trace, path: Path, window: Window = WHOLE) -> None:
    """Write what happened in *window* to *path*; a slice that reaches into it is kept whole."""
    n_arrows_left_out = _n_receipts(trace, window) - MAX_ARROWS
    head = {
        "scenario": trace.meta["scenario"]["name"],
        "digest": trace.digest(),
        "pe_clock_hz": trace.pe_clock.hz,
        "ticks_per_second": trace.timebase.hz,
        "arrows_left_out": max(n_arrows_left_out, 0),
        "link_flits": _link_flits(trace),
    }
    with path.open("w", encoding="utf-8") as file:
        file.write('{"displayTimeUnit": "ns",\n"otherData": ')
        file.write(f'{json.dumps(head)},\n"traceEvents": [\n')
        for number, event in enumerate(events(trace, window)):
            file.write(",\n" if number else "")
            file.write(json.dumps(event))
        file.write("\n]}\n")


def events(trace: Trace, window: Window = WHOLE) -> Iterator[Event]:
    """All events, group by group."""
    found = stretches(trace, window)
    yield from _names(trace)
    yield from _slices(trace, found)
    yield from _transfers(trace, window)
    yield from _sends(trace, window)
    yield from _counters(trace, found, window)
    yield from _clocks(trace, window)
    yield from _arrows(trace, window)


def _names(trace: Trace) -> Iterator[Event]:
    for group, name in GROUPS.items():
        yield {"ph": "M", "name": "process_name", "pid": group, "tid": 0, "args": {"name": name}}
        order = {"sort_index": group}
        yield {"ph": "M", "name": "process_sort_index", "pid": group, "tid": 0, "args": order}
    for pe in range(trace.n_pe):
        named = {"ph": "M", "name": "thread_name", "tid": pe, "args": {"name": f"PE {pe}"}}
        yield {**named, "pid": PES}
        order = {"sort_index": pe}
        yield {"ph": "M", "name": "thread_sort_index", "pid": PES, "tid": pe, "args": order}


def _slices(trace: Trace, found: Stretches) -> Iterator[Event]:
    """Complete events: work with its whole cycles, and waits."""
    every, cycles = trace.meta["every"], own_cycles(trace, found)
    begins, ends = _nanoseconds(trace, found.start), _nanoseconds(trace, found.stop)
    for pe, timestep, begin, end, name, n_cycles in zip(
        found.pe.tolist(),
        found.timestep.tolist(),
        begins,
        ends,
        found.name.tolist(),
        cycles.tolist(),
        strict=True,
    ):
        args = {"timestep": timestep}
        if name < found.n_labels:
            args |= {"cycles": n_cycles, "every": every[name]}
        yield {
            "ph": "X",
            "name": found.names[name],
            "cat": "work" if name < found.n_labels else "wait",
            "pid": PES,
            "tid": pe,
            "ts": begin / 1000,
            "dur": (end - begin) / 1000,
            "args": args,
        }


def _transfers(trace: Trace, window: Window) -> Iterator[Event]:
    """Refills of the host and DMA transfers: pairs of events, as they may overlap."""
    for group, table, what in ((HOST, "refills", "refill"), (DMA, "dma", "dma")):
        rows = trace.tables[table]
        chosen = np.flatnonzero(window.overlaps(rows["started"], rows["finished"]))
        detail = "block" if table == "refills" else "to"
        begins, ends = (_nanoseconds(trace, rows[side][chosen]) for side in ("started", "finished"))
        for row, begin, end in zip(chosen.tolist(), begins, ends, strict=True):
            pe = int(rows["pe"][row])
            args = {"pe": pe, detail: int(rows[detail][row]), "n_bytes": int(rows["n_bytes"][row])}
            both = {"name": f"{what} PE {pe}", "cat": what, "pid": group, "tid": pe}
            both |= {"id": f"{what} {row}"}
            yield {"ph": "b", "ts": begin / 1000, "args": args, **both}
            yield {"ph": "e", "ts": end / 1000, **both}


def _sends(trace: Trace, window: Window) -> Iterator[Event]:
    """An instant on the track of the PE for each multicast."""
    sends = trace.tables["sends"]
    chosen = np.flatnonzero(window.holds(sends["at"]))
    for row, at in zip(chosen.tolist(), _nanoseconds(trace, sends["at"][chosen]), strict=True):
        args = {"timestep": int(sends["timestep"][row]), "n_packets": int(sends["n_packets"][row])}
        instant = {"ph": "i", "name": "multicast", "cat": "noc", "s": "t", "pid": PES}
        yield {**instant, "tid": int(sends["pe"][row]), "ts": at / 1000, "args": args}


def _counters(trace: Trace, found: Stretches, window: Window) -> Iterator[Event]:
    """Cores at work, packets handed to the NoC so far, refills and transfers under way."""
    work = found.where(found.is_work)
    sends, refills, dma = (trace.tables[name] for name in ("sends", "refills", "dma"))
    sent = window.holds(sends["at"])
    counted = {
        (PES, "PEs at work"): _under_way(work.start, work.stop, window),
        (HOST, "refills under way"): _under_way(refills["started"], refills["finished"], window),
        (DMA, "transfers under way"): _under_way(dma["started"], dma["finished"], window),
        (NOC, "packets sent"): (sends["at"][sent], sends["n_packets"][sent]),
    }
    for (group, name), (at, steps) in counted.items():
        ticks, levels = _levels(at, steps)
        counter = {"ph": "C", "name": name, "pid": group, "tid": 0}
        for ns, level in zip(_nanoseconds(trace, ticks), levels.tolist(), strict=True):
            yield {**counter, "ts": ns / 1000, "args": {"n": level}}


def _clocks(trace: Trace, window: Window) -> Iterator[Event]:
    """A counter for each PE that changes its clock: what that is from when on."""
    for pe, start, mhz in changing_clocks(trace):
        chosen = window.overlaps(start, np.append(start[1:], window.stop))
        counter = {"ph": "C", "name": f"clock of PE {pe}", "pid": PES, "tid": pe}
        times = _nanoseconds(trace, np.maximum(start[chosen], window.start))
        for ns, clock in zip(times, mhz[chosen].tolist(), strict=True):
            yield {**counter, "ts": ns / 1000, "args": {"MHz": clock}}


def _under_way(start: Ints, stop: Ints, window: Window) -> tuple[Ints, Ints]:
    """When the number of those under way changes within *window*, and by how much."""
    inside = window.overlaps(start, stop)
    begins = np.maximum(start[inside], window.start)
    ends = stop[inside][stop[inside] < window.stop]
    steps = np.concatenate([np.ones(len(begins), np.int64), np.full(len(ends), -1, np.int64)])
    return np.concatenate([begins, ends]), steps


def _levels(at: Ints, steps: Ints) -> tuple[Ints, Ints]:
    """Each tick at which the sum of the *steps* taken *at* some ticks changes, and that sum."""
    ticks, place = np.unique(at, return_inverse=True)
    change = np.zeros(len(ticks), np.int64)
    np.add.at(change, place, steps)
    return ticks[change != 0], np.cumsum(change)[change != 0]


def _arrows(trace: Trace, window: Window) -> Iterator[Event]:
    """A pair of flow events for each receipt, bound to the slices around them."""
    for number, found in enumerate(receipts(trace, window)):
        if number == MAX_ARROWS:
            return
        # The slice that sends has just ended: its last nanosecond is still inside.
        sent, received = _nanoseconds(trace, np.array([found.sent, found.received]))
        both = {"name": "spike", "cat": "spike", "pid": PES, "id": number}
        yield {"ph": "s", "tid": found.sender, "ts": (sent - 1) / 1000, **both}
        yield {"ph": "f", "bp": "e", "tid": found.receiver, "ts": received / 1000, **both}


def _n_receipts(trace: Trace, window: Window) -> int:
    return sum(1 for _ in receipts(trace, window))


def _link_flits(trace: Trace) -> dict[str, int]:
    """Flits of each link over the whole run: the trace does not date them."""
    links = trace.tables["links"]
    return {
        trace.meta["links"][link]: n_flits
        for link, n_flits in zip(links["link"].tolist(), links["n_flits"].tolist(), strict=True)
    }


def _nanoseconds(trace: Trace, ticks: Ints) -> list[int]:
    """*ticks* in whole nanoseconds, rounded down."""
    hz = trace.timebase.hz
    seconds, rest = np.divmod(ticks, hz)
    exact: list[int] = [
        whole * 10**9 + part * 10**9 // hz
        for whole, part in zip(seconds.tolist(), rest.tolist(), strict=True)
    ]
    return exact
