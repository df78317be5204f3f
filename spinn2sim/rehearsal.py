"""What programs do in many samples, of which they run the first only.

A firmware class may say that its program does the same for each sample, but for the spikes that it
sends and the figures that it notes (``firmware.learner.Repeating``). Those its learner on the host
finds, which does the same arithmetic bit for bit, for the whole network in a call or two. The first
sample is done both ways, and nothing is taken over from a learner that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.elaboration import load_firmware
from spinn2sim.firmware.learner import repeating, shows_raster, start_from
from spinn2sim.hw.replay import Programs
from spinn2sim.recording import Recording, record
from spinn2sim.spec import Scenario
from spinn2sim.validated import validate
from spinn2sim.workload import Workload

Weights = Mapping[str, NDArray[Any]]
Figures = Mapping[str, Sequence[float]]


def rehearse(
    scenario: Scenario,
    workload: Workload,
    *,
    weights: Weights | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recording | None:
    """What ``recording.record`` returns if nothing may race; None if the programs have to run.

    :raises Spinn2SimError: as ``record``.
    :raises Endless: as ``record``.
    :raises Race: there is one.
    """
    n_samples = workload.n_samples
    if n_samples == 1:
        return None
    firmware_class = load_firmware(scenario.firmware)
    parameters = validate(firmware_class.Parameters, scenario.parameters, "parameters")
    if not repeating(firmware_class) or not (form := firmware_class.repeats(parameters)):
        return None
    learner = firmware_class.learner(
        parameters,
        n_timesteps=workload.n_timesteps,
        n_classes=len(workload.classes),
        seed=scenario.seed,
        form=form,
    )
    if not shows_raster(learner):
        return None
    recording = record(
        scenario,
        Workload(workload.samples[:1], workload.classes),
        weights=weights,
        may_race=False,
        progress=(lambda share: progress(share / n_samples)) if progress else None,
    )
    if weights is not None:
        learner.load_weights(weights)
    sends, figures = [], []
    for number, sample in enumerate(workload.samples):
        judgement = learner.learn(sample.values, sample.target)
        sends.append(learner.sends(scenario.n_pe))
        figures.append(learner.figures(judgement, scenario.n_pe))
        if number == 0:
            learned = firmware_class.gather([each.readout() for each in recording.firmwares])
            if not _is_what_was_done(recording.programs, sends[0], figures[0]):
                return None
            if not _are_the_same(learned, learner.weights()):
                return None
        if progress:
            progress((number + 1) / n_samples)
    programs = _of_all(recording.programs, sends, figures, workload.n_timesteps)
    start_from(recording.firmwares, learner.weights())
    return replace(recording, programs=programs)


def _is_what_was_done(programs: Programs, sends: NDArray[np.int64], figures: Figures) -> bool:
    """Whether *programs* sent and noted just that."""
    if not set(programs.log_names) <= figures.keys():
        return False
    same = programs.with_spikes(sends)
    return (
        np.array_equal(same.ops, programs.ops)
        and np.array_equal(same.spikes, programs.spikes)
        and np.array_equal(_values(programs, figures), programs.log_values)
    )


def _are_the_same(learned: Weights, by_learner: Weights) -> bool:
    """Whether all that the programs have *learned* is what the learner has."""
    return all(np.array_equal(by_learner[name], array) for name, array in learned.items())


def _of_all(
    first: Programs,
    sends: Sequence[NDArray[np.int64]],
    figures: Sequence[Figures],
    n_timesteps: int,
) -> Programs:
    """The programs of all samples; *first* are those of the first one."""
    shift = np.array([0, n_timesteps, 0])
    rows = np.concatenate([each + k * shift for k, each in enumerate(sends)])
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    return first.repeated([_values(first, each) for each in figures]).with_spikes(rows)


def _values(first: Programs, figures: Figures) -> NDArray[np.float64]:
    """Of the *figures* of a sample, those that the programs of one sample note, in their order."""
    names = [first.log_names[number] for number in first.log[:, 2].tolist()]
    noted = zip(first.log[:, 0].tolist(), names, strict=True)
    return np.array([figures[name][pe] for pe, name in noted], np.float64)
