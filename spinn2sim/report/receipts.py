"""Receipts: when the other PEs take what a PE has sent.

A multicast goes to every other PE of the application. The trace dates the sending, not the arrival
of single packets; what it also dates is when each other PE ends its wait for the packets of that
time step and works on. From then on it has the packet, so that is taken for the receipt. A PE that
did not have to wait has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Cause, Trace


class Receipt(NamedTuple):
    """One PE has what another one sent; times are ticks."""

    sender: int
    timestep: int
    sent: int
    n_packets: int
    receiver: int
    received: int


def receipts(trace: Trace, window: Window = WHOLE) -> Iterator[Receipt]:
    """Each receipt of what was sent in *window*, in order of sending."""
    ended = _ends_of_waits(trace)
    sends = trace.tables["sends"]
    chosen = np.flatnonzero(window.holds(sends["at"]))
    for row in chosen[np.argsort(sends["at"][chosen], kind="stable")]:
        sender, timestep, sent, n_packets = (
            int(sends[column][row]) for column in ("pe", "timestep", "at", "n_packets")
        )
        for receiver, stops in ended.get(timestep, {}).items():
            place = int(np.searchsorted(stops, sent))
            if receiver != sender and place < len(stops):
                yield Receipt(sender, timestep, sent, n_packets, receiver, int(stops[place]))


def _ends_of_waits(trace: Trace) -> dict[int, dict[int, NDArray[np.int64]]]:
    """Ends of the waits for others, ascending, by time step and PE."""
    waits = trace.tables["waits"]
    for_others = np.isin(waits["cause"], (Cause.SYNC, Cause.PACKETS))
    rows = np.flatnonzero(for_others)
    rows = rows[np.lexsort((waits["stop"][rows], waits["pe"][rows], waits["timestep"][rows]))]
    ended: dict[int, dict[int, list[int]]] = {}
    for pe, timestep, stop in zip(
        *(waits[column][rows].tolist() for column in ("pe", "timestep", "stop")), strict=True
    ):
        ended.setdefault(timestep, {}).setdefault(pe, []).append(stop)
    return {
        timestep: {pe: np.array(stops) for pe, stops in by_pe.items()}
        for timestep, by_pe in ended.items()
    }
