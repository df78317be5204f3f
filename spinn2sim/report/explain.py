"""Explain a figure of the summary: the arithmetic, the coefficients and their sources."""

from __future__ import annotations

from collections.abc import Callable

from spinn2sim.errors import SpecError
from spinn2sim.firmware import CostTable
from spinn2sim.firmware.cost import n_units
from spinn2sim.report.energy import energy
from spinn2sim.report.memory import memory
from spinn2sim.report.profile import clock_profile, label_cycles
from spinn2sim.report.realtime import real_time
from spinn2sim.report.summary import Summary, summarise
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Trace
from spinn2sim.validated import nearest

Lines = list[str]


def explain(trace: Trace, figure: str) -> Lines:
    """How *figure*, a key of the summary (``energy_j`` or ``energy_j.chip``), came about.

    :raises SpecError: there is no such figure.
    """
    key, _, part = figure.partition(".")
    summary = summarise(trace)
    content = summary.as_dict()
    if key not in content:
        raise SpecError("explain", (f"no figure {figure!r}{nearest(key, list(content))}",))
    value = content[key]
    if part and not (isinstance(value, dict) and part in value):
        known = list(value) if isinstance(value, dict) else []
        raise SpecError("explain", (f"no part {part!r} in {key!r}{nearest(part, known)}",))
    shown = value[part] if part else value
    explanation = _EXPLANATIONS.get(key)
    lines = explanation(trace, summary) if explanation else [_PLAIN[key]]
    return [f"{figure} = {shown}", *lines]


def _cycles_per_step(trace: Trace, summary: Summary) -> Lines:
    return [
        f"mean over {summary.n_pe} PEs and {summary.n_steps} steps of the cycles charged per step",
        *_functions(trace, "step"),
        *_cost_terms(trace, "step"),
    ]


def _update(trace: Trace, summary: Summary) -> Lines:
    cycles = label_cycles(trace, "weight_update", "sample")
    return [
        f"weight_update once per sample: {cycles:,.1f} cycles, mean over PEs",
        f"cycles_per_step: {summary.cycles_per_step:,.1f}; ratio {summary.update_over_step:.4f}",
        *_cost_terms(trace, "sample", "weight_update"),
    ]


def _label_share(trace: Trace, _summary: Summary) -> Lines:
    return [
        "share of a function = its cycles per step / cycles_per_step",
        *_functions(trace, "step"),
    ]


def _multiply_share(trace: Trace, _summary: Summary) -> Lines:
    rows = [row for row in clock_profile(trace, parts=True) if row.label.startswith("e_prop.")]
    return [
        "cycles of the parts of e_prop that end in .multiply / cycles of all its parts",
        *(f"  {row.label:<32} {row.mean:>12,.1f} cycles per step" for row in rows),
        *_cost_terms(trace, "step", "e_prop"),
    ]


def _slack(trace: Trace, summary: Summary) -> Lines:
    times = real_time(trace)
    at = times.tightest.pe, times.tightest.timestep
    waits = {cause: int(cycles[at]) for cause, cycles in times.waiting.items() if cycles[at]}
    asleep = "timer"
    return [
        f"period {times.period:,} cycles = timestep x clock of {summary.clock_hz:,} Hz",
        f"response of PE {at[0]} in timestep {at[1]} (release to end): {times.response[at]:,}",
        f"  of these busy: {times.busy[at]:,}; last function: {times.tightest.label}",
        *(
            f"  waiting ({cause}): {cycles:,}{' after the end' if cause == asleep else ''}"
            for cause, cycles in waits.items()
        ),
        f"least slack over all PEs and steps: {summary.slack_cycles:,}; overruns: {times.overruns}",
    ]


def _sram(trace: Trace, _summary: Summary) -> Lines:
    used = memory(trace)
    fullest = max(used.bytes_by_pe, key=lambda pe: used.bytes_by_pe[pe])
    rows = [row for row in used.rows if row.pe == fullest]
    return [
        f"sum of the arrays that the firmware allocates; PE {fullest}, the fullest:",
        *(
            f"  {row.name:<24} {'x'.join(map(str, row.shape)):>10} {row.dtype:<8}"
            f"{row.n_bytes:>10,} B"
            for row in rows
        ),
        (
            f"  sum {used.largest:,} B of {used.capacity:,} B (data SRAM less {used.reserved:,} B "
            f"reserved for stack, debug and receive FIFO)"
        ),
        f"all {len(used.bytes_by_pe)} PEs: {used.total:,} B = {used.total / 1024:.1f} KB",
    ]


def _n_weights(trace: Trace, _summary: Summary) -> Lines:
    by_name: dict[str, int] = {}
    for row in memory(trace).rows:
        if row.is_weight:
            by_name[row.name] = by_name.get(row.name, 0) + row.n_elements
    return [f"  {name}: {n:,} over all PEs" for name, n in by_name.items()]


def _energy(trace: Trace, summary: Summary) -> Lines:
    joules, power = energy(trace), trace.meta["scenario"]["power"]
    sources = trace.meta["scenario"]["provenance"]
    chip, paper = (
        sources.get(f"power.{key}", {}).get("source", "user")
        for key in ("levels", "paper_uw_per_mhz")
    )
    mhz = summary.clock_hz / 1e6
    return [
        f"over {joules.duration_s:.6f} s of simulated time",
        f"chip model, level {joules.level} (source: {chip}):",
        f"  chip with PEs off, {power['baseline_mw']} mW: {joules.baseline_j:.6f} J",
        f"  {summary.n_pe} PEs asleep: {joules.sleep_j:.6f} J",
        f"  {joules.n_cycles:,} busy cycles: {joules.cycles_j:.6f} J",
        f"  {joules.n_flit_hops:,} flit-hops at {power['flit_hop_pj']} pJ: {joules.noc_j:.9f} J",
        f"  sum {joules.chip_j:.6f} J",
        f"paper model (source: {paper}):",
        (
            f"  {power['paper_uw_per_mhz']} uW/MHz x {mhz:g} MHz x {summary.n_pe} PEs x "
            f"{joules.duration_s:.6f} s = {joules.paper_j:.6f} J"
        ),
    ]


def _utilisation(_trace: Trace, summary: Summary) -> Lines:
    used = summary.utilisation
    return [
        f"compute {used['compute']:.4f}: busy cycles of the busiest step / period",
        (
            f"memory {used['memory']:.4f}: {summary.sram_bytes_max_pe:,} B / "
            f"{summary.sram_bytes_available:,} B"
        ),
        f"noc {used['noc']:.4f}: longest wait for packets in a step / period",
        f"host {used['host']:.4f}: share of time in which refills are under way, or longest wait",
        f"bound by {summary.bound_by}",
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
        "busiest links:",
        *(f"  {link.name:<20} {link.n_flits:>9,} flits {link.utilisation:.4%}" for link in busiest),
    ]


def _functions(trace: Trace, every: str) -> Lines:
    rows = [row for row in clock_profile(trace) if row.every == every]
    return [f"  {row.label:<24} {row.mean:>12,.1f} cycles {row.share:>7.2%}" for row in rows]


def _cost_terms(trace: Trace, every: str, function: str = "") -> Lines:
    """The coefficients that PE 0 was charged by, with sizes and sources."""
    if trace.meta["costs"] is None:
        return ["the firmware has no cost table: its program states its cycles"]
    table = CostTable.model_validate(trace.meta["costs"])
    sizes = trace.meta["sizes"][0]
    lines = [f"cost table {table.name!r} ({table.provenance}), PE 0 with {_sizes(sizes)}:"]
    for term in table.terms:
        if term.every == every and term.label.startswith(function):
            units = n_units(term.per, sizes)
            lines.append(
                f"  {term.label}: {term.cycles:g} x {term.per} = {term.cycles:g} x {units:,} = "
                f"{term.cycles * units:,.1f}, {term.status}, {term.range[0]:g} to "
                f"{term.range[1]:g}; {term.source}"
            )
    lines += [f"  extrapolated: {size}" for size in table.extrapolated(sizes)]
    return lines


def _sizes(sizes: dict[str, int]) -> str:
    return ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())


_EXPLANATIONS: dict[str, Callable[[Trace, Summary], Lines]] = {
    "cycles_per_step": _cycles_per_step,
    "cycles_per_update": _update,
    "update_over_step": _update,
    "label_share": _label_share,
    "multiply_share": _multiply_share,
    **dict.fromkeys(
        (
            "slack_cycles",
            "response_cycles",
            "period_cycles",
            "overruns",
            "tightest",
            "fits",
            "verdict",
            "waiting_cycles_per_step",
        ),
        _slack,
    ),
    **dict.fromkeys(("sram_bytes_total", "sram_bytes_max_pe", "sram_bytes_available"), _sram),
    "n_weights": _n_weights,
    **dict.fromkeys(("energy_j", "simulated_s"), _energy),
    **dict.fromkeys(("utilisation", "bound_by", "host_utilisation"), _utilisation),
    **dict.fromkeys(("packets_sent", "packets_lost", "noc_link_utilisation"), _packets),
}

_PLAIN = {
    "schema": "version of the summary's keys",
    "name": "the scenario's name",
    "clock_hz": "chip.pe.clock of the scenario",
    "n_pe": "n_pe of the scenario",
    "n_steps": "samples x time steps per sample",
    "n_samples": "utterances streamed",
    "late_packets": "packets that were handed to Comms after the deadline of their time step",
    "late_inputs": "times a PE had to wait for the host to fill its input buffer",
    "log": "means of the figures that the firmware logged",
    "digest": "SHA-256 over every table and array of the trace",
}
