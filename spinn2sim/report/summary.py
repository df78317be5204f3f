"""The summary: the verdict and the figures behind it, as one flat value that prints as JSON.

The verdict names what binds: what broke, or the resource with the least room. ``compute`` is the
busiest step of any core. ``memory`` is the fullest PE. ``noc`` is the longest wait for others in a
step, of the PE that waits least (the rest of a wait is another PE's work), or for an own DMA.
``host`` is the load of the host's path, or the longest wait for it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.energy import energy
from spinn2sim.report.ledger import ledger, ledger_totals
from spinn2sim.report.memory import Memory, memory
from spinn2sim.report.profile import clock_profile, cycles_per_step, label_cycles, multiply_share
from spinn2sim.report.realtime import RealTime, real_time
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Trace

#: Version of the keys below; raised when one changes its meaning or goes.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """What ``run --json`` prints. Cycles are PE cycles."""

    schema: int
    """Version of these keys."""
    name: str
    """The scenario's."""
    fits: bool
    """Every step ended in its period, the arrays fit every PE, and no packet was lost."""
    verdict: str
    """In a sentence: fits or not, what binds, what would overrun first."""
    bound_by: str
    """``compute``, ``memory``, ``noc`` or ``host``."""
    utilisation: dict[str, float]
    """Share of what there is that is used, by resource; above 1 it does not fit."""
    clock_hz: int
    """Of the PEs."""
    n_pe: int
    """PEs that ran the firmware."""
    n_steps: int
    """Time steps of all samples."""
    n_samples: int
    """Utterances streamed."""
    period_cycles: int
    """From one timer interrupt to the next."""
    response_cycles: int
    """Longest time from the release of a step to its end."""
    slack_cycles: int
    """What is left of the period in the tightest step; negative if it overran."""
    tightest: dict[str, Any]
    """PE, timestep and function of the first overrun, or of the step with the least slack."""
    cycles_per_step: float
    """Of a core at work, mean over PEs and time steps."""
    label_share: dict[str, float]
    """Of the work of a time step, by function."""
    multiply_share: float | None
    """Multiplications in e_prop; null where the cost table does not tell them apart."""
    cycles_per_update: float
    """Of the weight update, mean over PEs and samples."""
    update_over_step: float
    """Those cycles over ``cycles_per_step``."""
    waiting_cycles_per_step: dict[str, float]
    """Mean, by cause."""
    sram_bytes_total: int
    """Arrays of all PEs."""
    sram_bytes_max_pe: int
    """Arrays of the fullest PE."""
    sram_bytes_available: int
    """Data SRAM of a PE that a firmware may allocate."""
    n_weights: int
    """Trainable weights of the network."""
    overruns: int
    """Steps that ended after their deadline."""
    late_packets: int
    """Packets handed to Comms after the deadline of their step."""
    late_inputs: int
    """Times a PE waited for the host to fill its buffer."""
    packets_sent: int
    """Multicast packets."""
    packets_lost: int
    """Packets that a full receive FIFO dropped or overwrote, that a faulty link lost, or that could
    not go on and were dropped; on the way a packet for many PEs counts as one."""
    noc_link_utilisation: float
    """Of the busiest link."""
    host_utilisation: float
    """Share of the time in which the host refills buffers."""
    ledger: dict[str, int]
    """How often each kind of thing went wrong; ``ledger.KINDS`` says what each is."""
    energy_j: dict[str, float]
    """By model."""
    simulated_s: float
    """Seconds of simulated time."""
    log: dict[str, float]
    """Mean of each figure that the firmware logged."""
    digest: str
    """SHA-256 over everything that happened."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON; a logged figure that is no number is null."""
        finite = {name: value if math.isfinite(value) else None for name, value in self.log.items()}
        return {**asdict(self), "log": finite}


def summarise(trace: Trace) -> Summary:
    """The summary of a run."""
    times, used, moved, joules = real_time(trace), memory(trace), traffic(trace), energy(trace)
    profile = clock_profile(trace)
    step = cycles_per_step(trace)
    update = label_cycles(trace, "weight_update", "sample")
    wrong = ledger_totals(ledger(trace))
    n_lost, n_dead = _n_lost(wrong), wrong["pe_death"]
    utilisation = {
        "compute": float(times.busy.max()) / times.period,
        "memory": used.largest / max(used.capacity, 1),
        "noc": noc_wait(times) / times.period,
        "host": max(moved.host_utilisation, float(times.waiting["host"].max()) / times.period),
    }
    bound_by = _bound_by(times, utilisation, n_lost)
    slack = int(times.slack.min())
    scenario = trace.meta["scenario"]
    return Summary(
        schema=SCHEMA,
        name=scenario["name"],
        fits=not (times.overruns or used.largest > used.capacity or n_lost or n_dead),
        verdict=_verdict(times, used, bound_by, utilisation, wrong),
        bound_by=bound_by,
        utilisation=utilisation,
        clock_hz=scenario["chip"]["pe"]["clock"],
        n_pe=trace.n_pe,
        n_steps=times.response.shape[1],
        n_samples=len(trace.meta["workload"]["samples"]),
        period_cycles=times.period,
        response_cycles=int(times.response.max()),
        slack_cycles=slack,
        tightest=asdict(times.tightest),
        cycles_per_step=step,
        label_share={row.label: row.share for row in profile if row.every == "step"},
        multiply_share=multiply_share(trace),
        cycles_per_update=update,
        update_over_step=update / step if step else 0.0,
        waiting_cycles_per_step={
            cause: float(cycles.mean()) for cause, cycles in times.waiting.items()
        },
        sram_bytes_total=used.total,
        sram_bytes_max_pe=used.largest,
        sram_bytes_available=used.capacity,
        n_weights=used.n_weights,
        overruns=times.overruns,
        late_packets=times.late_packets,
        late_inputs=times.late_inputs,
        packets_sent=moved.packets_sent,
        packets_lost=n_lost,
        noc_link_utilisation=moved.noc_utilisation,
        host_utilisation=moved.host_utilisation,
        ledger=wrong,
        energy_j=joules.by_model(),
        simulated_s=joules.duration_s,
        log=_log_means(trace),
        digest=trace.digest(),
    )


def noc_wait(times: RealTime) -> int:
    """Most cycles of a step that the NoC alone cost a PE."""
    return int(max(times.waiting_for_others.min(axis=0).max(), times.waiting["dma"].max()))


def _bound_by(times: RealTime, utilisation: dict[str, float], n_lost: int) -> str:
    """What broke: memory before time before packets; if nothing did, what has the least room."""
    if utilisation["memory"] > 1:
        return "memory"
    if times.overruns:
        return _longest_part(times)
    if n_lost:
        return "noc"
    return max(utilisation, key=lambda resource: utilisation[resource])


def _longest_part(times: RealTime) -> str:
    """What took most of the first step that overran."""
    at = times.tightest.pe, times.tightest.timestep
    took = {
        "compute": times.busy[at],
        "noc": times.waiting_for_others[at] + times.waiting["dma"][at],
        "host": times.waiting["host"][at],
        "memory": times.waiting["sram"][at],
    }
    return max(took, key=lambda resource: took[resource])


def _verdict(
    times: RealTime,
    used: Memory,
    bound_by: str,
    utilisation: dict[str, float],
    wrong: dict[str, int],
) -> str:
    tight = times.tightest
    where = f"PE {tight.pe} in {tight.label}"
    too_large = used.largest > used.capacity
    n_lost, n_dead = _n_lost(wrong), wrong["pe_death"]
    if not (times.overruns or too_large or n_lost or n_dead):
        room = _percent(1 - utilisation[bound_by])
        return f"FITS: bound by {bound_by} ({room} left); would overrun first: {where}"
    findings = []
    if times.overruns:
        findings.append(
            f"timer tick overran in {times.overruns:,} of {times.slack.size:,} steps, first on "
            f"{where}; {counted(times.late_packets, 'late packet')}"
        )
    else:
        findings.append("no timer tick overran")
    if n_lost:
        findings.append(f"{counted(n_lost, 'packet')} lost")
    if n_dead:
        findings.append(f"{counted(n_dead, 'PE')} died")
    if too_large:
        excess = f"{_percent(utilisation['memory'] - 1)} over on PE {used.fullest_pe}"
    elif times.overruns:
        late = -int(times.slack.min())  # of the latest step; the first may be hardly late
        excess = f"{_percent(late / times.period)} over"
    elif n_lost:
        excess = _losses(wrong)
    else:
        excess = "PEs died"
    return f"DOES NOT FIT: bound by {bound_by} ({excess}); {'; '.join(findings)}"


def _n_lost(wrong: dict[str, int]) -> int:
    """Packets that did not arrive, or were overwritten."""
    return sum(wrong[f"packet_{how}"] for how in ("dropped", "overwritten", "lost", "timed_out"))


def _losses(wrong: dict[str, int]) -> str:
    """Where packets got lost, the gravest first."""
    if wrong["packet_lost"]:
        return "links lost packets"
    return "packets could not go on" if wrong["packet_timed_out"] else "a receive FIFO was full"


def counted(n: int, noun: str) -> str:
    """``1 PE``, ``1,200 PEs``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _percent(share: float) -> str:
    """*share* with two digits that count: a network that is 0.04 % too slow is not 0 % too slow."""
    return f"{share:.0%}" if share >= 0.095 else f"{share * 100:.2g}%"


def _log_means(trace: Trace) -> dict[str, float]:
    log = trace.tables["log"]
    return {
        name: float(log["value"][log["name"] == number].mean())
        for number, name in enumerate(trace.meta["log_names"])
    }
