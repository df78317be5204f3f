"""Energy, by two named models side by side; neither is fitted to the other.

``chip``: measured power of the whole chip with its PEs off, plus sleep power and energy per busy
cycle of the PEs that run, at the performance level of each, plus flit-hops on the NoC, bits over
links between chips and bits into and out of DRAM (``chip_model``). ``paper``:
the e-prop paper's estimate, microwatts per megahertz and core whether busy or not, without the
chip's own baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinn2sim.report.chip_model import (
    Activity,
    bits_between_chips,
    joules,
    n_chips_on,
    paper_joules,
)
from spinn2sim.report.levels import first_level, level_at, names_of_levels, of_levels, stays
from spinn2sim.report.profile import cycles_by_label, segment_cycles
from spinn2sim.report.traffic import BETWEEN_CHIPS
from spinn2sim.spec import BoardSpec, PowerSpec
from spinn2sim.spec.chip import NocSpec
from spinn2sim.trace import Mishap, Trace

Joules = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules of a run, and what they are made of."""

    duration_s: float
    baseline_j: float
    sleep_j: float
    cycles_j: float
    noc_j: float
    link_j: float
    """Of links between chips."""
    dram_j: float
    paper_j: float
    level: str
    """The performance level the chip model used."""
    sleep_w: float
    """Watts of one PE asleep at this level; the mean, if there were several."""
    cycle_pj: float
    """Picojoules of a busy cycle at this level; the mean, if there were several."""
    n_cycles: int
    n_flit_hops: int
    n_chips: int
    n_link_bits: int
    """Over links between chips; see ``link_bits``."""
    n_dram_bits: int
    """Into and out of DRAM."""

    @property
    def chip_j(self) -> float:
        """Total of the chip model."""
        within = self.baseline_j + self.sleep_j + self.cycles_j + self.noc_j
        return within + self.link_j + self.dram_j

    def by_model(self) -> dict[str, float]:
        """Joules by the name of the model."""
        return {"chip": self.chip_j, "paper": self.paper_j}


def energy(trace: Trace) -> Energy:
    """The energy report of a run, over the time from the first release to the last deadline."""
    scenario = trace.meta["scenario"]
    power, clock = PowerSpec.model_validate(scenario["power"]), scenario["chip"]["pe"]["clock"]
    level, sleep_w, cycle_pj = _coefficients(trace)
    did = Activity(
        seconds=duration_s(trace),
        n_chips=n_chips_on(_board(trace)),
        n_pe=trace.n_pe,
        sleep_w=sleep_w,
        n_cycles=int(cycles_by_label(trace).sum()),
        cycle_pj=cycle_pj,
        n_flit_hops=mesh_flits(trace),
        n_link_bits=link_bits(trace),
        n_dram_bits=int(trace.tables["dram"]["n_bytes"].sum()) * 8,
    )
    return Energy(
        did.seconds,
        *joules(power, did),
        paper_joules(power, clock=clock, n_pe=did.n_pe, seconds=did.seconds),
        level,
        sleep_w,
        cycle_pj,
        did.n_cycles,
        did.n_flit_hops,
        did.n_chips,
        did.n_link_bits,
        did.n_dram_bits,
    )


def _coefficients(trace: Trace) -> tuple[str, float, float]:
    """Level, watts of a PE asleep and picojoules of a cycle; means, if PEs changed their level."""
    names, pe = names_of_levels(trace), trace.meta["scenario"]["chip"]["pe"]
    if not trace.tables["levels"]["pe"].size:
        number = first_level(trace)
        level = trace.meta["scenario"]["power"]["levels"][number]
        fits = pe["clock"] <= level["max_clock"]
        beyond = "" if fits else ", beyond its highest clock: extrapolated"
        return names[number] + beyond, level["sleep_mw"] * 1e-3, level["cycle_pj"]
    duration = duration_s(trace) * trace.n_pe
    cycles = work_cycles(trace)
    chose = "the firmware" if pe["dvfs"] == "firmware" else "chip.pe.dvfs"
    return (
        f"{names[0]} to {names[-1]}, as {chose} chose",
        float(sleep_joules(trace).sum()) / duration if duration else 0.0,
        float((cycles * work_pj(trace)).sum()) / max(int(cycles.sum()), 1),
    )


def span(trace: Trace) -> tuple[int, int]:
    """Ticks of the first release, and of the last deadline or the end if that is later."""
    steps = trace.tables["steps"]
    if not steps["pe"].size:
        return 0, 0
    end = max(int(steps["finished"].max()), int(steps["released"].max()) + trace.period)
    return int(steps["released"].min()), end


def duration_s(trace: Trace) -> float:
    """Seconds from the first release to the last deadline, or the end if that is later."""
    begin, end = span(trace)
    return trace.timebase.seconds(end - begin)


def work_cycles(trace: Trace) -> NDArray[np.int64]:
    """Busy cycles of each row of work, (n,)."""
    cycles: NDArray[np.int64] = segment_cycles(trace).sum(axis=1)[trace.tables["work"]["segment"]]
    return cycles


def work_pj(trace: Trace) -> Joules:
    """Picojoules of a cycle in each row of work, (n,)."""
    work = trace.tables["work"]
    levels = level_at(trace, work["pe"], work["start"])
    picojoules: Joules = of_levels(trace, "cycle_pj")[levels]
    return picojoules


def sleep_joules(trace: Trace) -> Joules:
    """What each PE draws over the run whether busy or not, (n_pe,)."""
    drawn: Joules = drawn_until(trace, np.array([span(trace)[1]]))[0]
    return drawn


def drawn_until(trace: Trace, ticks: NDArray[np.int64]) -> Joules:
    """What each PE draws asleep or busy alike, from the first release to each of *ticks*.

    ticks: (n,). Returns joules, (n, n_pe).
    """
    begin, found = span(trace)[0], stays(trace)
    watts = of_levels(trace, "sleep_mw")[found.level] * 1e-3
    drawn = np.zeros((len(ticks), trace.n_pe))
    for pe in range(trace.n_pe):
        own = found.pe == pe
        starts = np.maximum(found.start[own], begin)
        stops = np.append(starts[1:], np.iinfo(np.int64).max)
        spent = np.clip(ticks[:, None], starts, stops) - starts
        drawn[:, pe] = (spent * watts[own]).sum(axis=1) / trace.timebase.hz
    return drawn


def _board(trace: Trace) -> BoardSpec | None:
    found = trace.meta["scenario"].get("board")
    return BoardSpec.model_validate(found) if found else None


def link_bits(trace: Trace) -> int:
    """Bits over links between chips, those of packets sent again included.

    The trace does not tell what was sent again, so each counts as a packet without payload.
    """
    if (board := _board(trace)) is None:
        return 0
    names = trace.meta["links"]
    links, mishaps = trace.tables["links"], trace.tables["mishaps"]
    between = [k for k, name in enumerate(names) if name.partition(" ")[0] in BETWEEN_CHIPS]
    again = (mishaps["mishap"] == Mishap.RESENT) & np.isin(mishaps["link"], between)
    n_packets = int(links["n_flits"][np.isin(links["link"], between)].sum())
    n_packets += int(mishaps["count"][again].sum())
    noc = NocSpec.model_validate(trace.meta["scenario"]["chip"]["noc"])
    n_beats = int(trace.tables["chip_beats"]["n_beats"].sum())
    return bits_between_chips(board, noc, n_packets=n_packets, n_beats=n_beats)


def mesh_flits(trace: Trace) -> int:
    """Flits over links between routers."""
    links = trace.tables["links"]
    names = trace.meta["links"]
    return sum(
        int(n_flits)
        for link, n_flits in zip(links["link"], links["n_flits"], strict=True)
        if "->" in names[link]
    )
