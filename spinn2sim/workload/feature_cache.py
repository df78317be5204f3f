"""Features of a corpus, computed once: a folder on disk for each corpus, settings and seed.

An entry is made under another name and renamed when it is whole, so a killed run leaves nothing
that looks like one, and of two runs at once the first to finish wins and both have the same.

::

    KEY/features.json    names, targets, classes, notes, digest
    KEY/train.npy        (n, n_timesteps, n_in) float32; validation.npy, test.npy
    .KEY.*.partial/      one that is being made, and locked; without a lock, left by a killed run
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinn2sim.errors import WorkloadError
from spinn2sim.workload.extraction import channel_divisor, extract
from spinn2sim.workload.feature_set import Features, FeatureSet
from spinn2sim.workload.features import FeatureSettings, rescale
from spinn2sim.workload.members import corpus_digest
from spinn2sim.workload.progress import Progress, silent
from spinn2sim.workload.speech_commands import SPLITS, Corpus, load_corpus

#: To be raised whenever the same corpus and settings give other features than before.
FORMAT = 1

#: Libraries whose next version may compute other features.
LIBRARIES = ("librosa", "numpy", "soundfile", "soxr")

_CONTENT = "features.json"
_LOCK = "lock"


def cache_folder() -> Path:
    """Where features are kept unless told otherwise: ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spinn2sim"


def load_features(
    source: str | Path,
    *,
    settings: FeatureSettings,
    seed: int = 0,
    balance_unknown: bool = False,
    silence: Mapping[str, int] | None = None,
    cache: Path | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Features:
    """Features of the corpus at *source*, from the cache or computed by *workers* processes.

    Arguments up to *silence* are those of ``load_corpus``, and choose the entry of the cache
    together with the content of every file. With ``settings.rescaling`` of ``corpus``, all splits
    are divided by the standard deviations of the train split: the others are not looked at.

    :raises MissingFileError: there is nothing at *source*.
    :raises WorkloadError: as ``load_corpus``; the corpus changed meanwhile; no place for the cache.
    """
    source, cache = Path(source), cache or cache_folder()
    progress("checking files", 0, None)
    digest = corpus_digest(source)
    choices = {"seed": seed, "balance_unknown": balance_unknown, "silence": dict(silence or {})}
    key = _key(digest, settings, choices)
    entry = cache / key
    found = _read(entry)
    if found is not None:
        return found
    corpus = load_corpus(
        source, seed=seed, balance_unknown=balance_unknown, silence=silence, progress=progress
    )
    with _partial(cache, key) as partial:
        _make(partial, corpus, settings, workers, progress)
        if corpus_digest(source) != digest:
            problem = "changed while it was read; leave it alone meanwhile, and try again"
            raise WorkloadError(str(source), problem)
        _put(partial, entry)
    made = _read(entry)
    assert made is not None, entry
    return made


def features_in(entry: Path) -> Features:
    """What the cache keeps in *entry*, a ``Features.folder``, without a look at the corpus.

    :raises WorkloadError: it is gone or damaged.
    """
    found = _read(entry)
    if found is None:
        problem = "is gone or damaged; leave the cache alone meanwhile, and try again"
        raise WorkloadError(f"cache {entry}", problem)
    return found


@contextmanager
def _partial(cache: Path, key: str) -> Iterator[Path]:
    """A folder to make an entry in; gone in the end, if it was not renamed.

    :raises WorkloadError: the disk is full, or *cache* cannot be written.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        partial = Path(tempfile.mkdtemp(prefix=f".{key}.", suffix=".partial", dir=cache))
        try:
            with (partial / "unlocked").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # Under its true name it is never seen without its lock.
                (partial / "unlocked").rename(partial / _LOCK)
                yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error}); choose another folder"
        raise WorkloadError(f"cache {cache}", problem) from None


def _key(digest: str, settings: FeatureSettings, choices: Mapping[str, Any]) -> str:
    versions = {name: metadata.version(name) for name in LIBRARIES}
    what = [FORMAT, versions, digest, settings.model_dump(mode="json"), choices]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:32]


def _sweep(cache: Path) -> None:
    """Remove what killed runs left: the system drops the lock of a process that dies."""
    for partial in cache.glob(".*.partial"):
        try:
            with (partial / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(partial, ignore_errors=True)
        except OSError:
            continue  # in work, or not locked yet, or swept by another run


def _put(partial: Path, entry: Path) -> None:
    """Make *partial* the entry, unless another run has; a damaged entry makes way."""
    if entry.exists() and _read(entry) is None:
        shutil.rmtree(entry, ignore_errors=True)
    try:
        partial.rename(entry)
    except OSError:
        if _read(entry) is None:
            raise


def _make(
    folder: Path,
    corpus: Corpus,
    settings: FeatureSettings,
    workers: int | None,
    progress: Progress,
) -> None:
    arrays = {
        split: _array(folder / f"{split}.npy", len(corpus.split(split)), settings)
        for split in SPLITS
    }
    extract(corpus, settings, arrays, workers=workers, progress=progress)
    _rescale(arrays, settings)
    content: dict[str, Any] = {
        "classes": corpus.classes,
        "notes": (*corpus.notes, *_notes_on_rescaling(corpus, settings)),
        "splits": {
            split: {
                "names": [each.name for each in corpus.split(split)],
                "targets": [corpus.classes.index(each.label) for each in corpus.split(split)],
            }
            for split in SPLITS
        },
    }
    content["digest"] = _digest(content, arrays)
    (folder / _CONTENT).write_text(json.dumps(content), encoding="utf-8")


def _array(path: Path, n: int, settings: FeatureSettings) -> NDArray[np.float32]:
    """Zeros in a file that has its place on the disk: writing into a hole kills where it is full.

    :raises OSError: the disk is full.
    """
    shape = (n, settings.n_frames, settings.n_in)
    array = np.lib.format.open_memmap(path, "w+", np.float32, shape)
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _rescale(arrays: Mapping[str, NDArray[np.float32]], settings: FeatureSettings) -> None:
    """As ``settings.rescaling`` says, in place, one clip at a time."""
    divisor = channel_divisor(arrays["train"]) if settings.rescaling == "corpus" else None
    for array in arrays.values():
        for index, clip in enumerate(array):
            if divisor is not None:
                array[index] = clip / divisor
            elif settings.rescaling == "clip":
                array[index] = rescale([clip])[0]


def _notes_on_rescaling(corpus: Corpus, settings: FeatureSettings) -> list[str]:
    if settings.rescaling != "corpus":
        return []
    if not corpus.train:
        return ["features are not rescaled: the train split is empty"]
    return ["features of all splits are divided by the standard deviations of the train split"]


def _digest(content: Mapping[str, Any], arrays: Mapping[str, NDArray[np.float32]]) -> str:
    labels = [content["classes"], content["splits"], [array.shape for array in arrays.values()]]
    sha = hashlib.sha256(json.dumps(labels).encode())
    for array in arrays.values():
        for clip in array:
            sha.update(clip.astype("<f4").tobytes())
    return sha.hexdigest()


def _read(entry: Path) -> Features | None:
    """The features in *entry*; None if there is none, or none that is whole."""
    try:
        content = json.loads((entry / _CONTENT).read_text(encoding="utf-8"))
        sets = {split: _read_split(entry, split, content["splits"][split]) for split in SPLITS}
        return Features(
            **sets,
            classes=tuple(content["classes"]),
            notes=tuple(content["notes"]),
            digest=content["digest"],
            folder=entry,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def _read_split(entry: Path, split: str, labels: Mapping[str, Any]) -> FeatureSet:
    """:raises ValueError: the file is damaged, or does not fit to *labels*."""
    names = tuple(labels["names"])
    # A mapping of no bytes is not possible.
    x = np.load(entry / f"{split}.npy", mmap_mode="r" if names else None)
    targets = np.array(labels["targets"], np.int64)
    if x.dtype != np.float32 or x.ndim != 3 or not len(x) == len(names) == len(targets):
        raise ValueError(split)
    x.setflags(write=False)
    targets.setflags(write=False)
    return FeatureSet(x, targets, names)
