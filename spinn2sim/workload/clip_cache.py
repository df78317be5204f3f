"""Features of clips, kept from one run to the next: librosa takes seconds to load.

What is kept depends on the content of the files, the settings, the versions of the libraries and
the code that computes it. Without a place to keep anything, everything is computed each time.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.workload import audio, features
from spinn2sim.workload.audio import load_clip
from spinn2sim.workload.feature_cache import LIBRARIES, cache_folder
from spinn2sim.workload.features import FeatureSettings, log_mel


class ClipFeatures(NamedTuple):
    """What is made of one audio file."""

    values: NDArray[np.float32]
    """(n_timesteps, n_in), not yet rescaled."""
    notes: tuple[str, ...]
    """What was done to the audio."""


def clip_features(paths: Sequence[Path], settings: FeatureSettings) -> list[ClipFeatures]:
    """Features of the audio files *paths*, from the cache or computed.

    :raises MissingFileError: one is not there.
    :raises AudioError: one cannot be used.
    """
    entry = _entry(paths, settings)
    found = _read(entry) if entry else None
    if found is None:
        found = [_computed(path, settings) for path in paths]
        if entry:
            _keep(entry, found)
    return found


def _computed(path: Path, settings: FeatureSettings) -> ClipFeatures:
    clip = load_clip(path, sample_rate=settings.sample_rate)
    return ClipFeatures(log_mel(clip.samples, settings), clip.notes)


def _entry(paths: Sequence[Path], settings: FeatureSettings) -> Path | None:
    """The file for just these features; None if one of *paths* cannot be read."""
    digest = hashlib.sha256()
    versions = {name: metadata.version(name) for name in LIBRARIES}
    code = [inspect.getsource(module) for module in (audio, features)]
    what = [versions, code, settings.model_dump(mode="json"), [path.name for path in paths]]
    digest.update(json.dumps(what, sort_keys=True).encode())
    try:
        for path in paths:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError:
        return None
    return cache_folder() / f"clips-{digest.hexdigest()[:32]}.npz"


def _read(entry: Path) -> list[ClipFeatures] | None:
    """What *entry* keeps; None if it is not there or damaged."""
    try:
        with entry.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            notes = json.loads(str(kept["notes"]))
            return [
                ClipFeatures(values, tuple(own))
                for values, own in zip(kept["values"], notes, strict=True)
            ]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(entry: Path, clips: Sequence[ClipFeatures]) -> None:
    """Write *entry* under another name first, so that nobody finds half of it."""
    values = np.stack([clip.values for clip in clips])
    notes = json.dumps([clip.notes for clip in clips])
    with suppress(OSError):  # no room, or a home that cannot be written
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=entry.parent, suffix=".part", delete=False) as part:
            try:
                np.savez(part, values=values, notes=np.array(notes))
                part.close()
                os.replace(part.name, entry)  # noqa: PTH105 - a name, not a Path
            finally:
                Path(part.name).unlink(missing_ok=True)
