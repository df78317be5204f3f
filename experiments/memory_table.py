"""Writes docs/memory.md: what e-prop and BPTT must hold, by the sum of their arrays.

    python experiments/memory_table.py

E-prop's figures are what the firmware allocates on its PEs. BPTT has no firmware here; its arrays
are those of ``firmware_models.eprop.training.bptt_memory``, allocated in the same way, in two
readings: with nothing but what it needs, and with e-prop's traces beside it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from firmware_models.eprop.training.bptt_memory import bptt_layout, bptt_memory
from spinn2sim import load_scenario
from spinn2sim.elaboration import make_firmware
from spinn2sim.feasibility import noise

DOCS = Path(__file__).parents[1] / "docs"
KB, MB = 1024, 1024**2

N_IN, N_OUT, N_TIMESTEPS = 80, 12, 100

#: n_rec and number of PEs of the paper's e-prop networks, and its figures in bytes.
EPROP = {(20, 1): 56 * KB, (120, 12): 680 * KB, (360, 36): 4.3 * MB}

#: n_rec of its BPTT networks, and its figures in bytes.
BPTT = {20: 119 * KB, 256: 2.7 * MB}

#: What BPTT needs more than e-prop with 120 neurons, and the time steps from which 256 neurons with
#: BPTT need more than 360 with e-prop.
PAPER_MORE, PAPER_CROSSING = 180 * KB, 600

#: The two networks of about the same accuracy: neurons with BPTT, neurons and PEs with e-prop.
BPTT_NEURONS, EPROP_NEURONS, EPROP_PES = 256, 360, 36

PAGE = """\
# Memory: e-prop and BPTT

Made by `python experiments/memory_table.py`. Networks have {n_in} inputs and {n_out} outputs, ALIF
neurons, Adam, float32; samples have {n_timesteps} time steps. KB is 1,024 B. Every figure is the
sum of arrays that are allocated by name and shape: e-prop's by the firmware
(`firmware_models/eprop/state.py`), BPTT's by `firmware_models/eprop/training/bptt_memory.py`.

## What the paper says, and what the arrays add up to

{claims}

**BPTT's figures only come out if it also holds e-prop's traces.** BPTT needs no eligibilities. What
it needs (weights, gradients, Adam's moments, and of each time step the input, v, z, psi and output)
is {plain_20:.1f} KB for 20 neurons, not the paper's 119 KB. With eps_a, e and e_bar of each synapse
and eps_v beside it, it is {traces_20:.1f} KB. The formula that has been reconstructed from the
paper's figures, 7 S + 4 O + 2 (N_in + N_rec) + T (N_in + 3 N_rec + N_out) words, says the same:
{formula_20:.1f} KB, and {formula_plain_20:.1f} KB without the traces. The paper's other figures for
BPTT, 2.7 MB, 180 KB more than e-prop and {paper_crossing} time steps, need the same addition. The
text does not say so; it is our reading, and both are shown wherever BPTT is compared.

{largest}

## Figure 7: memory against the length of a sample

E-prop's memory does not depend on the number of time steps; BPTT's history grows with it.

![Memory against the number of time steps](images/memory.png)

{lengths}

## 256 neurons with BPTT or 360 with e-prop?

The paper finds that 360 ALIF neurons with e-prop reach almost the accuracy of 256 with BPTT. So
these two networks are to be compared:

- A sample of {n_timesteps} time steps: e-prop needs {eprop_360:.2f} MB, BPTT {traces_256:.2f} MB
  with the traces and {plain_256:.2f} MB without. **At this length BPTT is the smaller one**, by
  either reading.
- BPTT needs more from {crossing_traces} time steps on with the traces (the paper:
  {paper_crossing}), and from {crossing_plain} on without: samples of {crossing_plain_s:.1f} s at 10
  ms a step.
- E-prop with as much memory as BPTT(256) at {n_timesteps} time steps has {same_traces} neurons with
  the traces, {same_plain} without.
- E-prop with 360 neurons does not fit the {eprop_pes} PEs that ten neurons on each would take: that
  is {eprop_pe_kb:.1f} KB on a PE with {pe_kb:.0f} KB for variables. It takes {fitting_pes} PEs.
- One PE holds 20 neurons with e-prop ({eprop_20:.1f} KB) but not with BPTT, by either reading:
  there it takes two, as the paper says. How BPTT would be divided over PEs is not modelled.
"""


@lru_cache
def eprop_bytes(n_rec: int, n_pe: int) -> tuple[int, ...]:
    """Of each PE, what the firmware allocates."""
    return _allocated(n_rec, n_pe, range(n_pe))


@lru_cache
def fullest_bytes(n_rec: int, n_pe: int) -> int:
    """Of the fullest PE, which is the first or the last."""
    return max(_allocated(n_rec, n_pe, sorted({0, n_pe - 1})))


def _allocated(n_rec: int, n_pe: int, pes: Iterable[int]) -> tuple[int, ...]:
    scenario = load_scenario(preset="paper-12pe")
    sizes = {"n_in": N_IN, "n_rec": n_rec, "n_out": N_OUT}
    scenario = scenario.with_changes(parameters={**scenario.parameters, **sizes}, n_pe=n_pe)
    workload = noise(scenario, 2)
    return tuple(make_firmware(scenario, workload, n_pe, pe).layout.n_bytes for pe in pes)


def pe_bytes() -> int:
    """What a PE has for variables."""
    return load_scenario(preset="paper-12pe").chip.pe.sram.variable_bytes


def formula_words(n_rec: int, *, with_traces: bool) -> int:
    """BPTT by the formula on the page; the traces are three words a synapse and eps_v."""
    synapses, before = (N_IN + n_rec) * n_rec, N_IN + n_rec
    history = N_TIMESTEPS * (N_IN + 3 * n_rec + N_OUT)
    everything = 7 * synapses + 4 * n_rec * N_OUT + 2 * before + history
    return everything if with_traces else everything - 3 * synapses - before


def bptt_bytes(n_rec: int, n_timesteps: int = N_TIMESTEPS, *, with_traces: bool) -> int:
    """What BPTT holds, on one PE of any size."""
    return bptt_memory(N_IN, n_rec, N_OUT, n_timesteps, with_traces=with_traces)


def crossing(*, with_traces: bool) -> int:
    """Time steps from which BPTT with 256 neurons needs more than e-prop with 360."""
    limit = sum(eprop_bytes(EPROP_NEURONS, EPROP_PES))
    bptt = partial(bptt_bytes, BPTT_NEURONS, with_traces=with_traces)
    return _first(lambda n: bptt(n) > limit)


def same_memory(*, with_traces: bool) -> int:
    """Most neurons with which e-prop needs no more than BPTT with 256, ten of them on a PE."""
    limit = bptt_bytes(BPTT_NEURONS, with_traces=with_traces)
    return _first(lambda n: sum(eprop_bytes(n, -(-n // 10))) > limit) - 1


def fitting_pes(n_rec: int) -> int:
    """The fewest PEs on which e-prop's arrays fit."""
    return _first(lambda n_pe: fullest_bytes(n_rec, n_pe) <= pe_bytes())


def _first(holds: Callable[[int], bool]) -> int:
    """The first whole number from 1 for which *holds*, which then holds for all that follow."""
    high = 1
    while not holds(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def claims() -> str:
    """The paper's figures beside ours."""
    rows = [
        (
            f"e-prop, {n_rec} neurons on {n_pe} PE{'s' if n_pe > 1 else ''}",
            _size(paper),
            _compared(sum(eprop_bytes(n_rec, n_pe)), paper),
            "",
        )
        for (n_rec, n_pe), paper in EPROP.items()
    ]
    readings = [partial(bptt_bytes, with_traces=with_traces) for with_traces in (True, False)]
    rows += [
        (f"BPTT, {n_rec} neurons", _size(paper), *(_compared(of(n_rec), paper) for of in readings))
        for n_rec, paper in BPTT.items()
    ]
    more = (_compared(of(120) - sum(eprop_bytes(120, 12)), PAPER_MORE) for of in readings)
    rows += [("BPTT more than e-prop, 120 neurons", _size(PAPER_MORE), *more)]
    crossings = (crossing(with_traces=with_traces) for with_traces in (True, False))
    what = "time steps from which BPTT(256) needs more than e-prop(360)"
    rows += [(what, f"{PAPER_CROSSING}", *(_percent(n, PAPER_CROSSING, f"{n}") for n in crossings))]
    return _markdown(("", "paper", "arrays; BPTT with traces", "BPTT without"), rows)


def lengths() -> str:
    """Memory of both networks by the number of time steps."""
    eprop = sum(eprop_bytes(EPROP_NEURONS, EPROP_PES)) / MB
    rows = [
        (
            f"{n:,}",
            f"{eprop:.2f} MB",
            *(f"{bptt_bytes(256, n, with_traces=each) / MB:.2f} MB" for each in (True, False)),
        )
        for n in (50, 100, 200, 400, 600, 800, 1000)
    ]
    columns = ("time steps", "e-prop, 360", "BPTT, 256, with traces", "BPTT, 256, without")
    return _markdown(columns, rows)


def largest_arrays(n_rec: int = 120) -> str:
    """What BPTT's memory is made of."""
    layout = bptt_layout(N_IN, n_rec, N_OUT, N_TIMESTEPS, with_traces=True)
    groups = {
        "weights": ("w_",),
        "gradients": ("dw_",),
        "Adam's moments": ("m_", "v_"),
        "history of a sample": ("x", "v", "z", "psi", "y"),
        "e-prop's traces": ("eps_a_", "e_", "e_bar_", "eps_v"),
    }
    sizes = dict.fromkeys([*groups, "derivatives of a time step"], 0)
    for variable in layout:
        group = next(
            (
                group
                for group, names in groups.items()
                if any(_is_of(variable.name, name) for name in names)
            ),
            "derivatives of a time step",
        )
        sizes[group] += variable.n_bytes
    assert sum(sizes.values()) == layout.n_bytes
    rows = [(group, f"{size / KB:.1f} KB") for group, size in sizes.items()]
    return _markdown((f"BPTT with {n_rec} neurons", "memory"), rows)


def _is_of(variable: str, name: str) -> bool:
    """Whether *variable* is *name*, or *name* for one of the weight matrices."""
    return variable == name or variable in {f"{name}{matrix}" for matrix in ("in", "rec", "out")}


def draw(path: Path, *, crossing: int | None = None) -> None:
    """Memory against the number of time steps; *crossing*: where the paper's curves cross."""
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    steps = range(10, 1201, 10)
    eprop = sum(eprop_bytes(EPROP_NEURONS, EPROP_PES)) / MB
    axes.plot(steps, [eprop for _ in steps], color="#0072B2", label="e-prop, 360 neurons")
    for with_traces, style in ((True, "-"), (False, "--")):
        label = f"BPTT, 256 neurons{', with e-prop traces' if with_traces else ''}"
        sizes = [bptt_bytes(BPTT_NEURONS, n, with_traces=with_traces) / MB for n in steps]
        axes.plot(steps, sizes, color="#E69F00", linestyle=style, label=label)
    if crossing is not None:
        label = f"{crossing} steps, where the paper's cross"
        axes.axvline(crossing, color="#999999", linewidth=0.8, linestyle=":", label=label)
    axes.set_xlabel("time steps of a sample")
    axes.set_ylabel("memory (MB)")
    axes.set_ylim(bottom=0)
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def page() -> str:
    """The text of the page."""
    traces, plain = (partial(bptt_bytes, with_traces=each) for each in (True, False))
    return PAGE.format(
        n_in=N_IN,
        n_out=N_OUT,
        n_timesteps=N_TIMESTEPS,
        claims=claims(),
        largest=largest_arrays(),
        lengths=lengths(),
        paper_crossing=PAPER_CROSSING,
        plain_20=plain(20) / KB,
        traces_20=traces(20) / KB,
        eprop_20=sum(eprop_bytes(20, 1)) / KB,
        eprop_360=sum(eprop_bytes(EPROP_NEURONS, EPROP_PES)) / MB,
        eprop_pes=EPROP_PES,
        eprop_pe_kb=max(eprop_bytes(EPROP_NEURONS, EPROP_PES)) / KB,
        pe_kb=pe_bytes() / KB,
        fitting_pes=fitting_pes(EPROP_NEURONS),
        formula_20=formula_words(20, with_traces=True) * 4 / KB,
        formula_plain_20=formula_words(20, with_traces=False) * 4 / KB,
        traces_256=traces(BPTT_NEURONS) / MB,
        plain_256=plain(BPTT_NEURONS) / MB,
        crossing_traces=crossing(with_traces=True),
        crossing_plain=crossing(with_traces=False),
        crossing_plain_s=crossing(with_traces=False) * 0.01,
        same_traces=same_memory(with_traces=True),
        same_plain=same_memory(with_traces=False),
    )


def _compared(found: float, paper: float) -> str:
    return _percent(found, paper, _size(found))


def _percent(found: float, paper: float, text: str) -> str:
    return f"{text} ({found / paper - 1:+.1%})"


def _size(n_bytes: float) -> str:
    return f"{n_bytes / KB:.1f} KB" if n_bytes < MB else f"{n_bytes / MB:.3f} MB"


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page and its figure."""
    parser = argparse.ArgumentParser(description="Write docs/memory.md and its figure.")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder (default: %(default)s)")
    docs = parser.parse_args(arguments).docs
    (docs / "images").mkdir(parents=True, exist_ok=True)
    draw(docs / "images" / "memory.png")
    (docs / "memory.md").write_text(page(), encoding="utf-8")
    print(f"written: {docs / 'memory.md'}")


if __name__ == "__main__":
    main()
