"""From a source of audio to a workload: list, read, compute features, rescale.

A sample's features do not depend on how many samples are asked for: the clips over which the
standard deviation is taken are always the same.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError
from spinn2sim.workload.clip_cache import clip_features
from spinn2sim.workload.features import FeatureSettings, rescale
from spinn2sim.workload.folder import CLASSES, Listing, list_audio
from spinn2sim.workload.workload import Sample, Workload

#: The source that is always there.
EMBEDDED = "embedded"

#: Clips of a larger source over which the standard deviation is taken: a few seconds of work.
N_MEASURED = 1_000


def load_workload(
    source: str | Path, *, settings: FeatureSettings, n_samples: int | None = None
) -> Workload:
    """The audio at *source* as features, *n_samples* of it or all.

    source: ``"embedded"`` for the speech in the package, a .wav or .flac file, or a folder as
    ``list_audio`` takes it. More samples than there are files repeat from the first.

    :raises MissingFileError: there is nothing at *source*.
    :raises AudioError: a file cannot be used; none is left out silently.
    :raises WorkloadError: no audio in the folder, or *n_samples* below 1.
    """
    if n_samples is not None and n_samples < 1:
        raise WorkloadError(str(source), f"n_samples is {n_samples}; ask for 1 or more")
    listing = _embedded() if source == EMBEDDED else list_audio(Path(source))
    n_files = len(listing.files)
    n_kept = n_files if n_samples is None else min(n_samples, n_files)
    n_measured = min(n_files, N_MEASURED) if settings.rescaling == "corpus" else 0
    paths = [file.path for file in listing.files[: max(n_kept, n_measured)]]
    clips = clip_features(paths, settings)
    features = [clip.values for clip in clips]
    notes = [*listing.notes, *(note for clip in clips[:n_kept] for note in clip.notes)]
    notes += _measure_notes(n_measured, n_files)
    values = _rescaled(features[:n_kept], features[:n_measured], settings)
    samples = tuple(
        Sample(file.name, clip_values, CLASSES.index(file.label))
        for file, clip_values in zip(listing.files, values, strict=False)
    )
    workload = Workload(samples, CLASSES, tuple(notes))
    return workload.with_samples(n_samples or n_kept)


def _embedded() -> Listing:
    with resources.as_file(resources.files("spinn2sim.workload") / "speech") as folder:
        files, notes = list_audio(folder)
    made = f"{len(files)} synthetic clips made by experiments/make_speech.py, not recordings"
    return Listing(files, (made, *notes))


def _rescaled(
    features: list[NDArray[np.float32]],
    measured: list[NDArray[np.float32]],
    settings: FeatureSettings,
) -> list[NDArray[np.float32]]:
    match settings.rescaling:
        case "corpus":
            return rescale(features, measured)
        case "clip":
            return [rescaled for clip in features for rescaled in rescale([clip])]
        case "none":
            return features
        case _:
            raise AssertionError(settings.rescaling)


def _measure_notes(n_measured: int, n_files: int) -> list[str]:
    """What to know of the standard deviation where it is not that of a whole corpus."""
    if n_measured == n_files == 1:
        return ["features are divided by the standard deviation of this one clip"]
    if 0 < n_measured < n_files:
        which = f"the first {n_measured:,} of {n_files:,} clips"
        return [f"features are divided by the standard deviation of {which}"]
    return []
