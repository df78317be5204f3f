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
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinn2sim.workload import audio, features, wav_header
from spinn2sim.workload.audio import load_clip
from spinn2sim.workload.feature_cache import LIBRARIES, cache_folder
from spinn2sim.workload.features import FeatureSettings, log_mel

#: More clips than that, or longer files, are computed each time.
MOST_CLIPS, MOST_BYTES = 2_000, 1 << 26


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
    found = _read(entry, len(paths), settings) if entry else None
    if found is None:
        found = [_computed(path, settings) for path in paths]
        if entry and entry == _entry(paths, settings):  # else they have changed meanwhile
            _keep(entry, found)
    return found


def _computed(path: Path, settings: FeatureSettings) -> ClipFeatures:
    clip = load_clip(path, sample_rate=settings.sample_rate)
    return ClipFeatures(log_mel(clip.samples, settings), clip.notes)


def _entry(paths: Sequence[Path], settings: FeatureSettings) -> Path | None:
    """The file for just these features; None if they cannot be kept, or are too many for it."""
    digest = hashlib.sha256()
    try:
        if len(paths) > MOST_CLIPS or max(path.stat().st_size for path in paths) > MOST_BYTES:
            return None
        versions = {name: metadata.version(name) for name in LIBRARIES}
        code = [inspect.getsource(module) for module in (audio, features, wav_header)]
        what = [versions, code, settings.model_dump(mode="json"), [path.name for path in paths]]
        digest.update(json.dumps(what, sort_keys=True).encode())
        for path in paths:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return cache_folder() / f"clips-{digest.hexdigest()[:32]}.npz"
    except (OSError, RuntimeError):  # no such file, no source, or nobody's home
        return None


def _read(entry: Path, n_clips: int, settings: FeatureSettings) -> list[ClipFeatures] | None:
    """What *entry* keeps; None if it is not there or damaged."""
    try:
        with entry.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            values, notes = kept["values"], json.loads(str(kept["notes"]))
            clips = [
                ClipFeatures(each, tuple(own)) for each, own in zip(values, notes, strict=True)
            ]
    except Exception:  # noqa: BLE001 - zipfile and NumPy have many words for damage
        return None
    is_whole = values.shape == (n_clips, settings.n_frames, settings.n_in)
    return clips if is_whole and np.isfinite(values).all() else None


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
