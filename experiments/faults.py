"""Every fault, alone and in pairs, many times over: each run ends in a report or a named error.

    python experiments/faults.py --runs 1008

A small e-prop network learns two samples on 12 PEs, four on each of three chips, while links, host,
PEs and DMA fail. What is printed are outcomes by fault; a run that hangs is interrupted and fails
the script, as does any exception that is not one of the simulator's errors. The simulator itself
checks at the end of each run, also of one that ends in an error, that each packet is accounted for.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from itertools import combinations_with_replacement, count, islice
from types import FrameType
from typing import Any

import numpy as np

from spinn2sim import Scenario, load_scenario, simulate
from spinn2sim.errors import Spinn2SimError
from spinn2sim.report.ledger import ledger
from spinn2sim.workload import Sample, Workload

N_TIMESTEPS, N_IN, N_SAMPLES = 4, 4, 2

#: A run takes about 0.1 s; one that takes so long hangs.
PATIENCE_S = 60

#: Strong enough to show in a few time steps, weak enough that some runs survive.
FAULTS: dict[str, dict[str, Any]] = {
    "NoC link loss": {"noc_links": {"loss": 0.0005}},
    "chip link loss": {"chip_links": {"loss": 0.0005}},
    "bit error": {"chip_links": {"bit_error": 0.0005}},
    "fifo overflow": {"fifo_events": 6},
    "host stall": {"host": {"probability": 0.5, "delay": ["0ns", "30ms"]}},
    "slow PE": {"slow": {"pes": [3], "factor": 100.0}},
    "dead PE": {"dead": {"pes": [4], "from_timestep": 6}},
    "DMA error": {"dma": {"probability": 0.3, "max_retries": 2}},
}


def network(**faults: Any) -> Scenario:
    """Two neurons on each of 12 PEs, with *faults*."""
    own = (f"parameters.n_in={N_IN}", "parameters.n_rec=24", "host.steps_per_buffer=2")
    board = ("board.size=[3, 1]", "board.system_pes=148", "board.group_pes=1")
    found = load_scenario(preset="paper-12pe", machine="spinnaker2-board", overrides=own + board)
    return found.with_changes(faults=faults)


def noise() -> Workload:
    """Loud, so that all PEs spike."""
    values = np.random.default_rng(0).random((N_SAMPLES, N_TIMESTEPS, N_IN)).astype(np.float32)
    samples = tuple(Sample(f"noise {n}", 20 * each, n) for n, each in enumerate(values))
    return Workload(samples, tuple(f"class {n}" for n in range(12)))


def merged(first: str, second: str) -> dict[str, Any]:
    """Both faults; those of the same links go into one group."""
    found = dict(FAULTS[first])
    for group, content in FAULTS[second].items():
        found[group] = (
            {**found[group], **content} if group in found and first != second else content
        )
    return found


def outcome(faults: dict[str, Any], seed: int, workload: Workload) -> str:
    """How a run ends: ``clean``, ``survived`` with something in the ledger, or an error's name."""
    try:
        trace = simulate(network(**faults, seed=seed), workload)
    except Spinn2SimError as error:
        return type(error).__name__
    return "survived" if ledger(trace) else "clean"


def main() -> None:
    """Run, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    n_runs = parser.parse_args().runs
    signal.signal(signal.SIGALRM, _hangs)
    workload, found = noise(), {}
    cases = list(combinations_with_replacement(FAULTS, 2))
    for number, seed in islice(((k, k // len(cases)) for k in count()), n_runs):
        pair = cases[number % len(cases)]
        signal.alarm(PATIENCE_S)
        found.setdefault(pair, Counter())[outcome(merged(*pair), seed, workload)] += 1
        signal.alarm(0)
    for (first, second), counts in found.items():
        name = first if first == second else f"{first} + {second}"
        print(f"{name:<32}", ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    total = sum(found.values(), Counter())
    print(f"{n_runs} runs:", ", ".join(f"{n} {what}" for what, n in sorted(total.items())))


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(f"a run has not ended in {PATIENCE_S} s")


if __name__ == "__main__":
    main()
