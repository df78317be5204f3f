"""A trace as Parquet files, for everything else: its own tables, and the stretches of each core.

Times are in seconds, which are rounded, and in the ticks of the trace, which are exact.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from spinn2sim.report.stretches import own_cycles, stretches
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import Cause, Trace

#: The columns that say when a row of a table began and ended; the rest is not dated.
WHEN = {
    "steps": ("released", "finished"),
    "sends": ("at", "at"),
    "refills": ("started", "finished"),
    "dma": ("started", "finished"),
}

#: Tables whose rows belong to a time step, and are dated by it.
OF_A_STEP = ("spikes", "log")

#: Tables that number links.
OF_LINKS = ("links", "queue_peaks", "routers")

#: Columns of ticks.
TIMES = ("released", "started", "finished", "requested", "at", "start", "stop")

#: Tables that stretches tell better.
RETOLD = ("work", "segments", "waits")


def write_parquet(trace: Trace, folder: Path, window: Window = WHOLE) -> None:
    """Write a file per table to *folder*, of dated rows those that reach into *window*."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames(trace, window).items():
        frame.write_parquet(folder / f"{name}.parquet")


def frames(trace: Trace, window: Window = WHOLE) -> dict[str, pl.DataFrame]:
    """All tables by name."""
    told = (name for name in trace.tables if name not in RETOLD)
    return {"stretches": _stretches(trace, window)} | {
        name: _with_seconds(trace, _in_window(trace, name, window)) for name in told
    }


def _stretches(trace: Trace, window: Window) -> pl.DataFrame:
    found, every = stretches(trace, window), trace.meta["every"]
    kinds = [*every, *(None for _ in Cause)]
    frame = pl.DataFrame(
        {
            "pe": found.pe,
            "timestep": found.timestep,
            "activity": [found.names[name] for name in found.name.tolist()],
            "every": [kinds[name] for name in found.name.tolist()],
            "is_work": found.is_work,
            "start": found.start,
            "stop": found.stop,
            "cycles": own_cycles(trace, found),
        },
        schema_overrides={"activity": pl.String, "every": pl.String},
    )
    return _with_seconds(trace, frame)


def _named(trace: Trace, table: str) -> pl.DataFrame:
    """The rows of *table*, with names for numbers."""
    frame = pl.DataFrame(dict(trace.tables[table]))
    names = {
        "log": ("name", trace.meta["log_names"]),
        **dict.fromkeys(OF_LINKS, ("link", trace.meta["links"])),
    }
    if table not in names:
        return frame
    column, known = names[table]
    spelt = [known[number] for number in frame[column].to_list()]
    return frame.with_columns(pl.Series(column, spelt, pl.String))


def _in_window(trace: Trace, table: str, window: Window) -> pl.DataFrame:
    frame = _named(trace, table)
    if table in WHEN:
        begin, end = WHEN[table]
        return frame.filter((pl.col(begin) < window.stop) & (pl.col(end) >= window.start))
    if table in OF_A_STEP:
        steps = _in_window(trace, "steps", window)
        return frame.join(steps, on=["pe", "timestep"], how="semi")
    return frame


def _with_seconds(trace: Trace, frame: pl.DataFrame) -> pl.DataFrame:
    times = [column for column in frame.columns if column in TIMES]
    seconds = [(pl.col(time) / trace.timebase.hz).alias(f"{time}_s") for time in times]
    return frame.with_columns(seconds).rename({time: f"{time}_ticks" for time in times})
