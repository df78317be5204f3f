"""The paper's cost table beside the measured ones, as the tables of docs/cost_tables.md.

python experiments/compare_costs.py            prints them
python experiments/compare_costs.py --write    puts them into the page
python experiments/compare_costs.py --check    exit 1 if the page has others
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from firmware_models.eprop import Eprop, EpropParameters
from spinn2sim.arm import Machine, Range, load_elf
from spinn2sim.costs import Comparison, Costs, compare
from spinn2sim.firmware import CostTable, PEContext, WorkloadShape, load_cost_table
from spinn2sim.firmware.cost import n_units
from spinn2sim.spec import load_scenario

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "firmware_models" / "eprop"
PAGE = ROOT / "docs" / "cost_tables.md"

FIRMWARES = [
    f"{style}-{level}"
    for style in ("matrix", "loops", "fused")
    for level in ("O0", "O1", "O2", "O3", "Os")
]
#: The paper's network: net.shape, and the one PE of 12 that it profiles.
N_IN, N_OUT, POINT = 80, 12, {"L": 10, "I": 80, "R": 120, "O": 12}

#: t.single: the largest N_rec that one PE processes in 10 ms.
LARGEST = 76
CLOCKS = (65_000_000, 150_000_000, 300_000_000)
STEPS_PER_SECOND = 100
MAX_N_REC = 1024
SRAM = load_scenario(preset="paper-1pe").chip.pe.sram


def table(name: str) -> CostTable:
    """The cost table *name* of the firmware."""
    return load_cost_table(name, FOLDER / "costs")


def side_by_side(names: Sequence[str]) -> Comparison:
    """The tables *names* at the point of the paper's profile."""
    tables = {name: table(name) for name in names}
    return compare(tables, dict.fromkeys(names, POINT), n_pe=12, pe=0)


def profiles() -> Iterator[str]:
    """The paper's figures, per style and level."""
    names = ["paper", *(f"measured-{firmware}" for firmware in FIRMWARES)]
    found = side_by_side(names)
    yield from header("table", "cycles per step", "e_prop", "share", "multiply", "update", "/ step")
    for name in names:
        step, figures = found.total(name, "step"), found.figures[name]
        update = found.sample["weight_update"][name]
        multiply = figures["multiply_share"]
        yield row(
            name.removeprefix("measured-"),
            band(step),
            band(found.step["e_prop"][name]),
            f"{figures['eprop_share']:.1%}",
            "-" if multiply is None else f"{multiply:.1%}",
            band(update),
            f"{figures['update_over_step']:.2f}",
        )


def functions() -> Iterator[str]:
    """Function by function: the paper's table, and one level of each style."""
    names = ["paper", "measured-matrix-O2", "measured-loops-O2", "measured-fused-O2"]
    found = side_by_side(names)
    yield from header("function", *(name.removeprefix("measured-") for name in names))
    for by_function in (found.step, found.sample):
        for function, costs in by_function.items():
            yield row(function, *(whole(costs[name]) for name in names))


def parts() -> Iterator[str]:
    """The loops of the e-prop function in the style `loops`."""
    terms = table("measured-loops-O2").terms
    labels = dict.fromkeys(term.label for term in terms if term.label.startswith("e_prop."))
    cycles = {
        label: sum(term.cycles * n_units(term.per, POINT) for term in terms if term.label == label)
        for label in labels
    }
    yield from header("loop nest", "cycles", "of e_prop")
    for label, of_label in cycles.items():
        yield row(label, f"{of_label:,.0f}", f"{of_label / sum(cycles.values()):.1%}")


def largest() -> Iterator[str]:
    """The largest N_rec on one PE in 10 ms, all data in its own SRAM."""
    clocks = [f"{clock / 1e6:g} MHz" for clock in CLOCKS]
    yield from header("table", *clocks, *(f"{clock}, with update" for clock in clocks))
    for name in ("paper", *(f"measured-{firmware}" for firmware in FIRMWARES)):
        found = [
            largest_band(table(name), clock // STEPS_PER_SECOND, with_update=with_update)
            for with_update in (False, True)
            for clock in CLOCKS
        ]
        yield row(name.removeprefix("measured-"), *found)


def remote() -> Iterator[str]:
    """The largest N_rec on one PE at 150 MHz, with what does not fit in the SRAM of neighbours."""
    budget = CLOCKS[1] // STEPS_PER_SECOND
    stalls = range(9)
    yield from header("firmware", "words per synapse", *(f"{stall} a read" for stall in stalls))
    for firmware in ("matrix-O2", "loops-O2", "fused-O2"):
        costs, (n_reads, n_writes) = table(f"measured-{firmware}"), words(firmware)
        found = [
            largest_n_rec(
                partial(
                    remote_cycles, costs, n_reads * stall + n_writes * SRAM.neighbour_write_cycles
                ),
                budget,
            )
            for stall in stalls
        ]
        yield row(firmware, f"{n_reads:.1f} read, {n_writes:.1f} written", *map(str, found))


def remote_cycles(costs: CostTable, stall: float, n_rec: int) -> float:
    """Cycles of a time step, if remote words cost *stall* per synapse; they are spread evenly."""
    share = max(0.0, 1 - SRAM.variable_bytes / n_bytes(n_rec))
    return step_cycles(costs, n_rec) + share * stall * n_rec * (N_IN + n_rec)


def words(firmware: str) -> tuple[float, float]:
    """Words read and written per synapse and time step, at N_rec = LARGEST on one PE."""
    elf = load_elf(FOLDER / "c" / "elf" / f"{firmware}.elf")
    data = elf.segments[-1]
    machine = Machine(elf, remote=[Range(data.address, data.size)])
    machine.call("firmware_setup", LARGEST, N_IN, LARGEST, N_OUT, 1)
    assert elf.labels is not None
    called = [machine.call(function) for function in elf.labels.step]
    n_synapses = LARGEST * (N_IN + LARGEST)
    return (
        sum(call.n_remote_reads for call in called) / n_synapses,
        sum(call.n_remote_writes for call in called) / n_synapses,
    )


@lru_cache
def n_bytes(n_rec: int) -> int:
    """What the simulated program allocates for all neurons on one PE."""
    parameters = EpropParameters(n_in=N_IN, n_rec=n_rec, n_out=N_OUT)
    shape = WorkloadShape(1, STEPS_PER_SECOND, N_IN, N_OUT)
    return Eprop(parameters, PEContext(0, 1, 1, shape, steps_per_buffer=5)).layout.n_bytes


def step_cycles(
    costs: CostTable, n_rec: int, end: int | None = None, *, with_update: bool = False
) -> float:
    """Cycles of a time step of *n_rec* neurons on one PE; *end* 0 or 1 is that of the band."""
    sizes = {"L": n_rec, "I": N_IN, "R": n_rec, "O": N_OUT}
    return sum(
        (term.cycles if end is None else term.range[end]) * n_units(term.per, sizes)
        for term in costs.terms
        if term.only != "multi_pe" and (term.every == "step" or with_update)
    )


def largest_n_rec(cycles: Callable[[int], float], budget: int) -> int:
    """The largest N_rec of which the cycles, which grow with it, are within *budget*."""
    return bisect_right(range(1, MAX_N_REC), budget, key=lambda n: math.ceil(cycles(n)))


def largest_band(costs: CostTable, budget: int, *, with_update: bool) -> str:
    """The largest N_rec, and those at the high and the low end of the cycles."""
    middle, fewest, most = (
        largest_n_rec(partial(step_cycles, costs, end=end, with_update=with_update), budget)
        for end in (None, 1, 0)
    )
    return f"{middle} ({fewest}..{most})"


def band(costs: Costs) -> str:
    """Cycles in thousands, with the ends."""
    return f"{costs.cycles / 1e3:,.1f} K ({costs.low / 1e3:,.1f}..{costs.high / 1e3:,.1f})"


def whole(costs: Costs) -> str:
    """Whole cycles, with the ends."""
    return f"{costs.cycles:,.0f} ({costs.low:,.0f}..{costs.high:,.0f})"


def header(*columns: str) -> Iterator[str]:
    """The first two lines of a Markdown table."""
    yield row(*columns)
    yield row("---", *("---:" for _ in columns[1:]))


def row(*cells: str) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "profiles": profiles,
    "functions": functions,
    "parts": parts,
    "largest": largest,
    "remote": remote,
}


def with_tables(page: str) -> str:
    """*page* with what each pair of marks holds made anew."""

    def made(mark: re.Match[str]) -> str:
        return f"{mark[1]}\n{chr(10).join(TABLES[mark[2]]())}\n{mark[3]}"

    return re.sub(r"(<!-- table: (\w+) -->)\n.*?(<!-- end -->)", made, page, flags=re.DOTALL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, write or check; the exit code."""
    parser = argparse.ArgumentParser(description="The paper's cost table beside the measured ones.")
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    parser.add_argument("--check", action="store_true", help="exit 1 if the page has others")
    given = parser.parse_args(arguments)
    if not (given.write or given.check):
        for name, lines in TABLES.items():
            print(f"{name}\n\n{chr(10).join(lines())}\n")
        return 0
    page = PAGE.read_text(encoding="utf-8")
    anew = with_tables(page)
    if given.write:
        PAGE.write_text(anew, encoding="utf-8")
        return 0
    if page != anew:
        print(f"{PAGE} has other tables; run with --write", file=sys.stderr)
    return int(page != anew)


if __name__ == "__main__":
    raise SystemExit(main())
