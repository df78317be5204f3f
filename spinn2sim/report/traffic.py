"""Traffic: how busy the host's path and the links of the NoC were, and what was lost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.peaks import peak_seconds
from spinn2sim.spec import BoardSpec
from spinn2sim.trace import Trace

#: First word in the name of a link from chip to chip: on a board, and between boards.
BETWEEN_CHIPS = ("chip-link", "board-link")


@dataclass(frozen=True, slots=True)
class LinkLoad:
    """One link of the NoC."""

    name: str
    n_flits: int
    queue_peak: int
    """Most packets that waited for it at once, those that went in that cycle included."""
    queue_peak_s: float | None
    """When so many first did, from the release of time step 0; see ``peaks``."""
    utilisation: float
    """Share of its capacity in flits over the run."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What moved, and what did not arrive."""

    host_utilisation: float
    """Share of the run in which refills were under way, after the first filling."""
    n_refills: int
    links: tuple[LinkLoad, ...]
    packets_sent: int
    """Packets that cores handed to Comms for multicast to other PEs."""
    packets_expected: int
    """Receptions that were due: packets times targets, of every kind."""
    packets_delivered: int
    packets_dropped: int
    packets_overwritten: int
    fifo_peak: int

    @property
    def noc_utilisation(self) -> float:
        """Of the busiest link."""
        return max((link.utilisation for link in self.links), default=0.0)


def traffic(trace: Trace) -> Traffic:
    """The traffic report of a run."""
    pes = trace.tables["pes"]
    return Traffic(
        _host_utilisation(trace),
        len(trace.tables["refills"]["pe"]),
        _links(trace),
        int(trace.tables["sends"]["n_packets"].sum()) if trace.n_pe > 1 else 0,
        int(pes["packets_expected"].sum()),
        int(pes["packets_delivered"].sum()),
        int(pes["packets_dropped"].sum()),
        int(pes["packets_overwritten"].sum()),
        int(pes["fifo_peak"].max(initial=0)),
    )


def _span(trace: Trace) -> tuple[int, int]:
    """First release and last end of a step, in ticks."""
    steps = trace.tables["steps"]
    return int(steps["released"].min(initial=2**62)), int(steps["finished"].max(initial=0))


def _host_utilisation(trace: Trace) -> float:
    """One refill may be on the wire while another is written: time with both counts once."""
    begin, end = _span(trace)
    busy, until = 0, begin
    refills = trace.tables["refills"]
    for started, finished in sorted(zip(refills["started"], refills["finished"], strict=True)):
        stop = min(int(finished), end)
        busy += max(0, stop - max(int(started), until))
        until = max(until, stop)
    return busy / (end - begin) if end > begin else 0.0


def _links(trace: Trace) -> tuple[LinkLoad, ...]:
    begin, end = _span(trace)
    noc = trace.meta["scenario"]["chip"]["noc"]
    ticks_per_cycle = trace.timebase.clock(noc["clock"]).ticks_per_cycle
    links, peaks = trace.tables["links"], peak_seconds(trace, "queue_peaks", "link")
    loads = []
    for link, n_flits, peak in zip(
        links["link"], links["n_flits"], links["queue_peak"], strict=True
    ):
        name = trace.meta["links"][link]
        occupancy = _occupancy(trace, name.partition(" ")[0])
        share = int(n_flits) * occupancy * ticks_per_cycle / max(end - begin, 1)
        loads.append(LinkLoad(name, int(n_flits), int(peak), peaks.get(int(link)), share))
    return tuple(loads)


def _occupancy(trace: Trace, kind: str) -> int:
    """NoC cycles for which a packet occupies a link: between chips, one that is no beat of DMA."""
    scenario = trace.meta["scenario"]
    noc = scenario["chip"]["noc"]
    if kind in BETWEEN_CHIPS:
        board = BoardSpec.model_validate(scenario["board"])
        header = noc["packet_bits"] - noc["payload_bits"]
        return board.busy_cycles(header, noc["clock"], between_boards=kind == BETWEEN_CHIPS[1])
    return int(noc.get(f"{kind}_cycles", noc["link_cycles"]))
