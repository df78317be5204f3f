"""The ledger: everything that went wrong, by kind and PE or link, with its first occurrence.

A run in which all went well has an empty one. What the machine does not do (late, dropped) and what
the scenario's faults did (lost, retried) stand side by side. What happens to a packet at a PE is of
that PE, what happens to it on the way is of a link: nobody knows there how many it was for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.realtime import late_sends
from spinn2sim.trace import Cause, Fault, Mishap, Trace

#: What is counted, and in which words.
KINDS = {
    "deadline_miss": "steps that ended after their deadline",
    "late_packet": "packets sent after the deadline of their step",
    "late_input": "waits for input that the host had not written",
    "packet_dropped": "packets dropped at a full receive FIFO",
    "packet_overwritten": "packets overwritten in a full receive FIFO",
    "packet_lost": "packets lost on links",
    "packet_timed_out": "packets dropped on the way: they could not go on",
    "packet_resent": "packets damaged on links and sent again",
    "host_stall": "stalls of the host",
    "dma_retry": "DMA attempts that failed and were started again",
    "dma_failure": "DMA transfers given up",
    "pe_death": "PEs that died",
    "slow_pe": "ops of work that took longer on a slow PE",
}
FAULTS = {
    Fault.HOST_STALL: "host_stall",
    Fault.DMA_RETRY: "dma_retry",
    Fault.DMA_FAILURE: "dma_failure",
    Fault.PE_DEATH: "pe_death",
}

MISHAPS = {
    Mishap.LOST: "packet_lost",
    Mishap.TIMED_OUT: "packet_timed_out",
    Mishap.RESENT: "packet_resent",
}

#: Faults whose amount is a time, so that their occurrences count.
TIMED = (Fault.HOST_STALL,)

#: The label under which ``hw.faults`` charges what a slow PE takes longer.
SLOW_PE = "slow_pe"

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """How often something went wrong at a PE, or on a link."""

    kind: str
    """One of KINDS."""
    pe: int | None
    """None on a link."""
    link: str | None
    """Name of the link; None at a PE."""
    count: int
    first_timestep: int
    """Time step in whose period it first happened, whether the PE had got there or not."""
    first_s: float
    """From the release of time step 0."""

    @property
    def place(self) -> str:
        """PE or link, in words."""
        return f"PE {self.pe}" if self.link is None else self.link

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def ledger(trace: Trace) -> tuple[LedgerRow, ...]:
    """All that went wrong: at PEs and then on links, in order of KINDS, PE and link."""
    at_pes = (
        _row(trace, kind, pe, None, int(count[pes == pe].sum()), int(at[pes == pe].min()))
        for kind, pes, at, count in _occurrences(trace)
        for pe in np.unique(pes).tolist()
    )
    return (*at_pes, *_on_links(trace))


def ledger_totals(rows: tuple[LedgerRow, ...]) -> dict[str, int]:
    """How often each of KINDS happened."""
    return {kind: sum(row.count for row in rows if row.kind == kind) for kind in KINDS}


def _row(  # noqa: PLR0917 - the columns in their order
    trace: Trace, kind: str, pe: int | None, link: str | None, count: int, first: int
) -> LedgerRow:
    since = first - int(trace.tables["steps"]["released"].min(initial=first))
    return LedgerRow(kind, pe, link, count, since // trace.period, trace.timebase.seconds(since))


def _on_links(trace: Trace) -> Iterator[LedgerRow]:
    columns = trace.tables["mishaps"]
    rows = sorted(zip(*(columns[name].tolist() for name in columns), strict=True))
    for own, kind in MISHAPS.items():
        for mishap, link, first, count in rows:
            if mishap == own:
                yield _row(trace, kind, None, trace.meta["links"][link], count, first)


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
