"""A small e-prop network on 12 PEs, of the prototype or of three chips, and each fault there is."""

import numpy as np

from spinn2sim import load_scenario
from spinn2sim.workload import Sample, Workload

N_PE, N_TIMESTEPS, N_IN = 12, 4, 4

#: Each fault, strong enough to show in a few time steps.
FAULTS = {
    "packet loss": {"noc_links": {"loss": 0.0005}},
    "chip link loss": {"chip_links": {"loss": 0.002}},
    "bit error": {"chip_links": {"bit_error": 0.0005, "max_resends": 8}},
    "fifo overflow": {"fifo_events": 2},
    "host stall": {"host": {"probability": 0.5, "delay": ["1ms", "30ms"]}},
    "host jitter": {"host": {"probability": 1.0, "delay": ["0ns", "200us"]}},
    "slow PE": {"slow": {"pes": [3], "factor": 40.0}},
    "dead PE": {"dead": {"pes": [4], "from_timestep": 6}},
    "DMA error": {"dma": {"probability": 0.3, "max_retries": 2}},
}


#: Four PEs on each chip.
BOARD = ("board.size=[3, 1]", "board.system_pes=148", "board.group_pes=1")


def scenario(*overrides, on_board=False, **faults):
    """The network with *faults* of a FaultsSpec; on three chips if links between them are named."""
    own = ("parameters.n_rec=24", f"parameters.n_in={N_IN}", "host.steps_per_buffer=2")
    machine = None
    if on_board or "chip_links" in faults:
        machine, own = "spinnaker2-board", (*own, *BOARD)
    found = load_scenario(preset="paper-12pe", machine=machine, overrides=(*own, *overrides))
    return found.with_changes(faults=faults) if faults else found


def workload(n_samples=2):
    """Lively noise, so that all PEs spike."""
    values = np.random.default_rng(0).random((n_samples, N_TIMESTEPS, N_IN)).astype(np.float32)
    samples = tuple(Sample(f"noise {n}", 20 * each, n) for n, each in enumerate(values))
    return Workload(samples, tuple(f"class {n}" for n in range(12)))


def merged(*faults):
    """Several of FAULTS at once; two faults of the same links go into one group."""
    found = {}
    for name in faults:
        for group, content in FAULTS[name].items():
            both = isinstance(content, dict) and group in found
            found[group] = {**found[group], **content} if both else content
    return found
