"""Explain a figure of the summary: the arithmetic, the coefficients and their sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spinn2sim.errors import SpecError
from spinn2sim.report.coefficients import (
    cost_terms,
    machine_cycles,
    source,
    sourced,
    wrapped,
)
from spinn2sim.report.energy import energy
from spinn2sim.report.ledger import ledger
from spinn2sim.report.memory import memory
from spinn2sim.report.profile import clock_profile, label_cycles
from spinn2sim.report.realtime import real_time
from spinn2sim.report.summary import Summary, noc_wait, summarise
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Trace
from spinn2sim.validated import nearest

Lines = list[str]

#: Seconds below which a difference of floats is none.
LEAST_S = 1e-9


def explain(trace: Trace, figure: str) -> Lines:
    """How *figure*, a key of the summary (``energy_j`` or ``energy_j.chip``), came about.

    :raises SpecError: there is no such figure.
    """
    summary = summarise(trace)
    value = look_up(summary, figure, "explain")
    key = figure.partition(".")[0]
    explanation = _EXPLANATIONS.get(figure, _EXPLANATIONS.get(key))
    lines = explanation(trace, summary) if explanation else [_PLAIN[key]]
    return [*_shown(figure, value), *lines]


def _shown(figure: str, value: Any) -> Lines:
    if not isinstance(value, dict):
        return wrapped(f"{figure} = {value}")
    return [f"{figure}:", *(f"  {part} = {each}" for part, each in value.items())]


def look_up(summary: Summary, figure: str, where: str) -> Any:
    """The value of *figure*, a key of the summary or ``key.part``.

    :raises SpecError: there is none; names *where* and the nearest.
    """
    content = summary.as_dict()
    key, dot, part = figure.partition(".")
    if key not in content:
        raise SpecError(where, (f"no figure {key!r}{nearest(key, list(content), 'figures')}",))
    if not dot:
        return content[key]
    parts = content[key]
    if not isinstance(parts, dict):
        raise SpecError(where, (f"{key} is one value, without parts such as {part!r}",))
    if part not in parts:
        raise SpecError(
            where, (f"{key} has no part {part!r}{nearest(part, list(parts), 'parts')}",)
        )
    return parts[part]


def _cycles_per_step(trace: Trace, summary: Summary) -> Lines:
    return [
        *_mean_cycles(trace, summary),
        *cost_terms(trace, "step"),
        *machine_cycles(trace),
    ]


def _label_share(trace: Trace, summary: Summary) -> Lines:
    return ["share of a function = its cycles / their sum", *_mean_cycles(trace, summary)]


def _update(trace: Trace, summary: Summary) -> Lines:
    cycles = label_cycles(trace, "weight_update", "sample")
    return [
        f"weight_update, once per sample: {cycles:,.2f} cycles, mean over {summary.n_pe} PEs",
        f"cycles_per_step: {summary.cycles_per_step:,.2f}",
        (
            f"update_over_step = {cycles:,.2f} / {summary.cycles_per_step:,.2f} = "
            f"{summary.update_over_step:.6f}"
        ),
        *cost_terms(trace, "sample", "weight_update"),
    ]


def _multiply_share(trace: Trace, _summary: Summary) -> Lines:
    rows = [row for row in clock_profile(trace, parts=True) if row.label.startswith("e_prop.")]
    if not rows:
        return ["no part of a function e_prop was charged"]
    multiply = sum(row.mean for row in rows if row.label.endswith(".multiply"))
    total = sum(row.mean for row in rows)
    return [
        "cycles of the parts of e_prop that end in .multiply / cycles of all its parts",
        *(f"  {row.label:<32} {row.mean:>14,.2f} cycles per step" for row in rows),
        f"{multiply:,.2f} / {total:,.2f} = {multiply / total:.6f}",
        *cost_terms(trace, "step", "e_prop"),
    ]


def _slack(trace: Trace, summary: Summary) -> Lines:
    times = real_time(trace)
    pe, timestep = (int(index) for index in np.argwhere(times.slack == times.slack.min())[0])
    waits = {
        cause: int(cycles[pe, timestep])
        for cause, cycles in times.waiting.items()
        if cause != "timer"
    }
    busy, response = int(times.busy[pe, timestep]), int(times.response[pe, timestep])
    behind = response - busy - sum(waits.values())
    timestep_s = trace.meta["scenario"]["timestep"] / 1e9
    tight = times.tightest
    return [
        f"period = {timestep_s:g} s x {summary.clock_hz:,} Hz = {times.period:,} cycles",
        f"least slack: PE {pe} in timestep {timestep}",
        f"  busy                    {busy:>14,} cycles",
        *(f"  {cause + ' wait':<23} {cycles:>14,}" for cause, cycles in waits.items() if cycles),
        *([f"  {'begun late':<23} {behind:>14,}"] if behind else []),
        f"  response                {response:>14,} from release to end",
        f"slack = period - response = {summary.slack_cycles:,}",
        (
            f"{times.overruns:,} of {times.slack.size:,} steps overran; "
            f"{'first' if times.overruns else 'least slack'}: PE {tight.pe}, timestep "
            f"{tight.timestep}, {tight.label}"
        ),
    ]


def _waiting(trace: Trace, _summary: Summary) -> Lines:
    times = real_time(trace)
    n_steps = times.slack.size
    return [
        f"cycles / {n_steps:,} steps of all PEs; timer is the sleep up to the next step",
        *(
            f"  {cause:<8} {int(cycles.sum()):>16,} / {n_steps:,} = {cycles.mean():,.2f}"
            for cause, cycles in times.waiting.items()
        ),
    ]


def _sram(trace: Trace, _summary: Summary) -> Lines:
    used = memory(trace)
    rows = [row for row in used.rows if row.pe == used.fullest_pe]
    capacity = used.capacity + used.reserved
    return [
        f"sum of the arrays that the firmware allocates; PE {used.fullest_pe}, the fullest:",
        *(
            f"  {row.name:<24} {'x'.join(map(str, row.shape)):>12} {row.dtype:<8}"
            f"{row.n_bytes:>12,} B"
            for row in rows
        ),
        f"  sum {used.largest:,} B",
        f"available: {capacity:,} - {used.reserved:,} = {used.capacity:,} B",
        *(
            line
            for key in ("data_bytes", "reserved_bytes")
            for line in wrapped(sourced(trace, f"chip.pe.sram.{key}"), "  ")
        ),
        f"all {len(used.bytes_by_pe)} PEs: {used.total:,} B = {used.total / 1024:.1f} KB",
    ]


def _n_weights(trace: Trace, summary: Summary) -> Lines:
    by_name: dict[str, int] = {}
    for row in memory(trace).rows:
        if row.is_weight:
            by_name[row.name] = by_name.get(row.name, 0) + row.n_elements
    return [
        "elements of the arrays that hold weights, over all PEs:",
        *(f"  {name:<24} {n:>12,}" for name, n in by_name.items()),
        f"  sum {summary.n_weights:,}",
    ]


def _energy(trace: Trace, summary: Summary) -> Lines:
    return [*_chip_energy(trace, summary), *_paper_energy(trace, summary)]


def _chip_energy(trace: Trace, summary: Summary) -> Lines:
    joules, power = energy(trace), trace.meta["scenario"]["power"]
    seconds, base = joules.duration_s, power["baseline_mw"] * 1e-3
    chips = f"{joules.n_chips} x " if joules.n_chips > 1 else ""
    links = []
    if joules.n_chips > 1 and "link_bit_pj" in power:
        links.append(
            f"  links between chips  {joules.n_link_bits:,} b x {power['link_bit_pj']:g} pJ = "
            f"{joules.link_j:.9f} J"
        )
    if joules.n_dram_bits and "dram_bit_pj" in power:
        links.append(
            f"  DRAM                 {joules.n_dram_bits:,} b x {power['dram_bit_pj']:g} pJ = "
            f"{joules.dram_j:.9f} J"
        )
    return [
        f"chip model, level {joules.level}, over {seconds:.6f} s:",
        (
            f"  chip with PEs off    {chips}{base:.4f} W x {seconds:.6f} s = "
            f"{joules.baseline_j:.9f} J"
        ),
        (
            f"  PEs asleep           {summary.n_pe} x {joules.sleep_w:.6f} W x {seconds:.6f} s = "
            f"{joules.sleep_j:.9f} J"
        ),
        (
            f"  busy cycles          {joules.n_cycles:,} x {joules.cycle_pj:g} pJ = "
            f"{joules.cycles_j:.9f} J"
        ),
        (
            f"  NoC flit-hops        {joules.n_flit_hops:,} x {power['flit_hop_pj']:g} pJ = "
            f"{joules.noc_j:.9f} J"
        ),
        *links,
        f"  sum                  {joules.chip_j:.9f} J",
        *(
            line
            for key in ("baseline_mw", "levels", "flit_hop_pj", *(["link_bit_pj"] if links else []))
            for line in wrapped(f"source of {key}: {source(trace, f'power.{key}')}", "  ")
        ),
    ]


def _paper_energy(trace: Trace, summary: Summary) -> Lines:
    joules, uw_per_mhz = energy(trace), trace.meta["scenario"]["power"]["paper_uw_per_mhz"]
    mhz, seconds = summary.clock_hz / 1e6, joules.duration_s
    return [
        "paper model:",
        (
            f"  {uw_per_mhz:g} uW/MHz x {mhz:g} MHz x {summary.n_pe} PEs x {seconds:.6f} s = "
            f"{joules.paper_j:.9f} J"
        ),
        *wrapped(f"source of paper_uw_per_mhz: {source(trace, 'power.paper_uw_per_mhz')}", "  "),
    ]


def _simulated(trace: Trace, summary: Summary) -> Lines:
    timestep_s = trace.meta["scenario"]["timestep"] / 1e9
    in_steps_s = summary.n_steps * timestep_s
    late_s = summary.simulated_s - in_steps_s
    return [
        "from the first release to the last deadline, or to the end if that is later",
        f"{summary.n_steps:,} steps x {timestep_s:g} s = {in_steps_s:.6f} s",
        *([f"and {late_s:.6f} s after the last deadline"] if late_s > LEAST_S else []),
    ]


def _utilisation(trace: Trace, summary: Summary) -> Lines:
    times, used, period = real_time(trace), summary.utilisation, summary.period_cycles
    rows = {
        "compute": f"{int(times.busy.max()):,} busy cycles in the busiest step / {period:,}",
        "memory": f"{summary.sram_bytes_max_pe:,} B / {summary.sram_bytes_available:,} B",
        "noc": f"{noc_wait(times):,} cycles / {period:,}: longest wait in a step for others, of "
        f"the PE that waits least, or for an own DMA",
        "host": f"the larger of its path's load, {summary.host_utilisation:.4f}, and the longest "
        f"wait for it in a step, {int(times.waiting['host'].max()):,} cycles / {period:,}",
    }
    reason = "it has the least room"
    if used["memory"] > 1:
        reason = "the arrays do not fit"
    elif summary.overruns:
        reason = "it took most of the first step that overran"
    elif summary.packets_lost:
        reason = "packets were lost"
    return [
        line
        for text in (
            *(f"{name} {used[name]:.4f} = {row}" for name, row in rows.items()),
            f"bound by {summary.bound_by}: {reason}",
        )
        for line in wrapped(text, "  ")
    ]


def _host(trace: Trace, summary: Summary) -> Lines:
    moved, n_bytes = traffic(trace), int(trace.tables["refills"]["n_bytes"].sum())
    sources = (f"host.{key}" for key in ("write_rate", "ethernet_rate", "latency"))
    return [
        "share of the time from the first release to the last end in which a refill of",
        "an input buffer was under way; the first filling comes before the first release",
        (
            f"{moved.n_refills:,} refills with the first filling, {n_bytes:,} B: share "
            f"{summary.host_utilisation:.6f}"
        ),
        *(line for path in sources for line in wrapped(sourced(trace, path), "  ")),
    ]


def _packets(trace: Trace, _summary: Summary) -> Lines:
    moved = traffic(trace)
    busiest = sorted(moved.links, key=lambda link: -link.utilisation)[:5]
    return [
        f"multicast packets handed to Comms: {moved.packets_sent:,}",
        (
            f"receptions due, of every kind: {moved.packets_expected:,} = delivered "
            f"{moved.packets_delivered:,} + dropped {moved.packets_dropped:,}"
        ),
        (
            f"overwritten after delivery: {moved.packets_overwritten:,}; fullest receive FIFO: "
            f"{moved.fifo_peak:,} events"
        ),
        "busiest links, flits x cycles per flit / cycles of the run:",
        *(
            f"  {link.name:<24} {link.n_flits:>12,} flits {link.utilisation:.4%}"
            for link in busiest
        ),
        *(
            line
            for key in ("clock", "link_cycles", "inject_cycles", "eject_cycles")
            for line in wrapped(sourced(trace, f"chip.noc.{key}"), "  ")
        ),
    ]


def _ledger(trace: Trace, summary: Summary) -> Lines:
    if not any(summary.ledger.values()):
        return ["counted over all PEs; nothing went wrong"]
    return [
        "by kind and PE or link, with the first time:",
        *(
            f"  {row.kind:<18} {row.place:<7} {row.count:>9,} "
            f"  step {row.first_timestep}, {row.first_s * 1e3:.6f} ms"
            for row in ledger(trace)
        ),
    ]


def _mean_cycles(trace: Trace, summary: Summary) -> Lines:
    rows = [row for row in clock_profile(trace) if row.every == "step"]
    return [
        f"cycles charged, mean over {summary.n_pe} PEs and {summary.n_steps} steps:",
        *(f"  {row.label:<24} {row.mean:>14,.2f} {row.share:>8.2%}" for row in rows),
        f"  {'sum':<24} {sum(row.mean for row in rows):>14,.2f}",
    ]


_EXPLANATIONS: dict[str, Callable[[Trace, Summary], Lines]] = {
    "cycles_per_step": _cycles_per_step,
    "label_share": _label_share,
    "multiply_share": _multiply_share,
    **dict.fromkeys(("cycles_per_update", "update_over_step"), _update),
    **dict.fromkeys(
        ("slack_cycles", "response_cycles", "period_cycles", "overruns", "tightest"), _slack
    ),
    "waiting_cycles_per_step": _waiting,
    **dict.fromkeys(("sram_bytes_total", "sram_bytes_max_pe", "sram_bytes_available"), _sram),
    "n_weights": _n_weights,
    "energy_j": _energy,
    "energy_j.chip": _chip_energy,
    "energy_j.paper": _paper_energy,
    "ledger": _ledger,
    "simulated_s": _simulated,
    **dict.fromkeys(("utilisation", "bound_by", "fits", "verdict"), _utilisation),
    "host_utilisation": _host,
    **dict.fromkeys(("packets_sent", "packets_lost", "noc_link_utilisation"), _packets),
}

_PLAIN = {
    "schema": "version of the summary's keys",
    "name": "the scenario's name",
    "clock_hz": "chip.pe.clock of the scenario",
    "n_pe": "n_pe of the scenario",
    "n_steps": "time steps that were run, over all samples",
    "n_samples": "utterances streamed",
    "late_packets": "packets that were handed to Comms after the deadline of their time step",
    "late_inputs": "times a PE had to wait for the host to fill its input buffer",
    "log": "means over all entries of the figures that the firmware logged",
    "digest": "SHA-256 over every table and array of the trace",
}
