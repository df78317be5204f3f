"""A spike raster through SANA-FE; run by ``sanafe_peer`` with the Python of its own environment.

Reads from standard input, as JSON: ``side`` (columns and rows of the mesh), ``cores`` (place of
each core on it, (n_core, 2)), ``cores_per_tile``, ``neurons_per_core``, ``spikes`` (per neuron, the
time steps in which it spikes), ``n_timesteps``, ``trace`` (whether to record messages and spikes).
Writes to the file that is its only argument: CPU seconds of building the network and of simulating
it, spikes, messages, and hops of all messages if they were traced.

Neurons are of SANA-FE's model ``input``, which spikes as it is told, so that the spikes are ours;
they are connected all to all with weights of 0, which that model takes for no current. Neuron k is
on core k modulo the number of cores.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sanafe  # type: ignore[import-not-found]  # in an environment of its own

#: Seconds of whatever has a latency: they change what comes out, hardly how long it takes.
LATENCY = 1e-9


def architecture(side: list[int], cores_per_tile: int, neurons_per_core: int) -> dict[str, Any]:
    """A mesh of tiles, as SANA-FE's YAML has it; JSON is YAML."""
    n_tiles = side[0] * side[1]
    directions = ("north", "east", "south", "west")
    hops = {f"energy_{each}_hop": 0.0 for each in directions}
    hops |= {f"latency_{each}_hop": LATENCY for each in directions}
    core = {
        "name": f"core[0..{cores_per_tile - 1}]",
        "attributes": {"buffer_position": "soma", "max_neurons_supported": neurons_per_core},
        "axon_in": [unit("in", "message_in")],
        "synapse": [unit("synapse", "process_spike", model="current_based")],
        "dendrite": [unit("dendrite", "update", model="accumulator")],
        "soma": [
            unit(
                f"neuron[0..{neurons_per_core - 1}]",
                *("access_neuron", "update_neuron", "spike_out"),
                model="input",
            )
        ],
        "axon_out": [unit("out", "message_out")],
    }
    mesh = {"topology": "mesh", "width": side[0], "height": side[1], "link_buffer_size": 4}
    tile = {"name": f"tile[0..{n_tiles - 1}]", "attributes": hops, "core": [core]}
    return {"architecture": {"name": "peer", "attributes": mesh, "tile": [tile]}}


def unit(name: str, *actions: str, **attributes: str) -> dict[str, Any]:
    """A pipeline unit that does *actions*, each in LATENCY, without energy."""
    costs = {f"{kind}_{action}": 0.0 for action in actions for kind in ("energy", "latency")}
    costs |= {f"latency_{action}": LATENCY for action in actions}
    return {"name": name, "attributes": {**attributes, **costs}}


def network(wanted: dict[str, Any], arch: Any) -> Any:
    """The neurons on their cores, all to all."""
    spikes, cores = wanted["spikes"], wanted["cores"]
    n, per_tile, rows = len(spikes), wanted["cores_per_tile"], wanted["side"][1]
    all_cores, used = arch.cores(), {}
    places = []
    for x, y in cores:  # Tiles are numbered down each column.
        tile = x * rows + y
        number = used[tile] = used.get(tile, -1) + 1
        places.append(all_cores[tile * per_tile + number])
    net = sanafe.Network()
    group = net.create_neuron_group("neurons", n)
    for neuron, steps in enumerate(spikes):
        raster = [0] * wanted["n_timesteps"]
        for step in steps:
            raster[step] = 1
        core = neuron % len(cores)
        unit_name = f"neuron[{neuron // len(cores)}]"
        group.neurons[neuron].set_attributes(
            soma_hw_name=unit_name, model_attributes={"spikes": raster}
        )
        group.neurons[neuron].map_to_core(places[core])
    group.connect_neurons_dense(group, {"weight": [0.0] * n * n})
    return net


def hops_in(path: Path) -> int:
    """Of all messages in SANA-FE's trace of them."""
    with path.open() as rows:
        return sum(int(row["hops"]) for row in csv.DictReader(rows))


def main() -> None:
    """Read, simulate, write."""
    wanted = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        place, began = Path(folder), time.process_time()
        described = architecture(
            wanted["side"], wanted["cores_per_tile"], wanted["neurons_per_core"]
        )
        (place / "arch.yaml").write_text(json.dumps(described), encoding="utf-8")
        arch = sanafe.load_arch(place / "arch.yaml")
        chip = sanafe.SpikingChip(arch)
        chip.load(network(wanted, arch))
        building = time.process_time() - began
        messages = place / "messages.csv"
        traces = {"message_trace": str(messages), "spike_trace": str(place / "spikes.csv")}
        began = time.process_time()
        found = chip.sim(
            wanted["n_timesteps"],
            processing_threads=1,
            scheduler_threads=0,
            **(traces if wanted["trace"] else {}),
        )
        seconds = time.process_time() - began
        said = {
            "building": building,
            "seconds": seconds,
            "spikes": found["neurons_fired"],
            "messages": found["packets_sent"],
            "hops": hops_in(messages) if wanted["trace"] else None,
        }
    Path(sys.argv[1]).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
