"""From what the user names to features in three splits."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from spinn2sim.errors import WorkloadError
from spinn2sim.spec import Scenario
from spinn2sim.workload import EMBEDDED, FeatureSettings, Workload, load_workload
from spinn2sim.workload.feature_cache import load_features
from spinn2sim.workload.feature_set import Features, FeatureSet
from spinn2sim.workload.progress import Progress, silent


def open_source(
    source: str, settings: FeatureSettings, seed: int, progress: Progress = silent
) -> Features:
    """The features of *source*: ``embedded``, or a corpus in a folder or archive.

    *seed* cuts the silence. A corpus is computed once and then read from the cache.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: it is no corpus, or *source* is empty.
    """
    if not source:  # A path would take it for the current folder.
        raise WorkloadError("source", "is empty; name a corpus, or embedded")
    if source == EMBEDDED:
        return embedded_features(settings)
    return load_features(source, settings=settings, seed=seed, progress=progress)


def chip_features(source: str, scenario: Scenario) -> Features:
    """The features of *source* as *scenario* has them computed; the chip gets test samples.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: it is no corpus.
    """
    settings = FeatureSettings(derivative_orders=scenario.workload.derivative_order)
    return open_source(source, settings, scenario.seed)


def embedded_features(settings: FeatureSettings) -> Features:
    """The speech in the package: of each class the last clip is test, the one before validation.

    Enough to see a run work, far too little to learn to hear.
    """
    workload = load_workload(EMBEDDED, settings=settings)
    of_class: defaultdict[int, list[int]] = defaultdict(list)
    for number, sample in enumerate(workload.samples):
        of_class[sample.target].append(number)
    splits = (
        _split(workload, [k for numbers in of_class.values() for k in numbers[:-2]]),
        _split(workload, [numbers[-2] for numbers in of_class.values()]),
        _split(workload, [numbers[-1] for numbers in of_class.values()]),
    )
    names = repr([split.names for split in splits])
    digest = hashlib.sha256((workload.digest() + names).encode()).hexdigest()
    return Features(*splits, workload.classes, workload.notes, digest)


def _split(workload: Workload, numbers: Sequence[int]) -> FeatureSet:
    samples = [workload.samples[k] for k in numbers]
    return FeatureSet(
        x=np.stack([sample.values for sample in samples]),
        targets=np.array([sample.target for sample in samples]),
        names=tuple(sample.name for sample in samples),
    )
