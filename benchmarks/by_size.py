"""What a simulated machine costs by its size, from one PE to the 7,296 of a board of 48 chips.

    python benchmarks/by_size.py

Two kinds of traffic, 10 neurons on each PE of which a tenth spikes in a time step: ``all`` (each
spike to all other PEs, and a barrier of all) and ``near`` (each spike to the 11 other PEs of a
group of 12). Each size has a process of its own, which simulates a time step and then some more:
the difference is what time steps cost, the rest is what it costs to build the machine. Writes
by_size.json, the figures in docs/images, and the table in docs/speed.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from speed_page import DOCS, insert, this_machine, today

from spinn2sim import load_scenario, simulate
from spinn2sim.errors import Spinn2SimError
from spinn2sim.report.boundary import Curve, Panel, draw_panels
from spinn2sim.spec import Scenario
from spinn2sim.workload import Sample, Workload

#: PEs of a chip, all of them.
CHIP = 152
#: Chips in x and y, by number.
BOARDS = {1: None, 2: (2, 1), 4: (2, 2), 8: (4, 2), 16: (4, 4), 32: (8, 4), 48: (8, 6)}
SIZES = (1, 4, 12, 48, *(CHIP * n_chips for n_chips in BOARDS))

KINDS = {"all": ("traffic:Traffic", "all to all"), "near": ("local_traffic:LocalTraffic", "near")}

#: Time steps of the longer run beyond those of the shorter one, on a chip and on more.
N_STEPS, N_STEPS_OF_MANY = 100, 10
#: Seconds that a size may take before it is given up.
PATIENCE = 900

HERE = Path(__file__).parent
RESULTS = HERE / "by_size.json"


def scenario_of(kind: str, n_pe: int) -> Scenario:
    """A chip, or as many as are needed; no PE is kept for system software."""
    size = BOARDS[-(-n_pe // CHIP)]
    wanted = [f"n_pe={n_pe}"]
    if size is not None:
        wanted += [f"board.size=[{size[0]},{size[1]}]", "board.system_pes=0", "board.group_pes=4"]
    machine = "spinnaker2" if size is None else "spinnaker2-board"
    scenario = load_scenario(preset="paper-12pe", machine=machine, overrides=wanted)
    parameters = {"n_neurons": 10 * n_pe} if kind == "all" else {}
    return scenario.with_changes(firmware=KINDS[kind][0], parameters=parameters)


def workload_of(n_steps: int) -> Workload:
    """Time steps without anything to hear."""
    return Workload((Sample("silence", np.zeros((n_steps, 1), np.float32), 0),), ("silence",))


def one(kind: str, n_pe: int) -> dict[str, Any]:
    """What a size costs: CPU seconds and the peak memory of this process."""
    simulate(scenario_of(kind, min(n_pe, 48)), workload_of(2), timing="simpy")  # Loads kernels.
    scenario, took = scenario_of(kind, n_pe), []
    n_more = N_STEPS if n_pe <= CHIP else N_STEPS_OF_MANY
    for n_steps in (1, 1 + n_more):
        began = time.process_time()
        trace = simulate(scenario, workload_of(n_steps), timing="simpy")
        took.append(time.process_time() - began)
    simulated_s = n_more * scenario.timestep / 1e9
    return {
        "build_s": took[0],
        "cpu_s_per_s": (took[1] - took[0]) / simulated_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "deliveries": int(trace.tables["pes"]["packets_delivered"].sum()) / (1 + n_more),
    }


def measured(kind: str, n_pe: int) -> dict[str, Any]:
    """``one`` in a process of its own, or why there is nothing."""
    words = [sys.executable, __file__, "--one", kind, str(n_pe)]
    try:
        done = subprocess.run(  # noqa: S603 - this script
            words, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return {"reason": f"not done after {PATIENCE} s"}
    if done.returncode:
        return {"reason": (done.stderr.strip().splitlines() or ["it was killed"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def draw(rows: list[dict[str, Any]]) -> None:
    """Cost and memory over the number of PEs."""
    for figure, key, title, unit in (
        ("speed_cost.svg", "cpu_s_per_s", "Cost of time steps", "CPU s per simulated s"),
        ("speed_memory.svg", "peak_mb", "Memory", "peak MB"),
    ):
        curves = [
            Curve(words, *zip(*points(rows, kind, key), strict=True))
            for kind, (_, words) in KINDS.items()
        ]
        draw_panels(
            [Panel("", curves)],
            DOCS / "images" / figure,
            title=f"{title}, one core",
            x_label="PEs",
            y_label=unit,
            log_x=True,
            log_y=True,
        )


def points(rows: list[dict[str, Any]], kind: str, key: str) -> list[tuple[float, float]]:
    """PEs and the figure *key* of what could be run."""
    return [(row["n_pe"], row[key]) for row in rows if row["kind"] == kind and key in row]


def table(content: dict[str, Any]) -> str:
    """Markdown."""
    lines = [
        f"{content['date']}, {content['machine']}:",
        "",
        "| PEs | traffic | deliveries a step | CPU s to build | CPU s per simulated s | MB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in content["rows"]:
        words = f"| {row['n_pe']:,} | {KINDS[row['kind']][1]} "
        if "reason" in row:
            lines.append(f"{words}| not run: {row['reason']} | | | |")
            continue
        lines.append(
            f"{words}| {row['deliveries']:,.0f} | {row['build_s']:.2f} | "
            f"{row['cpu_s_per_s']:.3g} | {row['peak_mb']:,.0f} |"
        )
    return "\n".join(lines)


def rows_of_all_sizes() -> list[dict[str, Any]]:
    """All kinds and sizes; what a larger one would need is not tried once a smaller one failed."""
    rows = []
    for kind in KINDS:
        failed = ""
        for n_pe in SIZES:
            found = {"reason": failed} if failed else measured(kind, n_pe)
            if "reason" in found and not failed:
                failed = f"{n_pe:,} PEs could not be run"
            rows.append({"kind": kind, "n_pe": n_pe, **found})
            print(rows[-1], file=sys.stderr)
    return rows


def main() -> None:
    """All sizes, or one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("KIND", "PES"))
    parser.add_argument("--draw", action="store_true", help="again, from by_size.json")
    parser.add_argument("--again", nargs=2, metavar=("KIND", "PES"), help="this size only")
    given = parser.parse_args()
    if given.one:
        try:
            print(json.dumps(one(given.one[0], int(given.one[1]))))
        except Spinn2SimError as error:
            sys.exit(str(error).splitlines()[0])
        return
    if given.draw or given.again:
        content = json.loads(RESULTS.read_text(encoding="utf-8"))
        if given.again:
            kind, n_pe = given.again[0], int(given.again[1])
            place = [(row["kind"], row["n_pe"]) for row in content["rows"]].index((kind, n_pe))
            content["rows"][place] = {"kind": kind, "n_pe": n_pe, **measured(kind, n_pe)}
            RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    else:
        content = {
            "date": today(),
            "machine": this_machine(),
            "rows": rows_of_all_sizes(),
        }
        RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    draw(content["rows"])
    insert("by_size", table(content))


if __name__ == "__main__":
    main()
