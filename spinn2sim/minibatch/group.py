"""One group and its sample: the gradient that it collects, and when each of its PEs is done.

The arithmetic is that of the host's learner, which learns the very bits of the program; the timing
is that of the compiled machine, for the program that was recorded once, with the sample's spikes
(decision 0007).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.elaboration import TIMER_REFERENCE_HZ, load_firmware, timebase_of
from spinn2sim.errors import FirmwareError
from spinn2sim.firmware.batch import batch_trainable
from spinn2sim.hw.noc import NocStats
from spinn2sim.hw.replay import Happenings, Programs, replay
from spinn2sim.hw.replay import layout as at
from spinn2sim.spec import Scenario
from spinn2sim.spec.chip import ChipSpec
from spinn2sim.trace import WindowCounts
from spinn2sim.units import Timebase
from spinn2sim.validated import validate
from spinn2sim.workload import Sample

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Template:
    """What is the same for all groups of a mini-batch. It can be sent to another process."""

    scenarios: Sequence[Scenario]
    """What a group sees, by its place on its chip."""
    programs: Programs
    """Of any sample; others differ in their spikes only."""
    form: str
    """Of the host's arithmetic: that of the program, bit for bit."""
    n_classes: int
    weights: Mapping[str, NDArray[Any]]
    """With which the mini-batch begins."""


class GroupRun(NamedTuple):
    """What has become of a sample."""

    gradient: Mapping[str, NDArray[Any]]
    """Of the whole network, by matrix."""
    finished: Numbers
    """(n_pe,) ticks from the first release to the end of each program."""
    least_slack: int
    """Ticks, in any step but the last, to which the all-reduce belongs."""
    n_overruns: int
    n_cycles: int
    """Busy cycles of all PEs."""
    n_flit_hops: int
    n_lost: int
    windows: WindowCounts
    loss: float
    correct: bool
    digest: str


def run_groups(template: Template, samples: Sequence[tuple[int, Sample]]) -> list[GroupRun]:
    """The runs of some groups, each with its number and its sample."""
    scenario = template.scenarios[0]
    firmware_class = batch_trainable(scenario.firmware, load_firmware(scenario.firmware))
    learner = firmware_class.learner(
        validate(firmware_class.Parameters, scenario.parameters, "parameters"),
        n_timesteps=len(samples[0][1].values),
        n_classes=template.n_classes,
        seed=scenario.seed,
        form=template.form,
    )
    learner.load_weights(template.weights)
    timebase, runs = timebase_of(scenario), []
    for group, sample in samples:
        judgement = learner.learn(sample.values, sample.target)
        programs = template.programs.with_spikes(learner.sends(scenario.n_pe))
        seen = template.scenarios[group % len(template.scenarios)]
        found = _timed(seen, programs, timebase, sample)
        loss, correct = judgement.loss, judgement.correct
        runs.append(
            _run_of(seen, programs, found, learner.take_batch(), loss=loss, correct=correct)
        )
    return runs


def _timed(
    scenario: Scenario, programs: Programs, timebase: Timebase, sample: Sample
) -> Happenings:
    found = replay(
        scenario,
        programs,
        timebase=timebase,
        timer_reference=timebase.clock(TIMER_REFERENCE_HZ),
        n_frames=len(sample.values),
        n_in=sample.values.shape[1],
    )
    if found is None:
        problem = f"a group cannot go on with sample {sample.name!r}"
        raise FirmwareError(0, problem, "simulate one group with --set batch=null to see why")
    return found


def _run_of(
    scenario: Scenario,
    programs: Programs,
    found: Happenings,
    gradient: Mapping[str, NDArray[Any]],
    *,
    loss: float,
    correct: bool,
) -> GroupRun:
    _, timestep, released, _, finished = found.steps.T
    last = timestep == timestep.max()
    period = timebase_of(scenario).hz * scenario.timestep // 10**9
    slack = period - (finished - released)[~last]
    ends = np.empty(scenario.n_pe, np.int64)
    ends[found.steps[last, 0]] = finished[last]
    return GroupRun(
        gradient=gradient,
        finished=ends - released.min(),
        least_slack=int(slack.min(initial=period)),
        n_overruns=int((slack < 0).sum()),
        n_cycles=busy_cycles(scenario.chip, programs, found),
        n_flit_hops=mesh_flits(found.noc),
        n_lost=sum(found.noc.n_dropped) + sum(found.noc.n_overwritten),
        windows=found.windows,
        loss=loss,
        correct=correct,
        digest=digest_of(found, gradient),
    )


def busy_cycles(chip: ChipSpec, programs: Programs, found: Happenings) -> int:
    """Cycles of all work, the machine's own too."""
    handler = chip.pe.interrupt_entry_cycles + chip.pe.interrupt_exit_cycles
    own = {
        at.INTERRUPT_AWAKE: handler,
        at.INTERRUPT_ASLEEP: chip.pe.wake_cycles + handler,
        at.DMA_SETUP: chip.dma.setup_cycles,
        at.DMA_COMPLETION: chip.dma.completion_cycles,
    }
    cycles = [sum(each.cycles for each in segment) for segment in programs.segments]
    # The machine's own segments count from below 0, so they are at the end.
    cycles += [own[number] for number in range(-len(own), 0)]
    return int(np.array(cycles, np.int64)[found.work[:, 3]].sum())


def mesh_flits(stats: NocStats) -> int:
    """Flits over links between routers, of one chip or two."""
    return sum(link.n_flits for link in stats.links if "->" in link.name)


def digest_of(found: Happenings, gradient: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over all that has happened, and what came out."""
    sha = hashlib.sha256()
    for rows in (found.work, found.steps, found.waits, found.refills, found.dma):
        sha.update(np.ascontiguousarray(rows).tobytes())
    sha.update(repr([(link.name, link.n_flits) for link in found.noc.links]).encode())
    for name, array in gradient.items():
        sha.update(f"{name} {array.dtype} {array.shape}".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()
