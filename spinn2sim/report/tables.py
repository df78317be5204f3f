"""The tables of a run as data frames, with units in the column names, for CSV and Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from spinn2sim.report.guesses import guesses
from spinn2sim.report.ledger import ledger
from spinn2sim.report.memory import memory
from spinn2sim.report.packets import has_packets, latencies, packet_frame
from spinn2sim.report.peaks import fifo_peaks
from spinn2sim.report.power import power_report
from spinn2sim.report.profile import clock_profile
from spinn2sim.report.realtime import real_time
from spinn2sim.report.routers import routers
from spinn2sim.report.traffic import traffic
from spinn2sim.trace import Cause, Trace


def tables(trace: Trace) -> dict[str, pl.DataFrame]:
    """All tables by name."""
    return {
        "profile": _profile(trace, parts=False),
        "profile_parts": _profile(trace, parts=True),
        "steps": _steps(trace),
        "pes": _pes(trace),
        "waits": _waits(trace),
        "memory": _memory(trace),
        "links": _links(trace),
        "routers": _routers(trace),
        "refills": _refills(trace),
        "log": _log(trace),
        "spikes": pl.DataFrame(dict(trace.tables["spikes"])),
        "guesses": _guesses(trace),
        "power": _power(trace),
        "energy": _energy(trace),
        "ledger": _ledger(trace),
        **({"packets": packet_frame(trace)} if has_packets(trace) else {}),
    }


def write_tables(trace: Trace, folder: Path) -> None:
    """Write each table as CSV and as Parquet."""
    for name, frame in tables(trace).items():
        frame.write_csv(folder / f"{name}.csv")
        frame.write_parquet(folder / f"{name}.parquet")


def _profile(trace: Trace, *, parts: bool) -> pl.DataFrame:
    rows = clock_profile(trace, parts=parts)
    return pl.DataFrame(
        {
            "label": [row.label for row in rows],
            "every": [row.every for row in rows],
            "mean_cycles": [row.mean for row in rows],
            "min_pe_cycles": [row.minimum for row in rows],
            "max_pe_cycles": [row.maximum for row in rows],
            "share": [row.share for row in rows],
        }
    )


def _steps(trace: Trace) -> pl.DataFrame:
    steps, times = trace.tables["steps"], real_time(trace)
    at = steps["pe"], steps["timestep"]
    return pl.DataFrame(
        {
            "pe": steps["pe"],
            "timestep": steps["timestep"],
            "released_s": steps["released"] / trace.timebase.hz,
            "started_s": steps["started"] / trace.timebase.hz,
            "finished_s": steps["finished"] / trace.timebase.hz,
            "response_cycles": times.response[at],
            "slack_cycles": times.slack[at],
            "overrun": times.slack[at] < 0,
            "busy_cycles": times.busy[at],
            **{f"waiting_{cause}_cycles": cycles[at] for cause, cycles in times.waiting.items()},
        }
    )


def _pes(trace: Trace) -> pl.DataFrame:
    times, used = real_time(trace), memory(trace).bytes_by_pe
    return pl.DataFrame(
        {
            "pe": range(trace.n_pe),
            "utilisation": times.utilisation,
            "overruns": (times.slack < 0).sum(axis=1),
            "longest_response_cycles": times.response.max(axis=1),
            "least_slack_cycles": times.slack.min(axis=1),
            "busy_cycles": times.busy.sum(axis=1),
            **{
                f"waiting_{cause}_cycles": cycles.sum(axis=1)
                for cause, cycles in times.waiting.items()
            },
            "sram_bytes": [used.get(pe, 0) for pe in range(trace.n_pe)],
            **_fifo_peaks(trace),
            **_packet_latency(trace),
        }
    )


def _fifo_peaks(trace: Trace) -> dict[str, pl.Series]:
    """Null of a PE that the trace does not count packets of."""
    found = {fifo.pe: fifo for fifo in fifo_peaks(trace)}
    each = [found.get(pe) for pe in range(trace.n_pe)]
    return {
        "fifo_peak_events": pl.Series([fifo and fifo.n_events for fifo in each], dtype=pl.Int64),
        "fifo_peak_s": pl.Series([fifo and fifo.first_s for fifo in each], dtype=pl.Float64),
    }


def _packet_latency(trace: Trace) -> dict[str, list[float | None]]:
    """Percentiles by receiver, if packets were recorded; null of a PE that got none."""
    if not has_packets(trace):
        return {}
    by_pe = {row.pe: row.as_dict() for row in latencies(trace)}
    return {
        f"packet_latency_{name}": [by_pe.get(pe, {}).get(name) for pe in range(trace.n_pe)]
        for name in ("p50_ns", "p99_ns", "max_ns")
    }


def _waits(trace: Trace) -> pl.DataFrame:
    waits = trace.tables["waits"]
    return pl.DataFrame(
        {
            "pe": waits["pe"],
            "timestep": waits["timestep"],
            "cause": [Cause(cause).name.lower() for cause in waits["cause"]],
            "start_s": waits["start"] / trace.timebase.hz,
            "stop_s": waits["stop"] / trace.timebase.hz,
        },
        schema_overrides={"cause": pl.String},
    )


def _memory(trace: Trace) -> pl.DataFrame:
    rows = memory(trace).rows
    return pl.DataFrame(
        {
            "pe": [row.pe for row in rows],
            "variable": [row.name for row in rows],
            "dtype": [row.dtype for row in rows],
            "shape": ["x".join(map(str, row.shape)) for row in rows],
            "size_bytes": [row.n_bytes for row in rows],
        }
    )


def _links(trace: Trace) -> pl.DataFrame:
    links = traffic(trace).links
    return pl.DataFrame(
        {
            "link": [link.name for link in links],
            "n_flits": [link.n_flits for link in links],
            "queue_peak_flits": [link.queue_peak for link in links],
            "queue_peak_s": [link.queue_peak_s for link in links],
            "utilisation": [link.utilisation for link in links],
        },
        schema_overrides={"queue_peak_s": pl.Float64},
    )


def _routers(trace: Trace) -> pl.DataFrame:
    """A row per router that a link leaves; see ``RouterLoad`` for the columns."""
    places = ("chip_x", "chip_y", "x", "y")
    rows = []
    for router in routers(trace):
        row = router.as_dict()
        place = dict(zip(places, (*row.pop("chip"), *row.pop("position")), strict=True))
        rows.append(place | {"queue_peak_flits": row.pop("queue_peak")} | row)
    counts = ("n_links", "n_flits", "n_lost", "n_resent", "n_timed_out")
    firsts = ("first_lost_s", "first_resent_s", "first_timed_out_s")
    schema: dict[str, type[pl.DataType]] = {
        **dict.fromkeys((*places, "queue_peak_flits", *counts), pl.Int64),
        **dict.fromkeys(("queue_peak_s", "utilisation", *firsts), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema)


def _refills(trace: Trace) -> pl.DataFrame:
    refills, hz = trace.tables["refills"], trace.timebase.hz
    return pl.DataFrame(
        {
            "pe": refills["pe"],
            "block": refills["block"],
            "requested_s": refills["requested"] / hz,
            "started_s": refills["started"] / hz,
            "finished_s": refills["finished"] / hz,
            "size_bytes": refills["n_bytes"],
        }
    )


def _log(trace: Trace) -> pl.DataFrame:
    log, names = trace.tables["log"], trace.meta["log_names"]
    return pl.DataFrame(
        {
            "pe": log["pe"],
            "timestep": log["timestep"],
            "name": [names[number] for number in log["name"]],
            "value": log["value"],
        },
        schema_overrides={"name": pl.String},
    )


def _power(trace: Trace) -> pl.DataFrame:
    found = power_report(trace)
    n_windows, n_pe = found.busy_mw.shape
    return pl.DataFrame(
        {
            "start_s": found.start_s.repeat(n_pe),
            "pe": list(range(n_pe)) * n_windows,
            "sleep_mw": found.sleep_mw.ravel(),
            "busy_mw": found.busy_mw.ravel(),
        }
    )


def _energy(trace: Trace) -> pl.DataFrame:
    found = power_report(trace).functions
    return pl.DataFrame(
        {
            "function": [row.label for row in found for _ in row.by_pe_j],
            "pe": [pe for row in found for pe in range(len(row.by_pe_j))],
            "energy_j": [joules for row in found for joules in row.by_pe_j],
        },
        schema={"function": pl.String, "pe": pl.Int64, "energy_j": pl.Float64},
    )


def _ledger(trace: Trace) -> pl.DataFrame:
    rows = ledger(trace)
    kinds = {"kind": pl.String, "pe": pl.Int64, "link": pl.String, "count": pl.Int64}
    first = {"first_timestep": pl.Int64, "first_s": pl.Float64}
    return pl.DataFrame([row.as_dict() for row in rows], schema={**kinds, **first})


def _guesses(trace: Trace) -> pl.DataFrame:
    rows = guesses(trace)
    return pl.DataFrame(
        {
            "path": [row.path for row in rows],
            "value": [row.value for row in rows],
            "range": [row.range for row in rows],
            "source": [row.source for row in rows],
        },
        schema=dict.fromkeys(("path", "value", "range", "source"), pl.String),
    )
