"""The prototype chip with small programs on it, and what its trace says.

PE and NoC run at 65 MHz unless a test says otherwise; a tick is then a cycle of both.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import elaborate
from spinn2sim.firmware import Frame
from spinn2sim.firmware.untimed import run_untimed
from spinn2sim.workload import Sample, Workload

PERIOD = 650_000
#: Cycles of the timer's interrupt: entry and exit, and more if the core was asleep.
AWAKE, ASLEEP = 12 + 10, 10 + 12 + 10
#: From a core to another in its QPE: synchroniser, inject, eject, crossing. Each QPE on the way
#: adds a hop.
TO_NEIGHBOUR, HOP = 1 + 4 + 4 + 2, 5
#: One PE in each QPE.
APART = ("chip.pes_per_qpe=1",)


@lru_cache
def _scenario(firmware, n_pe, overrides):
    fixed = ("name=test", f"n_pe={n_pe}", f"firmware={firmware}")
    return load_scenario(preset="fpga-prototype", overrides=(*fixed, *overrides))


def scenario_of(*overrides, firmware="Script", n_pe=1, **parameters):
    """The prototype with *firmware* of ``programs.py`` on its first PEs."""
    scenario = _scenario(f"tests.hw.programs:{firmware}", n_pe, overrides)
    return scenario.with_changes(parameters=parameters)


def workload_of(n_timesteps=1, n_in=1, n_samples=1):
    """Frame number k holds k times n_in, and belongs to class (number of its sample) modulo 2."""
    numbers = np.arange(n_samples * n_timesteps).reshape(n_samples, n_timesteps, 1)
    values = np.repeat(numbers, n_in, axis=2)
    samples = tuple(Sample(f"sample {n}", values[n], n % 2) for n in range(n_samples))
    return Workload(samples, ("no", "yes"))


def run(programs, *overrides, n_pe=None, workload=None):
    """The trace of the ops *programs*, one for each PE."""
    scenario = scenario_of(*overrides, n_pe=n_pe or len(programs), programs=programs)
    return simulate(scenario, workload or workload_of())


def answers_untimed(programs, n_pe=None, workload=None):
    """What the ops of each PE answer without a clock."""
    workload = workload or workload_of()
    firmwares = elaborate(scenario_of(n_pe=n_pe or len(programs), programs=programs), workload)
    frames = [
        Frame(values, sample.target) for sample in workload.samples for values in sample.values
    ]
    run_untimed(firmwares, frames)
    return [firmware.answers for firmware in firmwares]


def answers(trace):
    """What the ops of each PE answered."""
    return [trace.readout(pe)["answers"].tolist() for pe in range(trace.n_pe)]


def rows(trace, table, **wanted):
    """The rows of *table* that have the *wanted* values, as named tuples."""
    columns = trace.tables[table]
    row_of = NamedTuple(table, [(column, int) for column in columns])
    found = [
        row_of(*values) for values in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
    return [row for row in found if all(getattr(row, k) == v for k, v in wanted.items())]


def steps(trace, pe=0):
    """(started, finished) of each time step of *pe*, in ticks from its release."""
    found = rows(trace, "steps", pe=pe)
    return [(row.started - row.released, row.finished - row.released) for row in found]


def waits(trace, cause, pe=0):
    """(start, stop) of the waits of *pe* for *cause*."""
    return [(row.start, row.stop) for row in rows(trace, "waits", pe=pe, cause=cause)]


def happenings(trace):
    """All tables as sorted rows: what happened when, but not in which order it was recorded."""
    segments = {}
    for row in rows(trace, "segments"):
        segments.setdefault(row.segment, []).append((trace.meta["labels"][row.label], row.cycles))
    found = {table: sorted(rows(trace, table)) for table in trace.tables if table != "segments"}
    found["work"] = sorted((*row[:3], segments[row.segment]) for row in rows(trace, "work"))
    return found
