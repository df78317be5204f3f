"""How deep receive FIFOs and the queues of links got, and when they first were so deep.

A queue is what waits for a link, those that go in that cycle included. Seconds are from the release
of time step 0, as in the ledger; null where nothing ever waited, and in runs of older versions,
which do not date peaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class FifoPeak:
    """The receive FIFO of a PE."""

    pe: int
    n_events: int
    """Most that it held at once."""
    first_s: float | None
    """When it first held so many."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def fifo_peaks(trace: Trace) -> tuple[FifoPeak, ...]:
    """Of each PE."""
    pes, at = trace.tables["pes"], peak_seconds(trace, "fifo_peaks", "pe")
    return tuple(
        FifoPeak(pe, n_events, at.get(pe))
        for pe, n_events in zip(pes["pe"].tolist(), pes["fifo_peak"].tolist(), strict=True)
    )


def peak_seconds(trace: Trace, table: str, place: str) -> dict[int, float]:
    """When the peaks of *table* were, by PE or link: the number in its column *place*."""
    columns = trace.tables[table]
    seconds = seconds_since_release(trace, columns["at"].tolist())
    return dict(zip(columns[place].tolist(), seconds, strict=True))


def seconds_since_release(trace: Trace, ticks: Sequence[int]) -> list[float]:
    """Of each tick: seconds after the release of time step 0, at least 0."""
    released = trace.tables["steps"]["released"]
    start = int(released.min()) if released.size else 0
    return [trace.timebase.seconds(max(tick - start, 0)) for tick in ticks]
