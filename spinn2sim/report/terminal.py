"""The reports of a run on a terminal, verdict first, within 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from spinn2sim.report.guesses import extrapolations, guesses
from spinn2sim.report.memory import memory
from spinn2sim.report.profile import FunctionCycles, clock_profile
from spinn2sim.report.summary import Summary
from spinn2sim.trace import Trace


def print_verdict(console: Console, summary: Summary) -> None:
    """One line (wrapped to the width of the terminal)."""
    style = "bold green" if summary.fits else "bold red"
    console.print(Text(summary.verdict, style=style))


def print_run(console: Console, trace: Trace, summary: Summary) -> None:
    """All reports of a run."""
    print_verdict(console, summary)
    for note in trace.meta["workload"]["notes"]:
        console.print(Text(f"note: {note}"))
    console.print()
    console.print(_profile_table(trace, "step"))
    console.print(_profile_table(trace, "sample"))
    console.print(_where_the_time_went(summary))
    console.print(_memory_table(trace))
    _print_figures(console, summary)
    _print_guesses(console, trace)


def _profile_table(trace: Trace, every: str) -> Table:
    rows = [row for row in clock_profile(trace) if row.every == every]
    table = _table(f"Clock profile: PE cycles per {every}", "function", "mean", "min PE", "max PE")
    table.add_column("share", justify="right")
    for row in rows:
        table.add_row(*_cells(row))
    if rows:
        table.add_section()
        table.add_row("sum", f"{sum(row.mean for row in rows):,.0f}", "", "", "100.0 %")
    return table


def _cells(row: FunctionCycles) -> tuple[str, ...]:
    cycles = (f"{value:,.0f}" for value in (row.mean, row.minimum, row.maximum))
    return (row.label, *cycles, f"{row.share:.1%}".replace("%", " %"))


def _where_the_time_went(summary: Summary) -> Table:
    table = _table("Where the time of a step went (mean)", "", "cycles", "of period")
    busy = summary.cycles_per_step + summary.cycles_per_update / max(
        summary.n_steps / summary.n_samples, 1
    )
    names = {
        "sync": "waiting for spikes and sync flags",
        "packets": "waiting for packets",
        "host": "waiting for the host",
        "dma": "waiting for DMA",
        "sram": "held up in SRAM",
        "timer": "asleep until the next step",
    }
    rows = {"compute": busy} | {
        names[cause]: cycles for cause, cycles in summary.waiting_cycles_per_step.items()
    }
    for name, cycles in rows.items():
        if cycles:
            table.add_row(name, f"{cycles:,.0f}", f"{cycles / summary.period_cycles:.1%}")
    return table


def _memory_table(trace: Trace) -> Table:
    used = memory(trace)
    fullest = max(used.bytes_by_pe, key=lambda pe: used.bytes_by_pe[pe])
    table = _table(f"Data SRAM of PE {fullest}, the fullest", "variable", "shape", "bytes")
    rows = sorted((row for row in used.rows if row.pe == fullest), key=lambda row: -row.n_bytes)
    large = [row for row in rows if row.n_bytes * 50 >= used.capacity]
    for row in large:
        table.add_row(row.name, "x".join(map(str, row.shape)), f"{row.n_bytes:,}")
    small = rows[len(large) :]
    if small:
        table.add_row(f"{len(small)} smaller", "", f"{sum(row.n_bytes for row in small):,}")
    table.add_section()
    table.add_row("sum", "", f"{used.largest:,}")
    table.add_row("available", "", f"{used.capacity:,}")
    return table


def _print_figures(console: Console, summary: Summary) -> None:
    kilobytes = summary.sram_bytes_total / 1024
    share = summary.multiply_share
    lines = [
        f"network        {summary.n_weights:,} weights, {kilobytes:,.1f} KB on {summary.n_pe} PEs",
        *([f"e_prop         {share:.1%} multiplication"] if share is not None else []),
        f"update         {summary.update_over_step:.3f} of a time step",
        (
            f"real time      {summary.overruns:,} overruns, {summary.late_packets:,} late packets, "
            f"{summary.late_inputs:,} late inputs"
        ),
        (
            f"NoC            {summary.packets_sent:,} multicast packets, {summary.packets_lost:,} "
            f"lost, busiest link {summary.noc_link_utilisation:.3%}"
        ),
        f"host           {summary.host_utilisation:.1%} of its time refilling buffers",
        *(
            f"energy         {joules:.6f} J ({joules / summary.simulated_s * 1e3:.2f} mW) by the "
            f"{model} model"
            for model, joules in summary.energy_j.items()
            if summary.simulated_s
        ),
        *(f"{name:<14} {value:g} (mean)" for name, value in summary.log.items()),
        f"digest         {summary.digest}",
    ]
    for line in lines:
        console.print(Text(line))


def _print_guesses(console: Console, trace: Trace) -> None:
    found = guesses(trace)
    for size in extrapolations(trace):
        console.print(Text(f"extrapolated   cost table: {size}"))
    if found:
        console.print(Text(f"\nleans on {len(found)} guesses (value; range):"))
    for guess in found:
        console.print(Text(f"  {guess.path}: {guess.value}; {guess.range}"))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table
