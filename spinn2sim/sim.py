"""simulate(): a scenario and a workload in, a Trace out. Elaborate, run, freeze."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

from spinn2sim.elaboration import (
    TIMER_REFERENCE_HZ,
    described,
    elaborate,
    frames_of,
    readout_of,
    scenario_workload,
    timebase_of,
)
from spinn2sim.errors import SpecError, Spinn2SimError
from spinn2sim.firmware.learner import readout_digest, start_from
from spinn2sim.hw import Chip
from spinn2sim.spec import Scenario
from spinn2sim.trace import Recorder, Trace
from spinn2sim.workload import Sample, Workload

#: Time steps of PEs in a run for which ``auto`` takes the compiled machine: a second of SimPy.
MIN_COMPILED_STEPS = 1_000

Progress = Callable[[float], None]

#: ``hop``: all in SimPy, down to each hop of a packet; ``simpy``: the NoC compiled; ``compiled``:
#: all of it, where that is exact; ``auto``: compiled if the run is long, else simpy.
Timing: TypeAlias = Literal["auto", "compiled", "simpy", "hop"]


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A run makes tuples by the million and hardly a cycle: looking for cycles costs 15 %."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_garbage_collection()
def simulate(
    scenario: Scenario,
    workload: Workload | None = None,
    *,
    weights: Mapping[str, NDArray[Any]] | None = None,
    progress: Progress | None = None,
    timing: Timing = "auto",
    packets: bool = False,
) -> Trace:
    """Run *scenario* on *workload* (by default the one it names) to the end of its programs.

    The firmware begins with *weights*, the matrices of a trained network, if they are given.
    *progress* is called when time starts, and then now and then, with the share of the time steps
    that have passed. *timing* says which machine finds out when things happen, which changes
    nothing but the speed (decision 0007); ``timed_by`` of the Trace tells which one did. *packets*
    has each packet recorded, which only the SimPy machine does.

    :raises Spinn2SimError: something does not fit, cannot be loaded, or never ends.
    """
    if scenario.batch is not None:
        problem = "has groups that share it: use `spinn2sim batch`, or batch=null for one group"
        raise SpecError("batch", (problem,))
    if workload is None:
        workload = scenario_workload(scenario)
    why = ""
    if packets:
        why = ": packets are recorded"
    elif timing == "compiled" or (timing == "auto" and _is_long(scenario, workload)):
        from spinn2sim import replay

        found = replay.run(scenario, workload, weights=weights, progress=progress)
        if isinstance(found, Trace):
            return dataclasses.replace(found, timed_by="compiled")
        why = f": {found}"
    by_hop = timing == "hop"
    trace = _simulate_by_simpy(
        scenario, workload, weights, progress, by_hop=by_hop, packets=packets
    )
    return dataclasses.replace(trace, timed_by=f"{'hop' if by_hop else 'simpy'}{why}")


def _is_long(scenario: Scenario, workload: Workload) -> bool:
    """Whether the compiled machine saves more time than it takes to load."""
    n_steps = scenario.n_pe * workload.n_samples * workload.n_timesteps
    return n_steps >= MIN_COMPILED_STEPS


def _simulate_by_simpy(
    scenario: Scenario,
    workload: Workload,
    weights: Mapping[str, NDArray[Any]] | None,
    progress: Progress | None,
    *,
    by_hop: bool,
    packets: bool,
) -> Trace:
    firmwares = elaborate(scenario, workload)
    if weights is not None:
        start_from(firmwares, weights)
    timebase = timebase_of(scenario)
    period = timebase.ticks(Fraction(scenario.timestep, 10**9))
    recorder = Recorder()
    chip = Chip(
        scenario=scenario,
        timebase=timebase,
        timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
        period=period,
        firmwares=firmwares,
        frames=frames_of(workload),
        recorder=recorder,
        by_hop=by_hop,
        packets=packets,
    )
    if progress:
        progress(0.0)
    end = period * workload.n_samples * workload.n_timesteps
    began_with = readout_digest(firmwares) if weights is not None else None
    chip.run((lambda now: progress(min(now / end, 1.0))) if progress else (lambda _: None))
    meta = described(scenario, workload, firmwares, links=chip.link_names, weights=began_with)
    trace = recorder.freeze(meta, readout_of(firmwares))
    return dataclasses.replace(trace, windows=chip.noc.windows_taken)


def compile_kernels(scenario: Scenario, workload: Workload, timing: Timing = "auto") -> None:
    """Have numba compile, or load, what a run needs, so that its wall time can be told apart.

    Runs the first two time steps of one or two samples and forgets them. A program that cannot do
    with so few, or that is wrong, is left to the run itself.
    """
    if timing == "auto":
        timing = "compiled" if _is_long(scenario, workload) else "simpy"
    short = tuple(Sample(each.name, each.values[:2], each.target) for each in workload.samples[:2])
    with suppress(Spinn2SimError):
        simulate(scenario, Workload(short, workload.classes), timing=timing)
