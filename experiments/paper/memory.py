"""Memory: the arrays that e-prop's firmware allocates, and those that BPTT would."""

from __future__ import annotations

from experiments.memory_table import (
    MB,
    bptt_bytes,
    crossing,
    eprop_bytes,
    fitting_pes,
    fullest_bytes,
    pe_bytes,
)
from experiments.paper import runs
from spinn2sim.claims import Found

KB = 1024


def eprop_kb(*, n_rec: int, n_pe: int) -> Found:
    """All arrays of all PEs."""
    used = eprop_bytes(n_rec, n_pe)
    return Found(sum(used) / KB, f"{max(used) / KB:.1f} KB on the fullest PE")


def eprop_mb(*, n_rec: int, n_pe: int) -> Found:
    """The same, in MB."""
    found = eprop_kb(n_rec=n_rec, n_pe=n_pe)
    return Found(float(found.value) / KB, found.note)


def bptt_kb(*, n_rec: int, with_traces: bool) -> float:
    """All arrays of BPTT with Adam for 100 time steps, on one PE of any size."""
    return bptt_bytes(n_rec, with_traces=with_traces) / KB


def bptt_mb(*, n_rec: int, with_traces: bool) -> float:
    """The same, in MB."""
    return bptt_bytes(n_rec, with_traces=with_traces) / MB


def bptt_more_kb(*, n_rec: int, n_pe: int, with_traces: bool) -> float:
    """What BPTT needs more than e-prop."""
    return (bptt_bytes(n_rec, with_traces=with_traces) - sum(eprop_bytes(n_rec, n_pe))) / KB


def crossing_steps(*, with_traces: bool) -> int:
    """Time steps from which BPTT with 256 neurons needs more than e-prop with 360."""
    return crossing(with_traces=with_traces)


def input_kb() -> float:
    """The input of one sample."""
    return runs.speech().samples[0].values.nbytes / KB


def pes_of_eprop(*, n_rec: int) -> Found:
    """The fewest PEs whose variables hold the network."""
    n_pe = fitting_pes(n_rec)
    return Found(n_pe, f"{fullest_bytes(n_rec, n_pe) / KB:.1f} KB of {pe_bytes() / KB:.0f} KB")


def pes_of_bptt(*, n_rec: int, with_traces: bool) -> Found:
    """The fewest PEs whose variables would hold BPTT's arrays if they could be cut anywhere."""
    needed = bptt_bytes(n_rec, with_traces=with_traces)
    return Found(-(-needed // pe_bytes()), f"{needed / KB:.1f} KB")
