"""From utterances to log-mel features: the corpus is streamed once and spread over processes.

Features are written where they belong as they come, so memory holds a few clips, not the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError
from spinn2sim.workload.audio import CLIP_SECONDS, Recording, decode, fit
from spinn2sim.workload.features import FeatureSettings, log_mel
from spinn2sim.workload.inventory import decode_noise
from spinn2sim.workload.members import read_members
from spinn2sim.workload.parallel import in_processes, n_workers
from spinn2sim.workload.progress import Progress, silent
from spinn2sim.workload.speech_commands import SPLITS, Corpus

#: Clips over which the deviation is summed at a time: a few megabytes.
_CHUNK = 256


class _Place(NamedTuple):
    """Where the features of a clip belong."""

    split: str
    row: int


class _Task(NamedTuple):
    place: _Place
    name: str
    content: bytes | Recording
    """A file, or one second of noise that was cut already."""


def extract(
    corpus: Corpus,
    settings: FeatureSettings,
    into: Mapping[str, NDArray[np.float32]],
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> None:
    """Features of each utterance, not rescaled, into the row of its split, whatever *workers*.

    into: for each split (n, n_frames, n_in) float32, written.

    :raises WorkloadError: the corpus has changed since it was listed.
    """
    n_all = sum(len(corpus.split(split)) for split in SPLITS)
    compute = partial(_features, settings=settings)
    n_done = 0
    processes = n_workers(workers, n_all)
    for place, values in in_processes(compute, _tasks(corpus), processes):
        into[place.split][place.row] = values
        n_done += 1
        progress("features", n_done, n_all)
    if n_done != n_all:
        problem = f"{n_all - n_done} files vanished while it was read; leave it alone meanwhile"
        raise WorkloadError(str(corpus.source), problem)


def channel_divisor(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Standard deviation of each channel over all frames of all clips; 1 where nothing changes.

    x: (n, n_frames, n_in), read twice in parts. The same rule as ``rescale``, in little memory.
    """
    n_frames = max(1, x.shape[0] * x.shape[1])
    # float32 values add up exactly in float64, so a constant channel has a deviation of exactly 0.
    mean = sum((part.sum(axis=(0, 1)) for part in _parts(x)), np.zeros(x.shape[2])) / n_frames
    squares = (np.square(part - mean).sum(axis=(0, 1)) for part in _parts(x))
    deviation = np.sqrt(sum(squares, np.zeros(x.shape[2])) / n_frames)
    return np.where(deviation > 0, deviation, 1.0)


def _parts(x: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(x), _CHUNK):
        yield x[start : start + _CHUNK].astype(np.float64)


def _features(task: _Task, settings: FeatureSettings) -> tuple[_Place, NDArray[np.float32]]:
    recording = task.content
    if isinstance(recording, bytes):
        recording = decode(recording, task.name, seconds=CLIP_SECONDS)
    clip = fit(recording, task.name, sample_rate=settings.sample_rate)
    return task.place, log_mel(clip.samples, settings)


def _tasks(corpus: Corpus) -> Iterator[_Task]:
    """In the order in which the source gives its files."""
    wanted: dict[str, list[tuple[_Place, int | None]]] = {}
    for split in SPLITS:
        for row, each in enumerate(corpus.split(split)):
            wanted.setdefault(each.file, []).append((_Place(split, row), each.start))
    for member in read_members(corpus.source):
        name = member.name.removeprefix(corpus.root)
        places = wanted.pop(name, [])
        if any(start is not None for _, start in places):
            noise = decode_noise(member.content, name)
            second = round(CLIP_SECONDS * noise.rate)
            for place, start in places:
                yield _Task(place, name, noise.cut(start or 0, second))
        else:
            yield from (_Task(place, name, member.content) for place, _ in places)
