"""How fast the machine is simulated: the paper's 12 PEs, and all PEs of the chip."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from spinn2sim import load_scenario, simulate
from spinn2sim.elaboration import TIMER_REFERENCE_HZ, scenario_workload, timebase_of
from spinn2sim.errors import SramOverflowError
from spinn2sim.hw.replay import replay
from spinn2sim.recording import record
from spinn2sim.replay import time_programs
from spinn2sim.sim import Timing
from spinn2sim.spec import Scenario
from spinn2sim.workload import Sample, Workload

#: PEs of the whole chip.
WHOLE = 152


class Speed(NamedTuple):
    """Of a simulation."""

    real_time: float
    """Simulated seconds per second of CPU, elaboration included."""
    peak_mb: float
    """Largest memory of the process so far."""


def fastest(work: Callable[[], object], n_runs: int) -> float:
    """CPU time of *work*, the fastest of *n_runs*, after one that compiles and warms up."""
    work()
    times = []
    for _ in range(n_runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def speed(scenario: Scenario, timing: Timing, *, n_runs: int, n_samples: int = 1) -> Speed:
    """Of a full run of *n_samples* with numerics and trace."""
    whole = scenario_workload(scenario)
    workload = Workload(whole.samples[:1] * n_samples, whole.classes)
    took = fastest(lambda: simulate(scenario, workload, timing=timing), n_runs)
    simulated = n_samples * workload.n_timesteps * scenario.timestep / 1e9
    return Speed(simulated / took, _peak_mb())


class RasterSpeed(NamedTuple):
    """Samples per second of timing known programs."""

    bare: float
    """The compiled call alone."""
    with_trace: float
    """And the trace made of it."""


def raster(scenario: Scenario, *, n_runs: int, n_samples: int = 10) -> RasterSpeed:
    """Of *scenario* with *n_samples*."""
    whole = scenario_workload(scenario)
    workload = Workload(whole.samples[:1] * n_samples, whole.classes)
    recording = record(scenario, workload)
    timebase = timebase_of(scenario)

    def bare() -> object:
        return replay(
            scenario,
            recording.programs,
            timebase=timebase,
            timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
            n_frames=n_samples * workload.n_timesteps,
            n_in=workload.n_in,
        )

    with_trace = fastest(lambda: time_programs(scenario, workload, recording), n_runs)
    return RasterSpeed(n_samples / fastest(bare, n_runs), n_samples / with_trace)


def paper() -> Scenario:
    """The paper's network on 12 PEs."""
    return load_scenario(preset="paper-12pe")


def largest_on_the_chip() -> Scenario:
    """The largest e-prop network that the SRAM of all PEs holds, as many neurons on each."""
    found = None
    for per_pe in range(1, 16):
        scenario = load_scenario(
            preset="paper-12pe",
            machine="spinnaker2",
            overrides=[f"parameters.n_rec={WHOLE * per_pe}", f"n_pe={WHOLE}"],
        )
        try:
            record(scenario, _one_step(scenario))
        except SramOverflowError:
            break
        found = scenario
    assert found is not None
    return found


def _one_step(scenario: Scenario) -> Workload:
    whole = scenario_workload(scenario)
    sample = whole.samples[0]
    return Workload((Sample(sample.name, sample.values[:1], sample.target),), whole.classes)


def stress() -> Scenario:
    """1,520 neurons on all PEs that do nothing but spike."""
    scenario = load_scenario(preset="paper-12pe", machine="spinnaker2", overrides=[f"n_pe={WHOLE}"])
    return scenario.with_changes(firmware="traffic:Traffic", parameters={})


def _peak_mb() -> float:
    """Of this process; what ``resource`` tells is no less than that of the process it began as."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1e3


def peak_mb() -> float:
    """Memory of a process that simulates all PEs of the chip and nothing else."""
    words = [sys.executable, __file__]
    done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603 - this
    return float(done.stdout)


if __name__ == "__main__":
    print(speed(largest_on_the_chip(), "auto", n_runs=1).peak_mb)
