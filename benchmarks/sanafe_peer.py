"""SANA-FE beside spinn2sim: the same spikes on the same mesh, delivered to the same PEs.

    make bench-sanafe

Installs SANA-FE into an environment of its own (``.venv-sanafe``), which needs the network once,
and runs both in turn, on one core: CPU seconds, ours with elaboration and the trace that every run
leaves, theirs of the simulation alone (building their network is told apart).

What the two do is not the same. SANA-FE sends a message to every core that a neuron is connected
to, the own one too, and processes each synapse behind it; it has no barrier. We send one multicast,
have the PEs meet at a barrier after each time step, and process no synapses. A delivery is a spike
that has come to another PE, in both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from machine import WHOLE
from speed_page import insert, this_machine, today

from spinn2sim import Trace, load_scenario, simulate
from spinn2sim.elaboration import scenario_workload
from spinn2sim.report.packets import write_packets
from spinn2sim.spec import Scenario
from spinn2sim.workload import Sample, Workload

#: The release that this was written for.
SANAFE = "sanafe==2.2.9"

RESULTS = Path(__file__).with_name("sanafe.json")
WORKER = Path(__file__).with_name("sanafe_worker.py")


class Size(NamedTuple):
    """A network of 10 neurons on each PE, a tenth of which spike in a time step."""

    n_pe: int
    n_timesteps: int
    machine: str


SIZES = (Size(12, 100, "fpga-prototype"), Size(WHOLE, 30, "spinnaker2"))


def environment(folder: Path) -> Path:
    """The Python of the environment in *folder*, made if need be, which has SANA-FE."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603 - our own
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SANAFE]
    done = subprocess.run(  # noqa: S603 - pip, for a release that is named here
        install, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        sys.exit(
            f"error: {SANAFE} cannot be installed into {folder} (pip: {said[-1]}); nothing of "
            f"spinn2sim needs it, only this comparison"
        )
    return python


def scenario_of(size: Size) -> Scenario:
    """Our side: traffic and nothing else."""
    scenario = load_scenario(
        preset="paper-12pe", machine=size.machine, overrides=[f"n_pe={size.n_pe}"]
    )
    parameters = {"n_neurons": 10 * size.n_pe}
    return scenario.with_changes(firmware="traffic:Traffic", parameters=parameters)


def workload_of(scenario: Scenario, n_timesteps: int) -> Workload:
    """The first *n_timesteps* of its sample."""
    whole = scenario_workload(scenario)
    sample = whole.samples[0]
    cut = Sample(sample.name, sample.values[:n_timesteps], sample.target)
    return Workload((cut,), whole.classes)


def asked(scenario: Scenario, trace: Trace, *, with_trace: bool) -> dict[str, Any]:
    """What the worker simulates: the spikes of *trace*, and where the PEs are."""
    chip, spikes = scenario.chip, trace.tables["spikes"]
    n_neurons = scenario.parameters["n_neurons"]
    own: list[list[int]] = [[] for _ in range(n_neurons)]
    for timestep, key in zip(spikes["timestep"].tolist(), spikes["key"].tolist(), strict=True):
        own[key].append(timestep)
    xs, ys = zip(*chip.qpes, strict=True)
    places = [chip.qpes[pe // chip.pes_per_qpe] for pe in range(scenario.n_pe)]
    return {
        "side": [max(xs) - min(xs) + 1, max(ys) - min(ys) + 1],
        "cores": [(x - min(xs), y - min(ys)) for x, y in places],
        "cores_per_tile": chip.pes_per_qpe,
        "neurons_per_core": -(-n_neurons // scenario.n_pe),
        "spikes": own,
        "n_timesteps": trace.meta["workload"]["n_timesteps"],
        "trace": with_trace,
    }


def theirs(python: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the worker says."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run(  # noqa: S603 - our own script
            [python, WORKER, file.name],
            input=json.dumps(wanted),
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        said: dict[str, Any] = json.loads(Path(file.name).read_text(encoding="utf-8"))
    return said


def ours(scenario: Scenario, workload: Workload, how: str) -> float:
    """CPU seconds of a run; ``packets`` records each packet and writes them to a file."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        if how == "packets":
            trace = simulate(scenario, workload, packets=True)
            write_packets(trace, Path(folder) / "packets.csv")
        else:
            simulate(scenario, workload, timing="simpy" if how == "simpy" else "compiled")
        return time.process_time() - began


def distance(scenario: Scenario, trace: Trace) -> int:
    """Hops of XY routing from each spike's QPE to those of all other PEs, PE by PE."""
    chip = scenario.chip
    places = [chip.qpes[pe // chip.pes_per_qpe] for pe in range(scenario.n_pe)]
    away = [sum(abs(x - u) + abs(y - v) for u, v in places) for x, y in places]
    return sum(away[pe] for pe in trace.tables["spikes"]["pe"].tolist())


def measured(size: Size, python: Path, n_runs: int) -> dict[str, Any]:
    """The fastest of *n_runs* of each, taken in turn."""
    scenario = scenario_of(size)
    workload = workload_of(scenario, size.n_timesteps)
    trace = simulate(scenario, workload, timing="compiled")
    simulate(scenario, workload, packets=True)  # Compiles.
    n_spikes = len(trace.tables["spikes"]["pe"])
    seconds: dict[str, list[float]] = {}
    building = []
    for _ in range(n_runs):
        for how in ("compiled", "simpy", "packets"):
            seconds.setdefault(f"spinn2sim, {how}", []).append(ours(scenario, workload, how))
        for with_trace in (False, True):
            said = theirs(python, asked(scenario, trace, with_trace=with_trace))
            assert said["spikes"] == n_spikes, "SANA-FE saw other spikes"
            assert said["messages"] == n_spikes * size.n_pe
            assert said["hops"] in (None, distance(scenario, trace)), "the PEs lie elsewhere"
            name = f"SANA-FE, {'traces on' if with_trace else 'traces off'}"
            seconds.setdefault(name, []).append(said["seconds"])
            building.append(said["building"])
    n_deliveries = n_spikes * (size.n_pe - 1)
    return {
        **size._asdict(),
        "n_neurons": scenario.parameters["n_neurons"],
        "n_spikes": n_spikes,
        "n_deliveries": n_deliveries,
        "timed_by": trace.timed_by,
        "sanafe_building_s": min(building),
        "seconds": {name: min(each) for name, each in seconds.items()},
        "deliveries_per_s": {name: n_deliveries / min(each) for name, each in seconds.items()},
    }


def table(content: dict[str, Any]) -> str:
    """Markdown."""
    lines = [
        f"{content['date']}, {content['machine']}, {content['peer']}:",
        "",
        "| PEs | deliveries | simulated by | CPU s | deliveries per s |",
        "| --- | --- | --- | --- | --- |",
    ]
    for size in content["sizes"]:
        for name, rate in size["deliveries_per_s"].items():
            lines.append(
                f"| {size['n_pe']} | {size['n_deliveries']:,} | {name} | "
                f"{size['seconds'][name]:.3f} | {rate:,.0f} |"
            )
        building = size["sanafe_building_s"]
        lines.append(f"| {size['n_pe']} | | SANA-FE, building its network | {building:.3f} | |")
    return "\n".join(lines)


def main() -> None:
    """Print and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, default=Path(".venv-sanafe"))
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    python = environment(given.environment)
    found = []
    for size in SIZES:
        each = measured(size, python, given.runs)
        found.append(each)
        print(
            f"{size.n_pe} PEs, {each['n_neurons']:,} neurons, {size.n_timesteps} time steps, "
            f"{each['n_spikes']:,} spikes, {each['n_deliveries']:,} deliveries; "
            f"SANA-FE's network takes {each['sanafe_building_s']:.2f} s to build"
        )
        for name, rate in each["deliveries_per_s"].items():
            print(f"  {name:<24} {each['seconds'][name]:>9.4f} s {rate:>14,.0f} deliveries/s")
    content = {
        "date": today(),
        "machine": this_machine(),
        "peer": SANAFE,
        "sizes": found,
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    insert("sanafe", table(content))


if __name__ == "__main__":
    main()
