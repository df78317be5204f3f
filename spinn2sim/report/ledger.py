"""The ledger: everything that went wrong, by kind and PE, with its first occurrence.

A run in which all went well has an empty one. What the machine does not do (late, dropped) and what
the scenario's faults did (lost, retried) stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.realtime import late_sends
from spinn2sim.trace import Cause, Fault, Trace

#: What is counted, and in which words.
KINDS = {
    "deadline_miss": "steps that ended after their deadline",
    "late_packet": "packets sent after the deadline of their step",
    "late_input": "waits for input that the host had not written",
    "packet_dropped": "packets dropped at a full receive FIFO",
    "packet_overwritten": "packets overwritten in a full receive FIFO",
    "packet_lost": "packets lost on links",
    "packet_resent": "packets damaged and sent again",
    "host_stall": "stalls of the host",
    "dma_retry": "DMA attempts that failed and were started again",
    "dma_failure": "DMA transfers given up",
    "pe_death": "PEs that died",
    "slow_pe": "ops of work that took longer on a slow PE",
}
FAULTS = {
    Fault.LINK_LOSS: "packet_lost",
    Fault.LINK_RESEND: "packet_resent",
    Fault.HOST_STALL: "host_stall",
    Fault.DMA_RETRY: "dma_retry",
    Fault.DMA_FAILURE: "dma_failure",
    Fault.PE_DEATH: "pe_death",
}

#: Faults whose amount is a time, so that their occurrences count.
TIMED = (Fault.HOST_STALL,)

#: The label under which ``hw.faults`` charges what a slow PE takes longer.
SLOW_PE = "slow_pe"

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """How often something went wrong at a PE."""

    kind: str
    """One of KINDS."""
    pe: int
    count: int
    first_timestep: int
    """Time step in whose period it first happened, whether the PE had got there or not."""
    first_s: float
    """From the release of time step 0."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def ledger(trace: Trace) -> tuple[LedgerRow, ...]:
    """All that went wrong, in order of KINDS and PE."""
    return tuple(
        _row(trace, kind, pe, int(count[pes == pe].sum()), int(at[pes == pe].min()))
        for kind, pes, at, count in _occurrences(trace)
        for pe in np.unique(pes).tolist()
    )


def ledger_totals(rows: tuple[LedgerRow, ...]) -> dict[str, int]:
    """How often each of KINDS happened."""
    return {kind: sum(row.count for row in rows if row.kind == kind) for kind in KINDS}


def _row(trace: Trace, kind: str, pe: int, count: int, first: int) -> LedgerRow:
    since = first - int(trace.tables["steps"]["released"].min(initial=first))
    return LedgerRow(kind, pe, count, since // trace.period, trace.timebase.seconds(since))


def _occurrences(trace: Trace) -> Iterator[tuple[str, Ints, Ints, Ints]]:
    """Kind, and PE, tick and count of each occurrence."""
    steps, waits, pes = (trace.tables[name] for name in ("steps", "waits", "pes"))
    late = steps["finished"] - steps["released"] > trace.period
    deadlines = (steps["released"] + trace.period)[late]
    yield "deadline_miss", steps["pe"][late], deadlines, np.ones(len(deadlines), np.int64)
    sends, late = trace.tables["sends"], late_sends(trace)
    yield "late_packet", sends["pe"][late], sends["at"][late], sends["n_packets"][late]
    missing = waits["cause"] == Cause.HOST
    yield "late_input", waits["pe"][missing], waits["start"][missing], missing[missing].astype(int)
    for kind in ("packet_dropped", "packet_overwritten"):
        count = pes[kind.replace("packet", "packets")]
        lost = count > 0
        yield kind, pes["pe"][lost], pes["first_loss"][lost], count[lost]
    yield from _faults(trace)
    yield from _slow(trace)


def _faults(trace: Trace) -> Iterator[tuple[str, Ints, Ints, Ints]]:
    faults = trace.tables["faults"]
    for fault, kind in FAULTS.items():
        own = faults["fault"] == fault
        amount = faults["amount"][own]
        count = np.ones_like(amount) if fault in TIMED else amount
        yield kind, faults["pe"][own], faults["at"][own], count


def _slow(trace: Trace) -> Iterator[tuple[str, Ints, Ints, Ints]]:
    work, segments, labels = trace.tables["work"], trace.tables["segments"], trace.meta["labels"]
    if SLOW_PE not in labels:
        return
    longer = (segments["label"] == labels.index(SLOW_PE)) & (segments["cycles"] > 0)
    slowed = segments["segment"][longer]
    own = np.isin(work["segment"], slowed)
    yield "slow_pe", work["pe"][own], work["start"][own], np.ones(int(own.sum()), np.int64)
