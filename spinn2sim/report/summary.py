"""The summary: the verdict and the figures behind it, as one flat value that prints as JSON.

The verdict names what binds: the resource with the least room, or the one that broke. ``compute``
is the busiest step of any core, ``memory`` the fullest PE, ``noc`` the longest that a core waited
for packets in a step, ``host`` the load of the host's path, or of a wait for it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from spinn2sim.report.energy import energy
from spinn2sim.report.memory import memory
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
    name: str
    fits: bool
    verdict: str
    bound_by: str
    utilisation: dict[str, float]
    """Share of what there is that is used, by resource; above 1 it does not fit."""
    clock_hz: int
    n_pe: int
    n_steps: int
    n_samples: int
    period_cycles: int
    response_cycles: int
    """Longest time from the release of a step to its end."""
    slack_cycles: int
    """What is left of the period in the tightest step; negative if it overran."""
    tightest: dict[str, Any]
    """PE, timestep and function of the first overrun, or of the step with the least slack."""
    cycles_per_step: float
    label_share: dict[str, float]
    multiply_share: float | None
    cycles_per_update: float
    update_over_step: float
    waiting_cycles_per_step: dict[str, float]
    sram_bytes_total: int
    sram_bytes_max_pe: int
    sram_bytes_available: int
    n_weights: int
    overruns: int
    late_packets: int
    late_inputs: int
    packets_sent: int
    packets_lost: int
    noc_link_utilisation: float
    host_utilisation: float
    energy_j: dict[str, float]
    simulated_s: float
    log: dict[str, float]
    """Mean of each figure that the firmware logged."""
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def summarise(trace: Trace) -> Summary:
    """The summary of a run."""
    times, used, moved, joules = real_time(trace), memory(trace), traffic(trace), energy(trace)
    profile = clock_profile(trace)
    step = cycles_per_step(trace)
    update = label_cycles(trace, "weight_update", "sample")
    utilisation = {
        "compute": float(times.busy.max(initial=0)) / times.period,
        "memory": used.largest / used.capacity,
        "noc": _worst_wait(times, "sync", "packets", "dma") / times.period,
        "host": max(moved.host_utilisation, _worst_wait(times, "host") / times.period),
    }
    bound_by = _bound_by(times, utilisation)
    fits = times.overruns == 0 and used.largest <= used.capacity
    slack = int(times.slack.min(initial=times.period))
    scenario = trace.meta["scenario"]
    return Summary(
        schema=SCHEMA,
        name=scenario["name"],
        fits=fits,
        verdict=_verdict(trace, times, bound_by, utilisation, fits=fits),
        bound_by=bound_by,
        utilisation=utilisation,
        clock_hz=scenario["chip"]["pe"]["clock"],
        n_pe=trace.n_pe,
        n_steps=times.response.shape[1],
        n_samples=len(trace.meta["workload"]["samples"]),
        period_cycles=times.period,
        response_cycles=times.period - slack,
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
        packets_lost=moved.packets_dropped + moved.packets_overwritten,
        noc_link_utilisation=moved.noc_utilisation,
        host_utilisation=moved.host_utilisation,
        energy_j=joules.by_model(),
        simulated_s=joules.duration_s,
        log=_log_means(trace),
        digest=trace.digest(),
    )


def _worst_wait(times: RealTime, *causes: str) -> float:
    """Most cycles that a core waited in one step for any of *causes*."""
    waits = sum(times.waiting[cause] for cause in causes)
    return float(waits.max(initial=0)) if not isinstance(waits, int) else 0.0


def _bound_by(times: RealTime, utilisation: dict[str, float]) -> str:
    """The resource with the least room; if a step overran, what took most of that step."""
    if utilisation["memory"] > 1 or not times.overruns:
        return max(utilisation, key=lambda resource: utilisation[resource])
    at = times.tightest.pe, times.tightest.timestep
    waits = {cause: int(cycles[at]) for cause, cycles in times.waiting.items()}
    took = {
        "compute": int(times.busy[at]),
        "noc": waits["sync"] + waits["packets"] + waits["dma"],
        "host": waits["host"],
        "memory": waits["sram"],
    }
    return max(took, key=lambda resource: took[resource])


def _verdict(
    trace: Trace,
    times: RealTime,
    bound_by: str,
    utilisation: dict[str, float],
    *,
    fits: bool,
) -> str:
    scenario = trace.meta["scenario"]
    subject = (
        f"{scenario['name']} on {trace.n_pe} PEs at {scenario['chip']['pe']['clock'] / 1e6:g} MHz"
    )
    tight = times.tightest
    where = f"PE {tight.pe}, timestep {tight.timestep}, {tight.label}"
    used = f"{bound_by} ({utilisation[bound_by]:.0%} used)"
    if fits:
        slack = int(times.slack.min(initial=times.period))
        return (
            f"FITS: {subject}; bound by {used}; {slack:,} of {times.period:,} cycles "
            f"({slack / times.period:.0%}) are left in the tightest step ({where})"
        )
    if not times.overruns:
        return f"DOES NOT FIT: {subject}; bound by {used}; every step is in time"
    return (
        f"DOES NOT FIT: {subject}; bound by {used}; timer tick overran in {times.overruns:,} of "
        f"{times.response.size:,} steps, late packets {times.late_packets:,}; first to overrun: "
        f"{where}"
    )


def _log_means(trace: Trace) -> dict[str, float]:
    log = trace.tables["log"]
    return {
        name: float(log["value"][log["name"] == number].mean())
        for number, name in enumerate(trace.meta["log_names"])
    }
