"""What the programs of a scenario do, op by op, before anybody asks when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from spinn2sim.elaboration import elaborate, frames_of
from spinn2sim.errors import SpecError
from spinn2sim.firmware import Firmware, ops
from spinn2sim.firmware.execution import Execution
from spinn2sim.firmware.learner import readout_digest, start_from
from spinn2sim.hw.pe import MAX_OPS_PER_STEP
from spinn2sim.hw.replay import Programs
from spinn2sim.spec import Scenario
from spinn2sim.workload import Workload


@dataclass(frozen=True, slots=True)
class Recording:
    """What the firmwares of a scenario did on a workload."""

    programs: Programs
    firmwares: Sequence[Firmware]
    """As their runs have left them."""
    began_with: str | None
    """Digest of the weights that they were given."""


def record(
    scenario: Scenario,
    workload: Workload,
    *,
    weights: Mapping[str, NDArray[Any]] | None = None,
    may_race: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Recording:
    """What *scenario*'s firmware does on *workload*, beginning with *weights* if they are given.

    With *may_race*, what depends on time is decided by PE number.

    :raises Spinn2SimError: it does not fit, cannot be loaded, gets stuck, or has what only the
        SimPy machine has.
    :raises Endless: a program may never end.
    :raises Race: there is one, and there may not.
    """
    refuse_what_only_simpy_has(scenario)
    firmwares = elaborate(scenario, workload)
    if weights is not None:
        start_from(firmwares, weights)
    began_with = readout_digest(firmwares) if weights is not None else None
    frames = frames_of(workload)
    issued: list[list[ops.Op[Any]]] = [[] for _ in firmwares]
    execution = Execution(
        firmwares,
        frames,
        [each.append for each in issued],
        max_ops=MAX_OPS_PER_STEP,
        max_timesteps=len(frames) + scenario.patience_steps,
        may_race=may_race,
        progress=(lambda n: progress(min(n / len(frames), 1.0))) if progress else None,
    )
    if progress:
        progress(0.0)
    execution.run()
    programs = Programs.of(issued, execution.words_read, scenario.chip)
    return Recording(programs, firmwares, began_with)


def only_simpy_has(scenario: Scenario) -> str:
    """The part of *scenario* that the compiled machine lacks; empty if there is none."""
    if scenario.faults is not None:
        return "faults are for the SimPy machine"
    if scenario.chip.pe.dvfs != "fixed":
        return f"chip.pe.dvfs = {scenario.chip.pe.dvfs} is for the SimPy machine"
    return ""


def refuse_what_only_simpy_has(scenario: Scenario) -> None:
    """:raises SpecError: *scenario* has a part that the compiled machine lacks."""
    if reason := only_simpy_has(scenario):
        raise SpecError("compiled machine", (f"{reason}; use timing simpy",))
