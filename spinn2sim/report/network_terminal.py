"""The NoC on a terminal: its deepest queues and FIFOs, and its busiest routers."""

from __future__ import annotations

from rich.console import Console

from spinn2sim.report.peaks import fifo_peaks
from spinn2sim.report.routers import router_name, routers
from spinn2sim.report.table_terminal import print_table, titled_table
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Trace

#: Routers that are listed; the table of the run folder has all.
MAX_ROUTERS = 5


def fullest_fifo(trace: Trace) -> str:
    """The receive FIFO that held most, in words; empty if all stayed empty."""
    fullest = max(fifo_peaks(trace), key=lambda fifo: fifo.n_events, default=None)
    if fullest is None or not fullest.n_events:
        return ""
    when = _at(fullest.first_s)
    return f"fullest receive FIFO {fullest.n_events:,} events, PE {fullest.pe}{when}"


def longest_queue(trace: Trace) -> str:
    """The longest queue in front of a link, in words; empty if nothing ever waited."""
    longest = max(traffic(trace).links, key=lambda link: link.queue_peak, default=None)
    if longest is None or not longest.queue_peak:
        return ""
    when = _at(longest.queue_peak_s)
    return f"longest queue {longest.queue_peak:,} packets, {longest.name}{when}"


def print_routers(console: Console, trace: Trace) -> None:
    """The routers that forwarded most; none if nothing was sent."""
    used = [router for router in routers(trace) if router.n_flits]
    if not used:
        return
    busiest = sorted(used, key=lambda router: -router.n_flits)[:MAX_ROUTERS]
    more = f", {MAX_ROUTERS} of {len(used):,} in use" if len(used) > MAX_ROUTERS else ""
    table = titled_table(f"Routers that forwarded most{more}", "router", "flits", "longest queue")
    for column in ("at ms", "lost", "resent", "dropped"):
        table.add_column(column, justify="right")
    for router in busiest:
        at = "" if router.queue_peak_s is None else f"{router.queue_peak_s * 1e3:.6g}"
        counts = (router.n_lost, router.n_resent, router.n_timed_out)
        table.add_row(
            router_name(router, on_board=bool(trace.meta["scenario"].get("board"))),
            f"{router.n_flits:,}",
            f"{router.queue_peak:,}",
            at,
            *(f"{count:,}" for count in counts),
        )
    print_table(console, table)


def _at(first_s: float | None) -> str:
    return "" if first_s is None else f", first at {first_s * 1e3:.6g} ms"
