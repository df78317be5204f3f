"""The reports of a run on a terminal, verdict first, within 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from spinn2sim.report.dram import dram_use
from spinn2sim.report.fall_backs import fall_backs
from spinn2sim.report.guesses import extrapolations, guesses
from spinn2sim.report.ledger import KINDS, ledger
from spinn2sim.report.memory import Memory, memory
from spinn2sim.report.network_terminal import fullest_fifo, longest_queue, print_routers
from spinn2sim.report.notes import notes
from spinn2sim.report.profile import FunctionCycles, clock_profile
from spinn2sim.report.realtime import RealTime, real_time
from spinn2sim.report.summary import Summary, counted
from spinn2sim.report.table_terminal import print_table, titled_table
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Trace

#: Variables that fill less than this share of the SRAM are summed up in one row.
SMALL_SHARE = 0.02

#: What a cause of waiting is called in the table.
WAITS = {
    "timer": "asleep until the next step",
    "sync": "waiting for spikes and sync flags",
    "packets": "waiting for packets",
    "host": "waiting for the host",
    "dma": "waiting for DMA",
    "sram": "held up in SRAM",
    "clock": "stopped while the clock changes",
}


def print_verdict(console: Console, summary: Summary) -> None:
    """The verdict, one line if the terminal is wide enough, and below it what it is about."""
    console.print(Text(summary.verdict, style="bold green" if summary.fits else "bold red"))
    slack, period = summary.slack_cycles, summary.period_cycles
    left = f"least slack {slack:,} of {period:,} cycles ({slack / period:.0%})"
    late = f"latest step {-slack:,} cycles late, period {period:,}"
    machine = f"{summary.name} on {counted(summary.n_pe, 'PE')} at {summary.clock_hz / 1e6:g} MHz"
    console.print(Text(f"{machine}; {left if slack >= 0 else late}"))


def print_run(console: Console, trace: Trace, summary: Summary) -> None:
    """All reports of a run."""
    print_verdict(console, summary)
    for note in notes(trace):
        console.print(Text(f"note: {note}"))
    times, used = real_time(trace), memory(trace)
    for every in ("step", "sample"):
        _print_profile(console, trace, every)
    _print_times(console, times)
    _print_memory(console, used)
    _print_figures(console, trace, summary, times)
    print_routers(console, trace)
    _print_ledger(console, trace)
    _print_guesses(console, trace)


def print_checks(
    console: Console, found: Sequence[tuple[Summary, Mapping[str, int | None]]]
) -> None:
    """Verdict and sizes of each summary, and the largest N_rec by each limit on the same PEs."""
    for summary, _ in found:
        print_verdict(console, summary)
    summary = found[0][0]
    for name, line in (
        (
            "time",
            (
                f"{summary.cycles_per_step:,.0f} cycles per step, "
                f"{_update(summary) or 'no weight update'}"
            ),
        ),
        ("memory", _memory_line(summary)),
        ("network", counted(summary.n_weights, "weight") if summary.n_weights else ""),
    ):
        _print_line(console, name, line)
    limits = {
        "time": "in time",
        "time_without_update": "w/o update",
        "memory": "in memory",
        "both": "both",
    }
    table = titled_table("Largest N_rec on these PEs", "clock", "fits", "slack", *limits.values())
    for summary, largest in found:
        table.add_row(
            f"{summary.clock_hz / 1e6:g} MHz",
            "yes" if summary.fits else "no",
            f"{summary.slack_cycles:,}",
            *("none" if largest[key] is None else f"{largest[key]:,}" for key in limits),
        )
    print_table(console, table)


def _print_profile(console: Console, trace: Trace, every: str) -> None:
    rows = [row for row in clock_profile(trace) if row.every == every]
    if not rows:
        return
    table = titled_table(
        f"Clock profile: cycles per {every}", "function", "mean", "min PE", "max PE"
    )
    table.add_column("share", justify="right")
    for row in rows:
        table.add_row(*_cells(row))
    table.add_section()
    table.add_row("sum", f"{sum(row.mean for row in rows):,.0f}", "", "", "100.0%")
    print_table(console, table)


def _cells(row: FunctionCycles) -> tuple[str, ...]:
    cycles = (f"{value:,.0f}" for value in (row.mean, row.minimum, row.maximum))
    return (row.label, *cycles, f"{row.share:.1%}")


def _print_times(console: Console, times: RealTime) -> None:
    table = titled_table("Where the time of a step went", "mean over PEs and steps", "cycles")
    table.add_column("of period", justify="right")
    causes = {WAITS.get(cause, cause): cycles.mean() for cause, cycles in times.waiting.items()}
    for name, cycles in {"compute": times.busy.mean(), **causes}.items():
        if cycles:
            table.add_row(name, f"{cycles:,.0f}", f"{cycles / times.period:.1%}")
    print_table(console, table)


def _print_memory(console: Console, used: Memory) -> None:
    pe = used.fullest_pe
    table = titled_table(f"SRAM of the fullest PE, {pe}", "variable", "shape", "bytes")
    rows = sorted((row for row in used.rows if row.pe == pe), key=lambda row: -row.n_bytes)
    large = [row for row in rows if row.n_bytes >= SMALL_SHARE * used.capacity]
    for row in large:
        table.add_row(row.name, "x".join(map(str, row.shape)), f"{row.n_bytes:,}")
    small = rows[len(large) :]
    if small:
        table.add_row(f"{len(small)} smaller", "", f"{sum(row.n_bytes for row in small):,}")
    table.add_section()
    table.add_row("sum", "", f"{used.largest:,}")
    table.add_row("available", "", f"{used.capacity:,}")
    print_table(console, table)


def _print_figures(console: Console, trace: Trace, summary: Summary, times: RealTime) -> None:
    share, moved = summary.multiply_share, traffic(trace)
    busiest = max(moved.links, key=lambda link: link.utilisation, default=None)
    lines = [
        (
            "real time",
            (
                f"timer tick overran in {summary.overruns:,} of {times.slack.size:,} steps; "
                f"{counted(summary.late_packets, 'late packet')}, "
                f"{counted(summary.late_inputs, 'late input')}"
            ),
        ),
        (
            "response",
            (
                f"{times.response.mean():,.0f} cycles mean, {summary.response_cycles:,} longest, "
                f"period {times.period:,}"
            ),
        ),
        (
            "PEs busy",
            (
                f"{times.utilisation.mean():.1%} mean, {times.utilisation.min():.1%} (PE "
                f"{times.utilisation.argmin()}) to {times.utilisation.max():.1%} (PE "
                f"{times.utilisation.argmax()})"
            ),
        ),
        ("e_prop", f"{share:.1%} of its arithmetic is multiplication" if share is not None else ""),
        ("update", _update(summary)),
        ("memory", _memory_line(summary)),
        ("network", counted(summary.n_weights, "weight") if summary.n_weights else ""),
        (
            "NoC",
            (
                f"{counted(moved.packets_sent, 'multicast packet')}, "
                f"{summary.packets_lost:,} lost; busiest link "
                f"{f'{busiest.name} {busiest.utilisation:.3%}' if busiest else 'none'}"
            ),
        ),
        ("", longest_queue(trace)),
        ("", fullest_fifo(trace)),
        (
            "host",
            f"{moved.n_refills:,} refills, under way {moved.host_utilisation:.1%} of the time",
        ),
        ("DRAM", str(dram_use(trace) or "")),
        *(
            (
                "energy",
                f"{joules:.4g} J, {joules / summary.simulated_s * 1e3:.4g} mW by the {model} model",
            )
            for model, joules in summary.energy_j.items()
            if summary.simulated_s
        ),
        *((name, f"{value:.6g} logged, mean") for name, value in summary.log.items()),
        ("timed by", str(fall_backs(trace))),
        ("digest", summary.digest),
    ]
    for name, line in lines:
        if line:
            _print_line(console, name, line)


def _update(summary: Summary) -> str:
    if not summary.cycles_per_update:
        return ""
    return f"weight update {summary.update_over_step:.3f} of a step"


def _memory_line(summary: Summary) -> str:
    return (
        f"{summary.sram_bytes_max_pe:,} of {summary.sram_bytes_available:,} B on the fullest PE; "
        f"{summary.sram_bytes_total / 1024:,.1f} KB in all"
    )


def _print_ledger(console: Console, trace: Trace) -> None:
    rows = ledger(trace)
    if not rows:
        return
    table = titled_table("Ledger: what went wrong", "what", "count", "places", "first")
    for column in ("in step", "at ms"):
        table.add_column(column, justify="right")
    for kind, words in KINDS.items():
        own = [row for row in rows if row.kind == kind]
        if own:
            first = min(own, key=lambda row: row.first_s)
            count, where = sum(row.count for row in own), (first.place, str(first.first_timestep))
            table.add_row(
                words, f"{count:,}", f"{len(own):,}", *where, f"{first.first_s * 1e3:.6g}"
            )
    print_table(console, table)


def _print_guesses(console: Console, trace: Trace) -> None:
    for size in extrapolations(trace):
        _print_line(console, "extrapolated", f"cost table beyond its fit: {size}")
    found = guesses(trace)
    if found:
        guessed = "1 guess" if len(found) == 1 else f"{len(found)} guesses"
        console.print(Text(f"\nThis run leans on {guessed} (what each may be):"))
    for guess in found:
        console.print(Text(f"  {guess.path}: {guess.value} ({guess.range})"))


def _print_line(console: Console, name: str, line: str) -> None:
    """Name and text in two columns; a long text goes on below itself."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(min_width=10, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(name), Text(line))
    console.print(grid)
