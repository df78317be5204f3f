"""The packets of a run: how long they took, and as a file that can be read in again.

There are some only if the run has recorded them (``simulate(packets=True)``, ``run --packets``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from spinn2sim.errors import SpecError, TraceFileError
from spinn2sim.report.window import WHOLE, Window
from spinn2sim.trace import PACKET_KINDS, TABLES, Trace

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Latency:
    """From Comms of the sender to Comms of the receiver; figures are those of real packets."""

    pe: int | None
    """The receiver; None for all together."""
    n: int
    """Packets that arrived."""
    p50_ns: float
    """Half of them took no longer."""
    p99_ns: float
    """99 of 100 took no longer."""
    max_ns: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def has_packets(trace: Trace) -> bool:
    """Whether the packets of the run were recorded, and there were some."""
    return bool(trace.tables["packets"]["packet"].size)


def latencies(trace: Trace) -> tuple[Latency, ...]:
    """Of all PEs together, then of each PE that got a packet; empty if none were recorded."""
    packets = trace.tables["packets"]
    came = packets["arrived"] >= 0
    took, targets = (packets["arrived"] - packets["sent"])[came], packets["target"][came]
    if not took.size:
        return ()
    each = (_latency(trace, pe, took[targets == pe]) for pe in np.unique(targets).tolist())
    return (_latency(trace, None, took), *each)


def _latency(trace: Trace, pe: int | None, took: Ints) -> Latency:
    ticks = np.percentile(took, [50, 99, 100], method="inverted_cdf")
    return Latency(pe, len(took), *(float(tick) / trace.timebase.hz * 1e9 for tick in ticks))


def packet_frame(trace: Trace, window: Window = WHOLE) -> pl.DataFrame:
    """A row per packet and target, of those sent in *window*; times in ticks, ``kind`` in words.

    Columns are those of the trace's table; ``arrived`` is null where the packet did not.
    """
    packets = trace.tables["packets"]
    seen = window.holds(packets["sent"])
    frame = pl.DataFrame({name: column[seen] for name, column in packets.items()})
    kinds = [PACKET_KINDS[kind] for kind in frame["kind"].to_list()]
    arrived = pl.when(pl.col("arrived") >= 0).then(pl.col("arrived"))
    return frame.with_columns(pl.Series("kind", kinds, pl.String), arrived=arrived)


def write_packets(trace: Trace, path: Path, window: Window = WHOLE) -> None:
    """Write ``packet_frame`` to *path*, as Parquet or CSV by its suffix.

    :raises SpecError: no packets were recorded, or the suffix is another.
    """
    refuse_none(trace, str(path))
    frame = packet_frame(trace, window)
    match path.suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".csv":
            frame.write_csv(path)
        case other:
            raise SpecError(str(path), (f"suffix {other!r}: packets go to .parquet or .csv",))


def read_packets(path: Path) -> dict[str, Ints]:
    """The columns of the trace's table ``packets`` out of a file that ``write_packets`` has made.

    :raises TraceFileError: it is none.
    """
    try:
        frame = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
        numbers = frame.select(
            pl.col(name).replace_strict(
                list(PACKET_KINDS), range(len(PACKET_KINDS)), return_dtype=pl.Int64
            )
            if name == "kind"
            else pl.col(name).cast(pl.Int64).fill_null(-1)
            for name in TABLES["packets"]
        )
    except (OSError, pl.exceptions.PolarsError):
        raise TraceFileError(str(path), "damaged, or no trace of packets") from None
    return {name: numbers[name].to_numpy() for name in TABLES["packets"]}


def refuse_none(trace: Trace, where: str) -> None:
    """:raises SpecError: the packets of *trace* were not recorded."""
    if not has_packets(trace):
        problem = "the run has not recorded its packets; run it again with --packets"
        raise SpecError(where, (problem,))
