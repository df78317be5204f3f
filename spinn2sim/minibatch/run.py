"""simulate_batches(): mini-batches over groups of PEs, one after the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from spinn2sim.elaboration import elaborate, load_firmware, scenario_workload, timebase_of
from spinn2sim.errors import WorkloadError
from spinn2sim.firmware import WorkloadShape
from spinn2sim.firmware.batch import BatchFirmware, BatchTrainable, batch_trainable
from spinn2sim.minibatch.board import Board, BoardRun
from spinn2sim.minibatch.group import GroupRun, Template, run_groups
from spinn2sim.minibatch.placement import alone, batch_of, groups_per_chip
from spinn2sim.recording import record
from spinn2sim.spec import Scenario
from spinn2sim.units import Timebase
from spinn2sim.workload import Workload
from spinn2sim.workload.parallel import in_processes

#: Groups that a process takes at a time: enough to pay for the learner that it makes.
GROUPS_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class BatchRun:
    """Some mini-batches, and the weights after the last one."""

    scenario: Scenario
    n_timesteps: int
    batches: Sequence[tuple[Sequence[GroupRun], BoardRun]]
    weights: Mapping[str, NDArray[Any]]
    """Of the whole network, as the class of the firmware gathers them."""
    sram_bytes: int
    """Data SRAM in use on the fullest PE."""
    workload_digest: str

    @property
    def timebase(self) -> Timebase:
        """Ticks per second of all times."""
        return timebase_of(self.scenario)

    def digest(self) -> str:
        """SHA-256 over everything that has happened, whatever the number of processes."""
        scenario = self.scenario.model_dump(mode="json", exclude_none=True)
        sha = hashlib.sha256(json.dumps(scenario, sort_keys=True).encode())
        sha.update(self.workload_digest.encode())
        for groups, board in self.batches:
            sha.update("".join(run.digest for run in groups).encode())
            sha.update(board.digest.encode())
        for name, array in self.weights.items():
            sha.update(f"{name} {array.dtype} {array.shape}".encode())
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()


def simulate_batches(
    scenario: Scenario,
    workload: Workload | None = None,
    *,
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> BatchRun:
    """Learn all samples of *workload* (by default the one of *scenario*) in mini-batches.

    The groups of a mini-batch are simulated apart, in *workers* processes, and then all together;
    the outcome does not depend on *workers*. *progress* is told the share that is done.

    :raises Spinn2SimError: something does not fit, cannot be loaded, or cannot go on.
    """
    batch_of(scenario)
    firmware_class = batch_trainable(scenario.firmware, load_firmware(scenario.firmware))
    given = workload or scenario_workload(scenario)
    template, firmwares = _prepared(scenario, firmware_class, given)
    shape = WorkloadShape(1, given.n_timesteps, given.n_in, len(given.classes))
    board = Board(scenario, firmwares, shape)
    batches = []
    n_batches = _n_batches(scenario, given)
    for number in range(n_batches):
        groups = _groups(scenario, template, given, number, workers)
        if progress:
            progress((number + 0.5) / n_batches)
        begin = np.concatenate([run.finished for run in groups])
        found = board.run([run.gradient for run in groups], begin)
        for firmware, whole in zip(firmwares, found.sums, strict=True):
            firmware.follow(whole)
        batches.append(([run._replace(gradient={}) for run in groups], found._replace(sums=())))
        template = replace(template, weights=_weights(firmware_class, firmwares))
        if progress:
            progress((number + 1) / n_batches)
    return BatchRun(
        scenario=scenario,
        n_timesteps=given.n_timesteps,
        batches=batches,
        weights=template.weights,
        sram_bytes=max(firmware.layout.n_bytes for firmware in firmwares),
        workload_digest=given.digest(),
    )


def _n_batches(scenario: Scenario, workload: Workload) -> int:
    n_groups = batch_of(scenario).groups
    if workload.n_samples % n_groups:
        problem = f"{workload.n_samples:,} samples are not whole mini-batches of {n_groups:,}"
        raise WorkloadError("of the mini-batches", f"{problem}; use a multiple")
    return workload.n_samples // n_groups


def _prepared(
    scenario: Scenario, firmware_class: BatchTrainable, workload: Workload
) -> tuple[Template, list[BatchFirmware]]:
    """What all groups share, and the firmware of one group, which has seen no sample."""
    n_places = min(groups_per_chip(scenario), batch_of(scenario).groups)
    scenarios = [alone(scenario, place) for place in range(n_places)]
    one = Workload(workload.samples[:1], workload.classes)
    # The class makes firmware that can share a mini-batch: see ``batch_trainable``.
    firmwares = cast("list[BatchFirmware]", elaborate(scenarios[0], one))
    exact = [form for form, off in firmware_class.forms.items() if off == 0]
    template = Template(
        scenarios=scenarios,
        programs=record(scenarios[0], one).programs,
        form=exact[-1],
        n_classes=len(workload.classes),
        weights=_weights(firmware_class, firmwares),
    )
    return template, firmwares


def _groups(
    scenario: Scenario, template: Template, workload: Workload, number: int, workers: int
) -> list[GroupRun]:
    """The runs of all groups in mini-batch *number*."""
    n_groups = batch_of(scenario).groups
    samples = workload.samples[number * n_groups : (number + 1) * n_groups]
    numbered = list(enumerate(samples))
    shares = [numbered[k : k + GROUPS_AT_A_TIME] for k in range(0, n_groups, GROUPS_AT_A_TIME)]
    runs = in_processes(partial(run_groups, template), shares, workers, chunk=1)
    return list(chain.from_iterable(runs))


def _weights(
    firmware_class: BatchTrainable, firmwares: Sequence[BatchFirmware]
) -> Mapping[str, NDArray[Any]]:
    return firmware_class.gather([firmware.readout() for firmware in firmwares])
