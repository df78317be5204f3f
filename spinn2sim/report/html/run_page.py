"""The page of a run: verdict first, then what is behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from spinn2sim.firmware.cost import n_units
from spinn2sim.report.actions import ReferenceTable, breakdown, reference_tables
from spinn2sim.report.coefficients import source
from spinn2sim.report.fall_backs import fall_backs
from spinn2sim.report.guesses import extrapolations, guesses, shown
from spinn2sim.report.html.noc_chart import no_map, noc_chart
from spinn2sim.report.html.page import render
from spinn2sim.report.html.run_charts import (
    energy_chart,
    memory_chart,
    profile_chart,
    step_times_chart,
    time_chart,
)
from spinn2sim.report.html.spikes_chart import spikes_chart
from spinn2sim.report.html.table import Table, table
from spinn2sim.report.html.timeline import timeline
from spinn2sim.report.html.tornado_chart import tornado_chart
from spinn2sim.report.memory import memory
from spinn2sim.report.notes import notes
from spinn2sim.report.profile import clock_profile
from spinn2sim.report.realtime import real_time
from spinn2sim.report.routers import router_name, routers
from spinn2sim.report.summary import Summary, counted, summarise
from spinn2sim.report.traffic import traffic
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Trace

#: Links and PEs that a table lists: the busiest, the tightest.
MAX_ROWS = 40


def run_page(
    trace: Trace,
    *,
    window: Window = WHOLE,
    sensitivity: Mapping[str, Any] | None = None,
    note: str = "",
    tables: Sequence[ReferenceTable] = (),
    cost_tables: Mapping[str, Any] | None = None,
) -> str:
    """The HTML of a run.

    *sensitivity* is a ``SensitivityReport`` as plain JSON, *note* what there is to say of it; the
    energy is shown by the two models of the scenario and by each of *tables*. *window* is that of
    the timeline. *cost_tables* is a ``costs.Comparison`` as plain JSON.

    :raises MissingExtraError: jinja2 is not installed.
    """
    summary, models = summarise(trace), (*reference_tables(trace), *tables)
    charts = (
        profile_chart(trace),
        step_times_chart(trace),
        time_chart(trace),
        spikes_chart(trace),
        noc_chart(trace),
        memory_chart(trace),
        energy_chart(trace, models),
        tornado_chart(sensitivity, summary.period_cycles),
    )
    return render(
        "run.html",
        title=f"{summary.name}: {'fits' if summary.fits else 'does not fit'}",
        kind="run",
        summary=summary,
        machine=_machine(trace, summary),
        timed_by=str(fall_backs(trace)),
        step_times=_step_times(trace),
        notes=notes(trace),
        tiles=list(_tiles(trace, summary)),
        meters=list(_meters(summary)),
        charts={chart.id: chart for chart in charts},
        no_map=no_map(trace),
        timeline=timeline(trace, window),
        tables={
            found.id: found
            for found in (
                _profile_table(trace),
                _pe_table(trace),
                _link_table(trace),
                _router_table(trace),
                _memory_table(trace),
                _energy_table(trace, models),
                _cost_table(trace),
                _cost_comparison_table(cost_tables),
                _guess_table(trace, sensitivity),
                _scenario_table(trace),
            )
        },
        costs=trace.meta["costs"],
        cost_tables=cost_tables,
        extrapolations=extrapolations(trace),
        sensitivity_note=note,
        sensitivity=sensitivity,
        turning=_turning(sensitivity),
    )


def _machine(trace: Trace, summary: Summary) -> str:
    chip = trace.meta["scenario"]["chip"]["name"]
    return (
        f"{counted(summary.n_pe, 'PE')} of {chip} at {summary.clock_hz / 1e6:g} MHz, "
        f"{counted(summary.n_steps, 'time step')} of "
        f"{trace.period * 1e3 / trace.timebase.hz:g} ms, {summary.simulated_s:g} s"
    )


def _step_times(trace: Trace) -> str:
    ms = real_time(trace).response * 1e3 / trace.pe_clock.hz
    middle, late = np.quantile(ms, (0.5, 0.99))
    return f"Median {middle:.3f} ms, 99 % within {late:.3f} ms, longest {ms.max():.3f} ms."


def _tiles(trace: Trace, summary: Summary) -> Iterator[dict[str, Any]]:
    """Name, figure, what it is of, and whether it is bad."""
    times, moved = real_time(trace), traffic(trace)
    period, slack = summary.period_cycles, summary.slack_cycles
    yield _tile(
        "least slack", f"{slack / period:.1%}", f"{slack:,} of {period:,} cycles", slack < 0
    )
    yield _tile(
        "steps that overran",
        f"{summary.overruns:,}",
        f"of {times.slack.size:,}",
        summary.overruns > 0,
    )
    yield _tile(
        "fullest PE",
        f"{summary.utilisation['memory']:.1%}",
        f"{summary.sram_bytes_max_pe:,} of {summary.sram_bytes_available:,} B",
        summary.utilisation["memory"] > 1,
    )
    yield _tile("PEs busy", f"{times.utilisation.mean():.1%}", "mean over PEs and time", bad=False)
    lost = summary.packets_lost
    yield _tile("packets lost", f"{lost:,}", f"{summary.packets_sent:,} sent", lost > 0)
    seconds = summary.simulated_s or 1.0
    for model, joules in summary.energy_j.items():
        power = f"{joules / seconds * 1e3:,.4g} mW"
        yield _tile(f"power, {model} model", power, f"{joules:.4g} J", bad=False)
    yield _tile(
        "host",
        f"{moved.host_utilisation:.1%}",
        f"{counted(summary.late_inputs, 'late input')}",
        summary.late_inputs > 0,
    )


def _tile(name: str, value: str, of: str, bad: bool) -> dict[str, Any]:  # noqa: FBT001 - a field
    return {"name": name, "value": value, "of": of, "bad": bad}


def _meters(summary: Summary) -> Iterator[dict[str, Any]]:
    for name, share in summary.utilisation.items():
        bound = name == summary.bound_by
        yield {"name": name, "share": share, "bound": bound, "text": f"{share:.1%}"}


def _profile_table(trace: Trace) -> Table:
    return table(
        "profile",
        "Cycles per function and part",
        ("part", "every", "mean #", "least of a PE #", "most of a PE #", "share #"),
        (
            (
                row.label,
                row.every,
                f"{row.mean:,.2f}",
                f"{row.minimum:,.2f}",
                f"{row.maximum:,.2f}",
                f"{row.share:.2%}",
            )
            for row in clock_profile(trace, parts=True)
        ),
    )


def _pe_table(trace: Trace) -> Table:
    times, used = real_time(trace), memory(trace).bytes_by_pe
    tightest = times.slack.min(axis=1).argsort(kind="stable")[:MAX_ROWS]
    return table(
        "pes",
        f"PEs, least slack first{_most(trace.n_pe)}",
        ("PE #", "least slack, cycles #", "overruns #", "busy #", "SRAM, B #"),
        (
            (
                pe,
                f"{times.slack[pe].min():,}",
                f"{(times.slack[pe] < 0).sum():,}",
                f"{times.utilisation[pe]:.2%}",
                f"{used.get(int(pe), 0):,}",
            )
            for pe in tightest
        ),
    )


def _most(n_rows: int) -> str:
    return f" ({MAX_ROWS} of {n_rows:,})" if n_rows > MAX_ROWS else ""


def _link_table(trace: Trace) -> Table:
    busiest = sorted(traffic(trace).links, key=lambda link: -link.utilisation)[:MAX_ROWS]
    return table(
        "links",
        f"Links, busiest first{_most(len(trace.meta['links']))}",
        ("link", "flits #", "of capacity #", "longest queue #", "first at ms #"),
        (
            (
                *(link.name, f"{link.n_flits:,}", f"{link.utilisation:.4%}", link.queue_peak),
                _ms(link.queue_peak_s),
            )
            for link in busiest
        ),
    )


def _router_table(trace: Trace) -> Table:
    found, on_board = routers(trace), bool(trace.meta["scenario"].get("board"))
    busiest = sorted(found, key=lambda router: -router.n_flits)[:MAX_ROWS]
    return table(
        "routers",
        f"Routers, most flits first{_most(len(found))}",
        (
            *("router", "flits #", "longest queue #", "first at ms #"),
            *("lost #", "sent again #", "dropped #"),
        ),
        (
            (
                *(router_name(router, on_board=on_board), f"{router.n_flits:,}"),
                *(router.queue_peak, _ms(router.queue_peak_s)),
                *(router.n_lost, router.n_resent, router.n_timed_out),
            )
            for router in busiest
        ),
    )


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1e3:.6g}"


def _memory_table(trace: Trace) -> Table:
    used = memory(trace)
    rows = sorted(
        (row for row in used.rows if row.pe == used.fullest_pe), key=lambda row: -row.n_bytes
    )
    return table(
        "memory",
        f"Variables of PE {used.fullest_pe}, the fullest",
        ("variable", "shape", "type", "bytes #"),
        ((row.name, "x".join(map(str, row.shape)), row.dtype, f"{row.n_bytes:,}") for row in rows),
    )


def _energy_table(trace: Trace, models: Sequence[ReferenceTable]) -> Table:
    return table(
        "actions",
        "Action counts times reference energies",
        ("model", "action", "count #", "pJ each #", "joules #", "source"),
        (
            (
                model.name,
                row.action,
                f"{row.count:,.0f}",
                f"{row.energy_pj:g}",
                f"{row.joules:.6g}",
                row.source,
            )
            for model in models
            for row in breakdown(trace, model)
        ),
    )


def _cost_table(trace: Trace) -> Table:
    terms = (trace.meta["costs"] or {}).get("terms", ())
    sizes = trace.meta["sizes"][0]
    return table(
        "costs",
        "Terms of the cost table, for PE 0",
        ("function", "cycles #", "per", "every", "units #", "status", "range", "source"),
        (
            (
                term["label"],
                f"{term['cycles']:g}",
                term["per"],
                term["every"],
                f"{n_units(term['per'], sizes):,}",
                term["status"],
                f"{term['range'][0]:g} to {term['range'][1]:g}",
                term["source"],
            )
            for term in terms
        ),
    )


def _cost_comparison_table(found: Mapping[str, Any] | None) -> Table:
    """Cycles of each function, by each table, with the band."""
    names = found["tables"] if found else ()
    rows = [
        [function, every, *(_band(costs.get(name)) for name in names)]
        for every in ("step", "sample")
        if found
        for function, costs in (*found[every].items(), ("sum", found["total"][every]))
    ]
    columns = ("function", "every", *(f"{name} #" for name in names))
    return table("cost-tables", "", columns, rows)


def _band(costs: Mapping[str, float] | None) -> str:
    if costs is None:
        return "-"
    return f"{costs['cycles']:,.0f} ({costs['low']:,.0f}..{costs['high']:,.0f})"


def _guess_table(trace: Trace, sensitivity: Mapping[str, Any] | None) -> Table:
    ends = {(row["path"], row["value"]): row for row in (sensitivity or {}).get("rows", ())}
    columns = ("guess", "value #", "range", "source")
    moved = ("least slack at the low end #", "at the high end #", "verdict")
    rows = []
    for guess in guesses(trace):
        row = [guess.path, guess.value, guess.range, _named(guess.source)]
        if sensitivity:
            row += _ends(ends.get((guess.path, guess.value)), sensitivity)
        rows.append(row)
    return table("guesses", "", columns + moved if sensitivity else columns, rows)


def _named(source: str) -> str:
    """A source as it is given: a dash stands for none."""
    return source.removeprefix("-").strip() or "no source"


def _ends(row: Mapping[str, Any] | None, sensitivity: Mapping[str, Any]) -> list[str]:
    if row is None or not row["ends"]:
        return ["", "", row["note"] if row else ""]
    slacks = [f"{end['slack_cycles']:,}" if not end["problem"] else "-" for end in row["ends"]]
    problems = [end["problem"] for end in row["ends"] if end["problem"]]
    turns = [
        f"{'fits' if end['fits'] else 'does not fit'} at {end['value']}"
        for end in row["ends"]
        if not end["problem"] and end["fits"] != sensitivity["now"]["fits"]
    ]
    return [*slacks, *[""] * (2 - len(slacks)), "; ".join(turns or problems or ["stays"])]


def _turning(sensitivity: Mapping[str, Any] | None) -> list[str]:
    """The guesses at an end of which the verdict is another."""
    if sensitivity is None:
        return []
    now = sensitivity["now"]["fits"]
    return [
        row["path"]
        for row in sensitivity["rows"]
        if any(end["fits"] != now for end in row["ends"] if not end["problem"])
    ]


def _scenario_table(trace: Trace) -> Table:
    scenario = trace.meta["scenario"]
    return table(
        "scenario",
        "",
        ("field", "value", "confidence and source"),
        (
            (path, _as_written(path, value), source(trace, path) if known else "")
            for path, value in _leaves(scenario, "")
            for known in (path in scenario["provenance"],)
        ),
    )


def _as_written(path: str, value: Any) -> str:
    return str(value) if path.startswith("parameters.") else shown(path, value)


def _leaves(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if f"{prefix}{key}" == "provenance":
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
