"""The simulations behind the rows: each is made once per run of the table, on first use.

They are the presets on one second of embedded speech, with ``--set`` changes. What is kept here
depends on firmware, costs and presets: a process that changes one of them calls ``forget``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from experiments import memory_table
from spinn2sim import Scenario, Trace, load_scenario, simulate, summarise
from spinn2sim.elaboration import scenario_workload
from spinn2sim.report import Summary
from spinn2sim.workload import Sample, Workload

PAPER, SINGLE = "paper-12pe", "paper-1pe"

#: The cost table of both.
TABLE = "paper"

#: The machine that has each clock: the FPGA prototype, or the final chip.
PROTOTYPE, CHIP = "fpga-prototype", "spinnaker2"


def scenario(preset: str = PAPER, *changes: str, machine: str | None = None) -> Scenario:
    """A preset with *changes* ``key.path=value``, perhaps on another *machine*."""
    return load_scenario(preset=preset, machine=machine, overrides=changes)


@lru_cache
def trace(preset: str = PAPER, *changes: str, machine: str | None = None) -> Trace:
    """Its run."""
    wanted = scenario(preset, *changes, machine=machine)
    return simulate(wanted, speech())


@lru_cache
def summary(preset: str = PAPER, *changes: str, machine: str | None = None) -> Summary:
    """What its run comes to."""
    return summarise(trace(preset, *changes, machine=machine))


@lru_cache
def speech() -> Workload:
    """An embedded utterance, with the 80 features of the paper's network."""
    return scenario_workload(scenario())


@lru_cache
def silent() -> Trace:
    """The paper's network on input of zeros, without a spike."""
    (sample,) = speech().samples
    still = Sample("silent", np.zeros_like(sample.values), sample.target)
    return simulate(scenario(), Workload((still,), speech().classes))


def costed(table: str) -> Trace:
    """The paper's 12 PEs with the cycle costs of *table*."""
    return trace(PAPER, *_costs(table))


def on_table(table: str) -> Summary:
    """What its run comes to."""
    return summary(PAPER, *_costs(table))


def _costs(table: str) -> tuple[str, ...]:
    return () if table == TABLE else (f"parameters.cost_table={table}",)


def forget() -> None:
    """Have everything simulated and allocated anew."""
    allocated = memory_table.eprop_bytes, memory_table.fullest_bytes
    for kept in (trace, summary, silent, *allocated):
        kept.cache_clear()
