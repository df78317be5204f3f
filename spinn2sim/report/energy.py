"""Energy, by two named models side by side; neither is fitted to the other.

``chip``: measured power of the whole chip with its PEs off, plus sleep power and energy per busy
cycle of the PEs that run, plus flit-hops on the NoC. ``paper``: the e-prop paper's estimate,
microwatts per megahertz and core whether busy or not, without the chip's own baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

from spinn2sim.report.profile import cycles_by_label
from spinn2sim.trace import Trace


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules of a run, and what they are made of."""

    duration_s: float
    baseline_j: float
    sleep_j: float
    cycles_j: float
    noc_j: float
    paper_j: float
    level: str
    """The performance level the chip model used."""
    sleep_w: float
    """Watts of one PE asleep at this level."""
    cycle_pj: float
    """Picojoules of a busy cycle at this level."""
    n_cycles: int
    n_flit_hops: int

    @property
    def chip_j(self) -> float:
        """Total of the chip model."""
        return self.baseline_j + self.sleep_j + self.cycles_j + self.noc_j

    def by_model(self) -> dict[str, float]:
        """Joules by the name of the model."""
        return {"chip": self.chip_j, "paper": self.paper_j}


def energy(trace: Trace) -> Energy:
    """The energy report of a run, over the time from the first release to the last deadline."""
    scenario = trace.meta["scenario"]
    power, clock = scenario["power"], scenario["chip"]["pe"]["clock"]
    levels = power["levels"]
    fitting = [level for level in levels if level["max_clock"] >= clock]
    level = fitting[0] if fitting else levels[-1]
    beyond = "" if fitting else ", beyond its highest clock: extrapolated"
    duration = duration_s(trace)
    n_cycles = int(cycles_by_label(trace).sum())
    n_flit_hops = mesh_flits(trace)
    return Energy(
        duration,
        power["baseline_mw"] * 1e-3 * duration,
        level["sleep_mw"] * 1e-3 * trace.n_pe * duration,
        level["cycle_pj"] * 1e-12 * n_cycles,
        power["flit_hop_pj"] * 1e-12 * n_flit_hops,
        power["paper_uw_per_mhz"] * 1e-6 * (clock / 1e6) * trace.n_pe * duration,
        f"{level['voltage_mv'] / 1000:g} V{beyond}",
        level["sleep_mw"] * 1e-3,
        level["cycle_pj"],
        n_cycles,
        n_flit_hops,
    )


def duration_s(trace: Trace) -> float:
    """Seconds from the first release to the last deadline, or the end if that is later."""
    steps, period = trace.tables["steps"], trace.period
    if not steps["pe"].size:
        return 0.0
    end = max(int(steps["finished"].max()), int(steps["released"].max()) + period)
    return trace.timebase.seconds(end - int(steps["released"].min()))


def mesh_flits(trace: Trace) -> int:
    """Flits over links between routers."""
    links = trace.tables["links"]
    names = trace.meta["links"]
    return sum(
        int(n_flits)
        for link, n_flits in zip(links["link"], links["n_flits"], strict=True)
        if "->" in names[link]
    )
